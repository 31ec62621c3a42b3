// The C door to the Verilated chip; the contract is in weft_sim.h.
//
// A cycle is one evaluation, which shows the inputs to the design and moves it (weft_clock.v); what
// comes out of the chip is registered, so the handshakes are read before it.  A model without the
// pulse gets a clk that falls and rises.  Beyond that a cycle with an idle bus and an idle link
// costs three compares.
#include "weft_sim.h"

#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string_view>

#include "verilated.h"

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
#define WEFT_SIM_SIGNALS WEFT_GLUE(WEFT_SIM_PREFIX, ___024root.h)
#include WEFT_TEXT(WEFT_SIM_SIGNALS)

#ifdef WEFT_SIM_TRACE
#include <sys/stat.h>

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
    char failure[200] = "";
};

Sim *self(weft_sim *s)
{
    return reinterpret_cast<Sim *>(s);
}

void drive_memory(WEFT_SIM_PREFIX &top, const weft_mem_out &out)
{
    top.m_axi_arready = out.arready;
    top.m_axi_rvalid = out.rvalid;
    top.m_axi_awready = out.awready;
    top.m_axi_wready = out.wready;
    top.m_axi_bvalid = out.bvalid;
    top.m_axi_bresp = out.bresp;
    if (out.rvalid) {
        top.m_axi_rlast = out.rlast;
        top.m_axi_rresp = out.rresp;
        memcpy(static_cast<void *>(&top.m_axi_rdata), out.rdata, sizeof top.m_axi_rdata);
    }
}

void clock_memory(WEFT_SIM_PREFIX &top, weft_mem *mem, uint64_t cycle)
{
    weft_mem_in in;
    in.arvalid = top.m_axi_arvalid;
    in.rready = top.m_axi_rready;
    in.awvalid = top.m_axi_awvalid;
    in.wvalid = top.m_axi_wvalid;
    in.bready = top.m_axi_bready;
    if (in.arvalid) {
        in.arlen = top.m_axi_arlen;
        in.arsize = top.m_axi_arsize;
        in.arburst = top.m_axi_arburst;
        in.araddr = top.m_axi_araddr;
    }
    if (in.awvalid) {
        in.awlen = top.m_axi_awlen;
        in.awsize = top.m_axi_awsize;
        in.awburst = top.m_axi_awburst;
        in.awaddr = top.m_axi_awaddr;
    }
    if (in.wvalid) {
        in.wlast = top.m_axi_wlast;
        in.wstrb = top.m_axi_wstrb;
        in.wdata = reinterpret_cast<const uint8_t *>(&top.m_axi_wdata);
    }
    weft_mem_clock(mem, cycle, &in);
}

#if !defined WEFT_UNGATED && VERILATOR_VERSION_INTEGER + 0 == 5006000 && __has_include("edges.h")
} // namespace
#define WEFT_SIM_ROOT       WEFT_GLUE(WEFT_SIM_PREFIX, ___024root)
#define WEFT_SIM_PART(name) WEFT_GLUE(WEFT_SIM_ROOT, name)
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
inline void step(Sim &s, WEFT_SIM_PREFIX &top)
{
    bool memory = false;
    if (s.mem && (s.mem_busy || top.m_axi_arvalid || top.m_axi_awvalid || top.m_axi_wvalid)) {
        clock_memory(top, s.mem, s.cycle);
        memory = true;
    }
    tick(s, top);
    if (memory) {
        drive_memory(top, *weft_mem_outputs(s.mem));
        s.mem_busy = !weft_mem_quiet(s.mem);
    }
    s.cycle++;
}

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

constexpr size_t LINK_BYTES = sizeof(WEFT_SIM_PREFIX::rx_data);

// Which direction may move in this cycle.
struct Grant {
    bool rx, tx;
};

Grant grant(weft_sim_pace &p, bool rx_wants, bool tx_wants)
{
    constexpr uint64_t WORD = static_cast<uint64_t>(LINK_BYTES) << 32;
    for (uint64_t &credit : p.credit) {
        credit += p.step;
        if (credit > 2 * WORD)
            credit = 2 * WORD;
    }
    if (!p.shared)
        return { p.credit[0] >= WORD, p.credit[1] >= WORD };
    if (p.credit[0] < WORD)
        return { false, false };
    const bool tx = tx_wants && (!rx_wants || p.turn);
    return { rx_wants && !tx, tx };
}

void charge(weft_sim_pace &p, bool rx_moved, bool tx_moved)
{
    constexpr uint64_t WORD = static_cast<uint64_t>(LINK_BYTES) << 32;
    if (rx_moved)
        p.credit[0] -= WORD;
    if (tx_moved)
        p.credit[p.shared ? 0 : 1] -= WORD;
    if (rx_moved || tx_moved)
        p.turn = rx_moved;
}

template <bool paced> void run_cycles(Sim &s, weft_sim_io &io, uint64_t cycles)
{
    WEFT_SIM_PREFIX &top = s.top;
    for (const uint64_t end = s.cycle + cycles; s.cycle != end;) {
        const bool room = io.recv_room - io.recv_got >= LINK_BYTES;
        Grant may = { true, true };
        if (paced)
            may = grant(*io.pace, io.send_left && top.rx_ready, top.tx_valid && room);
        const size_t count = io.send_left < LINK_BYTES ? io.send_left : LINK_BYTES;
        top.rx_valid = io.send_left != 0 && may.rx;
        if (io.send_left) {
            top.rx_data = 0;
            memcpy(&top.rx_data, io.send, count);
        }
        top.tx_ready = room && may.tx;
        const bool rx_moves = top.rx_valid && top.rx_ready, tx_moves = top.tx_valid && top.tx_ready;
        if (rx_moves) {
            io.send += count;
            io.send_left -= count;
        }
        if (tx_moves) {
            memcpy(io.recv + io.recv_got, &top.tx_data, LINK_BYTES);
            io.recv_got += LINK_BYTES;
        }
        if (paced)
            charge(*io.pace, rx_moves, tx_moves);
        if (s.watch)
            report_events(s);
        step(s, top);
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
        drive_memory(s->top, weft_mem_out());
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
    drive_memory(s.top, *weft_mem_outputs(mem));
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
// The writer of the run-time library deletes whatever has the name, devices too, and reports no
// failure: only a new or a regular file is given to it, and whether that can be written is tried.
int sim_trace(weft_sim *sim, const char *path)
{
    Sim &s = *self(sim);
    struct stat info;
    if (strlen(path) >= sizeof s.trace_path || (lstat(path, &info) == 0 && !S_ISREG(info.st_mode)))
        return -1;
    FILE *probe = fopen(path, "ab");
    if (!probe || fclose(probe))
        return -1;
    s.context.traceEverOn(true);
    s.trace.reset(new Trace);
    s.top.trace(s.trace.get(), 99);
    s.trace->open(path);
    snprintf(s.trace_path, sizeof s.trace_path, "%s", path);
    return s.trace->isOpen() ? 0 : -1;
}

// An FST file is a row of blocks, each a type byte and an 8-byte length that counts itself, the
// header first: one cut by a full disk does not end where its last block does.
bool trace_is_whole(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    bool whole = fseek(file, 0, SEEK_END) == 0;
    const long size = ftell(file);
    long at = 0;
    unsigned char head[9];
    while (whole && at < size) {
        whole = fseek(file, at, SEEK_SET) == 0 && fread(head, 1, 9, file) == 9;
        uint64_t length = 0;
        for (int i = 1; whole && i < 9; i++)
            length = length << 8 | head[i];
        whole = whole && (at > 0 || head[0] == 0) && length >= 8 &&
                length < static_cast<uint64_t>(size);
        at += 1 + static_cast<long>(length);
    }
    fclose(file);
    return whole && size > 0 && at == size;
}

int finish_trace(Sim &s)
{
    if (!s.trace)
        return 0;
    s.trace->close();
    return trace_is_whole(s.trace_path) ? 0 : -1;
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
    sizeof(WEFT_SIM_PREFIX::m_axi_rdata),
    lacks(WEFT_SIM_WITHOUT),
#ifdef WEFT_SIM_TRACE
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
