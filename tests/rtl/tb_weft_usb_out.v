// weft_usb_out: random packets, kept, left or too long, with a reader that stalls; against a plain queue.
`timescale 1ns / 1ps
`default_nettype none

module tb_weft_usb_out;
    localparam integer PACKETS = 2000;

    reg        clk = 1'b0, rst = 1'b1;
    integer    seed, first_seed;
    always #5 clk = !clk;

    function integer dice(input integer below);
        dice = $unsigned($random(seed)) % below;
    endfunction

    reg  [9:0] largest = 10'd64;
    reg        begin_packet = 1'b0, push = 1'b0, commit = 1'b0, out_ready = 1'b0;
    reg  [7:0] data;
    wire       too_long, room, room_two, out_valid;
    wire [7:0] out_data;
    weft_usb_out dut (
        .clk(clk), .rst(rst), .largest(largest), .begin_packet(begin_packet), .push(push), .data(data), .commit(commit),
        .too_long(too_long), .room(room), .room_two(room_two), .out_valid(out_valid), .out_ready(out_ready), .out_data(out_data));

    reg [7:0]  queue [0:65535];
    integer    put = 0, got = 0, share = 256, n, i, length, refused = 0, kept = 0;
    always @(posedge clk) if (!rst && out_valid && out_ready) begin
        if (got == put || out_data !== queue[got % 65536])
            $fatal(1, "FAIL weft_usb_out: byte %0d is %h, not %h, seed %0d", got, out_data, queue[got % 65536], first_seed);
        got = got + 1;
    end
    always @(negedge clk) out_ready = dice(256) < share;

    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        first_seed = seed;
        repeat (3) @(negedge clk);
        rst = 1'b0;
        repeat (3) @(negedge clk);
        for (n = 0; n < PACKETS; n = n + 1) begin
            if (dice(20) == 0) share = dice(3) == 0 ? 0 : dice(2) == 0 ? 100 : 256;
            if (dice(100) == 0) begin
                largest = dice(2) == 0 ? 10'd64 : 10'd512;
                repeat (2) @(negedge clk);
            end
            // What leaves in these cycles only makes more room; at rest the answer is exact, but for a byte that waits at the output.
            if (share == 0) begin
                repeat (3) @(negedge clk);
                if (room !== (2048 - (put - got - out_valid) >= largest))
                    $fatal(1, "FAIL weft_usb_out: room %b with %0d inside", room, put - got);
                if (room_two !== (2048 - (put - got - out_valid) >= 2 * largest))
                    $fatal(1, "FAIL weft_usb_out: room_two %b with %0d inside", room_two, put - got);
            end
            if (!room) begin
                refused = refused + 1;
                share = 256;
                repeat (dice(600)) @(negedge clk);
            end else begin
                @(negedge clk) begin_packet = 1'b1;
                @(negedge clk) begin_packet = 1'b0;
                length = dice(8) == 0 ? largest + dice(4) : dice(4) == 0 ? dice(4) : dice(largest + 1);
                for (i = 0; i < length; i = i + 1) begin
                    repeat (dice(5) == 0 ? dice(3) : 0) @(negedge clk);
                    push = 1'b1;
                    data = dice(256);
                    queue[(put + i) % 65536] = data;
                    @(negedge clk) push = 1'b0;
                end
                if (too_long !== (length > largest)) $fatal(1, "FAIL weft_usb_out: too_long %b of %0d bytes", too_long, length);
                if (!too_long && dice(4) != 0) begin
                    commit = 1'b1;
                    put = put + length;
                    kept = kept + 1;
                    @(negedge clk) commit = 1'b0;
                end
                repeat (2) @(negedge clk);
            end
        end
        share = 256;
        repeat (2100) @(negedge clk);
        if (got != put) $fatal(1, "FAIL weft_usb_out: %0d bytes of %0d came out", got, put);
        $display("ok weft_usb_out: %0d bytes in %0d of %0d packets, %0d times no room, seed %0d", got, kept, PACKETS, refused, first_seed);
        $finish;
    end
endmodule

`default_nettype wire
