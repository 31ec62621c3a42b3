/* The reference operators against second formulations on random shapes: windows over an image that
 * is really padded, sums in int64; and directed cases whose results are known from elsewhere. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/ref/operators/ref_graph.h"
#include "tests/rng.h"
#include "tests/test.h"

/* One node over NHWC int8, made and run; buffers belong to the struct. */
typedef struct trial {
    weft_tensor_desc x[2], w, b, y;
    float scale[4];
    int32_t zp[4]; /* x0 x1 w y */
    weft_graph *g;
    weft_ref *r;
    int8_t data[2][4096];
    int8_t weights[4096];
    int32_t bias[32];
} trial;

enum { X0, X1, W, Y };

static void trial_init(trial *t, rng *r)
{
    memset(t, 0, sizeof *t);
    weft_tensor_desc *d[4] = { &t->x[0], &t->x[1], &t->w, &t->y };
    for (int i = 0; i < 4; i++) {
        t->scale[i] = (float)rng_range(r, 1000, 8000) / 65536.0f;
        t->zp[i] = rng_range(r, -128, 127);
        d[i]->name = "t";
        d[i]->rank = 4;
        d[i]->dims[0] = 1;
        d[i]->quant = (weft_quant){ 1, 0, &t->scale[i], &t->zp[i] };
    }
    for (int i = 0; i < 4096; i++) {
        t->data[0][i] = (int8_t)rng_u32(r);
        t->data[1][i] = (int8_t)rng_u32(r);
        t->weights[i] = (int8_t)rng_u32(r);
    }
    for (int i = 0; i < 32; i++)
        t->bias[i] = rng_range(r, -20000, 20000);
    t->w.data = t->weights;
    t->b = (weft_tensor_desc){ .name = "b", .dtype = WEFT_INT32, .rank = 1, .data = t->bias };
}

/* Run op on inputs x0 (x1 w b as the operator takes them); NULL after a failed check. */
static const int8_t *trial_run(test *c, trial *t, weft_op op, weft_requant_kind kind,
                               const void *attr)
{
    int weights = op == WEFT_OP_CONV_2D || op == WEFT_OP_FULLY_CONNECTED, two = op == WEFT_OP_ADD;
    uint32_t in[3] = { 0, weights ? 2 : 1, 3 };
    weft_error err = { 0 };
    int rc = weft_graph_new(&t->g);
    const weft_tensor_desc *tensors[5] = { &t->x[0], &t->x[1], &t->w, &t->b, &t->y };
    for (int i = 0; i < 5 && rc == WEFT_OK; i++)
        rc = weft_graph_add_tensor(t->g, tensors[i], NULL);
    if (rc == WEFT_OK)
        rc = weft_graph_add_node(t->g,
                                 &(weft_node_desc){ .op = op,
                                                    .name = "n",
                                                    .requant = kind,
                                                    .input_count = weights ? 3
                                                                   : two   ? 2
                                                                           : 1,
                                                    .inputs = in,
                                                    .output = 4,
                                                    .attr = attr },
                                 NULL);
    for (uint32_t i = 0; i < 3 && rc == WEFT_OK; i++) {
        const weft_tensor_desc *d = i == 2 ? &t->y : &t->x[i];
        weft_port p = {
            .name = "p", .rank = d->rank, .perm = { 0, 1, 2, 3, 4, 5 }, .tensor = i == 2 ? 4 : i
        };
        memcpy(p.dims, d->dims, sizeof p.dims);
        rc = i == 2 ? weft_graph_add_output(t->g, &p) : weft_graph_add_input(t->g, &p);
    }
    if (rc == WEFT_OK)
        rc = weft_graph_check(t->g, &err);
    if (rc == WEFT_OK)
        rc = weft_ref_new(t->g, &t->r, &err);
    CHECK(c, rc == WEFT_OK, "%s: %s %s", weft_op_name(op), weft_status_name(rc), err.text);
    if (rc != WEFT_OK)
        return NULL;
    for (uint32_t i = 0; i < 2; i++)
        weft_ref_set_input(t->r, i, t->data[i], weft_tensor_bytes(&t->g->tensors[i]));
    weft_ref_run(t->r);
    return weft_ref_tensor(t->r, 4);
}

static void trial_free(trial *t)
{
    weft_ref_free(t->r);
    weft_graph_free(t->g);
}

static void set_dims(weft_tensor_desc *d, uint32_t a, uint32_t b, uint32_t c, uint32_t e)
{
    const uint32_t dims[4] = { a, b, c, e };
    memcpy(d->dims, dims, sizeof dims);
}

static uint32_t pick(rng *r, int lo, int hi)
{
    return (uint32_t)rng_range(r, lo, hi);
}

/* A window that fits into h x w, and the output size it gives. */
static weft_window random_window(rng *r, uint32_t h, uint32_t w, uint32_t *ho, uint32_t *wo,
                                 int pool)
{
    weft_window v = { .kernel_h = pick(r, 1, 3), .kernel_w = pick(r, 1, 4) };
    int most = pool ? 0 : 2;
    v.stride_h = pick(r, 1, 4);
    v.stride_w = pick(r, 1, 3);
    v.dilation_h = v.dilation_w = pool ? 1 : pick(r, 1, 2);
    v.pad_top = pick(r, 0, pool ? (int)v.kernel_h - 1 : most);
    v.pad_left = pick(r, 0, pool ? (int)v.kernel_w - 1 : most);
    v.pad_bottom = pick(r, 0, pool ? (int)v.kernel_h - 1 : most);
    v.pad_right = pick(r, 0, pool ? (int)v.kernel_w - 1 : most);
    *ho = (h + v.pad_top + v.pad_bottom - v.dilation_h * (v.kernel_h - 1) - 1) / v.stride_h + 1;
    *wo = (w + v.pad_left + v.pad_right - v.dilation_w * (v.kernel_w - 1) - 1) / v.stride_w + 1;
    return v;
}

/* x[y][x][c] of the padded image: pad where it is padding. */
static int32_t padded(const trial *t, const weft_window *v, uint32_t y, uint32_t x, uint32_t c,
                      int32_t pad)
{
    const uint32_t *d = t->x[0].dims;
    if (y < v->pad_top || x < v->pad_left || y - v->pad_top >= d[1] || x - v->pad_left >= d[2])
        return pad;
    return t->data[0][((y - v->pad_top) * d[2] + x - v->pad_left) * d[3] + c];
}

static void conv_trial(test *c, rng *r, trial *t)
{
    uint32_t groups = pick(r, 1, 3), cig = pick(r, 1, 3), co = groups * pick(r, 1, 3), ho, wo;
    uint32_t h = pick(r, 5, 9), w = pick(r, 7, 10);
    weft_conv_2d a = { .groups = groups, .clamp = { -120, 110 } };
    a.window = random_window(r, h, w, &ho, &wo, 0);
    const weft_window *v = &a.window;
    set_dims(&t->x[0], 1, h, w, groups * cig);
    set_dims(&t->x[1], 1, 1, 1, 1);
    set_dims(&t->w, co, v->kernel_h, v->kernel_w, cig);
    set_dims(&t->y, 1, ho, wo, co);
    t->b.dims[0] = co;
    weft_requant_kind kind = rng_range(r, 0, 1) ? WEFT_REQUANT_TFLITE : WEFT_REQUANT_ONNX;
    const int8_t *y = trial_run(c, t, WEFT_OP_CONV_2D, kind, &a);
    for (uint32_t i = 0; y && i < ho * wo * co; i++) {
        uint32_t o = i % co, ox = i / co % wo, oy = i / co / wo, tap = 0;
        int64_t acc = t->bias[o];
        for (uint32_t k = 0; k < v->kernel_h * v->kernel_w * cig; k++, tap++) {
            uint32_t ci = k % cig, kx = k / cig % v->kernel_w, ky = k / cig / v->kernel_w;
            int32_t xv = padded(t, v, oy * v->stride_h + ky * v->dilation_h,
                                ox * v->stride_w + kx * v->dilation_w, o / (co / groups) * cig + ci,
                                t->zp[X0]);
            acc += (int64_t)(xv - t->zp[X0]) *
                   (t->weights[o * v->kernel_h * v->kernel_w * cig + tap] - t->zp[W]);
        }
        weft_requant rq = { 0 };
        if (kind == WEFT_REQUANT_TFLITE)
            weft_requant_from_double(
                (double)t->scale[X0] * (double)t->scale[W] / (double)t->scale[Y], &rq);
        else
            weft_requant_from_float(t->scale[X0] * t->scale[W] / t->scale[Y], &rq);
        int64_t want = (int64_t)weft_requantize(kind, (int32_t)acc, rq) + t->zp[Y];
        want = want < a.clamp.lo ? a.clamp.lo : want > a.clamp.hi ? a.clamp.hi : want;
        CHECK(c, y[i] == want, "conv at %u: got %d, want %d", i, y[i], (int)want);
    }
    trial_free(t);
}

static void pool_trial(test *c, rng *r, trial *t, weft_op op)
{
    uint32_t h = pick(r, 4, 9), w = pick(r, 4, 10), ch = pick(r, 1, 5), ho, wo;
    weft_pool_2d a = { .clamp = { -128, 90 } };
    a.window = random_window(r, h, w, &ho, &wo, 1);
    const weft_window *v = &a.window;
    int tflite = op == WEFT_OP_MAX_POOL_2D || rng_range(r, 0, 1);
    a.count_include_pad = !tflite && rng_range(r, 0, 1);
    set_dims(&t->x[0], 1, h, w, ch);
    set_dims(&t->x[1], 1, 1, 1, 1);
    set_dims(&t->w, 1, 1, 1, 1);
    set_dims(&t->y, 1, ho, wo, ch);
    t->b.dims[0] = 1;
    if (tflite)
        t->y.quant = t->x[0].quant;
    const int8_t *y = trial_run(c, t, op, tflite ? WEFT_REQUANT_TFLITE : WEFT_REQUANT_ONNX, &a);
    for (uint32_t i = 0; y && i < ho * wo * ch; i++) {
        uint32_t cc = i % ch, ox = i / ch % wo, oy = i / ch / wo;
        int32_t largest = -1000, sum = 0, taps = 0;
        for (uint32_t k = 0; k < v->kernel_h * v->kernel_w; k++) {
            int32_t xv = padded(t, v, oy * v->stride_h + k / v->kernel_w,
                                ox * v->stride_w + k % v->kernel_w, cc, 1000);
            if (xv == 1000)
                continue;
            largest = xv > largest ? xv : largest;
            sum += xv - t->zp[X0];
            taps++;
        }
        double n = a.count_include_pad ? v->kernel_h * v->kernel_w : (double)taps;
        double ratio = (double)t->scale[X0] / (double)t->scale[tflite ? X0 : Y];
        double want =
            op == WEFT_OP_MAX_POOL_2D ? largest : sum / n * ratio + t->zp[tflite ? X0 : Y];
        want = want > a.clamp.hi ? a.clamp.hi : want < -128 ? -128 : want;
        CHECK(c, fabs(want - y[i]) <= 0.5001, "%s at %u: got %d, want %g", weft_op_name(op), i,
              y[i], want);
        if (op == WEFT_OP_AVERAGE_POOL_2D && tflite) { /* half away from zero, of the plain sum */
            int32_t plain = sum + taps * t->zp[X0];
            int32_t q = plain > 0 ? (plain + taps / 2) / taps : (plain - taps / 2) / taps;
            CHECK(c, y[i] == (q > a.clamp.hi ? a.clamp.hi : q), "TFLite average at %u: got %d", i,
                  y[i]);
        }
    }
    trial_free(t);
}

static void add_trial(test *c, rng *r, trial *t)
{
    weft_elementwise a = { { -128, 100 }, 0 };
    set_dims(&t->x[0], 1, 3, 4, 5);
    set_dims(&t->x[1], 1, 3, 4, 5);
    set_dims(&t->w, 1, 1, 1, 1);
    set_dims(&t->y, 1, 3, 4, 5);
    t->b.dims[0] = 1;
    weft_requant_kind kind = rng_range(r, 0, 1) ? WEFT_REQUANT_TFLITE : WEFT_REQUANT_ONNX;
    a.offset = kind == WEFT_REQUANT_ONNX && rng_range(r, 0, 1) ? 128 : 0;
    const int8_t *y = trial_run(c, t, WEFT_OP_ADD, kind, &a);
    for (int i = 0; y && i < 60; i++) {
        double want = ((t->data[0][i] - t->zp[X0]) * (double)t->scale[X0] +
                       (t->data[1][i] - t->zp[X1]) * (double)t->scale[X1]) /
                          (double)t->scale[Y] +
                      t->zp[Y];
        want = want > 100 ? 100 : want < -128 ? -128 : want;
        CHECK(c, fabs(want - y[i]) <= 0.501, "add at %d: got %d, want %g", i, y[i], want);
    }
    trial_free(t);
}

/* Where the sum lies at a tie within float32, ONNX Runtime 1.17.3 gives 141 of uint8, 13 of int8.
 */
static void check_add_tie(test *c, rng *r, trial *t)
{
    static const float scales[4] = { 2.2164469f, 3.7772708f, 1.0f, 2.636804f };
    static const int32_t zero_points[4] = { 211 - 128, 95 - 128, 0, 148 - 128 };
    weft_elementwise a = { { -128, 127 }, 128 };
    trial_init(t, r);
    memcpy(t->scale, scales, sizeof scales);
    memcpy(t->zp, zero_points, sizeof zero_points);
    for (int i = 0; i < 2; i++)
        set_dims(&t->x[i], 1, 1, 1, 1);
    set_dims(&t->w, 1, 1, 1, 1);
    set_dims(&t->y, 1, 1, 1, 1);
    t->b.dims[0] = 1;
    t->data[0][0] = 176 - 128;
    t->data[1][0] = 111 - 128;
    const int8_t *y = trial_run(c, t, WEFT_OP_ADD, WEFT_REQUANT_ONNX, &a);
    CHECK(c, y && y[0] == 141 - 128, "the tie: got %d", y ? y[0] : 0);
    trial_free(t);
}

static void move_trial(test *c, rng *r, trial *t)
{
    weft_transpose a = { { 0, 1, 2, 3 } };
    uint32_t d[4] = { 1 };
    for (uint32_t i = 1; i < 4; i++)
        d[i] = pick(r, 1, 5);
    for (uint32_t i = 3; i > 0; i--) {
        uint32_t k = pick(r, 0, (int)i), swap = a.perm[i];
        a.perm[i] = a.perm[k];
        a.perm[k] = swap;
    }
    set_dims(&t->x[0], d[0], d[1], d[2], d[3]);
    set_dims(&t->y, d[a.perm[0]], d[a.perm[1]], d[a.perm[2]], d[a.perm[3]]);
    set_dims(&t->x[1], 1, 1, 1, 1);
    set_dims(&t->w, 1, 1, 1, 1);
    t->b.dims[0] = 1;
    t->y.quant = t->x[0].quant;
    const int8_t *y = trial_run(c, t, WEFT_OP_TRANSPOSE, WEFT_REQUANT_ONNX, &a);
    const uint32_t *e = t->y.dims;
    for (uint32_t i = 0; y && i < d[0] * d[1] * d[2] * d[3]; i++) {
        uint32_t at[4] = { 0, i / d[3] / d[2] % d[1], i / d[3] % d[2], i % d[3] };
        uint32_t to =
            ((at[a.perm[0]] * e[1] + at[a.perm[1]]) * e[2] + at[a.perm[2]]) * e[3] + at[a.perm[3]];
        CHECK(c, y[to] == t->data[0][i], "transpose %u -> %u", i, to);
    }
    trial_free(t);
}

static void check_quantize_value(test *c)
{
    const weft_requant_kind even = WEFT_REQUANT_ONNX, away = WEFT_REQUANT_TFLITE;
    CHECK(c,
          weft_quantize_value(even, 0.5f, 1, 0) == 0 && weft_quantize_value(away, 0.5f, 1, 0) == 1,
          "0.5");
    CHECK(c,
          weft_quantize_value(even, -1.5f, 1, 0) == -2 &&
              weft_quantize_value(away, -2.5f, 1, 0) == -3,
          "-1.5");
    CHECK(c, weft_quantize_value(even, 2.5f, 1, 1) == 3, "rounds before the zero point is added");
    CHECK(c, weft_quantize_value(even, INFINITY, 1, -128) == 127, "infinity");
    CHECK(c, weft_quantize_value(even, -INFINITY, 1, 127) == -128, "-infinity");
    CHECK(c, weft_quantize_value(even, NAN, 1, 0) == -128, "NaN");
    CHECK(c,
          weft_quantize_value(even, 300, 1, -128) == 127 &&
              weft_quantize_value(even, 200, 1, -128) == 72,
          "zp");
}

int main(int argc, char **argv)
{
    test c = test_begin("ref_ops", argc, argv, 1, 300);
    rng r = rng_make(c.seed);
    trial *t = malloc(sizeof *t);
    for (uint64_t i = 0; t && i < c.n; i++) {
        trial_init(t, &r);
        conv_trial(&c, &r, t);
        trial_init(t, &r);
        pool_trial(&c, &r, t, rng_range(&r, 0, 1) ? WEFT_OP_MAX_POOL_2D : WEFT_OP_AVERAGE_POOL_2D);
        trial_init(t, &r);
        add_trial(&c, &r, t);
        trial_init(t, &r);
        move_trial(&c, &r, t);
    }
    if (t)
        check_add_tie(&c, &r, t);
    check_quantize_value(&c);
    free(t);
    return test_end(&c, "convolution, pools, add, transpose, quantise");
}
