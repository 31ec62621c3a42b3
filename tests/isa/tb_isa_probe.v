// Prints every field of the commands in +file=F.hex, sliced by the constants of the package (isa_probe).
//
// tests/isa/test_isa.sh compares what is printed with what C put in.

`default_nettype none

module tb_isa_probe;

    reg [1279:0]    commands [0:999];
    reg [1279:0]    cmd;
    reg [8*256-1:0] file;
    integer         i;

    isa_probe u_probe (.cmd(cmd));

    initial begin
        if (!$value$plusargs("file=%s", file)) $fatal(1, "+file=F");
        for (i = 0; i < 1000; i = i + 1) commands[i] = {1280{1'bx}};
        $readmemh({file, ".hex"}, commands);
        for (i = 0; i < 1000; i = i + 1)
            if (commands[i][0] !== 1'bx) begin
                cmd = commands[i];
                #1 u_probe.show;
            end
        $finish;
    end

endmodule

`default_nettype wire
