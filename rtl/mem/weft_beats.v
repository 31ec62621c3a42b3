// The buffer side of a LOAD or STORE: where each memory beat lies in the feature buffer.
//
// A command (start_*) gives rows * row_beats positions, row after row as the contract steps them: the bank goes on by
// one per row, the slot by PITCH after bank 3, less SIZE at TOP.  `tag` goes with the command.  One position a
// cycle, also across rows, and across commands unless the first has but one row of one beat; the first
// appears three cycles after the start.

`default_nettype none

module weft_beats #(
    parameter  integer MEM_BYTES  = weft_isa::MEM_BYTES,
    parameter  integer WORD_BYTES = 16,                         // power of two >= MEM_BYTES
    parameter  integer FB_WORDS   = weft_isa::FB_WORDS,
    parameter  integer TAG_W      = 1,
    localparam integer AW         = $clog2(FB_WORDS),
    localparam integer OW         = $clog2(WORD_BYTES),
    localparam integer ROW_W      = 21 - $clog2(MEM_BYTES)      // beats of a row
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             start_valid,
    output wire             start_ready,
    input  wire [1:0]       start_row,
    input  wire [AW:0]      start_a,
    input  wire [AW:0]      start_pitch,
    input  wire [AW:0]      start_top,
    input  wire [AW:0]      start_size,
    input  wire [19:0]      start_u,            // multiple of MEM_BYTES
    input  wire [15:0]      start_rows,         // at least 1
    input  wire [ROW_W-1:0] start_row_beats,    // at least 1
    input  wire [TAG_W-1:0] start_tag,
    output reg              beat_valid,
    input  wire             beat_ready,
    output reg  [1:0]       beat_bank,
    output reg  [AW-1:0]    beat_word,
    output reg  [OW-1:0]    beat_off,
    output reg              beat_row_last,      // last of its row
    output wire             beat_last,          // last of the command
    output reg  [TAG_W-1:0] beat_tag
);

    localparam [OW-1:0] STEP = OW'(MEM_BYTES);  // 0 when a beat is a word

    // ---- The row after the one at hand.  Its constants stay until its last row has moved on.

    reg             some_rows, final_next;      // rows have not yet moved on; the next is the last of them
    reg [15:0]      rows;                       // those behind it
    reg [1:0]       row;
    reg [AW:0]      a, pitch, top, size;
    reg [19:0]      u;
    reg [ROW_W-1:0] row_beats;
    reg [TAG_W-1:0] tag;

    reg             next_valid, next_final;
    reg [1:0]       next_bank;
    reg [AW-1:0]    next_word;
    reg [OW-1:0]    next_off;
    reg [ROW_W-1:0] next_beats;
    reg [TAG_W-1:0] next_tag;

    wire            next_take;
    wire            move  = some_rows && (!next_valid || next_take);
    wire [AW:0]     a_up  = a + pitch;
    wire            start = start_valid && start_ready;

    assign start_ready = !some_rows;

    always @(posedge clk) begin
        if (move) begin
            next_final <= final_next;
            next_bank  <= row;
            next_word  <= a[AW-1:0] + AW'(u >> OW);
            next_off   <= u[OW-1:0];
            next_beats <= row_beats;
            next_tag   <= tag;
            if (row == 2'd3) a <= a_up >= top ? a_up - size : a_up;
            row  <= row + 2'd1;
            if (final_next) some_rows <= 1'b0;
            final_next <= rows == 16'd1;
            rows <= rows - 16'd1;
        end
        if (move)           next_valid <= 1'b1;
        else if (next_take) next_valid <= 1'b0;
        if (start) begin
            some_rows  <= 1'b1;
            final_next <= start_rows == 16'd1;
            rows      <= start_rows - 16'd1;
            row       <= start_row;
            a         <= start_a;
            pitch     <= start_pitch;
            top       <= start_top;
            size      <= start_size;
            u         <= start_u;
            row_beats <= start_row_beats;
            tag       <= start_tag;
        end
        if (rst) begin
            some_rows  <= 1'b0;
            next_valid <= 1'b0;
        end
    end

    // ---- The row at hand

    reg [ROW_W-1:0] left;                       // beats behind the one that is shown
    reg             final_row;
    wire [OW-1:0]   off_up = beat_off + STEP;

    assign beat_last     = beat_row_last && final_row;
    assign next_take     = next_valid && (!beat_valid || (beat_ready && beat_row_last));

    always @(posedge clk) begin
        if (beat_valid && beat_ready) begin
            if (beat_row_last) beat_valid <= 1'b0;
            if (off_up == 0) beat_word <= beat_word + 1'b1;
            beat_off <= off_up;
            beat_row_last <= left == 1;
            left     <= left - 1'b1;
        end
        if (next_take) begin
            beat_valid <= 1'b1;
            final_row <= next_final;
            beat_bank <= next_bank;
            beat_word <= next_word;
            beat_off  <= next_off;
            beat_tag  <= next_tag;
            beat_row_last <= next_beats == 1;
            left      <= next_beats - 1'b1;
        end
        if (rst)
            beat_valid <= 1'b0;
    end

endmodule

`default_nettype wire
