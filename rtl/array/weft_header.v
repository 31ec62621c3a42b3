// Parameters of up to four blocks: what the 12 header rows of the weight stream say, by column.
//
//     hdr_valid, hdr_slot, hdr_row   one row a cycle, gaps allowed; rows in the order of the stream:
//                                    bias bytes 0..3, multiplier 0..3, shift, half 0..2
//     bias_en, bias_slot in cycle t  ->  bias in cycle t + 1, held until the next bias_en
//     post_en, post_slot in cycle t  ->  mult, shift, half in cycle t + 2, held likewise
//
// Rows are collected, and with the twelfth the slot is written as a whole: it may be read from the
// second cycle after that row on, and keeps its old contents until the cycle before, in which it must not be read.  The
// slot is that of the twelfth row.  `rst` forgets a half-collected header; slots are not reset.
//
// Two RAMs of four words, written together and read apart: 4 x 32*COLS and 4 x 64*COLS bits.  Wide as they are they would cost
// an FPGA COLS * 96 look-up tables, so they are block RAMs, of which there are more than are needed.

`default_nettype none

module weft_header #(
    parameter integer COLS = 16
) (
    input  wire               clk,
    input  wire               rst,

    input  wire               hdr_valid,
    input  wire [1:0]         hdr_slot,
    input  wire [8*COLS-1:0]  hdr_row,          // byte of column c at 8*c

    input  wire               bias_en,
    input  wire [1:0]         bias_slot,
    output reg  [32*COLS-1:0] bias,             // int32 of column c at 32*c

    input  wire               post_en,
    input  wire [1:0]         post_slot,
    output wire [32*COLS-1:0] mult,             // uint32 of column c at 32*c
    output wire [8*COLS-1:0]  shift,            // int8
    output wire [24*COLS-1:0] half              // uint24
);

    localparam integer ROWS_IN = weft_isa::HEADER_ROWS;     // 12
    localparam [3:0]   LAST    = ROWS_IN[3:0] - 4'd1;

    reg [3:0]              count;               // rows collected
    reg                    full;                // a whole header is in `rows`, to go into slot `into`
    reg [1:0]              into;
    (* mem2reg *) reg [8*COLS-1:0] rows [0:ROWS_IN-1];

    always @(posedge clk) begin
        full <= hdr_valid && count == LAST && !rst;
        if (hdr_valid) begin
            rows[count] <= hdr_row;
            count <= count == LAST ? 4'd0 : count + 4'd1;
            into <= hdr_slot;
        end
        if (rst)
            count <= 4'd0;
    end

    (* no_rw_check, ram_style = "block" *) reg [32*COLS-1:0] bias_mem [0:3];
    (* no_rw_check, ram_style = "block" *) reg [64*COLS-1:0] post_mem [0:3];
    reg               post_en_1;
    reg [64*COLS-1:0] post_1, post;
    assign {half, shift, mult} = post;

    always @(posedge clk) begin : write
        reg [31:0] c, b;
        reg [32*COLS-1:0] w_bias;
        reg [64*COLS-1:0] w_post;
        if (full) begin     // from a byte of every column per row to whole numbers per column
            for (c = 0; c < COLS; c = c + 1) begin
                for (b = 0; b < 4; b = b + 1) begin
                    w_bias[32*c + 8*b +: 8] = rows[b[3:0]][8*c +: 8];
                    w_post[32*c + 8*b +: 8] = rows[b[3:0] + 4'd4][8*c +: 8];
                end
                w_post[32*COLS + 8*c +: 8] = rows[8][8*c +: 8];
                for (b = 0; b < 3; b = b + 1)
                    w_post[40*COLS + 24*c + 8*b +: 8] = rows[b[3:0] + 4'd9][8*c +: 8];
            end
            bias_mem[into] <= w_bias;
            post_mem[into] <= w_post;
        end
        if (bias_en) bias <= bias_mem[bias_slot];
        if (post_en_1) post <= post_1;
        if (post_en) post_1 <= post_mem[post_slot];
        post_en_1 <= post_en;
    end
endmodule

`default_nettype wire
