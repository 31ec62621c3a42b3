/* CRC-32: four bits at a time from a constant table of sixteen; much data eight bytes at a time,
 * from tables made for it, because a program's weights are summed before every run. */
#include "weft_crc32.h"

enum {
    STRIDE = 8,        /* bytes taken at once */
    WORTH_BYTES = 4096 /* from here on the tables pay */
};

static const uint32_t nibbles[16] = { 0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                      0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                      0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                      0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c };

static uint32_t add_byte(uint32_t crc, uint8_t byte)
{
    crc ^= byte;
    crc = crc >> 4 ^ nibbles[crc & 15];
    return crc >> 4 ^ nibbles[crc & 15];
}

/* after[k][b]: what byte b leaves behind when k zero bytes have followed it. */
static void make_tables(uint32_t after[STRIDE][256])
{
    for (unsigned b = 0; b < 256; b++) {
        after[0][b] = add_byte(0, (uint8_t)b);
        for (unsigned k = 1; k < STRIDE; k++)
            after[k][b] = add_byte(after[k - 1][b], 0);
    }
}

/* `strides` times eight bytes. */
static uint32_t add_strides(uint32_t crc, const uint8_t *at, size_t strides)
{
    uint32_t after[STRIDE][256];
    make_tables(after);
    for (; strides; strides--, at += STRIDE) {
        uint32_t next = 0;
        for (unsigned i = 0; i < 4; i++)
            next ^= after[7 - i][(at[i] ^ crc >> 8 * i) & 255] ^ after[3 - i][at[4 + i]];
        crc = next;
    }
    return crc;
}

uint32_t weft_file_crc32_more(uint32_t crc, const void *data, size_t bytes)
{
    const uint8_t *at = data;
    const size_t strides = bytes < WORTH_BYTES ? 0 : bytes / STRIDE;
    crc = ~crc;
    if (strides)
        crc = add_strides(crc, at, strides);
    for (size_t i = strides * STRIDE; i < bytes; i++)
        crc = add_byte(crc, at[i]);
    return ~crc;
}

uint32_t weft_file_crc32(const void *data, size_t bytes)
{
    return weft_file_crc32_more(0, data, bytes);
}
