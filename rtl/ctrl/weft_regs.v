// Registers of the contract (REG in isa/weft_isa.def): identity, program, window, status, counters.
//
// Register bus.  reg_valid with reg_write, reg_addr (byte offset) and reg_wdata hold until
// reg_ready.  A request is taken in the first cycle of reg_valid and answered in the next:
// reg_ready is high for that cycle, with reg_rdata (of a read) and reg_status:
//
//     PKTST_OK        done
//     PKTST_REGISTER  no register there, or a write to a read-only one; nothing was done
//     PKTST_BUSY      start, or a write to PROG_* or WIN_*, while a program runs; nothing was done
//
// Writing CTRL with bit 0 starts a run if none is going on, else it is refused with PKTST_BUSY;
// with bit 1 it aborts a run, and does nothing if none is going on.  Other bits do nothing; CTRL
// reads as 0.
//
// A run.  `start` is high for one cycle, the one of reg_ready; prog_* and win_* hold from that
// cycle to the end of the run.  `busy` is high from the cycle of `start` through the cycle of
// `done_pulse`, with which the core ends the run and gives err_code and err_index (kept as
// ERR_INDEX only if err_code is not 0).  `abort_run` is high for one cycle while busy; the core
// then ends the run with ERR_ABORTED.  If it meets done_pulse in the same cycle it came too late
// and must be ignored.  done_pulse while not busy is ignored.
//
// Counters are 0 from the cycle of `start` on and count from the cycle after it through the cycle
// of done_pulse: CYCLES every cycle (so it is the distance from start to done_pulse), each other
// one the cycles with its input high, COMMANDS the sum of commands_done.  They saturate at 0xffffffff.  Without HAS_COUNTERS
// only these two count.
//
// `clear` has the effect of `rst`.  Everything is 0 after reset.

`default_nettype none
`include "weft_field.vh"
`include "weft_params.vh"

module weft_regs #(
    `WEFT_PARAMETERS,
    parameter integer LINK_DATA   = weft_isa::LINK_DATA,       // of the link: told, not used
    parameter integer LINK_WINDOW = weft_isa::LINK_WINDOW,
    parameter integer LUT_CELLS   = 0                          // likewise
) (
    input  wire        clk,
    input  wire        gclk,                                   // clk, or clk without cycles in which only counters count
    input  wire        rst,
    input  wire        clear,

    input  wire        reg_valid,
    input  wire        reg_write,
    input  wire [15:0] reg_addr,
    input  wire [31:0] reg_wdata,
    output reg         reg_ready,
    output reg  [31:0] reg_rdata,
    output reg  [7:0]  reg_status,

    output reg         start,
    output reg         abort_run,
    output reg  [31:0] prog_addr,
    output reg  [31:0] prog_count,
    output reg  [31:0] win_base,
    output reg  [31:0] win_limit,
    output reg  [31:0] heartbeat,

    output reg         busy,
    input  wire        done_pulse,
    input  wire [7:0]  err_code,
    input  wire [31:0] err_index,

    input  wire        issued,
    input  wire        stall_load,
    input  wire        stall_store,
    input  wire        stall_weights,
    input  wire        stall_drain,
    input  wire        stall_lanes,
    input  wire        stall_operand,
    input  wire        idle,
    input  wire        load_busy,
    input  wire        store_busy,
    input  wire        read_beat,
    input  wire        weight_beat,
    input  wire        write_beat,
    input  wire [2:0]  commands_done,                          // commands that finish in this cycle

    // What the link puts into DONE and ALIVE: the registers of these names.
    output wire [31:0] status_value,
    output reg  [31:0] err_index_value,
    output reg  [31:0] cycles_value,
    output reg  [31:0] commands_value
);

    localparam integer CELLS_MAX  = ROWS > COLS ? ROWS : COLS;
    localparam integer WORD_BYTES = 1 << $clog2(CELLS_MAX > MEM_BYTES ? CELLS_MAX : MEM_BYTES);

    reg        done;
    reg [7:0]  code;
    reg [31:0] issued_value, stall_load_value, stall_store_value, stall_weights_value;
    reg [31:0] stall_drain_value, stall_lanes_value, stall_operand_value, idle_value;
    reg [31:0] load_busy_value, store_busy_value;
    reg [31:0] read_beats_value, weight_beats_value, write_beats_value;

    wire        take     = reg_valid && !reg_ready;
    wire [31:0] offset   = {16'b0, reg_addr};
    wire        to_ctrl  = offset == weft_isa::REG_CTRL;
    wire        to_start = `WEFT_FIELD(reg_wdata, CTRL, START);
    wire        to_stop  = `WEFT_FIELD(reg_wdata, CTRL, ABORT);
    wire        starting = take && reg_write && to_ctrl && to_start && !busy;
    wire [32:0] commands_sum = {1'b0, commands_value} + {30'b0, commands_done};

    assign status_value = 32'(done) << weft_isa::STATUS_DONE_LSB | 32'(busy) << weft_isa::STATUS_BUSY_LSB
                        | 32'(code) << weft_isa::STATUS_CODE_LSB;

    // Program, window, control.
    always @(posedge gclk) begin
        reg_ready <= take;
        start     <= starting;
        abort_run <= take && reg_write && to_ctrl && to_stop && !to_start && busy && !done_pulse;
        if (take && reg_write) begin
            if (offset == weft_isa::REG_HEARTBEAT) heartbeat <= reg_wdata;
            if (!busy) begin
                case (offset)
                    weft_isa::REG_PROG_ADDR:  prog_addr  <= reg_wdata;
                    weft_isa::REG_PROG_COUNT: prog_count <= reg_wdata;
                    weft_isa::REG_WIN_BASE:   win_base   <= reg_wdata;
                    weft_isa::REG_WIN_LIMIT:  win_limit  <= reg_wdata;
                    default: ;
                endcase
            end
        end
        if (rst || clear) begin
            reg_ready  <= 1'b0;
            start      <= 1'b0;
            abort_run  <= 1'b0;
            prog_addr  <= 32'b0;
            prog_count <= 32'b0;
            win_base   <= 32'b0;
            win_limit  <= 32'b0;
            heartbeat  <= 32'b0;
        end
    end

    // The answer, and behind it the counters, or a simulation would keep copies of them.
    always @(posedge clk) begin
        if (take) begin
            reg_status <= 8'(weft_isa::PKTST_OK);
            if (reg_write)
                case (offset)
                    weft_isa::REG_CTRL:
                        if (to_start && busy) reg_status <= 8'(weft_isa::PKTST_BUSY);
                    weft_isa::REG_PROG_ADDR, weft_isa::REG_PROG_COUNT,
                    weft_isa::REG_WIN_BASE, weft_isa::REG_WIN_LIMIT:
                        if (busy) reg_status <= 8'(weft_isa::PKTST_BUSY);
                    weft_isa::REG_HEARTBEAT: ;
                    default: reg_status <= 8'(weft_isa::PKTST_REGISTER);
                endcase
            else
                case (offset)
                    weft_isa::REG_ID:             reg_rdata <= weft_isa::REG_ID_RESET;
                    weft_isa::REG_ISA:            reg_rdata <= weft_isa::ISA_VERSION;
                    weft_isa::REG_CTRL:           reg_rdata <= 32'b0;
                    weft_isa::REG_STATUS:         reg_rdata <= status_value;
                    weft_isa::REG_ERR_INDEX:      reg_rdata <= err_index_value;
                    weft_isa::REG_PROG_ADDR:      reg_rdata <= prog_addr;
                    weft_isa::REG_PROG_COUNT:     reg_rdata <= prog_count;
                    weft_isa::REG_WIN_BASE:       reg_rdata <= win_base;
                    weft_isa::REG_WIN_LIMIT:      reg_rdata <= win_limit;
                    weft_isa::REG_HEARTBEAT:      reg_rdata <= heartbeat;
                    `WEFT_INFO
                    weft_isa::REG_INFO_LUT_CELLS:   reg_rdata <= LUT_CELLS;
                    weft_isa::REG_INFO_LINK_DATA:   reg_rdata <= LINK_DATA;
                    weft_isa::REG_INFO_LINK_WINDOW: reg_rdata <= LINK_WINDOW;
                    weft_isa::REG_CYCLES:         reg_rdata <= cycles_value;
                    weft_isa::REG_ISSUED:         reg_rdata <= issued_value;
                    weft_isa::REG_STALL_LOAD:     reg_rdata <= stall_load_value;
                    weft_isa::REG_STALL_STORE:    reg_rdata <= stall_store_value;
                    weft_isa::REG_STALL_WEIGHTS:  reg_rdata <= stall_weights_value;
                    weft_isa::REG_STALL_DRAIN:    reg_rdata <= stall_drain_value;
                    weft_isa::REG_STALL_LANES:    reg_rdata <= stall_lanes_value;
                    weft_isa::REG_STALL_OPERAND:  reg_rdata <= stall_operand_value;
                    weft_isa::REG_IDLE:           reg_rdata <= idle_value;
                    weft_isa::REG_LOAD_BUSY:      reg_rdata <= load_busy_value;
                    weft_isa::REG_STORE_BUSY:     reg_rdata <= store_busy_value;
                    weft_isa::REG_READ_BEATS:     reg_rdata <= read_beats_value;
                    weft_isa::REG_WEIGHT_BEATS:   reg_rdata <= weight_beats_value;
                    weft_isa::REG_WRITE_BEATS:    reg_rdata <= write_beats_value;
                    weft_isa::REG_COMMANDS:       reg_rdata <= commands_value;
                    default: begin
                        reg_rdata  <= 32'b0;
                        reg_status <= 8'(weft_isa::PKTST_REGISTER);
                    end
                endcase
        end

        // Plus one unless all ones.
        if (busy && !start) begin
            cycles_value <= cycles_value + {31'b0, !(&cycles_value)};
            if (HAS_COUNTERS != 0) begin
                if (issued)
                    issued_value <= issued_value + {31'b0, !(&issued_value)};
                if (stall_load)
                    stall_load_value <= stall_load_value + {31'b0, !(&stall_load_value)};
                if (stall_store)
                    stall_store_value <= stall_store_value + {31'b0, !(&stall_store_value)};
                if (stall_weights)
                    stall_weights_value <= stall_weights_value + {31'b0, !(&stall_weights_value)};
                if (stall_drain)
                    stall_drain_value <= stall_drain_value + {31'b0, !(&stall_drain_value)};
                if (stall_lanes)
                    stall_lanes_value <= stall_lanes_value + {31'b0, !(&stall_lanes_value)};
                if (stall_operand)
                    stall_operand_value <= stall_operand_value + {31'b0, !(&stall_operand_value)};
                if (idle)
                    idle_value <= idle_value + {31'b0, !(&idle_value)};
                if (load_busy)
                    load_busy_value <= load_busy_value + {31'b0, !(&load_busy_value)};
                if (store_busy)
                    store_busy_value <= store_busy_value + {31'b0, !(&store_busy_value)};
                if (read_beat)
                    read_beats_value <= read_beats_value + {31'b0, !(&read_beats_value)};
                if (weight_beat)
                    weight_beats_value <= weight_beats_value + {31'b0, !(&weight_beats_value)};
                if (write_beat)
                    write_beats_value <= write_beats_value + {31'b0, !(&write_beats_value)};
            end
            if (commands_done != 3'd0)
                commands_value <= commands_sum[32] ? 32'hffffffff : commands_sum[31:0];
        end
        if (rst || clear || starting) begin
            cycles_value        <= 32'b0;
            issued_value        <= 32'b0;
            stall_load_value    <= 32'b0;
            stall_store_value   <= 32'b0;
            stall_weights_value <= 32'b0;
            stall_drain_value   <= 32'b0;
            stall_lanes_value   <= 32'b0;
            stall_operand_value <= 32'b0;
            idle_value          <= 32'b0;
            load_busy_value     <= 32'b0;
            store_busy_value    <= 32'b0;
            read_beats_value    <= 32'b0;
            weight_beats_value  <= 32'b0;
            write_beats_value   <= 32'b0;
            commands_value      <= 32'b0;
        end
    end

    // The run.
    always @(posedge gclk) begin
        if (busy && done_pulse) begin
            busy <= 1'b0;
            done <= 1'b1;
            code <= err_code;
            if (err_code != 8'(weft_isa::ERR_OK))
                err_index_value <= err_index;
        end
        if (starting) begin
            busy            <= 1'b1;
            done            <= 1'b0;
            code            <= 8'(weft_isa::ERR_OK);
            err_index_value <= 32'b0;
        end
        if (rst || clear) begin
            busy            <= 1'b0;
            done            <= 1'b0;
            code            <= 8'(weft_isa::ERR_OK);
            err_index_value <= 32'b0;
        end
    end

endmodule

`default_nettype wire
