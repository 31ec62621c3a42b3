// weft_mem_write with store and link writing at random: bytes, order of done, errors, bursts outside the window, stop.
//
// A model takes every burst at the moment its last beat is handed over (memory is in order too); at the end and after every
// stop memory is compared.  A burst of store that stop cuts off must leave no trace.
`timescale 1ns / 1ps
`default_nettype none

module tb_weft_mem_write #(
    parameter integer MEM_BYTES = 16, CYCLES = 12000
);
    localparam integer M = MEM_BYTES, SIZE = 8192;
    localparam integer BASE = 1024 + 3*M, LIMIT = 6144 + 5*M;    // the window; link may go everywhere

    reg clk = 1'b0, rst = 1'b1, stop = 1'b0;
    always #5 clk = !clk;

    reg  [1:0]       req_valid = 0, data_valid = 0;
    wire [1:0]       req_ready, data_ready, done, awburst, bresp;
    reg  [63:0]      req_addr;
    reg  [9:0]       req_beats;
    reg  [2*8*M-1:0] data;
    reg  [2*M-1:0]   strb;
    wire             done_error, idle, bus_error, beat, awvalid, awready, wvalid, wready, wlast, bvalid, bready;
    wire [31:0]      awaddr;
    wire [7:0]       awlen;
    wire [2:0]       awsize;
    wire [8*M-1:0]   wdata;
    wire [M-1:0]     wstrb;
    reg  [31:0]      err_base = 4096, err_limit = 4096 + 5 * M;

    weft_mem_write #(.MEM_BYTES(M), .MAX_OUTSTANDING(4), .FIFO_BEATS(32)) dut (
        .clk(clk), .rst(rst), .req_valid(req_valid), .req_ready(req_ready), .req_addr(req_addr), .req_beats(req_beats),
        .data_valid(data_valid), .data_ready(data_ready), .data(data), .strb(strb), .done(done), .done_error(done_error),
        .win_base(BASE), .win_limit(LIMIT), .stop(stop), .idle(idle), .bus_error(bus_error), .beat(beat),
        .awvalid(awvalid), .awready(awready), .awaddr(awaddr), .awlen(awlen), .awsize(awsize), .awburst(awburst),
        .wvalid(wvalid), .wready(wready), .wdata(wdata), .wstrb(wstrb), .wlast(wlast),
        .bvalid(bvalid), .bready(bready), .bresp(bresp));

    axi_mem #(.MEM_BYTES(M), .SIZE(SIZE)) u_mem (
        .clk(clk), .rst(rst), .err_base(err_base), .err_limit(err_limit),
        .arvalid(1'b0), .arready(), .araddr(32'd0), .arlen(8'd0), .arsize(3'd0), .arburst(2'd0),
        .rvalid(), .rready(1'b1), .rdata(), .rresp(), .rlast(),
        .awvalid(awvalid), .awready(awready), .awaddr(awaddr), .awlen(awlen), .awsize(awsize), .awburst(awburst),
        .wvalid(wvalid), .wready(wready), .wdata(wdata), .wstrb(wstrb), .wlast(wlast),
        .bvalid(bvalid), .bready(bready), .bresp(bresp));

    reg [7:0]  mem [0:SIZE-1];
    reg [7:0]  held_data [0:2*16*M-1];          // the open burst of each client
    reg        held_strb [0:2*16*M-1];
    integer    open [0:1];                      // bursts asked for and not handed over: three at most, oldest first
    reg [31:0] addr [0:7];                      // of client c from 4*c on
    integer    want [0:7], have [0:1], ended [0:1], confirmed [0:1], ahead = 0;
    reg        ended_bad [0:2*65536-1];
    integer    seed, first_seed, c, i, n, p, refused = 0, bad_bursts = 0, stops = 0, cut = 0, beats = 0;
    reg [1:0]  asked = 0, given = 0;
    reg        outside, bad;

    function integer draw(input integer n_in);
        draw = $unsigned($random(seed)) % n_in;
    endfunction

    task fail(input [8*24-1:0] what, input integer who, input [63:0] got, input [63:0] wanted);
        $fatal(1, "FAIL weft_mem_write/%0d: client %0d burst %0d %0s got %h want %h, seed %0d", M, who, ended[who], what, got, wanted, first_seed);
    endtask

    initial for (c = 0; c < 2; c = c + 1) begin open[c] = 0; have[c] = 0; ended[c] = 0; confirmed[c] = 0; end

    always @(posedge clk) if (!rst) begin : check
        for (c = 0; c < 2; c = c + 1) begin
            if (done[c]) begin
                if (confirmed[c] == ended[c]) fail("not asked", c, 0, 0);
                if (done_error !== ended_bad[c*65536 + confirmed[c] % 65536]) fail("error", c, done_error, !done_error);
                confirmed[c] = confirmed[c] + 1;
            end
            if (data_valid[c] && data_ready[c]) begin
                if (open[c] == 0) fail("data without burst", c, 0, 0);
                for (i = 0; i < M; i = i + 1) begin
                    held_data[(c*16 + have[c]) * M + i] = data[8*(c*M + i) +: 8];
                    held_strb[(c*16 + have[c]) * M + i] = strb[c*M + i];
                end
                have[c] = have[c] + 1;
                beats   = beats + 1;
                if (have[c] == want[4*c]) begin
                    outside = c == 0 && (addr[0] < BASE || addr[0] + want[0] * M > LIMIT);
                    bad     = outside;
                    for (i = 0; i < want[4*c] * M; i = i + 1) begin
                        p = addr[4*c] + i;
                        if (p >= err_base && p < err_limit) bad = 1'b1;
                        else if (!outside && held_strb[c*16*M + i]) mem[p] = held_data[c*16*M + i];
                    end
                    ended_bad[c*65536 + ended[c] % 65536] = bad;
                    ended[c]   = ended[c] + 1;
                    refused    = refused + outside;
                    bad_bursts = bad_bursts + bad;
                    open[c]    = open[c] - 1;
                    have[c]    = 0;
                    for (i = 4*c; i < 4*c + 3; i = i + 1) begin
                        addr[i] = addr[i+1];
                        want[i] = want[i+1];
                    end
                end
            end
            if (c == 0 && stop && open[0] != 0) begin
                cut = cut + open[0];
                open[0] = 0;
                have[0] = 0;
            end
            if (req_valid[c] && req_ready[c]) begin
                if (open[c] > 2 || stop) fail("taken", c, open[c], stop);
                if (open[c] == 2) ahead = ahead + 1;
                addr[4*c + open[c]] = req_addr[32*c +: 32];
                want[4*c + open[c]] = req_beats[5*c +: 5];
                open[c] = open[c] + 1;
            end
        end
        if (bus_error !== (done[0] && done_error)) fail("bus_error", 0, bus_error, done);
        asked = req_valid & req_ready;
        given = data_valid & data_ready;
        if (idle && (open[0] != 0 || open[1] != 0) && asked == 0) fail("idle while open", 0, 0, 0);
    end

    // The bus itself: bursts of store stay inside.
    reg last_client;
    always @(posedge clk) begin
        if (dut.send) last_client <= dut.burst_client;
        if (!rst && awvalid && awready && !last_client && (awaddr < BASE || awaddr + (awlen + 1) * M > LIMIT))
            fail("outside on the bus", 0, awaddr, 0);
    end

    task compare;
        begin
            for (i = 0; i < SIZE; i = i + 1)
                if (u_mem.mem[i] !== mem[i]) fail("memory", i, u_mem.mem[i], mem[i]);
            for (c = 0; c < 2; c = c + 1)
                if (confirmed[c] !== ended[c]) fail("confirmed", c, confirmed[c], ended[c]);
        end
    endtask

    task drive;
        begin
            for (c = 0; c < 2; c = c + 1) begin
                if (asked[c]) req_valid[c] = 1'b0;
                if (!req_valid[c] && !stop && draw(c ? 40 : 3) == 0) begin
                    n = draw(SIZE / M) * M;
                    if (c == 0 && draw(8) != 0) n = BASE + draw((LIMIT - BASE) / M) * M;
                    if (draw(12) == 0) n = draw(2) ? BASE - M * (1 + draw(3)) : LIMIT - M * (1 + draw(3));
                    req_addr[32*c +: 32] = n;
                    req_beats[5*c +: 5]  = 1 + draw(16 - n / M % 16);
                    req_valid[c]         = 1'b1;
                end
                // Data may wait before its burst is open.
                if (given[c] || !data_valid[c]) begin
                    data_valid[c] = draw(4) != 0;
                    for (i = 0; i < M; i = i + 1) data[8*(c*M + i) +: 8] = $random(seed);
                    for (i = 0; i < M; i = i + 1) strb[c*M + i] = draw(8) != 0;
                end
            end
            asked = 0;
            given = 0;
        end
    endtask

    integer wait_cycles;
    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        first_seed = seed;
        for (i = 0; i < SIZE; i = i + 1) begin mem[i] = $random(seed); u_mem.mem[i] = mem[i]; end
        u_mem.seed = seed + 1;
        repeat (3) @(negedge clk);
        rst = 1'b0;
        for (n = 0; n < 2; n = n + 1) asked = 0;
        repeat (CYCLES) begin
            if (draw(100) == 0) begin
                u_mem.stall = draw(3) * 30; u_mem.latency = draw(30); u_mem.jitter = draw(20);
            end
            drive;
            if (draw(300) == 0) begin
                #1 stop = 1'b1;
                if (req_valid[0]) req_valid[0] = 1'b0;
                stops = stops + 1;
                @(negedge clk);
                for (wait_cycles = 0; !idle; wait_cycles = wait_cycles + 1) begin
                    drive;
                    @(negedge clk);
                    if (wait_cycles > 3000) fail("stop never ends", 0, idle, 1);
                end
                if (awvalid || wvalid) fail("bus after idle", 0, awvalid, wvalid);
                compare;
                #1 stop = 1'b0;
            end
            @(negedge clk);
        end
        stop = 1'b1;
        @(negedge clk);
        for (wait_cycles = 0; !idle; wait_cycles = wait_cycles + 1) begin
            drive;
            @(negedge clk);
            if (wait_cycles > 3000) fail("never idle", 0, idle, 1);
        end
        compare;
        if (refused == 0 || bad_bursts == 0 || cut == 0 || ahead == 0) fail("coverage", 0, refused, cut);
        $display("ok weft_mem_write/%0d: %0d beats in %0d bursts, %0d with error, %0d refused, %0d stops cut %0d, seed %0d",
                 M, beats, ended[0] + ended[1], bad_bursts, refused, stops, cut, first_seed);
        $finish;
    end
endmodule

`default_nettype wire
