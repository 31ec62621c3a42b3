// USB device at full speed on two pins of the FPGA, with the link's byte streams on the core's clock.
//
// usb_* is on `usb_clk`, 48 MHz; rx_* (bytes from the host) and tx_* (bytes to it) are on `clk` and fit the ports of
// weft_top of the same names.  Both resets come together and last three edges of either clock (weft_cdc_fifo).
// `attach` shows the device to the host.  configured, suspended: on usb_clk.

`default_nettype none

module weft_usb_device_fs #(
    parameter integer MS      = 48000,          // cycles of a millisecond
    parameter [15:0]  VENDOR  = 16'(weft_usb::VENDOR_ID),
    parameter [15:0]  PRODUCT = 16'(weft_usb::PRODUCT_ID),
    parameter [8*weft_usb::SERIAL_CHARS-1:0] SERIAL = "000000000000"
) (
    input  wire       usb_clk,
    input  wire       usb_rst,
    input  wire       usb_attach,
    input  wire       usb_dp_in,
    input  wire       usb_dn_in,
    output wire       usb_dp_out,
    output wire       usb_dn_out,
    output wire       usb_drive,
    output wire       usb_pull_up,
    output wire       usb_configured,
    output wire       usb_suspended,

    input  wire       clk,
    input  wire       rst,
    output wire       rx_valid,
    input  wire       rx_ready,
    output wire [7:0] rx_data,
    input  wire       tx_valid,
    output wire       tx_ready,
    input  wire [7:0] tx_data
);

    wire       got_active, got_valid, got_error, send_valid, send_ready, term_full;
    wire [7:0] got_data, send_data;
    wire [1:0] line;

    weft_usb_fs u_fs (
        .clk(usb_clk), .rst(usb_rst), .dp_in(usb_dp_in), .dn_in(usb_dn_in), .dp_out(usb_dp_out), .dn_out(usb_dn_out),
        .drive(usb_drive), .pull_up(usb_pull_up),
        .rx_active(got_active), .rx_valid(got_valid), .rx_data(got_data), .rx_error(got_error), .line(line),
        .tx_valid(send_valid), .tx_data(send_data), .tx_ready(send_ready), .term_full(term_full));

    wire       out_valid, out_ready, in_valid, in_ready;
    wire [7:0] out_data, in_data;

    /* verilator lint_off PINCONNECTEMPTY */ // there is one speed, and a transceiver that needs no telling
    weft_usb_core #(
        .CAPABLE(1'b0), .MS(MS), .FILTER(120), .VENDOR(VENDOR), .PRODUCT(PRODUCT), .SERIAL(SERIAL)
    ) u_core (
        .clk(usb_clk), .rst(usb_rst), .attach(usb_attach),
        .rx_active(got_active), .rx_valid(got_valid), .rx_data(got_data), .rx_error(got_error), .line(line),
        .tx_valid(send_valid), .tx_data(send_data), .tx_ready(send_ready),
        .xcvr_full(), .term_full(term_full), .op_mode(),
        .out_valid(out_valid), .out_ready(out_ready), .out_data(out_data),
        .in_valid(in_valid), .in_ready(in_ready), .in_data(in_data),
        .configured(usb_configured), .high_speed(), .suspended(usb_suspended));
    /* verilator lint_on PINCONNECTEMPTY */

    weft_cdc_fifo u_rx_fifo (
        .wr_clk(usb_clk), .wr_rst(usb_rst), .wr_valid(out_valid), .wr_ready(out_ready), .wr_data(out_data),
        .rd_clk(clk), .rd_rst(rst), .rd_valid(rx_valid), .rd_ready(rx_ready), .rd_data(rx_data));

    weft_cdc_fifo u_tx_fifo (
        .wr_clk(clk), .wr_rst(rst), .wr_valid(tx_valid), .wr_ready(tx_ready), .wr_data(tx_data),
        .rd_clk(usb_clk), .rd_rst(usb_rst), .rd_valid(in_valid), .rd_ready(in_ready), .rd_data(in_data));

endmodule

`default_nettype wire
