/* WAV: PCM of 8, 16, 24 or 32 bits and float32; channels are averaged. */
#include <stdlib.h>
#include <string.h>

#include "media.h"

static uint32_t number(const uint8_t *at, unsigned bytes)
{
    uint32_t v = 0;
    while (bytes-- > 0)
        v = v << 8 | at[bytes];
    return v;
}

#define UNKNOWN_BYTES 0xffffffffu /* of a file that was written as it came */

typedef struct sound {
    uint32_t format, channels, rate, bits;
    const uint8_t *data;
    uint32_t bytes;
    int cut; /* there is less than it says */
} sound;

static sound find_parts(const uint8_t *bytes, size_t count)
{
    sound s = { 0 };
    for (uint64_t at = 12; at + 8 <= count;) {
        const uint32_t size = number(bytes + at + 4, 4);
        const uint8_t *in = bytes + at + 8;
        const uint64_t left = count - at - 8;
        if (!memcmp(bytes + at, "fmt ", 4) && size >= 16 && left >= 16) {
            s.format = number(in, 2);
            s.channels = number(in + 2, 2);
            s.rate = number(in + 4, 4);
            s.bits = number(in + 14, 2);
            if (s.format == 0xfffe && size >= 26 &&
                left >= 26) /* the format stands further behind */
                s.format = number(in + 24, 2);
        } else if (!memcmp(bytes + at, "data", 4) && !s.data) {
            s.data = in;
            s.bytes = size < left ? size : (uint32_t)left;
            s.cut = size > left && size != UNKNOWN_BYTES;
        }
        at += 8 + (uint64_t)size + size % 2;
    }
    return s;
}

static double value(const sound *s, const uint8_t *at)
{
    float real;
    if (s->format == 3) {
        memcpy(&real, at, sizeof real);
        return (double)real;
    }
    if (s->bits == 8)
        return (at[0] - 128) / 128.0;
    const uint32_t bits = number(at, s->bits / 8) << (32 - s->bits);
    return (double)(int32_t)bits / 2147483648.0;
}

int media_wav(const char *path, const uint8_t *bytes, size_t count, media *out, weft_error *err)
{
    const sound s = find_parts(bytes, count);
    const int pcm = s.format == 1 && (s.bits == 8 || s.bits == 16 || s.bits == 24 || s.bits == 32);
    if (!s.data || !s.channels || !(pcm || (s.format == 3 && s.bits == 32)))
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                              "%.200s: only WAV of integers and float32 can be read", path);
    if (s.cut)
        return weft_error_set(err, WEFT_ERR_FORMAT, "%.200s is cut short", path);
    const size_t frame = (size_t)s.channels * (s.bits / 8), frames = s.bytes / frame;
    float *to = malloc((frames + 1) * sizeof *to);
    if (!frames || !to) {
        free(to);
        return weft_error_set(err, to ? WEFT_ERR_FORMAT : WEFT_ERR_NO_MEMORY,
                              "%.200s holds no sound, or more than there is memory for", path);
    }
    for (size_t i = 0; i < frames; i++) {
        double sum = 0;
        for (uint32_t c = 0; c < s.channels; c++)
            sum += value(&s, s.data + i * frame + (size_t)c * (s.bits / 8));
        to[i] = (float)(sum / s.channels);
    }
    *out = (media){ .kind = MEDIA_SOUND,
                    .type = 'f',
                    .unit_bytes = 4,
                    .rank = 1,
                    .dims = { frames },
                    .elements = frames,
                    .memory = to,
                    .data = (uint8_t *)to,
                    .rate_hz = s.rate };
    return WEFT_OK;
}
