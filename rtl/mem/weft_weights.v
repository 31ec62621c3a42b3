// The weight stream: jobs in, stream rows out, read ahead of their use.
//
// A job is job_rows stream rows of CP bytes (power of two >= max(COLS, 4)) that begin at job_addr,
// a multiple of 32.  Rows leave in order, the first COLS bytes of each, one a cycle while beats are
// there; between two jobs no cycle is lost, what is left of the last beat of a job is dropped.
// With CP > MEM_BYTES a row takes CP / MEM_BYTES cycles.
//
// Jobs are asked for as soon as they are known, as far as WFIFO_BEATS has room; room is reserved
// before a burst is asked for.  A job with job_sync is asked for only after a pulse of sync_go: the
// n-th pulse releases the n-th such job; a pulse may come before its job (up to seven are remembered).
//
// `urgent`: less than half the room was filled or reserved a cycle ago.  `beat` pulses for each beat received.

`default_nettype none
`include "weft_assert.vh"

module weft_weights #(
    parameter  integer COLS        = weft_isa::COLS,
    parameter  integer MEM_BYTES   = weft_isa::MEM_BYTES,
    parameter  integer WFIFO_BEATS = 512,               // power of two >= 32
    parameter  integer JOBS        = 4                  // jobs held, power of two >= 2
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire                   job_valid,
    output wire                   job_ready,
    input  wire [31:0]            job_addr,
    input  wire [31:0]            job_rows,         // at least 1
    input  wire                   job_sync,
    input  wire                   sync_go,

    output wire                   req_valid,        // to weft_mem_read
    input  wire                   req_ready,
    output wire [31:0]            req_addr,
    output wire [4:0]             req_beats,
    input  wire                   rsp_valid,
    input  wire [8*MEM_BYTES-1:0] rsp_data,
    output reg                    urgent,
    output wire                   beat,

    output wire                   row_valid,
    input  wire                   row_ready,
    output wire [8*COLS-1:0]      row_data
);

    localparam integer CP       = 1 << $clog2(COLS > 4 ? COLS : 4);
    localparam integer BEAT_W   = $clog2(MEM_BYTES);
    localparam integer CP_W     = $clog2(CP);
    localparam integer USED_W   = $clog2(WFIFO_BEATS + 2);

    // ---- Jobs: address and beats wait to be asked for, the rows wait for their data

    localparam integer UP   = CP_W > BEAT_W ? CP_W - BEAT_W : 0;      // a row is 2^UP beats ..
    localparam integer DOWN = BEAT_W > CP_W ? BEAT_W - CP_W : 0;      // .. or a beat 2^DOWN rows
    localparam [31:0]  FILL = (32'd1 << DOWN) - 32'd1;
    wire [29:0] job_beats = 30'(((job_rows << UP) + FILL) >> DOWN);   // a stream is at most 2^32 bytes
    wire        ask_in_ready, rows_in_ready, ask_valid, ask_sync, ask_ready, run_ready;
    wire [31:0] ask_addr;
    wire [29:0] ask_beats;
    wire        rows_valid, rows_ready;
    wire [31:0] rows_next;

    assign job_ready = ask_in_ready && rows_in_ready;

    /* verilator lint_off PINCONNECTEMPTY */
    weft_fifo #(.WIDTH(63), .DEPTH(JOBS)) u_asks (
        .clk(clk), .rst(rst),
        .in_valid(job_valid && rows_in_ready), .in_ready(ask_in_ready),
        .in_data({job_sync, job_beats, job_addr}),
        .out_valid(ask_valid), .out_ready(ask_ready), .out_data({ask_sync, ask_beats, ask_addr}), .count());

    weft_fifo #(.WIDTH(32), .DEPTH(2 * JOBS)) u_rows (
        .clk(clk), .rst(rst),
        .in_valid(job_valid && ask_in_ready), .in_ready(rows_in_ready), .in_data(job_rows),
        .out_valid(rows_valid), .out_ready(rows_ready), .out_data(rows_next), .count());
    /* verilator lint_on PINCONNECTEMPTY */

    // ---- Asking

    reg  [2:0]  released;                       // pulses of sync_go that no job has used
    wire        may_ask = !ask_sync || released != 0;
    wire        use_go  = ask_ready && ask_valid && ask_sync;

    assign ask_ready = run_ready && may_ask;

    always @(posedge clk) begin
        if (sync_go != use_go) released <= sync_go ? released + 3'd1 : released - 3'd1;
        if (rst) released <= 3'd0;
    end

    wire              data_valid, data_ready, data_in_ready;
    wire              unused_data_in_ready = data_in_ready;     // otherwise read by assertions only
    wire [USED_W-1:0] used;

    /* verilator lint_off PINCONNECTEMPTY */
    weft_bursts #(.MEM_BYTES(MEM_BYTES), .CREDITS(WFIFO_BEATS)) u_bursts (
        .clk(clk), .rst(rst),
        .run_valid(ask_valid && may_ask), .run_ready(run_ready), .run_addr(ask_addr), .run_beats(ask_beats),
        .run_last(1'b0),
        .req_valid(req_valid), .req_ready(req_ready), .req_addr(req_addr), .req_beats(req_beats), .req_last(),
        .freed(data_valid && data_ready), .used(used));
    /* verilator lint_on PINCONNECTEMPTY */

    always @(posedge clk) urgent <= used < USED_W'(WFIFO_BEATS / 2);
    assign beat = rsp_valid;

    // ---- Beats to rows

    wire [8*MEM_BYTES-1:0] data;
    reg                    some_left, last_left; // the job at hand has a row to give; it is its last
    reg  [31:0]            left;                // rows behind it
    wire                   row_take = row_valid && row_ready;

    assign rows_ready = !some_left || (row_take && last_left);

    always @(posedge clk) begin
        if (row_take) begin
            last_left <= left == 32'd1;
            left      <= left - 32'd1;
        end
        if (rows_ready) begin
            some_left <= rows_valid;
            last_left <= rows_next == 32'd1;
            left      <= rows_next - 32'd1;
        end
        if (rst) some_left <= 1'b0;
    end

    /* verilator lint_off PINCONNECTEMPTY */
    weft_fifo #(.WIDTH(8 * MEM_BYTES), .DEPTH(WFIFO_BEATS)) u_data (
        .clk(clk), .rst(rst),
        .in_valid(rsp_valid), .in_ready(data_in_ready), .in_data(rsp_data),
        .out_valid(data_valid), .out_ready(data_ready), .out_data(data), .count());
    /* verilator lint_on PINCONNECTEMPTY */

    generate
        if (CP == MEM_BYTES) begin : g_equal
            assign row_valid  = data_valid && some_left;
            assign row_data   = data[8*COLS-1:0];
            assign data_ready = row_ready && some_left;
        end else if (CP < MEM_BYTES) begin : g_split
            // Several rows in a beat; the end of a job drops the rest of it.
            localparam integer PART_W = BEAT_W - CP_W;
            reg  [PART_W-1:0] part;
            wire              last = (&part) || last_left;
            assign row_valid  = data_valid && some_left;
            assign row_data   = data[{part, {CP_W+3{1'b0}}} +: 8*COLS];
            assign data_ready = row_take && last;
            always @(posedge clk) begin
                if (row_take) part <= last ? 0 : part + 1'b1;
                if (rst) part <= 0;
            end
        end else begin : g_join
            // Several beats make a row; the last of them goes straight through.
            localparam integer PART_W = CP_W - BEAT_W;
            reg  [PART_W-1:0]              part;
            reg  [8*(CP-MEM_BYTES)-1:0]    head;
            wire [8*CP-1:0]                whole = {data, head};
            wire                           keep  = data_valid && some_left && !(&part);
            assign row_valid  = data_valid && some_left && (&part);
            assign row_data   = whole[8*COLS-1:0];
            assign data_ready = keep || row_take;
            always @(posedge clk) begin
                if (data_valid && data_ready) part <= part + 1'b1;
                if (rst) part <= 0;
                if (keep) head <= (8*(CP-MEM_BYTES))'({data, head} >> 8*MEM_BYTES);
            end
            wire unused = &{1'b0, whole};
        end
    endgenerate

`ifndef SYNTHESIS
    initial if (WFIFO_BEATS < 32) $fatal(1, "%m: WFIFO_BEATS must be at least 32");
    always @(posedge clk)
        if (!rst && rsp_valid) `WEFT_ASSERT(data_in_ready, "an answer came that was not asked for");
`endif

endmodule

`default_nettype wire
