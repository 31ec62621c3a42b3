// weft_weights behind weft_mem_read: every row of every job in order, sync, room, and a row a cycle without gaps.
`timescale 1ns / 1ps
`default_nettype none

module tb_weft_weights #(
    parameter integer COLS = 16, MEM_BYTES = 16, WFIFO_BEATS = 64, JOBS_RUN = 150
);
    localparam integer M = MEM_BYTES, CP = 1 << $clog2(COLS > 4 ? COLS : 4), SIZE = 65536;

    reg clk = 1'b0, rst = 1'b1;
    always #5 clk = !clk;

    reg            job_valid = 0, job_sync, sync_go = 0, row_ready = 0;
    wire           job_ready, row_valid, req_valid, urgent, beat;
    reg  [31:0]    job_addr, job_rows;
    wire [8*COLS-1:0] row_data;
    wire [31:0]    req_addr;
    wire [4:0]     req_beats;
    wire [3:0]     rsp_valid, req_ready;
    wire [8*M-1:0] rsp_data, rdata;
    wire           arvalid, arready, rvalid, rready, rlast;
    wire [31:0]    araddr;
    wire [7:0]     arlen;
    wire [2:0]     arsize;
    wire [1:0]     arburst, rresp;

    weft_weights #(.COLS(COLS), .MEM_BYTES(M), .WFIFO_BEATS(WFIFO_BEATS)) dut (
        .clk(clk), .rst(rst), .job_valid(job_valid), .job_ready(job_ready), .job_addr(job_addr), .job_rows(job_rows),
        .job_sync(job_sync), .sync_go(sync_go), .req_valid(req_valid), .req_ready(req_ready[1]), .req_addr(req_addr),
        .req_beats(req_beats), .rsp_valid(rsp_valid[1]), .rsp_data(rsp_data), .urgent(urgent), .beat(beat),
        .row_valid(row_valid), .row_ready(row_ready), .row_data(row_data));

    weft_mem_read #(.MEM_BYTES(M)) u_read (
        .clk(clk), .rst(rst), .req_valid({2'b00, req_valid, 1'b0}), .req_ready(req_ready), .req_addr({64'd0, req_addr, 32'd0}),
        .req_beats({10'd0, req_beats, 5'd0}), .rsp_valid(rsp_valid), .rsp_data(rsp_data), .rsp_last(), .rsp_error(),
        .weights_urgent(urgent), .win_base(32'd0), .win_limit(SIZE), .stop(1'b0), .idle(), .resting(), .bus_error(), .beat(),
        .arvalid(arvalid), .arready(arready), .araddr(araddr), .arlen(arlen), .arsize(arsize), .arburst(arburst),
        .rvalid(rvalid), .rready(rready), .rdata(rdata), .rresp(rresp), .rlast(rlast));

    axi_mem #(.MEM_BYTES(M), .SIZE(SIZE)) u_mem (
        .clk(clk), .rst(rst), .err_base(32'd0), .err_limit(32'd0),
        .arvalid(arvalid), .arready(arready), .araddr(araddr), .arlen(arlen), .arsize(arsize), .arburst(arburst),
        .rvalid(rvalid), .rready(rready), .rdata(rdata), .rresp(rresp), .rlast(rlast),
        .awvalid(1'b0), .awready(), .awaddr(32'd0), .awlen(8'd0), .awsize(3'd0), .awburst(2'd0),
        .wvalid(1'b0), .wready(), .wdata({8*M{1'b0}}), .wstrb({M{1'b0}}), .wlast(1'b0),
        .bvalid(), .bready(1'b1), .bresp());

    reg [31:0] addr [0:1023], rows [0:1023];
    reg        sync [0:1023];
    integer seed, first_seed, i, jobs, made = 0, put = 0, job = 0, row = 0, all = 0, beats = 0, want_beats = 0;
    integer synced = 0, gos = 0, cycle = 0, first = 0, last = 0, patience = 0, slow = 1, job_syncs = 0;
    reg [31:0] at;

    function integer draw(input integer n);
        draw = $unsigned($random(seed)) % n;
    endfunction

    task fail(input [8*16-1:0] what, input [63:0] got, input [63:0] want);
        $fatal(1, "FAIL weft_weights %0d/%0d: job %0d row %0d %0s got %h want %h, seed %0d", COLS, M, job, row, what, got, want, first_seed);
    endtask

    reg taken = 0;
    always @(posedge clk) if (!rst) begin
        cycle = cycle + 1;
        taken = job_valid && job_ready;
        if (beat) beats = beats + 1;
        if (row_valid && row_ready) begin
            if (job == made) fail("no job", 0, 0);
            if (row == 0 && sync[job]) begin
                job_syncs = job_syncs + 1;
                if (job_syncs > gos) fail("before sync_go", job_syncs, gos);
            end
            at = addr[job] + row * CP;
            for (i = 0; i < COLS; i = i + 1)
                if (row_data[8*i +: 8] !== u_mem.mem[at + i]) fail("byte", row_data[8*i +: 8], u_mem.mem[at + i]);
            if (first == 0) first = cycle;
            last = cycle;
            all  = all + 1;
            row  = row + 1;
            if (row == rows[job]) begin
                want_beats = want_beats + (rows[job] * CP + M - 1) / M;
                row = 0;
                job = job + 1;
            end
        end
        if (sync_go) gos = gos + 1;
        if (dut.used > WFIFO_BEATS) fail("room", dut.used, WFIFO_BEATS);
    end

    // A pulse may come long before or after its job, but no more than seven before.
    always @(negedge clk) begin
        if (taken) begin put = put + 1; job_valid = 0; taken = 0; end
        if (!job_valid && put < made && draw(slow) == 0) begin
            job_valid = 1'b1; job_addr = addr[put]; job_rows = rows[put]; job_sync = sync[put];
        end
        sync_go   = gos < synced && gos < job_syncs + (slow == 1 ? 3 : 1) && draw(slow == 1 ? 20 : 200) == 0;
        row_ready = slow == 1 || draw(3) != 0;
    end

    task run(input integer n, input integer longest, input with_sync);
        begin
            jobs = made + n;
            for (i = made; i < jobs; i = i + 1) begin
                rows[i] = 1 + draw(draw(2) ? longest : 5);
                addr[i] = draw((SIZE - rows[i] * CP) / 32) * 32;
                sync[i] = with_sync && draw(4) == 0;
                synced  = synced + sync[i];
            end
            made = jobs;
            for (patience = 0; job != made; patience = patience + 1) begin
                @(negedge clk);
                if (patience > 100000) fail("never ends", job, made);
            end
            repeat (60) @(negedge clk);
            if (row_valid || beats != want_beats) fail("beats", beats, want_beats);
        end
    endtask

    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        first_seed = seed;
        for (i = 0; i < SIZE; i = i + 1) u_mem.mem[i] = $random(seed);
        repeat (3) @(negedge clk);
        rst = 1'b0;
        slow = 8;
        run(JOBS_RUN, 100, 1'b1);
        slow = 1;
        u_mem.stall = 0; u_mem.jitter = 0; u_mem.latency = 20;
        run(JOBS_RUN, 100, 1'b1);
        // No stalls, jobs of whole beats: from the first row to the last one row a cycle, or one beat.
        for (i = 0; i < 40; i = i + 1) begin
            rows[made + i] = 32 * (1 + draw(3)); addr[made + i] = draw(512) * 32; sync[made + i] = 1'b0;
        end
        all = 0; first = 0; made = made + 40;
        while (job != made) @(negedge clk);
        if (last - first + 1 > all * (CP > M ? CP / M : 1)) fail("gaps", last - first + 1, all);
        $display("ok weft_weights %0d/%0d: %0d jobs, %0d beats, %0d with sync, %0d rows in %0d cycles, seed %0d",
                 COLS, M, made, beats, synced, all, last - first + 1, first_seed);
        $finish;
    end
endmodule

`default_nettype wire
