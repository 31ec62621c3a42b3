// Controller of one SDR SDRAM chip, 16 bits wide, behind an AXI4 slave.
//
// AXI4: INCR bursts of full beats of MEM_BYTES (4, 8 or 16), 1 to 16, inside a multiple of 16 * MEM_BYTES; one order, no ID; rready
// and bready constantly high; wvalid may come at any time.  Responses are OKAY; addresses repeat beyond the chip.  A write is
// confirmed when its last WRITE has been decided on: whoever asks after that reads what was written.
//
// The chip sees a burst of MEM_BYTES / 2 words for each beat.  Rows stay open until another of their bank is asked for or until a
// refresh; while beats of one burst go, the row of the next is opened in the slots between.  Up to four bursts of
// one direction go before one of the other that waits.  Bandwidth: two bytes a cycle on long bursts, less 2 % for refresh.
//
// sd_*: the pins as registers, the chip's clock being the inverse of clk.  A word that the chip gives for READ in cycle t
// is expected on sd_dq_in in cycle t + CAS + PAD_CYCLES (weft_sdram_pads: 2).  First data of a read whose row is open: CAS + PAD_CYCLES + MEM_BYTES / 2 + 4
// cycles after the address; of a closed one T_RCD more, of another open one T_RP more than that.

`default_nettype none
`include "weft_assert.vh"

module weft_sdram #(
    parameter integer MEM_BYTES  = 4,
    parameter integer CLOCK_HZ   = 80_000_000,
    parameter integer CAS        = 2,           // CAS latency, 2 or 3
    parameter integer COL_BITS   = 9,
    parameter integer PAD_CYCLES = 2,
    parameter integer T_POWER_UP = weft_sdram_times::T_POWER_UP,
    parameter integer T_RCD      = weft_sdram_times::T_RCD,
    parameter integer T_RP       = weft_sdram_times::T_RP,
    parameter integer T_RAS      = weft_sdram_times::T_RAS,
    parameter integer T_RC       = weft_sdram_times::T_RC,
    parameter integer T_RFC      = weft_sdram_times::T_RFC,
    parameter integer T_RRD      = weft_sdram_times::T_RRD,
    parameter integer T_WR       = weft_sdram_times::T_WR,
    parameter integer T_REFRESH  = weft_sdram_times::T_REFRESH
) (
    input  wire                   clk,
    input  wire                   rst,
    output wire                   ready,        // the chip has started

    input  wire                   arvalid,
    output wire                   arready,
    input  wire [31:0]            araddr,
    input  wire [7:0]             arlen,
    output wire                   rvalid,
    output wire [8*MEM_BYTES-1:0] rdata,
    output wire                   rlast,
    input  wire                   awvalid,
    output wire                   awready,
    input  wire [31:0]            awaddr,
    input  wire [7:0]             awlen,
    input  wire                   wvalid,
    output wire                   wready,
    input  wire [8*MEM_BYTES-1:0] wdata,
    input  wire [MEM_BYTES-1:0]   wstrb,
    output reg                    bvalid,

    output reg                    sd_ras_n,
    output reg                    sd_cas_n,
    output reg                    sd_we_n,
    output reg  [1:0]             sd_ba,
    output reg  [12:0]            sd_a,
    output wire [1:0]             sd_dqm,
    output wire [15:0]            sd_dq_out,
    output wire                   sd_dq_drive,
    input  wire [15:0]            sd_dq_in
);

    localparam integer WORDS    = MEM_BYTES / 2;            // the burst of the chip
    localparam integer WORD_W   = $clog2(WORDS);
    localparam integer BEAT_W   = COL_BITS - WORD_W;        // bits of a column that count beats
    localparam [12:0]  MODE     = {6'd0, 3'(CAS), 1'b0, 3'(WORD_W)};
    localparam [2:0]   NOP = 3'b111, ACTIVATE = 3'b011, READ = 3'b101, WRITE = 3'b100, PRECHARGE = 3'b010, REFRESH = 3'b001, LOAD_MODE = 3'b000;

    generate
        if (MEM_BYTES != 4 && MEM_BYTES != 8 && MEM_BYTES != 16) begin : g_bytes
            MEM_BYTES_is_not_4_8_or_16 u_refused ();
        end
        if (CAS != 2 && CAS != 3) begin : g_cas
            CAS_is_not_2_or_3 u_refused ();
        end
        if (COL_BITS < 8 || COL_BITS > 10) begin : g_columns
            COL_BITS_is_not_8_to_10 u_refused ();
        end
    endgenerate

    // ---- The burst whose beats go: `beat` is decided in this cycle, on the pins in the next

    reg               run_valid, run_write;
    reg [1:0]         run_bank;
    reg [BEAT_W-1:0]  run_beat;
    reg [3:0]         run_left;                 // beats after this one
    wire              spaced, turned;           // words of the beat before are through; the bus has turned for a write
    wire              beat   = run_valid && spaced && (run_write ? turned && wvalid : 1'b1);
    wire              ends   = beat && run_left == 4'd0;

    assign wready = run_valid && run_write && spaced && turned;

    // ---- The burst that is next: its row is opened, if it is not yet

    localparam [2:0]  EMPTY = 3'd0, LOOK = 3'd1, CLOSE = 3'd2, OPEN = 3'd3, READY = 3'd4, CLOSE_ALL = 3'd5, RENEW = 3'd6, SET_MODE = 3'd7;
    reg [2:0]         step;
    reg               next_write;
    reg [1:0]         next_bank;
    reg [12:0]        next_row;
    reg [BEAT_W-1:0]  next_beat;
    reg [3:0]         next_left;

    wire              row_open, row_same, may_close, may_open, may_close_all, may_open_all, may_go;
    wire              goes      = step == READY && may_go && (!run_valid || ends);
    wire              closes    = step == CLOSE && !beat && may_close && !(run_valid && run_bank == next_bank);
    wire              opens     = step == OPEN && !beat && may_open;
    wire              closes_all = step == CLOSE_ALL && !run_valid && may_close_all && may_open_all;
    wire              renews    = step == RENEW && may_open_all;
    wire              sets_mode = step == SET_MODE && may_open_all;

    // ---- Whose burst is next

    assign ready = !starting;
    wire              refresh_due, starting, started;       // starting: before the mode is set; started: by the last refresh of the start
    reg               turn_write;               // the other direction waits long enough, or nothing of this one is there
    reg [1:0]         streak;                   // bursts of a direction since the other last went, while it waited
    wire              takes      = step == EMPTY && !refresh_due && !starting;
    wire              pick_write = awvalid && (turn_write || !arvalid);
    wire [31:0]       pick_addr  = pick_write ? awaddr : araddr;
    assign arready = takes && !(awvalid && turn_write);
    assign awready = takes && (turn_write || !arvalid);
    wire              taken      = takes && (arvalid || awvalid);

    always @(posedge clk) begin
        if (taken) begin
            next_write <= pick_write;
            next_bank  <= pick_addr[COL_BITS+1 +: 2];
            next_row   <= pick_addr[COL_BITS+3 +: 13];
            next_beat  <= pick_addr[WORD_W+1 +: BEAT_W];
            next_left  <= pick_write ? awlen[3:0] : arlen[3:0];
            streak     <= arvalid && awvalid && pick_write == turn_write ? streak + 2'd1 : 2'd0;
            turn_write <= pick_write;
            if (streak == 2'd3 && arvalid && awvalid) turn_write <= !pick_write;
        end
        case (step)
        EMPTY:     if (refresh_due) step <= CLOSE_ALL;
                   else if (taken)  step <= LOOK;
        LOOK:      step <= !row_open ? OPEN : row_same ? READY : CLOSE;
        CLOSE:     if (closes)      step <= OPEN;
        OPEN:      if (opens)       step <= READY;
        READY:     if (goes)        step <= EMPTY;
        CLOSE_ALL: if (closes_all)  step <= RENEW;
        RENEW:     if (renews)      step <= started ? SET_MODE : EMPTY;
        default:   if (sets_mode)   step <= EMPTY;
        endcase
        if (rst) begin
            step       <= EMPTY;
            turn_write <= 1'b0;
            streak     <= 2'd0;
        end
    end

    always @(posedge clk) begin
        if (beat) begin
            run_beat <= run_beat + 1'b1;
            run_left <= run_left - 4'd1;
            if (ends) run_valid <= 1'b0;
        end
        if (goes) begin
            run_valid <= 1'b1;
            run_write <= next_write;
            run_bank  <= next_bank;
            run_beat  <= next_beat;
            run_left  <= next_left;
        end
        bvalid <= ends && run_write;
        if (rst) begin
            run_valid <= 1'b0;
            bvalid    <= 1'b0;
        end
    end

    // ---- When what may be

    weft_sdram_rows #(
        .WORDS(WORDS), .CAS(CAS),
        .RCD(weft_sdram_times::cycles(T_RCD, CLOCK_HZ)), .RP(weft_sdram_times::cycles(T_RP, CLOCK_HZ)),
        .RAS(weft_sdram_times::cycles(T_RAS, CLOCK_HZ)), .RC(weft_sdram_times::cycles(T_RC, CLOCK_HZ)),
        .RFC(weft_sdram_times::cycles(T_RFC, CLOCK_HZ)), .RRD(weft_sdram_times::cycles(T_RRD, CLOCK_HZ)),
        .WR(weft_sdram_times::cycles(T_WR, CLOCK_HZ)), .MRD(weft_sdram_times::MRD_CYCLES)
    ) u_rows (
`ifdef FORMAL
        .f_open(f_open), .f_rows(f_rows), .f_usable(f_usable),
`endif
        .clk(clk), .rst(rst),
        .opens(opens), .closes(closes), .closes_all(closes_all), .renews(renews), .sets_mode(sets_mode),
        .bank(next_bank), .row(next_row), .reads(beat && !run_write), .writes(beat && run_write), .beat_bank(run_bank),
        .row_open(row_open), .row_same(row_same), .may_close(may_close), .may_open(may_open),
        .may_close_all(may_close_all), .may_open_all(may_open_all), .may_go(may_go), .spaced(spaced), .turned(turned));

    weft_sdram_refresh #(
        .POWER_UP(weft_sdram_times::cycles(T_POWER_UP, CLOCK_HZ) + 8), .INTERVAL(weft_sdram_times::cycles(T_REFRESH, CLOCK_HZ) - 1)
    ) u_refresh (
        .clk(clk), .rst(rst), .renews(renews), .sets_mode(sets_mode), .due(refresh_due), .starting(starting), .started(started));

    // ---- The pins

    wire [BEAT_W+WORD_W-1:0] column = {run_beat, {WORD_W{1'b0}}};
    reg  [MEM_BYTES-1:0]     mask;              // of the words not on the pins yet, low first; all ones: nothing is written
    reg  [8*MEM_BYTES-1:0]   out;
    reg  [WORDS-1:0]         driven;
    assign sd_dqm      = starting ? 2'b11 : mask[1:0] & {2{driven[0]}};
    assign sd_dq_out   = out[15:0];
    assign sd_dq_drive = driven[0];

    always @(posedge clk) begin
        {sd_ras_n, sd_cas_n, sd_we_n} <= rst ? NOP : beat ? (run_write ? WRITE : READ) : opens ? ACTIVATE
                                       : closes || closes_all ? PRECHARGE : renews ? REFRESH : sets_mode ? LOAD_MODE : NOP;
        sd_ba <= beat ? run_bank : sets_mode ? 2'd0 : next_bank;
        sd_a  <= beat ? 13'(column) : sets_mode ? MODE : closes || closes_all ? {2'd0, closes_all, 10'd0} : next_row;
        out   <= beat ? wdata : out >> 16;
        mask  <= beat ? ~wstrb : mask >> 2;
        driven <= rst ? {WORDS{1'b0}} : beat && run_write ? {WORDS{1'b1}} : driven >> 1;
    end

    // ---- What the chip gives

    localparam integer WAY = CAS + PAD_CYCLES + WORDS;      // from a READ on the pins to its whole beat
    reg  [WAY:0]           due, due_last;
    reg  [8*MEM_BYTES-1:0] words;
    assign rvalid = due[WAY];
    assign rlast  = due_last[WAY];
    assign rdata  = words;
    always @(posedge clk) begin
        words    <= {sd_dq_in, words[8*MEM_BYTES-1:16]};
        due      <= {due[WAY-1:0], beat && !run_write};
        due_last <= {due_last[WAY-1:0], ends};
        if (rst) due <= 0;
    end

    wire unused = &{1'b0, araddr, awaddr, arlen, awlen, pick_addr};

`ifndef SYNTHESIS
    always @(posedge clk)
        if (!rst && taken) `WEFT_ASSERT((pick_write ? awlen : arlen) <= 8'd15, "a burst of more than 16 beats");
`endif

`ifdef FORMAL
    // weft_sdram_rows holds the decisions against the rules of the chip.  Here: beats go to the row that was asked for, the pins say what
    // was decided, nothing but the start goes before its end; and what is known of a burst in each step.
    wire [3:0]  f_open, f_usable;
    wire [51:0] f_rows;
    reg  [12:0] f_run_row;
    reg         f_past = 1'b0, f_ran = 1'b0;
    wire        f_waits = step == LOOK || step == CLOSE || step == OPEN || step == READY;
    always @(posedge clk) begin
        f_past <= 1'b1;
        if (goes) f_run_row <= next_row;
        f_ran <= !rst;
        if (f_past && f_ran) begin
            assert ({sd_ras_n, sd_cas_n, sd_we_n} == ($past(beat && run_write) ? WRITE : $past(beat) ? READ : $past(opens) ? ACTIVATE
                    : $past(closes || closes_all) ? PRECHARGE : $past(renews) ? REFRESH : $past(sets_mode) ? LOAD_MODE : NOP));
            if ($past(beat)) assert (sd_ba == $past(run_bank) && sd_a[10] == 1'b0);
            if ($past(opens)) assert (sd_ba == $past(next_bank) && sd_a == $past(next_row));
            if ($past(closes)) assert (sd_ba == $past(next_bank) && !sd_a[10]);
            if ($past(closes_all)) assert (sd_a[10]);
            if ($past(sets_mode)) assert (sd_ba == 2'd0 && sd_a == MODE);
        end
    end
    always @(*) begin
        assume (arlen <= 8'd15 && awlen <= 8'd15);
        if (f_past) begin
            if (beat) assert (f_open[run_bank] && f_rows[13*run_bank +: 13] == f_run_row);
            if (run_valid) assert (f_open[run_bank] && f_usable[run_bank] && f_rows[13*run_bank +: 13] == f_run_row);
            if (step == CLOSE) assert (f_open[next_bank]);
            if (step == OPEN) assert (!f_open[next_bank]);
            if (step == READY) assert (f_open[next_bank] && f_rows[13*next_bank +: 13] == next_row);
            if (goes) assert (f_usable[next_bank]);
            if (step == RENEW || step == SET_MODE) assert (f_open == 4'd0 && !run_valid);
            if (step == SET_MODE) assert (starting);
            if (starting) assert (f_open == 4'd0 && !run_valid && !f_waits);
            if (opens || beat) assert (!starting);
        end
    end
    always @(posedge clk) if (f_past) begin
        cover (beat && run_write);
        cover (closes && run_valid);
    end
`endif

endmodule

`default_nettype wire
