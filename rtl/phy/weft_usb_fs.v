// Front end of full-speed pins: D+ and D- on the FPGA itself, with 48 MHz.
//
// dp and dn are two pins with drivers that follow `drive`, and series resistors; `pull_up` switches the 1.5 kOhm from
// D+ to 3.3 V.  What is behind has the boundary of weft_usb_core; high speed does not exist here.

`default_nettype none

module weft_usb_fs (
    input  wire       clk,
    input  wire       rst,

    input  wire       dp_in,
    input  wire       dn_in,
    output wire       dp_out,
    output wire       dn_out,
    output wire       drive,
    output wire       pull_up,

    output wire       rx_active,
    output wire       rx_valid,
    output wire [7:0] rx_data,
    output wire       rx_error,
    output wire [1:0] line,
    input  wire       tx_valid,
    input  wire [7:0] tx_data,
    output wire       tx_ready,
    input  wire       term_full
);

    assign pull_up = term_full;

    weft_cdc_sync #(.WIDTH(2)) u_line (.clk(clk), .in({dn_in, dp_in}), .out(line));

    weft_usb_fs_rx u_rx (
        .clk(clk), .rst(rst), .line(line), .mute(drive),
        .rx_active(rx_active), .rx_valid(rx_valid), .rx_data(rx_data), .rx_error(rx_error));

    weft_usb_fs_tx u_tx (
        .clk(clk), .rst(rst), .line(line), .tx_valid(tx_valid), .tx_data(tx_data), .tx_ready(tx_ready),
        .drive(drive), .dp(dp_out), .dn(dn_out));

endmodule

`default_nettype wire
