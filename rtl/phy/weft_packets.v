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

`ifdef FORMAL
    // The order is that of weft_fifo, proved beside this: what is proved here is when words go.
    localparam integer        F_W = COUNT_W + QUIET_W + 2;
    reg                       f_past = 1'b0;
    reg  [F_W-1:0]            f_items = 0, f_quiet = 0, f_still = 0;
    reg                       f_held, f_open, f_many, f_more, f_calm;   // in the cycle before
    wire [F_W-1:0]            f_in  = in_ready ? in_valid : 1'b0;
    wire [F_W-1:0]            f_out = out_valid ? out_ready : 1'b0;
    always @(posedge clk) begin
        f_past  <= 1'b1;
        f_items <= rst ? 0 : f_items + f_in - f_out;
        f_quiet <= rst || in_valid ? 0 : f_quiet == LINGER ? f_quiet : f_quiet + 1'b1;
        f_still <= rst || f_items == 0 || in_valid || out_valid ? 0 : f_still + 1'b1;
        f_held  <= !rst && out_valid && !out_ready;
        f_open  <= !rst && quota != 0 && !(f_out != 0 && quota == 1);
        f_many  <= f_items >= PACKET_WORDS;
        f_more  <= f_items > PACKET_WORDS || f_out == 0;
        f_calm  <= f_quiet == LINGER && f_out == 0;
    end
    always @(*) begin
        if (!f_past) assume (rst);
        if (f_past) begin
            assert (count == f_items && quota <= count && quiet == f_quiet);
            // Words begin to go for one of the two reasons, and then as many as were there; those that wait do not do so for ever.
            if (quota != 0 && !f_open) assert ((f_many && f_more && quota == PACKET) || (f_calm && quota <= PACKET));
            assert (f_quiet == LINGER ? f_still <= LINGER + 1 : f_still <= f_quiet);
            // Within a packet nobody waits for us, and an offer holds.
            if (quota != 0) assert (out_valid);
            if (f_held) assert (out_valid);
        end
    end
    always @(posedge clk) if (f_past && !rst) cover (quota == PACKET && count > PACKET);
`endif

endmodule

`default_nettype wire
