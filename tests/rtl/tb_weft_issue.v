// weft_issue against the rules of its header, at four ratios of columns to lanes.
//
// The bench plays everything around it: random commands (blocks, passes, chains, with and without header, second
// operand, WAIT, array or pooling, TABLE), weights, headers, operands and finished commands that come when they
// like.  In every cycle it says from the rules which vector may go, which command may start, what is taken with
// it, and which one cause is shown when nothing goes.  A vector that may go must go.

`default_nettype none

module tb_weft_issue;
    integer seed = 1, cycles = 12000, unused;
    wire [3:0]      done;
    wire [32*4-1:0] vectors, commands, causes;

    initial begin
        unused = $value$plusargs("seed=%d", seed);
        unused = $value$plusargs("N=%d", cycles);
    end

    tb_weft_issue_one #(.COLS(16), .LANES(16)) u_16 (
        .seed(seed), .cycles(cycles), .done(done[0]), .vectors(vectors[0 +: 32]), .commands(commands[0 +: 32]));
    tb_weft_issue_one #(.COLS(8), .LANES(4)) u_4 (
        .seed(seed + 1), .cycles(cycles), .done(done[1]), .vectors(vectors[32 +: 32]), .commands(commands[32 +: 32]));
    tb_weft_issue_one #(.COLS(15), .LANES(3)) u_3 (
        .seed(seed + 2), .cycles(cycles), .done(done[2]), .vectors(vectors[64 +: 32]), .commands(commands[64 +: 32]));
    tb_weft_issue_one #(.COLS(32), .LANES(1)) u_1 (
        .seed(seed + 3), .cycles(cycles), .done(done[3]), .vectors(vectors[96 +: 32]), .commands(commands[96 +: 32]));

    always @(*)
        if (&done) begin
            $display("ok weft_issue: 16 columns on 16 lanes, 8/4 15/3 32/1, %0d cycles each, %0d commands, %0d vectors, seed %0d", cycles,
                     commands[0 +: 32] + commands[32 +: 32] + commands[64 +: 32] + commands[96 +: 32],
                     vectors[0 +: 32] + vectors[32 +: 32] + vectors[64 +: 32] + vectors[96 +: 32], seed);
            $finish;
        end
endmodule

module tb_weft_issue_one #(
    parameter integer COLS = 16,
    parameter integer LANES = 16
) (
    input  wire [31:0] seed,
    input  wire [31:0] cycles,
    output reg         done,
    output reg  [31:0] vectors,
    output reg  [31:0] commands
);
    localparam integer TURNS = COLS / LANES, READ_CYCLES = 5;

    reg        clk = 0, rst = 1, cmd_valid = 0, cmd_table, cmd_wait, cmd_pooling, cmd_raw, cmd_operand, cmd_push_load, finished = 0;
    reg        active = 0, emit, first_pass, last_pass, first_of_pass, last_inner, last_outer, last_all;
    reg        shadow_full = 0, header_ready = 0, table_done = 0, operand_ready = 0;
    wire       cmd_ready, start, slot, go, swap, header_take, table_go, operand_take, read_done, read_done_push, table_finished;
    wire       stall_weights, stall_drain, stall_lanes, stall_operand, idle;
    wire [1:0] in_flight, header_slot;

    weft_issue #(.COLS(COLS), .LANES(LANES)) dut (
        .clk(clk), .rst(rst), .cmd_valid(cmd_valid), .cmd_ready(cmd_ready), .cmd_table(cmd_table),
        .cmd_wait(cmd_wait), .cmd_pooling(cmd_pooling), .cmd_raw(cmd_raw), .cmd_operand(cmd_operand),
        .cmd_push_load(cmd_push_load),
        .start(start), .slot(slot), .finished(finished), .in_flight(in_flight), .active(active), .emit(emit),
        .first_pass(first_pass), .last_pass(last_pass), .first_of_pass(first_of_pass), .last_inner(last_inner),
        .last_outer(last_outer), .last_all(last_all), .go(go), .shadow_full(shadow_full), .swap(swap),
        .header_ready(header_ready), .header_take(header_take), .header_slot(header_slot), .table_go(table_go),
        .table_done(table_done), .operand_ready(operand_ready), .operand_take(operand_take), .read_done(read_done), .read_done_push(read_done_push),
        .table_finished(table_finished), .stall_weights(stall_weights), .stall_drain(stall_drain),
        .stall_lanes(stall_lanes), .stall_operand(stall_operand), .idle(idle));

    always #2 clk = !clk;

    integer s, now, haste, end_haste, operand_haste;
    // The command being issued: its loops.
    integer blocks, passes, outer, inner, chain, phases, n, p, o, i, x;
    // Commands started and not finished (`issued` of them completely), the path of the last, its slot.
    integer flying, issued, headers, operands, next_slot, block_slot, last_leave;
    reg     table_end = 0;              // the table was complete in the cycle before
    reg     path, w_start, w_table, w_go, w_swap, miss_weights, miss_operand, miss_lanes, leaves, first;
    reg [READ_CYCLES-1:0] ends, pushes;
    reg [4:0] seen;                     // causes that were seen

    function integer between(input integer lo, input integer hi);
        between = lo + $unsigned($random(s)) % (hi - lo + 1);
    endfunction

    function chance(input integer percent);
        chance = between(0, 99) < percent;
    endfunction

    task want(input [8*14-1:0] what, input integer got, input integer good);
        if (got !== good) begin
            $display("FAIL weft_issue %0d/%0d: cycle %0d block %0d pass %0d outer %0d inner %0d: %0s %0d, want %0d; seed=%0d N=%0d",
                     COLS, LANES, now, n, p, o, i, what, got, good, seed, cycles);
            $fatal(1, "mismatch");
        end
    endtask

    task draw_command;
        begin
            cmd_valid = chance(haste);
            cmd_table = chance(8);
            cmd_wait = chance(20);
            if (chance(25)) cmd_pooling = $random(s);
            cmd_raw = cmd_pooling && $random(s);
            cmd_operand = chance(30);
            cmd_push_load = chance(50);
            blocks = between(1, 3);
            passes = between(1, 3);
            outer = between(1, 3);
            phases = chance(70) ? 1 : between(1, 3);
            chain = chance(70) ? 1 : between(1, 4);
            inner = between(0, chance(50) ? 0 : 5) * phases + chain;
        end
    endtask

    task show_vector;
        begin
            emit = i >= chain - 1 && (i - (chain - 1)) % phases == 0;
            first_pass = p == 0;
            last_pass = p == passes - 1;
            first_of_pass = o == 0 && i == 0;
            last_inner = i == inner - 1;
            last_outer = o == outer - 1;
            last_all = n == blocks - 1 && last_pass && last_outer && last_inner;
            if (!active) {emit, first_pass, last_pass, first_of_pass, last_inner, last_outer, last_all} = $random(s);
        end
    endtask

    task next_vector;
        begin
            i = i + 1;
            if (i == inner) begin i = 0; o = o + 1; end
            if (o == outer) begin o = 0; p = p + 1; end
            if (p == passes) begin
                p = 0;
                n = n + 1;
                if (!cmd_raw) block_slot = (block_slot + 1) & 3;
            end
        end
    endtask

    task drive;
        begin
            if (between(0, 63) == 0) begin
                haste = chance(30) ? 100 : between(5, 100);
                operand_haste = chance(70) ? haste : 2;
                end_haste = chance(30) ? 100 : between(2, 60);
            end
            rst = between(0, 1999) == 0;
            if (!cmd_valid) draw_command;
            if (!shadow_full) shadow_full = chance(haste);
            if (headers < 4 && chance(haste)) headers = headers + 1;
            if (operands < (TURNS > 8 ? 1 : 9) && chance(operand_haste)) operands = operands + 1;
            header_ready = headers != 0;
            operand_ready = operands != 0;
            finished = issued != 0 && chance(end_haste);
            show_vector;
        end
    endtask

    task check;
        begin
            w_start = cmd_valid && !cmd_table && !active
                && (flying == 0 || (flying == 1 && !cmd_wait && cmd_pooling == path));
            w_table = cmd_valid && cmd_table && !active && flying == 0 && !table_end;
            first = first_of_pass && first_pass && !cmd_raw;
            leaves = emit && last_pass;
            miss_weights = active && ((first_of_pass && !cmd_pooling && !shadow_full) || (first && !header_ready));
            miss_operand = active && leaves && cmd_operand && !operand_ready;
            miss_lanes = active && leaves && now - last_leave < TURNS;
            w_go = active && !miss_weights && !miss_operand && !miss_lanes;
            w_swap = w_go && first_of_pass && !cmd_pooling;
            want("in_flight", in_flight, flying);
            want("start", start, w_start);
            want("table_go", table_go, w_table);
            want("go", go, w_go);
            want("swap", swap, w_swap);
            want("header_take", header_take, w_go && first);
            want("operand_take", operand_take, w_go && leaves && cmd_operand);
            want("cmd_ready", cmd_ready, (w_go && last_all) || table_end);
            want("table_finished", table_finished, table_end);
            want("read_done", read_done, ends[READ_CYCLES-1]);
            want("read_done_push", read_done_push, pushes[READ_CYCLES-1]);
            if (start || active) want("slot", slot, next_slot);
            if (w_go && !cmd_raw) want("header_slot", header_slot, block_slot);
            want("causes", stall_weights + stall_drain + stall_lanes + stall_operand + idle, !go);
            want("stall_weights", stall_weights, miss_weights || w_table);
            want("stall_operand", stall_operand, miss_operand && !miss_weights);
            want("stall_lanes", stall_lanes, miss_lanes && !miss_operand && !miss_weights);
            want("stall_drain", stall_drain, cmd_valid && !active && !w_start && !w_table && !table_end);
            seen = seen | {stall_weights, stall_drain, stall_lanes, stall_operand, idle};
        end
    endtask

    task advance;
        begin
            ends = {ends, w_go && last_all};
            pushes = {pushes, w_go && last_all && cmd_push_load};
            if (finished) begin
                flying = flying - 1;
                issued = issued - 1;
            end
            if (w_go) begin
                vectors = vectors + 1;
                if (w_swap) shadow_full = 0;
                if (first) headers = headers - 1;
                if (leaves && cmd_operand) operands = operands - 1;
                if (leaves) last_leave = now;
                next_vector;
                if (last_all) begin
                    active = 0;
                    cmd_valid = 0;
                    issued = issued + 1;
                    next_slot = !next_slot;
                end
            end
            if (table_end) begin
                cmd_valid = 0;
                commands = commands + 1;
            end
            table_end = w_table && table_done;
            if (w_start) begin
                active = 1;
                commands = commands + 1;
                flying = flying + 1;
                path = cmd_pooling;
                {n, p, o, i} = 0;
            end
        end
    endtask

    task clear;
        begin
            active = 0;
            cmd_valid = 0;
            shadow_full = 0;
            ends = 0;
            pushes = 0;
            {flying, issued, headers, operands, next_slot, block_slot, n, p, o, i} = 0;
            last_leave = -100;
        end
    endtask

    initial begin
        @(negedge clk) s = seed;    // by now the plusargs are read
        done = 0;
        vectors = 0;
        commands = 0;
        haste = 50;
        operand_haste = 50;
        end_haste = 50;
        seen = 0;
        cmd_pooling = 0;
        clear;
        repeat (3) @(negedge clk);
        for (now = 0; now < cycles; now = now + 1) begin
            drive;
            #1 table_done = table_go && chance(20);
            #0 check;
            @(negedge clk);
            if (rst) clear;
            else advance;
        end
        if (vectors < cycles / 20 || commands < cycles / 400 || (seen | (TURNS == 1) << 2) != 5'h1f)
            $fatal(1, "FAIL weft_issue: too little covered: %0d vectors, %0d commands, causes %b", vectors, commands, seen);
        done = 1;
    end
endmodule

`default_nettype wire
