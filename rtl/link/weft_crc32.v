// CRC-32 of IEEE 802.3 (reflected, polynomial 0xedb88320), BYTES bytes per cycle.
//
// In a cycle with `valid` the register takes `data`, byte 0 (bits 7:0) first and of each byte the
// lowest bit first; with `first` too it forgets what came before.  The new value is visible one
// cycle later: ~crc is the CRC of the bytes since `first`, to be sent lowest byte first.
//
// No reset: the first bytes come with `first`.
//
// A step is linear over GF(2): the eight constants are the remainders of the eight single bits.

`default_nettype none

module weft_crc32 #(
    parameter integer BYTES = 1                                // 1, 2 or 4
) (
    input  wire               clk,
    input  wire               first,
    input  wire               valid,
    input  wire [8*BYTES-1:0] data,
    output reg  [31:0]        crc
);

    function [31:0] step(input [31:0] old, input [7:0] value);
        reg [7:0] x;
        begin
            x = old[7:0] ^ value;
            step = {8'b0, old[31:8]} ^
                   (x[0] ? 32'h77073096 : 32'h0) ^ (x[1] ? 32'hee0e612c : 32'h0) ^
                   (x[2] ? 32'h076dc419 : 32'h0) ^ (x[3] ? 32'h0edb8832 : 32'h0) ^
                   (x[4] ? 32'h1db71064 : 32'h0) ^ (x[5] ? 32'h3b6e20c8 : 32'h0) ^
                   (x[6] ? 32'h76dc4190 : 32'h0) ^ (x[7] ? 32'hedb88320 : 32'h0);
        end
    endfunction

    always @(posedge clk) begin : taking
        reg [31:0] sum;
        integer    i;
        if (valid) begin
            sum = first ? 32'hffffffff : crc;
            for (i = 0; i < BYTES; i = i + 1)
                sum = step(sum, data[8*i +: 8]);
            crc <= sum;
        end
    end

endmodule

`default_nettype wire
