// The five token counters, in the order
//
//     0 load->compute   1 compute->load   2 compute->store   3 store->compute   4 store->load
//
// push[i] gives a token to counter i, pop[i] takes one; `some` says which counters are above zero (a
// token shows one cycle after its push).  pop[i] only while some[i].  `clear` sets all to zero.
// 24 bits hold a token of every command of the longest program, so nothing overflows.

`default_nettype none

module weft_tokens (
    input  wire       clk,
    input  wire       rst,
    input  wire       clear,
    input  wire [4:0] push,
    input  wire [4:0] pop,
    output wire [4:0] some
);

    genvar g;
    generate
        for (g = 0; g < 5; g = g + 1) begin : g_counter
            reg [23:0] count;
            assign some[g] = count != 0;
            always @(posedge clk)
                if (rst || clear) count <= 0;
                else if (push[g] != pop[g]) count <= push[g] ? count + 1'b1 : count - 1'b1;
        end
    endgenerate

`ifndef SYNTHESIS
    always @(posedge clk) if (!rst && !clear)
        if ((pop & ~some) != 0) $fatal(1, "%m: a token was taken that nobody gave");
`endif

endmodule

`default_nettype wire
