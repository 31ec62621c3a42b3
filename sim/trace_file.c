/* Looks at FST files from outside, by their blocks. */
#include "trace_file.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

int weft_trace_file_can_write(const char *path)
{
    struct stat info;
    if (lstat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return 0;
    FILE *probe = fopen(path, "ab");
    return probe && !fclose(probe);
}

/* An FST file is a row of blocks, each a type byte and an 8-byte length that counts itself, the
 * header first: one cut by a full disk does not end where its last block does. */
int weft_trace_file_is_whole(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    int whole = fseek(file, 0, SEEK_END) == 0;
    const long size = ftell(file);
    long at = 0;
    unsigned char head[9];
    while (whole && at < size) {
        whole = fseek(file, at, SEEK_SET) == 0 && fread(head, 1, 9, file) == 9;
        uint64_t length = 0;
        for (int i = 1; whole && i < 9; i++)
            length = length << 8 | head[i];
        whole = whole && (at > 0 || head[0] == 0) && length >= 8 && length < (uint64_t)size;
        at += 1 + (long)length;
    }
    fclose(file);
    return whole && size > 0 && at == size;
}
