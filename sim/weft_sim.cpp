// The C door to the Verilated chip; the contract is in weft_sim.h.
//
// A cycle is one evaluation, which shows the inputs to the design and moves it (weft_clock.v); what
// comes out of the chip is registered, so the handshakes are read before it.  A model without the
// pulse gets a clk that falls and rises.  Beyond that a cycle with an idle bus and an idle link
// costs three compares.
//
// With -DWEFT_SIM_STOP it is instead what Verilator's run-time library, one for all chips of a program, calls
// when a design stops itself.
#include "weft_sim.h"

#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string_view>

#include "pin_pace.h"
#include "verilated.h"

#ifdef WEFT_SIM_STOP

// The library would end the process; an exception is what guarded() below makes an error of.
void vl_stop(const char *file, int line, const char *scope) VL_MT_UNSAFE
{
    char text[200];
    snprintf(text, sizeof text, "%.60s (%.80s:%d)", scope && *scope ? scope : "the design", file,
             line);
    throw std::runtime_error(text);
}

void vl_fatal(const char *file, int line, const char *scope, const char *) VL_MT_UNSAFE
{
    vl_stop(file, line, scope);
}

void vl_finish(const char *file, int line, const char *scope) VL_MT_UNSAFE
{
    vl_stop(file, line, scope);
}

#else

#define WEFT_TEXT_(x)    #x
#define WEFT_TEXT(x)     WEFT_TEXT_(x)
#define WEFT_GLUE_(a, b) a##b
#define WEFT_GLUE(a, b)  WEFT_GLUE_(a, b)
#ifndef WEFT_SIM_TABLE
#define WEFT_SIM_TABLE WEFT_GLUE(weft_sim_model_, WEFT_SIM_SHAPE)
#endif

#ifndef WEFT_SIM_WITHOUT
#define WEFT_SIM_WITHOUT ""
#endif

#define WEFT_SIM_HEADER WEFT_SIM_PREFIX.h
#include WEFT_TEXT(WEFT_SIM_HEADER)
#define WEFT_SIM_ROOT    WEFT_GLUE(WEFT_SIM_PREFIX, ___024root)
#define WEFT_SIM_SIGNALS WEFT_GLUE(WEFT_SIM_PREFIX, ___024root.h)
#include WEFT_TEXT(WEFT_SIM_SIGNALS)

#ifdef WEFT_SIM_TRACE
#include "trace_file.h"
#include "trace_map.h"
#include "verilated_fst_c.h"
typedef VerilatedFstC Trace;
#else
struct Trace {
    void dump(uint64_t) {}
};
#endif

// The level of x86-64 that this file, and with it the model, is compiled for.
#if defined __AVX512BW__ && defined __AVX512VL__
#define WEFT_SIM_CPU_LEVEL 4
#elif defined __AVX2__
#define WEFT_SIM_CPU_LEVEL 3
#elif defined __SSE4_2__
#define WEFT_SIM_CPU_LEVEL 2
#else
#define WEFT_SIM_CPU_LEVEL 0
#endif

namespace
{
struct Sim {
    VerilatedContext context;
    WEFT_SIM_PREFIX top{ &context };
    weft_mem *mem = nullptr;
    const weft_watch *watch = nullptr;
    bool compute_runs = false; // the command shown to the compute unit was seen before
    bool mem_busy = false;
    uint64_t cycle = 0;
    std::unique_ptr<Trace> trace;
    char trace_path[4096] = "";
    unsigned trace_cuts = 0; // before it was opened
    char failure[200] = "";
};

Sim *self(weft_sim *s)
{
    return reinterpret_cast<Sim *>(s);
}

// The pins as the model has them; top has references to them, which cost an instruction each.
typedef WEFT_SIM_ROOT Pins;

#ifdef WEFT_SIM_BOARD
#define WEFT_SIM_DATA_BYTES WEFT_SIM_BOARD
inline void drive_memory(Pins &, const weft_mem_out &) {}

inline bool memory_moves(const Sim &)
{
    return false;
}

inline void clock_memory(Pins &, weft_mem *, uint64_t) {}
#else
#define WEFT_SIM_DATA_BYTES sizeof(WEFT_SIM_PREFIX::m_axi_rdata)
void drive_memory(Pins &pins, const weft_mem_out &out)
{
    pins.m_axi_arready = out.arready;
    pins.m_axi_rvalid = out.rvalid;
    pins.m_axi_awready = out.awready;
    pins.m_axi_wready = out.wready;
    pins.m_axi_bvalid = out.bvalid;
    pins.m_axi_bresp = out.bresp;
    if (out.rvalid) {
        pins.m_axi_rlast = out.rlast;
        pins.m_axi_rresp = out.rresp;
        memcpy(static_cast<void *>(&pins.m_axi_rdata), out.rdata, sizeof pins.m_axi_rdata);
    }
}

void clock_memory(Pins &pins, weft_mem *mem, uint64_t cycle)
{
    weft_mem_in in;
    in.arvalid = pins.m_axi_arvalid;
    in.rready = pins.m_axi_rready;
    in.awvalid = pins.m_axi_awvalid;
    in.wvalid = pins.m_axi_wvalid;
    in.bready = pins.m_axi_bready;
    if (in.arvalid) {
        in.arlen = pins.m_axi_arlen;
        in.arsize = pins.m_axi_arsize;
        in.arburst = pins.m_axi_arburst;
        in.araddr = pins.m_axi_araddr;
    }
    if (in.awvalid) {
        in.awlen = pins.m_axi_awlen;
        in.awsize = pins.m_axi_awsize;
        in.awburst = pins.m_axi_awburst;
        in.awaddr = pins.m_axi_awaddr;
    }
    if (in.wvalid) {
        in.wlast = pins.m_axi_wlast;
        in.wstrb = pins.m_axi_wstrb;
        in.wdata = reinterpret_cast<const uint8_t *>(&pins.m_axi_wdata);
    }
    weft_mem_clock(mem, cycle, &in);
}

inline bool memory_moves(const Sim &s)
{
    const Pins &pins = *s.top.rootp;
    return s.mem && (s.mem_busy || pins.m_axi_arvalid || pins.m_axi_awvalid || pins.m_axi_wvalid);
}
#endif

#if !defined WEFT_UNGATED && VERILATOR_VERSION_INTEGER + 0 == 5006000 && __has_include("edges.h")
} // namespace
#define WEFT_SIM_ROOT             WEFT_GLUE(WEFT_SIM_PREFIX, ___024root)
#define WEFT_SIM_PART(name)       WEFT_GLUE(WEFT_SIM_ROOT, name)
void WEFT_SIM_PART(___eval_ico)(WEFT_SIM_ROOT *);
void WEFT_SIM_PART(___eval_nba)(WEFT_SIM_ROOT *);
namespace
{
#define WEFT_EDGE(trigger, clock) +1
constexpr unsigned EDGES = 0
#include "edges.h"
    ;
#undef WEFT_EDGE
static_assert(EDGES == sizeof(WEFT_SIM_ROOT::__VnbaTriggered), "a trigger is no rising edge");

// What eval() does in a model whose clocks are pulses that all come from one, without looking
// whether there is more to do: the pins settle, a clock that is high has risen, the registers move
// and the clocks fall.  A tenth of the time less; edges.h, which edit_model.sh takes out of
// the model, says which clock is which trigger.  Other versions of Verilator name their parts otherwise
// and get eval(), and so does the first cycle, which has the model set up.
inline void eval_edge(Sim &s, WEFT_SIM_PREFIX &top)
{
    if (s.cycle == 0) {
        top.eval();
        return;
    }
    WEFT_SIM_ROOT *root = top.rootp;
    root->__VicoTriggered.at(0) = true;
    WEFT_SIM_PART(___eval_ico)(root);
#define WEFT_EDGE(trigger, clock) root->__VnbaTriggered.at(trigger) = root->clock;
#include "edges.h"
#undef WEFT_EDGE
    WEFT_SIM_PART(___eval_nba)(root);
}
#else
inline void eval_edge(Sim &, WEFT_SIM_PREFIX &top)
{
    top.eval();
}
#endif

inline void tick(Sim &s, WEFT_SIM_PREFIX &top)
{
#ifdef WEFT_UNGATED
    top.clk = 0;
    top.eval();
    if (s.trace)
        s.trace->dump(2 * s.cycle);
    top.clk = 1;
    top.eval();
    if (s.trace)
        s.trace->dump(2 * s.cycle + 1);
#else
    top.rootp->weft_top__DOT__u_clock__DOT__spent = 0;
    eval_edge(s, top);
#endif
}

// One clock cycle but for the link.
inline void step(Sim &s, Pins &pins)
{
    const bool memory = memory_moves(s);
    if (memory)
        clock_memory(pins, s.mem, s.cycle);
    tick(s, s.top);
    if (memory) {
        drive_memory(pins, *weft_mem_outputs(s.mem));
        s.mem_busy = !weft_mem_quiet(s.mem);
    }
    s.cycle++;
}

#ifdef WEFT_SIM_BOARD
inline void report_events(Sim &) {}
#else
// The signals are those that weft_top.vlt keeps; the counters in the order of the contract.  The
// compute unit takes a command only when it is through with it, so it starts when it is shown.
void report_events(Sim &s)
{
#define CONTROL(name) s.top.rootp->weft_top__DOT__u_core__DOT__u_control__DOT__##name
#define COUNTER(name) s.top.rootp->weft_top__DOT__u_core__DOT__u_regs__DOT__##name##_value
    const bool shown = CONTROL(compute_valid), compute_starts = shown && !s.compute_runs;
    s.compute_runs = shown && !CONTROL(compute_take);
    const unsigned events =
        CONTROL(load_take) * WEFT_LOAD_STARTS | CONTROL(store_take) * WEFT_STORE_STARTS |
        compute_starts * WEFT_COMPUTE_STARTS | CONTROL(load_done) * WEFT_LOAD_ENDS |
        CONTROL(store_done) * WEFT_STORE_ENDS | CONTROL(compute_done) * WEFT_COMPUTE_ENDS;
    if (!events)
        return;
    const uint32_t counters[WEFT_WATCHED_COUNTERS] = {
        COUNTER(cycles),        COUNTER(issued),      COUNTER(stall_load),  COUNTER(stall_store),
        COUNTER(stall_weights), COUNTER(stall_drain), COUNTER(stall_lanes), COUNTER(stall_operand),
        COUNTER(idle),          COUNTER(load_busy),   COUNTER(store_busy),  COUNTER(read_beats),
        COUNTER(weight_beats),  COUNTER(write_beats), COUNTER(commands)
    };
#undef CONTROL
#undef COUNTER
    s.watch->event(s.watch->self, events, counters);
}
#endif

constexpr size_t LINK_BYTES = sizeof(WEFT_SIM_PREFIX::rx_data);

template <bool paced> void run_cycles(Sim &s, weft_sim_io &io, uint64_t cycles)
{
    Pins &pins = *s.top.rootp;
    for (const uint64_t end = s.cycle + cycles; s.cycle != end;) {
        const bool room = io.recv_room - io.recv_got >= LINK_BYTES;
        unsigned may = WEFT_PACE_RX | WEFT_PACE_TX;
        if (paced)
            may = weft_pin_pace_grant(io.pace, LINK_BYTES, io.send_left && pins.rx_ready,
                                      pins.tx_valid && room);
        pins.rx_valid = io.send_left != 0 && (may & WEFT_PACE_RX);
        if (io.send_left >= LINK_BYTES) {
            memcpy(&pins.rx_data, io.send, LINK_BYTES);
        } else if (io.send_left) {
            pins.rx_data = 0;
            memcpy(&pins.rx_data, io.send, io.send_left);
        }
        pins.tx_ready = room && (may & WEFT_PACE_TX);
        const bool rx_moves = pins.rx_valid && pins.rx_ready,
                   tx_moves = pins.tx_valid && pins.tx_ready;
        if (rx_moves) {
            const size_t count = io.send_left < LINK_BYTES ? io.send_left : LINK_BYTES;
            io.send += count;
            io.send_left -= count;
        }
        if (tx_moves) {
            memcpy(io.recv + io.recv_got, &pins.tx_data, LINK_BYTES);
            io.recv_got += LINK_BYTES;
        }
        if (paced)
            weft_pin_pace_charge(io.pace, LINK_BYTES, rx_moves, tx_moves);
        if (s.watch)
            report_events(s);
        step(s, pins);
        if ((io.until_sent && !io.send_left) || (io.until_received && io.recv_got))
            return;
    }
}

void run_io(Sim &s, weft_sim_io &io, uint64_t cycles)
{
    if (io.pace && io.pace->step)
        run_cycles<true>(s, io, cycles);
    else
        run_cycles<false>(s, io, cycles);
}

// Run `work` and keep the reason if the design stops in it.
template <typename Work> int guarded(Sim &s, Work work)
{
    if (s.failure[0])
        return -1;
    try {
        work();
        return 0;
    } catch (const std::exception &e) {
        snprintf(s.failure, sizeof s.failure, "%s", e.what());
        return -1;
    }
}

weft_sim *sim_open(uint64_t seed)
{
    Sim *s = new (std::nothrow) Sim;
    if (!s)
        return nullptr;
    s->context.randReset(2);
    s->context.randSeed(static_cast<int>(seed % 0x7fffffff) + 1);
    guarded(*s, [&] {
        s->top.clk = 1;
        s->top.rst = 1;
        s->top.rx_valid = 0;
        s->top.tx_ready = 0;
        drive_memory(*s->top.rootp, weft_mem_out());
        weft_sim_io none{};
        run_cycles<false>(*s, none, 8);
        s->top.rst = 0;
        run_cycles<false>(*s, none, 2); /* the chip sees its reset a cycle late */
    });
    return reinterpret_cast<weft_sim *>(s);
}

void sim_attach(weft_sim *sim, weft_mem *mem)
{
    Sim &s = *self(sim);
    s.mem = mem;
    s.mem_busy = true;
    drive_memory(*s.top.rootp, *weft_mem_outputs(mem));
}

void sim_watch(weft_sim *sim, const weft_watch *watch)
{
    self(sim)->watch = watch;
    self(sim)->compute_runs = false;
}

int sim_run(weft_sim *sim, weft_sim_io *io, uint64_t cycles)
{
    Sim &s = *self(sim);
    return guarded(s, [&] { run_io(s, *io, cycles); });
}

uint64_t sim_cycles(const weft_sim *sim)
{
    return reinterpret_cast<const Sim *>(sim)->cycle;
}

const char *sim_failure(const weft_sim *sim)
{
    return reinterpret_cast<const Sim *>(sim)->failure;
}

#ifdef WEFT_SIM_TRACE
int sim_trace(weft_sim *sim, const char *path)
{
    Sim &s = *self(sim);
    if (strlen(path) >= sizeof s.trace_path || !weft_trace_file_can_write(path))
        return -1;
    s.context.traceEverOn(true);
    s.trace.reset(new Trace);
    s.top.trace(s.trace.get(), 99);
    s.trace_cuts = weft_trace_cuts();
    s.trace->open(path);
    snprintf(s.trace_path, sizeof s.trace_path, "%s", path);
    return s.trace->isOpen() ? 0 : -1;
}

int finish_trace(Sim &s)
{
    if (!s.trace)
        return 0;
    s.trace->close();
    return weft_trace_cuts() == s.trace_cuts && weft_trace_file_is_whole(s.trace_path) ? 0 : -1;
}
#else
int sim_trace(weft_sim *, const char *)
{
    return -1;
}

int finish_trace(Sim &)
{
    return 0;
}
#endif

int sim_close(weft_sim *sim)
{
    if (!sim)
        return 0;
    Sim *s = self(sim);
    const int rc = finish_trace(*s);
    s->top.final();
    /* Verilated destructors use the context that this thread used last, which may be that of
     * another chip, closed long ago. */
    Verilated::threadContextp(&s->context);
    delete s;
    return rc;
}

// The bits of the parts whose names stand in `without`, each between blanks.
constexpr bool has(std::string_view without, std::string_view name)
{
    for (size_t at = 0; at + name.size() + 2 <= without.size(); at++)
        if (without[at] == ' ' && without.substr(at + 1, name.size()) == name &&
            without[at + 1 + name.size()] == ' ')
            return true;
    return false;
}

constexpr uint32_t lacks(std::string_view without)
{
    uint32_t bits = 0;
#define HW_PART(NAME, name, bit, key, doc) bits |= has(without, #NAME) ? 1u << (bit) : 0;
#include "rtl/isa/weft_isa.def"
    return bits;
}
} // namespace

extern "C" {
extern const weft_sim_model WEFT_SIM_TABLE;
const weft_sim_model WEFT_SIM_TABLE = {
    WEFT_TEXT(WEFT_SIM_SHAPE),
    WEFT_SIM_DATA_BYTES,
    lacks(WEFT_SIM_WITHOUT),
#ifdef WEFT_SIM_TRACE
    1,
#else
    0,
#endif
#ifdef WEFT_SIM_BOARD
    1,
#else
    0,
#endif
    WEFT_SIM_CPU_LEVEL,
    sim_open,
    sim_close,
    sim_attach,
    sim_trace,
    sim_watch,
    sim_run,
    sim_cycles,
    sim_failure,
};
}

#endif
