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

    reg  [23:0] count_0, count_1, count_2, count_3, count_4;
    wire [4:0]  change = push ^ pop;

    assign some = {count_4 != 0, count_3 != 0, count_2 != 0, count_1 != 0, count_0 != 0};

    always @(posedge clk)
        if (rst || clear) begin
            count_0 <= 24'd0;
            count_1 <= 24'd0;
            count_2 <= 24'd0;
            count_3 <= 24'd0;
            count_4 <= 24'd0;
        end else if (change != 0) begin
            if (change[0]) count_0 <= push[0] ? count_0 + 24'd1 : count_0 - 24'd1;
            if (change[1]) count_1 <= push[1] ? count_1 + 24'd1 : count_1 - 24'd1;
            if (change[2]) count_2 <= push[2] ? count_2 + 24'd1 : count_2 - 24'd1;
            if (change[3]) count_3 <= push[3] ? count_3 + 24'd1 : count_3 - 24'd1;
            if (change[4]) count_4 <= push[4] ? count_4 + 24'd1 : count_4 - 24'd1;
        end

`ifndef SYNTHESIS
    always @(posedge clk) if (!rst && !clear)
        if ((pop & ~some) != 0) $fatal(1, "%m: a token was taken that nobody gave");
`endif

endmodule

`default_nettype wire
