// weft_post against the contract, with 8 columns and 8, 4 and 2 lanes.
//
// +VEC=file names what vec_weft_post wrote (default build/tests/weft_post.hex).  Vectors of the two
// configurations of a phase follow each other at random distances, so every kind overtakes every
// other if any could.  Checked: bytes, parts, the cycle of every result, operands taken once each and
// in order, busy.

`default_nettype none

module tb_weft_post;
    reg [1023:0] path;
    integer seed = 1, unused;
    wire [2:0]  done;
    wire [31:0] n;
    initial begin
        unused = $value$plusargs("SEED=%d", seed);
        if (!$value$plusargs("VEC=%s", path)) path = "build/tests/weft_post.hex";
    end
    tb_weft_post_one #(.LANES(8)) u_8 (.path(path), .seed(seed), .done(done[0]), .total(n));
    tb_weft_post_one #(.LANES(4)) u_4 (.path(path), .seed(seed + 1), .done(done[1]), .total());
    tb_weft_post_one #(.LANES(2)) u_2 (.path(path), .seed(seed + 2), .done(done[2]), .total());
    always @(*)
        if (&done) begin
            $display("ok weft_post: 8 columns, 8 4 2 lanes, %0d vectors each, seed %0d", n, seed);
            $finish;
        end
endmodule

module tb_weft_post_one #(
    parameter integer LANES = 8
) (
    input  wire [1023:0] path,
    input  wire [31:0]   seed,
    output reg           done,
    output reg  [31:0]   total
);
    localparam integer COLS = 8, TURNS = COLS / LANES, PART_W = TURNS > 1 ? $clog2(TURNS) : 1, LATENCY = 26;

    reg                 clk = 0, rst = 1, in_valid = 0, in_cfg_sel = 0, tab_valid = 0;
    reg  [32*COLS-1:0]  in_sums, in_mult;
    reg  [8*COLS-1:0]   in_shift, operand_data, tab_row;
    reg  [24*COLS-1:0]  in_half;
    reg  [2*weft_post_cfg::W-1:0] cfg;
    reg  [1:0]          tab_kind;
    reg  [7:0]          tab_addr;
    wire                operand_take, out_valid, out_last_part, busy;
    wire [PART_W-1:0]   out_part;
    wire [8*LANES-1:0]  out_data;

    weft_post #(.COLS(COLS), .LANES(LANES)) dut (
        .clk(clk), .rst(rst), .in_valid(in_valid), .in_cfg_sel(in_cfg_sel), .in_sums(in_sums), .in_mult(in_mult),
        .in_shift(in_shift), .in_half(in_half), .cfg(cfg), .operand_take(operand_take), .operand_data(operand_data),
        .tab_valid(tab_valid), .tab_kind(tab_kind), .tab_addr(tab_addr), .tab_row(tab_row),
        .out_valid(out_valid), .out_part(out_part), .out_last_part(out_last_part), .out_data(out_data), .busy(busy));

    always #2 clk = !clk;

    // One phase: its vectors, and the operands of those with an ALU.
    reg [111:0] item [0:1023];
    reg [111:0] number;
    reg         which [0:127];
    reg [63:0]  operands [0:127];
    reg [31:0]  w0 [0:1], word, w26, w27, w28;
    integer file, s, count, i, c, kind, sent, wait_left, taken, operand_count, part, idle;
    integer got, now, seen_part, born [0:127];

    task read_phase;
        begin
            for (kind = 0; kind < 3; kind = kind + 1)
                for (i = 0; i < 256; i = i + (kind == 0 ? 8 : 2)) begin
                    for (c = 0; c < (kind == 0 ? 8 : 2); c = c + 1) begin
                        got = $fscanf(file, "%h", word);
                        if (kind == 0) tab_row[8*c +: 8] = word[7:0];
                        else tab_row[32*c +: 32] = word;
                    end
                    tab_valid = 1;
                    tab_kind = kind;
                    tab_addr = kind == 0 ? i / 8 : i / 2;
                    @(negedge clk);
                    tab_valid = 0;
                    if ($random(s) & 1) @(negedge clk);
                end
            for (i = 0; i < 2; i = i + 1) begin
                got = $fscanf(file, "%h %h %h %h", word, w26, w27, w28);
                w0[i] = word;
                cfg[weft_post_cfg::W*i +: weft_post_cfg::W] = weft_post_cfg::pack(w0[i], {w28, w27, w26});
            end
            operand_count = 0;
            for (i = 0; i < count; i = i + 1) begin
                got = $fscanf(file, "%h", word);
                which[i] = word[0];
                for (c = 0; c < COLS; c = c + 1) begin
                    got = $fscanf(file, "%h", number);
                    item[COLS*i+c] = number;
                    operands[operand_count][8*c +: 8] = item[COLS*i+c][15:8];
                end
                if (w0[which[i]][weft_isa::COMPUTE_ALU_LSB +: 3] != 0) operand_count = operand_count + 1;
            end
        end
    endtask

    task drive;
        begin
            in_valid = 0;
            if (sent < count && wait_left <= 0 && (idle == 0 || $random(s) & 1)) begin
                in_valid = 1;
                in_cfg_sel = which[sent];
                for (c = 0; c < COLS; c = c + 1) begin
                    in_sums[32*c +: 32] = item[COLS*sent+c][111:80];
                    in_mult[32*c +: 32] = item[COLS*sent+c][79:48];
                    in_shift[8*c +: 8] = item[COLS*sent+c][47:40];
                    in_half[24*c +: 24] = item[COLS*sent+c][39:16];
                end
                born[sent] = now;
                sent = sent + 1;
                wait_left = TURNS;
            end else begin
                in_cfg_sel = $random(s);
                for (c = 0; c < COLS; c = c + 1) in_sums[32*c +: 32] = $random(s);
                if (wait_left <= 0)
                    for (c = 0; c < COLS; c = c + 1) in_mult[32*c +: 32] = $random(s);
            end
            wait_left = wait_left - 1;
            operand_data = taken < operand_count ? operands[taken] : 64'bx;
        end
    endtask

    task look;
        if (out_valid) begin
            for (c = 0; c < LANES; c = c + 1) begin
                i = part * COLS + LANES * seen_part + c;
                if (out_data[8*c +: 8] !== item[i][7:0]) begin
                    $display("FAIL weft_post %0d lanes: result %0d column %0d config %h: got %h, want %h", LANES,
                             total + part, i % COLS, w0[which[part]], out_data[8*c +: 8], item[i][7:0]);
                    $fatal(1, "mismatch");
                end
            end
            if (out_part != seen_part || out_last_part != (seen_part == TURNS-1) || !busy
                || now != born[part] + seen_part + LATENCY)
                $fatal(1, "FAIL weft_post %0d lanes: result %0d: part %0d %b at %0d", LANES, part, out_part,
                       out_last_part, now - born[part]);
            seen_part = (seen_part + 1) % TURNS;
            if (seen_part == 0) part = part + 1;
        end
    endtask

    initial begin
        done = 0;
        total = 0;
        now = 0;
        repeat (3) @(negedge clk);
        s = seed;
        file = $fopen(path, "r");
        if (file == 0) $fatal(1, "FAIL weft_post: no vectors");
        rst = 0;
        while ($fscanf(file, "%h", count) == 1) begin
            read_phase;
            sent = 0;
            taken = 0;
            part = 0;
            seen_part = 0;
            wait_left = 0;
            idle = $random(s) & 1;
            while (part < count) begin
                drive;
                #1;               // inputs have spread: what the cycle shows
                look;
                if (operand_take) taken = taken + 1;
                @(negedge clk);
                now = now + 1;
            end
            in_valid = 0;
            #1 if (busy || taken != operand_count)
                $fatal(1, "FAIL weft_post %0d lanes: busy %b, %0d of %0d operands taken", LANES, busy, taken, operand_count);
            total = total + count;
        end
        if (total < 100) $fatal(1, "FAIL weft_post: too few vectors");
        done = 1;
    end
endmodule

`default_nettype wire
