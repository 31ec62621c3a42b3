// weft_packet_rx against the decoder of host/transport/packet.c: the same stream of good and damaged frames
// and garbage gives the same events, with stalls on both sides.
//
// +bytes=<rx_bytes.bin> +events=<rx_events.bin> from vec_weft_packet; +stall=0 none, 1 random,
// more: heavy. Parameter MEM_BYTES.
`timescale 1ns / 1ps
`default_nettype none
module tb_weft_packet_rx #(parameter integer MEM_BYTES = 16);
    localparam integer BUFFER_W = $clog2(1024 / MEM_BYTES);
    reg                    clk = 1'b0, rst = 1'b1;
    reg                    rx_valid = 1'b0;
    reg  [7:0]             rx_data = 8'd0;
    wire                   rx_ready, frame_valid, put_valid;
    reg                    frame_done = 1'b0;
    wire [7:0]             status, kind, sequence_number;
    wire [10:0]            bytes;
    wire [127:0]           head;
    wire [BUFFER_W-1:0]    put_word;
    wire [8*MEM_BYTES-1:0] put_data;
    reg  [7:0]             buffer [0:1023];
    reg  [8*256-1:0]       path;
    reg  [7:0]             want;
    integer fd_bytes, fd_events, next, i, seed, seed_given, seed_rx, stall, taken, events, length, idle, first;

    weft_packet_rx #(.MEM_BYTES(MEM_BYTES)) dut (
        .clk(clk), .rst(rst), .rx_valid(rx_valid), .rx_ready(rx_ready), .rx_data(rx_data),
        .frame_valid(frame_valid), .frame_done(frame_done), .frame_status(status), .frame_type(kind),
        .frame_sequence(sequence_number), .frame_bytes(bytes), .frame_head(head),
        .put_valid(put_valid), .put_word(put_word), .put_data(put_data));

    always #5 clk = !clk;

    // The bytes, with pauses.
    initial begin
        taken = 0; stall = 1; seed_rx = 7;
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
            rx_valid = 1'b1; rx_data = next[7:0];
            #1 while (!rx_ready) @(negedge clk) #1;
            @(negedge clk);
            rx_valid = 1'b0;
            taken = taken + 1;
            next = $fgetc(fd_bytes);
        end
    end

    always @(posedge clk)
        if (put_valid)
            for (i = 0; i < MEM_BYTES; i = i + 1)
                buffer[put_word*MEM_BYTES + i] = put_data[8*i +: 8];

    task expect_event;
        integer j;
        begin
            want = $fgetc(fd_events);
            if ($feof(fd_events)) $fatal(1, "FAIL weft_packet_rx: event %0d: more than wanted", events);
            if (status !== want)
                $fatal(1, "FAIL weft_packet_rx: event %0d: got status %0d, want %0d", events, status, want);
            want = $fgetc(fd_events);
            if (kind !== want)
                $fatal(1, "FAIL weft_packet_rx: event %0d: got type %h, want %h", events, kind, want);
            want = $fgetc(fd_events);
            if (sequence_number !== want)
                $fatal(1, "FAIL weft_packet_rx: event %0d: got sequence %h, want %h", events, sequence_number, want);
            length = $fgetc(fd_events);
            length = length + 256 * $fgetc(fd_events);
            if (status == 0 && bytes !== length)
                $fatal(1, "FAIL weft_packet_rx: event %0d: got %0d bytes, want %0d", events, bytes, length);
            for (j = 0; j < length; j = j + 1) begin
                want = $fgetc(fd_events);
                if (j < 16 && head[8*j +: 8] !== want)
                    $fatal(1, "FAIL weft_packet_rx: event %0d: head byte %0d got %h, want %h", events, j,
                           head[8*j +: 8], want);
                if (j >= 8 && j - 8 < (length - 8) / MEM_BYTES * MEM_BYTES && buffer[j-8] !== want)
                    $fatal(1, "FAIL weft_packet_rx: event %0d: data byte %0d got %h, want %h", events, j - 8,
                           buffer[j-8], want);
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
                // The fields are looked at after a while: they must have held.
                if (stall != 0) repeat ($random(seed) & 3) @(negedge clk);
                if (rx_ready !== 1'b0) $fatal(1, "FAIL weft_packet_rx: ready while a frame waits");
                expect_event;
                events = events + 1;
                frame_done = 1'b1;
                @(negedge clk);
                frame_done = 1'b0;
                if (frame_valid) $fatal(1, "FAIL weft_packet_rx: a frame stays after frame_done");
            end
        end
        first = $fgetc(fd_events);
        if (first != -1) $fatal(1, "FAIL weft_packet_rx: only %0d events", events);
        if (events < 30) $fatal(1, "FAIL weft_packet_rx: %0d events are too few", events);
        $display("ok weft_packet_rx: %0d bytes, %0d frames good or damaged, MEM_BYTES %0d, stall %0d, seed %0d", taken,
                 events, MEM_BYTES, stall, seed_given);
        $finish;
    end
endmodule
`default_nettype wire
