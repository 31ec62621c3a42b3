// The link: frames on two byte streams become register accesses, memory accesses and runs
// (isa/README.md, Packets; README.md beside this file says how nothing is lost or done twice).
//
//     rx -> weft_packet_rx -> weft_link_exec <-> register bus (weft_regs)
//                 |               |   |  ^------ weft_link_notice (DONE, ALIVE)
//                 v               v   |          |
//         weft_link_buffer -> weft_link_dma      |
//         weft_link_buffer <-     |   |          |
//                 |                   v          |
//                 +----------> weft_packet_tx <--+ -> tx
//
// rx takes LINK_BYTES bytes per cycle while one frame is executed and another comes in, and none while two
// are inside; tx gives as many.  While a reply is sent the next request is executed, but not a third: a host
// that does not read is not listened to.  A reply goes before DONE, DONE before ALIVE; frames never mix.
//
// MEM_WRITE goes to memory after its CRC was found right, MEM_READ is read completely before its
// reply begins, so a bus error is seen in the status.  Memory requests are served while a program
// runs.
//
// run_done is the cycle in which a run ends (done_pulse of weft_regs while busy). reset_req is high
// from the acceptance of a RESET packet through a cycle with reset_done; meanwhile the link has no
// memory access open, and run_done and heartbeats are ignored. weft_regs must be cleared by the end of
// the cycle of reset_done. `rst` works a cycle late (it is a pin, and registered
// in here), when nothing must be offered yet; it does not wait for open memory accesses: use it together with the memory.

`default_nettype none

module weft_link #(
    parameter integer MEM_BYTES  = weft_isa::MEM_BYTES,        // width of the memory port, a power of two, 4..32
    parameter [31:0]  MEM_SIZE   = 32'h00100000,               // bytes of device memory
    parameter integer LINK_BYTES = weft_isa::LINK_BYTES,       // width of the streams: 1, 2 or 4
    parameter integer LINK_DATA  = weft_isa::LINK_DATA         // longest data of a packet, a power of two, 32*MEM_BYTES..8192
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire                   rx_valid,
    output wire                   rx_ready,
    input  wire [8*LINK_BYTES-1:0] rx_data,                    // byte 0 first
    output wire                   tx_valid,
    input  wire                   tx_ready,
    output wire [8*LINK_BYTES-1:0] tx_data,

    output wire                   reg_valid,
    output wire                   reg_write,
    output wire [15:0]            reg_addr,
    output wire [31:0]            reg_wdata,
    input  wire                   reg_ready,
    input  wire [31:0]            reg_rdata,
    input  wire [7:0]             reg_status,

    input  wire                   run_done,
    input  wire [31:0]            heartbeat,
    input  wire [31:0]            status_value,
    input  wire [31:0]            err_index_value,
    input  wire [31:0]            cycles_value,
    input  wire [31:0]            commands_value,
    output wire                   reset_req,
    input  wire                   reset_done,

    output wire                   rd_req_valid,
    input  wire                   rd_req_ready,
    output wire [31:0]            rd_req_addr,
    output wire [4:0]             rd_req_beats,
    input  wire                   rd_rsp_valid,
    input  wire [8*MEM_BYTES-1:0] rd_rsp_data,
    input  wire                   rd_rsp_error,

    output wire                   wr_req_valid,
    input  wire                   wr_req_ready,
    output wire [31:0]            wr_req_addr,
    output wire [4:0]             wr_req_beats,
    output wire                   wr_data_valid,
    input  wire                   wr_data_ready,
    output wire [8*MEM_BYTES-1:0] wr_data,
    output wire [MEM_BYTES-1:0]   wr_strb,
    input  wire                   wr_done,
    input  wire                   wr_done_error
);

    localparam integer BUFFER_W = $clog2(2 * LINK_DATA / MEM_BYTES);   // both halves of a buffer
    localparam integer HALF_W   = BUFFER_W - 1;
    localparam integer WORDS_W  = $clog2(LINK_DATA / 4 + 1);

    wire                   frame_valid, frame_done, frame_slot;
    wire [7:0]             frame_status;
    wire [2:0]             head_at;
    wire [31:0]            head_word;
    wire                   rx_put_valid, rx_get_valid, tx_put_valid, tx_get_valid;
    wire [BUFFER_W-1:0]    rx_put_word, tx_get_word;
    wire [HALF_W-1:0]      rx_get_word, tx_put_word;
    wire [8*MEM_BYTES-1:0] rx_put_data, rx_get_data, tx_put_data, tx_get_data;
    wire                   dma_start, dma_write, dma_done, dma_error;
    wire [31:0]            dma_addr;
    wire [HALF_W:0]        dma_beats;
    wire                   reply_valid, reply_slot, done_waiting, notice_valid, notice_is_done, sends, sent;
    wire [2:0]             send_at, reply_words;
    wire [WORDS_W-1:0]     reply_data_words;
    wire [31:0]            reply_word, notice_payload, run_sequence;
    wire [15:0]            session;
    wire [1:0]             notice_words;
    reg                    sends_notice;                       // DONE or ALIVE, not a reply

    // Legal parameters; others end the elaboration, as in weft_legal.
    generate
        if (LINK_BYTES != 1 && LINK_BYTES != 2 && LINK_BYTES != 4) begin : g_link_bytes
            LINK_BYTES_is_not_1_2_or_4 u_refused ();
        end
        if (LINK_DATA < 32 * MEM_BYTES || LINK_DATA > weft_isa::PKT_MAX_DATA || (LINK_DATA & (LINK_DATA - 1)) != 0) begin : g_link_data
            LINK_DATA_is_no_power_of_two_32_MEM_BYTES_to_8192 u_refused ();
        end
    endgenerate

    // Asleep between frames.  While a frame is inside, frame_valid is up; between its end and the reply's first byte lie a few cycles.
    // What happens in here cannot begin while it sleeps, so it is looked at by its own clock.
    wire gclk;
    reg  busy, rst_q;
    always @(posedge gclk) rst_q <= rst;
    always @(posedge gclk) busy <= in_valid || frame_valid || tx_valid || reply_valid || notice_valid || done_waiting || reset_req;
    wire awake = rst_q || busy || run_done || heartbeat != 0;
    weft_gate #(.LINGER(32)) u_gate (.clk(clk), .awake(awake), .pin(rst || rx_valid), .gclk(gclk));

    // What the pins bring is registered: no logic hangs on them, and in a simulation none is evaluated while they rest.
    wire                    in_valid, in_ready;
    wire [8*LINK_BYTES-1:0] in_data;
    weft_skid #(.WIDTH(8 * LINK_BYTES)) u_skid (
        .clk(gclk), .rst(rst_q), .s_valid(rx_valid), .s_ready(rx_ready), .s_data(rx_data),
        .m_valid(in_valid), .m_ready(in_ready), .m_data(in_data));

    weft_packet_rx #(.LINK_BYTES(LINK_BYTES), .LINK_DATA(LINK_DATA), .MEM_BYTES(MEM_BYTES)) u_packet_rx (
        .clk(gclk), .rst(rst_q),
        .rx_valid(in_valid), .rx_ready(in_ready), .rx_data(in_data),
        .frame_valid(frame_valid), .frame_done(frame_done), .frame_status(frame_status), .frame_slot(frame_slot),
        .head_at(head_at), .head_word(head_word),
        .put_valid(rx_put_valid), .put_word(rx_put_word), .put_data(rx_put_data));

    weft_link_exec #(.MEM_BYTES(MEM_BYTES), .MEM_SIZE(MEM_SIZE), .LINK_DATA(LINK_DATA)) u_link_exec (
        .clk(gclk), .rst(rst_q),
        .frame_valid(frame_valid), .frame_done(frame_done), .frame_status(frame_status),
        .head_at(head_at), .head_word(head_word),
        .reply_valid(reply_valid), .reply_taken(sent && !sends_notice), .reply_at(send_at), .reply_word(reply_word),
        .reply_words(reply_words), .reply_data_words(reply_data_words), .reply_slot(reply_slot),
        .session(session), .run_sequence(run_sequence),
        .reg_valid(reg_valid), .reg_write(reg_write), .reg_addr(reg_addr), .reg_wdata(reg_wdata),
        .reg_ready(reg_ready), .reg_rdata(reg_rdata), .reg_status(reg_status),
        .dma_start(dma_start), .dma_write(dma_write), .dma_addr(dma_addr), .dma_beats(dma_beats),
        .dma_done(dma_done), .dma_error(dma_error),
        .done_waiting(done_waiting), .reset_req(reset_req), .reset_done(reset_done));

    weft_link_dma #(.MEM_BYTES(MEM_BYTES), .LINK_DATA(LINK_DATA)) u_link_dma (
        .clk(gclk), .rst(rst_q),
        .start(dma_start), .write(dma_write), .addr(dma_addr), .beats(dma_beats), .done(dma_done),
        .error(dma_error),
        .put_valid(tx_put_valid), .put_word(tx_put_word), .put_data(tx_put_data),
        .get_valid(rx_get_valid), .get_word(rx_get_word), .get_data(rx_get_data),
        .rd_req_valid(rd_req_valid), .rd_req_ready(rd_req_ready), .rd_req_addr(rd_req_addr),
        .rd_req_beats(rd_req_beats), .rd_rsp_valid(rd_rsp_valid), .rd_rsp_data(rd_rsp_data),
        .rd_rsp_error(rd_rsp_error),
        .wr_req_valid(wr_req_valid), .wr_req_ready(wr_req_ready), .wr_req_addr(wr_req_addr),
        .wr_req_beats(wr_req_beats), .wr_data_valid(wr_data_valid), .wr_data_ready(wr_data_ready),
        .wr_data(wr_data), .wr_strb(wr_strb), .wr_done(wr_done), .wr_done_error(wr_done_error));

    // What was received, until it has gone to memory; what was read, until it has been sent.
    weft_link_buffer #(.MEM_BYTES(MEM_BYTES), .LINK_DATA(LINK_DATA)) u_rx_buffer (
        .clk(gclk),
        .put_valid(rx_put_valid), .put_word(rx_put_word), .put_data(rx_put_data),
        .get_valid(rx_get_valid), .get_word({frame_slot, rx_get_word}), .get_data(rx_get_data));

    weft_link_buffer #(.MEM_BYTES(MEM_BYTES), .LINK_DATA(LINK_DATA)) u_tx_buffer (
        .clk(gclk),
        .put_valid(tx_put_valid), .put_word({reply_slot, tx_put_word}), .put_data(tx_put_data),
        .get_valid(tx_get_valid), .get_word(tx_get_word), .get_data(tx_get_data));

    weft_link_notice u_link_notice (
        .clk(gclk), .rst(rst_q), .clear(reset_req),
        .run_done(run_done), .heartbeat(heartbeat),
        .status_value(status_value), .err_index_value(err_index_value), .cycles_value(cycles_value),
        .commands_value(commands_value),
        .done_waiting(done_waiting),
        .notice_valid(notice_valid), .notice_start(sends && !reply_valid), .notice_taken(sent && sends_notice),
        .notice_is_done(notice_is_done), .notice_at(send_at[1:0] - 2'd3), .notice_word(notice_payload),
        .notice_words(notice_words));

    // Which of the two is sent is fixed when it begins.
    always @(posedge gclk)
        if (sends)
            sends_notice <= !reply_valid;

    reg [31:0] notice_word;
    always @(*)
        case (send_at)
            3'd0:    notice_word = {8'b0, notice_is_done ? 8'(weft_isa::PKT_DONE) : 8'(weft_isa::PKT_ALIVE),
                                    8'(weft_isa::PKT_MAGIC1), 8'(weft_isa::PKT_MAGIC0)};
            3'd1:    notice_word = {12'b0, notice_words, 2'b0, session};
            3'd2:    notice_word = notice_is_done ? run_sequence : 32'd0;
            default: notice_word = notice_payload;
        endcase

    weft_packet_tx #(.LINK_BYTES(LINK_BYTES), .LINK_DATA(LINK_DATA), .MEM_BYTES(MEM_BYTES)) u_packet_tx (
        .clk(gclk), .rst(rst_q),
        .frame_valid(reply_valid || notice_valid), .frame_start(sends), .frame_taken(sent),
        .head_at(send_at), .head_word(sends_notice ? notice_word : reply_word),
        .head_words(sends_notice ? 3'd3 + {1'b0, notice_words} : reply_words),
        .data_words(sends_notice ? {WORDS_W{1'b0}} : reply_data_words), .data_slot(reply_slot),
        .get_valid(tx_get_valid), .get_word(tx_get_word), .get_data(tx_get_data),
        .tx_valid(tx_valid), .tx_ready(tx_ready), .tx_data(tx_data));

endmodule

`default_nettype wire
