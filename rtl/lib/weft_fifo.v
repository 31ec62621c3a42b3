// Queue of DEPTH items, first word falls through: out_data shows the oldest item while out_valid.
//
// `count` is the number of items inside; in_ready = count < DEPTH, out_valid does not depend on
// out_ready, and nothing goes from input to output in the same cycle.  One item in and one out per cycle.
// Latency from in_valid to out_valid: one cycle, two with RAM.  With RAM (default above 32 items) the
// items lie in a RAM with a registered output, else in registers or LUT RAM; then
// out_valid may be low for one cycle while count is 1.  After reset it is empty; the data is not reset.

`default_nettype none

module weft_fifo #(
    parameter  integer WIDTH   = 8,
    parameter  integer DEPTH   = 4,             // at least 2, any number
    parameter  integer RAM     = DEPTH > 32 ? 1 : 0,
    localparam integer COUNT_W = $clog2(DEPTH + 1)
) (
`ifdef FORMAL
    output wire [DEPTH*WIDTH-1:0] f_all,        // items, oldest in the low bits, for invariants
`endif
    input  wire               clk,
    input  wire               rst,
    input  wire               in_valid,
    output wire               in_ready,
    input  wire [WIDTH-1:0]   in_data,
    output wire               out_valid,
    input  wire               out_ready,
    output wire [WIDTH-1:0]   out_data,
    output reg  [COUNT_W-1:0] count
);

    localparam integer        PTR_W = $clog2(DEPTH);
    localparam [PTR_W-1:0]    LAST  = PTR_W'(DEPTH - 1);
    localparam [COUNT_W-1:0]  FULL  = COUNT_W'(DEPTH);

    reg [PTR_W-1:0] wr_at, rd_at;
    wire            push = in_valid && in_ready;
    wire            pop  = out_valid && out_ready;
    wire            fetch;                      // an item leaves the memory

    assign in_ready = count != FULL;

    generate
        if (RAM != 0) begin : g_ram
            // The register behind the RAM holds the oldest item.
            reg shown;
            assign out_valid = shown;
            assign fetch     = count != {{COUNT_W-1{1'b0}}, shown} && (!shown || out_ready);
            always @(posedge clk) begin
                if (!shown || out_ready) shown <= fetch;
                if (rst) shown <= 1'b0;
            end

            weft_ram_1r1w #(.WIDTH(WIDTH), .DEPTH(DEPTH)) u_ram_1r1w (
`ifdef FORMAL
                .f_mem(f_mem),
`endif
                .clk(clk), .wr_en(push), .wr_addr(wr_at), .wr_data(in_data),
                .rd_en(fetch), .rd_addr(rd_at), .rd_data(out_data));
        end else begin : g_regs
            reg [WIDTH-1:0] mem [0:DEPTH-1];
            assign out_valid = count != 0;
            assign fetch     = pop;
            assign out_data  = mem[rd_at];
            always @(posedge clk) if (push) mem[wr_at] <= in_data;
`ifdef FORMAL
            genvar f_g;
            for (f_g = 0; f_g < DEPTH; f_g = f_g + 1) begin : g_f_mem
                assign f_mem[f_g*WIDTH +: WIDTH] = mem[f_g];
            end
`endif
        end
    endgenerate

    always @(posedge clk) begin
        if (push) wr_at <= wr_at == LAST ? 0 : wr_at + 1'b1;
        if (fetch) rd_at <= rd_at == LAST ? 0 : rd_at + 1'b1;
        if (push != pop) count <= push ? count + 1'b1 : count - 1'b1;
        if (rst) begin
            wr_at <= 0;
            rd_at <= 0;
            count <= 0;
        end
    end

`ifndef SYNTHESIS
`ifndef FORMAL
    initial if (DEPTH < 2) $fatal(1, "%m: DEPTH must be at least 2");
`endif
`endif

`ifdef FORMAL
    // A queue that shifts, computed from the ports alone, and what the pointers must say about it.
    wire [DEPTH*WIDTH-1:0] f_mem;
    reg                    f_past = 1'b0;
    reg [COUNT_W-1:0]      f_items = 0;
    reg [DEPTH*WIDTH-1:0]  f_queue;             // oldest in the low bits
    assign                 f_all   = f_queue;
    wire                   f_push  = in_ready ? in_valid : 1'b0;     // not the design's own words
    wire                   f_pop   = out_valid ? out_ready : 1'b0;
    wire                   f_shown = RAM != 0 && out_valid;
    integer                f_i, f_slot;

    always @(posedge clk) begin
        f_past <= 1'b1;
        if (rst) f_items <= 0;
        else     f_items <= f_items + (f_push ? 1'b1 : 1'b0) - (f_pop ? 1'b1 : 1'b0);
        for (f_i = 0; f_i < DEPTH; f_i = f_i + 1)
            if (f_push && f_i == f_items - (f_pop ? 1 : 0))
                f_queue[f_i*WIDTH +: WIDTH] <= in_data;
            else if (f_pop && f_i < DEPTH - 1)
                f_queue[f_i*WIDTH +: WIDTH] <= f_queue[(f_i+1)*WIDTH +: WIDTH];
    end
    always @(*) begin
        if (!f_past) assume (rst);
        if (f_past) begin
            assert (f_items <= FULL && count == f_items);
            assert (in_ready == (f_items != FULL));
            if (RAM == 0) assert (out_valid == (f_items != 0));
            if (out_valid) assert (f_items != 0 && out_data == f_queue[WIDTH-1:0]);
            assert (wr_at <= LAST && rd_at <= LAST);
            f_slot = rd_at + f_items - (f_shown ? 1 : 0);
            assert (wr_at == (f_slot >= DEPTH ? f_slot - DEPTH : f_slot));
            for (f_i = 0; f_i < DEPTH; f_i = f_i + 1)
                if (f_i < f_items && !(f_shown && f_i == 0)) begin
                    f_slot = rd_at + f_i - (f_shown ? 1 : 0);
                    if (f_slot >= DEPTH) f_slot = f_slot - DEPTH;
                    assert (f_mem[f_slot*WIDTH +: WIDTH] == f_queue[f_i*WIDTH +: WIDTH]);
                end
        end
    end
    // An item that is alone shows up after one cycle at the latest.
    reg f_waited = 1'b0;
    always @(posedge clk) begin
        f_waited <= !rst && count != 0 && !out_valid;
        if (f_past && f_waited && !rst) assert (out_valid);
        if (f_past && !rst) cover (f_items == FULL);
    end
`endif

endmodule

`default_nettype wire
