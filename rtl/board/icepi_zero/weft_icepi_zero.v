// Icepi Zero: an ECP5-25F of speed grade 6, 32 MB of SDRAM, full-speed USB on the first connector of the FPGA, UART through its FT231X.
//
// 4x4 cells, one lane, one kind of rounding, no pairs, no counters: what a 25F has room for (README.md).

`default_nettype none

module weft_icepi_zero #(
    parameter integer CLOCK_HZ  = 60_000_000,   // an even part of 480 MHz
    parameter integer FAST_LINE = 0             // simulation: a UART as fast as the clock allows
) (
    input  wire        osc,                     // 50 MHz

    output wire [4:0]  led,                     // 0 memory has started, 1 configured by a host, others off

    input  wire        uart_rx,
    output wire        uart_tx,

    inout  wire        usb_dp,
    inout  wire        usb_dn,
    output wire        usb_pull_dp,
    output wire        usb_pull_dn,

    output wire        sdram_clk,
    output wire        sdram_cke,
    output wire        sdram_cs_n,
    output wire        sdram_ras_n,
    output wire        sdram_cas_n,
    output wire        sdram_we_n,
    output wire [1:0]  sdram_ba,
    output wire [12:0] sdram_a,
    output wire [1:0]  sdram_dqm,
    inout  wire [15:0] sdram_dq
);

    wire clk, usb_clk, rst, ready, configured, dp_out, dn_out, drive, pull_up;

    weft_board_clocks #(.IN_DIV(5), .FB_MUL(4), .FB_DIV(12), .CLK_DIV(480_000_000 / CLOCK_HZ), .USB_DIV(10)) u_clocks (
        .osc(osc), .clk(clk), .usb_clk(usb_clk), .rst(rst));

    weft_board #(
        .ROWS(4), .COLS(4), .LANES(1), .FB_WORDS(512), .ACC_DEPTH(64), .MEM_BYTES(4), .MEM_SIZE(32'h02000000),
        .HAS_PAIR(0), .HAS_FLOAT(0), .HAS_COUNTERS(0), .HAS_CHECKS(0), .SMALL(1), .CLOCK_HZ(CLOCK_HZ), .BAUD(FAST_LINE != 0 ? CLOCK_HZ / 4 : 3_000_000)
    ) u_board (
        .clk(clk), .rst(rst), .usb_clk(usb_clk), .ready(ready), .usb_configured(configured),
        .rxd(uart_rx), .txd(uart_tx),
        .usb_dp_in(usb_dp), .usb_dn_in(usb_dn), .usb_dp_out(dp_out), .usb_dn_out(dn_out), .usb_drive(drive), .usb_pull_up(pull_up),
        .sdram_clk(sdram_clk), .sdram_cke(sdram_cke), .sdram_cs_n(sdram_cs_n), .sdram_ras_n(sdram_ras_n), .sdram_cas_n(sdram_cas_n),
        .sdram_we_n(sdram_we_n), .sdram_ba(sdram_ba), .sdram_a(sdram_a), .sdram_dqm(sdram_dqm), .sdram_dq(sdram_dq));

    assign usb_dp      = drive ? dp_out : 1'bz;
    assign usb_dn      = drive ? dn_out : 1'bz;
    assign usb_pull_dp = pull_up ? 1'b1 : 1'bz;
    assign usb_pull_dn = 1'bz;
    assign led         = {3'd0, configured, ready};

endmodule

`default_nettype wire
