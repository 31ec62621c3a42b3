/* What the files of models/quantize share; private to them. */
#ifndef WEFT_QUANT_H
#define WEFT_QUANT_H

#include "models/quantize/float/float_fold.h"
#include "weft_quantize.h"

typedef enum quant_kind {
    QUANT_NONE,       /* stays float, or is no float */
    QUANT_ACTIVATION, /* one scale, that of its group */
    QUANT_OPERAND,    /* a constant with one scale */
    QUANT_WEIGHT,     /* a constant with one scale a channel, zero point 0 */
    QUANT_BIAS        /* int32 of scale input times weight */
} quant_kind;

enum { QUANT_BINS = 2048 };

/* What a group of activations with one scale was seen to hold. */
typedef struct quant_range {
    float lo, hi; /* hold 0 */
    uint64_t *bins;
} quant_range;

typedef struct quant_value {
    quant_kind kind;
    uint32_t group;       /* ACTIVATION: a member of the same group, or itself */
    uint32_t input;       /* BIAS: the value whose scale .. */
    uint32_t weight;      /* .. and the weights whose scales make its own */
    uint32_t axis, count; /* WEIGHT, BIAS: scales along an axis */
    float *scale;         /* count of them; ACTIVATION: one, kept by the group's first */
    int32_t zero;         /* int8 */
    quant_range range;    /* kept by the group's first */
    double signal, own_noise, all_noise;
} quant_value;

struct quantizer {
    onnx_file file;
    float_net *net;
    weft_quantize_options options;
    quant_value *values; /* as many as the network has */
    uint32_t compared, agree;
};

/* The value that keeps scale and range of v's group. */
uint32_t quant_root(const quantizer *q, uint32_t v);

/* Say for every value how it is quantised.  quant_plan.c.  ERR_UNSUPPORTED lists all operators the
 * device does not have. */
int quant_plan(quantizer *q, weft_error *err);

/* Refuse what cannot be on the device for another reason than its operator.  quant_check.c */
int quant_check(const quantizer *q, weft_error *err);

/* Ranges of all groups over the samples.  quant_calibrate.c */
int quant_calibrate(quantizer *q, const weft_quantize_samples *samples, weft_error *err);

/* Scale and zero point of every group from its range.  quant_scale.c */
int quant_choose_scales(quantizer *q, weft_error *err);

/* Constants become what their int8 or int32 stands for; needs the scales.  quant_weights.c */
int quant_constants(quantizer *q, weft_error *err);

/* Run the samples in float, call quant_constants, run them again quantised, and note the
 * differences.  quant_compare.c */
int quant_compare(quantizer *q, const weft_quantize_samples *samples, weft_error *err);

/* Scale and zero point (int8) that hold lo <= 0 <= hi. */
void quant_span(float lo, float hi, float *scale, int32_t *zero);

/* int8 for x: divided, rounded half to even, saturated. */
int32_t quant_int8(float x, float scale, int32_t zero);

#endif
