/* UTF-8; the contract is in utf8.h. */
#include "models/base/utf8.h"

#include <string.h>

unsigned weft_utf8_bytes(const char *text)
{
    const unsigned char *b = (const unsigned char *)text;
    if (b[0] == 0)
        return 0;
    if (b[0] < 0x80)
        return 1;
    const unsigned bytes = b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : 2;
    if (b[0] < 0xc2 || b[0] > 0xf4)
        return 0;
    for (unsigned i = 1; i < bytes; i++) /* a text that ends has a zero, which is no continuation */
        if ((b[i] & 0xc0) != 0x80)
            return 0;
    const int is_overlong = (b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xf0 && b[1] < 0x90);
    const int is_beyond = (b[0] == 0xed && b[1] > 0x9f) || (b[0] == 0xf4 && b[1] > 0x8f);
    return is_overlong || is_beyond ? 0 : bytes;
}

const char *weft_utf8_show(const char *name, char *out, size_t room)
{
    const unsigned char *b = (const unsigned char *)name;
    size_t at = 0;
    while (*b && room > 0) {
        const unsigned bytes = weft_utf8_bytes((const char *)b);
        const int is_control = bytes == 0 || *b < 0x20 || *b == 0x7f || (*b == 0xc2 && b[1] < 0xa0);
        if (at + (is_control ? 1 : bytes) >= room)
            break;
        if (is_control)
            out[at++] = '?';
        else
            memcpy(out + at, b, bytes), at += bytes;
        b += bytes ? bytes : 1;
    }
    if (room > 0)
        out[at] = 0;
    return out;
}
