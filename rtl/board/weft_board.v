// What is the same on every board with SDR SDRAM: the device, its links and its memory, between a clock and pads.
//
//     rxd txd --------- weft_uart ------------+
//     D+ D- -- weft_usb_device_fs ------------+-- weft_top -- weft_sdram -- weft_sdram_pads -- the chip
//
// The bytes of the USB count while a host has configured the device there, those of the UART otherwise; what comes on the other line is
// thrown away, and an answer that is under way when the line changes is lost: the host opens a session anew on either.
// All is on clk but the USB core, which is on usb_clk (48 MHz, any phase), with queues between.  rst lasts until both clocks run.
// ready: the memory has started.  Nobody is answered by memory before; the links are.

`default_nettype none
`include "weft_params.vh"

module weft_board #(
    `WEFT_PARAMETERS,
    parameter integer LUT_CELLS   = 0,
    parameter integer SMALL       = 0,
    parameter integer LINK_DATA   = 512,
    parameter integer LINK_WINDOW = 16,         // read requests that fit into the receive queue of the UART
    parameter integer CLOCK_HZ    = 80_000_000,
    parameter integer BAUD        = 3_000_000,
    parameter integer CAS         = 2,
    parameter integer COL_BITS    = 9,
    parameter integer MS          = 48000,      // cycles of usb_clk in a millisecond
    parameter [8*weft_usb::SERIAL_CHARS-1:0] SERIAL = "000000000000"
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        usb_clk,
    output wire        ready,
    output wire        usb_configured,

    input  wire        rxd,
    output wire        txd,

    input  wire        usb_dp_in,
    input  wire        usb_dn_in,
    output wire        usb_dp_out,
    output wire        usb_dn_out,
    output wire        usb_drive,
    output wire        usb_pull_up,

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

    // ---- Links

    wire       link_rst, usb_rst, usb_active;
    wire       uart_rx_valid, usb_rx_valid, usb_tx_ready, uart_tx_ready, tx_valid, rx_ready;
    wire [7:0] uart_rx_data, usb_rx_data, tx_data;

    weft_cdc_reset u_usb_reset (.clk(clk), .rst(rst), .clk_rst(link_rst), .other_clk(usb_clk), .other_rst(usb_rst));
    weft_cdc_sync u_usb_active (.clk(clk), .in(usb_configured), .out(usb_active));

    /* verilator lint_off PINCONNECTEMPTY */ // nobody here counts errors of the line
    weft_uart #(.CLOCK_HZ(CLOCK_HZ), .BAUD(BAUD)) u_uart (
        .clk(clk), .rst(rst), .rxd(rxd), .txd(txd), .cts_n(1'b0), .rts_n(),
        .rx_valid(uart_rx_valid), .rx_ready(rx_ready || usb_active), .rx_data(uart_rx_data),
        .tx_valid(tx_valid && !usb_active), .tx_ready(uart_tx_ready), .tx_data(tx_data),
        .frame_errors(), .breaks(), .overruns());

    weft_usb_device_fs #(.MS(MS), .SERIAL(SERIAL)) u_usb (
        .usb_clk(usb_clk), .usb_rst(usb_rst), .usb_attach(1'b1),
        .usb_dp_in(usb_dp_in), .usb_dn_in(usb_dn_in), .usb_dp_out(usb_dp_out), .usb_dn_out(usb_dn_out),
        .usb_drive(usb_drive), .usb_pull_up(usb_pull_up), .usb_configured(usb_configured), .usb_suspended(),
        .clk(clk), .rst(link_rst), .rx_valid(usb_rx_valid), .rx_ready(rx_ready || !usb_active), .rx_data(usb_rx_data),
        .tx_valid(tx_valid && usb_active), .tx_ready(usb_tx_ready), .tx_data(tx_data));
    /* verilator lint_on PINCONNECTEMPTY */

    // ---- The device

    wire                   arvalid, arready, rvalid, rready, rlast, awvalid, awready, wvalid, wready, wlast, bvalid, bready;
    wire [31:0]            araddr, awaddr;
    wire [7:0]             arlen, awlen;
    wire [2:0]             arsize, awsize;
    wire [1:0]             arburst, awburst;
    wire [8*MEM_BYTES-1:0] rdata, wdata;
    wire [MEM_BYTES-1:0]   wstrb;

    weft_top #(`WEFT_PASS, .LINK_BYTES(1), .LINK_DATA(LINK_DATA), .LINK_WINDOW(LINK_WINDOW), .LUT_CELLS(LUT_CELLS), .SMALL(SMALL)) u_top (
        .clk(clk), .rst(rst),
        .rx_valid(usb_active ? usb_rx_valid : uart_rx_valid), .rx_ready(rx_ready), .rx_data(usb_active ? usb_rx_data : uart_rx_data),
        .tx_valid(tx_valid), .tx_ready(usb_active ? usb_tx_ready : uart_tx_ready), .tx_data(tx_data),
        .m_axi_arvalid(arvalid), .m_axi_arready(arready), .m_axi_araddr(araddr), .m_axi_arlen(arlen),
        .m_axi_arsize(arsize), .m_axi_arburst(arburst),
        .m_axi_rvalid(rvalid), .m_axi_rready(rready), .m_axi_rdata(rdata), .m_axi_rresp(2'd0), .m_axi_rlast(rlast),
        .m_axi_awvalid(awvalid), .m_axi_awready(awready), .m_axi_awaddr(awaddr), .m_axi_awlen(awlen),
        .m_axi_awsize(awsize), .m_axi_awburst(awburst),
        .m_axi_wvalid(wvalid), .m_axi_wready(wready), .m_axi_wdata(wdata), .m_axi_wstrb(wstrb), .m_axi_wlast(wlast),
        .m_axi_bvalid(bvalid), .m_axi_bready(bready), .m_axi_bresp(2'd0));

    // ---- Memory

    wire        ras_n, cas_n, we_n, dq_drive;
    wire [1:0]  ba, dqm;
    wire [12:0] a;
    wire [15:0] dq_out, dq_in;

    weft_sdram #(.MEM_BYTES(MEM_BYTES), .CLOCK_HZ(CLOCK_HZ), .CAS(CAS), .COL_BITS(COL_BITS)) u_sdram (
        .clk(clk), .rst(rst), .ready(ready),
        .arvalid(arvalid), .arready(arready), .araddr(araddr), .arlen(arlen), .rvalid(rvalid), .rdata(rdata), .rlast(rlast),
        .awvalid(awvalid), .awready(awready), .awaddr(awaddr), .awlen(awlen),
        .wvalid(wvalid), .wready(wready), .wdata(wdata), .wstrb(wstrb), .bvalid(bvalid),
        .sd_ras_n(ras_n), .sd_cas_n(cas_n), .sd_we_n(we_n), .sd_ba(ba), .sd_a(a), .sd_dqm(dqm),
        .sd_dq_out(dq_out), .sd_dq_drive(dq_drive), .sd_dq_in(dq_in));

    weft_sdram_pads u_pads (
        .clk(clk), .cke(!rst), .ras_n(ras_n), .cas_n(cas_n), .we_n(we_n), .ba(ba), .a(a), .dqm(dqm),
        .dq_out(dq_out), .dq_drive(dq_drive), .dq_in(dq_in),
        .pin_clk(sdram_clk), .pin_cke(sdram_cke), .pin_cs_n(sdram_cs_n), .pin_ras_n(sdram_ras_n), .pin_cas_n(sdram_cas_n),
        .pin_we_n(sdram_we_n), .pin_ba(sdram_ba), .pin_a(sdram_a), .pin_dqm(sdram_dqm), .pin_dq(sdram_dq));

    wire unused = &{1'b0, arsize, arburst, awsize, awburst, rready, wlast, bready};

endmodule

`default_nettype wire
