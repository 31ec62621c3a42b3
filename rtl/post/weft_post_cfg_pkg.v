// What the post unit needs to know of a COMPUTE command: W bits, packed by pack() and nowhere else.
//
// Bits 95:0 are words 28, 27, 26[23:0] of the command (their fields keep their order) and, at the
// bottom, bits of word 0: LUT, KIND2, ALU, KIND, RAW.  The *_LSB below are places in the packing.

`default_nettype none

/* verilator lint_off UNUSEDPARAM */
package weft_post_cfg;
    localparam integer W = 96;
    localparam integer RAW = 0, KIND_LSB = 1, ALU_LSB = 3, KIND2 = 6, LUT = 7;
    localparam integer ZP1_LSB = 8, LO1_LSB = 16, HI1_LSB = 24;
    localparam integer MULT2_LSB = 32;
    localparam integer SHIFT2_LSB = 64, ZP2_LSB = 72, LO2_LSB = 80, HI2_LSB = 88;

    // head: word 0 of the command; w26, w27, w28: these words.
    /* verilator lint_off UNUSEDSIGNAL */
    function [95:0] pack(input [31:0] head, input [31:0] w26, input [31:0] w27, input [31:0] w28);
        pack = {w28, w27, w26[23:0], head[weft_isa::COMPUTE_LUT_LSB], head[weft_isa::COMPUTE_KIND2_LSB],
                head[weft_isa::COMPUTE_ALU_LSB +: 3], head[weft_isa::COMPUTE_KIND_LSB +: 2],
                head[weft_isa::COMPUTE_RAW_LSB]};
    endfunction
    /* verilator lint_on UNUSEDSIGNAL */
endpackage
/* verilator lint_on UNUSEDPARAM */

`default_nettype wire
