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
// when idle or together with the memory.  `resting`: no request is on its way to memory, so that nothing moves
// here before the next request or answer.  `beat` pulses for every beat a client but link receives from memory.

`default_nettype none
`include "weft_assert.vh"

module weft_mem_read #(
    parameter integer MEM_BYTES       = weft_isa::MEM_BYTES,
    parameter integer MAX_OUTSTANDING = 32                  // bursts, power of two >= 2
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
    output wire                   resting,
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

    localparam integer FETCH = 0, WEIGHTS = 1, LOAD = 2, LINK = 3;
    localparam [1:0]   LINK_ID = 2'd3;

    // ---- Stage 1: whose request

    wire        picked;                         // a request waits for the bus, perhaps another behind it
    wire [1:0]  pick_client;
    wire [31:0] pick_addr;
    wire [4:0]  pick_beats;
    reg         load_next;                      // the turn is with load
    wire        pick_leaves, pick_room;
    wire        free  = !stop && pick_room;
    wire        rare  = req_valid[FETCH] || req_valid[LINK];
    wire        weights_first = req_valid[WEIGHTS] && (weights_urgent || !load_next || !req_valid[LOAD]);
    wire [3:0]  grant;

    assign grant[FETCH]   = req_valid[FETCH];
    assign grant[LINK]    = req_valid[LINK] && !req_valid[FETCH];
    assign grant[WEIGHTS] = !rare && weights_first;
    assign grant[LOAD]    = !rare && !weights_first && req_valid[LOAD];
    assign req_ready      = grant & {4{free}};

    wire [1:0]  client = grant[LINK] ? LINK_ID : grant[LOAD] ? 2'd2 : grant[WEIGHTS] ? 2'd1 : 2'd0;

    wire [4:0]  beats  = grant[LINK] ? req_beats[5*LINK +: 5] : grant[LOAD] ? req_beats[5*LOAD +: 5]
                       : grant[WEIGHTS] ? req_beats[5*WEIGHTS +: 5] : req_beats[5*FETCH +: 5];

    always @(posedge clk) begin
        if (free && grant[WEIGHTS])   load_next <= 1'b1;
        else if (free && grant[LOAD]) load_next <= 1'b0;
        if (rst) load_next <= 1'b0;
    end

    // Whether there is room says a register: what becomes of a request does not run back to who asked.
    weft_skid #(.WIDTH(39)) u_pick (
`ifdef FORMAL
        .f_second_valid(f_second_valid), .f_second_data(f_second),
`endif
        .clk(clk), .rst(rst), .s_valid(!stop && (|req_valid)), .s_ready(pick_room),
        .s_data({client, beats, req_addr[{client, 5'd0} +: 32]}),
        .m_valid(picked), .m_ready(pick_leaves), .m_data({pick_client, pick_beats, pick_addr}));

    // ---- Stage 2: onto the bus, or refused when nothing is under way any more

    wire        fits, owners_in_ready, owner_valid;
    wire [1:0]  owner;
    wire        allowed = fits || pick_client == LINK_ID;
    wire        send    = picked && allowed && owners_in_ready && (!arvalid || arready);
    reg         refusing;                       // the request is being refused
    reg  [4:0]  refuse_left;                    // beats of zeros still to give, of them
    wire        refused = refusing && refuse_left == 5'd1;
    reg         arvalid_q;
    reg  [31:0] araddr_q;
    reg  [4:0]  beats_q;
    wire        answered = rvalid && rlast;
    localparam integer OPEN_W = $clog2(MAX_OUTSTANDING + 1);
    wire [OPEN_W-1:0] open_bursts;              // on the bus and not answered to the last beat

    weft_window #(.MEM_BYTES(MEM_BYTES)) u_window (
        .base(win_base), .limit(win_limit), .addr(pick_addr), .beats(pick_beats), .fits(fits));

    // Whose answer comes next.  An entry lies here from the request on the bus to its last beat.
    weft_fifo #(.WIDTH(2), .DEPTH(MAX_OUTSTANDING), .RAM(0)) u_owners (
        .clk(clk), .rst(rst),
        .in_valid(send), .in_ready(owners_in_ready), .in_data(pick_client),
        .out_valid(owner_valid), .out_ready(answered), .out_data(owner), .count(open_bursts));

    assign pick_leaves = send || refused;

    always @(posedge clk) begin
        if (send)         arvalid_q <= 1'b1;
        else if (arready) arvalid_q <= 1'b0;
        // The first cycle of a refusal only loads the counter, so that answers hang on registers and not on the window.
        if (refusing) begin
            refuse_left <= refuse_left - 5'd1;
            if (refused) refusing <= 1'b0;
        end
        if (picked && !allowed && !owner_valid && !refusing) begin
            refusing    <= 1'b1;
            refuse_left <= pick_beats;
        end
        if (rst) begin
            arvalid_q <= 1'b0;
            refusing  <= 1'b0;
        end
        if (send) begin
            araddr_q <= pick_addr;
            beats_q  <= pick_beats;
        end
    end

    assign arvalid = arvalid_q;
    assign araddr  = araddr_q;
    assign arlen   = {3'd0, beats_q} - 8'd1;
    assign arsize  = 3'($clog2(MEM_BYTES));
    assign arburst = 2'b01;
    assign rready  = 1'b1;

    // ---- Answers

    assign rsp_valid = rvalid ? 4'd1 << owner : refusing ? 4'd1 << pick_client : 4'd0;
    assign rsp_data  = refusing ? {8*MEM_BYTES{1'b0}} : rdata;
    assign rsp_last  = rvalid ? rlast : refused;
    assign rsp_error = rvalid ? rresp[1] : 1'b1;
    assign bus_error = (|rsp_valid[LOAD:FETCH]) && rsp_error;
    assign beat      = rvalid && owner != LINK_ID;
    assign idle      = !picked && open_bursts == 0;
    assign resting   = !picked && !arvalid_q;

    wire unused = rresp[0];

`ifndef SYNTHESIS
    always @(posedge clk)
        if (!rst && rvalid) `WEFT_ASSERT(owner_valid, "memory answers what was not asked");
`endif

`ifdef FORMAL
    // Nothing outside the window reaches the bus but for link; requests hold; stop takes nothing new.
    reg        f_past = 1'b0;
    reg  [1:0] f_client;
    reg [31:0] f_base, f_limit;
    integer    f_i;
    reg [OPEN_W-1:0] f_taken = 0;               // bursts memory has taken and not answered
    wire [33:0] f_after = {2'd0, araddr} + ({26'd0, arlen} + 34'd1) * MEM_BYTES;
    wire        f_second_valid;
    wire [38:0] f_second;
    localparam integer F_BEAT_W = $clog2(MEM_BYTES);

    // What the contract says of a request: 1 to 16 beats, aligned, inside one multiple of 16 beats.
    function f_legal(input [4:0] beats, input [31:0] addr);
        f_legal = beats >= 5'd1 && addr[F_BEAT_W-1:0] == 0 && {1'b0, addr[F_BEAT_W +: 4]} + {1'b0, beats} <= 6'd16;
    endfunction

    always @(posedge clk) begin
        f_past  <= 1'b1;
        f_base  <= win_base;
        f_limit <= win_limit;
        if (send) f_client <= pick_client;
        if (rst) f_taken <= 0;
        else     f_taken <= f_taken + (arvalid && arready ? 1'b1 : 1'b0) - (answered ? 1'b1 : 1'b0);
        if (f_past && $past(arvalid && !arready && !rst))
            assert (arvalid && araddr == $past(araddr) && arlen == $past(arlen));
        // Resting, without request or answer: the clock might as well have stood still.
        if (f_past && $past(!rst && resting && req_valid == 4'd0 && !rvalid))
            assert (resting && arvalid == $past(arvalid) && load_next == $past(load_next)
                    && !refusing && !$past(refusing) && open_bursts == $past(open_bursts)
                    && owner_valid == $past(owner_valid) && owner == $past(owner));
    end
    always @(*) begin
        if (!f_past) assume (rst);
        for (f_i = 0; f_i < 4; f_i = f_i + 1)
            assume (f_legal(req_beats[5*f_i +: 5], req_addr[32*f_i +: 32]));
        if (f_past && picked) assert (f_legal(pick_beats, pick_addr));
        if (f_past && f_second_valid) assert (picked && f_legal(f_second[36:32], f_second[31:0]));
        if (f_past && arvalid) assert (arlen <= 8'd15);
        if (f_taken == 0) assume (!rvalid);     // memory answers only what it has taken
        if (f_past) assert (f_taken <= MAX_OUTSTANDING && open_bursts == f_taken + (arvalid ? 1 : 0));
        if (f_past && !idle) assume (win_base == f_base && win_limit == f_limit);
        if (f_past && arvalid && f_client != LINK_ID)
            assert (araddr >= win_base && f_after <= {2'd0, win_limit});
        if (f_past && arvalid) assert (!idle);
        if (f_past && refusing)
            assert (picked && !allowed && !owner_valid && refuse_left >= 5'd1 && refuse_left <= pick_beats);
        if (stop) assert (req_ready == 4'd0);
        assert ((req_ready & (req_ready - 4'd1)) == 4'd0);
        assert ((rsp_valid & (rsp_valid - 4'd1)) == 4'd0);
    end
    always @(posedge clk) begin
        if (f_past && arvalid && f_client == LINK_ID) cover (araddr < win_base);
        if (f_past) cover (refused);
    end
`endif

endmodule

`default_nettype wire
