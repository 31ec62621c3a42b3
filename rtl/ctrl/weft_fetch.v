// Reads the program ahead: memory to a stream of command units of 32 bytes, in order.
//
// `start` (one cycle, only while idle) begins at unit number first_unit = address / 32 and forgets what
// was inside.  From then on bursts are asked for as long as there is room for 16 units, the next
// unit lies before limit_unit (so no burst leaves the window) and more than units_wanted are not yet
// on their way; units_wanted is how many units the taker may still take, 31 standing for more.
// Room is reserved before a burst is asked for.  unit_error comes with a unit of which memory
// answered a beat with an error.
//
// `idle`: nothing is asked for and nothing is on its way.  Costs three cycles from start to the first
// request, as many from one to the next, and one from the last beat of a unit to unit_valid.
//
// With SMALL the beats wait in one block of RAM and are put together behind it: two cycles from the last beat to
// unit_valid, and units that wait come as fast as memory could send them rather than one a cycle; 65 LUT RAMs fewer.

`default_nettype none

module weft_fetch #(
    parameter  integer MEM_BYTES = weft_isa::MEM_BYTES,
    parameter  integer SMALL     = 0,
    localparam integer UNIT_W    = weft_isa::CMD_UNIT_W
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire                   start,
    input  wire [26:0]            first_unit,
    input  wire [26:0]            limit_unit,
    input  wire [4:0]             units_wanted,
    output wire                   idle,

    output wire                   unit_valid,
    input  wire                   unit_ready,
    output wire [UNIT_W-1:0]      unit_data,
    output wire                   unit_error,

    output reg                    req_valid,        // to weft_mem_read
    input  wire                   req_ready,
    output wire [31:0]            req_addr,
    output wire [4:0]             req_beats,
    input  wire                   rsp_valid,
    input  wire [8*MEM_BYTES-1:0] rsp_data,
    input  wire                   rsp_error
);

    localparam integer UNIT_BYTES  = weft_isa::CMD_UNIT_BYTES;
    localparam integer BEATS       = UNIT_BYTES / MEM_BYTES;                    // of a unit
    localparam integer BURST_FULL  = weft_isa::BURST_BEATS / BEATS;
    localparam integer BURST_UNITS = BURST_FULL > 8 ? 8 : BURST_FULL;
    localparam integer ROOM        = 16;
    localparam integer PART_W      = BEATS > 1 ? $clog2(BEATS) : 1;
    localparam [PART_W-1:0] LAST_PART = PART_W'(BEATS - 1);

    // --- asking: `held` units are asked for and not yet taken, `coming` of them not yet here ---

    reg  [27:0] next_unit;
    reg  [26:0] req_unit;
    reg  [3:0]  req_units;
    reg  [4:0]  held, coming;
    wire        take   = unit_valid && unit_ready;
    wire        arrive;

    // What to ask for is worked out in two cycles, each looking at the one before, and forgotten when next_unit moves: near,
    // as many units as a burst may have from next_unit on; ask, of these as many as are wanted and find room.
    reg  [4:0]  near, ask;
    wire [4:0]  to_boundary = 5'(BURST_UNITS) - ({1'b0, next_unit[3:0]} & 5'(BURST_UNITS - 1));
    wire [27:0] to_limit    = {1'b0, limit_unit} - next_unit;
    wire [4:0]  missing     = units_wanted - held;
    wire [4:0]  wished      = units_wanted <= held ? 5'd0 : missing < near ? missing : near;

    assign req_addr  = {req_unit, 5'd0};
    assign req_beats = 5'(req_units * BEATS);
    assign idle      = !req_valid && coming == 0;

    always @(posedge clk) begin : asking
        reg [4:0] more;                             // units asked for now
        more   = !req_valid && !start ? ask : 5'd0;
        near   <= next_unit >= {1'b0, limit_unit} ? 5'd0 : to_limit < {23'd0, to_boundary} ? to_limit[4:0] : to_boundary;
        ask    <= held + wished <= 5'(ROOM) ? wished : 5'd0;
        held   <= held + more - {4'd0, take};
        coming <= coming + more - {4'd0, arrive};
        if (req_ready)
            req_valid <= 1'b0;
        if (more != 0) begin
            req_valid <= 1'b1;
            req_unit  <= next_unit[26:0];
            req_units <= more[3:0];
            next_unit <= next_unit + {23'd0, more};
        end
        if (start || more != 0) begin
            near <= 0;
            ask  <= 0;
        end
        if (start) begin
            held      <= 0;
            next_unit <= {1'b0, first_unit};
        end
        if (rst) begin
            req_valid <= 1'b0;
            held      <= 0;
            coming    <= 0;
            near      <= 0;
            ask       <= 0;
            next_unit <= {28{1'b1}};
        end
    end

    // --- collecting beats to units ---

    wire                   beat, beat_error;        // one is taken
    wire [8*MEM_BYTES-1:0] beat_data;
    reg                    error;                   // of the beats of the unit before this one
    wire [UNIT_W-1:0]      unit;
    reg  [PART_W-1:0]      part;
    wire                   fifo_ready;

    generate
        if (BEATS > 1) begin : g_parts
            reg [8*(UNIT_BYTES-MEM_BYTES)-1:0] earlier;
            assign unit = {beat_data, earlier};
            if (BEATS > 2) begin : g_shift
                always @(posedge clk)
                    if (beat) earlier <= {beat_data, earlier[8*(UNIT_BYTES-MEM_BYTES)-1:8*MEM_BYTES]};
            end else begin : g_take
                always @(posedge clk)
                    if (beat) earlier <= beat_data;
            end
        end else begin : g_whole
            assign unit = beat_data;
        end
    endgenerate

    always @(posedge clk) begin
        if (beat) begin
            error <= part != LAST_PART && (error || beat_error);
            part  <= part == LAST_PART ? 0 : part + 1'b1;
        end
        if (rst || (SMALL != 0 && start)) begin
            part  <= 0;
            error <= 1'b0;
        end
    end

    /* verilator lint_off PINCONNECTEMPTY */ // held counts what is inside
    generate
        if (SMALL != 0) begin : g_small
            reg  [PART_W-1:0] came;                 // beats of the unit that arrives
            wire              beat_valid;
            always @(posedge clk) begin
                if (rsp_valid) came <= came == LAST_PART ? 0 : came + 1'b1;
                if (rst) came <= 0;
            end
            assign arrive     = rsp_valid && came == LAST_PART;
            assign unit_valid = beat_valid && part == LAST_PART;
            assign beat       = beat_valid && (part != LAST_PART || unit_ready);
            assign unit_data  = unit;
            assign unit_error = error || beat_error;
            weft_fifo #(.WIDTH(1 + 8 * MEM_BYTES), .DEPTH(ROOM * BEATS), .RAM(1)) u_fifo (
                .clk(clk), .rst(rst || start),
                .in_valid(rsp_valid), .in_ready(fifo_ready), .in_data({rsp_error, rsp_data}),
                .out_valid(beat_valid), .out_ready(beat), .out_data({beat_error, beat_data}), .count());
        end else begin : g_large
            assign arrive     = rsp_valid && part == LAST_PART;
            assign beat       = rsp_valid;
            assign beat_data  = rsp_data;
            assign beat_error = rsp_error;
            weft_fifo #(.WIDTH(257), .DEPTH(ROOM)) u_fifo (
                .clk(clk), .rst(rst || start),
                .in_valid(arrive), .in_ready(fifo_ready), .in_data({error || rsp_error, unit}),
                .out_valid(unit_valid), .out_ready(unit_ready), .out_data({unit_error, unit_data}), .count());
        end
    endgenerate
    /* verilator lint_on PINCONNECTEMPTY */

    wire unused = &{1'b0, fifo_ready, to_limit[27:5], ask[4]};

`ifndef SYNTHESIS
    always @(posedge clk) if (!rst) begin
        if (start && !idle) $fatal(1, "%m: start while bursts are open");
        if ((SMALL != 0 ? rsp_valid : arrive) && !fifo_ready) $fatal(1, "%m: an answer found no room");
    end
`endif

endmodule

`default_nettype wire
