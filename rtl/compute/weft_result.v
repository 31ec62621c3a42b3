// Writes results to the feature buffer, at the positions of the command they belong to.
//
// Results come in the order in which their sums were issued, LANES bytes at a time.  In the cycle before the
// first part of a result `tag_valid` says which of the two configurations it belongs to (weft_result_cfg; it must stand
// still only then) and where in the loops it stands.  A part is written two cycles later; port B always takes it.
//
//   block_done   the last result of a block has come, a cycle after it: its header slot is free (not of RAW commands)
//   finished     the last byte of a command is being written in this cycle

`default_nettype none

module weft_result #(
    parameter integer COLS = 16,
    parameter integer LANES = 16,
    parameter integer WORD_BYTES = 16,
    parameter integer AW = 11,
    parameter integer PART_W = 1                // bits of in_part
) (
    input  wire                 clk,
    input  wire                 rst,
    input  wire [weft_result_cfg::W-1:0] cfg_0, // of the command in slot 0
    input  wire [weft_result_cfg::W-1:0] cfg_1,

    input  wire                 tag_valid,      // of the result that begins in the next cycle:
    input  wire                 tag_slot,
    input  wire                 tag_row_end,    // last sum of an inner loop
    input  wire                 tag_tile_end,   // and of the outer loop
    input  wire                 tag_last_block,
    input  wire                 tag_raw,

    input  wire                 in_valid,
    input  wire [PART_W-1:0]    in_part,        // LANES bytes number in_part of the sum
    input  wire [8*LANES-1:0]   in_data,

    output reg                  w_en,
    output reg  [1:0]           w_bank,
    output reg  [AW-1:0]        w_word,
    output reg  [$clog2(WORD_BYTES)-1:0] w_off,
    output reg  [COLS-1:0]      w_be,
    output reg  [8*COLS-1:0]    w_data,

    output reg                  block_done,
    output reg                  finished
);

    localparam integer OW = $clog2(WORD_BYTES);
    localparam integer UW = OW + AW;            // of a byte in a row these bits say where in a bank it lies
    localparam integer PARTS = COLS / LANES;
    localparam integer LAST = PARTS - 1;
    localparam [15:0]  MASK = 16'((1 << AW) - 1);

    // The command whose results come, and the position of the next one.
    localparam integer W = weft_result_cfg::W;
    reg [W-1:0]       cfg;
    reg               fresh;                    // that is the first of its command
    reg               row_end, tile_end, last_block, raw;
    reg [1:0]         ri, ro;
    reg [15:0]        ai, ao;                   // slots less top, as weft_ring keeps them
    reg signed [23:0] ui, uo, ub;

    wire signed [23:0] in_du  = 24'($signed(cfg[weft_result_cfg::IN_DU_LSB +: 20]));
    wire signed [23:0] out_du = 24'($signed(cfg[weft_result_cfg::OUT_DU_LSB +: 20]));
    wire signed [23:0] blk_u  = 24'($signed(cfg[weft_result_cfg::BLK_U_LSB +: 20]));
    wire [1:0]         in_dr  = cfg[weft_result_cfg::IN_DR_LSB +: 2];
    wire [1:0]         out_dr = cfg[weft_result_cfg::OUT_DR_LSB +: 2];

    // A part between its two cycles: bytes lo .. hi-1 of it lie in the row, the first `count` of it are wanted.
    reg               valid_1, finished_1;
    reg [1:0]         bank_1;
    reg [AW-1:0]      slot_1;
    reg [UW-1:0]      u_1;
    reg [23:0]        left_1, minus_1;          // bytes from here to the end of the row, from here to its begin
    reg [5:0]         count_1;
    reg [8*LANES-1:0] data_1;

    // All in variables under valid bits: a cycle without a result costs a simulation nothing.
    always @(posedge clk) begin : place
        reg [W-1:0]       next;
        reg               over;
        reg signed [23:0] u_part, u_block;
        reg [5:0]         first_byte, wanted, lo, hi;
        reg [63:0]        enable;
        /* verilator lint_off UNUSEDSIGNAL */
        reg [15:0]        slot;                 // its low bits
        /* verilator lint_on UNUSEDSIGNAL */

        // The second cycle: which bytes are written.
        w_en <= 1'b0;
        finished <= finished_1;
        if (valid_1) begin
            hi = left_1[23] ? 6'd0 : (left_1[22:6] != 0 || left_1[5:0] > count_1) ? count_1 : left_1[5:0];
            lo = minus_1[23] ? 6'd0 : (minus_1[22:5] != 0) ? 6'd32 : minus_1[5:0];
            enable = ({64{1'b1}} << lo) & ~({64{1'b1}} << hi) & ({64{1'b1}} >> (64 - LANES));
            w_en <= enable != 0;
            w_bank <= bank_1;
            w_word <= slot_1 + u_1[OW +: AW];
            w_off <= u_1[OW-1:0];
            w_be <= enable[COLS-1:0];
            w_data[8*LANES-1:0] <= data_1;
        end

        // The first: where the part lies, and the step behind the last.
        valid_1 <= in_valid;
        finished_1 <= 1'b0;
        block_done <= 1'b0;
        over = fresh;
        if (in_valid) begin
            first_byte = in_part * LANES[5:0];
            wanted = last_block ? cfg[weft_result_cfg::LAST_LSB +: 6] : cfg[weft_result_cfg::BYTES_LSB +: 6];
            u_part = ui + $signed({18'd0, first_byte});
            slot = ai + cfg[weft_result_cfg::TOP_LSB +: 16];
            bank_1 <= ri;
            slot_1 <= slot[AW-1:0];
            u_1 <= u_part[UW-1:0];
            left_1 <= {4'd0, cfg[weft_result_cfg::ROW_BYTES_LSB +: 20]} - u_part;
            minus_1 <= -u_part;
            count_1 <= (wanted > first_byte) ? wanted - first_byte : 6'd0;
            data_1 <= in_data;
            if (in_part == LAST[PART_W-1:0]) begin
                over = tile_end && last_block;
                fresh <= over;
                finished_1 <= over;
                block_done <= tile_end && !raw;
                if (tile_end) begin
                    u_block = ub + blk_u;
                    ri <= cfg[weft_result_cfg::ROW_LSB +: 2];
                    ro <= cfg[weft_result_cfg::ROW_LSB +: 2];
                    ai <= cfg[weft_result_cfg::FIRST_LSB +: 16];
                    ao <= cfg[weft_result_cfg::FIRST_LSB +: 16];
                    ui <= u_block;
                    uo <= u_block;
                    ub <= u_block;
                end else if (row_end) begin
                    slot = weft_ring::step(ao, weft_ring::carry(ro, out_dr) ? cfg[weft_result_cfg::OUT_1_LSB +: 32]
                                                                           : cfg[weft_result_cfg::OUT_0_LSB +: 32], MASK);
                    u_part = uo + out_du;
                    ri <= ro + out_dr;
                    ro <= ro + out_dr;
                    ai <= slot;
                    ao <= slot;
                    ui <= u_part;
                    uo <= u_part;
                end else begin
                    ai <= weft_ring::step(ai, weft_ring::carry(ri, in_dr) ? cfg[weft_result_cfg::IN_1_LSB +: 32]
                                                                         : cfg[weft_result_cfg::IN_0_LSB +: 32], MASK);
                    ri <= ri + in_dr;
                    ui <= ui + in_du;
                end
            end
        end

        // A result is announced; the first of a command brings its configuration.
        if (tag_valid) begin
            row_end <= tag_row_end;
            tile_end <= tag_tile_end;
            last_block <= tag_last_block;
            raw <= tag_raw;
            if (over) begin
                next = tag_slot ? cfg_1 : cfg_0;
                cfg <= next;
                ri <= next[weft_result_cfg::ROW_LSB +: 2];
                ro <= next[weft_result_cfg::ROW_LSB +: 2];
                ai <= next[weft_result_cfg::FIRST_LSB +: 16];
                ao <= next[weft_result_cfg::FIRST_LSB +: 16];
                ui <= 24'($signed(next[weft_result_cfg::U_LSB +: 20]));
                uo <= 24'($signed(next[weft_result_cfg::U_LSB +: 20]));
                ub <= 24'($signed(next[weft_result_cfg::U_LSB +: 20]));
            end
        end
        if (rst) begin
            fresh <= 1'b1;
            valid_1 <= 1'b0;
            finished_1 <= 1'b0;
            w_en <= 1'b0;
            block_done <= 1'b0;
            finished <= 1'b0;
        end
    end

    generate
        if (LANES < COLS) begin : g_high_lanes
            always @(posedge clk) w_data[8*COLS-1:8*LANES] <= 0;
        end
    endgenerate

    wire unused = &{1'b0, cfg};                 // the first byte goes straight to ui, uo, ub

endmodule

`default_nettype wire
