// weft_requant against the results of weft_requantize (models/ref), LANES calls a cycle.
//
// +VEC=file names what vec_weft_requant wrote (default build/tests/weft_requant.hex).  Runs through it
// twice: without a gap, and with random empty cycles in which the inputs are rubbish.  LEFT_OUT: without a kind.

`default_nettype none

module tb_weft_requant;
    parameter integer LEFT_OUT = 4;              // a kind the device is built without: 0 or 1
    localparam integer LANES = 4, MAX = 400000, LATENCY = 10;

    reg                 clk = 0, rst = 1, in_valid = 0;
    reg  [1:0]          in_kind;
    reg  [32*LANES-1:0] in_value, in_mult;
    reg  [8*LANES-1:0]  in_shift;
    reg  [24*LANES-1:0] in_half;
    wire                out_valid;
    wire [32*LANES-1:0] out_value;

    weft_requant #(.LANES(LANES), .HAS_TFLITE(LEFT_OUT != 0), .HAS_FLOAT(LEFT_OUT != 1)) dut (
        .clk(clk), .rst(rst), .in_valid(in_valid), .in_kind(in_kind), .in_value(in_value), .in_mult(in_mult),
        .in_shift(in_shift), .in_half(in_half), .out_valid(out_valid), .out_value(out_value));

    always #1 clk = !clk;

    reg [115:0] vectors [0:MAX-1];
    reg [1023:0] path;
    reg [LATENCY:0] due = 0;
    integer seed = 1, unused, file, s, round, count, at, seen, l;

    task check;
        for (l = 0; l < LANES; l = l + 1)
            if (out_value[32*l +: 32] !== {{16{vectors[seen+l][15]}}, vectors[seen+l][15:0]}) begin
                $display("FAIL weft_requant: line %0d kind %0d value %0d mult %h shift %0d half %0d: got %0d, want %0d",
                         seen + l + 1, vectors[seen+l][113:112], $signed(vectors[seen+l][111:80]),
                         vectors[seen+l][79:48], $signed(vectors[seen+l][47:40]), vectors[seen+l][39:16],
                         $signed(out_value[32*l +: 32]), $signed(vectors[seen+l][15:0]));
                $fatal(1, "mismatch");
            end
    endtask

    initial begin
        unused = $value$plusargs("SEED=%d", seed);
        if (!$value$plusargs("VEC=%s", path)) path = "build/tests/weft_requant.hex";
        s = seed;
        count = 0;
        file = $fopen(path, "r");
        if (file != 0)
            while (count < MAX && $fscanf(file, "%h", vectors[count]) == 1)
                if ({1'b0, vectors[count][113:112]} != LEFT_OUT) count = count + 1;   // all lanes of a call have one kind
        if (count < 1000) $fatal(1, "FAIL weft_requant: no vectors");
        repeat (3) @(negedge clk);
        rst = 0;
        for (round = 0; round < 2; round = round + 1) begin
            at = 0;
            seen = 0;
            while (seen < count) begin
                in_valid = at < count && (round == 0 || $random(s) & 1);
                in_kind = $random(s);
                for (l = 0; l < LANES; l = l + 1) begin
                    in_value[32*l +: 32] = $random(s);
                    in_mult[32*l +: 32] = $random(s);
                    if (in_valid) begin
                        in_kind = vectors[at+l][113:112];
                        in_value[32*l +: 32] = vectors[at+l][111:80];
                        in_mult[32*l +: 32] = vectors[at+l][79:48];
                        in_shift[8*l +: 8] = vectors[at+l][47:40];
                        in_half[24*l +: 24] = vectors[at+l][39:16];
                    end
                end
                if (in_valid) at = at + LANES;
                due = {due[LATENCY-1:0], in_valid};
                @(negedge clk);
                if (out_valid !== due[LATENCY-1]) $fatal(1, "FAIL weft_requant: out_valid at the wrong time");
                if (out_valid) begin
                    check;
                    seen = seen + LANES;
                end
            end
        end
        $display("ok weft_requant: %0d calls, TFLITE FLOAT DIV (without %0d), corners and random, twice, seed %0d",
                 count, LEFT_OUT, seed);
        $finish;
    end
endmodule

`default_nettype wire
