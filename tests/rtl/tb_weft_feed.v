// weft_feed against the byte definition of the contract (rtl/isa/README.md, "What is issued"), at six shapes.
//
// A model of port A answers three cycles after the address with bytes of a random buffer, and with garbage for banks
// that are not enabled.  Every vector's lanes and words are computed byte by byte from (row, slot, place) when it
// is issued and compared six cycles later.  Random: dense with and without span over up to four rows, depthwise
// with 1..3 words or pairs, pooling with 1..4, tiles whose left, right, upper and lower edges are crossed, KROWS, rings
// that wrap inside a vector, gaps and vectors back to back, commands that begin in the cycle after the last vector of another.

`default_nettype none

module tb_weft_feed;
    integer seed = 1, vectors = 1500, unused;
    wire [5:0]    done;
    wire [32*6-1:0] spanning, edges, whole;

    initial begin
        unused = $value$plusargs("seed=%d", seed);
        unused = $value$plusargs("N=%d", vectors);
    end

    tb_weft_feed_one #(.ROWS(16), .COLS(16), .WORD_BYTES(16), .AW(6)) u_16x16 (
        .seed(seed), .vectors(vectors), .done(done[0]), .spanning(spanning[0 +: 32]), .edges(edges[0 +: 32]), .whole(whole[0 +: 32]));
    tb_weft_feed_one #(.ROWS(8), .COLS(8), .WORD_BYTES(16), .AW(7)) u_8x8 (
        .seed(seed + 1), .vectors(vectors), .done(done[1]), .spanning(spanning[32 +: 32]), .edges(edges[32 +: 32]), .whole(whole[32 +: 32]));
    tb_weft_feed_one #(.ROWS(12), .COLS(8), .WORD_BYTES(32), .AW(6)) u_12x8 (
        .seed(seed + 2), .vectors(vectors), .done(done[2]), .spanning(spanning[64 +: 32]), .edges(edges[64 +: 32]), .whole(whole[64 +: 32]));
    tb_weft_feed_one #(.ROWS(4), .COLS(4), .WORD_BYTES(8), .AW(8)) u_4x4 (
        .seed(seed + 3), .vectors(vectors), .done(done[3]), .spanning(spanning[96 +: 32]), .edges(edges[96 +: 32]), .whole(whole[96 +: 32]));
    tb_weft_feed_one #(.ROWS(8), .COLS(8), .WORD_BYTES(8), .AW(6)) u_8x8_narrow (
        .seed(seed + 4), .vectors(vectors), .done(done[4]), .spanning(spanning[128 +: 32]), .edges(edges[128 +: 32]), .whole(whole[128 +: 32]));
    tb_weft_feed_one #(.ROWS(5), .COLS(27), .WORD_BYTES(32), .AW(6)) u_5x27 (
        .seed(seed + 5), .vectors(vectors), .done(done[5]), .spanning(spanning[160 +: 32]), .edges(edges[160 +: 32]), .whole(whole[160 +: 32]));

    function [31:0] total(input [32*6-1:0] v);
        total = v[0 +: 32] + v[32 +: 32] + v[64 +: 32] + v[96 +: 32] + v[128 +: 32] + v[160 +: 32];
    endfunction

    always @(*)
        if (&done) begin
            $display("ok weft_feed: 16x16 8x8 12x8 4x4 8x8/8 5x27, %0d vectors each; %0d span rows, %0d masked, %0d whole, seed %0d",
                     vectors, total(spanning), total(edges), total(whole), seed);
            $finish;
        end
endmodule

module tb_weft_feed_one #(
    parameter integer ROWS = 4,
    parameter integer COLS = 4,
    parameter integer WORD_BYTES = 8,
    parameter integer AW = 6
) (
    input  wire [31:0] seed,
    input  wire [31:0] vectors,
    output reg         done,
    output reg  [31:0] spanning,        // dense vectors from more than one row
    output reg  [31:0] edges,           // vectors with masked and unmasked bytes
    output reg  [31:0] whole            // vectors without a masked byte
);
    localparam integer W = WORD_BYTES, OW = $clog2(W), WORDS = 1 << AW, TAG_W = 13, LATENCY = 6;
    localparam integer LANES = ROWS > COLS ? ROWS : COLS;

    reg                 clk = 0, rst = 1, start = 0, issue = 0, span;
    reg  [TAG_W-1:0]    tag;
    reg  signed [17:0]  row;
    reg  [15:0]         slot, rows, krows, pitch, top, size, pair;
    reg  signed [23:0]  place;
    reg  [19:0]         seg_place, seg, row_bytes;
    reg  [17:0]         kernel_row;
    reg  [1:0]          mode;
    reg  [2:0]          groups;
    reg  [7:0]          zp;
    wire [3:0]          a_en;
    wire [4*AW-1:0]     a_word;
    wire [4*OW-1:0]     a_off;
    reg  [32*W-1:0]     a_data, a_next, a_soon;
    wire                a_pair;
    wire [AW-1:0]       a_step;
    reg  [32*COLS-1:0]  a_later, later_next, later_soon;
    wire                out_valid;
    wire [TAG_W-1:0]    out_tag;
    wire [8*ROWS-1:0]   act;
    wire [32*COLS-1:0]  word;
    wire [24*COLS-1:0]  early;

    weft_feed #(.ROWS(ROWS), .COLS(COLS), .WORD_BYTES(W), .AW(AW), .TAG_W(TAG_W)) dut (
        .clk(clk), .rst(rst), .start(start), .issue(issue), .tag(tag), .row(row), .slot(16'((slot - top) & (WORDS - 1))), .place(place), .seg_place(seg_place),
        .kernel_row(kernel_row), .mode(mode), .span(span), .groups(groups), .seg(seg), .rows(rows),
        .row_bytes(row_bytes), .krows(krows), .zp(zp), .pitch(pitch), .top(top), .size(size), .pair(pair),
        .a_en(a_en), .a_word(a_word), .a_off(a_off), .a_pair(a_pair), .a_step(a_step), .a_data(a_data), .a_later(a_later),
        .out_valid(out_valid), .out_tag(out_tag), .act(act), .word(word), .early(early));

    always #1 clk = !clk;

    integer s, now, c, g, l, x, gaps, paired, masked, taken, top_group, u, segment, lane_0;
    reg [7:0] memory [0:4*W*WORDS-1];

    // Port A: of a pair's words what goes on in the next one is garbage.
    integer pb, pc;
    always @(posedge clk) begin
        a_data <= a_next;
        a_later <= later_next;
        a_next <= a_soon;
        later_next <= later_soon;
        if (!a_pair && a_step !== 1) $fatal(1, "FAIL weft_feed: a step of %0d words without a pair", a_step);
        for (pb = 0; pb < 4; pb = pb + 1)
            for (pc = 0; pc < COLS; pc = pc + 1)
                later_soon[8*(pb*COLS+pc) +: 8] <= a_en[pb] && a_pair && a_off[OW*pb +: OW] + pc < W
                    ? memory[pb*W*WORDS + ((a_word[AW*pb +: AW] + a_step)*W + a_off[OW*pb +: OW] + pc) % (W*WORDS)]
                    : $random(s);
        for (pb = 0; pb < 4; pb = pb + 1)
            for (pc = 0; pc < W; pc = pc + 1)
                a_soon[8*(pb*W+pc) +: 8] <= a_en[pb] && (!a_pair || a_off[OW*pb +: OW] + pc < W) ? memory[pb*W*WORDS + (a_word[AW*pb +: AW]*W + a_off[OW*pb +: OW] + pc) % (W*WORDS)]
                                                     : $random(s);
    end

    // What comes out, by cycles from now.
    reg [LATENCY:0]   w_valid;
    reg [TAG_W-1:0]   w_tag [0:LATENCY];
    reg [8*ROWS-1:0]  w_act [0:LATENCY];
    reg [32*COLS-1:0] w_word [0:LATENCY];
    reg [24*COLS-1:0] w_early [0:LATENCY];
    reg               w_pair [0:LATENCY];
    reg [1:0]         w_mode [0:LATENCY];
    reg [2:0]         w_groups [0:LATENCY];

    function integer between(input integer lo, input integer hi);
        between = lo + $unsigned($random(s)) % (hi - lo + 1);
    endfunction

    // Byte (group, b) of the present vector.
    function [7:0] byte_of(input integer group, input integer at);
        integer r, a, w;
        begin
            r = row + group;
            a = slot;
            if ((r & 3) < group) a = a + pitch >= top ? a + pitch - size : a + pitch;
            w = at >= 0 ? at / W : -((W - 1 - at) / W);
            w = (a + w + 16 * WORDS) % WORDS;
            if (r < 0 || r >= rows || kernel_row + group >= krows || at < 0 || at >= row_bytes) begin
                masked = masked + 1;
                byte_of = zp;
            end else begin
                taken = taken + 1;
                byte_of = memory[(r & 3)*W*WORDS + w*W + (at - (at >= 0 ? at / W : -((W - 1 - at) / W)) * W)];
            end
        end
    endfunction

    task draw_command;
        begin
            mode = between(0, 2) ? $random(s) : weft_isa::MODE_DENSE;
            groups = mode == weft_isa::MODE_DENSE ? 1 : between(1, mode == weft_isa::MODE_DEPTHWISE ? 3 : 4);
            span = mode == weft_isa::MODE_DENSE && between(0, 2) != 0;
            seg = between(0, 3) ? between(1, 2*W) : between(0, 7) ? between(1, 4) : between(1, 1000000);
            rows = between(0, 9) ? between(1, 9) : between(65530, 65535);
            row_bytes = between(0, 9) ? between(1, 5*W) : between(1, 1048575);
            krows = between(0, 3) ? 65535 : between(1, 5);
            pair = mode == weft_isa::MODE_DEPTHWISE && between(0, 1) ? between(0, 3) ? 2*between(0, 3) + 1 : $random(s) | 1 : 0;
            if (pair != 0 && row_bytes < 3*W) row_bytes = row_bytes + pair % 8 * W;
            zp = $random(s);
            size = between(1, WORDS);
            top = between(size, WORDS);
            pitch = between(1, size);
        end
    endtask

    task draw_position;
        begin
            row = between(0, 2) ? between(0, rows > 100 ? 100 : rows - 1) : between(0, 1) ? between(-5, 0) : between(rows - 4, rows + 4);
            slot = top - size + between(0, size - 1);
            seg_place = between(0, seg < 3*W ? seg - 1 : 3*W);
            if (span && between(0, 3) == 0 && seg > 2*W) seg_place = seg - between(1, W);
            place = between(0, 5) ? between(-2*W, row_bytes > 6*W ? 6*W : row_bytes + W) : between(-100000, 100000);
            if (between(0, 7) == 0) place = row_bytes - between(0, 2*W);
            if (between(0, 2) != 0) place = between(-W/2, row_bytes > 6*W ? 6*W : row_bytes) + seg_place;
            kernel_row = between(0, krows > 5 || between(0, 7) == 0 ? 5 : krows - 1);
            tag = $random(s);
            // A word of a pair lies in one feature word.
            if (pair != 0 && (place & (W-1)) > W - COLS) place = place - (place & (W-1)) + between(0, W - COLS);
        end
    endtask

    task expect_vector;
        begin
            masked = 0;
            taken = 0;
            if (rst) w_valid = 0;
            w_valid[0] = issue && !rst;
            w_tag[0] = tag;
            w_mode[0] = mode;
            w_groups[0] = groups;
            w_pair[0] = pair != 0;
            top_group = 0;
            u = place;
            segment = seg;
            lane_0 = seg_place;
            if (mode == weft_isa::MODE_DENSE)
                for (l = 0; l < ROWS; l = l + 1) begin
                    g = 0;
                    if (span)
                        for (x = 1; x <= 3; x = x + 1)
                            if (l >= x*segment - lane_0) g = g + 1;
                    if (l == 0) top_group = g;
                    if (g != top_group) top_group = 9;
                    w_act[0][8*l +: 8] = byte_of(g, u - g*segment + l);
                end
            else
                for (g = 0; g < groups; g = g + 1)
                    for (c = 0; c < COLS; c = c + 1) begin
                        if (pair != 0) w_early[0][8*(g*COLS+c) +: 8] = byte_of(g, u + c);
                        w_word[0][8*(g*COLS+c) +: 8] = byte_of(g, u + pair*W + c);
                    end
            if (w_valid[0]) begin
                if (top_group == 9) spanning = spanning + 1;
                if (masked != 0 && taken != 0) edges = edges + 1;
                if (masked == 0) whole = whole + 1;
            end
        end
    endtask

    task fail(input [8*8-1:0] what, input integer at, input [7:0] got, input [7:0] want);
        begin
            $display("FAIL weft_feed %0dx%0d words of %0d: cycle %0d mode %0d %0s %0d: got %h, want %h; seed=%0d N=%0d",
                     ROWS, COLS, W, now, w_mode[LATENCY-1], what, at, got, want, seed, vectors);
            $fatal(1, "mismatch");
        end
    endtask

    task check;
        begin
            if (out_valid !== w_valid[LATENCY-1]) fail("valid", 0, out_valid, w_valid[LATENCY-1]);
            if (out_valid) begin
                if (out_tag !== w_tag[LATENCY-1]) fail("tag", 0, out_tag, w_tag[LATENCY-1]);
                if (w_mode[LATENCY-1] == weft_isa::MODE_DENSE) begin
                    for (l = 0; l < ROWS; l = l + 1)
                        if (act[8*l +: 8] !== w_act[LATENCY-1][8*l +: 8])
                            fail("lane", l, act[8*l +: 8], w_act[LATENCY-1][8*l +: 8]);
                end else
                    for (c = 0; c < w_groups[LATENCY-1]*COLS; c = c + 1)
                        if (word[8*c +: 8] !== w_word[LATENCY-1][8*c +: 8])
                            fail("word", c, word[8*c +: 8], w_word[LATENCY-1][8*c +: 8]);
                if (w_pair[LATENCY-1])
                    for (c = 0; c < w_groups[LATENCY-1]*COLS; c = c + 1) begin
                        paired = paired + 1;
                        if (early[8*c +: 8] !== w_early[LATENCY-1][8*c +: 8])
                            fail("early", c, early[8*c +: 8], w_early[LATENCY-1][8*c +: 8]);
                    end
            end
        end
    endtask

    initial begin
        @(negedge clk) s = seed;    // by now the plusargs are read
        done = 0;
        spanning = 0;
        edges = 0;
        whole = 0;
        paired = 0;
        w_valid = 0;
        gaps = 0;
        for (x = 0; x < 4*W*WORDS; x = x + 1) memory[x] = $random(s);
        repeat (3) @(negedge clk);
        for (now = 0; now < vectors; now = now + 1) begin
            if (between(0, 31) == 0) gaps = between(0, 3) * 30;
            rst = between(0, 299) == 0;
            issue = between(0, 99) >= gaps;
            start = now == 0 || between(0, 7) == 0;
            if (start) begin
                draw_command;
                issue = 0;
            end
            draw_position;
            expect_vector;
            @(negedge clk);
            check;
            for (x = LATENCY; x >= 1; x = x - 1) begin
                w_tag[x] = w_tag[x-1];
                w_act[x] = w_act[x-1];
                w_word[x] = w_word[x-1];
                w_early[x] = w_early[x-1];
                w_pair[x] = w_pair[x-1];
                w_mode[x] = w_mode[x-1];
                w_groups[x] = w_groups[x-1];
            end
            w_valid = {w_valid, 1'b0};
        end
        if (edges < vectors / 10 || whole < vectors / 20 || spanning < vectors / 40
            || paired < vectors / 10)
            $fatal(1, "FAIL weft_feed: too little covered: %0d %0d %0d", spanning, edges, whole);
        done = 1;
    end
endmodule

`default_nettype wire
