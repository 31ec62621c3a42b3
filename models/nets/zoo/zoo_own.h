/* What the parts of the zoo share: a network as a list of nodes, and what calibration finds. */
#ifndef WEFT_ZOO_OWN_H
#define WEFT_ZOO_OWN_H

#include "zoo.h"

typedef enum zoo_kind {
    ZOO_CONV,
    ZOO_MAX_POOL,
    ZOO_ADD,         /* of two nodes */
    ZOO_GLOBAL_POOL, /* average */
    ZOO_FC           /* of all its input, flattened if that has pixels */
} zoo_kind;

typedef enum zoo_clamp { ZOO_LINEAR, ZOO_RELU, ZOO_RELU6 } zoo_clamp;

enum { ZOO_INPUT = -1, ZOO_INPUT_CHANNELS = 3, ZOO_MAX_NODES = 256, ZOO_NAME_BYTES = 32 };

typedef struct zoo_node {
    zoo_kind kind;
    int from, other; /* nodes, or ZOO_INPUT; other: of ADD */
    uint32_t in_channels, channels, kernel, stride, pad;
    uint32_t in_side; /* pixels along one side of the input; the FC of one pixel has 1 */
    int depthwise;
    zoo_clamp clamp;
    char name[ZOO_NAME_BYTES];
} zoo_node;

typedef struct zoo_quant {
    float scale;
    int32_t zero_point;
} zoo_quant;

/* Constants of a convolution or fully connected node: weights [channels][taps], a scale each. */
typedef struct zoo_constants {
    int8_t *weights;
    int32_t *bias;
    float *scale;
} zoo_constants;

typedef struct zoo_net {
    weft_zoo_options options;
    uint32_t count;
    zoo_node nodes[ZOO_MAX_NODES];
    zoo_quant input, quant[ZOO_MAX_NODES];
    zoo_constants constants[ZOO_MAX_NODES];
} zoo_net;

/* Inputs of one output value: taps of the kernel times channels. */
uint32_t zoo_taps(const zoo_node *n);

/* Side of the output of a node for a side of its input. */
uint32_t zoo_out_side(const zoo_node *n, uint32_t in_side);

/* zoo_nets.c: the nodes of o->name.  WEFT_OK or WEFT_ERR_ARG. */
int zoo_expand(zoo_net *net, weft_error *err);

/* zoo_calibrate.c: quant and constants.  WEFT_OK, WEFT_ERR_CANCELLED or WEFT_ERR_NO_MEMORY. */
int zoo_calibrate(zoo_net *net, const weft_progress *progress, weft_error *err);

/* zoo_layer.c: one node in float32, NHWC.  `in` and `other` have side*side pixels; `out` holds
 * zoo_out_side()^2 of them.  A node with weights gets its constants, for inputs of scale in_scale.
 * Returns WEFT_OK or WEFT_ERR_NO_MEMORY. */
int zoo_layer(zoo_net *net, uint32_t index, uint32_t side, float in_scale, const float *in,
              const float *other, float *out);

#endif
