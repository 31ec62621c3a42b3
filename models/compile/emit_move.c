/* LOAD and STORE of a place, and the COPY layer: bytes that only change their place. */
#include "plan.h"

#define PUT(op, field, value) field_put(p, &c->cmd, F_##op##_##field, (int64_t)(value), &rc)

static access buffer_access(const place *at, access_kind kind, uint32_t row_lo, uint32_t row_hi)
{
    return (access){ .kind = kind,
                     .occupant = at->occupant,
                     .word = at->word,
                     .words = at->words,
                     .row_lo = at->row0 + row_lo,
                     .row_hi = at->row0 + row_hi };
}

static access memory_access(const place *at, access_kind kind, uint32_t row_lo, uint32_t row_hi)
{
    return (access){ .kind = kind,
                     .in_memory = 1,
                     .occupant = at->area,
                     .row_lo = at->row0 + row_lo,
                     .row_hi = at->row0 + row_hi };
}

int emit_load(plan *p, uint32_t layer_index, const place *to, uint32_t row_lo, uint32_t row_hi)
{
    const area *a = &p->areas[to->area];
    const uint32_t m = p->hw.mem_bytes;
    int rc = WEFT_OK;
    pending *c = emit_command(p, layer_index, QUEUE_LOAD, WEFT_OP_LOAD);
    if (!c)
        return p->err->status;
    c->addr = a->addr + (uint64_t)(to->row0 + row_lo) * a->pitch_bytes + to->byte0;
    emit_access(c, memory_access(to, ACCESS_READ, row_lo, row_hi));
    emit_access(c, buffer_access(to, ACCESS_WRITE, row_lo, row_hi));
    PUT(LOAD, ROW, row_lo & 3);
    PUT(LOAD, STRIDE, a->pitch_bytes);
    PUT(LOAD, ROWS, row_hi - row_lo);
    PUT(LOAD, A_START, place_slot(to, row_lo));
    PUT(LOAD, ROW_BYTES, div_up(to->row_bytes, m) * m);
    PUT(LOAD, PITCH, to->pitch);
    PUT(LOAD, TOP, to->word + to->words);
    PUT(LOAD, SIZE, to->words);
    return rc;
}

int emit_store(plan *p, uint32_t layer_index, const place *from)
{
    const area *a = &p->areas[from->area];
    int rc = WEFT_OK;
    pending *c = emit_command(p, layer_index, QUEUE_STORE, WEFT_OP_STORE);
    if (!c)
        return p->err->status;
    c->addr = a->addr + (uint64_t)from->row0 * a->pitch_bytes + from->byte0;
    emit_access(c, memory_access(from, ACCESS_WRITE, 0, from->rows));
    emit_access(c, buffer_access(from, ACCESS_READ, 0, from->rows));
    PUT(STORE, ROW, 0);
    PUT(STORE, STRIDE, a->pitch_bytes);
    PUT(STORE, ROWS, from->rows);
    PUT(STORE, A_START, from->word);
    PUT(STORE, ROW_BYTES, from->row_bytes);
    PUT(STORE, PITCH, from->pitch);
    PUT(STORE, TOP, from->word + from->words);
    PUT(STORE, SIZE, from->words);
    return rc;
}

/* --- COPY --- */

/* Row-major source element of output element e. */
static uint64_t source_of(const layer *l, uint64_t e)
{
    if (l->perm_rank == 0)
        return e;
    uint64_t from = 0;
    uint32_t index[WEFT_MAX_RANK] = { 0 };
    for (uint32_t i = l->perm_rank; i-- > 0;) {
        uint32_t axis = l->perm[i];
        index[axis] = (uint32_t)(e % l->dims[axis]);
        e /= l->dims[axis];
    }
    for (uint32_t i = 0; i < l->perm_rank; i++)
        from = from * l->dims[i] + index[i];
    return from;
}

/* A run of output bytes in one row whose sources lie `step` apart in one row. */
typedef struct run {
    uint64_t from, to, count, step;
} run;

static run run_at(const layer *l, uint64_t to, uint64_t limit, uint32_t src_row, uint32_t dst_row)
{
    run r = { source_of(l, to), to, 1, 1 };
    uint64_t row_end = (to / dst_row + 1) * dst_row;
    if (row_end > limit)
        row_end = limit;
    for (uint64_t e = to + 1; e < row_end; e++, r.count++) {
        uint64_t s = source_of(l, e), last = r.from + (r.count - 1) * r.step;
        if (r.count == 1)
            r.step = s > r.from ? s - r.from : 0;
        if (r.step == 0 || s != (r.count == 1 ? r.from + r.step : last + r.step) ||
            s / src_row != r.from / src_row)
            break;
    }
    if (r.count == 1)
        r.step = 1;
    return r;
}

/* The run as one row of "pixels": COLS bytes a vector if the sources touch, else one byte. */
static int emit_run(plan *p, uint32_t layer_index, const run *r, const place *in, const place *out)
{
    const uint32_t width = r->step == 1 ? p->hw.cols : 1;
    const area *a = &p->areas[in->area], *b = &p->areas[out->area];
    const uint32_t src = (uint32_t)(r->from / a->row_bytes), dst = (uint32_t)(r->to / b->row_bytes);
    place to = *out;
    to.row_bytes = (uint32_t)(r->to % b->row_bytes + r->count);
    kernel k = kernel_default();
    k.mode = WEFT_MODE_MAX;
    k.raw = 1;
    k.px = k.o_bytes = k.o_last = width;
    k.in_u = (int64_t)(r->from % a->row_bytes);
    k.out_u = (int64_t)(r->to % b->row_bytes);
    k.in_du = (int64_t)(r->step == 1 ? width : r->step);
    k.y0 = dst;
    k.in_row = (int64_t)src - dst;
    const part t = { 0, 1, 0, (uint32_t)div_up(r->count, width) };
    int rc = emit_compute(p, layer_index, &k, &t, in, &to, NULL);
    if (rc == WEFT_OK) {
        access *read = &p->commands[p->command_count - 1].access[0];
        read->row_lo = src;
        read->row_hi = src + 1;
    }
    return rc;
}

int emit_copy(plan *p, uint32_t layer_index, const place *in, const place *out)
{
    const area *a = &p->areas[in->area], *b = &p->areas[out->area];
    const uint64_t count = (uint64_t)b->rows * b->row_bytes;
    int rc = WEFT_OK;
    for (uint64_t e = 0; e < count && rc == WEFT_OK;) {
        const layer *l = &p->layers[layer_index];
        run r = run_at(l, e, count, a->row_bytes, b->row_bytes);
        uint64_t most = (uint64_t)p->hw.acc_depth * (r.step == 1 ? p->hw.cols : 1);
        if (r.count > most)
            r.count = most;
        rc = emit_run(p, layer_index, &r, in, out);
        e += r.count;
    }
    return rc;
}
