/* From an ONNX file to a checked graph.
 *
 *     weft_graph *g = NULL;
 *     weft_error err = { 0 };
 *     int rc = weft_onnx_read("lenet5_int8.onnx", NULL, &g, &err);
 *     if (rc != WEFT_OK)
 *         fprintf(stderr, "%s\n", err.text);
 *     ...
 *     weft_graph_free(g);
 *
 * Understands quantised models: operators between DequantizeLinear and QuantizeLinear (QDQ), and
 * the QLinear operators of onnx_ops.c; opset 7 to 28.  Float may remain at the ends only.  What
 * depends on constants and shapes alone is computed here.  Symbolic sizes are what the options say;
 * a symbolic batch of which they say nothing is 1.  Quantised tensors keep the name that
 * QuantizeLinear gave them.
 *
 * The bytes are not trusted: every failure is one sentence that names the node or tensor, nothing
 * crashes, and memory stays in proportion to the file.  No state; any thread.  The caller frees the
 * graph. */
#ifndef WEFT_ONNX_H
#define WEFT_ONNX_H

#include <stddef.h>

#include "models/graph/graph.h"
#include "models/import/refusals.h"
#include <weft/weft_compiler.h>

typedef struct weft_onnx_options {
    const weft_bind *binds; /* sizes of symbolic dimensions */
    uint32_t bind_count;
    const refusal_listener *listener; /* hears of everything that is refused; may be NULL */
} weft_onnx_options;

/* Import the model in memory; the bytes may be freed afterwards.  options may be NULL.
 * Returns WEFT_OK and a checked graph, or with *out unchanged and a sentence in err (may be NULL)
 *   WEFT_ERR_FORMAT       not ONNX, damaged, cut short; cyclic, dangling or doubly defined values
 *   WEFT_ERR_UNSUPPORTED  an operator, attribute, type or version Weft does not do
 *   WEFT_ERR_SHAPE        shapes or types that do not fit together
 *   WEFT_ERR_RANGE        a scale, zero point or accumulator outside the exact arithmetic
 *   WEFT_ERR_ARG          a bind that names no symbol and no axis of an input, or one twice
 *   WEFT_ERR_NO_MEMORY */
int weft_onnx_import(const void *bytes, size_t byte_count, const weft_onnx_options *options,
                     weft_graph **out, weft_error *err);

/* The same from a file of at most 2 GiB, which is read whole; data in other files must lie in the
 * directory of the model.  In addition returns WEFT_ERR_IO: a file cannot be read. */
int weft_onnx_read(const char *path, const weft_onnx_options *options, weft_graph **out,
                   weft_error *err);

#endif
