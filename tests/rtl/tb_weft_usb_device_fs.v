// weft_usb_device_fs on its wire.
`timescale 1ns / 1ps
`default_nettype none

module tb_weft_usb_device_fs;
    localparam integer MS = 1500;
    localparam NAME = "weft_usb_device_fs";
    localparam [15:0] VENDOR = 16'h1234, PRODUCT = 16'h5678;
    localparam [8*weft_usb::SERIAL_CHARS-1:0] SERIAL = "WEFT00000042";
    localparam [0:0] CAPABLE = 1'b0;

    integer     seed, first_seed;
    reg         usb_clk = 1'b0, clk = 1'b0, usb_rst = 1'b1, rst = 1'b1, attach = 1'b0;
    wire        dp_in, dn_in, dp_out, dn_out, drive, pull_up, configured, suspended;
    wire        rx_valid, tx_ready;
    reg         rx_ready, tx_valid;
    wire  [7:0] rx_data;
    reg   [7:0] tx_data;

    initial forever #(1000.0 / 96.0) usb_clk = !usb_clk;
    initial #3 forever #24.1 clk = !clk;

    weft_usb_device_fs #(.MS(MS), .VENDOR(VENDOR), .PRODUCT(PRODUCT), .SERIAL(SERIAL)) dut (
        .usb_clk(usb_clk), .usb_rst(usb_rst), .usb_attach(attach), .usb_dp_in(dp_in), .usb_dn_in(dn_in),
        .usb_dp_out(dp_out), .usb_dn_out(dn_out), .usb_drive(drive), .usb_pull_up(pull_up),
        .usb_configured(configured), .usb_suspended(suspended),
        .clk(clk), .rst(rst), .rx_valid(rx_valid), .rx_ready(rx_ready), .rx_data(rx_data),
        .tx_valid(tx_valid), .tx_ready(tx_ready), .tx_data(tx_data));

    usb_wire_fs #(.MS(MS)) bus (
        .dp_out(dp_out), .dn_out(dn_out), .drive(drive), .pull_up(pull_up), .dp_in(dp_in), .dn_in(dn_in));

`include "usb_host.vh"
`include "usb_streams.vh"
`include "usb_chapter9.vh"
`include "usb_events.vh"

    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        first_seed = seed;
        bus.seed = seed;
        host_begin;
        #200 usb_rst = 1'b0;
        rst = 1'b0;
        #1000 if (pull_up) wrong("a pull-up before attach");
        attach = 1'b1;
        #5000 if (!pull_up) wrong("no pull-up after attach");
        bus_reset;
        chapter9;
        pressure;
        full_rate;
        pauses;
        nonsense;
        suspends;
        resets;
        bus.set_rate(2500, 6.0);
        under_faults(20, 30 * bulk_bytes);
        bus.set_rate(-2500, 6.0);
        under_faults(60, 10 * bulk_bytes);
        $display("ok weft_usb_device_fs: chapter 9, suspend, resets, %0d packets, %0d faults, %0d bytes each way, seed %0d",
                 packets, faults, core_got, first_seed);
        $finish;
    end
    initial #60000000 wrong("no end after 60 ms");
endmodule

`default_nettype wire
