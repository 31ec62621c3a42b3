// Product of two numbers, there a cycle later: what a multiplier block with a register behind it does.
//
//     a, b in cycle t  ->  product in cycle t + 1, every cycle
//
// Both numbers are signed or both are not.  Who maps the device to an FPGA whose tool does not move this register into
// its multiplier blocks puts a module of the same name and ports in place of this one (ecp5/weft_product.v).

`default_nettype none

module weft_product #(
    parameter integer A_W    = 16,              // at most 18
    parameter integer B_W    = 16,
    parameter integer SIGNED = 0
) (
    input  wire               clk,
    input  wire [A_W-1:0]     a,
    input  wire [B_W-1:0]     b,
    output reg  [A_W+B_W-1:0] product
);

    generate
        if (SIGNED != 0) begin : g_signed
            always @(posedge clk) product <= $signed(a) * $signed(b);
        end else begin : g_unsigned
            always @(posedge clk) product <= {{B_W{1'b0}}, a} * {{A_W{1'b0}}, b};
        end
    endgenerate

endmodule

`default_nettype wire
