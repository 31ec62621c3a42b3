// Requantisation of LANES sums a cycle: the function requant() of rtl/isa/README.md, saturated.
//
//     in_valid, in_kind, in_value, in_mult, in_shift, in_half in cycle t
//         ->  out_valid, out_value in cycle t + LATENCY,  LATENCY = 10
//
// out_value is requant(...) limited to -512..512: whoever adds an int8 zero point and clamps to int8
// cannot tell the difference, and the last stages stay narrow.  Kind 3 is the value itself, so
// limited, whatever the parameters.  The definitions in C, bit for bit,
// are in models/arith/requantize.h.  PARAMS = 1: one multiplier, shift and half for all lanes.
//
// All kinds work on magnitudes and share one shifter to the left, one 32 x 32 multiplier and one
// shifter to the right:
//
//   stage        TFLITE                     FLOAT                            DIV
//   1            |a|                        |a|                              |a|
//   2, 3  left   by shift, if > 0           until bit 31 is set              -
//   4            sign and |.| modulo 2^32   round to 24 bits                 + half
//   5, 6         * mult                     * mantissa                       * mult
//   7            + 2^30, / 2^31             round to 24 bits                 -
//   8, 9  right  by -shift, if < 0          by -exponent                     by shift
//   10           round half up              round half to even               truncate
//
// A denormal FLOAT multiplier needs no care: whatever it stands for, the product rounds to 0.
// Rounding half up on a magnitude is half away from zero.  In stage 7 the half is 2^30 - 1 for a
// negative value, which rounds it half up, as the contract has it.  No stage does anything without a
// valid vector; data is not reset.  Four 18 x 18 multipliers a lane.
//
// As hardware a lane is weft_requant_lane, in exact widths.  The block here is for simulation: all lanes in loops of
// 32 and 64 bits, of which a compiler makes vectors.

`default_nettype none

module weft_requant #(
    parameter integer LANES = 16,
    parameter integer PARAMS = LANES,           // LANES, or 1
    parameter integer HAS_TFLITE = 1,           // 0: a vector of this kind never comes; the form for simulation can do all
    parameter integer HAS_FLOAT  = 1
) (
    input  wire                 clk,
    input  wire                 rst,
    input  wire                 in_valid,
    input  wire [1:0]           in_kind,        // weft_isa::KIND_*, or 3
    input  wire [32*LANES-1:0]  in_value,       // int32 of lane l at 32*l, and so on
    input  wire [32*PARAMS-1:0] in_mult,
    input  wire [8*PARAMS-1:0]  in_shift,
    input  wire [24*PARAMS-1:0] in_half,
    output wire                 out_valid,
`ifdef SYNTHESIS
    output wire [32*LANES-1:0]  out_value       // int32, -512..512
`else
    output reg  [32*LANES-1:0]  out_value
`endif
);

    localparam integer STAGES = 10;
    localparam integer STEP = PARAMS == 1 ? 0 : 1;
    localparam [1:0] DIV    = weft_isa::KIND_DIV[1:0];
    localparam [1:0] NONE   = 2'd3;             // inside: a DIV by 1

    reg [STAGES:1]     v;               // stage s holds a vector
    reg [2*STAGES-1:2] k;               // kind of stage s at 2*s
    assign out_valid = v[STAGES];

`ifdef SYNTHESIS
    genvar l;
    generate
        for (l = 0; l < LANES; l = l + 1) begin : g_lane
            wire signed [10:0] value;
            weft_requant_lane #(.HAS_TFLITE(HAS_TFLITE), .HAS_FLOAT(HAS_FLOAT)) u_lane (
                .clk(clk), .kind({k[2*STAGES-1:2], in_kind}), .in_value(in_value[32*l +: 32]),
                .in_mult(in_mult[32*(l*STEP) +: 32]), .in_shift(in_shift[8*(l*STEP) +: 8]),
                .in_half(in_half[24*(l*STEP) +: 24]), .out_value(value));
            assign out_value[32*l +: 32] = {{21{value[10]}}, value};
        end
    endgenerate

    always @(posedge clk) begin
        k <= {k[2*STAGES-3:2], in_kind == NONE ? DIV : in_kind};
        v <= {v[STAGES-1:1], in_valid};
        if (rst) v <= {STAGES{1'b0}};
    end
`else
    localparam [31:0] EXP_0  = 256;             // exponents are kept positive by this
    localparam [1:0]  TFLITE = weft_isa::KIND_TFLITE[1:0];
    localparam [1:0]  FLOAT  = weft_isa::KIND_FLOAT[1:0];

    // Names end in the stage whose register they are.  x: the value; m, h: multiplier and half; n: the
    // sign; l: steps to the left; e: FLOAT the exponent of x, else steps to the right.
    (* mem2reg *) reg [31:0] x1 [0:LANES-1], x2 [0:LANES-1], x3 [0:LANES-1], x4 [0:LANES-1];
    (* mem2reg *) reg [31:0] m1 [0:LANES-1], m2 [0:LANES-1], m3 [0:LANES-1], m4 [0:LANES-1];
    (* mem2reg *) reg [31:0] h1 [0:LANES-1], h2 [0:LANES-1], h3 [0:LANES-1];
    (* mem2reg *) reg [31:0] l1 [0:LANES-1], l2 [0:LANES-1];
    (* mem2reg *) reg [31:0] e1 [0:LANES-1], e2 [0:LANES-1], e3 [0:LANES-1], e4 [0:LANES-1];
    (* mem2reg *) reg [31:0] e5 [0:LANES-1], e6 [0:LANES-1], e7 [0:LANES-1], e8 [0:LANES-1];
    (* mem2reg *) reg [31:0] n1 [0:LANES-1], n2 [0:LANES-1], n3 [0:LANES-1], n4 [0:LANES-1];
    (* mem2reg *) reg [31:0] n5 [0:LANES-1], n6 [0:LANES-1], n7 [0:LANES-1], n8 [0:LANES-1], n9 [0:LANES-1];
    (* mem2reg *) reg [31:0] ll5 [0:LANES-1], lh5 [0:LANES-1], hl5 [0:LANES-1], hh5 [0:LANES-1];
    (* mem2reg *) reg [63:0] x6 [0:LANES-1], x7 [0:LANES-1], x8 [0:LANES-1];
    (* mem2reg *) reg [31:0] x9 [0:LANES-1];
    (* mem2reg *) reg [31:0] lost8 [0:LANES-1], lost9 [0:LANES-1];  // a one was shifted out (FLOAT)

    wire [1:0] kind1 = k[3:2], kind2 = k[5:4], kind3 = k[7:6], kind6 = k[13:12], kind8 = k[17:16], kind9 = k[19:18];

    wire unused = HAS_TFLITE != 0 && HAS_FLOAT != 0;

    /* verilator lint_off BLKSEQ */     // stages from the last to the first, private to this block
    always @(posedge clk) if (rst || in_valid || v != 0) begin : stages
        reg [31:0] i, a, b, d, f;
        reg [63:0] p;

        // 10: x9 has its fraction bit at the bottom.  Round, limit, sign.
        if (v[9]) begin
            f = kind9 == FLOAT ? 0 : 1;
            for (i = 0; i < LANES; i = i + 1) begin
                a = x9[i] & (f | lost9[i] | (x9[i] >> 1)) & 1;
                b = (x9[i] >> 1) + a;
                b = b > 512 ? 512 : b;
                out_value[32*i +: 32] <= (b ^ (0 - n9[i])) + n9[i];
            end
        end

        // 9: right by 0..7; limited, which leaves 11 bits.
        if (v[8])
            for (i = 0; i < LANES; i = i + 1) begin
                p = x8[i] >> (e8[i] & 7);
                a = kind8 == DIV ? 1 : 0;
                x9[i] = p > 64'd1024 >> a ? 1024 : p[31:0] << a;
                a = x8[i][31:0] & ((32'd1 << (e8[i] & 7)) - 1);
                lost9[i] = a != 0 ? 1 : lost8[i];
                n9[i] = n8[i];
            end

        // 8: right by 0, 8, ..., 56.
        if (v[7])
            for (i = 0; i < LANES; i = i + 1) begin
                a = x7[i][31:0] & ((32'd1 << (e7[i] & 24)) - 1);
                lost8[i] = a != 0 ? 1 : 0;
                x8[i] = x7[i] >> (e7[i] & 56);
                e8[i] = e7[i];
                n8[i] = n7[i];
            end

        // 7: x7 gets a fraction bit at the bottom, unless DIV.
        if (v[6]) begin
            if (kind6 == FLOAT)
                for (i = 0; i < LANES; i = i + 1) begin
                    p = x6[i] >> 47 != 0 ? x6[i] : x6[i] << 1;      // bit 47 is set now, or p is 0
                    a = p[31:0] >> 23 & 1 & ((p[31:0] & 32'h7fffff) != 0 ? 1 : p[31:0] >> 24);
                    x7[i] = ((p >> 24) + {32'd0, a}) << 1;
                    b = e6[i] + (x6[i] >> 47 != 0 ? 0 : 1);
                    e7[i] = b < EXP_0 ? 0 : b > EXP_0 + 31 ? 31 : b - EXP_0;
                    n7[i] = n6[i];
                end
            else
                for (i = 0; i < LANES; i = i + 1) begin
                    p = x6[i] + (n6[i] != 0 ? 64'h3fffffff : 64'h40000000);
                    x7[i] = kind6 == DIV ? x6[i] : p >> 31 << 1;
                    e7[i] = e6[i];
                    n7[i] = n6[i];
                end
        end

        // 6, 5: multiply, by halves of 16 bits.
        if (v[5])
            for (i = 0; i < LANES; i = i + 1) begin
                x6[i] = {hh5[i], ll5[i]} + (({32'd0, lh5[i]} + {32'd0, hl5[i]}) << 16);
                e6[i] = e5[i];
                n6[i] = n5[i];
            end
        if (v[4])
            for (i = 0; i < LANES; i = i + 1) begin
                ll5[i] = {16'd0, x4[i][15:0]} * {16'd0, m4[i][15:0]};
                lh5[i] = {16'd0, x4[i][15:0]} * {16'd0, m4[i][31:16]};
                hl5[i] = {16'd0, x4[i][31:16]} * {16'd0, m4[i][15:0]};
                hh5[i] = {16'd0, x4[i][31:16]} * {16'd0, m4[i][31:16]};
                e5[i] = e4[i];
                n5[i] = n4[i];
            end

        // 4: the first factor.
        if (v[3])
            for (i = 0; i < LANES; i = i + 1) begin
                a = x3[i] >> 7 & 1 & ((x3[i] & 127) != 0 ? 1 : x3[i] >> 8);
                b = x3[i] >> 31 != 0 ? 0 - x3[i] : x3[i];
                x4[i] = kind3 == FLOAT ? (x3[i] >> 8) + a : kind3 == DIV ? x3[i] + h3[i] : b;
                n4[i] = kind3 != TFLITE ? n3[i] : x3[i] == 32'h80000000 ? 1 : n3[i] ^ x3[i] >> 31;
                m4[i] = m3[i];
                e4[i] = e3[i];
            end

        // 3, 2: left, by l (0 if FLOAT) or until bit 31 is set; l becomes the steps done.
        if (v[2]) begin
            f = kind2 == FLOAT ? 1 : 0;
            for (i = 0; i < LANES; i = i + 1) begin
                a = l2[i] & 2 | (x2[i] >> 30 != 0 ? 0 : f << 1);
                b = x2[i] << a;
                d = l2[i] & 1 | (b >> 31 != 0 ? 0 : f);
                x3[i] = b << d;
                e3[i] = e2[i] + (f == 0 ? 0 : l2[i] + a + d);
                m3[i] = m2[i];
                h3[i] = h2[i];
                n3[i] = n2[i];
            end
        end
        if (v[1]) begin
            f = kind1 == FLOAT ? 1 : 0;
            for (i = 0; i < LANES; i = i + 1) begin
                a = l1[i] & 16 | (x1[i] >> 16 != 0 ? 0 : f << 4);
                b = x1[i] << a;
                d = l1[i] & 8 | (b >> 24 != 0 ? 0 : f << 3);
                b = b << d;
                a = a | d;
                d = l1[i] & 4 | (b >> 28 != 0 ? 0 : f << 2);
                x2[i] = b << d;
                l2[i] = f == 0 ? l1[i] & 3 : a | d;
                e2[i] = e1[i];
                m2[i] = m1[i];
                h2[i] = h1[i];
                n2[i] = n1[i];
            end
        end

        // 1: magnitude; what shift, multiplier and half mean for this kind.
        if (in_valid) begin
            for (i = 0; i < LANES; i = i + 1) begin
                a = in_value[32*i +: 32];
                n1[i] = a >> 31;
                x1[i] = a >> 31 != 0 ? 0 - a : a;
                m1[i] = in_mult[32*(i*STEP) +: 32];
                l1[i] = 0;
                e1[i] = 0;
                h1[i] = 0;
            end
            if (in_kind == FLOAT)
                for (i = 0; i < LANES; i = i + 1) begin
                    e1[i] = EXP_0 + 118 - (m1[i] >> 23 & 255);
                    m1[i] = (m1[i] & 32'h7fffff) | 32'h800000;
                end
            else if (in_kind == NONE)
                for (i = 0; i < LANES; i = i + 1) m1[i] = 1;
            else if (in_kind == TFLITE)
                for (i = 0; i < LANES; i = i + 1) begin
                    a = {24'd0, in_shift[8*(i*STEP) +: 8]};
                    l1[i] = a >> 7 != 0 ? 0 : a & 31;
                    e1[i] = a >> 7 != 0 ? (0 - a) & 31 : 0;
                end
            else
                for (i = 0; i < LANES; i = i + 1) begin
                    e1[i] = {26'd0, in_shift[8*(i*STEP) +: 6]};
                    h1[i] = {8'd0, in_half[24*(i*STEP) +: 24]};
                end
        end

        k <= {k[2*STAGES-3:2], in_kind == NONE ? DIV : in_kind};
        v <= {v[STAGES-1:1], in_valid};
        if (rst) v <= {STAGES{1'b0}};
    end
    /* verilator lint_on BLKSEQ */
`endif
endmodule

`default_nettype wire
