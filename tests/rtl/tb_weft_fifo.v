// weft_fifo and weft_skid against a plain queue: depths 2, 3, 8, 64, with registers and with RAM, random and full stalls.
`timescale 1ns / 1ps
`default_nettype none

module tb_weft_fifo;
    localparam integer CASES = 6, WIDTH = 11, CYCLES = 4000;

    reg     clk = 1'b0, rst = 1'b1;
    integer seed, first_seed, cycle, phase;

    always #5 clk = !clk;

    genvar g;
    generate
        for (g = 0; g < CASES; g = g + 1) begin : g_case
            localparam integer DEPTH = g == 0 ? 2 : g == 1 ? 3 : g == 2 ? 8 : g == 3 ? 64 : g == 4 ? 3 : 2;
            localparam integer RAM   = g == 3 || g == 4 ? 1 : 0;
            reg                in_valid = 1'b0, out_ready = 1'b0;
            reg  [WIDTH-1:0]   in_data;
            wire               in_ready, out_valid;
            wire [WIDTH-1:0]   out_data;
            reg  [WIDTH-1:0]   queue [0:4095];
            integer            put = 0, got = 0, most = 0;

            if (g == 5) begin : g_skid
                weft_skid #(.WIDTH(WIDTH)) dut (
                    .clk(clk), .rst(rst), .s_valid(in_valid), .s_ready(in_ready), .s_data(in_data),
                    .m_valid(out_valid), .m_ready(out_ready), .m_data(out_data));
            end else begin : g_fifo
                wire [$clog2(DEPTH+1)-1:0] count;
                weft_fifo #(.WIDTH(WIDTH), .DEPTH(DEPTH), .RAM(RAM)) dut (
                    .clk(clk), .rst(rst), .in_valid(in_valid), .in_ready(in_ready), .in_data(in_data),
                    .out_valid(out_valid), .out_ready(out_ready), .out_data(out_data), .count(count));
                always @(negedge clk)
                    if (!rst && count !== put - got) $fatal(1, "FAIL weft_fifo: case %0d count %0d want %0d", g, count, put - got);
            end

            always @(posedge clk) if (!rst) begin
                if (in_valid && in_ready) begin
                    queue[put % 4096] = in_data;
                    put = put + 1;
                end
                if (out_valid && out_ready) begin
                    if (got == put || out_data !== queue[got % 4096])
                        $fatal(1, "FAIL weft_fifo: case %0d item %0d got %h want %h", g, got, out_data, queue[got % 4096]);
                    got = got + 1;
                end
                if (put - got > most) most = put - got;
                if (put - got > DEPTH) $fatal(1, "FAIL weft_fifo: case %0d holds %0d", g, put - got);
            end
            always @(negedge clk) if (!rst) begin
                if (!(in_valid && !in_ready)) begin
                    in_valid = phase == 2 || ($random(seed) & 3) != 0 && phase != 1 || ($random(seed) & 3) == 0;
                    in_data  = $random(seed);
                end
                out_ready = phase == 2 || ($random(seed) & 3) != 0 && phase != 0 || ($random(seed) & 3) == 0;
            end
        end
    endgenerate

    integer got_then;
    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        first_seed = seed;
        phase = 0;
        repeat (3) @(posedge clk);
        #1 rst = 1'b0;
        for (phase = 0; phase < 3; phase = phase + 1) repeat (CYCLES) @(posedge clk);
        // Phase 2 never stalls: one item a cycle.
        got_then = g_case[3].got;
        phase  = 2;
        repeat (100) @(posedge clk);
        #1 if (g_case[3].got - got_then < 99) $fatal(1, "FAIL weft_fifo: %0d items in 100 cycles", g_case[3].got - got_then);
        if (g_case[3].most != 64 || g_case[5].most != 2) $fatal(1, "FAIL weft_fifo: never full");
        $display("ok weft_fifo: 5 queues and weft_skid, %0d items, seed %0d", g_case[3].got, first_seed);
        $finish;
    end
endmodule

`default_nettype wire
