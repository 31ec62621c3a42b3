// The device's ROM: the table of requests and the blocks of weft_usb.def, with what differs from device to device put
// in.
//
// `data` holds byte `addr` from the cycle after; behind the last block it is 0.

`default_nettype none

module weft_usb_rom #(
    parameter [15:0] VENDOR  = 16'(weft_usb::VENDOR_ID),
    parameter [15:0] PRODUCT = 16'(weft_usb::PRODUCT_ID),
    parameter [8*weft_usb::SERIAL_CHARS-1:0] SERIAL = "000000000000"
) (
    input  wire       clk,
    input  wire [9:0] addr,
    output reg  [7:0] data
);

    reg [7:0] mem [0:1023];
    integer   i;

    initial begin
        for (i = 0; i < 1024; i = i + 1) mem[i] = 8'd0;
        for (i = 0; i < weft_usb::ROM_BYTES; i = i + 1) mem[i] = weft_usb::ROM[8*i +: 8];
        mem[weft_usb::DEVICE_AT+8]  = VENDOR[7:0];
        mem[weft_usb::DEVICE_AT+9]  = VENDOR[15:8];
        mem[weft_usb::DEVICE_AT+10] = PRODUCT[7:0];
        mem[weft_usb::DEVICE_AT+11] = PRODUCT[15:8];
        for (i = 0; i < weft_usb::SERIAL_CHARS; i = i + 1)
            mem[weft_usb::SERIAL_AT+2+2*i] = SERIAL[8*(weft_usb::SERIAL_CHARS-1-i) +: 8];
    end

    always @(posedge clk) data <= mem[addr];

endmodule

`default_nettype wire
