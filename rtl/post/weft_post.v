// The post unit: from accumulators to int8 results, LANES a cycle (rtl/isa/README.md, "The post unit").
//
//   cycle  0   in_valid: COLS sums, their parameters, which configuration
//          0   first requantiser (10 cycles)          or, RAW, the sum itself
//         10   zero point, clamp
//         11   tables T1, T2 (2 cycles); the second operand is taken here
//         13   ALU: add, multiply, max, min            without ALU a vector waits
//         14   second requantiser (10 cycles)          beside these stages,
//         24   zero point, clamp                       cycles 11 to 24
//         25   byte table                              or not
//         26   out_valid: bytes of columns out_part*LANES ..
//
// The way takes LATENCY = 26 cycles, whatever the configuration, so results leave in the order the sums came
// in.  With LANES < COLS a vector is worked on in TURNS = COLS/LANES parts in consecutive cycles, part
// p in cycle p of the table above plus p: in_valid must then be low for TURNS - 1 cycles, and mult,
// shift and half stand still until the last part has gone in.  in_sums is kept here.
//
// cfg holds two configurations (weft_post_cfg); `in_cfg_sel` picks one per vector.  A configuration may
// change when no vector with it is inside.  `operand_data` is the head of a FIFO of second operands, COLS
// bytes each: for a vector with an ALU it must be valid in cycles 11 .. 10 + TURNS, in the last of
// which `operand_take` is high.  Tables are written as weft_tables says, while nothing is inside.
//
// `busy`: something is inside; out_valid is the last cycle of it.  `rst` empties the pipeline.

`default_nettype none
`include "weft_assert.vh"

module weft_post #(
    parameter  integer COLS   = 16,
    parameter  integer LANES  = 16,             // divides COLS
    parameter  integer HAS_TFLITE = 1,          // as weft_requant says
    parameter  integer HAS_FLOAT  = 1,
    localparam integer CP     = COLS > 16 ? 32 : COLS > 8 ? 16 : COLS > 4 ? 8 : 4,
    localparam integer TURNS  = COLS / LANES,
    localparam integer PART_W = TURNS > 1 ? $clog2(TURNS) : 1
) (
    input  wire                          clk,
    input  wire                          rst,

    input  wire                          in_valid,
    input  wire                          in_cfg_sel,
    input  wire [32*COLS-1:0]            in_sums,
    input  wire [32*COLS-1:0]            in_mult,
    input  wire [8*COLS-1:0]             in_shift,
    input  wire [24*COLS-1:0]            in_half,
    input  wire [2*weft_post_cfg::W-1:0] cfg,

    output wire                          operand_take,
    input  wire [8*COLS-1:0]             operand_data,

    input  wire                          tab_valid,
    input  wire [1:0]                    tab_kind,      // 0 bytes, 1 T1, 2 T2
    input  wire [7:0]                    tab_addr,      // row
    input  wire [8*CP-1:0]               tab_row,

    output wire                          out_valid,
    output reg  [PART_W-1:0]             out_part,
    output wire                          out_last_part,
    output wire [8*LANES-1:0]            out_data,      // of column out_part*LANES + l at 8*l
    output wire                          busy
);

    localparam integer LATENCY = 26;
    localparam integer LAST = TURNS - 1;
    localparam [PART_W-1:0] LAST_PART = LAST[PART_W-1:0];
    localparam integer W = weft_post_cfg::W;

    // A part is in cycle s of its way: v[s], with configuration c[s].
    reg  [LATENCY:1]   v;
    reg  [LATENCY-1:1] c;
    reg  [PART_W-1:0]  turn;                    // part that goes in
    wire               go  = in_valid || turn != 0;
    wire               sel = in_valid ? in_cfg_sel : c[1];

    assign busy = in_valid || v != 0;

    wire [2:0] alu_of_0 = cfg[weft_post_cfg::ALU_LSB +: 3];
    wire [2:0] alu_of_1 = cfg[W + weft_post_cfg::ALU_LSB +: 3];

    // Cycle 0: the part and the first requantiser.
    wire [W-1:0]        cfg_0 = sel ? cfg[W +: W] : cfg[0 +: W];
    wire [32*LANES-1:0] part_sums, part_mult;
    wire [8*LANES-1:0]  part_shift;
    wire [24*LANES-1:0] part_half;
    generate
        if (TURNS == 1) begin : g_whole
            assign part_sums = in_sums;
            assign part_mult = in_mult;
            assign part_shift = in_shift;
            assign part_half = in_half;
        end else begin : g_parts
            reg [32*COLS-1:0] rest;             // parts still to go in, the next at the bottom
            always @(posedge clk)
                if (go) rest <= (in_valid ? in_sums : rest) >> 32*LANES;
            assign part_sums = in_valid ? in_sums[32*LANES-1:0] : rest[32*LANES-1:0];
            assign part_mult = in_mult[32*LANES*turn +: 32*LANES];
            assign part_shift = in_shift[8*LANES*turn +: 8*LANES];
            assign part_half = in_half[24*LANES*turn +: 24*LANES];
        end
    endgenerate

    wire [32*LANES-1:0] first;                  // cycle 10
    wire                first_valid, second_valid;
    weft_requant #(.LANES(LANES), .HAS_TFLITE(HAS_TFLITE), .HAS_FLOAT(HAS_FLOAT)) u_first (
        .clk(clk), .rst(rst), .in_valid(go),
        .in_kind(cfg_0[weft_post_cfg::RAW] ? 2'd3 : cfg_0[weft_post_cfg::KIND_LSB +: 2]),
        .in_value(part_sums), .in_mult(part_mult), .in_shift(part_shift), .in_half(part_half),
        .out_valid(first_valid), .out_value(first)
    );

    // Clamping: numbers are raised by RAISE, a multiple of 256, and so all positive.  12 bits hold them; simulation
    // is faster with whole words.
`ifdef SYNTHESIS
    localparam integer K = 12;
`else
    localparam integer K = 32;
`endif
    localparam [K-1:0] RAISE = 1024;
    function [K-1:0] raised(input [7:0] a);
        raised = RAISE + {{K-8{a[7]}}, a};
    endfunction

    // Cycle 10: q, there in cycle 11.
    reg  [8*LANES-1:0] q_11;
    always @(posedge clk) begin : clamp_first
        reg [31:0]  l;
        reg [K-1:0] a, zp, lo, hi;
        if (first_valid) begin
            if (c[10] ? cfg[W + weft_post_cfg::RAW] : cfg[weft_post_cfg::RAW]) begin
                zp = RAISE;
                lo = raised(8'h80);
                hi = raised(8'h7f);
            end else begin
                zp = raised(c[10] ? cfg[W + weft_post_cfg::ZP1_LSB +: 8] : cfg[weft_post_cfg::ZP1_LSB +: 8]);
                lo = raised(c[10] ? cfg[W + weft_post_cfg::LO1_LSB +: 8] : cfg[weft_post_cfg::LO1_LSB +: 8]);
                hi = raised(c[10] ? cfg[W + weft_post_cfg::HI1_LSB +: 8] : cfg[weft_post_cfg::HI1_LSB +: 8]);
            end
            for (l = 0; l < LANES; l = l + 1) begin
                a = first[32*l +: K] + zp;
                a = a < lo ? lo : a > hi ? hi : a;
                q_11[8*l +: 8] <= a[7:0];
            end
        end
    end

    // Cycle 11: with ALU into the tables, without into a line of its own.
    wire          alu_11 = v[11] && (c[11] ? alu_of_1 : alu_of_0) != weft_isa::ALU_NONE[2:0];
    reg  [PART_W-1:0] operand_part;
    wire [8*LANES-1:0] x_11;
    generate
        if (TURNS == 1) begin : g_operand
            assign x_11 = operand_data;
        end else begin : g_operands
            assign x_11 = operand_data[8*LANES*operand_part +: 8*LANES];
        end
    endgenerate
    assign operand_take = alu_11 && operand_part == LAST_PART;

    wire              alu_24 = second_valid;
    reg [8*LANES-1:0] line [0:15];              // 13 parts at most
    reg [3:0]         line_in, line_out;
    reg [8*LANES-1:0] line_25;
    always @(posedge clk) begin
        if (v[11] && !alu_11) line[line_in] <= q_11;
        if (v[24] && !alu_24) line_25 <= line[line_out];
        if (v[11] && !alu_11) line_in <= line_in + 4'd1;
        if (v[24] && !alu_24) line_out <= line_out + 4'd1;
        if (alu_11) operand_part <= operand_part == LAST_PART ? 0 : operand_part + 1'b1;
        if (rst) begin
            line_in <= 4'd0;
            line_out <= 4'd0;
            operand_part <= 0;
        end
    end

    wire [32*LANES-1:0] t1, t2;                 // cycle 13
    wire [8*LANES-1:0]  byte_26;
    wire [8*LANES-1:0]  q_25;
    wire                lut_25 = v[25] && (c[25] ? cfg[W + weft_post_cfg::LUT] : cfg[weft_post_cfg::LUT]);
    weft_tables #(.LANES(LANES), .CP(CP)) u_tables (
        .clk(clk), .tab_valid(tab_valid), .tab_kind(tab_kind), .tab_addr(tab_addr), .tab_row(tab_row),
        .b_en(lut_25), .b_index(q_25), .b_data(byte_26),
        .t_en(alu_11), .t1_index(q_11), .t2_index(x_11), .t1_data(t1), .t2_data(t2)
    );

    // Cycle 13: the ALU; what it gives is there in cycle 14.
    wire [2:0]          alu_13 = c[13] ? alu_of_1 : alu_of_0;
    wire                alu_13_on = v[13] && alu_13 != weft_isa::ALU_NONE[2:0];
    wire [32*LANES-1:0] s_14;
    reg                 s_valid;
    always @(posedge clk) s_valid <= alu_13_on && !rst;
    weft_alu #(.LANES(LANES)) u_alu (.clk(clk), .en(alu_13_on), .op(alu_13), .a(t1), .b(t2), .result(s_14));

    wire [W-1:0]        cfg_14 = c[14] ? cfg[W +: W] : cfg[0 +: W];
    wire [32*LANES-1:0] second;                 // cycle 24
    weft_requant #(.LANES(LANES), .PARAMS(1), .HAS_TFLITE(HAS_TFLITE), .HAS_FLOAT(HAS_FLOAT)) u_second (
        .clk(clk), .rst(rst), .in_valid(s_valid), .in_kind({1'b0, cfg_14[weft_post_cfg::KIND2]}),
        .in_value(s_14), .in_mult(cfg_14[weft_post_cfg::MULT2_LSB +: 32]),
        .in_shift(cfg_14[weft_post_cfg::SHIFT2_LSB +: 8]), .in_half(24'd0),
        .out_valid(second_valid), .out_value(second)
    );

    // Cycle 24: q, there in cycle 25.
    reg  [8*LANES-1:0] alu_q_25;
    reg                alu_25;
    always @(posedge clk) begin : clamp_second
        reg [31:0]  l;
        reg [K-1:0] a, zp, lo, hi;
        alu_25 <= alu_24;
        if (alu_24) begin
            zp = raised(c[24] ? cfg[W + weft_post_cfg::ZP2_LSB +: 8] : cfg[weft_post_cfg::ZP2_LSB +: 8]);
            lo = raised(c[24] ? cfg[W + weft_post_cfg::LO2_LSB +: 8] : cfg[weft_post_cfg::LO2_LSB +: 8]);
            hi = raised(c[24] ? cfg[W + weft_post_cfg::HI2_LSB +: 8] : cfg[weft_post_cfg::HI2_LSB +: 8]);
            for (l = 0; l < LANES; l = l + 1) begin
                a = second[32*l +: K] + zp;
                a = a < lo ? lo : a > hi ? hi : a;
                alu_q_25[8*l +: 8] <= a[7:0];
            end
        end
    end

    // Cycle 25: the byte table, or past it.
    assign q_25 = alu_25 ? alu_q_25 : line_25;
    reg  [8*LANES-1:0] q_26;
    reg                lut_26;
    always @(posedge clk) begin
        lut_26 <= lut_25;
        if (v[25]) q_26 <= q_25;
        if (v[26]) out_part <= out_part == LAST_PART ? 0 : out_part + 1'b1;
        if (rst) out_part <= 0;
    end
    assign out_valid = v[26];
    assign out_last_part = out_part == LAST_PART;
    assign out_data = lut_26 ? byte_26 : q_26;

    always @(posedge clk) begin
        if (busy) begin
            c <= {c[LATENCY-2:1], sel};
            v <= {v[LATENCY-1:1], go};
        end
        if (go) turn <= turn == LAST_PART ? 0 : turn + 1'b1;
        if (rst) begin
            v <= {LATENCY{1'b0}};
            turn <= 0;
        end
    end

`ifndef SYNTHESIS
    always @(posedge clk)
        if (!rst) begin
            `WEFT_ASSERT(!(in_valid && turn != 0), "sums come faster than the lanes take them");
            `WEFT_ASSERT(!(tab_valid && busy), "a table is written while results are inside");
        end
`endif
endmodule

`default_nettype wire
