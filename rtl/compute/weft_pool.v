// Maximum or sum of the words of a pooling vector, column by column, sign-extended to 32 bits.
//
// Two cycles: `sums` belongs to the vector that was on `word` with `en` two cycles before, and stays until the next.  Groups
// that take no part are left out; nothing is reset, the caller carries the valid bit.

`default_nettype none

module weft_pool #(
    parameter integer COLS = 16
) (
    input  wire                 clk,
    input  wire                 en,
    input  wire                 is_max,
    input  wire [2:0]           groups,         // 1..4
    input  wire [4*8*COLS-1:0]  word,
    output reg  [32*COLS-1:0]   sums
);

    localparam integer B = 8*COLS;

    // Sums of four bytes; simulation is faster with whole words.
`ifdef SYNTHESIS
    localparam integer K = 10;
`else
    localparam integer K = 32;
`endif
    function [K-1:0] extend(input [7:0] v);
        extend = {{K-8{v[7]}}, v};
    endfunction

    function [7:0] larger(input [7:0] p, input [7:0] q);
        larger = ($signed(p) > $signed(q)) ? p : q;
    endfunction

    // Of every column what groups 0 and 1 give, then 2 and 3.
    reg           en_1, max_1, more_1;
    reg [K*COLS-1:0] low_1, high_1;
    always @(posedge clk) begin : columns
        reg [31:0]  c;
        reg [7:0]   b_0, b_1, b_2, b_3;
        reg [K-1:0] low, high;
        if (en_1)
            for (c = 0; c < COLS; c = c + 1) begin
                low = low_1[K*c +: K];
                high = high_1[K*c +: K];
                if (!max_1) low = low + high;
                else if (more_1 && $signed(high) > $signed(low)) low = high;
                sums[32*c +: 32] <= 32'($signed(low));
            end
        if (en)
            for (c = 0; c < COLS; c = c + 1) begin
                b_0 = word[8*c +: 8];
                b_1 = word[B + 8*c +: 8];
                b_2 = word[2*B + 8*c +: 8];
                b_3 = word[3*B + 8*c +: 8];
                low_1[K*c +: K] <= !is_max ? extend(b_0) + (groups > 3'd1 ? extend(b_1) : {K{1'b0}})
                    : extend(groups > 3'd1 ? larger(b_0, b_1) : b_0);
                high_1[K*c +: K] <= !is_max ? (groups > 3'd2 ? extend(b_2) : {K{1'b0}}) + (groups > 3'd3 ? extend(b_3) : {K{1'b0}})
                    : extend(groups > 3'd3 ? larger(b_2, b_3) : b_2);
            end
        en_1 <= en;
        max_1 <= is_max;
        more_1 <= groups > 3'd2;
    end

endmodule

`default_nettype wire
