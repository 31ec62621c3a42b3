// The accumulators: ACC_DEPTH vectors of COLS int32, each sum added to one of them in three cycles.
//
//     valid, index, ..., sums in cycle t  ->  if last: out_valid, out_sums in cycle t + LATENCY
//     LATENCY = 3
//
//   first   the accumulator is set to sums, plus bias if bias_en
//   else    it is set to accumulator + sums; with max, to the larger of the two (signed)
//   last    the new value leaves on out_sums; the accumulator itself is then undefined
//
// Additions wrap.  One update a cycle; equal indices may follow each other at any distance: a value is written to the
// RAM a cycle after it is on out_sums, and until then taken from the registers in front of it.
//
// out_sums may change with every update and means something only with out_valid.  `rst` drops updates
// under way; the RAM is not reset, because `first` comes before any use.  The RAM is one wide word
// per index with a registered read and no read of a word that is being written (block RAM in every
// FPGA); a read is not done for `first`, a write not for `last`.

`default_nettype none

module weft_accumulator #(
    parameter  integer COLS      = 16,
    parameter  integer ACC_DEPTH = 512,
    localparam integer INDEX_W   = $clog2(ACC_DEPTH)
) (
    input  wire               clk,
    input  wire               rst,

    input  wire               valid,
    input  wire [INDEX_W-1:0] index,
    input  wire               first,
    input  wire               last,
    input  wire               max,
    input  wire               bias_en,
    input  wire [32*COLS-1:0] bias,             // int32 of column c at 32*c
    input  wire [32*COLS-1:0] sums,

    output reg                out_valid,
    output reg  [32*COLS-1:0] out_sums
);

`ifdef SYNTHESIS
    (* no_rw_check *)
    reg [32*COLS-1:0] mem [0:ACC_DEPTH-1];

    // An update: 0 what comes in; 1 the old value is here, from the RAM, the bias, or, if one of the three updates before
    // had the same index, on its way: NEAR, in the next cycle on out_sums, GONE, on out_sums now, or LAST, written
    // in this cycle; 2 the new value; 3 it is on out_sums and written.
    localparam [2:0] ZERO = 3'd0, BIAS = 3'd1, STORED = 3'd2, NEAR = 3'd3, GONE = 3'd4, LAST = 3'd5;
    reg               valid_1, valid_2, valid_3, last_1, last_2, last_3, max_1, max_2, near_2;
    reg [2:0]         from_1;
    reg [INDEX_W-1:0] index_1, index_2, index_3;
    reg [32*COLS-1:0] sums_1, sums_2, bias_1, stored_1, was_2, written;

    // The usual addition lane by lane in the text: a simulation then works on whole words, without shifting.
    wire [32*COLS-1:0] was = near_2 ? out_sums : was_2;
    wire [32*COLS-1:0] sum;
    genvar g;
    generate
        for (g = 0; g < COLS; g = g + 1) begin : g_lane
            assign sum[32*g +: 32] = was[32*g +: 32] + sums_2[32*g +: 32];
        end
    endgenerate

    always @(posedge clk) begin : update
        reg [31:0] c;
        reg [32*COLS-1:0] result;
        // 3
        if (valid_3) begin
            written <= out_sums;
            if (!last_3) mem[index_3] <= out_sums;
        end
        // 2
        if (valid_2) begin
            result = sum;
            if (max_2) begin
                result = was;
                for (c = 0; c < COLS; c = c + 1)
                    if ($signed(sums_2[32*c +: 32]) > $signed(was[32*c +: 32])) result[32*c +: 32] = sums_2[32*c +: 32];
            end
        end
        // 1
        if (valid_1)
            case (from_1)
                ZERO:    was_2 <= {32*COLS{1'b0}};
                BIAS:    was_2 <= bias_1;
                GONE:    was_2 <= out_sums;
                LAST:    was_2 <= written;
                default: was_2 <= stored_1;
            endcase
        if (valid_2) begin
            out_sums <= result;
            last_3 <= last_2;
            index_3 <= index_2;
        end
        if (valid_1) begin
            last_2 <= last_1;
            max_2 <= max_1;
            near_2 <= from_1 == NEAR;
            index_2 <= index_1;
            sums_2 <= sums_1;
        end
        // 0
        if (valid) begin
            from_1 <= first ? (bias_en ? BIAS : ZERO) : valid_1 && index == index_1 ? NEAR
                    : valid_2 && index == index_2 ? GONE : valid_3 && index == index_3 ? LAST : STORED;
            last_1 <= last;
            max_1 <= max && !first;
            index_1 <= index;
            sums_1 <= sums;
            if (first && bias_en) bias_1 <= bias;
            if (!first) stored_1 <= mem[index];
        end
        out_valid <= valid_2 && last_2 && !rst;
        valid_3 <= valid_2 && !rst;
        valid_2 <= valid_1 && !rst;
        valid_1 <= valid && !rst;
    end
`else
    // In simulation an update is done at once, in its first cycle; only what leaves waits, in the row of its cycle, even or odd.
    reg [31:0] acc [0:ACC_DEPTH-1][0:COLS-1];
    reg [31:0] leaving [0:1][0:COLS-1];
    reg        odd;
    reg [1:0]  under_way;                       // something came to leave a cycle ago; two cycles ago
    initial odd = 1'b0;

    /* verilator lint_off BLKSEQ */
    always @(posedge clk) begin : update
        reg [31:0]        c;
        reg [32*COLS-1:0] result;
        if (under_way[1]) begin
            for (c = 0; c < COLS; c = c + 1) result[32*c +: 32] = leaving[odd][c];
            out_sums <= result;
        end
        out_valid <= under_way[1] && !rst;
        if (valid) begin
            if (first && bias_en) begin
                for (c = 0; c < COLS; c = c + 1) acc[index][c] = sums[32*c +: 32] + bias[32*c +: 32];
            end else if (first) begin
                for (c = 0; c < COLS; c = c + 1) acc[index][c] = sums[32*c +: 32];
            end else if (max) begin
                for (c = 0; c < COLS; c = c + 1)
                    if ($signed(sums[32*c +: 32]) > $signed(acc[index][c])) acc[index][c] = sums[32*c +: 32];
            end else
                for (c = 0; c < COLS; c = c + 1) acc[index][c] = acc[index][c] + sums[32*c +: 32];
            if (last)
                for (c = 0; c < COLS; c = c + 1) leaving[odd][c] = acc[index][c];
        end
        under_way = rst ? 2'd0 : {under_way[0], valid && last};
        odd = !odd;
    end
    /* verilator lint_on BLKSEQ */
`endif
endmodule

`default_nettype wire
