// Receiver of the link: finds frames in the byte stream and presents them in order.
//
// LINK_BYTES bytes come in a cycle, byte 0 (bits 7:0) first.  Outside a frame everything up to the two
// bytes of magic is dropped; a frame may begin at any byte.  Two frames can be inside: one that is
// presented and one that comes in or waits; while two wait rx_ready is low.
//
// A frame is presented by `frame_valid` until a cycle with `frame_done`, with
//
//     frame_status   PKTST_OK      CRC right; the words are as the host sent them
//                    PKTST_CRC     CRC wrong; the words are as received
//                    PKTST_LENGTH  the header asks for more than 8 + LINK_DATA bytes or for no multiple of four;
//                                  presented right after the header, the bytes that follow are hunted through
//     head_word      word head_at of the frame, 32 bits: 0..2 the header, 3..6 the first 16 bytes of the payload;
//                    undefined beyond the payload; the same cycle
//     frame_slot     the half of the link's buffer that its data are in
//
// Payload bytes from 8 on are put into that half as they come, before it is known whether the CRC
// is right: when MEM_BYTES of them are together, `put_valid` is high for one cycle.  put_word is the half
// and the number of the word in it (0 = bytes 8..8+MEM_BYTES-1).  A rest shorter than a word is not
// put.  All puts of a frame are over before it is presented.
//
// Reset drops everything.
//
// How: `past` are the last three bytes, so every four bytes in a row can be seen at once.  In a hunt each
// place where they can begin is compared; then the frame comes as words of four bytes from that place.
// The CRC is behind by the word that is looked at, so the check can be compared as it arrives.

`default_nettype none

module weft_packet_rx #(
    parameter  integer LINK_BYTES = weft_isa::LINK_BYTES,      // 1, 2 or 4
    parameter  integer LINK_DATA  = weft_isa::LINK_DATA,       // longest data of a frame, a power of two, 32*MEM_BYTES..8192
    parameter  integer MEM_BYTES  = weft_isa::MEM_BYTES,       // bytes of a buffer word, a power of two, 4..32
    localparam integer BUFFER_W   = $clog2(2 * LINK_DATA / MEM_BYTES)
) (
    input  wire                    clk,
    input  wire                    rst,

    input  wire                    rx_valid,
    output wire                    rx_ready,
    input  wire [8*LINK_BYTES-1:0] rx_data,

    output wire                    frame_valid,
    input  wire                    frame_done,
    output wire [7:0]              frame_status,
    output wire                    frame_slot,
    input  wire [2:0]              head_at,
    output wire [31:0]             head_word,

    output reg                     put_valid,
    output reg  [BUFFER_W-1:0]     put_word,
    output reg  [8*MEM_BYTES-1:0]  put_data
);

    localparam integer LANES   = MEM_BYTES / 4;                // words of four bytes in a buffer word
    localparam integer PUT_W   = 8 * MEM_BYTES;
    localparam integer DATA_W  = BUFFER_W - 1 + $clog2(LANES); // counts such words in half of the buffer
    localparam integer PHASES  = 4 / LINK_BYTES;               // cycles for four bytes
    localparam integer WORDS_W = $clog2(LINK_DATA / 4 + 3);
    localparam [DATA_W-1:0] LAST_LANE = DATA_W'(LANES - 1);
    localparam [15:0]  LONGEST = 16'(LINK_DATA + 8);
    localparam [15:0]  MAGIC   = {8'(weft_isa::PKT_MAGIC1), 8'(weft_isa::PKT_MAGIC0)};

    localparam [1:0] HUNT    = 2'd0;
    localparam [1:0] HEADER  = 2'd1;
    localparam [1:0] PAYLOAD = 2'd2;
    localparam [1:0] CHECK   = 2'd3;

    reg [1:0]         state;
    reg [1:0]         place;                                   // where in `seen` the words of this frame begin
    reg [1:0]         phase;                                   // cycles until the next word is complete
    reg [2:0]         stale;                                   // bytes of `past` that an earlier frame has had
    reg [23:0]        past;
    reg [2:0]         at;                                      // word of the frame, stays at 7
    reg [WORDS_W-1:0] left;                                    // words of the payload still to come
    reg [DATA_W-1:0]  data_at;
    reg               too_long;

    // The frames inside.
    reg        slot_in, slot_out;
    reg [1:0]  waiting;
    reg [1:0]  bad [0:1];
    reg [31:0] head [0:15];

    assign rx_ready     = waiting != 2'd2;
    assign frame_valid  = waiting != 2'd0;
    assign frame_slot   = slot_out;
    assign frame_status = {6'b0, bad[slot_out]};
    assign head_word    = head[{slot_out, head_at}];

    wire take = rx_valid && rx_ready;
    wire [24+8*LINK_BYTES-1:0] seen = {rx_data, past};

    reg       found;
    reg [1:0] found_at;
    always @(*) begin : hunting
        integer k;
        found    = 1'b0;
        found_at = 2'd0;
        for (k = LINK_BYTES - 1; k >= 0; k = k - 1)
            if (seen[8*k +: 16] == MAGIC && stale <= k[2:0]) begin
                found    = 1'b1;
                found_at = k[1:0];
            end
    end

    wire [1:0]  here  = LINK_BYTES == 1 ? 2'd0 : state == HUNT ? found_at : place;
    wire [31:0] word  = seen[8*here +: 32];
    wire        whole = take && (state == HUNT ? found : phase == 2'd0);
    wire [31:0] crc;

    weft_crc32 #(.BYTES(LINK_BYTES)) u_crc32 (
        .clk(clk),
        .first(state == HUNT),
        .valid(take),
        .data(word[8*LINK_BYTES-1:0]),
        .crc(crc));

    wire ends = whole && (state == CHECK || (state == HEADER && at == 3'd2 && too_long));

    always @(posedge clk) begin : receiving
        reg [1:0] now;                                         // the state, read once before it is written
        reg       is_data;
        now       = state;
        is_data   = whole && now == PAYLOAD && at >= 3'd5;
        put_valid <= is_data && (data_at & LAST_LANE) == LAST_LANE;
        if (is_data) begin
            put_data <= PUT_W'({word, put_data} >> 32);
            put_word <= {slot_in, data_at[DATA_W-1:$clog2(LANES)]};
            data_at  <= data_at + 1'b1;
        end
        if (take) begin
            past  <= seen[8*LINK_BYTES +: 24];
            phase <= phase == 2'd0 || now == HUNT ? 2'(PHASES - 1) : phase - 2'd1;
            stale <= stale > 3'(LINK_BYTES) ? stale - 3'(LINK_BYTES) : 3'd0;
        end
        if (whole) begin
            if (at != 3'd7)
                head[{slot_in, at}] <= word;
            if (at != 3'd7)
                at <= at + 3'd1;
            case (now)
                HUNT: begin
                    place   <= found_at;
                    data_at <= {DATA_W{1'b0}};
                    state   <= HEADER;
                end
                HEADER:
                    if (at == 3'd1) begin
                        left     <= word[18 +: WORDS_W];
                        too_long <= word[31:16] > LONGEST || word[17:16] != 2'b0;
                    end else
                        state <= too_long ? HUNT : left == {WORDS_W{1'b0}} ? CHECK : PAYLOAD;
                PAYLOAD: begin
                    left <= left - 1'b1;
                    if (left == {{WORDS_W-1{1'b0}}, 1'b1})
                        state <= CHECK;
                end
                default: state <= HUNT;                        // CHECK
            endcase
        end
        if (ends) begin
            bad[slot_in] <= now == HEADER ? 2'(weft_isa::PKTST_LENGTH) :
                            crc != ~word  ? 2'(weft_isa::PKTST_CRC) : 2'(weft_isa::PKTST_OK);
            slot_in      <= !slot_in;
            at           <= 3'd0;
            stale        <= {1'b0, here} + 3'(4 - LINK_BYTES);
        end
        waiting <= waiting + {1'b0, ends} - {1'b0, frame_valid && frame_done};
        if (frame_valid && frame_done)
            slot_out <= !slot_out;
        if (rst) begin
            state     <= HUNT;
            at        <= 3'd0;
            stale     <= 3'd3;
            waiting   <= 2'd0;
            slot_in   <= 1'b0;
            slot_out  <= 1'b0;
            put_valid <= 1'b0;
        end
    end

`ifndef SYNTHESIS
    initial if (LINK_BYTES != 1 && LINK_BYTES != 2 && LINK_BYTES != 4)
        $fatal(1, "%m: LINK_BYTES must be 1, 2 or 4");
`endif

endmodule

`default_nettype wire
