/* Requantisation: from an int32 accumulator to the int32 value before the output zero point.
 *
 * These are the only such functions of the repository; reference, device model, compiler and the
 * vectors for the RTL all call them.  Four kinds, because four definitions exist in the world; the
 * device has the first three:
 *
 *   TFLITE  round(acc * mult * 2^(shift-31)) in two steps (TensorFlow Lite Micro, double rounding)
 *   ONNX    round_half_even(float32(acc) * scale), all in float32 (ONNX Runtime, CPU kernels)
 *   DIV     acc / n, half away from zero (average pooling), as a multiplication
 *   REAL    round_half_away(acc * factor) in double (LiteRT, FULLY_CONNECTED)
 *
 * and TFLITE_F32 is TFLITE with a factor that was computed in float32 (LiteRT).
 *
 * Every function is pure, so any thread may call any of them; nothing allocates.  The float ones
 * need the default rounding mode and FLT_EVAL_METHOD 0 (every 64-bit target); contraction cannot
 * change them because no product is added to in the same expression. */
#ifndef WEFT_REQUANTIZE_H
#define WEFT_REQUANTIZE_H

#include <stdint.h>

typedef enum weft_requant_kind {
    WEFT_REQUANT_TFLITE = 0,
    WEFT_REQUANT_ONNX = 1,
    WEFT_REQUANT_DIV = 2,
    WEFT_REQUANT_REAL = 3,
    WEFT_REQUANT_TFLITE_F32 = 4,
    WEFT_REQUANT_COUNT
} weft_requant_kind;

/* The parameters of one output channel.
 *
 *   kind    mult                                 shift                             half
 *   TFLITE  0 .. 2^31-1 (from_double: 0 or       -31 .. 30, > 0 shifts left first  0
 *           2^30 and more; MEAN: 2^29 and more)
 *   ONNX    bits of a float32, 0 or positive,    0                                 0
 *           not infinite, not NaN
 *   DIV     1 .. 2^32-1                          0 .. 63                           < 2^24
 *   REAL    low bits of a double, 0 or positive, 0                                 its high bits
 *           not infinite, not NaN */
typedef struct weft_requant {
    uint32_t mult;
    uint32_t half;
    int8_t shift;
} weft_requant;

/* 1 for the two kinds that round as TensorFlow Lite does. */
static inline int weft_requant_is_tflite(weft_requant_kind kind)
{
    return kind == WEFT_REQUANT_TFLITE || kind == WEFT_REQUANT_TFLITE_F32;
}

enum {
    WEFT_REQUANT_SHIFT_MIN = -31,
    WEFT_REQUANT_SHIFT_MAX = 30,
    WEFT_REQUANT_DIVISOR_MAX = 1 << 24
};

/* The value of acc in output steps, before the zero point.  acc is any int32.
 *
 *   TFLITE  if shift > 0: acc = acc << shift modulo 2^32 (two's complement);
 *           v = floor((acc * mult + 2^30) / 2^31);
 *           if shift < 0: v = v / 2^-shift, rounded half away from zero
 *   ONNX    float32(acc), rounded half to even; times scale, rounded to float32 half to even; then
 *           to an integer half to even; what is outside int32 (infinity too) becomes the nearest
 *           int32.  A denormal scale always gives 0.
 *   DIV     sign(acc) * (((|acc| + half) * mult) >> shift) in uint64
 *   REAL    double(acc) times factor, rounded to double, then to an integer half away from zero; what
 *           is outside int32 becomes the nearest int32
 *
 * p must be in the range of its kind (weft_requant_valid). */
int32_t weft_requantize(weft_requant_kind kind, int32_t acc, weft_requant p);

/* The ONNX kind once more, in integers only: what the RTL does, step by step.  Equal to
 * weft_requantize(WEFT_REQUANT_ONNX, ...) for every acc and every valid p. */
int32_t weft_requantize_onnx_int(int32_t acc, weft_requant p);

/* value + zero_point without wrap-around, then clamped to lo..hi.  Any int32; lo <= hi. */
int32_t weft_requant_finish(int32_t value, int32_t zero_point, int32_t lo, int32_t hi);

/* The ONNX kind with the zero point added before anything is rounded to an integer, as the
 * QLinearMul of ONNX Runtime does: half_even(float32(float32(float32(acc) * scale) + zero_point)),
 * clamped to lo..hi.  Differs from weft_requantize and weft_requant_finish where that is a half and
 * zero_point odd. */
int32_t weft_requantize_onnx_added(int32_t acc, weft_requant p, int32_t zero_point, int32_t lo,
                                   int32_t hi);

/* A real number in steps of scale: saturate(zero_point + round(x / scale)) to int8, the division in
 * float32; half to even for ONNX, half away from zero for TFLITE (DIV is not a kind of this).  NaN
 * becomes -128.  scale finite and > 0, zero_point -128..127. */
int8_t weft_quantize_value(weft_requant_kind kind, float x, float scale, int32_t zero_point);

/* The ONNX kind with the zero point added before anything is rounded to an integer, as the
 * QLinearAveragePool of ONNX Runtime does: half_even(float32(x / scale) + zero_point + offset) -
 * offset, saturated to int8.  NaN becomes -128. */
int8_t weft_quantize_value_added(float x, float scale, int32_t zero_point, int32_t offset);

/* 1 if p is in the documented range of kind, else 0. */
int weft_requant_valid(weft_requant_kind kind, weft_requant p);

/* Split a real factor the way TFLite does: factor ~ mult * 2^(shift-31), mult rounded half away.
 * A factor whose shift would be below -31 (about 2^-32) becomes mult 0, shift 0.
 *
 *   factor  finite, 0 .. < 2^30
 *
 * Returns WEFT_OK, or WEFT_ERR_RANGE with *out unchanged: negative, not finite, or shift above 30.
 */
int weft_requant_from_double(double factor, weft_requant *out);

/* The ONNX kind for a scale.  Returns WEFT_OK, or WEFT_ERR_RANGE with *out unchanged if the scale
 * is negative, infinite or NaN (-0.0 counts as 0). */
int weft_requant_from_float(float scale, weft_requant *out);

/* The REAL kind for a factor.  Returns WEFT_OK, or WEFT_ERR_RANGE with *out unchanged if the factor is
 * negative, infinite or NaN. */
int weft_requant_from_real(double factor, weft_requant *out);

/* The DIV kind for a divisor: exact, i.e. equal to (|acc| + divisor/2) / divisor with the sign of
 * acc, for every |acc| < 2^31.
 *
 *   divisor  1 .. WEFT_REQUANT_DIVISOR_MAX
 *
 * Returns WEFT_OK, or WEFT_ERR_RANGE with *out unchanged: divisor out of range, or (only some above
 * 65536) no exact 32-bit multiplier exists. */
int weft_requant_from_divisor(uint32_t divisor, weft_requant *out);

#endif
