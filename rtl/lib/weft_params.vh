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
    parameter [31:0]  MEM_SIZE  = weft_isa::MEM_SIZE, \
    parameter integer HAS_PAIR = weft_isa::HAS_PAIR, \
    parameter integer HAS_TFLITE = weft_isa::HAS_TFLITE, \
    parameter integer HAS_FLOAT = weft_isa::HAS_FLOAT, \
    parameter integer HAS_COUNTERS = weft_isa::HAS_COUNTERS, \
    parameter integer HAS_CHECKS = weft_isa::HAS_CHECKS
`define WEFT_PASS .ROWS(ROWS), .COLS(COLS), .LANES(LANES), .FB_WORDS(FB_WORDS), .ACC_DEPTH(ACC_DEPTH), .MEM_BYTES(MEM_BYTES), .MEM_SIZE(MEM_SIZE), .HAS_PAIR(HAS_PAIR), .HAS_TFLITE(HAS_TFLITE), .HAS_FLOAT(HAS_FLOAT), .HAS_COUNTERS(HAS_COUNTERS), .HAS_CHECKS(HAS_CHECKS)
`define WEFT_INFO \
    weft_isa::REG_INFO_ROWS: reg_rdata <= ROWS; \
    weft_isa::REG_INFO_COLS: reg_rdata <= COLS; \
    weft_isa::REG_INFO_LANES: reg_rdata <= LANES; \
    weft_isa::REG_INFO_FB_WORDS: reg_rdata <= FB_WORDS; \
    weft_isa::REG_INFO_WORD_BYTES: reg_rdata <= WORD_BYTES; \
    weft_isa::REG_INFO_ACC_DEPTH: reg_rdata <= ACC_DEPTH; \
    weft_isa::REG_INFO_MEM_BYTES: reg_rdata <= MEM_BYTES; \
    weft_isa::REG_INFO_MEM_SIZE: reg_rdata <= MEM_SIZE; \
    weft_isa::REG_INFO_LACKS: reg_rdata <= 32'd0 | 32'(HAS_PAIR == 0) << weft_isa::INFO_LACKS_PAIR_LSB | 32'(HAS_TFLITE == 0) << weft_isa::INFO_LACKS_TFLITE_LSB | 32'(HAS_FLOAT == 0) << weft_isa::INFO_LACKS_FLOAT_LSB | 32'(HAS_COUNTERS == 0) << weft_isa::INFO_LACKS_COUNTERS_LSB | 32'(HAS_CHECKS == 0) << weft_isa::INFO_LACKS_CHECKS_LSB;
`endif
