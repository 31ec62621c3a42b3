/* The float reference: an ONNX model computed once as it says, in float32 and integers.
 *
 *     onnx_file file;
 *     rc = onnx_file_open("net.onnx", &file, &err);
 *     nd in[1] = { image }, out[2] = { 0 };
 *     rc = onnx_run(&file, in, 1, out, &err);            // then nd_free both outputs
 *
 * To run a network often, or to watch or change it, see float_net.h.  Memory: constants, and what
 * is still to be read, at most EVAL_ELEMENTS at a time. */
#ifndef WEFT_ONNX_RUN_H
#define WEFT_ONNX_RUN_H

#include "models/eval/eval.h"
#include "models/import/onnx/onnx_file.h"

/* Inputs of the graph that are no initialisers, in order; and as many outputs as the graph has.
 * Inputs stay the caller's.  Returns WEFT_OK, or a status with a sentence and *out all empty. */
int onnx_run(const onnx_file *file, const nd *in, size_t in_count, nd *out, weft_error *err);

/* The same within limits, for models nobody has vouched for: elements at a time, and products and
 * taps in all; beyond them WEFT_ERR_CAPACITY. */
int onnx_run_within(const onnx_file *file, const nd *in, size_t in_count, nd *out,
                    uint64_t elements, uint64_t work, weft_error *err);

#endif
