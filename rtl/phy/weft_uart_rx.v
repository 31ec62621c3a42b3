// Bytes from a serial line: a start bit, eight data bits, the lowest first, a stop bit; no parity.
//
// Each bit is looked at three times, in the first clocks at or behind 3/8, 4/8 and 5/8 of its length, and two of three
// decide.  Its place is counted by a phase accumulator (STEP / 2**STEP_W bits a clock, at most 1/4), set anew by the falling
// edge of every start bit; with fewer than eight clocks a bit two of the looks may fall on one clock.
//
//     valid        a byte came whole: a start bit that was still low in its middle, and a stop bit that was high
//     frame_error  the stop bit was low, and not all data bits were: the byte is dropped
//     break_begin  start, data and stop bit were all low
//
// Each is high for one clock, 5/8 of a bit into the stop bit; there is no `ready`.  A start bit that is high in its middle is
// noise and is not told.  After an error, and after reset, the line has to be high once before a start bit counts.
// The next start bit may come at once after that moment, so the sender may be faster or slower by 3 %.

`default_nettype none

module weft_uart_rx #(
    parameter integer      STEP_W = 24,
    parameter [STEP_W-1:0] STEP   = 24'd1 << 22             // at most a quarter: four clocks a bit
) (
`ifdef FORMAL
    output wire [STEP_W-1:0] f_phase,
    output wire [1:0]        f_state,
    output wire [3:0]        f_at,
    output wire [7:0]        f_bits,
    output wire [1:0]        f_ones,
    output wire              f_line,
`endif
    input  wire       clk,
    input  wire       rst,
    input  wire       rxd,                      // of any clock
    output reg        valid,
    output wire [7:0] data,
    output reg        frame_error,
    output reg        break_begin
);

    localparam [1:0] WAIT = 2'd0, IDLE = 2'd1, BUSY = 2'd2;

    wire line;
    weft_cdc_sync u_line (.clk(clk), .in(rxd), .out(line));

    reg  [1:0]        state;
    reg  [3:0]        at;                       // bit: 0 start, 1 to 8 data, 9 stop
    reg  [STEP_W-1:0] phase;                    // of the clock before
    reg  [7:0]        bits;
    reg  [1:0]        ones;                     // looks at this bit that were high
    wire [STEP_W-1:0] now   = phase + STEP;     // where in its bit `line` is
    wire [2:0]        was_8 = phase[STEP_W-1 -: 3], now_8 = now[STEP_W-1 -: 3];
    wire              last  = was_8 < 3'd5 && now_8 >= 3'd5;
    wire [1:0]        looks = {1'b0, was_8 < 3'd3 && now_8 >= 3'd3} + {1'b0, was_8 < 3'd4 && now_8 >= 3'd4} + {1'b0, last};
    wire [1:0]        sum   = ones + (line ? looks : 2'd0);
    wire              value = sum[1];           // two or three of three

    assign data = bits;

    always @(posedge clk) begin
        valid       <= 1'b0;
        frame_error <= 1'b0;
        break_begin <= 1'b0;
        case (state)
            IDLE: if (!line) state <= BUSY;
            BUSY: if (last) begin
                at <= at + 1'b1;
                if (at == 0) begin
                    if (value) state <= WAIT;
                end else if (at != 4'd9) begin
                    bits <= {value, bits[7:1]};
                end else begin
                    state       <= value ? IDLE : WAIT;
                    valid       <= value;
                    frame_error <= !value && bits != 0;
                    break_begin <= !value && bits == 0;
                end
            end
            default: if (line) state <= IDLE;
        endcase
        // The edge lies half a clock before the first low clock, give or take half a clock.
        phase <= state == BUSY ? now : STEP >> 1;
        ones  <= last ? 2'd0 : sum;
        if (state != BUSY) begin
            at   <= 4'd0;
            ones <= 2'd0;
        end
        if (rst) begin
            state       <= WAIT;
            valid       <= 1'b0;
            frame_error <= 1'b0;
            break_begin <= 1'b0;
        end
    end

endmodule

`default_nettype wire
