/* Conv, ConvTranspose, ConvInteger over any number of spatial axes, with groups. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "eval_window.h"

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

static int read_groups(eval_run *r, const nd *x, size_t in_channels, size_t w_count, size_t *groups)
{
    const int64_t g = onnx_attr_int(r->node, "group", 1);
    if (g < 1 || (uint64_t)g > in_channels || in_channels % (size_t)g || w_count % (size_t)g ||
        x->rank < 3)
        return eval_refuse(r, WEFT_ERR_SHAPE, "%" PRId64 " groups do not fit", g);
    *groups = (size_t)g;
    return WEFT_OK;
}

static int check_operands(eval_run *r, const nd *x, const nd *w, const nd *bias, size_t channels)
{
    if (x->rank < 3 || w->rank != x->rank || !x->f != !w->f ||
        (bias && (bias->count != channels || !bias->f)))
        return eval_refuse(r, WEFT_ERR_SHAPE, "input, weights and bias do not fit each other");
    return WEFT_OK;
}

/* The taps of up to EVAL_COLUMNS output positions side by side: panel[channel * taps +
 * tap][column]. x0 is the first element of the first channel, at the positions in order. */
static void fill_panel(const nd *x, const eval_window *win, size_t x0, size_t channels,
                       const size_t (*at)[ND_MAX_RANK], size_t columns, float *panel)
{
    size_t xs[ND_MAX_RANK], k[ND_MAX_RANK] = { 0 }, taps = 1, tap = 0;
    nd_strides(x, xs);
    for (uint32_t i = 0; i < win->axes; i++)
        taps *= win->kernel[i];
    do {
        for (size_t j = 0; j < columns; j++) {
            size_t from = x0;
            int inside = 1;
            for (uint32_t i = 0; i < win->axes; i++) {
                const size_t p = at[j][i] * win->stride[i] + k[i] * win->dilation[i];
                inside &= p >= win->before[i] && p - win->before[i] < x->dims[i + 2];
                from += inside ? (p - win->before[i]) * xs[i + 2] : 0;
            }
            for (size_t c = 0; c < channels; c++)
                panel[(c * taps + tap) * EVAL_COLUMNS + j] = inside ? x->f[from + c * xs[1]] : 0;
        }
        tap++;
    } while (nd_next(win->axes, win->kernel, k));
}

/* One group of one image: x0 and w0 are its first elements; y gets `outputs` planes. */
static void convolve(const nd *x, const nd *w, const eval_window *win, size_t x0, size_t w0,
                     size_t outputs, float *panel, float *y)
{
    size_t at[EVAL_COLUMNS][ND_MAX_RANK], next[ND_MAX_RANK] = { 0 }, plane = 1, done = 0;
    float result[EVAL_COLUMNS];
    const size_t depth = w->count / w->dims[0];
    for (uint32_t i = 0; i < win->axes; i++)
        plane *= win->out[i];
    while (done < plane) {
        const size_t columns = plane - done < EVAL_COLUMNS ? plane - done : EVAL_COLUMNS;
        for (size_t j = 0; j < columns; j++) {
            memcpy(at[j], next, sizeof next);
            nd_next(win->axes, win->out, next);
        }
        fill_panel(x, win, x0, w->dims[1], (const size_t(*)[ND_MAX_RANK])at, columns, panel);
        if (columns == EVAL_COLUMNS)
            eval_multiply_columns(w->f + w0, depth, outputs, depth, panel, y + done, plane);
        for (size_t o = 0; columns < EVAL_COLUMNS && o < outputs; o++) {
            eval_multiply_columns(w->f + w0 + o * depth, depth, 1, depth, panel, result, 0);
            memcpy(y + o * plane + done, result, columns * sizeof *y);
        }
        done += columns;
    }
}

static int convolve_floats(eval_run *r, const nd *x, const nd *w, const nd *bias, size_t groups,
                           const eval_window *win, nd *out)
{
    size_t xs[ND_MAX_RANK], ys[ND_MAX_RANK];
    const size_t depth = w->count / w->dims[0], each = w->dims[0] / groups;
    float *panel = calloc(depth + 1, EVAL_COLUMNS * sizeof *panel);
    if (!panel)
        return eval_refuse(r, WEFT_ERR_NO_MEMORY, "no memory for its taps");
    nd_strides(x, xs);
    nd_strides(out, ys);
    for (size_t n = 0; n < x->dims[0]; n++)
        for (size_t g = 0; g < groups; g++)
            convolve(x, w, win, n * xs[0] + g * w->dims[1] * xs[1], g * each * depth, each, panel,
                     out->f + n * ys[0] + g * each * ys[1]);
    for (size_t e = 0; bias && e < out->count; e++)
        out->f[e] += bias->f[e / ys[1] % w->dims[0]];
    free(panel);
    return WEFT_OK;
}

/* One output of ConvInteger. */
static int64_t convolve_integers(const nd *x, const nd *w, const eval_window *win, size_t x0,
                                 size_t w0, const size_t *at, int64_t zx, int64_t zw)
{
    int64_t sum = 0;
    size_t xs[ND_MAX_RANK], k[ND_MAX_RANK] = { 0 }, taps = 1, tap = 0;
    nd_strides(x, xs);
    for (uint32_t i = 0; i < win->axes; i++)
        taps *= win->kernel[i];
    do {
        size_t from = x0;
        int inside = 1;
        for (uint32_t i = 0; i < win->axes; i++) {
            const size_t p = at[i] * win->stride[i] + k[i] * win->dilation[i];
            inside &= p >= win->before[i] && p - win->before[i] < x->dims[i + 2];
            from += inside ? (p - win->before[i]) * xs[i + 2] : 0;
        }
        for (size_t c = 0; inside && c < w->dims[1]; c++)
            sum += (x->i[from + c * xs[1]] - zx) * (w->i[w0 + c * taps + tap] - zw);
        tap++;
    } while (nd_next(win->axes, win->kernel, k));
    return sum;
}

/* Conv, and ConvInteger with zero points in inputs 2 and 3. */
int eval_conv(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *x = in[0], *w = in[1];
    const int whole = !strcmp(r->node->op_type, "ConvInteger");
    const nd *bias = !whole && count > 2 ? in[2] : NULL;
    const nd *zx = whole && count > 2 ? in[2] : NULL, *zw = whole && count > 3 ? in[3] : NULL;
    size_t groups, dims[ND_MAX_RANK], at[ND_MAX_RANK] = { 0 }, xs[ND_MAX_RANK], ws[ND_MAX_RANK];
    size_t e = 0;
    eval_window win;
    int rc = check_operands(r, x, w, bias, w->dims[0]);
    if (rc == WEFT_OK)
        rc = read_groups(r, x, x->dims[1], w->dims[0], &groups);
    if (rc == WEFT_OK &&
        (x->dims[1] / groups != w->dims[1] || whole != (x->i != NULL) || (zx && zx->count != 1) ||
         (zw && zw->count != 1 && zw->count != w->dims[0])))
        rc = eval_refuse(r, WEFT_ERR_SHAPE, "input and weights do not fit each other");
    if (rc == WEFT_OK)
        rc = eval_read_window(r, x, w->dims + 2, &win);
    if (rc != WEFT_OK)
        return rc;
    dims[0] = x->dims[0];
    dims[1] = w->dims[0];
    memcpy(dims + 2, win.out, win.axes * sizeof *dims);
    rc = nd_new(r, whole ? T(INT32) : x->type, x->rank, dims, out);
    if (rc == WEFT_OK && w->dims[0])
        rc = eval_take_work(r, out->count, w->count / w->dims[0], 1);
    if (rc != WEFT_OK || out->count == 0)
        return rc;
    if (x->f)
        return convolve_floats(r, x, w, bias, groups, &win, out);
    nd_strides(x, xs);
    nd_strides(w, ws);
    for (size_t n = 0; n < dims[0]; n++)
        for (size_t co = 0; co < dims[1]; co++)
            do {
                const size_t group = co / (dims[1] / groups);
                const int64_t sum = convolve_integers(
                    x, w, &win, n * xs[0] + group * w->dims[1] * xs[1], co * ws[0], at,
                    zx ? zx->i[0] : 0, zw ? zw->i[zw->count == 1 ? 0 : co] : 0);
                out->i[e++] = nd_wrap(out->type, sum);
            } while (nd_next(win.axes, win.out, at));
    return WEFT_OK;
}

/* --- ConvTranspose --- */

/* Element `at` of an input plane into the taps of the result it reaches. */
static void spread(float v, const float *w, const eval_window *win, const size_t *at, float *plane)
{
    size_t k[ND_MAX_RANK] = { 0 }, tap = 0;
    do {
        size_t to = 0;
        int inside = 1;
        for (uint32_t i = 0; i < win->axes; i++) {
            const size_t p = at[i] * win->stride[i] + k[i] * win->dilation[i];
            inside &= p >= win->before[i] && p - win->before[i] < win->out[i];
            to = to * win->out[i] + (inside ? p - win->before[i] : 0);
        }
        if (inside)
            plane[to] += v * w[tap];
        tap++;
    } while (nd_next(win->axes, win->kernel, k));
}

int eval_conv_transpose(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *x = in[0], *w = in[1], *bias = count > 2 ? in[2] : NULL;
    size_t groups = 1, dims[ND_MAX_RANK], taps = 1, x_plane = 1, y_plane = 1;
    eval_window win = { 0 };
    int rc = w->rank > 1 ? read_groups(r, x, x->dims[1], x->dims[1], &groups)
                         : eval_refuse(r, WEFT_ERR_SHAPE, "its weights have no channels");
    if (rc == WEFT_OK)
        rc = check_operands(r, x, w, bias, w->dims[1] * groups);
    if (rc == WEFT_OK && (x->dims[1] != w->dims[0] || !x->f))
        rc = eval_refuse(r, WEFT_ERR_SHAPE, "input and weights do not fit each other");
    if (rc != WEFT_OK)
        return rc;
    win.axes = x->rank - 2;
    memcpy(win.kernel, w->dims + 2, win.axes * sizeof *dims);
    rc = eval_read_transposed(r, x, &win);
    if (rc != WEFT_OK)
        return rc;
    dims[0] = x->dims[0];
    dims[1] = w->dims[1] * groups;
    for (uint32_t i = 0; i < win.axes; i++) {
        dims[i + 2] = win.out[i];
        taps *= win.kernel[i];
        x_plane *= x->dims[i + 2];
        y_plane *= win.out[i];
    }
    rc = nd_new(r, x->type, x->rank, dims, out);
    if (rc == WEFT_OK)
        rc = eval_take_work(r, x->count, w->dims[1], taps);
    if (rc != WEFT_OK || out->count == 0)
        return rc;
    for (size_t e = 0; bias && e < out->count; e++)
        out->f[e] = bias->f[e / y_plane % dims[1]];
    const size_t each = x->dims[1] / groups;
    for (size_t n = 0; n < dims[0]; n++)
        for (size_t ci = 0; ci < x->dims[1]; ci++)
            for (size_t k = 0; k < w->dims[1]; k++) {
                size_t at[ND_MAX_RANK] = { 0 }, e = (n * x->dims[1] + ci) * x_plane;
                float *plane = out->f + (n * dims[1] + ci / each * w->dims[1] + k) * y_plane;
                do
                    spread(x->f[e++], w->f + (ci * w->dims[1] + k) * taps, &win, at, plane);
                while (nd_next(win.axes, x->dims + 2, at));
            }
    return WEFT_OK;
}
