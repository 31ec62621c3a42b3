/* What all layer vectors need: scales, bytes, one run; see test_cmsis.c. */
#include "cmsis_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const float cmsis_one = 1.0f;
const int32_t cmsis_none = 0;

/* Scales w and y with w / y split into exactly this multiplier. */
int cmsis_scales(int32_t mult, int32_t shift, float *w, float *y)
{
    const double target = ldexp((double)mult, shift - 31);
    for (uint32_t k = 0; k < 1u << 16; k++) {
        weft_requant rq;
        *y = 1.0f + (float)k / 65536.0f;
        *w = (float)(target * (double)*y);
        if (weft_requant_from_double((double)*w / (double)*y, &rq) == WEFT_OK &&
            rq.mult == (uint32_t)mult && rq.shift == shift)
            return 1;
    }
    return 0;
}

int8_t *cmsis_bytes(const cmsis_array *a)
{
    int8_t *to = malloc(a->count + 1);
    for (size_t i = 0; i < a->count; i++)
        to[i] = (int8_t)a->values[i];
    return to;
}

uint32_t cmsis_size(const cmsis_case *c, const char *name)
{
    return (uint32_t)cmsis_number(c, name, 1);
}

weft_clamp cmsis_clamp(const cmsis_case *c, const char *lo, const char *hi)
{
    return (weft_clamp){ cmsis_number(c, lo, -128), cmsis_number(c, hi, 127) };
}

void cmsis_through_door(const cmsis_case *c, const one_node *o, uint32_t count, const one_input *in)
{
    if (!c->door)
        return;
    size_t bytes = 0;
    for (uint32_t i = 0; i < o->g->input_count; i++)
        bytes += weft_tensor_bytes(&o->g->tensors[o->g->inputs[i].tensor]);
    uint8_t *all = malloc(bytes + 1), *to = all;
    for (uint32_t i = 0, port = 0; i < count && all; i++) {
        if (in[i].desc.rank == WEFT_NONE || in[i].desc.data)
            continue;
        bytes = weft_tensor_bytes(&o->g->tensors[o->g->inputs[port++].tensor]);
        memcpy(to, in[i].activation, bytes);
        to += bytes;
    }
    if (all)
        c->door->run(c->door->self, o->g, c->name, all, one_node_result(o));
    free(all);
}

/* Run one node and compare elements first, first + step, ..; 1 if all are equal. */
int cmsis_run(test *t, const cmsis_case *c, const weft_node_desc *d, uint32_t count,
              const one_input *in, const weft_tensor_desc *y, const int32_t *want, size_t first,
              size_t step)
{
    one_node o;
    weft_error err = { 0 };
    int good = one_node_run(&o, d, count, in, y, &err) == WEFT_OK;
    CHECK(t, good, "%s: %s", c->name, err.text);
    const int8_t *got = one_node_result(&o);
    const size_t bytes = good ? weft_tensor_bytes(&o.g->tensors[o.y]) : 0;
    for (size_t i = first; i < bytes && good; i += step) {
        good = got[i] == want[i];
        CHECK(t, good, "%s: element %zu is %d, want %" PRId32, c->name, i, got[i], want[i]);
    }
    if (good)
        cmsis_through_door(c, &o, count, in);
    one_node_free(&o);
    return good;
}

/* Padding behind, so that the window gives the size that the vector says. */
uint32_t cmsis_pad_after(uint32_t in, uint32_t out, uint32_t kernel, uint32_t stride,
                         uint32_t dilation, uint32_t before)
{
    const int64_t need =
        (int64_t)(out - 1) * stride + (int64_t)dilation * (kernel - 1) + 1 - in - before;
    return need > 0 ? (uint32_t)need : 0;
}
