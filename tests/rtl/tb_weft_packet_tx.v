// weft_packet_tx against the frames host/transport/packet.c builds, with stalls on both sides; the stream
// rules; and, without stalls, the number of cycles.
//
// +frames=<tx_frames.bin> +bytes=<tx_bytes.bin> from vec_weft_packet; +stall=0 none, 1 random,
// more: heavy. Parameter MEM_BYTES.
`timescale 1ns / 1ps
`default_nettype none
module tb_weft_packet_tx #(parameter integer MEM_BYTES = 16);
    localparam integer BUFFER_W = $clog2(1024 / MEM_BYTES);
    reg                    clk = 1'b0, rst = 1'b1;
    reg                    frame_valid = 1'b0;
    wire                   frame_ready, get_valid, tx_valid;
    reg                    tx_ready = 1'b0;
    reg  [7:0]             kind = 8'd0, sequence_number = 8'd0;
    reg  [95:0]            head = 96'd0;
    reg  [3:0]             head_bytes = 4'd0;
    reg  [10:0]            data_bytes = 11'd0;
    wire [BUFFER_W-1:0]    get_word;
    reg  [8*MEM_BYTES-1:0] get_data;
    wire [7:0]             tx_data;
    reg  [7:0]             buffer [0:1023];
    reg  [8*256-1:0]       path;
    reg  [7:0]             want, held;
    reg                    holding = 1'b0;
    integer fd_frames, fd_bytes, next, i, seed, seed_given, seed_tx, stall, sent, frames, cycles, g, waits;

    weft_packet_tx #(.MEM_BYTES(MEM_BYTES)) dut (
        .clk(clk), .rst(rst), .frame_valid(frame_valid), .frame_ready(frame_ready), .frame_type(kind),
        .frame_sequence(sequence_number), .frame_head(head), .frame_head_bytes(head_bytes),
        .frame_data_bytes(data_bytes), .get_valid(get_valid), .get_word(get_word), .get_data(get_data),
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
            kind = next[7:0];
            sequence_number = $fgetc(fd_frames);
            head_bytes = $fgetc(fd_frames);
            data_bytes[7:0] = $fgetc(fd_frames);
            data_bytes[10:8] = $fgetc(fd_frames);
            for (i = 0; i < 12; i = i + 1) head[8*i +: 8] = $random(seed);
            for (i = 0; i < head_bytes; i = i + 1) head[8*i +: 8] = $fgetc(fd_frames);
            for (i = 0; i < data_bytes; i = i + 1) buffer[i] = $fgetc(fd_frames);
            frame_valid = 1'b1;
            #1 while (!frame_ready) @(negedge clk) #1;
            @(negedge clk);
            // Nothing but the buffer needs to hold.
            frame_valid = 1'b0; kind = $random(seed); sequence_number = $random(seed); head = {3{$random(seed)}};
            head_bytes = $random(seed); data_bytes = $random(seed);
            #1 while (!frame_ready) @(negedge clk) #1;
            for (i = 0; i < 1024; i = i + 1) buffer[i] = 8'hxx;
            if (stall != 0) repeat ($random(seed) & 7) @(negedge clk);
            frames = frames + 1;
            next = $fgetc(fd_frames);
        end
        repeat (2000) @(negedge clk);
        if ($fgetc(fd_bytes) != -1) $fatal(1, "FAIL weft_packet_tx: only %0d bytes", sent);
        if (stall == 0 && cycles > sent + 2*frames)
            $fatal(1, "FAIL weft_packet_tx: %0d cycles for %0d bytes in %0d frames", cycles, sent, frames);
        $display("ok weft_packet_tx: %0d frames, %0d bytes, %0d cycles, MEM_BYTES %0d, stall %0d, seed %0d", frames, sent,
                 cycles, MEM_BYTES, stall, seed_given);
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

    always @(posedge clk) if (!rst) begin
        if (holding && (!tx_valid || tx_data !== held))
            $fatal(1, "FAIL weft_packet_tx: byte %0d does not hold", sent);
        holding <= tx_valid && !tx_ready;
        held    <= tx_data;
        if (tx_valid && tx_ready) begin
            want = $fgetc(fd_bytes);
            if ($feof(fd_bytes) || tx_data !== want)
                $fatal(1, "FAIL weft_packet_tx: byte %0d in frame %0d: got %h, want %h", sent, frames, tx_data, want);
            sent = sent + 1;
        end
        waits = frame_ready || tx_valid || tx_ready ? 0 : waits + 1;
        if (waits > 2) $fatal(1, "FAIL weft_packet_tx: byte %0d waits for tx_ready", sent);
        if (tx_valid || !frame_ready)
            cycles = cycles + 1;
    end
endmodule
`default_nettype wire
