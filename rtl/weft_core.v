// The device without its link: registers, program control, the three units, feature buffer, memory masters.
//
// For own designs: the register bus of weft_regs (reg_*), an AXI4 master to device memory, and two
// clients of that memory for whoever brings the data (rd_*, wr_*; the link in weft_top).  What a
// program does is said in isa/README.md; how the blocks fit together in README.md.
//
//   rst         a pin: it works a cycle late
//   m_axi_*     registered both ways (weft_axi_slice)
//   run_done    the cycle in which a run ends
//   reset_req   quiesces and clears everything (registers too, memory not); held until reset_done, which is high for one cycle
//   *_value     the registers of these names

`default_nettype none
`include "weft_params.vh"

module weft_core #(
    `WEFT_PARAMETERS,
    parameter integer LINK_DATA   = weft_isa::LINK_DATA,    // of the link that drives it: told in INFO, not used
    parameter integer LINK_WINDOW = weft_isa::LINK_WINDOW,
    parameter integer LUT_CELLS   = 0,                      // cells of the array with a multiplier of look-up tables
    parameter integer SMALL       = 0                       // 1: fewer LUTs for some cycles: queues of commands in block RAM, 16 open writes of 32
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire                   reg_valid,
    input  wire                   reg_write,
    input  wire [15:0]            reg_addr,
    input  wire [31:0]            reg_wdata,
    output wire                   reg_ready,
    output wire [31:0]            reg_rdata,
    output wire [7:0]             reg_status,

    output wire                   run_done,
    output wire [31:0]            heartbeat,
    output wire [31:0]            status_value,
    output wire [31:0]            err_index_value,
    output wire [31:0]            cycles_value,
    output wire [31:0]            commands_value,
    input  wire                   reset_req,
    output reg                    reset_done,

    input  wire                   rd_req_valid,
    output wire                   rd_req_ready,
    input  wire [31:0]            rd_req_addr,
    input  wire [4:0]             rd_req_beats,
    output wire                   rd_rsp_valid,
    output wire [8*MEM_BYTES-1:0] rd_rsp_data,
    output wire                   rd_rsp_error,
    input  wire                   wr_req_valid,
    output wire                   wr_req_ready,
    input  wire [31:0]            wr_req_addr,
    input  wire [4:0]             wr_req_beats,
    input  wire                   wr_data_valid,
    output wire                   wr_data_ready,
    input  wire [8*MEM_BYTES-1:0] wr_data,
    input  wire [MEM_BYTES-1:0]   wr_strb,
    output wire                   wr_done,
    output wire                   wr_done_error,

    output wire                   m_axi_arvalid,
    input  wire                   m_axi_arready,
    output wire [31:0]            m_axi_araddr,
    output wire [7:0]             m_axi_arlen,
    output wire [2:0]             m_axi_arsize,
    output wire [1:0]             m_axi_arburst,
    input  wire                   m_axi_rvalid,
    output wire                   m_axi_rready,
    input  wire [8*MEM_BYTES-1:0] m_axi_rdata,
    input  wire [1:0]             m_axi_rresp,
    input  wire                   m_axi_rlast,
    output wire                   m_axi_awvalid,
    input  wire                   m_axi_awready,
    output wire [31:0]            m_axi_awaddr,
    output wire [7:0]             m_axi_awlen,
    output wire [2:0]             m_axi_awsize,
    output wire [1:0]             m_axi_awburst,
    output wire                   m_axi_wvalid,
    input  wire                   m_axi_wready,
    output wire [8*MEM_BYTES-1:0] m_axi_wdata,
    output wire [MEM_BYTES-1:0]   m_axi_wstrb,
    output wire                   m_axi_wlast,
    input  wire                   m_axi_bvalid,
    output wire                   m_axi_bready,
    input  wire [1:0]             m_axi_bresp
);

    localparam integer CELLS_MAX  = ROWS > COLS ? ROWS : COLS;
    localparam integer WORD_BYTES = 1 << $clog2(CELLS_MAX > MEM_BYTES ? CELLS_MAX : MEM_BYTES);
    localparam integer AW         = $clog2(FB_WORDS);
    localparam integer OW         = $clog2(WORD_BYTES);

    weft_legal #(`WEFT_PASS) u_legal ();

    // Everything below that waits for a run, a register access or a reset has this clock, the reset included.
    wire gclk, control_awake;
    reg  rst_q, resetting;
    always @(posedge gclk) rst_q <= rst;
    weft_gate #(.LINGER(64)) u_gate (
        .clk(clk), .awake(control_awake || rst_q || reg_valid || reset_req), .pin(rst), .gclk(gclk));

    // Registers.
    wire        start, abort_run, run_busy, done, load_busy, store_busy, read_beat, weight_beat, write_beat;
    wire        issued, stall_weights, stall_drain, stall_lanes, stall_operand, compute_idle;
    wire        compute_waits_load, compute_waits_store;
    wire [2:0]  commands_done;
    wire [7:0]  err_code;
    wire [31:0] err_index, prog_addr, prog_count, win_base, win_limit;
    wire        clear_regs = reset_done;

    assign run_done = done && run_busy;

    weft_regs #(`WEFT_PASS, .LINK_DATA(LINK_DATA), .LINK_WINDOW(LINK_WINDOW), .LUT_CELLS(LUT_CELLS)) u_regs (
        .clk(clk), .gclk(gclk), .rst(rst_q), .clear(clear_regs),
        .reg_valid(reg_valid), .reg_write(reg_write), .reg_addr(reg_addr), .reg_wdata(reg_wdata),
        .reg_ready(reg_ready), .reg_rdata(reg_rdata), .reg_status(reg_status),
        .start(start), .abort_run(abort_run), .prog_addr(prog_addr), .prog_count(prog_count),
        .win_base(win_base), .win_limit(win_limit), .heartbeat(heartbeat),
        .busy(run_busy), .done_pulse(done), .err_code(err_code), .err_index(err_index),
        .issued(issued), .stall_load(compute_waits_load), .stall_store(compute_waits_store),
        .stall_weights(stall_weights), .stall_drain(stall_drain), .stall_lanes(stall_lanes),
        .stall_operand(stall_operand), .idle(compute_idle && !compute_waits_load && !compute_waits_store),
        .load_busy(load_busy), .store_busy(store_busy), .read_beat(read_beat), .weight_beat(weight_beat),
        .write_beat(write_beat), .commands_done(commands_done),
        .status_value(status_value), .err_index_value(err_index_value), .cycles_value(cycles_value),
        .commands_value(commands_value)
    );

    // RESET: end a run as an abort does, wait until memory is idle, clear all.
    wire stop_run, clear_run, read_idle, read_rests, write_idle;
    wire memory_idle = read_idle && write_idle;
    wire stop  = stop_run || resetting;
    wire clear = clear_run || reset_done;
    always @(posedge gclk) begin
        if (rst_q) begin
            resetting <= 1'b0;
            reset_done <= 1'b0;
        end else begin
            reset_done <= resetting && !reset_done && memory_idle;
            resetting <= reset_req && !reset_done;
        end
    end
    wire unit_rst = rst_q || clear;

    // Program control.
    wire          fetch_valid, fetch_ready, load_valid, load_ready, load_done, store_valid, store_ready, store_left, store_done;
    wire [31:0]   fetch_addr;
    wire [4:0]    fetch_beats;
    wire [weft_isa::CMD_UNIT_W-1:0] load_cmd, store_cmd;
    wire          compute_valid, compute_ready, read_done, read_done_push, finished, finished_push;
    wire [weft_isa::CMD_W-1:0]      compute_cmd, job;
    wire          job_valid, job_ready, wjob_valid, wjob_ready, wjob_sync;
    wire [31:0]   wjob_addr, wjob_rows;
    wire [3:0]    rsp_valid;
    wire [8*MEM_BYTES-1:0] rsp_data;
    wire          rsp_last, rsp_error, write_bus_error;

    weft_control #(.ROWS(ROWS), .COLS(COLS), .FB_WORDS(FB_WORDS), .ACC_DEPTH(ACC_DEPTH), .MEM_BYTES(MEM_BYTES),
                   .HAS_PAIR(HAS_PAIR), .HAS_TFLITE(HAS_TFLITE), .HAS_FLOAT(HAS_FLOAT), .HAS_CHECKS(HAS_CHECKS), .SMALL(SMALL)) u_control (
        .clk(gclk), .awake(control_awake), .rst(rst_q || reset_done), .start(start), .abort_run(abort_run),
        .prog_addr(prog_addr), .prog_count(prog_count), .win_base(win_base), .win_limit(win_limit),
        .done(done), .err_code(err_code), .err_index(err_index), .stop(stop_run), .clear(clear_run),
        .commands_done(commands_done), .memory_idle(memory_idle),
        .load_error(rsp_valid[2] && rsp_error), .store_error(write_bus_error), .weights_error(rsp_valid[1] && rsp_error),
        .req_valid(fetch_valid), .req_ready(fetch_ready), .req_addr(fetch_addr), .req_beats(fetch_beats),
        .rsp_valid(rsp_valid[0]), .rsp_data(rsp_data), .rsp_error(rsp_error),
        .load_valid(load_valid), .load_ready(load_ready), .load_cmd(load_cmd), .load_done(load_done),
        .store_valid(store_valid), .store_ready(store_ready), .store_cmd(store_cmd), .store_left(store_left),
        .store_done(store_done),
        .compute_valid(compute_valid), .compute_ready(compute_ready), .compute_cmd(compute_cmd),
        .compute_read(read_done), .compute_push_load(read_done_push),
        .compute_done(finished), .compute_push_store(finished_push),
        .compute_waits_load(compute_waits_load), .compute_waits_store(compute_waits_store),
        .job_valid(job_valid), .job_ready(job_ready), .job(job),
        .weights_valid(wjob_valid), .weights_ready(wjob_ready), .weights_addr(wjob_addr), .weights_rows(wjob_rows),
        .weights_sync(wjob_sync)
    );

    wire sync_go, row_valid, row_ready, weights_valid, loads_valid;

    // Moving features: load, store and the write master stand still together.
    wire move_clk;
    wire move_awake = unit_rst || load_valid || load_busy || store_valid || store_busy || wr_req_valid || !write_idle;
    weft_gate u_move_gate (.clk(clk), .awake(move_awake), .pin(1'b0), .gclk(move_clk));

    // Reading: the read master, which may stand still while memory takes its time, and the weight stream as far as the array.
    // The row on its way to the array (FEED_CYCLES of weft_compute) is what takes longest after the last event.
    wire read_clk, row_awake;
    wire read_awake = unit_rst || stop || rd_req_valid || loads_valid || weights_valid || fetch_valid || !read_rests
                   || m_axi_arvalid || (wjob_valid && wjob_ready) || sync_go || (row_valid && row_ready) || row_awake;
    weft_gate #(.LINGER(8)) u_read_gate (.clk(clk), .awake(read_awake), .pin(m_axi_rvalid), .gclk(read_clk));

    // Memory masters, and the registers between them and the pins.
    wire                   arvalid, arready, rvalid, rlast, awvalid, awready, wvalid, wready, wlast, bvalid;
    wire [31:0]            araddr, awaddr;
    wire [7:0]             arlen, awlen;
    wire [8*MEM_BYTES-1:0] rdata, wdata;
    wire [MEM_BYTES-1:0]   wstrb;
    wire [1:0]             rresp, bresp;
    wire        weights_ready, loads_ready, weights_urgent;
    wire [31:0] weights_addr, loads_addr, store_addr;
    wire [4:0]  weights_beats, loads_beats, store_beats;
    wire        store_req_valid, store_req_ready, store_data_valid, store_data_ready;
    wire [8*MEM_BYTES-1:0] store_data;
    wire [MEM_BYTES-1:0]   store_strb;
    wire [1:0]  write_done;
    wire        write_done_error, read_bus_error;

    // The window in whole beats: bytes of a beat that lie outside are read but not used, or have no strobe.
    localparam integer BW = $clog2(MEM_BYTES);
    wire [31-BW:0] limit_beat  = (|win_limit[BW-1:0] && !(&win_limit[31:BW])) ? win_limit[31:BW] + 1'b1 : win_limit[31:BW];
    wire [31:0]    beats_base  = {win_base[31:BW], {BW{1'b0}}};
    wire [31:0]    beats_limit = {limit_beat, {BW{1'b0}}};

    weft_mem_read #(.MEM_BYTES(MEM_BYTES)) u_mem_read (
        .clk(read_clk), .rst(rst_q),
        .req_valid({rd_req_valid, loads_valid, weights_valid, fetch_valid}),
        .req_ready({rd_req_ready, loads_ready, weights_ready, fetch_ready}),
        .req_addr({rd_req_addr, loads_addr, weights_addr, fetch_addr}),
        .req_beats({rd_req_beats, loads_beats, weights_beats, fetch_beats}),
        .rsp_valid(rsp_valid), .rsp_data(rsp_data), .rsp_last(rsp_last), .rsp_error(rsp_error),
        .weights_urgent(weights_urgent), .win_base(beats_base), .win_limit(beats_limit), .stop(stop),
        .idle(read_idle), .resting(read_rests), .bus_error(read_bus_error), .beat(read_beat),
        .arvalid(arvalid), .arready(arready), .araddr(araddr), .arlen(arlen),
        .arsize(m_axi_arsize), .arburst(m_axi_arburst), .rvalid(rvalid), .rready(m_axi_rready),
        .rdata(rdata), .rresp(rresp), .rlast(rlast)
    );
    assign rd_rsp_valid = rsp_valid[3];
    assign rd_rsp_data = rsp_data;
    assign rd_rsp_error = rsp_error;

    weft_mem_write #(.MEM_BYTES(MEM_BYTES), .MAX_OUTSTANDING(SMALL != 0 ? 16 : 32)) u_mem_write (
        .clk(move_clk), .rst(rst_q),
        .req_valid({wr_req_valid, store_req_valid}), .req_ready({wr_req_ready, store_req_ready}),
        .req_addr({wr_req_addr, store_addr}), .req_beats({wr_req_beats, store_beats}),
        .data_valid({wr_data_valid, store_data_valid}), .data_ready({wr_data_ready, store_data_ready}),
        .data({wr_data, store_data}), .strb({wr_strb, store_strb}), .done(write_done), .done_error(write_done_error),
        .win_base(beats_base), .win_limit(beats_limit), .stop(stop), .idle(write_idle), .bus_error(write_bus_error),
        .beat(write_beat),
        .awvalid(awvalid), .awready(awready), .awaddr(awaddr), .awlen(awlen),
        .awsize(m_axi_awsize), .awburst(m_axi_awburst), .wvalid(wvalid), .wready(wready),
        .wdata(wdata), .wstrb(wstrb), .wlast(wlast),
        .bvalid(bvalid), .bready(m_axi_bready), .bresp(bresp)
    );
    assign wr_done = write_done[1];
    assign wr_done_error = write_done_error;

    weft_axi_slice #(.MEM_BYTES(MEM_BYTES)) u_axi_slice (
        .read_clk(read_clk), .write_clk(move_clk), .rst(rst_q),
        .s_arvalid(arvalid), .s_arready(arready), .s_araddr(araddr), .s_arlen(arlen),
        .s_rvalid(rvalid), .s_rdata(rdata), .s_rresp(rresp), .s_rlast(rlast),
        .s_awvalid(awvalid), .s_awready(awready), .s_awaddr(awaddr), .s_awlen(awlen),
        .s_wvalid(wvalid), .s_wready(wready), .s_wdata(wdata), .s_wstrb(wstrb), .s_wlast(wlast),
        .s_bvalid(bvalid), .s_bresp(bresp),
        .m_arvalid(m_axi_arvalid), .m_arready(m_axi_arready), .m_araddr(m_axi_araddr), .m_arlen(m_axi_arlen),
        .m_rvalid(m_axi_rvalid), .m_rdata(m_axi_rdata), .m_rresp(m_axi_rresp), .m_rlast(m_axi_rlast),
        .m_awvalid(m_axi_awvalid), .m_awready(m_axi_awready), .m_awaddr(m_axi_awaddr), .m_awlen(m_axi_awlen),
        .m_wvalid(m_axi_wvalid), .m_wready(m_axi_wready), .m_wdata(m_axi_wdata), .m_wstrb(m_axi_wstrb), .m_wlast(m_axi_wlast),
        .m_bvalid(m_axi_bvalid), .m_bresp(m_axi_bresp)
    );

    // Feature buffer.
    wire                      late_clk;         // of port B, and of what follows the accumulators
    wire [3:0]                a_en;
    wire [4*AW-1:0]           a_word;
    wire [4*OW-1:0]           a_off;
    wire                      a_pair;
    wire [AW-1:0]             a_step;
    wire [4*8*WORD_BYTES-1:0] a_data;
    wire [4*8*COLS-1:0]       a_later;
    wire                      w_en, x_valid, x_ready, x_rsp_valid, s_valid, s_ready, s_rsp_valid, l_valid, l_ready;
    wire [1:0]                w_bank, x_bank, s_bank, l_bank;
    wire [AW-1:0]             w_word, x_word, s_word, l_word;
    wire [OW-1:0]             w_off, x_off, s_off, l_off;
    wire [COLS-1:0]           w_be;
    wire [8*COLS-1:0]         w_data, x_rsp_data;
    wire [8*MEM_BYTES-1:0]    s_rsp_data, l_data;

    weft_feature_buffer #(.ROWS(ROWS), .COLS(COLS), .FB_WORDS(FB_WORDS), .MEM_BYTES(MEM_BYTES)) u_feature_buffer (
        .clk(clk), .b_clk(late_clk), .rst(unit_rst), .a_en(a_en), .a_word(a_word), .a_off(a_off), .a_pair(a_pair), .a_step(a_step),
        .a_data(a_data), .a_later(a_later),
        .w_en(w_en), .w_bank(w_bank), .w_word(w_word), .w_off(w_off), .w_be(w_be), .w_data(w_data),
        .x_valid(x_valid), .x_ready(x_ready), .x_bank(x_bank), .x_word(x_word), .x_off(x_off),
        .x_rsp_valid(x_rsp_valid), .x_rsp_data(x_rsp_data),
        .s_valid(s_valid), .s_ready(s_ready), .s_bank(s_bank), .s_word(s_word), .s_off(s_off),
        .s_rsp_valid(s_rsp_valid), .s_rsp_data(s_rsp_data),
        .l_valid(l_valid), .l_ready(l_ready), .l_bank(l_bank), .l_word(l_word), .l_off(l_off), .l_data(l_data)
    );

    weft_load #(.ROWS(ROWS), .COLS(COLS), .FB_WORDS(FB_WORDS), .MEM_BYTES(MEM_BYTES)) u_load (
        .clk(move_clk), .rst(unit_rst), .cmd_valid(load_valid), .cmd_ready(load_ready), .cmd_data(load_cmd),
        .done(load_done), .busy(load_busy),
        .req_valid(loads_valid), .req_ready(loads_ready), .req_addr(loads_addr), .req_beats(loads_beats),
        .rsp_valid(rsp_valid[2]), .rsp_data(rsp_data),
        .l_valid(l_valid), .l_ready(l_ready), .l_bank(l_bank), .l_word(l_word), .l_off(l_off), .l_data(l_data)
    );

    weft_store #(.ROWS(ROWS), .COLS(COLS), .FB_WORDS(FB_WORDS), .MEM_BYTES(MEM_BYTES)) u_store (
        .clk(move_clk), .rst(unit_rst), .cmd_valid(store_valid), .cmd_ready(store_ready), .cmd_data(store_cmd),
        .left(store_left), .done(store_done), .busy(store_busy),
        .s_valid(s_valid), .s_ready(s_ready), .s_bank(s_bank), .s_word(s_word), .s_off(s_off),
        .s_rsp_valid(s_rsp_valid), .s_rsp_data(s_rsp_data),
        .req_valid(store_req_valid), .req_ready(store_req_ready), .req_addr(store_addr), .req_beats(store_beats),
        .data_valid(store_data_valid), .data_ready(store_data_ready), .data(store_data), .strb(store_strb),
        .req_done(write_done[0])
    );

    wire [8*COLS-1:0] row_data;
    weft_weights #(.COLS(COLS), .MEM_BYTES(MEM_BYTES)) u_weights (
        .clk(read_clk), .rst(unit_rst), .job_valid(wjob_valid), .job_ready(wjob_ready), .job_addr(wjob_addr),
        .job_rows(wjob_rows), .job_sync(wjob_sync), .sync_go(sync_go),
        .req_valid(weights_valid), .req_ready(weights_ready), .req_addr(weights_addr), .req_beats(weights_beats),
        .rsp_valid(rsp_valid[1]), .rsp_data(rsp_data), .urgent(weights_urgent), .beat(weight_beat),
        .row_valid(row_valid), .row_ready(row_ready), .row_data(row_data)
    );

    weft_compute #(.ROWS(ROWS), .COLS(COLS), .LANES(LANES), .FB_WORDS(FB_WORDS), .ACC_DEPTH(ACC_DEPTH),
                   .MEM_BYTES(MEM_BYTES), .HAS_PAIR(HAS_PAIR), .HAS_TFLITE(HAS_TFLITE), .HAS_FLOAT(HAS_FLOAT),
                   .LUT_CELLS(LUT_CELLS)) u_compute (
        .clk(clk), .rst(unit_rst), .cmd_valid(compute_valid), .cmd_ready(compute_ready), .cmd(compute_cmd),
        .job_valid(job_valid), .job_ready(job_ready), .job(job),
        .sync_go(sync_go), .row_valid(row_valid), .row_ready(row_ready), .row_data(row_data),
        .a_en(a_en), .a_word(a_word), .a_off(a_off), .a_pair(a_pair), .a_step(a_step),
        .a_data(a_data), .a_later(a_later),
        .w_en(w_en), .w_bank(w_bank), .w_word(w_word), .w_off(w_off), .w_be(w_be), .w_data(w_data),
        .x_valid(x_valid), .x_ready(x_ready), .x_bank(x_bank), .x_word(x_word), .x_off(x_off),
        .x_rsp_valid(x_rsp_valid), .x_rsp_data(x_rsp_data),
        .read_done(read_done), .read_done_push(read_done_push), .finished(finished), .finished_push(finished_push),
        .issued(issued), .stall_weights(stall_weights), .stall_drain(stall_drain), .stall_lanes(stall_lanes),
        .stall_operand(stall_operand), .idle(compute_idle),
        .late_wanted(s_valid || l_valid), .late_clk(late_clk),
        .row_clk(read_clk), .row_awake(row_awake)
    );

    wire unused = &{1'b0, rsp_last, read_bus_error};

endmodule

`default_nettype wire
