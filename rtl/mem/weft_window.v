// Does a burst lie inside [base, limit)?  Combinational, exact: the end is taken with 33 bits.

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

    wire [32:0] after = {1'b0, addr} + {{28-BEAT_W{1'b0}}, beats, {BEAT_W{1'b0}}};

    assign fits = addr >= base && after <= {1'b0, limit};

endmodule

`default_nettype wire
