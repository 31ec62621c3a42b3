/* Inside the generator of random networks: what its files share. */
#ifndef WEFT_TESTS_GEN_PRIVATE_H
#define WEFT_TESTS_GEN_PRIVATE_H

#include "gen_layers.h"

enum { MAX_NODES = 32 };

typedef struct gen {
    rng *r;
    const gen_options *o;
    weft_graph *g;
    weft_requant_kind kind;
    uint32_t tensors[MAX_NODES + 1]; /* int8 activations so far, the last one is the end */
    uint32_t count;
    int rc;
} gen;

/* Drawn numbers.  real is log-uniform; zero_point likes the ends; one_in(n) is 1 once in n. */
uint32_t gen_pick(gen *s, uint32_t lo, uint32_t hi);
int gen_one_in(gen *s, uint32_t n);
float gen_real(gen *s, double lo, double hi);
int32_t gen_zero_point(gen *s);
weft_clamp gen_clamp(gen *s);

/* Tensors and nodes; a node's output becomes the end of the network. */
uint32_t gen_add_tensor(gen *s, const weft_tensor_desc *d);
uint32_t gen_activation(gen *s, uint32_t rank, const uint32_t *dims, float scale, int32_t zp);
void gen_add_node(gen *s, weft_op op, uint32_t inputs, const uint32_t *in, uint32_t out,
                  const void *attr);
uint32_t gen_end_index(const gen *s);
const weft_tensor *gen_end(const gen *s);
float gen_scale(const weft_tensor *t);
int32_t gen_zero_of(const weft_tensor *t);

/* An activation quantised as the end, a constant of any bytes, and how many there are. */
uint32_t gen_like_end(gen *s, uint32_t rank, const uint32_t *dims);
uint32_t gen_constant(gen *s, uint32_t rank, const uint32_t *dims, float scale, int32_t zp);
uint64_t gen_count(uint32_t rank, const uint32_t *dims);

typedef struct constants {
    uint32_t w, b;
    float largest_scale;
} constants;

/* Weights [co][...] with bias at times. */
constants gen_weights(gen *s, uint32_t rank, const uint32_t *dims, float scale_x);

/* A scale for a reduction of so many products. */
float gen_output_scale(gen *s, float scale_x, float scale_w, double taps);

/* One more operator at the end; 0 if the draw does not fit there (gen_ops.c,
 * gen_elementwise.c, gen_move.c). */
int gen_any_window(gen *s);
int gen_table(gen *s);
int gen_any_elementwise(gen *s);
int gen_any_move(gen *s);

/* gen_join.c: the first tensor of a network of CONCAT and SLICE, and one more operator. */
void gen_join_first(gen *s);
void gen_join(gen *s);

#endif
