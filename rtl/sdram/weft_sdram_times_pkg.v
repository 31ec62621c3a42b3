// Times of the SDRAM chips on the boards, the slowest of each, and how many cycles of a clock they are.
//
// Chips that fit: 16 bits wide, four banks, 8192 rows of 512 columns (256 Mbit) or of 1024 (512 Mbit), speed -7 and faster at 3.3 V:
// AS4C32M16SB-7, IS42S16160G-7, W9825G6KH-6, MT48LC16M16A2-7E and -75.  A board with another gives its own times to weft_sdram.

`default_nettype none

/* verilator lint_off UNUSEDPARAM */
package weft_sdram_times;

    localparam integer T_POWER_UP = 200_000_000;    // ps from stable clock to the first command
    localparam integer T_RCD      = 21_000;         // ACTIVATE to READ or WRITE
    localparam integer T_RP       = 21_000;         // PRECHARGE to the next command of the bank
    localparam integer T_RAS      = 45_000;         // ACTIVATE to PRECHARGE, at least
    localparam integer T_RC       = 67_500;         // ACTIVATE to ACTIVATE of one bank
    localparam integer T_RFC      = 67_500;         // REFRESH to the next command
    localparam integer T_RRD      = 15_000;         // ACTIVATE to ACTIVATE of another bank
    localparam integer T_WR       = 15_000;         // last written word to PRECHARGE
    localparam integer T_REFRESH  = 7_700_000;      // between two REFRESH: 8192 of them in 63.1 of the 64 ms
    localparam integer MRD_CYCLES = 2;              // LOAD MODE to the next command

    // Whole cycles of a clock of hz that last at least ps.
    function automatic integer cycles(input integer ps, input integer hz);
        reg [63:0] product;
        begin
            product = 64'(ps) * 64'(hz) + 64'd999_999_999_999;
            product = product / 64'd1_000_000_000_000;
            cycles  = product[31:0];
        end
    endfunction

endpackage
/* verilator lint_on UNUSEDPARAM */

`default_nettype wire
