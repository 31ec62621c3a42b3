/* What makes a float network simpler without changing what it computes (but for rounding), in the
 * order in which they are to be called.  Each returns WEFT_OK or a status with a sentence. */
#ifndef WEFT_FLOAT_FOLD_H
#define WEFT_FLOAT_FOLD_H

#include "float_edit.h"

/* Run once on zeros: what depends on constants and shapes alone becomes a constant, and every value
 * gets its shape.  ERR_UNSUPPORTED: an input has an open size, or more than FLOAT_MAX_NODES. */
int float_fold(float_net *net, weft_error *err);

/* Numbers for the constants that have none (`invented`), drawn by seed and by what they are for:
 * weights as He et al. 2015, statistics and factors near one, biases near zero. */
int float_invent(float_net *net, uint64_t seed, weft_error *err);

/* Take out nodes that change nothing; make nodes of those that the device has no operator for:
 * LRN by Pow, Conv and Mul; Sum, Max and Min of many by those of two; MatMul and Add of a constant
 * by Gemm; MaxPool and Relu or Clip in the other order, where the limit can join what is before. */
int float_lower(float_net *net, weft_error *err);

/* BatchNormalization, and products and sums with one constant a channel, into the convolution or
 * matrix before them; where there is none, a BatchNormalization becomes a 1x1 convolution. */
int float_fold_affine(float_net *net, weft_error *err);

/* After float_invent: scale each layer of invented weights such that its results have the standard
 * deviation 1 on these inputs. */
int float_level(float_net *net, const nd *inputs, weft_error *err);

/* Write every node as opset 13 wants it: lists that moved from attributes to inputs, Upsample.
 * net->opset is at least 13 afterwards. */
int float_upgrade(float_net *net, weft_error *err);

#endif
