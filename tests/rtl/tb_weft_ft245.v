// weft_ft245 between a chip of FTDI's (ft245_chip.v checks the bus and its times) and a reader and writer of the stream.
//
// The clock reaches the FPGA's registers CLOCK_LATE after the chip's pin, pins are OUT_LATE behind their register and IN_LATE before it.
// Phases: each direction alone and both at once, without pauses, measured; then with random pauses of the chip and of the stream;
// the chip's clock standing still in mid-burst; a reset in the middle of traffic.  Every byte is compared.
`timescale 1ns / 1ps
`default_nettype none

module tb_weft_ft245 #(
    parameter integer WORD_BYTES   = 1,
    parameter integer STREAM_BYTES = 1,
    parameter integer CLK_PS       = 10000,
    parameter integer BYTES        = 4096 * WORD_BYTES
);
    localparam integer W = 8 * WORD_BYTES, S = 8 * STREAM_BYTES, BYTES_W = $clog2(STREAM_BYTES + 1), SPACE = 1 << 17;
    localparam real    PERIOD = WORD_BYTES == 1 ? 16.667 : 10.0;
    // The FT232H may change its pins at the very edge, so the clock must not be later than the pins; the FT60x wants its own held for long.
    localparam real    CLOCK_LATE = WORD_BYTES == 1 ? 0.5 : 2.5, OUT_LATE = WORD_BYTES == 1 ? 6.0 : 4.0, IN_LATE = 1.0;
    // Words a cycle of the chip, if the stream is slower than the bus.
    localparam real    SHARE = 1.0 * STREAM_BYTES / WORD_BYTES * PERIOD * 1000 / CLK_PS;
    localparam real    MOST  = SHARE < 1.0 ? SHARE : 1.0;

    reg                clk = 1'b0, rst = 1'b1;
    wire               up, rx_valid, tx_ready, chip_clk, chip_rxf_n, chip_txe_n, oe_n, rd_n, wr_n, siwu_n, drive;
    reg                rx_ready = 1'b0, tx_valid = 1'b0;
    wire [S-1:0]       rx_data;
    reg  [S-1:0]       tx_data;
    wire [BYTES_W-1:0] rx_bytes;
    reg  [BYTES_W-1:0] tx_bytes;
    wire [W-1:0]       chip_data, data_out;
    wire [WORD_BYTES-1:0] chip_be, be_out;

    always #(CLK_PS / 2000.0) clk = !clk;

    wire ft_clk, ft_rxf_n, ft_txe_n, chip_oe_n, chip_rd_n, chip_wr_n, chip_siwu_n, chip_drive;
    wire [W-1:0] ft_data, chip_written;
    wire [WORD_BYTES-1:0] ft_be, chip_written_be;
    assign #(CLOCK_LATE) ft_clk = chip_clk;
    assign #(IN_LATE)    {ft_rxf_n, ft_txe_n, ft_be, ft_data} = {chip_rxf_n, chip_txe_n, chip_be, chip_data};
    assign #(OUT_LATE)   {chip_oe_n, chip_rd_n, chip_wr_n, chip_siwu_n, chip_drive} = {oe_n, rd_n, wr_n, siwu_n, drive};
    assign #(OUT_LATE)   {chip_written_be, chip_written} = {be_out, data_out};

    weft_ft245 #(.WORD_BYTES(WORD_BYTES), .STREAM_BYTES(STREAM_BYTES)) dut (
        .clk(clk), .rst(rst), .up(up), .rx_valid(rx_valid), .rx_ready(rx_ready), .rx_data(rx_data), .rx_bytes(rx_bytes),
        .tx_valid(tx_valid), .tx_ready(tx_ready), .tx_data(tx_data), .tx_bytes(tx_bytes),
        .ft_clk(ft_clk), .ft_rxf_n(ft_rxf_n), .ft_txe_n(ft_txe_n), .ft_oe_n(oe_n), .ft_rd_n(rd_n), .ft_wr_n(wr_n), .ft_siwu_n(siwu_n),
        .ft_drive(drive), .ft_data_in(ft_data), .ft_be_in(ft_be), .ft_data_out(data_out), .ft_be_out(be_out));

    ft245_chip #(.WORD_BYTES(WORD_BYTES), .PERIOD(PERIOD), .OUT_MIN(WORD_BYTES == 1 ? 0.0 : 3.5), .OUT_MAX(WORD_BYTES == 1 ? 9.0 : 7.0),
                 .FLOAT(WORD_BYTES == 1 ? 9.0 : 7.0), .SETUP(WORD_BYTES == 1 ? 7.5 : 1.0), .HOLD(WORD_BYTES == 1 ? 0.0 : 4.8),
                 .PACKET(WORD_BYTES == 1 ? 512 : 1024)) chip (
        .clk(chip_clk), .rxf_n(chip_rxf_n), .txe_n(chip_txe_n), .oe_n(chip_oe_n), .rd_n(chip_rd_n), .wr_n(chip_wr_n), .siwu_n(chip_siwu_n),
        .drive(chip_drive), .data_in(chip_written), .be_in(chip_written_be), .data_out(chip_data), .be_out(chip_be));

    // --- the stream -----------------------------------------------------------------------------------

    reg [7:0] given [0:SPACE-1];
    integer   seed, first_seed, seed_rx, seed_tx, got = 0, put = 0, to_put = 0, compared = 0, stall = 0, cut = 0, i;
    reg       lost = 1'b0, held = 1'b0;         // after a reset in mid-traffic the bytes on their way are gone
    reg [S+BYTES_W-1:0] held_word;

    always @(posedge clk) if (up) begin
        if (held && (!rx_valid || {rx_bytes, rx_data} !== held_word)) $fatal(1, "FAIL weft_ft245: rx does not hold, byte %0d", got);
        held      <= rx_valid && !rx_ready;
        held_word <= {rx_bytes, rx_data};
        if (rx_valid && rx_ready) begin
            if (rx_bytes == 0 || rx_bytes > STREAM_BYTES) $fatal(1, "FAIL weft_ft245: a word of %0d bytes", rx_bytes);
            for (i = 0; i < rx_bytes; i = i + 1) begin
                if (!lost && (got >= chip.taken || rx_data[8*i +: 8] !== chip.to_device[got]))
                    $fatal(1, "FAIL weft_ft245: byte %0d to the device is %h, want %h, %0d taken", got, rx_data[8*i +: 8], chip.to_device[got], chip.taken);
                got = got + 1;
            end
        end
        if (tx_valid && tx_ready)
            for (i = 0; i < tx_bytes; i = i + 1) begin
                given[put] = tx_data[8*i +: 8];
                put = put + 1;
            end
    end else held <= 1'b0;
    always @(negedge clk) begin
        rx_ready = {$random(seed_rx)} % 256 >= stall;
        if (!(tx_valid && !tx_ready)) begin
            tx_valid = put < to_put && {$random(seed_tx)} % 256 >= stall;
            tx_data  = {S{1'bx}};
            tx_bytes = STREAM_BYTES;
            if (cut != 0 && {$random(seed_tx)} % 4 == 0) tx_bytes = 1 + {$random(seed_tx)} % STREAM_BYTES;
            if (tx_bytes > to_put - put) tx_bytes = to_put - put;
            for (i = 0; i < tx_bytes; i = i + 1) tx_data[8*i +: 8] = $random(seed_tx);
        end
    end

    task compare_sent;
        begin
            if (chip.host_got > put && !lost) $fatal(1, "FAIL weft_ft245: the host got %0d of %0d bytes", chip.host_got, put);
            while (!lost && compared < chip.host_got) begin
                if (chip.from_device[compared] !== given[compared])
                    $fatal(1, "FAIL weft_ft245: byte %0d to the host is %h, want %h", compared, chip.from_device[compared], given[compared]);
                compared = compared + 1;
            end
        end
    endtask

    // --- the story ------------------------------------------------------------------------------------

    initial #(20.0e6) $fatal(1, "FAIL weft_ft245: it takes too long: %0d of %0d bytes in, %0d of %0d out", got, chip.host_put, chip.host_got, to_put);

    integer n, edges_then, words_then, in_then, out_then, short_then, idle;
    real    share_rx, share_tx, share_both;

    task host_sends(input integer bytes);
        for (n = 0; n < bytes; n = n + 1) begin
            chip.to_device[chip.host_put] = $random(seed);
            chip.host_put = chip.host_put + 1;
        end
    endtask

    task mark;
        begin
            edges_then = chip.edges; in_then = chip.words_in; out_then = chip.words_out;
        end
    endtask

    // Until all bytes are across, or none moved for long.
    task finish(input [8*30-1:0] phase);
        begin
            idle = 0;
            while ((chip.taken != chip.host_put || got != chip.taken || put != to_put || chip.host_got != put) && idle < 4000) begin
                n = got + put + chip.host_got + chip.taken;
                @(posedge clk);
                idle = n == got + put + chip.host_got + chip.taken ? idle + 1 : 0;
            end
            if (idle == 4000) $fatal(1, "FAIL weft_ft245: %0s: stuck with %0d of %0d bytes in, %0d of %0d out", phase, got, chip.host_put, chip.host_got, to_put);
            compare_sent;
        end
    endtask

    task at_least(input [8*30-1:0] phase, input real share, input real want);
        if (share < want) $fatal(1, "FAIL weft_ft245: %0s: %f words a cycle, want %f", phase, share, want);
    endtask

    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        first_seed = seed;
        seed_rx = seed + 1; seed_tx = seed + 2; chip.seed = seed + 3;
        repeat (8) @(posedge clk);
        #1 rst = 1'b0;
        wait (up) chip.checking = 1'b1;
        // What goes wrong at full speed, and how fast that is.
        host_sends(BYTES);
        mark;
        finish("to the device");
        share_rx = 1.0 * (chip.words_in - in_then) / (chip.edges - edges_then);
        at_least("to the device", share_rx, 0.97 * MOST);
        short_then = chip.short_packets;
        to_put = put + BYTES + 5;               // no whole number of packets
        n = chip.words_out;
        wait (chip.words_out != n) mark;        // from the first word on: a packet is filled before
        finish("to the host");
        share_tx = 1.0 * (chip.words_out - out_then) / (chip.edges - edges_then);
        at_least("to the host", share_tx, 0.94 * MOST);
        repeat (200) @(posedge chip_clk);
        if (WORD_BYTES > 1 && chip.short_packets - short_then > 2)
            $fatal(1, "FAIL weft_ft245: %0d short packets for %0d bytes without a pause", chip.short_packets - short_then, BYTES);
        if (chip.in_packet != 0) $fatal(1, "FAIL weft_ft245: the chip keeps the last %0d bytes", chip.in_packet);
        host_sends(BYTES);
        to_put = put + BYTES;
        mark;
        repeat (BYTES / WORD_BYTES) @(posedge chip_clk);
        share_both = 1.0 * (chip.words_in - in_then + chip.words_out - out_then) / (chip.edges - edges_then);
        at_least("both ways", share_both, 0.94 * (MOST < 0.5 ? 2 * MOST : 1.0));
        if (chip.words_in == in_then || chip.words_out == out_then) $fatal(1, "FAIL weft_ft245: one direction starves the other");
        finish("both ways");
        // Pauses everywhere, some words of few bytes.
        chip.short_words = WORD_BYTES > 1;
        cut = STREAM_BYTES > 1;
        for (n = 0; n < 6; n = n + 1) begin : pauses
            integer round;
            round = n;
            stall = round % 3 * 90;
            chip.pause = round < 3 ? 40 : 160;
            host_sends(1000 * WORD_BYTES / 2);
            to_put = put + 1000 * WORD_BYTES / 2;
            // The clock stands still in mid-traffic, then goes on.
            repeat (500) @(posedge clk);
            chip.stopped = 1'b1;
            repeat (300) @(posedge clk);
            chip.stopped = 1'b0;
            finish("with pauses");
            n = round;
        end
        if (chip.refused < 20) $fatal(1, "FAIL weft_ft245: only %0d words offered in vain", chip.refused);
        // A reset in the middle: what is on its way is lost, what comes after is not.
        for (n = 0; n < 4; n = n + 1) begin : resets
            integer round;
            round = n;
            stall = 20; chip.pause = 20;
            host_sends(2000);
            to_put = put + 2000;
            repeat (300 + 41 * round) @(posedge clk);
            lost = 1'b1;
            if (round == 2) chip.stopped = 1'b1;            // the reset waits for the clock
            #1 rst = 1'b1;
            @(posedge clk) #1 rst = 1'b0;
            repeat (40) @(posedge clk);
            if (round == 2) begin
                if (up) $fatal(1, "FAIL weft_ft245: up while the chip's clock stands still");
                chip.stopped = 1'b0;
            end
            to_put = put + (tx_valid ? tx_bytes : 0);
            idle = 0;
            while (idle < 1000) begin
                n = got + put + chip.host_got + chip.taken;
                @(posedge clk);
                idle = n == got + put + chip.host_got + chip.taken ? idle + 1 : 0;
            end
            if (chip.taken != chip.host_put) $fatal(1, "FAIL weft_ft245: stuck after a reset");
            got = chip.taken; put = chip.host_got; compared = put; to_put = put;
            lost = 1'b0;
            host_sends(2000);
            to_put = put + 2000;
            finish("after a reset");
            n = round;
        end
        $display("ok weft_ft245: %0d to %0d bytes wide, clock %0d ps: words a cycle %.3f to the device, %.3f to the host, %.3f both, %0d bytes in, %0d out, %0d refused, %0d packets, seed %0d",
                 WORD_BYTES, STREAM_BYTES, CLK_PS, share_rx, share_tx, share_both, got, put, chip.refused, chip.packets, first_seed);
        $finish;
    end
endmodule

`default_nettype wire
