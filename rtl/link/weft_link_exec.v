// Executes the requests of the host, one at a time, and describes the reply of each.
//
// A frame is looked at when frame_valid is high and no DONE waits (`done_waiting`), and frame_done
// ends it when its reply has left the buffer.  In this order:
//
//     damaged (frame_status not OK), or of a type that is no request   NAK with frame_status or PKTST_TYPE
//     same sequence number and type as the request before, and neither
//     RESET nor a read                                                 the status of that one, nothing is done
//     payload length does not fit the type                             PKTST_LENGTH
//     memory request outside [0, MEM_SIZE), not in whole multiples of
//     MEM_BYTES, or of more than PKT_MAX_DATA bytes                    PKTST_ADDRESS
//     register access                                                  what the register bus says
//     memory access                                                    PKTST_OK, or PKTST_BUS
//
// "The request before" is the last one that was answered by anything but a NAK, whatever its
// status; after RESET (the packet or `rst`) there is none.  A reply that is not OK has no answer
// after the status.  NAK carries the sequence number as received, which may be wrong.
//
// START is four register writes and one of CTRL; the first is refused while a run is going on, so
// either all are done or none.  The register bus must take a request in its first cycle (weft_regs
// does): that is what makes sure that no run starts before DONE of the one before has been taken
// by the sender.
//
// RESET: reset_req is high until a cycle with reset_done; the owner of the core has then stopped
// and cleared it.  The reply comes after that.
//
// Cost from frame_valid to the first byte of the reply on tx: 3 cycles, 2 more for each register
// access (START: five of them), and the time of the memory for memory requests.

`default_nettype none

module weft_link_exec #(
    parameter  integer MEM_BYTES = weft_isa::MEM_BYTES,        // a power of two, 4..32
    parameter  [31:0]  MEM_SIZE  = 32'h00100000,               // bytes of device memory
    localparam integer BUFFER_W  = $clog2(weft_isa::PKT_MAX_DATA / MEM_BYTES)
) (
    input  wire              clk,
    input  wire              rst,

    input  wire              frame_valid,
    output wire              frame_done,
    input  wire [7:0]        frame_status,
    input  wire [7:0]        frame_type,
    input  wire [7:0]        frame_sequence,
    input  wire [10:0]       frame_bytes,
    input  wire [127:0]      frame_head,

    output wire              reply_valid,                      // fields hold until reply_ready is high again after it
    input  wire              reply_ready,
    output reg  [7:0]        reply_type,
    output wire [95:0]       reply_head,
    output wire [3:0]        reply_head_bytes,
    output wire [10:0]       reply_data_bytes,

    output wire              reg_valid,
    output wire              reg_write,
    output wire [15:0]       reg_addr,
    output wire [31:0]       reg_wdata,
    input  wire              reg_ready,
    input  wire [31:0]       reg_rdata,
    input  wire [7:0]        reg_status,

    output wire              dma_start,
    output wire              dma_write,
    output wire [31:0]       dma_addr,
    output wire [BUFFER_W:0] dma_beats,
    input  wire              dma_done,
    input  wire              dma_error,

    input  wire              done_waiting,
    output wire              reset_req,
    input  wire              reset_done
);

    localparam integer BYTE_W = $clog2(MEM_BYTES);
    localparam [10:0]  MAX_DATA = 11'(weft_isa::PKT_MAX_DATA);

    localparam [2:0] IDLE     = 3'd0;
    localparam [2:0] REGISTER = 3'd1;
    localparam [2:0] MEMORY   = 3'd2;
    localparam [2:0] RESET    = 3'd3;
    localparam [2:0] REPLY    = 3'd4;                          // until the sender has taken it
    localparam [2:0] SENT     = 3'd5;                          // until the sender has read the buffer

    reg [2:0]  state;
    reg [7:0]  status;
    reg [31:0] value;
    reg        has_value;
    reg        has_data;
    reg [2:0]  step;                                           // register access of START, 0..4
    reg        last_valid;
    reg [7:0]  last_type, last_sequence, last_status;

    wire [31:0] type_wide   = {24'b0, frame_type};
    wire        is_read     = type_wide == weft_isa::PKT_REG_READ || type_wide == weft_isa::PKT_MEM_READ;
    wire        is_start    = type_wide == weft_isa::PKT_START;
    wire        is_reset    = type_wide == weft_isa::PKT_RESET;
    wire        repeated    = last_valid && last_type == frame_type && last_sequence == frame_sequence &&
                              !is_read && !is_reset;
    wire        begins      = state == IDLE && frame_valid && !done_waiting;

    wire [31:0] word0       = frame_head[31:0];                // address, or register offset and 0
    wire [31:0] word1       = frame_head[63:32];               // bytes, or value
    wire [32:0] memory_end  = {1'b0, word0} + {1'b0, word1};
    wire        memory_fits = memory_end <= {1'b0, MEM_SIZE} && word1 <= {21'b0, MAX_DATA} &&
                              word0[BYTE_W-1:0] == {BYTE_W{1'b0}} && word1[BYTE_W-1:0] == {BYTE_W{1'b0}};

    reg known;
    reg length_fits;
    always @(*) begin
        known = 1'b1;
        case (type_wide)
            weft_isa::PKT_RESET, weft_isa::PKT_PING:         length_fits = frame_bytes == 11'd0;
            weft_isa::PKT_REG_READ:                          length_fits = frame_bytes == 11'd4;
            weft_isa::PKT_REG_WRITE, weft_isa::PKT_MEM_READ: length_fits = frame_bytes == 11'd8;
            weft_isa::PKT_MEM_WRITE: length_fits = frame_bytes >= 11'd8 && {21'b0, frame_bytes - 11'd8} == word1;
            weft_isa::PKT_START:                             length_fits = frame_bytes == 11'd16;
            default: begin
                known       = 1'b0;
                length_fits = 1'b0;
            end
        endcase
    end

    // Register and value of each step of START.
    reg [15:0] step_offset;
    reg [31:0] step_value;
    always @(*) begin
        step_value = frame_head[32*step[1:0] +: 32];
        case (step)
            3'd0:    step_offset = 16'(weft_isa::REG_PROG_ADDR);
            3'd1:    step_offset = 16'(weft_isa::REG_PROG_COUNT);
            3'd2:    step_offset = 16'(weft_isa::REG_WIN_BASE);
            3'd3:    step_offset = 16'(weft_isa::REG_WIN_LIMIT);
            default: begin
                step_offset = 16'(weft_isa::REG_CTRL);
                step_value  = 32'd1;
            end
        endcase
    end

    assign reg_valid = state == REGISTER;
    assign reg_write = type_wide != weft_isa::PKT_REG_READ;
    assign reg_addr  = is_start ? step_offset : word0[15:0];
    assign reg_wdata = is_start ? step_value : word1;

    wire runs_memory = begins && frame_status == 8'(weft_isa::PKTST_OK) && !repeated && length_fits &&
                       (type_wide == weft_isa::PKT_MEM_READ || type_wide == weft_isa::PKT_MEM_WRITE) && memory_fits;
    assign dma_start = runs_memory;
    assign dma_write = type_wide == weft_isa::PKT_MEM_WRITE;
    assign dma_addr  = word0;
    assign dma_beats = word1[BYTE_W +: BUFFER_W+1];

    assign reset_req = state == RESET;

    assign reply_valid      = state == REPLY;
    assign reply_head       = {32'b0, value, 24'b0, status};
    assign reply_head_bytes = has_value ? 4'd8 : 4'd4;
    assign reply_data_bytes = has_data ? word1[10:0] : 11'd0;
    assign frame_done       = state == SENT && reply_ready;

    always @(posedge clk) begin : exec
        reg [2:0] now;                                         // the state, read once before it is written
        now = state;
        case (now)
            IDLE:
                if (begins) begin
                    reply_type <= frame_type + 8'(weft_isa::PKT_REPLY);
                    has_value  <= 1'b0;
                    has_data   <= 1'b0;
                    step       <= 3'd0;
                    state      <= REPLY;
                    if (frame_status != 8'(weft_isa::PKTST_OK) || !known) begin
                        reply_type <= 8'(weft_isa::PKT_NAK);
                        status     <= known || frame_status != 8'(weft_isa::PKTST_OK) ? frame_status
                                                                                     : 8'(weft_isa::PKTST_TYPE);
                    end else if (repeated)
                        status <= last_status;
                    else begin
                        last_valid    <= 1'b1;
                        last_type     <= frame_type;
                        last_sequence <= frame_sequence;
                        status        <= 8'(weft_isa::PKTST_OK);
                        if (!length_fits)
                            status <= 8'(weft_isa::PKTST_LENGTH);
                        else
                            case (type_wide)
                                weft_isa::PKT_PING:  ;
                                weft_isa::PKT_RESET: state <= RESET;
                                weft_isa::PKT_MEM_READ, weft_isa::PKT_MEM_WRITE:
                                    if (memory_fits)
                                        state <= MEMORY;
                                    else
                                        status <= 8'(weft_isa::PKTST_ADDRESS);
                                default:
                                    if (is_start || word0[31:16] == 16'b0)
                                        state <= REGISTER;
                                    else
                                        status <= 8'(weft_isa::PKTST_REGISTER);
                            endcase
                    end
                end
            REGISTER:
                if (reg_ready) begin
                    status    <= reg_status;
                    value     <= reg_rdata;
                    has_value <= !reg_write && reg_status == 8'(weft_isa::PKTST_OK);
                    if (!is_start || step == 3'd4 || reg_status != 8'(weft_isa::PKTST_OK))
                        state <= REPLY;
                    step <= step + 3'd1;
                end
            MEMORY:
                if (dma_done) begin
                    status   <= dma_error ? 8'(weft_isa::PKTST_BUS) : 8'(weft_isa::PKTST_OK);
                    has_data <= !dma_write && !dma_error;
                    state    <= REPLY;
                end
            RESET:
                if (reset_done) begin
                    last_valid <= 1'b0;
                    state      <= REPLY;
                end
            REPLY: begin
                if (reply_type != 8'(weft_isa::PKT_NAK))
                    last_status <= status;
                if (reply_ready)
                    state <= SENT;
            end
            default:                                           // SENT
                if (frame_done)
                    state <= IDLE;
        endcase
        if (rst) begin
            state      <= IDLE;
            last_valid <= 1'b0;
        end
    end

endmodule

`default_nettype wire
