// Lets words through by packets: none before a whole packet is there, or nothing more came for LINGER cycles.
//
// For chips that send a short packet to the host whenever a burst of writes ends (FT600, FT601): a producer slower than the bus would else
// make a packet of every few words.  A full packet is PACKET_WORDS words without a pause, if the receiver makes none; what waits
// when nothing more comes goes too.  DEPTH words fit in; words are kept in order.  Latency: that of the packet, or LINGER and two cycles.

`default_nettype none

module weft_packets #(
    parameter integer WIDTH        = 34,
    parameter integer PACKET_WORDS = 256,
    parameter integer DEPTH        = 2 * PACKET_WORDS,      // more than PACKET_WORDS
    parameter integer LINGER       = 32
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             in_valid,
    output wire             in_ready,
    input  wire [WIDTH-1:0] in_data,
    output wire             out_valid,
    input  wire             out_ready,
    output wire [WIDTH-1:0] out_data
);

    localparam integer       COUNT_W = $clog2(DEPTH + 1);
    localparam integer       QUIET_W = $clog2(LINGER + 1);
    localparam [COUNT_W-1:0] PACKET  = PACKET_WORDS[COUNT_W-1:0];

    wire               waits;
    wire [COUNT_W-1:0] count;
    reg  [COUNT_W-1:0] quota;                   // words that may go now
    reg  [QUIET_W-1:0] quiet;                   // cycles without a word, up to LINGER
    wire               take = out_valid && out_ready;

    assign out_valid = waits && quota != 0;

    weft_fifo #(.WIDTH(WIDTH), .DEPTH(DEPTH)) u_fifo (
        .clk(clk), .rst(rst), .in_valid(in_valid), .in_ready(in_ready), .in_data(in_data),
        .out_valid(waits), .out_ready(take), .out_data(out_data), .count(count));

    always @(posedge clk) begin
        if (in_valid)                            quiet <= 0;
        else if (quiet != LINGER[QUIET_W-1:0]) quiet <= quiet + 1'b1;
        if (take) quota <= quota - 1'b1;
        if (quota == 0 || (take && quota == 1)) begin
            // One word of those counted leaves in this very cycle, if any does.
            if (count > PACKET)                                           quota <= PACKET;
            else if (quota == 0 && count == PACKET)                      quota <= PACKET;
            else if (quota == 0 && quiet == LINGER[QUIET_W-1:0])        quota <= count;
        end
        if (rst) begin
            quota <= 0;
            quiet <= 0;
        end
    end

endmodule

`default_nettype wire
