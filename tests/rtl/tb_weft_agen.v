// weft_agen against the loops of the contract (rtl/isa/README.md, "What is issued").
//
// The loops stand here as the contract writes them, with integers of any size; every issue is
// compared with what the module shows, held for a random number of cycles without `step`.  Random:
// all loop counts, spans, taps, rings whose start, pitch and length have no common divisor, chains
// and phases, negative starts and steps, commands back to back, commands cut off by a reset or by
// another start.

`default_nettype none

`define SET(FIELD, value) cmd[weft_isa::COMPUTE_``FIELD``_LSB +: weft_isa::COMPUTE_``FIELD``_W] = value

module tb_weft_agen;
    localparam integer INDEX_W = 8;

    reg                clk = 0, rst = 1, start = 0, step = 0;
    reg  [weft_isa::OP_COMPUTE_W-1:0] cmd;
    wire               active, emit, first_pass, last_pass, first_of_pass, last_inner, last_outer, last_block, last_all;
    wire signed [17:0] row;
    wire [15:0]        slot;
    wire signed [23:0] place;
    wire [19:0]        seg_place;
    wire [17:0]        kernel_row;
    wire [INDEX_W-1:0] index;

    weft_agen #(.INDEX_W(INDEX_W)) dut (
        .clk(clk), .rst(rst), .cmd(cmd), .start(start), .step(step), .active(active), .row(row), .slot(slot),
        .place(place), .seg_place(seg_place), .kernel_row(kernel_row), .emit(emit), .index(index),
        .first_pass(first_pass), .last_pass(last_pass), .first_of_pass(first_of_pass), .last_inner(last_inner),
        .last_outer(last_outer), .last_block(last_block), .last_all(last_all));

    always #1 clk = !clk;

    integer seed = 1, commands = 200, unused, s, now, issues = 0, cut = 0, stalls, cut_at, turn;
    // The command.
    integer blocks, passes, outer, inner, o_inner, chain, phases, taps_x, seg, pass_q, pass_r, span;
    integer a_start, pitch, top, size, r_start, u_start, in_du, in_dr, in_da, out_du, out_dr, out_da;
    integer tap_du, row_dr, row_da, blk_u;
    // The loops.
    integer n, p, o, i, kx, kr, i0, fill, phase, sum, go_on;
    integer rp, ap, ub, up, ro, ao, uo, ri, ai, ui;

    function integer between(input integer lo, input integer hi);
        between = lo + $unsigned($random(s)) % (hi - lo + 1);
    endfunction

    // Slot after a step of d rows, da words, from a row with number r: the words of the contract.
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

    function integer signed_step(input integer most);
        signed_step = between(0, 7) == 0 ? between(-524288, 524287) : between(-most, most);
    endfunction

    task draw;
        begin
            case (between(0, 3))        // rows of one slot, odd rings, whole tiles, the largest
                0: begin size = between(1, 9); pitch = between(1, size); end
                1: begin size = between(20, 200); pitch = between(1, size); end
                2: begin pitch = between(1, 12); size = pitch * between(1, 6); end
                3: begin size = between(30000, 32768); pitch = between(1, size); end
            endcase
            top = between(size, size > 20000 || between(0, 9) == 0 ? 32768 : size + 100);
            a_start = top - size + between(0, size - 1);
            in_da = between(0, size - 1);
            out_da = between(0, size - 1);
            row_da = between(0, size - 1);
            in_dr = between(0, between(0, 3) ? 3 : 255);
            out_dr = between(0, between(0, 3) ? 3 : 255);
            row_dr = between(0, between(0, 3) ? 3 : 255);
            r_start = between(0, 7) ? between(-6, 6) : between(-32768, 32767);
            u_start = signed_step(60);
            in_du = signed_step(40);
            out_du = signed_step(40);
            tap_du = signed_step(40);
            blk_u = signed_step(40);
            taps_x = between(0, 15) ? between(1, 4) : between(1, 255);
            seg = between(0, 7) ? between(1, 24) : between(1, 1048575);
            pass_q = between(0, 3);
            pass_r = between(0, 2) ? between(0, seg) : seg;
            span = between(0, 1);
            chain = 1;
            phases = 1;
            if (between(0, 1)) begin
                chain = between(1, 9);
                phases = between(0, 3) ? between(1, 3) : between(1, 255);
            end
            blocks = between(1, 3);
            passes = between(1, 12);
            outer = between(1, 4);
            o_inner = between(1, between(0, 3) ? 5 : 1);
            if (between(0, 9) == 0) begin                       // all accumulators
                outer = between(1, 8);
                o_inner = (1 << INDEX_W) / outer;
                passes = between(1, 2);
                blocks = between(1, 2);
                if (phases > 3) phases = 3;
            end
            inner = (o_inner - 1) * phases + chain;
            while (blocks * passes * outer * inner > 600 && blocks * passes > 2) begin
                if (passes > 1) passes = passes - 1;
                else blocks = blocks - 1;
            end
            cmd = {35{$random(s)}};
            `SET(A_START, a_start);
            `SET(PITCH, pitch);
            `SET(TOP, top);
            `SET(SIZE, size);
            `SET(R_START, r_start);
            `SET(U_START, u_start);
            `SET(IN_DU, in_du);
            `SET(IN_DR, in_dr);
            `SET(IN_DA, in_da);
            `SET(OUT_DU, out_du);
            `SET(OUT_DR, out_dr);
            `SET(OUT_DA, out_da);
            `SET(TAP_DU, tap_du);
            `SET(ROW_DR, row_dr);
            `SET(ROW_DA, row_da);
            `SET(BLK_U, blk_u);
            `SET(TAPS_X, taps_x);
            `SET(SEG, seg);
            `SET(PASS_Q, pass_q);
            `SET(PASS_R, pass_r);
            `SET(SPAN, span);
            `SET(CHAIN, chain);
            `SET(PHASES, phases);
            `SET(INNER, inner);
            `SET(OUTER, outer);
            `SET(PASSES, passes);
            `SET(BLOCKS, blocks);
        end
    endtask

    task differs(input [8*12-1:0] what, input integer got, input integer want);
        begin
            $display("FAIL weft_agen: command %0d block %0d pass %0d outer %0d inner %0d: %0s %0d, want %0d; seed=%0d N=%0d",
                     now, n, p, o, i, what, got, want, seed, commands);
            $fatal(1, "mismatch");
        end
    endtask

    task check;
        begin
            if (!active) differs("active", active, 1);
            if (row !== ri[17:0]) differs("row", row, ri);
            if (((slot + top) & 32767) !== ai) differs("slot", (slot + top) & 32767, ai);
            turn = ui + i0;
            if (place !== turn[23:0]) differs("place", place, turn);
            if (seg_place !== i0[19:0]) differs("seg_place", seg_place, i0);
            if (kernel_row !== kr[17:0]) differs("kernel_row", kernel_row, kr);
            if (emit !== (fill == 0 && phase == 0)) differs("emit", emit, !emit);
            if (emit && index !== sum[INDEX_W-1:0]) differs("index", index, sum);
            if (first_pass !== (p == 0)) differs("first_pass", first_pass, p == 0);
            if (last_pass !== (p == passes - 1)) differs("last_pass", last_pass, p == passes - 1);
            if (first_of_pass !== (o == 0 && i == 0)) differs("first_of", first_of_pass, o == 0 && i == 0);
            if (last_inner !== (i == inner - 1)) differs("last_inner", last_inner, i == inner - 1);
            if (last_outer !== (o == outer - 1)) differs("last_outer", last_outer, o == outer - 1);
            if (last_block !== (n == blocks - 1)) differs("last_block", last_block, n == blocks - 1);
            turn = n == blocks - 1 && p == passes - 1 && o == outer - 1 && i == inner - 1;
            if (last_all !== turn[0]) differs("last_all", last_all, turn);
        end
    endtask

    task issue;
        begin
            check;
            while (between(0, 99) < stalls) begin
                @(negedge clk);
                check;
            end
            step = 1;
            @(negedge clk);
            step = 0;
            issues = issues + 1;
            cut_at = cut_at - 1;
            go_on = cut_at != 0;
        end
    endtask

    task inner_loop;
        begin
            ri = ro;
            ai = ao;
            ui = uo;
            fill = chain - 1;
            phase = 0;
            for (i = 0; i < inner && go_on; i = i + 1) begin
                issue;
                if (fill == 0 && phase == 0) sum = sum + 1;
                if (fill != 0) fill = fill - 1;
                else phase = phase + 1 == phases ? 0 : phase + 1;
                ai = moved(ri, ai, in_dr, in_da);
                ri = ri + in_dr;
                ui = ui + in_du;
            end
        end
    endtask

    task next_pass;
        begin
            i0 = i0 + pass_r;
            ap = moved(rp, ap, pass_q, 0);
            rp = rp + pass_q;
            kr = kr + pass_q;
            if (i0 >= seg) begin
                i0 = span ? i0 - seg : 0;
                if (kx + 1 < taps_x) begin
                    kx = kx + 1;
                    up = up + tap_du;
                end else begin
                    kx = 0;
                    up = ub;
                    ap = moved(rp, ap, row_dr, row_da);
                    rp = rp + row_dr;
                    kr = kr + row_dr;
                end
            end
        end
    endtask

    task run_command;
        for (n = 0; n < blocks && go_on; n = n + 1) begin
            rp = r_start;
            ap = a_start;
            ub = u_start + n * blk_u;
            up = ub;
            i0 = 0;
            kx = 0;
            kr = 0;
            for (p = 0; p < passes && go_on; p = p + 1) begin
                ro = rp;
                ao = ap;
                uo = up;
                sum = 0;
                for (o = 0; o < outer && go_on; o = o + 1) begin
                    inner_loop;
                    ao = moved(ro, ao, out_dr, out_da);
                    ro = ro + out_dr;
                    uo = uo + out_du;
                end
                next_pass;
            end
        end
    endtask

    initial begin
        unused = $value$plusargs("seed=%d", seed);
        unused = $value$plusargs("N=%d", commands);
        s = seed;
        repeat (3) @(negedge clk);
        rst = 0;
        for (now = 0; now < commands; now = now + 1) begin
            draw;
            stalls = between(0, 1) ? 0 : between(0, 80);
            cut_at = between(0, 9) ? 0 : between(1, 40);
            go_on = 1;
            start = 1;
            @(negedge clk);
            start = 0;
            run_command;
            if (go_on) begin
                if (active) differs("active", active, 0);
                repeat (between(0, 2)) @(negedge clk);
                if (active) differs("active", active, 0);
            end else begin
                cut = cut + 1;
                if (between(0, 1)) begin
                    rst = 1;
                    @(negedge clk);
                    rst = 0;
                    if (active) differs("active", active, 0);
                end
            end
        end
        if (issues < 50 * commands) $fatal(1, "FAIL weft_agen: only %0d issues", issues);
        $display("ok weft_agen: %0d commands (%0d cut off), %0d issues, seed %0d", commands, cut, issues, seed);
        $finish;
    end
endmodule

`default_nettype wire
