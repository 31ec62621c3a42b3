// The host's end of a full-speed wire, bit by bit: sends and receives packets, drives reset, suspend and resume.
//
// The host's bits are PPM parts in a million longer than nominal and each edge is up to JITTER early or late.  What
// the device sends is checked against the rules of the wire: turn-around of 2 to 6.5 bit times, synchronisation,
// stuffing, whole bytes, two bits of SE0, one of J.
`timescale 1ns / 1ps
`default_nettype none

module usb_wire_fs #(
    parameter integer MS = 48000                // cycles of 48 MHz that stand for a millisecond
) (
    input  wire dp_out,
    input  wire dn_out,
    input  wire drive,
    input  wire pull_up,
    output wire dp_in,
    output wire dn_in
);
    localparam real BIT = 1000.0 / 12.0;
    localparam integer HIGH = 0;                               // there is no high speed here
    localparam real MS_NS = MS * 1000.0 / 48.0;

    reg     host_drive = 1'b0, host_dp = 1'b1, host_dn = 1'b0;
    reg     collide = 1'b0;                                    // both ends may drive: a reset
    real    bit_ns = BIT, jitter = 0.0, ended = 0.0;
    integer seed = 1;

    assign dp_in = host_drive ? host_dp : drive ? dp_out : pull_up;
    assign dn_in = host_drive ? host_dn : drive ? dn_out : 1'b0;
    wire    host_collides = host_drive && drive;
    always @(posedge host_collides) if (!collide) $fatal(1, "FAIL usb_wire_fs: both ends drive at %0t", $time);

    reg [7:0] bytes [0:2047];                                  // of the packet that is sent or was received
    integer   count;                                           // of them received; -1 if no answer came
    integer   spoil_bit = -1;                                  // this bit of the next packet is wrong, or the stuffed one behind it

    task set_rate(input integer ppm, input real edge_ns);
        begin
            bit_ns = BIT * (1.0 + ppm / 1.0e6);
            jitter = edge_ns;
        end
    endtask

    real off;
    task half_step(input p, input n);                          // one bit on the wire, its edge moved by the jitter
        begin
            off = jitter * ($random(seed) % 1000) / 1000.0;
            #(jitter + off) host_dp = p;
            host_dn = n;
            #(bit_ns - jitter - off);
        end
    endtask

    integer ones, at, sent_bits;
    task nrzi(input value);
        begin
            if (!value) half_step(!host_dp, host_dp);
            else half_step(host_dp, host_dn);
            ones = value ? ones + 1 : 0;
        end
    endtask
    reg data_bit;
    task send(input integer n);
        begin
            host_dp = 1'b1;
            host_dn = 1'b0;
            host_drive = 1'b1;
            ones = 0;
            for (at = 0; at < 8; at = at + 1) nrzi(at == 7);
            for (at = 0; at < 8 * n; at = at + 1) begin
                data_bit = bytes[at / 8][at % 8];
                if (at == spoil_bit && !(ones == 5 && data_bit)) data_bit = !data_bit;
                nrzi(data_bit);
                if (ones == 6) nrzi(at == spoil_bit);
            end
            half_step(1'b0, 1'b0);
            half_step(1'b0, 1'b0);
            ended = $realtime;
            half_step(1'b1, 1'b0);
            host_drive = 1'b0;
            spoil_bit = -1;
        end
    endtask

    // Eight looks a bit, the phase begun anew by each edge.
    integer phase, bits, se0, ones_in;
    reg     level, last, value, over;
    reg [7:0] shift;
    task look;
        begin
            #(BIT / 8.0);
            phase = dp_in !== level && dp_in !== dn_in ? 0 : phase + 1;
            if (dp_in !== dn_in) level = dp_in;
        end
    endtask
    task listen;
        begin
            count = -1;
            while (!drive && $realtime - ended < 18.0 * BIT) #(BIT / 8.0);
            if (drive) receive;
        end
    endtask
    task receive;
        begin
            if ($realtime - ended < 2.0 * BIT || $realtime - ended > 6.5 * BIT)
                $fatal(1, "FAIL usb_wire_fs: an answer after %0.2f bit times", ($realtime - ended) / BIT);
            count = 0;
            bits = -8;
            ones_in = 0;
            level = 1'b0;
            last = 1'b1;
            phase = 0;
            over = 1'b0;
            while (!over) begin
                if (phase % 8 == 4) begin
                    if (dp_in === dn_in) over = 1'b1;
                    else begin
                        value = dp_in === last;
                        last = dp_in;
                        if (ones_in == 6) begin
                            if (value) $fatal(1, "FAIL usb_wire_fs: seven ones in a row from the device at %0t", $time);
                            ones_in = 0;
                        end else begin
                            ones_in = value ? ones_in + 1 : 0;
                            shift = {value, shift[7:1]};
                            bits = bits + 1;
                            if (bits == 0 && shift !== 8'h80) $fatal(1, "FAIL usb_wire_fs: synchronisation %h", shift);
                            if (bits > 0 && bits % 8 == 0) begin
                                bytes[count] = shift;
                                count = count + 1;
                            end
                        end
                    end
                end
                if (!over) look;
            end
            if (bits < 8 || bits % 8 != 0 || ones_in == 6) $fatal(1, "FAIL usb_wire_fs: a packet of %0d bits from the device", bits);
            se0 = 0;
            while (dp_in === 1'b0 && dn_in === 1'b0) begin
                se0 = se0 + 1;
                #(BIT / 8.0);
            end
            if (se0 < 10 || se0 > 14) $fatal(1, "FAIL usb_wire_fs: %0d eighths of a bit of SE0", se0 + 4);
            ended = $realtime;
            #(BIT * 0.5) if (!drive || !dp_in || dn_in) $fatal(1, "FAIL usb_wire_fs: no J behind a packet");
            wait (!drive);
        end
    endtask

    task gap(input integer bit_times);
        #(bit_ns * bit_times);
    endtask
    // Whether a reply may follow at once what was received: the host's own turn-around.
    task turn;
        #(BIT * 3.0);
    endtask
    task reset(output high);
        begin
            collide = 1'b1;
            host_dp = 1'b0;
            host_dn = 1'b0;
            host_drive = 1'b1;
            #(MS_NS * 10);
            host_drive = 1'b0;
            #(MS_NS);
            collide = 1'b0;
            high = 1'b0;
        end
    endtask
    task idle(input integer ms);
        #(MS_NS * ms);
    endtask
    task part_ms(input integer part);
        #(MS_NS / part);
    endtask
    task blink(input integer bit_times);                       // SE0
        begin
            host_dp = 1'b0;
            host_dn = 1'b0;
            host_drive = 1'b1;
            #(BIT * bit_times) host_dp = 1'b1;
            #(BIT) host_drive = 1'b0;
            #(BIT * 20);
        end
    endtask
    task resume;
        begin
            host_dp = 1'b0;
            host_dn = 1'b1;
            host_drive = 1'b1;
            #(MS_NS * 20);
            host_dn = 1'b0;
            #(1333.0) host_dp = 1'b1;
            #(BIT) host_drive = 1'b0;
            #(MS_NS);
        end
    endtask
endmodule

`default_nettype wire
