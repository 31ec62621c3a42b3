/* The reference operators that a network of TensorFlow Lite brings and the functions in fixed point
 * under them, against second formulations on random data. */
#include <math.h>

#include "models/arith/fixedpoint.h"
#include "one_node.h"
#include "tests/rng.h"
#include "tests/test.h"

/* Scatter every input pixel through the kernel in int64, then requantise by a factor of 1/64. */
static void transpose_conv_trial(test *c, rng *r)
{
    enum { H = 3, W = 4, CI = 2, CO = 3, KH = 3, KW = 2 };
    int8_t x[H * W * CI], w[CO * KH * KW * CI], y[16 * 16 * CO];
    int32_t bias[CO];
    for (size_t i = 0; i < sizeof x; i++)
        x[i] = (int8_t)rng_u32(r);
    for (size_t i = 0; i < sizeof w; i++)
        w[i] = (int8_t)rng_u32(r);
    for (size_t i = 0; i < CO; i++)
        bias[i] = rng_range(r, -3000, 3000);
    const uint32_t stride = (uint32_t)rng_range(r, 1, 3), pad = (uint32_t)rng_range(r, 0, 2);
    const uint32_t ho = (uint32_t)rng_range(r, 2, 11), wo = (uint32_t)rng_range(r, 2, 11);
    int64_t acc[11 * 11 * CO];
    for (uint32_t i = 0; i < ho * wo * CO; i++)
        acc[i] = bias[i % CO];
    for (int i = 0; i < H * W * CI * CO * KH * KW; i++) {
        int ci = i % CI, ix = i / CI % W, iy = i / (CI * W) % H, rest = i / (CI * W * H);
        int co = rest % CO, kx = rest / CO % KW, ky = rest / (CO * KW);
        int64_t oy = (int64_t)iy * stride + ky - pad, ox = (int64_t)ix * stride + kx - pad;
        if (oy >= 0 && ox >= 0 && oy < ho && ox < wo)
            acc[((uint32_t)oy * wo + (uint32_t)ox) * CO + (uint32_t)co] +=
                (x[(iy * W + ix) * CI + ci] - 7) * w[((co * KH + ky) * KW + kx) * CI + ci];
    }
    for (uint32_t i = 0; i < ho * wo * CO; i++) {
        int32_t q = weft_requantize(WEFT_REQUANT_TFLITE, (int32_t)acc[i],
                                    (weft_requant){ .mult = 1u << 30, .shift = -5 });
        y[i] = (int8_t)weft_requant_finish(q, 0, -128, 127);
    }
    const weft_conv_2d a = { { KH, KW, stride, stride, 1, 1, pad, pad, 0, 0 }, 1, { -128, 127 } };
    const weft_node_desc d = { .op = WEFT_OP_TRANSPOSE_CONV, .attr = &a };
    const float one = 1, sixty_four = 64;
    const int32_t zero = 0, seven = 7;
    one_input in[] = { { one_tensor(WEFT_INT8, 4, (uint32_t[]){ 1, H, W, CI }, &one, &seven), x },
                       { one_tensor(WEFT_INT8, 4, (uint32_t[]){ CO, KH, KW, CI }, &one, &zero),
                         NULL },
                       { one_tensor(WEFT_INT32, 1, (uint32_t[]){ CO }, NULL, NULL), NULL } };
    in[1].desc.data = w;
    in[2].desc.data = bias;
    const weft_tensor_desc out =
        one_tensor(WEFT_INT8, 4, (uint32_t[]){ 1, ho, wo, CO }, &sixty_four, &zero);
    one_node o;
    weft_error err = { 0 };
    int rc = one_node_run(&o, &d, 3, in, &out, &err);
    CHECK(c, rc == WEFT_OK, "transpose_conv: %s", err.text);
    const int8_t *got = one_node_result(&o);
    for (uint32_t i = 0; got && i < ho * wo * CO; i++)
        CHECK(c, got[i] == y[i], "transpose_conv: byte %u is %d, want %d", i, got[i], y[i]);
    one_node_free(&o);
}

/* The fixed-point kernels are within one step of the real functions. */
static void softmax_trial(test *c, rng *r, int is_log)
{
    enum { WIDTH = 9 };
    int8_t x[WIDTH];
    double e[WIDTH], sum = 0;
    const float scale = (float)rng_range(r, 1, 200) / 256.0f;
    const weft_softmax a = { 1.0f };
    int32_t largest = -128;
    for (int i = 0; i < WIDTH; i++) {
        x[i] = (int8_t)rng_u32(r);
        largest = x[i] > largest ? x[i] : largest;
    }
    for (int i = 0; i < WIDTH; i++)
        sum += e[i] = exp((double)scale * (x[i] - largest));
    const float s = is_log ? 1.0f / 16 : 1.0f / 256;
    const int32_t zp = is_log ? 127 : -128, zero = 0;
    const weft_tensor_desc y = one_tensor(WEFT_INT8, 2, (uint32_t[]){ 1, WIDTH }, &s, &zp);
    const one_input in = { one_tensor(WEFT_INT8, 2, (uint32_t[]){ 1, WIDTH }, &scale, &zero), x };
    one_node o;
    weft_error err = { 0 };
    const weft_node_desc d = { .op = is_log ? WEFT_OP_LOG_SOFTMAX : WEFT_OP_SOFTMAX, .attr = &a };
    int rc = one_node_run(&o, &d, 1, &in, &y, &err);
    CHECK(c, rc == WEFT_OK, "softmax: %s", err.text);
    const int8_t *got = one_node_result(&o);
    for (int i = 0; i < WIDTH && got; i++) {
        double real = is_log ? 127 + 16 * ((double)scale * (x[i] - largest) - log(sum))
                             : -128 + 256 * e[i] / sum;
        real = real < -128 ? -128 : real > 127 ? 127 : real;
        CHECK(c, fabs(got[i] - real) <= 1.0, "%s: got %d, real %g", weft_op_name(d.op), got[i],
              real);
    }
    one_node_free(&o);
}

static void fixedpoint_trial(test *c, rng *r)
{
    const double q31 = 2147483648.0, tolerance = 1e-6;
    int32_t v = (int32_t)rng_range(r, INT32_MIN, INT32_MAX);
    double x = v / (double)(1 << 27);
    CHECK(c, fabs(weft_fx_logistic_q4(v) / q31 - 1 / (1 + exp(-x))) < tolerance, "logistic %g", x);
    CHECK(c, fabs(weft_fx_tanh_q4(v) / q31 - tanh(x)) < tolerance, "tanh %g", x);
    int32_t n = v > 0 ? -v : v;
    CHECK(c, fabs(weft_fx_exp(n, 5) / q31 - exp(n / (double)(1 << 26))) < tolerance, "exp %d", n);
    int32_t above = (1 << 19) + (int32_t)(rng_u32(r) >> rng_range(r, 2, 12)), bits;
    double real = above / (double)(1 << 19);
    CHECK(c, fabs(weft_fx_log_q12(above) / (double)(1 << 26) - log(real)) < 1e-5, "log %g", real);
    double inverse = weft_fx_reciprocal_q12(above, &bits) / q31;
    CHECK(c, fabs(ldexp(inverse, -bits) * real - 1) < 1e-5, "1 / %g", real);
}

int main(int argc, char **argv)
{
    test t = test_begin("ref_random", argc, argv, 1, 2000);
    rng r = rng_make(t.seed);
    for (uint64_t i = 0; i < t.n; i++) {
        transpose_conv_trial(&t, &r);
        softmax_trial(&t, &r, (int)(i & 1));
        fixedpoint_trial(&t, &r);
    }
    return test_end(&t, "operators against second formulations");
}
