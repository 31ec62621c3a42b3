// Multiplies by adding shifts: sum = a * b + c, exact while it fits in 48 bits.
//
// `start` takes a, b and c; `busy` is high from the next cycle for as many cycles as b has significant
// bits, and sum holds from then to the next start.  start while busy begins anew.

`default_nettype none

module weft_multiply (
    input  wire        clk,
    input  wire        rst,
    input  wire        start,
    input  wire [31:0] a,
    input  wire [15:0] b,
    input  wire [47:0] c,
    output wire        busy,
    output reg  [47:0] sum
);

    reg [47:0] shifted;
    reg [15:0] left;            // bits of b not yet added

    assign busy = left != 0;

    always @(posedge clk) begin
        if (rst)
            left <= 0;
        else if (start) begin
            left    <= b;
            shifted <= {16'd0, a};
            sum     <= c;
        end else if (busy) begin
            left    <= left >> 1;
            shifted <= shifted << 1;
            if (left[0]) sum <= sum + shifted;
        end
    end

endmodule

`default_nettype wire
