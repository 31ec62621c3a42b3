// weft_alu, and weft_product within it, against Verilog's own operators: all four operations on random numbers, extremes and
// equal ones, cycles without `en` between them; products of both signs and of none in several widths.

`default_nettype none

module tb_weft_alu;
    localparam integer LANES = 3;
    reg                clk = 0, en = 0;
    reg  [2:0]         op, asked;
    reg  [32*LANES-1:0] a, b;
    wire [32*LANES-1:0] result;
    reg  [17:0]        x;
    reg  [8:0]         y;
    wire [26:0]        plain, with_sign;

    weft_alu #(.LANES(LANES)) dut (.clk(clk), .en(en), .op(op), .a(a), .b(b), .result(result));
    weft_product #(.A_W(18), .B_W(9)) u_plain (.clk(clk), .a(x), .b(y), .product(plain));
    weft_product #(.A_W(18), .B_W(9), .SIGNED(1)) u_signed (.clk(clk), .a(x), .b(y), .product(with_sign));

    always #1 clk = !clk;

    integer seed = 1, cycles = 20000, unused, s, now, l, checked = 0;
    reg signed [31:0] p, q, want;
    reg signed [26:0] product;

    function [31:0] value(input [31:0] a);
        case (a[10:8])
            0: value = 32'h80000000;
            1: value = 32'h7fffffff;
            2: value = {{17{a[15]}}, a[14:0]};
            3: value = 32'hffff8000;
            default: value = $random(s);
        endcase
    endfunction

    initial begin
        unused = $value$plusargs("seed=%d", seed);
        unused = $value$plusargs("N=%d", cycles);
        s = seed;
        @(negedge clk);
        for (now = 0; now < cycles; now = now + 1) begin
            en = ($random(s) & 3) != 0;
            op = weft_isa::ALU_ADD + ($random(s) & 3);
            x = $random(s);
            y = $random(s) & 1 ? $random(s) : 9'h100;
            for (l = 0; l < LANES; l = l + 1) begin
                a[32*l +: 32] = value($random(s));
                b[32*l +: 32] = $random(s) & 7 ? value($random(s)) : a[32*l +: 32];
            end
            @(negedge clk);
            asked = op;
            op = $random(s);                    // what comes next decides nothing about what is here
            #0;
            for (l = 0; l < LANES && en; l = l + 1) begin
                p = a[32*l +: 32];
                q = b[32*l +: 32];
                case (asked)
                    weft_isa::ALU_ADD: want = p + q;
                    weft_isa::ALU_MUL: want = $signed(p[15:0]) * $signed(q[15:0]);
                    weft_isa::ALU_MAX: want = p > q ? p : q;
                    default:           want = p < q ? p : q;
                endcase
                checked = checked + 1;
                if (result[32*l +: 32] !== want)
                    $fatal(1, "FAIL weft_alu: op %0d of %0d and %0d: got %0d, want %0d; seed=%0d", asked, p, q, $signed(result[32*l +: 32]), want, seed);
            end
            product = $signed(x) * $signed(y);
            if (plain !== x * y || with_sign !== product)
                $fatal(1, "FAIL weft_alu: products of %h and %h: got %h and %h; seed=%0d", x, y, plain, with_sign, seed);
        end
        $display("ok weft_alu: %0d results, %0d products, seed %0d", checked, 2*cycles, seed);
        $finish;
    end
endmodule

`default_nettype wire
