// Fetches the second operand ahead of the results that need it.
//
// From `start` on it walks the operand positions of the command (rtl/isa/README.md, "Where results
// go") and asks the feature buffer for COLS bytes each, as long as its FIFO has room for the
// answer.  `ready` says that at least one operand is in the FIFO and not yet promised to a vector;
// `reserve` promises one; `take` removes the head, which is on `data`, when the vector has reached
// the post unit.  DEPTH must exceed the vectors between issue and post unit for full speed.

`default_nettype none
`include "weft_field.vh"

module weft_operand #(
    parameter  integer COLS = 16,
    parameter  integer WORD_BYTES = 16,
    parameter  integer AW = 11,
    parameter  integer DEPTH = 64,              // a power of two
    localparam integer COMPUTE_W = weft_isa::OP_COMPUTE_W
) (
    input  wire                 clk,
    input  wire                 rst,
    input  wire                 start,             // the command has a second operand and begins
    input  wire [COMPUTE_W-1:0] cmd,               // stands still until the walk is over

    output wire                 x_valid,           // feature buffer, operand client of port B
    input  wire                 x_ready,
    output wire [1:0]           x_bank,
    output wire [AW-1:0]        x_word,
    output wire [$clog2(WORD_BYTES)-1:0] x_off,
    input  wire                 x_rsp_valid,
    input  wire [8*COLS-1:0]    x_rsp_data,

    output wire                 ready,
    input  wire                 reserve,
    input  wire                 take,
    output wire [8*COLS-1:0]    data
);

    localparam integer OW = $clog2(WORD_BYTES);
    localparam integer UW = OW + AW;            // of a byte in a row these bits say where in a bank it lies
    localparam [15:0]  MASK = 16'((1 << AW) - 1);
    localparam integer DW = $clog2(DEPTH);
    localparam [DW:0]  ROOM = DEPTH[DW:0];

    wire [15:0]        a_start = `WEFT_FIELD(cmd, COMPUTE, X_A_START);
    wire [15:0]        pitch   = `WEFT_FIELD(cmd, COMPUTE, X_PITCH) & {MASK[14:0], 1'b1};
    wire [15:0]        top     = `WEFT_FIELD(cmd, COMPUTE, X_TOP) & {MASK[14:0], 1'b1};
    wire [15:0]        size    = `WEFT_FIELD(cmd, COMPUTE, X_SIZE) & {MASK[14:0], 1'b1};
    wire [UW-1:0]      u_start = UW'($signed(`WEFT_FIELD(cmd, COMPUTE, X_U_START)));
    wire [1:0]         r_start = `WEFT_FIELD(cmd, COMPUTE, X_ROW);
    wire [UW-1:0]      in_du   = UW'($signed(`WEFT_FIELD(cmd, COMPUTE, X_IN_DU)));
    wire [1:0]         out_dr  = 2'(`WEFT_FIELD(cmd, COMPUTE, X_OUT_DR));
    wire [15:0]        out_da  = `WEFT_FIELD(cmd, COMPUTE, X_OUT_DA) & MASK;
    wire [UW-1:0]      blk_u   = UW'($signed(`WEFT_FIELD(cmd, COMPUTE, X_BLK_U)));
    wire [15:0]        o_inner = `WEFT_FIELD(cmd, COMPUTE, O_INNER);
    wire [15:0]        outer   = `WEFT_FIELD(cmd, COMPUTE, OUTER);
    wire [15:0]        blocks  = `WEFT_FIELD(cmd, COMPUTE, BLOCKS);

    reg                walking;
    reg [15:0]         ni, no, nb;              // turns left, less one
    reg [1:0]          r;
    reg [15:0]         a;                       // slot less top, as weft_ring keeps it
    reg [31:0]         out_0, out_1;            // ways of the outer step, without and with a carry of the row
    reg [UW-1:0]       u, uo, ub;               // byte in the row, and top words

    // Room: entries neither filled nor asked for.  Promised: filled entries not yet reserved.
    reg [DW:0]         room, unpromised;
    assign x_valid = walking && room != 0;
    wire   asked = x_valid && x_ready;
    assign ready = unpromised != 0;

    assign x_bank = r;
    assign x_word = a[AW-1:0] + u[OW +: AW];
    assign x_off  = u[OW-1:0];

    wire [15:0]   a_first = (a_start - top) & MASK;
    wire [UW-1:0] u_first = u_start + {top[AW-1:0], {OW{1'b0}}};

    always @(posedge clk) begin : walk
        reg [UW-1:0] u_block;
        if (take != asked) room <= take ? room + 1'b1 : room - 1'b1;
        if (x_rsp_valid != reserve) unpromised <= reserve ? unpromised - 1'b1 : unpromised + 1'b1;
        if (asked && !start) begin
            if (ni != 16'd0) begin
                ni <= ni - 16'd1;
                u <= u + in_du;
            end else begin
                ni <= o_inner - 16'd1;
                if (no != 16'd0) begin
                    no <= no - 16'd1;
                    a <= weft_ring::step(a, weft_ring::carry(r, out_dr) ? out_1 : out_0, MASK);
                    r <= r + out_dr;
                    u <= uo;
                end else begin
                    u_block = ub + blk_u;
                    if (nb == 16'd0)
                        walking <= 1'b0;
                    no <= outer - 16'd1;
                    nb <= nb - 16'd1;
                    r <= r_start;
                    a <= a_first;
                    ub <= u_block;
                    uo <= u_block;
                    u <= u_block;
                end
            end
        end
        if (start) begin
            walking <= 1'b1;
            ni <= o_inner - 16'd1;
            no <= outer - 16'd1;
            nb <= blocks - 16'd1;
            r <= r_start;
            a <= a_first;
            u <= u_first;
            uo <= u_first;
            ub <= u_first;
            out_0 <= weft_ring::short_way(out_da, size, MASK);
            out_1 <= weft_ring::medium_way(17'(out_da) + 17'(pitch), size, MASK);
        end
        if (rst) begin
            walking <= 1'b0;
            room <= ROOM;
            unpromised <= 0;
        end
    end

    // The FIFO; room was reserved, so it cannot overflow.
    reg [8*COLS-1:0] fifo [0:DEPTH-1];
    reg [DW-1:0]     head, tail;
    assign data = fifo[head];

    always @(posedge clk) begin
        if (x_rsp_valid) begin
            fifo[tail] <= x_rsp_data;
            tail <= tail + 1'b1;
        end
        if (take)
            head <= head + 1'b1;
        if (rst) begin
            head <= 0;
            tail <= 0;
        end
    end

    wire unused = &{1'b0, cmd, a, u};

endmodule

`default_nettype wire
