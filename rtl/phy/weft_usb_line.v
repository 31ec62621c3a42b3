// State of the bus as the line tells it: attach, reset, the handshake to high speed, suspend, resume.
//
//     OFF       until `attach`
//     FULL      at full speed: pull-up on, normal packets
//     CHIRP     after 2.5 us of SE0, if CAPABLE: K for 2 ms
//     LISTEN    for three pairs of K and J of at least 2.5 us from a host that can do high speed; within 2 ms, then
//               HIGH, else WAIT
//     WAIT      for the end of the reset at full speed, or for the pull-up to show after attaching
//     HIGH      at high speed
//     REVERT    after 3 ms without anything at high speed: full speed's termination, and 200 us later the line tells
//               reset (SE0) from suspend (J)
//     SUSPENDED after 3 ms of J; K begins to resume, SE0 is a reset
//     RESUMING  K until SE0 or J, then back to the speed there was
//
// MS is the length of a millisecond in cycles, FILTER of 2.5 us: longer than any SE0 between packets.  To the front
// end: xcvr_full and term_full choose the transceiver and termination of full speed, op_mode 0 normal, 1 off the bus,
// 2 no bit stuffing; with `chirp` it is to send K (a packet of zeros in op_mode 2).  `line` is {D-, D+}; at high
// speed it is not 0 while something is sent.

`default_nettype none

module weft_usb_line #(
    parameter [0:0]   CAPABLE = 1'b1,
    parameter integer MS      = 60000,
    parameter integer FILTER  = 150
) (
    input  wire       clk,
    input  wire       rst,
    input  wire       attach,
    input  wire [1:0] line,
    input  wire       rx_active,

    output wire       xcvr_full,
    output wire       term_full,
    output wire [1:0] op_mode,
    output wire       chirp,

    output wire       bus_reset,
    output reg        high_speed,
    output wire       suspended
);

    localparam [3:0] OFF = 4'd0, FULL = 4'd1, CHIRP = 4'd2, LISTEN = 4'd3, WAIT = 4'd4, HIGH = 4'd5, REVERT = 4'd6,
                     SUSPENDED = 4'd7, RESUMING = 4'd8;
    localparam [1:0] SE0 = 2'b00, J = 2'b01, K = 2'b10;
    localparam integer W = $clog2(3 * MS + 1);
    localparam integer FILTER_W = $clog2(FILTER + 1);

    reg [3:0]          state;
    reg [1:0]          was;
    reg [FILTER_W-1:0] still;                                  // cycles since the line changed
    reg [W-1:0]        spent;                                  // cycles in this state, or since something happened in FULL and HIGH
    reg [2:0]          pulses;                                 // of the host's chirp
    wire               steady = still == FILTER_W'(FILTER) && line == was;
    wire [1:0]         pulse  = pulses[0] ? J : K;             // the one that is waited for

    assign xcvr_full = state != CHIRP && state != LISTEN && state != HIGH;
    assign term_full = state != HIGH && state != OFF;
    assign op_mode   = state == OFF ? 2'd1 : state == CHIRP || state == LISTEN ? 2'd2 : 2'd0;
    assign chirp     = state == CHIRP && spent > W'(2 * FILTER);
    assign bus_reset = state == OFF || state == CHIRP || state == LISTEN || state == WAIT;
    assign suspended = state == SUSPENDED;

    always @(posedge clk) begin : follow
        reg [3:0] next;
        next = state;
        case (state)
            OFF:       if (attach) next = WAIT;
            FULL:      if (steady && line == SE0) next = CHIRP;
                       else if (spent == W'(3 * MS) && line == J) next = SUSPENDED;
            CHIRP:     if (!CAPABLE) next = WAIT;
                       else if (spent == W'(2 * MS)) next = LISTEN;
            LISTEN:    if (pulses == 3'd6) next = HIGH;
                       else if (spent == W'(2 * MS)) next = WAIT;
            WAIT:      if (steady && line == J) next = FULL;
            HIGH:      if (spent == W'(3 * MS)) next = REVERT;
            REVERT:    if (spent == W'(MS / 5)) next = line == SE0 ? CHIRP : SUSPENDED;
            SUSPENDED: if (steady && line == SE0) next = CHIRP;
                       else if (line == K && steady) next = RESUMING;
            RESUMING:  if (line == SE0 || line == J) next = high_speed ? HIGH : FULL;
            default:   next = OFF;
        endcase
        if (!attach) next = OFF;

        was <= line;
        if (line != was) still <= 0;
        else if (still != FILTER_W'(FILTER)) still <= still + 1'b1;

        if (next != state || ((state == FULL || state == HIGH) && (line != was || rx_active))) spent <= 0;
        else if (spent != W'(3 * MS)) spent <= spent + 1'b1;

        if (state != LISTEN) pulses <= 3'd0;
        else if (steady && line == pulse) pulses <= pulses + 3'd1;

        if (next == CHIRP || next == OFF) high_speed <= 1'b0;
        if (state == LISTEN && next == HIGH) high_speed <= 1'b1;
        state <= next;
        if (rst) begin
            state      <= OFF;
            high_speed <= 1'b0;
        end
    end

endmodule

`default_nettype wire
