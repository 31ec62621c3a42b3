/* Parts of random float networks; the contract is in gen_node.h. */
#include "gen_node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODE_ATTRIBUTE = 5 }; /* field of a node in onnx.proto */

name gen_fresh(build *b)
{
    name n;
    snprintf(n.text, sizeof n.text, "v%u", b->made++);
    return n;
}

int gen_chance(build *b, int percent)
{
    return rng_range(b->r, 1, 100) <= percent;
}

static float real(build *b, float lo, float hi)
{
    return lo + (hi - lo) * (float)rng_range(b->r, 0, 65535) / 65535.0f;
}

/* --- constants and attributes ------------------------------------------------------------- */

/* Floats around mean. */
name gen_floats(build *b, size_t rank, const int64_t *dims, float mean, float spread)
{
    const name n = gen_fresh(b);
    onnx_tensor t = { .name = n.text, .type = ONNX_FLOAT, .rank = rank };
    size_t count = 1;
    for (size_t i = 0; i < rank; i++)
        count *= (size_t)(t.dims[i] = dims[i]);
    float *data = malloc((count + 1) * sizeof *data);
    for (size_t i = 0; data && i < count; i++)
        data[i] = real(b, mean - spread, mean + spread);
    t.data = data;
    if (data)
        onnx_put_tensor(&b->graph, &t);
    b->graph.failed |= !data;
    free(data);
    return n;
}

name gen_ints(build *b, size_t count, const int64_t *v)
{
    const name n = gen_fresh(b);
    onnx_put_tensor(&b->graph, &(onnx_tensor){ n.text, ONNX_INT64, 1, { (int64_t)count }, v });
    return n;
}

void gen_put_float(pb_writer *to, const char *key, float v)
{
    enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_FLOAT = 2, ATTRIBUTE_TYPE = 20, IS_FLOAT = 1 };
    pb_writer a = { 0 };
    pb_put_string(&a, ATTRIBUTE_NAME, key);
    pb_put_float(&a, ATTRIBUTE_FLOAT, v);
    pb_put_int(&a, ATTRIBUTE_TYPE, IS_FLOAT);
    pb_put_message(to, NODE_ATTRIBUTE, &a);
}

void gen_put_text(pb_writer *to, const char *key, const char *v)
{
    enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_TEXT = 4, ATTRIBUTE_TYPE = 20, IS_TEXT = 3 };
    pb_writer a = { 0 };
    pb_put_string(&a, ATTRIBUTE_NAME, key);
    pb_put_string(&a, ATTRIBUTE_TEXT, v);
    pb_put_int(&a, ATTRIBUTE_TYPE, IS_TEXT);
    pb_put_message(to, NODE_ATTRIBUTE, &a);
}

/* A node of up to four inputs. */
name gen_node(build *b, const char *op, pb_writer *attributes, const char *i0, const char *i1,
              const char *i2, const char *i3)
{
    const name n = gen_fresh(b);
    const size_t used = strlen(b->g->said);
    snprintf(b->g->said + used, sizeof b->g->said - used, "%s%s", used ? " " : "", op);
    onnx_put_node(&b->graph, &(onnx_node){ .op = op,
                                           .name = n.text,
                                           .inputs = { i0, i1, i2, i3 },
                                           .output = n.text,
                                           .attributes = attributes });
    return n;
}

/* A list that is an attribute before opset `since`, then an input. */
name gen_with_list(build *b, const char *op, const char *x, const char *key, size_t count,
                   const int64_t *v, int64_t since, pb_writer *more)
{
    pb_writer a = { 0 };
    if (more)
        a = *more;
    if (b->g->opset < since) {
        onnx_put_attribute_list(&a, key, v, count);
        return gen_node(b, op, &a, x, NULL, NULL, NULL);
    }
    const name list = gen_ints(b, count, v);
    return gen_node(b, op, &a, x, list.text, NULL, NULL);
}
