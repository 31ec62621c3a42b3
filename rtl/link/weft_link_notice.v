// Frames the device sends unasked: DONE at the end of a run, ALIVE every `heartbeat` cycles.
//
// notice_valid holds until a cycle with notice_ready; the other notice fields then describe the
// frame and are those of that cycle (ALIVE shows the state when it leaves, not when it was due).
// DONE goes before ALIVE.  An ALIVE that is due while one waits is dropped.
//
// `done_waiting` is high from the cycle of run_done until DONE has been taken.  DONE is made of
// the registers, so no run may be started meanwhile; then none is ever lost, however long the link
// stands still.
//
// The time of the heartbeat counts from the cycle in which `heartbeat` became other than 0; a new
// period holds at once.  `clear` has the effect of `rst`: nothing waits, time 0.

`default_nettype none

module weft_link_notice (
    input  wire        clk,
    input  wire        rst,
    input  wire        clear,

    input  wire        run_done,
    input  wire [31:0] heartbeat,                              // cycles, 0 for no ALIVE
    input  wire [31:0] status_value,
    input  wire [31:0] err_index_value,
    input  wire [31:0] cycles_value,
    input  wire [31:0] commands_value,

    output wire        done_waiting,
    output wire        notice_valid,
    input  wire        notice_ready,
    output wire [7:0]  notice_type,
    output wire [95:0] notice_head,
    output wire [3:0]  notice_head_bytes
);

    reg        done;
    reg        alive;
    reg [31:0] beat_cycles;

    assign done_waiting      = done || run_done;
    assign notice_valid      = done || alive;
    assign notice_type       = done ? 8'(weft_isa::PKT_DONE) : 8'(weft_isa::PKT_ALIVE);
    assign notice_head       = done ? {cycles_value, err_index_value, status_value}
                                    : {32'b0, commands_value, status_value};
    assign notice_head_bytes = done ? 4'd12 : 4'd8;

    always @(posedge clk) begin : waiting
        reg due;
        if (notice_valid && notice_ready) begin
            if (done)
                done <= 1'b0;
            else
                alive <= 1'b0;
        end
        if (run_done)
            done <= 1'b1;
        due = heartbeat != 32'b0 && beat_cycles + 32'd1 >= heartbeat;
        if (due)
            alive <= 1'b1;
        beat_cycles <= beat_cycles + 32'd1;
        if (due || heartbeat == 32'b0)
            beat_cycles <= 32'b0;
        if (rst || clear) begin
            done        <= 1'b0;
            alive       <= 1'b0;
            beat_cycles <= 32'b0;
        end
    end

endmodule

`default_nettype wire
