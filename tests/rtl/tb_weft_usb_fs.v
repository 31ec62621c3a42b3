// weft_usb_fs on its wire: random packets both ways, with many ones, at clocks 0.25 % off and with edges that jitter.
`timescale 1ns / 1ps
`default_nettype none

module tb_weft_usb_fs;
    localparam integer PACKETS = 240;

    reg        clk = 1'b0, rst = 1'b1;
    integer    seed, first_seed;
    always #(1000.0 / 96.0) clk = !clk;

    function integer dice(input integer below);
        dice = $unsigned($random(seed)) % below;
    endfunction

    wire       dp_in, dn_in, dp_out, dn_out, drive, pull_up, rx_active, rx_valid, rx_error, tx_ready;
    wire [7:0] rx_data;
    wire [1:0] line;
    reg        tx_valid = 1'b0;
    reg  [7:0] tx_data = 8'd0;
    weft_usb_fs dut (
        .clk(clk), .rst(rst), .dp_in(dp_in), .dn_in(dn_in), .dp_out(dp_out), .dn_out(dn_out), .drive(drive), .pull_up(pull_up),
        .rx_active(rx_active), .rx_valid(rx_valid), .rx_data(rx_data), .rx_error(rx_error), .line(line),
        .tx_valid(tx_valid), .tx_data(tx_data), .tx_ready(tx_ready), .term_full(1'b1));
    usb_wire_fs bus (
        .dp_out(dp_out), .dn_out(dn_out), .drive(drive), .pull_up(pull_up), .dp_in(dp_in), .dn_in(dn_in));

    reg [7:0]  want [0:127];
    reg        judged = 1'b0;                                  // what comes has to be `want`
    integer    got = 0, errors = 0, n, i, length, spoiled = 0, packets_seen = 0;
    always @(posedge clk) begin
        if (rx_valid) begin
            if (!rx_active) $fatal(1, "FAIL weft_usb_fs: a byte outside a packet");
            if (judged && rx_data !== want[got])
                $fatal(1, "FAIL weft_usb_fs: byte %0d is %h, not %h, packet %0d, seed %0d", got, rx_data, want[got], n, first_seed);
            got = got + 1;
        end
        if (rx_error) errors = errors + 1;
    end
    always @(posedge rx_active) packets_seen = packets_seen + 1;

    task fill;                                                 // some packets nearly all ones, some all zeros
        begin
            length = 1 + dice(70);
            i = dice(4);
            for (got = 0; got < 128; got = got + 1)
                want[got] = i == 0 ? 8'hff ^ (dice(6) == 0 ? 1 << dice(8) : 0) : i == 1 ? (dice(6) == 0 ? dice(256) : 0) : dice(256);
            got = 0;
        end
    endtask

    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        first_seed = seed;
        bus.seed = seed;
        #200 rst = 1'b0;
        #1000;
        for (n = 0; n < PACKETS; n = n + 1) begin
            bus.set_rate((n % 3 - 1) * 2500, (n % 4) * 2.5);
            fill;
            errors = 0;
            packets_seen = 0;
            for (i = 0; i < length; i = i + 1) bus.bytes[i] = want[i];
            judged = 1'b1;
            bus.send(length);
            #500 if (got != length || errors != 0 || packets_seen != 1 || rx_active)
                $fatal(1, "FAIL weft_usb_fs: %0d bytes of %0d received, %0d errors, %0d packets, packet %0d, seed %0d",
                       got, length, errors, packets_seen, n, first_seed);
            judged = 1'b0;
            // Six ones in a row and no zero behind them.
            want[dice(length)] = 8'hff;
            bus.spoil_bit = -1;
            for (i = 0; i < length; i = i + 1) bus.bytes[i] = want[i];
            for (i = 0; bus.spoil_bit < 0 && i < length; i = i + 1) if (want[i] == 8'hff && (i == 0 || !want[i-1][7])) bus.spoil_bit = 8 * i + 5;
            if (bus.spoil_bit >= 0 && (bus.spoil_bit > 5 || want[0] != 8'hff)) begin
                errors = 0;
                spoiled = spoiled + 1;
                bus.send(length);
                #500 if (errors == 0) $fatal(1, "FAIL weft_usb_fs: seven ones in a row are no error, packet %0d", n);
            end
            bus.spoil_bit = -1;
            // To the host, as an answer.
            bus.bytes[0] = 8'ha5;
            bus.send(1);
            fill;
            fork
                bus.listen;
                begin : feed
                    #100 i = 0;
                    while (i < length) begin
                        @(negedge clk) tx_valid = 1'b1;
                        tx_data = want[i];
                        @(posedge clk) if (tx_ready) i = i + 1;
                    end
                    @(negedge clk) tx_valid = 1'b0;
                end
            join
            if (bus.count != length) $fatal(1, "FAIL weft_usb_fs: %0d bytes of %0d sent, seed %0d", bus.count, length, first_seed);
            for (i = 0; i < length; i = i + 1)
                if (bus.bytes[i] !== want[i]) $fatal(1, "FAIL weft_usb_fs: byte %0d sent is %h, not %h", i, bus.bytes[i], want[i]);
            #1000;
        end
        if (spoiled < 20) $fatal(1, "FAIL weft_usb_fs: hardly a packet spoiled: %0d", spoiled);
        $display("ok weft_usb_fs: %0d packets each way, %0d with seven ones, seed %0d", PACKETS, spoiled, first_seed);
        $finish;
    end
endmodule

`default_nettype wire
