// The feature buffer: four banks that give any WORD_BYTES bytes each per cycle and take results in between.
//
// A bank is two RAMs, even and odd words, each with two ports.  "Bytes from (word, off)" are the
// bytes off.. of word followed by those of word + 1, modulo FB_WORDS.
//
// Port A, one read per bank and cycle, never refused: a_en[b], a_word, a_off in cycle t give the
// WORD_BYTES bytes from (a_word, a_off) on a_data in cycle t+2, kept until bank b is read again.
//
// Port B, one access per bank and cycle; clients of different banks go side by side, in one bank
// the order is results, operand, store, load:
//   results  w_en: always taken.  Byte c goes to (w_word, w_off) + c where w_be[c].
//   operand  x_valid/x_ready: COLS bytes from (x_word, x_off), on x_rsp_data with x_rsp_valid three
//            cycles after it was taken; no way to refuse.
//   store    s_valid/s_ready: MEM_BYTES bytes, s_off a multiple of MEM_BYTES; answer as for operand.
//   load     l_valid/l_ready: MEM_BYTES bytes, l_off a multiple of MEM_BYTES.
// The ready of a client depends on the valid of those before it and on nothing else.
//
// What port B took in cycle t is seen by port B from cycle t+1 on, by port A from cycle t+2 on.  A byte
// read while it is written is undefined, other bytes of the same word are not.  The RAMs are not reset.

`default_nettype none

module weft_feature_buffer #(
    parameter  integer ROWS       = weft_isa::ROWS,         // 4..32
    parameter  integer COLS       = weft_isa::COLS,         // 4..32
    parameter  integer FB_WORDS   = weft_isa::FB_WORDS,     // words of a bank, power of two >= 4
    parameter  integer MEM_BYTES  = weft_isa::MEM_BYTES,    // 4, 8, 16, 32
    localparam integer CELLS_MAX  = ROWS > COLS ? ROWS : COLS,
    localparam integer WORD_BYTES = 1 << $clog2(CELLS_MAX > MEM_BYTES ? CELLS_MAX : MEM_BYTES),
    localparam integer AW         = $clog2(FB_WORDS),
    localparam integer OW         = $clog2(WORD_BYTES)
) (
    input  wire                      clk,
    input  wire                      rst,

    input  wire [3:0]                a_en,
    input  wire [4*AW-1:0]           a_word,
    input  wire [4*OW-1:0]           a_off,
    output wire [4*8*WORD_BYTES-1:0] a_data,

    input  wire                      w_en,
    input  wire [1:0]                w_bank,
    input  wire [AW-1:0]             w_word,
    input  wire [OW-1:0]             w_off,
    input  wire [COLS-1:0]           w_be,
    input  wire [8*COLS-1:0]         w_data,

    input  wire                      x_valid,
    output wire                      x_ready,
    input  wire [1:0]                x_bank,
    input  wire [AW-1:0]             x_word,
    input  wire [OW-1:0]             x_off,
    output reg                       x_rsp_valid,
    output reg  [8*COLS-1:0]         x_rsp_data,

    input  wire                      s_valid,
    output wire                      s_ready,
    input  wire [1:0]                s_bank,
    input  wire [AW-1:0]             s_word,
    input  wire [OW-1:0]             s_off,
    output reg                       s_rsp_valid,
    output reg  [8*MEM_BYTES-1:0]    s_rsp_data,

    input  wire                      l_valid,
    output wire                      l_ready,
    input  wire [1:0]                l_bank,
    input  wire [AW-1:0]             l_word,
    input  wire [OW-1:0]             l_off,
    input  wire [8*MEM_BYTES-1:0]    l_data
);

endmodule

`default_nettype wire
