/* What the proofs of averages share: the taps of a window that lie inside the image, the byte that
 * a float32 sum becomes, and the multipliers that give the bytes of all sums. */
#include "average_windows.h"
#include "models/compile/plan/integers.h"

const char windows_no_factor[] = SUMS_NO_FACTOR;

uint32_t window_taps_inside(uint32_t o, uint32_t in, uint32_t taps, uint32_t stride, uint32_t pad,
                            uint32_t dilation)
{
    const int64_t base = (int64_t)o * stride - pad;
    const uint64_t first = base < 0 ? div_up((uint64_t)-base, dilation) : 0;
    const uint64_t end = base < in ? div_up((uint64_t)(in - base), dilation) : 0;
    const uint64_t last = end < taps ? end : taps;
    return last > first ? (uint32_t)(last - first) : 0;
}

static int32_t byte_of(const windows *w, float sum)
{
    const float mean = sum / (float)w->divisor, scale = weft_quant_scale(&w->y->quant, 0);
    const int32_t zp = weft_quant_zero_point(&w->y->quant, 0);
    const int8_t y = w->zero_first ? weft_quantize_value_added(mean, scale, zp, w->offset)
                                   : weft_quantize_value(WEFT_REQUANT_ONNX, mean, scale, zp);
    return weft_requant_finish(y, 0, w->clamp.lo, w->clamp.hi);
}

static const char *narrow(windows *w, const sums *s)
{
    const factor_use use = { weft_quant_zero_point(&w->y->quant, 0) - w->odd, w->clamp };
    for (uint32_t t = 0; t < s->count; t++) {
        if (s->lo[t] > s->hi[t])
            continue; /* no terms have that sum */
        const int32_t byte = byte_of(w, s->lo[t]);
        if (byte != byte_of(w, s->hi[t]))
            return SUMS_DIFFER;
        factor_narrow(&use, s->first + (int32_t)t + w->to->more, byte, &w->range);
    }
    return w->range.least > w->range.most ? windows_no_factor : NULL;
}

const char *windows_narrow(windows *w, int made, sums *all)
{
    const char *why = made ? narrow(w, all) : SUMS_NO_MEMORY;
    sums_free(all);
    return why;
}

const char *windows_narrow_exact(windows *w, uint32_t taps)
{
    const float scale = weft_quant_scale(&w->x->quant, 0);
    const int32_t least = INT8_MIN - weft_quant_zero_point(&w->x->quant, 0);
    sums all;
    const int made = sums_exact((int32_t)taps * least, 255 * taps + 1, (double)scale, &all);
    return windows_narrow(w, made, &all);
}
