// Takes the units of a program, checks each command completely, and hands it on.
//
// The checks are those of isa/README.md in its order; the first that fails ends the program, and
// nothing of that command is handed on.  One command is inside at a time:
//
//   start        one cycle, while not running: begin with command 0 at prog_addr
//   fetch_start  with start, unless the first unit may not be read: start of weft_fetch at prog_addr
//   cmd_valid    `cmd` passed; it holds until cmd_ready.  Bits behind its last unit are stale.
//                cmd_rows is the length of its weight stream in stream rows, 0 if it has none
//   ended        level from the end of the program to the next start: all commands were handed on
//                (err_code OK), or one failed (err_code, err_index)
//
// Cycles from the last unit taken to cmd_valid: NOP 2; TABLE 5; LOAD and STORE 6, or 5 + bits(ROWS-1) if that
// is more (21 at most); COMPUTE 10 + bits(BLOCKS), one more with a second operand, and one for every
// bit that PHASES has above 1 or OUTER above 2 (47 at most).  bits(n) is the number of significant bits.
// A unit is taken a cycle; those of the next command arrive meanwhile.
//
// prog_count, win_base and win_limit hold from start to ended.
//
// With HAS_CHECKS 0 only unknown opcodes and errors of memory end a program, as BAD_OP and BUS.  The memory masters still keep to the
// window; a command whose fields contradict each other may hang the device until it is reset.  INFO_LACKS tells it, and the host makes
// the checks when it loads a program (models/program/weft_commands.c).

`default_nettype none
`include "weft_field.vh"

module weft_decode #(
    parameter  integer ROWS      = weft_isa::ROWS,
    parameter  integer COLS      = weft_isa::COLS,
    parameter  integer FB_WORDS  = weft_isa::FB_WORDS,
    parameter  integer ACC_DEPTH = weft_isa::ACC_DEPTH,
    parameter  integer MEM_BYTES = weft_isa::MEM_BYTES,
    parameter  integer HAS_PAIR   = weft_isa::HAS_PAIR,
    parameter  integer HAS_TFLITE = weft_isa::HAS_TFLITE,
    parameter  integer HAS_FLOAT  = weft_isa::HAS_FLOAT,
    parameter  integer HAS_CHECKS = weft_isa::HAS_CHECKS,
    localparam integer UNIT_W    = weft_isa::CMD_UNIT_W,
    localparam integer CMD_W     = weft_isa::CMD_W
) (
    input  wire              clk,
    input  wire              rst,

    input  wire              start,
    input  wire [31:0]       prog_addr,
    input  wire [23:0]       prog_count,
    input  wire [31:0]       win_base,
    input  wire [31:0]       win_limit,
    output wire              fetch_start,
    output wire              ended,
    output reg  [7:0]        err_code,
    output wire [23:0]       err_index,

    output wire [4:0]        units_wanted,      // to weft_fetch: this many may still be taken; 31: or more
    input  wire              unit_valid,
    output wire              unit_ready,
    input  wire [UNIT_W-1:0] unit_data,
    input  wire              unit_error,

    output wire              cmd_valid,
    input  wire              cmd_ready,
    output reg  [CMD_W-1:0]  cmd,
    input  wire [2:0]        cmd_at,            // its unit that cmd_unit shows
    output wire [UNIT_W-1:0] cmd_unit,
    output wire [31:0]       cmd_rows
);

    localparam integer CP      = 1 << $clog2(COLS > 4 ? COLS : 4);
    localparam integer CP_LOG2 = $clog2(CP);
    localparam [31:0]  ALIGN_32 = MEM_BYTES - 1;
    localparam [19:0]  ALIGN_20 = 20'(MEM_BYTES - 1);

    localparam [7:0] NOP     = 8'(weft_isa::OP_NOP);
    localparam [7:0] LOAD    = 8'(weft_isa::OP_LOAD);
    localparam [7:0] STORE   = 8'(weft_isa::OP_STORE);
    localparam [7:0] TABLE   = 8'(weft_isa::OP_TABLE);
    localparam [7:0] COMPUTE = 8'(weft_isa::OP_COMPUTE);

    localparam [1:0] DENSE     = 2'(weft_isa::MODE_DENSE);
    localparam [1:0] DEPTHWISE = 2'(weft_isa::MODE_DEPTHWISE);

    // --- the fields: text, not wires, so that simulation looks at them only where they are used ---

    `define WEFT_MOVE(name) (is_store ? `WEFT_FIELD(cmd, STORE, name) : `WEFT_FIELD(cmd, LOAD, name))
    `define WEFT_ARRAY (`WEFT_FIELD(cmd, COMPUTE, MODE) == DEPTHWISE || `WEFT_FIELD(cmd, COMPUTE, MODE) == DENSE)
    `define WEFT_STREAM (`WEFT_ARRAY || !`WEFT_FIELD(cmd, COMPUTE, RAW))

    wire [7:0]  op         = `WEFT_FIELD(cmd, NOP, OPCODE);
    wire        is_store   = op == STORE;
    wire        is_compute = op == COMPUTE;

    // --- single checks ---

    // Bits of unit k of a command with opcode o that no field covers.
    function [UNIT_W-1:0] reserved_of(input [7:0] o, input [2:0] k);
        begin
            reserved_of = ~weft_isa::NOP_DEFINED;
            case (o)
                LOAD:  reserved_of = ~weft_isa::LOAD_DEFINED;
                STORE: reserved_of = ~weft_isa::STORE_DEFINED;
                TABLE: reserved_of = ~weft_isa::TABLE_DEFINED;
                COMPUTE:
                    case (k)
                        3'd0:    reserved_of = ~weft_isa::COMPUTE_DEFINED[0*UNIT_W +: UNIT_W];
                        3'd1:    reserved_of = ~weft_isa::COMPUTE_DEFINED[1*UNIT_W +: UNIT_W];
                        3'd2:    reserved_of = ~weft_isa::COMPUTE_DEFINED[2*UNIT_W +: UNIT_W];
                        3'd3:    reserved_of = ~weft_isa::COMPUTE_DEFINED[3*UNIT_W +: UNIT_W];
                        default: reserved_of = ~weft_isa::COMPUTE_DEFINED[4*UNIT_W +: UNIT_W];
                    endcase
                default: ;
            endcase
        end
    endfunction

    function [2:0] units_of(input [7:0] o);
        case (o)
            NOP:     units_of = 3'(weft_isa::OP_NOP_UNITS);
            LOAD:    units_of = 3'(weft_isa::OP_LOAD_UNITS);
            STORE:   units_of = 3'(weft_isa::OP_STORE_UNITS);
            TABLE:   units_of = 3'(weft_isa::OP_TABLE_UNITS);
            COMPUTE: units_of = 3'(weft_isa::OP_COMPUTE_UNITS);
            default: units_of = 3'd0;
        endcase
    endfunction

    // A kind of rounding that this device was built without.
    function lacks(input [1:0] kind);
        lacks = (HAS_TFLITE == 0 && kind == 2'(weft_isa::KIND_TFLITE)) || (HAS_FLOAT == 0 && kind == 2'(weft_isa::KIND_FLOAT));
    endfunction

    // Called in the one state that needs it, so that simulation does not evaluate it in every cycle; the
    // same holds for ring_bad and block_rows_of.
    function compute_bad(input [1:0] m, input [2:0] g, input [2:0] a, input r, input [7:0] len, input [7:0] ph,
                         input [5:0] n, input [5:0] n_last, input [1:0] kind, input kind2, input span,
                         input [19:0] pass_r, input [19:0] seg, input [15:0] pair, input zero);
        reg dw, arr, paired;
        begin
            dw  = m == DEPTHWISE;
            arr = dw || m == DENSE;
            paired = pair != 0;
            compute_bad = zero || g == 0 || g > (dw ? 3'd3 : arr ? 3'd1 : 3'(weft_isa::MAX_GROUPS))
                || len > (!dw ? 8'd1 : g == 3'd1 ? 8'(ROWS) : g == 3'd2 ? 8'(ROWS / 2) : 8'(ROWS / 3))
                || (paired && len > (g == 3'd1 ? 8'((ROWS + 1) / 2) : g == 3'd2 ? 8'((ROWS / 2 + 1) / 2) : 8'((ROWS / 3 + 1) / 2)))
                || (paired && (!dw || !pair[0]))
                || (!dw && ph > 8'd1) || n > 6'(COLS) || n_last > 6'(COLS) || kind == 2'd3
                || (!r && lacks(kind)) || (a != 3'(weft_isa::ALU_NONE) && lacks({1'b0, kind2}))
                || (HAS_PAIR == 0 && paired)
                || a > 3'(weft_isa::ALU_LAST) || (span && m != DENSE) || (r && arr)
                || pass_r > seg;
        end
    endfunction

    // One ring at a time: 0 input or that of LOAD and STORE, 1 output, 2 second operand.
    function ring_bad(input [15:0] pitch, top, size, a_start, da_0, da_1, da_2);
        ring_bad = size == 0 || size > top || top > 16'(FB_WORDS) || pitch > size
                || a_start < top - size || a_start >= top
                || da_0 >= size || da_1 >= size || da_2 >= size;
    endfunction
    reg  [1:0] ring;
    wire last_ring = !is_compute || ring == (`WEFT_FIELD(cmd, COMPUTE, ALU) != 3'(weft_isa::ALU_NONE) ? 2'd2 : 2'd1);

    // --- the sequence ---

    localparam [3:0] IDLE = 4'd0, HEAD = 4'd1, BODY = 4'd2, FIELD = 4'd3, INNER = 4'd4, RING = 4'd5,
                     DEPTH = 4'd6, EXTENT = 4'd7, BOUNDS = 4'd8, FINAL = 4'd9, SEND = 4'd10, FAILED = 4'd11, BEGIN = 4'd12;

    reg  [3:0]  state;
    reg  [23:0] index, left;                // ordinal of this command; commands after it, and it until HEAD
    reg  [27:0] unit_at;                    // number of the next unit
    reg         after_base;                 // when a command begins: it lies behind the base of the window,
    reg  [2:0]  units_fit;                  // and so many units from it on before the limit, 7 standing for more
    reg         leaves;                     // its data leaves the window
    reg  [2:0]  have;                       // units of it taken
    reg         reserved;                   // one of them has a reserved bit set
    reg  [31:0] first;                      // of its data in memory
    reg  [47:0] last;                       // first byte after them
    reg         no_data;
    reg  [31:0] rows;

    // Products by adding shifts, one bit of the multiplier a cycle: LOAD, STORE (ROWS-1)*STRIDE + ADDR +
    // ROW_BYTES; COMPUTE (O_INNER-1)*PHASES + CHAIN, O_INNER*OUTER, block rows * BLOCKS.
    reg  [15:0] mul_left;                   // bits not yet added
    reg  [47:0] mul_shifted, mul_sum;
    wire        mul_busy = mul_left != 0;

    task multiply(input [31:0] a, input [15:0] b, input [47:0] c);
        begin
            mul_left    <= b;
            mul_shifted <= {16'd0, a};
            mul_sum     <= c;
        end
    endtask

    // PASSES * ROWS + HEADER_ROWS, by adding the bits of the constant.
    function [31:0] block_rows_of(input [15:0] n, input arr, input r);
        integer i;
        begin
            block_rows_of = r ? 32'd0 : 32'(weft_isa::HEADER_ROWS);
            for (i = 0; i < 6; i = i + 1)
                if (((ROWS >> i) & 1) != 0 && arr) block_rows_of = block_rows_of + ({16'd0, n} << i);
        end
    endfunction

    wire [27:0] base_unit  = {1'b0, win_base[31:5]} + {27'd0, win_base[4:0] != 0};
    wire [27:0] limit_unit = {1'b0, win_limit[31:5]};
    wire        take       = unit_valid && unit_ready;

    // The units once more, for who wants them one after the other: a memory costs less than choosing from `cmd`.
    reg [UNIT_W-1:0] units [0:7];
    assign cmd_unit = units[cmd_at];
    always @(posedge clk) if (take) units[have] <= unit_data;

    wire [4:0]  tokens;
    wire        final_state   = state == FINAL;

    // Tokens of the command, in the order of weft_tokens.
    wire [4:0]  pop  = !final_state ? 5'd0
        : is_compute ? {1'b0, `WEFT_FIELD(cmd, COMPUTE, POP_STORE), 2'b00, `WEFT_FIELD(cmd, COMPUTE, POP_LOAD)}
        : op == LOAD ? {`WEFT_FIELD(cmd, LOAD, POP_STORE), 2'b00, `WEFT_FIELD(cmd, LOAD, POP_COMPUTE), 1'b0}
        : is_store   ? {2'b00, `WEFT_FIELD(cmd, STORE, POP_COMPUTE), 2'b00} : 5'd0;
    wire [4:0]  push = !final_state ? 5'd0
        : is_compute ? {2'b00, `WEFT_FIELD(cmd, COMPUTE, PUSH_STORE), `WEFT_FIELD(cmd, COMPUTE, PUSH_LOAD), 1'b0}
        : op == LOAD ? {4'd0, `WEFT_FIELD(cmd, LOAD, PUSH_COMPUTE)}
        : is_store   ? {`WEFT_FIELD(cmd, STORE, PUSH_LOAD), `WEFT_FIELD(cmd, STORE, PUSH_COMPUTE), 3'd0} : 5'd0;
    wire        token_missing = (pop & ~tokens) != 0;
    wire        passed        = final_state && !leaves && !token_missing;

    generate
        if (HAS_CHECKS != 0) begin : g_tokens
            weft_tokens u_tokens (.clk(clk), .rst(rst), .clear(start),
                .push(passed ? push : 5'd0), .pop(passed ? pop : 5'd0), .some(tokens));
        end else begin : g_trusted
            assign tokens = 5'b11111;
            wire unused = &{1'b0, push, passed};
        end
    endgenerate

    wire fits = HAS_CHECKS == 0 || (after_base && units_fit != 3'd0);
    assign unit_ready   = (state == HEAD && fits) || state == BODY;
    assign units_wanted = state == FAILED || state == BEGIN || (state == HEAD && HAS_CHECKS != 0 && !after_base) ? 5'd0
                        : left > 24'd3 ? 5'd31
                        : {1'b0, left[1:0], 2'b00} + {3'd0, left[1:0]} + (state == BODY ? 5'd5 - {2'd0, have} : 5'd0);
    assign cmd_valid    = state == SEND;
    assign cmd_rows     = rows;
    assign err_index    = index;
    assign ended        = state == IDLE || state == FAILED;
    assign fetch_start  = start && prog_addr[4:0] == 0 && prog_count != 0 && prog_addr >= win_base;

    task fail(input [7:0] code);
        begin
            state    <= FAILED;
            err_code <= code;
        end
    endtask

    // Checks of many fields at once: what they say is looked at in the next cycle, and before anything that is found then.
    reg [7:0] noted;
    task note(input [7:0] code);
        noted <= HAS_CHECKS != 0 ? code : 8'(weft_isa::ERR_OK);
    endtask

    always @(posedge clk)
        if (take)
            case (have)
                3'd0:    cmd[0*UNIT_W +: UNIT_W] <= unit_data;
                3'd1:    cmd[1*UNIT_W +: UNIT_W] <= unit_data;
                3'd2:    cmd[2*UNIT_W +: UNIT_W] <= unit_data;
                3'd3:    cmd[3*UNIT_W +: UNIT_W] <= unit_data;
                default: cmd[4*UNIT_W +: UNIT_W] <= unit_data;
            endcase

    always @(posedge clk) begin : step
        reg [3:0]  now;                     // read once before they are written
        reg [7:0]  found;
        reg [47:0] product;
        reg [27:0] fit;
        now     = state;
        product = mul_sum;
        found   = noted;
        noted   <= 8'(weft_isa::ERR_OK);
        if (mul_busy) begin
            if (mul_left[0]) mul_sum <= mul_sum + mul_shifted;
            mul_shifted <= mul_shifted << 1;
            mul_left    <= mul_left >> 1;
        end
        // A command begins: HEAD comes next, with these at hand.
        if (now == SEND || now == BEGIN) begin
            fit = limit_unit - unit_at;
            after_base <= unit_at >= base_unit;
            units_fit <= unit_at >= limit_unit ? 3'd0 : fit > 28'd7 ? 3'd7 : fit[2:0];
        end
        case (now)
            BEGIN: state <= HEAD;
            HEAD:
                if (!unit_ready)
                    fail(8'(weft_isa::ERR_WINDOW));
                else if (unit_valid) begin
                    left     <= left - 24'd1;
                    have     <= 3'd1;
                    reserved <= (unit_data & reserved_of(`WEFT_FIELD(unit_data, NOP, OPCODE), 3'd0)) != 0;
                    state    <= units_of(`WEFT_FIELD(unit_data, NOP, OPCODE)) > 3'd1 ? BODY : FIELD;
                    if (unit_error)
                        fail(8'(weft_isa::ERR_BUS));
                    else if (units_of(`WEFT_FIELD(unit_data, NOP, OPCODE)) == 3'd0)
                        fail(8'(weft_isa::ERR_BAD_OP));
                    else if (HAS_CHECKS != 0 && units_of(`WEFT_FIELD(unit_data, NOP, OPCODE)) > units_fit)
                        fail(8'(weft_isa::ERR_WINDOW));
                end
            BODY:
                if (unit_valid) begin
                    reserved <= reserved || (unit_data & reserved_of(op, have)) != 0;
                    if (unit_error)
                        fail(8'(weft_isa::ERR_BUS));
                    else if (have + 3'd1 == units_of(op))
                        state <= FIELD;
                    have <= have + 3'd1;
                end
            FIELD: begin
                ring    <= 2'd0;
                rows    <= 32'd0;
                no_data <= op == NOP || (is_compute && !`WEFT_STREAM);
                first   <= `WEFT_MOVE(ADDR);
                if (HAS_CHECKS != 0 && reserved)
                    fail(8'(weft_isa::ERR_BAD_FIELD));
                else
                    case (op)
                        LOAD, STORE: begin
                            state <= HAS_CHECKS != 0 ? RING : FINAL;
                            if (HAS_CHECKS != 0) multiply(`WEFT_MOVE(STRIDE), `WEFT_MOVE(ROWS) - 16'd1,
                                     {16'd0, `WEFT_MOVE(ADDR)} + {28'd0, `WEFT_MOVE(ROW_BYTES)});
                            if (`WEFT_MOVE(ROWS) == 0 || `WEFT_MOVE(ROW_BYTES) == 0 || `WEFT_MOVE(PITCH) == 0)
                                note(8'(weft_isa::ERR_BAD_FIELD));
                            else if ((`WEFT_MOVE(ADDR) & ALIGN_32) != 0 || (`WEFT_MOVE(STRIDE) & ALIGN_32) != 0
                                     || (`WEFT_MOVE(U_START) & ALIGN_20) != 0
                                     || (!is_store && (`WEFT_FIELD(cmd, LOAD, ROW_BYTES) & ALIGN_20) != 0))
                                note(8'(weft_isa::ERR_ALIGN));
                        end
                        TABLE: begin
                            first <= `WEFT_FIELD(cmd, TABLE, ADDR);
                            rows  <= (`WEFT_FIELD(cmd, TABLE, BYTES) ? 32'(weft_isa::TABLE_ENTRIES / CP) : 32'd0)
                                   + (`WEFT_FIELD(cmd, TABLE, OPERANDS) ? 32'(8 * weft_isa::TABLE_ENTRIES / CP) : 32'd0);
                            state <= HAS_CHECKS != 0 ? EXTENT : FINAL;
                            if (!`WEFT_FIELD(cmd, TABLE, BYTES) && !`WEFT_FIELD(cmd, TABLE, OPERANDS))
                                note(8'(weft_isa::ERR_BAD_FIELD));
                            else if ((`WEFT_FIELD(cmd, TABLE, ADDR) & 32'd31) != 0) note(8'(weft_isa::ERR_ALIGN));
                        end
                        COMPUTE: begin
                            first <= `WEFT_FIELD(cmd, COMPUTE, WEIGHTS);
                            state <= HAS_CHECKS != 0 ? INNER : DEPTH;
                            if (HAS_CHECKS != 0) multiply({16'd0, `WEFT_FIELD(cmd, COMPUTE, O_INNER) - 16'd1},
                                     {8'd0, `WEFT_FIELD(cmd, COMPUTE, PHASES)}, {40'd0, `WEFT_FIELD(cmd, COMPUTE, CHAIN)});
                            if (compute_bad(`WEFT_FIELD(cmd, COMPUTE, MODE), `WEFT_FIELD(cmd, COMPUTE, GROUPS),
                                    `WEFT_FIELD(cmd, COMPUTE, ALU), `WEFT_FIELD(cmd, COMPUTE, RAW),
                                    `WEFT_FIELD(cmd, COMPUTE, CHAIN), `WEFT_FIELD(cmd, COMPUTE, PHASES),
                                    `WEFT_FIELD(cmd, COMPUTE, O_BYTES), `WEFT_FIELD(cmd, COMPUTE, O_LAST),
                                    `WEFT_FIELD(cmd, COMPUTE, KIND), `WEFT_FIELD(cmd, COMPUTE, KIND2), `WEFT_FIELD(cmd, COMPUTE, SPAN),
                                    `WEFT_FIELD(cmd, COMPUTE, PASS_R), `WEFT_FIELD(cmd, COMPUTE, SEG), `WEFT_FIELD(cmd, COMPUTE, PAIR),
                                    `WEFT_FIELD(cmd, COMPUTE, TAPS_X) == 0 || `WEFT_FIELD(cmd, COMPUTE, SEG) == 0
                                    || `WEFT_FIELD(cmd, COMPUTE, CHAIN) == 0 || `WEFT_FIELD(cmd, COMPUTE, PHASES) == 0
                                    || `WEFT_FIELD(cmd, COMPUTE, OUTER) == 0 || `WEFT_FIELD(cmd, COMPUTE, PASSES) == 0
                                    || `WEFT_FIELD(cmd, COMPUTE, BLOCKS) == 0 || `WEFT_FIELD(cmd, COMPUTE, O_INNER) == 0
                                    || `WEFT_FIELD(cmd, COMPUTE, PITCH) == 0
                                    || `WEFT_FIELD(cmd, COMPUTE, O_PITCH) == 0
                                    || `WEFT_FIELD(cmd, COMPUTE, O_BYTES) == 0
                                    || `WEFT_FIELD(cmd, COMPUTE, O_LAST) == 0
                                    || (`WEFT_FIELD(cmd, COMPUTE, ALU) != 3'(weft_isa::ALU_NONE)
                                        && `WEFT_FIELD(cmd, COMPUTE, X_PITCH) == 0)))
                                note(8'(weft_isa::ERR_BAD_FIELD));
                        end
                        default: state <= SEND;
                    endcase
            end
            INNER:
                if (!mul_busy) begin
                    state <= RING;
                    if (HAS_CHECKS != 0) multiply({16'd0, `WEFT_FIELD(cmd, COMPUTE, O_INNER)}, `WEFT_FIELD(cmd, COMPUTE, OUTER), 48'd0);
                    if (product != {32'd0, `WEFT_FIELD(cmd, COMPUTE, INNER)}) note(8'(weft_isa::ERR_BAD_FIELD));
                    else if (`WEFT_STREAM && (`WEFT_FIELD(cmd, COMPUTE, WEIGHTS) & 32'd31) != 0)
                        note(8'(weft_isa::ERR_ALIGN));
                end
            RING: begin
                if (last_ring) state <= is_compute ? DEPTH : EXTENT;
                case ({is_compute, ring})
                    3'b100: if (ring_bad(`WEFT_FIELD(cmd, COMPUTE, PITCH), `WEFT_FIELD(cmd, COMPUTE, TOP),
                                    `WEFT_FIELD(cmd, COMPUTE, SIZE), `WEFT_FIELD(cmd, COMPUTE, A_START),
                                    `WEFT_FIELD(cmd, COMPUTE, IN_DA), `WEFT_FIELD(cmd, COMPUTE, OUT_DA),
                                    `WEFT_FIELD(cmd, COMPUTE, ROW_DA))) note(8'(weft_isa::ERR_BUFFER));
                    3'b101: if (ring_bad(`WEFT_FIELD(cmd, COMPUTE, O_PITCH), `WEFT_FIELD(cmd, COMPUTE, O_TOP),
                                    `WEFT_FIELD(cmd, COMPUTE, O_SIZE), `WEFT_FIELD(cmd, COMPUTE, O_A_START),
                                    `WEFT_FIELD(cmd, COMPUTE, O_IN_DA), `WEFT_FIELD(cmd, COMPUTE, O_OUT_DA),
                                    16'd0)) note(8'(weft_isa::ERR_BUFFER));
                    3'b110: if (ring_bad(`WEFT_FIELD(cmd, COMPUTE, X_PITCH), `WEFT_FIELD(cmd, COMPUTE, X_TOP),
                                    `WEFT_FIELD(cmd, COMPUTE, X_SIZE), `WEFT_FIELD(cmd, COMPUTE, X_A_START),
                                    `WEFT_FIELD(cmd, COMPUTE, X_OUT_DA), 16'd0, 16'd0))
                                note(8'(weft_isa::ERR_BUFFER));
                    default: if (ring_bad(`WEFT_MOVE(PITCH), `WEFT_MOVE(TOP), `WEFT_MOVE(SIZE),
                                    `WEFT_MOVE(A_START), 16'd0, 16'd0, 16'd0))
                                note(8'(weft_isa::ERR_BUFFER));
                endcase
                ring <= ring + 2'd1;
            end
            DEPTH:
                if (!mul_busy) begin
                    state <= EXTENT;
                    multiply(block_rows_of(`WEFT_FIELD(cmd, COMPUTE, PASSES), `WEFT_ARRAY,
                                           `WEFT_FIELD(cmd, COMPUTE, RAW)), `WEFT_FIELD(cmd, COMPUTE, BLOCKS), 48'd0);
                    if (product > 48'(ACC_DEPTH)) note(8'(weft_isa::ERR_ACC));
                end
            EXTENT:
                if (!mul_busy) begin
                    last <= product;
                    if (op == TABLE)
                        last <= {16'd0, `WEFT_FIELD(cmd, TABLE, ADDR)} + ({16'd0, rows} << CP_LOG2);
                    else if (is_compute) begin
                        last <= {16'd0, `WEFT_FIELD(cmd, COMPUTE, WEIGHTS)} + (product << CP_LOG2);
                        rows <= product[31:0];
                    end
                    state <= BOUNDS;
                end
            BOUNDS: begin
                leaves <= HAS_CHECKS != 0 && !no_data && (first < win_base || last > {16'd0, win_limit});
                state  <= FINAL;
            end
            FINAL: begin
                state <= SEND;
                if (leaves) fail(8'(weft_isa::ERR_WINDOW));
                else if (token_missing) fail(8'(weft_isa::ERR_TOKEN));
            end
            SEND:
                if (cmd_ready) begin
                    index <= index + 24'd1;
                    state <= left == 24'd0 ? IDLE : HEAD;
                end
            default: ;
        endcase
        if (found != 8'(weft_isa::ERR_OK) && now != FAILED) fail(found);
        if (take) unit_at <= unit_at + 28'd1;
        if (now == SEND && cmd_ready) have <= 3'd0;
        if (start) begin
            err_code <= 8'(weft_isa::ERR_OK);
            noted    <= 8'(weft_isa::ERR_OK);
            index    <= 24'd0;
            have     <= 3'd0;
            left     <= prog_count;
            mul_left <= 16'd0;
            unit_at  <= {1'b0, prog_addr[31:5]};
            state    <= prog_count == 24'd0 ? IDLE : BEGIN;
            if (prog_addr[4:0] != 0) fail(8'(weft_isa::ERR_ALIGN));
        end
        if (rst) begin
            state    <= IDLE;
            noted    <= 8'(weft_isa::ERR_OK);
            left     <= 24'd0;
            mul_left <= 16'd0;
        end
    end

    `undef WEFT_FIELD
    `undef WEFT_MOVE
    `undef WEFT_ARRAY
    `undef WEFT_STREAM

endmodule

`default_nettype wire
