// From a position in the tile to what enters the array: addresses, masks, lane select.
//
//   cycle 0   `issue` with the position of weft_agen
//   cycle 1   bank addresses at port A of the feature buffer
//   cycle 3   data of port A (two cycles after the address)
//   cycle 4   `act`, `word`, `pool` and the travelling `tag` of the vector
//
// Every enabled bank delivers WORD_BYTES bytes from any byte offset; group g is kernel row
// row + g, which lies in bank (row + g) mod 4, so the four groups never meet in a bank.  Dense
// lanes come from up to four groups, each masked to the lanes it covers; depthwise and pooling
// take whole words, of pairs two from each row.  Masked bytes read as the zero point.
//
// `plain` marks the common vector whose lanes all come from one group and are all valid: it
// passes without masks, which saves most of this block's simulation time and changes nothing.
// Nothing stalls; only valid bits are reset.

`default_nettype none

module weft_feed #(
    parameter integer ROWS = 16,
    parameter integer COLS = 16,
    parameter integer WORD_BYTES = 16,
    parameter integer AW = 11,              // bits of a feature word address
    parameter integer TAG_W = 8             // bits that travel with a vector
) (
    input  wire                       clk,
    input  wire                       rst,

    // Position, in the cycle of issue.
    input  wire                       issue,
    input  wire [TAG_W-1:0]           tag,
    input  wire signed [17:0]         row,
    input  wire [15:0]                slot,
    input  wire signed [23:0]         place,
    input  wire [19:0]                seg_place,
    input  wire [17:0]                kernel_row,
    // Fields of the command.
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

    wire dense = mode == weft_isa::MODE_DENSE[1:0];

    // Cycle 0: addresses and masks of the four groups, in variables, so that a cycle without a vector and a group
    // that cannot take part cost a simulation nothing.  What travels beside the memory from cycle 1 to cycle 3:
    // the tag, ctl, and for a vector that is not plain its masks.
    localparam integer CTL_W = 1 + 4 + 2 + 8 + 2;   // pair, groups in use, row mod 4, zp, dense, plain
    localparam integer MASK_W = 8*TW;
    reg [TAG_W-1:0]  tag_1, tag_2, tag_3;
    reg [CTL_W-1:0]  ctl_1, ctl_2, ctl_3;
    reg [MASK_W-1:0] mask_1, mask_2, mask_3;
    reg [2:0]        valid;

    always @(posedge clk) begin : aim
        reg signed [23:0] u_0, u_1, u_2, u_3, u_p, seg_1, seg_2, seg_3, at_i0, end_bytes;
        reg signed [17:0] row_1, row_2, row_3, rows_s;
        reg [17:0]        krows_u;
        /* verilator lint_off UNUSEDSIGNAL */
        reg [15:0]        next;             // its low bits
        /* verilator lint_on UNUSEDSIGNAL */
        reg [AW-1:0]      word_0, word_1, word_2, word_3;
        reg [TW-1:0]      lo_0, lo_1, lo_2, lo_3, hi_0, hi_1, hi_2, hi_3, th_1, th_2, th_3;
        reg [3:0]         use_g;
        reg               plain, paired, later_any;
        if (valid[1]) begin
            tag_3 <= tag_2;
            ctl_3 <= ctl_2;
            if (!ctl_2[0]) mask_3 <= mask_2;
        end
        if (valid[0]) begin
            tag_2 <= tag_1;
            ctl_2 <= ctl_1;
            if (!ctl_1[0]) mask_2 <= mask_1;
        end
        valid <= {valid[1:0], issue};
        a_en <= 4'd0;
        if (rst) begin
            valid <= 3'd0;
        end else begin
            if (issue) begin
                paired = pair != 16'd0;
                a_pair <= paired;
                a_step <= paired ? pair[AW-1:0] : {{AW-1{1'b0}}, 1'b1};
                rows_s = $signed({2'd0, rows});
                krows_u = {2'd0, krows};
                end_bytes = $signed({4'd0, row_bytes});
                u_0 = place;
                lo_0 = clip(-u_0);
                hi_0 = clip(end_bytes - u_0);
                word_0 = slot[AW-1:0] + u_0[OW +: AW];
                // The common dense vector has all its lanes in one kernel row.
                if (dense && (!span || {1'b0, seg} >= {1'b0, seg_place} + ROWS[20:0])) begin
                    use_g = {3'd0, !row[17] && row < rows_s && kernel_row < krows_u && lo_0 < hi_0};
                    plain = use_g[0] && lo_0 == 0 && hi_0 >= ROWS[TW-1:0];
                    a_en <= use_g << row[1:0];
                    a_word <= {4{word_0}};
                    a_off <= {4{u_0[OW-1:0]}};
                    if (!plain) mask_1 <= {{3*TW{1'b0}}, lo_0, {3*TW{1'b0}}, hi_0};
                end else begin
                    seg_1 = $signed({4'd0, seg});
                    seg_2 = {seg_1[22:0], 1'b0};
                    seg_3 = seg_1 + seg_2;
                    at_i0 = $signed({4'd0, seg_place});
                    row_1 = row + 18'sd1;
                    row_2 = row + 18'sd2;
                    row_3 = row + 18'sd3;
                    u_1 = dense ? place - seg_1 : place;
                    u_2 = dense ? place - seg_2 : place;
                    u_3 = dense ? place - seg_3 : place;
                    lo_1 = clip(-u_1);
                    lo_2 = clip(-u_2);
                    lo_3 = clip(-u_3);
                    hi_1 = clip(end_bytes - u_1);
                    hi_2 = clip(end_bytes - u_2);
                    hi_3 = clip(end_bytes - u_3);
                    if (dense) begin                // the first lanes of groups 1..3
                        th_1 = clip(seg_1 - at_i0);
                        th_2 = clip(seg_2 - at_i0);
                        th_3 = clip(seg_3 - at_i0);
                        lo_1 = most(lo_1, th_1);
                        lo_2 = most(lo_2, th_2);
                        lo_3 = most(lo_3, th_3);
                        hi_0 = least(hi_0, th_1);
                        hi_1 = least(hi_1, th_2);
                        hi_2 = least(hi_2, th_3);
                    end
                    later_any = 1'b0;
                    if (paired) begin               // the masks of the fourth group are those of the later words
                        u_p = place + $signed({{24-OW-16{1'b0}}, pair, {OW{1'b0}}});
                        lo_3 = clip(-u_p);
                        hi_3 = clip(end_bytes - u_p);
                        later_any = lo_3 < hi_3;
                    end
                    // A group takes part if its row exists, it is one of the groups, and a lane is left for it.
                    use_g = {
                        !row_3[17] && row_3 < rows_s && kernel_row + 18'd3 < krows_u && lo_3 < hi_3 && (dense || groups > 3'd3),
                        !row_2[17] && row_2 < rows_s && kernel_row + 18'd2 < krows_u && (lo_2 < hi_2 || later_any) && (dense || groups > 3'd2),
                        !row_1[17] && row_1 < rows_s && kernel_row + 18'd1 < krows_u && (lo_1 < hi_1 || later_any) && (dense || groups > 3'd1),
                        !row[17]   && row   < rows_s && kernel_row         < krows_u && (lo_0 < hi_0 || later_any) };
                    plain = dense && use_g[0] && lo_0 == 0 && hi_0 >= ROWS[TW-1:0];
                    next = weft_ring::wrap({1'b0, slot} + {1'b0, pitch}, top, size);
                    word_1 = ((row[1:0] == 2'd3) ? next[AW-1:0] : slot[AW-1:0]) + u_1[OW +: AW];
                    word_2 = (row[1]             ? next[AW-1:0] : slot[AW-1:0]) + u_2[OW +: AW];
                    word_3 = ((row[1:0] != 2'd0) ? next[AW-1:0] : slot[AW-1:0]) + u_3[OW +: AW];
                    case (row[1:0])
                        2'd0: begin
                            a_en <= use_g;
                            a_word <= {word_3, word_2, word_1, word_0};
                            a_off <= {u_3[OW-1:0], u_2[OW-1:0], u_1[OW-1:0], u_0[OW-1:0]};
                        end
                        2'd1: begin
                            a_en <= {use_g[2:0], use_g[3]};
                            a_word <= {word_2, word_1, word_0, word_3};
                            a_off <= {u_2[OW-1:0], u_1[OW-1:0], u_0[OW-1:0], u_3[OW-1:0]};
                        end
                        2'd2: begin
                            a_en <= {use_g[1:0], use_g[3:2]};
                            a_word <= {word_1, word_0, word_3, word_2};
                            a_off <= {u_1[OW-1:0], u_0[OW-1:0], u_3[OW-1:0], u_2[OW-1:0]};
                        end
                        default: begin
                            a_en <= {use_g[0], use_g[3:1]};
                            a_word <= {word_0, word_3, word_2, word_1};
                            a_off <= {u_0[OW-1:0], u_3[OW-1:0], u_2[OW-1:0], u_1[OW-1:0]};
                        end
                    endcase
                    if (!plain) mask_1 <= {lo_3, lo_2, lo_1, lo_0, hi_3, hi_2, hi_1, hi_0};
                end
                tag_1 <= tag;
                ctl_1 <= {paired, use_g, row[1:0], zp, dense, plain};
            end
        end
    end

    // Cycle 3: the data is here.  from_lane[n] has ones in the bytes of lanes n and up.
    reg [8*WORD_BYTES-1:0] from_lane [0:WORD_BYTES];
    initial begin : thermometer
        reg [31:0] n;
        for (n = 0; n <= WORD_BYTES; n = n + 1)
            from_lane[n[TW-1:0]] = {8*WORD_BYTES{1'b1}} << (8*n);
    end

    localparam integer Z = 2;                       // position of zp in ctl
    wire               c_plain = ctl_3[0];
    wire               c_dense = ctl_3[1];
    wire [7:0]         c_zp    = ctl_3[Z +: 8];
    wire [1:0]         c_row   = ctl_3[Z+8 +: 2];
    wire [3:0]         c_use   = ctl_3[Z+10 +: 4];
    wire               c_pair  = ctl_3[Z+14];
    wire [4*TW-1:0]    c_hi    = mask_3[0 +: 4*TW];
    wire [4*TW-1:0]    c_lo    = mask_3[4*TW +: 4*TW];

    localparam integer B = 8*WORD_BYTES;
    always @(posedge clk) begin : select
        reg [B-1:0] d_0, d_1, d_2, d_3, m_0, m_1, m_2, m_3, z;
        reg [8*COLS-1:0] l_0, l_1, l_2, l_3, m_l, z_l;
        out_valid <= !rst && valid[2];
        if (valid[2]) begin
            out_tag <= tag_3;
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
