// Queue whose items can be read only when their group is complete, and an incomplete group can be taken back.
//
// An item with in_last completes its group.  `drop` forgets the items after the last complete group (in_valid must be
// low in that cycle).  Out comes what is complete, oldest first, up to one item a cycle.  The items lie in a RAM
// with a registered output: two cycles from in_last to out_valid.  A group must not be longer
// than DEPTH.  After reset it is empty; the data is not reset.

`default_nettype none

module weft_commit_fifo #(
    parameter integer WIDTH = 8,
    parameter integer DEPTH = 64                // power of two >= 2
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             in_valid,
    output wire             in_ready,
    input  wire [WIDTH-1:0] in_data,
    input  wire             in_last,
    input  wire             drop,
    output reg              out_valid,
    input  wire             out_ready,
    output wire [WIDTH-1:0] out_data
);

    localparam integer PTR_W = $clog2(DEPTH);

    // One bit more than the address needs, so that full and empty differ.
    reg  [PTR_W:0] wr_at, commit_at, rd_at;
    wire [PTR_W:0] wr_next = wr_at + 1'b1;
    wire           push    = in_valid && in_ready;
    wire           fetch   = rd_at != commit_at && (!out_valid || out_ready);

    assign in_ready = wr_at != {~rd_at[PTR_W], rd_at[PTR_W-1:0]};

    always @(posedge clk) begin : move
        reg [PTR_W:0] next;
        next = wr_next;
        if (drop)      wr_at <= commit_at;
        else if (push) wr_at <= next;
        if (push && in_last && !drop) commit_at <= next;
        if (fetch) rd_at <= rd_at + 1'b1;
        if (!out_valid || out_ready) out_valid <= fetch;
        if (rst) begin
            wr_at     <= 0;
            commit_at <= 0;
            rd_at     <= 0;
            out_valid <= 1'b0;
        end
    end

    weft_ram_1r1w #(.WIDTH(WIDTH), .DEPTH(DEPTH)) u_ram_1r1w (
`ifdef FORMAL
        .f_mem(f_mem),
`endif
        .clk(clk), .wr_en(push), .wr_addr(wr_at[PTR_W-1:0]), .wr_data(in_data),
        .rd_en(fetch), .rd_addr(rd_at[PTR_W-1:0]), .rd_data(out_data));

`ifdef FORMAL
    // Two shifting queues computed from the ports alone: complete items, and those of the open group.
    localparam integer     F_MAX = DEPTH + 1;
    wire [DEPTH*WIDTH-1:0] f_mem;
    reg                    f_past = 1'b0;
    reg [PTR_W+1:0]        f_items = 0, f_ready = 0;    // inside; of these complete
    reg [F_MAX*WIDTH-1:0]  f_queue;
    wire                   f_push = in_ready ? in_valid : 1'b0;      // not the design's own words
    wire                   f_pop  = out_valid ? out_ready : 1'b0;
    wire                   f_last = f_push ? in_last : 1'b0;
    wire [PTR_W+1:0]       f_kept = drop ? f_ready : f_items;
    integer                f_i;
    reg [PTR_W-1:0]        f_slot;

    always @(posedge clk) begin
        f_past <= 1'b1;
        if (rst) begin
            f_items <= 0;
            f_ready <= 0;
        end else begin
            f_items <= f_kept + (f_push ? 1'b1 : 1'b0) - (f_pop ? 1'b1 : 1'b0);
            f_ready <= (f_last ? f_items + 1'b1 : f_ready) - (f_pop ? 1'b1 : 1'b0);
        end
        for (f_i = 0; f_i < F_MAX; f_i = f_i + 1)
            if (f_push && f_i == f_items - (f_pop ? 1 : 0))
                f_queue[f_i*WIDTH +: WIDTH] <= in_data;
            else if (f_pop && f_i < F_MAX - 1)
                f_queue[f_i*WIDTH +: WIDTH] <= f_queue[((f_i+1)%F_MAX)*WIDTH +: WIDTH];
    end
    always @(*) begin
        if (!f_past) assume (rst);
        assume (!(drop && in_valid));
        if (f_past) begin
            assert (f_ready <= f_items && f_items <= F_MAX);
            assert (f_items - (out_valid ? 1 : 0) <= DEPTH);
            if (out_valid) assert (f_ready != 0 && out_data == f_queue[WIDTH-1:0]);
            assert (in_ready == (f_items - (out_valid ? 1 : 0) != DEPTH));
            assert ((PTR_W+1)'(wr_at - rd_at) == f_items - (out_valid ? 1 : 0));
            assert ((PTR_W+1)'(commit_at - rd_at) == f_ready - (out_valid ? 1 : 0));
            for (f_i = 0; f_i < F_MAX; f_i = f_i + 1)
                if (f_i < f_items && !(out_valid && f_i == 0)) begin
                    f_slot = rd_at[PTR_W-1:0] + f_i - (out_valid ? 1 : 0);
                    assert (f_mem[f_slot*WIDTH +: WIDTH] == f_queue[f_i*WIDTH +: WIDTH]);
                end
        end
    end
    // A complete item is shown after one cycle at the latest.
    reg f_waited = 1'b0;
    always @(posedge clk) begin
        f_waited <= !rst && f_ready != 0 && !out_valid;
        if (f_past && f_waited && !rst) assert (out_valid);
        if (f_past && !rst) cover (f_items == F_MAX);
        if (f_past && !rst) cover (drop && f_ready != f_items);
    end
`endif

endmodule

`default_nettype wire
