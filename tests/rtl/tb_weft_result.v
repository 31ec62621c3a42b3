// weft_result against the output loops of the contract (rtl/isa/README.md, "Where results go"), at five shapes.
//
// The loops stand here as the contract writes them; of each part of a result the bench says which bytes go to which
// place of which bank, and compares that with the write two cycles after the part.  Random: rings, steps, first and last
// byte inside and outside the row, bytes of the last block, LANES = COLS and LANES < COLS, gaps, commands that
// follow each other without one in alternating slots, each rewritten when its command has begun, RAW ones, resets in the middle.

`default_nettype none

`define SET(FIELD, value) cfg[weft_isa::COMPUTE_``FIELD``_LSB - weft_isa::COMPUTE_OUTPUT_LSB +: weft_isa::COMPUTE_``FIELD``_W] = value

module tb_weft_result;
    integer seed = 1, commands = 150, unused;
    wire [4:0]      done;
    wire [32*5-1:0] results, clipped;

    initial begin
        unused = $value$plusargs("seed=%d", seed);
        unused = $value$plusargs("N=%d", commands);
    end

    tb_weft_result_one #(.COLS(16), .LANES(16), .WORD_BYTES(16), .AW(11)) u_16 (
        .seed(seed), .commands(commands), .done(done[0]), .results(results[0 +: 32]), .clipped(clipped[0 +: 32]));
    tb_weft_result_one #(.COLS(8), .LANES(4), .WORD_BYTES(32), .AW(9)) u_8_4 (
        .seed(seed + 1), .commands(commands), .done(done[1]), .results(results[32 +: 32]), .clipped(clipped[32 +: 32]));
    tb_weft_result_one #(.COLS(4), .LANES(1), .WORD_BYTES(8), .AW(6)) u_4_1 (
        .seed(seed + 2), .commands(commands), .done(done[2]), .results(results[64 +: 32]), .clipped(clipped[64 +: 32]));
    tb_weft_result_one #(.COLS(32), .LANES(32), .WORD_BYTES(32), .AW(15)) u_32 (
        .seed(seed + 3), .commands(commands), .done(done[3]), .results(results[96 +: 32]), .clipped(clipped[96 +: 32]));
    tb_weft_result_one #(.COLS(15), .LANES(5), .WORD_BYTES(16), .AW(6)) u_15_5 (
        .seed(seed + 4), .commands(commands), .done(done[4]), .results(results[128 +: 32]), .clipped(clipped[128 +: 32]));

    function [31:0] total(input [32*5-1:0] v);
        total = v[0 +: 32] + v[32 +: 32] + v[64 +: 32] + v[96 +: 32] + v[128 +: 32];
    endfunction

    always @(*)
        if (&done) begin
            $display("ok weft_result: 16 columns on 16 lanes, 8/4 4/1 32/32 15/5, %0d commands each, %0d results, %0d parts clipped, seed %0d",
                     commands, total(results), total(clipped), seed);
            $finish;
        end
endmodule

module tb_weft_result_one #(
    parameter integer COLS = 16,
    parameter integer LANES = 16,
    parameter integer WORD_BYTES = 16,
    parameter integer AW = 11
) (
    input  wire [31:0] seed,
    input  wire [31:0] commands,
    output reg         done,
    output reg  [31:0] results,
    output reg  [31:0] clipped          // parts of which some bytes are outside the row
);
    localparam integer OW = $clog2(WORD_BYTES), WORDS = 1 << AW, PARTS = COLS / LANES;
    localparam integer PART_W = PARTS > 1 ? $clog2(PARTS) : 1;

    // What is announced in this cycle, and given in the next.
    reg                clk = 0, rst = 1, soon_valid = 0, in_valid = 0, in_slot = 0, in_row_end, in_tile_end, in_last_block, in_raw;
    reg  [PART_W-1:0]  soon_part;
    reg  [8*LANES-1:0] soon_data;
    wire               tag_valid = soon_valid && soon_part == 0;
    always @(posedge clk) begin
        in_valid <= soon_valid && !rst;
        in_part <= soon_part;
        in_data <= soon_data;
    end
    reg  [weft_isa::COMPUTE_OUTPUT_W-1:0] cfg, cfg_0, cfg_1;
    reg  [PART_W-1:0]  in_part;
    reg  [8*LANES-1:0] in_data;
    wire               w_en, block_done, finished;
    wire [1:0]         w_bank;
    wire [AW-1:0]      w_word;
    wire [OW-1:0]      w_off;
    wire [COLS-1:0]    w_be;
    wire [8*COLS-1:0]  w_data;

    weft_result #(.COLS(COLS), .LANES(LANES), .WORD_BYTES(WORD_BYTES), .AW(AW), .PART_W(PART_W)) dut (
        .clk(clk), .rst(rst), .cfg_0(weft_result_cfg::pack(cfg_0, WORDS - 1)), .cfg_1(weft_result_cfg::pack(cfg_1, WORDS - 1)),
        .tag_valid(tag_valid), .tag_slot(in_slot), .tag_row_end(in_row_end), .tag_tile_end(in_tile_end),
        .tag_last_block(in_last_block), .tag_raw(in_raw), .in_valid(in_valid), .in_part(in_part), .in_data(in_data),
        .w_en(w_en), .w_bank(w_bank), .w_word(w_word), .w_off(w_off), .w_be(w_be), .w_data(w_data),
        .block_done(block_done), .finished(finished));

    always #1 clk = !clk;

    integer s, now, gaps, cut;
    integer blocks, outer, o_inner, a_start, pitch, top, size, row, u_start, row_bytes, o_bytes, o_last;
    integer in_du, in_dr, in_da, out_du, out_dr, out_da, blk_u;
    integer n, o, j, part, c, x, raw, ro, ao, uo, ri, ai, ui, nb, at, go_on, outside;
    reg     write;

    function integer between(input integer lo, input integer hi);
        between = lo + $unsigned($random(s)) % (hi - lo + 1);
    endfunction

    function chance(input integer percent);
        chance = between(0, 99) < percent;
    endfunction

    function integer moved(input integer r, input integer a, input integer d, input integer da);
        begin
            moved = a + da;
            if (moved >= top) moved = moved - size;
            if ((r & 3) + (d & 3) >= 4) begin
                moved = moved + pitch;
                if (moved >= top) moved = moved - size;
            end
        end
    endfunction

    task want(input [8*12-1:0] what, input integer got, input integer good);
        if (got !== good) begin
            $display("FAIL weft_result %0d/%0d: command %0d block %0d outer %0d inner %0d part %0d byte %0d: %0s %0h, want %0h; seed=%0d N=%0d",
                     COLS, LANES, now, n, o, j, part, c, what, got, good, seed, commands);
            $fatal(1, "mismatch");
        end
    endtask

    task draw;
        begin
            size = chance(30) ? between(1, 6) : between(1, WORDS);
            top = between(size, WORDS);
            pitch = between(1, size);
            a_start = top - size + between(0, size - 1);
            in_da = between(0, size - 1);
            out_da = between(0, size - 1);
            in_dr = between(0, chance(80) ? 5 : 255);
            out_dr = between(0, chance(80) ? 5 : 255);
            row = between(0, 3);
            row_bytes = chance(10) ? 1048575 : between(1, 8*COLS);
            u_start = chance(90) ? between(-2*COLS, 4*COLS) : between(-524288, 524287);
            in_du = chance(90) ? between(-COLS, 2*COLS) : between(-524288, 524287);
            out_du = chance(90) ? between(-COLS, 2*COLS) : between(-524288, 524287);
            blk_u = chance(90) ? between(-COLS, 2*COLS) : between(-524288, 524287);
            o_bytes = chance(40) ? COLS : between(1, COLS);
            o_last = chance(40) ? COLS : between(1, COLS);
            blocks = between(1, 3);
            outer = between(1, 4);
            o_inner = between(1, chance(30) ? 1 : 8);
            cfg = {9{$random(s)}};
            `SET(O_A_START, a_start);
            `SET(O_PITCH, pitch);
            `SET(O_TOP, top);
            `SET(O_SIZE, size);
            `SET(O_U_START, u_start);
            `SET(O_ROW, row);
            `SET(O_ROW_BYTES, row_bytes);
            `SET(O_BYTES, o_bytes);
            `SET(O_LAST, o_last);
            `SET(O_IN_DU, in_du);
            `SET(O_IN_DR, in_dr);
            `SET(O_OUT_DU, out_du);
            `SET(O_OUT_DR, out_dr);
            `SET(O_IN_DA, in_da);
            `SET(O_OUT_DA, out_da);
            `SET(O_BLK_U, blk_u);
            raw = between(0, 3) == 0;
            in_slot = now & 1;
            if (in_slot) cfg_1 = cfg;
            else cfg_0 = cfg;
        end
    endtask

    // What must come, by cycles from now: writes after three, block_done after two.
    localparam integer LATER = 3;
    reg [COLS-1:0]   e_be [0:LATER];
    reg [1:0]        e_bank [0:LATER];
    reg [31:0]       e_place [0:LATER];         // of byte 0 in the bank
    reg [8*COLS-1:0] e_data [0:LATER];
    reg              e_block [0:LATER], e_end [0:LATER];

    task nothing(input integer stage);
        {e_be[stage], e_block[stage], e_end[stage]} = 0;
    endtask

    task tick;
        begin
            @(negedge clk);
            for (x = LATER; x >= 1; x = x - 1) begin
                e_be[x] = e_be[x-1];
                e_bank[x] = e_bank[x-1];
                e_place[x] = e_place[x-1];
                e_data[x] = e_data[x-1];
                e_block[x] = e_block[x-1];
                e_end[x] = e_end[x-1];
            end
            nothing(0);
            want("enable", w_en ? w_be : 0, e_be[LATER]);
            want("finished", finished, e_end[LATER]);
            want("block_done", block_done, e_block[LATER-1]);
            if (w_en) begin
                want("bank", w_bank, e_bank[LATER]);
                want("place", w_word*WORD_BYTES + w_off, e_place[LATER]);
                for (c = 0; c < COLS; c = c + 1)
                    if (w_be[c]) want("data", w_data[8*c +: 8], e_data[LATER][8*c +: 8]);
            end
        end
    endtask

    // Bytes part*LANES.. of the result at (ri, ai, ui): what their write must be.
    task expect_part;
        begin
            nb = n == blocks - 1 ? o_last : o_bytes;
            outside = 0;
            nothing(0);
            for (c = 0; c < LANES; c = c + 1) begin
                at = part*LANES + c;
                write = at < nb && ui + at >= 0 && ui + at < row_bytes;
                if (at < nb && !write) outside = 1;
                e_be[0][c] = write;
            end
            e_bank[0] = ri;
            e_place[0] = (ai*WORD_BYTES + ui + part*LANES) & (WORDS*WORD_BYTES - 1);
            e_data[0] = soon_data;
            clipped = clipped + outside;
            e_block[0] = part == PARTS - 1 && in_tile_end && !in_raw;
            e_end[0] = part == PARTS - 1 && in_tile_end && in_last_block;
        end
    endtask

    task send;
        for (part = 0; part < PARTS && go_on; part = part + 1) begin
            while (chance(gaps)) begin
                soon_valid = 0;
                {in_row_end, in_tile_end, in_last_block, in_raw, soon_part} = $random(s);
                in_slot = $random(s);
                tick;
            end
            soon_valid = 1;
            in_slot = now & 1;
            in_raw = raw;
            soon_part = part;
            for (c = 0; c < LANES; c = c + 1) soon_data[8*c +: 8] = $random(s);
            in_row_end = j == o_inner - 1;
            in_tile_end = in_row_end && o == outer - 1;
            in_last_block = n == blocks - 1;
            expect_part;
            tick;
            if (in_slot) cfg_1 = {9{$random(s)}};
            else cfg_0 = {9{$random(s)}};
            cut = cut - 1;
            go_on = cut != 0;
        end
    endtask

    task run_command;
        for (n = 0; n < blocks && go_on; n = n + 1) begin
            ro = row;
            ao = a_start;
            uo = u_start + n*blk_u;
            for (o = 0; o < outer && go_on; o = o + 1) begin
                ri = ro;
                ai = ao;
                ui = uo;
                for (j = 0; j < o_inner && go_on; j = j + 1) begin
                    send;
                    results = results + 1;
                    ai = moved(ri, ai, in_dr, in_da);
                    ri = ri + in_dr;
                    ui = ui + in_du;
                end
                ao = moved(ro, ao, out_dr, out_da);
                ro = ro + out_dr;
                uo = uo + out_du;
            end
        end
    endtask

    initial begin
        done = 0;
        results = 0;
        clipped = 0;
        repeat (3) @(negedge clk);
        for (x = 0; x <= LATER; x = x + 1) nothing(x);
        s = seed;                       // by now the plusargs are read
        rst = 0;
        for (now = 0; now < commands; now = now + 1) begin
            draw;
            gaps = chance(50) ? 0 : between(0, 60);
            cut = chance(10) ? between(1, 20) : -1;
            go_on = 1;
            run_command;
            if (!go_on) begin
                soon_valid = 0;
                rst = 1;
                for (x = 0; x <= LATER; x = x + 1) nothing(x);
                tick;
                rst = 0;
            end
        end
        soon_valid = 0;
        repeat (LATER) tick;
        if (results < 8 * commands || clipped < commands) $fatal(1, "FAIL weft_result: too little covered");
        done = 1;
    end
endmodule

`default_nettype wire
