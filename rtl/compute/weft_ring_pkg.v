// Steps from row slot to row slot in a ring of the feature buffer (rtl/isa/README.md, "Feature buffer").
//
// A row slot lies in the `size` words before `top`; here it is kept as slot - top modulo the words of a bank, so that a sum
// carries out of these bits when it leaves the ring.  The step of d rows is da words and, where the low bits of the row carry
// into the next slot, pitch more; each wraps at top.  As the slots of a ring are numbers modulo size, that is one addition of a
// constant, which a command forms once as a `way`, {back, ahead}: ahead words, or, where these lead to top or beyond,
// back = ahead - size.
//
// `mask` is the words of a bank, less one.  All numbers have 16 bits; what the mask leaves zero gets no registers.

`default_nettype none

package weft_ring;

    // The way of `words` words, less than size.
    function [31:0] short_way(input [15:0] words, input [15:0] size, input [15:0] mask);
        short_way = {(words - size) & mask, words & mask};
    endfunction

    // Of less than twice size.  Of the differences the sign and the low bits are used.
    /* verilator lint_off UNUSEDSIGNAL */
    function [31:0] medium_way(input [16:0] words, input [15:0] size, input [15:0] mask);
        reg [17:0] less_1, less_2;
        begin
            less_1 = {1'b0, words} - {2'd0, size};
            less_2 = {1'b0, words} - {1'b0, size, 1'b0};
            medium_way = less_1[17] ? {less_1[15:0] & mask, words[15:0] & mask} : {less_2[15:0] & mask, less_1[15:0] & mask};
        end
    endfunction

    // Of less than three times size.
    function [31:0] long_way(input [17:0] words, input [15:0] size, input [15:0] mask);
        reg [18:0] less_1, less_2, less_3;
        begin
            less_1 = {1'b0, words} - {3'd0, size};
            less_2 = {1'b0, words} - {2'd0, size, 1'b0};
            less_3 = {1'b0, words} - ({3'd0, size} + {2'd0, size, 1'b0});
            long_way = less_1[18] ? {less_1[15:0] & mask, words[15:0] & mask}
                     : less_2[18] ? {less_2[15:0] & mask, less_1[15:0] & mask} : {less_3[15:0] & mask, less_2[15:0] & mask};
        end
    endfunction
    /* verilator lint_on UNUSEDSIGNAL */

    // The slot after a step.
    function [15:0] step(input [15:0] slot, input [31:0] way, input [15:0] mask);
        reg [15:0] ahead;
        begin
            ahead = slot + way[15:0];
            step = ((ahead & ~mask) != 0 ? slot + way[31:16] : ahead) & mask;
        end
    endfunction

    // The low bits of a row carry in a step of d rows.
    function carry(input [1:0] r, input [1:0] d);
        carry = {1'b0, r} + {1'b0, d} > 3'd3;
    endfunction

endpackage

`default_nettype wire
