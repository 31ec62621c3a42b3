// weft_packet_tx against the frames host/transport/packet.c builds, with stalls on both sides; the stream
// rules; and, without stalls, the number of cycles.
//
// +frames=<tx_frames.bin> +bytes=<tx_bytes.bin> from vec_weft_packet; +stall=0 none, 1 random,
// more: heavy. Parameters MEM_BYTES, LINK_BYTES.
`timescale 1ns / 1ps
`default_nettype none
module tb_weft_packet_tx #(parameter integer MEM_BYTES = 16, parameter integer LINK_BYTES = 1);
    localparam integer LINK_DATA = 1024;
    localparam integer BUFFER_W = $clog2(2 * LINK_DATA / MEM_BYTES);
    reg                     clk = 1'b0, rst = 1'b1;
    reg                     frame_valid = 1'b0;
    wire                    frame_start, frame_taken, get_valid, tx_valid;
    reg                     tx_ready = 1'b0, slot = 1'b0;
    wire [2:0]              head_at;
    reg  [31:0]             head [0:7];
    reg  [2:0]              head_words = 3'd0;
    reg  [8:0]              data_words = 9'd0;
    wire [BUFFER_W-1:0]     get_word;
    reg  [8*MEM_BYTES-1:0]  get_data;
    wire [8*LINK_BYTES-1:0] tx_data;
    reg  [7:0]              buffer [0:2*LINK_DATA-1];
    reg  [8*256-1:0]        path;
    reg  [7:0]              want;
    reg  [8*LINK_BYTES-1:0] held;
    reg                     holding = 1'b0;
    integer fd_frames, fd_bytes, next, i, k, length, seed, seed_given, seed_tx, stall, sent, frames, cycles, g, waits;

    weft_packet_tx #(.LINK_BYTES(LINK_BYTES), .LINK_DATA(LINK_DATA), .MEM_BYTES(MEM_BYTES)) dut (
        .clk(clk), .rst(rst), .frame_valid(frame_valid), .frame_start(frame_start), .frame_taken(frame_taken),
        .head_at(head_at), .head_word(head[head_at]), .head_words(head_words), .data_words(data_words), .data_slot(slot),
        .get_valid(get_valid), .get_word(get_word), .get_data(get_data),
        .tx_valid(tx_valid), .tx_ready(tx_ready), .tx_data(tx_data));

    always #5 clk = !clk;

    always @(posedge clk) begin
        if (get_valid)
            for (g = 0; g < MEM_BYTES; g = g + 1)
                get_data[8*g +: 8] <= buffer[get_word*MEM_BYTES + g];
    end

    initial begin
        stall = 1; frames = 0; seed = 5; sent = 0; cycles = 0; waits = 0;
        if ($value$plusargs("seed=%d", seed)) ;
        seed_given = seed;
        if ($value$plusargs("stall=%d", stall)) ;
        if (!$value$plusargs("frames=%s", path)) $fatal(1, "FAIL weft_packet_tx: no +frames=");
        fd_frames = $fopen(path, "rb");
        if (fd_frames == 0) $fatal(1, "FAIL weft_packet_tx: cannot read %0s", path);
        repeat (3) @(negedge clk);
        rst = 1'b0;
        next = $fgetc(fd_frames);
        while (next != -1) begin
            slot = !slot;
            head_words = next[2:0];
            length = $fgetc(fd_frames);
            length = length + 256 * $fgetc(fd_frames);
            data_words = length / 4;
            for (i = 0; i < 8; i = i + 1) head[i] = $random(seed);
            for (i = 0; i < 4 * head_words; i = i + 1) head[i/4][8*(i%4) +: 8] = $fgetc(fd_frames);
            for (i = 0; i < length; i = i + 1) buffer[slot*LINK_DATA + i] = $fgetc(fd_frames);
            frame_valid = 1'b1;
            #1 while (!frame_start) @(negedge clk) #1;
            // Another frame has begun: the half of the one before may change.
            for (i = 0; i < LINK_DATA; i = i + 1) buffer[!slot*LINK_DATA + i] = 8'hxx;
            @(negedge clk);
            frame_valid = $random(seed);
            #1 while (!frame_taken) @(negedge clk) #1;
            @(negedge clk);
            // Nothing but the buffer needs to hold.
            frame_valid = 1'b0; head_words = $random(seed); data_words = $random(seed);
            for (i = 0; i < 8; i = i + 1) head[i] = $random(seed);
            if (stall != 0) repeat ($random(seed) & 7) @(negedge clk);
            frames = frames + 1;
            next = $fgetc(fd_frames);
        end
        repeat (6000) @(negedge clk);
        if ($fgetc(fd_bytes) != -1) $fatal(1, "FAIL weft_packet_tx: only %0d bytes", sent);
        if (stall == 0 && cycles > sent / LINK_BYTES + 3*frames)
            $fatal(1, "FAIL weft_packet_tx: %0d cycles for %0d bytes in %0d frames", cycles, sent, frames);
        $display("ok weft_packet_tx: %0d frames, %0d bytes, %0d cycles, LINK_BYTES %0d, MEM_BYTES %0d, stall %0d, seed %0d",
                 frames, sent, cycles, LINK_BYTES, MEM_BYTES, stall, seed_given);
        $finish;
    end

    initial begin
        seed_tx = 11;
        if (!$value$plusargs("bytes=%s", path)) $fatal(1, "FAIL weft_packet_tx: no +bytes=");
        fd_bytes = $fopen(path, "rb");
        if (fd_bytes == 0) $fatal(1, "FAIL weft_packet_tx: cannot read %0s", path);
    end

    always @(negedge clk)
        tx_ready <= stall == 0 ? 1'b1 : stall == 1 ? ($random(seed_tx) & 3) != 0 : ($random(seed_tx) & 3) == 0;

    // A frame is under way from frame_start to its last byte: then tx must not pause for long.
    always @(posedge clk) if (!rst) begin
        if (holding && (!tx_valid || tx_data !== held))
            $fatal(1, "FAIL weft_packet_tx: byte %0d does not hold", sent);
        holding <= tx_valid && !tx_ready;
        held    <= tx_data;
        if (tx_valid && tx_ready)
            for (k = 0; k < LINK_BYTES; k = k + 1) begin
                want = $fgetc(fd_bytes);
                if ($feof(fd_bytes) || tx_data[8*k +: 8] !== want)
                    $fatal(1, "FAIL weft_packet_tx: byte %0d in frame %0d: got %h, want %h", sent, frames, tx_data[8*k +: 8], want);
                sent = sent + 1;
            end
        waits = dut.state == 2'd0 || tx_valid ? 0 : waits + 1;
        if (waits > 2) $fatal(1, "FAIL weft_packet_tx: a pause before byte %0d", sent);
        if (tx_valid || dut.state != 2'd0)
            cycles = cycles + 1;
    end
endmodule
`default_nettype wire
