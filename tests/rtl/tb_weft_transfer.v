// LOAD and STORE from command to memory and back: weft_load, weft_store, weft_feature_buffer, weft_mem_read and
// weft_mem_write together, against the sentences of the contract as loops over bytes.
//
// Rounds of random commands: both queues at once on separate places with results and operands in between; one queue
// alone on the whole buffer, where commands overlap each other; stopped at a random moment; with a
// range of memory that answers with errors.  After each round all of memory and all of the buffer are
// compared.  At the end the cycles of long transfers on a memory without stalls.
`timescale 1ns / 1ps
`default_nettype none

module tb_weft_transfer #(
    parameter integer ROWS = 16, COLS = 16, MEM_BYTES = 16, FB_WORDS = 64, ROUNDS = 40
);
    localparam integer M = MEM_BYTES, SIZE = 16384, HALF = SIZE / 2, MOST = 6;
    localparam integer MAX0 = ROWS > COLS ? ROWS : COLS;
    localparam integer W    = 1 << $clog2(MAX0 > M ? MAX0 : M);
    localparam integer AW   = $clog2(FB_WORDS), OW = $clog2(W);
    localparam integer BANK = FB_WORDS * W;
    localparam integer BOTH = 0, LOADS = 1, STORES = 2, STOP = 3, ERRORS = 4;

    reg clk = 1'b0, rst = 1'b1, clear = 1'b0, stop = 1'b0;
    always #5 clk = !clk;
    wire unit_rst = rst || clear;

    // ---- The design

    reg             lc_valid = 0, sc_valid = 0;
    reg  [255:0]    lc_data, sc_data;
    wire            lc_ready, sc_ready, l_done, l_busy, s_left, s_done, s_busy;
    wire            lr_valid, lr_ready, sr_valid, sr_ready, sd_valid, sd_ready;
    wire [31:0]     lr_addr, sr_addr;
    wire [4:0]      lr_beats, sr_beats;
    wire [3:0]      rd_rsp, rd_ready;
    wire [8*M-1:0]  rd_data, sd_data, l_data, s_data;
    wire [M-1:0]    sd_strb;
    wire [1:0]      wr_done, wr_ready, wd_ready;
    wire            rd_idle, wr_idle, rd_error, wr_error, l_valid, l_ready, s_valid, s_ready, s_rsp_valid;
    wire [1:0]      l_bank, s_bank;
    wire [AW-1:0]   l_word, s_word;
    wire [OW-1:0]   l_off, s_off;
    reg  [3:0]      a_en = 0;
    reg  [AW-1:0]   a_word = 0;
    wire [4*8*W-1:0] a_data;
    reg             w_en = 0, x_valid = 0;
    reg  [1:0]      w_bank, x_bank;
    reg  [AW-1:0]   w_word, x_word;
    reg  [OW-1:0]   w_off;
    reg  [COLS-1:0] w_be;
    reg  [8*COLS-1:0] w_data;

    weft_load #(.ROWS(ROWS), .COLS(COLS), .FB_WORDS(FB_WORDS), .MEM_BYTES(M), .FIFO_BEATS(64)) u_load (
        .clk(clk), .rst(unit_rst), .cmd_valid(lc_valid), .cmd_ready(lc_ready), .cmd_data(lc_data), .done(l_done), .busy(l_busy),
        .req_valid(lr_valid), .req_ready(rd_ready[2]), .req_addr(lr_addr), .req_beats(lr_beats),
        .rsp_valid(rd_rsp[2]), .rsp_data(rd_data),
        .l_valid(l_valid), .l_ready(l_ready), .l_bank(l_bank), .l_word(l_word), .l_off(l_off), .l_data(l_data));

    weft_store #(.ROWS(ROWS), .COLS(COLS), .FB_WORDS(FB_WORDS), .MEM_BYTES(M)) u_store (
        .clk(clk), .rst(unit_rst), .cmd_valid(sc_valid), .cmd_ready(sc_ready), .cmd_data(sc_data), .left(s_left), .done(s_done),
        .busy(s_busy), .s_valid(s_valid), .s_ready(s_ready), .s_bank(s_bank), .s_word(s_word), .s_off(s_off),
        .s_rsp_valid(s_rsp_valid), .s_rsp_data(s_data),
        .req_valid(sr_valid), .req_ready(wr_ready[0]), .req_addr(sr_addr), .req_beats(sr_beats),
        .data_valid(sd_valid), .data_ready(wd_ready[0]), .data(sd_data), .strb(sd_strb), .req_done(wr_done[0]));

    weft_feature_buffer #(.ROWS(ROWS), .COLS(COLS), .FB_WORDS(FB_WORDS), .MEM_BYTES(M)) u_buffer (
        .clk(clk), .b_clk(clk), .rst(unit_rst), .a_en(a_en), .a_pair(1'b0), .a_step(AW'(1)), .a_word({4{a_word}}), .a_off({4*OW{1'b0}}), .a_data(a_data),
        .w_en(w_en), .w_bank(w_bank), .w_word(w_word), .w_off(w_off), .w_be(w_be), .w_data(w_data),
        .x_valid(x_valid), .x_ready(), .x_bank(x_bank), .x_word(x_word), .x_off({OW{1'b1}}), .x_rsp_valid(), .x_rsp_data(),
        .s_valid(s_valid), .s_ready(s_ready), .s_bank(s_bank), .s_word(s_word), .s_off(s_off),
        .s_rsp_valid(s_rsp_valid), .s_rsp_data(s_data),
        .l_valid(l_valid), .l_ready(l_ready), .l_bank(l_bank), .l_word(l_word), .l_off(l_off), .l_data(l_data));

    wire           arvalid, arready, rvalid, rready, rlast, awvalid, awready, wvalid, wready, wlast, bvalid, bready;
    wire [31:0]    araddr, awaddr;
    wire [7:0]     arlen, awlen;
    wire [2:0]     arsize, awsize;
    wire [1:0]     arburst, awburst, rresp, bresp;
    wire [8*M-1:0] rdata, wdata;
    wire [M-1:0]   wstrb;
    reg  [31:0]    err_base = 0, err_limit = 0;

    weft_mem_read #(.MEM_BYTES(M), .MAX_OUTSTANDING(32)) u_read (
        .clk(clk), .rst(rst), .req_valid({1'b0, lr_valid, 2'b00}), .req_ready(rd_ready), .req_addr({32'd0, lr_addr, 64'd0}),
        .req_beats({5'd0, lr_beats, 10'd0}), .rsp_valid(rd_rsp), .rsp_data(rd_data), .rsp_last(), .rsp_error(),
        .weights_urgent(1'b0), .win_base(32'd0), .win_limit(SIZE), .stop(stop), .idle(rd_idle), .resting(), .bus_error(rd_error), .beat(),
        .arvalid(arvalid), .arready(arready), .araddr(araddr), .arlen(arlen), .arsize(arsize), .arburst(arburst),
        .rvalid(rvalid), .rready(rready), .rdata(rdata), .rresp(rresp), .rlast(rlast));

    weft_mem_write #(.MEM_BYTES(M), .MAX_OUTSTANDING(8), .FIFO_BEATS(32)) u_write (
        .clk(clk), .rst(rst), .req_valid({1'b0, sr_valid}), .req_ready(wr_ready), .req_addr({32'd0, sr_addr}),
        .req_beats({5'd0, sr_beats}), .data_valid({1'b0, sd_valid}), .data_ready(wd_ready), .data({{8*M{1'b0}}, sd_data}),
        .strb({{M{1'b0}}, sd_strb}), .done(wr_done), .done_error(), .win_base(32'd0), .win_limit(SIZE), .stop(stop),
        .idle(wr_idle), .bus_error(wr_error), .beat(),
        .awvalid(awvalid), .awready(awready), .awaddr(awaddr), .awlen(awlen), .awsize(awsize), .awburst(awburst),
        .wvalid(wvalid), .wready(wready), .wdata(wdata), .wstrb(wstrb), .wlast(wlast),
        .bvalid(bvalid), .bready(bready), .bresp(bresp));

    axi_mem #(.MEM_BYTES(M), .SIZE(SIZE)) u_mem (
        .clk(clk), .rst(rst), .err_base(err_base), .err_limit(err_limit),
        .arvalid(arvalid), .arready(arready), .araddr(araddr), .arlen(arlen), .arsize(arsize), .arburst(arburst),
        .rvalid(rvalid), .rready(rready), .rdata(rdata), .rresp(rresp), .rlast(rlast),
        .awvalid(awvalid), .awready(awready), .awaddr(awaddr), .awlen(awlen), .awsize(awsize), .awburst(awburst),
        .wvalid(wvalid), .wready(wready), .wdata(wdata), .wstrb(wstrb), .wlast(wlast),
        .bvalid(bvalid), .bready(bready), .bresp(bresp));

    // ---- The model: bytes, and which of them this round's commands may have changed

    reg [7:0] mem [0:SIZE-1];
    reg [7:0] fb [0:4*BANK-1];
    reg       mem_may [0:SIZE-1], fb_may [0:4*BANK-1];
    integer   seed, first_seed, round, kind, n_loads, n_stores, i, b, k;
    integer   row, a, u, pitch, top, size, rows, row_bytes, addr, stride, last_bank, last_word;
    integer   moved = 0, stops = 0, want_error;
    reg [255:0] loads [0:63], stores [0:63];
    integer   store_beats [0:63];               // beats read when command i has left the buffer

    function integer draw(input integer n);
        draw = $unsigned($random(seed)) % n;
    endfunction

    task fail(input [8*24-1:0] what, input integer index, input integer got, input integer want);
        $fatal(1, "FAIL weft_transfer %0dx%0d/%0d: round %0d kind %0d %0s %0d got %h want %h, seed %0d",
               ROWS, COLS, M, round, kind, what, index, got, want, first_seed);
    endtask

    `include "transfer_model.vh"

    // ---- Driver: both queues as fast as they are taken, or with pauses

    integer l_given = 0, s_given = 0, l_finished = 0, s_finished = 0, s_gone = 0, s_reads = 0, cycle = 0, errors = 0;
    reg     pauses = 1'b1, traffic = 1'b0;

    always @(posedge clk) begin
        cycle = cycle + 1;
        if (lc_valid && lc_ready) l_given = l_given + 1;
        if (sc_valid && sc_ready) s_given = s_given + 1;
        if (s_valid && s_ready) s_reads = s_reads + 1;
        if (rd_error || wr_error) errors = errors + 1;
        if (!unit_rst) begin
            if (l_done) l_finished = l_finished + 1;
            if (s_left) begin
                if (s_reads < store_beats[s_gone]) fail("left too early", s_gone, s_reads, store_beats[s_gone]);
                s_gone = s_gone + 1;
            end
            if (s_done) begin
                s_finished = s_finished + 1;
                if (s_finished > s_gone) fail("done before left", s_finished, s_gone, 0);
            end
        end
    end

    always @(negedge clk) if (rst || clear || stop) begin
        lc_valid = 0; sc_valid = 0; w_en = 0; x_valid = 0;
    end else begin
        if (!lc_valid || l_given_then != l_given) begin
            lc_valid = l_given < n_loads && (!pauses || draw(3) == 0);
            lc_data  = loads[l_given];
        end
        if (!sc_valid || s_given_then != s_given) begin
            sc_valid = s_given < n_stores && (!pauses || draw(3) == 0);
            sc_data  = stores[s_given];
        end
        l_given_then = l_given;
        s_given_then = s_given;
        // Results and operands in the last quarter of the buffer, where no command of this round is.
        w_en    = traffic && draw(2);
        w_bank  = draw(4);
        w_word  = FB_WORDS * 3 / 4 + draw(FB_WORDS / 4 - 1);
        w_off   = draw(W);
        w_be    = $random(seed);
        for (k = 0; k < COLS; k = k + 1) w_data[8*k +: 8] = $random(seed);
        x_valid = traffic && draw(2);
        x_bank  = draw(4);
        x_word  = draw(FB_WORDS);
        if (w_en) for (k = 0; k < COLS; k = k + 1)
            if (w_be[k]) fb[w_bank*BANK + w_word*W + w_off + k] = w_data[8*k +: 8];
    end
    integer l_given_then = 0, s_given_then = 0;

    // ---- Comparison, starting with the word that was written last

    task compare_memory;
        begin
            for (i = 0; i < SIZE; i = i + 1) begin
                if (u_mem.mem[i] !== mem[i] && !((kind == STOP || kind == ERRORS) && mem_may[i]))
                    fail("memory byte", i, u_mem.mem[i], mem[i]);
                mem[i] = u_mem.mem[i];
            end
        end
    endtask

    task compare_buffer;
        integer n, p, at;
        begin
            for (n = 0; n < FB_WORDS + 3; n = n + 1) begin
                at     = (last_word + n) % FB_WORDS;
                a_en   = n < FB_WORDS ? 4'hf : 4'h0;
                a_word = at;
                if (n >= 3) for (i = 0; i < 4*W; i = i + 1) begin
                    p = (i / W) * BANK + (last_word + n - 3) % FB_WORDS * W + i % W;
                    if (a_data[8*i +: 8] !== fb[p] && !((kind == STOP || kind == ERRORS) && fb_may[p]))
                        fail("buffer byte", p, a_data[8*i +: 8], fb[p]);
                    fb[p] = a_data[8*i +: 8];
                end
                @(negedge clk);
            end
        end
    endtask

    task run_round;
        integer limit, low, high, swap, total;
        begin
            l_given = 0; s_given = 0; l_given_then = 0; s_given_then = 0;
            l_finished = 0; s_finished = 0; s_gone = 0; s_reads = 0; errors = 0; want_error = 0; total = 0;
            for (i = 0; i < SIZE; i = i + 1) mem_may[i] = 1'b0;
            for (i = 0; i < 4*BANK; i = i + 1) fb_may[i] = 1'b0;
            swap = draw(2);
            high = FB_WORDS * 3 / 4;
            low  = high / 2;
            n_loads = 0; n_stores = 0;
            limit = 1 + draw(MOST);
            if (kind == ERRORS) begin
                err_base = draw(SIZE / M) * M; err_limit = err_base + M * (1 + draw(40));
            end
            if (kind != STORES) for (k = 0; k < limit; k = k + 1) begin
                if (kind == LOADS) make(0, FB_WORDS, 0, SIZE, 1'b1);
                else make(swap ? low : 0, swap ? high : low, swap ? HALF : 0, swap ? SIZE : HALF, 1'b1);
                act(1'b1);
                loads[k] = packed_command(1'b1);
            end
            if (kind != STORES) n_loads = limit;
            limit = 1 + draw(MOST);
            if (kind != LOADS) for (k = 0; k < limit; k = k + 1) begin
                if (kind == STORES) make(0, FB_WORDS, 0, SIZE, 1'b0);
                else make(swap ? 0 : low, swap ? low : high, swap ? 0 : HALF, swap ? HALF : SIZE, 1'b0);
                act(1'b0);
                total = total + beats;
                store_beats[k] = total;
                stores[k] = packed_command(1'b0);
            end
            if (kind != LOADS) n_stores = limit;
            traffic = kind == BOTH;
            if (kind == STOP) begin
                repeat (draw(200)) @(negedge clk);
                #1 stop = 1'b1;
                stops = stops + 1;
                @(negedge clk);
                limit = 0;
                while (!(rd_idle && wr_idle)) begin
                    @(negedge clk);
                    limit = limit + 1;
                    if (limit > 4000) fail("stop never ends", 0, rd_idle, wr_idle);
                end
                if (arvalid || awvalid || wvalid) fail("bus after idle", 0, {arvalid, awvalid, wvalid}, 0);
                #1 clear = 1'b1;
                @(negedge clk);
                #1 clear = 1'b0; stop = 1'b0; n_loads = 0; n_stores = 0;
                @(negedge clk);
            end
            limit = 0;
            while (l_finished < n_loads || s_finished < n_stores) begin
                @(negedge clk);
                limit = limit + 1;
                if (limit > 40000) fail("never done", l_finished, s_finished, n_stores);
            end
            traffic = 1'b0;
            if (kind != BOTH) compare_memory;
            if (kind != LOADS) repeat (3) @(negedge clk);
            compare_buffer;
            if (kind == BOTH) compare_memory;
            if (l_busy || s_busy) fail("busy", 0, {l_busy, s_busy}, 0);
            if (!rd_idle || !wr_idle) fail("idle", 0, {rd_idle, wr_idle}, 3);
            if (kind != STOP && (l_finished != n_loads || s_finished != n_stores || s_gone != n_stores)) fail("count", 0, s_gone, n_stores);
            if ((errors != 0) !== (want_error != 0)) fail("bus_error", 0, errors, want_error);
            err_base = 0; err_limit = 0; n_loads = 0; n_stores = 0;
        end
    endtask

    // One long transfer on a memory that never stalls: cycles from the first command to the last done.
    integer began;
    task measure(input is_load, input integer n, input integer y, input integer bytes, input integer gap, input integer extra,
                 input [8*16-1:0] name);
        begin
            l_given = 0; s_given = 0; l_given_then = 0; s_given_then = 0; l_finished = 0; s_finished = 0; s_gone = 0; s_reads = 0;
            row = 0; a = 0; u = 0; row_bytes = bytes; rows = y; stride = bytes + gap; addr = 0;
            pitch = (bytes + W - 1) / W; size = FB_WORDS / pitch * pitch; top = size;
            for (k = 0; k < n; k = k + 1) begin
                loads[k] = packed_command(1'b1); stores[k] = packed_command(1'b0);
                store_beats[k] = (k + 1) * y * ((bytes + M - 1) / M);
            end
            pauses = 1'b0;
            began  = cycle;
            if (is_load) n_loads = n; else n_stores = n;
            while (is_load ? l_finished < n : s_finished < n) @(negedge clk);
            n_loads = 0; n_stores = 0;
            beats = n * y * ((bytes + M - 1) / M);
            if (cycle - began > beats + extra)
                fail(name, beats, cycle - began, beats + extra);
            $display("   %0s: %0d beats in %0d cycles", name, beats, cycle - began);
        end
    endtask

    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        first_seed = seed;
        n_loads = 0; n_stores = 0; kind = LOADS; round = -1;
        for (i = 0; i < SIZE; i = i + 1) begin
            mem[i] = $random(seed); u_mem.mem[i] = mem[i]; mem_may[i] = 1'b0;
        end
        u_mem.seed = seed;
        repeat (4) @(negedge clk);
        rst = 1'b0;
        // Fill the buffer through the result port, COLS bytes a cycle.
        for (i = 0; i < 4*BANK; i = i + COLS) begin
            @(negedge clk);
            #1 w_en = 1'b1;
            {w_bank, w_word, w_off} = i;
            for (b = 0; b < COLS; b = b + 1) begin
                w_be[b] = i % W + b < W;
                w_data[8*b +: 8] = $random(seed);
                if (i % W + b < W) fb[i + b] = w_data[8*b +: 8];
            end
            if (i % W + COLS > W) i = (i / W + 1) * W - COLS;
        end
        @(negedge clk);
        #1 w_en = 1'b0;
        repeat (3) @(negedge clk);
        last_word = 0;
        compare_buffer;
        for (round = 0; round < ROUNDS; round = round + 1) begin
            kind          = round % 5;
            pauses        = draw(2);
            u_mem.stall   = draw(3) * 30;
            u_mem.latency = draw(40);
            u_mem.jitter  = draw(12);
            run_round;
        end
        u_mem.stall = 0; u_mem.latency = 20; u_mem.jitter = 0;
        repeat (3) @(negedge clk);
        measure(1'b1, 4, 8, 8 * M, 0, 40, "load, merged");
        measure(1'b1, 4, 8, 8 * M, 8 * M, 40, "load, rows");
        measure(1'b1, 8, 4, M, M, 48, "load, beats");
        measure(1'b0, 4, 8, 8 * M, 0, 64, "store, merged");
        measure(1'b0, 4, 8, 8 * M, 8 * M, 64, "store, rows");
        $display("ok weft_transfer %0dx%0d/%0d: %0d rounds, %0d bytes moved, %0d stopped, seed %0d",
                 ROWS, COLS, M, ROUNDS, moved, stops, first_seed);
        $finish;
    end
endmodule

`default_nettype wire
