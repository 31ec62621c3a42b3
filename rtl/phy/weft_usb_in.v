// Buffer of the bulk IN endpoint: cuts the stream into packets and keeps each until the host has it.
//
// A packet is offered (`offer`) when more than `largest` bytes wait, or when some wait and none came for PAUSE
// cycles.  A full packet leaves only if a byte follows it, so what goes before a pause always ends in a short packet:
// the host's transfer ends there, and nobody needs packets of length zero.
//
// `start` begins to send what is offered; src_* are its bytes (weft_usb_tx).  `acked`: the host has it, the next one
// is offered some cycles later; until then every `start` sends the same bytes.  `forget` (bus reset) lets the packet
// that was sent be cut again, for another `largest`.  The stream is taken while fewer than BYTES bytes wait.

`default_nettype none

module weft_usb_in #(
    parameter integer BYTES = 2048,             // a power of two, at least four packets
    parameter integer PAUSE = 64
) (
    input  wire       clk,
    input  wire       rst,
    input  wire [9:0] largest,

    input  wire       in_valid,
    output wire       in_ready,
    input  wire [7:0] in_data,

    output reg        offer,
    input  wire       start,
    input  wire       acked,
    input  wire       forget,
    output wire       src_any,
    output wire       src_last,
    output wire [7:0] src_data,
    input  wire       src_take
);

    localparam integer W = $clog2(BYTES);
    localparam integer PAUSE_W = $clog2(PAUSE + 1);

    reg [W:0]         wr_at, base, at;          // next to write; begin of the packet; next to send
    reg [9:0]         size, left;               // of the packet; bytes of it not sent yet
    reg               sent;                     // the packet has left at least once: it must not change
    reg [PAUSE_W-1:0] quiet;
    wire              paused = quiet == PAUSE_W'(PAUSE);
    wire              push   = in_valid && in_ready;
    wire [W:0]        waiting = wr_at - base;
    wire              more   = waiting > {{W-9{1'b0}}, largest};
    wire              exact  = waiting == {{W-9{1'b0}}, largest};
    wire [W:0]        at_next = start ? base : at + {{W{1'b0}}, src_take};

    assign in_ready = wr_at != {~base[W], base[W-1:0]};
    assign src_any  = left != 10'd0;
    assign src_last = left == 10'd1;

    always @(posedge clk) begin
        at <= at_next;
        if (src_take) left <= left - 10'd1;
        if (start) begin
            left <= size;
            sent <= 1'b1;
        end
        if (!sent && !start) begin
            offer <= more || (waiting != 0 && paused);
            size  <= more ? largest : waiting[9:0] - {9'd0, exact};
        end
        if (acked || forget) begin
            offer <= 1'b0;
            sent  <= 1'b0;
        end
        if (acked) base <= base + {{W-9{1'b0}}, size};
        if (!paused) quiet <= quiet + 1'b1;
        if (push) begin
            wr_at <= wr_at + 1'b1;
            quiet <= 0;
        end
        if (rst) begin
            wr_at <= 0;
            base  <= 0;
            offer <= 1'b0;
            sent  <= 1'b0;
        end
    end

    weft_ram_1r1w #(.WIDTH(8), .DEPTH(BYTES)) u_ram_1r1w (
        .clk(clk), .wr_en(push), .wr_addr(wr_at[W-1:0]), .wr_data(in_data),
        .rd_en(1'b1), .rd_addr(at_next[W-1:0]), .rd_data(src_data));

endmodule

`default_nettype wire
