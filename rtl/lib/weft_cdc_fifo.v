// Queue of DEPTH items between two clocks that know nothing of each other.
//
// Both sides are valid/ready streams; rd_data shows the oldest item while rd_valid.  One item a cycle on either side.
// An item shows up on the read side three or four rd_clk cycles after it was written, its room on the write side after as many
// wr_clk cycles.  The items lie in a RAM with a registered output, so DEPTH + 1 of them fit in all.
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

    weft_cdc_sync #(.WIDTH(W)) u_rd_seen (.clk(wr_clk), .in(rd_gray), .out(rd_seen));
    weft_cdc_sync #(.WIDTH(W)) u_wr_seen (.clk(rd_clk), .in(wr_gray), .out(wr_seen));

`ifndef SYNTHESIS
`ifndef FORMAL
    initial if (DEPTH < 4 || (DEPTH & (DEPTH - 1)) != 0) $fatal(1, "%m: DEPTH must be a power of two, at least 4");
`endif
`endif

endmodule

`default_nettype wire
