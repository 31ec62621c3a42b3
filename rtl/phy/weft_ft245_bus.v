// Master of the "245 synchronous FIFO" bus of an FTDI chip: FT232H and FT2232H (8 bits, 60 MHz), FT600 (16 bits) and
// FT601 (32 bits, 66 or 100 MHz).  All on the chip's clock.
//
//     reading   oe_n low, a cycle later rd_n low; each edge with rd_n and rxf_n low takes a word
//     writing   drive and wr_n low; each edge with wr_n and txe_n low gives a word; with txe_n high the word stays for the next time
//
// The bus is half duplex.  Between the chip's driving and ours lies a whole cycle in which nobody drives; oe_n is never low while
// `drive` is high.  A burst lasts as long as words and room do, but after TURN_WORDS words it gives way to the other direction if that
// can move one; turning costs three cycles (to reading) or one.  So a full bus is used to TURN_WORDS / (TURN_WORDS + 4) or better.
// A burst of reads ends when the queue behind it is nearly full, and begins when that is nearly empty.
//
// A word has its bytes in the low places of the bus, `be` says in how many (always all of the FT232H's one).  Reading drops words
// without bytes.  A written word that is not full ends the burst, as these chips want it: wr_n goes high behind it.
//
// With SIWU, siwu_n is low for SIWU_CYCLES when nothing was written for as long, once per pause: the chip sends what it has and does not
// wait for its latency timer (FT232H; a FT60x sends a short packet when wr_n goes high, so the pin stays high there).
//
// Outputs come from registers that power up inactive; rxf_n and txe_n go through one or two levels of logic.  rd_n is still low for
// the first edge at which rxf_n is high, wr_n for the first at which txe_n is: nothing moves there.

`default_nettype none
`include "weft_assert.vh"

module weft_ft245_bus #(
    parameter integer WORD_BYTES  = 1,          // 1, 2 or 4
    parameter integer TURN_WORDS  = 512,
    parameter integer SIWU        = WORD_BYTES == 1 ? 1 : 0,
    parameter integer SIWU_CYCLES = 16,
    parameter integer FIFO_WORDS  = 16          // at least 4: three words may be on their way when there is no more room
) (
    input  wire                    clk,
    input  wire                    rst,

    input  wire                    rxf_n,
    input  wire                    txe_n,
    output reg                     oe_n,
    output reg                     rd_n,
    output reg                     wr_n,
    output reg                     siwu_n,
    output reg                     drive,       // data_out and be_out onto the bus
    input  wire [8*WORD_BYTES-1:0] data_in,
    input  wire [WORD_BYTES-1:0]   be_in,
    output wire [8*WORD_BYTES-1:0] data_out,
    output wire [WORD_BYTES-1:0]   be_out,

    output wire                    rx_valid,
    input  wire                    rx_ready,
    output wire [8*WORD_BYTES-1:0] rx_data,
    output wire [WORD_BYTES-1:0]   rx_be,
    input  wire                    tx_valid,
    output wire                    tx_ready,
    input  wire [8*WORD_BYTES-1:0] tx_data,
    input  wire [WORD_BYTES-1:0]   tx_be
);

    localparam integer        WIDTH   = 9 * WORD_BYTES;
    localparam integer        COUNT_W = $clog2(FIFO_WORDS + 1);
    localparam integer        TURN_W  = $clog2(TURN_WORDS + 1);
    localparam [COUNT_W-1:0]  MOST    = COUNT_W'(FIFO_WORDS - 3), FEW = COUNT_W'(FIFO_WORDS / 8);
    localparam [TURN_W-1:0]   TURN    = TURN_WORDS[TURN_W-1:0];

    initial {oe_n, rd_n, wr_n, siwu_n, drive} = 5'b11110;

    // From the bus: the pins into registers, from there into a queue.
    reg                came;
    reg  [WIDTH-1:0]   came_word;
    wire               came_room;
    wire [COUNT_W-1:0] waiting;
    wire               room = waiting <= MOST;

`ifdef FORMAL
    wire [FIFO_WORDS*WIDTH-1:0] f_all;
`endif
    weft_fifo #(.WIDTH(WIDTH), .DEPTH(FIFO_WORDS), .RAM(0)) u_fifo (
`ifdef FORMAL
        .f_all(f_all),
`endif
        .clk(clk), .rst(rst), .in_valid(came && came_word[WIDTH-WORD_BYTES]), .in_ready(came_room), .in_data(came_word),
        .out_valid(rx_valid), .out_ready(rx_ready), .out_data({rx_be, rx_data}), .count(waiting));

    // To the bus: the word on the pins and one behind it.
    wire out_valid;
    wire given     = !wr_n && !txe_n;
    wire another   = tx_valid || !tx_ready;     // behind the word on the pins
    wire was_short = !(&be_out);

    weft_skid #(.WIDTH(WIDTH)) u_skid (
        .clk(clk), .rst(rst), .s_valid(tx_valid), .s_ready(tx_ready), .s_data({tx_be, tx_data}),
        .m_valid(out_valid), .m_ready(given), .m_data({be_out, data_out}));

    // The pins say in which state the bus is: idle, opening (oe_n low), reading (rd_n low too), writing (wr_n low).  rxf_n and txe_n come late in
    // their cycle, so all that may be a cycle old is taken from was_rxf_n and was_txe_n and only the last step from the pins.
    reg               was_rxf_n, was_txe_n, gave;
    reg  [TURN_W-1:0] words;                    // moved in this burst, up to TURN_WORDS, a cycle late
    reg               wrote;                    // the last burst
    wire              idle      = oe_n && wr_n;
    wire              can_read  = !was_rxf_n && waiting <= FEW;
    wire              can_write = !was_txe_n && out_valid;
    wire              enough    = words == TURN;
    wire              open      = idle && can_read && !(can_write && !wrote);
    wire              may_read  = !oe_n && (rd_n || (room && !(enough && can_write)));
    wire              may_write = idle ? can_write && !open : !wr_n && another && !was_short && !(enough && can_read);
    wire              reads     = may_read && !rxf_n;
    wire              writes    = may_write && !txe_n;

    always @(posedge clk) begin
        was_rxf_n <= rxf_n;
        was_txe_n <= txe_n;
        came      <= !rd_n && !rxf_n;
        came_word <= {be_in, data_in};
        gave      <= given;
        if (idle) words <= 0;
        else if (!enough && (gave || came)) words <= words + 1'b1;

        oe_n  <= !(open || reads);
        rd_n  <= !reads;
        wr_n  <= !writes;
        drive <= writes;
        if (!oe_n || !wr_n) wrote <= !wr_n;

        if (rst) begin
            wrote <= 1'b0;
            came  <= 1'b0;
            gave  <= 1'b0;
            words <= 0;
            {oe_n, rd_n, wr_n, drive} <= 4'b1110;
        end
    end

    generate
        if (SIWU != 0) begin : g_siwu
            localparam integer           SIWU_W = $clog2(SIWU_CYCLES + 1);
            localparam [SIWU_W-1:0]      LAST   = SIWU_W'(SIWU_CYCLES - 1);
            reg                          unsent;
            reg [SIWU_W-1:0]             cycles;        // of quiet, then of the pulse
            always @(posedge clk) begin
                cycles <= cycles == LAST || (siwu_n && (!unsent || out_valid)) ? 0 : cycles + 1'b1;
                if (cycles == LAST) begin
                    siwu_n <= !siwu_n;
                    unsent <= 1'b0;
                end
                if (gave) unsent <= 1'b1;
                if (rst) begin
                    siwu_n <= 1'b1;
                    unsent <= 1'b0;
                    cycles <= 0;
                end
            end
        end else begin : g_no_siwu
            always @(posedge clk) siwu_n <= 1'b1;
        end
    endgenerate

`ifdef SYNTHESIS
    wire unused = came_room;
`else
    always @(posedge clk) if (!rst)
        `WEFT_ASSERT(!came || came_room, "a word comes and there is no room");
`endif

`ifdef FORMAL
    // What the chip gave and what it took, counted at the pins by its rules alone; the chip may do what it likes with rxf_n and txe_n.
    localparam integer               F_MOST = FIFO_WORDS + 1;
    reg                              f_past = 1'b0;
    reg                              f_oe_n, f_rd_n, f_drive, f_rxf_n, f_txe_n, f_short;
    reg  [COUNT_W:0]                 f_rx_items = 0;
    reg  [F_MOST*WIDTH-1:0]          f_rx_queue;        // oldest in the low bits
    reg  [1:0]                       f_tx_items = 0;
    reg  [TURN_W+3:0]                f_tx_waits = 0, f_rx_waits = 0;
    wire [WIDTH-1:0]                 f_pins   = {be_in, data_in};
    wire                             f_took   = !oe_n && !rd_n && !rxf_n && be_in[0];
    wire                             f_gave   = drive && !wr_n && !txe_n;
    wire                             f_rx_pop = rx_valid ? rx_ready : 1'b0;
    wire                             f_tx_put = tx_ready ? tx_valid : 1'b0;
    wire [1:0]                       f_tx_left = f_tx_items - {1'b0, f_gave};
    integer                          f_i;

    always @(posedge clk) begin
        f_past  <= 1'b1;
        f_oe_n  <= oe_n; f_rd_n <= rd_n; f_drive <= drive; f_rxf_n <= rxf_n; f_txe_n <= txe_n;
        f_short <= f_gave && !(&be_out);
        for (f_i = 0; f_i < F_MOST; f_i = f_i + 1)
            if (f_took && f_i == f_rx_items - (f_rx_pop ? 1 : 0)) f_rx_queue[f_i*WIDTH +: WIDTH] <= f_pins;
            else if (f_rx_pop && f_i < F_MOST - 1) f_rx_queue[f_i*WIDTH +: WIDTH] <= f_rx_queue[((f_i+1)%F_MOST)*WIDTH +: WIDTH];
        f_rx_items <= rst ? 0 : f_rx_items + (f_took ? 1'b1 : 1'b0) - (f_rx_pop ? 1'b1 : 1'b0);
        f_tx_items <= rst ? 0 : f_tx_left + {1'b0, f_tx_put};
        f_tx_waits <= rst || f_tx_items == 0 || txe_n || !wr_n ? 0 : f_tx_waits + 1'b1;
        f_rx_waits <= rst || rxf_n || waiting > FEW || !oe_n ? 0 : f_rx_waits + 1'b1;
    end

    always @(*) begin
        if (!f_past) assume (rst);
        if (f_past) begin
            // Reading: a word that leaves the chip arrives once, in order, and there is room for it.
            assert (f_rx_items <= F_MOST);
            assert (f_rx_items == {1'b0, waiting} + (came && came_word[WIDTH-WORD_BYTES] ? 1'b1 : 1'b0));
            if (came) assert (came_room);
            if (rx_valid) assert (f_rx_items != 0 && {rx_be, rx_data} == f_rx_queue[WIDTH-1:0]);
            assert (rx_valid == (waiting != 0));
            for (f_i = 0; f_i < F_MOST; f_i = f_i + 1)
                if (f_i < waiting)            assert (f_rx_queue[f_i*WIDTH +: WIDTH] == f_all[(f_i%FIFO_WORDS)*WIDTH +: WIDTH]);
                else if (f_i < f_rx_items) assert (f_rx_queue[f_i*WIDTH +: WIDTH] == came_word);
            if (!rd_n) assert ({1'b0, waiting} + came + 1 <= FIFO_WORDS);
            // Writing: the pins show the oldest word of u_skid, proved beside this, which moves on if and only if the chip takes it.
            assert (given == f_gave);
            assert (f_tx_items <= 2);
            assert (out_valid == (f_tx_items != 0) && tx_ready == (f_tx_items != 2));
            if (!wr_n) assert (f_tx_items != 0);
            // The rules of the bus.
            assert (!drive || (oe_n && f_oe_n));
            assert (oe_n || !f_drive);
            assert (rd_n || (!oe_n && !f_oe_n && !f_rxf_n));
            assert (wr_n || (drive && !f_txe_n && !f_short));
            // Nobody waits for longer than the other's turn.
            assert (f_tx_waits <= (idle ? (wrote ? 1 : TURN_WORDS + 5) : !rd_n ? words + 3 + came : !oe_n ? 2 : words == 0 && !gave ? TURN_WORDS + 6 : 0));
            assert (f_rx_waits <= (idle ? (wrote ? TURN_WORDS + 5 : 2) : !wr_n ? words + 3 + gave : rd_n ? TURN_WORDS + 6 : 0));
            // The pins are one of four states.
            assert ((oe_n || wr_n) && (rd_n || !oe_n) && drive == !wr_n);
            assert ((rd_n || !wrote || f_oe_n) && (wr_n || wrote || !gave));
            assert (words <= TURN && f_rxf_n == was_rxf_n && f_txe_n == was_txe_n);
        end
    end
    always @(posedge clk) if (f_past && !rst) begin
        cover (f_rx_items == F_MOST);
        cover (!wr_n && txe_n);
    end
`endif

endmodule

`default_nettype wire
