// weft_mem_read with four clients that ask at random: order, data, errors of memory, bursts outside the window, stop.
//
// Every answer is compared with the memory and with the order of the client's own requests; no burst of a client but
// link may reach the bus outside the window; after stop nothing new starts and all that was taken ends.
`timescale 1ns / 1ps
`default_nettype none

module tb_weft_mem_read #(
    parameter integer MEM_BYTES = 16, MAX_OUTSTANDING = 8, CYCLES = 12000
);
    localparam integer M = MEM_BYTES, SIZE = 8192;
    localparam integer BASE = 1024 + 3*M, LIMIT = 6144 + 5*M;    // the window; link may go everywhere

    reg clk = 1'b0, rst = 1'b1, stop = 1'b0, urgent = 1'b0;
    always #5 clk = !clk;

    reg  [3:0]     req_valid = 0;
    wire [3:0]     req_ready, rsp_valid;
    reg  [4*32-1:0] req_addr;
    reg  [4*5-1:0] req_beats;
    wire [8*M-1:0] rsp_data, rdata;
    wire           rsp_last, rsp_error, idle, bus_error, beat, arvalid, arready, rvalid, rready, rlast;
    wire [31:0]    araddr;
    wire [7:0]     arlen;
    wire [2:0]     arsize;
    wire [1:0]     arburst, rresp;
    reg  [31:0]    err_base = 4096, err_limit = 4096 + 5 * M;

    weft_mem_read #(.MEM_BYTES(M), .MAX_OUTSTANDING(MAX_OUTSTANDING)) dut (
        .clk(clk), .rst(rst), .req_valid(req_valid), .req_ready(req_ready), .req_addr(req_addr), .req_beats(req_beats),
        .rsp_valid(rsp_valid), .rsp_data(rsp_data), .rsp_last(rsp_last), .rsp_error(rsp_error),
        .weights_urgent(urgent), .win_base(BASE), .win_limit(LIMIT), .stop(stop), .idle(idle), .resting(), .bus_error(bus_error), .beat(beat),
        .arvalid(arvalid), .arready(arready), .araddr(araddr), .arlen(arlen), .arsize(arsize), .arburst(arburst),
        .rvalid(rvalid), .rready(rready), .rdata(rdata), .rresp(rresp), .rlast(rlast));

    axi_mem #(.MEM_BYTES(M), .SIZE(SIZE)) u_mem (
        .clk(clk), .rst(rst), .err_base(err_base), .err_limit(err_limit),
        .arvalid(arvalid), .arready(arready), .araddr(araddr), .arlen(arlen), .arsize(arsize), .arburst(arburst),
        .rvalid(rvalid), .rready(rready), .rdata(rdata), .rresp(rresp), .rlast(rlast),
        .awvalid(1'b0), .awready(), .awaddr(32'd0), .awlen(8'd0), .awsize(3'd0), .awburst(2'd0),
        .wvalid(1'b0), .wready(), .wdata({8*M{1'b0}}), .wstrb({M{1'b0}}), .wlast(1'b0),
        .bvalid(), .bready(1'b1), .bresp());

    // What each client has asked for: address and beats, oldest at `got`.
    reg [31:0] asked_addr [0:4*65536-1];
    integer    asked_beats [0:4*65536-1];
    integer    asked [0:3], got [0:3], at_beat [0:3], refusals = 0, bad_beats = 0, beats = 0, bursts_out = 0, stops = 0;
    integer    seed, first_seed, c, i, q, n, edge_beats, turns = 0;
    reg        outside, bad;
    reg [31:0] at;
    reg [3:0]  taken = 0, last_taken = 0;

    function integer draw(input integer n_in);
        draw = $unsigned($random(seed)) % n_in;
    endfunction

    task fail(input [8*24-1:0] what, input integer who, input [63:0] have, input [63:0] want);
        $fatal(1, "FAIL weft_mem_read/%0d: client %0d request %0d %0s got %h want %h, seed %0d", M, who, got[who], what, have, want, first_seed);
    endtask

    initial for (i = 0; i < 4; i = i + 1) begin asked[i] = 0; got[i] = 0; at_beat[i] = 0; end

    always @(posedge clk) if (!rst) begin : check
        if (rsp_valid & (rsp_valid - 4'd1)) fail("two answers", 0, rsp_valid, 0);
        bad = 1'b0;
        for (c = 0; c < 4; c = c + 1) if (rsp_valid[c]) begin
            if (got[c] == asked[c]) fail("not asked", c, 0, 0);
            q       = c * 65536 + got[c] % 65536;
            at      = asked_addr[q] + at_beat[c] * M;
            outside = c != 3 && (asked_addr[q] < BASE || asked_addr[q] + asked_beats[q] * M > LIMIT);
            bad     = outside || (at >= err_base && at < err_limit);
            if (rsp_error !== bad) fail("error", c, rsp_error, bad);
            for (i = 0; i < M; i = i + 1)
                if (rsp_data[8*i +: 8] !== (outside ? 8'd0 : u_mem.mem[at + i]))
                    fail("data", c, rsp_data[8*i +: 8], outside ? 8'd0 : u_mem.mem[at + i]);
            at_beat[c] = at_beat[c] + 1;
            if (rsp_last !== (at_beat[c] == asked_beats[q])) fail("last", c, rsp_last, at_beat[c]);
            if (beat !== (!outside && c != 3)) fail("beat", c, beat, !outside);
            if (rsp_last) begin
                at_beat[c] = 0;
                got[c]     = got[c] + 1;
                refusals   = refusals + outside;
                bursts_out = bursts_out - !outside;
            end
            bad_beats = bad_beats + bad;
            beats     = beats + 1;
            bad       = bad && c != 3;
        end
        if (bus_error !== bad) fail("bus_error", 0, bus_error, bad);
        if (req_valid & req_ready & {4{stop}}) fail("taken after stop", 0, req_ready, 0);
        taken = req_valid & req_ready;
        if (taken & (taken - 4'd1)) fail("two taken", 0, taken, 0);
        if (taken != 0 && taken[0] !== req_valid[0]) fail("fetch first", 0, taken, req_valid);
        if (taken[2] && req_valid[1] && urgent) fail("urgent weights first", 1, taken, req_valid);
        if (taken != 0 && req_valid[3] && !req_valid[0] && !taken[3]) fail("link before data", 3, taken, req_valid);
        for (c = 0; c < 4; c = c + 1) if (taken[c]) begin
            q = c * 65536 + asked[c] % 65536;
            asked_addr[q]  = req_addr[32*c +: 32];
            asked_beats[q] = req_beats[5*c +: 5];
            asked[c] = asked[c] + 1;
            outside  = c != 3 && (asked_addr[q] < BASE || asked_addr[q] + asked_beats[q] * M > LIMIT);
            bursts_out = bursts_out + !outside;
        end
        if (idle !== (asked[0] == got[0] && asked[1] == got[1] && asked[2] == got[2] && asked[3] == got[3]) && taken == 0
            && rsp_valid == 0) fail("idle", 0, idle, asked[0] - got[0]);
        // Both asking: they take turns.
        if (&req_valid[2:1] && !urgent && (taken & 4'b0110) != 0) begin
            if (taken == last_taken) fail("turn", 0, taken, last_taken);
            turns = turns + 1;
        end
        if (taken & 4'b0110) last_taken = taken;
    end

    task ask(input integer who);
        begin
            n = draw(20) == 0 ? draw(4) * 1024 : draw(SIZE / M) * M;
            if (who != 3 && draw(8) != 0) n = BASE + draw((LIMIT - BASE) / M) * M;
            if (draw(12) == 0) n = draw(2) ? BASE - M * (1 + draw(3)) : LIMIT - M * (1 + draw(3));
            edge_beats = 16 - n / M % 16;
            req_addr[32*who +: 32] = n;
            req_beats[5*who +: 5]  = 1 + draw(draw(2) ? edge_beats : edge_beats < 3 ? edge_beats : 3);
            req_valid[who]         = 1'b1;
        end
    endtask

    integer wait_cycles, mode;
    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        first_seed = seed;
        for (i = 0; i < SIZE; i = i + 1) u_mem.mem[i] = $random(seed);
        u_mem.seed = seed + 1;
        repeat (3) @(negedge clk);
        rst = 1'b0;
        repeat (CYCLES) begin
            if (draw(100) == 0) begin
                mode = draw(4);
                u_mem.stall = draw(3) * 30; u_mem.latency = draw(30); u_mem.jitter = draw(20);
            end
            urgent = draw(4) == 0;
            for (c = 0; c < 4; c = c + 1)
                if (!req_valid[c] || taken[c]) begin
                    req_valid[c] = 1'b0;
                    if (mode == 0 ? c == 1 || c == 2 : draw(c == 1 || c == 2 ? 3 : 20) == 0) ask(c);
                end
            taken = 0;
            if (draw(400) == 0) begin
                #1 stop = 1'b1;
                stops = stops + 1;
                @(negedge clk);
                for (wait_cycles = 0; !idle; wait_cycles = wait_cycles + 1) begin
                    @(negedge clk);
                    if (wait_cycles > 3000) fail("stop never ends", 0, idle, 1);
                end
                if (bursts_out != 0 || arvalid) fail("idle too early", 0, bursts_out, 0);
                repeat (draw(5)) @(negedge clk);
                #1 stop = 1'b0;
            end
            @(negedge clk);
        end
        req_valid = 0;
        for (wait_cycles = 0; !idle; wait_cycles = wait_cycles + 1) begin
            @(negedge clk);
            if (wait_cycles > 3000) fail("never idle", 0, idle, 1);
        end
        if (refusals == 0 || bad_beats == 0 || turns < 100) fail("coverage", 0, refusals, turns);
        $display("ok weft_mem_read/%0d: %0d beats, %0d with error, %0d bursts refused, %0d stops, seed %0d",
                 M, beats, bad_beats, refusals, stops, first_seed);
        $finish;
    end

    // The bus itself, apart from what the clients believe: link's bursts are the only ones outside.
    always @(posedge clk) if (!rst && arvalid && arready)
        if ((araddr < BASE || araddr + (arlen + 1) * M > LIMIT) && dut.araddr_q === araddr && last_client != 3)
            fail("outside on the bus", last_client, araddr, 0);
    reg [1:0] last_client;
    always @(posedge clk) if (dut.send) last_client <= dut.pick_client;
endmodule

`default_nettype wire
