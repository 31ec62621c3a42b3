// From a position in the tile to what enters the array: addresses, masks, lane select.
//
//   cycle 0   `issue` with the position of weft_agen
//   cycle 1   where each group begins and ends in the row
//   cycle 2   bank addresses at port A of the feature buffer
//   cycle 5   data of port A (three cycles after the address)
//   cycle 6   `act`, `word`, `early` and the travelling `tag` of the vector
//
// Every enabled bank delivers WORD_BYTES bytes from any byte offset; group g is kernel row
// row + g, which lies in bank (row + g) mod 4, so the four groups never meet in a bank.  Dense
// lanes come from up to four groups, each masked to the lanes it covers; depthwise and pooling
// take whole words, of pairs two from each row.  Masked bytes read as the zero point.
//
// `plain` marks the common vector whose lanes all come from one group and are all valid: it
// passes without masks, which saves most of this block's simulation time and changes nothing: in hardware
// there are no such vectors.  The fields stand still from `start`, a cycle or more before the first issue of a command, to
// its last issue; the next start may come in the cycle after.  Nothing stalls; only valid bits are reset.

`default_nettype none

module weft_feed #(
    parameter integer ROWS = 16,
    parameter integer COLS = 16,
    parameter integer WORD_BYTES = 16,
    parameter integer AW = 11,              // bits of a feature word address
    parameter integer TAG_W = 8,            // bits that travel with a vector
    parameter integer HAS_PAIR = 1          // 0: pair is always 0
) (
    input  wire                       clk,
    input  wire                       rst,

    // Position, in the cycle of issue.
    input  wire                       issue,
    input  wire [TAG_W-1:0]           tag,
    input  wire signed [17:0]         row,
    input  wire [15:0]                slot,         // less top, as weft_ring keeps it
    input  wire signed [23:0]         place,
    input  wire [19:0]                seg_place,
    input  wire [17:0]                kernel_row,
    // Fields of the command that begins with `start`.
    input  wire                       start,
    input  wire [1:0]                 mode,
    input  wire                       span,
    input  wire [2:0]                 groups,
    input  wire [19:0]                seg,
    input  wire [15:0]                rows,
    input  wire [19:0]                row_bytes,
    input  wire [15:0]                krows,
    input  wire [7:0]                 zp,
    input  wire [15:0]                pitch,
    input  wire [15:0]                top,
    input  wire [15:0]                size,
    input  wire [15:0]                pair,

    // Port A of the feature buffer.
    output reg  [3:0]                 a_en,
    output reg  [4*AW-1:0]            a_word,
    output reg  [4*$clog2(WORD_BYTES)-1:0] a_off,
    output reg                        a_pair,
    output reg  [AW-1:0]              a_step,
    input  wire [4*8*WORD_BYTES-1:0]  a_data,
    input  wire [4*8*COLS-1:0]        a_later,

    output reg                        out_valid,
    output reg  [TAG_W-1:0]           out_tag,
    output reg  [8*ROWS-1:0]          act,          // dense lanes
    output reg  [4*8*COLS-1:0]        word,         // words of the groups, of pairs the later ones
    output reg  [3*8*COLS-1:0]        early         // the earlier words of pairs
);

    wire [15:0] way = HAS_PAIR != 0 ? pair : 16'd0;       // words from one pixel of a pair to the other

    localparam integer OW = $clog2(WORD_BYTES);
    localparam integer TW = OW + 1;                 // a count 0..WORD_BYTES
    localparam [23:0]  FULL = WORD_BYTES[23:0];

    // Counts clamped to 0..WORD_BYTES.
    function [TW-1:0] clip(input signed [23:0] v);
        clip = (v <= 24'sd0) ? {TW{1'b0}} : (v >= $signed(FULL)) ? FULL[TW-1:0] : v[TW-1:0];
    endfunction

    function [TW-1:0] least(input [TW-1:0] p, input [TW-1:0] q);
        least = (p < q) ? p : q;
    endfunction

    function [TW-1:0] most(input [TW-1:0] p, input [TW-1:0] q);
        most = (p < q) ? q : p;
    endfunction

    // Constants of the command.  Group g begins with lane from_g - place and ends before lane end_g - place; th is the
    // same for lanes of the segment.  Of pairs the fourth group stands for the later words.
    localparam [15:0] SLOTS = 16'((1 << AW) - 1);
    reg signed [23:0] from_1, from_2, from_3, end_0, end_1, end_2, end_3, seg_3;
    reg [31:0]        next_way;                     // to the next row slot
    reg               dense, paired;
    reg [7:0]         zero_point;
    reg [AW-1:0]      step;                         // words to the other half of a bank
    wire signed [23:0] seg_1 = $signed({4'd0, seg});
    wire signed [23:0] seg_2 = $signed({3'd0, seg, 1'b0});
    always @(posedge clk) if (start) begin : constants
        reg signed [23:0] row_end, later, triple;
        reg               lanes;
        lanes = mode == weft_isa::MODE_DENSE[1:0];
        row_end = $signed({4'd0, row_bytes});
        later = $signed({{24-OW-16{1'b0}}, way, {OW{1'b0}}});
        triple = seg_1 + seg_2;
        dense <= lanes;
        paired <= way != 16'd0;
        zero_point <= zp;
        step <= way != 16'd0 ? way[AW-1:0] : {{AW-1{1'b0}}, 1'b1};
        from_1 <= lanes ? seg_1 : 24'sd0;
        from_2 <= lanes ? seg_2 : 24'sd0;
        from_3 <= lanes ? triple : way != 16'd0 ? -later : 24'sd0;
        end_0 <= row_end;
        end_1 <= lanes ? row_end + seg_1 : row_end;
        end_2 <= lanes ? row_end + seg_2 : row_end;
        end_3 <= lanes ? row_end + triple : way != 16'd0 ? row_end - later : row_end;
        seg_3 <= triple;
        next_way <= weft_ring::medium_way({1'b0, pitch}, size, SLOTS);
    end

    // Cycles 0 and 1 work in variables, so that a cycle without a vector and a group that cannot take part cost a
    // simulation nothing.  What travels beside the memory from cycle 2 to cycle 5: the tag, ctl, and for a vector
    // that is not plain its masks.
    localparam integer CTL_W = 1 + 4 + 2 + 8 + 2;   // pair, groups in use, row mod 4, zp, dense, plain
    localparam integer MASK_W = 8*TW;
`ifdef SYNTHESIS
    localparam integer SHORT = 0;
`else
    localparam integer SHORT = 1;                   // one group alone is worked out in less
`endif
    reg [TAG_W-1:0]  tag_1, tag_2, tag_3, tag_4, tag_5;
    reg [CTL_W-1:0]  ctl_2, ctl_3, ctl_4, ctl_5;
    reg [MASK_W-1:0] mask_2, mask_3, mask_4, mask_5;
    reg [4:0]        valid;

    // What cycle 0 leaves: lanes, clipped, where groups begin and end and where the segment does; whether their rows exist; the
    // places of their first bytes; the slots.
    localparam integer UW = OW + AW;
    reg [TW-1:0]     lo0_1, lo1_1, lo2_1, lo3_1, hi0_1, hi1_1, hi2_1, hi3_1, th1_1, th2_1, th3_1;
    reg [3:0]        rows_1;
    reg [UW-1:0]     u0_1, u1_1, u2_1, u3_1;
    reg [AW-1:0]     slot_1, next_1;
    reg [1:0]        row_low_1;
    reg              single_1;                      // all lanes in one kernel row

    always @(posedge clk) begin : aim
        reg signed [17:0] row_1, row_2, row_3, rows_s;
        reg [17:0]        krows_u;
        /* verilator lint_off UNUSEDSIGNAL */
        reg [15:0]        slot_abs, next;           // their low bits
        /* verilator lint_on UNUSEDSIGNAL */
        reg [AW-1:0]      word_0, word_1, word_2, word_3;
        reg [TW-1:0]      lo_0, lo_1, lo_2, lo_3, hi_0, hi_1, hi_2, hi_3;
        reg [3:0]         use_g;
        reg               plain, later_any, single;
        if (valid[3]) begin
            tag_5 <= tag_4;
            ctl_5 <= ctl_4;
            if (!ctl_4[0]) mask_5 <= mask_4;
        end
        if (valid[2]) begin
            tag_4 <= tag_3;
            ctl_4 <= ctl_3;
            if (!ctl_3[0]) mask_4 <= mask_3;
        end
        if (valid[1]) begin
            tag_3 <= tag_2;
            ctl_3 <= ctl_2;
            if (!ctl_2[0]) mask_3 <= mask_2;
        end
        valid <= {valid[3:0], issue};
        a_en <= 4'd0;
        if (rst) begin
            valid <= 5'd0;
        end else begin
            // Cycle 1: which groups take part, addresses and masks.
            if (valid[0]) begin
                a_pair <= paired;
                a_step <= step;
                word_0 = slot_1 + u0_1[OW +: AW];
                lo_0 = lo0_1;
                hi_0 = hi0_1;
                if (SHORT != 0 && single_1) begin
                    use_g = {3'd0, rows_1[0] && lo_0 < hi_0};
                    plain = use_g[0] && lo_0 == 0 && hi_0 >= ROWS[TW-1:0];
                    a_en <= use_g << row_low_1;
                    a_word <= {4{word_0}};
                    a_off <= {4{u0_1[OW-1:0]}};
                    if (!plain) mask_2 <= {{3*TW{1'b0}}, lo_0, {3*TW{1'b0}}, hi_0};
                end else begin
                    lo_1 = lo1_1;
                    lo_2 = lo2_1;
                    lo_3 = lo3_1;
                    hi_1 = hi1_1;
                    hi_2 = hi2_1;
                    hi_3 = hi3_1;
                    if (dense) begin              // each group ends where the next begins
                        lo_1 = most(lo_1, th1_1);
                        lo_2 = most(lo_2, th2_1);
                        lo_3 = most(lo_3, th3_1);
                        hi_0 = least(hi_0, th1_1);
                        hi_1 = least(hi_1, th2_1);
                        hi_2 = least(hi_2, th3_1);
                    end
                    // A group takes part if its row exists, it is one of the groups, and a lane is left for it.
                    later_any = paired && lo_3 < hi_3;
                    use_g = { rows_1[3] && lo_3 < hi_3, rows_1[2] && (lo_2 < hi_2 || later_any),
                              rows_1[1] && (lo_1 < hi_1 || later_any), rows_1[0] && (lo_0 < hi_0 || later_any) };
                    plain = SHORT != 0 && dense && use_g[0] && lo_0 == 0 && hi_0 >= ROWS[TW-1:0];
                    word_1 = ((row_low_1 == 2'd3) ? next_1 : slot_1) + u1_1[OW +: AW];
                    word_2 = (row_low_1[1]        ? next_1 : slot_1) + u2_1[OW +: AW];
                    word_3 = ((row_low_1 != 2'd0) ? next_1 : slot_1) + u3_1[OW +: AW];
                    case (row_low_1)
                        2'd0: begin
                            a_en <= use_g;
                            a_word <= {word_3, word_2, word_1, word_0};
                            a_off <= {u3_1[OW-1:0], u2_1[OW-1:0], u1_1[OW-1:0], u0_1[OW-1:0]};
                        end
                        2'd1: begin
                            a_en <= {use_g[2:0], use_g[3]};
                            a_word <= {word_2, word_1, word_0, word_3};
                            a_off <= {u2_1[OW-1:0], u1_1[OW-1:0], u0_1[OW-1:0], u3_1[OW-1:0]};
                        end
                        2'd2: begin
                            a_en <= {use_g[1:0], use_g[3:2]};
                            a_word <= {word_1, word_0, word_3, word_2};
                            a_off <= {u1_1[OW-1:0], u0_1[OW-1:0], u3_1[OW-1:0], u2_1[OW-1:0]};
                        end
                        default: begin
                            a_en <= {use_g[0], use_g[3:1]};
                            a_word <= {word_0, word_3, word_2, word_1};
                            a_off <= {u0_1[OW-1:0], u3_1[OW-1:0], u2_1[OW-1:0], u1_1[OW-1:0]};
                        end
                    endcase
                    if (!plain) mask_2 <= {lo_3, lo_2, lo_1, lo_0, hi_3, hi_2, hi_1, hi_0};
                end
                tag_2 <= tag_1;
                ctl_2 <= {paired, use_g, row_low_1, zero_point, dense, plain};
            end
            // Cycle 0: where the groups lie.  The common dense vector has all its lanes in one kernel row.
            if (issue) begin
                rows_s = $signed({2'd0, rows});
                krows_u = {2'd0, krows};
                single = dense && (!span || {1'b0, seg} >= {1'b0, seg_place} + ROWS[20:0]);
                single_1 <= single;
                row_low_1 <= row[1:0];
                lo0_1 <= clip(-place);
                hi0_1 <= clip(end_0 - place);
                u0_1 <= place[UW-1:0];
                slot_abs = (slot + top) & SLOTS;
                slot_1 <= slot_abs[AW-1:0];
                rows_1[0] <= !row[17] && row < rows_s && kernel_row < krows_u;
                if (SHORT == 0 || !single) begin
                    row_1 = row + 18'sd1;
                    row_2 = row + 18'sd2;
                    row_3 = row + 18'sd3;
                    rows_1[1] <= !row_1[17] && row_1 < rows_s && kernel_row + 18'd1 < krows_u && (dense || groups > 3'd1);
                    rows_1[2] <= !row_2[17] && row_2 < rows_s && kernel_row + 18'd2 < krows_u && (dense || groups > 3'd2);
                    rows_1[3] <= !row_3[17] && row_3 < rows_s && kernel_row + 18'd3 < krows_u && (dense || groups > 3'd3);
                    lo1_1 <= clip(from_1 - place);
                    lo2_1 <= clip(from_2 - place);
                    lo3_1 <= clip(from_3 - place);
                    hi1_1 <= clip(end_1 - place);
                    hi2_1 <= clip(end_2 - place);
                    hi3_1 <= clip(end_3 - place);
                    th1_1 <= single ? FULL[TW-1:0] : clip(seg_1 - $signed({4'd0, seg_place}));
                    th2_1 <= single ? FULL[TW-1:0] : clip(seg_2 - $signed({4'd0, seg_place}));
                    th3_1 <= single ? FULL[TW-1:0] : clip(seg_3 - $signed({4'd0, seg_place}));
                    u1_1 <= place[UW-1:0] - from_1[UW-1:0];
                    u2_1 <= place[UW-1:0] - from_2[UW-1:0];
                    u3_1 <= place[UW-1:0] - from_3[UW-1:0];
                    next = (weft_ring::step(slot, next_way, SLOTS) + top) & SLOTS;
                    next_1 <= next[AW-1:0];
                end
                tag_1 <= tag;
            end
        end
    end

    // Cycle 5: the data is here.  from_lane[n] has ones in the bytes of lanes n and up.
    reg [8*WORD_BYTES-1:0] from_lane [0:WORD_BYTES];
    initial begin : thermometer
        reg [31:0] n;
        for (n = 0; n <= WORD_BYTES; n = n + 1)
            from_lane[n[TW-1:0]] = {8*WORD_BYTES{1'b1}} << (8*n);
    end

    localparam integer Z = 2;                       // position of zp in ctl
    wire               c_plain = ctl_5[0];
    wire               c_dense = ctl_5[1];
    wire [7:0]         c_zp    = ctl_5[Z +: 8];
    wire [1:0]         c_row   = ctl_5[Z+8 +: 2];
    wire [3:0]         c_use   = ctl_5[Z+10 +: 4];
    wire               c_pair  = HAS_PAIR != 0 && ctl_5[Z+14];
    wire [4*TW-1:0]    c_hi    = mask_5[0 +: 4*TW];
    wire [4*TW-1:0]    c_lo    = mask_5[4*TW +: 4*TW];

    localparam integer B = 8*WORD_BYTES;
    always @(posedge clk) begin : select
        reg [B-1:0] d_0, d_1, d_2, d_3, m_0, m_1, m_2, m_3, z;
        reg [8*COLS-1:0] l_0, l_1, l_2, l_3, m_l, z_l;
        out_valid <= !rst && valid[4];
        if (valid[4]) begin
            out_tag <= tag_5;
            if (c_plain) begin
                case (c_row)
                    2'd0:    act <= a_data[0   +: 8*ROWS];
                    2'd1:    act <= a_data[B   +: 8*ROWS];
                    2'd2:    act <= a_data[2*B +: 8*ROWS];
                    default: act <= a_data[3*B +: 8*ROWS];
                endcase
            end else begin
                case (c_row)
                    2'd0:    {d_3, d_2, d_1, d_0} = a_data;
                    2'd1:    {d_2, d_1, d_0, d_3} = a_data;
                    2'd2:    {d_1, d_0, d_3, d_2} = a_data;
                    default: {d_0, d_3, d_2, d_1} = a_data;
                endcase
                z = {WORD_BYTES{c_zp}};
                m_0 = c_use[0] ? from_lane[c_lo[0 +: TW]]    & ~from_lane[c_hi[0 +: TW]]    : {B{1'b0}};
                m_1 = c_use[1] ? from_lane[c_lo[TW +: TW]]   & ~from_lane[c_hi[TW +: TW]]   : {B{1'b0}};
                m_2 = c_use[2] ? from_lane[c_lo[2*TW +: TW]] & ~from_lane[c_hi[2*TW +: TW]] : {B{1'b0}};
                m_3 = c_use[3] ? from_lane[c_lo[3*TW +: TW]] & ~from_lane[c_hi[3*TW +: TW]] : {B{1'b0}};
                if (c_dense) begin
                    d_0 = (d_0 & m_0) | (d_1 & m_1) | (d_2 & m_2) | (d_3 & m_3) | (z & ~(m_0 | m_1 | m_2 | m_3));
                    act <= d_0[8*ROWS-1:0];
                end else if (c_pair) begin
                    case (c_row)
                        2'd0:    {l_3, l_2, l_1, l_0} = a_later;
                        2'd1:    {l_2, l_1, l_0, l_3} = a_later;
                        2'd2:    {l_1, l_0, l_3, l_2} = a_later;
                        default: {l_0, l_3, l_2, l_1} = a_later;
                    endcase
                    d_0 = (d_0 & m_0) | (z & ~m_0);
                    d_1 = (d_1 & m_1) | (z & ~m_1);
                    d_2 = (d_2 & m_2) | (z & ~m_2);
                    early <= {d_2[8*COLS-1:0], d_1[8*COLS-1:0], d_0[8*COLS-1:0]};
                    m_l = (8*COLS)'(from_lane[c_lo[3*TW +: TW]] & ~from_lane[c_hi[3*TW +: TW]]);
                    z_l = {COLS{c_zp}};
                    l_0 = c_use[0] ? (l_0 & m_l) | (z_l & ~m_l) : z_l;
                    l_1 = c_use[1] ? (l_1 & m_l) | (z_l & ~m_l) : z_l;
                    l_2 = c_use[2] ? (l_2 & m_l) | (z_l & ~m_l) : z_l;
                    word <= {l_3, l_2, l_1, l_0};
                end else begin
                    d_0 = (d_0 & m_0) | (z & ~m_0);
                    d_1 = (d_1 & m_1) | (z & ~m_1);
                    d_2 = (d_2 & m_2) | (z & ~m_2);
                    d_3 = (d_3 & m_3) | (z & ~m_3);
                    word <= {d_3[8*COLS-1:0], d_2[8*COLS-1:0], d_1[8*COLS-1:0], d_0[8*COLS-1:0]};
                end
            end
        end
    end

    wire unused = &{1'b0, slot};

endmodule

`default_nettype wire
