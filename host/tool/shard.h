/* A part of the work of eval or sweep, so that many machines can share it: part i of n, its result as a file, and the results of all
 * parts put together.
 *
 * A result is rows of numbers, one for each unit of work, and says of what it is a part: who merges refuses gaps, duplicates and parts of
 * different work. */
#ifndef WEFT_TOOL_SHARD_H
#define WEFT_TOOL_SHARD_H

#include "tool.h"

enum { SHARD_MAX = 100000, SHARD_MAX_WIDTH = 48, SHARD_NAME_BYTES = 80, SHARD_MAX_NAMES = 16 };

/* Part `index` (from 1) of `count`; count 0: the whole. */
typedef struct shard {
    uint32_t index, count;
} shard;

/* "3/64" of --shard (NULL: the whole).  Returns an exit code. */
int shard_read(tool *t, const char *text, shard *out);

/* The units of work of a part: first .. end - 1 of `total`. */
void shard_range(shard s, uint32_t total, uint32_t *first, uint32_t *end);

typedef struct shard_table {
    char of[16];        /* "eval", "sweep" */
    char identity[160]; /* network, data, options: what must be alike */
    uint32_t total, width;
    double *rows; /* total rows of `width` numbers (of a part: its own rows) */
    uint32_t name_count;
    char name[SHARD_MAX_NAMES][SHARD_NAME_BYTES];
    double name_value[SHARD_MAX_NAMES];
} shard_table;

/* Write the rows of a part to a file, complete or not at all ("-" or NULL: standard output).  Returns an exit code. */
int shard_write(tool *t, const char *path, shard s, const shard_table *part);

/* Put the files together.  Returns an exit code; shard_free in any case. */
int shard_merge(tool *t, char *const *path, int count, shard_table *out);
void shard_free(shard_table *all);

#endif
