/* Labelled samples as inputs of a network:
 *
 *   the MNIST test files (idx, plain or gzip)
 *   .npy [samples][..], with labels as .npy or CSV; .npz with samples and labels (x_test, y_test, as Keras has them)
 *   a folder of folders of pictures, one for each class, in the order of their names, or by the names of the classes
 *   a folder of pictures or sounds, with a CSV of lines "file,label"
 *   a file of raw samples back to back
 *
 * A CSV file has the label last in a line: a number, or the name of a class; a first line that has none is a header.
 *
 * Of MNIST and raw samples:
 * A sample byte b is 0..255 if it is a pixel (always for MNIST), else -128..127; its value is
 * (b / divide - mean) / std.  An 8-bit input that is not told otherwise (no mean, std, divide)
 * takes raw samples as they are and pixels as p - 128 if it is int8: nothing is rounded.  The same
 * for MNIST where the input means 0..1 in 256 steps (zero point -128, scale 1/256 to 1/255). */
#ifndef WEFT_TOOL_DATASET_H
#define WEFT_TOOL_DATASET_H

#include <pthread.h>

#include "feed.h"
#include "models/nets/lenet5/idx.h"
#include "names.h"
#include "tool.h"

typedef struct dataset {
    uint32_t count;
    size_t sample_bytes;
    const uint8_t *samples; /* count * sample_bytes */
    uint32_t *labels;       /* count */
    uint8_t flip;           /* exclusive-or that makes a byte an int8 input */
    int plain;              /* inputs are bytes, not float32 */
    float value[256];
    weft_idx images; /* MNIST; else all zero */
    uint8_t *file;   /* raw samples; else NULL */
    /* Of arrays and files of their own: */
    feed f;
    weft_form form;
    media array; /* all samples, or kind MEDIA_NONE */
    char **path; /* of each sample; NULL: not in files of their own */
    pthread_mutex_t failing;
    weft_error failed; /* the first file that could not be read */
} dataset;

/* Options of a data set, to put into a table. */
typedef struct dataset_options {
    const char *data;   /* directory with the MNIST files, or a file of samples */
    const char *labels; /* CSV; for a file of samples */
    feed_options feed;
    const names *known;
} dataset_options;

/* Read the samples and see that they fit the only input of a program.
 * Returns an exit code; dataset_close in any case. */
int dataset_open(tool *t, const dataset_options *o, const weft_program *prog, dataset *out);
void dataset_close(dataset *d);

/* The form inputs need. */
weft_form dataset_form(const dataset *d);

/* Write sample i into a buffer of that form; any thread.  What cannot be read is kept in d->failed. */
void dataset_get(dataset *d, uint32_t i, buffer *to);

#endif
