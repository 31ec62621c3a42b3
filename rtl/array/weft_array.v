// The systolic array: ROWS by COLS int8 cells, weights stationary and double buffered.
//
// Activations move from cell to cell along the rows, sums from cell to cell down the columns,
// weights down the columns into shadow registers.  What belongs to one vector (activation, swap,
// mode) reaches cell (r,c) r+c cycles after cell (0,0); the skew is made in here, so one vector is
// given whole in one cycle and its COLS sums leave together, LATENCY cycles later:
//
//     vec_valid, act, word, early, depthwise, pair, groups, swap in cycle t  ->  psum in cycle t + LATENCY
//     LATENCY = ROWS + COLS + 2
//
// Nothing ever stalls.  In a cycle without vec_valid nothing enters and the psum that belongs to it
// means nothing.
//
//   dense       lane l of act goes to row l:  psum[c] = sum over l of act[l] * weight[l][c]
//   depthwise   byte c of word g enters column c at row T_g = g * (ROWS div groups), g < groups;
//               every other row holds what the row above it held at the depthwise vector before,
//               however many empty cycles lie between.  After a dense vector the chain holds rubbish
//               until depthwise vectors have pushed it out.
//   ... pair    byte c of early word g enters too, at row T_g + H, H = (ROWS div groups + 1) div 2, if
//               H < ROWS div groups: two chains in a group.
//
// Weights: ROWS times wgt_valid with one weight per column, bottom row first, gaps allowed, fill the
// shadow set.  `swap`, given with the first vector of a pass at least one cycle after the last row,
// makes them the weights of this vector and of all later ones.  The first row of the next set may
// come in the cycle of swap: a row of the shadow joins the shifting only when the new weights have
// come down to it, which is never before the swap wave has passed.  So passes of ROWS cycles follow
// each other without a lost cycle.  `rst` forgets a half-filled shadow and the flags under way, not
// data: after it, weights first, then a swap, then sums that mean something.
//
// Sums are exact: ROWS * 2^14 at most, 16 + log2(ROWS) bits in hardware, sign-extended at psum.  The
// hardware form has a register behind every multiplier; the simulated one has it behind psum instead.
//
// How it simulates fast: one block owns all state and assigns with '=' from the outputs back to the
// inputs, so every statement reads the values of the cycle before; indices are unsigned; int8 is kept
// as int16; flags are masks as wide as what they choose and move down with the sums, so a row of cells
// is a few vector instructions; rows have one PITCH, from which a compiler sees that they lie apart.
// The guards (moving, ...) skip work that would do nothing; in synthesis they are constants, and equal
// flags of a diagonal become one register.

`default_nettype none

module weft_array #(
    parameter integer ROWS = 16,                // 4..32
    parameter integer COLS = 16,                // 4..32
    parameter integer LUT_CELLS = 0             // hardware: cells, from the first row on, whose multiplier is made of look-up tables
) (
    input  wire               clk,
    input  wire               rst,

    input  wire               vec_valid,
    input  wire               depthwise,        // mode of this vector
    input  wire               pair,             // depthwise: the early words enter as well
    input  wire [1:0]         groups,           // depthwise: words that enter, 1..3
    input  wire               swap,             // first vector of new weights; only with vec_valid
    input  wire [8*ROWS-1:0]  act,              // dense: int8 of row l at 8*l
    input  wire [24*COLS-1:0] word,             // depthwise: int8 of word g, column c at 8*(g*COLS + c)
    input  wire [24*COLS-1:0] early,            // likewise

    input  wire               wgt_valid,
    input  wire [8*COLS-1:0]  wgt_row,          // int8 of column c at 8*c

    output reg  [32*COLS-1:0] psum              // int32 of column c at 32*c
);

    localparam integer HALF = ROWS / 2;                     // where word 1 of two enters
    localparam integer THIRD = ROWS / 3;                    // where words 1 and 2 of three enter
    localparam integer LINE2 = 2 * THIRD;                   // stages of word 2 on its way down
    localparam integer HALF_1 = (ROWS + 1) / 2;             // where early words enter below the others,
    localparam integer HALF_2 = (HALF + 1) / 2;             // by the number of groups
    localparam integer HALF_3 = (THIRD + 1) / 2;
    localparam integer EARLY1 = HALF + HALF_2 > THIRD + HALF_3 ? HALF + HALF_2 : THIRD + HALF_3;
    localparam integer EARLY2 = LINE2 + HALF_3;
    localparam integer KW = $clog2(ROWS + 1);
    localparam integer PITCH = 1 << $clog2(2 * COLS);       // of a row of cells in storage, see above
    localparam integer ACT_N = (ROWS + 3) / 4 * 4;          // inputs are taken in by 32-bit words
    localparam integer ROW_N = (COLS + 3) / 4 * 4;
`ifdef SYNTHESIS
    localparam integer SUM_W = 16 + $clog2(ROWS);
    localparam [SUM_W-1:0] RAISED = 0;
`else
    localparam integer SUM_W = 32;                          // a whole C int: no masking
    localparam [31:0] RAISED = ROWS << 15;                  // products are taken 2^15 too large, so
                                                            // that 16 bits extend by zeros
`endif

    (* mem2reg *) reg signed [15:0] a [0:ROWS-1][0:PITCH-1];       // activation in use
    (* mem2reg *) reg signed [15:0] y [0:ROWS-1][0:PITCH-1];       // what it was a cycle ago
    (* mem2reg *) reg signed [15:0] w [0:ROWS-1][0:PITCH-1];       // weight in use; from COLS on, if
                                                                    // simulated, its product (raised)
    (* mem2reg *) reg signed [15:0] h [0:ROWS-1][0:PITCH-1];       // shadow weight
    (* mem2reg *) reg signed [SUM_W-1:0] p [0:ROWS-1][0:COLS-1];    // partial sum
    (* mem2reg *) reg signed [15:0] left [0:ROWS-1][0:PITCH-1];    // a at c+1; at 0 what enters
    (* mem2reg *) reg signed [15:0] v1 [0:HALF-1][0:COLS-1];        // words 1, 2 going down
    (* mem2reg *) reg signed [15:0] v2 [0:LINE2-1][0:COLS-1];
    (* mem2reg *) reg signed [15:0] e0 [0:HALF_1-1][0:COLS-1];      // early words 0, 1, 2 likewise
    (* mem2reg *) reg signed [15:0] e1 [0:EARLY1-1][0:COLS-1];
    (* mem2reg *) reg signed [15:0] e2 [0:EARLY2-1][0:COLS-1];
    (* mem2reg *) reg signed [SUM_W-1:0] ps [0:COLS-1][0:COLS-1];   // psum deskew: column c leaves from
                                                                    // stage COLS-1-c
    // Input skew: element i enters at stage i and leaves from stage 1, element 0 at once.
    (* mem2reg *) reg signed [15:0] as [0:ACT_N-1][0:ACT_N-1];      // act
    (* mem2reg *) reg signed [15:0] hs [0:ROW_N-1][0:ROW_N-1];      // wgt_row
    (* mem2reg *) reg signed [15:0] ws0 [0:ROW_N-1][0:ROW_N-1];     // word
    (* mem2reg *) reg signed [15:0] ws1 [0:ROW_N-1][0:ROW_N-1];
    (* mem2reg *) reg signed [15:0] ws2 [0:ROW_N-1][0:ROW_N-1];
    (* mem2reg *) reg signed [15:0] es0 [0:ROW_N-1][0:ROW_N-1];     // early
    (* mem2reg *) reg signed [15:0] es1 [0:ROW_N-1][0:ROW_N-1];
    (* mem2reg *) reg signed [15:0] es2 [0:ROW_N-1][0:ROW_N-1];
    // Flags, all ones or all zeros.  They move down, and in row 0 to the right.
    (* mem2reg *) reg [15:0] sw [0:ROWS-1][0:PITCH-1];      // the new weights begin here
    (* mem2reg *) reg [15:0] hold [0:ROWS-1][0:PITCH-1];    // no vector, and the last was depthwise
    (* mem2reg *) reg [15:0] chain [0:ROWS-1][0:PITCH-1];   // a depthwise vector
    (* mem2reg *) reg [15:0] two [0:ROWS-1][0:PITCH-1];     // ... of two words
    (* mem2reg *) reg [15:0] three [0:ROWS-1][0:PITCH-1];   // ... of three words
    (* mem2reg *) reg [15:0] pairs [0:ROWS-1][0:PITCH-1];   // ... with early words
    (* mem2reg *) reg [15:0] count [0:COLS-1];              // rows that shift in this column now
    reg [KW-1:0] wgt_count;                                 // number of the weight row that comes next
    reg          was_depthwise;

    // What a wave does to the activation of a cell: take the left one, stay, or take the upper one.
    localparam [15:0] SHIFT = 0, HOLD = 4, CHAIN = 4, PAIR = 4;     // CHAIN plus groups plus PAIR
    wire [15:0] mode_in = !vec_valid ? (was_depthwise ? HOLD : SHIFT)
                        : depthwise ? CHAIN + {14'd0, groups} + (pair ? PAIR : 16'd0) : SHIFT;

    localparam integer ACT_W = 8 * ACT_N, ROW_W = 8 * ROW_N;
    wire [ACT_W-1:0] act_in = ACT_W'(act);
    wire [ROW_W-1:0] wgt_in = ROW_W'(wgt_row);
    wire [ROW_W-1:0] word0_in = ROW_W'(word[0 +: 8*COLS]);
    wire [ROW_W-1:0] word1_in = ROW_W'(word[8*COLS +: 8*COLS]);
    wire [ROW_W-1:0] word2_in = ROW_W'(word[16*COLS +: 8*COLS]);
    wire [ROW_W-1:0] early0_in = ROW_W'(early[0 +: 8*COLS]);
    wire [ROW_W-1:0] early1_in = ROW_W'(early[8*COLS +: 8*COLS]);
    wire [ROW_W-1:0] early2_in = ROW_W'(early[16*COLS +: 8*COLS]);

    // Guards.
    wire moving, words_moving, early_moving, weights_moving, swapping, all_dense, all_chain;
`ifdef SYNTHESIS
    assign moving = 1'b1;
    assign words_moving = 1'b1;
    assign early_moving = 1'b1;
    assign weights_moving = 1'b1;
    assign swapping = 1'b1;
    assign all_dense = 1'b0;
    assign all_chain = 1'b0;
`else
    wire unused = LUT_CELLS != 0;
    localparam [15:0] PASSAGE = ROWS[15:0] + COLS[15:0] + 16'd2;    // cycles until all has left
    reg [15:0] vec_left, word_left, early_left, wgt_left, swap_left, mode_left, mode_last;
    assign moving = vec_valid || vec_left != 0;
    assign words_moving = (vec_valid && depthwise) || word_left != 0;
    assign early_moving = (vec_valid && depthwise && pair) || early_left != 0;
    assign weights_moving = wgt_valid || wgt_left != 0;
    assign swapping = (vec_valid && swap) || swap_left != 0;
    assign all_dense = mode_in == mode_last && mode_left == 0 && mode_in == SHIFT;
    assign all_chain = mode_in == mode_last && mode_left == 0 && mode_in > HOLD;

    always @(posedge clk) begin
        if (vec_left != 0) vec_left <= vec_left - 1;
        if (vec_valid) vec_left <= PASSAGE;
        if (word_left != 0) word_left <= word_left - 1;
        if (vec_valid && depthwise) word_left <= PASSAGE;
        if (early_left != 0) early_left <= early_left - 1;
        if (vec_valid && depthwise && pair) early_left <= PASSAGE;
        if (wgt_left != 0) wgt_left <= wgt_left - 1;
        if (wgt_valid) wgt_left <= COLS[15:0];
        if (swap_left != 0) swap_left <= swap_left - 1;
        if (vec_valid && swap) swap_left <= PASSAGE;
        if (moving && mode_left != 0) mode_left <= mode_left - 1;
        if (mode_in != mode_last) mode_left <= PASSAGE;
        mode_last <= mode_in;
        if (rst) begin
            vec_left <= PASSAGE;
            word_left <= 0;
            early_left <= 0;
            wgt_left <= 0;
            swap_left <= 0;
            mode_left <= PASSAGE;
        end
    end

    // Four-state simulators only: a zero weight must silence a cell that nothing has entered yet.
    initial begin : known
        reg [31:0] r, c;
        for (r = 0; r < ROWS; r = r + 1)
            for (c = 0; c < COLS; c = c + 1) begin
                a[r][c] = 0;
                y[r][c] = 0;
                w[r][c] = 0;
                h[r][c] = 0;
            end
    end
`endif

`ifdef SYNTHESIS
    // A product that no tool takes for one, so that it costs no multiplier block: the weight in four digits of -2 to 2.
    function signed [15:0] lut_product(input signed [7:0] act_8, input signed [7:0] wgt_8);
        reg signed [15:0] sum, part, once;
        reg [2:0]         digit;
        reg [31:0]        i;
        begin
            once = 16'(act_8);
            sum = 16'sd0;
            for (i = 0; i < 4; i = i + 1) begin
                digit = i == 0 ? {wgt_8[1:0], 1'b0} : wgt_8[2*i-1 +: 3];
                case (digit)
                    3'd1, 3'd2: part = once;
                    3'd3:       part = once <<< 1;
                    3'd4:       part = ~(once <<< 1);
                    3'd5, 3'd6: part = ~once;
                    default:    part = 16'sd0;
                endcase
                sum = sum + (part <<< 2*i);
                // A digit below 0 took the number's complement, which is one less than its negative.
                if (digit[2] && digit != 3'd7) sum = sum + (16'sd1 <<< 2*i);
            end
            lut_product = sum;
        end
    endfunction

    // The products, with the register of their multiplier block.  It reads a and w before this cycle moves them, so
    // from registers of the same content that are assigned as registers are; synthesis finds them equal.
    (* mem2reg *) reg [7:0] act_of [0:ROWS-1][0:COLS-1];
    (* mem2reg *) reg [7:0] weight_of [0:ROWS-1][0:COLS-1];
    wire [16*ROWS*COLS-1:0] product_of;
    genvar cell_at;
    generate
        for (cell_at = 0; cell_at < ROWS * COLS; cell_at = cell_at + 1) begin : g_product
            if (cell_at < LUT_CELLS) begin : g_lut
                reg signed [15:0] product;
                always @(posedge clk)
                    product <= lut_product(act_of[cell_at/COLS][cell_at%COLS], weight_of[cell_at/COLS][cell_at%COLS]);
                assign product_of[16*cell_at +: 16] = product;
            end else begin : g_multiplier
                weft_product #(.A_W(8), .B_W(8), .SIGNED(1)) u_product (
                    .clk(clk), .a(act_of[cell_at/COLS][cell_at%COLS]), .b(weight_of[cell_at/COLS][cell_at%COLS]),
                    .product(product_of[16*cell_at +: 16]));
            end
        end
    endgenerate
`endif
    (* mem2reg *) reg signed [15:0] line [0:COLS-1];        // of a, while it moves
    (* mem2reg *) reg [15:0] under [0:COLS-1];              // is the row at hand among the `count` of a column?
    wire [32*COLS-1:0] psum_next;
    genvar g;
    generate
        for (g = 0; g < COLS; g = g + 1) begin : g_psum
            assign psum_next[32*g +: 32] = 32'($signed(ps[COLS-1-g][g]));
        end
    endgenerate

// INT16: a byte as a signed number of 16 bits.  PICK: flag ? x : y.
// UNDER, then MASK of it: a flag, x < y, for numbers below 2^15; between the two
// stands a register, so that the difference stays 16 bits wide.  The masks are what a C++ compiler
// makes vectors of; the choices are plain multiplexers and comparators.
`ifdef SYNTHESIS
`define WEFT_INT16(byte) 16'($signed(byte))
`define WEFT_PICK(flag, x, y) ((flag) != 0 ? (x) : (y))
`define WEFT_UNDER(x, y) {16{(x) < (y)}}
`define WEFT_MASK(under) (under)
`else
`define WEFT_INT16(byte) (({8'd0, byte} ^ 16'h80) - 16'h80)
`define WEFT_PICK(flag, x, y) (((x) & (flag)) | ((y) & ~(flag)))
`define WEFT_UNDER(x, y) ((x) - (y))
`define WEFT_MASK(under) (16'd0 - ((under) >> 15))
`endif

    /* verilator lint_off BLKSEQ */     // as said above: nobody else reads these registers
    always @(posedge clk) begin : step
        reg [31:0] r, c, four;

        // Flags that move by single cells stand here, far from where whole rows of them are read.
        if (swapping) begin
            for (r = ROWS-1; r >= 1; r = r - 1)
                for (c = 0; c < COLS; c = c + 1) sw[r][c] = sw[r-1][c];
            for (c = COLS-1; c >= 1; c = c - 1) sw[0][c] = sw[0][c-1];
            sw[0][0] = {16{vec_valid && swap}};
        end
        if (weights_moving) begin
            for (c = COLS-1; c >= 1; c = c - 1) count[c] = count[c-1];
            count[0] = wgt_valid ? {{(16-KW){1'b0}}, wgt_count} : 16'd0;
            hs[1][0] = `WEFT_INT16(wgt_in[7:0]);
        end

        if (moving) begin
`ifndef SYNTHESIS
            psum <= psum_next;
`endif
            for (r = COLS-1; r >= 1; r = r - 1)
                for (c = 0; c < COLS; c = c + 1) ps[r][c] = ps[r-1][c];
            for (c = 0; c < COLS; c = c + 1) ps[0][c] = p[ROWS-1][c] - RAISED;
`ifdef SYNTHESIS
            for (r = ROWS-1; r >= 1; r = r - 1)
                for (c = 0; c < COLS; c = c + 1) p[r][c] = p[r-1][c] + SUM_W'($signed(product_of[16*(r*COLS+c) +: 16]));
            for (c = 0; c < COLS; c = c + 1) p[0][c] = SUM_W'($signed(product_of[16*c +: 16]));
`else
            // Multiplied apart from the addition, or the compiler would multiply in 32 bits.
            for (r = ROWS-1; r >= 1; r = r - 1) begin
                for (c = 0; c < COLS; c = c + 1) w[r][COLS+c] = (a[r][c] * w[r][c]) ^ 16'h8000;
                for (c = 0; c < COLS; c = c + 1) p[r][c] = p[r-1][c] + {16'd0, w[r][COLS+c]};
            end
            for (c = 0; c < COLS; c = c + 1) w[0][COLS+c] = (a[0][c] * w[0][c]) ^ 16'h8000;
            for (c = 0; c < COLS; c = c + 1) p[0][c] = {16'd0, w[0][COLS+c]};
`endif
        end

        // Weights: the swap wave reads the shadow before this cycle's shift.
        if (swapping)
            for (r = 0; r < ROWS; r = r + 1)
                for (c = 0; c < COLS; c = c + 1) w[r][c] = `WEFT_PICK(sw[r][c], h[r][c], w[r][c]);
        if (weights_moving) begin
            for (r = ROWS-1; r >= 1; r = r - 1) begin
                for (c = 0; c < COLS; c = c + 1) under[c] = `WEFT_UNDER(r[15:0], count[c]);
                for (c = 0; c < COLS; c = c + 1)
                    h[r][c] = `WEFT_PICK(`WEFT_MASK(under[c]), h[r-1][c], h[r][c]);
            end
            for (c = 0; c < COLS; c = c + 1) under[c] = `WEFT_UNDER(16'd0, count[c]);
            for (c = 0; c < COLS; c = c + 1)
                h[0][c] = `WEFT_PICK(`WEFT_MASK(under[c]), hs[1][c], h[0][c]);
            for (r = 1; r < COLS-1; r = r + 1)
                for (c = 0; c < COLS; c = c + 1) hs[r][c] = hs[r+1][c];
            for (c = 0; c < ROW_N; c = c + 4) begin
                four = wgt_in[8*c +: 32];
                hs[c][c] = `WEFT_INT16(four[7:0]);
                hs[c+1][c+1] = `WEFT_INT16(four[15:8]);
                hs[c+2][c+2] = `WEFT_INT16(four[23:16]);
                hs[c+3][c+3] = `WEFT_INT16(four[31:24]);
            end
        end

        // Activations.
        if (moving && all_chain) begin
            for (r = ROWS-1; r >= 1; r = r - 1)
                for (c = 0; c < COLS; c = c + 1) begin
                    y[r][c] = a[r][c];
                    a[r][c] = y[r-1][c];
                end
            for (c = 0; c < COLS; c = c + 1) y[0][c] = a[0][c];
        end else if (moving && all_dense) begin
            for (r = 0; r < ROWS; r = r + 1) begin
                for (c = 0; c < COLS; c = c + 1) line[c] = a[r][c];
                for (c = 0; c < COLS; c = c + 1) a[r][c+1] = line[c];
            end
            for (r = 1; r < ROWS; r = r + 1) a[r][0] = as[1][r];
            a[0][0] = `WEFT_INT16(act_in[7:0]);
        end else if (moving) begin
            for (r = 0; r < ROWS; r = r + 1)
                for (c = 0; c < COLS; c = c + 1) left[r][c+1] = a[r][c];
            for (r = 1; r < ROWS; r = r + 1) left[r][0] = as[1][r];
            left[0][0] = `WEFT_INT16(act_in[7:0]);
            for (r = ROWS-1; r >= 1; r = r - 1)
                for (c = 0; c < COLS; c = c + 1) begin
                    hold[r][c] = hold[r-1][c];
                    chain[r][c] = chain[r-1][c];
                    two[r][c] = two[r-1][c];
                    three[r][c] = three[r-1][c];
                end
            for (c = COLS-1; c >= 1; c = c - 1) begin
                hold[0][c] = hold[0][c-1];
                chain[0][c] = chain[0][c-1];
                two[0][c] = two[0][c-1];
                three[0][c] = three[0][c-1];
            end
            hold[0][0] = {16{mode_in == HOLD}};
            chain[0][0] = {16{mode_in > HOLD}};
            two[0][0] = {16{mode_in > HOLD && groups == 2}};
            three[0][0] = {16{mode_in > HOLD && groups == 3}};
            if (early_moving) begin
                for (r = ROWS-1; r >= 1; r = r - 1)
                    for (c = 0; c < COLS; c = c + 1) pairs[r][c] = pairs[r-1][c];
                for (c = COLS-1; c >= 1; c = c - 1) pairs[0][c] = pairs[0][c-1];
                pairs[0][0] = {16{mode_in > CHAIN + PAIR}};
            end
            for (r = ROWS-1; r >= 1; r = r - 1) begin
                for (c = 0; c < COLS; c = c + 1)
                    left[r][c] = `WEFT_PICK(hold[r][c], a[r][c], left[r][c]);
                for (c = 0; c < COLS; c = c + 1)
                    left[r][c] = `WEFT_PICK(chain[r][c], y[r-1][c], left[r][c]);
                for (c = 0; c < COLS; c = c + 1) y[r][c] = a[r][c];
            end
            for (c = 0; c < COLS; c = c + 1) begin
                left[0][c] = `WEFT_PICK(hold[0][c], a[0][c], left[0][c]);
                y[0][c] = a[0][c];
            end
            for (r = 0; r < ROWS; r = r + 1)
                for (c = 0; c < COLS; c = c + 1) a[r][c] = left[r][c];
        end
        if (moving && !all_chain) begin
            for (r = 1; r < ROWS-1; r = r + 1)
                for (c = 0; c < ROWS; c = c + 1) as[r][c] = as[r+1][c];
            for (c = 0; c < ACT_N; c = c + 4) begin
                four = act_in[8*c +: 32];
                as[c][c] = `WEFT_INT16(four[7:0]);
                as[c+1][c+1] = `WEFT_INT16(four[15:8]);
                as[c+2][c+2] = `WEFT_INT16(four[23:16]);
                as[c+3][c+3] = `WEFT_INT16(four[31:24]);
            end
        end

        // Words enter their rows in place of what came from above; those not yet there move on.
        if (words_moving) begin
            ws0[1][0] = `WEFT_INT16(word0_in[7:0]);
            ws1[1][0] = `WEFT_INT16(word1_in[7:0]);
            ws2[1][0] = `WEFT_INT16(word2_in[7:0]);
            for (c = 0; c < COLS; c = c + 1) a[0][c] = `WEFT_PICK(chain[0][c], ws0[1][c], a[0][c]);
            for (c = 0; c < COLS; c = c + 1)
                a[HALF][c] = `WEFT_PICK(two[HALF][c], v1[HALF-1][c], a[HALF][c]);
            for (c = 0; c < COLS; c = c + 1)
                a[THIRD][c] = `WEFT_PICK(three[THIRD][c], v1[THIRD-1][c], a[THIRD][c]);
            for (c = 0; c < COLS; c = c + 1)
                a[LINE2][c] = `WEFT_PICK(three[LINE2][c], v2[LINE2-1][c], a[LINE2][c]);
            for (r = HALF-1; r >= 1; r = r - 1)
                for (c = 0; c < COLS; c = c + 1) v1[r][c] = v1[r-1][c];
            for (r = LINE2-1; r >= 1; r = r - 1)
                for (c = 0; c < COLS; c = c + 1) v2[r][c] = v2[r-1][c];
            for (c = 0; c < COLS; c = c + 1) v1[0][c] = ws1[1][c];
            for (c = 0; c < COLS; c = c + 1) v2[0][c] = ws2[1][c];
            for (r = 1; r < COLS-1; r = r + 1)
                for (c = 0; c < COLS; c = c + 1) begin
                    ws0[r][c] = ws0[r+1][c];
                    ws1[r][c] = ws1[r+1][c];
                    ws2[r][c] = ws2[r+1][c];
                end
            for (c = 0; c < ROW_N; c = c + 4) begin
                four = word0_in[8*c +: 32];
                ws0[c][c] = `WEFT_INT16(four[7:0]);
                ws0[c+1][c+1] = `WEFT_INT16(four[15:8]);
                ws0[c+2][c+2] = `WEFT_INT16(four[23:16]);
                ws0[c+3][c+3] = `WEFT_INT16(four[31:24]);
                four = word1_in[8*c +: 32];
                ws1[c][c] = `WEFT_INT16(four[7:0]);
                ws1[c+1][c+1] = `WEFT_INT16(four[15:8]);
                ws1[c+2][c+2] = `WEFT_INT16(four[23:16]);
                ws1[c+3][c+3] = `WEFT_INT16(four[31:24]);
                four = word2_in[8*c +: 32];
                ws2[c][c] = `WEFT_INT16(four[7:0]);
                ws2[c+1][c+1] = `WEFT_INT16(four[15:8]);
                ws2[c+2][c+2] = `WEFT_INT16(four[23:16]);
                ws2[c+3][c+3] = `WEFT_INT16(four[31:24]);
            end
        end

        if (early_moving) begin
            es0[1][0] = `WEFT_INT16(early0_in[7:0]);
            es1[1][0] = `WEFT_INT16(early1_in[7:0]);
            es2[1][0] = `WEFT_INT16(early2_in[7:0]);
            for (c = 0; c < COLS; c = c + 1)
                a[HALF_1][c] = `WEFT_PICK(pairs[HALF_1][c] & ~two[HALF_1][c] & ~three[HALF_1][c], e0[HALF_1-1][c], a[HALF_1][c]);
            for (c = 0; c < COLS; c = c + 1)
                a[HALF_2][c] = `WEFT_PICK(pairs[HALF_2][c] & two[HALF_2][c], e0[HALF_2-1][c], a[HALF_2][c]);
            for (c = 0; c < COLS; c = c + 1)
                a[HALF+HALF_2][c] = `WEFT_PICK(pairs[HALF+HALF_2][c] & two[HALF+HALF_2][c], e1[HALF+HALF_2-1][c],
                                               a[HALF+HALF_2][c]);
            if (THIRD > 1) begin
                for (c = 0; c < COLS; c = c + 1)
                    a[HALF_3][c] = `WEFT_PICK(pairs[HALF_3][c] & three[HALF_3][c], e0[HALF_3-1][c], a[HALF_3][c]);
                for (c = 0; c < COLS; c = c + 1)
                    a[THIRD+HALF_3][c] = `WEFT_PICK(pairs[THIRD+HALF_3][c] & three[THIRD+HALF_3][c],
                                                    e1[THIRD+HALF_3-1][c], a[THIRD+HALF_3][c]);
                for (c = 0; c < COLS; c = c + 1)
                    a[EARLY2][c] = `WEFT_PICK(pairs[EARLY2][c] & three[EARLY2][c], e2[EARLY2-1][c], a[EARLY2][c]);
            end
            for (r = HALF_1-1; r >= 1; r = r - 1)
                for (c = 0; c < COLS; c = c + 1) e0[r][c] = e0[r-1][c];
            for (r = EARLY1-1; r >= 1; r = r - 1)
                for (c = 0; c < COLS; c = c + 1) e1[r][c] = e1[r-1][c];
            for (r = EARLY2-1; r >= 1; r = r - 1)
                for (c = 0; c < COLS; c = c + 1) e2[r][c] = e2[r-1][c];
            for (c = 0; c < COLS; c = c + 1) begin
                e0[0][c] = es0[1][c];
                e1[0][c] = es1[1][c];
                e2[0][c] = es2[1][c];
            end
            for (r = 1; r < COLS-1; r = r + 1)
                for (c = 0; c < COLS; c = c + 1) begin
                    es0[r][c] = es0[r+1][c];
                    es1[r][c] = es1[r+1][c];
                    es2[r][c] = es2[r+1][c];
                end
            for (c = 0; c < ROW_N; c = c + 4) begin
                four = early0_in[8*c +: 32];
                es0[c][c] = `WEFT_INT16(four[7:0]);
                es0[c+1][c+1] = `WEFT_INT16(four[15:8]);
                es0[c+2][c+2] = `WEFT_INT16(four[23:16]);
                es0[c+3][c+3] = `WEFT_INT16(four[31:24]);
                four = early1_in[8*c +: 32];
                es1[c][c] = `WEFT_INT16(four[7:0]);
                es1[c+1][c+1] = `WEFT_INT16(four[15:8]);
                es1[c+2][c+2] = `WEFT_INT16(four[23:16]);
                es1[c+3][c+3] = `WEFT_INT16(four[31:24]);
                four = early2_in[8*c +: 32];
                es2[c][c] = `WEFT_INT16(four[7:0]);
                es2[c+1][c+1] = `WEFT_INT16(four[15:8]);
                es2[c+2][c+2] = `WEFT_INT16(four[23:16]);
                es2[c+3][c+3] = `WEFT_INT16(four[31:24]);
            end
        end

        if (rst) begin
            for (r = 0; r < ROWS; r = r + 1)
                for (c = 0; c < COLS; c = c + 1) begin
                    pairs[r][c] = 0;
                    sw[r][c] = 0;
                    hold[r][c] = 0;
                    chain[r][c] = 0;
                    two[r][c] = 0;
                    three[r][c] = 0;
                end
            for (c = 0; c < COLS; c = c + 1) count[c] = 0;
        end
`ifdef SYNTHESIS
        for (r = 0; r < ROWS; r = r + 1)
            for (c = 0; c < COLS; c = c + 1) begin
                act_of[r][c] <= a[r][c][7:0];
                weight_of[r][c] <= w[r][c][7:0];
            end
`endif
    end
    /* verilator lint_on BLKSEQ */

`ifdef SYNTHESIS
    always @(*) psum = psum_next;
`endif

    always @(posedge clk) begin
        if (wgt_valid) wgt_count <= wgt_count == ROWS[KW-1:0] ? 1 : wgt_count + 1;
        if (vec_valid) was_depthwise <= depthwise;
        if (rst) begin
            wgt_count <= 1;
            was_depthwise <= 1'b0;
        end
    end

`undef WEFT_INT16
`undef WEFT_PICK
`undef WEFT_UNDER
`undef WEFT_MASK
endmodule

`default_nettype wire
