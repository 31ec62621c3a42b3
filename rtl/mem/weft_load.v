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
`include "weft_assert.vh"
`include "weft_field.vh"

module weft_load #(
    parameter  integer ROWS       = weft_isa::ROWS,
    parameter  integer COLS       = weft_isa::COLS,
    parameter  integer FB_WORDS   = weft_isa::FB_WORDS,
    parameter  integer MEM_BYTES  = weft_isa::MEM_BYTES,
    parameter  integer FIFO_BEATS = 128,                    // room for answers, power of two >= 32
    localparam integer CELLS_MAX  = ROWS > COLS ? ROWS : COLS,
    localparam integer WORD_BYTES = 1 << $clog2(CELLS_MAX > MEM_BYTES ? CELLS_MAX : MEM_BYTES),
    localparam integer AW         = $clog2(FB_WORDS),
    localparam integer OW         = $clog2(WORD_BYTES),
    localparam integer UNIT_W     = weft_isa::CMD_UNIT_W
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire                   cmd_valid,
    output wire                   cmd_ready,
    input  wire [UNIT_W-1:0]      cmd_data,         // word 0 in bits 31:0
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

    localparam integer SLOT_W = AW + 1;                     // words of a bank, counted to FB_WORDS
    localparam integer BEAT_W = $clog2(MEM_BYTES);
    localparam integer ROW_W  = 21 - BEAT_W;
    localparam integer PLAN_W = 2 + 4 * SLOT_W + weft_isa::LOAD_U_START_W + weft_isa::LOAD_ROWS_W + ROW_W;

    // ---- The command

    wire [31:0]      stride    = `WEFT_FIELD(cmd_data, LOAD, STRIDE);
    wire [19:0]      row_bytes = `WEFT_FIELD(cmd_data, LOAD, ROW_BYTES);
    wire [15:0]      rows      = `WEFT_FIELD(cmd_data, LOAD, ROWS);
    wire [ROW_W-1:0] row_beats = ROW_W'(row_bytes >> BEAT_W);
    wire             plan_in_ready, runs_ready;
    wire [PLAN_W-1:0] plan_in  = {
        `WEFT_FIELD(cmd_data, LOAD, ROW),
        SLOT_W'(`WEFT_FIELD(cmd_data, LOAD, A_START)),
        SLOT_W'(`WEFT_FIELD(cmd_data, LOAD, PITCH)),
        SLOT_W'(`WEFT_FIELD(cmd_data, LOAD, TOP)),
        SLOT_W'(`WEFT_FIELD(cmd_data, LOAD, SIZE)),
        `WEFT_FIELD(cmd_data, LOAD, U_START),
        rows, row_beats};

    wire unused = &{1'b0, cmd_data};

    assign cmd_ready = plan_in_ready && runs_ready;

    // ---- Asking

    wire        run_valid, run_ready, run_last;
    wire [31:0] run_addr;
    wire [29:0] run_beats;
    wire        l_take = l_valid && l_ready;

    weft_runs #(.MEM_BYTES(MEM_BYTES)) u_runs (
        .clk(clk), .rst(rst),
        .start_valid(cmd_valid && plan_in_ready), .start_ready(runs_ready),
        .start_addr(`WEFT_FIELD(cmd_data, LOAD, ADDR)), .start_stride(stride), .start_rows(rows),
        .start_row_beats(row_beats), .start_merge(stride == {12'd0, row_bytes}),
        .run_valid(run_valid), .run_ready(run_ready), .run_addr(run_addr), .run_beats(run_beats),
        .run_last(run_last));

    /* verilator lint_off PINCONNECTEMPTY */
    weft_bursts #(.MEM_BYTES(MEM_BYTES), .CREDITS(FIFO_BEATS)) u_bursts (
        .clk(clk), .rst(rst),
        .run_valid(run_valid), .run_ready(run_ready), .run_addr(run_addr), .run_beats(run_beats),
        .run_last(run_last),
        .req_valid(req_valid), .req_ready(req_ready), .req_addr(req_addr), .req_beats(req_beats),
        .req_last(), .freed(l_take), .used());
    /* verilator lint_on PINCONNECTEMPTY */

    // ---- Writing: a beat of the FIFO goes to the next position

    wire              plan_valid, plan_ready, data_valid, beat_valid, beat_last, data_in_ready;
    wire        unused_data_in_ready = data_in_ready;             // otherwise read by assertions only
    wire [PLAN_W-1:0] plan;

    /* verilator lint_off PINCONNECTEMPTY */
    weft_fifo #(.WIDTH(PLAN_W), .DEPTH(8)) u_plans (
        .clk(clk), .rst(rst),
        .in_valid(cmd_valid && runs_ready), .in_ready(plan_in_ready), .in_data(plan_in),
        .out_valid(plan_valid), .out_ready(plan_ready), .out_data(plan), .count());

    weft_beats #(.MEM_BYTES(MEM_BYTES), .WORD_BYTES(WORD_BYTES), .FB_WORDS(FB_WORDS)) u_beats (
        .clk(clk), .rst(rst),
        .start_valid(plan_valid), .start_ready(plan_ready),
        .start_row(plan[PLAN_W-1 -: 2]),
        .start_a(plan[ROW_W + 36 + 3*(AW+1) +: AW+1]), .start_pitch(plan[ROW_W + 36 + 2*(AW+1) +: AW+1]),
        .start_top(plan[ROW_W + 36 + AW+1 +: AW+1]), .start_size(plan[ROW_W + 36 +: AW+1]),
        .start_u(plan[ROW_W + 16 +: 20]), .start_rows(plan[ROW_W +: 16]),
        .start_row_beats(plan[ROW_W-1:0]), .start_tag(1'b0),
        .beat_valid(beat_valid), .beat_ready(l_ready && data_valid), .beat_bank(l_bank), .beat_word(l_word),
        .beat_off(l_off), .beat_row_last(), .beat_last(beat_last), .beat_tag());

    weft_fifo #(.WIDTH(8 * MEM_BYTES), .DEPTH(FIFO_BEATS)) u_data (
        .clk(clk), .rst(rst),
        .in_valid(rsp_valid), .in_ready(data_in_ready), .in_data(rsp_data),
        .out_valid(data_valid), .out_ready(l_ready && beat_valid), .out_data(l_data), .count());
    /* verilator lint_on PINCONNECTEMPTY */

    assign l_valid = data_valid && beat_valid;

    // ---- Where we are

    reg       done_q;
    reg [3:0] held;                             // taken and not done: 8 plans and three rows on the way
    wire      cmd_take = cmd_valid && cmd_ready;

    assign done = done_q;
    assign busy = held != 0;

    always @(posedge clk) begin
        if (cmd_take != done_q) held <= cmd_take ? held + 4'd1 : held - 4'd1;
        done_q <= l_take && beat_last;
        if (rst) begin
            done_q <= 1'b0;
            held <= 4'd0;
        end
    end

`ifndef SYNTHESIS
    always @(posedge clk)
        if (!rst && rsp_valid) `WEFT_ASSERT(data_in_ready, "an answer came that was not asked for");
`endif

endmodule

`default_nettype wire
