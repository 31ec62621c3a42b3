// Moves the data of one memory packet between half of a buffer of the link and device memory.
//
// `start` while not busy: copy `beats` words of MEM_BYTES (0 is allowed) from buffer word 0 on to
// `addr` (write) or back (not write).  addr is a multiple of MEM_BYTES; the fields need not hold.
// `done` is high for one cycle when all is over, for a write when memory has confirmed every
// burst; `error` then says whether memory answered any part with an error.  Start again in the
// cycle after `done` or later.
//
// Memory side: client of weft_mem_read and weft_mem_write.  Bursts of up to BURST_BEATS that do
// not cross a multiple of their full length.  Reads are asked for as fast as they are accepted
// (the whole buffer is reserved), one word per cycle is always taken.  Writes go burst by burst:
// request, then its beats.  Requests, once valid, hold.
//
// Buffer side: a `get` shows its word on get_data from the next cycle on and holds it.

`default_nettype none

module weft_link_dma #(
    parameter  integer MEM_BYTES = weft_isa::MEM_BYTES,        // a power of two, 4..32
    parameter  integer LINK_DATA = weft_isa::LINK_DATA,        // longest data of a packet, a power of two, 32*MEM_BYTES..8192
    localparam integer BUFFER_W  = $clog2(LINK_DATA / MEM_BYTES)
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire                   start,
    input  wire                   write,
    input  wire [31:0]            addr,
    input  wire [BUFFER_W:0]      beats,
    output wire                   done,
    output reg                    error,

    output wire                   put_valid,
    output wire [BUFFER_W-1:0]    put_word,
    output wire [8*MEM_BYTES-1:0] put_data,
    output wire                   get_valid,
    output wire [BUFFER_W-1:0]    get_word,
    input  wire [8*MEM_BYTES-1:0] get_data,

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

    localparam integer BYTE_W   = $clog2(MEM_BYTES);
    localparam integer BURST_W  = $clog2(weft_isa::BURST_BEATS);
    localparam [BURST_W:0] FULL = {1'b1, {BURST_W{1'b0}}};     // BURST_BEATS

    reg                busy;
    reg                writing;
    reg [31:0]         ask_at;                                 // address of the next burst
    reg [BUFFER_W:0]   ask_left;                               // beats not asked for yet
    reg [BUFFER_W:0]   open;                                   // reads: beats on their way; writes: bursts
    reg [BURST_W:0]    burst_left;                             // write: beats of this burst still to hand over
    reg [BUFFER_W-1:0] word;                                   // buffer word of the next beat

    wire [BURST_W:0]  room   = FULL - {1'b0, ask_at[BYTE_W +: BURST_W]};
    wire [BURST_W:0]  burst  = ask_left < {{(BUFFER_W-BURST_W){1'b0}}, room} ? ask_left[BURST_W:0] : room;
    wire [BUFFER_W:0] burst_wide = {{(BUFFER_W-BURST_W){1'b0}}, burst};
    wire              asked  = (rd_req_valid && rd_req_ready) || (wr_req_valid && wr_req_ready);
    wire              handed = wr_data_valid && wr_data_ready;
    wire [BUFFER_W-1:0] word_next = word + 1'b1;

    assign rd_req_valid  = busy && !writing && ask_left != {BUFFER_W+1{1'b0}};
    assign rd_req_addr   = ask_at;
    assign rd_req_beats  = burst;
    assign wr_req_valid  = busy && writing && ask_left != {BUFFER_W+1{1'b0}} &&
                           burst_left == {BURST_W+1{1'b0}};
    assign wr_req_addr   = rd_req_addr;
    assign wr_req_beats  = burst;
    assign wr_data_valid = burst_left != {BURST_W+1{1'b0}};
    assign wr_data       = get_data;
    assign wr_strb       = {MEM_BYTES{1'b1}};

    assign put_valid = rd_rsp_valid;
    assign put_word  = word;
    assign put_data  = rd_rsp_data;
    assign get_valid = (start && write) || handed;
    assign get_word  = handed ? word_next : {BUFFER_W{1'b0}};

    assign done = busy && ask_left == {BUFFER_W+1{1'b0}} && burst_left == {BURST_W+1{1'b0}} &&
                  open == {BUFFER_W+1{1'b0}};

    always @(posedge clk) begin
        if (busy) begin
            if (done)
                busy <= 1'b0;
            if (asked) begin
                ask_at   <= ask_at + {{(31-BYTE_W-BURST_W){1'b0}}, burst, {BYTE_W{1'b0}}};
                ask_left <= ask_left - burst_wide;
            end
            if (handed || rd_rsp_valid)
                word <= word_next;
            if (handed)
                burst_left <= burst_left - 1'b1;
            if (asked && writing)
                burst_left <= burst;
            open <= open + (!asked ? {BUFFER_W+1{1'b0}} : writing ? {{BUFFER_W{1'b0}}, 1'b1} : burst_wide) -
                    {{BUFFER_W{1'b0}}, writing ? wr_done : rd_rsp_valid};
            if ((wr_done && wr_done_error) || (rd_rsp_valid && rd_rsp_error))
                error <= 1'b1;
        end
        if (start) begin
            busy     <= 1'b1;
            writing  <= write;
            error    <= 1'b0;
            ask_at   <= addr;
            ask_left <= beats;
            word     <= {BUFFER_W{1'b0}};
        end
        if (rst) begin
            busy       <= 1'b0;
            burst_left <= {BURST_W+1{1'b0}};
            open       <= {BUFFER_W+1{1'b0}};
        end
    end

`ifndef SYNTHESIS
    initial if (weft_isa::BURST_BEATS != 1 << BURST_W)
        $fatal(1, "%m: BURST_BEATS must be a power of two");
`endif

endmodule

`default_nettype wire
