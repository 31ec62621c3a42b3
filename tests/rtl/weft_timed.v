// A board in small for test_bitstream.sh: the PLL of a board and a sum of 64 bits, which one clock allows and another does not.

`default_nettype none

module weft_timed #(
    parameter integer CLOCK_HZ = 48_000_000
) (
    input  wire osc,                            // 25 MHz
    input  wire uart_rx,
    output reg  uart_tx
);

    wire clk, usb_clk, rst;

    weft_board_clocks #(.IN_DIV(5), .FB_MUL(8), .FB_DIV(12), .CLK_DIV(480_000_000 / CLOCK_HZ), .USB_DIV(10)) u_clocks (
        .osc(osc), .clk(clk), .usb_clk(usb_clk), .rst(rst));

    reg [63:0] a, b;
    always @(posedge clk) begin
        a       <= {a[62:0], uart_rx};
        b       <= b * 3 + a + {b[31:0], b[63:32]};
        uart_tx <= ^b || rst;
    end

    wire unused = usb_clk;

endmodule

`default_nettype wire
