// weft_crc32 against the CRC of host/transport/packet.c, byte by byte, with idle cycles; and the residue.
//
// +vec=<crc.bin> from vec_weft_packet.
`timescale 1ns / 1ps
`default_nettype none
module tb_weft_crc32;
    reg        clk = 1'b0;
    reg        clear = 1'b0, valid = 1'b0;
    reg  [7:0] data = 8'd0;
    wire [31:0] crc;
    reg  [8*256-1:0] path;
    reg  [31:0] want;
    integer fd, first, value, i, seed, seed_given, bytes;

    weft_crc32 dut (.clk(clk), .clear(clear), .valid(valid), .data(data), .crc(crc));

    always #5 clk = !clk;

    task take(input reset, input [7:0] byte_in);
        begin
            @(negedge clk);
            clear = reset; valid = !reset; data = byte_in;
            @(negedge clk);
            clear = 1'b0; valid = 1'b0; data = $random(seed);
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
        first = $fgetc(fd);
        while (first != -1) begin
            value = $fgetc(fd);
            for (i = 0; i < 4; i = i + 1) want[8*i +: 8] = $fgetc(fd);
            if (first == 1) take(1'b1, 8'h5a);
            take(1'b0, value[7:0]);
            if (~crc !== want)
                $fatal(1, "FAIL weft_crc32: byte %0d: got %h, want %h", bytes, ~crc, want);
            bytes = bytes + 1;
            first = $fgetc(fd);
            if (first != 0) begin
                for (i = 0; i < 4; i = i + 1) take(1'b0, want[8*i +: 8]);
                if (crc !== 32'hdebb20e3)
                    $fatal(1, "FAIL weft_crc32: residue after byte %0d: got %h", bytes, crc);
            end
        end
        if (bytes < 1000) $fatal(1, "FAIL weft_crc32: only %0d bytes", bytes);
        $display("ok weft_crc32: %0d bytes and the residue of every message, seed %0d", bytes, seed_given);
        $finish;
    end
endmodule
`default_nettype wire
