// The memory side of a LOAD or STORE: one piece of contiguous memory per row, or one for all rows.
//
// A command (start_*) gives `rows` pieces of row_beats beats, `stride` bytes apart, or with `merge` (rows
// follow one another without a gap) one piece of rows * row_beats.  One piece a cycle; the next command is taken
// in the cycle after the last piece, so that nobody's ready runs on to the queue.  run_last marks the last piece of a command.

`default_nettype none

module weft_runs #(
    parameter  integer MEM_BYTES = weft_isa::MEM_BYTES,
    localparam integer ROW_W     = 21 - $clog2(MEM_BYTES)      // beats of a row
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             start_valid,
    output wire             start_ready,
    input  wire [31:0]      start_addr,
    input  wire [31:0]      start_stride,
    input  wire [15:0]      start_rows,         // at least 1
    input  wire [ROW_W-1:0] start_row_beats,    // at least 1
    input  wire             start_merge,
    output reg              run_valid,
    input  wire             run_ready,
    output reg  [31:0]      run_addr,
    output reg  [29:0]      run_beats,
    output reg              run_last
);

    reg [15:0] after;                           // pieces behind the one that is shown
    reg [31:0] stride;

    assign start_ready = !run_valid;

    always @(posedge clk) begin : move
        reg start;
        start = start_valid && start_ready;
        if (run_valid && run_ready) begin
            if (run_last) run_valid <= 1'b0;
            run_last <= after == 16'd1;
            run_addr <= run_addr + stride;
            after    <= after - 16'd1;
        end
        if (start) begin
            run_valid <= 1'b1;
            run_last  <= start_merge || start_rows == 16'd1;
            after     <= start_rows - 16'd1;
            stride    <= start_stride;
            run_addr  <= start_addr;
            // No piece inside the window is longer than 2^30 beats, so the product fits.
            run_beats <= start_merge ? 30'(start_rows) * 30'(start_row_beats) : 30'(start_row_beats);
        end
        if (rst)
            run_valid <= 1'b0;
    end

endmodule

`default_nettype wire
