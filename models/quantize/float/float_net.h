/* A float ONNX network that can be run: the float reference of whole models.
 *
 *     onnx_file file;
 *     float_net *net = NULL;
 *     rc = onnx_file_open("net.onnx", &file, &err);
 *     rc = float_net_new_within(&file, NULL, EVAL_ELEMENTS, &net, &err);
 *     rc = float_net_run(net, inputs, NULL, outputs, &err);   // one nd for each input
 *     ...
 *     float_net_free(net);                                    // then the file
 *
 * Nodes run one after the other with the operators of models/eval; an array is freed behind its
 * last reader.  The network may be changed between runs (float_edit.h).
 *
 * The bytes are not trusted: what all arrays of a run may hold and how many products it may compute
 * is limited, every failure is one sentence.  Operators that are not known are listed all at once.
 * Cost: the constants once, decoded, plus the arrays alive at one time.  No state; one thread. */
#ifndef WEFT_FLOAT_NET_H
#define WEFT_FLOAT_NET_H

#include "models/eval/eval.h"
#include "models/import/onnx/onnx.h"
#include "models/import/onnx/onnx_file.h"

#define FLOAT_NONE UINT32_MAX
#define FLOAT_WORK ((uint64_t)1 << 40) /* products of one run, unless said otherwise */

typedef struct float_value {
    const char *name;
    uint32_t readers; /* inputs of nodes that name it, and outputs of the network */
    int constant;     /* array holds it, in all runs */
    int invented;     /* made by ConstantOfShape: has a shape, but no numbers of its own */
    nd array;         /* constant, or alive in a run */
    nd shape;         /* after float_fold: type and sizes, no elements */
} float_value;

typedef struct float_node {
    Onnx__NodeProto *proto; /* operator, name and attributes; its names are stale after an edit */
    uint32_t in_count, out_count;
    uint32_t *in, *out; /* values; FLOAT_NONE: absent */
    int dead;           /* taken out */
} float_node;

/* An input as the file declares it, the batch and symbolic sizes bound. */
typedef struct float_port {
    uint32_t value;
    const Onnx__ValueInfoProto *info;
    int32_t type; /* ONNX__TENSOR_PROTO__DATA_TYPE__... */
    uint32_t rank;
    size_t dims[ND_MAX_RANK]; /* 0: not said */
} float_port;

typedef struct float_net {
    int64_t opset;
    uint32_t value_count, node_count, input_count, output_count;
    uint32_t value_room, node_room;
    float_value *values;
    float_node *nodes; /* producers first */
    float_port *inputs;
    uint32_t *outputs;
    uint64_t elements; /* that may be alive at a time */
    uint64_t work;     /* products of a run */
    struct float_memory *memory;
} float_net;

/* The file must outlive the network.  options may be NULL.  Within `elements`: those of all
 * constants, and of those and all that is alive in a run.  WEFT_OK; WEFT_ERR_FORMAT,
 * WEFT_ERR_UNSUPPORTED, WEFT_ERR_CAPACITY, WEFT_ERR_NO_MEMORY with a sentence, *out unchanged. */
int float_net_new_within(const onnx_file *file, const weft_onnx_options *options, uint64_t elements,
                         float_net **out, weft_error *err);

/* Free the network; NULL is allowed. */
void float_net_free(float_net *net);

/* Called with every array of a run, inputs first; may change its numbers.  Not WEFT_OK ends the run
 * with this status. */
typedef struct float_watch {
    int (*seen)(void *context, uint32_t value, nd *array, weft_error *err);
    void *context;
} float_watch;

/* Run on as many inputs as the network has; outputs (NULL: not wanted) get as many new arrays as it
 * has outputs, to be freed by the caller.  watch may be NULL. */
int float_net_run(float_net *net, const nd *inputs, const float_watch *watch, nd *outputs,
                  weft_error *err);

/* Memory that lives as long as the network, zeroed; NULL if there is none. */
void *float_alloc(float_net *net, size_t bytes);

#endif
