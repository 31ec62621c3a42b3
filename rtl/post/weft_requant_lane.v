// One lane of weft_requant as hardware: the stages of its table in the widths they need.
//
//     in_* in cycle t  ->  out_value in cycle t + 10, every cycle
//
// kind[2*s +: 2] is the kind of what has reached stage s (the caller moves it along), of stage 0 the input's; 3, the value
// itself, at stage 0 only, and DIV from then on.  The caller knows which cycles hold a value: nothing here is
// reset, stopped or valid.  In simulation weft_requant works on all lanes at once instead; both give the same numbers.

`default_nettype none

module weft_requant_lane #(
    parameter integer HAS_TFLITE = 1,           // kinds that never come need no logic
    parameter integer HAS_FLOAT  = 1
) (
    input  wire               clk,
    input  wire [19:0]        kind,
    input  wire [31:0]        in_value,
    input  wire [31:0]        in_mult,
    input  wire [7:0]         in_shift,
    input  wire [23:0]        in_half,
    output reg  signed [10:0] out_value         // -512..512
);

    localparam [1:0] TFLITE = weft_isa::KIND_TFLITE[1:0];
    localparam [1:0] FLOAT  = weft_isa::KIND_FLOAT[1:0];
    localparam [1:0] DIV    = weft_isa::KIND_DIV[1:0];
    localparam [8:0] EXP_0  = 9'd256;           // exponents are kept positive by this

    function is_tflite(input [1:0] k);
        is_tflite = HAS_TFLITE != 0 && k == TFLITE;
    endfunction
    function is_float(input [1:0] k);
        is_float = HAS_FLOAT != 0 && k == FLOAT;
    endfunction

    // Names end in the stage whose register they are, as in weft_requant.
    reg [31:0] x1, x2, x3, x4, m1, m2, m3, m4;
    reg [23:0] h1, h2, h3;
    reg [4:0]  l1, l2;
    reg [8:0]  e1, e2, e3, e4, e5, e6;
    reg [5:0]  e7;
    reg [2:0]  e8;
    reg        n1, n2, n3, n4, n5, n6, n7, n8, n9;

    // 1: magnitude; what shift, multiplier and half mean for this kind.
    wire [1:0] kind0 = kind[1:0];
    always @(posedge clk) begin
        n1 <= in_value[31];
        x1 <= (in_value ^ {32{in_value[31]}}) + {31'd0, in_value[31]};
        m1 <= is_float(kind0) ? {9'd1, in_mult[22:0]} : kind0 == 2'd3 ? 32'd1 : in_mult;
        h1 <= kind0 == DIV ? in_half : 24'd0;
        l1 <= is_tflite(kind0) && !in_shift[7] ? in_shift[4:0] : 5'd0;
        if (is_tflite(kind0))     e1 <= {4'd0, in_shift[7] ? 5'd0 - in_shift[4:0] : 5'd0};
        else if (is_float(kind0)) e1 <= EXP_0 + 9'd118 - {1'b0, in_mult[30:23]};
        else                      e1 <= kind0 == DIV ? {3'd0, in_shift[5:0]} : 9'd0;
    end

    // 2, 3: left, by l (0 if FLOAT) or until bit 31 is set; l becomes the steps done.  What the first three steps have to
    // know is asked of x1 itself, four bits at a time.
    wire        float1 = is_float(kind[3:2]), float2 = is_float(kind[5:4]);
    wire [7:1]  zero1  = {x1[31:28] == 0, x1[27:24] == 0, x1[23:20] == 0, x1[19:16] == 0,
                          x1[15:12] == 0, x1[11:8] == 0, x1[7:4] == 0};
    wire        by_16  = l1[4] || (float1 && zero1[7:4] == 4'hf);
    wire        by_8   = l1[3] || (float1 && (by_16 ? zero1[3] && zero1[2] : zero1[7] && zero1[6]));
    wire        by_4   = l1[2] || (float1 && (by_16 ? (by_8 ? zero1[1] : zero1[3]) : by_8 ? zero1[5] : zero1[7]));
    wire [31:0] x1_16  = by_16 ? {x1[15:0], 16'd0} : x1;
    wire [31:0] x1_8   = by_8 ? {x1_16[23:0], 8'd0} : x1_16;
    wire        by_2   = l2[1] || (float2 && x2[31:30] == 0);
    wire [31:0] x2_2   = by_2 ? {x2[29:0], 2'd0} : x2;
    wire        by_1   = l2[0] || (float2 && !x2_2[31]);
    always @(posedge clk) begin
        x2 <= by_4 ? {x1_8[27:0], 4'd0} : x1_8;
        l2 <= float1 ? {by_16, by_8, by_4, 2'd0} : {3'd0, l1[1:0]};
        x3 <= by_1 ? {x2_2[30:0], 1'b0} : x2_2;
        e3 <= e2 + (float2 ? {4'd0, l2[4:2], by_2, by_1} : 9'd0);
        {e2, m2, h2, n2} <= {e1, m1, h1, n1};
        {m3, h3, n3} <= {m2, h2, n2};
    end

    // 4: the first factor: rounded to 24 bits, plus half, or the sign once more.  One adder for all kinds.
    wire [1:0] kind3 = kind[7:6];
    wire       up_4  = is_float(kind3) ? x3[7] && (x3[6:0] != 0 || x3[8]) : is_tflite(kind3) && x3[31];
    always @(posedge clk) begin
        x4 <= (is_float(kind3) ? {8'd0, x3[31:8]} : x3 ^ {32{up_4}}) + {8'd0, h3} + {31'd0, up_4};
        n4 <= !is_tflite(kind3) ? n3 : x3 == 32'h80000000 || n3 != x3[31];
        {m4, e4} <= {m3, e3};
    end

    // 5, 6: multiply, by halves of 16 bits.
    wire [31:0] ll5, lh5, hl5, hh5;
    weft_product #(.A_W(16), .B_W(16)) u_ll (.clk(clk), .a(x4[15:0]), .b(m4[15:0]), .product(ll5));
    weft_product #(.A_W(16), .B_W(16)) u_lh (.clk(clk), .a(x4[15:0]), .b(m4[31:16]), .product(lh5));
    weft_product #(.A_W(16), .B_W(16)) u_hl (.clk(clk), .a(x4[31:16]), .b(m4[15:0]), .product(hl5));
    weft_product #(.A_W(16), .B_W(16)) u_hh (.clk(clk), .a(x4[31:16]), .b(m4[31:16]), .product(hh5));
    reg  [63:0] x6;
    always @(posedge clk) begin
        x6 <= {{hh5, ll5[31:16]} + {15'd0, {1'b0, lh5} + {1'b0, hl5}}, ll5[15:0]};
        {e5, n5} <= {e4, n4};
        {e6, n6} <= {e5, n5};
    end

    // 7: rounded to 24 bits, or divided by 2^31 with the half of 2^30 (less one if negative), and a fraction bit at the bottom;
    // DIV has none.  Of the sum with the half only the carry into bit 31 counts.
    wire [1:0]  kind6  = kind[13:12];
    wire        float6 = is_float(kind6) || HAS_TFLITE == 0;    // or DIV, where it does not matter
    wire        full_6 = x6[47];                // else bit 46 is set, or x6 is 0
    wire [24:0] top_6  = full_6 ? x6[47:23] : x6[46:22];
    wire        up_6   = float6 ? top_6[0] && (top_6[1] || x6[21:0] != 0 || (full_6 && x6[22]))
                                        : x6[30] && (!n6 || x6[29:0] != 0);
    wire [8:0]  exp_6  = e6 + {8'd0, !full_6};
    reg  [63:0] x7;
    always @(posedge clk) begin
        x7 <= kind6 == DIV ? x6
            : {30'd0, (float6 ? {9'd0, top_6[24:1]} : x6[63:31]) + {32'd0, up_6}, 1'b0};
        e7 <= !is_float(kind6) ? e6[5:0] : !exp_6[8] ? 6'd0 : exp_6[7:5] != 0 ? 6'd31 : {1'b0, exp_6[4:0]};
        n7 <= n6;
    end

    // 8: right by 0, 8, ..., 56.  Of what lies above 18 bits only that there is something (over) is kept, of what
    // falls off below likewise (lost), which FLOAT asks for: by 31 at most.
    wire [2:0]  by_7 = e7[5:3];
    wire [63:0] right_7 = x7 >> {by_7, 3'd0};
    wire [7:0]  some_7 = {|x7[63:58], |x7[57:50], |x7[49:42], |x7[41:34], |x7[33:26], |x7[25:18], 2'b00};
    reg  [17:0] x8;
    reg         over8, lost8;
    always @(posedge clk) begin
        x8 <= right_7[17:0];
        over8 <= (some_7 >> 2 >> by_7) != 0;
        lost8 <= (by_7 >= 3'd1 && x7[7:0] != 0) || (by_7 >= 3'd2 && x7[15:8] != 0) || (by_7 >= 3'd3 && x7[23:16] != 0);
        {e8, n8} <= {e7[2:0], n7};
    end

    // 9: right by 0..7; limited, which leaves 11 bits.
    wire        div8 = kind[17:16] == DIV;
    wire [17:0] right_8 = x8 >> e8;
    reg  [10:0] x9;
    reg         lost9;
    always @(posedge clk) begin
        x9 <= over8 || right_8[17:10] != 0 || (div8 && right_8[9]) ? 11'd1024
            : div8 ? {1'b0, right_8[8:0], 1'b0} : {1'b0, right_8[9:0]};
        lost9 <= lost8 || (x8[6:0] & ~(7'h7f << e8)) != 0;
        n9 <= n8;
    end

    // 10: x9 has its fraction bit at the bottom.  Round, limit, sign.
    wire [10:0] sum_9 = {1'b0, x9[10:1]} + {10'd0, x9[0] && (!is_float(kind[19:18]) || lost9 || x9[1])};
    wire [10:0] most_9 = sum_9[9] ? 11'd512 : sum_9;
    always @(posedge clk) out_value <= (most_9 ^ {11{n9}}) + {10'd0, n9};

    wire unused = &{1'b0, kind, in_shift, right_7};

endmodule

`default_nettype wire
