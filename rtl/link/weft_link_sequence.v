// Which request may be executed: session, sequence numbers, the stop after a refusal, and when to
// ask for repetition (README.md beside this file says why this is enough).
//
// The fields of the frame that is looked at (session, number, flags, is_open, is_read, new_session) must hold
// from the cycle before on; they give exactly one of
//
//     execute    the next request of the session, or OPEN of the present session: it is executed now
//     again      a read that has been executed before: it is read anew, which changes nothing
//     confirm    another request that has been executed before: the reply is that all is done up to `last`
//     refuse     nothing is done after a refusal: the reply is REFUSED with refused_status and `last`
//     ask        one is missing, which has not been reported for this round: the reply is NAK with `last`
//     drop       nothing: another session, or a gap that has been reported
//
// and report_damage says whether a damaged frame with these flags is answered: with NAK, or as always while
// `halted` with REFUSED.
//
// What follows is told by one pulse each: `accept` with execute (the number is used up, whatever comes of
// it), `refused` with its status when an accepted request was refused, `asked` when a NAK is sent.
// Several may be up in one cycle; a request that begins a session is accepted with `new_session`.
//
// `last` is the number of the last request that was accepted: every one up to it was executed, in
// order, once; with `halted` all but `last` itself were done.

`default_nettype none

module weft_link_sequence (
    input  wire        clk,
    input  wire        rst,

    input  wire [15:0] frame_session,
    input  wire [31:0] frame_sequence,
    input  wire        fresh,                                  // flags of the frame
    input  wire [3:0]  frame_round,
    input  wire        is_open,
    input  wire        is_read,
    input  wire [15:0] new_session,                            // of OPEN

    output wire        execute,
    output wire        again,
    output wire        confirm,
    output wire        refuse,
    output wire        ask,
    output wire        drop,
    output wire        report_damage,

    input  wire        accept,
    input  wire        refused,
    input  wire [7:0]  status,
    input  wire        asked,

    output reg  [15:0] session,                                // 0: none
    output reg  [31:0] last,
    output reg         halted,
    output reg  [7:0]  refused_status
);

    reg       reported;                                        // the gap after `last` has been, for `round`
    reg [3:0] round;

    // Long comparisons, a cycle ahead of their use.
    wire [31:0] distance = frame_sequence - last;
    reg         is_last, is_next, is_older, same_session, fits_open;
    always @(posedge clk) begin
        is_last      <= distance == 32'd0;
        is_next      <= distance == 32'd1;
        is_older     <= distance == 32'd0 || distance[31];
        same_session <= frame_session == session;
        fits_open    <= new_session != session && new_session != 16'd0;
    end

    wire unasked = !reported || round != frame_round;
    wire opens   = is_open && same_session && fits_open;
    wire ours    = !is_open && same_session && session != 16'd0;
    wire newer   = ours && !is_older;

    assign report_damage = session != 16'd0 && (halted || unasked);
    assign execute = opens || (newer && (fresh || (is_next && !halted)));
    assign again   = ours && is_older && is_read && !(is_last && halted);
    assign confirm = ours && is_older && !is_read && !halted;
    assign refuse  = ours && halted && (is_older ? !is_read || is_last : !fresh);
    assign ask     = newer && !fresh && !is_next && !halted && unasked;
    assign drop    = !execute && !again && !confirm && !refuse && !ask;

    always @(posedge clk) begin
        if (asked) begin
            reported <= 1'b1;
            round    <= frame_round;
        end
        if (refused) begin
            halted         <= 1'b1;
            refused_status <= status;
        end
        if (accept) begin
            last     <= frame_sequence;
            reported <= 1'b0;
            halted   <= 1'b0;
            if (is_open)
                session <= new_session;
        end
        if (rst) begin
            session  <= 16'd0;
            reported <= 1'b0;
            halted   <= 1'b0;
        end
    end

`ifdef FORMAL
    // Any one number of any one session: executed at most once while that session lasts, in order, and not at all by
    // frames of other sessions.  f_done: it has been.
    (* anyconst *) reg [15:0] f_session;
    (* anyconst *) reg [31:0] f_number;
    reg       f_past = 1'b0, f_accepted = 1'b1, f_done = 1'b0, f_asked = 1'b0;
    reg [3:0] f_round;
    reg [7:0] f_status;
    wire      f_this = frame_session == f_session && frame_sequence == f_number && !is_open;

    // The fields hold from the cycle before, in which nothing was accepted.
    wire [70:0] f_fields = {frame_session, frame_sequence, fresh, frame_round, is_open, is_read, new_session};
    reg  [70:0] f_fields_was;
    wire        f_held = f_past && !f_accepted && f_fields == f_fields_was;

    always @(posedge clk) begin
        f_past     <= 1'b1;
        f_accepted <= accept || rst;
        f_fields_was <= f_fields;
        if (accept && f_this) f_done <= 1'b1;
        if (accept && is_open) f_done <= 1'b0;
        if (asked) begin
            f_asked <= 1'b1;
            f_round <= frame_round;
        end
        if (accept) f_asked <= 1'b0;
        if (refused) f_status <= status;
        if (rst) begin
            f_done  <= 1'b0;
            f_asked <= 1'b0;
        end
        // A number never goes back while its session lasts; OPEN begins another one, never 0.
        if (f_past && !$past(rst) && !$past(accept)) assert (last == $past(last) && session == $past(session));
        if (f_past && !$past(rst) && $past(accept && !is_open)) assert (last > $past(last) && session == $past(session));
        if (f_past && !$past(rst) && $past(accept && is_open))
            assert (session != 16'd0 && session != $past(session) && !halted);
    end
    always @(*) begin
        if (!f_past) assume (rst);
        // What the host keeps to, and the executor.
        assume (!frame_sequence[31]);
        if (accept) assume (execute && f_held && !asked && !refused && !rst);
        if (asked) assume (f_held && (ask || report_damage));
        if (refused) assume (session != 16'd0);
        if (f_past && session != 16'd0) assert (!last[31]);
        if (f_past && f_done && session == f_session) assert (last >= f_number);
        if (f_past && session == 16'd0) assert (!f_done && !halted);
        if (f_past) assert (f_asked == reported);
        if (f_past && f_asked) assert (round == f_round);
        if (f_past && halted) assert (refused_status == f_status);
        if (f_held) begin
            assert ({2'b0, execute} + again + confirm + refuse + ask + drop == 3'd1);
            if (execute && f_this) assert (!f_done || session != f_session);
            if (execute && !is_open) assert (frame_session == session && session != 16'd0 && frame_sequence > last);
            if (execute && !is_open && !fresh) assert (frame_sequence == last + 32'd1 && !halted);
            if (again || confirm) assert (frame_session == session && session != 16'd0 && frame_sequence <= last);
            if (confirm || ask) assert (!halted);
            if (again) assert (is_read && !(halted && frame_sequence == last));
            if (ask) assert (frame_sequence > last + 32'd1 && !(f_asked && f_round == frame_round));
            if (drop && !is_open && frame_session == session && session != 16'd0)
                assert (frame_sequence > last + 32'd1 && reported);
        end
    end
`endif

endmodule

`default_nettype wire
