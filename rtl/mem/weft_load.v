// LOAD: rows of memory into the feature buffer.
//
// Takes a checked LOAD command whose tokens have been taken.  Rows that follow one another in
// memory are asked for as one piece, in bursts that end at multiples of BURST_BEATS beats.  A burst
// is asked for only when FIFO_BEATS has room for all of it, so answers are never refused.  The
// next command asks while the data of the one before is still under way: with enough room a row of
// commands costs one beat a cycle and the latency of memory once.
//
// `done` pulses once per command, in order, when its last byte can be read from either port of the
// buffer.  `busy` is high while any command is inside.

`default_nettype none

module weft_load #(
    parameter  integer ROWS       = weft_isa::ROWS,
    parameter  integer COLS       = weft_isa::COLS,
    parameter  integer FB_WORDS   = weft_isa::FB_WORDS,
    parameter  integer MEM_BYTES  = weft_isa::MEM_BYTES,
    parameter  integer FIFO_BEATS = 128,                    // room for answers, power of two >= 32
    localparam integer CELLS_MAX  = ROWS > COLS ? ROWS : COLS,
    localparam integer WORD_BYTES = 1 << $clog2(CELLS_MAX > MEM_BYTES ? CELLS_MAX : MEM_BYTES),
    localparam integer AW         = $clog2(FB_WORDS),
    localparam integer OW         = $clog2(WORD_BYTES)
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire                   cmd_valid,
    output wire                   cmd_ready,
    input  wire [255:0]           cmd_data,         // word 0 in bits 31:0
    output wire                   done,
    output wire                   busy,

    output wire                   req_valid,        // to weft_mem_read
    input  wire                   req_ready,
    output wire [31:0]            req_addr,
    output wire [4:0]             req_beats,
    input  wire                   rsp_valid,
    input  wire [8*MEM_BYTES-1:0] rsp_data,

    output wire                   l_valid,          // to weft_feature_buffer
    input  wire                   l_ready,
    output wire [1:0]             l_bank,
    output wire [AW-1:0]          l_word,
    output wire [OW-1:0]          l_off,
    output wire [8*MEM_BYTES-1:0] l_data
);

endmodule

`default_nettype wire
