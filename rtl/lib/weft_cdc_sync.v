// Bits of another clock domain, seen on `clk` two to three cycles later.
//
// Each bit by itself: bits that change together may arrive a cycle apart, so several bits belong together only if one
// of them changes at a time (Gray code).  `in` comes straight from a register.  No reset: `out` follows `in`.

`default_nettype none

module weft_cdc_sync #(
    parameter integer WIDTH = 1
) (
`ifdef FORMAL
    output wire [WIDTH-1:0] f_first,            // the register between, for invariants
`endif
    input  wire             clk,
    input  wire [WIDTH-1:0] in,
    output reg  [WIDTH-1:0] out
);

    reg [WIDTH-1:0] first;

`ifdef FORMAL
    assign f_first = first;
`endif

    always @(posedge clk) begin
        out   <= first;
        first <= in;
    end

endmodule

`default_nettype wire
