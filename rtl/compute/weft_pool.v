// Maximum or sum of the words of a pooling vector, column by column, sign-extended to 32 bits.
//
// One cycle: `sums` belongs to the vector that was on `word` in the cycle before.  Groups that
// take no part are left out; nothing is reset, the caller carries the valid bit.

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

    function [31:0] extend(input [7:0] v);
        extend = {{24{v[7]}}, v};
    endfunction

    function [7:0] larger(input [7:0] p, input [7:0] q);
        larger = ($signed(p) > $signed(q)) ? p : q;
    endfunction

    always @(posedge clk) if (en) begin : columns
        reg [31:0] c;
        reg [7:0]  b_0, b_1, b_2, b_3;
        for (c = 0; c < COLS; c = c + 1) begin
            b_0 = word[8*c +: 8];
            b_1 = word[B + 8*c +: 8];
            b_2 = word[2*B + 8*c +: 8];
            b_3 = word[3*B + 8*c +: 8];
            if (is_max) begin
                if (groups > 3'd1) b_0 = larger(b_0, b_1);
                if (groups > 3'd2) b_0 = larger(b_0, b_2);
                if (groups > 3'd3) b_0 = larger(b_0, b_3);
                sums[32*c +: 32] <= extend(b_0);
            end else begin
                sums[32*c +: 32] <= extend(b_0) + (groups > 3'd1 ? extend(b_1) : 32'd0)
                    + (groups > 3'd2 ? extend(b_2) : 32'd0) + (groups > 3'd3 ? extend(b_3) : 32'd0);
            end
        end
    end

endmodule

`default_nettype wire
