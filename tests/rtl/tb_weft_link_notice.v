// DONE and ALIVE of weft_link with weft_regs: a run that ends in any cycle around a START or an
// abort gives exactly one DONE, with the right content, before the reply of the next START;
// heartbeats keep their period and show the registers of the cycle in which they leave.
`timescale 1ns / 1ps
`default_nettype none
module tb_weft_link_notice;
    reg         clk = 1'b0, rst_pin = 1'b1, rst = 1'b1;
    reg         rx_valid = 1'b0, tx_ready = 1'b1;
    reg  [7:0]  rx_data = 8'd0;
    wire        rx_ready, tx_valid;
    wire [7:0]  tx_data;
    wire        reg_valid, reg_write, reg_ready, start, abort_run, busy, reset_req;
    wire [15:0] reg_addr;
    wire [31:0] reg_wdata, reg_rdata, heartbeat, status_value, err_index_value, cycles_value, commands_value;
    wire [7:0]  reg_status;
    reg         done_pulse = 1'b0;
    reg  [31:0] err_index = 32'd0;
    /* verilator lint_off UNUSEDSIGNAL */
    wire [31:0] prog_addr, prog_count, win_base, win_limit;

    weft_link dut (
        .clk(clk), .rst(rst_pin),
        .rx_valid(rx_valid), .rx_ready(rx_ready), .rx_data(rx_data),
        .tx_valid(tx_valid), .tx_ready(tx_ready), .tx_data(tx_data),
        .reg_valid(reg_valid), .reg_write(reg_write), .reg_addr(reg_addr), .reg_wdata(reg_wdata),
        .reg_ready(reg_ready), .reg_rdata(reg_rdata), .reg_status(reg_status),
        .run_done(done_pulse && busy), .heartbeat(heartbeat), .status_value(status_value),
        .err_index_value(err_index_value), .cycles_value(cycles_value), .commands_value(commands_value),
        .reset_req(reset_req), .reset_done(reset_req),
        .rd_req_valid(), .rd_req_ready(1'b0), .rd_req_addr(), .rd_req_beats(), .rd_rsp_valid(1'b0),
        .rd_rsp_data(128'd0), .rd_rsp_error(1'b0),
        .wr_req_valid(), .wr_req_ready(1'b0), .wr_req_addr(), .wr_req_beats(), .wr_data_valid(),
        .wr_data_ready(1'b0), .wr_data(), .wr_strb(), .wr_done(1'b0), .wr_done_error(1'b0));

    weft_regs regs (
        .clk(clk), .gclk(clk), .rst(rst), .clear(reset_req),
        .reg_valid(reg_valid), .reg_write(reg_write), .reg_addr(reg_addr), .reg_wdata(reg_wdata),
        .reg_ready(reg_ready), .reg_rdata(reg_rdata), .reg_status(reg_status),
        .start(start), .abort_run(abort_run), .prog_addr(prog_addr), .prog_count(prog_count), .win_base(win_base),
        .win_limit(win_limit), .heartbeat(heartbeat),
        .busy(busy), .done_pulse(done_pulse), .err_code(8'd4), .err_index(err_index),
        .issued(1'b0), .stall_load(1'b0), .stall_store(1'b0), .stall_weights(1'b0), .stall_drain(1'b0),
        .stall_lanes(1'b0), .stall_operand(1'b0), .idle(1'b0), .load_busy(1'b0), .store_busy(1'b0),
        .read_beat(1'b0), .weight_beat(1'b0), .write_beat(1'b0), .commands_done(3'd1),
        .status_value(status_value), .err_index_value(err_index_value), .cycles_value(cycles_value),
        .commands_value(commands_value));

    always #5 clk = !clk;
    always @(posedge clk) rst <= rst_pin;       // as the link does for itself

    reg  [7:0]  out [0:63];
    reg  [7:0]  frame [0:63];
    reg  [31:0] crc, run_cycles, want_index, want_cycles, started;
    reg  [31:0] number = 32'd1000;
    integer     length, at, out_length, i, d, now, hold;
    integer     runs, dones, starts, refusals, alives, last_alive, late;
    reg  [31:0] alive_status, alive_commands, next_status, next_commands;
    reg         after_reset;

    task crc_byte(input [7:0] value);
        integer k;
        begin
            crc = crc ^ {24'd0, value};
            for (k = 0; k < 8; k = k + 1) crc = crc[0] ? (crc >> 1) ^ 32'hedb88320 : crc >> 1;
        end
    endtask

    // Send the frame whose payload is in out[12..]; its number is the next one.
    task send(input [7:0] kind, input integer bytes);
        begin
            number = number + 1;
            out[0] = 8'h57; out[1] = 8'hef; out[2] = kind; out[3] = 8'(weft_isa::PKT_FRESH);
            out[4] = kind == 8'(weft_isa::PKT_OPEN) ? 8'd0 : 8'd77; out[5] = 0; out[6] = bytes; out[7] = 0;
            {out[11], out[10], out[9], out[8]} = number;
            crc = 32'hffffffff;
            for (i = 0; i < 12 + bytes; i = i + 1) crc_byte(out[i]);
            for (i = 0; i < 4; i = i + 1) out[12 + bytes + i] = ~crc[8*i +: 8];
            for (i = 0; i < 16 + bytes; i = i + 1) begin
                rx_valid = 1'b1; rx_data = out[i];
                #1 while (!rx_ready) @(negedge clk) #1;
                @(negedge clk);
            end
            rx_valid = 1'b0;
        end
    endtask

    function [31:0] word(input integer byte_at);
        word = {frame[byte_at+3], frame[byte_at+2], frame[byte_at+1], frame[byte_at]};
    endfunction

    task receive;
        begin
            case (frame[2])
                8'(weft_isa::PKT_DONE): begin
                    dones = dones + 1;
                    if (after_reset) $fatal(1, "FAIL weft_link_notice: DONE after the answer of RESET");
                    if (dones != runs || word(12) !== 32'h204 || word(16) !== want_index || word(20) !== want_cycles || word(8) !== started)
                        $fatal(1, "FAIL weft_link_notice: end %0d: DONE %0d got %h %0d %0d of %0d, want 204 %0d %0d of %0d", runs, dones,
                               word(12), word(16), word(20), word(8), want_index, want_cycles, started);
                end
                8'(weft_isa::PKT_ALIVE): begin
                    alives = alives + 1;
                    if (word(12) !== alive_status || word(16) !== alive_commands || word(8) !== 0)
                        $fatal(1, "FAIL weft_link_notice: ALIVE got %h %0d, want %h %0d", word(12), word(16), alive_status, alive_commands);
                end
                8'(weft_isa::PKT_START + weft_isa::PKT_REPLY): begin
                    starts = starts + 1; started = word(8);
                    if (frame[12] != 0) $fatal(1, "FAIL weft_link_notice: START answered %0d", frame[12]);
                end
                8'(weft_isa::PKT_REFUSED):
                    if (frame[12] == 8'(weft_isa::PKTST_BUSY)) refusals = refusals + 1;
                    else $fatal(1, "FAIL weft_link_notice: refused with %0d", frame[12]);
                8'(weft_isa::PKT_RESET + weft_isa::PKT_REPLY): after_reset = 1'b1;
                default: ;
            endcase
            at = 0;
        end
    endtask

    always @(posedge clk) begin
        now = now + 1;
        run_cycles = start ? 0 : run_cycles + 1;
        if (done_pulse && busy) begin
            runs = runs + 1; want_index = err_index; want_cycles = run_cycles;
        end
        if (!rst && tx_valid && tx_ready) begin
            frame[at] = tx_data;
            // The sender may have begun with this one while the last byte of another waited.
            if (at == 2 && tx_data == 8'(weft_isa::PKT_ALIVE)) begin
                alive_status = next_status; alive_commands = next_commands;
            end
            at = at + 1;
            length = {frame[7], frame[6]};
            if (at >= 12 && at == length + 16) receive;
        end
        // ALIVE has the registers of the cycle in which the sender begins.
        if (dut.sends && !dut.reply_valid && !dut.u_link_notice.done) begin
            next_status = status_value; next_commands = commands_value;
        end
        if (!rst && dut.sends && !dut.reply_valid && !dut.u_link_notice.done) begin
            if (last_alive != 0 && now - last_alive != 300 && heartbeat == 300)
                late = late + 1;
            last_alive = now;
        end
    end

    always @(negedge clk) begin
        if (hold != 0) hold = hold - 1;
        tx_ready = hold == 0;
    end

    task set_heartbeat(input [31:0] cycles);
        begin
            out[12] = weft_isa::REG_HEARTBEAT; out[13] = 0; out[14] = 0; out[15] = 0;
            {out[19], out[18], out[17], out[16]} = cycles;
            send(8'(weft_isa::PKT_REG_WRITE), 8);
        end
    endtask

    // End the run d cycles from now.
    task finish_after(input integer cycles);
        begin
            repeat (cycles) @(negedge clk);
            err_index = err_index + 1;
            done_pulse = 1'b1;
            @(negedge clk);
            done_pulse = 1'b0;
        end
    endtask

    initial begin
        at = 0; now = 0; runs = 0; dones = 0; starts = 0; refusals = 0; alives = 0; last_alive = 0; late = 0; hold = 0;
        after_reset = 0; length = 0; frame[6] = 0; frame[7] = 0;
        for (i = 0; i < 64; i = i + 1) out[i] = 8'd0;
        repeat (3) @(negedge clk);
        rst_pin = 1'b0;
        @(negedge clk);
        out[12] = 8'd77;
        send(8'(weft_isa::PKT_OPEN), 4);
        // The end of a run in every cycle around the execution of a START: tx going; standing still; standing
        // still in the middle of an ALIVE.
        for (d = 0; d < 210; d = d + 1) begin
            if (d == 140) set_heartbeat(32'd40);
            send(8'(weft_isa::PKT_START), 16);
            repeat (80) @(negedge clk);
            if (d >= 70) hold = 400;
            fork
                send(8'(weft_isa::PKT_START), 16);
                finish_after(d % 70);
            join
            repeat (600) @(negedge clk);
            if (busy) begin
                finish_after(0);
                repeat (100) @(negedge clk);
            end
            if (dones != runs) $fatal(1, "FAIL weft_link_notice: delay %0d: %0d runs ended, %0d DONE", d, runs, dones);
            if (starts != runs || starts + refusals != 2*(d + 1))
                $fatal(1, "FAIL weft_link_notice: delay %0d: %0d started, %0d ended, %0d refused", d, starts, runs, refusals);
        end
        set_heartbeat(32'd0);
        // The same around a RESET: DONE comes before its answer or not at all.
        for (d = 0; d < 70; d = d + 1) begin
            after_reset = 1'b0;
            send(8'(weft_isa::PKT_START), 16);
            repeat (80) @(negedge clk);
            fork
                send(8'(weft_isa::PKT_RESET), 0);
                finish_after(d);
            join
            repeat (100) @(negedge clk);
            if (!after_reset) $fatal(1, "FAIL weft_link_notice: RESET is not answered");
            dones = runs;
        end
        // Heartbeat of 300 cycles, ten of them, with a run going on so that COMMANDS counts.
        send(8'(weft_isa::PKT_START), 16);
        alives = 0; last_alive = 0;
        set_heartbeat(32'd300);
        repeat (3100) @(negedge clk);
        if (alives != 10 || late != 0)
            $fatal(1, "FAIL weft_link_notice: %0d ALIVE in ten periods, %0d not in time", alives, late);
        // Those due while one waits or stands still in the sender are dropped.
        hold = 3000;
        repeat (3050) @(negedge clk);
        if (alives != 11) $fatal(1, "FAIL weft_link_notice: %0d ALIVE after standing still, want 11", alives);
        $display("ok weft_link_notice: %0d runs ended around %0d started and %0d refused, %0d heartbeats, seed 0", runs,
                 starts, refusals, alives);
        $finish;
    end
endmodule
`default_nettype wire
