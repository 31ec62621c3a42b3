// CRC-16 of USB data packets, one byte per cycle.
//
// `clear` makes the register 0xffff; in a cycle with `valid` (and not `clear`) it takes `data`, lowest bit first.
// One cycle later:
//
//     ~crc           the CRC of the bytes since `clear`, to be sent lowest byte first
//     crc == RESIDUE after the two bytes of a right CRC have been taken too (0xb001)
//
// No reset: whoever uses it clears it.

`default_nettype none

module weft_usb_crc16 (
    input  wire        clk,
    input  wire        clear,
    input  wire        valid,
    input  wire [7:0]  data,
    output reg  [15:0] crc
);

    function [15:0] step(input [15:0] old, input [7:0] value);
        integer i;
        begin
            step = old;
            for (i = 0; i < 8; i = i + 1)
                step = {1'b0, step[15:1]} ^ (step[0] ^ value[i] ? 16'ha001 : 16'h0000);
        end
    endfunction

    always @(posedge clk) begin
        if (valid) crc <= step(crc, data);
        if (clear) crc <= 16'hffff;
    end

endmodule

`default_nettype wire
