// Bench of weft_control (with fetch, decode, dispatch, queues, tokens, run) on random programs.
//
// +dir=D names the vectors of vec_weft_control, +seed=N the stalls.  A model of memory answers the
// fetches after random times; three models of units take commands and report them finished after
// random times.  Checked: every command that must be handed on comes out once, in order, whole, to the
// right unit; weight jobs; a command with a POP only when a token was given; the error and its index;
// bursts stay in the window and in their boundaries.  After every third program the run is disturbed (bus error
// of fetch or of a unit, abort at a random time) and must end with stop, clear and the right code.

`default_nettype none

module tb_weft_control;

    parameter integer ROWS = 16, COLS = 16, FB_WORDS = 2048, ACC_DEPTH = 512, MEM_BYTES = 16, SMALL = 0;
    parameter integer MAX_WORDS = 1 << 20, MAX_PROGRAMS = 2000;

    reg clk = 1'b0;
    always #1 clk = !clk;

    reg  [31:0] prog [0:MAX_WORDS-1], table_of [0:8*MAX_PROGRAMS-1], jobs [0:3*MAX_WORDS/8-1];
    reg  [8*256-1:0] dir;
    integer seed, first_seed, stall;

    reg          rst = 1'b1, start = 1'b0, abort_run = 1'b0;
    reg  [31:0]  prog_addr, prog_count, win_base, win_limit;
    wire         done, stop, clear;
    wire [7:0]   err_code;
    wire [31:0]  err_index;
    wire [2:0]   commands_done;
    wire         memory_idle;
    reg          load_error = 1'b0, store_error = 1'b0, weights_error = 1'b0;
    wire         req_valid;
    reg          req_ready = 1'b0;
    wire [31:0]  req_addr;
    wire [4:0]   req_beats;
    reg          rsp_valid = 1'b0, rsp_error = 1'b0;
    reg  [8*MEM_BYTES-1:0] rsp_data;
    wire         load_valid, store_valid, compute_valid, job_valid, weights_valid, weights_sync;
    reg          load_ready = 1'b0, store_ready = 1'b0, compute_ready = 1'b0, job_ready = 1'b0;
    reg          weights_ready = 1'b0;
    wire [255:0] load_cmd, store_cmd;
    wire [1279:0] compute_cmd, job;
    reg          load_done = 1'b0, store_left = 1'b0, store_done = 1'b0, compute_read = 1'b0;
    reg          compute_done = 1'b0, compute_push_load = 1'b0, compute_push_store = 1'b0;
    wire         compute_waits_load, compute_waits_store;
    wire [31:0]  weights_addr, weights_rows;

    weft_control #(.ROWS(ROWS), .COLS(COLS), .FB_WORDS(FB_WORDS), .ACC_DEPTH(ACC_DEPTH),
                   .MEM_BYTES(MEM_BYTES), .SMALL(SMALL)) dut (
        .clk(clk), .awake(), .rst(rst), .start(start), .abort_run(abort_run), .prog_addr(prog_addr),
        .prog_count(prog_count), .win_base(win_base), .win_limit(win_limit), .done(done),
        .err_code(err_code), .err_index(err_index), .stop(stop), .clear(clear),
        .commands_done(commands_done), .memory_idle(memory_idle), .load_error(load_error),
        .store_error(store_error), .weights_error(weights_error), .req_valid(req_valid),
        .req_ready(req_ready), .req_addr(req_addr), .req_beats(req_beats), .rsp_valid(rsp_valid),
        .rsp_data(rsp_data), .rsp_error(rsp_error), .load_valid(load_valid), .load_ready(load_ready),
        .load_cmd(load_cmd), .load_done(load_done), .store_valid(store_valid), .store_ready(store_ready),
        .store_cmd(store_cmd), .store_left(store_left), .store_done(store_done),
        .compute_valid(compute_valid), .compute_ready(compute_ready), .compute_cmd(compute_cmd),
        .compute_read(compute_read), .compute_push_load(compute_push_load),
        .compute_done(compute_done), .compute_push_store(compute_push_store),
        .compute_waits_load(compute_waits_load), .compute_waits_store(compute_waits_store),
        .job_valid(job_valid), .job_ready(job_ready), .job(job), .weights_valid(weights_valid),
        .weights_ready(weights_ready), .weights_addr(weights_addr), .weights_rows(weights_rows),
        .weights_sync(weights_sync));

    function chance(input integer percent);
        chance = $unsigned($random(seed)) % 100 < percent;
    endfunction

    task fail(input [8*40-1:0] what, input [31:0] got, input [31:0] want);
        begin
            $display("FAIL weft_control: program %0d, %0s: got %0x, want %0x", at, what, got, want);
            $fatal(1);
        end
    endtask

    // --- the program at hand ---

    integer     at, first_word, words, want_error, want_index, disturbed, cycles;
    integer     load_at, store_at, compute_at, look_at, job_at;         // word of the next command of a kind
    integer     handed, finished;

    function integer units(input [7:0] op);
        units = op == 8'h40 ? 5 : 1;
    endfunction

    // The first command of a kind (0 LOAD, 1 STORE, 2 COMPUTE or TABLE) from word w on.
    function integer next_of(input integer w, input integer kind);
        reg [7:0] op;
        reg       found;
        begin
            found = 1'b0;
            while (!found && w < words) begin
                op = prog[first_word + w][7:0];
                found = kind == 0 ? op == 8'h10 : kind == 1 ? op == 8'h20 : op == 8'h30 || op == 8'h40;
                if (!found) w = w + 8 * units(op);
            end
            next_of = w;
        end
    endfunction

    task compare(input [8*40-1:0] what, input [1279:0] got, input integer w, input integer count);
        integer i;
        begin
            if (w >= words) fail(what, 32'hdead, 32'd0);
            for (i = 0; i < 8 * count; i = i + 1)
                if (got[32*i +: 32] !== prog[first_word + w + i])
                    fail(what, got[32*i +: 32], prog[first_word + w + i]);
        end
    endtask

    // --- memory: a queue of beats to come ---

    reg  [31:0] beat_at [0:4095];
    integer     beat_in, beat_out, beat_i, bad_beat, beats_given, word_i;
    reg  [31:0] byte_i;
    assign memory_idle = beat_in == beat_out && !rsp_valid;

    always @(posedge clk) begin
        req_ready <= !stop && chance(stall);
        rsp_valid <= 1'b0;
        if (req_valid && req_ready && !stop) begin
            if (req_addr % MEM_BYTES != 0 || req_beats == 0 || req_beats > 16
                || req_addr % (16 * MEM_BYTES) + req_beats * MEM_BYTES > 16 * MEM_BYTES
                || req_addr < win_base || req_addr + req_beats * MEM_BYTES > win_limit)
                fail("a burst leaves the window", req_addr, req_beats);
            for (beat_i = 0; beat_i < req_beats; beat_i = beat_i + 1) begin
                beat_at[beat_in % 4096] = req_addr + beat_i * MEM_BYTES;
                beat_in = beat_in + 1;
            end
        end
        if (beat_in != beat_out && chance(stall)) begin
            rsp_valid <= 1'b1;
            rsp_error <= beats_given == bad_beat;
            for (word_i = 0; word_i < MEM_BYTES / 4; word_i = word_i + 1) begin
                byte_i = (beat_at[beat_out % 4096] - prog_addr) / 4 + word_i;
                rsp_data[32*word_i +: 32] <= byte_i < words ? prog[first_word + byte_i] : $random(seed);
            end
            beat_out = beat_out + 1;
            beats_given = beats_given + 1;
        end
    end

    // --- units: commands taken and not yet reported, and tokens as the bench counts them ---

    integer loads, stores_left, stores_done, computes, tokens [0:4], t;
    reg [4095:0] load_push, left_push, done_push, compute_push;          // by number of the command
    integer load_n, left_n, done_n, compute_n, load_m, store_m, compute_m;

    task pop(input integer which, input wanted);
        if (wanted) begin
            if (tokens[which] == 0) fail("a token nobody gave", which, 0);
            tokens[which] = tokens[which] - 1;
        end
    endtask

    always @(posedge clk) begin
        load_ready    <= chance(stall);
        store_ready   <= chance(stall);
        job_ready     <= chance(stall);
        weights_ready <= chance(stall);
        compute_ready <= !compute_ready && chance(stall / 2);
        {load_done, store_left, store_done, compute_read, compute_done} <= 5'd0;
        if (!rst && !clear) begin
            if (load_done && load_push[(load_n - 1) % 4096]) tokens[0] = tokens[0] + 1;
            if (compute_read && compute_push_load) tokens[1] = tokens[1] + 1;
            if (compute_done && compute_push_store) tokens[2] = tokens[2] + 1;
            if (store_left && left_push[(left_n - 1) % 4096]) tokens[3] = tokens[3] + 1;
            if (store_done && done_push[(done_n - 1) % 4096]) tokens[4] = tokens[4] + 1;
            finished = finished + commands_done;
            if (load_valid && load_ready) begin
                load_at = next_of(load_at, 0);
                compare("LOAD", {1024'd0, load_cmd}, load_at, 1);
                pop(1, load_cmd[8]);
                pop(4, load_cmd[9]);
                load_at = load_at + 8;
                load_push[load_m % 4096] = load_cmd[10];
                load_m = load_m + 1;
            end
            if (store_valid && store_ready) begin
                store_at = next_of(store_at, 1);
                compare("STORE", {1024'd0, store_cmd}, store_at, 1);
                pop(2, store_cmd[8]);
                store_at = store_at + 8;
                left_push[store_m % 4096] = store_cmd[10];
                done_push[store_m % 4096] = store_cmd[11];
                store_m = store_m + 1;
            end
            if (job_valid && job_ready) begin
                look_at = next_of(look_at, 2);
                compare("job", job, look_at, units(job[7:0]));
                look_at = look_at + 8 * units(job[7:0]);
            end
            if (weights_valid && weights_ready) begin
                if (weights_addr !== jobs[job_at]) fail("weights_addr", weights_addr, jobs[job_at]);
                if (weights_rows !== jobs[job_at + 1]) fail("weights_rows", weights_rows, jobs[job_at + 1]);
                if (weights_sync !== jobs[job_at + 2][0]) fail("weights_sync", weights_sync, jobs[job_at + 2]);
                job_at = job_at + 3;
            end
            if (compute_valid && compute_ready) begin
                compute_at = next_of(compute_at, 2);
                compare("COMPUTE", compute_cmd, compute_at, units(compute_cmd[7:0]));
                compute_at = compute_at + 8 * units(compute_cmd[7:0]);
                if (compute_cmd[7:0] == 8'h40) begin
                    pop(0, compute_cmd[8]);
                    pop(3, compute_cmd[9]);
                    compute_read      <= 1'b1;
                    compute_push_load <= compute_cmd[10];
                end
                compute_push[compute_m % 4096] = compute_cmd[7:0] == 8'h40 && compute_cmd[11];
                compute_m = compute_m + 1;
            end
            if (load_n != load_m && chance(stall / 3)) begin
                load_done <= 1'b1;
                load_n = load_n + 1;
            end
            if (left_n != store_m && chance(stall / 3)) begin
                store_left <= 1'b1;
                left_n = left_n + 1;
            end
            if (done_n != left_n && chance(stall / 3)) begin
                store_done <= 1'b1;
                done_n = done_n + 1;
            end
            if (compute_n != compute_m && chance(stall / 3)) begin
                compute_done       <= 1'b1;
                compute_push_store <= compute_push[compute_n % 4096];
                compute_n = compute_n + 1;
            end
        end
        if (clear) begin
            load_n = load_m;
            left_n = store_m;
            done_n = store_m;
            compute_n = compute_m;
        end
    end

    // --- runs ---

    integer runs, errors_seen, disturbances, first_load_cycle, timeout, jobs_begin, saw_clear;

    // kind 0: undisturbed; 1 fetch error, 2..4 error of a unit, 5 abort
    task run(input integer kind);
        integer when_at;
        begin
            prog_addr  = table_of[8*at];
            prog_count = table_of[8*at+1];
            win_base   = table_of[8*at+2];
            win_limit  = table_of[8*at+3];
            want_error = table_of[8*at+4];
            want_index = table_of[8*at+5];
            first_word = table_of[8*at+6];
            words      = table_of[8*at+7];
            {load_at, store_at, compute_at, look_at, finished} = 0;
            for (t = 0; t < 5; t = t + 1) tokens[t] = 0;
            job_at = jobs_begin;
            bad_beat = kind == 1 ? $unsigned($random(seed)) % (words / (MEM_BYTES / 4)) : -1;
            beats_given = 0;
            when_at = $unsigned($random(seed)) % 300;
            @(negedge clk) start = 1'b1;
            @(negedge clk) start = 1'b0;
            cycles = 1;
            saw_clear = 0;
            while (!done) begin
                load_error    = kind == 2 && cycles == when_at;
                store_error   = kind == 3 && cycles == when_at;
                weights_error = kind == 4 && cycles == when_at;
                abort_run     = kind == 5 && cycles == when_at;
                @(negedge clk) cycles = cycles + 1;
                if (clear) saw_clear = 1;
                if (cycles > 200000) fail("no end", cycles, 0);
            end
            {load_error, store_error, weights_error, abort_run} = 4'd0;
            if (saw_clear) begin
                if (kind == 0 || err_code != (kind == 5 ? 9 : 8)) fail("code of a stopped run", err_code, kind);
                disturbances = disturbances + 1;
            end else begin
                if (err_code !== want_error) fail("err_code", err_code, want_error);
                if (err_index !== want_index) fail("err_index", err_index, want_index);
                if (load_n != load_m || done_n != store_m || compute_n != compute_m)
                    fail("done too early", 0, 0);
                if (finished != (want_error != 0 ? want_index : prog_count))
                    fail("commands finished", finished, want_error != 0 ? want_index : prog_count);
                if (next_of(load_at, 0) < words && want_error == 0) fail("a LOAD is missing", load_at, words);
                if (next_of(store_at, 1) < words && want_error == 0) fail("a STORE is missing", store_at, words);
                if (next_of(compute_at, 2) < words && want_error == 0) fail("a COMPUTE is missing", compute_at, words);
                jobs_begin = kind == 0 ? job_at : jobs_begin;
                errors_seen = errors_seen + (want_error != 0);
            end
            repeat ($unsigned($random(seed)) % 4) @(negedge clk);
            runs = runs + 1;
        end
    endtask

    initial begin
        if (!$value$plusargs("dir=%s", dir)) dir = ".";
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        first_seed = seed;
        for (t = 0; t < 8 * MAX_PROGRAMS; t = t + 1) table_of[t] = 0;
        $readmemh({dir, "/prog.hex"}, prog);
        $readmemh({dir, "/table.hex"}, table_of);
        $readmemh({dir, "/jobs.hex"}, jobs);
        {load_n, left_n, done_n, compute_n, load_m, store_m, compute_m, beat_in, beat_out} = 0;
        {runs, errors_seen, disturbances, jobs_begin, at, words, first_word} = 0;
        stall = 100;
        repeat (3) @(negedge clk);
        rst = 1'b0;
        for (at = 0; table_of[8*at+1] != 0; at = at + 1) begin
            stall = at % 3 == 0 ? 100 : at % 3 == 1 ? 60 : 25;
            if (at % 3 == 2) run(1 + $unsigned($random(seed)) % 5);
            run(0);
        end
        $display("ok weft_control: %0d runs (%0d by %0d, port of %0d bytes), %0d errors found, %0d runs stopped, seed %0d",
                 runs, ROWS, COLS, MEM_BYTES, errors_seen, disturbances, first_seed);
        $finish;
    end

endmodule

`default_nettype wire
