// Executes the requests of the host in order, and describes the reply of each.
//
// A frame is looked at word by word (head_at, head_word), weighed, judged, executed, answered; frame_done ends
// it.  In this order:
//
//     damaged (frame_status not OK)          NAK with frame_status, unless the gap has been reported; REFUSED after a refusal
//     of a type from 0x80 on                 dropped: a device has said that
//     HELLO                                  the same word and the session
//     what weft_link_sequence says           drop, confirm (an OK), refuse, ask (NAK with PKTST_GAP), read again, execute
//
// and of what is executed:
//
//     of a type that is no request                                     PKTST_TYPE
//     payload length does not fit the type                             PKTST_LENGTH
//     memory request outside [0, MEM_SIZE), not in whole multiples of
//     MEM_BYTES, or of more than LINK_DATA bytes                       PKTST_ADDRESS
//     register access                                                  what the register bus says
//     memory access                                                    PKTST_OK, or PKTST_BUS
//
// What is not OK is answered with REFUSED, a read done again that is not with a reply of its type; these and NAK
// have no answer after the status.  A write that is QUIET has no reply if it is OK and done for the first
// time.
//
// START is four register writes and one of CTRL; the first is refused while a run is going on, so
// either all are done or none.  Nothing is judged while `done_waiting`, and the register bus must take a request
// in its first cycle (weft_regs does): that is what makes sure that no run starts before DONE of the one before
// has been taken by the sender.
//
// RESET: reset_req is high until a cycle with reset_done; the owner of the core has then stopped
// and cleared it.  The reply comes after that.
//
// run_sequence is the number of the request that started the run, START or a write to CTRL.
//
// Cost from frame_valid to reply_valid: 7 cycles, 2 more for each register access (START: five of them), and
// the time of the memory for memory requests.

`default_nettype none

module weft_link_exec #(
    parameter  integer MEM_BYTES = weft_isa::MEM_BYTES,        // a power of two, 4..32
    parameter  [31:0]  MEM_SIZE  = 32'h00100000,               // bytes of device memory
    parameter  integer LINK_DATA = weft_isa::LINK_DATA,        // a power of two, 32*MEM_BYTES..8192
    localparam integer BEATS_W   = $clog2(LINK_DATA / MEM_BYTES) + 1,
    localparam integer WORDS_W   = $clog2(LINK_DATA / 4 + 1)
) (
    input  wire               clk,
    input  wire               rst,

    input  wire               frame_valid,
    output wire               frame_done,
    input  wire [7:0]         frame_status,
    output reg  [2:0]         head_at,
    input  wire [31:0]        head_word,

    output wire               reply_valid,                     // all of the reply holds until reply_taken
    input  wire               reply_taken,
    input  wire [2:0]         reply_at,
    output reg  [31:0]        reply_word,                      // word reply_at of its head
    output wire [2:0]         reply_words,
    output wire [WORDS_W-1:0] reply_data_words,
    output reg                reply_slot,                      // half of the buffer for the data of this reply
    output wire [15:0]        session,
    output reg  [31:0]        run_sequence,

    output wire               reg_valid,
    output wire               reg_write,
    output wire [15:0]        reg_addr,
    output wire [31:0]        reg_wdata,
    input  wire               reg_ready,
    input  wire [31:0]        reg_rdata,
    input  wire [7:0]         reg_status,

    output wire               dma_start,
    output wire               dma_write,
    output wire [31:0]        dma_addr,
    output wire [BEATS_W-1:0] dma_beats,
    input  wire               dma_done,
    input  wire               dma_error,

    input  wire               done_waiting,
    output wire               reset_req,
    input  wire               reset_done
);

    localparam integer BYTE_W = $clog2(MEM_BYTES);

    localparam [3:0] TYPE     = 4'd0;                          // these look at one word each
    localparam [3:0] SESSION  = 4'd1;
    localparam [3:0] NUMBER   = 4'd2;
    localparam [3:0] FIRST    = 4'd3;
    localparam [3:0] SECOND   = 4'd4;
    localparam [3:0] WEIGH    = 4'd5;                          // is the frame right in itself
    localparam [3:0] JUDGE    = 4'd6;
    localparam [3:0] REGISTER = 4'd7;
    localparam [3:0] MEMORY   = 4'd8;
    localparam [3:0] RESET    = 4'd9;
    localparam [3:0] REPLY    = 4'd10;
    localparam [3:0] DONE     = 4'd11;

    reg [3:0]  state;
    reg [7:0]  kind, flags, status;                            // of the frame: type, flags; of its execution
    reg [15:0] from_session;
    reg [13:0] words;                                          // of the payload
    reg [31:0] sequence_number, first, second;                 // first two words of the payload; second: the register read
    reg        is_again;                                       // a read done again
    reg        own_number;                                     // the reply has the number of its frame
    reg [1:0]  more;                                           // words of the reply after the status
    reg        has_data;
    reg        known, length_fits, memory_fits;
    reg [7:0]  reply_kind;

    wire [31:0] kind_wide    = {24'b0, kind};
    wire        is_start     = kind_wide == weft_isa::PKT_START;
    wire        is_hello     = kind_wide == weft_isa::PKT_HELLO;
    wire        is_open      = kind_wide == weft_isa::PKT_OPEN;
    wire        is_mem_read  = kind_wide == weft_isa::PKT_MEM_READ;
    wire        is_mem_write = kind_wide == weft_isa::PKT_MEM_WRITE;
    wire        is_reg_read  = kind_wide == weft_isa::PKT_REG_READ;
    wire        is_read      = is_reg_read || is_mem_read;
    wire        good         = frame_status == 8'(weft_isa::PKTST_OK);

    reg is_known, is_length;
    always @(*) begin
        is_known = 1'b1;
        case (kind_wide)
            weft_isa::PKT_RESET, weft_isa::PKT_PING:                         is_length = words == 14'd0;
            weft_isa::PKT_HELLO, weft_isa::PKT_OPEN, weft_isa::PKT_REG_READ: is_length = words == 14'd1;
            weft_isa::PKT_REG_WRITE, weft_isa::PKT_MEM_READ:                 is_length = words == 14'd2;
            weft_isa::PKT_MEM_WRITE: is_length = second[1:0] == 2'b0 && {16'b0, words} == second[31:2] + 30'd2;
            weft_isa::PKT_START:                                             is_length = words == 14'd4;
            default: begin
                is_known  = 1'b0;
                is_length = 1'b0;
            end
        endcase
    end
    wire [32:0] memory_end = {1'b0, first} + {1'b0, second};
    wire        is_memory  = memory_end <= {1'b0, MEM_SIZE} && second <= LINK_DATA &&
                             first[BYTE_W-1:0] == {BYTE_W{1'b0}} && second[BYTE_W-1:0] == {BYTE_W{1'b0}};

    // Judgement.
    wire        runs_memory = (is_mem_read || is_mem_write) && length_fits && memory_fits;
    wire        free  = !done_waiting;
    wire        judge = state == JUDGE && free;
    wire        seq_execute, seq_again, seq_confirm, seq_refuse, seq_ask, seq_drop, report_damage;
    wire        acts    = good && !kind[7] && (is_open ? length_fits : !is_hello);
    wire        execute = acts && seq_execute;
    wire        again   = acts && seq_again;
    // What is judged, but for `free`, which hangs on the end of runs.
    wire        accepts      = state == JUDGE && execute;
    wire        asks         = state == JUDGE && (good ? acts && seq_ask : report_damage);
    wire        moves_memory = state == JUDGE && (execute || again) && runs_memory;
    wire [31:0] last;
    wire [7:0]  refused_status;
    wire        halted;
    wire        refuses = state == REPLY && reply_kind == 8'(weft_isa::PKT_REFUSED) && status != 8'd0;

    weft_link_sequence u_link_sequence (
        .clk(clk), .rst(rst),
        .frame_session(from_session), .frame_sequence(sequence_number), .fresh(flags[0]), .frame_round(flags[7:4]),
        .is_open(is_open), .is_read(is_read), .new_session(first[15:0]),
        .execute(seq_execute), .again(seq_again), .confirm(seq_confirm), .refuse(seq_refuse), .ask(seq_ask),
        .drop(seq_drop), .report_damage(report_damage),
        .accept(free && accepts), .refused(reply_taken && refuses), .status(status),
        .asked(free && asks),
        .session(session), .last(last), .halted(halted), .refused_status(refused_status));

    // Register and value of each step of START.
    wire [2:0]  step = head_at - 3'd3;
    reg  [15:0] step_offset;
    always @(*)
        case (step)
            3'd0:    step_offset = 16'(weft_isa::REG_PROG_ADDR);
            3'd1:    step_offset = 16'(weft_isa::REG_PROG_COUNT);
            3'd2:    step_offset = 16'(weft_isa::REG_WIN_BASE);
            3'd3:    step_offset = 16'(weft_isa::REG_WIN_LIMIT);
            default: step_offset = 16'(weft_isa::REG_CTRL);
        endcase
    wire last_step = !is_start || step == 3'd4;

    assign reg_valid = state == REGISTER;
    assign reg_write = !is_reg_read;
    assign reg_addr  = is_start ? step_offset : first[15:0];
    assign reg_wdata = !is_start ? second : last_step ? 32'd1 : head_word;

    assign dma_start = free && moves_memory;
    assign dma_write = is_mem_write;
    assign dma_addr  = first;
    assign dma_beats = second[BYTE_W +: BEATS_W];

    assign reset_req = state == RESET;

    // The reply.
    assign reply_valid      = state == REPLY;
    assign reply_words      = 3'd4 + {1'b0, more};
    assign reply_data_words = has_data ? second[2 +: WORDS_W] : {WORDS_W{1'b0}};
    assign frame_done       = state == DONE;

    wire [15:0] reply_bytes = has_data ? second[15:0] + 16'd4 : {11'b0, {1'b0, more} + 3'd1, 2'b0};
    always @(*)
        case (reply_at)
            3'd0:    reply_word = {flags, reply_kind, 8'(weft_isa::PKT_MAGIC1), 8'(weft_isa::PKT_MAGIC0)};
            3'd1:    reply_word = {reply_bytes, session};
            3'd2:    reply_word = own_number ? sequence_number : last;
            3'd3:    reply_word = {24'b0, status};
            3'd4:    reply_word = is_hello ? first : second;
            default: reply_word = {16'b0, session};
        endcase

    always @(posedge clk) begin : exec
        reg [3:0] now;                                         // the state, read once before it is written
        reg       ends;                                        // execution ends in this cycle, with `result`
        reg [7:0] result;
        now    = state;
        ends   = 1'b0;
        result = 8'(weft_isa::PKTST_OK);
        case (now)
            TYPE: begin
                kind       <= head_word[23:16];
                flags      <= head_word[31:24];
                reply_kind <= head_word[23:16] + 8'(weft_isa::PKT_REPLY);
                more       <= 2'd0;
                has_data   <= 1'b0;
                is_again   <= 1'b0;
                own_number <= 1'b0;
                if (frame_valid) begin
                    head_at <= 3'd1;
                    state   <= SESSION;
                end
            end
            SESSION: begin
                from_session <= head_word[15:0];
                words        <= head_word[31:18];
                head_at      <= 3'd2;
                state        <= NUMBER;
            end
            NUMBER: begin
                sequence_number <= head_word;
                head_at         <= 3'd3;
                state           <= FIRST;
            end
            FIRST: begin
                first   <= head_word;
                head_at <= 3'd4;
                state   <= SECOND;
            end
            SECOND: begin
                second  <= head_word;
                head_at <= 3'd3;
                state   <= WEIGH;
            end
            WEIGH: begin
                known       <= is_known;
                length_fits <= is_length;
                memory_fits <= is_memory;
                state       <= JUDGE;
            end
            JUDGE:
                if (judge) begin
                    state  <= REPLY;
                    status <= 8'(weft_isa::PKTST_OK);
                    if (!good) begin
                        reply_kind <= halted ? 8'(weft_isa::PKT_REFUSED) : 8'(weft_isa::PKT_NAK);
                        status     <= halted ? refused_status : frame_status;
                        if (!report_damage)
                            state <= DONE;
                    end else if (is_hello) begin
                        own_number <= 1'b1;
                        more       <= 2'd2;
                        if (!length_fits)
                            state <= DONE;
                    end else if (seq_drop || !acts)
                        state <= DONE;
                    else if (seq_ask) begin
                        reply_kind <= 8'(weft_isa::PKT_NAK);
                        status     <= 8'(weft_isa::PKTST_GAP);
                    end else if (seq_refuse) begin
                        reply_kind <= 8'(weft_isa::PKT_REFUSED);
                        status     <= refused_status;
                    end else if (!seq_confirm) begin
                        is_again   <= again;
                        own_number <= 1'b1;
                        if (!known || !length_fits || ((is_mem_read || is_mem_write) && !memory_fits)) begin
                            ends   = 1'b1;
                            result = !known       ? 8'(weft_isa::PKTST_TYPE) :
                                     !length_fits ? 8'(weft_isa::PKTST_LENGTH) : 8'(weft_isa::PKTST_ADDRESS);
                        end else
                            case (kind_wide)
                                weft_isa::PKT_PING, weft_isa::PKT_OPEN: ;
                                weft_isa::PKT_RESET: state <= RESET;
                                weft_isa::PKT_MEM_READ, weft_isa::PKT_MEM_WRITE: state <= MEMORY;
                                default:
                                    if (is_start || first[31:16] == 16'b0)
                                        state <= REGISTER;
                                    else begin
                                        ends   = 1'b1;
                                        result = 8'(weft_isa::PKTST_REGISTER);
                                    end
                            endcase
                    end
                end
            REGISTER:
                if (reg_ready) begin
                    head_at <= head_at + 3'd1;
                    result  = reg_status;
                    ends    = last_step || reg_status != 8'(weft_isa::PKTST_OK);
                    if (is_reg_read)
                        second <= reg_rdata;
                    more <= {1'b0, is_reg_read && reg_status == 8'(weft_isa::PKTST_OK)};
                    if (reg_write && {16'b0, reg_addr} == weft_isa::REG_CTRL && reg_wdata[0] &&
                        reg_status == 8'(weft_isa::PKTST_OK))
                        run_sequence <= sequence_number;
                end
            MEMORY:
                if (dma_done) begin
                    ends     = 1'b1;
                    result   = dma_error ? 8'(weft_isa::PKTST_BUS) : 8'(weft_isa::PKTST_OK);
                    has_data <= is_mem_read && !dma_error;
                end
            RESET:
                ends = reset_done;
            REPLY:
                if (reply_taken) begin
                    if (has_data)
                        reply_slot <= !reply_slot;
                    state <= DONE;
                end
            default: begin                                     // DONE
                head_at <= 3'd0;
                state   <= TYPE;
            end
        endcase
        if (ends) begin
            status <= result;
            state  <= REPLY;
            if (result != 8'(weft_isa::PKTST_OK) && !is_again && !(now == JUDGE && again))
                reply_kind <= 8'(weft_isa::PKT_REFUSED);
            if (result == 8'(weft_isa::PKTST_OK) && is_mem_write && flags[1])
                state <= DONE;
        end
        if (rst) begin
            state      <= TYPE;
            head_at    <= 3'd0;
            reply_slot <= 1'b0;
        end
    end

endmodule

`default_nettype wire
