// A run from start to done, and the way out of one that went wrong.
//
// `start` (one cycle, while not busy) begins.  The run ends when the program has ended (`ended`, with the
// result of the checks), every command handed on is finished (`empty`) and `memory_idle`: then `done`
// pulses with err_code and err_index.  At an error of memory, or at `abort_run`, it ends at once: `stop`
// is high until memory_idle, in the cycle after that `clear` resets all units, and the next one has `done`
// with BUS (err_index: the oldest unfinished command of the queue concerned) or ABORTED (err_index: the
// command that was being checked).  abort_run in the cycle of `done` comes too late.
//
// `running` is high from the cycle after start to the cycle before done.

`default_nettype none

module weft_run (
    input  wire        clk,
    input  wire        rst,

    input  wire        start,
    input  wire        abort_run,
    output reg         done,
    output reg  [7:0]  err_code,
    output reg  [31:0] err_index,
    output wire        running,
    output reg         stop,
    output reg         clear,

    input  wire        ended,               // weft_decode
    input  wire [7:0]  end_code,
    input  wire [23:0] end_index,
    input  wire        empty,               // weft_dispatch
    input  wire [23:0] load_index,
    input  wire [23:0] store_index,
    input  wire [23:0] compute_index,
    input  wire        memory_idle,         // no burst is open, none of ours is asked for
    input  wire        load_error,          // pulses: memory answered with an error
    input  wire        store_error,
    input  wire        weights_error
);

    localparam [1:0] IDLE = 2'd0, RUN = 2'd1, STOPPING = 2'd2, CLEARED = 2'd3;
    localparam [7:0] BUS = 8'(weft_isa::ERR_BUS);

    reg  [1:0] state;
    reg        settled;                     // stop has been high for a cycle
    wire       bus_error = load_error || store_error || weights_error || (ended && end_code == BUS);

    assign running = state != IDLE;

    always @(posedge clk) begin : step
        reg [1:0] now;                      // the state, read once before it is written
        now   = state;
        done  <= 1'b0;
        clear <= 1'b0;
        case (now)
            IDLE:
                if (start) state <= RUN;
            RUN: begin
                settled <= 1'b0;
                if (abort_run || bus_error) begin
                    state     <= STOPPING;
                    stop      <= 1'b1;
                    err_code  <= abort_run ? 8'(weft_isa::ERR_ABORTED) : BUS;
                    err_index <= {8'd0, abort_run        ? end_index
                                      : load_error    ? load_index
                                      : store_error   ? store_index
                                      : weights_error ? compute_index : end_index};
                end else if (ended && empty && memory_idle) begin
                    state     <= IDLE;
                    done      <= 1'b1;
                    err_code  <= end_code;
                    err_index <= end_code == 8'(weft_isa::ERR_OK) ? 32'd0 : {8'd0, end_index};
                end
            end
            STOPPING: begin
                settled <= 1'b1;
                if (abort_run) err_code <= 8'(weft_isa::ERR_ABORTED);
                if (settled && memory_idle) begin
                    state <= CLEARED;
                    clear <= 1'b1;
                end
            end
            CLEARED: begin
                state <= IDLE;
                stop  <= 1'b0;
                done  <= 1'b1;
            end
        endcase
        if (rst) begin
            state <= IDLE;
            stop  <= 1'b0;
            done  <= 1'b0;
            clear <= 1'b0;
        end
    end

endmodule

`default_nettype wire
