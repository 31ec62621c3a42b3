/* Inside the generator of random TensorFlow Lite networks: what its files share. */
#ifndef WEFT_TESTS_GEN_TFLITE_OWN_H
#define WEFT_TESTS_GEN_TFLITE_OWN_H

#include "gen_tflite.h"
#include "tfl_writer.h"

enum { GEN_ACTS = 96, GEN_MOST_ELEMENTS = 1500, GEN_MOST_MACS = 60000 };

/* An int8 tensor that is there to be read. */
typedef struct act {
    uint32_t tensor, rank, dims[TFLW_RANK], readers;
    float scale;
    int zero;
} act;

typedef struct gen_state {
    rng *r;
    tflw m;
    act acts[GEN_ACTS];
    uint32_t count;
    uint32_t weight_scales; /* of the last gt_weights */
    float weight_scale[512];
    char *text;
} gen_state;

/* Drawn numbers: lo..hi; 1 once in n; log-uniform; a zero point. */
int gt_pick(gen_state *s, int lo, int hi);
int gt_one_in(gen_state *s, int n);
float gt_real(gen_state *s, double lo, double hi);
int gt_zero(gen_state *s);
int gt_activation(gen_state *s); /* fused into an operator, mostly none */
uint32_t gt_elements(const act *a);

/* A tensor that exists, recent ones more often; wants_rank 0 for any.  NULL if there is none. */
act *gt_any(gen_state *s, uint32_t wants_rank);

/* A tensor to come: shape, and the scale and zero point of x or new ones. */
act gt_like(const act *x);
act gt_new(gen_state *s, uint32_t rank, const uint32_t *dims, float scale);

/* Constants: random int8 of one or more scales, int8 like a tensor, int32. */
uint32_t gt_weights(gen_state *s, uint32_t rank, const uint32_t *dims, uint32_t scales,
                    uint32_t axis, float *largest);
uint32_t gt_bias(gen_state *s, const act *x, uint32_t channels); /* for the last weights */
uint32_t gt_constant(gen_state *s, const act *like, float scale, int zero);
uint32_t gt_ints(gen_state *s, uint32_t rank, const uint32_t *dims, const int32_t *values);

/* Start an operator; give it outputs; add it.  Tensors of its outputs join those that exist. */
tflw_op gt_op(int code, unsigned options, uint32_t input);
void gt_field(tflw_op *op, unsigned id, unsigned bytes, uint64_t value);
void gt_float(tflw_op *op, unsigned id, float value);
void gt_input(tflw_op *op, uint32_t tensor);
void gt_output(gen_state *s, tflw_op *op, act y);
void gt_add(gen_state *s, const tflw_op *op, const char *name);

/* A float32 tensor of x's shape, which does not join those that exist. */
uint32_t gt_float_tensor(gen_state *s, const act *x);

/* x with the scale and zero point of like, by a QUANTIZE if they differ. */
act gt_as(gen_state *s, const act *x, const act *like);

/* An operand beside x, described by *b: a tensor of the same shape if there is one, or one that
 * stretches, else TFLW_ABSENT and a constant to come of the whole shape, of the last axis, or of
 * one element.  gen_tflite_ops.c */
uint32_t gt_other(gen_state *s, const act *x, act *b);

/* One more operator (gen_tflite_window.c, _ops.c, _move.c, _rare.c); 0 if the draw does not fit. */
int gt_window(gen_state *s);
int gt_arithmetic(gen_state *s);
int gt_move(gen_state *s);
int gt_rare(gen_state *s);

#endif
