// The clock of a unit that may stand still: `gclk` is `clk` without the cycles in which nothing can change.
//
// The unit stays clocked while `awake` or `pin` is high and for LINGER cycles after that; whoever
// instantiates this promises that the registers behind gclk would keep their values in every cycle left
// out.  So the gate changes no result and no cycle count, only the time a simulation takes: it is a gate in
// the Verilated model alone, a wire elsewhere (synthesis infers its own enables), and a wire in models
// built with WEFT_UNGATED, whose runs must equal those of the others cycle by cycle.

`default_nettype none
`include "weft_sim.vh"

module weft_gate #(
    parameter integer LINGER = 4                // cycles, at least 1
) (
    input  wire clk,
    input  wire awake,
    input  wire pin,                            // wakes too: of inputs of the chip alone, so that their moves evaluate little
    output wire gclk
);

`ifdef WEFT_GATED
    localparam integer W = $clog2(LINGER + 1);
    reg  [W-1:0] left;                          // cycles
    wire         wakes = awake || pin;
    initial left = LINGER[W-1:0];
    always @(posedge clk) begin
        if (left != 0) left <= left - 1'b1;
        if (wakes) left <= LINGER[W-1:0];
    end
    assign gclk = clk & (pin || awake || left != 0);           // clk is a pulse (weft_clock.v): it is low before awake moves
`else
    wire unused = awake && pin && LINGER != 0;
    assign gclk = clk;
`endif

endmodule

`default_nettype wire
