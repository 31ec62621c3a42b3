// What weft_result needs to know of a COMPUTE command: W bits, packed by pack() and nowhere else.
//
// These are its OUTPUT words with the ways of the two steps (weft_ring) in the place of what they are made of: from
// sum to sum and from row to row, each without and with a carry of the row.  The *_LSB below are places in the packing.

`default_nettype none
`include "weft_field.vh"

/* verilator lint_off UNUSEDPARAM */
package weft_result_cfg;
    localparam integer IN_0_LSB = 0, IN_1_LSB = 32, OUT_0_LSB = 64, OUT_1_LSB = 96;
    localparam integer FIRST_LSB = 128, TOP_LSB = 144;          // the first slot, less top; top
    localparam integer U_LSB = 160, IN_DU_LSB = 180, OUT_DU_LSB = 200, BLK_U_LSB = 220, ROW_BYTES_LSB = 240;
    localparam integer ROW_LSB = 260, IN_DR_LSB = 262, OUT_DR_LSB = 264, BYTES_LSB = 266, LAST_LSB = 272;
    localparam integer W = 278;

    // output_words: these words of the command; mask: the words of a bank, less one.
    `define WEFT_OUT(name) `WEFT_FIELD_OF(output_words, COMPUTE, OUTPUT, O_``name)
    /* verilator lint_off UNUSEDSIGNAL */
    function [W-1:0] pack(input [weft_isa::COMPUTE_OUTPUT_W-1:0] output_words, input [15:0] mask);
        reg [15:0] pitch, top, size, in_da, out_da;
        begin
            pitch = `WEFT_OUT(PITCH) & {mask[14:0], 1'b1};    // up to all words of a bank
            top = `WEFT_OUT(TOP) & {mask[14:0], 1'b1};
            size = `WEFT_OUT(SIZE) & {mask[14:0], 1'b1};
            in_da = `WEFT_OUT(IN_DA) & mask;
            out_da = `WEFT_OUT(OUT_DA) & mask;
            pack = {`WEFT_OUT(LAST), `WEFT_OUT(BYTES), 2'(`WEFT_OUT(OUT_DR)), 2'(`WEFT_OUT(IN_DR)), `WEFT_OUT(ROW),
                    `WEFT_OUT(ROW_BYTES), `WEFT_OUT(BLK_U), `WEFT_OUT(OUT_DU), `WEFT_OUT(IN_DU), `WEFT_OUT(U_START),
                    top & mask, (`WEFT_OUT(A_START) - top) & mask,
                    weft_ring::medium_way({1'b0, out_da} + {1'b0, pitch}, size, mask), weft_ring::short_way(out_da, size, mask),
                    weft_ring::medium_way({1'b0, in_da} + {1'b0, pitch}, size, mask), weft_ring::short_way(in_da, size, mask)};
        end
    endfunction
    /* verilator lint_on UNUSEDSIGNAL */
    `undef WEFT_OUT
endpackage
/* verilator lint_on UNUSEDPARAM */

`default_nettype wire
