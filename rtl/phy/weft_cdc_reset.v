// The reset of two clock domains with queues between them (weft_cdc_fifo): both are in reset together, whatever the clocks do.
//
// `rst` of `clk`, one cycle or longer, puts `clk` in reset at once and `other_clk` as soon as that runs; then both are for at least four
// edges of either clock.  `other_rst` ends first, `clk_rst` a few cycles of `clk` later.  While `other_clk` stands still (a chip
// without power, a suspended bus) `clk_rst` stays high.  After power-up both are high without `rst`.

`default_nettype none

module weft_cdc_reset (
    input  wire clk,
    input  wire rst,
    output reg  clk_rst,
    input  wire other_clk,
    output reg  other_rst
);

    initial clk_rst   = 1'b1;
    initial other_rst = 1'b1;

    reg       ask  = 1'b1;                      // the other domain is to be in reset
    reg [1:0] left = 2'd3;                      // edges it stays there
    reg [2:0] seen;                             // cycles it was known to be, up to 4
    wire      asked, answered;

    weft_cdc_sync u_asked (.clk(other_clk), .in(ask), .out(asked));
    weft_cdc_sync u_answered (.clk(clk), .in(other_rst), .out(answered));

    always @(posedge clk) begin
        if (!answered)    seen <= 3'd0;
        else if (seen < 4) seen <= seen + 1'b1;
        if (seen == 3'd4) ask <= 1'b0;
        clk_rst <= ask || answered;
        if (rst) begin
            seen    <= 3'd0;
            ask     <= 1'b1;
            clk_rst <= 1'b1;
        end
    end

    always @(posedge other_clk) begin
        other_rst <= left != 0;
        left      <= asked ? 2'd3 : left - (left != 0 ? 2'd1 : 2'd0);
    end

endmodule

`default_nettype wire
