/* What a network answered to each sample of a data set, as a file that two devices can be compared
 * by: equal files mean equal answers and equal output bytes. */
#ifndef WEFT_TOOL_PREDICTIONS_H
#define WEFT_TOOL_PREDICTIONS_H

#include <stdint.h>

#include "tool.h"

typedef struct prediction {
    uint32_t label, answer;
    uint32_t crc32; /* of the bytes of the output; of several, of their checksums in a chain */
} prediction;

prediction prediction_of(uint32_t label, const io *b);

/* Write count of them: a line "sample label answer crc32" each, or with --json an array of objects.
 * Returns an exit code; a file that could not be completed is removed. */
int predictions_write(tool *t, const char *path, const prediction *p, uint32_t count);

#endif
