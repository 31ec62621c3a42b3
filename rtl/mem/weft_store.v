// STORE: rows of the feature buffer into memory.
//
// Takes a checked STORE command whose tokens have been taken.  Rows that follow one another in
// memory are written as one piece, in bursts that end at multiples of BURST_BEATS beats; the
// bytes after ROW_BYTES in the last beat of a row have no strobe.  Sustains one beat a cycle; the
// next command begins while the one before waits for memory.
//
// Per command, in order: `left` pulses when the last byte has been read, so that the place may be
// written again; `done` when memory has confirmed all its bytes.  `busy` is high while any
// command is inside.

`default_nettype none

module weft_store #(
    parameter  integer ROWS       = weft_isa::ROWS,
    parameter  integer COLS       = weft_isa::COLS,
    parameter  integer FB_WORDS   = weft_isa::FB_WORDS,
    parameter  integer MEM_BYTES  = weft_isa::MEM_BYTES,
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
    output wire                   left,
    output wire                   done,
    output wire                   busy,

    output wire                   s_valid,          // to weft_feature_buffer
    input  wire                   s_ready,
    output wire [1:0]             s_bank,
    output wire [AW-1:0]          s_word,
    output wire [OW-1:0]          s_off,
    input  wire                   s_rsp_valid,
    input  wire [8*MEM_BYTES-1:0] s_rsp_data,

    output wire                   req_valid,        // to weft_mem_write
    input  wire                   req_ready,
    output wire [31:0]            req_addr,
    output wire [4:0]             req_beats,
    output wire                   data_valid,
    input  wire                   data_ready,
    output wire [8*MEM_BYTES-1:0] data,
    output wire [MEM_BYTES-1:0]   strb,
    input  wire                   req_done          // a burst is confirmed
);

endmodule

`default_nettype wire
