// Bytes from words of one width into words of another, in order.
//
// A word holds `bytes` bytes, 1 to its width, in its low places; what the others hold means nothing.  Words that go out
// are full; what is left over goes out as a word of fewer bytes when nothing came in for LINGER cycles.  Every cycle one word in
// and one out, whatever the widths: min(IN_BYTES, OUT_BYTES) bytes a cycle.  Latency one cycle; `in_ready` depends on `out_ready`
// in the same cycle.  After reset it is empty; the data is not reset.

`default_nettype none

module weft_gearbox #(
    parameter  integer IN_BYTES  = 4,           // powers of two
    parameter  integer OUT_BYTES = 4,
    parameter  integer LINGER    = 8,           // at least 1
    localparam integer IN_W      = $clog2(IN_BYTES + 1),
    localparam integer OUT_W     = $clog2(OUT_BYTES + 1)
) (
    input  wire                   clk,
    input  wire                   rst,
    input  wire                   in_valid,
    output wire                   in_ready,
    input  wire [8*IN_BYTES-1:0]  in_data,
    input  wire [IN_W-1:0]        in_bytes,
    output wire                   out_valid,
    input  wire                   out_ready,
    output wire [8*OUT_BYTES-1:0] out_data,
    output wire [OUT_W-1:0]       out_bytes
);

    localparam integer     HELD    = OUT_BYTES - 1 + IN_BYTES;  // bytes
    localparam integer     COUNT_W = $clog2(HELD + 1);
    localparam integer     QUIET_W = $clog2(LINGER + 1);
    localparam [COUNT_W:0] OUT     = OUT_BYTES[COUNT_W:0];

    reg  [8*HELD-1:0]  held;                    // the oldest byte lowest
    reg  [COUNT_W-1:0] count;
    reg  [QUIET_W-1:0] quiet;                   // cycles in which nothing moved, up to LINGER
    wire               full    = {1'b0, count} >= OUT;
    wire               partial = !full && count != 0 && quiet == LINGER[QUIET_W-1:0];
    wire               take    = out_valid && out_ready;
    wire [COUNT_W-1:0] left    = !take ? count : full ? count - OUT[COUNT_W-1:0] : {COUNT_W{1'b0}};
    wire               push    = in_valid && in_ready;
    wire [8*HELD-1:0]  kept    = take ? held >> (8 * OUT_BYTES) : held;

    assign out_valid = full || partial;
    assign out_data  = held[8*OUT_BYTES-1:0];
    assign out_bytes = full ? OUT[OUT_W-1:0] : count[OUT_W-1:0];
    // A word that is offered does not grow.
    assign in_ready  = (take || !partial) && {1'b0, left} < OUT;

    // What comes in begins behind what stays: with `push`, left is below OUT_BYTES.
    wire [8*HELD-1:0] placed;
    generate
        if (OUT_BYTES == 1) begin : g_front
            assign placed = in_data;
        end else begin : g_behind
            wire [$clog2(OUT_BYTES)-1:0] place = left[$clog2(OUT_BYTES)-1:0];
            assign placed = {{8*(OUT_BYTES-1){1'b0}}, in_data} << {place, 3'd0};
        end
    endgenerate

    integer i;
    always @(posedge clk) begin
        for (i = 0; i < HELD; i = i + 1)
            held[8*i +: 8] <= push && i >= {{32-COUNT_W{1'b0}}, left} ? placed[8*i +: 8] : kept[8*i +: 8];
        count <= left + (push ? COUNT_W'(in_bytes) : {COUNT_W{1'b0}});
        if (push || take || full || count == 0) quiet <= 0;
        else if (!partial)                      quiet <= quiet + 1'b1;
        if (rst) begin
            count <= 0;
            quiet <= 0;
        end
    end

endmodule

`default_nettype wire
