/* Small networks for tests of the compiler, built operator by operator: one input, images of one
 * quantisation, which every operator here keeps, drawn weights.
 *
 *     net n;
 *     net_begin(&n, seed, 6, 6, 32);
 *     net_wanted(&n, net_conv(&n, n.x, 16, 3));
 *     CHECK(t, net_end(&n, &err) == WEFT_OK, "%s", err.text);      n.s.g is checked
 *     weft_graph_free(n.s.g);
 *
 * Tensors are named by their index in the graph.  What goes wrong on the way, net_end returns. */
#ifndef WEFT_TESTS_SMALL_NET_H
#define WEFT_TESTS_SMALL_NET_H

#include "tests/random/gen_private.h"

#define NET_SCALE 0.25f
#define NET_ZERO  3

enum { NET_MOST_OUTPUTS = 6 };

typedef struct net {
    gen s;
    rng r;
    uint32_t h, w, x; /* the input: its size, the tensor */
    uint32_t out[NET_MOST_OUTPUTS], out_count;
    uint8_t on_host[GEN_MOST_NODES];
} net;

void net_begin(net *n, uint64_t seed, uint32_t h, uint32_t w, uint32_t c);
int net_end(net *n, weft_error *err);

/* Tensors: of any shape; an image [1][h][w][c]; what one is. */
uint32_t net_tensor(net *n, uint32_t rank, const uint32_t *dims);
uint32_t net_image(net *n, uint32_t h, uint32_t w, uint32_t c);
const weft_tensor *net_at(const net *n, uint32_t tensor);

/* Operators; each returns the tensor it makes.  same: of the shape of the first input. */
uint32_t net_add(net *n, weft_op op, uint32_t count, const uint32_t *in, uint32_t y,
                 const void *attr);
uint32_t net_same(net *n, weft_op op, uint32_t count, const uint32_t *in, const void *attr);
/* Odd kernels, padded to the size over the stride; zp: of the weights. */
uint32_t net_conv(net *n, uint32_t x, uint32_t co, uint32_t k);
uint32_t net_conv_any(net *n, uint32_t x, uint32_t co, uint32_t kh, uint32_t kw, uint32_t stride,
                      uint32_t groups, int32_t zp);
uint32_t net_every_second(net *n, uint32_t x); /* pixel of a row, each channel by a weight */
uint32_t net_concat(net *n, uint32_t count, const uint32_t *in); /* of channels */
uint32_t net_concat2(net *n, uint32_t a, uint32_t b);
uint32_t net_slice(net *n, uint32_t x, uint32_t from, uint32_t count); /* of channels */
uint32_t net_sum(net *n, uint32_t a, uint32_t b);
uint32_t net_table(net *n, uint32_t x, int step); /* of any shape; step 0: the identity */
uint32_t net_pool(net *n, uint32_t x);            /* the largest of every channel */
uint32_t net_pad(net *n, uint32_t x);             /* one pixel around */
uint32_t net_prelu(net *n, uint32_t x);           /* at most 64 channels */

void net_wanted(net *n, uint32_t tensor); /* an output */
void net_host_runs(net *n);               /* the last node */

#endif
