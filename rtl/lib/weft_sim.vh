// What the Verilated model does otherwise than hardware (weft_clock.v, weft_gate.v); not in models built with WEFT_UNGATED.
`ifdef VERILATOR
`ifndef WEFT_UNGATED
`define WEFT_GATED
`endif
`endif
