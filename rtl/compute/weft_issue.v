// Starts compute commands and lets their vectors go, one a cycle at most.
//
// A vector goes only when everything it will meet on its way is certain to be there, because
// nothing after this stage can wait:
//
//   first vector of a pass    the next weights are complete in the shadow registers
//   first vector of a block   its header is in a slot
//   sum that leaves           the requantiser lanes are free again, and the second operand, if
//                             the command has one, is in its FIFO
//
// A command starts when its configuration slot is free (two commands may be in flight), when WAIT
// or a change between array and pooling path asks for it not before everything earlier has left,
// and, having a table, not before that either.  `cmd` is presented with its tokens taken and is
// popped with the last vector.
//
// Exactly one of the cause outputs is high in every cycle in which no vector goes.

`default_nettype none

module weft_issue #(
    parameter integer COLS = 16,
    parameter integer LANES = 16
) (
    input  wire        clk,
    input  wire        rst,

    input  wire        cmd_valid,
    output wire        cmd_ready,
    input  wire        cmd_table,               // TABLE, else COMPUTE
    input  wire        cmd_wait,
    input  wire        cmd_pooling,             // past the array
    input  wire        cmd_raw,
    input  wire        cmd_operand,
    input  wire        cmd_push_load,

    output wire        start,                   // a COMPUTE command starts: load agen, slot, walkers
    output reg         slot,                    // configuration slot of the command that starts or runs
    input  wire        finished,                // the oldest command in flight has written its last result
    output reg  [1:0]  in_flight,

    // weft_agen
    input  wire        active,
    input  wire        emit,
    input  wire        first_pass,
    input  wire        last_pass,
    input  wire        first_of_pass,
    input  wire        last_inner,
    input  wire        last_outer,
    input  wire        last_all,
    output wire        go,

    // weft_loader
    input  wire        shadow_full,
    output wire        swap,
    input  wire        header_ready,
    output wire        header_take,
    output reg  [1:0]  header_slot,
    output wire        table_go,
    input  wire        table_done,

    input  wire        operand_ready,
    output wire        operand_take,

    output wire        read_done,               // the input of a command has been read from the buffer
    output wire        read_done_push,          // with read_done: that command has PUSH_LOAD
    output wire        table_finished,

    output wire        stall_weights,
    output wire        stall_drain,
    output wire        stall_lanes,
    output wire        stall_operand,
    output wire        idle
);

    localparam integer TURNS = COLS / LANES;    // cycles a sum keeps the lanes busy
    localparam integer READ_CYCLES = 5;         // from the last vector to the end of its buffer reads

    reg       running;                          // a COMPUTE command is being issued
    reg       pooled;                           // the path of the commands in flight
    reg       table_end;                        // the last row of a table went in the cycle before
    reg [5:0] lanes_busy;
    reg [READ_CYCLES-1:0] reading, reading_push; // the next command may have started meanwhile

    wire empty = in_flight == 2'd0;
    wire want_start = cmd_valid && !cmd_table && !running;
    wire clear_road = empty || (!cmd_wait && cmd_pooling == pooled && !in_flight[1]);
    assign start = want_start && clear_road;

    assign table_go = cmd_valid && cmd_table && !running && empty && !table_end;
    assign table_finished = table_end;          // from a register: what follows it reaches into the queues

    wire block_first = first_pass && first_of_pass && !cmd_raw;
    wire leaves = emit && last_pass;
    wire need_weights = (first_of_pass && !cmd_pooling && !shadow_full) || (block_first && !header_ready);
    wire need_operand = leaves && cmd_operand && !operand_ready;
    wire need_lanes = leaves && lanes_busy != 6'd0;
    assign go = active && !need_weights && !need_operand && !need_lanes;

    assign swap = go && first_of_pass && !cmd_pooling;
    assign header_take = go && block_first;
    assign operand_take = go && leaves && cmd_operand;
    assign cmd_ready = (go && last_all) || table_finished;
    assign read_done = reading[READ_CYCLES-1];
    assign read_done_push = reading_push[READ_CYCLES-1];

    assign stall_weights = (active && need_weights) || table_go;
    assign stall_operand = active && !need_weights && need_operand;
    assign stall_lanes   = active && !need_weights && !need_operand && need_lanes;
    assign stall_drain   = (want_start && !clear_road) || (cmd_valid && cmd_table && !running && !empty);
    assign idle = !go && !stall_weights && !stall_operand && !stall_lanes && !stall_drain;

    always @(posedge clk) begin
        if (start) begin
            running <= 1'b1;
            pooled <= cmd_pooling;
        end else if (go && last_all) begin
            running <= 1'b0;
            slot <= !slot;
        end
        table_end <= table_go && table_done;
        in_flight <= in_flight + {1'b0, start} - {1'b0, finished};
        if (go && last_pass && last_outer && last_inner && !cmd_raw)
            header_slot <= header_slot + 2'd1;
        if (TURNS > 1) begin
            if (lanes_busy != 6'd0)
                lanes_busy <= lanes_busy - 6'd1;
            if (go && leaves)
                lanes_busy <= TURNS[5:0] - 6'd1;
        end
        reading <= {reading[READ_CYCLES-2:0], go && last_all};
        reading_push <= {reading_push[READ_CYCLES-2:0], go && last_all && cmd_push_load};
        if (rst) begin
            running <= 1'b0;
            table_end <= 1'b0;
            pooled <= 1'b0;
            slot <= 1'b0;
            in_flight <= 2'd0;
            header_slot <= 2'd0;
            lanes_busy <= 6'd0;
            reading <= {READ_CYCLES{1'b0}};
            reading_push <= {READ_CYCLES{1'b0}};
        end
    end

endmodule

`default_nettype wire
