// What a device has to answer on endpoint 0, by chapter 9 of USB 2.0 and Microsoft's OS descriptors 2.0; after
// usb_host.vh and usb_streams.vh.
//
// CAPABLE says whether the device can do high speed; SERIAL is the serial number it was given.

integer i_list, j_list, at_list, expected_length;
reg     found;

// The block at `at` of the ROM's contents, as weft_usb.def has it; `patched` where a parameter has changed it.
task same_block(input integer at, input integer length, input patched);
    begin
        if (reply_count != length) wrong("the length of a descriptor");
        if (!patched)
            for (i_list = 0; i_list < length; i_list = i_list + 1)
                if (reply[i_list] !== weft_usb::ROM[8*(at+i_list) +: 8]) wrong("a byte of a descriptor");
    end
endtask

// A descriptor whole, in pieces of every length that is a corner, and with more asked than there is.
task descriptor(input [15:0] which, input [15:0] language, input integer at, input integer length, input patched);
    begin
        accepted(8'h80, 8'd6, which, language, 16'd258);       // the low byte alone would be 2
        same_block(at, length, patched);
        for (j_list = 0; j_list < 6; j_list = j_list + 1) begin
            case (j_list)
                0: expected_length = 1;
                1: expected_length = 8;
                2: expected_length = length - 1;
                3: expected_length = length;
                4: expected_length = length + 1;
                default: expected_length = 64;
            endcase
            accepted(8'h80, 8'd6, which, language, expected_length);
            same_block(at, expected_length < length ? expected_length : length, patched);
        end
    end
endtask

function [15:0] reply_16(input integer i);
    reply_16 = {reply[i+1], reply[i]};
endfunction

task device_descriptor;
    begin
        descriptor(16'h0100, 16'd0, weft_usb::DEVICE_AT, 18, 1'b1);
        accepted(8'h80, 8'd6, 16'h0100, 16'd0, 16'd18);
        if (reply[0] != 18 || reply[1] != 1 || reply_16(2) != 16'h0201 || reply[7] != 64) wrong("the device descriptor");
        if (reply_16(8) != VENDOR || reply_16(10) != PRODUCT) wrong("vendor and product");
        if (reply[17] != 1) wrong("the number of configurations");
    end
endtask

// A configuration as a host walks through it, for bulk packets of `bulk`.
task walk_configuration(input [7:0] which, input integer bulk);
    begin
        accepted(8'h80, 8'd6, {which, 8'd0}, 16'd0, 16'd9);
        expected_length = reply_16(2);
        accepted(8'h80, 8'd6, {which, 8'd0}, 16'd0, expected_length);
        if (reply_count != expected_length || reply[0] != 9 || reply[1] != which) wrong("the head of a configuration");
        if (reply[4] != 1 || reply[5] != 1 || reply[7][7] != 1'b1 || reply[7][5] != 1'b0) wrong("the configuration");
        at_list = reply[0];
        if (reply[at_list] != 9 || reply[at_list+1] != 4 || reply[at_list+4] != 2 || reply[at_list+5] != 8'hff) wrong("the interface");
        if (reply[at_list+6] != weft_usb::SUBCLASS || reply[at_list+7] != weft_usb::PROTOCOL) wrong("the protocol of the interface");
        at_list = at_list + reply[at_list];
        for (i_list = 0; i_list < 2; i_list = i_list + 1) begin
            if (reply[at_list] != 7 || reply[at_list+1] != 5 || reply[at_list+3] != 2) wrong("an endpoint");
            if (reply[at_list+2] != (i_list == 0 ? weft_usb::ENDPOINT_OUT : weft_usb::ENDPOINT_IN)) wrong("the address of an endpoint");
            if (reply_16(at_list + 4) != bulk) wrong("the packet of an endpoint");
            at_list = at_list + reply[at_list];
        end
        if (at_list != expected_length) wrong("the length of a configuration");
    end
endtask

task speeds;
    begin
        walk_configuration(8'd2, high ? 512 : 64);
        descriptor(16'h0200, 16'd0, high ? weft_usb::CONFIGURATION_HIGH_AT : weft_usb::CONFIGURATION_FULL_AT, 32, 1'b0);
        if (CAPABLE) begin
            descriptor(16'h0600, 16'd0, weft_usb::QUALIFIER_AT, 10, 1'b0);
            walk_configuration(8'd7, high ? 64 : 512);
        end else begin
            refused(8'h80, 8'd6, 16'h0600, 16'd0, 16'd10);
            refused(8'h80, 8'd6, 16'h0700, 16'd0, 16'd9);
        end
        refused(8'h80, 8'd6, 16'h0201, 16'd0, 16'd9);          // there is one configuration
    end
endtask

task strings;
    begin
        descriptor(16'h0300, 16'd0, weft_usb::LANGUAGES_AT, weft_usb::LANGUAGES_BYTES, 1'b0);
        descriptor(16'h0301, 16'h0409, weft_usb::MANUFACTURER_AT, weft_usb::MANUFACTURER_BYTES, 1'b0);
        descriptor(16'h0302, 16'h0409, weft_usb::PRODUCT_AT, weft_usb::PRODUCT_BYTES, 1'b0);
        descriptor(16'h0303, 16'h0409, weft_usb::SERIAL_AT, weft_usb::SERIAL_BYTES, 1'b1);
        accepted(8'h80, 8'd6, 16'h0303, 16'h0409, 16'd255);
        for (i_list = 0; i_list < weft_usb::SERIAL_CHARS; i_list = i_list + 1)
            if (reply[2+2*i_list] !== SERIAL[8*(weft_usb::SERIAL_CHARS-1-i_list) +: 8] || reply[3+2*i_list] !== 8'd0) wrong("the serial number");
        refused(8'h80, 8'd6, 16'h0304, 16'h0409, 16'd255);
        refused(8'h80, 8'd6, 16'h03ee, 16'd0, 16'd18);         // Microsoft's first try, for OS descriptors 1.0
    end
endtask

// Does a reply hold `text`, as UTF-16?
task find_text(input [8*24-1:0] text, input integer chars);
    begin
        found = 1'b0;
        for (i_list = 0; i_list + 2 * chars <= reply_count; i_list = i_list + 1) begin
            at_list = 0;
            for (j_list = 0; j_list < chars; j_list = j_list + 1)
                if (reply[i_list+2*j_list] === text[8*(chars-1-j_list) +: 8] && reply[i_list+2*j_list+1] === 8'd0) at_list = at_list + 1;
            if (at_list == chars) found = 1'b1;
        end
        if (!found) wrong("a text is missing");
    end
endtask

task windows;
    begin
        descriptor(16'h0f00, 16'd0, weft_usb::BOS_AT, weft_usb::BOS_BYTES, 1'b0);
        accepted(8'h80, 8'd6, 16'h0f00, 16'd0, 16'd255);
        if (reply[0] != 5 || reply[1] != 15 || reply_16(2) != reply_count || reply[4] != 2) wrong("the BOS");
        if (reply[5+2] != 2 || reply[12] != 28 || reply[14] != 5) wrong("the capabilities");
        if ({reply[16], reply[17], reply[18], reply[19]} != 32'hdf60ddd8) wrong("the UUID of the platform");
        expected_length = reply_16(36);
        accepted(8'hc0, reply[38], 16'd0, 16'd7, expected_length);
        same_block(weft_usb::MS_OS_20_AT, expected_length, 1'b0);
        if (reply_16(0) != 10 || reply_16(8) != expected_length || reply_16(10) != 20 || reply_16(12) != 3) wrong("the OS descriptors");
        if ({reply[14], reply[15], reply[16], reply[17], reply[18], reply[19], reply[20]} != {"WINUSB", 8'd0}) wrong("WINUSB");
        if (reply_16(30) + 30 != expected_length || reply_16(36) != 42 || reply_16(80) != 80) wrong("the registry property");
        find_text("DeviceInterfaceGUIDs", 20);
        find_text("{5b1c0f3e-7d52-4f0a-9a36", 24);
        refused(8'hc0, weft_usb::VENDOR_CODE, 16'd0, 16'd8, 16'd64);
        refused(8'hc0, weft_usb::VENDOR_CODE + 1, 16'd0, 16'd7, 16'd64);
    end
endtask

task status_is(input [7:0] recipient, input [15:0] index, input [15:0] want);
    begin
        accepted(recipient, 8'd0, 16'd0, index, 16'd2);
        if (reply_count != 2 || reply_16(0) != want) wrong("a status");
    end
endtask
task configuration_is(input [7:0] want);
    begin
        accepted(8'h80, 8'd8, 16'd0, 16'd0, 16'd1);
        if (reply_count != 1 || reply[0] != want) wrong("the configuration number");
    end
endtask
task silence(input [3:0] pid, input [6:0] to, input [3:0] endpoint);
    begin
        send_token(pid, to, endpoint);
        if (pid == P_OUT || pid == P_SETUP) send_data(P_DATA0, 8);
        hear;
        expect_answer(NONE, "an answer where none belongs");
        bus.gap(10);
    end
endtask

// What has to be refused or left unanswered before the device is configured.
task unconfigured;
    begin
        configuration_is(8'd0);
        status_is(8'h80, 16'd0, 16'd0);
        status_is(8'h82, 16'd0, 16'd0);
        status_is(8'h82, 16'h80, 16'd0);
        refused(8'h81, 8'd0, 16'd0, 16'd0, 16'd2);
        refused(8'h82, 8'd0, 16'd0, weft_usb::ENDPOINT_OUT, 16'd2);
        refused(8'h81, 8'd10, 16'd0, 16'd0, 16'd1);
        refused(8'h01, 8'd11, 16'd0, 16'd0, 16'd0);
        refused(8'h02, 8'd3, 16'd0, weft_usb::ENDPOINT_IN, 16'd0);
        silence(P_OUT, address, 4'd1);
        silence(P_IN, address, 4'd1);
    end
endtask

task no_such_request;
    begin
        for (i_list = 0; i_list < 8; i_list = i_list + 1) begin
            refused(8'h00, 8'd3, i_list == 0 ? 16'd1 : 16'd2, 16'd0, 16'd0);   // remote wake-up, test modes
            refused(8'h00, 8'd1, 16'd1, 16'd0, 16'd0);
            case (i_list)
                0: refused(8'h00, 8'd9, 16'd2, 16'd0, 16'd0);                  // configurations, settings, interfaces, endpoints that are not
                1: refused(8'h01, 8'd11, 16'd1, 16'd0, 16'd0);
                2: refused(8'h01, 8'd11, 16'd0, 16'd1, 16'd0);
                3: refused(8'h81, 8'd0, 16'd0, 16'd1, 16'd2);
                4: refused(8'h82, 8'd0, 16'd0, 16'h02, 16'd2);
                5: refused(8'h82, 8'd0, 16'd0, 16'h82, 16'd2);
                6: refused(8'h02, 8'd3, 16'd0, 16'h02, 16'd0);
                7: refused(8'h02, 8'd3, 16'd1, 16'h01, 16'd0);
            endcase
        end
        refused(8'h82, 8'd12, 16'd0, 16'h81, 16'd2);           // SYNCH_FRAME
        refused(8'h80, 8'd6, 16'h0400, 16'd0, 16'd9);          // interfaces and endpoints alone
        refused(8'h80, 8'd6, 16'h0500, 16'd0, 16'd7);
        refused(8'h80, 8'd6, 16'h2200, 16'd0, 16'd64);
        refused(8'ha1, 8'd1, 16'd0, 16'd0, 16'd4);             // a class
        refused(8'h40, 8'd0, 16'd0, 16'd0, 16'd0);
        refused(8'h01, 8'd1, 16'd0, 16'd0, 16'd0);             // features of an interface
    end
endtask

// SET_DESCRIPTOR, which is optional: its data is refused, and so is its status.
task refused_data;
    begin
        setup(8'h00, 8'd7, 16'h0100, 16'd0, 16'd18);
        toggle_control = 1'b1;
        out(4'd0, toggle_control, 18, 100);
        expect_answer(P_STALL, "data that is not wanted");
        toggle_control = 1'b1;
        in(4'd0, toggle_control, 100);
        expect_answer(P_STALL, "the status of a refused request");
        setup(8'h00, 8'd9, 16'd1, 16'd0, 16'd2);               // no data belongs to this one
        toggle_control = 1'b1;
        out(4'd0, toggle_control, 2, 100);
        expect_answer(P_STALL, "data of a request without");
        setup(8'h02, 8'd3, 16'd0, weft_usb::ENDPOINT_IN, 16'd2); // nor to this one, which must not halt anything then
        bus.gap(300);
        toggle_control = 1'b1;
        in(4'd0, toggle_control, 100);
        expect_answer(P_STALL, "the status of a request with data that is not wanted");
        status_is(8'h82, weft_usb::ENDPOINT_IN, 16'd0);
    end
endtask

// Transfers that the host leaves, and SETUP packets that are none.
task broken_transfers;
    begin
        setup(8'h80, 8'd6, 16'h0200, 16'd0, 16'd255);          // left before its data
        configuration_is(8'd1);
        setup(8'hc0, weft_usb::VENDOR_CODE, 16'd0, 16'd7, 16'd162); // left in its data
        toggle_control = 1'b1;
        in(4'd0, toggle_control, 100);
        configuration_is(8'd1);
        setup(8'hc0, weft_usb::VENDOR_CODE, 16'd0, 16'd7, 16'd162); // status early
        toggle_control = 1'b1;
        in(4'd0, toggle_control, 100);
        toggle_control = 1'b1;
        out(4'd0, toggle_control, 0, 100);
        expect_answer(P_ACK, "an early status stage");
        toggle_control = 1'b1;
        out(4'd0, toggle_control, 0, 100);
        expect_answer(P_ACK, "a status stage whose ACK was lost");
        for (i_list = 6; i_list < 12; i_list = i_list + 1) begin
            send_token(P_SETUP, address, 4'd0);
            {payload[0], payload[1], payload[2], payload[3], payload[4], payload[5], payload[6], payload[7]} = 64'h80_06_00_01_00_00_12_00;
            send_data(i_list == 11 ? P_DATA1 : P_DATA0, i_list == 11 ? 8 : i_list);
            hear;
            expect_answer(i_list == 8 ? P_ACK : NONE, "a SETUP of a wrong length or toggle");
            bus.gap(20);
        end
        setup(8'h00, 8'd9, 16'd1, 16'd0, 16'd0);               // the wrong direction in the status stage
        bus.gap(300);
        toggle_control = 1'b1;
        out(4'd0, toggle_control, 0, 100);
        expect_answer(P_STALL, "OUT as the status of a request without data");
        configure;
    end
endtask

// The address counts from the end of the status stage on, and only for this device.
task addresses;
    begin
        setup(8'h00, 8'd5, 16'd77, 16'd0, 16'd0);
        bus.gap(300);
        silence(P_IN, 7'd77, 4'd0);
        toggle_control = 1'b1;
        in(4'd0, toggle_control, 100);
        expect_answer(P_DATA0, "the status of SET_ADDRESS");
        bus.gap(24);
        silence(P_IN, address, 4'd0);
        address = 7'd77;
        silence(P_IN, 7'd76, 4'd0);
        silence(P_IN, 7'd13, 4'd0);
        silence(P_SETUP, 7'd78, 4'd0);
        silence(P_IN, address, 4'd2);
        silence(P_OUT, address, 4'd2);
        silence(P_IN, address, 4'd9);
        silence(P_SETUP, address, 4'd1);
        silence(P_SOF, address, 4'd0);
        if (!high) silence(P_PING, address, 4'd0);
        device_descriptor;
    end
endtask

// A halt stops one endpoint and no other; clearing it begins its toggle again, also when there was no halt.
task halts;
    begin
        status_is(8'h82, weft_usb::ENDPOINT_OUT, 16'd0);
        accepted(8'h02, 8'd3, 16'd0, weft_usb::ENDPOINT_OUT, 16'd0);
        status_is(8'h82, weft_usb::ENDPOINT_OUT, 16'd1);
        status_is(8'h82, weft_usb::ENDPOINT_IN, 16'd0);
        stream_out(5, 100);
        expect_answer(P_STALL, "OUT to a halted endpoint");
        if (high) begin
            send_token(P_PING, address, 4'd1);
            hear;
            expect_answer(P_STALL, "PING to a halted endpoint");
        end
        core_limit = core_limit + 9;
        stream_in(1000);
        expect_answer(P_DATA0, "IN while OUT is halted");
        accepted(8'h02, 8'd3, 16'd0, weft_usb::ENDPOINT_IN, 16'd0);
        status_is(8'h82, weft_usb::ENDPOINT_IN, 16'd1);
        stream_in(100);
        expect_answer(P_STALL, "IN from a halted endpoint");
        accepted(8'h02, 8'd1, 16'd0, weft_usb::ENDPOINT_OUT, 16'd0);
        toggle_out = 1'b0;
        status_is(8'h82, weft_usb::ENDPOINT_OUT, 16'd0);
        status_is(8'h82, weft_usb::ENDPOINT_IN, 16'd1);
        stream_out(7, 100);
        expect_answer(P_ACK, "OUT after a halt");
        accepted(8'h02, 8'd1, 16'd0, weft_usb::ENDPOINT_OUT, 16'd0);
        toggle_out = 1'b0;
        stream_out(3, 100);
        expect_answer(P_ACK, "OUT after a toggle was cleared");
        accepted(8'h02, 8'd1, 16'd0, weft_usb::ENDPOINT_IN, 16'd0);
        toggle_in = 1'b0;
        core_limit = core_limit + 11;
        stream_in(1000);
        expect_answer(P_DATA0, "IN after a halt");
        accepted(8'h02, 8'd1, 16'd0, weft_usb::ENDPOINT_IN, 16'd0);
        toggle_in = 1'b0;
        core_limit = core_limit + 2;
        stream_in(1000);
        expect_answer(P_DATA0, "IN after a toggle was cleared");
        accepted(8'h02, 8'd1, 16'd0, 16'd0, 16'd0);            // endpoint 0 is never halted
        accepted(8'h02, 8'd3, 16'd0, weft_usb::ENDPOINT_IN, 16'd0);
        accepted(8'h01, 8'd11, 16'd0, 16'd0, 16'd0);           // SET_INTERFACE ends halts and begins both toggles again
        toggle_out = 1'b0;
        toggle_in = 1'b0;
        status_is(8'h82, weft_usb::ENDPOINT_IN, 16'd0);
        stream_both(bulk_bytes + 10);
        accepted(8'h02, 8'd3, 16'd0, weft_usb::ENDPOINT_OUT, 16'd0);
        configure;                                             // and so does SET_CONFIGURATION
        status_is(8'h82, weft_usb::ENDPOINT_OUT, 16'd0);
        stream_both(3 * bulk_bytes);
    end
endtask

task chapter9;
    begin
        accepted(8'h80, 8'd6, 16'h0100, 16'd0, 16'd64);        // as hosts begin: the first 8 bytes count, then a reset
        if (reply_count != 18) wrong("the first descriptor");
        bus_reset;
        unconfigured;
        set_address(7'd3);
        device_descriptor;
        speeds;
        strings;
        windows;
        unconfigured;
        accepted(8'h00, 8'd9, 16'd0, 16'd0, 16'd0);
        if (configured) wrong("configured too early");
        configure;
        if (!configured) wrong("not configured");
        configuration_is(8'd1);
        status_is(8'h81, 16'd0, 16'd0);
        accepted(8'h81, 8'd10, 16'd0, 16'd0, 16'd1);
        if (reply_count != 1 || reply[0] != 0) wrong("the setting of the interface");
        no_such_request;
        refused_data;
        broken_transfers;
        halts;
        addresses;
        stream_both(2 * bulk_bytes + 3);
        accepted(8'h00, 8'd9, 16'd0, 16'd0, 16'd0);
        unconfigured;
        configure;
        stream_both(100);
    end
endtask
