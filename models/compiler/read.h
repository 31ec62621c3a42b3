/* A network from a file or from memory, whichever format it has. */
#ifndef WEFT_COMPILER_READ_H
#define WEFT_COMPILER_READ_H

#include <weft/weft_compiler.h>

#include "models/import/onnx/onnx.h"

/* Read the network at `path`, or, if path is NULL, in `bytes`; its format is recognised by its
 * first bytes.  Options, results and errors as of weft_onnx_read and weft_onnx_import; WEFT_ERR_ARG
 * too if the options bind a size of a TensorFlow Lite network, which has no symbols, or the truth is none of a network of
 * that format. */
int weft_network_read(const char *path, const void *bytes, size_t byte_count,
                      const weft_onnx_options *options, weft_truth truth, weft_graph **out,
                      weft_error *err);

#endif
