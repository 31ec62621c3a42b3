// RAM with one write port and one read port, the read registered: rd_data holds word rd_addr from the cycle
// after rd_en until the next rd_en.
//
// A read of the word written in the same cycle gives anything; readers see to it that they never
// depend on it.  Contents and rd_data are not reset.  In an FPGA it is a block, whatever its size.

`default_nettype none

module weft_ram_1r1w #(
    parameter  integer WIDTH  = 8,
    parameter  integer DEPTH  = 64,             // words, at least 2
    localparam integer ADDR_W = $clog2(DEPTH)
) (
`ifdef FORMAL
    output wire [DEPTH*WIDTH-1:0] f_mem,        // all words, for invariants
`endif
    input  wire              clk,
    input  wire              wr_en,
    input  wire [ADDR_W-1:0] wr_addr,
    input  wire [WIDTH-1:0]  wr_data,
    input  wire              rd_en,
    input  wire [ADDR_W-1:0] rd_addr,
    output reg  [WIDTH-1:0]  rd_data
);

    (* no_rw_check, ram_style = "block" *)
    reg [WIDTH-1:0] mem [0:DEPTH-1];

    always @(posedge clk) begin
        if (wr_en) mem[wr_addr] <= wr_data;
        if (rd_en) rd_data <= mem[rd_addr];
    end

`ifdef FORMAL
    genvar f_g;
    generate
        for (f_g = 0; f_g < DEPTH; f_g = f_g + 1) begin : g_f_mem
            assign f_mem[f_g*WIDTH +: WIDTH] = mem[f_g];
        end
    endgenerate
`endif

endmodule

`default_nettype wire
