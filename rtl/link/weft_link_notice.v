// Frames the device sends unasked: DONE at the end of a run, ALIVE every `heartbeat` cycles.
//
// notice_valid holds until a cycle with notice_start, whose registers the frame has (ALIVE shows the state
// when it leaves, not when it was due); notice_word is then word notice_at of its payload until notice_taken
// ends it.  They are copied, so that a sleeping link looks at no counter.  DONE goes before ALIVE.  An ALIVE that is due while one waits or is being taken is dropped.
//
// `done_waiting` is high from the cycle of run_done until DONE has been taken.  DONE is made of
// the registers, so no run may be started meanwhile; then none is ever lost, however long the link
// stands still.
//
// The time of the heartbeat counts from the cycle in which `heartbeat` became other than 0; a new
// period holds at once.  `clear` has the effect of `rst`: nothing waits, time 0; a frame that has been started
// is sent to its end.

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
    input  wire        notice_start,
    input  wire        notice_taken,
    output reg         notice_is_done,                         // DONE, not ALIVE; from notice_start on
    input  wire [1:0]  notice_at,
    output wire [31:0] notice_word,
    output wire [1:0]  notice_words
);

    reg        done;
    reg        alive;
    reg [31:0] beat_cycles;

    assign done_waiting = done || run_done;
    assign notice_valid = done || alive;
    assign notice_words = notice_is_done ? 2'd3 : 2'd2;

    reg [31:0] first, second, third;
    assign notice_word = notice_at == 2'd0 ? first : notice_at == 2'd1 ? second : third;

    always @(posedge clk) begin : waiting
        reg due;
        if (notice_taken) begin
            if (notice_is_done)
                done <= 1'b0;
            else
                alive <= 1'b0;
        end
        if (notice_start) begin
            notice_is_done <= done;
            first          <= status_value;
            second         <= done ? err_index_value : commands_value;
            third          <= cycles_value;
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
