// Registers between the memory masters and the pins of the AXI4 port: no path runs from pin to pin, none from a
// pin into the core.
//
// s_* is the side of the masters, m_* that of the pins.  Addresses and write data pass a skid
// register; answers, which are never refused, a plain one: two cycles more for a read.

`default_nettype none

module weft_axi_slice #(
    parameter integer MEM_BYTES = weft_isa::MEM_BYTES
) (
    input  wire                   read_clk,         // of s_ar, s_r; it may stand still while no read is open
    input  wire                   write_clk,        // of s_aw, s_w, s_b, likewise
    input  wire                   rst,

    input  wire                   s_arvalid,
    output wire                   s_arready,
    input  wire [31:0]            s_araddr,
    input  wire [7:0]             s_arlen,
    output reg                    s_rvalid,
    output reg  [8*MEM_BYTES-1:0] s_rdata,
    output reg  [1:0]             s_rresp,
    output reg                    s_rlast,
    input  wire                   s_awvalid,
    output wire                   s_awready,
    input  wire [31:0]            s_awaddr,
    input  wire [7:0]             s_awlen,
    input  wire                   s_wvalid,
    output wire                   s_wready,
    input  wire [8*MEM_BYTES-1:0] s_wdata,
    input  wire [MEM_BYTES-1:0]   s_wstrb,
    input  wire                   s_wlast,
    output reg                    s_bvalid,
    output reg  [1:0]             s_bresp,

    output wire                   m_arvalid,
    input  wire                   m_arready,
    output wire [31:0]            m_araddr,
    output wire [7:0]             m_arlen,
    input  wire                   m_rvalid,
    input  wire [8*MEM_BYTES-1:0] m_rdata,
    input  wire [1:0]             m_rresp,
    input  wire                   m_rlast,
    output wire                   m_awvalid,
    input  wire                   m_awready,
    output wire [31:0]            m_awaddr,
    output wire [7:0]             m_awlen,
    output wire                   m_wvalid,
    input  wire                   m_wready,
    output wire [8*MEM_BYTES-1:0] m_wdata,
    output wire [MEM_BYTES-1:0]   m_wstrb,
    output wire                   m_wlast,
    input  wire                   m_bvalid,
    input  wire [1:0]             m_bresp
);

    weft_skid #(.WIDTH(40)) u_ar (
        .clk(read_clk), .rst(rst), .s_valid(s_arvalid), .s_ready(s_arready), .s_data({s_arlen, s_araddr}),
        .m_valid(m_arvalid), .m_ready(m_arready), .m_data({m_arlen, m_araddr}));
    weft_skid #(.WIDTH(40)) u_aw (
        .clk(write_clk), .rst(rst), .s_valid(s_awvalid), .s_ready(s_awready), .s_data({s_awlen, s_awaddr}),
        .m_valid(m_awvalid), .m_ready(m_awready), .m_data({m_awlen, m_awaddr}));
    weft_skid #(.WIDTH(9*MEM_BYTES + 1)) u_w (
        .clk(write_clk), .rst(rst), .s_valid(s_wvalid), .s_ready(s_wready), .s_data({s_wlast, s_wstrb, s_wdata}),
        .m_valid(m_wvalid), .m_ready(m_wready), .m_data({m_wlast, m_wstrb, m_wdata}));

    always @(posedge read_clk) begin
        s_rvalid <= m_rvalid && !rst;
        if (m_rvalid) begin
            s_rdata <= m_rdata;
            s_rresp <= m_rresp;
            s_rlast <= m_rlast;
        end
    end

    always @(posedge write_clk) begin
        s_bvalid <= m_bvalid && !rst;
        if (m_bvalid) s_bresp <= m_bresp;
    end

endmodule

`default_nettype wire
