// Queue of DEPTH items between two clocks that know nothing of each other.
//
// Both sides are valid/ready streams; rd_data shows the oldest item while rd_valid.  One item a cycle on either side.
// An item shows up on the read side three or four rd_clk cycles after it was written, its room on the write side
// after as many wr_clk cycles.  The items lie in a RAM with a registered output, so DEPTH + 1 of them fit in all.
//
// wr_rst and rd_rst come together: each is high for at least three edges of either clock while the other is high too,
// else what is inside means nothing.  After reset the queue is empty; the data is not reset.
//
// The pointers cross in Gray code, one bit a step.

`default_nettype none

module weft_cdc_fifo #(
    parameter integer WIDTH = 8,
    parameter integer DEPTH = 16                // a power of two, at least 4
) (
    input  wire             wr_clk,
    input  wire             wr_rst,
    input  wire             wr_valid,
    output wire             wr_ready,
    input  wire [WIDTH-1:0] wr_data,

    input  wire             rd_clk,
    input  wire             rd_rst,
    output reg              rd_valid,
    input  wire             rd_ready,
    output reg  [WIDTH-1:0] rd_data
);

    localparam integer W = $clog2(DEPTH) + 1;   // one bit more than the address needs: full and empty differ

    reg  [WIDTH-1:0] mem [0:DEPTH-1];

    // The write side: full when the read pointer, as far as it is known here, is a whole DEPTH behind.
    reg  [W-1:0] wr_at, wr_gray;
    wire [W-1:0] rd_seen;
    wire [W-1:0] wr_next = wr_at + 1'b1;
    wire         push    = wr_valid && wr_ready;

    assign wr_ready = wr_gray != {~rd_seen[W-1:W-2], rd_seen[W-3:0]};

    always @(posedge wr_clk) begin
        if (push) begin
            mem[wr_at[W-2:0]] <= wr_data;
            wr_gray <= wr_next ^ (wr_next >> 1);
            wr_at   <= wr_next;
        end
        if (wr_rst) begin
            wr_gray <= 0;
            wr_at   <= 0;
        end
    end

    // The read side: an item moves into the register behind the RAM when that is or becomes empty.
    reg  [W-1:0] rd_at, rd_gray;
    wire [W-1:0] wr_seen;
    wire [W-1:0] rd_next = rd_at + 1'b1;
    wire         fetch   = rd_gray != wr_seen && (!rd_valid || rd_ready);

    always @(posedge rd_clk) begin
        if (fetch) begin
            rd_data <= mem[rd_at[W-2:0]];
            rd_gray <= rd_next ^ (rd_next >> 1);
            rd_at   <= rd_next;
        end
        if (!rd_valid || rd_ready) rd_valid <= fetch;
        if (rd_rst) begin
            rd_valid <= 1'b0;
            rd_gray  <= 0;
            rd_at    <= 0;
        end
    end

    weft_cdc_sync #(.WIDTH(W)) u_rd_seen (
`ifdef FORMAL
        .f_first(f_rd_first),
`endif
        .clk(wr_clk), .in(rd_gray), .out(rd_seen));
    weft_cdc_sync #(.WIDTH(W)) u_wr_seen (
`ifdef FORMAL
        .f_first(f_wr_first),
`endif
        .clk(rd_clk), .in(wr_gray), .out(wr_seen));

`ifndef SYNTHESIS
`ifndef FORMAL
    initial if (DEPTH < 4 || (DEPTH & (DEPTH - 1)) != 0) $fatal(1, "%m: DEPTH must be a power of two, at least 4");
`endif
`endif

`ifdef FORMAL
    // Whatever two clocks do: the pointers as each side knows them lie in the order of time, never more than DEPTH apart, and
    // cross as the Gray code of a counter.  One item, whose place is any, is followed from its write to its read.
    wire [W-1:0]     f_rd_first, f_wr_first;
    (* anyconst *) reg [W-1:0] f_place;
    reg [WIDTH-1:0]  f_value;
    reg              f_in = 1'b0, f_out = 1'b0;                // differ while the followed item is inside
    reg              f_wr_ready = 1'b0, f_rd_ready = 1'b0;     // each side has seen its reset
    wire             f_on = f_wr_ready && f_rd_ready;

    function [W-1:0] f_count(input [W-1:0] gray);
        integer f_i;
        begin
            f_count[W-1] = gray[W-1];
            for (f_i = W - 2; f_i >= 0; f_i = f_i - 1) f_count[f_i] = f_count[f_i+1] ^ gray[f_i];
        end
    endfunction
    wire [W-1:0]     f_wr_1 = f_count(f_wr_first), f_wr_2 = f_count(wr_seen);
    wire [W-1:0]     f_rd_1 = f_count(f_rd_first), f_rd_2 = f_count(rd_seen);
    wire [W-1:0]     f_shown = rd_at - 1'b1;                   // place of what rd_data shows
    wire [W-1:0]     f_held  = wr_at - rd_at;                  // items in the RAM
    wire [W-1:0]     f_nth   = f_place - rd_at;                // how many of them are older than the followed one
    localparam [W-1:0] F_DEPTH = W'(DEPTH);

    // Both resets at the beginning, until each side has had three edges; none later.
    reg [1:0] f_wr_edges = 2'd0, f_rd_edges = 2'd0;
    always @(posedge wr_clk) begin
        if (f_wr_edges != 2'd3 && (f_wr_edges == 2'd0 || f_rd_edges != 2'd0)) f_wr_edges <= f_wr_edges + 1'b1;
        if (f_wr_edges == 2'd3) f_wr_ready <= 1'b1;
        if (push && f_on && wr_at == f_place && f_in == f_out) begin
            f_value <= wr_data;
            f_in    <= !f_out;
        end
    end
    always @(posedge rd_clk) begin
        if (f_rd_edges != 2'd3 && (f_rd_edges == 2'd0 || f_wr_edges != 2'd0)) f_rd_edges <= f_rd_edges + 1'b1;
        if (f_rd_edges == 2'd3) f_rd_ready <= 1'b1;
        if (rd_valid && rd_ready && f_on && f_shown == f_place) f_out <= f_in;
    end
    always @(*) begin
        assume (wr_rst == !f_on);
        assume (rd_rst == !f_on);
        assert (wr_gray == (wr_at ^ (wr_at >> 1)) || f_wr_edges == 2'd0);
        assert (rd_gray == (rd_at ^ (rd_at >> 1)) || f_rd_edges == 2'd0);
        if (!f_on) begin
            assert (f_in == f_out && (!f_wr_ready || f_wr_edges == 2'd3) && (!f_rd_ready || f_rd_edges == 2'd3));
            if (f_wr_edges != 2'd0) assert (wr_at == 0);
            if (f_rd_edges != 2'd0) assert (rd_at == 0 && !rd_valid);
            if (f_wr_edges >= 2'd2) assert (f_rd_edges != 2'd0 && f_rd_first == 0);
            if (f_rd_edges >= 2'd2) assert (f_wr_edges != 2'd0 && f_wr_first == 0);
            if (f_wr_edges == 2'd3) assert (rd_seen == 0);
            if (f_rd_edges == 2'd3) assert (wr_seen == 0);
        end
        if (f_on) begin
            assert (f_wr_edges == 2'd3 && f_rd_edges == 2'd3);
            assert (f_held <= F_DEPTH);
            assert (wr_at - f_rd_2 <= F_DEPTH);
            assert (f_rd_1 - f_rd_2 <= rd_at - f_rd_2);
            assert (rd_at - f_rd_2 <= wr_at - f_rd_2);
            assert (f_wr_2 - rd_at <= f_wr_1 - rd_at);
            assert (f_wr_1 - rd_at <= f_held);
            if (f_in != f_out && !(rd_valid && f_shown == f_place)) assert (f_nth < f_held && mem[f_place[W-2:0]] == f_value);
            if (f_in != f_out && rd_valid && f_shown == f_place) assert (rd_data == f_value && f_held < F_DEPTH + 1);
            if (f_in == f_out) assert (f_nth >= f_held && !(rd_valid && f_shown == f_place));
        end
    end
`endif

endmodule

`default_nettype wire
