// WEFT_ASSERT(cond, text): a fact about the design, checked in every simulation and proved by tests/formal.
//
// In simulation a violation ends the run with a status other than 0 (a plain assert under Icarus
// does not).  Used inside `ifndef SYNTHESIS, in clocked blocks; the macro brings its own `if`.
`ifndef WEFT_ASSERT
`ifdef FORMAL
`define WEFT_ASSERT(cond, text) assert (cond)
`else
`define WEFT_ASSERT(cond, text) if (!(cond)) $fatal(1, "%m: %s", text)
`endif
`endif
