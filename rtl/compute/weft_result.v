// Writes results to the feature buffer, at the positions of the command they belong to.
//
// Results come in the order in which their sums were issued, LANES bytes at a time; `in_slot` says
// which of the two configurations (the OUTPUT words of the command) they belong to, and the other flags
// where they stand in the loops.  Each is written in the next cycle; port B always takes it.
//
//   block_done   the last result of a block has come: its header slot is free
//   finished     the last byte of a command is being written in this cycle

`default_nettype none
`include "weft_field.vh"

module weft_result #(
    parameter  integer COLS = 16,
    parameter  integer LANES = 16,
    parameter  integer WORD_BYTES = 16,
    parameter  integer AW = 11,
    parameter  integer PART_W = 1,              // bits of in_part
    localparam integer OUTPUT_W = weft_isa::COMPUTE_OUTPUT_W
) (
    input  wire                 clk,
    input  wire                 rst,
    input  wire [OUTPUT_W-1:0]  cfg_0,          // of the command in slot 0
    input  wire [OUTPUT_W-1:0]  cfg_1,

    input  wire                 in_valid,
    input  wire [PART_W-1:0]    in_part,        // LANES bytes number in_part of the sum
    input  wire [8*LANES-1:0]   in_data,
    input  wire                 in_slot,
    input  wire                 in_row_end,     // last sum of an inner loop
    input  wire                 in_tile_end,    // and of the outer loop
    input  wire                 in_last_block,

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
    localparam integer PARTS = COLS / LANES;
    localparam integer LAST = PARTS - 1;

    wire [OUTPUT_W-1:0] cfg      = in_slot ? cfg_1 : cfg_0;
    wire [15:0]        a_start   = `WEFT_FIELD_OF(cfg, COMPUTE, OUTPUT, O_A_START);
    wire [15:0]        pitch     = `WEFT_FIELD_OF(cfg, COMPUTE, OUTPUT, O_PITCH);
    wire [15:0]        top       = `WEFT_FIELD_OF(cfg, COMPUTE, OUTPUT, O_TOP);
    wire [15:0]        size      = `WEFT_FIELD_OF(cfg, COMPUTE, OUTPUT, O_SIZE);
    wire signed [19:0] u_start   = `WEFT_FIELD_OF(cfg, COMPUTE, OUTPUT, O_U_START);
    wire [1:0]         r_start   = `WEFT_FIELD_OF(cfg, COMPUTE, OUTPUT, O_ROW);
    wire [19:0]        row_bytes = `WEFT_FIELD_OF(cfg, COMPUTE, OUTPUT, O_ROW_BYTES);
    wire [5:0]         n_bytes   = `WEFT_FIELD_OF(cfg, COMPUTE, OUTPUT, O_BYTES);
    wire [5:0]         n_last    = `WEFT_FIELD_OF(cfg, COMPUTE, OUTPUT, O_LAST);
    wire signed [19:0] in_du     = `WEFT_FIELD_OF(cfg, COMPUTE, OUTPUT, O_IN_DU);
    wire [1:0]         in_dr     = 2'(`WEFT_FIELD_OF(cfg, COMPUTE, OUTPUT, O_IN_DR));
    wire signed [19:0] out_du    = `WEFT_FIELD_OF(cfg, COMPUTE, OUTPUT, O_OUT_DU);
    wire [1:0]         out_dr    = 2'(`WEFT_FIELD_OF(cfg, COMPUTE, OUTPUT, O_OUT_DR));
    wire [15:0]        in_da     = `WEFT_FIELD_OF(cfg, COMPUTE, OUTPUT, O_IN_DA);
    wire [15:0]        out_da    = `WEFT_FIELD_OF(cfg, COMPUTE, OUTPUT, O_OUT_DA);
    wire signed [19:0] blk_u     = `WEFT_FIELD_OF(cfg, COMPUTE, OUTPUT, O_BLK_U);

    reg               fresh;                    // the next result is the first of its command
    reg [1:0]         ri_q, ro_q;
    reg [15:0]        ai_q, ao_q;
    reg signed [23:0] ui_q, uo_q, ub_q;

    wire last_part = in_part == LAST[PART_W-1:0];

    // All in variables under in_valid: a cycle without a result costs a simulation nothing.
    always @(posedge clk) begin : place
        reg [1:0]         ri, ro;
        reg [15:0]        ai, ao;
        reg signed [23:0] ui, uo, ub, u_part, left, minus_u;
        reg [5:0]         first_byte, nb, in_sum, lo, hi;
        reg [63:0]        enable;
        w_en <= 1'b0;
        block_done <= 1'b0;
        finished <= 1'b0;
        if (rst) begin
            fresh <= 1'b1;
        end else if (in_valid) begin
            ri = fresh ? r_start : ri_q;
            ro = fresh ? r_start : ro_q;
            ai = fresh ? a_start : ai_q;
            ao = fresh ? a_start : ao_q;
            ui = fresh ? {{4{u_start[19]}}, u_start} : ui_q;
            uo = fresh ? {{4{u_start[19]}}, u_start} : uo_q;
            ub = fresh ? {{4{u_start[19]}}, u_start} : ub_q;

            // Bytes lo..hi-1 of this part are written.
            first_byte = in_part * LANES[5:0];
            u_part = ui + $signed({18'd0, first_byte});
            nb = in_last_block ? n_last : n_bytes;
            left = $signed({4'd0, row_bytes}) - u_part;
            in_sum = (nb > first_byte) ? nb - first_byte : 6'd0;
            hi = left <= 24'sd0 ? 6'd0 : (left < $signed({18'd0, in_sum})) ? left[5:0] : in_sum;
            minus_u = -u_part;
            lo = !u_part[23] ? 6'd0 : (minus_u > 24'sd32) ? 6'd32 : minus_u[5:0];
            enable = ({64{1'b1}} << lo) & ~({64{1'b1}} << hi) & ({64{1'b1}} >> (64 - LANES));

            w_en <= |enable;
            w_bank <= ri;
            w_word <= ai[AW-1:0] + u_part[OW +: AW];
            w_off <= u_part[OW-1:0];
            w_be <= enable[COLS-1:0];
            w_data[8*LANES-1:0] <= in_data;
            if (last_part) begin
                fresh <= in_tile_end && in_last_block;
                block_done <= in_tile_end;
                finished <= in_tile_end && in_last_block;
                if (in_tile_end) begin
                    ro = r_start;
                    ao = a_start;
                    ub = ub + {{4{blk_u[19]}}, blk_u};
                    uo = ub;
                    ri = ro;
                    ai = ao;
                    ui = uo;
                end else if (in_row_end) begin
                    ao = weft_ring::step(ao, ro, out_dr, out_da, pitch, top, size);
                    ro = ro + out_dr;
                    uo = uo + {{4{out_du[19]}}, out_du};
                    ri = ro;
                    ai = ao;
                    ui = uo;
                end else begin
                    ai = weft_ring::step(ai, ri, in_dr, in_da, pitch, top, size);
                    ri = ri + in_dr;
                    ui = ui + {{4{in_du[19]}}, in_du};
                end
                ro_q <= ro;
                ao_q <= ao;
                uo_q <= uo;
                ub_q <= ub;
                ri_q <= ri;
                ai_q <= ai;
                ui_q <= ui;
            end
        end
    end

    generate
        if (LANES < COLS) begin : g_high_lanes
            always @(posedge clk) w_data[8*COLS-1:8*LANES] <= 0;
        end
    endgenerate

    wire unused = &{1'b0, cfg};

endmodule

`default_nettype wire
