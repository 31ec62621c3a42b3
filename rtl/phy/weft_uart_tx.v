// Bytes onto a serial line: a start bit, eight data bits, the lowest first, a stop bit; no parity.
//
// A phase accumulator counts bits: STEP / 2**STEP_W bits a clock.  The n-th bit of an unbroken run of bytes ends in the
// first clock in which n whole bits have passed, so a bit is at most one clock longer or shorter than the next and the
// rate is exact over any time.  Bytes follow each other without a pause while `valid` stays up.
//
// While `pause` is high no byte begins; the one on the line is finished.  `txd` comes from a register and is high after reset.

`default_nettype none

module weft_uart_tx #(
    parameter integer      STEP_W = 24,
    parameter [STEP_W-1:0] STEP   = 24'd1 << 22             // at most a quarter: four clocks a bit
) (
`ifdef FORMAL
    output wire [STEP_W-1:0] f_phase,
    output wire [3:0]        f_left,
    output wire [8:0]        f_rest,
`endif
    input  wire       clk,
    input  wire       rst,
    input  wire       pause,
    input  wire       valid,
    output wire       ready,
    input  wire [7:0] data,
    output reg        txd
);

    localparam [3:0] BITS = 4'd10;

    reg  [STEP_W-1:0] phase;                    // of the bit on the line, 0 at its beginning
    reg  [3:0]        left;                     // bits that have not ended, the one on the line included; 0: idle
    reg  [8:0]        rest;                     // data and stop bits to come, the next one lowest
    wire [STEP_W:0]   sum   = {1'b0, phase} + {1'b0, STEP};
    wire              tick  = sum[STEP_W] && left != 0;
    wire              begins = valid && ready;

    assign ready = !pause && (left == 0 || (tick && left == 4'd1));

    always @(posedge clk) begin
        if (tick) begin
            txd  <= rest[0];
            rest <= {1'b1, rest[8:1]};
            left <= left - 1'b1;
        end
        phase <= left == 0 ? {STEP_W{1'b0}} : sum[STEP_W-1:0];
        if (begins) begin
            txd  <= 1'b0;
            rest <= {1'b1, data};
            left <= BITS;
        end
        if (rst) begin
            txd  <= 1'b1;
            left <= 4'd0;
        end
    end

endmodule

`default_nettype wire
