// weft_packet_rx against the decoder of host/transport/packet.c: the same stream of good and damaged frames
// and garbage gives the same events, with stalls on both sides.
//
// +bytes=<rx_bytes.bin> +events=<rx_events.bin> from vec_weft_packet; +stall=0 none, 1 random,
// more: heavy. Parameters MEM_BYTES, LINK_BYTES.
`timescale 1ns / 1ps
`default_nettype none
module tb_weft_packet_rx #(parameter integer MEM_BYTES = 16, parameter integer LINK_BYTES = 1);
    localparam integer LINK_DATA = 1024;
    localparam integer BUFFER_W = $clog2(2 * LINK_DATA / MEM_BYTES);
    reg                     clk = 1'b0, rst = 1'b1;
    reg                     rx_valid = 1'b0;
    reg  [8*LINK_BYTES-1:0] rx_data = 0;
    wire                    rx_ready, frame_valid, put_valid, slot;
    reg                     frame_done = 1'b0;
    wire [7:0]              status;
    reg  [2:0]              head_at = 3'd0;
    wire [31:0]             head_word;
    wire [BUFFER_W-1:0]     put_word;
    wire [8*MEM_BYTES-1:0]  put_data;
    reg  [7:0]              buffer [0:2*LINK_DATA-1];
    reg  [8*256-1:0]        path;
    reg  [7:0]              want;
    integer fd_bytes, fd_events, next, i, seed, seed_given, seed_rx, stall, taken, events, length, idle, first, blocked;

    weft_packet_rx #(.LINK_BYTES(LINK_BYTES), .LINK_DATA(LINK_DATA), .MEM_BYTES(MEM_BYTES)) dut (
        .clk(clk), .rst(rst), .rx_valid(rx_valid), .rx_ready(rx_ready), .rx_data(rx_data),
        .frame_valid(frame_valid), .frame_done(frame_done), .frame_status(status), .frame_slot(slot),
        .head_at(head_at), .head_word(head_word),
        .put_valid(put_valid), .put_word(put_word), .put_data(put_data));

    always #5 clk = !clk;

    // The bytes, with pauses.
    initial begin
        taken = 0; stall = 1; seed_rx = 7; blocked = 0;
        if ($value$plusargs("stall=%d", stall)) ;
        if (!$value$plusargs("bytes=%s", path)) $fatal(1, "FAIL weft_packet_rx: no +bytes=");
        fd_bytes = $fopen(path, "rb");
        if (fd_bytes == 0) $fatal(1, "FAIL weft_packet_rx: cannot read %0s", path);
        repeat (3) @(negedge clk);
        rst = 1'b0;
        next = $fgetc(fd_bytes);
        while (next != -1) begin
            while (stall == 1 ? ($random(seed_rx) & 3) == 0 : stall > 1 && ($random(seed_rx) & 3) != 0) begin
                rx_valid = 1'b0; rx_data = $random(seed_rx);
                @(negedge clk);
            end
            rx_valid = 1'b1;
            for (i = 0; i < LINK_BYTES; i = i + 1) begin
                rx_data[8*i +: 8] = next == -1 ? 8'd0 : next[7:0];
                next = $fgetc(fd_bytes);
            end
            #1 while (!rx_ready) begin
                blocked = blocked + 1;
                @(negedge clk) #1;
            end
            @(negedge clk);
            rx_valid = 1'b0;
            taken = taken + LINK_BYTES;
        end
    end

    integer b;
    always @(posedge clk)
        if (put_valid)
            for (b = 0; b < MEM_BYTES; b = b + 1)
                buffer[put_word*MEM_BYTES + b] = put_data[8*b +: 8];

    task expect_event;
        integer j;
        begin
            want = $fgetc(fd_events);
            if ($feof(fd_events)) $fatal(1, "FAIL weft_packet_rx: event %0d: more than wanted", events);
            if (status !== want)
                $fatal(1, "FAIL weft_packet_rx: event %0d: got status %0d, want %0d", events, status, want);
            length = $fgetc(fd_events);
            length = length + 256 * $fgetc(fd_events);
            for (j = 0; j < length + 12; j = j + 1) begin
                want = $fgetc(fd_events);
                head_at = j / 4;
                #1 if (j < 28 && head_word[8*(j%4) +: 8] !== want)
                    $fatal(1, "FAIL weft_packet_rx: event %0d: head byte %0d got %h, want %h", events, j,
                           head_word[8*(j%4) +: 8], want);
                if (j >= 20 && j - 20 < (length - 8) / MEM_BYTES * MEM_BYTES && buffer[slot*LINK_DATA + j-20] !== want)
                    $fatal(1, "FAIL weft_packet_rx: event %0d: data byte %0d got %h, want %h", events, j - 20,
                           buffer[slot*LINK_DATA + j-20], want);
            end
        end
    endtask

    initial begin
        events = 0; idle = 0; seed = 3;
        if ($value$plusargs("seed=%d", seed)) ;
        seed_given = seed;
        if (!$value$plusargs("events=%s", path)) $fatal(1, "FAIL weft_packet_rx: no +events=");
        fd_events = $fopen(path, "rb");
        if (fd_events == 0) $fatal(1, "FAIL weft_packet_rx: cannot read %0s", path);
        @(negedge rst);
        while (idle < 50) begin
            @(negedge clk);
            idle = next == -1 ? idle + 1 : 0;
            if (frame_valid) begin
                // The fields are looked at after a while, sometimes a long one: they must have held.
                if (stall != 0) repeat ($random(seed) & (($random(seed) & 7) == 0 ? 4095 : 3)) @(negedge clk);
                expect_event;
                events = events + 1;
                @(negedge clk);
                frame_done = 1'b1;
                @(negedge clk);
                frame_done = 1'b0;
            end
        end
        first = $fgetc(fd_events);
        if (first != -1) $fatal(1, "FAIL weft_packet_rx: only %0d events", events);
        if (events < 30) $fatal(1, "FAIL weft_packet_rx: %0d events are too few", events);
        if (stall != 0 && blocked == 0) $fatal(1, "FAIL weft_packet_rx: rx was never held back");
        $display("ok weft_packet_rx: %0d bytes, %0d frames good or damaged, LINK_BYTES %0d, MEM_BYTES %0d, stall %0d, seed %0d",
                 taken, events, LINK_BYTES, MEM_BYTES, stall, seed_given);
        $finish;
    end
endmodule
`default_nettype wire
