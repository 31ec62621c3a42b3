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

`ifdef FORMAL
    // If f_ideal: a sender with the same rate, any bytes and any pauses, whose edges lie anywhere between two clocks: f_at is how far into its frame
    // `line` is, in bits times 2**STEP_W, f_begun where the first clock of the frame was.
    localparam integer   F_W   = STEP_W + 5;
    localparam [F_W-1:0] F_BIT = 1 << STEP_W, F_END = 10 << STEP_W;
    (* anyconst *) reg            f_ideal;
    (* anyseq *) reg              f_start;
    (* anyseq *) reg [STEP_W-1:0] f_first;
    (* anyseq *) reg [7:0]        f_byte;
    reg                  f_past = 1'b0, f_busy = 1'b0, f_told = 1'b1, f_now = 1'b0;
    reg  [1:0]           f_calm = 0;            // clocks after reset, up to 3
    reg  [F_W-1:0]       f_at, f_begun;
    reg  [9:0]           f_frame;
    reg  [7:0]           f_given;
    // In the clock before: the state, the line, whether a start or stop bit was decided and was high.
    reg  [1:0]           f_was;
    reg                  f_ran = 1'b0, f_was_line, f_decided, f_stop, f_start_bit;
    wire [3:0]           f_bit  = f_at >> STEP_W;
    wire                 f_tells = state == BUSY && last && at == 4'd9;
    wire [F_W-1:0]       f_next = f_at + STEP;
    wire                 f_ends = f_busy && f_next >= F_END;
    // How far the receiver believes the clock before was: bits decided, less the one whose 5/8 lie behind that clock.
    wire [F_W-1:0]       f_believed = ((at - (was_8 >= 3'd5 ? 1'b1 : 1'b0)) << STEP_W) + phase;
    wire [3:0]           f_of   = f_believed >> STEP_W;
    wire [1:0]           f_done = was_8 < 3'd3 || was_8 >= 3'd5 ? 2'd0 : was_8 == 3'd3 ? 2'd1 : 2'd2;
    always @(posedge clk) begin
        f_past <= 1'b1;
        f_calm <= rst ? 2'd0 : f_calm == 2'd3 ? 2'd3 : f_calm + 1'b1;
        f_at   <= f_next;
        f_now  <= !rst && f_tells;
        f_ran  <= !rst;
        f_was  <= state;
        f_was_line  <= line;
        f_start_bit <= at == 0;
        f_decided <= last && (at == 0 || at == 4'd9);
        f_stop <= ones + looks * line > 1;
        if (f_ends) f_busy <= 1'b0;
        if (f_tells) begin
            f_told  <= 1'b1;
            f_given <= f_frame[8:1];
        end
        if (f_start && (!f_busy || f_ends) && f_calm == 2'd3) begin
            f_busy  <= 1'b1;
            f_told  <= 1'b0;
            f_frame <= {1'b1, f_byte, 1'b0};
            f_at    <= f_first;
            f_begun <= f_first;
        end
        if (rst) begin
            f_busy <= 1'b0;
            f_told <= 1'b1;
        end
    end
    always @(*) begin
        if (!f_past) assume (rst);
        assume (!f_ideal || line == (f_busy ? f_frame[f_bit] : 1'b1));
        assume (f_first < STEP);
        if (f_past) begin
            // Whatever the line does: one answer for each stop bit, and the steps from state to state.
            assert (state == WAIT || state == IDLE || state == BUSY);
            if (state == BUSY) assert (at <= 4'd9 && (at != 0 || was_8 < 3'd5) && ones <= f_done);
            assert (valid + frame_error + break_begin == f_now);
            if (f_now) assert (valid == f_stop && (valid || break_begin == (data == 0)));
            if (f_ran) assert (state == (f_was == BUSY ? (!f_decided ? BUSY : f_stop && !f_start_bit ? IDLE : !f_stop && f_start_bit ? BUSY : WAIT) :
                                         f_was == IDLE ? (f_was_line ? IDLE : BUSY) : f_was_line ? IDLE : WAIT));
        end
        if (f_past && f_ideal) begin
            // No error, and each byte once, as it was sent, before its stop bit ends.
            assert (!frame_error && !break_begin && (!valid || data == f_given));
            if (f_ends) assert (f_told || f_tells);
            // The receiver's place in the frame is the sender's, less where that began, but for half a clock.
            assert (state != WAIT || f_calm <= 2'd2);
            if (f_busy) assert (f_calm == 2'd3 && (!f_told || f_bit == 4'd9));
            if (f_busy) assert (f_at >= f_begun && f_at < F_END && f_begun < STEP && f_frame[9] && !f_frame[0]);
            if (state == BUSY) begin
                assert (f_busy && !f_told);
                assert (f_believed + f_begun + STEP == f_at + (STEP >> 1));
                assert (ones == (f_frame[f_of] ? f_done : 2'd0));
                if (at > 1) assert (bits >> (9 - at) == ((f_frame[8:1] << (9 - at)) & 8'hff) >> (9 - at));
            end else assert (!f_busy || f_told || f_at == f_begun);
            if (f_busy && f_at == f_begun) assert (!f_told && state == IDLE);
        end
    end
    always @(posedge clk) if (f_past && !rst) cover (valid);
`endif

endmodule

`default_nettype wire
