// AXI4 write master for two clients: store 0, link 1 (the index in every vector).
//
// A client asks for a burst (1..16 beats, aligned to MEM_BYTES, not crossing a multiple of
// 16*MEM_BYTES), then hands over its beats with strobes; two more bursts may be asked for meanwhile.  A burst goes out when all of its data is here, so one that has begun on the
// bus always ends.  `done[i]` pulses once per burst, in order per client, when memory has
// confirmed it, with the common done_error.
//
// Store stays inside [win_base, win_limit), which must not change while a burst is open: a burst that leaves it
// never reaches the bus; its data is taken and dropped, and done comes with done_error.
// bus_error pulses for every burst of store that ends with an error.
//
// `stop` high: no burst is accepted, those of store whose last beat is not here yet are dropped (and never done), all
// others finish.  `idle`: no burst is open.  Reset only when idle or together with the memory.
// `beat` pulses for every beat of store sent to memory.

`default_nettype none
`include "weft_assert.vh"

module weft_mem_write #(
    parameter integer MEM_BYTES       = weft_isa::MEM_BYTES,
    parameter integer MAX_OUTSTANDING = 32,                 // bursts, power of two >= 2
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

    localparam integer STORE = 0, LINK = 1;
    localparam integer B     = 8 * MEM_BYTES;
    localparam integer ITEM  = 2 + MEM_BYTES + B;       // client, last, strobes, data

    // ---- The burst being handed over

    reg         open, open_client, open_ends;           // open_ends: the next beat is the last
    reg  [31:0] open_addr;
    reg  [4:0]  open_beats, open_left;
    reg         refused;                                // pulse: a burst outside the window was swallowed
    reg         allowed;                                // it is inside the window, or need not be
    wire        fits, fifo_in_ready, bursts_in_ready, burst_valid, owner_valid;
    wire        unused_owner_valid = owner_valid;             // otherwise read by assertions only
    wire        drained;                                // nothing older is under way
    wire        taking    = open && (open_client || !stop)
                          && (allowed ? fifo_in_ready && (bursts_in_ready || !open_ends) : drained);
    wire        take      = taking && (open_client ? data_valid[LINK] : data_valid[STORE]);
    wire        finish    = take && open_ends;
    wire        drop      = open && !open_client && stop;
    assign data_ready = {taking && open_client, taking && !open_client};

    // What is asked for waits in a register, so that it is ready for the beat after the last one of the burst before, and
    // that whoever asks does not wait for what becomes of that one.
    wire        wanted, want_link, want_room;
    wire [31:0] want_addr;
    wire [4:0]  want_beats;
    wire        free      = !open || finish || drop;

    assign req_ready = {!stop && want_room, !stop && want_room && !req_valid[LINK]};

    weft_skid #(.WIDTH(38)) u_wants (
`ifdef FORMAL
        .f_second_valid(f_second_valid), .f_second_data(f_second),
`endif
        .clk(clk), .rst(rst), .s_valid(!stop && (|req_valid)), .s_ready(want_room),
        .s_data(req_valid[LINK] ? {1'b1, req_beats[9:5], req_addr[63:32]} : {1'b0, req_beats[4:0], req_addr[31:0]}),
        .m_valid(wanted), .m_ready(free), .m_data({want_link, want_beats, want_addr}));

    weft_window #(.MEM_BYTES(MEM_BYTES)) u_window (
        .base(win_base), .limit(win_limit), .addr(want_addr), .beats(want_beats), .fits(fits));

    always @(posedge clk) begin
        refused <= finish && !allowed;
        if (free) open <= wanted;
        if (rst) begin
            open    <= 1'b0;
            refused <= 1'b0;
        end
        if (take) begin
            open_ends <= open_left == 5'd2;
            open_left <= open_left - 5'd1;
        end
        if (free && wanted) begin
            open_client <= want_link;
            open_addr   <= want_addr;
            open_beats  <= want_beats;
            open_left   <= want_beats;
            open_ends   <= want_beats == 5'd1;
            allowed     <= fits || want_link;
        end
    end

    wire             item_valid, item_ready, item_client, item_last;
    wire [ITEM-1:0]  item_in = {open_client, open_ends, open_client ? strb[MEM_BYTES +: MEM_BYTES] : strb[0 +: MEM_BYTES],
                                open_client ? data[B +: B] : data[0 +: B]};

    weft_commit_fifo #(.WIDTH(ITEM), .DEPTH(FIFO_BEATS)) u_data (
        .clk(clk), .rst(rst),
        .in_valid(take && allowed), .in_ready(fifo_in_ready), .in_data(item_in), .in_last(open_ends), .drop(drop),
        .out_valid(item_valid), .out_ready(item_ready), .out_data({item_client, item_last, wstrb, wdata}));

    // ---- Complete bursts: addresses go ahead, their data follows in the same order

    wire        burst_client, owners_in_ready, owner;
    wire [31:0] burst_addr;
    wire [4:0]  burst_beats;
    wire        send = burst_valid && owners_in_ready && (!awvalid || awready);
    assign      drained = full_bursts == 0 && open_bursts == 0;
    reg         awvalid_q;
    reg  [31:0] awaddr_q;
    reg  [4:0]  awbeats_q;
    localparam integer OPEN_W = $clog2(MAX_OUTSTANDING + 1);
    wire [OPEN_W-1:0] open_bursts, full_bursts;         // on the bus and not confirmed; complete and not yet there
    reg  [OPEN_W-1:0] data_due;                         // addresses put up whose last beat has not gone
    wire        last_goes = wvalid && wready && wlast;

    weft_fifo #(.WIDTH(38), .DEPTH(MAX_OUTSTANDING), .RAM(0)) u_bursts (
`ifdef FORMAL
        .f_all(f_bursts),
`endif
        .clk(clk), .rst(rst),
        .in_valid(finish && allowed), .in_ready(bursts_in_ready), .in_data({open_client, open_beats, open_addr}),
        .out_valid(burst_valid), .out_ready(send), .out_data({burst_client, burst_beats, burst_addr}),
        .count(full_bursts));

    weft_fifo #(.WIDTH(1), .DEPTH(MAX_OUTSTANDING), .RAM(0)) u_owners (
        .clk(clk), .rst(rst),
        .in_valid(send), .in_ready(owners_in_ready), .in_data(burst_client),
        .out_valid(owner_valid), .out_ready(bvalid), .out_data(owner), .count(open_bursts));

    always @(posedge clk) begin
        if (send)         awvalid_q <= 1'b1;
        else if (awready) awvalid_q <= 1'b0;
        if (send != last_goes) data_due <= send ? data_due + 1'b1 : data_due - 1'b1;
        if (rst) begin
            awvalid_q <= 1'b0;
            data_due  <= 0;
        end
        if (send) begin
            awaddr_q  <= burst_addr;
            awbeats_q <= burst_beats;
        end
    end

    assign awvalid    = awvalid_q;
    assign awaddr     = awaddr_q;
    assign awlen      = {3'd0, awbeats_q} - 8'd1;
    assign awsize     = 3'($clog2(MEM_BYTES));
    assign awburst    = 2'b01;
    assign wvalid     = item_valid && data_due != 0;
    assign wlast      = item_last;
    assign item_ready = wready && data_due != 0;
    assign bready     = 1'b1;

    // ---- Answers

    assign done       = bvalid ? {owner, !owner} : {1'b0, refused};
    assign done_error = bvalid ? bresp[1] : 1'b1;
    assign bus_error  = done[STORE] && done_error;
    assign beat       = wvalid && wready && !item_client;
    assign idle       = !open && !wanted && !refused && drained;

    wire unused = bresp[0];

`ifndef SYNTHESIS
    always @(posedge clk)
        if (!rst && bvalid) `WEFT_ASSERT(owner_valid, "memory confirms what was not written");
`endif

`ifdef FORMAL
    // Nothing of store outside the window reaches the bus; requests hold; stop takes nothing new.
    reg         f_past = 1'b0;
    reg         f_client;
    reg  [31:0] f_base, f_limit;
    reg [OPEN_W-1:0] f_taken = 0;               // bursts memory has taken and not confirmed
    wire [38*MAX_OUTSTANDING-1:0] f_bursts;
    integer     f_i;
    wire        f_second_valid;
    wire [37:0] f_second;
    localparam integer F_BEAT_W = $clog2(MEM_BYTES);

    // What the contract says of a request: 1 to 16 beats, aligned, inside one multiple of 16 beats.
    function f_legal(input [4:0] beats, input [31:0] addr);
        f_legal = beats >= 5'd1 && addr[F_BEAT_W-1:0] == 0 && {1'b0, addr[F_BEAT_W +: 4]} + {1'b0, beats} <= 6'd16;
    endfunction
    wire [33:0] f_after = {2'd0, awaddr} + ({26'd0, awlen} + 34'd1) * MEM_BYTES;

    always @(posedge clk) begin
        f_past  <= 1'b1;
        f_base  <= win_base;
        f_limit <= win_limit;
        if (send) f_client <= burst_client;
        if (rst) f_taken <= 0;
        else     f_taken <= f_taken + (awvalid && awready ? 1'b1 : 1'b0) - (bvalid ? 1'b1 : 1'b0);
        if (f_past && $past(awvalid && !awready && !rst))
            assert (awvalid && awaddr == $past(awaddr) && awlen == $past(awlen));
    end
    always @(*) begin
        if (!f_past) assume (rst);
        for (f_i = 0; f_i < 2; f_i = f_i + 1)
            assume (f_legal(req_beats[5*f_i +: 5], req_addr[32*f_i +: 32]));
        if (f_past && wanted) assert (f_legal(want_beats, want_addr));
        if (f_past && f_second_valid) assert (wanted && f_legal(f_second[36:32], f_second[31:0]));
        if (f_past && open) assert (f_legal(open_beats, open_addr));
        // `allowed` was found when the burst was taken up, and the window has not moved since.
        if (f_past && open && allowed && !open_client)
            assert (open_addr >= win_base && {2'd0, open_addr} + open_beats * MEM_BYTES <= {2'd0, win_limit});
        if (f_past && awvalid) assert (awlen <= 8'd15);
        if (f_taken == 0) assume (!bvalid);     // memory confirms only what it has taken
        if (f_past) assert (f_taken <= MAX_OUTSTANDING && open_bursts == f_taken + (awvalid ? 1 : 0));
        if (f_past)
            for (f_i = 0; f_i < MAX_OUTSTANDING; f_i = f_i + 1)
                if (f_i < full_bursts)
                    assert (f_bursts[38*f_i + 32 +: 5] >= 5'd1 && f_bursts[38*f_i + 32 +: 5] <= 5'd16);
        if (f_past)
            for (f_i = 0; f_i < MAX_OUTSTANDING; f_i = f_i + 1)
                if (f_i < full_bursts && !f_bursts[38*f_i + 37])
                    assert (f_bursts[38*f_i +: 32] >= win_base
                            && {2'd0, f_bursts[38*f_i +: 32]} + f_bursts[38*f_i + 32 +: 5] * MEM_BYTES <= {2'd0, win_limit});
        if (f_past && !idle) assume (win_base == f_base && win_limit == f_limit);
        if (f_past && awvalid && !f_client)
            assert (awaddr >= win_base && f_after <= {2'd0, win_limit});
        if (stop) assert (req_ready == 2'd0 && !data_ready[STORE]);
        assert (data_ready != 2'b11);
    end
    always @(posedge clk) begin
        if (f_past && awvalid && f_client) cover (awaddr < win_base);
        if (f_past) cover (refused);
    end
`endif

endmodule

`default_nettype wire
