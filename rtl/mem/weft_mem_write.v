// AXI4 write master for two clients: store 0, link 1 (the index in every vector).
//
// A client asks for a burst (1..16 beats, aligned to MEM_BYTES, not crossing a multiple of
// 16*MEM_BYTES), then hands over its beats with strobes; it may ask for the next burst in the cycle
// of its last beat.  A burst goes out when all of its data is here, so one that has begun on the
// bus always ends.  `done[i]` pulses once per burst, in order per client, when memory has
// confirmed it, with the common done_error.
//
// Store stays inside [win_base, win_limit), which must not change while a burst is open: a burst that leaves it
// never reaches the bus; its data is taken and dropped, and done comes with done_error.
// bus_error pulses for every burst of store that ends with an error.
//
// `stop` high: no burst is accepted, one of store still being handed over is dropped (and never done), all
// others finish.  `idle`: no burst is open.  Reset only when idle or together with the memory.
// `beat` pulses for every beat of store sent to memory.

`default_nettype none

module weft_mem_write #(
    parameter integer MEM_BYTES       = weft_isa::MEM_BYTES,
    parameter integer MAX_OUTSTANDING = 16,                 // bursts, power of two >= 2
    parameter integer FIFO_BEATS      = 64                  // data waiting for the bus, power of two >= 32
) (
    input  wire                     clk,
    input  wire                     rst,

    input  wire [1:0]               req_valid,
    output wire [1:0]               req_ready,
    input  wire [2*32-1:0]          req_addr,
    input  wire [2*5-1:0]           req_beats,
    input  wire [1:0]               data_valid,
    output wire [1:0]               data_ready,
    input  wire [2*8*MEM_BYTES-1:0] data,
    input  wire [2*MEM_BYTES-1:0]   strb,
    output wire [1:0]               done,
    output wire                     done_error,

    input  wire [31:0]              win_base,
    input  wire [31:0]              win_limit,
    input  wire                     stop,
    output wire                     idle,
    output wire                     bus_error,
    output wire                     beat,

    output wire                     awvalid,
    input  wire                     awready,
    output wire [31:0]              awaddr,
    output wire [7:0]               awlen,
    output wire [2:0]               awsize,
    output wire [1:0]               awburst,
    output wire                     wvalid,
    input  wire                     wready,
    output wire [8*MEM_BYTES-1:0]   wdata,
    output wire [MEM_BYTES-1:0]     wstrb,
    output wire                     wlast,
    input  wire                     bvalid,
    output wire                     bready,
    input  wire [1:0]               bresp
);

endmodule

`default_nettype wire
