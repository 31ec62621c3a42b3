// The compute queue's unit: executes COMPUTE and TABLE commands one after the other.
//
//   issue -> feed (6 cycles) -> array (ARRAY_CYCLES) or pool (2) -> accumulator -> post -> result
//
// Everything after issue has a fixed latency; what a vector needs on its way travels beside it as
// a tag.  A command is presented on `cmd` with its tokens taken and is popped when its last
// vector has been issued, so the next one starts while results of the first are still under way;
// two configuration slots hold what is needed after the pop.
//
//   read_done      pulses when the input of a command has been read for the last time (per COMPUTE)
//   finished       pulses when its last byte has been written, or a TABLE is loaded
//   finished_push  with finished: the command has PUSH_STORE
//   read_done_push with read_done: the command has PUSH_LOAD
//   late_clk       the clock of what follows the accumulators, clk while something is under way there or late_wanted
//                  is high, for some time after (weft_gate.v); port B of the feature buffer, which that needs, has it too
//   row_clk        clk, for what takes the weight stream: it may stand still from FEED_CYCLES + 1 cycles after row_awake or a row on
//
// Cost: one vector a cycle; between dependent commands ROWS + COLS + 39 cycles.

`default_nettype none
`include "weft_field.vh"

module weft_compute #(
    parameter  integer ROWS       = weft_isa::ROWS,
    parameter  integer COLS       = weft_isa::COLS,
    parameter  integer LANES      = weft_isa::LANES,
    parameter  integer FB_WORDS   = weft_isa::FB_WORDS,
    parameter  integer ACC_DEPTH  = weft_isa::ACC_DEPTH,
    parameter  integer MEM_BYTES  = weft_isa::MEM_BYTES,
    localparam integer CELLS_MAX  = ROWS > COLS ? ROWS : COLS,
    localparam integer WORD_BYTES = 1 << $clog2(CELLS_MAX > MEM_BYTES ? CELLS_MAX : MEM_BYTES),
    localparam integer AW         = $clog2(FB_WORDS),
    localparam integer OW         = $clog2(WORD_BYTES),
    localparam integer CMD_W      = weft_isa::CMD_W
) (
    input  wire                      clk,
    input  wire                      rst,

    input  wire                      cmd_valid,
    output wire                      cmd_ready,
    input  wire [CMD_W-1:0]          cmd,

    input  wire                      job_valid,     // every command once more, ahead of its turn
    output wire                      job_ready,
    input  wire [CMD_W-1:0]          job,

    output wire                      sync_go,       // to weft_weights: W_SYNC commands may read
    input  wire                      row_valid,
    output wire                      row_ready,
    input  wire [8*COLS-1:0]         row_data,

    output wire [3:0]                a_en,          // feature buffer
    output wire [4*AW-1:0]           a_word,
    output wire [4*OW-1:0]           a_off,
    output wire                      a_pair,
    output wire [AW-1:0]             a_step,
    input  wire [4*8*WORD_BYTES-1:0] a_data,
    input  wire [4*8*COLS-1:0]       a_later,
    output wire                      w_en,
    output wire [1:0]                w_bank,
    output wire [AW-1:0]             w_word,
    output wire [OW-1:0]             w_off,
    output wire [COLS-1:0]           w_be,
    output wire [8*COLS-1:0]         w_data,
    output wire                      x_valid,
    input  wire                      x_ready,
    output wire [1:0]                x_bank,
    output wire [AW-1:0]             x_word,
    output wire [OW-1:0]             x_off,
    input  wire                      x_rsp_valid,
    input  wire [8*COLS-1:0]         x_rsp_data,

    output wire                      read_done,
    output wire                      read_done_push,
    output wire                      finished,
    output wire                      finished_push,

    output wire                      issued,
    output wire                      stall_weights,
    output wire                      stall_drain,
    output wire                      stall_lanes,
    output wire                      stall_operand,
    output wire                      idle,

    input  wire                      late_wanted,
    output wire                      late_clk,
    input  wire                      row_clk,
    output wire                      row_awake
);

    localparam integer INDEX_W = $clog2(ACC_DEPTH);
    localparam integer FEED_CYCLES = 6;
    localparam integer ARRAY_CYCLES = ROWS + COLS + 2;
    localparam integer POST_CYCLES = 26;
    localparam integer OPERAND_DEPTH = 1 << $clog2(ROWS + COLS + 32);
    localparam integer PART_W = (LANES < COLS) ? $clog2(COLS / LANES) : 1;
    localparam integer CP = 1 << $clog2(COLS > 4 ? COLS : 4);

    // The command at the head of the queue.
    wire       is_table = `WEFT_FIELD(cmd, NOP, OPCODE) == weft_isa::OP_TABLE[7:0];
    wire [1:0] mode     = `WEFT_FIELD(cmd, COMPUTE, MODE);
    wire       pooling  = mode[1];
    wire       raw      = `WEFT_FIELD(cmd, COMPUTE, RAW);
    wire [2:0] alu      = `WEFT_FIELD(cmd, COMPUTE, ALU);
    wire [2:0] groups   = `WEFT_FIELD(cmd, COMPUTE, GROUPS);
    wire [15:0] pair    = `WEFT_FIELD(cmd, COMPUTE, PAIR);

    // Issue.
    wire       start, slot, result_finished, active, emit, first_pass, last_pass, first_of_pass;
    wire       last_inner, last_outer, last_block, last_all, go, swap, header_take, table_go, table_done;
    wire       shadow_full, operand_ready, operand_promise, table_finished, block_done;
    wire [1:0] in_flight, header_slot;
    wire [2:0] header_count;
    wire signed [17:0]  row;
    wire [15:0]         row_slot;
    wire signed [23:0]  place;
    wire [19:0]         seg_place;
    wire [17:0]         kernel_row;
    wire [INDEX_W-1:0]  index;

    weft_issue #(.COLS(COLS), .LANES(LANES)) u_issue (
        .clk(clk), .rst(rst),
        .cmd_valid(cmd_valid), .cmd_ready(cmd_ready), .cmd_table(is_table),
        .cmd_wait(`WEFT_FIELD(cmd, COMPUTE, WAIT)), .cmd_pooling(pooling), .cmd_raw(raw), .cmd_operand(alu != 3'd0),
        .cmd_push_load(`WEFT_FIELD(cmd, COMPUTE, PUSH_LOAD)),
        .start(start), .slot(slot), .finished(result_finished), .in_flight(in_flight),
        .active(active), .emit(emit), .first_pass(first_pass), .last_pass(last_pass), .first_of_pass(first_of_pass),
        .last_inner(last_inner), .last_outer(last_outer), .last_all(last_all), .go(go),
        .shadow_full(shadow_full), .swap(swap), .header_ready(header_count != 3'd0), .header_take(header_take),
        .header_slot(header_slot), .table_go(table_go), .table_done(table_done),
        .operand_ready(operand_ready), .operand_take(operand_promise),
        .read_done(read_done), .read_done_push(read_done_push), .table_finished(table_finished),
        .stall_weights(stall_weights), .stall_drain(stall_drain), .stall_lanes(stall_lanes),
        .stall_operand(stall_operand), .idle(idle)
    );

    weft_agen #(.INDEX_W(INDEX_W), .AW(AW)) u_agen (
        .clk(clk), .rst(rst), .cmd(cmd[weft_isa::OP_COMPUTE_W-1:0]), .start(start), .step(go),
        .active(active), .row(row), .slot(row_slot), .place(place), .seg_place(seg_place), .kernel_row(kernel_row),
        .emit(emit), .index(index), .first_pass(first_pass), .last_pass(last_pass), .first_of_pass(first_of_pass),
        .last_inner(last_inner), .last_outer(last_outer), .last_block(last_block), .last_all(last_all)
    );

    assign issued = go;
    assign sync_go = start && `WEFT_FIELD(cmd, COMPUTE, W_SYNC) && !(pooling && raw);  // without a stream nothing waits
    assign finished = result_finished || table_finished;

    // What outlives the pop: where the results go, what the post unit needs, PUSH_STORE.
    localparam [15:0] SLOTS = 16'(FB_WORDS - 1);
    reg [weft_result_cfg::W-1:0] result_cfg_0, result_cfg_1;
    reg [weft_post_cfg::W-1:0]   post_cfg_0, post_cfg_1;
    reg [1:0]                    push_store;
    reg                          oldest;        // slot of the oldest command in flight
    always @(posedge clk) begin
        if (start && !slot) begin
            result_cfg_0 <= weft_result_cfg::pack(`WEFT_GROUP(cmd, COMPUTE, OUTPUT), SLOTS);
            post_cfg_0 <= weft_post_cfg::pack(`WEFT_GROUP(cmd, COMPUTE, HEAD), `WEFT_GROUP(cmd, COMPUTE, POST));
            push_store[0] <= `WEFT_FIELD(cmd, COMPUTE, PUSH_STORE);
        end
        if (start && slot) begin
            result_cfg_1 <= weft_result_cfg::pack(`WEFT_GROUP(cmd, COMPUTE, OUTPUT), SLOTS);
            post_cfg_1 <= weft_post_cfg::pack(`WEFT_GROUP(cmd, COMPUTE, HEAD), `WEFT_GROUP(cmd, COMPUTE, POST));
            push_store[1] <= `WEFT_FIELD(cmd, COMPUTE, PUSH_STORE);
        end
        if (result_finished)
            oldest <= !oldest;
        if (rst)
            oldest <= 1'b0;
    end
    assign finished_push = result_finished && push_store[oldest];

    // The weight stream.  Beside rows, these events move something here.
    assign row_awake = swap || header_take || block_done || (job_valid && job_ready);
    wire       hdr_valid, wgt_valid, tab_valid;
    wire [1:0] hdr_slot, tab_kind;
    wire [7:0] tab_row;
    localparam integer JOB_W = 5 + weft_isa::COMPUTE_BLOCKS_W + weft_isa::COMPUTE_PASSES_W;
    wire             loader_valid, loader_ready;
    wire             job_table, job_bytes, job_operands, job_header, job_weights;   // of the job that is next
    wire [15:0]      job_blocks, job_passes;
    wire [3:0]       jobs_waiting;
    weft_fifo #(.WIDTH(JOB_W), .DEPTH(8)) u_jobs (
        .clk(row_clk), .rst(rst), .in_valid(job_valid), .in_ready(job_ready),
        .in_data({ `WEFT_FIELD(job, NOP, OPCODE) == weft_isa::OP_TABLE[7:0], `WEFT_FIELD(job, TABLE, BYTES), `WEFT_FIELD(job, TABLE, OPERANDS),
                   !`WEFT_FIELD(job, COMPUTE, RAW), !job[weft_isa::COMPUTE_MODE_LSB + 1],
                   `WEFT_FIELD(job, COMPUTE, BLOCKS), `WEFT_FIELD(job, COMPUTE, PASSES) }),
        .out_valid(loader_valid), .out_ready(loader_ready), .count(jobs_waiting),
        .out_data({ job_table, job_bytes, job_operands, job_header, job_weights, job_blocks, job_passes })
    );

    weft_loader #(.ROWS(ROWS), .COLS(COLS)) u_loader (
        .clk(row_clk), .rst(rst),
        .job_valid(loader_valid), .job_ready(loader_ready), .job_table(job_table), .job_bytes(job_bytes),
        .job_operands(job_operands), .job_header(job_header), .job_weights(job_weights),
        .job_blocks(job_blocks), .job_passes(job_passes),
        .row_valid(row_valid), .row_ready(row_ready),
        .shadow_full(shadow_full), .swap(swap), .header_count(header_count), .header_take(header_take),
        .header_free(block_done),
        .hdr_valid(hdr_valid), .hdr_slot(hdr_slot), .wgt_valid(wgt_valid),
        .table_go(table_go), .tab_valid(tab_valid), .tab_kind(tab_kind), .tab_row(tab_row), .table_done(table_done)
    );

    // Weight rows wait as long as vectors take through the feed, so issue sees one clock for both.
    wire              array_wgt_valid;
    wire [8*COLS-1:0] array_wgt_row;
    weft_delay #(.WIDTH(8*COLS), .DEPTH(FEED_CYCLES)) u_weight_delay (
        .clk(row_clk), .rst(rst), .in_valid(wgt_valid), .in_data(row_data),
        .out_valid(array_wgt_valid), .out_data(array_wgt_row)
    );

    // Tags, from bit 0 up: what results and post unit need (POST_W bits), what the accumulator needs besides (ACC_TAG_W),
    // what array and pool need.  The lists below run from the top bit down, a line for each of the three.
    localparam integer TAG_SLOT = 0, TAG_HEADER = 1, TAG_ROW_END = 3, TAG_TILE_END = 4, TAG_LAST_BLOCK = 5, TAG_RAW = 6,
                       POST_W = 7;
    localparam integer TAG_INDEX = POST_W, TAG_MAX = TAG_INDEX + INDEX_W, TAG_BIAS = TAG_MAX + 1, TAG_LAST = TAG_MAX + 2,
                       TAG_FIRST = TAG_MAX + 3, ACC_TAG_W = TAG_MAX + 4;
    localparam integer TAG_EMIT = ACC_TAG_W, TAG_PAIR = ACC_TAG_W + 1, TAG_GROUPS = ACC_TAG_W + 2, TAG_MODE = ACC_TAG_W + 5,
                       TAG_SWAP = ACC_TAG_W + 7, TAG_W = ACC_TAG_W + 8;
    // Most of it stands still while a command runs.
    wire             is_max = mode == weft_isa::MODE_MAX[1:0];
    reg  [TAG_W-1:0] tag_still;
    always @(posedge clk)
        if (start)
            tag_still <= { 1'b0, mode, groups, pair != 16'd0, 1'b0,
                           1'b0, 1'b0, !raw && !is_max, is_max, {INDEX_W{1'b0}},
                           raw, 1'b0, 1'b0, 1'b0, 2'd0, slot };
    wire [TAG_W-1:0] tag = tag_still
                       | { swap, 2'd0, 3'd0, 1'b0, emit,
                           first_pass, last_pass, 1'b0, 1'b0, index,
                           1'b0, last_block, last_inner && last_outer, last_inner, header_slot, 1'b0 };
    wire              fed;
    wire [TAG_W-1:0]  fed_tag;
    wire [8*ROWS-1:0] act;
    wire [4*8*COLS-1:0] word;
    wire [3*8*COLS-1:0] early;

    weft_feed #(.ROWS(ROWS), .COLS(COLS), .WORD_BYTES(WORD_BYTES), .AW(AW), .TAG_W(TAG_W)) u_feed (
        .clk(clk), .rst(rst), .start(start), .issue(go), .tag(tag),
        .row(row), .slot(row_slot), .place(place), .seg_place(seg_place), .kernel_row(kernel_row),
        .mode(mode), .span(`WEFT_FIELD(cmd, COMPUTE, SPAN)), .groups(groups),
        .seg(`WEFT_FIELD(cmd, COMPUTE, SEG)), .rows(`WEFT_FIELD(cmd, COMPUTE, ROWS)),
        .row_bytes(`WEFT_FIELD(cmd, COMPUTE, ROW_BYTES)), .krows(`WEFT_FIELD(cmd, COMPUTE, KROWS)),
        .zp(`WEFT_FIELD(cmd, COMPUTE, ZP)), .pitch(`WEFT_FIELD(cmd, COMPUTE, PITCH)),
        .top(`WEFT_FIELD(cmd, COMPUTE, TOP)), .size(`WEFT_FIELD(cmd, COMPUTE, SIZE)), .pair(pair),
        .a_en(a_en), .a_word(a_word), .a_off(a_off), .a_pair(a_pair), .a_step(a_step), .a_data(a_data), .a_later(a_later),
        .out_valid(fed), .out_tag(fed_tag), .act(act), .word(word), .early(early)
    );

    wire       fed_swap   = fed_tag[TAG_SWAP];
    wire [1:0] fed_mode   = fed_tag[TAG_MODE +: 2];
    wire [2:0] fed_groups = fed_tag[TAG_GROUPS +: 3];
    wire       fed_pair   = fed_tag[TAG_PAIR];
    wire       fed_emit   = fed_tag[TAG_EMIT];
    wire       fed_array  = fed && !fed_mode[1];
    wire       fed_pool   = fed && fed_mode[1];
    wire [ACC_TAG_W-1:0] fed_acc = fed_tag[ACC_TAG_W-1:0];

    wire [32*COLS-1:0] psum;
    weft_array #(.ROWS(ROWS), .COLS(COLS)) u_array (
        .clk(clk), .rst(rst), .vec_valid(fed_array), .act(act), .word(word[3*8*COLS-1:0]), .early(early),
        .depthwise(fed_mode[0]), .pair(fed_pair), .groups(fed_groups[1:0]), .swap(fed_swap),
        .wgt_valid(array_wgt_valid), .wgt_row(array_wgt_row), .psum(psum)
    );

    wire [32*COLS-1:0] pool_sums;
    weft_pool #(.COLS(COLS)) u_pool (
        .clk(clk), .en(fed_pool && fed_emit), .is_max(!fed_mode[0]), .groups(fed_groups), .word(word), .sums(pool_sums)
    );

    // The tag of a sum, one cycle before the sum is at the accumulator: time to read the bias.
    wire                 near_array;
    wire [ACC_TAG_W-1:0] near_array_tag;
    weft_delay #(.WIDTH(ACC_TAG_W), .DEPTH(ARRAY_CYCLES - 1)) u_array_delay (
        .clk(clk), .rst(rst), .in_valid(fed_array && fed_emit), .in_data(fed_acc),
        .out_valid(near_array), .out_data(near_array_tag)
    );
    reg                  near_pool;
    reg  [ACC_TAG_W-1:0] near_pool_tag;
    always @(posedge clk) begin
        near_pool <= fed_pool && fed_emit && !rst;
        if (fed_pool && fed_emit) near_pool_tag <= fed_acc;
    end
    wire                 near = near_array || near_pool;
    wire [ACC_TAG_W-1:0] near_tag = near_array ? near_array_tag : near_pool_tag;

    reg                  acc_valid, acc_pool;
    reg  [ACC_TAG_W-1:0] acc_tag;
    always @(posedge clk) begin
        acc_valid <= near && !rst;
        acc_pool <= !near_array;
        if (near)
            acc_tag <= near_tag;
    end
    wire acc_first = acc_tag[TAG_FIRST];
    wire acc_last  = acc_tag[TAG_LAST];
    wire acc_bias  = acc_tag[TAG_BIAS];
    wire acc_max   = acc_tag[TAG_MAX];
    wire [INDEX_W-1:0] acc_index = acc_tag[TAG_INDEX +: INDEX_W];
    wire near_first = near_tag[TAG_FIRST];

    // The post tag follows the sum: two cycles behind the accumulator's input to read the parameters,
    // three cycles to the post unit, and through it.
    wire [32*COLS-1:0] bias, mult, out_sums;
    wire [8*COLS-1:0]  shift;
    wire [24*COLS-1:0] half;
    wire               out_valid;
    reg                leaving, params_en, post_valid;
    reg [POST_W-1:0]   leaving_tag, params_tag, post_in_tag;
    always @(posedge clk) begin
        leaving <= acc_valid && acc_last && !rst;
        params_en <= leaving && !rst;
        post_valid <= params_en && !rst;
        if (acc_valid && acc_last)
            leaving_tag <= acc_tag[POST_W-1:0];
        if (leaving)
            params_tag <= leaving_tag;
        if (params_en)
            post_in_tag <= params_tag;
    end

    weft_header #(.COLS(COLS)) u_header (
        .clk(clk), .rst(rst), .hdr_valid(hdr_valid), .hdr_slot(hdr_slot), .hdr_row(row_data),
        .bias_en(near && near_first), .bias_slot(near_tag[TAG_HEADER +: 2]), .bias(bias),
        .post_en(params_en && !params_tag[TAG_RAW]), .post_slot(params_tag[TAG_HEADER +: 2]), .mult(mult), .shift(shift), .half(half)
    );

    weft_accumulator #(.COLS(COLS), .ACC_DEPTH(ACC_DEPTH)) u_accumulator (
        .clk(clk), .rst(rst), .valid(acc_valid), .index(acc_index), .first(acc_first), .last(acc_last), .max(acc_max),
        .bias_en(acc_bias), .bias(bias), .sums(acc_pool ? pool_sums : psum), .out_valid(out_valid), .out_sums(out_sums)
    );

    wire               operand_take, post_out_valid, post_out_last, post_busy;
    wire [8*COLS-1:0]  operand_data;
    wire [8*LANES-1:0] post_out;
    wire [PART_W-1:0]  post_out_part;
    wire [8*CP-1:0]    tab_data;
    generate
        if (CP > COLS) begin : g_tab_wide
            assign tab_data = {{8*(CP-COLS){1'b0}}, row_data};
        end else begin : g_tab
            assign tab_data = row_data;
        end
    endgenerate

    // What follows the accumulators stands still until results come: for most of a long sum.  It takes POST_CYCLES, a
    // cycle for every part, and three.
    wire late_awake = rst || late_wanted || params_en || out_valid || tab_valid || operand_promise || x_valid || x_rsp_valid
                   || (start && alu != 3'd0);
    weft_gate #(.LINGER(POST_CYCLES + COLS / LANES + 5)) u_gate (.clk(clk), .awake(late_awake), .pin(1'b0), .gclk(late_clk));

    weft_post #(.COLS(COLS), .LANES(LANES)) u_post (
        .clk(late_clk), .rst(rst), .in_valid(out_valid), .in_cfg_sel(post_in_tag[TAG_SLOT]), .in_sums(out_sums),
        .in_mult(mult), .in_shift(shift), .in_half(half), .cfg({post_cfg_1, post_cfg_0}),
        .operand_take(operand_take), .operand_data(operand_data),
        .tab_valid(tab_valid), .tab_kind(tab_kind), .tab_addr(tab_row), .tab_row(tab_data),
        .out_valid(post_out_valid), .out_part(post_out_part), .out_last_part(post_out_last), .out_data(post_out),
        .busy(post_busy)
    );

    weft_operand #(.COLS(COLS), .WORD_BYTES(WORD_BYTES), .AW(AW), .DEPTH(OPERAND_DEPTH)) u_operand (
        .clk(late_clk), .rst(rst), .start(start && alu != 3'd0), .cmd(cmd[weft_isa::OP_COMPUTE_W-1:0]),
        .x_valid(x_valid), .x_ready(x_ready), .x_bank(x_bank), .x_word(x_word), .x_off(x_off),
        .x_rsp_valid(x_rsp_valid), .x_rsp_data(x_rsp_data),
        .ready(operand_ready), .reserve(operand_promise), .take(operand_take), .data(operand_data)
    );

    // The tag of a result, a cycle before its first part.
    wire              result_near;
    wire [POST_W-1:0] result_tag;
    weft_delay #(.WIDTH(POST_W), .DEPTH(POST_CYCLES - 1)) u_post_delay (
        .clk(late_clk), .rst(rst), .in_valid(post_valid), .in_data(post_in_tag),
        .out_valid(result_near), .out_data(result_tag)
    );

    weft_result #(.COLS(COLS), .LANES(LANES), .WORD_BYTES(WORD_BYTES), .AW(AW), .PART_W(PART_W)) u_result (
        .clk(late_clk), .rst(rst), .cfg_0(result_cfg_0), .cfg_1(result_cfg_1),
        .tag_valid(result_near), .tag_slot(result_tag[TAG_SLOT]), .tag_row_end(result_tag[TAG_ROW_END]), .tag_tile_end(result_tag[TAG_TILE_END]),
        .tag_last_block(result_tag[TAG_LAST_BLOCK]), .tag_raw(result_tag[TAG_RAW]),
        .in_valid(post_out_valid), .in_part(post_out_part), .in_data(post_out),
        .w_en(w_en), .w_bank(w_bank), .w_word(w_word), .w_off(w_off), .w_be(w_be), .w_data(w_data),
        .block_done(block_done), .finished(result_finished)
    );

`ifndef SYNTHESIS
    always @(posedge clk) if (!rst) begin
        if (out_valid != post_valid) $fatal(1, "%m: a sum and its tag do not meet at the post unit");
        if (result_due && !post_out_valid) $fatal(1, "%m: a result and its tag do not meet");
    end
    reg result_due;
    always @(posedge late_clk) result_due <= result_near && !rst;
`endif

    wire unused = &{1'b0, cmd, job, in_flight, jobs_waiting, post_out_last, post_busy, result_tag};
endmodule

`default_nettype wire
