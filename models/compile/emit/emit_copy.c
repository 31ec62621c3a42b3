/* COPY layers: what moves, in commands of up to three loops, in tiles if it does not all fit.
 *
 * The destination is cut into tiles, the sources into strips; every pair that has elements in
 * common is one piece of work.  Within it, runs of neighbouring bytes that follow each other at
 * equal steps become one command. */
#include "emit_copy.h"
#include "emit.h"

#include <stdlib.h>

#define PUT(field, value) field_put(sched, cmd, F_COMPUTE_##field, (int64_t)(value), &rc)

typedef struct stride {
    int64_t from_row, from_byte, to_row, to_byte;
} stride;

/* n[0] runs at distance by[0], and n[1] of such rows at distance by[1]. */
typedef struct box {
    stride at;
    uint64_t bytes;
    uint32_t n[2];
    stride by[2];
} box;

static stride difference(const stride *a, const stride *b)
{
    return (stride){ a->from_row - b->from_row, a->from_byte - b->from_byte, a->to_row - b->to_row,
                     a->to_byte - b->to_byte };
}

static void advance(stride *at, const stride *by, uint64_t n)
{
    at->from_row += by->from_row * (int64_t)n;
    at->from_byte += by->from_byte * (int64_t)n;
    at->to_row += by->to_row * (int64_t)n;
    at->to_byte += by->to_byte * (int64_t)n;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static int fits_fields(const stride *s)
{
    return WEFT_FITS(COMPUTE, IN_DR, s->from_row) && WEFT_FITS(COMPUTE, O_IN_DR, s->to_row) &&
           WEFT_FITS(COMPUTE, IN_DU, s->from_byte) && WEFT_FITS(COMPUTE, O_IN_DU, s->to_byte);
}

/* --- a box as commands --- */

/* Loops of one command: strides by[0] inside, by[1] outside, `blocks` times COLS bytes. */
typedef struct loops {
    stride at, by[2];
    uint32_t n[2], blocks;
    uint32_t bytes, last; /* of a vector; of a vector of the last block */
    int64_t row_end;      /* bytes of a destination row that may be written */
} loops;

static int put_loops(schedule *sched, weft_cmd *cmd, const loops *v, const patch *in,
                     const patch *out)
{
    int rc = WEFT_OK;
    PUT(MODE, WEFT_MODE_MAX);
    PUT(RAW, 1);
    PUT(GROUPS, 1);
    PUT(SEG, 1);
    PUT(PASS_R, 1);
    PUT(TAPS_X, 1);
    PUT(PASSES, 1);
    PUT(KROWS, WEFT_MOST(COMPUTE, KROWS));
    PUT(CHAIN, 1);
    PUT(PHASES, 1);
    PUT(LO1, INT8_MIN);
    PUT(HI1, INT8_MAX);
    PUT(BLOCKS, v->blocks);
    PUT(BLK_U, v->blocks > 1 ? sched->hw->cols : 0);
    PUT(O_BLK_U, v->blocks > 1 ? sched->hw->cols : 0);
    PUT(O_BYTES, v->bytes);
    PUT(O_LAST, v->last);
    PUT(INNER, v->n[0]);
    PUT(O_INNER, v->n[0]);
    PUT(OUTER, v->n[1]);
    PUT(PITCH, in->pitch);
    PUT(TOP, in->word + in->words);
    PUT(SIZE, in->words);
    PUT(ROWS, in->rows);
    PUT(ROW_BYTES, in->row_bytes);
    PUT(O_PITCH, out->pitch);
    PUT(O_TOP, out->word + out->words);
    PUT(O_SIZE, out->words);
    PUT(O_ROW_BYTES, v->row_end);
    return rc;
}

static int put_steps(schedule *sched, weft_cmd *cmd, const loops *v, const patch *in,
                     const patch *out)
{
    int rc = WEFT_OK;
    const stride none = { 0, 0, 0, 0 };
    const stride *inner = v->n[0] > 1 ? &v->by[0] : &none, *outer = v->n[1] > 1 ? &v->by[1] : &none;
    PUT(A_START, patch_word(in, v->at.from_row));
    PUT(R_START, v->at.from_row);
    PUT(U_START, v->at.from_byte);
    PUT(IN_DR, inner->from_row);
    PUT(IN_DA, patch_step(in, (uint64_t)inner->from_row));
    PUT(IN_DU, inner->from_byte);
    PUT(OUT_DR, outer->from_row);
    PUT(OUT_DA, patch_step(in, (uint64_t)outer->from_row));
    PUT(OUT_DU, outer->from_byte);
    PUT(O_A_START, patch_word(out, v->at.to_row));
    PUT(O_ROW, v->at.to_row & 3);
    PUT(O_U_START, v->at.to_byte);
    PUT(O_IN_DR, inner->to_row);
    PUT(O_IN_DA, patch_step(out, (uint64_t)inner->to_row));
    PUT(O_IN_DU, inner->to_byte);
    PUT(O_OUT_DR, outer->to_row);
    PUT(O_OUT_DA, patch_step(out, (uint64_t)outer->to_row));
    PUT(O_OUT_DU, outer->to_byte);
    return rc;
}

static access rows_of(const patch *at, access_kind kind, int64_t row, uint64_t more)
{
    return (access){ .kind = kind,
                     .occupant = at->occupant,
                     .word = at->word,
                     .words = at->words,
                     .row_lo = at->row0 + (uint32_t)row,
                     .row_hi = at->row0 + (uint32_t)(row + (int64_t)more) + 1,
                     .part_hi = UINT32_MAX };
}

/* Readers wait for the whole of a copy, whichever rows they read. */
static int emit_loops(schedule *sched, const copy_work *w, const loops *v)
{
    const patch nothing = { .words = 1, .pitch = 1 };
    const patch *in = w->fill ? &nothing : &w->in;
    pending *c = emit_command(sched, w->layer, QUEUE_COMPUTE, WEFT_CMD_COMPUTE);
    if (!c)
        return sched->work.err->status;
    uint64_t from = 0;
    for (unsigned i = 0; i < 2; i++)
        from += (v->n[i] - 1) * (uint64_t)v->by[i].from_row;
    if (!w->fill)
        emit_access(c, rows_of(in, ACCESS_READ, v->at.from_row, from));
    emit_access(c, rows_of(&w->out, ACCESS_WRITE, 0, w->out.rows - 1));
    int rc = put_loops(sched, &c->cmd, v, in, &w->out);
    if (rc == WEFT_OK)
        rc = put_steps(sched, &c->cmd, v, in, &w->out);
    field_put(sched, &c->cmd, F_COMPUTE_ZP, w->part->fill, &rc);
    return rc;
}

/* Long runs: vectors side by side inside, the runs outside; the end of a row cuts the last vector.
 */
static int emit_long(schedule *sched, const copy_work *w, const box *b)
{
    const uint32_t cols = sched->hw->cols;
    const uint64_t vectors = div_up(b->bytes, cols);
    int rc = WEFT_OK;
    for (uint64_t v = 0; v < vectors && rc == WEFT_OK;) {
        const uint32_t inner =
            (uint32_t)(vectors - v < sched->budget.acc_depth ? vectors - v
                                                             : sched->budget.acc_depth);
        const uint32_t most = sched->budget.acc_depth / inner;
        for (uint32_t r = 0; r < b->n[0] && rc == WEFT_OK; r += most) {
            loops l = { .at = b->at,
                        .by = { { 0, cols, 0, cols }, b->by[0] },
                        .n = { inner, min_u32(most, b->n[0] - r) },
                        .blocks = 1,
                        .bytes = cols,
                        .last = cols,
                        .row_end = b->at.to_byte + (int64_t)b->bytes };
            l.at.from_row += r * b->by[0].from_row;
            l.at.from_byte += r * b->by[0].from_byte + (int64_t)v * cols;
            l.at.to_row += r * b->by[0].to_row;
            l.at.to_byte += (int64_t)v * cols;
            rc = emit_loops(sched, w, &l);
        }
        v += inner;
    }
    return rc;
}

static int emit_box(schedule *sched, const copy_work *w, const box *b)
{
    const uint32_t cols = sched->hw->cols;
    if (b->n[0] == 0)
        return WEFT_OK;
    if (b->n[1] == 1 && b->bytes > cols && (b->n[0] == 1 || b->by[0].to_byte == 0))
        return emit_long(sched, w, b);
    loops l = { .at = b->at,
                .by = { b->by[0], b->by[1] },
                .n = { b->n[0], b->n[1] },
                .blocks = (uint32_t)div_up(b->bytes, cols),
                .bytes = (uint32_t)(b->bytes < cols ? b->bytes : cols),
                .row_end = w->out.row_bytes };
    l.last = (uint32_t)(b->bytes - (uint64_t)(l.blocks - 1) * cols);
    return emit_loops(sched, w, &l);
}

/* --- runs to boxes --- */

typedef struct merger {
    schedule *sched;
    const copy_work *w;
    box row, all; /* the row of runs being made, and the rows before it */
    stride last, last_row;
} merger;

static int same_stride(const stride *a, const stride *b)
{
    return a->from_row == b->from_row && a->from_byte == b->from_byte && a->to_row == b->to_row &&
           a->to_byte == b->to_byte;
}

/* Does another element at distance d go on as the n before it do?  The first distance is free. */
static int continues(uint32_t n, const stride *by, const stride *d)
{
    return n == 1 ? fits_fields(d) : same_stride(by, d);
}

static int end_row(merger *m)
{
    box *a = &m->all, *r = &m->row;
    const stride d = difference(&r->at, &m->last_row);
    int rc = WEFT_OK;
    if (r->n[0] == 0)
        return WEFT_OK;
    if (a->n[0] == r->n[0] && a->bytes == r->bytes &&
        (r->n[0] == 1 || same_stride(&a->by[0], &r->by[0])) && continues(a->n[1], &a->by[1], &d) &&
        (uint64_t)r->n[0] * (a->n[1] + 1) <= m->sched->budget.acc_depth) {
        a->by[1] = d;
        a->n[1]++;
    } else {
        rc = emit_box(m->sched, m->w, a);
        *a = *r;
    }
    m->last_row = r->at;
    r->n[0] = 0;
    return rc;
}

static int add_run(merger *m, const stride *at, uint64_t bytes)
{
    box *r = &m->row;
    const stride d = difference(at, &m->last);
    int rc = WEFT_OK;
    if (r->n[0] && r->bytes == bytes && continues(r->n[0], &r->by[0], &d) &&
        r->n[0] < m->sched->budget.acc_depth) {
        r->by[0] = d;
        r->n[0]++;
    } else {
        rc = end_row(m);
        *r = (box){ .at = *at, .bytes = bytes, .n = { 1, 1 } };
    }
    m->last = *at;
    return rc;
}

/* n runs at distance d: as if added one by one. */
static int add_runs(merger *m, stride at, uint64_t bytes, uint64_t n, const stride *d)
{
    box *r = &m->row;
    int rc = WEFT_OK;
    while (n && rc == WEFT_OK) {
        rc = add_run(m, &at, bytes);
        uint64_t more = 0;
        if (r->n[0] > 1 && same_stride(&r->by[0], d))
            more = least(n - 1, m->sched->budget.acc_depth - r->n[0]);
        r->n[0] += (uint32_t)more;
        advance(&m->last, d, more);
        advance(&at, d, more + 1);
        n -= more + 1;
    }
    return rc;
}

/* --- the elements of a piece of work --- */

/* The next edge of lo..hi-1 or the end. */
static int64_t edge_after(int64_t at, int64_t lo, int64_t hi, int64_t end)
{
    if (at < lo)
        return lo;
    return at < hi ? hi : end;
}

/* The part of a run that lies in one row at both ends, on one side of the strip's edges, or of one
 * that repeats the elements whose rows and bytes rise evenly there; 1 if it is to be copied now. */
static int clip_run(const schedule *sched, const copy_work *w, copy_run *r, stride *at)
{
    const uint32_t to_row = sched->low->areas[w->out.area].row_bytes;
    *at = (stride){ .to_row = r->to / to_row - w->out.row0, .to_byte = r->to % to_row };
    r->count = least(r->count, to_row - (uint64_t)at->to_byte);
    at->to_byte -= w->out.byte0;
    if (r->from < 0)
        return w->fill;
    const int64_t from_row = sched->low->areas[w->part->area].row_bytes;
    const int64_t byte = r->from % from_row, row = r->from / from_row;
    const int64_t lo = w->in.byte0, hi = lo + w->in.row_bytes;
    const int64_t top = w->in.row0, bottom = top + w->in.rows;
    const int64_t edge = edge_after(byte, lo, hi, from_row);
    r->count = least(r->count, (uint64_t)(edge - byte));
    if (row < top || row >= bottom) {
        r->times =
            copy_before(r->from, r->from_step, r->times, row < top ? top * from_row : INT64_MAX);
        return 0;
    }
    r->times = copy_in_step(r->from, r->from_step, r->times, from_row, bottom, edge);
    r->times = copy_in_step(r->to, r->to_step, r->times, to_row, INT64_MAX, to_row);
    at->from_row = row - top;
    at->from_byte = byte - lo;
    return !w->fill && byte >= lo && byte < hi;
}

/* From one element of a run that repeats to the next. */
static stride stride_of(const schedule *sched, const copy_work *w, const copy_run *r)
{
    const int64_t to_row = sched->low->areas[w->out.area].row_bytes;
    stride d = { .to_row = r->to_step / to_row, .to_byte = r->to_step % to_row };
    if (!w->fill) {
        const int64_t from_row = sched->low->areas[w->part->area].row_bytes;
        d.from_row = r->from_step / from_row;
        d.from_byte = r->from_step % from_row;
    }
    return d;
}

/* Destinations lo..hi-1. */
static int copy_range(merger *m, int64_t lo, int64_t hi)
{
    const copy_part *c = m->w->part;
    int rc = WEFT_OK;
    for (uint64_t e = copy_find(c, lo); e < c->count && rc == WEFT_OK;) {
        copy_run r = copy_run_at(c, e);
        stride at;
        if (r.to >= hi)
            break;
        r.count = least(r.count, (uint64_t)(hi - r.to));
        r.times = copy_before(r.to, r.to_step, r.times, hi);
        const int now = clip_run(m->sched, m->w, &r, &at);
        const stride d = stride_of(m->sched, m->w, &r);
        if (now)
            rc = add_runs(m, at, r.count, r.times, &d);
        e += r.count * r.times;
    }
    return rc;
}

int emit_work(schedule *sched, const copy_work *w)
{
    merger m = { .sched = sched, .w = w };
    const patch *out = &w->out;
    const int64_t row_bytes = sched->low->areas[out->area].row_bytes;
    const int64_t first = out->row0 * row_bytes + out->byte0;
    int rc = WEFT_OK;
    if (out->row_bytes == (uint32_t)row_bytes)
        rc = copy_range(&m, first, first + out->rows * row_bytes);
    for (uint32_t r = 0; r < out->rows && rc == WEFT_OK && out->row_bytes != row_bytes; r++)
        rc = copy_range(&m, first + r * row_bytes, first + r * row_bytes + out->row_bytes);
    if (rc == WEFT_OK)
        rc = end_row(&m);
    return rc == WEFT_OK ? emit_box(sched, w, &m.all) : rc;
}
