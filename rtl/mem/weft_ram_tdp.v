// RAM with two ports: port A reads, port B reads or writes bytes.  Reads are registered: a_data and b_data keep their
// value until the next read on that port.  Both clocks are one; b_clk may stand still while b_en is low (weft_gate.v).
//
// A byte that port B writes while port A reads it comes out undefined; the word's other bytes are as they
// are.  b_data keeps its value over a write.  Contents are not reset.  Maps to DP16KD on ECP5.

`default_nettype none

module weft_ram_tdp #(
    parameter  integer BYTES  = 16,             // bytes of a word
    parameter  integer DEPTH  = 1024,           // words, at least 2
    localparam integer ADDR_W = $clog2(DEPTH)
) (
    input  wire               a_clk,
    input  wire               a_en,
    input  wire [ADDR_W-1:0]  a_addr,
    output reg  [8*BYTES-1:0] a_data,
    input  wire               b_clk,
    input  wire               b_en,
    input  wire               b_write,
    input  wire [BYTES-1:0]   b_be,             // bytes written if b_write
    input  wire [ADDR_W-1:0]  b_addr,
    input  wire [8*BYTES-1:0] b_wdata,
    output reg  [8*BYTES-1:0] b_data
);

    (* no_rw_check *)
    reg [8*BYTES-1:0] mem [0:DEPTH-1];

    always @(posedge a_clk)
        if (a_en) a_data <= mem[a_addr];

`ifdef SYNTHESIS
    // Byte by byte: the form from which byte enables are inferred.
    reg [31:0] i;
    always @(posedge b_clk)
        if (b_en) begin
            if (b_write) begin
                for (i = 0; i < BYTES; i = i + 1)
                    if (b_be[i]) mem[b_addr][8*i +: 8] <= b_wdata[8*i +: 8];
            end else begin
                b_data <= mem[b_addr];
            end
        end
`else
    // The same, one access of the whole word: nearly all writes fill it, and simulation is faster so.
    always @(posedge b_clk)
        if (b_en) begin
            if (!b_write)   b_data      <= mem[b_addr];
            else if (&b_be) mem[b_addr] <= b_wdata;
            else            mem[b_addr] <= merged(mem[b_addr], b_wdata, b_be);
        end

    function automatic [8*BYTES-1:0] merged(input [8*BYTES-1:0] was, input [8*BYTES-1:0] now,
                                            input [BYTES-1:0] be);
        reg [31:0] i;
        begin
            merged = was;
            for (i = 0; i < BYTES; i = i + 1)
                if (be[i]) merged[8*i +: 8] = now[8*i +: 8];
        end
    endfunction
`endif

endmodule

`default_nettype wire
