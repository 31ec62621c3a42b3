// weft_header against arrays: random headers into random slots with gaps, read on both sides at any
// time, slots rewritten, a reset in the middle of a header.

`default_nettype none

module tb_weft_header;
    localparam integer COLS = 5;

    reg                clk = 0, rst = 1, hdr_valid = 0, bias_en = 0, post_en = 0;
    reg  [1:0]         hdr_slot = 0, bias_slot, post_slot;
    reg  [8*COLS-1:0]  hdr_row, shift_want;
    wire [32*COLS-1:0] bias, mult;
    wire [8*COLS-1:0]  shift;
    wire [24*COLS-1:0] half;

    weft_header #(.COLS(COLS)) dut (
        .clk(clk), .rst(rst), .hdr_valid(hdr_valid), .hdr_slot(hdr_slot), .hdr_row(hdr_row),
        .bias_en(bias_en), .bias_slot(bias_slot), .bias(bias),
        .post_en(post_en), .post_slot(post_slot), .mult(mult), .shift(shift), .half(half));

    always #1 clk = !clk;

    // Slot 4 is the header being collected; `soon` counts the cycles until it is in its slot.
    reg [31:0] m_bias [0:4][0:COLS-1], m_mult [0:4][0:COLS-1];
    reg [7:0]  m_shift [0:4][0:COLS-1];
    reg [23:0] m_half [0:4][0:COLS-1];
    reg [31:0] w_mult [0:COLS-1];                // what the read of the cycle before must give
    reg [7:0]  w_shift [0:COLS-1];
    reg [23:0] w_half [0:COLS-1];
    reg        post_was = 0;
    reg [3:0]  written = 0;
    integer seed = 1, cycles = 20000, unused, s, now, c, row = 0, soon = 0, reads = 0, i_bias = -1, i_post = -1, to;

    task fail(input [31:0] column);
        begin
            $display("FAIL weft_header: cycle %0d column %0d; SEED=%0d N=%0d", now, column, seed, cycles);
            $fatal(1, "mismatch");
        end
    endtask

    task collect;
        for (c = 0; c < COLS; c = c + 1) begin
            if (row < 4) m_bias[4][c][8*row +: 8] = hdr_row[8*c +: 8];
            else if (row < 8) m_mult[4][c][8*(row-4) +: 8] = hdr_row[8*c +: 8];
            else if (row == 8) m_shift[4][c] = hdr_row[8*c +: 8];
            else m_half[4][c][8*(row-9) +: 8] = hdr_row[8*c +: 8];
        end
    endtask

    initial begin
        unused = $value$plusargs("SEED=%d", seed);
        unused = $value$plusargs("N=%d", cycles);
        s = seed;
        repeat (3) @(negedge clk);
        for (now = 0; now < cycles; now = now + 1) begin
            rst = $unsigned($random(s)) % 500 == 0;
            hdr_valid = $random(s);
            hdr_row = {$random(s), $random(s)};
            if (row == 0) hdr_slot = $random(s);
            bias_slot = $random(s);
            post_slot = $random(s);
            bias_en = written[bias_slot] && !(soon != 0 && bias_slot == to) && ($random(s) & 1);
            post_en = written[post_slot] && !(soon != 0 && post_slot == to) && ($random(s) & 1);
            if (bias_en) i_bias = bias_slot;
            if (post_en) i_post = post_slot;
            @(negedge clk);
            for (c = 0; c < COLS; c = c + 1) begin
                if (bias_en && bias[32*c +: 32] !== m_bias[i_bias][c]) fail(c);
                if (post_was && (mult[32*c +: 32] !== w_mult[c] || shift[8*c +: 8] !== w_shift[c]
                                 || half[24*c +: 24] !== w_half[c])) fail(c);
                if (post_en) begin
                    w_mult[c] = m_mult[i_post][c];
                    w_shift[c] = m_shift[i_post][c];
                    w_half[c] = m_half[i_post][c];
                end
            end
            post_was = post_was || post_en;         // and it stays until the next
            reads = reads + bias_en + post_en;
            if (soon != 0) begin
                for (c = 0; c < COLS; c = c + 1) begin
                    m_bias[to][c] = m_bias[4][c];
                    m_mult[to][c] = m_mult[4][c];
                    m_shift[to][c] = m_shift[4][c];
                    m_half[to][c] = m_half[4][c];
                end
                written[to] = 1;
                soon = 0;
            end
            if (hdr_valid) collect;
            if (hdr_valid && row == 11 && !rst) begin
                soon = 1;
                to = hdr_slot;
            end
            row = rst ? 0 : (row + hdr_valid) % 12;
        end
        if (reads < cycles / 8 || written != 4'hf) $fatal(1, "FAIL weft_header: too little covered");
        $display("ok weft_header: %0d cycles, %0d reads, seed %0d", cycles, reads, seed);
        $finish;
    end
endmodule

`default_nettype wire
