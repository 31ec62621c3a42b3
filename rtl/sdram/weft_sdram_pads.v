// The pins of a SDRAM: all through registers, so that their times are those of the pads alone; the chip's clock is the inverse of clk.
//
//     command, address, data out in cycle t  ->  at the pins in cycle t + 1; the chip looks in the middle of that cycle
//     data that the chip shows at its edge in the middle of cycle t  ->  dq_in in cycle t + 1
//
// So the way to the chip has half a cycle each for setup and hold, and the way back a whole cycle from the chip's edge to the one
// that catches the data.  This is the form for simulation; ecp5/weft_sdram_pads.v has the registers in the pads.

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
    output reg  [15:0] dq_in,

    output wire        pin_clk,
    output reg         pin_cke,
    output wire        pin_cs_n,
    output reg         pin_ras_n,
    output reg         pin_cas_n,
    output reg         pin_we_n,
    output reg  [1:0]  pin_ba,
    output reg  [12:0] pin_a,
    output reg  [1:0]  pin_dqm,
    inout  wire [15:0] pin_dq
);

    reg [15:0] data, caught;
    reg        drive;
    assign pin_clk  = !clk;
    assign pin_cs_n = 1'b0;
    assign pin_dq   = drive ? data : 16'hzzzz;

    always @(posedge clk) begin
        {pin_ras_n, pin_cas_n, pin_we_n, pin_ba, pin_a, pin_dqm} <= {ras_n, cas_n, we_n, ba, a, dqm};
        pin_cke <= cke;
        data    <= dq_out;
        drive   <= dq_drive;
        dq_in   <= caught;
    end
    always @(negedge clk) caught <= pin_dq;

endmodule

`default_nettype wire
