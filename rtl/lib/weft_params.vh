// Parameters of the array, printed from isa/weft_isa.def by `make isa`.
//
// WEFT_PARAMETERS   all of them with their defaults, for the header of a module
// WEFT_PASS         all of them as they are, for an instance
// WEFT_INFO         the INFO registers, as lines of a case that sets reg_rdata
`ifndef WEFT_PARAMETERS
`define WEFT_PARAMETERS \
    parameter integer ROWS      = weft_isa::ROWS, \
    parameter integer COLS      = weft_isa::COLS, \
    parameter integer LANES     = weft_isa::LANES, \
    parameter integer FB_WORDS  = weft_isa::FB_WORDS, \
    parameter integer ACC_DEPTH = weft_isa::ACC_DEPTH, \
    parameter integer MEM_BYTES = weft_isa::MEM_BYTES, \
    parameter [31:0]  MEM_SIZE  = weft_isa::MEM_SIZE
`define WEFT_PASS .ROWS(ROWS), .COLS(COLS), .LANES(LANES), .FB_WORDS(FB_WORDS), .ACC_DEPTH(ACC_DEPTH), .MEM_BYTES(MEM_BYTES), .MEM_SIZE(MEM_SIZE)
`define WEFT_INFO \
    weft_isa::REG_INFO_ROWS: reg_rdata <= ROWS; \
    weft_isa::REG_INFO_COLS: reg_rdata <= COLS; \
    weft_isa::REG_INFO_LANES: reg_rdata <= LANES; \
    weft_isa::REG_INFO_FB_WORDS: reg_rdata <= FB_WORDS; \
    weft_isa::REG_INFO_WORD_BYTES: reg_rdata <= WORD_BYTES; \
    weft_isa::REG_INFO_ACC_DEPTH: reg_rdata <= ACC_DEPTH; \
    weft_isa::REG_INFO_MEM_BYTES: reg_rdata <= MEM_BYTES; \
    weft_isa::REG_INFO_MEM_SIZE: reg_rdata <= MEM_SIZE;
`endif
