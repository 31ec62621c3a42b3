// The USB device core with a host at its pins, for a program that plays the bus (core_model.h): the transceiver or
// wire and the host are those of the benches (tests/rtl/usb_host.vh), the core's two byte streams are queues.
//
//     vvp usb_core.vvp +in=FILE +out=FILE            named pipes; PINS defined: full speed at D+ and D-, else ULPI
//
// Orders, a letter each, and their answers:
//     R              power, reset, address, configuration      K
//     S n(2) bytes   these are what the device has to say      K
//     O n(2) bytes   an OUT packet                             A or N (not acknowledged), then as for G
//     G              what the device was told since then       n(2) bytes
//     I              an IN packet                              n(2) bytes; 0: NAK
`timescale 1ns / 1ps
`default_nettype none

module usb_core;
    parameter  integer HIGH = 1;
    localparam integer MS = 1500;
    localparam NAME = "usb_core";
    localparam integer QUEUE = 1 << 17;

    integer     seed = 1, first_seed = 1;
    reg         usb_clk = 1'b0, clk = 1'b0, usb_rst = 1'b1, rst = 1'b1, attach = 1'b0;
    wire        configured, suspended, rx_valid, tx_ready;
    wire        rx_ready = 1'b1;
    wire  [7:0] rx_data;

    initial #3 forever #7.1 clk = !clk;

`ifdef PINS
    wire dp_in, dn_in, dp_out, dn_out, drive, pull_up;
    initial forever #(1000.0 / 96.0) usb_clk = !usb_clk;
    weft_usb_device_fs #(.MS(MS)) dut (
        .usb_clk(usb_clk), .usb_rst(usb_rst), .usb_attach(attach), .usb_dp_in(dp_in), .usb_dn_in(dn_in),
        .usb_dp_out(dp_out), .usb_dn_out(dn_out), .usb_drive(drive), .usb_pull_up(pull_up),
        .usb_configured(configured), .usb_suspended(suspended),
        .clk(clk), .rst(rst), .rx_valid(rx_valid), .rx_ready(rx_ready), .rx_data(rx_data),
        .tx_valid(tx_valid), .tx_ready(tx_ready), .tx_data(tx_data));
    usb_wire_fs #(.MS(MS)) bus (
        .dp_out(dp_out), .dn_out(dn_out), .drive(drive), .pull_up(pull_up), .dp_in(dp_in), .dn_in(dn_in));
`else
    wire       dir, nxt, stp, data_drive, high_speed;
    wire [7:0] to_link, from_link;
    initial forever #(1000.0 / 120.0) usb_clk = !usb_clk;
    weft_usb_device_ulpi #(.MS(MS)) dut (
        .usb_clk(usb_clk), .usb_rst(usb_rst), .usb_attach(attach), .ulpi_dir(dir), .ulpi_nxt(nxt), .ulpi_stp(stp),
        .ulpi_data_in(to_link), .ulpi_data_out(from_link), .ulpi_data_drive(data_drive),
        .usb_configured(configured), .usb_high_speed(high_speed), .usb_suspended(suspended),
        .clk(clk), .rst(rst), .rx_valid(rx_valid), .rx_ready(rx_ready), .rx_data(rx_data),
        .tx_valid(tx_valid), .tx_ready(tx_ready), .tx_data(tx_data));
    usb_wire_ulpi #(.HIGH(HIGH), .MS(MS)) bus (
        .clk(usb_clk), .dir(dir), .nxt(nxt), .stp(stp), .data_out(to_link), .data_in(from_link), .data_drive(data_drive));
`endif

`include "usb_host.vh"

    // --- the core's side ---
    reg [7:0] told [0:QUEUE-1], to_say [0:QUEUE-1];
    integer   told_in = 0, told_out = 0, say_in = 0, say_out = 0;
    wire      tx_valid = say_out != say_in;
    wire [7:0] tx_data = to_say[say_out%QUEUE];
    always @(posedge clk) begin
        if (!rst && rx_valid) begin
            told[told_in%QUEUE] = rx_data;
            told_in <= told_in + 1;
        end
        if (!rst && tx_valid && tx_ready) say_out <= say_out + 1;
    end

    // --- orders ---
    reg [8*256-1:0] name;
    integer         from, to, order, n, i, quiet;
    function integer get_count(input integer file);
        begin
            get_count = $fgetc(file);
            get_count = get_count | $fgetc(file) << 8;
        end
    endfunction
    task put_count(input integer value);
        $fwrite(to, "%c%c", value[7:0], value[15:8]);
    endtask

    task begin_again;
        begin
            attach = 1'b0;
            usb_rst = 1'b1;
            rst = 1'b1;
            #2000 usb_rst = 1'b0;
            rst = 1'b0;
            #2000 attach = 1'b1;
            #5000 host_begin;
            told_out = told_in;
            say_in = say_out;
            bus_reset;
            set_address(7'd9);
            configure;
            if (!configured) wrong("not configured");
        end
    endtask
    // What has come through the core, when no more does.
    task give_told;
        begin
            quiet = 0;
            while (quiet < 40) begin
                n = told_in;
                @(posedge clk) #1 quiet = told_in == n ? quiet + 1 : 0;
            end
            n = told_in - told_out;
            put_count(n);
            for (i = 0; i < n; i = i + 1) $fwrite(to, "%c", told[(told_out+i)%QUEUE]);
            told_out = told_out + n;
        end
    endtask
    task order_out;
        begin
            n = get_count(from);
            for (i = 0; i < n; i = i + 1) payload[i] = $fgetc(from);
            out(4'd1, toggle_out, n, 2);
            $fwrite(to, "%s", answer == P_ACK || answer == P_NYET ? "A" : "N");
            if (answer != P_ACK && answer != P_NYET && answer != P_NAK) wrong("OUT not answered");
            give_told;
        end
    endtask
    task order_in;
        begin
            in(4'd1, toggle_in, 1);
            if (answer != P_DATA0 && answer != P_NAK) wrong("IN not answered");
            n = answer == P_DATA0 ? payload_count : 0;
            put_count(n);
            for (i = 0; i < n; i = i + 1) $fwrite(to, "%c", payload[i]);
        end
    endtask
    task order_say;
        begin
            n = get_count(from);
            for (i = 0; i < n; i = i + 1) to_say[(say_in+i)%QUEUE] = $fgetc(from);
            say_in = say_in + n;
            $fwrite(to, "K");
        end
    endtask

    initial begin
        if (!$value$plusargs("in=%s", name)) name = "";
        from = $fopen(name, "rb");
        if (!$value$plusargs("out=%s", name)) name = "";
        to = $fopen(name, "wb");
        if (from == 0 || to == 0) $fatal(1, "FAIL usb_core: no pipes");
        host_begin;
        order = $fgetc(from);
        while (order != -1) begin
            case (order)
                "R": begin
                    begin_again;
                    if (!$value$plusargs("fault=%d", fault)) fault = 0;
                    $fwrite(to, "K");
                end
                "S": order_say;
                "O": order_out;
                "G": give_told;
                "I": order_in;
                default: $fatal(1, "FAIL usb_core: order %0d", order);
            endcase
            $fflush(to);
            order = $fgetc(from);
        end
        $display("ok usb_core: %0d packets, %0d faults, %0d NAKs, %0d NYETs", packets, faults, naks, nyets);
        $finish;
    end
endmodule

`default_nettype wire
