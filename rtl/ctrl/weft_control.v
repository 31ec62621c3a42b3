// Runs programs: fetch, check, queues, tokens, end.  Wiring only, but for the gates of the queues.
//
//     weft_fetch -> weft_decode -> weft_dispatch -> load queue    -> (tokens) -> weft_load
//                                                -> store queue   -> (tokens) -> weft_store
//                                                -> compute queue -> (tokens) -> weft_compute
//                                                -> jobs ahead of their turn: weft_compute, weft_weights
//
// start, abort_run, done, err_*: as weft_run says; prog_* and win_* hold during a run.  A command is shown to
// its unit only while its tokens are there; they are taken in the cycle of ready.  The units report
// load_done, store_left (last byte read), store_done (memory has confirmed), compute_read (input read for the
// last time, with compute_push_load) and compute_done (with compute_push_store), in order.
//
// memory_idle must be low while any burst is open for any unit of the run.  `clear` resets every unit
// but registers and tables (this module clears itself).  compute_waits_*: the next compute command waits for
// that token (load first), for the STALL counters.

`default_nettype none
`include "weft_field.vh"

module weft_control #(
    parameter  integer ROWS      = weft_isa::ROWS,
    parameter  integer COLS      = weft_isa::COLS,
    parameter  integer FB_WORDS  = weft_isa::FB_WORDS,
    parameter  integer ACC_DEPTH = weft_isa::ACC_DEPTH,
    parameter  integer MEM_BYTES = weft_isa::MEM_BYTES,
    parameter  integer HAS_PAIR   = weft_isa::HAS_PAIR,
    parameter  integer HAS_TFLITE = weft_isa::HAS_TFLITE,
    parameter  integer HAS_FLOAT  = weft_isa::HAS_FLOAT,
    parameter  integer HAS_CHECKS = weft_isa::HAS_CHECKS,
    parameter  integer SMALL      = 0,                 // 1: queues in block RAM (weft_fetch, weft_compute_queue)
    localparam integer UNIT_W    = weft_isa::CMD_UNIT_W,
    localparam integer CMD_W     = weft_isa::CMD_W
) (
    input  wire                   clk,
    output wire                   awake,            // clk may stand still LINGER cycles after this was high (weft_gate.v)
    input  wire                   rst,

    input  wire                   start,
    input  wire                   abort_run,
    input  wire [31:0]            prog_addr,
    input  wire [31:0]            prog_count,       // its low 24 bits count
    input  wire [31:0]            win_base,
    input  wire [31:0]            win_limit,
    output wire                   done,
    output wire [7:0]             err_code,
    output wire [31:0]            err_index,
    output wire                   stop,
    output wire                   clear,
    output wire [2:0]             commands_done,

    input  wire                   memory_idle,
    input  wire                   load_error,       // pulses
    input  wire                   store_error,
    input  wire                   weights_error,

    output wire                   req_valid,        // to weft_mem_read
    input  wire                   req_ready,
    output wire [31:0]            req_addr,
    output wire [4:0]             req_beats,
    input  wire                   rsp_valid,
    input  wire [8*MEM_BYTES-1:0] rsp_data,
    input  wire                   rsp_error,

    output wire                   load_valid,
    input  wire                   load_ready,
    output wire [UNIT_W-1:0]      load_cmd,
    input  wire                   load_done,

    output wire                   store_valid,
    input  wire                   store_ready,
    output wire [UNIT_W-1:0]      store_cmd,
    input  wire                   store_left,
    input  wire                   store_done,

    output wire                   compute_valid,
    input  wire                   compute_ready,
    output wire [CMD_W-1:0]       compute_cmd,
    input  wire                   compute_read,
    input  wire                   compute_push_load,
    input  wire                   compute_done,
    input  wire                   compute_push_store,
    output wire                   compute_waits_load,
    output wire                   compute_waits_store,

    output wire                   job_valid,        // every COMPUTE and TABLE ahead of its turn
    input  wire                   job_ready,
    output wire [CMD_W-1:0]       job,

    output wire                   weights_valid,    // weft_weights: those with a stream
    input  wire                   weights_ready,
    output wire [31:0]            weights_addr,
    output wire [31:0]            weights_rows,
    output wire                   weights_sync
);

    wire reset = rst || clear;

    // --- fetch and decode ---

    wire         fetch_start, fetch_idle, ended;
    wire [7:0]   end_code;
    wire [23:0]  end_index;
    wire [2:0]   unit_at;
    wire [UNIT_W-1:0] unit;
    wire [4:0]   units_wanted;
    wire         fetched_valid, fetched_ready, fetched_error;
    wire [UNIT_W-1:0] fetched;
    wire         cmd_valid, cmd_ready;

    weft_fetch #(.MEM_BYTES(MEM_BYTES), .SMALL(SMALL)) u_fetch (
        .clk(clk), .rst(reset), .start(fetch_start), .first_unit(prog_addr[31:5]),
        .limit_unit(win_limit[31:5]), .units_wanted(units_wanted), .idle(fetch_idle),
        .unit_valid(fetched_valid), .unit_ready(fetched_ready), .unit_data(fetched),
        .unit_error(fetched_error), .req_valid(req_valid), .req_ready(req_ready), .req_addr(req_addr),
        .req_beats(req_beats), .rsp_valid(rsp_valid), .rsp_data(rsp_data), .rsp_error(rsp_error));

    weft_decode #(.ROWS(ROWS), .COLS(COLS), .FB_WORDS(FB_WORDS), .ACC_DEPTH(ACC_DEPTH),
                  .MEM_BYTES(MEM_BYTES), .HAS_PAIR(HAS_PAIR), .HAS_TFLITE(HAS_TFLITE), .HAS_FLOAT(HAS_FLOAT), .HAS_CHECKS(HAS_CHECKS)) u_decode (
        .clk(clk), .rst(reset), .start(start), .prog_addr(prog_addr), .prog_count(`WEFT_FIELD(prog_count, PROG_COUNT, COMMANDS)),
        .win_base(win_base), .win_limit(win_limit), .fetch_start(fetch_start), .ended(ended),
        .err_code(end_code), .err_index(end_index), .units_wanted(units_wanted),
        .unit_valid(fetched_valid), .unit_ready(fetched_ready), .unit_data(fetched),
        .unit_error(fetched_error), .cmd_valid(cmd_valid), .cmd_ready(cmd_ready), .cmd(job),
        .cmd_at(unit_at), .cmd_unit(unit), .cmd_rows(weights_rows));

    // --- dispatch and queues ---

    wire         load_in_valid, load_in_ready, store_in_valid, store_in_ready;
    wire         unit_valid, unit_ready, unit_last;
    wire         empty;
    wire [4:0]   given;
    wire [23:0]  load_index, store_index, compute_index;

    weft_dispatch u_dispatch (
        .clk(clk), .rst(reset), .cmd_valid(cmd_valid), .cmd_ready(cmd_ready), .cmd(job),
        .cmd_rows(weights_rows), .cmd_index(end_index),
        .load_valid(load_in_valid), .load_ready(load_in_ready),
        .store_valid(store_in_valid), .store_ready(store_in_ready),
        .unit_valid(unit_valid), .unit_ready(unit_ready), .unit_at(unit_at), .unit_last(unit_last),
        .job_valid(job_valid), .job_ready(job_ready), .weights_valid(weights_valid),
        .weights_ready(weights_ready), .weights_addr(weights_addr), .weights_sync(weights_sync),
        .load_done(load_done), .store_left(store_left), .store_done(store_done),
        .compute_done(compute_done), .push(given), .commands_done(commands_done), .empty(empty),
        .load_index(load_index), .store_index(store_index), .compute_index(compute_index));

    wire       load_at_hand, store_at_hand, compute_at_hand;
    wire [3:0] load_count, store_count;

    weft_fifo #(.WIDTH(UNIT_W), .DEPTH(8)) u_load_queue (
        .clk(clk), .rst(reset), .in_valid(load_in_valid), .in_ready(load_in_ready), .in_data(job[UNIT_W-1:0]),
        .out_valid(load_at_hand), .out_ready(load_valid && load_ready), .out_data(load_cmd),
        .count(load_count));
    weft_fifo #(.WIDTH(UNIT_W), .DEPTH(8)) u_store_queue (
        .clk(clk), .rst(reset), .in_valid(store_in_valid), .in_ready(store_in_ready), .in_data(job[UNIT_W-1:0]),
        .out_valid(store_at_hand), .out_ready(store_valid && store_ready), .out_data(store_cmd),
        .count(store_count));
    weft_compute_queue #(.RAM(SMALL)) u_compute_queue (
        .clk(clk), .rst(reset), .in_valid(unit_valid), .in_ready(unit_ready), .in_unit(unit),
        .in_last(unit_last), .cmd_valid(compute_at_hand), .cmd_ready(compute_valid && compute_ready),
        .cmd(compute_cmd));

    // --- tokens: each counter is taken by one queue only, so what is shown stays shown ---

    wire [4:0] some;
    wire       is_table = `WEFT_FIELD(compute_cmd, NOP, OPCODE) == 8'(weft_isa::OP_TABLE);
    wire       load_pop_compute  = `WEFT_FIELD(load_cmd, LOAD, POP_COMPUTE);
    wire       load_pop_store    = `WEFT_FIELD(load_cmd, LOAD, POP_STORE);
    wire       store_pop_compute = `WEFT_FIELD(store_cmd, STORE, POP_COMPUTE);
    wire       compute_pop_load  = !is_table && `WEFT_FIELD(compute_cmd, COMPUTE, POP_LOAD);
    wire       compute_pop_store = !is_table && `WEFT_FIELD(compute_cmd, COMPUTE, POP_STORE);

    assign load_valid    = load_at_hand && (!load_pop_compute || some[1]) && (!load_pop_store || some[4]);
    assign store_valid   = store_at_hand && (!store_pop_compute || some[2]);
    assign compute_valid = compute_at_hand && !compute_waits_load && !compute_waits_store;
    assign compute_waits_load  = compute_at_hand && compute_pop_load && !some[0];
    assign compute_waits_store = compute_at_hand && compute_pop_store && !some[3] && !compute_waits_load;

    wire load_take    = load_valid && load_ready;
    wire store_take   = store_valid && store_ready;
    wire compute_take = compute_valid && compute_ready;

    weft_tokens u_tokens (
        .clk(clk), .rst(reset), .clear(start),
        .push(given | {2'b00, compute_done && compute_push_store, compute_read && compute_push_load, 1'b0}),
        .pop({load_take && load_pop_store, compute_take && compute_pop_store,
              store_take && store_pop_compute, load_take && load_pop_compute,
              compute_take && compute_pop_load}),
        .some(some));

    // --- the clock: asleep when the program is read as far as the queues let it and no unit reports ---

    // Every handshake with the outside is here; between one and the next that is due without another lie at most
    // the 46 cycles of decoding a command.  What happens in here cannot begin while it sleeps, so it is looked at a cycle late,
    // by its own clock.
    wire running;
    reg  moved;
    always @(posedge clk)
        moved <= reset || start || stop || req_valid || cmd_ready || (fetched_valid && fetched_ready)
              || (running && ended && empty);
    assign awake = moved || rsp_valid || (job_valid && job_ready) || (weights_valid && weights_ready)
              || load_take || store_take || compute_take || load_done || store_left || store_done || compute_done || compute_read
              || load_error || store_error || weights_error;

    // --- the run ---

    weft_run u_run (
        .clk(clk), .rst(rst), .start(start), .abort_run(abort_run), .done(done), .err_code(err_code),
        .err_index(err_index), .running(running), .stop(stop), .clear(clear),
        .ended(ended), .end_code(end_code), .end_index(end_index), .empty(empty),
        .load_index(load_index), .store_index(store_index), .compute_index(compute_index),
        .memory_idle(memory_idle && (fetch_idle || stop)),
        .load_error(load_error), .store_error(store_error), .weights_error(weights_error));

    wire unused = &{1'b0, prog_count[31:24], load_count, store_count};

endmodule

`default_nettype wire
