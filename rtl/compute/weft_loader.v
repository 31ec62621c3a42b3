// Deals out the weight stream: header rows, weight rows, table rows.
//
// Takes one job per TABLE or COMPUTE command, in program order, as soon as the command has been
// dispatched, and runs ahead of the issue stage: the weights of the next pass shift into the
// shadow registers while the present ones work, across command boundaries.
//
//   header  12 rows a block, into one of four slots; waits while all four are in use
//   weights ROWS rows a pass; a row may go when the shadow is not full, or in the very cycle in
//           which the issue stage swaps it
//   tables  rows wait until the issue stage has reached the TABLE command (`table_go`)
//
// `shadow_full` and `header_count` are what the issue stage waits for.  Rows leave in the cycle
// in which they are taken (header, table) or are registered once here (weights; weft_compute
// delays them further to meet the vectors at the array).

`default_nettype none

module weft_loader #(
    parameter integer ROWS = 16,
    parameter integer COLS = 16
) (
    input  wire              clk,
    input  wire              rst,

    input  wire              job_valid,
    output wire              job_ready,
    input  wire              job_table,         // a TABLE command
    input  wire              job_bytes,         // it has the byte table
    input  wire              job_operands,      // it has the operand tables
    input  wire              job_header,        // blocks start with a header
    input  wire              job_weights,       // passes have weights
    input  wire [15:0]       job_passes,
    input  wire [15:0]       job_blocks,

    input  wire              row_valid,         // stream rows from weft_weights
    output wire              row_ready,

    output reg               shadow_full,
    input  wire              swap,              // the shadow is taken in this cycle
    output reg  [2:0]        header_count,      // headers loaded and not yet begun by the issue stage
    input  wire              header_take,
    input  wire              header_free,       // a slot is given back

    output wire              hdr_valid,         // the row on the stream is a header row of slot hdr_slot
    output reg  [1:0]        hdr_slot,
    output wire              wgt_valid,         // it is a weight row
    input  wire              table_go,
    output wire              tab_valid,         // it is a table row
    output reg  [1:0]        tab_kind,          // 0 byte table, 1 T1, 2 T2
    output reg  [7:0]        tab_row,           // row in the table
    output wire              table_done         // in the cycle of the last table row
);

    localparam integer CP = (COLS > 16) ? 32 : (COLS > 8) ? 16 : (COLS > 4) ? 8 : 4;
    localparam integer BYTES_N = weft_isa::TABLE_ENTRIES / CP;
    localparam [7:0] BYTES_LAST = BYTES_N[7:0] - 8'd1;
    localparam integer OPERAND_N = 4 * weft_isa::TABLE_ENTRIES / CP;
    localparam [7:0] OPERAND_LAST = OPERAND_N[7:0] - 8'd1;
    localparam [4:0] LAST_ROW = ROWS[4:0] - 5'd1;

    localparam [1:0] IDLE = 2'd0, HEADER = 2'd1, WEIGHTS = 2'd2, TABLE = 2'd3;
    reg [1:0]  state;
    reg [4:0]  row;
    reg [15:0] pass, block;                     // turns left, less one
    reg [2:0]  slots_used;
    reg        header, weights, operands;
    reg [15:0] passes;

    wire header_ok = row != 5'd0 || !slots_used[2];
    wire weight_ok = !shadow_full || swap;
    assign row_ready = (state == HEADER && header_ok) || (state == WEIGHTS && weight_ok) || (state == TABLE && table_go);
    assign hdr_valid = state == HEADER && header_ok && row_valid;
    assign wgt_valid = state == WEIGHTS && weight_ok && row_valid;
    assign tab_valid = state == TABLE && table_go && row_valid;

    wire header_begin = hdr_valid && row == 5'd0;
    wire header_end   = hdr_valid && row == weft_isa::HEADER_ROWS[4:0] - 5'd1;
    wire pass_end     = wgt_valid && row == LAST_ROW;
    wire block_end    = weights ? pass_end && pass == 16'd0 : header_end;
    wire job_end      = block_end && block == 16'd0;
    wire part_end     = tab_valid && tab_row == (tab_kind == 2'd0 ? BYTES_LAST : OPERAND_LAST);
    assign table_done = part_end && (tab_kind == 2'd0 ? !operands : tab_kind == 2'd2);
    assign job_ready  = state == IDLE || job_end || table_done;

    always @(posedge clk) begin
        shadow_full <= pass_end || (shadow_full && !swap);
        header_count <= header_count + {2'd0, header_end} - {2'd0, header_take};
        slots_used <= slots_used + {2'd0, header_begin} - {2'd0, header_free};
        if (header_end)
            hdr_slot <= hdr_slot + 2'd1;

        // A step, and over it what ends with it.
        if (tab_valid)
            tab_row <= tab_row + 8'd1;
        if (part_end) begin
            tab_kind <= tab_kind + 2'd1;
            tab_row <= 8'd0;
        end
        if (hdr_valid || wgt_valid)
            row <= row + 5'd1;
        if (pass_end)
            pass <= pass - 16'd1;
        if (header_end || pass_end) begin
            row <= 5'd0;
            state <= WEIGHTS;
        end
        if (block_end) begin
            block <= block - 16'd1;
            pass <= passes - 16'd1;
            state <= header ? HEADER : WEIGHTS;
        end
        if (job_ready) begin
            state <= IDLE;
            if (job_valid) begin
                header <= job_header;
                weights <= job_weights;
                operands <= job_operands;
                passes <= job_passes;
                pass <= job_passes - 16'd1;
                block <= job_blocks - 16'd1;
                row <= 5'd0;
                tab_row <= 8'd0;
                tab_kind <= job_bytes ? 2'd0 : 2'd1;
                state <= job_table ? TABLE : job_header ? HEADER : job_weights ? WEIGHTS : IDLE;
            end
        end
        if (rst) begin
            state <= IDLE;
            shadow_full <= 1'b0;
            header_count <= 3'd0;
            slots_used <= 3'd0;
            hdr_slot <= 2'd0;
        end
    end

endmodule

`default_nettype wire
