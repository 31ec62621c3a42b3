/* From a TensorFlow Lite file to a checked graph, exact to the TensorFlow Lite Micro reference
 * kernels (double rounding), or to LiteRT's.
 *
 *     weft_graph *g = NULL;
 *     weft_error err = { 0 };
 *     int rc = weft_tflite_read("person_detect.tflite", NULL, &g, &err);
 *     if (rc != WEFT_OK)
 *         fprintf(stderr, "%s\n", err.text);
 *     ...
 *     weft_graph_free(g);
 *
 * Understands schema version 3 with all its additions, subgraph 0, constants inside the FlatBuffer
 * and behind it; int8 operators (tflite_ops.c lists them), uint8 and float32 at the ends, constant
 * arithmetic on shapes.  Tensors keep their names.
 *
 * The bytes are not trusted: every failure is one sentence that names the operator or tensor,
 * nothing crashes, and memory stays below 32 times the file and a few MiB.  No state; any thread.
 * The caller frees the graph. */
#ifndef WEFT_TFLITE_H
#define WEFT_TFLITE_H

#include <stddef.h>

#include <weft/weft_compiler.h>

#include "models/graph/graph.h"
#include "models/import/refusals.h"

/* 1 if the bytes begin like a TensorFlow Lite file. */
int weft_tflite_detect(const void *bytes, size_t byte_count);

/* Import the model in memory; the bytes may be freed afterwards.  The listener hears of everything
 * that is refused; it may be NULL.
 * Returns WEFT_OK and a checked graph, or with *out unchanged and a sentence in err (may be NULL)
 *   WEFT_ERR_FORMAT       not TensorFlow Lite, damaged, cut short
 *   WEFT_ERR_UNSUPPORTED  operators, types or options Weft does not do; all operators at once
 *   WEFT_ERR_SHAPE        shapes, types or quantisations that do not fit together
 *   WEFT_ERR_RANGE        a scale, zero point or accumulator outside the exact arithmetic
 *   WEFT_ERR_NO_MEMORY */
int weft_tflite_import(const void *bytes, size_t byte_count, const refusal_listener *listener,
                       weft_graph **out, weft_error *err);

/* The same, exact to the kernels of `truth`. */
int weft_tflite_import_as(const void *bytes, size_t byte_count, weft_truth truth,
                          const refusal_listener *listener, weft_graph **out, weft_error *err);

/* The same from a file of at most 2 GiB, which is mapped, not copied.  In addition returns
 * WEFT_ERR_IO: the file cannot be read. */
int weft_tflite_read(const char *path, const refusal_listener *listener, weft_graph **out,
                     weft_error *err);
int weft_tflite_read_as(const char *path, weft_truth truth, const refusal_listener *listener,
                        weft_graph **out, weft_error *err);

#endif
