// Buffer of the bulk OUT endpoint: takes packets as they come, gives their bytes when the packet is known to be good.
//
// `begin_packet` for a cycle, then `push` with each byte of the packet, then `commit` if it is to be kept.  Without
// `commit` the next begin_packet forgets it.  More than `largest` bytes are not written and make `too_long` until the
// next begin_packet.
//
//     room        a packet of `largest` bytes fits; a cycle late after commit
//     room_two    two of them do
//
// A packet is begun only with `room`.  Bytes leave as a stream, two cycles after commit at the earliest, one a cycle.

`default_nettype none

module weft_usb_out #(
    parameter integer BYTES = 2048              // a power of two, at least four packets
) (
    input  wire       clk,
    input  wire       rst,
    input  wire [9:0] largest,

    input  wire       begin_packet,
    input  wire       push,
    input  wire [7:0] data,
    input  wire       commit,
    output reg        too_long,
    output reg        room,
    output reg        room_two,

    output reg        out_valid,
    input  wire       out_ready,
    output wire [7:0] out_data
);

    localparam integer W = $clog2(BYTES);

    reg  [W:0] wr_at, good_at, rd_at;
    reg  [9:0] left;                                           // bytes that the packet may still have
    wire [W:0] free  = {1'b1, {W{1'b0}}} - (good_at - rd_at);
    wire       write = push && left != 10'd0;
    wire       fetch = rd_at != good_at && (!out_valid || out_ready);

    always @(posedge clk) begin
        room     <= free >= {{W-9{1'b0}}, largest};
        room_two <= free >= {{W-10{1'b0}}, largest, 1'b0};
        if (commit) good_at <= wr_at;
        if (write) begin
            wr_at <= wr_at + 1'b1;
            left  <= left - 10'd1;
        end
        if (push && !write) too_long <= 1'b1;
        if (begin_packet) begin
            wr_at    <= good_at;
            left     <= largest;
            too_long <= 1'b0;
        end
        if (fetch) rd_at <= rd_at + 1'b1;
        if (!out_valid || out_ready) out_valid <= fetch;
        if (rst) begin
            wr_at     <= 0;
            good_at   <= 0;
            rd_at     <= 0;
            left      <= 10'd0;
            out_valid <= 1'b0;
            room      <= 1'b0;
        end
    end

    weft_ram_1r1w #(.WIDTH(8), .DEPTH(BYTES)) u_ram_1r1w (
        .clk(clk), .wr_en(write), .wr_addr(wr_at[W-1:0]), .wr_data(data),
        .rd_en(fetch), .rd_addr(rd_at[W-1:0]), .rd_data(out_data));

endmodule

`default_nettype wire
