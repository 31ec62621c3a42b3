// weft_operand against the operand positions of the contract (rtl/isa/README.md, "Where results go"), at three shapes.
//
// The loops stand here as the contract writes them; a model of port B takes a request when it likes and answers three
// cycles later with a word that says where it was read.  Operands are reserved when they are ready and taken later in
// order, as the post unit does it.  Checked: every request and its order, that nothing is asked for without room,
// that with room it is, `ready`, the head of the FIFO.  Random rings, steps, counts, paces; resets in the middle.

`default_nettype none

`define SET(FIELD, value) cmd[weft_isa::COMPUTE_``FIELD``_LSB +: weft_isa::COMPUTE_``FIELD``_W] = value

module tb_weft_operand;
    integer seed = 1, commands = 60, unused;
    wire [2:0]      done;
    wire [32*3-1:0] taken, full;

    initial begin
        unused = $value$plusargs("seed=%d", seed);
        unused = $value$plusargs("N=%d", commands);
    end

    tb_weft_operand_one #(.COLS(16), .WORD_BYTES(16), .AW(11), .DEPTH(64)) u_16 (
        .seed(seed), .commands(commands), .done(done[0]), .taken(taken[0 +: 32]), .full(full[0 +: 32]));
    tb_weft_operand_one #(.COLS(4), .WORD_BYTES(8), .AW(6), .DEPTH(8)) u_4 (
        .seed(seed + 1), .commands(commands), .done(done[1]), .taken(taken[32 +: 32]), .full(full[32 +: 32]));
    tb_weft_operand_one #(.COLS(8), .WORD_BYTES(32), .AW(15), .DEPTH(16)) u_8 (
        .seed(seed + 2), .commands(commands), .done(done[2]), .taken(taken[64 +: 32]), .full(full[64 +: 32]));

    always @(*)
        if (&done) begin
            $display("ok weft_operand: 3 shapes, %0d commands each, %0d operands, full in %0d cycles, seed %0d", commands,
                     taken[0 +: 32] + taken[32 +: 32] + taken[64 +: 32], full[0 +: 32] + full[32 +: 32] + full[64 +: 32], seed);
            $finish;
        end
endmodule

module tb_weft_operand_one #(
    parameter integer COLS = 16,
    parameter integer WORD_BYTES = 16,
    parameter integer AW = 11,
    parameter integer DEPTH = 64
) (
    input  wire [31:0] seed,
    input  wire [31:0] commands,
    output reg         done,
    output reg  [31:0] taken,
    output reg  [31:0] full             // cycles without room
);
    localparam integer OW = $clog2(WORD_BYTES), WORDS = 1 << AW, WAY = 2 + AW + OW;
    localparam integer MOST = 1000;     // operands of a command

    reg                clk = 0, rst = 1, start = 0, x_ready = 0, x_rsp_valid = 0, reserve = 0, take = 0;
    reg  [weft_isa::OP_COMPUTE_W-1:0] cmd;
    reg  [8*COLS-1:0]  x_rsp_data;
    wire               x_valid, ready;
    wire [1:0]         x_bank;
    wire [AW-1:0]      x_word;
    wire [OW-1:0]      x_off;
    wire [8*COLS-1:0]  data;

    weft_operand #(.COLS(COLS), .WORD_BYTES(WORD_BYTES), .AW(AW), .DEPTH(DEPTH)) dut (
        .clk(clk), .rst(rst), .start(start), .cmd(cmd), .x_valid(x_valid), .x_ready(x_ready), .x_bank(x_bank),
        .x_word(x_word), .x_off(x_off), .x_rsp_valid(x_rsp_valid), .x_rsp_data(x_rsp_data), .ready(ready),
        .reserve(reserve), .take(take), .data(data));

    always #2 clk = !clk;

    integer s, now, unused;
    integer blocks, outer, o_inner, a_start, pitch, top, size, row, u_start, in_du, out_dr, out_da, blk_u;
    integer n, o, j, r, a, u, b, count, asked, answered, promised, used, slack, pace_x, pace_r, pace_t, idle, cut;
    reg     w_ask;
    reg [WAY-1:0] where [0:MOST-1];     // of each operand of the command
    reg [3:0]     under_way;            // answers to come

    function integer between(input integer lo, input integer hi);
        between = lo + $unsigned($random(s)) % (hi - lo + 1);
    endfunction

    function chance(input integer percent);
        chance = between(0, 99) < percent;
    endfunction

    // What the model of the buffer holds at a place: the number of the operand and the place.
    function [8*COLS-1:0] word_at(input [WAY-1:0] place, input [31:0] number);
        word_at = {number[15:0] ^ {place, 3'b101}, place} ^ {2{number}};
    endfunction

    task want(input [8*12-1:0] what, input integer got, input integer good);
        if (got !== good) begin
            $display("FAIL weft_operand %0d of %0d: command %0d operand %0d (answered %0d, used %0d): %0s %0h, want %0h; seed=%0d N=%0d",
                     COLS, WORD_BYTES, now, asked, answered, used, what, got, good, seed, commands);
            $fatal(1, "mismatch");
        end
    endtask

    task draw;
        begin
            size = chance(30) ? between(1, 6) : between(1, WORDS);
            top = between(size, WORDS);
            pitch = between(1, size);
            a_start = top - size + between(0, size - 1);
            out_da = between(0, size - 1);
            out_dr = between(0, chance(80) ? 5 : 255);
            row = between(0, 3);
            u_start = chance(90) ? between(-100, 3000) : between(-524288, 524287);
            in_du = chance(90) ? between(-50, 50) : between(-524288, 524287);
            blk_u = chance(90) ? between(-50, 50) : between(-524288, 524287);
            blocks = between(1, 4);
            outer = between(1, 8);
            o_inner = between(1, chance(30) ? 1 : 30);
            cmd = {35{$random(s)}};
            `SET(X_A_START, a_start);
            `SET(X_PITCH, pitch);
            `SET(X_TOP, top);
            `SET(X_SIZE, size);
            `SET(X_U_START, u_start);
            `SET(X_ROW, row);
            `SET(X_IN_DU, in_du);
            `SET(X_OUT_DR, out_dr);
            `SET(X_OUT_DA, out_da);
            `SET(X_BLK_U, blk_u);
            `SET(O_INNER, o_inner);
            `SET(OUTER, outer);
            `SET(BLOCKS, blocks);
        end
    endtask

    // The places of all operands, in order.
    task list_places;
        begin
            count = 0;
            for (n = 0; n < blocks; n = n + 1) begin
                r = row;
                a = a_start;
                for (o = 0; o < outer; o = o + 1) begin
                    for (j = 0; j < o_inner; j = j + 1) begin
                        u = u_start + n*blk_u + j*in_du;
                        b = a*WORD_BYTES + u + 256*WORDS*WORD_BYTES;
                        where[count] = {r[1:0], b[AW+OW-1:0]};
                        count = count + 1;
                    end
                    a = a + out_da;
                    if (a >= top) a = a - size;
                    if ((r & 3) + (out_dr & 3) >= 4) begin
                        a = a + pitch;
                        if (a >= top) a = a - size;
                    end
                    r = r + out_dr;
                end
            end
        end
    endtask

    task cycle;
        begin
            x_ready = chance(pace_x);
            x_rsp_valid = under_way[3];
            x_rsp_data = under_way[3] ? word_at(where[answered], answered) : {COLS{8'h5a}};
            reserve = promised < answered && chance(pace_r);
            take = used + slack < promised && chance(pace_t);
            #1;
            w_ask = asked < count && asked - used < DEPTH;
            want("x_valid", x_valid, w_ask);
            if (x_valid) want("place", {x_bank, x_word, x_off}, where[asked]);
            want("ready", ready, promised < answered);
            if (take && data !== word_at(where[used], used)) want("data", data, word_at(where[used], used));
            full = full + (asked < count && !w_ask);
            @(negedge clk);
            under_way = {under_way, w_ask && x_ready};
            asked = asked + under_way[0];
            answered = answered + x_rsp_valid;
            promised = promised + reserve;
            used = used + take;
            taken = taken + take;
        end
    endtask

    task run_command;
        begin
            pace_x = chance(40) ? 100 : between(5, 100);
            pace_r = chance(40) ? 100 : between(2, 100);
            pace_t = chance(40) ? 100 : between(5, 100);
            slack = chance(50) ? 0 : between(0, DEPTH / 2);
            {asked, answered, promised, used, under_way} = 0;
            start = 1;
            @(negedge clk);
            start = 0;
            cut = chance(10) ? between(1, 40) : -1;
            while (used < count && cut != 0) begin
                if (promised == count) slack = 0;
                cycle;
                cut = cut - 1;
            end
            x_ready = 0;
            x_rsp_valid = 0;
            reserve = 0;
            take = 0;
            if (cut == 0) begin
                rst = 1;
                @(negedge clk);
                rst = 0;
                count = 0;
                {asked, answered, promised, used, under_way} = 0;
            end
            repeat (between(0, 2)) cycle;
        end
    endtask

    initial begin
        @(negedge clk) s = seed;    // by now the plusargs are read
        done = 0;
        taken = 0;
        full = 0;
        repeat (3) @(negedge clk);
        rst = 0;
        for (now = 0; now < commands; now = now + 1) begin
            draw;
            list_places;
            run_command;
        end
        if (taken < 50 * commands || full == 0) $fatal(1, "FAIL weft_operand: too little covered: %0d taken, full %0d", taken, full);
        done = 1;
    end
endmodule

`default_nettype wire
