// Receiver of packets: checks what the front end received and takes it apart.
//
// A packet is the bytes while rx_active; the front end takes the synchronisation away.  At its end `end_valid` is
// high for a cycle with
//
//     end_good   a token of three bytes with a right CRC5 (SOF and PING too), a handshake of one byte, or data with a
//                right CRC16, the packet identifier right and no rx_error
//     pid        what it is, the low half of the identifier
//     address, endpoint     of a token
//
// all of which hold until the next packet begins.  Payload comes as it is received: `data_valid` for a cycle with
// each byte, the last one before end_valid, and before it is known whether the packet is good.

`default_nettype none

module weft_usb_rx (
    input  wire       clk,
    input  wire       rst,

    input  wire       rx_active,
    input  wire       rx_valid,
    input  wire [7:0] rx_data,
    input  wire       rx_error,

    output reg        data_valid,
    output reg  [7:0] data,
    output reg        end_valid,
    output reg        end_good,
    output reg  [3:0] pid,
    output wire [6:0] address,
    output wire [3:0] endpoint
);

    localparam [15:0] RESIDUE = 16'hb001;
    localparam [4:0]  RESIDUE5 = 5'h06;

    reg         active, damaged;
    reg [2:0]   seen;                                          // bytes of this packet, up to 4
    reg [7:0]   older, newer;                                  // the two bytes last received: CRC, or the token
    wire [15:0] crc;

    assign address  = older[6:0];
    assign endpoint = {newer[2:0], older[7]};

    function [4:0] crc5(input [15:0] bits);
        integer i;
        begin
            crc5 = 5'h1f;
            for (i = 0; i < 16; i = i + 1)
                crc5 = {1'b0, crc5[4:1]} ^ (crc5[0] ^ bits[i] ? 5'h14 : 5'h00);
        end
    endfunction

    weft_usb_crc16 u_crc16 (.clk(clk), .clear(seen == 3'd0), .valid(rx_valid), .data(rx_data), .crc(crc));

    wire is_data      = pid[1:0] == 2'b11;
    wire is_handshake = pid[1:0] == 2'b10;
    wire whole = is_data      ? seen >= 3'd3 && crc == RESIDUE :
                 is_handshake ? seen == 3'd1 :
                                seen == 3'd3 && crc5({newer, older}) == RESIDUE5;

    always @(posedge clk) begin
        end_valid  <= active && !rx_active;
        end_good   <= active && !rx_active && whole && !damaged && !rx_error;
        data_valid <= rx_active && rx_valid && seen >= 3'd3;
        data       <= older;
        if (rx_active && rx_valid) begin
            if (seen == 3'd0) begin
                pid <= rx_data[3:0];
                if (rx_data[3:0] != ~rx_data[7:4]) damaged <= 1'b1;
            end else begin
                older <= newer;
                newer <= rx_data;
            end
            if (seen != 3'd4) seen <= seen + 3'd1;
        end
        if (rx_error) damaged <= 1'b1;
        if (!rx_active) begin
            seen    <= 3'd0;
            damaged <= 1'b0;
        end
        active <= rx_active;
        if (rst) begin
            active    <= 1'b0;
            seen      <= 3'd0;
            end_valid <= 1'b0;
        end
    end

endmodule

`default_nettype wire
