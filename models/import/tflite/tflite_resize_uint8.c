/* RESIZE_BILINEAR of uint8, whose kernel computes in float32 and cuts off the sum plus a half.
 *
 * Places are fractions.  Where their denominators are such that no rounding of float32 can change a
 * byte, the integer sum of weighted pixels is rounded once, on the device; else the shares go into
 * the graph as the kernel computes them, and the host does what it does. */
#include <math.h>
#include <string.h>

#include "models/base/common_divisor.h"
#include "tflite_import.h"

/* An axis: how its places are weighted with integers of `one`, and with float32. */
typedef struct axis {
    uint32_t in, out;
    int64_t step, unit; /* from place to place: step / unit pixels */
    int half;           /* places are those of the middles of pixels */
    uint64_t one, grid; /* grid: places are multiples of 1 / grid, at the edges too */
    weft_lerp *lerps;
    weft_share *shares;
} axis;

/* Integer weights, as small as they can be. */
static void weigh(axis *a)
{
    const int64_t den = a->half ? 2 * a->unit : a->unit;
    uint64_t common = (uint64_t)den, all = common;
    for (uint32_t i = 0; i < a->out; i++) {
        const int64_t num = a->half ? (2 * (int64_t)i + 1) * a->step - a->unit : i * a->step;
        int64_t lo = num < 0 ? 0 : num / den;
        lo = lo > a->in - 1 ? a->in - 1 : lo;
        const int64_t rest = num - lo * den;
        const int two = rest > 0 && lo + 1 < a->in;
        a->lerps[i] = (weft_lerp){ (uint32_t)lo, (uint32_t)(lo + two), two ? (uint32_t)rest : 0 };
        common = common_divisor(a->lerps[i].weight, common);
        all = common_divisor((uint64_t)(num < 0 ? -num : num), all);
    }
    for (uint32_t i = 0; i < a->out; i++)
        a->lerps[i].weight = (uint32_t)(a->lerps[i].weight / common);
    a->one = (uint64_t)den / common;
    a->grid = (uint64_t)den / all;
}

/* Shares as the kernel computes them. */
static void share(axis *a)
{
    const float scale = (float)a->step / (float)a->unit;
    for (uint32_t i = 0; i < a->out; i++) {
        const float place = a->half ? ((float)i + 0.5f) * scale - 0.5f : (float)i * scale;
        const float last = (float)(a->in - 1);
        const float lo = fminf(fmaxf(floorf(place), 0.0f), last);
        const float hi = fmaxf(fminf(ceilf(place), last), lo);
        a->shares[i] = (weft_share){ (uint32_t)lo, (uint32_t)hi, 1.0f - (place - lo), place - lo };
        a->lerps[i] = (weft_lerp){ (uint32_t)lo, (uint32_t)hi, 0 };
    }
    a->one = 1;
}

static int bits_of(uint64_t one)
{
    int bits = 0;
    while ((uint64_t)1 << bits < one)
        bits++;
    return (uint64_t)1 << bits == one ? bits : 64;
}

/* Float32 has every product and sum: a byte and two weights, at the edges up to 3/2 each. */
static int is_exact(const axis *rows, const axis *columns)
{
    const int room = rows->half ? 14 : 16, most = 1 << 12;
    const int y = bits_of(rows->grid), x = bits_of(columns->grid);
    return y <= 8 && x <= 8 && y + x <= room && rows->in < (uint32_t)most &&
           columns->in < (uint32_t)most;
}

/* No sum is nearer to a half than float32 errs: places by 2^-22 of their size, the rest by less. */
static int is_far(const axis *rows, const axis *columns)
{
    const double error = 255.0 * ((double)rows->in + columns->in + 8) * ldexp(1.0, -22);
    return rows->one % 2 && columns->one % 2 &&
           error < 0.5 / ((double)rows->one * (double)columns->one);
}

static int make_room(tfl_import *im, axis *a)
{
    a->lerps = tfl_alloc(im, (uint64_t)a->out * sizeof *a->lerps);
    a->shares = a->lerps ? tfl_alloc(im, (uint64_t)a->out * sizeof *a->shares) : NULL;
    return a->shares ? WEFT_OK : WEFT_ERR_NO_MEMORY;
}

int tfl_resize_bilinear_uint8(tfl_import *im, const tfl_node *n, int align_corners, int half,
                              uint32_t in, const tfl_result *r)
{
    const tfl_value *x = tfl_in(im, n, 0);
    axis axes[2];
    for (unsigned k = 0; k < 2; k++) {
        const int corners = align_corners && r->dims[1 + k] > 1;
        axes[k] = (axis){ .in = x->dims[1 + k], .out = r->dims[1 + k], .half = half };
        axes[k].step = (int64_t)axes[k].in - corners;
        axes[k].unit = (int64_t)axes[k].out - corners;
        if (make_room(im, &axes[k]) != WEFT_OK)
            return WEFT_ERR_NO_MEMORY;
        weigh(&axes[k]);
    }
    weft_resize_bilinear a = { .origin = INT8_MIN, .clamp = { -128, 127 } };
    if (axes[0].one * axes[1].one > WEFT_LERP_MAX ||
        (!is_exact(&axes[0], &axes[1]) && !is_far(&axes[0], &axes[1]))) {
        share(&axes[0]);
        share(&axes[1]);
        a.row_shares = axes[0].shares;
        a.column_shares = axes[1].shares;
    }
    a.rows = axes[0].lerps;
    a.columns = axes[1].lerps;
    a.row_one = (uint32_t)axes[0].one;
    a.column_one = (uint32_t)axes[1].one;
    return tfl_emit_images(im, n, WEFT_OP_RESIZE_BILINEAR, &a, 1, &in, r);
}
