// The compute queue: commands of one to five units in, whole commands out, oldest first.
//
// Units come in one a cycle, in_last with the last of a command.  Sixteen lie in a memory one unit
// wide; behind it a register collects the units of the next command and another shows the oldest: `cmd`
// holds while cmd_valid, and a waiting command follows in the cycle after cmd_ready.  Units that a
// shorter command does not have keep old bits.  Latency from the last unit to cmd_valid: three cycles,
// four with RAM, where the memory is block RAM: 63 LUT RAMs fewer for eight blocks.

`default_nettype none

module weft_compute_queue #(
    parameter  integer RAM    = 0,
    localparam integer UNIT_W = weft_isa::CMD_UNIT_W,
    localparam integer CMD_W  = weft_isa::CMD_W
) (
    input  wire                            clk,
    input  wire                            rst,
    input  wire                            in_valid,
    output wire                            in_ready,
    input  wire [UNIT_W-1:0]               in_unit,
    input  wire                            in_last,
    output reg                             cmd_valid,
    input  wire                            cmd_ready,
    output reg  [CMD_W-1:0]                cmd
);

    wire              unit_valid, unit_last, unit_ready;
    wire [UNIT_W-1:0] unit;
    wire [4:0]        count;
    weft_fifo #(.WIDTH(1 + UNIT_W), .DEPTH(16), .RAM(RAM)) u_fifo (
        .clk(clk), .rst(rst),
        .in_valid(in_valid), .in_ready(in_ready), .in_data({in_last, in_unit}),
        .out_valid(unit_valid), .out_ready(unit_ready), .out_data({unit_last, unit}),
        .count(count));

    reg [CMD_W-1:0] next;
    reg             complete;                       // next is a whole command
    reg [2:0]       at;                             // its unit that comes next
    wire            move = complete && (!cmd_valid || cmd_ready);

    assign unit_ready = !complete;

    always @(posedge clk) begin
        if (cmd_ready) cmd_valid <= 1'b0;
        if (move) begin
            cmd       <= next;
            cmd_valid <= 1'b1;
            complete  <= 1'b0;
        end
        if (unit_valid && unit_ready) begin
            case (at)
                3'd0:    next[0*UNIT_W +: UNIT_W] <= unit;
                3'd1:    next[1*UNIT_W +: UNIT_W] <= unit;
                3'd2:    next[2*UNIT_W +: UNIT_W] <= unit;
                3'd3:    next[3*UNIT_W +: UNIT_W] <= unit;
                default: next[4*UNIT_W +: UNIT_W] <= unit;
            endcase
            complete <= unit_last;
            at       <= unit_last ? 3'd0 : at + 3'd1;
        end
        if (rst) begin
            cmd_valid <= 1'b0;
            complete  <= 1'b0;
            at        <= 3'd0;
        end
    end

    wire unused = &{1'b0, count};

endmodule

`default_nettype wire
