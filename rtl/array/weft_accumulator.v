// The accumulators: ACC_DEPTH vectors of COLS int32, each sum added to one of them in two cycles.
//
//     valid, index, ..., sums in cycle t  ->  if last: out_valid, out_sums in cycle t + LATENCY
//     LATENCY = 2
//
//   first   the accumulator is set to sums, plus bias if bias_en
//   else    it is set to accumulator + sums; with max, to the larger of the two (signed)
//   last    the new value leaves on out_sums; the accumulator itself is then undefined
//
// Additions wrap.  One update a cycle; equal indices may follow each other at any distance: a value
// not yet in the RAM is taken from the register in front of it.
//
// out_sums changes with every update and means something only with out_valid.  `rst` drops updates
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

    (* no_rw_check *)
    reg [32*COLS-1:0] mem [0:ACC_DEPTH-1];

    // Second cycle of an update: what came in, and the old value: nothing, the bias, from the RAM,
    // or from out_sums because the last update had the same index.
    localparam [1:0] ZERO = 2'd0, BIAS = 2'd1, STORED = 2'd2, NEAR = 2'd3;
    reg               s_valid, s_last, s_max;
    reg [1:0]         s_from;
    reg [INDEX_W-1:0] s_index;
    reg [32*COLS-1:0] s_sums, s_bias, s_stored;

    wire near = index == s_index;

    always @(posedge clk) begin
        s_valid <= valid && !rst;
        out_valid <= s_valid && s_last && !rst;
        if (valid) begin
            s_last <= last;
            s_max <= max && !first;
            s_from <= first ? (bias_en ? BIAS : ZERO) : near ? NEAR : STORED;
            s_index <= index;
            s_sums <= sums;
        end
        if (valid && first && bias_en) s_bias <= bias;
        if (valid && !first) s_stored <= mem[index];
    end

    // The usual addition lane by lane in the text: a simulation then works on whole words, without shifting.
    wire [32*COLS-1:0] was = s_from == STORED ? s_stored : s_from == NEAR ? out_sums : s_bias;
    wire [32*COLS-1:0] sum;
    genvar g;
    generate
        for (g = 0; g < COLS; g = g + 1) begin : g_lane
            assign sum[32*g +: 32] = was[32*g +: 32] + s_sums[32*g +: 32];
        end
    endgenerate

    always @(posedge clk) begin : update
        reg [31:0] c;
        reg [32*COLS-1:0] result;
        if (s_valid) begin
            result = s_from == ZERO ? s_sums : sum;
            if (s_max) begin
                result = was;
                for (c = 0; c < COLS; c = c + 1)
                    if ($signed(s_sums[32*c +: 32]) > $signed(was[32*c +: 32])) result[32*c +: 32] = s_sums[32*c +: 32];
            end
            out_sums <= result;
            if (!s_last) mem[s_index] <= result;
        end
    end
endmodule

`default_nettype wire
