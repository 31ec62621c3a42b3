// weft_sdram_pads with its registers in the pads of an ECP5: the times of the pins do not depend on where the logic lies.  Goes in the
// place of sdram/weft_sdram_pads.v in the list of sources; that one says what each cycle means.

`default_nettype none

module weft_sdram_pads (
    input  wire        clk,
    input  wire        cke,
    input  wire        ras_n,
    input  wire        cas_n,
    input  wire        we_n,
    input  wire [1:0]  ba,
    input  wire [12:0] a,
    input  wire [1:0]  dqm,
    input  wire [15:0] dq_out,
    input  wire        dq_drive,
    output wire [15:0] dq_in,

    output wire        pin_clk,
    output wire        pin_cke,
    output wire        pin_cs_n,
    output wire        pin_ras_n,
    output wire        pin_cas_n,
    output wire        pin_we_n,
    output wire [1:0]  pin_ba,
    output wire [12:0] pin_a,
    output wire [1:0]  pin_dqm,
    inout  wire [15:0] pin_dq
);

    // Low in the first half of a cycle: its edge is in the middle of what the other pins show.
    ODDRX1F u_clk (.SCLK(clk), .RST(1'b0), .D0(1'b0), .D1(1'b1), .Q(pin_clk));
    assign pin_cs_n = 1'b0;

    weft_pad_register u_commands [20:0] (
        .clk(clk), .d({cke, ras_n, cas_n, we_n, ba, a, dqm}),
        .q({pin_cke, pin_ras_n, pin_cas_n, pin_we_n, pin_ba, pin_a, pin_dqm}));

    genvar i;
    generate
        for (i = 0; i < 16; i = i + 1) begin : g_dq
            wire out, release_pin, in;
            weft_pad_register u_out (.clk(clk), .d(dq_out[i]), .q(out));
            weft_pad_register u_drive (.clk(clk), .d(!dq_drive), .q(release_pin));
            // Q1: what was there at the falling edge, which is the chip's rising one.
            /* verilator lint_off PINCONNECTEMPTY */
            IDDRX1F u_in (.SCLK(clk), .RST(1'b0), .D(in), .Q0(), .Q1(dq_in[i]));
            /* verilator lint_on PINCONNECTEMPTY */
            TRELLIS_IO #(.DIR("BIDIR")) u_pad (.B(pin_dq[i]), .I(out), .T(release_pin), .O(in));
        end
    endgenerate

endmodule

// A register that stays in its pad.
module weft_pad_register (
    input  wire clk,
    input  wire d,
    output wire q
);

    (* syn_useioff, keep *)
    TRELLIS_FF #(.GSR("DISABLED"), .CEMUX("1"), .CLKMUX("CLK"), .LSRMUX("LSR"), .REGSET("RESET")) u_ff (
        .CLK(clk), .LSR(1'b0), .DI(d), .Q(q));

endmodule

`default_nettype wire
