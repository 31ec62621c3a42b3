// weft_usb_device_ulpi with a transceiver, and a host that can do high speed or (HIGH 0) cannot: enumeration, the
// chapter 9 list, full buffers, pauses, nonsense, suspend, resets, random faults; every byte of both streams once and
// in order.
`timescale 1ns / 1ps
`default_nettype none

module tb_weft_usb_device_ulpi;
    parameter  integer HIGH = 1;
    localparam integer MS = 1500;
    localparam NAME = "weft_usb_device_ulpi";
    localparam [15:0] VENDOR = 16'h1234, PRODUCT = 16'h5678;
    localparam [8*weft_usb::SERIAL_CHARS-1:0] SERIAL = "WEFT00000042";
    localparam [0:0] CAPABLE = 1'b1;

    integer     seed, first_seed;
    reg         usb_clk = 1'b0, clk = 1'b0, usb_rst = 1'b1, rst = 1'b1, attach = 1'b0;
    wire        dir, nxt, stp, data_drive, configured, high_speed, suspended;
    wire  [7:0] to_link, from_link;
    wire        rx_valid, tx_ready;
    reg         rx_ready, tx_valid;
    wire  [7:0] rx_data;
    reg   [7:0] tx_data;

    initial forever #(1000.0 / 120.0) usb_clk = !usb_clk;
    initial #3 forever #(HIGH != 0 ? 7.1 : 24.1) clk = !clk;

    weft_usb_device_ulpi #(.MS(MS), .VENDOR(VENDOR), .PRODUCT(PRODUCT), .SERIAL(SERIAL)) dut (
        .usb_clk(usb_clk), .usb_rst(usb_rst), .usb_attach(attach), .ulpi_dir(dir), .ulpi_nxt(nxt), .ulpi_stp(stp),
        .ulpi_data_in(to_link), .ulpi_data_out(from_link), .ulpi_data_drive(data_drive),
        .usb_configured(configured), .usb_high_speed(high_speed), .usb_suspended(suspended),
        .clk(clk), .rst(rst), .rx_valid(rx_valid), .rx_ready(rx_ready), .rx_data(rx_data),
        .tx_valid(tx_valid), .tx_ready(tx_ready), .tx_data(tx_data));

    usb_wire_ulpi #(.HIGH(HIGH), .MS(MS)) bus (
        .clk(usb_clk), .dir(dir), .nxt(nxt), .stp(stp), .data_out(to_link), .data_in(from_link), .data_drive(data_drive));

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
        #2000 if (bus.term) wrong("a pull-up before attach");
        attach = 1'b1;
        #5000 if (!bus.term) wrong("no pull-up after attach");
        bus_reset;
        if (high_speed != (HIGH != 0)) wrong("the speed after a reset");
        chapter9;
        pressure;
        full_rate;
        pauses;
        nonsense;
        suspends;
        resets;
        if (HIGH != 0) begin
            bus.faint_reset;
            if (high_speed) wrong("high speed from three short chirps");
            bus_reset;
            enumerate;
            if (nyets == 0) wrong("no NYET so far");
        end
        bus.break_share = 10;
        under_faults(20, 60 * bulk_bytes);
        under_faults(60, 30 * bulk_bytes);
        $display("ok weft_usb_device_ulpi: chapter 9, suspend, resets at %0s speed, %0d packets, %0d faults, %0d interrupts, %0d bytes each way, seed %0d",
                 HIGH != 0 ? "high" : "full", packets, faults, bus.interrupts, core_got, first_seed);
        $finish;
    end
    initial #60000000 wrong("no end after 60 ms");
endmodule

`default_nettype wire
