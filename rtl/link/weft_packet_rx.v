// Receiver of the link: finds frames in the byte stream and presents them one at a time.
//
// While no frame is presented rx_ready is high and one byte is taken per cycle.  Outside a frame
// everything up to the two bytes of magic is dropped.  A frame is presented by `frame_valid`, with
//
//     frame_status   PKTST_OK      CRC right; the other fields are as the host sent them
//                    PKTST_CRC     CRC wrong; type and sequence as received, the rest means nothing
//                    PKTST_LENGTH  the header asks for more than PKT_MAX_PAYLOAD; presented right after the header,
//                                  the bytes that follow are hunted through
//     frame_bytes    length of the payload, 0..PKT_MAX_PAYLOAD
//     frame_head     payload bytes 0..15, byte i at bits [8*i +: 8]; undefined beyond frame_bytes
//
// and holds, with rx_ready low, until a cycle with `frame_done`; the next byte is taken in the
// cycle after.
//
// Payload bytes from 8 on are also put into the link's buffer as they come, before it is known
// whether the CRC is right: when MEM_BYTES of them are together, `put_valid` is high for one cycle
// with word number put_word (0 = bytes 8..8+MEM_BYTES-1).  A rest shorter than a word is not put.
// All puts of a frame are over before it is presented.
//
// Reset drops a half-received frame.

`default_nettype none

module weft_packet_rx #(
    parameter  integer MEM_BYTES = weft_isa::MEM_BYTES,        // bytes of a buffer word, a power of two, 4..32
    localparam integer BUFFER_W  = $clog2(weft_isa::PKT_MAX_DATA / MEM_BYTES)
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire                   rx_valid,
    output wire                   rx_ready,
    input  wire [7:0]             rx_data,

    output wire                   frame_valid,
    input  wire                   frame_done,
    output wire [7:0]             frame_status,
    output reg  [7:0]             frame_type,
    output reg  [7:0]             frame_sequence,
    output reg  [10:0]            frame_bytes,
    output reg  [127:0]           frame_head,

    output reg                    put_valid,
    output reg  [BUFFER_W-1:0]    put_word,
    output reg  [8*MEM_BYTES-1:0] put_data
);

    localparam integer LANE_W = $clog2(MEM_BYTES);
    localparam integer HEAD_BYTES = 8;                         // address and count in front of the data
    localparam [31:0] RESIDUE = 32'hdebb20e3;

    localparam [2:0] HUNT     = 3'd0;
    localparam [2:0] MAGIC    = 3'd1;                          // first byte of magic was seen
    localparam [2:0] HEADER   = 3'd2;
    localparam [2:0] PAYLOAD  = 3'd3;
    localparam [2:0] CHECK    = 3'd4;
    localparam [2:0] PRESENT  = 3'd5;

    reg [2:0]  state;
    reg [10:0] at;                                             // byte of the header, payload or CRC
    reg        too_long;

    wire        take = rx_valid && rx_ready;
    wire [31:0] crc;
    wire [15:0] length = {rx_data, frame_bytes[7:0]};
    wire [LANE_W+BUFFER_W-1:0] data_at = at[LANE_W+BUFFER_W-1:0] - HEAD_BYTES[LANE_W+BUFFER_W-1:0];

    assign rx_ready     = state != PRESENT;
    assign frame_valid  = state == PRESENT;
    assign frame_status = too_long       ? 8'(weft_isa::PKTST_LENGTH) :
                          crc != RESIDUE ? 8'(weft_isa::PKTST_CRC) : 8'(weft_isa::PKTST_OK);

    weft_crc32 u_crc32 (
        .clk(clk),
        .clear(state == MAGIC),
        .valid(take && (state == HEADER || state == PAYLOAD || state == CHECK)),
        .data(rx_data),
        .crc(crc));

    always @(posedge clk) begin : receiving
        reg [2:0] now;                                         // the state, read once before it is written
        reg       restart;                                     // the next byte is number 0
        now       = state;
        restart   = 1'b0;
        put_valid <= 1'b0;
        if (take) begin
            case (now)
                HUNT, MAGIC: begin
                    restart = 1'b1;
                    if (rx_data == 8'(weft_isa::PKT_MAGIC0))
                        state <= MAGIC;
                    else if (now == MAGIC && rx_data == 8'(weft_isa::PKT_MAGIC1))
                        state <= HEADER;
                    else
                        state <= HUNT;
                end
                HEADER: begin
                    case (at[1:0])
                        2'd0: frame_type <= rx_data;
                        2'd1: frame_sequence <= rx_data;
                        2'd2: frame_bytes <= {3'b0, rx_data};
                        2'd3: begin
                            restart     = 1'b1;
                            frame_bytes <= length[10:0];
                            too_long    <= length > 16'(weft_isa::PKT_MAX_PAYLOAD);
                            if (length > 16'(weft_isa::PKT_MAX_PAYLOAD))
                                state <= PRESENT;
                            else
                                state <= length == 16'd0 ? CHECK : PAYLOAD;
                        end
                    endcase
                end
                PAYLOAD: begin
                    if (at < 11'd16)
                        frame_head[8*at[3:0] +: 8] <= rx_data;
                    put_data  <= {rx_data, put_data[8*MEM_BYTES-1:8]};
                    put_word  <= data_at[LANE_W+BUFFER_W-1:LANE_W];
                    put_valid <= at >= HEAD_BYTES[10:0] && (&data_at[LANE_W-1:0]);
                    if (at == frame_bytes - 11'd1) begin
                        restart = 1'b1;
                        state   <= CHECK;
                    end
                end
                default:                                       // CHECK
                    if (at[1:0] == 2'd3)
                        state <= PRESENT;
            endcase
            at <= restart ? 11'd0 : at + 11'd1;
        end
        if (frame_valid && frame_done)
            state <= HUNT;
        if (rst) begin
            state     <= HUNT;
            put_valid <= 1'b0;
        end
    end

endmodule

`default_nettype wire
