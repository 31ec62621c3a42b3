// The tables of the post unit, for LANES look-ups a cycle: one of 256 bytes, and two of 256 int32.
//
//     tab_valid, tab_kind, tab_addr, tab_row     row tab_addr of CP bytes of a table is written:
//                                                0 the bytes, 1 T1, 2 T2 (little-endian)
//     b_en, b_index in cycle t  ->  b_data in cycle t + 1
//     t_en, t1_index, t2_index in cycle t  ->  t1_data, t2_data in cycle t + 2
//
// Indices are the int8 values read as uint8.  Data holds until the next look-up has come through.  A
// table must not be read while it is written.  Contents are not reset.
//
// In hardware every lane has its own copy, written by whole rows: CP bytes wide (256/CP and 1024/CP
// rows), all in block RAM: CP/4 for each of the three.  In simulation the lanes share one.

`default_nettype none

module weft_tables #(
    parameter  integer LANES = 16,
    parameter  integer CP    = 16               // bytes of a stream row: power of two, 4..32
) (
    input  wire                clk,
    input  wire                tab_valid,
    input  wire [1:0]          tab_kind,
    input  wire [7:0]          tab_addr,
    input  wire [8*CP-1:0]     tab_row,

    input  wire                b_en,
    input  wire [8*LANES-1:0]  b_index,         // of lane l at 8*l, and so on
`ifdef SYNTHESIS
    output wire [8*LANES-1:0]  b_data,
`else
    output reg  [8*LANES-1:0]  b_data,
`endif
    input  wire                t_en,
    input  wire [8*LANES-1:0]  t1_index,
    input  wire [8*LANES-1:0]  t2_index,
    output reg  [32*LANES-1:0] t1_data,
    output reg  [32*LANES-1:0] t2_data
);

    localparam integer B_LOW = $clog2(CP);      // bits of an index that say the place in a row
    localparam integer T_LOW = $clog2(CP) - 2;

    reg t_en_1;
    always @(posedge clk) t_en_1 <= t_en;

`ifdef SYNTHESIS
    localparam integer B_ROWS = 256 / CP, T_ROWS = 1024 / CP;
    wire unused = &{1'b0, tab_addr};         // its top bits, with long rows
    genvar l;
    generate
        for (l = 0; l < LANES; l = l + 1) begin : g_lane
            (* no_rw_check, ram_style = "block" *) reg [8*CP-1:0] bytes [0:B_ROWS-1];
            reg  [8*CP-1:0] b_row;
            reg  [B_LOW-1:0] ib;
            (* no_rw_check *) reg [8*CP-1:0] t1 [0:T_ROWS-1];
            (* no_rw_check *) reg [8*CP-1:0] t2 [0:T_ROWS-1];
            reg  [8*CP-1:0] t1_row, t2_row;
            reg  [7:0]      i1, i2;
            wire [7:0]      place_1 = i1 & (CP[7:0] / 4 - 8'd1), place_2 = i2 & (CP[7:0] / 4 - 8'd1);
            // The place in the row is chosen behind the memory, which so is a block RAM.
            assign b_data[8*l +: 8] = b_row[8*ib +: 8];
            always @(posedge clk) begin
                if (tab_valid && tab_kind == 2'd0) bytes[tab_addr[7-B_LOW:0]] <= tab_row;
                if (tab_valid && tab_kind == 2'd1) t1[tab_addr[7-T_LOW:0]] <= tab_row;
                if (tab_valid && tab_kind == 2'd2) t2[tab_addr[7-T_LOW:0]] <= tab_row;
                if (b_en) begin
                    b_row <= bytes[b_index[8*l+B_LOW +: 8-B_LOW]];
                    ib <= b_index[8*l +: B_LOW];
                end
                if (t_en) begin
                    t1_row <= t1[t1_index[8*l+T_LOW +: 8-T_LOW]];
                    t2_row <= t2[t2_index[8*l+T_LOW +: 8-T_LOW]];
                    i1 <= t1_index[8*l +: 8];
                    i2 <= t2_index[8*l +: 8];
                end
                if (t_en_1) begin
                    t1_data[32*l +: 32] <= t1_row[32*place_1 +: 32];
                    t2_data[32*l +: 32] <= t2_row[32*place_2 +: 32];
                end
            end
        end
    endgenerate
`else
    reg [7:0]  bytes [0:255];
    reg [31:0] t1 [0:255], t2 [0:255];
    reg [32*LANES-1:0] t1_read, t2_read;

    always @(posedge clk) begin : tables
        reg [31:0] i;
        reg [7:0]  at;
        // '=' because this block owns the tables, and Verilator takes no '<=' in a loop it does not unroll.
        /* verilator lint_off BLKSEQ */
        if (tab_valid) begin
            if (tab_kind == 2'd0)
                for (i = 0; i < CP; i = i + 1) begin
                    at = tab_addr << B_LOW | i[7:0];
                    bytes[at] = tab_row[8*i +: 8];
                end
            else
                for (i = 0; i < CP / 4; i = i + 1) begin
                    at = tab_addr << T_LOW | i[7:0];
                    if (tab_kind == 2'd1) t1[at] = tab_row[32*i +: 32];
                    else t2[at] = tab_row[32*i +: 32];
                end
        end
        /* verilator lint_on BLKSEQ */
        if (b_en)
            for (i = 0; i < LANES; i = i + 1) b_data[8*i +: 8] <= bytes[b_index[8*i +: 8]];
        if (t_en)
            for (i = 0; i < LANES; i = i + 1) begin
                t1_read[32*i +: 32] <= t1[t1_index[8*i +: 8]];
                t2_read[32*i +: 32] <= t2[t2_index[8*i +: 8]];
            end
        if (t_en_1) begin
            t1_data <= t1_read;
            t2_data <= t2_read;
        end
    end
`endif
endmodule

`default_nettype wire
