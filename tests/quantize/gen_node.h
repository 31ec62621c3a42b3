/* What random float networks are built from: names, random constants, nodes with attributes. */
#ifndef WEFT_GEN_NODE_H
#define WEFT_GEN_NODE_H

#include "gen_float.h"
#include "models/quantize/export/onnx_writer.h"

typedef struct name {
    char text[24];
} name;

typedef struct build {
    rng *r;
    gen_float *g;
    pb_writer graph;
    unsigned made; /* names */
} build;

name gen_fresh(build *b);

/* 1 in so many of a hundred cases. */
int gen_chance(build *b, int percent);

/* Constants: floats in mean - spread .. mean + spread, and integers as given. */
name gen_floats(build *b, size_t rank, const int64_t *dims, float mean, float spread);
name gen_ints(build *b, size_t count, const int64_t *v);

/* Attributes that the writer of the product has no need of. */
void gen_put_float(pb_writer *to, const char *key, float v);
void gen_put_text(pb_writer *to, const char *key, const char *v);

/* A node of up to four inputs; attributes are consumed and may be NULL. */
name gen_node(build *b, const char *op, pb_writer *attributes, const char *i0, const char *i1,
              const char *i2, const char *i3);

/* A list that is an attribute before opset `since`, then input 1; more: other attributes or NULL.
 */
name gen_with_list(build *b, const char *op, const char *x, const char *key, size_t count,
                   const int64_t *v, int64_t since, pb_writer *more);

#endif
