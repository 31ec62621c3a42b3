// CRC-32 of IEEE 802.3 (reflected, polynomial 0xedb88320), one byte per cycle.
//
// `clear` makes the register 0xffffffff; in a cycle with `valid` (and not `clear`) it takes
// `data`, lowest bit first.  The new value is visible one cycle later:
//
//     ~crc           the CRC of the bytes since `clear`, to be sent lowest byte first
//     crc == RESIDUE after the four bytes of a right CRC have been taken too
//
// No reset: whoever uses it clears it old the first byte.
//
// A step is linear over GF(2): the eight constants are the remainders of the eight single bits.

`default_nettype none

module weft_crc32 (
    input  wire        clk,
    input  wire        clear,
    input  wire        valid,
    input  wire [7:0]  data,
    output reg  [31:0] crc
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

    always @(posedge clk) begin
        if (valid)
            crc <= step(crc, data);
        if (clear)
            crc <= 32'hffffffff;
    end

endmodule

`default_nettype wire
