// What weft_loader must know of the commands in the compute queue, in order.
//
// Watches the units on their way into the queue and keeps one entry a command until the loader
// takes it.  The loader follows at most one command behind the end of the queue, so DEPTH
// entries, two more than commands fit the queue, never overflow.

`default_nettype none

module weft_jobs #(
    parameter integer DEPTH = 32                // a power of two
) (
    input  wire         clk,
    input  wire         rst,

    input  wire         unit_valid,             // this unit enters the queue now
    input  wire [255:0] unit_data,
    input  wire         unit_last,              // last unit of its command

    output wire         job_valid,
    input  wire         job_ready,
    output wire         job_table,
    output wire         job_bytes,
    output wire         job_operands,
    output wire         job_header,
    output wire         job_weights,
    output wire [15:0]  job_passes,
    output wire [15:0]  job_blocks
);

    localparam integer PW = $clog2(DEPTH);
    localparam integer WIDTH = 5 + 32;
    localparam integer UNIT_BITS = 8 * weft_isa::CMD_UNIT_BYTES;
    localparam integer COUNTS_LSB = weft_isa::COMPUTE_PASSES_LSB - UNIT_BITS;  // in unit 1, PASSES below BLOCKS

    reg             later;                      // unit 0 has been seen
    reg             second;                     // unit 1 comes next
    reg  [4:0]      flags;
    wire            table_op = unit_data[7:0] == weft_isa::OP_TABLE[7:0];
    wire [4:0]      flags_d = { table_op, unit_data[weft_isa::TABLE_BYTES_LSB], unit_data[weft_isa::TABLE_OPERANDS_LSB],
                                !unit_data[weft_isa::COMPUTE_RAW_LSB], !unit_data[weft_isa::COMPUTE_MODE_LSB + 1] };

    wire             push = unit_valid && ((!later && table_op) || second);
    wire [WIDTH-1:0] entry = {later ? flags : flags_d, unit_data[COUNTS_LSB +: 32]};

    reg [WIDTH-1:0] ring [0:DEPTH-1];
    reg [PW-1:0]    head, tail;
    assign job_valid = head != tail;
    assign {job_table, job_bytes, job_operands, job_header, job_weights, job_blocks, job_passes} = ring[head];

    always @(posedge clk) begin
        if (rst) begin
            head <= 0;
            tail <= 0;
            later <= 1'b0;
            second <= 1'b0;
        end else begin
            if (unit_valid) begin
                later <= !unit_last;
                second <= !later && !unit_last;
                if (!later)
                    flags <= flags_d;
            end
            if (push)
                tail <= tail + 1'b1;
            if (job_valid && job_ready)
                head <= head + 1'b1;
        end
        if (push)
            ring[tail] <= entry;
    end

    wire unused = &{1'b0, unit_data};

endmodule

`default_nettype wire
