// The link: frames on two byte streams become register accesses, memory accesses and runs
// (isa/README.md, Packets).
//
//     rx -> weft_packet_rx -> weft_link_exec <-> register bus (weft_regs)
//                 |                |  |  ^------ weft_link_notice (DONE, ALIVE)
//                 v                |  v          |
//           weft_link_buffer <-> weft_link_dma   |
//                 |                |             |
//                 +----> weft_packet_tx <--------+ -> tx
//
// rx takes one byte per cycle while a frame comes in, and none from the end of a frame until its
// reply has been given to tx: one request is outstanding at a time, and a host that does not read
// is not listened to. tx gives one byte per cycle.  A reply goes before DONE, DONE before ALIVE;
// frames never mix.
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
    parameter integer MEM_BYTES = weft_isa::MEM_BYTES,         // width of the memory port, a power of two, 4..32
    parameter [31:0]  MEM_SIZE  = 32'h00100000                 // bytes of device memory
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire                   rx_valid,
    output wire                   rx_ready,
    input  wire [7:0]             rx_data,
    output wire                   tx_valid,
    input  wire                   tx_ready,
    output wire [7:0]             tx_data,

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

    localparam integer BUFFER_W = $clog2(weft_isa::PKT_MAX_DATA / MEM_BYTES);

    wire                   frame_valid, frame_done;
    wire [7:0]             frame_status, frame_type, frame_sequence;
    wire [10:0]            frame_bytes;
    wire [127:0]           frame_head;
    wire                   rx_put_valid, dma_put_valid;
    wire [BUFFER_W-1:0]    rx_put_word, dma_put_word;
    wire [8*MEM_BYTES-1:0] rx_put_data, dma_put_data;
    wire                   tx_get_valid, dma_get_valid;
    wire [BUFFER_W-1:0]    tx_get_word, dma_get_word;
    wire [8*MEM_BYTES-1:0] get_data;
    wire                   dma_start, dma_write, dma_done, dma_error;
    wire [31:0]            dma_addr;
    wire [BUFFER_W:0]      dma_beats;
    wire                   reply_valid, done_waiting, notice_valid, send_ready;
    wire [7:0]             reply_type, notice_type;
    wire [95:0]            reply_head, notice_head;
    wire [3:0]             reply_head_bytes, notice_head_bytes;
    wire [10:0]            reply_data_bytes;

    // Asleep between frames.  While a frame is inside, frame_valid is up; between its end and the reply's first byte lie a few cycles.
    // What happens in here cannot begin while it sleeps, so it is looked at by its own clock.
    wire gclk;
    reg  busy, rst_q;
    always @(posedge gclk) rst_q <= rst;
    always @(posedge gclk) busy <= frame_valid || tx_valid || reply_valid || notice_valid || done_waiting || reset_req;
    wire awake = rst_q || busy || run_done || heartbeat != 0;
    weft_gate #(.LINGER(32)) u_gate (.clk(clk), .awake(awake), .pin(rst || rx_valid), .gclk(gclk));

    weft_packet_rx #(.MEM_BYTES(MEM_BYTES)) u_packet_rx (
        .clk(gclk), .rst(rst_q),
        .rx_valid(rx_valid), .rx_ready(rx_ready), .rx_data(rx_data),
        .frame_valid(frame_valid), .frame_done(frame_done), .frame_status(frame_status),
        .frame_type(frame_type), .frame_sequence(frame_sequence), .frame_bytes(frame_bytes),
        .frame_head(frame_head),
        .put_valid(rx_put_valid), .put_word(rx_put_word), .put_data(rx_put_data));

    weft_link_exec #(.MEM_BYTES(MEM_BYTES), .MEM_SIZE(MEM_SIZE)) u_link_exec (
        .clk(gclk), .rst(rst_q),
        .frame_valid(frame_valid), .frame_done(frame_done), .frame_status(frame_status),
        .frame_type(frame_type), .frame_sequence(frame_sequence), .frame_bytes(frame_bytes),
        .frame_head(frame_head),
        .reply_valid(reply_valid), .reply_ready(send_ready), .reply_type(reply_type),
        .reply_head(reply_head), .reply_head_bytes(reply_head_bytes), .reply_data_bytes(reply_data_bytes),
        .reg_valid(reg_valid), .reg_write(reg_write), .reg_addr(reg_addr), .reg_wdata(reg_wdata),
        .reg_ready(reg_ready), .reg_rdata(reg_rdata), .reg_status(reg_status),
        .dma_start(dma_start), .dma_write(dma_write), .dma_addr(dma_addr), .dma_beats(dma_beats),
        .dma_done(dma_done), .dma_error(dma_error),
        .done_waiting(done_waiting), .reset_req(reset_req), .reset_done(reset_done));

    weft_link_dma #(.MEM_BYTES(MEM_BYTES)) u_link_dma (
        .clk(gclk), .rst(rst_q),
        .start(dma_start), .write(dma_write), .addr(dma_addr), .beats(dma_beats), .done(dma_done),
        .error(dma_error),
        .put_valid(dma_put_valid), .put_word(dma_put_word), .put_data(dma_put_data),
        .get_valid(dma_get_valid), .get_word(dma_get_word), .get_data(get_data),
        .rd_req_valid(rd_req_valid), .rd_req_ready(rd_req_ready), .rd_req_addr(rd_req_addr),
        .rd_req_beats(rd_req_beats), .rd_rsp_valid(rd_rsp_valid), .rd_rsp_data(rd_rsp_data),
        .rd_rsp_error(rd_rsp_error),
        .wr_req_valid(wr_req_valid), .wr_req_ready(wr_req_ready), .wr_req_addr(wr_req_addr),
        .wr_req_beats(wr_req_beats), .wr_data_valid(wr_data_valid), .wr_data_ready(wr_data_ready),
        .wr_data(wr_data), .wr_strb(wr_strb), .wr_done(wr_done), .wr_done_error(wr_done_error));

    // The receiver puts only before a frame is presented, the mover of data and the sender work
    // one after the other while it is: each port has one user at a time.
    weft_link_buffer #(.MEM_BYTES(MEM_BYTES)) u_link_buffer (
        .clk(gclk),
        .put_valid(rx_put_valid || dma_put_valid),
        .put_word(rx_put_valid ? rx_put_word : dma_put_word),
        .put_data(rx_put_valid ? rx_put_data : dma_put_data),
        .get_valid(tx_get_valid || dma_get_valid),
        .get_word(tx_get_valid ? tx_get_word : dma_get_word),
        .get_data(get_data));

    weft_link_notice u_link_notice (
        .clk(gclk), .rst(rst_q), .clear(reset_req),
        .run_done(run_done), .heartbeat(heartbeat),
        .status_value(status_value), .err_index_value(err_index_value), .cycles_value(cycles_value),
        .commands_value(commands_value),
        .done_waiting(done_waiting),
        .notice_valid(notice_valid), .notice_ready(send_ready && !reply_valid), .notice_type(notice_type),
        .notice_head(notice_head), .notice_head_bytes(notice_head_bytes));

    weft_packet_tx #(.MEM_BYTES(MEM_BYTES)) u_packet_tx (
        .clk(gclk), .rst(rst_q),
        .frame_valid(reply_valid || notice_valid), .frame_ready(send_ready),
        .frame_type(reply_valid ? reply_type : notice_type),
        .frame_sequence(reply_valid ? frame_sequence : 8'd0),
        .frame_head(reply_valid ? reply_head : notice_head),
        .frame_head_bytes(reply_valid ? reply_head_bytes : notice_head_bytes),
        .frame_data_bytes(reply_valid ? reply_data_bytes : 11'd0),
        .get_valid(tx_get_valid), .get_word(tx_get_word), .get_data(get_data),
        .tx_valid(tx_valid), .tx_ready(tx_ready), .tx_data(tx_data));

endmodule

`default_nettype wire
