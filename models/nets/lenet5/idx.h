/* MNIST idx files into memory: images with their labels, checked.
 *
 *     weft_idx set;
 *     char why[WEFT_IDX_WHY_BYTES];
 *     if (weft_idx_load("mnist", WEFT_IDX_TEST, &set, why) != WEFT_IDX_OK)
 *         return fail(why);                         // one sentence, names the file
 *     for (uint32_t i = 0; i < set.count; i++)
 *         classify(weft_idx_image(&set, i), set.labels[i]);
 *     weft_idx_free(&set);
 *
 * Files: the two of a split, under their published names, each plain or gzip (told apart by
 * content, not by name):
 *     train-images-idx3-ubyte[.gz]  train-labels-idx1-ubyte[.gz]
 *     t10k-images-idx3-ubyte[.gz]   t10k-labels-idx1-ubyte[.gz]
 * Format, big endian: magic 0x00000803, count, rows, columns, pixels; 0x00000801, count, labels.
 *
 * Promises: files are untrusted. Every size is checked against the limits below before it is used,
 * a file must hold exactly what its header says (neither less nor more), and memory grows with
 * the bytes that really arrive, not with what a header claims. Labels are any byte; a caller that
 * indexes by them compares with its own number of classes.
 * Ownership: a loaded set owns pixels and labels until weft_idx_free(). No globals, no printing;
 * different sets may be used in different threads.
 * Costs: count * (rows * cols + 1) bytes; the 70,000 MNIST images take 55 MB and 0.3 seconds. */
#ifndef WEFT_IDX_H
#define WEFT_IDX_H

#include <stdint.h>

enum {
    WEFT_IDX_MAX_COUNT = 1 << 20, /* images in a set */
    WEFT_IDX_MAX_SIDE = 1024,     /* rows, and columns */
    WEFT_IDX_MAX_BYTES = 1 << 28, /* pixels in a set */
    WEFT_IDX_WHY_BYTES = 512,     /* room for any sentence, with its final NUL */
};

typedef enum weft_idx_status {
    WEFT_IDX_OK = 0,
    WEFT_IDX_ERR_OPEN = -1,     /* a file is missing or cannot be opened */
    WEFT_IDX_ERR_READ = -2,     /* reading failed, or the gzip stream is damaged or cut */
    WEFT_IDX_ERR_FORMAT = -3,   /* magic, length or limits: not the idx file it should be */
    WEFT_IDX_ERR_MISMATCH = -4, /* images and labels differ in number */
    WEFT_IDX_ERR_MEMORY = -5,
} weft_idx_status;

typedef enum weft_idx_split { WEFT_IDX_TRAIN, WEFT_IDX_TEST } weft_idx_split;

typedef struct weft_idx {
    uint32_t count, rows, cols; /* each at least 1 */
    uint8_t *pixels;            /* [count][rows][cols], 0 is background */
    uint8_t *labels;            /* [count] */
} weft_idx;

/* Load one split of a directory.
 *
 *   dir    directory with the published file names; FILE and FILE.gz are tried in this order
 *   out    filled on success; zeroed on any failure, so weft_idx_free() is always allowed
 *   why    NULL, or WEFT_IDX_WHY_BYTES of room: on failure one sentence without a line end that
 *          names the file, on success ""
 *
 * Returns WEFT_IDX_OK or any error above. */
int weft_idx_load(const char *dir, weft_idx_split split, weft_idx *out, char *why);

/* The same with the two paths given outright; each may be plain or gzip, whatever its name. */
int weft_idx_load_files(const char *images, const char *labels, weft_idx *out, char *why);

/* Release what a load allocated and zero the set. Accepts NULL and a zeroed set. */
void weft_idx_free(weft_idx *set);

/* Image i of the set, rows * cols bytes, row by row; NULL if i is not below count. */
const uint8_t *weft_idx_image(const weft_idx *set, uint32_t i);

#endif
