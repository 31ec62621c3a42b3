/* Post-training quantisation: a float ONNX network and samples of its input to an int8 one.
 *
 *     quantizer *q = NULL;
 *     rc = weft_quantize_open("net.onnx", &options, &q, &err);
 *     rc = weft_quantize_run(q, &samples, &err);        // calibrates, quantises, compares
 *     rc = weft_quantize_write(q, &bytes, &byte_count, &err);
 *     ... weft_quantize_layer(q, i, &layer) ...
 *     weft_quantize_close(q);
 *
 * The result is a standard QDQ model (opset 13 or the model's, if that is higher) with batch 1:
 * activations int8 or uint8 with one scale, weights int8 with one scale a channel and zero point 0,
 * biases int32 of scale input times weight.  Before, constants and batch normalisations are folded
 * and some operators taken apart (float_fold.h).  What only moves values keeps their scale; Relu
 * and Clip share the scale of the operator before them.  Softmax and ArgMax stay float.
 *
 * The file is not trusted: failures are one sentence.  Deterministic: the same bytes for the same
 * model, samples and options.  Cost: the network once in float32, its activations for the samples
 * that are compared, and two runs a sample (one for MINMAX). */
#ifndef WEFT_QUANTIZE_H
#define WEFT_QUANTIZE_H

#include <stddef.h>
#include <stdint.h>

#include "models/quantize/float/float_net.h"

typedef enum weft_quantize_method {
    WEFT_QUANTIZE_MINMAX,     /* all values that were seen fit */
    WEFT_QUANTIZE_PERCENTILE, /* all but a few at either end */
    WEFT_QUANTIZE_MSE         /* least squared error over a histogram */
} weft_quantize_method;

typedef struct weft_quantize_options {
    weft_quantize_method method;
    double percentile;         /* PERCENTILE: of the values that fit, 50 < p <= 100 */
    int is_uint8;              /* activations uint8 instead of int8 */
    int reduced;               /* weights -64..64: no overflow in 16 bits on x86 before VNNI */
    int invent;                /* draw the weights that the model only gives a shape */
    uint64_t seed;             /* of these */
    weft_onnx_options symbols; /* sizes of symbolic dimensions */
    uint64_t elements, work;   /* what a run may hold and compute (float_net.h); 0: as usual */
} weft_quantize_options;

/* Where inputs come from: get fills one array for each input of the network, made with nd_new of
 * the type and sizes of net->inputs; the caller frees them. */
typedef struct weft_quantize_samples {
    uint32_t count; /* at least 1 */
    int (*get)(void *context, uint32_t sample, const float_net *net, nd *inputs, weft_error *err);
    void *context;
    void (*progress)(void *context, double done); /* 0..1; may be NULL */
} weft_quantize_samples;

/* A quantised activation. */
typedef struct weft_quantize_layer {
    const char *name, *op; /* of the tensor; of the operator that makes it, "input" */
    float scale;
    int32_t zero_point; /* int8, whatever the file gets */
    double own_db;      /* signal to noise that rounding this tensor alone makes */
    double all_db;      /* against the float network: everything up to here */
} weft_quantize_layer;

typedef struct quantizer quantizer;

/* Read a network from a file; external files may lie beside it.  Returns WEFT_OK, or a status with
 * a sentence. */
int weft_quantize_open(const char *path, const weft_quantize_options *options, quantizer **out,
                       weft_error *err);
/* The same from bytes, which may be freed afterwards; external files are not found. */
int weft_quantize_parse(const void *bytes, size_t byte_count, const weft_quantize_options *options,
                        quantizer **out, weft_error *err);

/* Free it; NULL is allowed. */
void weft_quantize_close(quantizer *q);

/* The network as it is quantised, for its inputs. */
const float_net *weft_quantize_net(const quantizer *q);

/* Calibrate on the samples, choose scales, quantise, and compare.  Returns WEFT_OK or a status with
 * a sentence, which may be what samples->get returned. */
int weft_quantize_run(quantizer *q, const weft_quantize_samples *samples, weft_error *err);

/* Layer i in order of computation; 0 if there are not so many. */
int weft_quantize_layer_at(const quantizer *q, uint32_t i, weft_quantize_layer *out);

/* Of the samples that were compared: how many, and for how many the largest element of the first
 * output is the same in float and quantised. */
void weft_quantize_agreement(const quantizer *q, uint32_t *compared, uint32_t *agree);

/* The model; *out is the caller's to free. */
int weft_quantize_write(const quantizer *q, uint8_t **out, size_t *byte_count, weft_error *err);

#endif
