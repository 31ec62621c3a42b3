// weft_delay against a shift register, at five depths: random data and gaps (none, some, many), resets at any
// time, after which nothing of what went in before may come out.

`default_nettype none

module tb_weft_delay;
    integer seed = 1, cycles = 5000, unused;
    wire [4:0]  done;
    wire [31:0] n0, n1, n2, n3, n4;     // values that came out

    initial begin
        unused = $value$plusargs("seed=%d", seed);
        unused = $value$plusargs("N=%d", cycles);
    end

    tb_weft_delay_one #(.WIDTH(8), .DEPTH(2)) u_2 (.seed(seed), .cycles(cycles), .done(done[0]), .checked(n0));
    tb_weft_delay_one #(.WIDTH(1), .DEPTH(3)) u_3 (.seed(seed + 1), .cycles(cycles), .done(done[1]), .checked(n1));
    tb_weft_delay_one #(.WIDTH(32), .DEPTH(4)) u_4 (.seed(seed + 2), .cycles(cycles), .done(done[2]), .checked(n2));
    tb_weft_delay_one #(.WIDTH(24), .DEPTH(9)) u_9 (.seed(seed + 3), .cycles(cycles), .done(done[3]), .checked(n3));
    tb_weft_delay_one #(.WIDTH(19), .DEPTH(66)) u_66 (.seed(seed + 4), .cycles(cycles), .done(done[4]), .checked(n4));

    always @(*)
        if (&done) begin
            $display("ok weft_delay: depth 2 3 4 9 66, %0d cycles each, %0d values, seed %0d", cycles, n0 + n1 + n2 + n3 + n4, seed);
            $finish;
        end
endmodule

module tb_weft_delay_one #(
    parameter integer WIDTH = 8,
    parameter integer DEPTH = 4
) (
    input  wire [31:0] seed,
    input  wire [31:0] cycles,
    output reg         done,
    output reg  [31:0] checked
);
    reg              clk = 0, rst = 1, in_valid = 0;
    reg  [WIDTH-1:0] in_data;
    wire             out_valid;
    wire [WIDTH-1:0] out_data;

    weft_delay #(.WIDTH(WIDTH), .DEPTH(DEPTH)) dut (
        .clk(clk), .rst(rst), .in_valid(in_valid), .in_data(in_data), .out_valid(out_valid), .out_data(out_data));

    always #1 clk = !clk;

    reg [WIDTH-1:0] want [1:DEPTH];     // went in that many cycles ago
    reg [DEPTH:1]   full;
    integer s, now, i, gaps;

    initial begin
        @(negedge clk) s = seed;    // by now the plusargs are read
        done = 0;
        checked = 0;
        full = 0;
        gaps = 0;
        repeat (3) @(negedge clk);
        for (now = 0; now < cycles; now = now + 1) begin
            if ($unsigned($random(s)) % 100 == 0)
                gaps = ($random(s) & 3) * 32;
            rst = $unsigned($random(s)) % 200 == 0;
            in_valid = $unsigned($random(s)) % 100 >= gaps;
            in_data = $random(s);
            for (i = DEPTH; i > 1; i = i - 1) want[i] = want[i-1];
            want[1] = in_data;
            full = rst ? 0 : {full, in_valid};
            @(negedge clk);
            if (out_valid !== full[DEPTH] || (out_valid && out_data !== want[DEPTH])) begin
                $display("FAIL weft_delay: depth %0d cycle %0d: got %b %h, want %b %h; seed=%0d N=%0d",
                         DEPTH, now, out_valid, out_data, full[DEPTH], want[DEPTH], seed, cycles);
                $fatal(1, "mismatch");
            end
            checked = checked + out_valid;
        end
        if (checked < cycles / 8) $fatal(1, "FAIL weft_delay: only %0d values", checked);
        done = 1;
    end
endmodule

`default_nettype wire
