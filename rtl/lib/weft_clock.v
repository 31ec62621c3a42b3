// The clock of the chip: a wire, but in the Verilated model a pulse that ends with the edge it makes.
//
// A simulated cycle is then one evaluation instead of two: `clk` stays high, the loop of the simulation
// clears `spent`, and the edge sets it again, so that every clock behind it falls without being looked
// at twice.  That changes neither results nor cycle counts, only time: models built with WEFT_UNGATED have the
// wire, and their runs must equal those of the others cycle by cycle.

`default_nettype none
`include "weft_sim.vh"

module weft_clock (
    input  wire clk,
    output wire core_clk
);

`ifdef WEFT_GATED
    reg spent;
    initial spent = 1'b1;
    always @(posedge core_clk) spent <= 1'b1;
    assign core_clk = clk & !spent;
`else
    assign core_clk = clk;
`endif

endmodule

`default_nettype wire
