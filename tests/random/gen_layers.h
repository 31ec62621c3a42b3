/* Random networks for tests: one layer or a chain with branches, of every operator the device has.
 *
 *     rng r = rng_make(seed);
 *     gen_options o = { .most_nodes = 1, .most_elements = 4000 };
 *     weft_graph *g;
 *     if (gen_network(&r, &o, &g) == WEFT_OK) { ...; weft_graph_free(g); }
 *
 * Shapes are odd on purpose (strides above the kernel, one-sided padding, dilation, every number of
 * channels and groups), scales and zero points go to their ends, weights and biases to theirs, both
 * kinds of requantisation, factors of exactly a half for ties.  The same seed gives the same
 * network everywhere.  Most, not all, results of a layer are unsaturated. */
#ifndef WEFT_TESTS_GEN_LAYERS_H
#define WEFT_TESTS_GEN_LAYERS_H

#include "models/graph/graph.h"
#include "tests/rng.h"

typedef struct gen_options {
    uint32_t most_nodes;    /* 1 .. ; operators in the network */
    uint32_t most_elements; /* of a tensor, about */
    uint32_t most_macs;     /* of a layer, about; 0 is 2 million */
    int joins;              /* many CONCAT and SLICE of channels */
} gen_options;

/* A checked graph, the caller's to free.  Returns WEFT_OK, WEFT_ERR_RANGE if the draw has no exact
 * arithmetic (draw again), or another status if something is wrong. */
int gen_network(rng *r, const gen_options *o, weft_graph **out);

/* Fill an int8 input: uniform, the ends only, all equal, or around the zero point. */
void gen_input(rng *r, int8_t *x, size_t count);

/* Which operators the host is to run though the device could: in one network of four some, else
 * none; to[GEN_MOST_NODES], for the first nodes. */
enum { GEN_MOST_NODES = 512 };
void gen_on_host(rng *r, const weft_graph *g, uint8_t *to);

/* One line that says what the network is; at most bytes-1 characters. */
void gen_describe(const weft_graph *g, char *text, size_t bytes);

#endif
