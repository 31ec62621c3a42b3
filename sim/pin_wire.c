/* The wire at the pins; the contract is in pin_wire.h.
 *
 * Each direction is a queue of bytes in which marks say when how many have arrived.  A real wire is
 * simulated in slices of SLICE_CYCLES; what the chip sends in a slice is stamped with its end. */
#include "pin_wire.h"

#include <stdlib.h>
#include <string.h>

enum {
    QUEUE_BYTES = 1 << 20,
    SEND_BYTES =
        1 << 18, /* what send() holds; the queue of the other direction is larger than any window */
    MARKS = 1 << 16,
    SLICE_CYCLES = WEFT_SIM_CYCLES_PER_US,
    IDEAL_TIMEOUT_US = 5000,
    LEAST_TIMEOUT_US = 2000,
    LEAST_WINDOW_BYTES = 1 << 13,
    CLOCK_HZ = 1000000 * WEFT_SIM_CYCLES_PER_US
};

typedef struct mark {
    uint64_t cycle; /* from then on */
    uint64_t until; /* bytes up to here have arrived */
} mark;

typedef struct queue {
    uint64_t in, out; /* bytes ever put and taken */
    uint64_t marked;  /* put and stamped */
    uint64_t arrived;
    unsigned first, count; /* of the marks */
    mark marks[MARKS];
    uint8_t bytes[QUEUE_BYTES];
} queue;

typedef struct pin_wire {
    weft_wire base;
    const weft_sim_model *model;
    weft_sim *sim;
    weft_wire_kind kind;
    weft_sim_pace pace;
    uint64_t way_cycles; /* one way */
    int wants_room;      /* the last send was cut short */
    queue to_chip, from_chip;
} pin_wire;

static pin_wire *self(weft_wire *w)
{
    return (pin_wire *)(void *)w;
}

int weft_wire_kind_find(const char *name, weft_wire_kind *out)
{
    static const weft_wire_kind kinds[] = {
        { "uart", 300000, 1000, 64, 0 },      /* 3 Mbaud of ten bits, behind a USB bridge */
        { "ft245", 60000000, 125, 512, 1 },   /* FT232H, FT2232H: 8 bits at 60 MHz */
        { "hs", 53248000, 125, 512, 1 },      /* USB 2.0: 13 packets of 512 bytes in 125 us */
        { "ft601", 400000000, 250, 1024, 1 }, /* 32 bits at 100 MHz */
    };
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(name, kinds[i].name)) {
            *out = kinds[i];
            return 1;
        }
    return 0;
}

/* --- queues ------------------------------------------------------------------------------------- */

/* Longest piece from byte number `from` on that does not wrap. */
static size_t straight(uint64_t from, uint64_t count)
{
    const size_t to_end = QUEUE_BYTES - (size_t)(from % QUEUE_BYTES);
    return count < to_end ? (size_t)count : to_end;
}

static void put(queue *q, const uint8_t *bytes, size_t count)
{
    for (size_t n; count; count -= n, bytes += n, q->in += n) {
        n = straight(q->in, count);
        memcpy(q->bytes + q->in % QUEUE_BYTES, bytes, n);
    }
}

/* All that was put up to byte `until` arrives at `cycle`. */
static void stamp(queue *q, uint64_t until, uint64_t cycle)
{
    q->marked = until;
    if (q->count == MARKS)
        q->marks[(q->first + q->count - 1) % MARKS] = (mark){ cycle, until };
    else
        q->marks[(q->first + q->count++) % MARKS] = (mark){ cycle, until };
}

static void arrive(queue *q, uint64_t cycle)
{
    while (q->count && q->marks[q->first].cycle <= cycle) {
        q->arrived = q->marks[q->first].until;
        q->first = (q->first + 1) % MARKS;
        q->count--;
    }
}

/* --- the simulation ----------------------------------------------------------------------------- */

static uint64_t cycle(const pin_wire *w)
{
    return w->model->cycles(w->sim);
}

/* Simulate at most `cycles` cycles with the bytes that have arrived at the chip. */
static int simulate(pin_wire *w, uint64_t cycles, weft_error *err)
{
    queue *to = &w->to_chip, *from = &w->from_chip;
    const int ideal = !w->pace.step;
    uint8_t *room = from->bytes + from->in % QUEUE_BYTES;
    weft_sim_io io = { .recv = room,
                       .recv_room = straight(from->in, QUEUE_BYTES - (from->in - from->out)),
                       .until_sent = ideal && w->wants_room,
                       .until_received = ideal,
                       .pace = &w->pace };
    arrive(to, cycle(w));
    io.send = to->bytes + to->out % QUEUE_BYTES;
    io.send_left = straight(to->out, to->arrived - to->out);
    const size_t sent = io.send_left;
    const int rc = w->model->run(w->sim, &io, cycles);
    to->out += sent - io.send_left;
    from->in += io.recv_got;
    if (rc)
        return weft_error_set(err, WEFT_ERR_DEVICE, "the simulated chip stopped in %.180s",
                              w->model->failure(w->sim));
    const uint64_t open = from->in - from->marked, block = w->kind.block;
    const uint64_t ready = ideal || !io.recv_got ? open : open / block * block;
    if (ready)
        stamp(from, from->marked + ready, cycle(w) + w->way_cycles);
    return WEFT_OK;
}

/* --- the wire ----------------------------------------------------------------------------------- */

static int pins_send(weft_wire *base, const uint8_t *bytes, size_t count, size_t *taken,
                     weft_error *err)
{
    pin_wire *w = self(base);
    const uint64_t room = SEND_BYTES - (w->to_chip.in - w->to_chip.out);
    (void)err;
    *taken = count < room ? count : (size_t)room;
    put(&w->to_chip, bytes, *taken);
    stamp(&w->to_chip, w->to_chip.in, cycle(w) + w->way_cycles);
    w->wants_room = *taken < count;
    return WEFT_OK;
}

static int has_room(const pin_wire *w)
{
    return w->wants_room && w->to_chip.in - w->to_chip.out < SEND_BYTES / 2;
}

static int pins_receive(weft_wire *base, uint8_t *bytes, size_t room, uint32_t timeout_us,
                        size_t *got, weft_error *err)
{
    pin_wire *w = self(base);
    queue *from = &w->from_chip;
    const uint64_t until = cycle(w) + (uint64_t)timeout_us * WEFT_SIM_CYCLES_PER_US;
    arrive(from, cycle(w));
    while (from->arrived == from->out && cycle(w) < until && !has_room(w)) {
        const uint64_t left = until - cycle(w);
        int rc = simulate(w, w->pace.step && left > SLICE_CYCLES ? SLICE_CYCLES : left, err);
        if (rc != WEFT_OK)
            return rc;
        arrive(from, cycle(w));
    }
    w->wants_room = w->wants_room && !has_room(w);
    *got = 0;
    while (*got < room && from->out < from->arrived) {
        const uint64_t have = from->arrived - from->out, want = room - *got;
        const size_t n = straight(from->out, have < want ? have : want);
        memcpy(bytes + *got, from->bytes + from->out % QUEUE_BYTES, n);
        from->out += n;
        *got += n;
    }
    return WEFT_OK;
}

static uint64_t pins_now(weft_wire *base)
{
    return cycle(self(base)) / WEFT_SIM_CYCLES_PER_US;
}

static void pins_close(weft_wire *base)
{
    free(self(base));
}

static const weft_wire_ops pin_ops = {
    .send = pins_send,
    .receive = pins_receive,
    .now_us = pins_now,
    .close = pins_close,
};

weft_wire *weft_pin_wire_new(const weft_sim_model *model, weft_sim *sim, const weft_wire_kind *kind)
{
    pin_wire *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->base.ops = &pin_ops;
    w->base.receive_block_bytes = 1;
    w->base.answer_timeout_us = IDEAL_TIMEOUT_US;
    w->model = model;
    w->sim = sim;
    if (!kind || !kind->rate)
        return &w->base;
    /* Half as much again as the wire holds in a turn; a frame of either direction may wait for it all. */
    const uint64_t window = kind->rate * kind->turn / 2000000 * 3 + LEAST_WINDOW_BYTES;
    w->kind = *kind;
    w->kind.block = kind->block ? kind->block : 1;
    w->pace = (weft_sim_pace){ .step = (kind->rate << 32) / CLOCK_HZ, .shared = kind->shared };
    w->way_cycles = kind->turn * WEFT_SIM_CYCLES_PER_US / 2;
    w->base.receive_block_bytes = (size_t)w->kind.block;
    w->base.window_bytes = (size_t)window;
    w->base.answer_timeout_us =
        (uint32_t)(2 * kind->turn + 4 * window * 1000000 / kind->rate + LEAST_TIMEOUT_US);
    return &w->base;
}
