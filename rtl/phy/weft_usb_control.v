// Control transfers of endpoint 0: looks the request up in the ROM and carries it out.
//
// weft_usb_transact tells what happens on the endpoint: `setup_begin` a SETUP token (whatever was going on is over),
// setup_push each byte behind it, setup_done that these were eight and right.  Then the rows of the table are
// compared, one byte a cycle, at most 8 * REQUESTS + 4 cycles; until the answer is known `busy` (NAK).  After it:
//
//     stalled     the request is refused: STALL until the next SETUP
//     sending     IN sends src_*, at most CONTROL_BYTES a packet, when `in_start`, and goes on after `in_acked`;
//                 behind the last byte an empty packet; OUT is the status stage and always acknowledged
//     otherwise   a request without data: IN is the status stage, an empty packet
//
// `toggle` is that of the next IN packet.  An address is taken when its status stage is acknowledged, everything else
// when the answer is found.  reset_out and reset_in are high for a cycle when the data toggle of a bulk endpoint
// begins again.  `bus_reset` takes address, configuration and halts away.

`default_nettype none

module weft_usb_control #(
    parameter [0:0]  CAPABLE = 1'b1,                           // the front end can do high speed
    parameter [15:0] VENDOR  = 16'(weft_usb::VENDOR_ID),
    parameter [15:0] PRODUCT = 16'(weft_usb::PRODUCT_ID),
    parameter [8*weft_usb::SERIAL_CHARS-1:0] SERIAL = "000000000000"
) (
    input  wire       clk,
    input  wire       bus_reset,
    input  wire       high_speed,

    input  wire       setup_begin,
    input  wire       setup_push,
    input  wire [7:0] setup_data,
    input  wire       setup_done,
    output wire       setup_whole,              // eight bytes have come
    input  wire       in_start,
    input  wire       in_acked,

    output wire       busy,
    output wire       stalled,
    output wire       sending,
    output reg        toggle,
    output wire       src_any,
    output wire       src_last,
    output wire [7:0] src_data,
    input  wire       src_take,

    output reg  [6:0] address,
    output reg        configured,
    output reg        halt_out,
    output reg        halt_in,
    output reg        reset_out,
    output reg        reset_in
);

    localparam [2:0] STALLED = 3'd0, SEARCH = 3'd1, FOUND = 3'd2, SEND = 3'd3, STATUS = 3'd4;

    reg  [2:0] state;
    reg  [9:0] at, base, end_at;                               // byte of the ROM; begin of the packet; end of the block
    reg  [5:0] left;                                           // bytes the packet may still have, less one
    reg        first_packet, at_first;                         // nothing of the block is acknowledged; its first byte is next
    reg  [6:0] new_address;
    wire [7:0] rom_data;
    reg        rom_valid;                                      // rom_data belongs to byte `at` - 1 of the table

    assign busy    = state == SEARCH || state == FOUND;
    assign stalled = state == STALLED;
    assign sending = state == SEND;

    // The eight bytes of the request.
    reg  [7:0] setup [0:7];
    reg  [3:0] setup_count;
    wire [2:0] column = at[2:0] - 3'd1;                        // of the row that rom_data belongs to
    wire [7:0] asked  = setup[column];
    assign setup_whole = setup_count == 4'd8;

    always @(posedge clk) begin
        if (setup_push) begin
            if (!setup_count[3]) setup[setup_count[2:0]] <= setup_data;
            if (setup_count != 4'd9) setup_count <= setup_count + 4'd1;
        end
        if (setup_begin) setup_count <= 4'd0;
    end

    // A row fits if its first five bytes do and its conditions hold.
    reg        fits, to_host, wants_data;
    reg  [3:0] action;
    reg  [7:0] length;                                         // of the block, then of what is sent of it
    reg  [7:0] wanted;                                         // low byte of wLength
    wire       same    = rom_data == 8'(weft_usb::ANY) || rom_data == asked;
    wire       allowed = (configured || !rom_data[7]) && (CAPABLE || !rom_data[6]) &&
                         (high_speed || !rom_data[5]) && (!high_speed || !rom_data[4]);
    wire       whole   = asked != 8'd0 || wanted > length;     // wLength is more than there is
    wire       refused = action == 4'(weft_usb::ACT_STALL) || (!to_host && wants_data);
    wire       patched = action == 4'(weft_usb::ACT_SEND_CONFIGURED) ? configured :
                         action == 4'(weft_usb::ACT_SEND_HALT_OUT) ? halt_out :
                         action == 4'(weft_usb::ACT_SEND_HALT_IN) && halt_in;

    assign src_any  = base != end_at;
    assign src_last = left == 6'd0 || at + 10'd1 == end_at;
    assign src_data = {rom_data[7:1], rom_data[0] || (at_first && patched)};

    wire [9:0] at_next = state == SEARCH ? at + 10'd1 :
                         in_start        ? base :
                                           at + {9'd0, src_take};

    weft_usb_rom #(.VENDOR(VENDOR), .PRODUCT(PRODUCT), .SERIAL(SERIAL)) u_rom (
        .clk(clk), .addr(state == SEARCH ? at : at_next), .data(rom_data));

    always @(posedge clk) begin
        reset_out <= 1'b0;
        reset_in  <= 1'b0;
        at        <= at_next;
        rom_valid <= state == SEARCH;
        if (state == SEARCH && rom_valid)
            case (column)
                3'd0: begin
                    fits    <= same;
                    to_host <= asked[7];
                end
                3'd2: begin
                    fits        <= fits && same;
                    new_address <= asked[6:0];
                end
                3'd5: begin
                    fits   <= fits && allowed;
                    action <= rom_data[3:0];
                end
                3'd6: begin
                    length     <= rom_data;
                    wanted     <= asked;
                    wants_data <= asked != 8'd0;
                end
                3'd7: begin
                    base       <= {rom_data, 2'b00};
                    if (!whole) length <= wanted;
                    wants_data <= wants_data || asked != 8'd0;
                    if (fits) state <= FOUND;
                end
                default: fits <= fits && same;
            endcase
        if (state == FOUND) begin
            end_at   <= base + {2'd0, length};
            at_first <= 1'b1;
            state    <= refused ? STALLED : to_host ? SEND : STATUS;
            if (!refused)
                case (action)
                    4'(weft_usb::ACT_UNCONFIGURE): configured <= 1'b0;
                    4'(weft_usb::ACT_CONFIGURE): begin
                        configured <= 1'b1;
                        halt_out   <= 1'b0;
                        halt_in    <= 1'b0;
                        reset_out  <= 1'b1;
                        reset_in   <= 1'b1;
                    end
                    4'(weft_usb::ACT_CLEAR_OUT): begin
                        halt_out  <= 1'b0;
                        reset_out <= 1'b1;
                    end
                    4'(weft_usb::ACT_CLEAR_IN): begin
                        halt_in  <= 1'b0;
                        reset_in <= 1'b1;
                    end
                    4'(weft_usb::ACT_HALT_OUT): halt_out <= 1'b1;
                    4'(weft_usb::ACT_HALT_IN):  halt_in <= 1'b1;
                    default: ;
                endcase
        end
        if (src_take) begin
            left     <= left - 6'd1;
            at_first <= 1'b0;
        end
        if (in_start) begin
            left     <= 6'(weft_usb::CONTROL_BYTES - 1);
            at_first <= first_packet;
        end
        if (in_acked && state == SEND) begin
            base         <= at;
            first_packet <= 1'b0;
            toggle       <= !toggle;
        end
        if (in_acked && state == STATUS && action == 4'(weft_usb::ACT_ADDRESS)) address <= new_address;
        if (setup_done) begin
            state        <= SEARCH;
            at           <= 10'd0;
            rom_valid    <= 1'b0;
            toggle       <= 1'b1;
            first_packet <= 1'b1;
        end
        if (setup_begin) state <= STALLED;
        if (bus_reset) begin
            state      <= STALLED;
            address    <= 7'd0;
            configured <= 1'b0;
            halt_out   <= 1'b0;
            halt_in    <= 1'b0;
            reset_out  <= 1'b1;
            reset_in   <= 1'b1;
        end
    end

endmodule

`default_nettype wire
