// WEFT_FIELD(bits, OP, NAME): the field of a command whose word 0 begins at bit 0 of `bits`, as wide as the contract says;
// and the part of a register.
// WEFT_GROUP(bits, OP, NAME): in the same way the words that the contract calls NAME.
// WEFT_FIELD_OF(bits, OP, GROUP, NAME): the field of a command of which `bits` holds only these words.
//
// A wire that is narrower or wider than the field is a WIDTH warning of Verilator, so a change of the contract is
// seen where it matters.
`ifndef WEFT_FIELD
`define WEFT_FIELD(bits, op, name) bits[weft_isa::op``_``name``_LSB +: weft_isa::op``_``name``_W]
`define WEFT_GROUP(bits, op, name) `WEFT_FIELD(bits, op, name)
`define WEFT_FIELD_OF(bits, op, group, name) bits[weft_isa::op``_``name``_LSB - weft_isa::op``_``group``_LSB +: weft_isa::op``_``name``_W]
`endif
