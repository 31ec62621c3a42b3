// weft_crc32 against the CRC of host/transport/packet.c, with idle cycles between.
//
// +vec=<crc.bin> from vec_weft_packet.  Parameter BYTES.
`timescale 1ns / 1ps
`default_nettype none
module tb_weft_crc32 #(parameter integer BYTES = 1);
    reg               clk = 1'b0;
    reg               first = 1'b0, valid = 1'b0;
    reg [8*BYTES-1:0] data = 0;
    wire [31:0]       crc;
    reg  [8*256-1:0]  path;
    reg  [31:0]       four, want;
    integer fd, begins, i, seed, seed_given, bytes;

    weft_crc32 #(.BYTES(BYTES)) dut (.clk(clk), .first(first), .valid(valid), .data(data), .crc(crc));

    always #5 clk = !clk;

    task take(input is_first, input [8*BYTES-1:0] part);
        begin
            @(negedge clk);
            first = is_first; valid = 1'b1; data = part;
            @(negedge clk);
            first = $random(seed); valid = 1'b0; data = $random(seed);
            repeat ($random(seed) & 1) @(negedge clk);
        end
    endtask

    initial begin
        seed = 1; bytes = 0;
        if (!$value$plusargs("vec=%s", path)) $fatal(1, "FAIL weft_crc32: no +vec=");
        if ($value$plusargs("seed=%d", seed)) ;
        seed_given = seed;
        fd = $fopen(path, "rb");
        if (fd == 0) $fatal(1, "FAIL weft_crc32: cannot read %0s", path);
        begins = $fgetc(fd);
        while (begins != -1) begin
            for (i = 0; i < 4; i = i + 1) four[8*i +: 8] = $fgetc(fd);
            for (i = 0; i < 4; i = i + 1) want[8*i +: 8] = $fgetc(fd);
            for (i = 0; i < 4; i = i + BYTES) take(begins == 1 && i == 0, four[8*i +: 8*BYTES]);
            if (~crc !== want)
                $fatal(1, "FAIL weft_crc32: byte %0d: got %h, want %h", bytes, ~crc, want);
            bytes = bytes + 4;
            begins = $fgetc(fd);
        end
        if (bytes < 1000) $fatal(1, "FAIL weft_crc32: only %0d bytes", bytes);
        $display("ok weft_crc32: %0d bytes, %0d at a time, seed %0d", bytes, BYTES, seed_given);
        $finish;
    end
endmodule
`default_nettype wire
