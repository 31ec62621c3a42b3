/* The recorded inputs and outputs of a conformance case. */
#ifndef WEFT_CONFORMANCE_DATA_H
#define WEFT_CONFORMANCE_DATA_H

#include "models/quantize/float/onnx_run.h"

enum { MOST_PORTS = 16 };

/* What the model declares: how many outputs, and of which ports the type is bfloat16. */
typedef struct ports {
    size_t outputs;
    uint32_t short_inputs, short_outputs; /* bit sets */
} ports;

typedef struct data_set {
    size_t in_count, out_count;
    Onnx__TensorProto *in_proto[MOST_PORTS];
    nd in[MOST_PORTS], out[MOST_PORTS];
    nd other[MOST_PORTS]; /* of output i, where two answers are right; else empty */
    nd exact[MOST_PORTS]; /* what the float reference may have besides, which adds in float64 */
} data_set;

/* All zero if the model cannot be read. */
ports read_ports(const char *model);

/* 0 if some input or output is no tensor of numbers; data_set_free in any case. */
int data_set_read(const char *directory, const ports *p, data_set *d);
void data_set_free(data_set *d);

#endif
