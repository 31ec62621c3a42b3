// weft_board_clocks (board/weft_board_clocks.v says what its parameters are) by a PLL of an ECP5.  Goes in its place in the list of sources.

`default_nettype none

module weft_board_clocks #(
    parameter integer IN_DIV  = 5,
    parameter integer FB_MUL  = 4,
    parameter integer FB_DIV  = 12,
    parameter integer CLK_DIV = 6,
    parameter integer USB_DIV = 10
) (
    input  wire osc,
    output wire clk,
    output wire usb_clk,
    output wire rst
);

    wire back, locked, runs;

    (* ICP_CURRENT="12", LPF_RESISTOR="8", MFG_ENABLE_FILTEROPAMP="1", MFG_GMCREF_SEL="2" *)
    EHXPLLL #(
        .PLLRST_ENA("DISABLED"), .INTFB_WAKE("DISABLED"), .STDBY_ENABLE("DISABLED"), .DPHASE_SOURCE("DISABLED"),
        .OUTDIVIDER_MUXA("DIVA"), .OUTDIVIDER_MUXB("DIVB"), .OUTDIVIDER_MUXC("DIVC"), .OUTDIVIDER_MUXD("DIVD"),
        .CLKI_DIV(IN_DIV), .FEEDBK_PATH("CLKOP"), .CLKFB_DIV(FB_MUL),
        .CLKOP_ENABLE("ENABLED"), .CLKOP_DIV(FB_DIV), .CLKOP_CPHASE(FB_DIV / 2 - 1), .CLKOP_FPHASE(0),
        .CLKOS_ENABLE("ENABLED"), .CLKOS_DIV(CLK_DIV), .CLKOS_CPHASE(CLK_DIV / 2 - 1), .CLKOS_FPHASE(0),
        .CLKOS2_ENABLE("ENABLED"), .CLKOS2_DIV(USB_DIV), .CLKOS2_CPHASE(USB_DIV / 2 - 1), .CLKOS2_FPHASE(0)
    ) u_pll (
        .RST(1'b0), .STDBY(1'b0), .CLKI(osc), .CLKOP(back), .CLKOS(clk), .CLKOS2(usb_clk), .CLKFB(back), .CLKINTFB(),
        .PHASESEL0(1'b0), .PHASESEL1(1'b0), .PHASEDIR(1'b1), .PHASESTEP(1'b1), .PHASELOADREG(1'b1), .PLLWAKESYNC(1'b0), .ENCLKOP(1'b0),
        .LOCK(locked));

    // 256 cycles after the PLL says that it is locked.
    reg [8:0] waited = 9'd0;
    assign rst = !waited[8];
    weft_cdc_sync u_locked (.clk(clk), .in(locked), .out(runs));
    always @(posedge clk) begin
        if (!runs)           waited <= 9'd0;
        else if (!waited[8]) waited <= waited + 9'd1;
    end

endmodule

`default_nettype wire
