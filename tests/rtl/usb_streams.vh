// The core's side of the streams: two random sequences, one each way, that have to arrive once and in order.
//
// Includes nothing; wants `seed`, clk, rst and the streams rx_*, tx_* of the device.  The host counts in host_sent,
// host_got; host_byte(n, way) is byte n.

integer core_got, core_sent, core_limit;                       // bytes; how many the core may send by now
integer host_sent, host_got;
integer rx_share, tx_share;                                    // of 256 cycles in which the core takes and gives
integer stream_dice = 12345;

function [7:0] host_byte(input integer n, input integer way);
    reg [31:0] x;
    begin
        x = (n + 1) * 32'h9e3779b1 + way * 32'h85ebca6b;
        x = (x ^ (x >> 15)) * 32'h2c1b3c6d;
        host_byte = x[23:16] & (x[31:28] == 4'd0 ? 8'h00 : 8'hff) | (x[31:28] == 4'd1 ? 8'hff : 8'h00); // some runs of ones and zeros
    end
endfunction

initial begin
    core_got = 0;
    core_sent = 0;
    core_limit = 0;
    host_sent = 0;
    host_got = 0;
    rx_share = 256;
    tx_share = 256;
    rx_ready = 1'b0;
    tx_valid = 1'b0;
end
always @(posedge clk) if (!rst) begin
    if (rx_valid && rx_ready) begin
        if (core_got >= host_sent || rx_data !== host_byte(core_got, 0))
            $fatal(1, "FAIL %0s: byte %0d to the core is %h, not %h; %0d sent, at %0t, seed %0d",
                   NAME, core_got, rx_data, host_byte(core_got, 0),
                   host_sent, $time, first_seed);
        core_got = core_got + 1;
    end
    if (tx_valid && tx_ready) core_sent = core_sent + 1;
end
always @(negedge clk) begin
    rx_ready = $unsigned($random(stream_dice)) % 256 < rx_share;
    if (!tx_valid || tx_ready || rst) begin
        tx_valid = !rst && core_sent < core_limit && $unsigned($random(stream_dice)) % 256 < tx_share;
        tx_data = host_byte(core_sent, 1);
    end
end

// One OUT packet of n bytes of the sequence; counted when it is taken.
integer i_out;
task stream_out(input integer n, input integer patience);
    begin
        for (i_out = 0; i_out < n; i_out = i_out + 1) payload[i_out] = host_byte(host_sent + i_out, 0);
        host_sent = host_sent + n;                             // the core may see them before the host knows
        out(4'd1, toggle_out, n, patience);
        if (answer == P_NYET) answer = P_ACK;
        if (answer != P_ACK) host_sent = host_sent - n;
    end
endtask
// One IN packet; what came is compared.
integer i_in;
task stream_in(input integer patience);
    begin
        in(4'd1, toggle_in, patience);
        if (answer == P_DATA0) begin
            if (payload_count > bulk_bytes) wrong("a bulk packet longer than allowed");
            if (payload_count == 0) wrong("an empty bulk packet");
            for (i_in = 0; i_in < payload_count; i_in = i_in + 1)
                if (host_got >= core_sent || payload[i_in] !== host_byte(host_got, 1)) wrong("a byte from the core");
                else host_got = host_got + 1;
        end
    end
endtask
// Both ways at random until `amount` more bytes have gone each way.
integer out_end, in_end, n_out;
task stream_both(input integer amount);
    begin
        out_end = host_sent + amount;
        in_end = core_limit + amount;
        core_limit = in_end;
        while (host_sent < out_end || host_got < in_end) begin
            if (dice(16) == 0) send_sof;
            if (host_sent < out_end && dice(2) == 0) begin
                n_out = dice(4) == 0 ? dice(bulk_bytes + 1) : bulk_bytes;
                if (n_out > out_end - host_sent) n_out = out_end - host_sent;
                stream_out(n_out, 30);
                if (answer != P_ACK && answer != P_NAK) wrong("OUT not acknowledged");
            end
            if (host_got < in_end && dice(2) == 0) begin
                stream_in(30);
                if (answer != P_DATA0 && answer != P_NAK) wrong("IN without data");
            end
        end
        for (i_out = 0; core_got < host_sent && i_out < 3000; i_out = i_out + 1) bus.gap(10);
        if (core_got != host_sent) wrong("bytes that did not reach the core");
    end
endtask
