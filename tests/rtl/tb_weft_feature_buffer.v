// weft_feature_buffer against a plain byte array: all clients at random, port A on all banks, every byte compared
// but those the contract leaves undefined, then the rule of priority in every cycle.
`timescale 1ns / 1ps
`default_nettype none

module tb_weft_feature_buffer #(
    parameter integer ROWS = 16, COLS = 16, MEM_BYTES = 16, FB_WORDS = 16, CYCLES = 2000
);
    localparam integer MAX0 = ROWS > COLS ? ROWS : COLS;
    localparam integer W    = 1 << $clog2(MAX0 > MEM_BYTES ? MAX0 : MEM_BYTES);
    localparam integer AW   = $clog2(FB_WORDS), OW = $clog2(W);
    localparam integer BANK = FB_WORDS * W;             // bytes of a bank

    reg                    clk = 1'b0, rst = 1'b1;
    reg  [3:0]             a_en = 0;
    reg  [4*AW-1:0]        a_word;
    reg  [4*OW-1:0]        a_off;
    wire [4*8*W-1:0]       a_data;
    wire [4*8*COLS-1:0]    a_later;
    reg                    a_pair = 0;
    reg  [AW-1:0]          a_step = 1;
    reg                    w_en = 0, x_valid = 0, s_valid = 0, l_valid = 0;
    reg  [1:0]             w_bank, x_bank, s_bank, l_bank;
    reg  [AW-1:0]          w_word, x_word, s_word, l_word;
    reg  [OW-1:0]          w_off, x_off, s_off, l_off;
    reg  [COLS-1:0]        w_be;
    reg  [8*COLS-1:0]      w_data;
    reg  [8*MEM_BYTES-1:0] l_data;
    wire                   x_ready, s_ready, l_ready, x_rsp_valid, s_rsp_valid;
    wire [8*COLS-1:0]      x_rsp_data;
    wire [8*MEM_BYTES-1:0] s_rsp_data;

    weft_feature_buffer #(.ROWS(ROWS), .COLS(COLS), .FB_WORDS(FB_WORDS), .MEM_BYTES(MEM_BYTES)) dut (
        .clk(clk), .b_clk(clk), .rst(rst), .a_en(a_en), .a_word(a_word), .a_off(a_off), .a_pair(a_pair), .a_step(a_step),
        .a_data(a_data), .a_later(a_later),
        .w_en(w_en), .w_bank(w_bank), .w_word(w_word), .w_off(w_off), .w_be(w_be), .w_data(w_data),
        .x_valid(x_valid), .x_ready(x_ready), .x_bank(x_bank), .x_word(x_word), .x_off(x_off),
        .x_rsp_valid(x_rsp_valid), .x_rsp_data(x_rsp_data),
        .s_valid(s_valid), .s_ready(s_ready), .s_bank(s_bank), .s_word(s_word), .s_off(s_off),
        .s_rsp_valid(s_rsp_valid), .s_rsp_data(s_rsp_data),
        .l_valid(l_valid), .l_ready(l_ready), .l_bank(l_bank), .l_word(l_word), .l_off(l_off), .l_data(l_data));

    always #5 clk = !clk;

    // What every byte holds, and in which cycle port B took it.
    reg [7:0] model [0:4*BANK-1];
    integer   stamp [0:4*BANK-1];
    integer   cycle = 0, seed, first_seed, i, b, at, bytes = 0, pairs = 0, taken_w = 0, taken_x = 0, taken_s = 0, taken_l = 0;
    reg       filled = 1'b0;

    function integer place(input integer bank, input integer word, input integer byte_at);
        place = bank * BANK + (word * W + byte_at) % BANK;
    endfunction

    // Expected answers, by pipeline stage; an undefined byte has its bit in *_skip set.
    reg [4*8*W-1:0]       a_want_1, a_want_2, a_want_3;
    reg [4*W-1:0]         a_skip_1, a_skip_2, a_skip_3;
    reg [8*COLS-1:0]      x_want [0:3];
    reg [8*MEM_BYTES-1:0] s_want [0:3];
    reg                   x_due [0:3], s_due [0:3];
    reg [3:0]             a_seen_1 = 0, a_seen_2 = 0, a_seen_3 = 0, later_seen_1 = 0, later_seen_2 = 0, later_seen_3 = 0;
    reg [4*8*COLS-1:0]    later_want_1, later_want_2, later_want_3;
    reg [4*COLS-1:0]      later_skip_1, later_skip_2, later_skip_3;

    initial for (i = 0; i < 4; i = i + 1) begin x_due[i] = 0; s_due[i] = 0; end
    initial for (i = 0; i < 4*BANK; i = i + 1) begin stamp[i] = -9; model[i] = 8'hxx; end

    task fail(input [8*8-1:0] who, input integer index, input [8*W-1:0] got, input [8*W-1:0] want);
        $fatal(1, "FAIL weft_feature_buffer %0dx%0d/%0d: cycle %0d %0s %0d got %h want %h, seed %0d",
               ROWS, COLS, MEM_BYTES, cycle, who, index, got, want, first_seed);
    endtask

    always @(posedge clk) begin : check
        // Answers of earlier cycles.
        for (b = 0; b < 4; b = b + 1) if (a_seen_3[b])
            for (i = 0; i < W; i = i + 1) if (!a_skip_3[b*W + i]) begin
                bytes = bytes + 1;
                if (a_data[8*(b*W + i) +: 8] !== a_want_3[8*(b*W + i) +: 8])
                    fail("port A", b, a_data[8*b*W +: 8*W], a_want_3[8*b*W +: 8*W]);
            end
        for (b = 0; b < 4; b = b + 1) if (later_seen_3[b])
            for (i = 0; i < COLS; i = i + 1) if (!later_skip_3[b*COLS + i]) begin
                pairs = pairs + 1;
                if (a_later[8*(b*COLS + i) +: 8] !== later_want_3[8*(b*COLS + i) +: 8])
                    fail("later", b, a_later[8*b*COLS +: 8*COLS], later_want_3[8*b*COLS +: 8*COLS]);
            end
        if (!rst && (x_rsp_valid !== x_due[3] || (x_due[3] && x_rsp_data !== x_want[3]))) fail("operand", x_due[3], x_rsp_data, x_want[3]);
        if (!rst && (s_rsp_valid !== s_due[3] || (s_due[3] && s_rsp_data !== s_want[3]))) fail("store", s_due[3], s_rsp_data, s_want[3]);
        a_seen_3 = a_seen_2; a_want_3 = a_want_2; a_skip_3 = a_skip_2;
        later_seen_3 = later_seen_2; later_want_3 = later_want_2; later_skip_3 = later_skip_2;
        a_seen_2 = a_seen_1; a_want_2 = a_want_1; a_skip_2 = a_skip_1;
        later_seen_2 = later_seen_1; later_want_2 = later_want_1; later_skip_2 = later_skip_1;
        for (i = 3; i > 0; i = i - 1) begin
            x_due[i] = x_due[i-1]; x_want[i] = x_want[i-1];
            s_due[i] = s_due[i-1]; s_want[i] = s_want[i-1];
        end
        // Who may go.
        if (!rst) begin
            if (x_valid && x_ready !== !(w_en && w_bank == x_bank)) fail("x_ready", x_bank, x_ready, 0);
            if (s_valid && s_ready !== !((w_en && w_bank == s_bank) || (x_valid && x_bank == s_bank))) fail("s_ready", s_bank, s_ready, 0);
            if (l_valid && l_ready !== !((w_en && w_bank == l_bank) || (x_valid && x_bank == l_bank) || (s_valid && s_bank == l_bank)))
                fail("l_ready", l_bank, l_ready, 0);
        end
        // Reads of this cycle.
        a_seen_1 = filled ? a_en : 4'd0;
        for (b = 0; b < 4; b = b + 1) if (a_en[b])
            for (i = 0; i < W; i = i + 1) begin
                at = place(b, a_word[b*AW +: AW], a_off[b*OW +: OW] + i);
                a_want_1[8*(b*W + i) +: 8] = model[at];
                a_skip_1[b*W + i]          = stamp[at] >= cycle - 1 || (a_pair && a_off[b*OW +: OW] + i >= W);
            end
        later_seen_1 = filled && a_pair ? a_en : 4'd0;
        for (b = 0; b < 4; b = b + 1) if (a_en[b])
            for (i = 0; i < COLS; i = i + 1) begin
                at = place(b, (a_word[b*AW +: AW] + a_step) % FB_WORDS, a_off[b*OW +: OW] + i);
                later_want_1[8*(b*COLS + i) +: 8] = model[at];
                later_skip_1[b*COLS + i]          = stamp[at] >= cycle - 1 || a_off[b*OW +: OW] + i >= W;
            end
        x_due[0] = x_valid && x_ready;
        for (i = 0; i < COLS; i = i + 1) x_want[0][8*i +: 8] = model[place(x_bank, x_word, x_off + i)];
        s_due[0] = s_valid && s_ready;
        for (i = 0; i < MEM_BYTES; i = i + 1) s_want[0][8*i +: 8] = model[place(s_bank, s_word, s_off + i)];
        // Writes of this cycle.
        if (w_en) for (i = 0; i < COLS; i = i + 1) if (w_be[i]) begin
            at = place(w_bank, w_word, w_off + i);
            model[at] = w_data[8*i +: 8];
            stamp[at] = cycle;
        end
        if (l_valid && l_ready) for (i = 0; i < MEM_BYTES; i = i + 1) begin
            at = place(l_bank, l_word, l_off + i);
            model[at] = l_data[8*i +: 8];
            stamp[at] = cycle;
        end
        taken_w = taken_w + w_en;
        taken_x = taken_x + x_due[0];
        taken_s = taken_s + s_due[0];
        taken_l = taken_l + (l_valid && l_ready);
        cycle = cycle + 1;
    end

    integer beat;
    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        first_seed = seed;
        repeat (3) @(negedge clk);
        rst = 1'b0;
        for (beat = 0; beat < 4*BANK/MEM_BYTES; beat = beat + 1) begin
            l_valid = 1'b1;
            {l_bank, l_word} = beat / (W / MEM_BYTES);
            l_off   = (beat % (W / MEM_BYTES)) * MEM_BYTES;
            for (i = 0; i < MEM_BYTES; i = i + 1) l_data[8*i +: 8] = $random(seed);
            @(negedge clk);
        end
        filled = 1'b1;
        repeat (CYCLES) begin
            for (i = 0; i < 4*AW; i = i + 1) a_word[i] = $random(seed);
            for (i = 0; i < 4*OW; i = i + 1) a_off[i] = ($random(seed) & 3) != 0 && $random(seed);
            for (i = 0; i < COLS; i = i + 1) w_data[8*i +: 8] = $random(seed);
            a_en   = $random(seed);
            a_pair = $random(seed);
            a_step = a_pair ? $random(seed) | 1 : 1;
            w_en   = $random(seed);
            w_bank = $random(seed); w_word = $random(seed); w_off = $random(seed);
            w_be   = $random(seed) & 1 ? {COLS{1'b1}} : $random(seed);
            // The others hold until they are taken: ready of the cycle that ends here was read at its edge.
            if (!x_valid || x_due[0]) begin
                x_valid = $random(seed); x_bank = $random(seed); x_word = $random(seed); x_off = $random(seed);
            end
            if (!s_valid || s_due[0]) begin
                s_valid = $random(seed); s_bank = $random(seed); s_word = $random(seed);
                s_off = ($unsigned($random(seed)) % (W / MEM_BYTES)) * MEM_BYTES;
            end
            if (!l_valid || stamp[place(l_bank, l_word, l_off)] == cycle - 1) begin
                l_valid = $random(seed); l_bank = $random(seed); l_word = $random(seed);
                l_off = ($unsigned($random(seed)) % (W / MEM_BYTES)) * MEM_BYTES;
                for (i = 0; i < MEM_BYTES; i = i + 1) l_data[8*i +: 8] = $random(seed);
            end
            @(negedge clk);
        end
        $display("ok weft_feature_buffer %0dx%0d/%0d: %0d bytes read on port A, %0d in pairs, %0d results, %0d operands, %0d stores, %0d loads, seed %0d",
                 ROWS, COLS, MEM_BYTES, bytes, pairs, taken_w, taken_x, taken_s, taken_l, first_seed);
        $finish;
    end
endmodule

`default_nettype wire
