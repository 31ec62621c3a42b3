// What is placed and routed to say what the device costs: weft_top between registers at the pins of its byte stream, with
// device memory in block RAM.
//
// The stream crosses a register each way, so that no pin is part of a path that counts.  The memory answers in order, a burst
// at a time, and holds RAM_BEATS beats that repeat through the whole address space: enough to keep every path of the memory
// masters alive, not to run a network.  Of the other parameters weft_top's are what they are.

`default_nettype none
`include "weft_params.vh"

module weft_chip #(
    `WEFT_PARAMETERS,
    parameter integer LUT_CELLS = 0,
    parameter integer RAM_BEATS = 512           // a power of two
) (
    input  wire       clk,
    input  wire       rst_n,

    input  wire       rx_valid,
    output wire       rx_ready,
    input  wire [7:0] rx_data,
    output wire       tx_valid,
    input  wire       tx_ready,
    output wire [7:0] tx_data
);

    localparam integer D = 8 * MEM_BYTES;

    reg [1:0] rst_s = 2'b11;
    always @(posedge clk) rst_s <= {rst_s[0], !rst_n};
    wire rst = rst_s[1];

    wire       in_valid, in_ready, out_valid, out_ready;
    wire [7:0] in_data, out_data;
    weft_skid #(.WIDTH(8)) u_in (
        .clk(clk), .rst(rst), .s_valid(rx_valid), .s_ready(rx_ready), .s_data(rx_data),
        .m_valid(in_valid), .m_ready(in_ready), .m_data(in_data));
    weft_skid #(.WIDTH(8)) u_out (
        .clk(clk), .rst(rst), .s_valid(out_valid), .s_ready(out_ready), .s_data(out_data),
        .m_valid(tx_valid), .m_ready(tx_ready), .m_data(tx_data));

    wire                 arvalid, arready, rvalid, rready, rlast, awvalid, awready, wvalid, wready, wlast, bvalid, bready;
    wire [31:0]          araddr, awaddr;
    wire [7:0]           arlen, awlen;
    wire [2:0]           arsize, awsize;
    wire [1:0]           arburst, awburst;
    wire [D-1:0]         rdata, wdata;
    wire [MEM_BYTES-1:0] wstrb;

    weft_top #(`WEFT_PASS, .LINK_BYTES(1), .LUT_CELLS(LUT_CELLS)) u_top (
        .clk(clk), .rst(rst),
        .rx_valid(in_valid), .rx_ready(in_ready), .rx_data(in_data),
        .tx_valid(out_valid), .tx_ready(out_ready), .tx_data(out_data),
        .m_axi_arvalid(arvalid), .m_axi_arready(arready), .m_axi_araddr(araddr), .m_axi_arlen(arlen),
        .m_axi_arsize(arsize), .m_axi_arburst(arburst),
        .m_axi_rvalid(rvalid), .m_axi_rready(rready), .m_axi_rdata(rdata), .m_axi_rresp(2'd0), .m_axi_rlast(rlast),
        .m_axi_awvalid(awvalid), .m_axi_awready(awready), .m_axi_awaddr(awaddr), .m_axi_awlen(awlen),
        .m_axi_awsize(awsize), .m_axi_awburst(awburst),
        .m_axi_wvalid(wvalid), .m_axi_wready(wready), .m_axi_wdata(wdata), .m_axi_wstrb(wstrb), .m_axi_wlast(wlast),
        .m_axi_bvalid(bvalid), .m_axi_bready(bready), .m_axi_bresp(2'd0));

    weft_chip_memory #(.MEM_BYTES(MEM_BYTES), .BEATS(RAM_BEATS)) u_memory (
        .clk(clk), .rst(rst),
        .arvalid(arvalid), .arready(arready), .araddr(araddr), .arlen(arlen),
        .rvalid(rvalid), .rdata(rdata), .rlast(rlast),
        .awvalid(awvalid), .awready(awready), .awaddr(awaddr),
        .wvalid(wvalid), .wready(wready), .wdata(wdata), .wstrb(wstrb), .wlast(wlast), .bvalid(bvalid));

    wire unused = &{1'b0, arsize, arburst, rready, awsize, awburst, awlen, bready};
endmodule

`default_nettype wire
