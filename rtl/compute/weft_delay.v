// A value that comes out DEPTH cycles after it went in, kept in a ring memory.
//
// `valid` marks cycles that carry data; only those are written and read, so idle cycles cost
// nothing.  `rst` empties the line at once.  DEPTH is at least 2.

`default_nettype none

module weft_delay #(
    parameter integer WIDTH = 8,
    parameter integer DEPTH = 4
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             in_valid,
    input  wire [WIDTH-1:0] in_data,
    output reg              out_valid,
    output reg  [WIDTH-1:0] out_data
);

    localparam integer N = DEPTH - 1;           // the output register is the last cycle
    localparam integer PW = (N > 1) ? $clog2(N) : 1;
    localparam integer LAST = N - 1;
    localparam [N-1:0] ONE = 1;

    reg [WIDTH-1:0] ring [0:N-1];
    reg [N-1:0]     full;                       // full[N-1] went in N cycles ago
    reg [PW-1:0]    at;

    always @(posedge clk) begin
        if (full[N-1])
            out_data <= ring[at];
        if (in_valid)
            ring[at] <= in_data;
        out_valid <= full[N-1];
        full <= (full << 1) | {N{in_valid}} & ONE;
        at <= (at == LAST[PW-1:0]) ? {PW{1'b0}} : at + 1'b1;
        if (rst) begin
            full <= {N{1'b0}};
            at <= {PW{1'b0}};
            out_valid <= 1'b0;
        end
    end

endmodule

`default_nettype wire
