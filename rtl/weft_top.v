// The chip: the link on one side, device memory on the other.  Wiring only.
//
// rx, tx: the byte stream of the host (frames of isa/README.md).  m_axi: AXI4 master, 32-bit
// addresses, one ID, INCR bursts of at most 16 beats; rready and bready are constantly high.

`default_nettype none
`include "weft_params.vh"

module weft_top #(
    `WEFT_PARAMETERS,
    parameter integer LINK_BYTES  = weft_isa::LINK_BYTES,   // width of rx and tx: 1, 2 or 4
    parameter integer LINK_DATA   = weft_isa::LINK_DATA,    // longest data of a memory packet
    parameter integer LINK_WINDOW = weft_isa::LINK_WINDOW,  // requests a host may have outstanding
    parameter integer LUT_CELLS   = 0,                      // cells of the array with a multiplier of look-up tables
    parameter integer SMALL       = 0                       // 1: fewer LUTs for some cycles: queues of commands in block RAM, 16 open writes of 32
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire                   rx_valid,
    output wire                   rx_ready,
    input  wire [8*LINK_BYTES-1:0] rx_data,                 // byte 0 first
    output wire                   tx_valid,
    input  wire                   tx_ready,
    output wire [8*LINK_BYTES-1:0] tx_data,

    output wire                   m_axi_arvalid,
    input  wire                   m_axi_arready,
    output wire [31:0]            m_axi_araddr,
    output wire [7:0]             m_axi_arlen,
    output wire [2:0]             m_axi_arsize,
    output wire [1:0]             m_axi_arburst,
    input  wire                   m_axi_rvalid,
    output wire                   m_axi_rready,
    input  wire [8*MEM_BYTES-1:0] m_axi_rdata,
    input  wire [1:0]             m_axi_rresp,
    input  wire                   m_axi_rlast,
    output wire                   m_axi_awvalid,
    input  wire                   m_axi_awready,
    output wire [31:0]            m_axi_awaddr,
    output wire [7:0]             m_axi_awlen,
    output wire [2:0]             m_axi_awsize,
    output wire [1:0]             m_axi_awburst,
    output wire                   m_axi_wvalid,
    input  wire                   m_axi_wready,
    output wire [8*MEM_BYTES-1:0] m_axi_wdata,
    output wire [MEM_BYTES-1:0]   m_axi_wstrb,
    output wire                   m_axi_wlast,
    input  wire                   m_axi_bvalid,
    output wire                   m_axi_bready,
    input  wire [1:0]             m_axi_bresp
);

    wire        reg_valid, reg_write, reg_ready, run_done, reset_req, reset_done;
    wire [15:0] reg_addr;
    wire [31:0] reg_wdata, reg_rdata, heartbeat, status_value, err_index_value, cycles_value, commands_value;
    wire [7:0]  reg_status;
    wire        rd_req_valid, rd_req_ready, rd_rsp_valid, rd_rsp_error;
    wire        wr_req_valid, wr_req_ready, wr_data_valid, wr_data_ready, wr_done, wr_done_error;
    wire [31:0] rd_req_addr, wr_req_addr;
    wire [4:0]  rd_req_beats, wr_req_beats;
    wire [8*MEM_BYTES-1:0] rd_rsp_data, wr_data;
    wire [MEM_BYTES-1:0]   wr_strb;

    generate
        if (LINK_WINDOW < 1 || LINK_WINDOW > 4096) begin : g_link_window
            LINK_WINDOW_is_not_1_to_4096 u_refused ();
        end
    endgenerate

    wire core_clk;
    weft_clock u_clock (.clk(clk), .core_clk(core_clk));

    weft_link #(.MEM_BYTES(MEM_BYTES), .MEM_SIZE(MEM_SIZE), .LINK_BYTES(LINK_BYTES), .LINK_DATA(LINK_DATA)) u_link (
        .clk(core_clk), .rst(rst),
        .rx_valid(rx_valid), .rx_ready(rx_ready), .rx_data(rx_data),
        .tx_valid(tx_valid), .tx_ready(tx_ready), .tx_data(tx_data),
        .reg_valid(reg_valid), .reg_write(reg_write), .reg_addr(reg_addr), .reg_wdata(reg_wdata),
        .reg_ready(reg_ready), .reg_rdata(reg_rdata), .reg_status(reg_status),
        .run_done(run_done), .heartbeat(heartbeat), .status_value(status_value), .err_index_value(err_index_value),
        .cycles_value(cycles_value), .commands_value(commands_value), .reset_req(reset_req), .reset_done(reset_done),
        .rd_req_valid(rd_req_valid), .rd_req_ready(rd_req_ready), .rd_req_addr(rd_req_addr), .rd_req_beats(rd_req_beats),
        .rd_rsp_valid(rd_rsp_valid), .rd_rsp_data(rd_rsp_data), .rd_rsp_error(rd_rsp_error),
        .wr_req_valid(wr_req_valid), .wr_req_ready(wr_req_ready), .wr_req_addr(wr_req_addr), .wr_req_beats(wr_req_beats),
        .wr_data_valid(wr_data_valid), .wr_data_ready(wr_data_ready), .wr_data(wr_data), .wr_strb(wr_strb),
        .wr_done(wr_done), .wr_done_error(wr_done_error)
    );

    weft_core #(`WEFT_PASS, .LINK_DATA(LINK_DATA), .LINK_WINDOW(LINK_WINDOW), .LUT_CELLS(LUT_CELLS), .SMALL(SMALL)) u_core (
        .clk(core_clk), .rst(rst),
        .reg_valid(reg_valid), .reg_write(reg_write), .reg_addr(reg_addr), .reg_wdata(reg_wdata),
        .reg_ready(reg_ready), .reg_rdata(reg_rdata), .reg_status(reg_status),
        .run_done(run_done), .heartbeat(heartbeat), .status_value(status_value), .err_index_value(err_index_value),
        .cycles_value(cycles_value), .commands_value(commands_value), .reset_req(reset_req), .reset_done(reset_done),
        .rd_req_valid(rd_req_valid), .rd_req_ready(rd_req_ready), .rd_req_addr(rd_req_addr), .rd_req_beats(rd_req_beats),
        .rd_rsp_valid(rd_rsp_valid), .rd_rsp_data(rd_rsp_data), .rd_rsp_error(rd_rsp_error),
        .wr_req_valid(wr_req_valid), .wr_req_ready(wr_req_ready), .wr_req_addr(wr_req_addr), .wr_req_beats(wr_req_beats),
        .wr_data_valid(wr_data_valid), .wr_data_ready(wr_data_ready), .wr_data(wr_data), .wr_strb(wr_strb),
        .wr_done(wr_done), .wr_done_error(wr_done_error),
        .m_axi_arvalid(m_axi_arvalid), .m_axi_arready(m_axi_arready), .m_axi_araddr(m_axi_araddr), .m_axi_arlen(m_axi_arlen),
        .m_axi_arsize(m_axi_arsize), .m_axi_arburst(m_axi_arburst),
        .m_axi_rvalid(m_axi_rvalid), .m_axi_rready(m_axi_rready), .m_axi_rdata(m_axi_rdata), .m_axi_rresp(m_axi_rresp), .m_axi_rlast(m_axi_rlast),
        .m_axi_awvalid(m_axi_awvalid), .m_axi_awready(m_axi_awready), .m_axi_awaddr(m_axi_awaddr), .m_axi_awlen(m_axi_awlen),
        .m_axi_awsize(m_axi_awsize), .m_axi_awburst(m_axi_awburst),
        .m_axi_wvalid(m_axi_wvalid), .m_axi_wready(m_axi_wready), .m_axi_wdata(m_axi_wdata), .m_axi_wstrb(m_axi_wstrb), .m_axi_wlast(m_axi_wlast),
        .m_axi_bvalid(m_axi_bvalid), .m_axi_bready(m_axi_bready), .m_axi_bresp(m_axi_bresp)
    );

endmodule

`default_nettype wire
