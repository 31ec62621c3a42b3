// What the post unit needs to know of a COMPUTE command: W bits, packed by pack() and nowhere else.
//
// At the bottom some fields of word 0, above them all of the POST words, without gaps.  The *_LSB below, and RAW,
// KIND2 and LUT, are places in the packing: numbers, as Yosys takes no constant of one package in another.

`default_nettype none
`include "weft_field.vh"

/* verilator lint_off UNUSEDPARAM */
package weft_post_cfg;
    localparam integer W = 96;
    localparam integer RAW = 0, KIND_LSB = 1, ALU_LSB = 3, KIND2 = 6, LUT = 7;
    localparam integer ZP1_LSB = 8, LO1_LSB = 16, HI1_LSB = 24;
    localparam integer MULT2_LSB = 32;
    localparam integer SHIFT2_LSB = 64, ZP2_LSB = 72, LO2_LSB = 80, HI2_LSB = 88;

    // head, post: these words of the command.
    `define WEFT_POST(name) `WEFT_FIELD_OF(post, COMPUTE, POST, name)
    /* verilator lint_off UNUSEDSIGNAL */
    function [W-1:0] pack(input [weft_isa::COMPUTE_HEAD_W-1:0] head, input [weft_isa::COMPUTE_POST_W-1:0] post);
        pack = {`WEFT_POST(HI2), `WEFT_POST(LO2), `WEFT_POST(ZP2), `WEFT_POST(SHIFT2), `WEFT_POST(MULT2),
                `WEFT_POST(HI1), `WEFT_POST(LO1), `WEFT_POST(ZP1),
                `WEFT_FIELD(head, COMPUTE, LUT), `WEFT_FIELD(head, COMPUTE, KIND2), `WEFT_FIELD(head, COMPUTE, ALU),
                `WEFT_FIELD(head, COMPUTE, KIND), `WEFT_FIELD(head, COMPUTE, RAW)};
    endfunction
    /* verilator lint_on UNUSEDSIGNAL */
    `undef WEFT_POST
endpackage
/* verilator lint_on UNUSEDPARAM */

`default_nettype wire
