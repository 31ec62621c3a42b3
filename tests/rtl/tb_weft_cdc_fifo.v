// weft_cdc_fifo against a plain queue: five pairs of clocks, four depths, random and full stalls on both sides, a reset
// while it is full.
`timescale 1ns / 1ps
`default_nettype none

module tb_weft_cdc_fifo;
    localparam integer CASES = 5, WIDTH = 9, ITEMS = 3000;

    integer seed, first_seed, ended = 0;

    genvar g;
    generate
        for (g = 0; g < CASES; g = g + 1) begin : g_case
            localparam integer DEPTH   = g == 0 ? 4 : g == 1 ? 8 : g == 2 ? 16 : g == 3 ? 64 : 4;
            localparam real    WR_HALF = g == 0 ? 5.0 : g == 1 ? 3.1 : g == 2 ? 17.3 : g == 3 ? 8.33 : 5.0;
            localparam real    RD_HALF = g == 0 ? 5.0 : g == 1 ? 19.7 : g == 2 ? 2.9 : g == 3 ? 10.41 : 5.003;

            reg              wr_clk = 1'b0, rd_clk = 1'b0, wr_rst = 1'b1, rd_rst = 1'b1;
            reg              wr_valid = 1'b0, rd_ready = 1'b0;
            reg  [WIDTH-1:0] wr_data;
            wire             wr_ready, rd_valid;
            wire [WIDTH-1:0] rd_data;
            reg  [WIDTH-1:0] queue [0:8191];
            integer          put = 0, got = 0, dice, target, wr_part, rd_part;
            real             began;

            initial #(g * 0.7) forever #WR_HALF wr_clk = !wr_clk;
            initial forever #RD_HALF rd_clk = !rd_clk;

            weft_cdc_fifo #(.WIDTH(WIDTH), .DEPTH(DEPTH)) dut (
                .wr_clk(wr_clk), .wr_rst(wr_rst), .wr_valid(wr_valid), .wr_ready(wr_ready), .wr_data(wr_data),
                .rd_clk(rd_clk), .rd_rst(rd_rst), .rd_valid(rd_valid), .rd_ready(rd_ready), .rd_data(rd_data));

            always @(posedge wr_clk) if (!wr_rst && wr_valid && wr_ready) begin
                queue[put % 8192] = wr_data;
                put = put + 1;
                if (put - got > DEPTH + 1) $fatal(1, "FAIL weft_cdc_fifo: case %0d holds %0d", g, put - got);
            end
            always @(posedge rd_clk) if (!rd_rst && rd_valid && rd_ready) begin
                if (got == put || rd_data !== queue[got % 8192])
                    $fatal(1, "FAIL weft_cdc_fifo: case %0d item %0d got %h want %h, %0d put, seed %0d",
                           g, got, rd_data, queue[got % 8192], put, first_seed);
                got = got + 1;
            end
            always @(negedge wr_clk) begin
                dice = $random(seed);
                if (!(wr_valid && !wr_ready)) begin
                    wr_valid = !wr_rst && dice[7:0] < wr_part;
                    wr_data  = dice[16:8];
                end
            end
            always @(negedge rd_clk) begin
                dice = $random(seed);
                rd_ready = dice[7:0] < rd_part;
            end

            task reset;
                begin
                    wr_part = 0;
                    wr_rst = 1'b1;
                    rd_rst = 1'b1;
                    #200;
                    @(negedge wr_clk) wr_rst = 1'b0;
                    @(negedge rd_clk) rd_rst = 1'b0;
                    put = 0;
                    got = 0;
                end
            endtask
            task pass(input integer items, input integer writes, input integer reads); // shares of 256 of the cycles
                begin
                    wr_part = writes;
                    rd_part = reads;
                    target  = put + items;
                    wait (put >= target);
                    wr_part = 0;
                    rd_part = 256;
                    wait (put == got && !wr_valid);
                end
            endtask

            initial begin
                #1 reset;
                pass(ITEMS, 128, 128);
                pass(ITEMS, 256, 60);
                pass(ITEMS, 60, 256);
                pass(ITEMS, 256, 256);
                rd_part = 0;                                   // fill it, then forget what is inside
                wr_part = 256;
                wait (put - got == DEPTH + 1);
                repeat (20) @(posedge wr_clk);
                if (wr_ready) $fatal(1, "FAIL weft_cdc_fifo: case %0d takes more than fits", g);
                reset;
                if (rd_valid) $fatal(1, "FAIL weft_cdc_fifo: case %0d is not empty after reset", g);
                pass(ITEMS, 200, 200);
                began = $realtime;                             // at full rate the slower clock sets the pace
                pass(ITEMS, 256, 256);
                if ($realtime - began > (ITEMS + 20) * 2.0 * (WR_HALF > RD_HALF ? WR_HALF : RD_HALF) * (DEPTH > 8 ? 1.02 : 3.0))
                    $fatal(1, "FAIL weft_cdc_fifo: case %0d took %0t for %0d items", g, $realtime - began, ITEMS);
                ended = ended + 1;
            end
        end
    endgenerate

    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        first_seed = seed;
        wait (ended == CASES);
        $display("ok weft_cdc_fifo: %0d pairs of clocks, %0d items each, reset while full, seed %0d", CASES, 6 * ITEMS, first_seed);
        $finish;
    end
    initial #20000000 $fatal(1, "FAIL weft_cdc_fifo: stuck with %0d cases ended", ended);
endmodule

`default_nettype wire
