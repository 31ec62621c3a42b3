// The USB device behind its front end: bus state, packets, endpoint 0 and two bulk endpoints that carry a byte stream
// each.
//
// Everything is on `clk`: 60 MHz behind ULPI, 48 MHz behind the pins.  The boundary to the front end is in the manner
// of UTMI:
//
//     rx_active   a packet is received; rx_valid with each of its bytes; rx_error: it is damaged
//     line        {D-, D+} as seen
//     tx_valid    a packet is sent while it is up, a byte when tx_ready; it is the front end that waits for the bus
//                 and turns it around
//     xcvr_full, term_full, op_mode      what the transceiver is to do (weft_usb_line)
//
// Streams: out_* are the bytes from the host, in_* those to it.  While the device is not configured in_* is taken
// until the buffer is full.  Nothing is dropped or repeated by a reset or a halt, but that a packet whose
// acknowledgement was lost before a reset is sent again.

`default_nettype none

module weft_usb_core #(
    parameter [0:0]   CAPABLE = 1'b1,           // the front end can do high speed
    parameter integer MS      = 60000,          // cycles of a millisecond
    parameter integer FILTER  = 150,            // cycles of 2.5 us
    parameter integer PAUSE   = 64,             // cycles without a byte after which what waits is sent
    parameter [15:0]  VENDOR  = 16'(weft_usb::VENDOR_ID),
    parameter [15:0]  PRODUCT = 16'(weft_usb::PRODUCT_ID),
    parameter [8*weft_usb::SERIAL_CHARS-1:0] SERIAL = "000000000000"
) (
    input  wire       clk,
    input  wire       rst,
    input  wire       attach,                   // show the device to the host

    input  wire       rx_active,
    input  wire       rx_valid,
    input  wire [7:0] rx_data,
    input  wire       rx_error,
    input  wire [1:0] line,
    output wire       tx_valid,
    output wire [7:0] tx_data,
    input  wire       tx_ready,
    output wire       xcvr_full,
    output wire       term_full,
    output wire [1:0] op_mode,

    output wire       out_valid,
    input  wire       out_ready,
    output wire [7:0] out_data,
    input  wire       in_valid,
    output wire       in_ready,
    input  wire [7:0] in_data,

    output wire       configured,
    output wire       high_speed,
    output wire       suspended
);

    wire bus_reset, chirp;

    weft_usb_line #(.CAPABLE(CAPABLE), .MS(MS), .FILTER(FILTER)) u_line (
        .clk(clk), .rst(rst), .attach(attach), .line(line), .rx_active(rx_active),
        .xcvr_full(xcvr_full), .term_full(term_full), .op_mode(op_mode), .chirp(chirp),
        .bus_reset(bus_reset), .high_speed(high_speed), .suspended(suspended));

    wire       data_valid, end_valid, end_good;
    wire [7:0] data;
    wire [3:0] pid, token_endpoint;
    wire [6:0] token_address;

    weft_usb_rx u_rx (
        .clk(clk), .rst(rst), .rx_active(rx_active), .rx_valid(rx_valid), .rx_data(rx_data), .rx_error(rx_error),
        .data_valid(data_valid), .data(data), .end_valid(end_valid), .end_good(end_good),
        .pid(pid), .address(token_address), .endpoint(token_endpoint));

    wire       tx_start, tx_bulk, tx_up, src_any, src_last, src_take;
    wire [3:0] tx_pid;
    wire [7:0] src_data, tx_byte;

    // A packet that is received while one is sent says that this one was interrupted: the rest of it is not sent.
    weft_usb_tx u_tx (
        .clk(clk), .rst(rst || bus_reset || end_valid), .start(tx_start), .pid(tx_pid),
        .src_any(src_any), .src_last(src_last), .src_data(src_data), .src_take(src_take),
        .tx_valid(tx_up), .tx_data(tx_byte), .tx_ready(tx_ready));

    assign tx_valid = tx_up || chirp;
    assign tx_data  = chirp ? 8'd0 : tx_byte;

    wire [6:0] address;
    wire       halt_out, halt_in, reset_out, reset_in, setup_begin, setup_push, setup_done, setup_whole;
    wire       control_start, control_acked, control_busy, control_stalled, control_sending, control_toggle;
    wire       control_any, control_last, out_begin, out_push, out_commit, out_too_long, out_room, out_room_two;
    wire       in_offer, in_start, in_acked, in_any, in_last;
    wire [7:0] control_data, in_byte;

    weft_usb_transact u_transact (
        .clk(clk), .bus_reset(bus_reset), .high_speed(high_speed),
        .data_valid(data_valid), .end_valid(end_valid), .end_good(end_good), .pid(pid),
        .token_address(token_address), .token_endpoint(token_endpoint),
        .tx_start(tx_start), .tx_pid(tx_pid), .tx_bulk(tx_bulk),
        .address(address), .configured(configured), .halt_out(halt_out), .halt_in(halt_in),
        .reset_out(reset_out), .reset_in(reset_in),
        .setup_begin(setup_begin), .setup_push(setup_push), .setup_done(setup_done), .setup_whole(setup_whole),
        .control_start(control_start), .control_acked(control_acked), .control_busy(control_busy),
        .control_stalled(control_stalled), .control_sending(control_sending), .control_toggle(control_toggle),
        .out_begin(out_begin), .out_push(out_push), .out_commit(out_commit), .out_too_long(out_too_long),
        .out_room(out_room), .out_room_two(out_room_two),
        .in_offer(in_offer), .in_start(in_start), .in_acked(in_acked));

    weft_usb_control #(.CAPABLE(CAPABLE), .VENDOR(VENDOR), .PRODUCT(PRODUCT), .SERIAL(SERIAL)) u_control (
        .clk(clk), .bus_reset(bus_reset), .high_speed(high_speed),
        .setup_begin(setup_begin), .setup_push(setup_push), .setup_data(data), .setup_done(setup_done),
        .setup_whole(setup_whole), .in_start(control_start), .in_acked(control_acked),
        .busy(control_busy), .stalled(control_stalled), .sending(control_sending), .toggle(control_toggle),
        .src_any(control_any), .src_last(control_last), .src_data(control_data), .src_take(src_take && !tx_bulk),
        .address(address), .configured(configured), .halt_out(halt_out), .halt_in(halt_in),
        .reset_out(reset_out), .reset_in(reset_in));

    wire [9:0] largest = high_speed ? 10'(weft_usb::BULK_BYTES_HIGH) : 10'(weft_usb::BULK_BYTES_FULL);

    weft_usb_out u_out (
        .clk(clk), .rst(rst), .largest(largest), .begin_packet(out_begin), .push(out_push), .data(data),
        .commit(out_commit), .too_long(out_too_long), .room(out_room), .room_two(out_room_two),
        .out_valid(out_valid), .out_ready(out_ready), .out_data(out_data));

    weft_usb_in #(.PAUSE(PAUSE)) u_in (
        .clk(clk), .rst(rst), .largest(largest), .in_valid(in_valid), .in_ready(in_ready), .in_data(in_data),
        .offer(in_offer), .start(in_start), .acked(in_acked), .forget(bus_reset),
        .src_any(in_any), .src_last(in_last), .src_data(in_byte), .src_take(src_take && tx_bulk));

    assign src_any  = tx_bulk ? in_any : control_any;
    assign src_last = tx_bulk ? in_last : control_last;
    assign src_data = tx_bulk ? in_byte : control_data;

endmodule

`default_nettype wire
