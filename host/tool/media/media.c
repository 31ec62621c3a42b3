/* What all readers share; the contract is in media.h. */
#include "media.h"

#include <stdlib.h>
#include <string.h>

void media_free(media *m)
{
    free(m->memory);
    *m = (media){ 0 };
}

int media_new_picture(const char *path, uint64_t height, uint64_t width, uint32_t channels,
                      media *out, weft_error *err)
{
    if (!height || !width || height > MEDIA_MAX_SIDE || width > MEDIA_MAX_SIDE ||
        height * width > MEDIA_MAX_PIXELS)
        return weft_error_set(err, WEFT_ERR_FORMAT, "%.200s: a picture of %llu x %llu pixels", path,
                              (unsigned long long)width, (unsigned long long)height);
    *out = (media){ .kind = MEDIA_PICTURE,
                    .type = 'u',
                    .unit_bytes = 1,
                    .rank = 3,
                    .dims = { height, width, channels },
                    .elements = height * width * channels };
    out->memory = calloc(1, (size_t)out->elements);
    out->data = out->memory;
    return out->memory ? WEFT_OK
                       : weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for %.200s", path);
}

double media_number(const media *m, uint64_t i)
{
    const uint8_t *at = m->data + i * m->unit_bytes;
    uint64_t bits = 0;
    float narrow;
    double wide;
    for (uint32_t k = m->unit_bytes; k-- > 0;)
        bits = bits << 8 | at[k];
    if (m->type == 'f' && m->unit_bytes == 4) {
        memcpy(&narrow, at, sizeof narrow);
        return (double)narrow;
    }
    if (m->type == 'f') {
        memcpy(&wide, at, sizeof wide);
        return wide;
    }
    const uint64_t sign = (uint64_t)1 << (8 * m->unit_bytes - 1);
    return m->type == 'i' ? (double)(int64_t)((bits ^ sign) - sign) : (double)bits;
}
