// weft_usb_rx and weft_usb_tx: random packets, right ones and ones with wrong bits, lengths, identifiers and errors,
// against CRCs made bit by bit; and what the sender makes of every length of payload.
`timescale 1ns / 1ps
`default_nettype none

module tb_weft_usb_rx;
    localparam integer PACKETS = 6000;

    reg        clk = 1'b0, rst = 1'b1;
    integer    seed, first_seed, n, i, n_good = 0;
    always #5 clk = !clk;

`include "usb_crc.vh"

    function integer dice(input integer below);
        dice = $unsigned($random(seed)) % below;
    endfunction

    // --- receiver ---
    reg        rx_active = 1'b0, rx_valid = 1'b0, rx_error = 1'b0;
    reg  [7:0] rx_data = 8'd0;
    wire       data_valid, end_valid, end_good;
    wire [7:0] data;
    wire [3:0] pid, endpoint;
    wire [6:0] address;
    weft_usb_rx dut (
        .clk(clk), .rst(rst), .rx_active(rx_active), .rx_valid(rx_valid), .rx_data(rx_data), .rx_error(rx_error),
        .data_valid(data_valid), .data(data), .end_valid(end_valid), .end_good(end_good), .pid(pid), .address(address), .endpoint(endpoint));

    reg [7:0]  bytes [0:127];
    reg [15:0] crc;
    reg [3:0]  want_pid;
    reg        want_good, error, late;
    integer    length, kind, damage, got_bytes, ends;

    always @(posedge clk) begin
        if (data_valid) begin
            if (data !== bytes[got_bytes+1]) $fatal(1, "FAIL weft_usb_rx: byte %0d of packet %0d, seed %0d", got_bytes, n, first_seed);
            got_bytes = got_bytes + 1;
        end
        if (end_valid) ends = ends + 1;
        if (end_good && !end_valid) $fatal(1, "FAIL weft_usb_rx: good without an end");
    end

    task receive;
        begin
            kind = dice(3);                                    // token, handshake, data
            want_pid = {2'd0, kind == 0 ? 2'b01 : kind == 1 ? 2'b10 : 2'b11} | {dice(4), 2'b00};
            if (kind == 0 && dice(5) == 0) want_pid = 4'h4;    // PING
            length = kind == 0 ? 3 : kind == 1 ? 1 : 3 + dice(70);
            bytes[0] = {~want_pid, want_pid};
            for (i = 1; i < 128; i = i + 1) bytes[i] = dice(256);
            if (kind == 0) bytes[2][7:3] = host_crc5({bytes[2][2:0], bytes[1]});
            crc = 16'hffff;
            for (i = 1; i < length - 2; i = i + 1) crc = host_crc16(crc, bytes[i]);
            if (kind == 2) {bytes[length-1], bytes[length-2]} = host_crc16_bits(crc);
            damage = dice(2) == 0 ? 0 : 1 + dice(6);
            error = 1'b0;
            late = 1'b0;
            case (damage)
                1: begin
                    i = dice(length);
                    bytes[i] = bytes[i] ^ (8'd1 << dice(8));
                end
                2: length = length - 1;
                3: length = length + 1;
                4: begin                                       // three more, among them a right CRC5
                    length = length + 3;
                    bytes[length-1][7:3] = host_crc5({bytes[length-1][2:0], bytes[length-2]});
                end
                5: error = 1'b1;
                6: {error, late} = 2'b11;                      // an error with the end itself
                default: ;
            endcase
            want_good = damage == 0;
            got_bytes = 0;
            ends = 0;
            @(negedge clk) rx_active = length > 0;
            for (i = 0; i < length; i = i + 1) begin
                repeat (dice(3) == 0 ? dice(4) : i == 0 ? dice(2) : 0) @(negedge clk) rx_error = 1'b0;
                rx_valid = 1'b1;
                rx_data = bytes[i];
                rx_error = error && !late && i == length / 2;
                @(negedge clk) rx_valid = 1'b0;
                rx_error = 1'b0;
            end
            repeat (dice(3)) @(negedge clk);
            rx_active = 1'b0;
            rx_error = late;
            @(negedge clk) rx_error = 1'b0;
            if (end_valid !== (length > 0) || end_good !== want_good)
                $fatal(1, "FAIL weft_usb_rx: packet %0d, kind %0d, damage %0d, %0d bytes: end %b good %b, seed %0d",
                       n, kind, damage, length, end_valid, end_good, first_seed);
            if (want_good) begin
                n_good = n_good + 1;
                if (pid !== want_pid) $fatal(1, "FAIL weft_usb_rx: identifier %h, not %h", pid, want_pid);
                if (kind == 0 && {endpoint, address} !== {bytes[2][2:0], bytes[1]})
                    $fatal(1, "FAIL weft_usb_rx: address %h %h", address, endpoint);
                if (kind == 2 && got_bytes != length - 3) $fatal(1, "FAIL weft_usb_rx: %0d bytes of %0d", got_bytes, length - 3);
            end
            @(negedge clk);
            if (length > 0 && ends != 1) $fatal(1, "FAIL weft_usb_rx: %0d ends", ends);
        end
    endtask

    // --- sender ---
    reg        start = 1'b0, tx_ready = 1'b0;
    wire       src_take, tx_valid;
    wire [7:0] tx_data;
    reg  [3:0] tx_pid;
    integer    left = 0, at = 0, sent;
    weft_usb_tx tx (
        .clk(clk), .rst(rst), .start(start), .pid(tx_pid), .src_any(left != 0), .src_last(left == 1), .src_data(bytes[at+1]),
        .src_take(src_take), .tx_valid(tx_valid), .tx_data(tx_data), .tx_ready(tx_ready));
    always @(posedge clk) if (src_take) begin
        at <= at + 1;
        left <= left - 1;
    end

    task send(input integer payload);
        begin
            tx_pid = payload < 0 ? {dice(4), 2'b10} : {dice(4), 2'b11};
            for (i = 1; i < 128; i = i + 1) bytes[i] = dice(256);
            bytes[0] = {~tx_pid, tx_pid};
            crc = 16'hffff;
            for (i = 0; i < payload; i = i + 1) crc = host_crc16(crc, bytes[i+1]);
            if (payload >= 0) {bytes[payload+2], bytes[payload+1]} = host_crc16_bits(crc);
            at = 0;
            left = payload < 0 ? 0 : payload;
            @(negedge clk) start = 1'b1;
            @(negedge clk) start = 1'b0;
            sent = 0;
            while (tx_valid) begin
                tx_ready = dice(4) != 0;
                if (tx_ready) begin
                    if (tx_data !== bytes[sent])
                        $fatal(1, "FAIL weft_usb_rx: byte %0d sent is %h, not %h, payload %0d", sent, tx_data, bytes[sent], payload);
                    sent = sent + 1;
                end
                @(negedge clk);
            end
            tx_ready = 1'b0;
            if (sent != (payload < 0 ? 1 : payload + 3)) $fatal(1, "FAIL weft_usb_rx: %0d bytes sent for a payload of %0d", sent, payload);
        end
    endtask

    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        first_seed = seed;
        repeat (3) @(negedge clk);
        rst = 1'b0;
        for (n = 0; n < PACKETS; n = n + 1) receive;
        for (n = -1; n < 70; n = n + 1) send(n);
        $display("ok weft_usb_rx: %0d packets received, %0d of them good, 71 sent, seed %0d", PACKETS, n_good, first_seed);
        $finish;
    end
endmodule

`default_nettype wire
