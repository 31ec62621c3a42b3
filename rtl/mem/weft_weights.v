// The weight stream: jobs in, stream rows out, read ahead of their use.
//
// A job is job_rows stream rows of CP bytes (power of two >= max(COLS, 4)) that begin at job_addr,
// a multiple of 32.  Rows leave in order, the first COLS bytes of each, one a cycle while beats are
// there; between two jobs no cycle is lost, what is left of the last beat of a job is dropped.
// With CP > MEM_BYTES a row takes CP / MEM_BYTES cycles.
//
// Jobs are asked for as soon as they are known, as far as WFIFO_BEATS has room; room is reserved
// before a burst is asked for.  A job with job_sync is asked for only after a pulse of sync_go: the
// n-th pulse releases the n-th such job; a pulse may come before its job (up to seven are remembered).
//
// `urgent`: less than half the room is filled or reserved.  `beat` pulses for each beat received.

`default_nettype none

module weft_weights #(
    parameter  integer COLS        = weft_isa::COLS,
    parameter  integer MEM_BYTES   = weft_isa::MEM_BYTES,
    parameter  integer WFIFO_BEATS = 512,               // power of two >= 32
    parameter  integer JOBS        = 4                  // jobs held, power of two >= 2
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire                   job_valid,
    output wire                   job_ready,
    input  wire [31:0]            job_addr,
    input  wire [31:0]            job_rows,         // at least 1
    input  wire                   job_sync,
    input  wire                   sync_go,

    output wire                   req_valid,        // to weft_mem_read
    input  wire                   req_ready,
    output wire [31:0]            req_addr,
    output wire [4:0]             req_beats,
    input  wire                   rsp_valid,
    input  wire [8*MEM_BYTES-1:0] rsp_data,
    output wire                   urgent,
    output wire                   beat,

    output wire                   row_valid,
    input  wire                   row_ready,
    output wire [8*COLS-1:0]      row_data
);

endmodule

`default_nettype wire
