// The clocks of a board from its oscillator, as the simulation has them: both are the oscillator.  ecp5/weft_board_clocks.v is the PLL.
//
// clk is IN_HZ / IN_DIV * FB_MUL * FB_DIV / CLK_DIV, usb_clk the same with USB_DIV.  rst ends a few cycles of clk after both run.

`default_nettype none

module weft_board_clocks #(
    parameter integer IN_DIV  = 5,
    parameter integer FB_MUL  = 4,
    parameter integer FB_DIV  = 12,             // IN_HZ / IN_DIV * FB_MUL * FB_DIV is 400 to 800 MHz
    parameter integer CLK_DIV = 6,              // even: half a cycle is half a cycle
    parameter integer USB_DIV = 10
) (
    input  wire osc,
    output wire clk,
    output wire usb_clk,
    output wire rst
);

    reg [7:0] down = 8'hff;
    assign clk     = osc;
    assign usb_clk = osc;
    assign rst     = down[7];
    always @(posedge clk) down <= {down[6:0], 1'b0};

    wire unused = IN_DIV + FB_MUL + FB_DIV + CLK_DIV + USB_DIV == 0;

endmodule

`default_nettype wire
