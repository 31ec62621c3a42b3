// weft_loader against the order of the weight stream (rtl/isa/README.md, "The weight stream"), at four shapes.
//
// Random jobs: COMPUTE with and without headers and weights, one to several passes and blocks, TABLE with either
// part or both.  A model walks the rows of each job in the order of the contract and says in every cycle whether a
// row may be taken, what it is, which slot or table row it goes to, how many headers are waiting and whether the
// shadow is full.  Random: gaps in rows and jobs, time to the swap (also in the cycle of the first row of the
// next pass), to the take and the return of headers, to table_go; resets in the middle.

`default_nettype none

module tb_weft_loader;
    integer seed = 1, cycles = 12000, unused;
    wire [3:0]      done;
    wire [32*4-1:0] rows, jobs;

    initial begin
        unused = $value$plusargs("seed=%d", seed);
        unused = $value$plusargs("N=%d", cycles);
    end

    tb_weft_loader_one #(.ROWS(4), .COLS(4)) u_4x4 (
        .seed(seed), .cycles(cycles), .done(done[0]), .rows(rows[0 +: 32]), .jobs(jobs[0 +: 32]));
    tb_weft_loader_one #(.ROWS(16), .COLS(16)) u_16x16 (
        .seed(seed + 1), .cycles(cycles), .done(done[1]), .rows(rows[32 +: 32]), .jobs(jobs[32 +: 32]));
    tb_weft_loader_one #(.ROWS(5), .COLS(6)) u_5x6 (
        .seed(seed + 2), .cycles(cycles), .done(done[2]), .rows(rows[64 +: 32]), .jobs(jobs[64 +: 32]));
    tb_weft_loader_one #(.ROWS(32), .COLS(32)) u_32x32 (
        .seed(seed + 3), .cycles(cycles), .done(done[3]), .rows(rows[96 +: 32]), .jobs(jobs[96 +: 32]));

    always @(*)
        if (&done) begin
            $display("ok weft_loader: 4x4 16x16 5x6 32x32, %0d cycles each, %0d jobs, %0d rows, seed %0d", cycles,
                     jobs[0 +: 32] + jobs[32 +: 32] + jobs[64 +: 32] + jobs[96 +: 32],
                     rows[0 +: 32] + rows[32 +: 32] + rows[64 +: 32] + rows[96 +: 32], seed);
            $finish;
        end
endmodule

module tb_weft_loader_one #(
    parameter integer ROWS = 4,
    parameter integer COLS = 4
) (
    input  wire [31:0] seed,
    input  wire [31:0] cycles,
    output reg         done,
    output reg  [31:0] rows,            // rows taken
    output reg  [31:0] jobs             // jobs completed
);
    localparam integer CP = COLS > 4 ? 1 << $clog2(COLS) : 4;
    localparam integer NONE = 0, HEADER = 1, WEIGHTS = 2, BYTES = 3, T1 = 4, T2 = 5;

    reg         clk = 0, rst = 1, job_valid = 0, job_table, job_bytes, job_operands, job_header, job_weights;
    reg         row_valid = 0, swap = 0, header_take = 0, header_free = 0, table_go = 0;
    reg  [15:0] job_passes, job_blocks;
    wire        job_ready, row_ready, shadow_full, hdr_valid, wgt_valid, tab_valid, table_done;
    wire [2:0]  header_count;
    wire [1:0]  hdr_slot, tab_kind;
    wire [7:0]  tab_row;

    weft_loader #(.ROWS(ROWS), .COLS(COLS)) dut (
        .clk(clk), .rst(rst), .job_valid(job_valid), .job_ready(job_ready), .job_table(job_table),
        .job_bytes(job_bytes), .job_operands(job_operands), .job_header(job_header), .job_weights(job_weights),
        .job_passes(job_passes), .job_blocks(job_blocks), .row_valid(row_valid), .row_ready(row_ready),
        .shadow_full(shadow_full), .swap(swap), .header_count(header_count), .header_take(header_take),
        .header_free(header_free), .hdr_valid(hdr_valid), .hdr_slot(hdr_slot), .wgt_valid(wgt_valid),
        .table_go(table_go), .tab_valid(tab_valid), .tab_kind(tab_kind), .tab_row(tab_row), .table_done(table_done));

    always #2 clk = !clk;

    integer s, now, gaps, haste, taking, freeing, slots_all;
    // The job at hand and what of it is left; part is what its next row is.
    reg     table_job, operands, header, weights;
    integer part, row, pass, block, passes, length;
    // What has been loaded: headers not yet begun, slots not given back (of these `begun` by the issue stage).
    integer waiting, slots, begun, slot;
    reg     full, may, taken, last;

    function integer between(input integer lo, input integer hi);
        between = lo + $unsigned($random(s)) % (hi - lo + 1);
    endfunction

    function chance(input integer percent);
        chance = between(0, 99) < percent;
    endfunction

    task want(input [8*12-1:0] what, input integer got, input integer good);
        if (got !== good) begin
            $display("FAIL weft_loader %0dx%0d: cycle %0d row %0d of part %0d: %0s %0d, want %0d; seed=%0d N=%0d",
                     ROWS, COLS, now, row, part, what, got, good, seed, cycles);
            $fatal(1, "mismatch");
        end
    endtask

    task draw_job;
        begin
            job_valid = chance(haste);
            job_table = chance(10);
            job_bytes = $random(s);
            job_operands = !job_bytes || chance(50);
            job_header = chance(70);
            job_weights = chance(70);
            job_passes = chance(50) ? 1 : between(1, 6);
            job_blocks = chance(50) ? 1 : between(1, 5);
        end
    endtask

    task begin_job;
        begin
            table_job = job_table;
            operands = job_operands;
            header = job_header;
            weights = job_weights;
            passes = job_passes;
            pass = job_passes;
            block = job_blocks;
            row = 0;
            part = job_table ? (job_bytes ? BYTES : T1) : header ? HEADER : weights ? WEIGHTS : NONE;
            if (part == NONE) jobs = jobs + 1;
        end
    endtask

    // Is the present row the last of its part, and what follows.
    task next_row;
        begin
            row = row + 1;
            if (row == length) begin
                row = 0;
                case (part)
                    BYTES: part = operands ? T1 : NONE;
                    T1: part = T2;
                    T2: part = NONE;
                    HEADER: begin
                        waiting = waiting + 1;
                        slot = (slot + 1) & 3;
                        if (weights) part = WEIGHTS;
                        else begin
                            block = block - 1;
                            if (block == 0) part = NONE;
                        end
                    end
                    default: begin
                        full = 1;
                        pass = pass - 1;
                        if (pass == 0) begin
                            pass = passes;
                            block = block - 1;
                            part = block == 0 ? NONE : header ? HEADER : WEIGHTS;
                        end
                    end
                endcase
                if (part == NONE) jobs = jobs + 1;
            end
        end
    endtask

    task part_length;
        case (part)
            HEADER: length = 12;
            WEIGHTS: length = ROWS;
            BYTES: length = 256 / CP;
            default: length = 1024 / CP;
        endcase
    endtask

    task drive;
        begin
            if (between(0, 99) == 0) begin
                gaps = between(0, 3) * 25;
                haste = between(1, 4) * 25;
                taking = between(0, 1) ? haste : 2;
                freeing = between(0, 1) ? haste : 1;
            end
            rst = between(0, 999) == 0;
            if (!job_valid) draw_job;       // a job that waits stands still
            row_valid = !chance(gaps);
            swap = full && chance(haste);
            header_take = waiting != 0 && chance(taking);
            header_free = begun != 0 && chance(freeing);
            table_go = part >= BYTES && (table_go || chance(haste));
        end
    endtask

    // The model says what must be seen in this cycle ...
    task check;
        begin
            part_length;
            may = part == HEADER ? row != 0 || slots < 4 : part == WEIGHTS ? !full || swap : part == NONE ? 1'b0 : table_go;
            taken = may && row_valid;
            last = taken && row == length - 1
                && (part == BYTES ? !operands : part == T2 ? 1 : part == T1 ? 0
                    : part == HEADER ? !weights && block == 1 : pass == 1 && block == 1);
            want("row_ready", row_ready, may);
            want("hdr_valid", hdr_valid, taken && part == HEADER);
            want("wgt_valid", wgt_valid, taken && part == WEIGHTS);
            want("tab_valid", tab_valid, taken && part >= BYTES);
            want("table_done", table_done, last && part >= BYTES);
            want("job_ready", job_ready, part == NONE || last);
            want("shadow_full", shadow_full, full);
            want("headers", header_count, waiting);
            if (hdr_valid) want("hdr_slot", hdr_slot, slot);
            if (tab_valid) want("tab_kind", tab_kind, part - BYTES);
            if (tab_valid) want("tab_row", tab_row, row);
        end
    endtask

    // ... and goes on.
    task advance;
        begin
            if (slots == 4 && part == HEADER) slots_all = slots_all + 1;
            if (header_take) begin
                waiting = waiting - 1;
                begun = begun + 1;
            end
            if (swap) full = 0;
            if (header_free) begin
                begun = begun - 1;
                slots = slots - 1;
            end
            if (taken) begin
                rows = rows + 1;
                if (part == HEADER && row == 0) slots = slots + 1;
                next_row;
            end
            if ((last || part == NONE) && job_valid) begin
                begin_job;
                job_valid = 0;
            end
        end
    endtask

    task clear;
        begin
            part = NONE;
            row = 0;
            waiting = 0;
            slots = 0;
            begun = 0;
            slot = 0;
            full = 0;
        end
    endtask

    initial begin
        @(negedge clk) s = seed;    // by now the plusargs are read
        done = 0;
        rows = 0;
        jobs = 0;
        gaps = 0;
        haste = 50;
        taking = 50;
        freeing = 50;
        slots_all = 0;
        clear;
        repeat (3) @(negedge clk);
        for (now = 0; now < cycles; now = now + 1) begin
            drive;
            #1 check;
            @(negedge clk);
            if (rst) clear;
            else advance;
        end
        if (rows < cycles / 4 || slots_all == 0) $fatal(1, "FAIL weft_loader: too little covered: %0d rows, %0d cycles with all slots", rows, slots_all);
        done = 1;
    end
endmodule

`default_nettype wire
