/* Which rows and bytes of its areas a tile needs. */
#include "tiles.h"

void reach_inputs(const reach *r, uint32_t lo, uint32_t hi, uint32_t size, int64_t *begin,
                  int64_t *end)
{
    *begin = floor_div((int64_t)lo * r->stride + r->first, r->up);
    *end = floor_div((int64_t)(hi - 1) * r->stride + r->first, r->up) + r->extent;
    *begin = *begin < 0 ? 0 : *begin;
    *end = *end > size ? size : *end;
    if (*end < *begin)
        *end = *begin;
}

uint32_t extent_rows(const extent *e)
{
    const uint32_t rows = (uint32_t)div_up(e->row_hi - e->row_lo, e->row_step ? e->row_step : 1);
    return e->across ? rows * e->across : rows;
}

/* Reads pixels, each by itself. */
static int reads_pixels(const layer *l)
{
    const reach *y = &l->reach_y, *x = &l->reach_x;
    return y->extent == 1 && y->up == 1 && y->first == 0 && x->extent == 1 && x->up == 1 &&
           x->first == 0;
}

/* Of the pixels of a row the layer reads one in so many. */
static uint32_t pixel_step(const layer *l)
{
    const int64_t step = (int64_t)l->reach_x.stride * layer_in_pixel(l);
    if (!reads_pixels(l))
        return 1;
    for (uint32_t i = 0; i < l->kernel_count; i++) {
        const kernel *k = &l->kernels[i];
        if (k->vertical || k->pair || k->in_byte % step || k->byte_step % step || k->in_du % step)
            return 1;
    }
    return l->reach_x.stride;
}

/* From memory without what lies between: part of the channels, if no window needs rows of pixels;
 * or pixels that a stride leaves apart, if each is a burst at least. */
int input_by_pixel(const schedule *sched, const layer *l)
{
    if (sched->low->areas[l->in[0]].shared && l->in_space)
        return reads_pixels(l);
    return pixel_step(l) > 1 && layer_in_pixel(l) % sched->hw->mem_bytes == 0 &&
           layer_in_pixel(l) >= WEFT_BURST_BEATS * sched->hw->mem_bytes;
}

int output_by_pixel(const schedule *sched, const layer *l)
{
    return sched->low->areas[l->out].shared && l->out_space;
}

uint32_t input_row_step(const layer *l)
{
    const reach *r = &l->reach_y;
    if (r->extent != 1 || r->up != 1 || r->first != 0 || r->stride == 1)
        return 1;
    for (uint32_t i = 0; i < l->kernel_count; i++) {
        const kernel *k = &l->kernels[i];
        if (k->vertical || k->in_row % r->stride || k->row_step % r->stride)
            return 1;
    }
    return r->stride;
}

extent input_extent(const schedule *sched, const layer *l, uint32_t y0, uint32_t y1, uint32_t x0,
                    uint32_t x1)
{
    const uint32_t row_bytes = sched->low->areas[l->in[0]].row_bytes, m = sched->hw->mem_bytes;
    int64_t top, end, left, right;
    reach_inputs(&l->reach_y, y0, y1, l->in_h, &top, &end);
    reach_inputs(&l->reach_x, x0, x1, l->in_w, &left, &right);
    if (input_by_pixel(sched, l) && right > left) {
        const uint32_t step = pixel_step(l);
        const extent e = { .row_lo = (uint32_t)top,
                           .row_hi = (uint32_t)end,
                           .row_step = input_row_step(l),
                           .byte_lo = l->at[0],
                           .byte_hi = l->at[0] + l->in_c,
                           .across = (uint32_t)div_up((uint64_t)(right - left), step),
                           .x0 = (uint32_t)left,
                           .x_step = step };
        return e;
    }
    left = left * layer_in_pixel(l) / m * m;
    right = right * layer_in_pixel(l);
    right = right > row_bytes ? row_bytes : right;
    if (end <= top || right <= left)
        return (extent){ .row_step = 1 };
    return (extent){ .row_lo = (uint32_t)top,
                     .row_hi = (uint32_t)end,
                     .byte_lo = (uint32_t)left,
                     .byte_hi = (uint32_t)right,
                     .row_step = input_row_step(l) };
}

extent output_extent(const schedule *sched, const layer *l, uint32_t y0, uint32_t y1, uint32_t x0,
                     uint32_t x1)
{
    extent e = { .row_lo = y0, .row_hi = y1, .row_step = 1 };
    if (output_by_pixel(sched, l)) {
        e.byte_lo = l->at[2];
        e.byte_hi = l->at[2] + l->out_c;
        e.across = x1 - x0;
        e.x0 = x0;
        e.x_step = 1;
        return e;
    }
    e.byte_lo = x0 * layer_out_pixel(l);
    e.byte_hi = min_u32(x1 * layer_out_pixel(l), sched->low->areas[l->out].row_bytes);
    return e;
}

extent operand_extent(const schedule *sched, const layer *l, uint32_t y0, uint32_t y1, uint32_t x0,
                      uint32_t x1)
{
    const uint32_t row_bytes = sched->low->areas[l->in[1]].row_bytes, m = sched->hw->mem_bytes;
    extent e = { .row_lo = l->x_row * y0,
                 .row_hi = l->x_row * (y1 - 1) + 1,
                 .byte_lo = l->x_pixel * x0 / m * m,
                 .byte_hi = row_bytes,
                 .row_step = 1 };
    if (l->x_pixel)
        e.byte_hi = min_u32(l->x_pixel * x1, row_bytes);
    return e;
}

uint32_t input_pixel_bytes(const schedule *sched, const layer *l)
{
    return input_by_pixel(sched, l) ? l->in_c : layer_in_pixel(l);
}

uint32_t input_pixel_step(const schedule *sched, const layer *l)
{
    return input_by_pixel(sched, l) ? pixel_step(l) : 1;
}

uint32_t output_pixel_bytes(const schedule *sched, const layer *l)
{
    return output_by_pixel(sched, l) ? l->out_c : layer_out_pixel(l);
}

uint64_t slot_words(const schedule *sched, uint64_t rows, uint64_t bytes)
{
    uint64_t words = div_up(rows, 4) * div_up(bytes, sched->hw->word_bytes);
    return words ? words : 1;
}
