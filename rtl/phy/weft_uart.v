// A serial line as a byte stream: 8N1 at BAUD, with a receive FIFO and, with FLOW, hardware flow control.
//
//     rxd -> weft_uart_rx -> weft_fifo -> rx          tx -> weft_uart_tx -> txd
//
// BAUD is any number up to CLOCK_HZ / 4; the rate is exact to 2**-24 of the clock (12 Mbaud from 48 MHz up).  A byte
// takes ten bits, so rx and tx move BAUD / 10 bytes a second each.  One clock; the pins may be of any.
//
// With FLOW no byte begins while cts_n is high, and rts_n goes high while fewer than RTS_ROOM bytes would fit
// (a USB bridge sends up to its own FIFO's worth before it sees that).  Without, cts_n is not looked at and rts_n stays low.
//
// Bytes that do not come whole are not given; these counters stay at their largest value until reset:
//     frame_errors  low stop bits        breaks  line low for a whole byte        overruns  bytes for which there was no room

`default_nettype none

module weft_uart #(
    parameter integer CLOCK_HZ = 48000000,
    parameter integer BAUD     = 3000000,
    parameter integer RX_DEPTH = 512,           // bytes
    parameter integer FLOW     = 0,
    parameter integer RTS_ROOM = 64             // bytes, less than RX_DEPTH
) (
    input  wire        clk,
    input  wire        rst,

    input  wire        rxd,
    output wire        txd,
    input  wire        cts_n,
    output reg         rts_n,

    output wire        rx_valid,
    input  wire        rx_ready,
    output wire [7:0]  rx_data,
    input  wire        tx_valid,
    output wire        tx_ready,
    input  wire [7:0]  tx_data,

    output reg  [15:0] frame_errors,
    output reg  [15:0] breaks,
    output reg  [15:0] overruns
);

    generate
        if (64'(BAUD) * 4 > 64'(CLOCK_HZ)) begin : g_baud
            BAUD_is_above_a_quarter_of_CLOCK_HZ u_refused ();
        end
        if (RTS_ROOM >= RX_DEPTH) begin : g_room
            RTS_ROOM_is_not_below_RX_DEPTH u_refused ();
        end
    endgenerate

    localparam integer      STEP_W  = 24;
    localparam [63:0]       STEP_64 = ((64'(BAUD) << STEP_W) + (64'(CLOCK_HZ) >> 1)) / 64'(CLOCK_HZ);
    localparam [STEP_W-1:0] STEP    = STEP_64[STEP_W-1:0];
    localparam integer      COUNT_W = $clog2(RX_DEPTH + 1);
    localparam integer      FILL    = RX_DEPTH - RTS_ROOM;

    wire               came, frame_error, break_begin, room, cts;
    wire [7:0]         came_data;
    wire [COUNT_W-1:0] count;

    weft_uart_rx #(.STEP_W(STEP_W), .STEP(STEP)) u_uart_rx (
        .clk(clk), .rst(rst), .rxd(rxd), .valid(came), .data(came_data), .frame_error(frame_error), .break_begin(break_begin));

    weft_fifo #(.WIDTH(8), .DEPTH(RX_DEPTH)) u_fifo (
        .clk(clk), .rst(rst), .in_valid(came), .in_ready(room), .in_data(came_data),
        .out_valid(rx_valid), .out_ready(rx_ready), .out_data(rx_data), .count(count));

    weft_cdc_sync u_cts (.clk(clk), .in(!cts_n), .out(cts));

    weft_uart_tx #(.STEP_W(STEP_W), .STEP(STEP)) u_uart_tx (
        .clk(clk), .rst(rst), .pause(FLOW != 0 && !cts), .valid(tx_valid), .ready(tx_ready), .data(tx_data), .txd(txd));

    always @(posedge clk) begin
        rts_n <= FLOW != 0 && count > FILL[COUNT_W-1:0];
        if (frame_error && !(&frame_errors)) frame_errors <= frame_errors + 1'b1;
        if (break_begin && !(&breaks))       breaks       <= breaks + 1'b1;
        if (came && !room && !(&overruns))   overruns     <= overruns + 1'b1;
        if (rst) begin
            rts_n        <= FLOW != 0;
            frame_errors <= 16'd0;
            breaks       <= 16'd0;
            overruns     <= 16'd0;
        end
    end

endmodule

`default_nettype wire
