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
    output reg  [4:0] some
);

    reg  [23:0] count_0, count_1, count_2, count_3, count_4;

    always @(posedge clk) begin : count
        reg [4:0] gives, takes;                 // in variables: most cycles have no use for them
        gives = push;
        takes = pop;
`ifndef SYNTHESIS
        if (!rst && !clear && (takes & ~some) != 0) $fatal(1, "%m: a token was taken that nobody gave");
`endif
        if (gives != takes) begin
            // Whoever waits for a token asks a register, not 24 bits.
            if (gives[0] != takes[0]) some[0] <= gives[0] || count_0 != 24'd1;
            if (gives[1] != takes[1]) some[1] <= gives[1] || count_1 != 24'd1;
            if (gives[2] != takes[2]) some[2] <= gives[2] || count_2 != 24'd1;
            if (gives[3] != takes[3]) some[3] <= gives[3] || count_3 != 24'd1;
            if (gives[4] != takes[4]) some[4] <= gives[4] || count_4 != 24'd1;
            if (gives[0] != takes[0]) count_0 <= gives[0] ? count_0 + 24'd1 : count_0 - 24'd1;
            if (gives[1] != takes[1]) count_1 <= gives[1] ? count_1 + 24'd1 : count_1 - 24'd1;
            if (gives[2] != takes[2]) count_2 <= gives[2] ? count_2 + 24'd1 : count_2 - 24'd1;
            if (gives[3] != takes[3]) count_3 <= gives[3] ? count_3 + 24'd1 : count_3 - 24'd1;
            if (gives[4] != takes[4]) count_4 <= gives[4] ? count_4 + 24'd1 : count_4 - 24'd1;
        end
        if (rst || clear) begin
            count_0 <= 24'd0;
            count_1 <= 24'd0;
            count_2 <= 24'd0;
            count_3 <= 24'd0;
            count_4 <= 24'd0;
            some    <= 5'd0;
        end
    end

endmodule

`default_nettype wire
