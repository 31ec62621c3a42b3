// A USB host on a wire named `bus` (usb_wire_fs, usb_wire_ulpi): packets, transactions with retries and faults,
// control transfers.
//
// Whoever includes it has `seed`, NAME, and calls `host_begin` first.  With `fault` in 256 every packet from the host
// is lost or damaged, every one from the device is not understood, as often; `faults` counts them.  What the host may
// expect of the device is checked everywhere; `wrong` ends the run.

localparam [3:0] P_OUT = 4'h1, P_IN = 4'h9, P_SOF = 4'h5, P_SETUP = 4'hd, P_DATA0 = 4'h3, P_DATA1 = 4'hb, P_DATA2 = 4'h7, P_MDATA = 4'hf,
                 P_ACK = 4'h2, P_NAK = 4'ha, P_STALL = 4'he, P_NYET = 4'h6, P_PING = 4'h4;
localparam integer NONE = -1;                                  // as an answer: nothing came

integer   fault, faults, naks, nyets, packets, frame;
reg       high;                                                // the bus runs at high speed
reg [6:0] address;
reg       toggle_out, toggle_in;
integer   bulk_bytes;                                          // largest packet
reg [7:0] payload [0:2047];                                    // of the packet to send, or received
integer   payload_count;
integer   answer;                                              // packet identifier of what came, or NONE

task wrong(input [8*48-1:0] what);
    $fatal(1, "FAIL %0s: %0s at %0t, answer %0d, address %0d, packet %0d, seed %0d",
           NAME, what, $time, answer, address, packets, first_seed);
endtask
task expect_answer(input integer want, input [8*48-1:0] what);
    if (answer !== want) wrong(what);
endtask

function integer dice(input integer below);
    dice = $unsigned($random(seed)) % below;
endfunction

task host_begin;
    begin
        fault = 0;
        faults = 0;
        naks = 0;
        nyets = 0;
        promised = 1'b0;
        full = 1'b0;
        packets = 0;
        frame = 0;
        high = 1'b0;
        address = 7'd0;
        bulk_bytes = 64;
    end
endtask

// --- packets ---

`include "usb_crc.vh"

// Send bus.bytes[0..n-1], or, by chance, something else.
integer kind, cut;
task send_packet(input integer n, input may_fail);
    begin
        packets = packets + 1;
        cut = n;
        kind = may_fail && dice(256) < fault ? 1 + dice(6) : 0;
        if (kind != 0) faults = faults + 1;
        case (kind)
            2: begin                                           // a wrong bit, wherever it is
                at_byte = dice(n);
                bus.bytes[at_byte] = bus.bytes[at_byte] ^ (8'd1 << dice(8));
            end
            3: cut = n > 1 ? 1 + dice(n - 1) : n;              // cut off
            4: begin                                           // goes on with nonsense
                for (cut = n; cut < n + 1 + dice(30); cut = cut + 1) bus.bytes[cut] = dice(256);
                cut = n + 1 + dice(20);
            end
            5: bus.spoil_bit = dice(8 * n);                    // not even the wire's rules hold
            6: bus.bytes[0] = {~bus.bytes[0][7:4], bus.bytes[0][3:0]} ^ 8'h10 << dice(4);
            default: ;
        endcase
        if (kind == 1 || (kind == 3 && n == 1)) bus.gap(8 * n + 12); // lost
        else bus.send(cut);
        spoiled = kind != 0;
    end
endtask
integer at_byte;
reg     spoiled;                                               // the last packet of the host did not arrive as it was meant

task send_token(input [3:0] pid, input [6:0] to, input [3:0] endpoint);
    begin
        bus.bytes[0] = {~pid, pid};
        {bus.bytes[2], bus.bytes[1]} = {host_crc5({endpoint, to}), endpoint, to};
        send_packet(3, 1'b1);
    end
endtask
reg [15:0] crc;
integer    i_send;
task send_data(input [3:0] pid, input integer n);              // payload[0..n-1]
    begin
        bus.gap(3 + dice(6));
        bus.bytes[0] = {~pid, pid};
        crc = 16'hffff;
        for (i_send = 0; i_send < n; i_send = i_send + 1) begin
            bus.bytes[i_send+1] = payload[i_send];
            crc = host_crc16(crc, payload[i_send]);
        end
        {bus.bytes[n+2], bus.bytes[n+1]} = host_crc16_bits(crc);
        send_packet(n + 3, 1'b1);
    end
endtask
task send_handshake(input [3:0] pid);
    begin
        bus.turn;
        bus.bytes[0] = {~pid, pid};
        send_packet(1, 1'b1);
        bus.gap(4 + dice(6));
    end
endtask
task send_sof;
    begin
        bus.bytes[0] = {~P_SOF, P_SOF};
        {bus.bytes[2], bus.bytes[1]} = {host_crc5(frame[10:0]), frame[10:0]};
        frame = frame + 1;
        send_packet(3, 1'b1);
        bus.gap(4);
    end
endtask

// What the device says now: `answer`, and payload if it is data.  By chance the host does not understand it.
integer i_hear;
task hear;
    begin
        bus.listen;
        answer = NONE;
        if (bus.count != -1) begin
            packets = packets + 1;
            if (bus.count < 1 || bus.bytes[0][3:0] !== ~bus.bytes[0][7:4]) wrong("a packet identifier");
            answer = bus.bytes[0][3:0];
            if (answer == P_DATA0 || answer == P_DATA1) begin
                if (bus.count < 3) wrong("data without CRC");
                payload_count = bus.count - 3;
                crc = 16'hffff;
                for (i_hear = 0; i_hear < payload_count; i_hear = i_hear + 1) begin
                    payload[i_hear] = bus.bytes[i_hear+1];
                    crc = host_crc16(crc, bus.bytes[i_hear+1]);
                end
                if ({bus.bytes[payload_count+2], bus.bytes[payload_count+1]} !== host_crc16_bits(crc)) wrong("a CRC from the device");
            end else begin
                if (bus.count != 1) wrong("a long handshake");
                if (answer != P_ACK && answer != P_NAK && answer != P_STALL && !(high && answer == P_NYET)) wrong("a handshake");
                if (answer == P_NAK) naks = naks + 1;
                bus.turn;
            end
        end
        if (answer != NONE && dice(256) < fault) begin
            faults = faults + 1;
            answer = NONE;
            bus.gap(20);
        end
    end
endtask

// --- transactions ---

// OUT data until it is taken: answer is ACK (NYET counts as such), STALL, NAK after `patience` of them, or NONE after some silence.
//
// At high speed an ACK promises room for the next packet, to data as to a PING; after NYET or NAK the host asks by PING.
integer tries, silent;
reg     ping, promised, full;                                  // the last two of the bulk endpoint
task out(input [3:0] endpoint, inout toggle, input integer n, input integer patience);
    begin : attempts
        ping = high && endpoint != 0 && full;
        silent = 0;
        for (tries = 0; tries < patience; tries = tries) begin
            if (ping) begin
                send_token(P_PING, address, endpoint);
                hear;
                if (answer == P_ACK) ping = 1'b0;
                if (endpoint != 0) promised = answer == P_ACK;
                if (answer == P_STALL) disable attempts;
                if (answer == P_NYET) wrong("NYET to a PING");
            end else begin
                send_token(P_OUT, address, endpoint);
                send_data(toggle ? P_DATA1 : P_DATA0, n);
                hear;
                if (high && endpoint != 0) begin
                    if (answer == P_NAK && promised && fault == 0) wrong("NAK although there was room");
                    full = answer == P_NYET || answer == P_NAK;
                    promised = answer == P_ACK;
                    if (answer == P_NYET) nyets = nyets + 1;
                end
                if (answer == P_ACK || answer == P_NYET) begin
                    toggle = !toggle;
                    disable attempts;
                end
                if (answer == P_STALL) disable attempts;
                ping = high && answer == P_NAK;
            end
            if (answer == P_DATA0 || answer == P_DATA1) wrong("data as an answer to data");
            if (answer == P_NAK) begin
                tries = tries + 1;
                silent = 0;
                if (tries == patience) disable attempts;
                bus.gap(20 + dice(40));
            end
            if (answer == NONE) silent = silent + 1;
            if (silent == 40 || (silent == 3 && fault == 0)) disable attempts;
        end
    end
endtask

// IN data: answer is DATA0 (payload_count bytes in payload, acknowledged), NAK after `patience` of them, STALL, or NONE.
task in(input [3:0] endpoint, inout toggle, input integer patience);
    begin : attempts
        silent = 0;
        for (tries = 0; tries < patience; tries = tries) begin
            send_token(P_IN, address, endpoint);
            hear;
            if (answer == P_DATA0 || answer == P_DATA1) begin
                send_handshake(P_ACK);
                if ((answer == P_DATA1) == toggle) begin
                    answer = P_DATA0;
                    toggle = !toggle;
                    disable attempts;
                end
                if (fault == 0) wrong("a data toggle");
            end else if (answer == P_STALL) disable attempts;
            else if (answer == P_NAK) begin
                tries = tries + 1;
                silent = 0;
                if (tries == patience) disable attempts;
                bus.gap(20 + dice(40));
            end else if (answer != NONE) wrong("an answer to IN");
            if (answer == NONE) silent = silent + 1;
            if (silent == 40 || (silent == 3 && fault == 0)) disable attempts;
        end
    end
endtask

// --- control transfers ---

reg [7:0] reply [0:1023];
integer   reply_count, i_control;
reg       toggle_control;
task setup(input [7:0] flags, input [7:0] request, input [15:0] value, input [15:0] index, input [15:0] length);
    begin
        answer = NONE;
        for (silent = 0; answer == NONE && silent < 40; silent = silent + 1) begin
            send_token(P_SETUP, address, 4'd0);
            {payload[0], payload[1]} = {flags, request};
            {payload[3], payload[2]} = value;
            {payload[5], payload[4]} = index;
            {payload[7], payload[6]} = length;
            send_data(P_DATA0, 8);
            hear;
        end
        expect_answer(P_ACK, "a SETUP not acknowledged");
    end
endtask
// A whole transfer without data to the device: answer is ACK or STALL; what came is reply[0..reply_count-1].
task control(input [7:0] flags, input [7:0] request, input [15:0] value, input [15:0] index, input [15:0] length);
    begin : transfer
        setup(flags, request, value, index, length);
        reply_count = 0;
        toggle_control = 1'b1;
        if (flags[7] && length != 0) begin
            payload_count = 64;
            while (payload_count == 64 && reply_count < length) begin
                in(4'd0, toggle_control, 1000);
                if (answer == P_STALL) disable transfer;
                expect_answer(P_DATA0, "a data stage");
                if (payload_count > 64) wrong("a long control packet");
                for (i_control = 0; i_control < payload_count; i_control = i_control + 1)
                    reply[reply_count+i_control] = payload[i_control];
                reply_count = reply_count + payload_count;
            end
            if (reply_count > length) wrong("more than wLength");
            toggle_control = 1'b1;
            out(4'd0, toggle_control, 0, 1000);
        end else begin
            in(4'd0, toggle_control, 1000);
            if (answer == P_DATA0) begin
                if (payload_count != 0) wrong("a status stage with data");
                answer = P_ACK;
            end
        end
        if (answer == P_NYET) answer = P_ACK;
        if (answer != P_STALL) expect_answer(P_ACK, "a status stage");
    end
endtask
task accepted(input [7:0] flags, input [7:0] request, input [15:0] value, input [15:0] index, input [15:0] length);
    begin
        control(flags, request, value, index, length);
        expect_answer(P_ACK, "a request refused");
    end
endtask
task refused(input [7:0] flags, input [7:0] request, input [15:0] value, input [15:0] index, input [15:0] length);
    begin
        control(flags, request, value, index, length);
        expect_answer(P_STALL, "a request accepted");
    end
endtask

task bus_reset;
    begin
        bus.reset(high);
        promised = 1'b0;
        full = 1'b0;
        address = 7'd0;
        toggle_out = 1'b0;
        toggle_in = 1'b0;
        bulk_bytes = high ? 512 : 64;
    end
endtask
task set_address(input [6:0] to);
    begin
        accepted(8'h00, 8'd5, {9'd0, to}, 16'd0, 16'd0);
        address = to;
        bus.gap(24);
    end
endtask
task configure;
    begin
        accepted(8'h00, 8'd9, 16'd1, 16'd0, 16'd0);
        toggle_out = 1'b0;
        toggle_in = 1'b0;
    end
endtask
