// weft_array against the sentence in its header, at four sizes.
//
// A model keeps the weights and the last ROWS words of the depthwise run and says the sums of every
// vector LATENCY cycles ahead.  Random: dense and depthwise with 1..3 words or pairs, switches between them,
// swaps, empty cycles (never, sometimes, mostly), gaps between weight rows, passes back to back in
// exactly ROWS cycles; values with many -128.  Depthwise sums are checked as soon as the rows with a
// weight hold words of this run.  Run it with -DSYNTHESIS too: that is the form without guards.

`default_nettype none

module tb_weft_array;
    integer seed = 1, cycles = 700, unused;
    wire [3:0]  done;
    wire [31:0] n0, n1, n2, n3;         // vectors checked

    initial begin
        unused = $value$plusargs("SEED=%d", seed);
        unused = $value$plusargs("N=%d", cycles);
    end

    tb_weft_array_one #(.ROWS(4), .COLS(4), .LUT_CELLS(16)) u_4x4 (.seed(seed), .cycles(cycles), .done(done[0]), .checked(n0));
    tb_weft_array_one #(.ROWS(8), .COLS(8)) u_8x8 (.seed(seed + 1), .cycles(cycles), .done(done[1]), .checked(n1));
    tb_weft_array_one #(.ROWS(16), .COLS(16)) u_16x16 (.seed(seed + 2), .cycles(cycles), .done(done[2]), .checked(n2));
    tb_weft_array_one #(.ROWS(12), .COLS(8), .LUT_CELLS(29)) u_12x8 (.seed(seed + 3), .cycles(cycles), .done(done[3]), .checked(n3));

    always @(*)
        if (&done) begin
            $display("ok weft_array: 4x4 8x8 16x16 12x8, %0d cycles each, %0d vectors checked, seed %0d", cycles,
                     n0 + n1 + n2 + n3, seed);
            $finish;
        end
endmodule

module tb_weft_array_one #(
    parameter integer ROWS = 4,
    parameter integer COLS = 4,
    parameter integer LUT_CELLS = 0
) (
    input  wire [31:0] seed,
    input  wire [31:0] cycles,
    output reg         done,
    output reg  [31:0] checked
);
    localparam integer LATENCY = ROWS + COLS + 2;

    reg                clk = 0, rst = 1;
    reg                vec_valid = 0, depthwise = 0, pair = 0, swap = 0, wgt_valid = 0;
    reg  [1:0]         groups = 1;
    reg  [8*ROWS-1:0]  act = 0;
    reg  [24*COLS-1:0] word = 0, early = 0;
    reg  [8*COLS-1:0]  wgt_row = 0;
    wire [32*COLS-1:0] psum;

    weft_array #(.ROWS(ROWS), .COLS(COLS), .LUT_CELLS(LUT_CELLS)) dut (
        .clk(clk), .rst(rst), .vec_valid(vec_valid), .depthwise(depthwise), .pair(pair), .groups(groups), .swap(swap),
        .act(act), .word(word), .early(early), .wgt_valid(wgt_valid), .wgt_row(wgt_row), .psum(psum));

    always #1 clk = !clk;

    // The sets of weights in use and on their way, and what they were made for.
    reg signed [7:0] used [0:ROWS*COLS-1], next [0:ROWS*COLS-1];
    integer used_groups, used_reach, next_groups, next_reach, sent, last_sent, half, paired = 0;
    reg used_pair, next_pair;
    // Depthwise words of this run: slot 0 the youngest.
    reg [24*COLS-1:0] run [0:ROWS-1], early_run [0:ROWS-1];
    integer run_length;
    // Sums to come.
    reg [32*COLS-1:0] want [0:LATENCY];
    reg [LATENCY:0]   known;

    integer s, now, t, i, r, c, g, left, bubbles, gaps, mode_now, top;
    reg signed [31:0] sum;
    reg signed [7:0]  x;

    function [7:0] value(input [31:0] a);       // every third is an extreme
        value = a[9:8] != 0 ? a[7:0] : a[10] ? 8'h80 : 8'h7f;
    endfunction

    // A new set: for dense (any weights), or for depthwise with `reach` words per group, of pairs in each chain.
    task new_set;
        begin
            next_groups = 1 + $unsigned($random(s)) % 3;
            next_pair = $random(s);
            half = (ROWS / next_groups + 1) / 2;
            next_reach = $random(s) & 1 ? ROWS : 1 + $unsigned($random(s)) % (ROWS / next_groups);
            for (r = 0; r < ROWS; r = r + 1) begin
                top = ROWS / next_groups * (next_groups - 1);
                g = r >= top ? r - top : r % (ROWS / next_groups);
                if (next_pair && ROWS / next_groups > half && g >= half) g = g - half;
                for (c = 0; c < COLS; c = c + 1)
                    next[r*COLS+c] = g < next_reach ? value($random(s)) : 8'd0;
            end
        end
    endtask

    task expect_sums;
        begin
            for (c = 0; c < COLS; c = c + 1) begin
                sum = 0;
                for (r = 0; r < ROWS; r = r + 1) begin
                    x = act[8*r +: 8];
                    if (depthwise) begin
                        g = r / (ROWS / groups);
                        if (g >= groups) g = groups - 1;
                        half = (ROWS / groups + 1) / 2;
                        x = run[r - g * (ROWS / groups)][8*(g*COLS+c) +: 8];
                        if (pair && ROWS / groups > half && r - g * (ROWS / groups) >= half)
                            x = early_run[r - g * (ROWS / groups) - half][8*(g*COLS+c) +: 8];
                    end
                    if (used[r*COLS+c] != 0) sum = sum + x * used[r*COLS+c];
                end
                want[0][32*c +: 32] = sum;
            end
            known[0] = !depthwise || run_length >= used_reach;
            if (known[0] && depthwise && pair) paired = paired + 1;
        end
    endtask

    task stimulus;
        begin
            wgt_valid = 0;
            swap = 0;
            vec_valid = $unsigned($random(s)) % 100 >= bubbles;
            // A pass ends when its vectors are out and the next set is in.
            if (left <= 0 && sent == ROWS && last_sent < now) begin
                if (vec_valid) begin
                    swap = 1;
                    for (i = 0; i < ROWS*COLS; i = i + 1) used[i] = next[i];
                    if (next_groups != used_groups || next_pair != used_pair) run_length = 0;
                    used_pair = next_pair;
                    used_groups = next_groups;
                    used_reach = next_reach;
                    new_set;
                    sent = 0;
                    case ($random(s) & 3)
                        0: left = 1;
                        1: left = ROWS;
                        default: left = $unsigned($random(s)) % (6*ROWS);
                    endcase
                    bubbles = 0;
                    case ($random(s) & 7)
                        0, 1: bubbles = 25;
                        2: begin
                            bubbles = 80;
                            left = left % (ROWS + 1);
                        end
                    endcase
                    gaps = $random(s) & 1 ? 0 : 50;
                    mode_now = $random(s) & 1;
                end
            end else if (left <= 0 && used_reach != ROWS)
                vec_valid = vec_valid && $random(s);    // goes on with the old weights: also allowed
            if (vec_valid) begin
                left = left - 1;
                if (($random(s) & 31) == 0) mode_now = !mode_now;
            end
            depthwise = mode_now;
            groups = used_groups;
            pair = used_pair;
            if (!vec_valid && $random(s) & 1) {depthwise, pair, groups} = $random(s);
            for (i = 0; i < ROWS; i = i + 1) act[8*i +: 8] = value($random(s));
            for (i = 0; i < 3*COLS; i = i + 1) {word[8*i +: 8], early[8*i +: 8]} = {value($random(s)), value($random(s))};
            if (sent < ROWS && $unsigned($random(s)) % 100 >= gaps) begin
                wgt_valid = 1;
                for (c = 0; c < COLS; c = c + 1) wgt_row[8*c +: 8] = next[(ROWS-1-sent)*COLS+c];
                sent = sent + 1;
                last_sent = now;
            end else
                for (c = 0; c < COLS; c = c + 1) wgt_row[8*c +: 8] = $random(s);
        end
    endtask

    initial begin
        @(negedge clk) s = seed;          // the parent has read it by now
        done = 0;
        checked = 0;
        known = 0;
        left = 0;
        bubbles = 0;
        gaps = 0;
        mode_now = 0;
        sent = 0;
        last_sent = 0;
        run_length = 0;
        used_groups = 1;
        used_reach = ROWS;
        used_pair = 0;
        for (i = 0; i < ROWS*COLS; i = i + 1) used[i] = 0;
        for (i = 0; i < ROWS; i = i + 1) run[i] = 0;
        for (i = 0; i < ROWS; i = i + 1) early_run[i] = 0;
        new_set;
        repeat (3) @(negedge clk);
        rst = 0;
        // Known values in every cell, for the simulators that have unknown ones.
        for (now = 0; now < 4*ROWS + 4*COLS; now = now + 1) begin
            vec_valid = 1;
            depthwise = now >= 2*ROWS;
            @(negedge clk);
        end
        vec_valid = 0;
        for (now = 1; now <= cycles; now = now + 1) begin
            stimulus;
            for (t = LATENCY; t >= 1; t = t - 1) want[t] = want[t-1];
            known = {known[LATENCY-1:0], 1'b0};
            if (vec_valid && !depthwise) run_length = 0;
            if (vec_valid && depthwise) begin
                for (i = ROWS-1; i >= 1; i = i - 1) run[i] = run[i-1];
                for (i = ROWS-1; i >= 1; i = i - 1) early_run[i] = early_run[i-1];
                run[0] = word;
                early_run[0] = early;
                run_length = run_length + 1;
            end
            if (vec_valid && (swap || checked != 0 || known != 0)) expect_sums;
            @(negedge clk);         // now psum is that of LATENCY - 1 cycles after this edge's vector
            if (known[LATENCY-1]) begin
                checked = checked + 1;
                if (psum !== want[LATENCY-1]) begin
                    for (c = COLS-1; c >= 0; c = c - 1)
                        if (psum[32*c +: 32] !== want[LATENCY-1][32*c +: 32]) i = c;
                    $display("FAIL weft_array %0dx%0d: cycle %0d column %0d: got %0d, want %0d; SEED=%0d N=%0d",
                             ROWS, COLS, now, i, $signed(psum[32*i +: 32]),
                             $signed(want[LATENCY-1][32*i +: 32]), seed, cycles);
                    $fatal(1, "mismatch");
                end
            end
        end
        if (checked < cycles / 8 || paired < cycles / 40) $fatal(1, "FAIL weft_array: only %0d vectors checked", checked);
        done = 1;
    end
endmodule

`default_nettype wire
