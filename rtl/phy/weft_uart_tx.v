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

`ifdef FORMAL
    // The line, drawn from one wide accumulator: how far into the frame it is, in bits times 2**STEP_W.
    localparam integer   F_W = STEP_W + 5;
    localparam [F_W-1:0] F_END = 10 << STEP_W;
    reg                  f_past = 1'b0, f_busy = 1'b0;
    reg  [F_W-1:0]       f_at = 0;
    reg  [9:0]           f_frame;
    wire [3:0]           f_bit  = f_at >> STEP_W;
    wire [F_W-1:0]       f_next = f_at + STEP;
    wire                 f_ends = f_busy && f_next >= F_END;
    wire                 f_begins = valid ? ready : 1'b0;
    always @(posedge clk) begin
        f_past <= 1'b1;
        f_busy <= !rst && (f_begins || (f_busy && !f_ends));
        f_at   <= f_ends ? f_next - F_END : f_busy ? f_next : 0;
        if (f_begins) f_frame <= {1'b1, data, 1'b0};
    end
    always @(*) begin
        if (!f_past) assume (rst);
        if (f_past) begin
            assert (txd == (f_busy ? f_frame[f_bit] : 1'b1));
            assert (ready == (!pause && (!f_busy || f_ends)));
            assert (!f_busy || f_at < F_END);
            assert (left == (f_busy ? BITS - f_bit : 4'd0));
            if (f_busy) assert (phase == f_at[STEP_W-1:0]);
            if (f_busy) assert (rest == ((10'h3ff << (9 - f_bit)) | (f_frame >> (f_bit + 1))) % 512);
        end
    end
    always @(posedge clk) if (f_past && !rst) cover (f_ends && f_begins);
`endif

endmodule

`default_nettype wire
