// An FTDI chip in "245 synchronous FIFO" mode, seen from its pins, with the times of the datasheets in ns.
//
// The bench puts bytes of the host into `to_device` (host_put) and finds those of the device in `from_device` (host_got).  Words
// the host sends are cut short at random (`short_words`, where there are byte enables); rxf_n goes high at random behind any word, txe_n at any
// edge (`pause`, in 256).  What the chip shows is X from OUT_MIN to OUT_MAX after an edge if it changes, the bus from the change of oe_n
// until FLOAT after it; so a master that looks too early or too late reads X.
//
// Every rule below that is broken ends the run:
//     inputs stand still from SETUP before to HOLD after each edge
//     nobody drives the bus while the chip does; wr_n is low only with oe_n high and the bus driven, without X
//     rd_n is low only with oe_n low, here and an edge before; it falls only while rxf_n is low and is high again one edge after that rises
//     wr_n falls only while txe_n is low, and is high again one edge after that rises
//     byte enables are those of the lowest bytes, at least one, and after a word that is not full wr_n is high for an edge
`timescale 1ns / 1ps
`default_nettype none

module ft245_chip #(
    parameter integer WORD_BYTES = 1,
    parameter real    PERIOD     = 16.667,
    parameter real    OUT_MIN    = 0.0,
    parameter real    OUT_MAX    = 9.0,
    parameter real    FLOAT      = 9.0,
    parameter real    SETUP      = 7.5,
    parameter real    HOLD       = 0.0,
    parameter integer PACKET     = 512          // bytes
) (
    output reg                     clk,
    output reg                     rxf_n,
    output reg                     txe_n,
    input  wire                    oe_n,
    input  wire                    rd_n,
    input  wire                    wr_n,
    input  wire                    siwu_n,
    input  wire                    drive,       // the other side's pads
    input  wire [8*WORD_BYTES-1:0] data_in,
    input  wire [WORD_BYTES-1:0]   be_in,
    output wire [8*WORD_BYTES-1:0] data_out,
    output wire [WORD_BYTES-1:0]   be_out
);
    localparam integer SPACE = 1 << 17;
    reg [7:0] to_device [0:SPACE-1];
    reg [7:0] from_device [0:SPACE-1];
    integer   host_put = 0, taken = 0, host_got = 0;
    integer   pause = 0, short_words = 0, seed = 1;
    integer   words_in = 0, words_out = 0, edges = 0, short_packets = 0, packets = 0, sent_now = 0, refused = 0, broken_off = 0;
    integer   in_packet = 0;
    reg       stopped = 1'b0, checking = 1'b0;  // the clock stands still; the master has left its reset

    // --- the clock and what the chip shows -----------------------------------------------------------

    real last_edge = 0, last_control = 0, last_data = 0;
    initial begin
        clk = 1'b0; rxf_n = 1'b1; txe_n = 1'b1;
        forever begin
            #(PERIOD / 2.0);
            if (!stopped) clk = 1'b1;
            #(PERIOD / 2.0) clk = 1'b0;
        end
    end

    reg [8*WORD_BYTES-1:0] word;
    reg [WORD_BYTES-1:0]   be;
    reg                    bus_known = 1'b0, bus_on = 1'b0;
    assign data_out = bus_on ? (bus_known ? word : {8*WORD_BYTES{1'bx}}) : {8*WORD_BYTES{1'bz}};
    assign be_out   = bus_on ? (bus_known ? be : {WORD_BYTES{1'bx}}) : {WORD_BYTES{1'bz}};

    always @(negedge oe_n) begin
        bus_on = 1'b1; bus_known = 1'b0;
        #(FLOAT) bus_known = !oe_n;
    end
    always @(posedge oe_n) begin
        bus_known = 1'b0;
        #(FLOAT) bus_on = !oe_n;
    end
    always @(*) if (bus_on && drive !== 1'b0 && checking) $fatal(1, "FAIL ft245_chip: both sides drive the bus at %0t", $time);

    // --- setup and hold ------------------------------------------------------------------------------

    always @(oe_n or rd_n or wr_n) begin
        last_control = $realtime;
        if (checking && $realtime - last_edge < HOLD) $fatal(1, "FAIL ft245_chip: a control pin moves %f ns after the edge", $realtime - last_edge);
    end
    reg writing = 1'b0;
    always @(data_in or be_in or drive) begin
        last_data = $realtime;
        if (checking && writing && $realtime - last_edge < HOLD) $fatal(1, "FAIL ft245_chip: data moves %f ns after the edge", $realtime - last_edge);
    end

    // --- one edge ------------------------------------------------------------------------------------

    reg     was_oe_n = 1'b1, was_rd_n = 1'b1, was_wr_n = 1'b1, was_rxf_n = 1'b1, was_txe_n = 1'b1, was_short = 1'b0;
    reg     next_rxf_n, next_txe_n;
    reg [8*WORD_BYTES-1:0] next_word;
    reg [WORD_BYTES-1:0]   next_be;
    integer i, shown = 0;                       // bytes of the word on the bus

    function [WORD_BYTES-1:0] lowest(input integer n);
        lowest = (1 << n) - 1;
    endfunction

    task broken(input [8*60-1:0] rule);
        $fatal(1, "FAIL ft245_chip: %0s, at %0t, edge %0d", rule, $time, edges);
    endtask

    task check;
        begin
            if (^{oe_n, rd_n, wr_n, siwu_n, drive} === 1'bx) broken("a pin is unknown");
            if ($realtime - last_control < SETUP) broken("a control pin moves too close before the edge");
            if (!rd_n && (oe_n || was_oe_n)) broken("rd_n is low without oe_n low an edge before");
            if (!rd_n && was_rd_n && rxf_n) broken("rd_n falls while rxf_n is high");
            if (!rd_n && !was_rd_n && rxf_n && was_rxf_n) broken("rd_n stays low while rxf_n is high");
            if (!wr_n && !oe_n) broken("wr_n and oe_n are low");
            if (!wr_n && was_wr_n && txe_n && was_txe_n) broken("wr_n falls while txe_n is high");
            if (!wr_n && !was_wr_n && txe_n && was_txe_n) broken("wr_n stays low while txe_n is high");
            if (!wr_n && !drive) broken("wr_n is low and the bus is not driven");
            if (!wr_n && $realtime - last_data < SETUP) broken("data moves too close before the edge");
            if (!wr_n && (^data_in === 1'bx && be_in === {WORD_BYTES{1'b1}})) broken("data is unknown");
            if (!wr_n && was_short) broken("a write behind a word that was not full");
        end
    endtask

    always @(posedge clk) begin : edge_of_clock
        edges = edges + 1;
        last_edge = $realtime;
        if (checking) check;
        writing = !wr_n;
        // The word shown was taken.
        if (!rd_n && !oe_n && !rxf_n) begin
            taken    = taken + shown;
            shown    = 0;
            words_in = words_in + 1;
        end else if (rxf_n === 1'b0 && !was_rd_n && rd_n) broken_off = broken_off + 1;
        // A word was given, or offered in vain.
        was_short = 1'b0;
        if (!wr_n && !txe_n) begin
            for (i = 0; i < WORD_BYTES; i = i + 1) if (be_in[i]) begin
                if (be_in[i] && i > 0) if (!be_in[i-1]) broken("byte enables with a hole");
                from_device[host_got] = data_in[8*i +: 8];
                if (^data_in[8*i +: 8] === 1'bx) broken("a byte is unknown");
                host_got  = host_got + 1;
                in_packet = in_packet + 1;
            end
            if (!be_in[0]) broken("a word without bytes");
            was_short = !(&be_in);
            words_out = words_out + 1;
            if (in_packet == PACKET) begin packets = packets + 1; in_packet = 0; end
        end else if (!wr_n) refused = refused + 1;
        // A FT60x sends what it has when a burst ends, a FT232H when it is told.
        if (WORD_BYTES > 1 ? wr_n && !txe_n && in_packet != 0 : !siwu_n && in_packet != 0) begin
            short_packets = short_packets + 1;
            packets       = packets + 1;
            in_packet     = 0;
        end
        was_oe_n = oe_n; was_rd_n = rd_n; was_wr_n = wr_n; was_rxf_n = rxf_n; was_txe_n = txe_n;

        // What comes next.
        if (shown == 0 && taken < host_put && ({$random(seed)} % 256 >= pause)) begin
            shown = WORD_BYTES;
            if (short_words != 0 && {$random(seed)} % 16 == 0) shown = 1 + {$random(seed)} % WORD_BYTES;
            if (shown > host_put - taken) shown = host_put - taken;
        end
        for (i = 0; i < WORD_BYTES; i = i + 1) next_word[8*i +: 8] = i < shown ? to_device[(taken + i) % SPACE] : $random(seed);
        next_be    = shown == 0 ? $random(seed) : lowest(shown);
        next_rxf_n = shown == 0;
        next_txe_n = {$random(seed)} % 256 < pause;
        #(OUT_MIN);
        if (rxf_n !== next_rxf_n) rxf_n = 1'bx;
        if (txe_n !== next_txe_n) txe_n = 1'bx;
        if (word !== next_word || be !== next_be) begin word = {8*WORD_BYTES{1'bx}}; be = {WORD_BYTES{1'bx}}; end
        #(OUT_MAX - OUT_MIN);
        rxf_n = next_rxf_n; txe_n = next_txe_n;
        word = next_word; be = next_be;
    end
endmodule

`default_nettype wire
