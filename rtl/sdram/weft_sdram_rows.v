// What is open in the four banks of a SDRAM, and when the next command may be: the rules of its datasheet, in cycles.
//
// opens, closes, closes_all, renews, sets_mode, reads, writes: decided in this cycle, at most one of them.  bank and row are
// those of opens and closes and of the questions; beat_bank of reads and writes.  Answers hold for this cycle: may_close and may_open for
// `bank`, may_close_all and may_open_all for all banks together; may_go: the row opened last may be used in the next cycle; spaced: the words
// of the last beat are on the pins; turned: the chip has let go of the bus, a write may be.  A time that runs is a register
// of ones that a cycle moves out, so that an answer is one bit, and two times together are the longer of them.

`default_nettype none
`include "weft_assert.vh"

module weft_sdram_rows #(
    parameter integer WORDS = 2,                // of a beat
    parameter integer CAS   = 2,
    parameter integer RCD   = 2,                // cycles: see weft_sdram_times
    parameter integer RP    = 2,
    parameter integer RAS   = 4,
    parameter integer RC    = 6,
    parameter integer RFC   = 6,
    parameter integer RRD   = 2,
    parameter integer WR    = 2,
    parameter integer MRD   = 2
) (
    input  wire        clk,
    input  wire        rst,

    input  wire        opens,
    input  wire        closes,
    input  wire        closes_all,
    input  wire        renews,
    input  wire        sets_mode,
    input  wire [1:0]  bank,
    input  wire [12:0] row,
    input  wire        reads,
    input  wire        writes,
    input  wire [1:0]  beat_bank,

    output wire        row_open,
    output wire        row_same,
    output wire        may_close,
    output wire        may_open,
    output wire        may_close_all,
    output wire        may_open_all,
    output wire        may_go,
    output wire        spaced,
`ifdef FORMAL
    output wire [3:0]  f_open,
    output wire [51:0] f_rows,
    output wire [3:0]  f_usable,                // open for RCD cycles at least in the cycle that comes
`endif
    output wire        turned
);

    // A bank that is closed no sooner than this after it was opened keeps RC by RP alone.
    localparam integer OPEN_LEAST = RAS > RC - RP ? RAS : RC - RP;
    localparam integer WRITTEN    = WORDS - 1 + WR;         // from a WRITE to PRECHARGE
    localparam integer TURN       = CAS + WORDS + 1;        // from a READ to a WRITE: a cycle in which nobody drives
    localparam integer CLOSE_MOST = OPEN_LEAST > WRITTEN ? (OPEN_LEAST > WORDS ? OPEN_LEAST : WORDS) : (WRITTEN > WORDS ? WRITTEN : WORDS);
    localparam integer OPEN_MOST  = RFC > RP ? (RFC > MRD ? RFC : MRD) : (RP > MRD ? RP : MRD);

    // n - 1 ones: what was decided now binds the n - 1 cycles after this one.
    function automatic [31:0] ones(input integer n);
        ones = (32'd1 << (n - 1)) - 32'd1;
    endfunction

    reg  [12:0]      rows [0:3];
    wire [3:0]       open, close_waits, open_waits;
    reg  [RRD:0]     other_wait;
    reg  [RCD:0]     use_wait;
    reg  [WORDS-1:0] beat_wait;
    reg  [TURN-1:0]  turn_wait;

    assign row_open      = open[bank];
    assign row_same      = rows[bank] == row;
    assign may_close     = !close_waits[bank];
    assign may_open      = !open_waits[bank] && !other_wait[0];
    assign may_close_all = close_waits == 4'd0;
    assign may_open_all  = open_waits == 4'd0;
    assign may_go        = !use_wait[1];
    assign spaced        = !beat_wait[0];
    assign turned        = !turn_wait[0];

    genvar g;
    generate
        for (g = 0; g < 4; g = g + 1) begin : g_bank
            reg                  is_open;
            reg [CLOSE_MOST-1:0] close_wait;
            reg [OPEN_MOST-1:0]  open_wait;
            wire                 mine = bank == g, beat_mine = beat_bank == g;
            assign open[g]        = is_open;
            assign close_waits[g] = close_wait[0];
            assign open_waits[g]  = open_wait[0];
            always @(posedge clk) begin
                close_wait <= close_wait >> 1
                    | (opens && mine ? CLOSE_MOST'(ones(OPEN_LEAST)) : {CLOSE_MOST{1'b0}})
                    | (reads && beat_mine ? CLOSE_MOST'(ones(WORDS)) : {CLOSE_MOST{1'b0}})
                    | (writes && beat_mine ? CLOSE_MOST'(ones(WRITTEN)) : {CLOSE_MOST{1'b0}});
                open_wait <= open_wait >> 1
                    | (closes_all || (closes && mine) ? OPEN_MOST'(ones(RP)) : {OPEN_MOST{1'b0}})
                    | (renews ? OPEN_MOST'(ones(RFC)) : {OPEN_MOST{1'b0}})
                    | (sets_mode ? OPEN_MOST'(ones(MRD)) : {OPEN_MOST{1'b0}});
                if (opens && mine)                    is_open <= 1'b1;
                if (closes_all || (closes && mine))   is_open <= 1'b0;
                if (rst) begin
                    is_open    <= 1'b0;
                    close_wait <= {CLOSE_MOST{1'b0}};
                    open_wait  <= {OPEN_MOST{1'b0}};
                end
            end
        end
    endgenerate

    always @(posedge clk) begin
        if (opens) rows[bank] <= row;
        other_wait <= opens ? (RRD+1)'(ones(RRD)) : other_wait >> 1;
        use_wait   <= opens ? (RCD+1)'(ones(RCD)) : use_wait >> 1;
        beat_wait  <= reads || writes ? WORDS'(ones(WORDS)) : beat_wait >> 1;
        turn_wait  <= reads ? TURN'(ones(TURN)) : turn_wait >> 1;
        if (rst) begin
            other_wait <= {RRD+1{1'b0}};
            use_wait   <= {RCD+1{1'b0}};
            beat_wait  <= {WORDS{1'b0}};
            turn_wait  <= {TURN{1'b0}};
        end
    end

`ifdef FORMAL
    // Every decision against the rules, counted from decisions alone; and what the registers of ones have to do with the counts.
    localparam [4:0] F_LONG = 5'd31;
    reg       f_past = 1'b0;
    reg [4:0] f_renewed = F_LONG, f_moded = F_LONG, f_any_open = F_LONG, f_read = F_LONG, f_beat = F_LONG;
    integer   f_i;
    assign f_open = open;

    function [4:0] f_next(input again, input [4:0] count);
        f_next = rst ? F_LONG : again ? 5'd1 : count == F_LONG ? F_LONG : count + 5'd1;
    endfunction

    always @(posedge clk) begin
        f_past     <= 1'b1;
        f_renewed  <= f_next(renews, f_renewed);
        f_moded    <= f_next(sets_mode, f_moded);
        f_any_open <= f_next(opens, f_any_open);
        f_read     <= f_next(reads, f_read);
        f_beat     <= f_next(reads || writes, f_beat);
    end
    always @(*) begin
        if (!f_past) assume (rst);
        if (f_past) assume (!rst);
        if (f_past) begin
            assert (opens + closes + closes_all + renews + sets_mode + reads + writes <= 1);
            if (opens) assert (f_any_open >= RRD);
            if (writes) assert (f_read >= TURN);
            if (reads || writes) assert (f_beat >= WORDS);
            if (opens || closes || closes_all || renews || sets_mode) assert (f_renewed >= RFC && f_moded >= MRD);
            if (renews || sets_mode) assert (open == 4'd0);
            for (f_i = 0; f_i <= RRD; f_i = f_i + 1) if (f_any_open + f_i < RRD) assert (other_wait[f_i]);
            for (f_i = 0; f_i < TURN; f_i = f_i + 1) if (f_read + f_i < TURN) assert (turn_wait[f_i]);
            for (f_i = 0; f_i < WORDS; f_i = f_i + 1) if (f_beat + f_i < WORDS) assert (beat_wait[f_i]);
            for (f_i = 0; f_i <= RCD; f_i = f_i + 1) if (f_any_open + f_i < RCD) assert (use_wait[f_i]);
        end
    end

    generate
        for (g = 0; g < 4; g = g + 1) begin : g_formal
            reg [4:0] f_opened = F_LONG, f_closed = F_LONG, f_bank_read = F_LONG, f_written = F_LONG;
            integer   f_j;
            assign f_usable[g] = open[g] && f_opened >= RCD - 1;
            assign f_rows[13*g +: 13] = rows[g];
            wire f_mine = bank == g, f_beat_mine = beat_bank == g;
            always @(posedge clk) begin
                f_opened    <= f_next(opens && f_mine, f_opened);
                f_closed    <= f_next(closes_all || (closes && f_mine), f_closed);
                f_bank_read <= f_next(reads && f_beat_mine, f_bank_read);
                f_written   <= f_next(writes && f_beat_mine, f_written);
            end
            always @(*) if (f_past) begin
                if (opens && f_mine) assert (!open[g] && f_closed >= RP && f_opened >= RC);
                if ((closes && f_mine) || (closes_all && open[g]))
                    assert (f_opened >= RAS && f_bank_read >= WORDS && f_written >= WORDS - 1 + WR);
                if (closes && f_mine) assert (open[g]);
                if ((reads || writes) && f_beat_mine) assert (open[g] && f_opened >= RCD);
                if (renews || sets_mode) assert (f_closed >= RP);
                // What is open was opened last, what is closed long enough before.
                if (!open[g]) assert (f_opened == F_LONG || f_opened >= f_closed + OPEN_LEAST);
                if (open[g]) assert (f_renewed >= RFC && f_moded >= MRD);
                if (open[g] && f_opened < RCD) assert (f_any_open <= f_opened);
                assert (f_any_open <= f_opened && f_read <= f_bank_read && f_beat <= f_written);
                for (f_j = 0; f_j < CLOSE_MOST; f_j = f_j + 1)
                    if (f_opened + f_j < OPEN_LEAST || f_bank_read + f_j < WORDS || f_written + f_j < WRITTEN) assert (g_bank[g].close_wait[f_j]);
                for (f_j = 0; f_j < OPEN_MOST; f_j = f_j + 1)
                    if (f_closed + f_j < RP || f_renewed + f_j < RFC || f_moded + f_j < MRD) assert (g_bank[g].open_wait[f_j]);
            end
        end
    endgenerate
`endif

endmodule

`default_nettype wire
