/* See gen_attention.h. */
#include "gen_attention.h"

#include <stdlib.h>

#include "tfl_writer.h"

enum { WORDS = 11, WIDTH = 16, FULLY_CONNECTED = 9, BATCH_MATMUL = 126, SOFTMAX = 25, ADD = 0 };

static uint32_t tensor(tflw *m, uint32_t rows, uint32_t columns, float scale, int64_t zero,
                       const int8_t *data)
{
    return tflw_tensor(m, &(tflw_tensor_desc){ .type = TFLW_INT8,
                                               .rank = 2,
                                               .dims = { rows, columns },
                                               .scales = 1,
                                               .scale = &scale,
                                               .zero_point = &zero,
                                               .data = data,
                                               .data_bytes = data ? rows * columns : 0 });
}

static uint32_t put(tflw *m, tflw_op op, uint32_t a, uint32_t b, uint32_t y)
{
    op.inputs[op.input_count++] = a;
    if (b != TFLW_ABSENT)
        op.inputs[op.input_count++] = b;
    op.outputs[op.output_count++] = y;
    tflw_operator(m, &op);
    return y;
}

static uint32_t dense(tflw *m, rng *r, uint32_t x)
{
    int8_t w[WIDTH * WIDTH];
    for (unsigned i = 0; i < sizeof w; i++)
        w[i] = (int8_t)rng_range(r, -60, 60);
    const uint32_t c = tensor(m, WIDTH, WIDTH, 0.01f, 0, w);
    return put(m, (tflw_op){ .code = FULLY_CONNECTED, .options = 8 }, x, c,
               tensor(m, WORDS, WIDTH, 0.06f, -3, NULL));
}

static uint32_t product(tflw *m, uint32_t a, uint32_t b, int adjoint, uint32_t y)
{
    const tflw_op op = { .code = BATCH_MATMUL,
                         .options = 101,
                         .count = 2,
                         .fields = { { 0, 1, 0 }, { 1, 1, (uint64_t)adjoint } } };
    return put(m, op, a, b, y);
}

static uint32_t layer(tflw *m, rng *r, uint32_t x)
{
    static const tflw_op normal = {
        .code = SOFTMAX, .options = 9, .count = 1, .fields = { { 0, 4, 0x3f800000 } }
    }; /* beta 1 */
    const uint32_t q = dense(m, r, x), k = dense(m, r, x), v = dense(m, r, x);
    const uint32_t s = product(m, q, k, 1, tensor(m, WORDS, WORDS, 0.1f, 4, NULL));
    const uint32_t p =
        put(m, normal, s, TFLW_ABSENT, tensor(m, WORDS, WORDS, 1.0f / 256, -128, NULL));
    const uint32_t o = product(m, p, v, 0, tensor(m, WORDS, WIDTH, 0.05f, 0, NULL));
    return put(m, (tflw_op){ .code = ADD, .options = 11 }, x, dense(m, r, o),
               tensor(m, WORDS, WIDTH, 0.07f, 1, NULL));
}

fbw gen_attention(rng *r, int layers)
{
    tflw *m = calloc(1, sizeof *m);
    if (!m)
        return (fbw){ .failed = 1 };
    uint32_t y = tensor(m, WORDS, WIDTH, 0.07f, 1, NULL);
    m->inputs[m->input_count++] = y;
    for (int i = 0; i < layers; i++)
        y = layer(m, r, y);
    m->outputs[m->output_count++] = y;
    const fbw file = tflw_file(m, 0);
    tflw_free(m);
    free(m);
    return file;
}
