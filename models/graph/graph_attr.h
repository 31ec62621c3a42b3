/* What each operator computes, and the attributes that say it: one struct per operator of ops.def
 * that has any.  weft_ref_<name> (ref/ref_ops.h) is the definition in C.
 *
 * Shapes are row-major; "same quantisation" is one scale and one zero point for all named tensors.
 * BROADCASTING, where an operator has it, is that of numpy: shapes are aligned at their last axes
 * and an axis of 1 (or a missing one) repeats.  Inputs that may be constant are int8 with one scale
 * and zero point; one input at least is an activation. */
#ifndef WEFT_GRAPH_ATTR_H
#define WEFT_GRAPH_ATTR_H

#include <stdint.h>

#include "models/arith/real_functions.h"

#define WEFT_MAX_RANK   6
#define WEFT_MAX_INPUTS 64 /* of one node */

/* How a window walks over the input.  Output size along an axis is
 * (in + pad_before + pad_after - dilation * (kernel - 1) - 1) / stride + 1, rounded down. */
typedef struct weft_window {
    uint32_t kernel_h, kernel_w;
    uint32_t stride_h, stride_w;
    uint32_t dilation_h, dilation_w; /* 1: dense */
    uint32_t pad_top, pad_left, pad_bottom, pad_right;
} weft_window;

/* Fused activation: the stored value is clamped to lo..hi, both -128..127, lo <= hi. */
typedef struct weft_clamp {
    int32_t lo, hi;
} weft_clamp;

/* --- sums of products --------------------------------------------------------------------- */

/* CONV_2D  y int8 [1][Ho][Wo][Co] = clamp(zp_y + requantise(bias + sum (x - zp_x)(w - zp_w))).
 *   x int8 [1][H][W][Ci]; w int8 [Co][kh][kw][Ci/groups]; bias int32 [Co] or absent.
 *   Padding contributes x = zp_x.  groups divides Ci and Co; depthwise is groups == Ci.
 *
 * TRANSPOSE_CONV  the same with the window on the output: x at iy, ix is multiplied into the taps
 *   oy = iy * stride_h + ky * dilation_h - pad_top, ox likewise; taps outside y are dropped, and
 *   places no tap reaches hold the bias alone.  The size of y is free (pad_bottom and pad_right are
 *   0), so it says how much is cut off or added at the end.  w as above, not flipped. */
typedef struct weft_conv_2d {
    weft_window window;
    uint32_t groups;
    weft_clamp clamp;
} weft_conv_2d;

/* FULLY_CONNECTED  y int8 [M][Co], x int8 [M][Ci], w int8 [Co][Ci], bias int32 [Co] or absent;
 * otherwise as CONV_2D. */
typedef struct weft_fully_connected {
    weft_clamp clamp;
} weft_fully_connected;

/* MATMUL  y int8 [..][M][N] = clamp(zp_y + requantise(sum over k (a - zp_a)(b - zp_b))).
 *   a int8 [..][M][K]; b int8 [..][K][N], or [..][N][K] if transpose_b.  Ranks are equal, 2 or
 * more; the axes in front broadcast.  Either may be constant. */
typedef struct weft_matmul {
    int transpose_b;
    weft_clamp clamp;
} weft_matmul;

/* --- windows and means -------------------------------------------------------------------- */

/* MAX_POOL_2D  over the taps inside the image; x and y have the same quantisation.
 * AVERAGE_POOL_2D  sum (x - zp_x) over the taps, divided by their number (or by kernel_h * kernel_w
 *   if count_include_pad): kind TFLITE needs x and y quantised alike, divides the sum of x by the
 *   taps inside, half away from zero (WEFT_REQUANT_DIV), count_include_pad 0, offset 128 for the
 *   uint8 kernel, which divides the sum of x + 128; kind ONNX is a
 *   requantisation by the float32 scale_x / (scale_y * taps), or, if `adding` says so, a float32
 * sum of scale_x * (x - zp_x), divided by the taps and quantised. x int8 [1][H][W][C], y int8
 *   [1][Ho][Wo][C]; every window touches the image; pads < kernel extent.
 *
 * Float32 sums depend on their order; these are ONNX Runtime's.  LANES is of the whole image
 * without padding: every fourth element in row-major order, (sum 0 + sum 2) + (sum 1 + sum 3), then
 * the up to three elements that are left. */
typedef enum weft_adding {
    WEFT_ADD_INTEGERS,
    WEFT_ADD_ROWS,    /* one by one, row by row */
    WEFT_ADD_COLUMNS, /* down every column, then those sums from left to right */
    WEFT_ADD_LANES,
    WEFT_ADD_COUNT
} weft_adding;

typedef struct weft_pool_2d {
    weft_window window;
    int count_include_pad;
    weft_adding adding; /* not INTEGERS: AVERAGE_POOL_2D of kind ONNX only; then */
    int zero_first;     /* the zero point plus offset (as of weft_elementwise) is added before */
    int32_t offset;     /* the one rounding to an integer; of ONNX 0 if not zero_first */
    weft_clamp clamp;
} weft_pool_2d;

/* MEAN  y = clamp(zp_y + requantise(sum (x - zp_x))) over the axes whose bit is set, which have
 * size 1 in y; weft_node_mean_requant.  Where weft_node_mean_divides: the float32 sum of scale_x *
 * (x - zp_x), divided by the elements and quantised.  At least one axis, any rank.
 *
 * Elements are added in row-major order of the real tensor, whose axes x has in another order.  A
 * run is what the real tensor has one after the other.  RUNS adds the up to three elements of a run
 * in front of a multiple of four of the real tensor last but for those behind the last whole four;
 * of the fours, element by element, the even ones and the odd ones (but an odd last one), both
 * together, then the last one; then (0 + 2) + (1 + 3).  A run without a whole four is added one by
 * one, and so are the sums of runs. */
typedef enum weft_mean_adding {
    WEFT_MEAN_INTEGERS,   /* float32 only where it loses nothing */
    WEFT_MEAN_ONE_BY_ONE, /* element by element */
    WEFT_MEAN_FOURS,      /* sums of four, of two of the three left, the last one */
    WEFT_MEAN_RUNS,
    WEFT_MEAN_ADDINGS
} weft_mean_adding;

enum { WEFT_MEAN_ORDER_BITS = 3 };

typedef struct weft_mean {
    uint32_t axes; /* bit i: axis i */
    weft_clamp clamp;
    int sum;                 /* not divided by the number of elements; kind TFLITE only */
    weft_mean_adding adding; /* not INTEGERS: kind ONNX only; then */
    uint32_t order; /* three bits an axis of the real tensor, the first lowest: which axis of x */
} weft_mean;

static inline uint32_t weft_mean_axis(const weft_mean *a, uint32_t i)
{
    return a->order >> (i * WEFT_MEAN_ORDER_BITS) & ((1u << WEFT_MEAN_ORDER_BITS) - 1);
}

/* RUNS: its last real axes are averaged and of the others at most the first, all side by side. */
static inline int weft_mean_has_runs(const weft_mean *a, uint32_t rank)
{
    uint32_t changes = 0;
    for (uint32_t i = 1; i < rank; i++)
        changes += (a->axes >> weft_mean_axis(a, i) ^ a->axes >> weft_mean_axis(a, i - 1)) & 1;
    return changes <= 2 && a->axes >> weft_mean_axis(a, rank - 1) & 1;
}

/* --- element by element ------------------------------------------------------------------- */

/* ADD, SUB, MUL, MINIMUM, MAXIMUM  int8, two inputs that broadcast to y, either may be constant.
 * The arithmetic of each kind: weft_ref_add, weft_ref_mul.  MINIMUM and MAXIMUM compare the stored
 * values: both inputs and y have the same quantisation.
 * offset is 128 where the model's tensors were uint8 and the kind is ONNX, else 0: the float32 sum
 * of ADD is taken over q + offset, and that of MUL and its zero point is, which rounds as the
 * model's own numbers do. */
typedef struct weft_elementwise {
    weft_clamp clamp;
    int32_t offset;
} weft_elementwise;

/* PRELU has no attributes: y = zp_y + (x >= zp_x ? requantise(x - zp_x)
 *                                               : requantise((x - zp_x)(alpha - zp_alpha)));
 * inputs x and alpha; alpha is constant int8 and broadcasts to x; y has the shape of x.
 * weft_node_positive_requant, weft_node_requant. */

/* TABLE  y[i] = entries[x[i] + 128]: any function of one int8. */
typedef struct weft_table {
    const int8_t *entries; /* 256 */
} weft_table;

/* TABLE_PAIR  y = entries[(a + 128) * 256 + b + 128]: any function of two int8, which broadcast to
 * y; one may be constant.  On the host. */
typedef struct weft_table_pair {
    const int8_t *entries; /* WEFT_TABLE_PAIR_BYTES */
} weft_table_pair;

enum { WEFT_TABLE_PAIR_BYTES = 65536 };

/* --- data that only moves: one type, one quantisation for all inputs and the output ------- */

/* RESHAPE has no attributes: same elements in the same row-major order. */

/* TRANSPOSE  y axis i is x axis perm[i]. */
typedef struct weft_transpose {
    uint32_t perm[WEFT_MAX_RANK];
} weft_transpose;

/* PAD  before and after each axis, filled with value.  int8. */
typedef struct weft_pad {
    uint32_t before[WEFT_MAX_RANK], after[WEFT_MAX_RANK];
    int32_t value; /* as stored, -128..127 */
} weft_pad;

/* CONCAT  the inputs one behind the other along axis; 1 .. WEFT_MAX_INPUTS, some may be constant.
 */
typedef struct weft_concat {
    uint32_t axis;
} weft_concat;

/* SLICE  y[i0][i1].. = x[begin0 + i0 * stride0][begin1 + i1 * stride1]..; a stride may be negative,
 * not 0. */
typedef struct weft_slice {
    uint32_t begin[WEFT_MAX_RANK];
    int32_t stride[WEFT_MAX_RANK];
} weft_slice;

/* RESIZE_NEAREST  y[0][i][j][c] = x[0][rows[i]][columns[j]][c].  NHWC int8, batch 1.  The importer
 * knows by which rule (corners, half pixels) the framework finds them; index lists say it all. */
typedef struct weft_resize_nearest {
    const uint32_t *rows, *columns; /* as many as y has; each inside x */
} weft_resize_nearest;

/* RESIZE_BILINEAR  the sum of the four at row rows[i].lo or .hi and column columns[j].lo or .hi,
 * weighted row_one - weight (column_one - weight) for lo and weight for hi; NHWC int8, batch 1.
 *
 *   TFLITE     y = origin + (sum of v - origin) / (row_one * column_one), half away from zero; one
 *              scale for x and y.  With shares, the uint8 kernel: v + 128 times its row's share
 *              times its column's share, all in float32, lo lo, hi lo, lo hi, hi hi (row, column)
 *              added in this order, then a half, cut off, minus 128
 *   ONNX       y = zp_y + requantise(sum of v - zp_x), by weft_node_bilinear_requant
 *              or, with shares, the float32 sum of share by share by scale_x * (x - zp_x) of the
 *              pixels lo lo, lo hi, hi lo, hi hi (row, column) in this order, quantised
 *   truncates  kind ONNX: y = origin + (sum of v - origin) / (row_one * column_one), toward zero:
 *              ONNX Runtime's kernel for int8 or (origin -128) uint8, which has no scales */
typedef struct weft_lerp {
    uint32_t lo, hi; /* inside x; hi is lo or lo + 1 */
    uint32_t weight; /* of hi, below one; 0 if hi == lo */
} weft_lerp;

/* The same in float32, as ONNX Runtime has it: of the last pixel alone, lo is hi. */
typedef struct weft_share {
    uint32_t lo, hi;
    float of_lo, of_hi; /* 0 to 1; of TFLITE -1 to 2 */
} weft_share;

enum { WEFT_LERP_MAX = 1 << 20 };

typedef struct weft_resize_bilinear {
    const weft_lerp *rows, *columns;
    const weft_share *row_shares, *column_shares; /* both, or NULL */
    uint32_t row_one, column_one; /* at least 1; their product at most WEFT_LERP_MAX */
    int truncates, origin;        /* origin 0 or -128; of ONNX 0 unless truncates */
    weft_clamp clamp;             /* of y */
} weft_resize_bilinear;

/* --- on the host ---------------------------------------------------------------------------------
 * QUANTIZE    q = saturate(zp + round(x / scale)), half to even for kind ONNX, half away for
 * TFLITE. DEQUANTIZE  x = scale * (q - zp) in float32. LOG_SOFTMAX along the last axis, float32 to
 * float32, or int8 to int8 of kind TFLITE with scale 1/16 and zero point 127. */

/* SOFTMAX  exp(beta x) / sum along the last axis, float32 to float32, or int8 to int8 of kind
 * TFLITE with scale 1/256 and zero point -128, or of kind ONNX (beta 1) with any output scale, as
 * ONNX Runtime's QLinearSoftmax: the share times floor(1 / scale), rounded half to even. */
typedef struct weft_softmax {
    float beta;
} weft_softmax;

/* L2_NORMALIZATION has no attributes: x / sqrt(sum x^2) along the last axis, int8 to int8 of kind
 * TFLITE with scale 1/128 and zero point 0; at most 32768 elements along the axis. */

/* LAYER_NORMALIZATION  (x - mean) / sqrt(variance + epsilon) * scale + bias over the axes from
 * `axis` to the last, int8 to int8 of kind ONNX: what ONNX Runtime computes in float32 between
 * DequantizeLinear and QuantizeLinear, clamped.  scale and bias are constant float32, a number for
 * each element of those axes; at most 2^20, of which the mean is exact.  bias may be absent. */
typedef struct weft_layer_normalization {
    uint32_t axis;
    float epsilon; /* finite, not negative */
    weft_clamp clamp;
} weft_layer_normalization;

enum { WEFT_LAYER_NORMALIZATION_MAX = 1 << 20 };

/* --- float32, on the host ---------------------------------------------------------------------
 * What an operator computes whose result nobody quantises; kind ONNX, and to the bit what ONNX
 * Runtime computes with one thread.  Clamps and offsets of the attributes mean nothing there.
 *
 * CONV_2D  of int8 or float32 x and int8 w, bias float32 or absent: the sum of products of the
 *   dequantised numbers in the order of arith/mlas_sum.h (channels, kernel rows, kernel columns),
 *   then the bias.
 * GEMM  x int8 or float32 [M][K], w int8 [N][K], bias float32 [N] or absent: likewise, but what the
 *   products are added to is the bias.  transpose_b: the model's matrix has the shape of w.
 * FULLY_CONNECTED, MATMUL  of int8: float32(sum of integers, int32 bias included) * (scale_x *
 *   scale_w), as its MatMulIntegerToFloat and QGemm.
 * ADD, SUB, MUL, MINIMUM, MAXIMUM, DIV, PRELU  of float32, either operand may be constant.
 * MAX_POOL_2D; AVERAGE_POOL_2D, MEAN in the order that `adding` says, which is not INTEGERS.
 * RESHAPE, TRANSPOSE, CONCAT, SLICE, RESIZE_NEAREST; PAD, whose value is then the bits of a float32.
 * RESIZE_BILINEAR  with shares.  SOFTMAX, LOG_SOFTMAX, ARGMAX.
 * CAST  an int32 as the nearest float32.
 * DYNAMIC_SCALE, DYNAMIC_ZERO  of a whole float32 tensor, as ONNX's DynamicQuantizeLinear: (largest -
 *   least) / 255 with 0 among its numbers, 1 if that is 0; and the uint8 that 0 becomes, minus 128.
 * DYNAMIC_QUANTIZE  x by such a scale and zero: that uint8, minus 128.  The int8 tensors have a scale
 *   of 1 and a zero point of 0, which mean nothing.
 * CONV_INTEGER, MATMUL_INTEGER  int32 sum of (x - zero)(w - zp_w) of int8 x, constant int8 w [Co][kh]
 *   [kw][Ci/groups] or [N][K] and one int8 zero, which may be constant; padding adds nothing.
 * LOOKUP  y = table[x + 128] of int8 x and a constant table of 256 float32: a function of one byte.
 * FUNCTION  a function of one float32, weft_real_function of arith/real_functions.h. */

/* ARGMAX  int32 position of the largest (or smallest) along axis, the first (or last) of equals; y
 * has the shape of x with that axis 1.  x int8 or float32. */
typedef struct weft_argmax {
    uint32_t axis;
    int smallest, last;
} weft_argmax;

#endif
