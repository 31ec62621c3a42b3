// Constants of the contract, printed from weft_isa.def by `make isa`.
//
// <OP>_<FIELD>_LSB counts bits from bit 0 of word 0 of the command, OP_<OP>_W through the last word
// that has a field; <OP>_DEFINED has a 1 for every bit that a field covers.

/* verilator lint_off UNUSEDPARAM */
package weft_isa;
    localparam integer ISA_VERSION = 2; // raised whenever a host built for the old contract would misbehave
    localparam integer ROWS = 16; // default: array height: reduction lanes of a pass
    localparam integer REG_INFO_ROWS = 64; // ROWS of this device
    localparam integer REG_INFO_ROWS_RESET = 0;
    localparam integer COLS = 16; // default: array width: output channels of a block
    localparam integer REG_INFO_COLS = 68; // COLS of this device
    localparam integer REG_INFO_COLS_RESET = 0;
    localparam integer LANES = 16; // default: requantiser lanes
    localparam integer REG_INFO_LANES = 72; // LANES of this device
    localparam integer REG_INFO_LANES_RESET = 0;
    localparam integer FB_WORDS = 2048; // default: words of a feature bank
    localparam integer REG_INFO_FB_WORDS = 76; // FB_WORDS of this device
    localparam integer REG_INFO_FB_WORDS_RESET = 0;
    localparam integer REG_INFO_WORD_BYTES = 80; // bytes: a feature word, the power of two >= ROWS, COLS and MEM_BYTES
    localparam integer REG_INFO_WORD_BYTES_RESET = 0;
    localparam integer ACC_DEPTH = 512; // default: accumulators
    localparam integer REG_INFO_ACC_DEPTH = 84; // ACC_DEPTH of this device
    localparam integer REG_INFO_ACC_DEPTH_RESET = 0;
    localparam integer MEM_BYTES = 16; // default: bytes of the memory port
    localparam integer REG_INFO_MEM_BYTES = 88; // MEM_BYTES of this device
    localparam integer REG_INFO_MEM_BYTES_RESET = 0;
    localparam integer MEM_SIZE = 268435456; // default: bytes of device memory
    localparam integer REG_INFO_MEM_SIZE = 92; // MEM_SIZE of this device
    localparam integer REG_INFO_MEM_SIZE_RESET = 0;
    localparam integer REG_INFO_LACKS = 104; // what this device was built without, by parts; a device without this register has all
    localparam integer REG_INFO_LACKS_RESET = 0;
    localparam integer REG_INFO_LUT_CELLS = 108; // cells of the array whose multiplier is made of look-up tables; programs need not know
    localparam integer REG_INFO_LUT_CELLS_RESET = 0;
    localparam integer HAS_PAIR = 1; // default: depthwise vectors of two pixels (PAIR)
    localparam integer INFO_LACKS_PAIR_LSB = 0, INFO_LACKS_PAIR_W = 1; // 1 if built without depthwise vectors of two pixels (PAIR)
    localparam integer HAS_TFLITE = 1; // default: the rounding of TensorFlow Lite (KIND_TFLITE)
    localparam integer INFO_LACKS_TFLITE_LSB = 1, INFO_LACKS_TFLITE_W = 1; // 1 if built without the rounding of TensorFlow Lite (KIND_TFLITE)
    localparam integer HAS_FLOAT = 1; // default: the rounding of ONNX Runtime (KIND_FLOAT)
    localparam integer INFO_LACKS_FLOAT_LSB = 2, INFO_LACKS_FLOAT_W = 1; // 1 if built without the rounding of ONNX Runtime (KIND_FLOAT)
    localparam integer HAS_COUNTERS = 1; // default: counters other than CYCLES and COMMANDS, which read as 0 then
    localparam integer INFO_LACKS_COUNTERS_LSB = 3, INFO_LACKS_COUNTERS_W = 1; // 1 if built without counters other than CYCLES and COMMANDS, which read as 0 then
    localparam integer HAS_CHECKS = 1; // default: its checks of commands but for opcodes and bus errors: the host makes them before it loads a program
    localparam integer INFO_LACKS_CHECKS_LSB = 4, INFO_LACKS_CHECKS_W = 1; // 1 if built without its checks of commands but for opcodes and bus errors: the host makes them before it loads a program
    localparam integer BANKS = 4; // banks of the feature buffer; row r lies in bank r mod 4
    localparam integer CMD_UNIT_BYTES = 32; // commands are one or more units long and lie at unit addresses
    localparam integer CMD_MAX_UNITS = 5; // longest command
    localparam integer HEADER_ROWS = 12; // parameters in front of a block: bias 4, multiplier 4, shift 1, half 3
    localparam integer TABLE_ENTRIES = 256; // length of the byte table and of each operand table
    localparam integer MAX_GROUPS = 4; // kernel rows a pooling or dense vector may touch; depthwise at most 3
    localparam integer BURST_BEATS = 16; // longest burst; bursts never cross a multiple of their full length
    localparam integer PKT_MAGIC0 = 87; // first byte of a packet
    localparam integer PKT_MAGIC1 = 239; // second byte of a packet
    localparam integer PKT_HEADER_BYTES = 12; // magic 2, type 1, flags 1, session 2, payload length 2, sequence number 4
    localparam integer PKT_MAX_PAYLOAD = 8200; // longest payload of any link: 8 bytes of address and count, then data
    localparam integer PKT_MAX_DATA = 8192; // longest data of one memory packet of any link; a device's own is INFO_LINK_DATA
    localparam integer PKT_CRC_BYTES = 4; // CRC-32 (IEEE 802.3, reflected) of all before it, magic included
    localparam integer PKT_FRESH = 1; // flag of a request: nothing was outstanding when it was sent; work goes on after a refusal
    localparam integer PKT_QUIET = 2; // flag of MEM_WRITE: no reply is wanted if all goes well
    localparam integer PKT_ROUND_LSB = 4; // flags 7:4, the round: raised by the host when it goes back; NAK carries that of its frame
    localparam integer LINK_BYTES = 1; // default width of the byte streams of the link: 1, 2 or 4 a cycle
    localparam integer LINK_DATA = 2048; // default for the longest data of one memory packet, a power of two, 32 * MEM_BYTES..8192
    localparam integer LINK_WINDOW = 64; // default for what a host may have outstanding, 1..4096
    localparam integer MODE_DENSE = 0; // MODE: lanes of one pixel, kernel taps by channels
    localparam integer MODE_DEPTHWISE = 1; // MODE: one channel per column, taps down the rows
    localparam integer MODE_MAX = 2; // MODE: no array, maximum over words; with one word a copy
    localparam integer MODE_SUM = 3; // MODE: no array, sum over words
    localparam integer KIND_TFLITE = 0; // KIND: doubling high multiply, then rounding shift
    localparam integer KIND_FLOAT = 1; // KIND: float32 multiply, round half to even
    localparam integer KIND_DIV = 2; // KIND: division by multiplication, round half away from zero
    localparam integer ALU_NONE = 0; // ALU: no second operand
    localparam integer ALU_ADD = 1; // ALU: T1[q] + T2[x]
    localparam integer ALU_MUL = 2; // ALU: low halves of T1[q] * T2[x], signed 16 by 16
    localparam integer ALU_MAX = 3; // ALU: max(T1[q], T2[x])
    localparam integer ALU_MIN = 4; // ALU: min(T1[q], T2[x])
    localparam integer ALU_LAST = 4; // the last of these
    localparam integer REG_ID = 0; // ASCII 'WEFT'
    localparam integer REG_ID_RESET = 1413891415;
    localparam integer REG_ISA = 4; // ISA_VERSION of this device
    localparam integer REG_ISA_RESET = 2;
    localparam integer REG_CTRL = 8; // starts and stops a run; reads as 0
    localparam integer REG_CTRL_RESET = 0;
    localparam integer REG_STATUS = 12; // how the last run ended, or that one goes on
    localparam integer REG_STATUS_RESET = 0;
    localparam integer REG_ERR_INDEX = 16; // ordinal of the command that failed, 0 is the first of the program
    localparam integer REG_ERR_INDEX_RESET = 0;
    localparam integer REG_PROG_ADDR = 20; // address of the first command, multiple of CMD_UNIT_BYTES
    localparam integer REG_PROG_ADDR_RESET = 0;
    localparam integer REG_PROG_COUNT = 24; // number of commands
    localparam integer REG_PROG_COUNT_RESET = 0;
    localparam integer REG_WIN_BASE = 28; // first byte commands may touch
    localparam integer REG_WIN_BASE_RESET = 0;
    localparam integer REG_WIN_LIMIT = 32; // first byte after the window
    localparam integer REG_WIN_LIMIT_RESET = 0;
    localparam integer REG_HEARTBEAT = 36; // cycles between heartbeat packets, 0 for none
    localparam integer REG_HEARTBEAT_RESET = 0;
    localparam integer REG_INFO_LINK_DATA = 96; // LINK_DATA of this device, 0 without a link
    localparam integer REG_INFO_LINK_DATA_RESET = 0;
    localparam integer REG_INFO_LINK_WINDOW = 100; // LINK_WINDOW of this device, 0 without a link
    localparam integer REG_INFO_LINK_WINDOW_RESET = 0;
    localparam integer REG_CYCLES = 128; // cycles from start to done; counters start at 0 and saturate
    localparam integer REG_CYCLES_RESET = 0;
    localparam integer REG_ISSUED = 132; // cycles in which a vector entered the array or the pooling path
    localparam integer REG_ISSUED_RESET = 0;
    localparam integer REG_STALL_LOAD = 136; // compute waits for a token of the load queue
    localparam integer REG_STALL_LOAD_RESET = 0;
    localparam integer REG_STALL_STORE = 140; // compute waits for a token of the store queue
    localparam integer REG_STALL_STORE_RESET = 0;
    localparam integer REG_STALL_WEIGHTS = 144; // compute waits for weights, a header or a table
    localparam integer REG_STALL_WEIGHTS_RESET = 0;
    localparam integer REG_STALL_DRAIN = 148; // compute waits for earlier results to leave (WAIT, change of path, parameters)
    localparam integer REG_STALL_DRAIN_RESET = 0;
    localparam integer REG_STALL_LANES = 152; // compute waits for the requantiser lanes
    localparam integer REG_STALL_LANES_RESET = 0;
    localparam integer REG_STALL_OPERAND = 156; // compute waits for the second operand
    localparam integer REG_STALL_OPERAND_RESET = 0;
    localparam integer REG_IDLE = 160; // no compute command at hand, or its start-up cycles
    localparam integer REG_IDLE_RESET = 0;
    localparam integer REG_LOAD_BUSY = 164; // cycles in which a load command runs
    localparam integer REG_LOAD_BUSY_RESET = 0;
    localparam integer REG_STORE_BUSY = 168; // cycles in which a store command runs
    localparam integer REG_STORE_BUSY_RESET = 0;
    localparam integer REG_READ_BEATS = 172; // beats read from memory: features, weights and commands
    localparam integer REG_READ_BEATS_RESET = 0;
    localparam integer REG_WEIGHT_BEATS = 176; // of these, beats of weights
    localparam integer REG_WEIGHT_BEATS_RESET = 0;
    localparam integer REG_WRITE_BEATS = 180; // beats written to memory
    localparam integer REG_WRITE_BEATS_RESET = 0;
    localparam integer REG_COMMANDS = 184; // commands finished
    localparam integer REG_COMMANDS_RESET = 0;
    localparam integer CTRL_START_LSB = 0, CTRL_START_W = 1; // start a run
    localparam integer CTRL_ABORT_LSB = 1, CTRL_ABORT_W = 1; // stop at once and become idle with the error ABORTED
    localparam integer STATUS_CODE_LSB = 0, STATUS_CODE_W = 8; // ERR code of the last run
    localparam integer STATUS_BUSY_LSB = 8, STATUS_BUSY_W = 1; // a run goes on
    localparam integer STATUS_DONE_LSB = 9, STATUS_DONE_W = 1; // a run has ended since the last start
    localparam integer PROG_COUNT_COMMANDS_LSB = 0, PROG_COUNT_COMMANDS_W = 24; // the bits that count; a program is no longer
    localparam integer OP_NOP = 0; // does nothing
    localparam integer OP_NOP_UNITS = 1, OP_NOP_W = 32;
    localparam [255:0] NOP_DEFINED = 256'h00000000_00000000_00000000_00000000_00000000_00000000_00000000_000000ff;
    localparam integer OP_LOAD = 16; // rows of memory into the feature buffer
    localparam integer OP_LOAD_UNITS = 1, OP_LOAD_W = 256;
    localparam [255:0] LOAD_DEFINED = 256'h000fffff_0000ffff_ffffffff_000fffff_ffffffff_ffffffff_ffffffff_000307ff;
    localparam integer OP_STORE = 32; // rows of the feature buffer into memory
    localparam integer OP_STORE_UNITS = 1, OP_STORE_W = 256;
    localparam [255:0] STORE_DEFINED = 256'h000fffff_0000ffff_ffffffff_000fffff_ffffffff_ffffffff_ffffffff_00030dff;
    localparam integer OP_TABLE = 48; // tables of the post unit from the weight stream
    localparam integer OP_TABLE_UNITS = 1, OP_TABLE_W = 64;
    localparam [255:0] TABLE_DEFINED = 256'h00000000_00000000_00000000_00000000_00000000_00000000_ffffffff_000300ff;
    localparam integer OP_COMPUTE = 64; // one tile of convolution, pooling, copy or elementwise arithmetic
    localparam integer OP_COMPUTE_UNITS = 5, OP_COMPUTE_W = 1120;
    localparam [1279:0] COMPUTE_DEFINED = 1280'h00000000_00000000_00000000_00000000_00000000_0000ffff_000fffff_0fffffff_003fffff_ffffffff_ffffffff_ffffffff_ffffffff_00ffffff_ffffffff_000fffff_ffffffff_0fffffff_0fffffff_ffffffff_003fffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_0fffffff_ff3fffff_0fffffff_0fffffff_0fffffff_0fffffff_000fffff_0fffffff_ffffffff_ffffffff_ffffffff_ffffffff_3fff3fff;
    localparam integer NOP_OPCODE_LSB = 0, NOP_OPCODE_W = 8; // U: OP code
    localparam integer LOAD_OPCODE_LSB = 0, LOAD_OPCODE_W = 8; // U: OP code
    localparam integer LOAD_POP_COMPUTE_LSB = 8, LOAD_POP_COMPUTE_W = 1; // B: wait for and take a token compute -> load before the start
    localparam integer LOAD_POP_STORE_LSB = 9, LOAD_POP_STORE_W = 1; // B: wait for and take a token store -> load before the start
    localparam integer LOAD_PUSH_COMPUTE_LSB = 10, LOAD_PUSH_COMPUTE_W = 1; // B: give a token load -> compute after the last byte is in the buffer
    localparam integer LOAD_ROW_LSB = 16, LOAD_ROW_W = 2; // U: bank of the first row: its number mod 4
    localparam integer LOAD_ADDR_LSB = 32, LOAD_ADDR_W = 32; // U: memory address of the first row, multiple of MEM_BYTES
    localparam integer LOAD_STRIDE_LSB = 64, LOAD_STRIDE_W = 32; // U: bytes from row to row in memory, multiple of MEM_BYTES
    localparam integer LOAD_ROWS_LSB = 96, LOAD_ROWS_W = 16; // U: number of rows, at least 1
    localparam integer LOAD_A_START_LSB = 112, LOAD_A_START_W = 16; // U: buffer word of the first row
    localparam integer LOAD_ROW_BYTES_LSB = 128, LOAD_ROW_BYTES_W = 20; // U: bytes of a row, at least 1, multiple of MEM_BYTES
    localparam integer LOAD_PITCH_LSB = 160, LOAD_PITCH_W = 16; // U: words from row slot to row slot in a bank
    localparam integer LOAD_TOP_LSB = 176, LOAD_TOP_W = 16; // U: end of the ring of row slots, in words
    localparam integer LOAD_SIZE_LSB = 192, LOAD_SIZE_W = 16; // U: length of the ring, in words
    localparam integer LOAD_U_START_LSB = 224, LOAD_U_START_W = 20; // U: byte in the row where the first byte goes, multiple of MEM_BYTES
    localparam integer STORE_OPCODE_LSB = 0, STORE_OPCODE_W = 8; // U: OP code
    localparam integer STORE_POP_COMPUTE_LSB = 8, STORE_POP_COMPUTE_W = 1; // B: wait for and take a token compute -> store before the start
    localparam integer STORE_PUSH_COMPUTE_LSB = 10, STORE_PUSH_COMPUTE_W = 1; // B: give a token store -> compute after the last byte left the buffer
    localparam integer STORE_PUSH_LOAD_LSB = 11, STORE_PUSH_LOAD_W = 1; // B: give a token store -> load after memory has confirmed the last byte
    localparam integer STORE_ROW_LSB = 16, STORE_ROW_W = 2; // U: bank of the first row: its number mod 4
    localparam integer STORE_ADDR_LSB = 32, STORE_ADDR_W = 32; // U: memory address of the first row, multiple of MEM_BYTES
    localparam integer STORE_STRIDE_LSB = 64, STORE_STRIDE_W = 32; // U: bytes from row to row in memory, multiple of MEM_BYTES
    localparam integer STORE_ROWS_LSB = 96, STORE_ROWS_W = 16; // U: number of rows, at least 1
    localparam integer STORE_A_START_LSB = 112, STORE_A_START_W = 16; // U: buffer word of the first row
    localparam integer STORE_ROW_BYTES_LSB = 128, STORE_ROW_BYTES_W = 20; // U: bytes of a row, at least 1; no byte after it is written
    localparam integer STORE_PITCH_LSB = 160, STORE_PITCH_W = 16; // U: words from row slot to row slot in a bank
    localparam integer STORE_TOP_LSB = 176, STORE_TOP_W = 16; // U: end of the ring of row slots, in words
    localparam integer STORE_SIZE_LSB = 192, STORE_SIZE_W = 16; // U: length of the ring, in words
    localparam integer STORE_U_START_LSB = 224, STORE_U_START_W = 20; // U: byte in the row where the first byte lies, multiple of MEM_BYTES
    localparam integer TABLE_OPCODE_LSB = 0, TABLE_OPCODE_W = 8; // U: OP code
    localparam integer TABLE_BYTES_LSB = 16, TABLE_BYTES_W = 1; // B: the stream holds the byte table (256 entries of 1 byte)
    localparam integer TABLE_OPERANDS_LSB = 17, TABLE_OPERANDS_W = 1; // B: then the operand tables T1 and T2 (256 entries of 4 bytes each)
    localparam integer TABLE_ADDR_LSB = 32, TABLE_ADDR_W = 32; // U: memory address of the stream, multiple of 32
    localparam integer COMPUTE_OPCODE_LSB = 0, COMPUTE_OPCODE_W = 8; // U: OP code
    localparam integer COMPUTE_POP_LOAD_LSB = 8, COMPUTE_POP_LOAD_W = 1; // B: wait for and take a token load -> compute before the start
    localparam integer COMPUTE_POP_STORE_LSB = 9, COMPUTE_POP_STORE_W = 1; // B: wait for and take a token store -> compute before the start
    localparam integer COMPUTE_PUSH_LOAD_LSB = 10, COMPUTE_PUSH_LOAD_W = 1; // B: give a token compute -> load after the last read of input and second operand
    localparam integer COMPUTE_PUSH_STORE_LSB = 11, COMPUTE_PUSH_STORE_W = 1; // B: give a token compute -> store after the last write of the output
    localparam integer COMPUTE_WAIT_LSB = 12, COMPUTE_WAIT_W = 1; // B: start after all earlier compute commands have written their output
    localparam integer COMPUTE_W_SYNC_LSB = 13, COMPUTE_W_SYNC_W = 1; // B: weights are read from memory only after the tokens are taken
    localparam integer COMPUTE_MODE_LSB = 16, COMPUTE_MODE_W = 2; // U: MODE_*
    localparam integer COMPUTE_SPAN_LSB = 18, COMPUTE_SPAN_W = 1; // B: dense: a vector goes on in the next kernel row
    localparam integer COMPUTE_GROUPS_LSB = 19, COMPUTE_GROUPS_W = 3; // U: kernel rows of a vector: depthwise 1..3, max and sum 1..4, dense 1
    localparam integer COMPUTE_RAW_LSB = 22, COMPUTE_RAW_W = 1; // B: no header in the stream, first requantiser passed by: saturate to int8
    localparam integer COMPUTE_KIND_LSB = 23, COMPUTE_KIND_W = 2; // U: KIND_* of the first requantiser
    localparam integer COMPUTE_ALU_LSB = 25, COMPUTE_ALU_W = 3; // U: ALU_*
    localparam integer COMPUTE_KIND2_LSB = 28, COMPUTE_KIND2_W = 1; // U: KIND_TFLITE or KIND_FLOAT of the second requantiser
    localparam integer COMPUTE_LUT_LSB = 29, COMPUTE_LUT_W = 1; // B: last step: the byte table
    localparam integer COMPUTE_WEIGHTS_LSB = 32, COMPUTE_WEIGHTS_W = 32; // U: memory address of the weight stream, multiple of 32; unused if none
    localparam integer COMPUTE_A_START_LSB = 64, COMPUTE_A_START_W = 16; // U: buffer word of input row R_START (the slot it would have)
    localparam integer COMPUTE_PITCH_LSB = 80, COMPUTE_PITCH_W = 16; // U: input: words from row slot to row slot
    localparam integer COMPUTE_TOP_LSB = 96, COMPUTE_TOP_W = 16; // U: input: end of the ring of row slots
    localparam integer COMPUTE_SIZE_LSB = 112, COMPUTE_SIZE_W = 16; // U: input: length of the ring
    localparam integer COMPUTE_R_START_LSB = 128, COMPUTE_R_START_W = 16; // S: first input row; rows outside 0..ROWS-1 read as ZP
    localparam integer COMPUTE_ROWS_LSB = 144, COMPUTE_ROWS_W = 16; // U: rows of the input tile
    localparam integer COMPUTE_U_START_LSB = 160, COMPUTE_U_START_W = 20; // S: first byte in the row; bytes outside 0..ROW_BYTES-1 read as ZP
    localparam integer COMPUTE_ZP_LSB = 180, COMPUTE_ZP_W = 8; // S: what masked bytes read as: the zero point of the input
    localparam integer COMPUTE_ROW_BYTES_LSB = 192, COMPUTE_ROW_BYTES_W = 20; // U: bytes of an input row
    localparam integer COMPUTE_IN_DU_LSB = 224, COMPUTE_IN_DU_W = 20; // S: inner loop: bytes
    localparam integer COMPUTE_IN_DR_LSB = 244, COMPUTE_IN_DR_W = 8; // U: inner loop: rows
    localparam integer COMPUTE_OUT_DU_LSB = 256, COMPUTE_OUT_DU_W = 20; // S: outer loop: bytes
    localparam integer COMPUTE_OUT_DR_LSB = 276, COMPUTE_OUT_DR_W = 8; // U: outer loop: rows
    localparam integer COMPUTE_TAP_DU_LSB = 288, COMPUTE_TAP_DU_W = 20; // S: pass loop: bytes from tap to tap along x
    localparam integer COMPUTE_ROW_DR_LSB = 308, COMPUTE_ROW_DR_W = 8; // U: pass loop: rows to the next kernel row
    localparam integer COMPUTE_BLK_U_LSB = 320, COMPUTE_BLK_U_W = 20; // S: block loop: bytes
    localparam integer COMPUTE_TAPS_X_LSB = 340, COMPUTE_TAPS_X_W = 8; // U: pass loop: taps along x before the next kernel row, at least 1
    localparam integer COMPUTE_SEG_LSB = 352, COMPUTE_SEG_W = 20; // U: bytes of a segment, at least 1
    localparam integer COMPUTE_PASS_Q_LSB = 372, COMPUTE_PASS_Q_W = 2; // U: pass loop: rows by which a vector of lanes goes on (lanes div SEG)
    localparam integer COMPUTE_CHAIN_LSB = 376, COMPUTE_CHAIN_W = 8; // U: vectors until the first sum of an inner loop, at least 1
    localparam integer COMPUTE_PASS_R_LSB = 384, COMPUTE_PASS_R_W = 20; // U: pass loop: bytes by which a vector of lanes goes on (lanes mod SEG)
    localparam integer COMPUTE_PHASES_LSB = 404, COMPUTE_PHASES_W = 8; // U: vectors from sum to sum after that, at least 1
    localparam integer COMPUTE_INNER_LSB = 416, COMPUTE_INNER_W = 16; // U: vectors of the inner loop = (O_INNER - 1) * PHASES + CHAIN
    localparam integer COMPUTE_OUTER_LSB = 432, COMPUTE_OUTER_W = 16; // U: turns of the outer loop, at least 1
    localparam integer COMPUTE_PASSES_LSB = 448, COMPUTE_PASSES_W = 16; // U: turns of the pass loop, at least 1
    localparam integer COMPUTE_BLOCKS_LSB = 464, COMPUTE_BLOCKS_W = 16; // U: turns of the block loop, at least 1
    localparam integer COMPUTE_IN_DA_LSB = 480, COMPUTE_IN_DA_W = 16; // U: (IN_DR div 4) * PITCH mod SIZE
    localparam integer COMPUTE_OUT_DA_LSB = 496, COMPUTE_OUT_DA_W = 16; // U: (OUT_DR div 4) * PITCH mod SIZE
    localparam integer COMPUTE_ROW_DA_LSB = 512, COMPUTE_ROW_DA_W = 16; // U: (ROW_DR div 4) * PITCH mod SIZE
    localparam integer COMPUTE_KROWS_LSB = 528, COMPUTE_KROWS_W = 16; // U: kernel rows; group rows past the last read as ZP; 65535 if it does not matter
    localparam integer COMPUTE_O_A_START_LSB = 544, COMPUTE_O_A_START_W = 16; // U: buffer word of the first output row
    localparam integer COMPUTE_O_PITCH_LSB = 560, COMPUTE_O_PITCH_W = 16; // U: output: words from row slot to row slot
    localparam integer COMPUTE_O_TOP_LSB = 576, COMPUTE_O_TOP_W = 16; // U: output: end of the ring of row slots
    localparam integer COMPUTE_O_SIZE_LSB = 592, COMPUTE_O_SIZE_W = 16; // U: output: length of the ring
    localparam integer COMPUTE_O_U_START_LSB = 608, COMPUTE_O_U_START_W = 20; // S: output: first byte in the row
    localparam integer COMPUTE_O_ROW_LSB = 628, COMPUTE_O_ROW_W = 2; // U: output: bank of the first row
    localparam integer COMPUTE_O_ROW_BYTES_LSB = 640, COMPUTE_O_ROW_BYTES_W = 20; // U: output: bytes of a row; bytes outside 0..O_ROW_BYTES-1 are not written
    localparam integer COMPUTE_O_BYTES_LSB = 660, COMPUTE_O_BYTES_W = 6; // U: bytes written per sum, all blocks but the last, 1..COLS
    localparam integer COMPUTE_O_LAST_LSB = 666, COMPUTE_O_LAST_W = 6; // U: bytes written per sum, last block, 1..COLS
    localparam integer COMPUTE_O_IN_DU_LSB = 672, COMPUTE_O_IN_DU_W = 20; // S: output, from sum to sum: bytes
    localparam integer COMPUTE_O_IN_DR_LSB = 692, COMPUTE_O_IN_DR_W = 8; // U: output, from sum to sum: rows
    localparam integer COMPUTE_O_OUT_DU_LSB = 704, COMPUTE_O_OUT_DU_W = 20; // S: output, outer loop: bytes
    localparam integer COMPUTE_O_OUT_DR_LSB = 724, COMPUTE_O_OUT_DR_W = 8; // U: output, outer loop: rows
    localparam integer COMPUTE_O_IN_DA_LSB = 736, COMPUTE_O_IN_DA_W = 16; // U: (O_IN_DR div 4) * O_PITCH mod O_SIZE
    localparam integer COMPUTE_O_OUT_DA_LSB = 752, COMPUTE_O_OUT_DA_W = 16; // U: (O_OUT_DR div 4) * O_PITCH mod O_SIZE
    localparam integer COMPUTE_O_BLK_U_LSB = 768, COMPUTE_O_BLK_U_W = 20; // S: output, block loop: bytes
    localparam integer COMPUTE_O_INNER_LSB = 800, COMPUTE_O_INNER_W = 16; // U: sums of one inner loop, at least 1; OUTER * O_INNER <= ACC_DEPTH
    localparam integer COMPUTE_PAIR_LSB = 816, COMPUTE_PAIR_W = 16; // U: depthwise: words from the earlier to the later word of a pair, odd; 0: no pairs
    localparam integer COMPUTE_ZP1_LSB = 832, COMPUTE_ZP1_W = 8; // S: first requantiser: added zero point
    localparam integer COMPUTE_LO1_LSB = 840, COMPUTE_LO1_W = 8; // S: first requantiser: lower clamp
    localparam integer COMPUTE_HI1_LSB = 848, COMPUTE_HI1_W = 8; // S: first requantiser: upper clamp
    localparam integer COMPUTE_MULT2_LSB = 864, COMPUTE_MULT2_W = 32; // U: second requantiser: multiplier
    localparam integer COMPUTE_SHIFT2_LSB = 896, COMPUTE_SHIFT2_W = 8; // S: second requantiser: shift
    localparam integer COMPUTE_ZP2_LSB = 904, COMPUTE_ZP2_W = 8; // S: second requantiser: added zero point
    localparam integer COMPUTE_LO2_LSB = 912, COMPUTE_LO2_W = 8; // S: second requantiser: lower clamp
    localparam integer COMPUTE_HI2_LSB = 920, COMPUTE_HI2_W = 8; // S: second requantiser: upper clamp
    localparam integer COMPUTE_X_A_START_LSB = 928, COMPUTE_X_A_START_W = 16; // U: second operand: buffer word of the first row
    localparam integer COMPUTE_X_PITCH_LSB = 944, COMPUTE_X_PITCH_W = 16; // U: second operand: words from row slot to row slot
    localparam integer COMPUTE_X_TOP_LSB = 960, COMPUTE_X_TOP_W = 16; // U: second operand: end of the ring of row slots
    localparam integer COMPUTE_X_SIZE_LSB = 976, COMPUTE_X_SIZE_W = 16; // U: second operand: length of the ring
    localparam integer COMPUTE_X_U_START_LSB = 992, COMPUTE_X_U_START_W = 20; // S: second operand: first byte in the row
    localparam integer COMPUTE_X_ROW_LSB = 1012, COMPUTE_X_ROW_W = 2; // U: second operand: bank of the first row
    localparam integer COMPUTE_X_IN_DU_LSB = 1024, COMPUTE_X_IN_DU_W = 20; // S: second operand, from sum to sum: bytes
    localparam integer COMPUTE_X_OUT_DR_LSB = 1044, COMPUTE_X_OUT_DR_W = 8; // U: second operand, outer loop: rows
    localparam integer COMPUTE_X_BLK_U_LSB = 1056, COMPUTE_X_BLK_U_W = 20; // S: second operand, block loop: bytes
    localparam integer COMPUTE_X_OUT_DA_LSB = 1088, COMPUTE_X_OUT_DA_W = 16; // U: (X_OUT_DR div 4) * X_PITCH mod X_SIZE
    localparam integer COMPUTE_HEAD_LSB = 0, COMPUTE_HEAD_W = 32; // opcode, tokens, modes
    localparam integer COMPUTE_OUTPUT_LSB = 544, COMPUTE_OUTPUT_W = 288; // where results go: kept until the last of them is written
    localparam integer COMPUTE_POST_LSB = 832, COMPUTE_POST_W = 96; // numbers of the post unit: kept as long
    localparam integer ERR_OK = 0; // no error since start
    localparam integer ERR_BAD_OP = 1; // opcode is not defined
    localparam integer ERR_BAD_FIELD = 2; // a reserved bit is set, or a field is outside its range
    localparam integer ERR_ALIGN = 3; // an address, stride or length is not a multiple of what it must be
    localparam integer ERR_WINDOW = 4; // a command or its data would leave the window of device memory
    localparam integer ERR_BUFFER = 5; // a ring of row slots does not lie in the feature buffer
    localparam integer ERR_TOKEN = 6; // a command waits for a token that no earlier command gives
    localparam integer ERR_ACC = 7; // a tile has more sums than the accumulators hold
    localparam integer ERR_BUS = 8; // the memory answered with an error
    localparam integer ERR_ABORTED = 9; // the host stopped the run
    localparam integer PKT_RESET = 1; // back to the state after power-up, memory and session kept; answered when the device is idle
    localparam integer PKT_PING = 2; // answered with nothing but the status
    localparam integer PKT_HELLO = 3; // of any session and number: u32 anything; reply: the same u32, u32 session of the device, 0 for none
    localparam integer PKT_OPEN = 4; // in the header the session of the device: u32 the session that begins; numbers go on from this one's
    localparam integer PKT_REG_READ = 16; // u16 offset, u16 0; reply: u32 value
    localparam integer PKT_REG_WRITE = 17; // u16 offset, u16 0, u32 value
    localparam integer PKT_MEM_READ = 32; // u32 address, u32 bytes; reply: the bytes; both multiples of MEM_BYTES
    localparam integer PKT_MEM_WRITE = 33; // u32 address, u32 bytes, then the bytes; both multiples of MEM_BYTES
    localparam integer PKT_START = 48; // u32 PROG_ADDR, PROG_COUNT, WIN_BASE, WIN_LIMIT; sets them and starts
    localparam integer PKT_REPLY = 128; // added to the type of the request; payload: status, 3 zero bytes, then the answer
    localparam integer PKT_DONE = 192; // end of a run, with the number of the request that started it: u32 STATUS, ERR_INDEX, CYCLES
    localparam integer PKT_NAK = 193; // a frame is damaged or missing; number of the last request executed: status, 3 zero bytes
    localparam integer PKT_ALIVE = 194; // heartbeat, number 0: u32 STATUS, COMMANDS
    localparam integer PKT_REFUSED = 195; // the last request executed, whose number this is, was refused; nothing is done until FRESH: status, 3 zero bytes
    localparam integer PKTST_OK = 0; // done
    localparam integer PKTST_CRC = 1; // the frame is damaged: send it again
    localparam integer PKTST_LENGTH = 2; // the payload length does not fit the type
    localparam integer PKTST_TYPE = 3; // the type is not defined
    localparam integer PKTST_ADDRESS = 4; // the address or length is outside device memory, or not aligned
    localparam integer PKTST_BUSY = 5; // not possible while a program runs
    localparam integer PKTST_REGISTER = 6; // there is no such register, or it cannot be written
    localparam integer PKTST_BUS = 7; // the memory answered with an error
    localparam integer PKTST_GAP = 8; // a request before this one has not come: send again from there
    localparam integer CMD_UNIT_W = 256, CMD_W = 1280; // a unit, the longest command
endpackage
/* verilator lint_on UNUSEDPARAM */
