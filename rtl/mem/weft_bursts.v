// Cut pieces of memory into bursts that end at multiples of BURST_BEATS beats, and ask for each only
// when there is room for its answer.
//
// A piece is run_beats beats from run_addr on.  Bursts come in order, one a cycle; req_last marks the last of a
// piece with run_last.  With CREDITS > 0, at most CREDITS beats are asked for and not yet given back by a
// pulse of `freed` (one beat each); `used` is their number.  With CREDITS = 0 there is no limit and `used` is 0.

`default_nettype none
`include "weft_assert.vh"

module weft_bursts #(
    parameter  integer MEM_BYTES = weft_isa::MEM_BYTES,
    parameter  integer CREDITS   = 0,                           // 0 or at least BURST_BEATS
    localparam integer USED_W    = $clog2(CREDITS + 2)
) (
    input  wire              clk,
    input  wire              rst,
    input  wire              run_valid,
    output wire              run_ready,
    input  wire [31:0]       run_addr,          // multiple of MEM_BYTES
    input  wire [29:0]       run_beats,         // at least 1
    input  wire              run_last,
    output reg               req_valid,
    input  wire              req_ready,
    output reg  [31:0]       req_addr,
    output reg  [4:0]        req_beats,
    output reg               req_last,
    input  wire              freed,
    output wire [USED_W-1:0] used
);

    localparam integer BEAT_W = $clog2(MEM_BYTES);

    // The next burst of the piece at hand.  It goes up to the next multiple of 16 beats, or to the end; which of the two
    // is found a burst ahead, so that nothing is compared in the cycle in which it goes.
    reg        active;                          // there is one
    reg [31:0] addr;
    reg [4:0]  beats;
    reg        ends, last;                      // it ends the piece; that piece ends a command
    reg [29:0] after;                           // beats behind it, unless it ends the piece

    wire [4:0]  to_edge   = 5'd16 - {1'b0, run_addr[BEAT_W +: 4]};
    wire        run_short = run_beats <= {25'd0, to_edge};
    wire        ends_next = after <= 30'd16;
    wire        room;
    wire        give      = active && room && (!req_valid || req_ready);

    assign run_ready = !active || (give && ends);

    always @(posedge clk) begin
        if (!req_valid || req_ready) req_valid <= give;
        if (give) begin
            req_addr  <= addr;
            req_beats <= beats;
            req_last  <= last && ends;
            addr  <= {addr[31:BEAT_W+4] + 1'b1, {BEAT_W+4{1'b0}}};
            beats <= ends_next ? after[4:0] : 5'd16;
            if (ends) active <= 1'b0;
            ends  <= ends_next;
            after <= after - 30'd16;
        end
        if (run_valid && run_ready) begin
            active <= 1'b1;
            addr   <= run_addr;
            beats  <= run_short ? run_beats[4:0] : to_edge;
            ends   <= run_short;
            after  <= run_beats - {25'd0, to_edge};
            last   <= run_last;
        end
        if (rst) begin
            req_valid <= 1'b0;
            active    <= 1'b0;
        end
    end

    generate
        if (CREDITS > 0) begin : g_credits
            reg  [USED_W-1:0] taken;
            wire [USED_W-1:0] more = give ? USED_W'(beats) : 0;
            assign used = taken;
            assign room = {1'b0, taken} + (USED_W+1)'(beats) <= (USED_W+1)'(CREDITS);
            always @(posedge clk) begin
                if (give || freed) taken <= taken + more - {{USED_W-1{1'b0}}, freed};
                if (rst) taken <= 0;
            end

`ifndef SYNTHESIS
            always @(posedge clk)
                if (!rst && freed) `WEFT_ASSERT(taken != 0, "room is given back that nobody took");
`endif
        end else begin : g_no_limit
            assign used = 0;
            assign room = 1'b1;
            wire   unused = freed;
        end
    endgenerate

`ifdef FORMAL
    // A burst is 1..16 beats, aligned, inside one multiple of 16 beats, and there is room for what is asked for.
    reg        f_past = 1'b0;

    always @(posedge clk) begin
        f_past <= 1'b1;
        if (f_past && $past(req_valid && !req_ready && !rst))
            assert (req_valid && req_addr == $past(req_addr) && req_beats == $past(req_beats));
        // One burst begins where the one before ended, unless a piece ended there.
        if (f_past && !$past(rst) && $past(give) && !$past(ends))
            assert (active && addr == $past(addr) + $past(beats) * MEM_BYTES
                    && (ends ? {25'd0, beats} == $past(after) : {25'd0, beats} + after == $past(after)));
        // A piece begins at its address, and all of its beats are there.
        if (f_past && !$past(rst) && $past(run_valid && run_ready))
            assert (active && addr == $past(run_addr)
                    && (ends ? {25'd0, beats} == $past(run_beats) : {25'd0, beats} + after == $past(run_beats)));
    end
    always @(*) begin
        if (!f_past) assume (rst);
        assume (run_addr[BEAT_W-1:0] == 0 && run_beats != 0);
        if (CREDITS == 0 || used == 0) assume (!freed);
        if (f_past) begin
            if (active) begin
                assert (addr[BEAT_W-1:0] == 0 && beats >= 5'd1);
                assert ({1'b0, addr[BEAT_W +: 4]} + beats <= 5'd16);
                if (!ends) assert ({1'b0, addr[BEAT_W +: 4]} + beats == 5'd16 && after != 0);
            end
            if (req_valid) begin
                assert (req_addr[BEAT_W-1:0] == 0 && req_beats >= 5'd1);
                assert ({1'b0, req_addr[BEAT_W +: 4]} + req_beats <= 5'd16);
            end
            if (CREDITS > 0) assert (used <= CREDITS);
        end
    end
`endif

endmodule

`default_nettype wire
