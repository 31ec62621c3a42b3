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
`include "weft_assert.vh"
`include "weft_field.vh"

module weft_store #(
    parameter  integer ROWS       = weft_isa::ROWS,
    parameter  integer COLS       = weft_isa::COLS,
    parameter  integer FB_WORDS   = weft_isa::FB_WORDS,
    parameter  integer MEM_BYTES  = weft_isa::MEM_BYTES,
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

    localparam integer SLOT_W     = AW + 1;     // words of a bank, counted to FB_WORDS
    localparam integer BEAT_W     = $clog2(MEM_BYTES);
    localparam integer ROW_W      = 21 - BEAT_W;
    localparam integer READS      = 8;          // beats read and not yet handed to weft_mem_write
    localparam integer OPEN_MAX   = 32;         // bursts handed over and not yet confirmed

    // ---- The command: the memory side and the buffer side each take it

    wire [31:0]      stride    = `WEFT_FIELD(cmd_data, STORE, STRIDE);
    wire [19:0]      row_bytes = `WEFT_FIELD(cmd_data, STORE, ROW_BYTES);
    wire [15:0]      rows      = `WEFT_FIELD(cmd_data, STORE, ROWS);
    wire [ROW_W-1:0] row_beats = ROW_W'(({1'b0, row_bytes} + 21'(MEM_BYTES - 1)) >> BEAT_W);
    wire             beats_ready, runs_ready;
    wire             cmd_take  = cmd_valid && cmd_ready;

    wire unused = &{1'b0, cmd_data};

    assign cmd_ready = beats_ready && runs_ready;

    // ---- Memory side: bursts, and which of them is the last of its command

    wire        run_valid, run_ready, run_last, burst_valid, burst_last, flags_in_ready, flag_valid, flag;
    wire        unused_flag_valid = flag_valid;             // otherwise read by assertions only
    wire [31:0] run_addr;
    wire [29:0] run_beats;

    weft_runs #(.MEM_BYTES(MEM_BYTES)) u_runs (
        .clk(clk), .rst(rst),
        .start_valid(cmd_valid && beats_ready), .start_ready(runs_ready),
        .start_addr(`WEFT_FIELD(cmd_data, STORE, ADDR)), .start_stride(stride), .start_rows(rows),
        .start_row_beats(row_beats), .start_merge(stride == {12'd0, row_bytes}),
        .run_valid(run_valid), .run_ready(run_ready), .run_addr(run_addr), .run_beats(run_beats),
        .run_last(run_last));

    /* verilator lint_off PINCONNECTEMPTY */
    weft_bursts #(.MEM_BYTES(MEM_BYTES)) u_bursts (
        .clk(clk), .rst(rst),
        .run_valid(run_valid), .run_ready(run_ready), .run_addr(run_addr), .run_beats(run_beats),
        .run_last(run_last),
        .req_valid(burst_valid), .req_ready(req_ready && flags_in_ready), .req_addr(req_addr),
        .req_beats(req_beats), .req_last(burst_last), .freed(1'b0), .used());

    weft_fifo #(.WIDTH(1), .DEPTH(OPEN_MAX)) u_flags (
        .clk(clk), .rst(rst),
        .in_valid(burst_valid && req_ready), .in_ready(flags_in_ready), .in_data(burst_last),
        .out_valid(flag_valid), .out_ready(req_done), .out_data(flag), .count());
    /* verilator lint_on PINCONNECTEMPTY */

    assign req_valid = burst_valid && flags_in_ready;

    // ---- Buffer side: read, each read with room for its answer, strobes travel beside it

    wire              beat_valid, beat_row_last, beat_last, s_take;
    wire [BEAT_W-1:0] tail;                     // bytes in the last beat of a row, 0 for all

    /* verilator lint_off PINCONNECTEMPTY */
    weft_beats #(.MEM_BYTES(MEM_BYTES), .WORD_BYTES(WORD_BYTES), .FB_WORDS(FB_WORDS), .TAG_W(BEAT_W)) u_beats (
        .clk(clk), .rst(rst),
        .start_valid(cmd_valid && runs_ready), .start_ready(beats_ready),
        .start_row(`WEFT_FIELD(cmd_data, STORE, ROW)),
        .start_a(SLOT_W'(`WEFT_FIELD(cmd_data, STORE, A_START))),
        .start_pitch(SLOT_W'(`WEFT_FIELD(cmd_data, STORE, PITCH))),
        .start_top(SLOT_W'(`WEFT_FIELD(cmd_data, STORE, TOP))),
        .start_size(SLOT_W'(`WEFT_FIELD(cmd_data, STORE, SIZE))),
        .start_u(`WEFT_FIELD(cmd_data, STORE, U_START)),
        .start_rows(rows), .start_row_beats(row_beats), .start_tag(row_bytes[BEAT_W-1:0]),
        .beat_valid(beat_valid), .beat_ready(s_take), .beat_bank(s_bank), .beat_word(s_word),
        .beat_off(s_off), .beat_row_last(beat_row_last), .beat_last(beat_last), .beat_tag(tail));
    /* verilator lint_on PINCONNECTEMPTY */

    localparam integer      READS_W = $clog2(READS + 1);
    reg  [READS_W-1:0]      reads;
    wire                    data_take = data_valid && data_ready;
    wire                    in_ready;
    wire unused_in_ready = in_ready;              // otherwise read by assertions only

    assign s_valid = beat_valid && reads != READS_W'(READS);
    assign s_take  = s_valid && s_ready;

    // The answer comes four cycles after the read was taken; its strobe must come with it.
    reg  [MEM_BYTES-1:0]    strb_1, strb_2, strb_3, strb_4;
    wire [MEM_BYTES-1:0]    tail_strb = ~({MEM_BYTES{1'b1}} << tail);
    wire [MEM_BYTES-1:0]    beat_strb = beat_row_last && tail != 0 ? tail_strb : {MEM_BYTES{1'b1}};

    always @(posedge clk) begin
        if (s_take != data_take) reads <= s_take ? reads + 1'b1 : reads - 1'b1;
        if (rst) reads <= 0;
        strb_4 <= strb_3;
        strb_3 <= strb_2;
        strb_2 <= strb_1;
        strb_1 <= beat_strb;
    end

    /* verilator lint_off PINCONNECTEMPTY */
    weft_fifo #(.WIDTH(9 * MEM_BYTES), .DEPTH(READS)) u_data (
        .clk(clk), .rst(rst),
        .in_valid(s_rsp_valid), .in_ready(in_ready), .in_data({strb_4, s_rsp_data}),
        .out_valid(data_valid), .out_ready(data_ready), .out_data({strb, data}), .count());
    /* verilator lint_on PINCONNECTEMPTY */

    // ---- Where we are

    reg       left_q, done_q;
    reg [5:0] held;                             // commands taken and not done: OPEN_MAX and those on the way

    assign left = left_q;
    assign done = done_q;
    assign busy = held != 0;

    always @(posedge clk) begin
        if (cmd_take != done_q) held <= cmd_take ? held + 6'd1 : held - 6'd1;
        left_q <= s_take && beat_last;
        done_q <= req_done && flag;
        if (rst) begin
            left_q <= 1'b0;
            done_q <= 1'b0;
            held <= 6'd0;
        end
    end

`ifndef SYNTHESIS
    always @(posedge clk)
        if (!rst) begin
            if (s_rsp_valid) `WEFT_ASSERT(in_ready, "an answer came that was not asked for");
            if (req_done) `WEFT_ASSERT(flag_valid, "a burst is confirmed that was not handed over");
        end
`endif

endmodule

`default_nettype wire
