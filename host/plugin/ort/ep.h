/* What the files of the execution provider share; README.md beside this file says how they work together.
 *
 * A function that returns OrtStatus * returns NULL when all is well, else a status that the caller owns.  Nothing is
 * global: what lives as long as the library is registered belongs to the factory. */
#ifndef WEFT_PLUGIN_ORT_EP_H
#define WEFT_PLUGIN_ORT_EP_H

#include <onnxruntime_c_api.h>
#include <stdbool.h>
#include <stdint.h>

#include <weft/weft_compiler.h>

#include "host/plugin/share/compile.h"

#define EP_NAME "WeftExecutionProvider"
#define EP_KEY  "ep.weftexecutionprovider." /* before the names of options */

enum {
    EP_ORT_API = 23, /* the oldest version whose plugins compile; newer runtimes have it too */
    EP_PATH_BYTES = 1024
};

/* The functions of the runtime. */
typedef struct ep_ort {
    const OrtApi *api;
    const OrtEpApi *ep;
    const OrtModelEditorApi *editor;
    const OrtLogger *logger;
} ep_ort;

#define EP_TRY(call)                                                                               \
    do {                                                                                           \
        OrtStatus *ep_status_ = (call);                                                            \
        if (ep_status_)                                                                            \
            return ep_status_;                                                                     \
    } while (0)

/* --- graph_model.c: nodes of the runtime as the bytes of an ONNX model --------------------------- */

typedef enum ep_names {
    EP_OWN_NAMES = 0, /* nodes are called as the runtime calls them */
    EP_NUMBERS = 1    /* by their index, which is unique */
} ep_names;

/* Serialise nodes, with the constants they read, as a model that computes what others read of them.
 *
 *   graph  they belong to; nodes[count] in the order of computation
 *   bytes  given back by free(); NULL if the nodes are not of a kind that can be written (graphs as attributes,
 *          what is no tensor), and `why` (of why_bytes) says which */
OrtStatus *ep_model_write(const ep_ort *ort, const OrtGraph *graph, const OrtNode *const *nodes,
                          size_t count, ep_names names, void **bytes, size_t *byte_count, char *why,
                          size_t why_bytes);

/* --- claim.c: which nodes run on Weft ------------------------------------------------------------ */

typedef struct ep_claim {
    const OrtNode **nodes; /* in the order of computation */
    size_t count;          /* 0: none */
    bool is_all;
    char why[EP_PATH_BYTES]; /* a sentence: why not all; "" if all */
} ep_claim;

/* Find what an array can compute: all nodes, else the largest connected part that the compiler takes and that has work
 * for the array.  It is compiled on the way, and for each operator that must be left out, once more.
 *
 * `out` is given back by ep_claim_clear. */
OrtStatus *ep_claim_find(const ep_ort *ort, const OrtGraph *graph, const weft_array *array,
                         ep_claim *out);
void ep_claim_clear(ep_claim *claim);

/* --- say.c ----------------------------------------------------------------------------------- */

/* A status with the sentence of the library. */
OrtStatus *ep_status(const ep_ort *ort, const weft_error *err);

/* Write a line to the session's log. */
void ep_say(const ep_ort *ort, OrtLoggingLevel level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* --- kernel.c: a compiled part of a network ------------------------------------------------------ */

typedef struct ep_kernel ep_kernel;

/* Make a kernel of a program, which is loaded and keeps the device open.
 *
 *   model  that it was compiled from, for other batches; becomes the kernel's (free), also after an error; or NULL
 *   fused  names the inputs and outputs in the order in which the runtime gives them */
OrtStatus *ep_kernel_new(const ep_ort *ort, plugin_device *device, const void *program,
                         uint64_t byte_count, void *model, size_t model_bytes, const OrtNode *fused,
                         ep_kernel **out);
OrtNodeComputeInfo *ep_kernel_info(ep_kernel *kernel);
void ep_kernel_free(OrtNodeComputeInfo *info);

/* --- context.c: compiled programs inside ONNX models (EPContext nodes) --------------------------- */

/* The EPContext node that is to stand for a fused node and holds its program. */
OrtStatus *ep_context_write(const ep_ort *ort, const OrtNode *fused, const void *program,
                            uint64_t byte_count, OrtNode **out);

/* Tell whether a node is an EPContext node of ours. */
OrtStatus *ep_context_is_ours(const ep_ort *ort, const OrtNode *node, bool *is_ours);

/* The program in an EPContext node of ours; given back by free(). */
OrtStatus *ep_context_read(const ep_ort *ort, const OrtNode *node, void **program,
                           uint64_t *byte_count);

#endif
