// weft_usb_in: a random stream cut into packets, each sent until acknowledged, at both sizes and with bus resets;
// against the stream itself.
`timescale 1ns / 1ps
`default_nettype none

module tb_weft_usb_in;
    localparam integer PACKETS = 1500, PAUSE = 20;

    reg        clk = 1'b0, rst = 1'b1;
    integer    seed, first_seed;
    always #5 clk = !clk;

    function integer dice(input integer below);
        dice = $unsigned($random(seed)) % below;
    endfunction
    function [7:0] item(input integer n);
        reg [31:0] x;
        begin
            x = (n + 1) * 32'h9e3779b1;
            item = x[27:20];
        end
    endfunction

    reg  [9:0] largest = 10'd64;
    reg        in_valid = 1'b0, start = 1'b0, acked = 1'b0, forget = 1'b0, src_take = 1'b0;
    reg  [7:0] in_data;
    wire       in_ready, offer, src_any, src_last;
    wire [7:0] src_data;
    weft_usb_in #(.PAUSE(PAUSE)) dut (
        .clk(clk), .rst(rst), .largest(largest), .in_valid(in_valid), .in_ready(in_ready), .in_data(in_data),
        .offer(offer), .start(start), .acked(acked), .forget(forget),
        .src_any(src_any), .src_last(src_last), .src_data(src_data), .src_take(src_take));

    integer gap_then = 0, put = 0, got = 0, limit = 0, share = 256, last_put = 0, now = 0, most = 0;
    always @(posedge clk) begin
        now = now + 1;
        if (in_valid && in_ready) begin
            put = put + 1;
            gap_then = now - last_put;
            last_put = now;
        end
        if (put - got > most) most = put - got;
        if (put - got > 2048) $fatal(1, "FAIL weft_usb_in: %0d bytes inside", put - got);
    end
    always @(negedge clk) if (!rst && !(in_valid && !in_ready)) begin
        in_valid = put < limit && dice(256) < share;
        in_data = item(put);
    end

    integer n, sent, tries, shorts = 0, fulls = 0, waited, held;
    reg     first;
    task send_once;
        begin
            @(negedge clk) start = 1'b1;
            @(negedge clk) start = 1'b0;
            sent = 0;
            while (src_any) begin
                repeat (dice(3) == 0 ? dice(5) : 0) @(negedge clk);
                if (src_data !== item(got + sent))
                    $fatal(1, "FAIL weft_usb_in: byte %0d is %h, not %h, seed %0d", got + sent, src_data, item(got + sent), first_seed);
                sent = sent + 1;
                src_take = 1'b1;
                if (src_last !== (dut.left == 10'd1)) $fatal(1, "FAIL weft_usb_in: the last byte");
                @(negedge clk) src_take = 1'b0;
            end
        end
    endtask

    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        first_seed = seed;
        repeat (3) @(negedge clk);
        rst = 1'b0;
        for (n = 0; n < PACKETS; n = n + 1) begin
            case (dice(6))
                0: limit = put + dice(5);
                1: limit = put + largest - 1 + dice(3);
                2: limit = put + dice(3 * largest);
                3: limit = put + 4000;                         // more than fits
                default: ;
            endcase
            share = dice(3) == 0 ? 20 : 256;
            waited = 0;
            while (!offer && waited < 200) begin
                @(negedge clk);
                waited = waited + 1;
            end
            if (!offer) begin
                if (put != got && now - last_put > PAUSE + 3) $fatal(1, "FAIL weft_usb_in: %0d bytes and no offer", put - got);
            end else begin
                first = now - last_put >= PAUSE || (now - last_put < 3 && gap_then >= PAUSE);
                tries = 1 + (dice(3) == 0 ? dice(3) : 0);
                held = -1;
                while (tries > 0) begin
                    send_once;
                    if (held >= 0 && sent != held) $fatal(1, "FAIL weft_usb_in: %0d bytes, then %0d in the same packet", held, sent);
                    held = sent;
                    tries = tries - 1;
                    if (tries > 0 && dice(4) == 0) begin       // a bus reset: another size may follow, what was sent is forgotten
                        @(negedge clk) forget = 1'b1;
                        largest = dice(2) == 0 ? 10'd64 : 10'd512;
                        @(negedge clk) forget = 1'b0;
                        for (waited = 0; !offer; waited = waited + 1) begin
                            if (waited > PAUSE + 5 && now - last_put > PAUSE + 3)
                                $fatal(1, "FAIL weft_usb_in: no offer after a reset");
                            @(negedge clk);
                        end
                                first = 1'b1;
                        held = -1;
                    end
                end
                if (sent == 0 || sent > largest) $fatal(1, "FAIL weft_usb_in: a packet of %0d bytes", sent);
                if (sent == largest) begin
                    fulls = fulls + 1;
                    if (put - got <= largest) $fatal(1, "FAIL weft_usb_in: a full packet without a byte behind it");
                end else begin
                    shorts = shorts + 1;
                    if (!first) $fatal(1, "FAIL weft_usb_in: a packet of %0d without a pause", sent);
                end
                @(negedge clk) acked = 1'b1;
                got = got + sent;
                @(negedge clk) acked = 1'b0;
                if (offer) $fatal(1, "FAIL weft_usb_in: an offer right after the acknowledgement");
            end
        end
        if (most != 2048) $fatal(1, "FAIL weft_usb_in: never full: %0d", most);
        $display("ok weft_usb_in: %0d bytes in %0d full and %0d short packets, seed %0d", got, fulls, shorts, first_seed);
        $finish;
    end
endmodule

`default_nettype wire
