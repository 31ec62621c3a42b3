// Sender of the link: turns one frame description after another into bytes, LINK_BYTES in a cycle.
//
// frame_start answers frame_valid and is high for one cycle; from then on the description must hold
// until frame_taken:
//
//     head_word     word head_at of the frame, 32 bits, in the same cycle: 0..2 the header, then the payload
//     head_words    number of these words, 4..6
//     data_words    further words of the payload, from the first of half data_slot of the link's buffer on
//
// From frame_taken until the next frame_start that half must not change.  It is read through
// `get_valid`, `get_word`; get_data shows that word from the next cycle on and holds it until the next
// get.  A frame of n bytes takes n / LINK_BYTES cycles and three more if tx_ready stays high.
//
// tx_valid and tx_data come from registers and hold until tx_ready.  Reset drops what is being
// sent.

`default_nettype none

module weft_packet_tx #(
    parameter  integer LINK_BYTES = weft_isa::LINK_BYTES,      // 1, 2 or 4
    parameter  integer LINK_DATA  = weft_isa::LINK_DATA,       // longest data of a frame, a power of two, 32*MEM_BYTES..8192
    parameter  integer MEM_BYTES  = weft_isa::MEM_BYTES,       // bytes of a buffer word, a power of two, 4..32
    localparam integer BUFFER_W   = $clog2(2 * LINK_DATA / MEM_BYTES),
    localparam integer WORDS_W    = $clog2(LINK_DATA / 4 + 1)
) (
    input  wire                    clk,
    input  wire                    rst,

    input  wire                    frame_valid,
    output wire                    frame_start,
    output wire                    frame_taken,
    output reg  [2:0]              head_at,
    input  wire [31:0]             head_word,
    input  wire [2:0]              head_words,
    input  wire [WORDS_W-1:0]      data_words,
    input  wire                    data_slot,

    output wire                    get_valid,
    output wire [BUFFER_W-1:0]     get_word,
    input  wire [8*MEM_BYTES-1:0]  get_data,

    output wire                    tx_valid,
    input  wire                    tx_ready,
    output wire [8*LINK_BYTES-1:0] tx_data
);

    localparam integer LANES = MEM_BYTES / 4;                 // words of four bytes in a buffer word
    localparam integer PARTS = 4 / LINK_BYTES;                // cycles for four bytes

    localparam [1:0] IDLE  = 2'd0;
    localparam [1:0] HEAD  = 2'd1;
    localparam [1:0] DATA  = 2'd2;
    localparam [1:0] CHECK = 2'd3;

    reg [1:0]          state;
    reg [31:0]         word;                                   // the next bytes are the lowest
    reg [2:0]          parts;                                  // of it, still to be sent
    reg                is_first;                               // the word is the first of its frame
    reg [WORDS_W-1:0]  data_left;
    reg [BUFFER_W-1:0] next_word;                              // of the buffer, to be read next
    reg [2:0]          lane;

    wire        move   = tx_valid && tx_ready;
    // When the next word comes: at once, or as the last part of this one moves; and whether it is the last of the head.
    // All that hangs on the pin is what is ANDed with `move`.
    reg         load_now, load_next, head_ends;
    always @(*)
        case (state)
            IDLE:    {load_now, load_next, head_ends} = 3'b000;
            CHECK:   {load_now, load_next, head_ends} = {parts == 3'd0, 2'b00};  // the CRC has taken all when the last part has
                                                                               // gone; that it takes itself too does no harm
            default: {load_now, load_next, head_ends} = {parts == 3'd0, parts == 3'd1, state == HEAD && head_at == head_words - 3'd1};
        endcase
    wire        load   = load_now || (load_next && move);
    wire        in_row = lane == 3'(LANES - 1);
    wire [31:0] crc;

    assign tx_valid    = parts != 3'd0;
    assign tx_data     = word[8*LINK_BYTES-1:0];
    assign frame_start = state == IDLE && frame_valid;
    assign frame_taken = load && head_ends;
    assign get_valid   = frame_taken || (load && state == DATA && in_row);
    assign get_word    = state == HEAD ? {data_slot, {BUFFER_W-1{1'b0}}} : next_word;

    weft_crc32 #(.BYTES(LINK_BYTES)) u_crc32 (
        .clk(clk),
        .first(is_first),
        .valid(move),
        .data(tx_data),
        .crc(crc));

    // The word read last of the buffer, four bytes of it.
    wire [31:0] lane_word;
    generate
        if (LANES == 1) begin : g_lane
            assign lane_word = get_data;
        end else begin : g_lanes
            assign lane_word = get_data[{lane[$clog2(LANES)-1:0], 5'b0} +: 32];
        end
    endgenerate

    always @(posedge clk) begin : sending
        reg [1:0] now;                                         // the state, read once before it is written
        now = state;
        if (move) begin
            word     <= word >> 8 * LINK_BYTES;
            parts    <= parts - 3'd1;
            is_first <= 1'b0;
        end
        if (load) begin
            parts <= 3'(PARTS);
            word  <= now == HEAD ? head_word : now == DATA ? lane_word : ~crc;
            case (now)
                HEAD: begin
                    is_first  <= head_at == 3'd0;
                    head_at   <= head_at + 3'd1;
                    data_left <= data_words;
                    next_word <= {data_slot, {BUFFER_W-2{1'b0}}, 1'b1};
                    lane      <= 3'd0;
                    if (frame_taken)
                        state <= data_words == {WORDS_W{1'b0}} ? CHECK : DATA;
                end
                DATA: begin
                    data_left <= data_left - 1'b1;
                    lane      <= in_row ? 3'd0 : lane + 3'd1;
                    if (in_row)
                        next_word <= next_word + 1'b1;
                    if (data_left == {{WORDS_W-1{1'b0}}, 1'b1})
                        state <= CHECK;
                end
                default: state <= IDLE;                        // CHECK
            endcase
        end
        if (frame_start) begin
            state   <= HEAD;
            head_at <= 3'd0;
        end
        if (rst) begin
            state <= IDLE;
            parts <= 3'd0;
        end
    end

endmodule

`default_nettype wire
