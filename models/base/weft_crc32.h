/* CRC-32 (IEEE 802.3, reflected, polynomial 0xedb88320), as in PNG and in the packets. */
#ifndef WEFT_CRC32_H
#define WEFT_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Of `bytes` bytes.  Of "123456789" it is 0xcbf43926. */
uint32_t weft_file_crc32(const void *data, size_t bytes);

/* Of what had the CRC-32 `crc` (0: of nothing) with these bytes behind it. */
uint32_t weft_file_crc32_more(uint32_t crc, const void *data, size_t bytes);

#endif
