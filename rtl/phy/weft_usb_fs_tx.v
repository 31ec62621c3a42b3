// Sender of full-speed pins: synchronisation, bit stuffing, NRZI, end of packet; four cycles a bit.
//
// A packet goes out when the line has been J for TURN cycles: two bit times after the end of the packet it answers,
// which is the least that USB allows.  `tx_ready` takes a byte when its first bit begins.  `drive` is up from the
// first bit of the synchronisation to the J that ends the packet; then dp and dn are the pins.

`default_nettype none

module weft_usb_fs_tx #(
    parameter integer TURN = 8
) (
    input  wire       clk,
    input  wire       rst,
    input  wire [1:0] line,
    input  wire       tx_valid,
    input  wire [7:0] tx_data,
    output wire       tx_ready,
    output wire       drive,
    output reg        dp,
    output reg        dn
);

    localparam [2:0] IDLE = 3'd0, BYTES = 3'd1, END0 = 3'd2, END1 = 3'd3, END_J = 3'd4;

    reg [2:0] state;
    reg [1:0] phase;
    reg [3:0] quiet;                                           // cycles of J
    reg [7:0] shift;
    reg [2:0] left, ones;                                      // bits of the byte behind this one; ones in a row
    wire      may_begin = quiet == 4'(TURN);
    wire      stuff     = ones == 3'd6;
    wire      last_bit  = left == 3'd0;
    wire      tick      = phase == 2'd3;                       // the next cycle begins a bit

    assign drive    = state != IDLE;
    assign tx_ready = state == BYTES && tick && !stuff && last_bit && tx_valid;

    always @(posedge clk) begin
        phase <= phase + 2'd1;
        if (line != 2'b01 || drive) quiet <= 4'd0;
        else if (!may_begin) quiet <= quiet + 4'd1;
        case (state)
            IDLE: if (tx_valid && may_begin) begin             // the first bit of 0x80, the synchronisation, is a zero: K
                state <= BYTES;
                phase <= 2'd0;
                shift <= 8'h40;
                left  <= 3'd7;
                ones  <= 3'd0;
                dp    <= 1'b0;
                dn    <= 1'b1;
            end else begin
                dp    <= 1'b1;
                dn    <= 1'b0;
            end
            BYTES: if (tick) begin
                if (stuff || (last_bit ? tx_valid && !tx_data[0] : !shift[0])) begin
                    dp   <= !dp;                               // a zero, stuffed or sent
                    dn   <= dp;
                    ones <= 3'd0;
                end else begin
                    ones <= ones + 3'd1;
                end
                if (!stuff) begin
                    shift <= last_bit ? {1'b0, tx_data[7:1]} : {1'b0, shift[7:1]};
                    left  <= left - 3'd1;
                    if (last_bit && !tx_valid) begin
                        state <= END0;
                        dp    <= 1'b0;
                        dn    <= 1'b0;
                    end
                end
            end
            END0: if (tick) state <= END1;
            END1: if (tick) begin
                state <= END_J;
                dp    <= 1'b1;
            end
            default: if (tick) state <= IDLE;                  // END_J
        endcase
        if (rst) state <= IDLE;
    end

endmodule

`default_nettype wire
