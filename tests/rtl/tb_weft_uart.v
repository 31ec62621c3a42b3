// weft_uart against a serial line drawn in time: sender and receiver of the bench know nothing of its clock.
//
// Into rxd: bytes with and without pauses, from a sender whose bits are SKEW / 1000 too long, with short wrong pulses in the
// bits where there are clocks enough for three looks to differ (NOISE); low stop bits, breaks, false starts, and more bytes than fit.
// From txd: every edge within a clock of where BAUD, rounded to 2**-24 of the clock, puts it, over whole runs of bytes.  FLOW: cts_n stops bytes, rts_n comes early
// enough for a sender that goes on for LAG bytes.
`timescale 1ns / 1ps
`default_nettype none

module tb_weft_uart #(
    parameter integer CLOCK_HZ = 48000000,
    parameter integer BAUD     = 3000000,
    parameter integer FLOW     = 0,
    parameter integer SKEW     = 0,
    parameter integer NOISE    = 0,
    parameter integer BYTES    = 400
);
    localparam integer HALF_PS = 0.5e12 / CLOCK_HZ;         // of a clock, rounded: the bench's clock is a little off
    localparam real    CLOCK = HALF_PS / 500.0, BIT = CLOCK * CLOCK_HZ / BAUD, SENT_BIT = BIT * (1000.0 + SKEW) / 1000.0;
    localparam real    STEP = BAUD * 16777216.0 / CLOCK_HZ, TX_BIT = CLOCK * 16777216.0 / $floor(STEP + 0.5);
    localparam integer DEPTH = 64, ROOM = 24, LAG = 20;

    reg         clk = 1'b0, rst = 1'b1, rxd = 1'b1, cts_n = 1'b0, rx_ready = 1'b0, tx_valid = 1'b0;
    reg  [7:0]  tx_data;
    wire        txd, rts_n, rx_valid, tx_ready;
    wire [7:0]  rx_data;
    wire [15:0] frame_errors, breaks, overruns;

    weft_uart #(.CLOCK_HZ(CLOCK_HZ), .BAUD(BAUD), .RX_DEPTH(DEPTH), .FLOW(FLOW), .RTS_ROOM(ROOM)) dut (
        .clk(clk), .rst(rst), .rxd(rxd), .txd(txd), .cts_n(cts_n), .rts_n(rts_n),
        .rx_valid(rx_valid), .rx_ready(rx_ready), .rx_data(rx_data),
        .tx_valid(tx_valid), .tx_ready(tx_ready), .tx_data(tx_data),
        .frame_errors(frame_errors), .breaks(breaks), .overruns(overruns));

    always #(HALF_PS / 1000.0) clk = !clk;

    integer seed, first_seed, seed_tx, seed_line, seed_take, seed_cts;
    reg     take = 1'b1;                        // the reader takes what comes, with random pauses

    // --- from the line to rx -----------------------------------------------------------------------

    reg  [7:0] sent [0:65535];
    integer    put = 0, got = 0, want_errors = 0, want_breaks = 0, late = 0;

    always @(negedge clk) rx_ready <= take && (FLOW == 0 || ($random(seed_take) & 3) == 0);
    always @(posedge clk) if (!rst && rx_valid && rx_ready) begin
        if (got == put || rx_data !== sent[got])
            $fatal(1, "FAIL weft_uart: byte %0d is %h, want %h of %0d sent", got, rx_data, sent[got], put);
        got = got + 1;
    end

    // One bit, perhaps with a wrong pulse of a tenth of its length, the last place of which is `places` hundredths behind the first.
    task line_bit(input value, input integer places);
        real lead;
        begin
            rxd = value;
            if (NOISE != 0 && ($random(seed_line) & 1) == 0) begin
                lead = SENT_BIT * (0.12 + ({$random(seed_line)} % places) / 100.0);
                #(lead) rxd = !value;
                #(SENT_BIT * 0.1) rxd = value;
                #(SENT_BIT * 0.9 - lead);
            end else #(SENT_BIT);
        end
    endtask

    task line_byte(input [7:0] value, input stop);
        integer i;
        begin
            line_bit(1'b0, 60);
            for (i = 0; i < 8; i = i + 1) line_bit(value[i], 60);
            line_bit(stop, 38);                 // behind 5/8 it would be a start bit
        end
    endtask

    task send_good;
        begin
            // With flow control the bridge sees rts_n only after LAG more bytes.
            late = rts_n ? late + 1 : 0;
            while (FLOW != 0 && rts_n && late > LAG) #(BIT);
            sent[put] = $random(seed_line);
            put = put + 1;
            line_byte(sent[put-1], 1'b1);
        end
    endtask

    task send_bad;
        integer kind;
        begin
            kind = {$random(seed_line)} % 3;
            if (kind == 0) begin
                line_byte($random(seed_line) | 8'h10, 1'b0);
                want_errors = want_errors + 1;
            end else if (kind == 1) begin
                rxd = 1'b0;
                #(SENT_BIT * (10 + {$random(seed_line)} % 30));
                want_breaks = want_breaks + 1;
            end else begin
                rxd = 1'b0;                     // a start bit that is over before its middle
                #(SENT_BIT * 0.3);
            end
            rxd = 1'b1;
            #(SENT_BIT * 2);
        end
    endtask

    task settle; #(BIT * 4 + CLOCK * 40); endtask

    // --- from tx to the line -----------------------------------------------------------------------

    reg  [7:0] given [0:65535];
    integer    offered = 0, heard = 0, run_bits = 0;
    reg        push = 1'b1;                     // tx always has a byte
    real       run_start = 0, stopped_since = 0;

    always @(posedge clk) if (!rst && tx_valid && tx_ready) begin
        given[offered] = tx_data;
        offered = offered + 1;
    end
    always @(negedge clk) if (!rst && !(tx_valid && !tx_ready)) begin
        tx_valid = offered < 65000 && (push || ($random(seed_tx) & 63) == 0);
        tx_data  = $random(seed_tx);
    end
    always begin
        if (FLOW == 0) @(posedge rst);
        #(BIT * ({$random(seed_cts)} % 40)) cts_n = !cts_n;
        stopped_since = $realtime;
    end

    task on_time;                               // now is the end of bit run_bits of the run
        if ($realtime < run_start + run_bits * TX_BIT - 0.01 || $realtime > run_start + run_bits * TX_BIT + CLOCK + 0.01)
            $fatal(1, "FAIL weft_uart: byte %0d, bit %0d of a run ends after %f bits", heard, run_bits, ($realtime - run_start) / TX_BIT);
    endtask

    integer    i;
    reg  [7:0] value;
    always begin : listen
        if (rst) @(negedge rst);
        if (txd) @(negedge txd);
        if (FLOW != 0 && cts_n && $realtime - stopped_since > 4.5 * CLOCK)
            $fatal(1, "FAIL weft_uart: byte %0d begins while cts_n is high", heard);
        if (run_bits != 0 && $realtime <= run_start + run_bits * TX_BIT + CLOCK + 0.01) on_time;
        else begin
            run_start = $realtime;
            run_bits  = 0;
        end
        for (i = 0; i < 9; i = i + 1) begin
            #(run_start + (run_bits + 0.5) * TX_BIT - $realtime + CLOCK / 2);
            if (i == 0 && txd) $fatal(1, "FAIL weft_uart: byte %0d has a short start bit", heard);
            if (i > 0) value[i-1] = txd;
            run_bits = run_bits + 1;
            fork : edges
                begin @(txd) on_time; disable edges; end
                #(BIT * 0.55) disable edges;
            join
        end
        #(run_start + (run_bits + 0.5) * TX_BIT - $realtime + CLOCK / 2);
        if (!txd) $fatal(1, "FAIL weft_uart: byte %0d has no stop bit", heard);
        if (heard == offered || value !== given[heard])
            $fatal(1, "FAIL weft_uart: byte %0d on the line is %h, want %h", heard, value, given[heard]);
        heard    = heard + 1;
        run_bits = run_bits + 1;
        fork : stop_bit
            begin @(negedge txd) disable stop_bit; end
            #(BIT * 0.5 + CLOCK) disable stop_bit;
        join
    end

    initial #(BIT * (BYTES * 60 + 20000)) $fatal(1, "FAIL weft_uart: it takes too long: %0d of %0d bytes came", got, put);

    // --- the story ----------------------------------------------------------------------------------

    integer n, then;
    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        first_seed = seed;
        seed_tx = seed + 1; seed_line = seed + 2; seed_take = seed + 3; seed_cts = seed + 4;
        repeat (4) @(posedge clk);
        #1 rst = 1'b0;
        #(BIT * 2);
        // Whole bytes, without and with pauses.
        for (n = 0; n < BYTES; n = n + 1) send_good;
        for (n = 0; n < BYTES; n = n + 1) begin
            #(SENT_BIT * (1.0 + ({$random(seed_line)} % 300) / 100.0));
            send_good;
        end
        settle;
        if (frame_errors != 0 || breaks != 0 || overruns != 0)
            $fatal(1, "FAIL weft_uart: %0d errors, %0d breaks, %0d overruns in good bytes", frame_errors, breaks, overruns);
        // Damaged ones between good ones.
        for (n = 0; n < BYTES / 4; n = n + 1) begin
            send_bad;
            send_good;
        end
        settle;
        while (FLOW != 0 && got != put) #(BIT);
        if (got != put) $fatal(1, "FAIL weft_uart: %0d of %0d bytes arrived", got, put);
        if (frame_errors != want_errors || breaks != want_breaks)
            $fatal(1, "FAIL weft_uart: %0d frame errors and %0d breaks, want %0d and %0d", frame_errors, breaks, want_errors, want_breaks);
        // Nobody reads: what fits is kept; with flow control nothing is lost.
        take = 1'b0;
        then = put;
        if (FLOW == 0) begin
            for (n = 0; n < DEPTH + 7; n = n + 1) send_good;
            settle;
            if (overruns != put - then - DEPTH) $fatal(1, "FAIL weft_uart: %0d overruns, want %0d", overruns, put - then - DEPTH);
            put = then + DEPTH;
        end else begin
            for (n = 0; !rts_n || late < LAG; n = n + 1) send_good;
            settle;
            if (n < DEPTH - ROOM || overruns != 0) $fatal(1, "FAIL weft_uart: rts_n after %0d bytes, %0d overruns", n, overruns);
        end
        take = 1'b1;
        repeat (40 * DEPTH) @(posedge clk);
        if (got != put) $fatal(1, "FAIL weft_uart: %0d of %0d bytes arrived after a full FIFO", got, put);
        if (rts_n) $fatal(1, "FAIL weft_uart: rts_n stays high");
        // tx: by now in one run, without flow control; then with pauses.
        if (FLOW == 0 && run_bits < 10 * heard) $fatal(1, "FAIL weft_uart: a pause between bytes that wait: %0d bits for %0d bytes", run_bits, heard);
        push = 1'b0;
        #(BIT * 500);
        if (heard < BYTES) $fatal(1, "FAIL weft_uart: only %0d bytes sent", heard);
        if (want_errors < BYTES / 20 || want_breaks < BYTES / 20) $fatal(1, "FAIL weft_uart: too little damage");
        $display("ok weft_uart: %0d baud from %0d Hz, sender off by %0d/1000, flow %0d, noise %0d: %0d bytes in, %0d out, %0d frame errors, %0d breaks, seed %0d",
                 BAUD, CLOCK_HZ, SKEW, FLOW, NOISE, got, heard, frame_errors, breaks, first_seed);
        $finish;
    end
endmodule

`default_nettype wire
