// A board's whole top as one simulated model: its SDRAM chip behind the pins, and a UART of the host's at its serial line.
//
// WEFT_BOARD names the top, WEFT_BOARD_HZ its clock.  rx_* and tx_* are the host's bytes, as at the pins of weft_top; they go over the line at a quarter of a bit
// a cycle, which is the most a UART takes.  The clocks are the oscillator (board/weft_board_clocks.v), nothing is on the USB.
`default_nettype none

module weft_board_sim (
    input  wire       clk,
    input  wire       rst,
    input  wire       rx_valid,
    output wire       rx_ready,
    input  wire [7:0] rx_data,
    output wire       tx_valid,
    input  wire       tx_ready,
    output wire [7:0] tx_data
);

    wire        to_board, from_board, sdram_clk, sdram_cke, sdram_cs_n, sdram_ras_n, sdram_cas_n, sdram_we_n;
    wire [1:0]  sdram_ba, sdram_dqm;
    wire [12:0] sdram_a;
    wire [15:0] sdram_dq;
    wire        usb_dp, usb_dn;

    /* verilator lint_off PINCONNECTEMPTY */ // pull-ups, lamps and counters of errors
    weft_uart #(.CLOCK_HZ(48_000_000), .BAUD(12_000_000), .RX_DEPTH(4096)) u_host (
        .clk(clk), .rst(rst), .rxd(from_board), .txd(to_board), .cts_n(1'b0), .rts_n(),
        .rx_valid(tx_valid), .rx_ready(tx_ready), .rx_data(tx_data), .tx_valid(rx_valid), .tx_ready(rx_ready), .tx_data(rx_data),
        .frame_errors(), .breaks(), .overruns());

    `WEFT_BOARD #(.CLOCK_HZ(`WEFT_BOARD_HZ), .FAST_LINE(1)) u_board (
        .osc(clk), .led(), .uart_rx(to_board), .uart_tx(from_board),
        .usb_dp(usb_dp), .usb_dn(usb_dn), .usb_pull_dp(), .usb_pull_dn(),
        .sdram_clk(sdram_clk), .sdram_cke(sdram_cke), .sdram_cs_n(sdram_cs_n), .sdram_ras_n(sdram_ras_n), .sdram_cas_n(sdram_cas_n),
        .sdram_we_n(sdram_we_n), .sdram_ba(sdram_ba), .sdram_a(sdram_a), .sdram_dqm(sdram_dqm), .sdram_dq(sdram_dq));
    /* verilator lint_on PINCONNECTEMPTY */

    sdram_chip #(.CLOCK_PS(1_000_000_000 / (`WEFT_BOARD_HZ / 1000))) u_chip (
        .clk(sdram_clk), .cke(sdram_cke), .cs_n(sdram_cs_n), .ras_n(sdram_ras_n), .cas_n(sdram_cas_n), .we_n(sdram_we_n),
        .ba(sdram_ba), .a(sdram_a), .dqm(sdram_dqm), .dq(sdram_dq));

endmodule

`default_nettype wire
