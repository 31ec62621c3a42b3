// Constants of the USB device, printed from weft_usb.def by `make usb`.
//
// ROM holds byte i at bits [8*i +: 8]; <BLOCK>_AT and <BLOCK>_BYTES say where a block lies.

/* verilator lint_off UNUSEDPARAM */
package weft_usb;
    localparam integer VENDOR_ID = 4617; // pid.codes; the test pair 1209:0001, overridden by a parameter
    localparam integer PRODUCT_ID = 1; // as VENDOR_ID
    localparam integer DEVICE_RELEASE = 256; // bcdDevice
    localparam integer CLASS = 255; // vendor-specific; subclass and protocol say that it is Weft
    localparam integer SUBCLASS = 87; // with CLASS and PROTOCOL: how a host knows the device
    localparam integer PROTOCOL = 1; // byte streams with the frames of rtl/isa on the two bulk endpoints
    localparam integer ENDPOINT_OUT = 1; // bulk, host to device
    localparam integer ENDPOINT_IN = 129; // bulk, device to host
    localparam integer CONTROL_BYTES = 64; // largest packet of endpoint 0, at both speeds
    localparam integer BULK_BYTES_HIGH = 512; // largest packet of a bulk endpoint at high speed
    localparam integer BULK_BYTES_FULL = 64; // and at full speed
    localparam integer MAX_POWER = 250; // bMaxPower, in units of 2 mA
    localparam integer VENDOR_CODE = 87; // bRequest by which Windows asks for the MS OS 2.0 descriptors
    localparam integer MS_OS_BYTES = 162; // length of the MS OS 2.0 descriptor set
    localparam integer SERIAL_CHARS = 12; // length of the serial number, a parameter of the device
    localparam integer LANGUAGE = 1033; // of the strings: English
    localparam integer IF_CONFIGURED = 128; // the host has chosen the configuration
    localparam integer IF_CAPABLE = 64; // the front end can do high speed
    localparam integer IF_HIGH = 32; // the bus runs at high speed
    localparam integer IF_FULL = 16; // the bus runs at full speed
    localparam integer ALWAYS = 0; // no condition
    localparam integer ANY = 255; // fits every byte
    localparam integer ACT_STALL = 0; // refuse
    localparam integer ACT_ACCEPT = 1; // do nothing, with success
    localparam integer ACT_SEND = 2; // send the block
    localparam integer ACT_SEND_CONFIGURED = 3; // send the block; bit 0 of its first byte: configured
    localparam integer ACT_SEND_HALT_OUT = 4; // the same: is the OUT endpoint halted
    localparam integer ACT_SEND_HALT_IN = 5; // the same: is the IN endpoint halted
    localparam integer ACT_ADDRESS = 6; // take the address, after the status stage
    localparam integer ACT_UNCONFIGURE = 7; // endpoints off
    localparam integer ACT_CONFIGURE = 8; // endpoints on, not halted, toggles 0
    localparam integer ACT_CLEAR_OUT = 9; // OUT endpoint not halted, its toggle 0
    localparam integer ACT_CLEAR_IN = 10; // IN endpoint not halted, its toggle 0
    localparam integer ACT_HALT_OUT = 11; // OUT endpoint halted
    localparam integer ACT_HALT_IN = 12; // IN endpoint halted
    localparam integer NOTHING_AT = 248, NOTHING_BYTES = 1;
    localparam integer STATUS_AT = 252, STATUS_BYTES = 2;
    localparam integer ONE_BYTE_AT = 256, ONE_BYTE_BYTES = 1;
    localparam integer DEVICE_AT = 260, DEVICE_BYTES = 18;
    localparam integer QUALIFIER_AT = 280, QUALIFIER_BYTES = 10;
    localparam integer CONFIGURATION_HIGH_AT = 292, CONFIGURATION_HIGH_BYTES = 32;
    localparam integer CONFIGURATION_FULL_AT = 324, CONFIGURATION_FULL_BYTES = 32;
    localparam integer OTHER_SPEED_HIGH_AT = 356, OTHER_SPEED_HIGH_BYTES = 32;
    localparam integer OTHER_SPEED_FULL_AT = 388, OTHER_SPEED_FULL_BYTES = 32;
    localparam integer LANGUAGES_AT = 420, LANGUAGES_BYTES = 4;
    localparam integer MANUFACTURER_AT = 424, MANUFACTURER_BYTES = 10;
    localparam integer PRODUCT_AT = 436, PRODUCT_BYTES = 34;
    localparam integer SERIAL_AT = 472, SERIAL_BYTES = 26;
    localparam integer BOS_AT = 500, BOS_BYTES = 40;
    localparam integer MS_OS_20_AT = 540, MS_OS_20_BYTES = 162;
    localparam integer REQUESTS = 31; // rows of 8 bytes at the beginning
    localparam integer ROM_BYTES = 702;
    localparam [5615:0] ROM = {
        8'h00, 8'h00, 8'h00, 8'h00, 8'h00, 8'h7d, 8'h00, 8'h35, 8'h00, 8'h62, 8'h00, 8'h37, 8'h00, 8'h65, 8'h00, 8'h31,
        8'h00, 8'h34, 8'h00, 8'h63, 8'h00, 8'h38, 8'h00, 8'h64, 8'h00, 8'h36, 8'h00, 8'h66, 8'h00, 8'h32, 8'h00, 8'h2d,
        8'h00, 8'h36, 8'h00, 8'h33, 8'h00, 8'h61, 8'h00, 8'h39, 8'h00, 8'h2d, 8'h00, 8'h61, 8'h00, 8'h30, 8'h00, 8'h66,
        8'h00, 8'h34, 8'h00, 8'h2d, 8'h00, 8'h32, 8'h00, 8'h35, 8'h00, 8'h64, 8'h00, 8'h37, 8'h00, 8'h2d, 8'h00, 8'h65,
        8'h00, 8'h33, 8'h00, 8'h66, 8'h00, 8'h30, 8'h00, 8'h63, 8'h00, 8'h31, 8'h00, 8'h62, 8'h00, 8'h35, 8'h00, 8'h7b,
        8'h00, 8'h50, 8'h00, 8'h00, 8'h00, 8'h73, 8'h00, 8'h44, 8'h00, 8'h49, 8'h00, 8'h55, 8'h00, 8'h47, 8'h00, 8'h65,
        8'h00, 8'h63, 8'h00, 8'h61, 8'h00, 8'h66, 8'h00, 8'h72, 8'h00, 8'h65, 8'h00, 8'h74, 8'h00, 8'h6e, 8'h00, 8'h49,
        8'h00, 8'h65, 8'h00, 8'h63, 8'h00, 8'h69, 8'h00, 8'h76, 8'h00, 8'h65, 8'h00, 8'h44, 8'h00, 8'h2a, 8'h00, 8'h07,
        8'h00, 8'h04, 8'h00, 8'h84, 8'h00, 8'h00, 8'h00, 8'h00, 8'h00, 8'h00, 8'h00, 8'h00, 8'h00, 8'h00, 8'h42, 8'h53,
        8'h55, 8'h4e, 8'h49, 8'h57, 8'h00, 8'h03, 8'h00, 8'h14, 8'h00, 8'ha2, 8'h06, 8'h03, 8'h00, 8'h00, 8'h00, 8'h00,
        8'h00, 8'h0a, 8'h00, 8'h57, 8'h00, 8'ha2, 8'h06, 8'h03, 8'h00, 8'h00, 8'h9f, 8'h8a, 8'h64, 8'h9e, 8'h9d, 8'h65,
        8'hd2, 8'h9c, 8'h4c, 8'hc7, 8'h45, 8'h89, 8'hd8, 8'hdd, 8'h60, 8'hdf, 8'h00, 8'h05, 8'h10, 8'h1c, 8'h00, 8'h00,
        8'h00, 8'h00, 8'h02, 8'h10, 8'h07, 8'h02, 8'h00, 8'h28, 8'h0f, 8'h05, 8'h00, 8'h00, 8'h00, 8'h30, 8'h00, 8'h30,
        8'h00, 8'h30, 8'h00, 8'h30, 8'h00, 8'h30, 8'h00, 8'h30, 8'h00, 8'h30, 8'h00, 8'h30, 8'h00, 8'h30, 8'h00, 8'h30,
        8'h00, 8'h30, 8'h00, 8'h30, 8'h03, 8'h1a, 8'h00, 8'h00, 8'h00, 8'h72, 8'h00, 8'h6f, 8'h00, 8'h74, 8'h00, 8'h61,
        8'h00, 8'h72, 8'h00, 8'h65, 8'h00, 8'h6c, 8'h00, 8'h65, 8'h00, 8'h63, 8'h00, 8'h63, 8'h00, 8'h61, 8'h00, 8'h20,
        8'h00, 8'h74, 8'h00, 8'h66, 8'h00, 8'h65, 8'h00, 8'h57, 8'h03, 8'h22, 8'h00, 8'h00, 8'h00, 8'h74, 8'h00, 8'h66,
        8'h00, 8'h65, 8'h00, 8'h57, 8'h03, 8'h0a, 8'h04, 8'h09, 8'h03, 8'h04, 8'h00, 8'h00, 8'h40, 8'h02, 8'h81, 8'h05,
        8'h07, 8'h00, 8'h00, 8'h40, 8'h02, 8'h01, 8'h05, 8'h07, 8'h00, 8'h01, 8'h57, 8'hff, 8'h02, 8'h00, 8'h00, 8'h04,
        8'h09, 8'hfa, 8'h80, 8'h00, 8'h01, 8'h01, 8'h00, 8'h20, 8'h07, 8'h09, 8'h00, 8'h02, 8'h00, 8'h02, 8'h81, 8'h05,
        8'h07, 8'h00, 8'h02, 8'h00, 8'h02, 8'h01, 8'h05, 8'h07, 8'h00, 8'h01, 8'h57, 8'hff, 8'h02, 8'h00, 8'h00, 8'h04,
        8'h09, 8'hfa, 8'h80, 8'h00, 8'h01, 8'h01, 8'h00, 8'h20, 8'h07, 8'h09, 8'h00, 8'h00, 8'h40, 8'h02, 8'h81, 8'h05,
        8'h07, 8'h00, 8'h00, 8'h40, 8'h02, 8'h01, 8'h05, 8'h07, 8'h00, 8'h01, 8'h57, 8'hff, 8'h02, 8'h00, 8'h00, 8'h04,
        8'h09, 8'hfa, 8'h80, 8'h00, 8'h01, 8'h01, 8'h00, 8'h20, 8'h02, 8'h09, 8'h00, 8'h02, 8'h00, 8'h02, 8'h81, 8'h05,
        8'h07, 8'h00, 8'h02, 8'h00, 8'h02, 8'h01, 8'h05, 8'h07, 8'h00, 8'h01, 8'h57, 8'hff, 8'h02, 8'h00, 8'h00, 8'h04,
        8'h09, 8'hfa, 8'h80, 8'h00, 8'h01, 8'h01, 8'h00, 8'h20, 8'h02, 8'h09, 8'h00, 8'h00, 8'h00, 8'h01, 8'h40, 8'h00,
        8'h00, 8'h00, 8'h02, 8'h01, 8'h06, 8'h0a, 8'h00, 8'h00, 8'h01, 8'h03, 8'h02, 8'h01, 8'h01, 8'h00, 8'h00, 8'h01,
        8'h12, 8'h09, 8'h40, 8'h00, 8'h00, 8'h00, 8'h02, 8'h01, 8'h01, 8'h12, 8'h00, 8'h00, 8'h00, 8'h00, 8'h00, 8'h00,
        8'h00, 8'h00, 8'h00, 8'h00, 8'h00, 8'h00, 8'h3e, 8'h01, 8'h00, 8'hff, 8'hff, 8'hff, 8'hff, 8'hff, 8'h3e, 8'h01,
        8'h8c, 8'h81, 8'h00, 8'h00, 8'h03, 8'h02, 8'h3e, 8'h01, 8'h8b, 8'h01, 8'h00, 8'h00, 8'h03, 8'h02, 8'h3e, 8'h01,
        8'h8a, 8'h81, 8'h00, 8'h00, 8'h01, 8'h02, 8'h3e, 8'h01, 8'h89, 8'h01, 8'h00, 8'h00, 8'h01, 8'h02, 8'h3e, 8'h01,
        8'h01, 8'h80, 8'h00, 8'h00, 8'h01, 8'h02, 8'h3e, 8'h01, 8'h01, 8'h00, 8'h00, 8'h00, 8'h01, 8'h02, 8'h3e, 8'h01,
        8'h88, 8'h00, 8'h00, 8'h00, 8'h0b, 8'h01, 8'h3e, 8'h01, 8'h08, 8'h00, 8'h00, 8'h01, 8'h09, 8'h00, 8'h3e, 8'h01,
        8'h07, 8'h00, 8'h00, 8'h00, 8'h09, 8'h00, 8'h3e, 8'h01, 8'h06, 8'h00, 8'h00, 8'hff, 8'h05, 8'h00, 8'h40, 8'h01,
        8'h82, 8'h00, 8'h00, 8'h00, 8'h0a, 8'h81, 8'h40, 8'h01, 8'h03, 8'h00, 8'h00, 8'h00, 8'h08, 8'h80, 8'h3f, 8'h02,
        8'h85, 8'h81, 8'h00, 8'h00, 8'h00, 8'h82, 8'h3f, 8'h02, 8'h84, 8'h01, 8'h00, 8'h00, 8'h00, 8'h82, 8'h3f, 8'h02,
        8'h02, 8'h80, 8'h00, 8'h00, 8'h00, 8'h82, 8'h3f, 8'h02, 8'h02, 8'h00, 8'h00, 8'h00, 8'h00, 8'h82, 8'h3f, 8'h02,
        8'h82, 8'h00, 8'h00, 8'h00, 8'h00, 8'h81, 8'h3f, 8'h02, 8'h02, 8'h00, 8'h00, 8'h00, 8'h00, 8'h80, 8'h87, 8'ha2,
        8'h02, 8'h07, 8'h00, 8'h00, 8'h57, 8'hc0, 8'h7d, 8'h28, 8'h02, 8'hff, 8'h0f, 8'h00, 8'h06, 8'h80, 8'h59, 8'h20,
        8'h52, 8'hff, 8'h07, 8'h00, 8'h06, 8'h80, 8'h61, 8'h20, 8'h62, 8'hff, 8'h07, 8'h00, 8'h06, 8'h80, 8'h46, 8'h0a,
        8'h42, 8'hff, 8'h06, 8'h00, 8'h06, 8'h80, 8'h76, 8'h1a, 8'h02, 8'hff, 8'h03, 8'h03, 8'h06, 8'h80, 8'h6d, 8'h22,
        8'h02, 8'hff, 8'h03, 8'h02, 8'h06, 8'h80, 8'h6a, 8'h0a, 8'h02, 8'hff, 8'h03, 8'h01, 8'h06, 8'h80, 8'h69, 8'h04,
        8'h02, 8'hff, 8'h03, 8'h00, 8'h06, 8'h80, 8'h51, 8'h20, 8'h12, 8'hff, 8'h02, 8'h00, 8'h06, 8'h80, 8'h49, 8'h20,
        8'h22, 8'hff, 8'h02, 8'h00, 8'h06, 8'h80, 8'h41, 8'h12, 8'h02, 8'hff, 8'h01, 8'h00, 8'h06, 8'h80};
endpackage
/* verilator lint_on UNUSEDPARAM */
