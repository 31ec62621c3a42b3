// weft_sdram with its pads before a chip that checks its datasheet: random bursts against a copy of the memory, then bandwidth.
//
// Reads and writes run at random side by side, but not in one block of 16 beats; every byte read is compared with the copy, every burst
// has to end with its last beat or its response.  Long bursts, one after another, have to move 90 % of what the pins can, in either direction;
// both together 80 %.
`default_nettype none
`timescale 1ns / 1ps

module tb_weft_sdram #(
    parameter integer MEM_BYTES = 4, CLOCK_HZ = 80000000, CAS = 2, COL_BITS = 9, BURSTS = 4000
);
    localparam integer M = MEM_BYTES, ROW_BITS = 3, SIZE = 2 << (ROW_BITS + 2 + COL_BITS), BLOCKS = SIZE / (16 * M);
    localparam integer CLOCK_PS = 1000000000 / (CLOCK_HZ / 1000);

    reg clk = 1'b0, rst = 1'b1;
    always #(CLOCK_PS / 2000.0) clk = !clk;

    reg            arvalid = 1'b0, awvalid = 1'b0, wvalid = 1'b0;
    wire           arready, rvalid, rlast, awready, wready, bvalid;
    reg  [31:0]    araddr, awaddr;
    reg  [7:0]     arlen, awlen;
    wire [8*M-1:0] rdata;
    reg  [8*M-1:0] wdata;
    reg  [M-1:0]   wstrb;
    wire           ras_n, cas_n, we_n, drive, pin_clk, pin_cke, pin_cs_n, pin_ras_n, pin_cas_n, pin_we_n;
    wire [1:0]     ba, dqm, pin_ba, pin_dqm;
    wire [12:0]    a, pin_a;
    wire [15:0]    dq_out, dq_in, pin_dq;

    weft_sdram #(.MEM_BYTES(M), .CLOCK_HZ(CLOCK_HZ), .CAS(CAS), .COL_BITS(COL_BITS)) dut (
        .clk(clk), .rst(rst), .ready(), .arvalid(arvalid), .arready(arready), .araddr(araddr), .arlen(arlen),
        .rvalid(rvalid), .rdata(rdata), .rlast(rlast), .awvalid(awvalid), .awready(awready), .awaddr(awaddr), .awlen(awlen),
        .wvalid(wvalid), .wready(wready), .wdata(wdata), .wstrb(wstrb), .bvalid(bvalid),
        .sd_ras_n(ras_n), .sd_cas_n(cas_n), .sd_we_n(we_n), .sd_ba(ba), .sd_a(a), .sd_dqm(dqm),
        .sd_dq_out(dq_out), .sd_dq_drive(drive), .sd_dq_in(dq_in));

    weft_sdram_pads u_pads (
        .clk(clk), .cke(!rst), .ras_n(ras_n), .cas_n(cas_n), .we_n(we_n), .ba(ba), .a(a), .dqm(dqm),
        .dq_out(dq_out), .dq_drive(drive), .dq_in(dq_in),
        .pin_clk(pin_clk), .pin_cke(pin_cke), .pin_cs_n(pin_cs_n), .pin_ras_n(pin_ras_n), .pin_cas_n(pin_cas_n), .pin_we_n(pin_we_n),
        .pin_ba(pin_ba), .pin_a(pin_a), .pin_dqm(pin_dqm), .pin_dq(pin_dq));

    sdram_chip #(
        .ROW_BITS(ROW_BITS), .COL_BITS(COL_BITS), .CLOCK_PS(CLOCK_PS), .T_AC(CAS == 2 ? 6000 : 5400), .REFRESHES(64), .T_REF(64'd500000000)
    ) u_chip (
        .clk(pin_clk), .cke(pin_cke), .cs_n(pin_cs_n), .ras_n(pin_ras_n), .cas_n(pin_cas_n), .we_n(pin_we_n),
        .ba(pin_ba), .a(pin_a), .dqm(pin_dqm), .dq(pin_dq));

    // --- what the memory holds, and what is asked -----------------------------------------------------

    reg [7:0]  copy [0:SIZE-1];
    reg [31:0] r_addr [0:255], w_addr [0:255];
    integer    r_len [0:255], w_len [0:255];
    integer    r_in = 0, r_out = 0, r_beat = 0, w_in = 0, w_out = 0, w_given = 0, w_beat = 0;
    integer    readers [0:BLOCKS-1], writers [0:BLOCKS-1];
    integer    seed, first_seed, i, b, cycle = 0, idle = 0, beats_read = 0, beats_written = 0;
    integer    mode = 0, read_at = 0, write_at = 0;         // 0 random; 1 long reads; 2 long writes; 3 both
    integer    want_reads = 0, want_writes = 0, hold = 0;
    reg        w_shown = 1'b0;
    reg [31:0] at;

    function integer draw(input integer n);
        draw = $unsigned($random(seed)) % n;
    endfunction

    task fail(input [8*30-1:0] what, input [31:0] where, input [31:0] have, input [31:0] want);
        $fatal(1, "FAIL weft_sdram: %0s at %h: %h, want %h, seed %0d", what, where, have, want, first_seed);
    endtask

    // Addresses near each other and far, rows that hit and miss.
    function integer some_block(input integer unused);
        some_block = draw(3) == 0 ? draw(BLOCKS) : (draw(4) * ((2 << COL_BITS) / (16 * M)) + draw(4) + draw(2) * (BLOCKS / 2)) % BLOCKS;
    endfunction

    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        first_seed = seed;
        for (i = 0; i < BLOCKS; i = i + 1) begin readers[i] = 0; writers[i] = 0; end
        for (i = 0; i < SIZE; i = i + 1) begin
            copy[i] = $random(seed);
            if (i % 2) u_chip.mem[i / 2] = {copy[i], copy[i-1]};
        end
    end

    integer block, first;
    always @(posedge clk) if (!rst) begin : masters
        cycle = cycle + 1;
        idle  = idle + 1;
        // Answers.
        if (rvalid) begin
            if (r_out == r_in) fail("not asked", 0, 0, 0);
            at = r_addr[r_out % 256] + r_beat * M;
            for (i = 0; i < M; i = i + 1) if (rdata[8*i +: 8] !== copy[at + i]) fail("read", at + i, rdata[8*i +: 8], copy[at + i]);
            if (rlast !== (r_beat == r_len[r_out % 256])) fail("last", at, rlast, r_beat);
            r_beat = r_beat + 1;
            if (rlast) begin
                readers[r_addr[r_out % 256] / (16*M)] = readers[r_addr[r_out % 256] / (16*M)] - 1;
                r_beat = 0; r_out = r_out + 1;
            end
            beats_read = beats_read + 1; idle = 0;
        end
        if (bvalid) begin
            if (w_out == w_in || w_given <= w_out) fail("confirmed too early", 0, w_out, w_given);
            writers[w_addr[w_out % 256] / (16*M)] = writers[w_addr[w_out % 256] / (16*M)] - 1;
            w_out = w_out + 1; idle = 0;
        end
        // Requests taken.
        if (arvalid && arready) begin
            r_addr[r_in % 256] = araddr; r_len[r_in % 256] = arlen; r_in = r_in + 1;
            want_reads = want_reads - 1;
        end
        if (wvalid && wready) begin
            at = w_addr[w_given % 256] + w_beat * M;
            for (i = 0; i < M; i = i + 1) if (wstrb[i]) copy[at + i] = wdata[8*i +: 8];
            w_beat = w_beat + 1;
            if (w_beat > w_len[w_given % 256]) begin w_beat = 0; w_given = w_given + 1; end
            beats_written = beats_written + 1;
        end
        // New ones.
        if (!arvalid || arready) begin
            arvalid <= 1'b0;
            if (want_reads > 0 && r_in - r_out < 32 && (mode != 0 || draw(100) >= hold)) begin
                block = mode == 0 ? some_block(0) : read_at % BLOCKS;
                if (writers[block] == 0) begin
                    first = mode == 0 && draw(2) ? draw(16) : 0;
                    readers[block] = readers[block] + 1;
                    read_at = read_at + 1;
                    arvalid <= 1'b1;
                    araddr  <= block * 16 * M + first * M;
                    arlen   <= mode == 0 && draw(3) != 0 ? draw(16 - first) : 15 - first;
                end
            end
        end
        if (!awvalid || awready) begin
            awvalid <= 1'b0;
            if (want_writes > 0 && w_in - w_out < 32 && (mode != 0 || draw(100) >= hold)) begin
                block = mode == 0 ? some_block(0) : (write_at + BLOCKS / 2 + 3) % BLOCKS;
                if (readers[block] == 0 && writers[block] == 0) begin
                    first = mode == 0 && draw(2) ? draw(16) : 0;
                    writers[block] = writers[block] + 1;
                    write_at = write_at + 1;
                    awvalid <= 1'b1;
                    awaddr  <= block * 16 * M + first * M;
                    b       = mode == 0 && draw(3) != 0 ? draw(16 - first) : 15 - first;
                    awlen   <= b;
                    // The beats may come before the address is taken.
                    w_addr[w_in % 256] = block * 16 * M + first * M; w_len[w_in % 256] = b; w_in = w_in + 1;
                    want_writes = want_writes - 1;
                end
            end
        end
        if (!wvalid || wready) begin
            wvalid <= 1'b0;
            if (w_given != w_in && (mode != 0 || draw(100) >= hold)) begin
                wvalid <= 1'b1;
                for (i = 0; i < M; i = i + 1) wdata[8*i +: 8] <= $random(seed);
                wstrb <= mode == 0 && draw(2) ? $random(seed) : {M{1'b1}};
            end
        end
        if (idle > 40000) fail("stuck", 0, r_in - r_out, w_in - w_out);
    end

    // --- the story ------------------------------------------------------------------------------------

    integer from, moved;
    real    share_read, share_write, share_both;

    task drained;
        while (want_reads > 0 || want_writes > 0 || r_in != r_out || w_in != w_out || arvalid || awvalid || wvalid) @(negedge clk);
    endtask

    task long_bursts(input integer kind, output real share);
        begin
            drained;
            mode = kind;
            want_reads  = kind == 2 ? 0 : BURSTS / 2;
            want_writes = kind == 1 ? 0 : BURSTS / 2;
            repeat (200) @(negedge clk);
            from  = cycle;
            moved = beats_read + beats_written;
            while (kind == 2 ? want_writes > 4 : want_reads > 4) @(negedge clk);
            share = 1.0 * (beats_read + beats_written - moved) * M / 2 / (cycle - from);
            drained;
        end
    endtask

    task at_least(input [8*12-1:0] phase, input real share, input real want);
        if (share < want) $fatal(1, "FAIL weft_sdram: %0s: %f of the pins, want %f", phase, share, want);
    endtask

    initial begin
        #1 repeat (4) @(negedge clk);
        rst = 1'b0;
        for (b = 0; b < 4; b = b + 1) begin : rounds
            integer round;
            round = b;
            hold = round * 30;
            want_reads = BURSTS / 4; want_writes = BURSTS / 4;
            drained;
            // A pause: nothing but refreshes.
            repeat (2000) @(negedge clk);
            b = round;
        end
        long_bursts(1, share_read);
        at_least("reads", share_read, 0.90);
        long_bursts(2, share_write);
        at_least("writes", share_write, 0.90);
        long_bursts(3, share_both);
        at_least("both", share_both, 0.80);
        for (i = 0; i < SIZE / 2; i = i + 1)
            if (u_chip.mem[i] !== {copy[2*i+1], copy[2*i]}) fail("at the end", 2*i, u_chip.mem[i], {copy[2*i+1], copy[2*i]});
        $display("ok weft_sdram: %0d bytes, CAS %0d, %0d MHz: of the pins %.3f reading, %.3f writing, %.3f both; %0d beats read, %0d written, %0d refreshes, seed %0d",
                 M, CAS, CLOCK_HZ / 1000000, share_read, share_write, share_both, beats_read, beats_written, u_chip.refreshes, first_seed);
        $finish;
    end
endmodule

`default_nettype wire
