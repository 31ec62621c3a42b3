// Steps from row slot to row slot in a ring of the feature buffer (rtl/isa/README.md, "Feature buffer").

`default_nettype none

package weft_ring;

    // A ring address: one compare and one subtraction.
    function [15:0] wrap(input [16:0] slot, input [15:0] top, input [15:0] size);
        wrap = (slot >= {1'b0, top}) ? slot[15:0] - size : slot[15:0];
    endfunction

    // The slot d rows (two low bits of d, and its words da) after the slot of a row with low bits r.
    function [15:0] step(input [15:0] slot, input [1:0] r, input [1:0] d, input [15:0] da,
                         input [15:0] pitch, input [15:0] top, input [15:0] size);
        reg [15:0] m;
        begin
            m = wrap({1'b0, slot} + {1'b0, da}, top, size);
            step = ({1'b0, r} + {1'b0, d} > 3'd3) ? wrap({1'b0, m} + {1'b0, pitch}, top, size) : m;
        end
    endfunction

endpackage

`default_nettype wire
