// CRC5 and CRC16 of USB, bit by bit as the standard draws them; host_crc16 takes a byte, host_crc16_bits gives what
// is sent, low byte first.

function [4:0] host_crc5(input [10:0] value);
    reg [4:0] c;
    integer   i;
    begin
        c = 5'h1f;
        for (i = 0; i < 11; i = i + 1) c = {c[3:0], 1'b0} ^ (c[4] ^ value[i] ? 5'h05 : 5'h00);
        for (i = 0; i < 5; i = i + 1) host_crc5[i] = ~c[4-i];
    end
endfunction
function [15:0] host_crc16(input [15:0] old, input [7:0] value);
    integer i;
    begin
        host_crc16 = old;
        for (i = 0; i < 8; i = i + 1)
            host_crc16 = {host_crc16[14:0], 1'b0} ^ (host_crc16[15] ^ value[i] ? 16'h8005 : 16'h0000);
    end
endfunction
function [15:0] host_crc16_bits(input [15:0] c);
    integer i;
    for (i = 0; i < 16; i = i + 1) host_crc16_bits[i] = ~c[15-i];
endfunction
