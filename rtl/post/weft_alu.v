// The ALU of the post unit: sum, product, greater or smaller of two int32, LANES at a time.
//
//     en, op, a, b in cycle t  ->  result in cycle t + 1; the caller takes it then
//
// op is weft_isa::ALU_ADD, MUL, MAX or MIN; of the factors of a product the low 16 bits count.  One multiplier a lane:
// in hardware it has a register of its own, and what was asked for is chosen behind the registers.

`default_nettype none

module weft_alu #(
    parameter integer LANES = 16
) (
    input  wire                clk,
    input  wire                en,
    input  wire [2:0]          op,
    input  wire [32*LANES-1:0] a,               // int32 of lane l at 32*l, and so on
    input  wire [32*LANES-1:0] b,
`ifdef SYNTHESIS
    output wire [32*LANES-1:0] result
`else
    output reg  [32*LANES-1:0] result
`endif
);

    localparam [2:0] ADD = weft_isa::ALU_ADD[2:0];
    localparam [2:0] MUL = weft_isa::ALU_MUL[2:0];
    localparam [2:0] MAX = weft_isa::ALU_MAX[2:0];

`ifdef SYNTHESIS
    reg    multiplies;
    genvar l;
    generate
        for (l = 0; l < LANES; l = l + 1) begin : g_lane
            wire [31:0] x = a[32*l +: 32], y = b[32*l +: 32];
            wire [31:0] product;
            reg  [31:0] other;
            weft_product #(.A_W(16), .B_W(16), .SIGNED(1)) u_product (.clk(clk), .a(x[15:0]), .b(y[15:0]), .product(product));
            always @(posedge clk)
                if (en) other <= op == ADD ? x + y : (op == MAX) == ($signed(x) > $signed(y)) ? x : y;
            assign result[32*l +: 32] = multiplies ? product : other;
        end
    endgenerate
    always @(posedge clk) if (en) multiplies <= op == MUL;
`else
    always @(posedge clk) if (en) begin : lanes
        reg [31:0] l, x, y;
        if (op == ADD)
            for (l = 0; l < LANES; l = l + 1) result[32*l +: 32] <= a[32*l +: 32] + b[32*l +: 32];
        else
            for (l = 0; l < LANES; l = l + 1) begin
                x = a[32*l +: 32];
                y = b[32*l +: 32];
                if (op == MUL)
                    result[32*l +: 32] <= {{16{x[15]}}, x[15:0]} * {{16{y[15]}}, y[15:0]};
                else if ((op == MAX) == ($signed(x) > $signed(y)))
                    result[32*l +: 32] <= x;
                else
                    result[32*l +: 32] <= y;
            end
    end
`endif

endmodule

`default_nettype wire
