// Sender of the link: turns one frame description after another into bytes.
//
// A frame is taken in a cycle with frame_valid and frame_ready; its fields are copied then and
// need not hold:
//
//     frame_head_bytes   1..12 payload bytes from frame_head, byte i at bits [8*i +: 8]
//     frame_data_bytes   0..PKT_MAX_DATA further payload bytes, from word 0 of the link's buffer on
//
// Until frame_ready is high again the buffer must not change if there are data bytes.  It is read
// through `get_valid`, `get_word`; get_data shows that word from the next cycle on and holds it
// until the next get.  A frame of n payload bytes takes n + PKT_HEADER_BYTES + PKT_CRC_BYTES
// cycles if tx_ready stays high, and frames follow each other with one idle cycle.  frame_ready
// may be high again while the last byte still waits in tx_data.
//
// tx_valid and tx_data come from registers and hold until tx_ready.  Reset drops what is being
// sent.

`default_nettype none

module weft_packet_tx #(
    parameter  integer MEM_BYTES = weft_isa::MEM_BYTES,        // bytes of a buffer word, a power of two, 4..32
    localparam integer BUFFER_W  = $clog2(weft_isa::PKT_MAX_DATA / MEM_BYTES)
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire                   frame_valid,
    output wire                   frame_ready,
    input  wire [7:0]             frame_type,
    input  wire [7:0]             frame_sequence,
    input  wire [95:0]            frame_head,
    input  wire [3:0]             frame_head_bytes,
    input  wire [10:0]            frame_data_bytes,

    output wire                   get_valid,
    output wire [BUFFER_W-1:0]    get_word,
    input  wire [8*MEM_BYTES-1:0] get_data,

    output reg                    tx_valid,
    input  wire                   tx_ready,
    output reg  [7:0]             tx_data
);

    localparam integer LANE_W   = $clog2(MEM_BYTES);
    localparam integer DATA_W   = LANE_W + BUFFER_W;
    localparam integer HEADER_W = 8 * weft_isa::PKT_HEADER_BYTES;

    localparam [1:0] IDLE  = 2'd0;
    localparam [1:0] HEAD  = 2'd1;                             // header and first payload bytes
    localparam [1:0] DATA  = 2'd2;                             // payload bytes from the buffer
    localparam [1:0] CHECK = 2'd3;

    reg [1:0]           state;
    reg [HEADER_W+95:0] head;                                  // the next byte is the lowest
    reg [4:0]           head_left;
    reg [1:0]           magic_left;                            // bytes the CRC does not cover
    reg [DATA_W-1:0]    data_at;                               // byte of the buffer
    reg [10:0]          data_left;
    reg [1:0]           check_at;

    wire        start  = frame_valid && frame_ready;
    wire        move   = (state != IDLE) && (!tx_valid || tx_ready);
    wire [31:0] crc;
    wire [31:0] check  = ~crc;
    wire [7:0]  data_byte = get_data[8*data_at[LANE_W-1:0] +: 8];
    wire [7:0]  next_byte = state == HEAD ? head[7:0] :
                            state == DATA ? data_byte : check[8*check_at +: 8];
    wire [15:0] length = {12'b0, frame_head_bytes} + {5'b0, frame_data_bytes};
    wire [DATA_W-1:0] data_next = data_at + 1'b1;

    assign frame_ready = state == IDLE;
    // The word with the first byte is read while the header goes out, the next ones in time for
    // their first byte.
    assign get_valid = (start && frame_data_bytes != 11'd0) ||
                       (move && state == DATA && (&data_at[LANE_W-1:0]));
    assign get_word  = state == IDLE ? {BUFFER_W{1'b0}} : data_next[DATA_W-1:LANE_W];

    weft_crc32 u_crc32 (
        .clk(clk),
        .clear(start),
        .valid(move && magic_left == 2'd0 && state != CHECK),
        .data(next_byte),
        .crc(crc));

    always @(posedge clk) begin
        if (tx_ready)
            tx_valid <= 1'b0;
        if (move) begin
            tx_valid <= 1'b1;
            tx_data  <= next_byte;
            case (state)
                HEAD: begin
                    head      <= {8'b0, head[HEADER_W+95:8]};
                    if (magic_left != 2'd0)
                        magic_left <= magic_left - 2'd1;
                    if (head_left == 5'd1)
                        state <= data_left == 11'd0 ? CHECK : DATA;
                    head_left <= head_left - 5'd1;
                end
                DATA: begin
                    if (data_left == 11'd1)
                        state <= CHECK;
                    data_at   <= data_next;
                    data_left <= data_left - 11'd1;
                end
                default: begin                                 // CHECK
                    if (check_at == 2'd3)
                        state <= IDLE;
                    check_at <= check_at + 2'd1;
                end
            endcase
        end
        if (start) begin
            state      <= HEAD;
            head       <= {frame_head, length, frame_sequence, frame_type, 8'(weft_isa::PKT_MAGIC1),
                           8'(weft_isa::PKT_MAGIC0)};
            head_left  <= {1'b0, frame_head_bytes} + 5'(weft_isa::PKT_HEADER_BYTES);
            magic_left <= 2'd2;
            data_at    <= {DATA_W{1'b0}};
            data_left  <= frame_data_bytes;
            check_at   <= 2'd0;
        end
        if (rst) begin
            state    <= IDLE;
            tx_valid <= 1'b0;
        end
    end

endmodule

`default_nettype wire
