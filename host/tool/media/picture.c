/* Pictures without a library: PPM, PGM, BMP; and pictures of another size. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media.h"

/* --- PPM and PGM ---------------------------------------------------------------------------- */

/* A number of the header, behind blanks and comments; 0 if there is none. */
static uint32_t header_number(const uint8_t *bytes, size_t count, size_t *at)
{
    uint32_t v = 0;
    while (*at < count && strchr(" \t\r\n#", bytes[*at])) {
        const int comment = bytes[*at] == '#';
        while (comment && *at < count && bytes[*at] != '\n')
            ++*at;
        *at += *at < count;
    }
    while (*at < count && bytes[*at] >= '0' && bytes[*at] <= '9' && v < 1000000)
        v = 10 * v + (uint32_t)(bytes[(*at)++] - '0');
    return v;
}

int media_pnm(const char *path, const uint8_t *bytes, size_t count, media *out, weft_error *err)
{
    size_t at = 2;
    const uint32_t channels = bytes[1] == '6' ? 3 : 1;
    const uint32_t width = header_number(bytes, count, &at),
                   height = header_number(bytes, count, &at);
    const uint32_t most = header_number(bytes, count, &at);
    at++; /* one blank */
    if (most < 1 || most > 255)
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                              "%.200s: only pictures of 8 bits a channel can be read", path);
    const int rc = media_new_picture(path, height, width, channels, out, err);
    if (rc != WEFT_OK)
        return rc;
    if (at > count || out->elements > count - at)
        return weft_error_set(err, WEFT_ERR_FORMAT, "%.200s is cut short", path);
    uint8_t *to = out->memory;
    for (uint64_t i = 0; i < out->elements; i++)
        to[i] = (uint8_t)((bytes[at + i] * 255u + most / 2) / most);
    return WEFT_OK;
}

/* --- BMP ------------------------------------------------------------------------------------ */

static uint32_t number(const uint8_t *at, unsigned bytes)
{
    uint32_t v = 0;
    while (bytes-- > 0)
        v = v << 8 | at[bytes];
    return v;
}

static void bmp_row(const uint8_t *from, const uint8_t *palette, uint32_t bits, uint32_t width,
                    uint8_t *to)
{
    for (uint32_t x = 0; x < width; x++) {
        const uint8_t *bgr = bits == 8 ? palette + 4 * from[x] : from + x * bits / 8;
        to[3 * x] = bgr[2];
        to[3 * x + 1] = bgr[1];
        to[3 * x + 2] = bgr[0];
    }
}

int media_bmp(const char *path, const uint8_t *bytes, size_t count, media *out, weft_error *err)
{
    if (count < 54)
        return weft_error_set(err, WEFT_ERR_FORMAT, "%.200s is cut short", path);
    const uint32_t data = number(bytes + 10, 4), head = number(bytes + 14, 4),
                   bits = number(bytes + 28, 2);
    const uint32_t width = number(bytes + 18, 4), packing = number(bytes + 30, 4);
    const int64_t signed_height = (int32_t)number(bytes + 22, 4);
    const uint64_t height = (uint64_t)(signed_height < 0 ? -signed_height : signed_height);
    const uint64_t stride = ((uint64_t)width * bits + 31) / 32 * 4, palette = (uint64_t)head + 14;
    if (head < 40 || (bits != 8 && bits != 24 && bits != 32) || (packing != 0 && packing != 3))
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                              "%.200s: only unpacked BMP of 8, 24 or 32 bits can be read", path);
    const int rc = media_new_picture(path, height, width, 3, out, err);
    if (rc != WEFT_OK)
        return rc;
    if (data > count || stride * height > count - data || (bits == 8 && palette + 1024 > count))
        return weft_error_set(err, WEFT_ERR_FORMAT, "%.200s is cut short", path);
    for (uint64_t y = 0; y < height; y++)
        bmp_row(bytes + data + (signed_height < 0 ? y : height - 1 - y) * stride,
                bytes + (bits == 8 ? palette : 0), bits, width,
                (uint8_t *)out->memory + y * width * 3);
    return WEFT_OK;
}

/* --- another size --------------------------------------------------------------------------- */

/* Position i of `to` covers these positions of `from`, with these weights (a triangle that is as wide as a step, at least 1). */
static double weight(double at, double step, int64_t k)
{
    const double wide = step > 1 ? step : 1, far = fabs(((double)k + 0.5 - at) / wide);
    return far < 1 ? 1 - far : 0;
}

typedef struct axis {
    uint32_t from;      /* length before */
    double first, step; /* of the cut, in positions before; positions before for one after */
} axis;

/* One line of positions `pitch` apart, to `count` positions. */
static void resample(const float *from, size_t pitch, axis a, float *to, size_t to_pitch,
                     uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const double at = a.first + ((double)i + 0.5) * a.step, wide = a.step > 1 ? a.step : 1;
        int64_t k = (int64_t)floor(at - wide), end = (int64_t)ceil(at + wide);
        double sum = 0, all = 0;
        for (k = k < 0 ? 0 : k; k < end && k < a.from; k++) {
            const double w = weight(at, a.step, k);
            sum += w * (double)from[(size_t)k * pitch];
            all += w;
        }
        to[i * to_pitch] = all > 0 ? (float)(sum / all) : 0.0f;
    }
}

static axis cut(uint64_t from, uint32_t to, double step)
{
    return (axis){ (uint32_t)from, ((double)from - step * to) / 2, step };
}

int media_resize(const media *from, uint32_t height, uint32_t width, uint32_t short_side,
                 media *out, weft_error *err)
{
    const uint64_t h = from->dims[0], w = from->dims[1], c = from->dims[2];
    const double both = short_side ? (double)(h < w ? h : w) / short_side : 0;
    const axis rows = cut(h, height, short_side ? both : (double)h / height);
    const axis columns = cut(w, width, short_side ? both : (double)w / width);
    int rc = media_new_picture("the picture", height, width, (uint32_t)c, out, err);
    float *plain = malloc((size_t)(h * w * c) * sizeof *plain),
          *narrow = malloc((size_t)(h * width * c) * sizeof *narrow),
          *small = malloc((size_t)height * width * c * sizeof *small);
    if (rc == WEFT_OK && (!plain || !narrow || !small))
        rc = weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a picture");
    for (uint64_t i = 0; rc == WEFT_OK && i < h * w * c; i++)
        plain[i] = from->data[i];
    for (uint64_t y = 0; rc == WEFT_OK && y < h; y++)
        for (uint64_t k = 0; k < c; k++)
            resample(plain + y * w * c + k, c, columns, narrow + y * width * c + k, c, width);
    for (uint64_t i = 0; rc == WEFT_OK && i < width * c; i++)
        resample(narrow + i, width * c, rows, small + i, width * c, height);
    uint8_t *to = out->memory;
    for (uint64_t i = 0; rc == WEFT_OK && i < out->elements; i++)
        to[i] = (uint8_t)lrintf(small[i] < 0 ? 0 : small[i] > 255 ? 255 : small[i]);
    free(plain);
    free(narrow);
    free(small);
    return rc;
}
