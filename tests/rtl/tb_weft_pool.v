// weft_pool against signed integers: maximum and sum of 1..4 words, many extremes, words of groups that take no
// part filled with whatever decides the wrong way, cycles without `en`, at two widths.

`default_nettype none

module tb_weft_pool;
    integer seed = 1, cycles = 3000, unused;
    wire [1:0]  done;
    wire [31:0] n0, n1;

    initial begin
        unused = $value$plusargs("seed=%d", seed);
        unused = $value$plusargs("N=%d", cycles);
    end

    tb_weft_pool_one #(.COLS(4)) u_4 (.seed(seed), .cycles(cycles), .done(done[0]), .checked(n0));
    tb_weft_pool_one #(.COLS(11)) u_11 (.seed(seed + 1), .cycles(cycles), .done(done[1]), .checked(n1));

    always @(*)
        if (&done) begin
            $display("ok weft_pool: 4 and 11 columns, %0d vectors, seed %0d", n0 + n1, seed);
            $finish;
        end
endmodule

module tb_weft_pool_one #(
    parameter integer COLS = 4
) (
    input  wire [31:0] seed,
    input  wire [31:0] cycles,
    output reg         done,
    output reg  [31:0] checked
);
    reg                 clk = 0, en = 0, is_max;
    reg  [2:0]          groups = 0;
    reg  [4*8*COLS-1:0] word;
    wire [32*COLS-1:0]  sums;

    weft_pool #(.COLS(COLS)) dut (.clk(clk), .en(en), .is_max(is_max), .groups(groups), .word(word), .sums(sums));

    always #1 clk = !clk;

    reg signed [7:0] x;
    integer s, now, c, g, want, n;
    integer soon_n;
    reg was_max, soon_max;              // of the vector whose sums are here, and of the one behind it
    reg [4*8*COLS-1:0] was, soon;

    function [7:0] value(input [31:0] a);
        case (a[10:8])
            0: value = 8'h80;
            1: value = 8'h7f;
            2: value = 8'hff;
            default: value = a[7:0];
        endcase
    endfunction

    initial begin
        @(negedge clk) s = seed;    // by now the plusargs are read
        done = 0;
        checked = 0;
        repeat (3) @(negedge clk);
        for (now = 0; now < cycles; now = now + 1) begin
            en = now == 0 || ($random(s) & 3);
            is_max = $random(s);
            groups = 1 + ($random(s) & 3);
            for (c = 0; c < 4*COLS; c = c + 1) word[8*c +: 8] = value($random(s));
            {was, was_max, n} = {soon, soon_max, soon_n};
            if (en) begin
                soon_n = groups;
                soon = word;
                soon_max = is_max;
                checked = checked + 1;
            end
            @(negedge clk);         // without `en` the sums stay
            for (c = 0; c < COLS && now != 0; c = c + 1) begin
                want = was_max ? -128 : 0;
                for (g = 0; g < n; g = g + 1) begin
                    x = was[8*(g*COLS+c) +: 8];
                    want = !was_max ? want + x : x > want ? x : want;
                end
                if (sums[32*c +: 32] !== want) begin
                    $display("FAIL weft_pool: vector %0d column %0d, %0d groups, max %b: got %0d, want %0d; seed=%0d N=%0d",
                             now, c, n, was_max, $signed(sums[32*c +: 32]), want, seed, cycles);
                    $fatal(1, "mismatch");
                end
            end
        end
        done = 1;
    end
endmodule

`default_nettype wire
