// Sender of packets: identifier, payload, CRC16.
//
// `start` for a cycle, while tx_valid is down, sends a packet with `pid`: a handshake, or, with pid[1:0] = 3, data.
// The payload comes from a source that shows its next byte: src_any says with `start` and until the identifier is
// taken whether there is one, src_last with the last byte; after src_take the next byte is there in the next cycle.
//
// tx_valid stays up from the first byte of a packet to its last, one a cycle if tx_ready, and is down for at least a
// cycle between packets.

`default_nettype none

module weft_usb_tx (
    input  wire       clk,
    input  wire       rst,

    input  wire       start,
    input  wire [3:0] pid,
    input  wire       src_any,
    input  wire       src_last,
    input  wire [7:0] src_data,
    output wire       src_take,

    output wire       tx_valid,
    output reg  [7:0] tx_data,
    input  wire       tx_ready
);

    localparam [2:0] IDLE = 3'd0, IDENTIFY = 3'd1, PAYLOAD = 3'd2, CRC_LOW = 3'd3, CRC_HIGH = 3'd4;

    reg  [2:0]  state;
    reg  [3:0]  sent_pid;
    wire [15:0] crc;

    assign tx_valid = state != IDLE;
    assign src_take = state == PAYLOAD && tx_ready;

    weft_usb_crc16 u_crc16 (.clk(clk), .clear(state == IDENTIFY), .valid(src_take), .data(src_data), .crc(crc));

    always @(*)
        case (state)
            PAYLOAD:  tx_data = src_data;
            CRC_LOW:  tx_data = ~crc[7:0];
            CRC_HIGH: tx_data = ~crc[15:8];
            default:  tx_data = {~sent_pid, sent_pid};
        endcase

    always @(posedge clk) begin
        if (tx_ready)
            case (state)
                IDENTIFY: state <= sent_pid[1:0] != 2'b11 ? IDLE : src_any ? PAYLOAD : CRC_LOW;
                PAYLOAD:  if (src_last) state <= CRC_LOW;
                CRC_LOW:  state <= CRC_HIGH;
                CRC_HIGH: state <= IDLE;
                default: ;
            endcase
        if (start && !tx_valid) begin
            state    <= IDENTIFY;
            sent_pid <= pid;
        end
        if (rst) state <= IDLE;
    end

endmodule

`default_nettype wire
