// What happens to a device besides requests: full buffers, pauses, faults, suspend, resume, reset in the middle;
// after usb_chapter9.vh.

integer i_event, earlier, length_in;

// A core that takes nothing: NAK when the buffer is full, nothing lost; a core that gives nothing: NAK.
task pressure;
    begin
        rx_share = 0;
        answer = P_ACK;
        earlier = host_sent;
        for (i_event = 0; answer == P_ACK && i_event < 100; i_event = i_event + 1) stream_out(bulk_bytes, 2);
        expect_answer(P_NAK, "more than the buffer holds");
        if (host_sent - earlier < 3 * bulk_bytes) wrong("the buffer is too small");
        stream_in(3);
        expect_answer(P_NAK, "IN with nothing to send");
        rx_share = 100;
        stream_both(5 * bulk_bytes);
        rx_share = 256;
        tx_share = 40;
        stream_both(3 * bulk_bytes);
        tx_share = 256;
    end
endtask

// A host that takes and gives without a pause, and a core that keeps up: full packets, and never a NAK or NYET.
integer naks_then, nyets_then;
task full_rate;
    begin
        core_limit = core_limit + 24 * bulk_bytes + 1;
        bus.gap(high ? 1200 : 400);
        naks_then = naks;
        nyets_then = nyets;
        repeat (24) begin
            stream_in(1);
            expect_answer(P_DATA0, "a NAK although there is more");
            if (payload_count != bulk_bytes) wrong("a short packet although there is more");
            stream_out(bulk_bytes, 1);
            expect_answer(P_ACK, "a NAK although there is room");
        end
        if (naks != naks_then || nyets != nyets_then) wrong("not ready at full rate");
        stream_both(1);
    end
endtask

// The stream pauses: what waits is sent, and the last packet is a short one.
task pause(input integer amount);
    begin
        core_limit = core_limit + amount;
        length_in = bulk_bytes;
        for (i_event = 0; i_event < 5 && length_in == bulk_bytes; i_event = i_event + 1) begin
            stream_in(1000);
            expect_answer(P_DATA0, "no data after a pause");
            length_in = payload_count;
        end
        if (amount % bulk_bytes == 0) begin
            if (length_in != bulk_bytes - 1) wrong("a full packet before a pause");
            stream_in(1000);
            expect_answer(P_DATA0, "the last byte before a pause");
        end else if (length_in != amount % bulk_bytes) wrong("the length of the last packet");
        if (host_got != core_limit) wrong("bytes left after a pause");
        stream_in(20);
        expect_answer(P_NAK, "more than was given");
    end
endtask
task pauses;
    begin
        pause(1);
        pause(bulk_bytes - 1);
        pause(bulk_bytes);
        pause(bulk_bytes + 1);
        pause(2 * bulk_bytes);
    end
endtask

// Packets that a host never sends: too long, with identifiers of isochronous transfers, data without a token, errors on the wire.
task nonsense;
    begin
        for (i_event = 0; i_event < 7; i_event = i_event + 1) begin
            for (i_out = 0; i_out < bulk_bytes + 40; i_out = i_out + 1) payload[i_out] = 8'h55;
            if (i_event != 5) send_token(P_OUT, address, 4'd1);
            case (i_event)
                0: send_data(toggle_out ? P_DATA1 : P_DATA0, bulk_bytes + 1);
                1: send_data(toggle_out ? P_DATA1 : P_DATA0, bulk_bytes + 40);
                2: send_data(P_DATA2, 10);
                3: send_data(P_MDATA, 10);
                4: begin                                       // the token is for another packet
                    send_token(P_IN, address + 7'd1, 4'd1);
                    send_data(toggle_out ? P_DATA1 : P_DATA0, 10);
                end
                5: send_data(toggle_out ? P_DATA1 : P_DATA0, 10);
                6: begin                                       // the wire's own rules are broken
                    bus.spoil_bit = 20;
                    send_data(toggle_out ? P_DATA1 : P_DATA0, 10);
                end
            endcase
            hear;
            expect_answer(NONE, "an answer to nonsense");
            bus.gap(20);
            stream_out(11, 100);
            expect_answer(P_ACK, "OUT after nonsense");
        end
        core_limit = core_limit + 20;                          // an ACK that comes behind another packet is not for this data
        bus.gap(400);
        send_token(P_IN, address, 4'd1);
        hear;
        if (answer != P_DATA0 && answer != P_DATA1) wrong("no data");
        send_sof;
        send_handshake(P_ACK);
        stream_in(10);
        expect_answer(P_DATA0, "data that was not acknowledged is not sent again");
        send_handshake(P_ACK);                                 // one more is not for anything
        stream_both(3 * bulk_bytes);
    end
endtask

task under_faults(input integer share, input integer amount);
    begin
        fault = share;
        earlier = faults;
        stream_both(amount);
        for (i_event = 0; i_event < 6; i_event = i_event + 1) begin
            control(8'h80, 8'd6, 16'h0302, 16'h0409, 16'd255);
            expect_answer(P_ACK, "a descriptor under faults");
            same_block(weft_usb::PRODUCT_AT, weft_usb::PRODUCT_BYTES, 1'b0);
            control(8'hc0, weft_usb::VENDOR_CODE, 16'd0, 16'd7, 16'd162);
            expect_answer(P_ACK, "OS descriptors under faults");
            same_block(weft_usb::MS_OS_20_AT, 162, 1'b0);
            control(8'h80, 8'd6, 16'h2200, 16'd0, 16'd8);
            expect_answer(P_STALL, "a refusal under faults");
            stream_both(bulk_bytes);
        end
        if (faults - earlier < 20) wrong("hardly a fault");
        fault = 0;
        bus.gap(100);
    end
endtask

task still_there;                                              // as it was: address, configuration, toggles
    begin
        configuration_is(8'd1);
        stream_both(2 * bulk_bytes + 1);
    end
endtask
task enumerate;
    begin
        if (configured) wrong("configured after a reset");
        silence(P_IN, 7'd77, 4'd0);
        configuration_is(8'd0);
        set_address(7'd77);
        configure;
    end
endtask

task suspends;
    begin
        for (i_event = 0; i_event < 30; i_event = i_event + 1) begin // 6 ms with something every 0.2 ms
            bus.part_ms(5);
            send_sof;
            if (suspended) wrong("suspended in spite of SOFs");
        end
        bus.idle(4);
        if (!suspended) wrong("not suspended after 4 ms");
        bus.idle(10);
        bus.resume;
        if (suspended) wrong("not resumed");
        still_there;
        bus.idle(5);
        if (!suspended) wrong("not suspended a second time");
        bus_reset;                                             // straight from suspend
        if (suspended) wrong("suspended after a reset");
        enumerate;
        stream_both(bulk_bytes);
    end
endtask

task resets;
    begin
        bus.blink(12);                                         // SE0 of a microsecond is none
        still_there;
        core_limit = core_limit + bulk_bytes + 9;
        bus.gap(400);
        send_token(P_IN, address, 4'd1);                       // in the middle of its data
        bus.gap(60);
        bus_reset;
        enumerate;
        stream_both(bulk_bytes);
        core_limit = core_limit + 5;                           // after data that nobody acknowledged
        bus.gap(400);
        send_token(P_IN, address, 4'd1);
        hear;
        bus_reset;
        enumerate;
        stream_both(bulk_bytes);
        send_token(P_OUT, address, 4'd1);                      // between a token and its data
        bus_reset;
        send_data(P_DATA0, 8);
        hear;
        expect_answer(NONE, "data of a token before the reset");
        enumerate;
        setup(8'hc0, weft_usb::VENDOR_CODE, 16'd0, 16'd7, 16'd162); // in a control transfer
        toggle_control = 1'b1;
        in(4'd0, toggle_control, 100);
        bus_reset;
        in(4'd0, toggle_control, 100);
        expect_answer(P_STALL, "IN of a transfer before the reset");
        enumerate;
        accepted(8'h02, 8'd3, 16'd0, weft_usb::ENDPOINT_OUT, 16'd0); // a reset ends a halt
        stream_both_but_out(bulk_bytes);
        bus_reset;
        enumerate;
        status_is(8'h82, weft_usb::ENDPOINT_OUT, 16'd0);
        stream_both(4 * bulk_bytes);
    end
endtask
task stream_both_but_out(input integer amount);
    begin
        core_limit = core_limit + amount;
        while (host_got < core_limit) begin
            stream_in(1000);
            expect_answer(P_DATA0, "IN while OUT is halted");
        end
    end
endtask
