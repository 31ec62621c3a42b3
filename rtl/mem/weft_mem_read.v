// AXI4 read master for four clients: fetch 0, weights 1, load 2, link 3 (the index in every vector).
//
// A request is a burst of 1..16 beats, aligned to MEM_BYTES, that does not cross a multiple of
// 16*MEM_BYTES.  Answers come in order per client: rsp_valid[i] with the common rsp_data, rsp_last,
// rsp_error.  A client cannot refuse them; it asks for no more than it has room for, which is why
// rready is constantly high.  All bursts have one ID, so memory answers them in order.
//
// Who is next: fetch, link, weights while weights_urgent, then load and weights in turn.
//
// Clients other than link stay inside [win_base, win_limit), which must not change while a burst is open:
// a burst that leaves it never reaches the bus, and is answered with zeros and rsp_error once all bursts
// before it are done.  bus_error pulses for every beat with an error of a client other than link.
//
// `stop` high: no burst is accepted, those accepted finish.  `idle`: none is open.  Reset only
// when idle or together with the memory.  `beat` pulses for every beat a client but link receives
// from memory.

`default_nettype none

module weft_mem_read #(
    parameter integer MEM_BYTES       = weft_isa::MEM_BYTES,
    parameter integer MAX_OUTSTANDING = 16                  // bursts, power of two >= 2
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire [3:0]             req_valid,
    output wire [3:0]             req_ready,
    input  wire [4*32-1:0]        req_addr,
    input  wire [4*5-1:0]         req_beats,
    output wire [3:0]             rsp_valid,
    output wire [8*MEM_BYTES-1:0] rsp_data,
    output wire                   rsp_last,
    output wire                   rsp_error,

    input  wire                   weights_urgent,
    input  wire [31:0]            win_base,
    input  wire [31:0]            win_limit,
    input  wire                   stop,
    output wire                   idle,
    output wire                   bus_error,
    output wire                   beat,

    output wire                   arvalid,
    input  wire                   arready,
    output wire [31:0]            araddr,
    output wire [7:0]             arlen,
    output wire [2:0]             arsize,
    output wire [1:0]             arburst,
    input  wire                   rvalid,
    output wire                   rready,
    input  wire [8*MEM_BYTES-1:0] rdata,
    input  wire [1:0]             rresp,
    input  wire                   rlast
);

endmodule

`default_nettype wire
