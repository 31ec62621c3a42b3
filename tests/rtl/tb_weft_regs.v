// weft_regs against the register table written out plainly: random accesses to every offset, runs,
// aborts, counters, saturation, clear; outputs compared in every cycle, reads when they are
// answered.
`timescale 1ns / 1ps
`default_nettype none
module tb_weft_regs;
    parameter integer COUNTERS = 1;
    localparam integer TICKS = 13;                             // 0x84 .. 0xb4
    reg         clk = 1'b0, rst = 1'b1, clear = 1'b0;
    reg         reg_valid = 1'b0, reg_write = 1'b0;
    reg  [15:0] reg_addr = 16'd0;
    reg  [31:0] reg_wdata = 32'd0;
    wire        reg_ready, start, abort_run, busy;
    wire [31:0] reg_rdata, prog_addr, prog_count, win_base, win_limit, heartbeat;
    wire [7:0]  reg_status;
    reg         done_pulse = 1'b0;
    reg  [7:0]  err_code = 8'd0;
    reg  [31:0] err_index = 32'd0;
    reg  [TICKS-1:0] tick = 0;
    reg  [2:0]  commands_done = 3'd0;
    wire [31:0] status_value, err_index_value, cycles_value, commands_value;

    weft_regs #(.ROWS(12), .COLS(8), .LANES(4), .FB_WORDS(512), .ACC_DEPTH(128), .MEM_BYTES(8),
                .MEM_SIZE(32'hc0000000), .LINK_DATA(512), .LINK_WINDOW(7), .LUT_CELLS(11),
                .HAS_PAIR(0), .HAS_COUNTERS(COUNTERS)) dut (
        .clk(clk), .gclk(clk), .rst(rst), .clear(clear),
        .reg_valid(reg_valid), .reg_write(reg_write), .reg_addr(reg_addr), .reg_wdata(reg_wdata),
        .reg_ready(reg_ready), .reg_rdata(reg_rdata), .reg_status(reg_status),
        .start(start), .abort_run(abort_run), .prog_addr(prog_addr), .prog_count(prog_count),
        .win_base(win_base), .win_limit(win_limit), .heartbeat(heartbeat),
        .busy(busy), .done_pulse(done_pulse), .err_code(err_code), .err_index(err_index),
        .issued(tick[0]), .stall_load(tick[1]), .stall_store(tick[2]), .stall_weights(tick[3]),
        .stall_drain(tick[4]), .stall_lanes(tick[5]), .stall_operand(tick[6]), .idle(tick[7]),
        .load_busy(tick[8]), .store_busy(tick[9]), .read_beat(tick[10]), .weight_beat(tick[11]),
        .write_beat(tick[12]), .commands_done(commands_done),
        .status_value(status_value), .err_index_value(err_index_value), .cycles_value(cycles_value),
        .commands_value(commands_value));

    always #5 clk = !clk;

    // The model: value of the register at each offset / 4, and what the ports must show.
    reg [31:0] value [0:63];
    reg [63:0] exists, writable, of_program;
    reg        m_start, m_abort, m_busy, m_ready;
    reg [31:0] m_rdata;
    reg [7:0]  m_status;
    reg        want_value, counting, taken;
    integer    i, t, seed, seed_given, cycles, reads, refusals, runs, aborts, index;

    task forget;
        begin
            for (i = 2; i < 64; i = i + 1)
                if (i < 16 || i >= 32) value[i] = 0;
            m_start = 0; m_abort = 0; m_busy = 0; m_ready = 0;
        end
    endtask

    task access;
        begin
            index = reg_addr >> 2;
            m_status = 0; want_value = !reg_write;
            if (reg_addr[1:0] != 0 || reg_addr > 16'hff || !exists[index[5:0]]) m_status = 6;
            else if (!reg_write) m_rdata = value[index];
            else if (!writable[index]) m_status = 6;
            else if (m_busy && (of_program[index] || (index == 2 && reg_wdata[0]))) m_status = 5;
            else if (index != 2) value[index] = reg_wdata;
            else begin
                m_abort = reg_wdata[1] && m_busy && !done_pulse;
                if (reg_wdata[0]) begin
                    m_start = 1; m_busy = 1; runs = runs + 1;
                    value[3] = 32'h100; value[4] = 0;
                    for (i = 32; i < 47; i = i + 1) value[i] = 0;
                end
            end
            if (m_status != 0) begin want_value = 0; refusals = refusals + 1; end
            if (m_abort) aborts = aborts + 1;
        end
    endtask

    task step;
        begin
            taken    = reg_valid && !m_ready;
            counting = m_busy && !m_start;
            m_start  = 0; m_abort = 0;
            m_ready  = taken;
            // What the access reads is the state before this edge.
            if (taken) access;
            if (counting && !m_start) begin
                if (value[32] != 32'hffffffff) value[32] = value[32] + 1;
                for (i = 0; i < TICKS; i = i + 1)
                    if (COUNTERS != 0 && tick[i] && value[33+i] != 32'hffffffff) value[33+i] = value[33+i] + 1;
                value[46] = value[46] > 32'hffffffff - commands_done ? 32'hffffffff : value[46] + commands_done;
            end
            if (counting && done_pulse) begin
                m_busy = 0;
                value[3] = {24'd2, err_code};
                if (err_code != 0) value[4] = err_index;
            end
            if (rst || clear) forget;
        end
    endtask

    task same(input [8*12-1:0] name, input [31:0] got, input [31:0] want);
        if (got !== want)
            $fatal(1, "FAIL weft_regs: cycle %0d: %0s got %h, want %h (offset %h, write %b)", cycles, name, got, want,
                   reg_addr, reg_write);
    endtask

    initial begin
        seed = 1; reads = 0; refusals = 0; runs = 0; aborts = 0;
        if ($value$plusargs("seed=%d", seed)) ;
        seed_given = seed;
        exists = 0; writable = 0; of_program = 0;
        for (i = 0; i < 64; i = i + 1) begin
            value[i] = 0;
            exists[i] = i <= 9 || (i >= 16 && i <= 27) || (i >= 32 && i <= 46);
            writable[i] = i == 2 || (i >= 5 && i <= 9);
            of_program[i] = i >= 5 && i <= 8;
        end
        value[0] = "TFEW"; value[1] = 2;
        value[16] = 12; value[17] = 8; value[18] = 4; value[19] = 512; value[20] = 16; value[21] = 128;
        value[22] = 8; value[23] = 32'hc0000000; value[24] = 512; value[25] = 7;
        value[26] = COUNTERS ? 1 : 9; value[27] = 11;
        forget;
        repeat (3) @(negedge clk);
        rst = 1'b0;
        for (cycles = 0; cycles < 60000; cycles = cycles + 1) begin
            if (!reg_valid || reg_ready) begin
                reg_valid = ($random(seed) & 3) != 0;
                reg_write = ($random(seed) & 1) != 0;
                reg_wdata = $random(seed);
                case ($random(seed) & 7)
                    0: reg_addr = $random(seed);
                    1: reg_addr = 16'h0008;
                    2: reg_addr = {8'd0, 2'd0, 4'($random(seed)), 2'd0};
                    default: reg_addr = {8'd0, 6'($random(seed)), 2'd0};
                endcase
                if (reg_addr == 8) reg_wdata = $random(seed) & 7;
            end
            done_pulse = ($random(seed) & 63) == 0 && !start;
            err_code = ($random(seed) & 1) ? 0 : $random(seed);
            err_index = $random(seed);
            tick = $random(seed);
            commands_done = $random(seed);
            clear = ($random(seed) & 4095) == 0;
            if (busy && ($random(seed) & 255) == 0) begin
                // Close to the end of every counter.
                t = $random(seed) & 15;
                case (t)
                    0: dut.cycles_value = 32'hfffffffd;        1: dut.issued_value = 32'hfffffffd;
                    2: dut.stall_load_value = 32'hfffffffd;    3: dut.stall_store_value = 32'hfffffffd;
                    4: dut.stall_weights_value = 32'hfffffffd; 5: dut.stall_drain_value = 32'hfffffffd;
                    6: dut.stall_lanes_value = 32'hfffffffd;   7: dut.stall_operand_value = 32'hfffffffd;
                    8: dut.idle_value = 32'hfffffffd;          9: dut.load_busy_value = 32'hfffffffd;
                    10: dut.store_busy_value = 32'hfffffffd;   11: dut.read_beats_value = 32'hfffffffd;
                    12: dut.weight_beats_value = 32'hfffffffd; 13: dut.write_beats_value = 32'hfffffffd;
                    14: dut.commands_value = 32'hfffffffa;
                    default: ;
                endcase
                if (t < 15) value[32+t] = t == 14 ? 32'hfffffffa : 32'hfffffffd;
            end
            @(posedge clk);
            step;
            @(negedge clk);
            same("busy", busy, m_busy);
            same("start", start, m_start);
            same("abort_run", abort_run, m_abort);
            same("reg_ready", reg_ready, m_ready);
            value[3][8] = m_busy;
            same("STATUS", status_value, value[3]);
            same("ERR_INDEX", err_index_value, value[4]);
            same("CYCLES", cycles_value, value[32]);
            same("COMMANDS", commands_value, value[46]);
            same("PROG_ADDR", prog_addr, value[5]);
            same("PROG_COUNT", prog_count, value[6]);
            same("WIN_BASE", win_base, value[7]);
            same("WIN_LIMIT", win_limit, value[8]);
            same("HEARTBEAT", heartbeat, value[9]);
            if (reg_ready) begin
                same("reg_status", reg_status, m_status);
                if (want_value) begin
                    same("reg_rdata", reg_rdata, m_rdata);
                    reads = reads + 1;
                end
            end
        end
        if (reads < 1000 || refusals < 1000 || runs < 100 || aborts < 50) $fatal(1, "FAIL weft_regs: too little was tried");
        $display("ok weft_regs: %0d cycles, %0d reads, %0d refusals, %0d runs, %0d aborts, seed %0d", cycles, reads,
                 refusals, runs, aborts, seed_given);
        $finish;
    end
endmodule
`default_nettype wire
