// Hands checked commands to the three queues and remembers those that are not finished.
//
// A LOAD or STORE goes to its queue in the cycle it is accepted; NOP is finished there.  A COMPUTE or
// TABLE goes, at the same time, unit by unit (unit_at, of weft_decode) into the compute queue, as a job to weft_compute (which
// looks at commands ahead of their turn), and, having a weight stream, as a job to weft_weights; it
// is accepted when all three have it.
//
// A record of each command (its ordinal, and for LOAD and STORE the tokens it gives) waits until the unit
// reports: load_done, store_left and store_done, compute_done, each once per command in order.
// `push` gives the tokens of loads and stores, in the order of weft_tokens (the compute unit gives its
// own).  Up to 16 commands of a kind may be unfinished.  `empty`: none is.  *_index is the ordinal
// of the oldest unfinished command of a queue, undefined without one.

`default_nettype none
`include "weft_field.vh"

module weft_dispatch #(
    localparam integer CMD_W  = weft_isa::CMD_W
) (
    input  wire              clk,
    input  wire              rst,

    input  wire              cmd_valid,
    output wire              cmd_ready,
    input  wire [CMD_W-1:0]  cmd,
    input  wire [31:0]       cmd_rows,
    input  wire [23:0]       cmd_index,

    output wire              load_valid,        // to the queues
    input  wire              load_ready,
    output wire              store_valid,
    input  wire              store_ready,
    output wire              unit_valid,
    input  wire              unit_ready,
    output reg  [2:0]        unit_at,           // the unit of cmd that goes
    output wire              unit_last,

    output wire              job_valid,         // to weft_compute, with cmd
    input  wire              job_ready,
    output wire              weights_valid,     // to weft_weights
    input  wire              weights_ready,
    output wire [31:0]       weights_addr,
    output wire              weights_sync,

    input  wire              load_done,
    input  wire              store_left,
    input  wire              store_done,
    input  wire              compute_done,
    output wire [4:0]        push,
    output reg  [2:0]        commands_done,     // how many commands finished in the cycle before
    output wire              empty,
    output wire [23:0]       load_index,
    output wire [23:0]       store_index,
    output wire [23:0]       compute_index
);

    wire [7:0] op         = `WEFT_FIELD(cmd, NOP, OPCODE);
    wire       is_load    = op == 8'(weft_isa::OP_LOAD);
    wire       is_store   = op == 8'(weft_isa::OP_STORE);
    wire       is_table   = op == 8'(weft_isa::OP_TABLE);
    wire       is_compute = is_table || op == 8'(weft_isa::OP_COMPUTE);
    wire [2:0] last_unit  = is_table ? 3'(weft_isa::OP_TABLE_UNITS - 1) : 3'(weft_isa::OP_COMPUTE_UNITS - 1);

    // --- records ---

    wire        load_room, store_room, left_room, compute_room;
    wire        load_open, store_open, left_open, compute_open;
    wire unused_left_open = left_open;              // otherwise read by assertions only
    wire        load_push_compute, store_push_compute, store_push_load;
    wire [4:0]  counts [0:3];

    weft_fifo #(.WIDTH(25), .DEPTH(16)) u_load (
        .clk(clk), .rst(rst), .in_valid(load_valid && load_ready), .in_ready(load_room),
        .in_data({`WEFT_FIELD(cmd, LOAD, PUSH_COMPUTE), cmd_index}),
        .out_valid(load_open), .out_ready(load_done), .out_data({load_push_compute, load_index}),
        .count(counts[0]));
    weft_fifo #(.WIDTH(25), .DEPTH(16)) u_store (
        .clk(clk), .rst(rst), .in_valid(store_valid && store_ready), .in_ready(store_room),
        .in_data({`WEFT_FIELD(cmd, STORE, PUSH_LOAD), cmd_index}),
        .out_valid(store_open), .out_ready(store_done), .out_data({store_push_load, store_index}),
        .count(counts[1]));
    weft_fifo #(.WIDTH(1), .DEPTH(16)) u_left (
        .clk(clk), .rst(rst), .in_valid(store_valid && store_ready), .in_ready(left_room),
        .in_data(`WEFT_FIELD(cmd, STORE, PUSH_COMPUTE)),
        .out_valid(left_open), .out_ready(store_left), .out_data(store_push_compute),
        .count(counts[2]));
    weft_fifo #(.WIDTH(24), .DEPTH(16)) u_compute (
        .clk(clk), .rst(rst), .in_valid(unit_valid && unit_ready && unit_at == 0), .in_ready(compute_room),
        .in_data(cmd_index),
        .out_valid(compute_open), .out_ready(compute_done), .out_data(compute_index),
        .count(counts[3]));

    wire nop = cmd_valid && !is_load && !is_store && !is_compute;
    assign push  = {store_done && store_push_load, store_left && store_push_compute, 2'b00,
                    load_done && load_push_compute};
    assign empty = !load_open && !store_open && !compute_open;
    always @(posedge clk)
        commands_done <= {2'b00, load_done} + {2'b00, store_done} + {2'b00, compute_done} + {2'b00, nop};

    // --- hand over ---

    reg        units_sent, job_sent, weights_sent;
    wire       needs_weights = cmd_rows != 0;

    assign load_valid    = cmd_valid && is_load && load_room;
    assign store_valid   = cmd_valid && is_store && store_room && left_room;
    assign unit_valid    = cmd_valid && is_compute && !units_sent && (compute_room || unit_at != 0);
    assign unit_last     = unit_at == last_unit;
    assign job_valid     = cmd_valid && is_compute && !job_sent;
    assign weights_valid = cmd_valid && is_compute && needs_weights && !weights_sent;
    assign weights_addr  = is_table ? `WEFT_FIELD(cmd, TABLE, ADDR) : `WEFT_FIELD(cmd, COMPUTE, WEIGHTS);
    assign weights_sync  = !is_table && `WEFT_FIELD(cmd, COMPUTE, W_SYNC);

    wire units_now   = unit_valid && unit_ready && unit_last;
    wire job_now     = job_valid && job_ready;
    wire weights_now = weights_valid && weights_ready;
    wire compute_now = is_compute && (units_sent || units_now) && (job_sent || job_now)
                    && (weights_sent || weights_now || !needs_weights);

    assign cmd_ready = nop || (load_valid && load_ready) || (store_valid && store_ready)
                    || (cmd_valid && compute_now);

    always @(posedge clk) begin
        if (cmd_valid) begin
            if (units_now)   units_sent   <= 1'b1;
            if (job_now)     job_sent     <= 1'b1;
            if (weights_now) weights_sent <= 1'b1;
            if (unit_valid && unit_ready) unit_at <= unit_at + 3'd1;
        end
        if (rst || cmd_ready) begin
            units_sent   <= 1'b0;
            job_sent     <= 1'b0;
            weights_sent <= 1'b0;
            unit_at      <= 3'd0;
        end
    end

    wire unused = &{1'b0, cmd, counts[0], counts[1], counts[2], counts[3]};

`ifndef SYNTHESIS
    always @(posedge clk) if (!rst) begin
        if ((load_done && !load_open) || (store_done && !store_open) || (store_left && !left_open)
            || (compute_done && !compute_open))
            $fatal(1, "%m: a unit finished a command that it was not given");
    end
`endif

endmodule

`default_nettype wire
