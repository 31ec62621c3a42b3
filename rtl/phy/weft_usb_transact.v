// What the device answers to each packet: handshakes, data toggles, retries.
//
// Tokens for other addresses and endpoints, damaged packets, SOF and packets that do not belong here are not
// answered.  At most one answer is sent for each packet that ends, two cycles after its end_valid (tx_start).
//
//     SETUP       taken whatever goes on, acknowledged if its data is eight bytes
//     OUT data    STALL if halted, NAK without room, else ACK (at high speed NYET if the next packet has no room);
//                 one with the toggle of the last is a repetition whose ACK was lost: ACK, and dropped
//     IN          STALL if halted, NAK if nothing is offered, else data, the same until its ACK arrives
//     PING        at high speed: STALL, NAK or ACK as data would get
//
// An ACK counts only directly after the data it is for; any other packet in between means that it is lost.

`default_nettype none

module weft_usb_transact (
    input  wire       clk,
    input  wire       bus_reset,
    input  wire       high_speed,

    // Received packets (weft_usb_rx) and what is sent (weft_usb_tx).
    input  wire       data_valid,
    input  wire       end_valid,
    input  wire       end_good,
    input  wire [3:0] pid,
    input  wire [6:0] token_address,
    input  wire [3:0] token_endpoint,
    output reg        tx_start,
    output reg  [3:0] tx_pid,
    output reg        tx_bulk,                  // the payload comes from the bulk endpoint, not from endpoint 0

    // Endpoint 0 (weft_usb_control).
    input  wire [6:0] address,
    input  wire       configured,
    input  wire       halt_out,
    input  wire       halt_in,
    input  wire       reset_out,
    input  wire       reset_in,
    output reg        setup_begin,
    output wire       setup_push,
    output reg        setup_done,
    input  wire       setup_whole,
    output reg        control_start,
    output reg        control_acked,
    input  wire       control_busy,
    input  wire       control_stalled,
    input  wire       control_sending,
    input  wire       control_toggle,

    // Bulk endpoints (weft_usb_out, weft_usb_in).
    output reg        out_begin,
    output wire       out_push,
    output reg        out_commit,
    input  wire       out_too_long,
    input  wire       out_room,
    input  wire       out_room_two,
    input  wire       in_offer,
    output reg        in_start,
    output reg        in_acked
);

    localparam [3:0] OUT = 4'b0001, IN = 4'b1001, SETUP = 4'b1101, DATA0 = 4'b0011, DATA1 = 4'b1011;
    localparam [3:0] ACK = 4'b0010, NAK = 4'b1010, STALL = 4'b1110, NYET = 4'b0110, PING = 4'b0100;

    // What the next packet has to be, and for which endpoint.
    localparam [2:0] NOTHING = 3'd0, SETUP_DATA = 3'd1, CONTROL_DATA = 3'd2, BULK_DATA = 3'd3, CONTROL_ACK = 3'd4, BULK_ACK = 3'd5;

    reg [2:0]  expected;
    reg        room;                                           // for the packet that is expected
    reg        toggle_out, toggle_in;

    wire for_us  = token_address == address;
    wire control = for_us && token_endpoint == 4'd0;
    wire to_out  = for_us && configured && token_endpoint == 4'(weft_usb::ENDPOINT_OUT);
    wire to_in   = for_us && configured && token_endpoint == 4'(weft_usb::ENDPOINT_IN - 128);

    assign setup_push = data_valid && expected == SETUP_DATA;
    assign out_push   = data_valid && expected == BULK_DATA && room;

    wire [3:0] control_answer = control_stalled ? STALL : control_busy ? NAK : ACK;

    always @(posedge clk) begin : answer
        reg [2:0] now;
        now = expected;
        tx_start      <= 1'b0;
        setup_begin   <= 1'b0;
        setup_done    <= 1'b0;
        control_start <= 1'b0;
        control_acked <= 1'b0;
        out_begin     <= 1'b0;
        out_commit    <= 1'b0;
        in_start      <= 1'b0;
        in_acked      <= 1'b0;
        if (end_valid) expected <= NOTHING;
        if (end_valid && end_good)
            case (pid)
                SETUP: if (control) begin
                    setup_begin <= 1'b1;
                    expected    <= SETUP_DATA;
                end
                OUT: if (control) begin
                    expected  <= CONTROL_DATA;
                end else if (to_out) begin
                    out_begin <= 1'b1;
                    room      <= out_room;
                    expected  <= BULK_DATA;
                end
                IN: if (control) begin
                    tx_start <= 1'b1;
                    tx_bulk  <= 1'b0;
                    tx_pid   <= control_answer;
                    if (!control_stalled && !control_busy) begin
                        tx_pid        <= control_toggle ? DATA1 : DATA0;
                        control_start <= 1'b1;
                        expected      <= CONTROL_ACK;
                    end
                end else if (to_in) begin
                    tx_start <= 1'b1;
                    tx_bulk  <= 1'b1;
                    tx_pid   <= halt_in ? STALL : NAK;
                    if (!halt_in && in_offer) begin
                        tx_pid   <= toggle_in ? DATA1 : DATA0;
                        in_start <= 1'b1;
                        expected <= BULK_ACK;
                    end
                end
                PING: if (high_speed && (control || to_out)) begin
                    tx_start <= 1'b1;
                    tx_pid   <= control ? control_answer : halt_out ? STALL : out_room ? ACK : NAK;
                end
                DATA0, DATA1:
                    case (now)
                        SETUP_DATA: if (setup_whole && pid == DATA0) begin
                            setup_done <= 1'b1;
                            tx_start   <= 1'b1;
                            tx_pid     <= ACK;
                        end
                        CONTROL_DATA: begin
                            tx_start <= 1'b1;
                            tx_pid   <= control_answer == ACK && !control_sending ? STALL : control_answer;
                        end
                        BULK_DATA: if (!out_too_long) begin
                            tx_start <= 1'b1;
                            tx_pid   <= ACK;
                            if (halt_out) tx_pid <= STALL;
                            else if (pid[3] == toggle_out) begin
                                if (!room) tx_pid <= NAK;
                                else begin
                                    if (high_speed && !out_room_two) tx_pid <= NYET;
                                    out_commit <= 1'b1;
                                    toggle_out <= !toggle_out;
                                end
                            end
                        end
                        default: ;
                    endcase
                ACK: begin
                    control_acked <= now == CONTROL_ACK;
                    in_acked      <= now == BULK_ACK;
                    if (now == BULK_ACK) toggle_in <= !toggle_in;
                end
                default: ;
            endcase
        if (reset_out) toggle_out <= 1'b0;
        if (reset_in)  toggle_in <= 1'b0;
        if (bus_reset) begin
            expected <= NOTHING;
            tx_start <= 1'b0;
        end
    end

`ifdef FORMAL
    // The rules once more, of what came a cycle ago: when there is an answer, and which.  Bytes are kept only together with an
    // acknowledgement and with the next toggle, once each; what was sent is over only by an ACK right behind it.
    reg       f_past = 1'b0, f_whole, f_us, f_reset, f_config, f_high, f_high_room, f_room, f_ping_room, f_offer, f_eight, f_long;
    reg       f_toggle_out, f_toggle_in, f_resets_out, f_resets_in, f_halt_out, f_halt_in, f_stalled, f_busy, f_sending, f_toggle;
    reg [3:0] f_pid, f_endpoint;
    reg [2:0] f_expected;
    wire      f_zero   = f_us && f_endpoint == 4'd0;
    wire      f_bulk   = f_us && f_endpoint == 4'd1 && f_config;
    wire      f_data   = f_whole && (f_pid == 4'b0011 || f_pid == 4'b1011);
    wire      f_in     = f_whole && f_pid == 4'b1001;
    wire      f_asks   = f_whole && f_pid == 4'b0100 && f_high && (f_zero || f_bulk);
    wire      f_sends  = f_in && ((f_zero && !f_stalled && !f_busy) || (f_bulk && f_offer && !f_halt_in));
    wire      f_setup  = f_data && f_expected == SETUP_DATA && f_eight && !f_pid[3];
    wire      f_status = f_data && f_expected == CONTROL_DATA;
    wire      f_out    = f_data && f_expected == BULK_DATA && !f_long;
    wire      f_new    = f_out && !f_halt_out && (f_pid[3] ^ f_toggle_out ^ 1'b1);
    wire      f_acked  = f_whole && f_pid == 4'b0010;
    wire      f_token  = f_whole && f_us;

    always @(posedge clk) begin
        f_past       <= 1'b1;
        f_whole      <= end_valid ? end_good : 1'b0;           // not the design's own words
        f_us         <= ~|(token_address ^ address);
        f_reset      <= bus_reset;
        f_pid        <= pid;
        f_endpoint   <= token_endpoint;
        f_expected   <= expected;
        {f_config, f_high, f_high_room, f_ping_room}       <= {configured, high_speed, out_room_two, out_room};
        {f_room, f_offer, f_eight, f_long}                 <= {room, in_offer, setup_whole, out_too_long};
        {f_toggle_out, f_toggle_in, f_halt_out, f_halt_in} <= {toggle_out, toggle_in, halt_out, halt_in};
        {f_resets_out, f_resets_in, f_toggle}              <= {reset_out, reset_in, control_toggle};
        {f_stalled, f_busy, f_sending}                     <= {control_stalled, control_busy, control_sending};
    end
    always @(*) begin
        if (!f_past) assume (bus_reset && !end_valid);
        if (f_past) begin
            assert (tx_start == (!f_reset && ((f_in && (f_zero || f_bulk)) || f_asks || f_setup || f_status || f_out)));
            if (tx_start && f_sends) assert (tx_pid == {f_zero ? f_toggle : f_toggle_in, 3'b011} && tx_bulk == !f_zero);
            if (tx_start && !f_sends && f_in) assert (tx_pid == ((f_zero ? f_stalled : f_halt_in) ? 4'b1110 : 4'b1010));
            if (tx_start && f_asks && f_zero) assert (tx_pid == (f_stalled ? 4'b1110 : f_busy ? 4'b1010 : 4'b0010));
            if (tx_start && f_asks && f_bulk) assert (tx_pid == (f_halt_out ? 4'b1110 : f_ping_room ? 4'b0010 : 4'b1010));
            if (tx_start && f_setup) assert (tx_pid == 4'b0010);
            if (tx_start && f_status) assert (tx_pid == (f_stalled ? 4'b1110 : f_busy ? 4'b1010 : f_sending ? 4'b0010 : 4'b1110));
            if (tx_start && f_out) assert (tx_pid == (f_halt_out ? 4'b1110 : !f_new ? 4'b0010 : !f_room ? 4'b1010 :
                                                      f_high && !f_high_room ? 4'b0110 : 4'b0010));
            assert (out_commit == (f_new && f_room));
            assert (setup_done == f_setup);
            assert (control_start == (f_sends && f_zero) && in_start == (f_sends && f_bulk));
            assert (control_acked == (f_acked && f_expected == CONTROL_ACK) && in_acked == (f_acked && f_expected == BULK_ACK));
            assert (toggle_out == (f_resets_out ? 1'b0 : f_toggle_out ^ out_commit));
            assert (toggle_in == (f_resets_in ? 1'b0 : f_toggle_in ^ in_acked));
            assert (setup_begin == (f_token && f_zero && f_pid == 4'b1101) && out_begin == (f_token && f_bulk && f_pid == 4'b0001));
            if (out_begin) assert (room == f_ping_room);
            if (!f_reset && (setup_begin || out_begin)) assert (expected == (setup_begin ? SETUP_DATA : BULK_DATA));
            if (!f_reset && f_token && f_zero && f_pid == 4'b0001) assert (expected == CONTROL_DATA);
            if (!f_reset && f_sends) assert (expected == (f_zero ? CONTROL_ACK : BULK_ACK));
            if (f_reset) assert (expected == NOTHING);
            assert (expected <= BULK_ACK);
            assert (setup_push == (data_valid ? expected == 3'd1 : 1'b0));
            assert (out_push == (data_valid && room ? expected == 3'd3 : 1'b0));
        end
    end
`endif

endmodule

`default_nettype wire
