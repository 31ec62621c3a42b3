// weft_accumulator against an array of integers.
//
// Random updates with few indices, so that equal ones follow each other at distance 1, 2, 3, ... in
// every mixture of first, last, max and bias, with and without empty cycles, wrapping included.  An
// index is used only between a first and a last, as the header asks.

`default_nettype none

module tb_weft_accumulator;
    localparam integer COLS = 5, ACC_DEPTH = 16, LATENCY = 3;

    reg                clk = 0, rst = 1, valid = 0, first, last, max, bias_en;
    reg  [3:0]         index;
    reg  [32*COLS-1:0] bias, sums;
    wire               out_valid;
    wire [32*COLS-1:0] out_sums;

    weft_accumulator #(.COLS(COLS), .ACC_DEPTH(ACC_DEPTH)) dut (
        .clk(clk), .rst(rst), .valid(valid), .index(index), .first(first), .last(last), .max(max),
        .bias_en(bias_en), .bias(bias), .sums(sums), .out_valid(out_valid), .out_sums(out_sums));

    always #1 clk = !clk;

    integer seed = 1, cycles = 50000, unused, s, now, c, results = 0, near = 0, idle, spread;
    reg [32*COLS-1:0] model [0:ACC_DEPTH-1], want [0:LATENCY];
    reg [ACC_DEPTH-1:0] begun = 0;
    reg [LATENCY:0] due = 0;
    reg [3:0] previous;
    reg signed [31:0] a, b;

    initial begin
        unused = $value$plusargs("SEED=%d", seed);
        unused = $value$plusargs("N=%d", cycles);
        s = seed;
        repeat (3) @(negedge clk);
        rst = 0;
        for (now = 0; now < cycles; now = now + 1) begin
            if (now % 256 == 0) begin
                idle = $random(s) & 1 ? 0 : 50;
                spread = 1 << ($unsigned($random(s)) % 5);
            end
            valid = $unsigned($random(s)) % 100 >= idle;
            index = $unsigned($random(s)) % spread;
            first = valid && !begun[index];
            last = ($random(s) & 7) == 0;
            max = $random(s);
            bias_en = $random(s);
            for (c = 0; c < COLS; c = c + 1) begin
                bias[32*c +: 32] = $random(s);
                sums[32*c +: 32] = $random(s) & 1 ? $random(s) : $random(s) >>> 20;
            end
            want[3] = want[2];
            want[2] = want[1];
            want[1] = want[0];
            due = {due[LATENCY-1:0], valid && last};
            if (valid) begin
                if (index == previous && !first) near = near + 1;
                previous = index;
                begun[index] = !last;
                for (c = 0; c < COLS; c = c + 1) begin
                    a = model[index][32*c +: 32];
                    b = sums[32*c +: 32];
                    if (first) a = bias_en ? bias[32*c +: 32] : 0;
                    model[index][32*c +: 32] = max && !first ? (a > b ? a : b) : a + b;
                end
                want[0] = model[index];
            end
            @(negedge clk);
            if (out_valid !== due[LATENCY-1] || (out_valid && out_sums !== want[LATENCY-1])) begin
                $display("FAIL weft_accumulator: cycle %0d: got %b %h, want %b %h; SEED=%0d N=%0d", now,
                         out_valid, out_sums, due[LATENCY-1], want[LATENCY-1], seed, cycles);
                $fatal(1, "mismatch");
            end
            if (out_valid) results = results + 1;
        end
        if (results < cycles / 50 || near < cycles / 50) $fatal(1, "FAIL weft_accumulator: too little covered");
        $display("ok weft_accumulator: %0d cycles, %0d results, %0d updates of the index before, seed %0d", cycles,
                 results, near, seed);
        $finish;
    end
endmodule

`default_nettype wire
