// weft_link with weft_regs, a memory and a core that runs as long as it is told, against the model
// of vec_weft_link.c: random requests of every kind, good, damaged, repeated, late, cut, of other sessions, with garbage
// between, stalls on both streams and in memory, heartbeats, runs that end while the link stands
// still, RESET and rst at any time.
//
// +script=<link_script.bin> +want=<link_want.bin>; +stall=0 none, else random.  Parameters MEM_BYTES, LINK_BYTES.
`timescale 1ns / 1ps
`default_nettype none
module tb_weft_link #(parameter integer MEM_BYTES = 16, parameter integer LINK_BYTES = 1);
    localparam integer MEM_SIZE = 8448;
    reg                    clk = 1'b0, rst_pin = 1'b1, rst = 1'b1;
    reg                    rx_valid = 1'b0, tx_ready = 1'b0;
    reg  [8*LINK_BYTES-1:0] rx_data = 0;
    wire                   rx_ready, tx_valid;
    wire [8*LINK_BYTES-1:0] tx_data;
    wire                   reg_valid, reg_write, reg_ready;
    wire [15:0]            reg_addr;
    wire [31:0]            reg_wdata, reg_rdata;
    wire [7:0]             reg_status;
    wire                   start, abort_run, busy, reset_req;
    reg                    reset_done = 1'b0, done_pulse = 1'b0;
    reg  [7:0]             err_code = 8'd0;
    reg  [31:0]            err_index = 32'd0;
    wire [31:0]            heartbeat, status_value, err_index_value, cycles_value, commands_value;
    wire                   rd_req_valid, rd_req_ready, rd_rsp_valid, rd_rsp_error;
    wire                   wr_req_valid, wr_req_ready, wr_data_valid, wr_data_ready, wr_done, wr_done_error;
    wire [31:0]            rd_req_addr, wr_req_addr;
    wire [4:0]             rd_req_beats, wr_req_beats;
    wire [8*MEM_BYTES-1:0] rd_rsp_data, wr_data;
    wire [MEM_BYTES-1:0]   wr_strb;
    wire [31:0]            prog_addr, prog_count, win_base, win_limit;
    integer                bursts;

    reg  [8*256-1:0] path;
    reg  [7:0]       frame [0:2047];
    reg  [7:0]       want;
    reg  [31:0]      crc, need, run_cycles, last_cycles, want_index;
    reg  [7:0]       want_code;
    reg              done_expected = 1'b0, abort_pending = 1'b0, ordered = 1'b0;
    integer fd_script, fd_want, op, count, value, i, stall, seed, seed_given, seed_tx, seed_core;
    reg  [31:0]             number_of [0:63];
    reg  [31:0]             run_number = 32'd0, last_number;
    reg  [15:0]             session = 16'd0, session_was = 16'd0;
    reg  [8*LINK_BYTES-1:0] together;
    integer b, filled, run_numbers;
    integer at, length, replies, dones, alives, runs, resets, hold, waited, sent;

    weft_link #(.MEM_BYTES(MEM_BYTES), .MEM_SIZE(MEM_SIZE), .LINK_BYTES(LINK_BYTES), .LINK_DATA(1024)) dut (
        .clk(clk), .rst(rst_pin),
        .rx_valid(rx_valid), .rx_ready(rx_ready), .rx_data(rx_data),
        .tx_valid(tx_valid), .tx_ready(tx_ready), .tx_data(tx_data),
        .reg_valid(reg_valid), .reg_write(reg_write), .reg_addr(reg_addr), .reg_wdata(reg_wdata),
        .reg_ready(reg_ready), .reg_rdata(reg_rdata), .reg_status(reg_status),
        .run_done(done_pulse && busy), .heartbeat(heartbeat), .status_value(status_value),
        .err_index_value(err_index_value), .cycles_value(cycles_value), .commands_value(commands_value),
        .reset_req(reset_req), .reset_done(reset_done),
        .rd_req_valid(rd_req_valid), .rd_req_ready(rd_req_ready), .rd_req_addr(rd_req_addr),
        .rd_req_beats(rd_req_beats), .rd_rsp_valid(rd_rsp_valid), .rd_rsp_data(rd_rsp_data),
        .rd_rsp_error(rd_rsp_error),
        .wr_req_valid(wr_req_valid), .wr_req_ready(wr_req_ready), .wr_req_addr(wr_req_addr),
        .wr_req_beats(wr_req_beats), .wr_data_valid(wr_data_valid), .wr_data_ready(wr_data_ready),
        .wr_data(wr_data), .wr_strb(wr_strb), .wr_done(wr_done), .wr_done_error(wr_done_error));

    weft_regs #(.MEM_BYTES(MEM_BYTES), .MEM_SIZE(MEM_SIZE), .LINK_DATA(1024), .LINK_WINDOW(50)) regs (
        .clk(clk), .gclk(clk), .rst(rst), .clear(reset_req && reset_done),
        .reg_valid(reg_valid), .reg_write(reg_write), .reg_addr(reg_addr), .reg_wdata(reg_wdata),
        .reg_ready(reg_ready), .reg_rdata(reg_rdata), .reg_status(reg_status),
        .start(start), .abort_run(abort_run), .prog_addr(prog_addr), .prog_count(prog_count), .win_base(win_base),
        .win_limit(win_limit), .heartbeat(heartbeat),
        .busy(busy), .done_pulse(done_pulse), .err_code(err_code), .err_index(err_index),
        .issued(1'b0), .stall_load(1'b0), .stall_store(1'b0), .stall_weights(1'b0), .stall_drain(1'b0),
        .stall_lanes(1'b0), .stall_operand(1'b0), .idle(1'b0), .load_busy(1'b0), .store_busy(1'b0),
        .read_beat(1'b0), .weight_beat(1'b0), .write_beat(1'b0), .commands_done(3'd1),
        .status_value(status_value), .err_index_value(err_index_value), .cycles_value(cycles_value),
        .commands_value(commands_value));

    link_memory #(.MEM_BYTES(MEM_BYTES), .MEM_SIZE(MEM_SIZE)) memory (
        .clk(clk), .rst(rst),
        .rd_req_valid(rd_req_valid), .rd_req_ready(rd_req_ready), .rd_req_addr(rd_req_addr),
        .rd_req_beats(rd_req_beats), .rd_rsp_valid(rd_rsp_valid), .rd_rsp_data(rd_rsp_data),
        .rd_rsp_error(rd_rsp_error),
        .wr_req_valid(wr_req_valid), .wr_req_ready(wr_req_ready), .wr_req_addr(wr_req_addr),
        .wr_req_beats(wr_req_beats), .wr_data_valid(wr_data_valid), .wr_data_ready(wr_data_ready),
        .wr_data(wr_data), .wr_strb(wr_strb), .wr_done(wr_done), .wr_done_error(wr_done_error),
        .bursts(bursts));

    always #5 clk = !clk;
    always @(posedge clk) rst <= rst_pin;       // as the link does for itself

    // ---- what the device says ----

    // CRC-32 of frame bytes 0..last, bit by bit.
    task crc_of_frame(input integer last);
        integer j, k;
        begin
            crc = 32'hffffffff;
            for (j = 0; j <= last; j = j + 1) begin
                crc = crc ^ {24'd0, frame[j]};
                for (k = 0; k < 8; k = k + 1)
                    crc = crc[0] ? (crc >> 1) ^ 32'hedb88320 : crc >> 1;
            end
            crc = ~crc;
        end
    endtask

    function [31:0] word(input integer byte_at);
        word = {frame[byte_at+3], frame[byte_at+2], frame[byte_at+1], frame[byte_at]};
    endfunction

    task check_notice;
        begin
            crc_of_frame(at - 5);
            if (crc !== word(at - 4) || frame[3] !== 8'd0)
                $fatal(1, "FAIL weft_link: notice %h: crc %h, want %h, flags %h", frame[2], word(at - 4), crc, frame[3]);
            if ({frame[5], frame[4]} !== session && {frame[5], frame[4]} !== session_was)
                $fatal(1, "FAIL weft_link: notice %h: session %h, want %h", frame[2], {frame[5], frame[4]}, session);
            if (frame[2] == 8'(weft_isa::PKT_ALIVE)) begin
                alives = alives + 1;
                if (length != 8 || word(12) >> 10 != 0 || word(8) !== 32'd0)
                    $fatal(1, "FAIL weft_link: ALIVE of %0d bytes, status %h, number %h", length, word(12), word(8));
            end else begin
                dones = dones + 1;
                if (!done_expected || length != 12)
                    $fatal(1, "FAIL weft_link: DONE %0d of %0d bytes is not expected", dones, length);
                if (word(12) !== {24'd2, want_code} || word(16) !== (want_code == 0 ? 32'd0 : want_index) ||
                    word(20) !== last_cycles || word(8) !== last_number)
                    $fatal(1, "FAIL weft_link: DONE %0d: got %h %h %0d of %h, want code %h index %h cycles %0d of %h", dones,
                           word(12), word(16), word(20), word(8), want_code, want_index, last_cycles, last_number);
                done_expected = 1'b0;
            end
        end
    endtask

    task check_reply;
        integer j;
        begin
            if (done_expected && ordered)
                $fatal(1, "FAIL weft_link: reply %0d comes before DONE", replies);
            for (j = 0; j < at; j = j + 1) begin
                want = $fgetc(fd_want);
                if ($feof(fd_want) || frame[j] !== want)
                    $fatal(1, "FAIL weft_link: reply %0d (type %h, number %h, status %h), byte %0d: got %h, want %h", replies,
                           frame[2], word(8), frame[12], j, frame[j], want);
            end
            replies = replies + 1;
        end
    endtask

    always @(posedge clk) begin
        if (rst)
            at = 0;
        else if (tx_valid && tx_ready) for (b = 0; b < LINK_BYTES; b = b + 1) begin
            frame[at] = tx_data[8*b +: 8];
            at = at + 1;
            if ((at == 1 && frame[0] !== 8'h57) || (at == 2 && frame[1] !== 8'hef))
                $fatal(1, "FAIL weft_link: byte %0d after reply %0d is %h, no magic", at, replies, frame[at-1]);
            length = {frame[7], frame[6]};
            if (at >= 12 && at == length + 16) begin
                if (frame[2] == 8'(weft_isa::PKT_DONE) || frame[2] == 8'(weft_isa::PKT_ALIVE))
                    check_notice;
                else
                    check_reply;
                at = 0;
            end
        end
    end

    always @(negedge clk) begin
        if (hold != 0) hold = hold - 1;
        tx_ready = hold == 0 && (stall == 0 || ($random(seed_tx) & 3) != 0);
    end

    // ---- the core: runs until told to end, aborts and clears after a while ----

    always @(posedge clk) begin
        // A frame that is being sent may still have the session before.
        if (dut.session !== session) begin
            session_was = session;
            session = dut.session;
        end
        if (start) begin
            run_number = number_of[runs % 64];
            runs = runs + 1;
            run_cycles = 0;
        end else
            run_cycles = run_cycles + 1;
        if (busy && done_pulse) begin
            last_cycles = run_cycles;
            last_number = run_number;
            done_expected = 1'b1;
        end
        if (abort_run) begin
            abort_pending = 1'b1;
            waited = $random(seed_core) & 63;
        end
    end

    always @(negedge clk) begin
        done_pulse = 1'b0;
        if (abort_pending) begin
            waited = waited - 1;
            if (waited < 0 && !done_expected) begin
                abort_pending = 1'b0;
                done_pulse = 1'b1; err_code = 8'(weft_isa::ERR_ABORTED); err_index = 77;
                want_code = err_code; want_index = err_index; ordered = 1'b0;
            end
        end else if (op == "F" && !done_expected && hold == 0) begin
            done_pulse = 1'b1; err_code = want_code; err_index = want_index; ordered = 1'b1;
            hold = value;
            op = "f";
        end
        reset_done = reset_req && ($random(seed_core) & 15) == 0;
        if (reset_done) resets = resets + 1;
    end

    // ---- the script ----

    task send_byte(input [7:0] data);
        begin
            together[8*filled +: 8] = data;
            filled = filled + 1;
            if (filled == LINK_BYTES) begin
                filled = 0;
                send_together;
            end
            sent = sent + 1;
        end
    endtask

    task send_together;
        begin
            while (stall != 0 && ($random(seed) & 3) == 0) @(negedge clk);
            rx_valid = 1'b1; rx_data = together;
            #1 while (!rx_ready) @(negedge clk) #1;
            @(negedge clk);
            rx_valid = 1'b0; rx_data = $random(seed);
        end
    endtask

    function [31:0] read_u32(input integer unused);
        reg [31:0] v;
        begin
            v[7:0]   = $fgetc(fd_script);
            v[15:8]  = $fgetc(fd_script);
            v[23:16] = $fgetc(fd_script);
            v[31:24] = $fgetc(fd_script);
            read_u32 = v;
        end
    endfunction

    initial begin
        at = 0; hold = 0; filled = 0; run_numbers = 0; replies = 0; dones = 0; alives = 0; runs = 0; resets = 0; sent = 0; stall = 1; seed = 1; op = 0;
        if ($value$plusargs("seed=%d", seed)) ;
        if ($value$plusargs("stall=%d", stall)) ;
        seed_given = seed; seed_tx = seed + 1; seed_core = seed + 2;
        if (!$value$plusargs("script=%s", path)) $fatal(1, "FAIL weft_link: no +script=");
        fd_script = $fopen(path, "rb");
        if (!$value$plusargs("want=%s", path)) $fatal(1, "FAIL weft_link: no +want=");
        fd_want = $fopen(path, "rb");
        if (fd_script == 0 || fd_want == 0) $fatal(1, "FAIL weft_link: cannot read the vectors");
        repeat (3) @(negedge clk);
        rst_pin = 1'b0;
        @(negedge clk);
        op = $fgetc(fd_script);
        while (op != "Q") begin
            case (op)
                "S": begin
                    count = $fgetc(fd_script);
                    count = count + 256 * $fgetc(fd_script);
                    for (i = 0; i < count; i = i + 1) send_byte($fgetc(fd_script));
                end
                "R": begin
                    number_of[run_numbers % 64] = read_u32(0);
                    run_numbers = run_numbers + 1;
                end
                "W": begin
                    need = read_u32(0);
                    while (replies < need) @(negedge clk);
                end
                "F": begin
                    // The core's block turns F into f in the cycle of done_pulse.
                    op = 0;
                    want_code = $fgetc(fd_script);
                    want_index = read_u32(0);
                    value = $fgetc(fd_script);
                    value = value + 256 * $fgetc(fd_script);
                    while (done_expected || hold != 0) @(negedge clk);
                    op = "F";
                    while (op != "f") @(negedge clk);
                    @(negedge clk);
                end
                "A": while (busy || done_expected || abort_pending) @(negedge clk);
                "X": begin
                    while (done_expected) @(negedge clk);
                    rst_pin = 1'b1;
                    @(negedge clk);
                    rst_pin = 1'b0;
                    @(negedge clk);
                end
                default: $fatal(1, "FAIL weft_link: script record %h", op);
            endcase
            op = $fgetc(fd_script);
        end
        while (done_expected) @(negedge clk);
        repeat (3000) @(negedge clk);
        if ($fgetc(fd_want) != -1) $fatal(1, "FAIL weft_link: only %0d replies", replies);
        if (replies < 50 || runs == 0 || resets == 0 || bursts < 20)
            $fatal(1, "FAIL weft_link: too little was tried");
        $display("ok weft_link: %0d bytes sent, %0d replies, %0d runs, %0d DONE, %0d ALIVE, %0d resets, %0d bursts, LINK_BYTES %0d, MEM_BYTES %0d, stall %0d, seed %0d",
                 sent, replies, runs, dones, alives, resets, bursts, LINK_BYTES, MEM_BYTES, stall, seed_given);
        $finish;
    end

    // Nothing in the script takes so long: the link hangs.
    reg [31:0] quiet = 32'd0;
    integer    sent_was = 0, replies_was = 0;
    always @(posedge clk) begin
        quiet <= sent == sent_was && replies == replies_was ? quiet + 1 : 32'd0;
        sent_was = sent; replies_was = replies;
        if (quiet == 32'd20000)
            $fatal(1, "FAIL weft_link: nothing moves after %0d bytes, %0d replies, script record %c", sent, replies, op);
    end
endmodule
`default_nettype wire
