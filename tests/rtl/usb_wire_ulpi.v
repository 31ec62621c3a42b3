// A ULPI transceiver and the host behind it: sends and receives packets at high or full speed, drives reset, suspend
// and resume.
//
// The transceiver obeys the registers that the link writes, takes TX CMDs and bytes at the pace of the speed, waits
// at random, sends RX CMDs when the line changes and at random, and interrupts register writes and packets it has
// taken nothing of.  What the link does is checked: who drives the bus, how soon an answer comes (14 cycles at high
// speed, 7 to 18 at full speed), STP, the chirp's length.  HIGH: the host can do high speed.
`timescale 1ns / 1ps
`default_nettype none

module usb_wire_ulpi #(
    parameter integer HIGH = 1,
    parameter integer MS   = 3000               // cycles of 60 MHz that stand for a millisecond
) (
    input  wire       clk,
    output reg        dir,
    output reg        nxt,
    input  wire       stp,
    output reg  [7:0] data_out,
    input  wire [7:0] data_in,
    input  wire       data_drive
);
    localparam [1:0] SE0 = 2'b00, J = 2'b01, K = 2'b10;

    reg [7:0] bytes [0:2047];                                  // of the packet that is sent or was received
    integer   count, host_count;
    integer   spoil_bit = -1;                                  // in the byte of this bit the transceiver tells an error
    integer   break_share = 0;                                 // of 256 packets of the link that are interrupted half-way
    integer   seed = 1;
    integer   now = 0, ended = 0, told_j = 0;                  // cycle; when the host's last packet ended; when the link was told of J
    always @(posedge clk) now = now + 1;

    function integer dice(input integer below);
        dice = $unsigned($random(seed)) % below;
    endfunction

    // --- registers and line ---
    reg [7:0] function_control = 8'h41, otg_control = 8'h06;
    wire [1:0] op_mode = function_control[4:3];
    wire      term = function_control[2];
    wire      fast = function_control[1:0] == 2'b00 && !term;  // at high speed
    reg       host_forces = 1'b0;
    reg [1:0] host_line = SE0;
    reg       busy_line = 1'b0;                                // something is sent at high speed
    wire [1:0] line = host_forces ? host_line : term && op_mode != 2'd1 ? J : busy_line ? J : SE0;
    reg [1:0] told = SE0;
    integer   tries = 0, writes = 0, chirps = 0, interrupts = 0;

    always @(negedge clk) begin
        if (dir && data_drive) $fatal(1, "FAIL usb_wire_ulpi: the link drives a bus that is not its own at %0t", $time);
        if (function_control[6] !== 1'b1 || function_control[5] !== 1'b0)
            $fatal(1, "FAIL usb_wire_ulpi: Function Control %h", function_control);
    end

    // --- towards the link ---
    task tick;
        @(posedge clk);
    endtask
    task take_bus(input with_next);
        begin
            if (!dir) begin
                dir <= 1'b1;
                nxt <= with_next;
                data_out <= 8'hxx;
                tick;
            end
        end
    endtask
    task rx_command(input [1:0] happens);                      // event: 0 nothing, 1 active, 3 error
        begin
            nxt <= 1'b0;
            data_out <= {2'b00, happens, 2'b11, line};
            if (line != told && line == J) told_j = now;
            told = line;
            tick;
        end
    endtask
    task give_bus;
        begin
            dir <= 1'b0;
            nxt <= 1'b0;
            data_out <= 8'hxx;
            tick;
        end
    endtask

    // A packet from the host.
    reg     host_pending = 1'b0;
    integer host_n, i, j, error_at;
    task receive;
        begin
            delay = 0;
            error_at = spoil_bit >= 0 ? spoil_bit / 8 : -1;
            busy_line = fast;
            take_bus(dice(2) == 0);
            if (dice(2) == 0 || !nxt || !fast) rx_command(2'd1);
            for (i = 0; i < host_n; i = i + 1) begin
                if (!fast) for (j = 0; j < 39; j = j + 1) rx_command(2'd1);
                else while (dice(8) == 0) rx_command(2'd1);
                if (i == error_at) rx_command(2'd3);
                nxt <= 1'b1;
                data_out <= bytes[i];
                tick;
            end
            busy_line = 1'b0;
            ended = now;
            if (!fast) begin
                host_forces = 1'b1;
                host_line = SE0;
                rx_command(dice(2));
                rx_command(2'd0);
                for (j = 0; j < 8; j = j + 1) rx_command(2'd0);
                host_forces = 1'b0;
                if (dice(2) == 0) rx_command(2'd0);
            end else if (dice(2) == 0) rx_command(2'd0);
            give_bus;
            spoil_bit = -1;
            host_pending = 1'b0;
        end
    endtask

    // --- from the link ---
    reg     answered = 1'b0, answering = 1'b0, over;
    integer pace, break_at, chirp_began, chirp_breaks = 0;
    integer delay = 0;                                         // cycles by which interrupts put an answer off
    reg [7:0] command;
    task interrupt;                                            // an RX CMD at a bad moment
        begin
            interrupts = interrupts + 1;
            delay = delay + 12;
            take_bus(1'b0);
            rx_command(2'd0);
            give_bus;
        end
    endtask
    task write_register;
        begin : writing
            repeat (dice(4)) begin
                tick;
                if (data_in !== command) $fatal(1, "FAIL usb_wire_ulpi: a command that does not hold");
            end
            tries = tries + 1;
            if (tries == 1 || dice(3) == 0) begin              // the first write at both places, for it comes only once
                interrupt;
                disable writing;
            end
            nxt <= 1'b1;
            tick;
            nxt <= 1'b0;
            if (tries == 2 || dice(3) == 0) begin
                interrupt;
                disable writing;
            end
            repeat (dice(3)) tick;
            nxt <= 1'b1;
            tick;
            nxt <= 1'b0;
            tick;
            case (command[5:0])                                // the value that stood while nxt was up
                6'h04: function_control = value;
                6'h0a: otg_control = value;
                default: $fatal(1, "FAIL usb_wire_ulpi: register %h", command[5:0]);
            endcase
            writes = writes + 1;
            if (stp !== 1'b1) $fatal(1, "FAIL usb_wire_ulpi: a write without STP");
        end
    endtask
    reg [7:0] value;
    always @(posedge clk) value <= data_in;

    task transmit;
        begin : sending
            if (otg_control[2:1] !== 2'b00) $fatal(1, "FAIL usb_wire_ulpi: pull-downs are on");
            if (op_mode == 2'd1) $fatal(1, "FAIL usb_wire_ulpi: a packet from a device that is off the bus");
            if (op_mode == 2'd0) begin
                if (fast ? now - ended > 15 + delay : now - told_j < 7 || now - told_j > 18 + delay)
                    $fatal(1, "FAIL usb_wire_ulpi: an answer after %0d cycles", fast ? now - ended : now - told_j);
                answering = 1'b1;
            end
            repeat (dice(3)) tick;
            if (data_in !== command) $fatal(1, "FAIL usb_wire_ulpi: a TX CMD that does not hold");
            if (dice(8) == 0) begin
                interrupt;
                disable sending;
            end
            nxt <= 1'b1;
            tick;
            if (command[3:0] == 4'd0) chirping;
            else begin
                bytes[0] = {~command[3:0], command[3:0]};
                host_count = 1;
                over = 1'b0;
                busy_line = fast;
                pace = 0;
                break_at = dice(256) < break_share ? dice(300) : -1;
                while (!over) begin
                    pace = pace + 1;
                    if (pace == break_at) begin
                        busy_line = 1'b0;
                        interrupt;
                        answering = 1'b0;
                        disable sending;
                    end
                    nxt <= fast ? dice(8) != 0 : pace % 40 == 0;
                    tick;
                    if (stp) over = 1'b1;
                    else if (nxt) begin
                        bytes[host_count] = data_in;
                        host_count = host_count + 1;
                    end
                end
                if (data_in !== 8'd0) $fatal(1, "FAIL usb_wire_ulpi: a transmit error asked for");
                nxt <= 1'b0;
                busy_line = 1'b0;
                if (!fast && !host_forces) begin
                    repeat (40) tick;                          // the last byte
                    host_forces = 1'b1;
                    host_line = SE0;
                    interrupt;
                    repeat (8) tick;
                    host_forces = 1'b0;
                end
                ended = now;
                delay = 0;
                answered = 1'b1;
            end
            answering = 1'b0;
        end
    endtask
    task chirping;
        begin : chirp
            if (op_mode != 2'd2 || function_control[2:0] != 3'b100)
                $fatal(1, "FAIL usb_wire_ulpi: a chirp in Function Control %h", function_control);
            chirp_began = now;
            over = 1'b0;
            break_at = chirp_breaks % 2 == 0 ? now + dice(MS / 2) : 0; // every other chirp is interrupted, and goes on
            chirp_breaks = chirp_breaks + 1;
            while (!over) begin
                if (now == break_at) begin
                    nxt <= 1'b0;
                    interrupt;
                    disable chirp;
                end
                nxt <= 1'b1;
                tick;
                if (stp) over = 1'b1;
                else if (data_in !== 8'd0) $fatal(1, "FAIL usb_wire_ulpi: a chirp that is not K");
            end
            nxt <= 1'b0;
            if (now - chirp_began < MS || now - chirp_began > 7 * MS)
                $fatal(1, "FAIL usb_wire_ulpi: a chirp of %0d cycles", now - chirp_began);
            chirps = chirps + 1;
        end
    endtask

    // What the transceiver does, one thing at a time.
    initial begin
        dir = 1'b0;
        nxt = 1'b0;
        data_out = 8'hxx;
        repeat (3) tick;
        forever begin
            tick;
            command = data_in;
            if (host_pending && !stp) receive;
            else if (line != told) begin
                take_bus(1'b0);
                rx_command(2'd0);
                give_bus;
            end else if (dice(500) == 0) interrupt;
            else if (data_drive && data_in !== 8'd0 && !stp) begin
                if (data_in[7:6] == 2'b10) write_register;
                else if (data_in[7:6] == 2'b01) transmit;
                else $fatal(1, "FAIL usb_wire_ulpi: command %h", data_in);
            end
        end
    end

    // --- the host ---
    task send(input integer n);
        begin
            host_n = n;
            answered = 1'b0;
            host_pending = 1'b1;
            wait (!host_pending);
        end
    endtask
    integer patience;
    task listen;
        begin
            count = -1;
            for (patience = fast ? 100 : 120; patience > 0 && !answering && !answered; patience = patience - 1) tick;
            wait (!answering);
            for (patience = fast ? 60 : 60; patience > 0 && !answering && !answered; patience = patience - 1) tick; // an interrupted one comes again
            wait (!answering);
            if (answered) count = host_count;
            answered = 1'b0;
        end
    endtask
    task gap(input integer bit_times);
        repeat (fast ? bit_times + 8 : 5 * bit_times) tick;
    endtask
    task turn;
        repeat (fast ? 4 : 15) tick;
    endtask
    task set_line(input [1:0] to, input integer cycles);
        begin
            host_forces = 1'b1;
            host_line = to;
            repeat (cycles) tick;
        end
    endtask
    integer chirps_then;
    task reset(output high);
        begin
            chirps_then = chirps;
            set_line(SE0, 0);
            for (patience = 8 * MS; patience > 0 && chirps == chirps_then; patience = patience - 1) tick;
            if (chirps == chirps_then) $fatal(1, "FAIL usb_wire_ulpi: no chirp in a reset");
            set_line(SE0, 300);
            if (HIGH != 0) begin
                set_line(K, 100);                              // too short to count
                set_line(J, 100);
                repeat (4) begin
                    set_line(K, 400);
                    set_line(J, 400);
                end
                set_line(SE0, MS);
                host_forces = 1'b0;
            end else begin
                set_line(SE0, 3 * MS);
                host_forces = 1'b0;
                repeat (MS) tick;
            end
            high = HIGH != 0;
            if (function_control != (high ? 8'h40 : 8'h45))
                $fatal(1, "FAIL usb_wire_ulpi: Function Control %h after a reset", function_control);
        end
    endtask
    // A reset by something that chirps too shortly for a host at high speed.
    task faint_reset;
        begin
            chirps_then = chirps;
            set_line(SE0, 0);
            for (patience = 8 * MS; patience > 0 && chirps == chirps_then; patience = patience - 1) tick;
            set_line(SE0, 300);
            repeat (6) begin
                set_line(K, 120);
                set_line(J, 120);
            end
            set_line(K, 250);
            set_line(J, 250);
            set_line(K, 250);
            set_line(SE0, 3 * MS);
            host_forces = 1'b0;
            repeat (MS) tick;
            if (function_control != 8'h45)
                $fatal(1, "FAIL usb_wire_ulpi: Function Control %h after a reset without chirps", function_control);
        end
    endtask
    task idle(input integer ms);
        repeat (ms * MS) tick;
    endtask
    task part_ms(input integer part);
        repeat (MS / part) tick;
    endtask
    task resume;
        begin
            if (function_control != 8'h45) $fatal(1, "FAIL usb_wire_ulpi: Function Control %h in suspend", function_control);
            set_line(K, 20 * MS);
            set_line(SE0, 80);
            if (fast != (HIGH != 0)) $fatal(1, "FAIL usb_wire_ulpi: not back at its speed after resume");
            host_forces = 1'b0;
            repeat (MS) tick;
        end
    endtask
    task blink(input integer bit_times);                       // SE0, which says nothing at high speed
        if (!fast) begin
            set_line(SE0, 5 * bit_times);
            host_forces = 1'b0;
            repeat (100) tick;
        end
    endtask
endmodule

`default_nettype wire
