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
    reg  [QUIET_W-1:0] quiet;                   // cycles in which too few bytes waited and nothing moved, up to LINGER
    wire               full    = {1'b0, count} >= OUT;
    wire               partial = quiet == LINGER[QUIET_W-1:0];
    wire               take    = out_valid && out_ready;
    wire [COUNT_W-1:0] left    = !take ? count : full ? count - OUT[COUNT_W-1:0] : {COUNT_W{1'b0}};
    wire               push    = in_valid && in_ready;
    wire [8*HELD-1:0]  kept    = take ? held >> (8 * OUT_BYTES) : held;

    assign out_valid = full || partial;
    assign out_data  = held[8*OUT_BYTES-1:0];
    assign out_bytes = full ? OUT[OUT_W-1:0] : count[OUT_W-1:0];
    // A word that is offered does not grow.
    assign in_ready  = !partial && (!full || (out_ready && {1'b0, count} < 2 * OUT));

    // What comes in begins behind what stays.  With `push` that is `count` less all whole words: none, or the one that is taken.
    wire [8*HELD-1:0] placed;
    wire [31:0]       place;
    generate
        if (OUT_BYTES == 1) begin : g_front
            assign place  = 32'd0;
            assign placed = in_data;
        end else begin : g_behind
            localparam integer PLACE_W = $clog2(OUT_BYTES);
            assign place  = {{32-PLACE_W{1'b0}}, count[PLACE_W-1:0]};
            assign placed = {{8*(OUT_BYTES-1){1'b0}}, in_data} << {count[PLACE_W-1:0], 3'd0};
        end
    endgenerate

    integer i;
    always @(posedge clk) begin
        for (i = 0; i < HELD; i = i + 1)
            held[8*i +: 8] <= push && i + 1 > place ? placed[8*i +: 8] : kept[8*i +: 8];
        count <= left + (push ? COUNT_W'(in_bytes) : {COUNT_W{1'b0}});
        if (push || take || full || count == 0) quiet <= 0;
        else if (!partial)                      quiet <= quiet + 1'b1;
        if (rst) begin
            count <= 0;
            quiet <= 0;
        end
    end

`ifdef FORMAL
    // A queue of bytes computed from the ports alone.
    reg                 f_past = 1'b0;
    reg [COUNT_W:0]     f_bytes = 0;
    reg [8*HELD-1:0]    f_queue;                // oldest in the low bits
    reg [COUNT_W:0]     f_left;
    reg                 f_held;
    reg [8*OUT_BYTES-1:0] f_data;
    reg [OUT_W-1:0]     f_count;
    reg [QUIET_W+1:0]   f_still = 0;            // cycles in which bytes wait, nothing comes and nothing is offered
    wire                f_push = in_ready ? in_valid : 1'b0;         // not the design's own words
    wire                f_pop  = out_valid ? out_ready : 1'b0;
    integer             f_i;
    always @(posedge clk) begin
        f_past <= 1'b1;
        f_left = f_bytes - (f_pop ? out_bytes : 0);
        for (f_i = 0; f_i < HELD; f_i = f_i + 1)
            if (f_i < f_left)     f_queue[8*f_i +: 8] <= f_queue[8*((f_i + f_bytes - f_left) % HELD) +: 8];
            else if (f_i < f_left + IN_BYTES) f_queue[8*f_i +: 8] <= in_data[8*((f_i - f_left) % IN_BYTES) +: 8];
        f_bytes <= rst ? 0 : f_left + (f_push ? in_bytes : 0);
        f_held  <= !rst && out_valid && !out_ready;
        f_data  <= out_data;
        f_count <= out_bytes;
        f_still <= rst || f_bytes == 0 || in_valid || out_valid ? 0 : f_still + 1'b1;
    end
    always @(*) begin
        if (!f_past) assume (rst);
        if (in_valid) assume (in_bytes != 0 && in_bytes <= IN_BYTES);
        if (f_past) begin
            assert (f_bytes <= HELD && count == f_bytes && quiet <= LINGER);
            for (f_i = 0; f_i < HELD; f_i = f_i + 1)
                if (f_i < f_bytes) assert (held[8*f_i +: 8] == f_queue[8*f_i +: 8]);
            if (out_valid) assert (out_bytes != 0 && out_bytes <= OUT_BYTES && out_bytes <= f_bytes);
            if (out_valid && out_bytes != OUT_BYTES) assert (out_bytes == f_bytes && quiet == LINGER);
            for (f_i = 0; f_i < OUT_BYTES; f_i = f_i + 1)
                if (out_valid && f_i < out_bytes) assert (out_data[8*f_i +: 8] == f_queue[8*f_i +: 8]);
            // An offer holds; what waits is offered in the end; and a word goes in whenever fewer bytes than a word out are inside.
            if (f_held) assert (out_valid && out_bytes == f_count);
            for (f_i = 0; f_i < OUT_BYTES; f_i = f_i + 1)
                if (f_held && f_i < f_count) assert (out_data[8*f_i +: 8] == f_data[8*f_i +: 8]);
            assert (f_still <= quiet && f_still <= LINGER);
            if (f_bytes < OUT_BYTES && !out_valid) assert (in_ready);
            if (out_valid && out_bytes == OUT_BYTES && out_ready && f_bytes < 2 * OUT_BYTES) assert (in_ready);
        end
    end
    always @(posedge clk) if (f_past && !rst) cover (out_valid && out_bytes != OUT_BYTES);
`endif

endmodule

`default_nettype wire
