// Does a burst lie inside [base, limit)?  Combinational and exact for bursts as memory masters take them: aligned to MEM_BYTES,
// inside one multiple of 16*MEM_BYTES.  Where such a burst ends inside its multiple is a sum of five bits, so nothing
// waits for the carries of a whole address.

`default_nettype none

module weft_window #(
    parameter integer MEM_BYTES = weft_isa::MEM_BYTES
) (
    input  wire [31:0] base,
    input  wire [31:0] limit,
    input  wire [31:0] addr,
    input  wire [4:0]  beats,
    output wire        fits
);

    localparam integer BEAT_W = $clog2(MEM_BYTES);

    localparam integer EDGE_W = BEAT_W + 4;

    // Below the limit by whole multiples, or in that of the limit and not behind it.
    wire [4:0] after = {1'b0, addr[BEAT_W +: 4]} + beats;
    wire       below = addr[31:EDGE_W] < limit[31:EDGE_W];
    wire       level = addr[31:EDGE_W] == limit[31:EDGE_W] && after <= {1'b0, limit[BEAT_W +: 4]};

    assign fits = addr >= base && (below || level);

    wire unused = &{1'b0, limit[BEAT_W-1:0]};

endmodule

`default_nettype wire
