// Loop counters and addresses of the COMPUTE command.
//
// After `start` the registers hold the first vector of the command on `cmd`; every `step` moves
// them to the next one, without a bubble at any loop boundary.  `cmd` must stand still from start
// to the step that has `last_all`.  The loops are those of rtl/isa/README.md ("What is issued");
// the comments there name the same variables.
//
// Outputs describe the present vector: its row and slot (r, a), its byte u + i0, its place i0 in
// the segment, the kernel row kr, whether its sum leaves (`emit`, at `index`), and where it stands
// in the loops.  `active` is high while there is a vector.

`default_nettype none
`include "weft_field.vh"

module weft_agen #(
    parameter  integer INDEX_W   = 9,        // bits of an accumulator index
    parameter  integer AW        = 15,       // bits of a feature word address
    localparam integer COMPUTE_W = weft_isa::OP_COMPUTE_W
) (
    input  wire                 clk,
    input  wire                 rst,
    input  wire [COMPUTE_W-1:0] cmd,         // a COMPUTE command
    input  wire                 start,
    input  wire                 step,

    output reg                  active,
    output wire signed [17:0]   row,
    output wire [15:0]          slot,        // less top, as weft_ring keeps it
    output wire signed [23:0]   place,       // u + i0
    output wire [19:0]          seg_place,   // i0
    output wire [17:0]          kernel_row,
    output wire                 emit,
    output wire [INDEX_W-1:0]   index,
    output wire                 first_pass,
    output wire                 last_pass,
    output wire                 first_of_pass,
    output wire                 last_inner,  // last vector of an inner loop
    output wire                 last_outer,  // of the last turn of the outer loop
    output wire                 last_block,
    output wire                 last_all     // last vector of the command
);

    localparam [15:0]  MASK = 16'((1 << AW) - 1);

    // Fields; of slots and words of a ring as many bits as the checks of weft_decode leave.
    wire [15:0]        a_start  = `WEFT_FIELD(cmd, COMPUTE, A_START);
    wire [15:0]        pitch    = `WEFT_FIELD(cmd, COMPUTE, PITCH) & {MASK[14:0], 1'b1};
    wire [15:0]        top      = `WEFT_FIELD(cmd, COMPUTE, TOP) & {MASK[14:0], 1'b1};
    wire [15:0]        size     = `WEFT_FIELD(cmd, COMPUTE, SIZE) & {MASK[14:0], 1'b1};
    wire signed [15:0] r_start  = `WEFT_FIELD(cmd, COMPUTE, R_START);
    wire signed [19:0] u_start  = `WEFT_FIELD(cmd, COMPUTE, U_START);
    wire signed [19:0] in_du    = `WEFT_FIELD(cmd, COMPUTE, IN_DU);
    wire [7:0]         in_dr    = `WEFT_FIELD(cmd, COMPUTE, IN_DR);
    wire [15:0]        in_da    = `WEFT_FIELD(cmd, COMPUTE, IN_DA) & MASK;
    wire signed [19:0] out_du   = `WEFT_FIELD(cmd, COMPUTE, OUT_DU);
    wire [7:0]         out_dr   = `WEFT_FIELD(cmd, COMPUTE, OUT_DR);
    wire [15:0]        out_da   = `WEFT_FIELD(cmd, COMPUTE, OUT_DA) & MASK;
    wire signed [19:0] tap_du   = `WEFT_FIELD(cmd, COMPUTE, TAP_DU);
    wire [7:0]         row_dr   = `WEFT_FIELD(cmd, COMPUTE, ROW_DR);
    wire [15:0]        row_da   = `WEFT_FIELD(cmd, COMPUTE, ROW_DA) & MASK;
    wire signed [19:0] blk_u    = `WEFT_FIELD(cmd, COMPUTE, BLK_U);
    wire [7:0]         taps_x   = `WEFT_FIELD(cmd, COMPUTE, TAPS_X);
    wire [19:0]        seg      = `WEFT_FIELD(cmd, COMPUTE, SEG);
    wire [1:0]         pass_q   = `WEFT_FIELD(cmd, COMPUTE, PASS_Q);
    wire [19:0]        pass_r   = `WEFT_FIELD(cmd, COMPUTE, PASS_R);
    wire               span     = `WEFT_FIELD(cmd, COMPUTE, SPAN);
    wire [7:0]         chain    = `WEFT_FIELD(cmd, COMPUTE, CHAIN);
    wire [7:0]         phases   = `WEFT_FIELD(cmd, COMPUTE, PHASES);
    wire [15:0]        inner    = `WEFT_FIELD(cmd, COMPUTE, INNER);
    wire [15:0]        outer    = `WEFT_FIELD(cmd, COMPUTE, OUTER);
    wire [15:0]        passes   = `WEFT_FIELD(cmd, COMPUTE, PASSES);
    wire [15:0]        blocks   = `WEFT_FIELD(cmd, COMPUTE, BLOCKS);

    // Positions: pass (p), outer (o), inner (i) loops; block start ub.
    reg signed [17:0] rp, ro, ri;
    reg [15:0]        ap, ao, ai;           // slots less top, as weft_ring keeps them
    reg signed [23:0] ub, up;               // u: byte of the block, of the pass
    reg signed [23:0] wp, wo, wi;           // place, u + i0
    reg [19:0]        i0;
    reg [20:0]        i0_over;              // i0 + pass_r - seg: negative unless the pass ends its segment
    reg [7:0]         kx;                   // taps left, less one
    reg [17:0]        kr;
    reg [15:0]        ni, no, np, nb;       // turns left, less one
    reg [7:0]         fill, phase;          // words to fill the chain, and to the next that leaves
    reg [INDEX_W-1:0] sums;
    reg               pass_first, vector_first;

    // Constants of the command: the ways of its steps, without and with a carry into the next slot, and what a pass that
    // ends a segment, or a kernel row, moves.
    reg [31:0] in_0, in_1, out_0, out_1, pass_1, row_0, row_1, row_2;
    reg [20:0] seg_back;                    // pass_r - seg
    reg signed [23:0] tap_step;             // tap_du + pass_r - seg
    reg [8:0]  row_rows;                    // pass_q + row_dr

    wire end_i = ni == 16'd0;
    wire end_o = no == 16'd0;
    wire end_p = np == 16'd0;
    wire end_b = nb == 16'd0;

    assign row           = ri;
    assign slot          = ai;
    assign place         = wi;
    assign seg_place     = i0;
    assign kernel_row    = kr;
    assign emit          = fill == 8'd0 && phase == 8'd0;
    assign index         = sums;
    assign first_pass    = pass_first;
    assign last_pass     = end_p;
    assign first_of_pass = vector_first;
    assign last_inner    = end_i;
    assign last_outer    = end_o;
    assign last_block    = end_b;
    assign last_all      = end_i && end_o && end_p && end_b;

    wire signed [17:0] r_first = {{2{r_start[15]}}, r_start};
    wire signed [23:0] u_first = {{4{u_start[19]}}, u_start};

    wire [15:0]        a_first = (a_start - top) & MASK;

    // What only the end of a loop needs is worked out there, in variables: idle logic costs a simulation as much
    // as busy logic does.  The start, which reads none of the counters, comes last.
    always @(posedge clk) begin : move
        reg [15:0]        turns;
        reg               seg_end, row_end;
        reg [1:0]         carries;
        reg [15:0]        a_next;
        reg signed [17:0] r_next;
        reg signed [23:0] u_next, w_next;
        turns = ni;                     // this and what hangs on it stays one block in simulation
        if (step)
            sums <= sums + {{INDEX_W-1{1'b0}}, emit};
        if (step && !start && turns != 16'd0) begin
            ni <= turns - 16'd1;
            ai <= weft_ring::step(ai, weft_ring::carry(ri[1:0], in_dr[1:0]) ? in_1 : in_0, MASK);
            ri <= ri + $signed({10'd0, in_dr});
            wi <= wi + {{4{in_du[19]}}, in_du};
            if (fill != 8'd0)
                fill <= fill - 8'd1;
            else
                phase <= (phase == 8'd0 ? phases : phase) - 8'd1;
            vector_first <= 1'b0;
        end else if (step && !start) begin
            ni <= inner - 16'd1;
            fill <= chain - 8'd1;
            phase <= 8'd0;
            vector_first <= end_o;
            if (no != 16'd0) begin
                no <= no - 16'd1;
                r_next = ro + $signed({10'd0, out_dr});
                a_next = weft_ring::step(ao, weft_ring::carry(ro[1:0], out_dr[1:0]) ? out_1 : out_0, MASK);
                w_next = wo + {{4{out_du[19]}}, out_du};
            end else begin
                no <= outer - 16'd1;
                sums <= 0;
                if (np != 16'd0) begin
                    seg_end = !i0_over[20];
                    row_end = seg_end && kx == 8'd0;
                    carries = {1'b0, weft_ring::carry(rp[1:0], pass_q)};
                    if (row_end) begin
                        carries = carries + {1'b0, weft_ring::carry(rp[1:0] + pass_q, row_dr[1:0])};
                        a_next = weft_ring::step(ap, carries[1] ? row_2 : carries[0] ? row_1 : row_0, MASK);
                        r_next = rp + $signed({9'd0, row_rows});
                        u_next = ub;
                        w_next = span ? ub + $signed({4'd0, i0_over[19:0]}) : ub;
                        kx <= taps_x - 8'd1;
                        kr <= kr + {9'd0, row_rows};
                    end else begin
                        a_next = carries[0] ? weft_ring::step(ap, pass_1, MASK) : ap & MASK;
                        r_next = rp + $signed({16'd0, pass_q});
                        u_next = seg_end ? up + {{4{tap_du[19]}}, tap_du} : up;
                        w_next = seg_end && !span ? u_next : wp + (seg_end ? tap_step : $signed({4'd0, pass_r}));
                        if (seg_end) kx <= kx - 8'd1;
                        kr <= kr + {16'd0, pass_q};
                    end
                    np <= np - 16'd1;
                    i0 <= !seg_end ? i0 + pass_r : span ? i0_over[19:0] : 20'd0;
                    i0_over <= seg_end && !span ? seg_back : i0_over + (seg_end ? seg_back : {1'b0, pass_r});
                end else begin
                    u_next = ub + {{4{blk_u[19]}}, blk_u};
                    w_next = u_next;
                    a_next = a_first;
                    r_next = r_first;
                    np <= passes - 16'd1;
                    i0 <= 20'd0;
            i0_over <= {1'b0, pass_r} - {1'b0, seg};
                    i0_over <= seg_back;
                    kx <= taps_x - 8'd1;
                    kr <= 18'd0;
                    nb <= nb - 16'd1;
                    ub <= u_next;
                    if (end_b)
                        active <= 1'b0;
                end
                pass_first <= end_p;
                rp <= r_next;
                ap <= a_next;
                up <= u_next;
                wp <= w_next;
            end
            ro <= r_next;
            ao <= a_next;
            wo <= w_next;
            ri <= r_next;
            ai <= a_next;
            wi <= w_next;
        end
        if (start) begin
            active <= 1'b1;
            ni <= inner - 16'd1;
            no <= outer - 16'd1;
            np <= passes - 16'd1;
            nb <= blocks - 16'd1;
            rp <= r_first;
            ro <= r_first;
            ri <= r_first;
            ap <= a_first;
            ao <= a_first;
            ai <= a_first;
            in_0 <= weft_ring::short_way(in_da, size, MASK);
            in_1 <= weft_ring::medium_way(17'(in_da) + 17'(pitch), size, MASK);
            out_0 <= weft_ring::short_way(out_da, size, MASK);
            out_1 <= weft_ring::medium_way(17'(out_da) + 17'(pitch), size, MASK);
            pass_1 <= weft_ring::medium_way(17'(pitch), size, MASK);
            row_0 <= weft_ring::short_way(row_da, size, MASK);
            row_1 <= weft_ring::medium_way(17'(row_da) + 17'(pitch), size, MASK);
            row_2 <= weft_ring::long_way(18'(row_da) + {1'b0, pitch, 1'b0}, size, MASK);
            seg_back <= {1'b0, pass_r} - {1'b0, seg};
            tap_step <= {{4{tap_du[19]}}, tap_du} + $signed({4'd0, pass_r}) - $signed({4'd0, seg});
            row_rows <= {7'd0, pass_q} + {1'b0, row_dr};
            ub <= u_first;
            up <= u_first;
            wp <= u_first;
            wo <= u_first;
            wi <= u_first;
            i0 <= 20'd0;
            i0_over <= {1'b0, pass_r} - {1'b0, seg};
            kx <= taps_x - 8'd1;
            kr <= 18'd0;
            sums <= 0;
            fill <= chain - 8'd1;
            phase <= 8'd0;
            pass_first <= 1'b1;
            vector_first <= 1'b1;
        end
        if (rst)
            active <= 1'b0;
    end

    wire unused = &{1'b0, cmd};

endmodule

`default_nettype wire
