/* Labelled images as inputs of a network; now the MNIST files (idx), plain or gzip.
 *
 * Pixel p becomes (p / 255 - mean) / std.  A network whose input means 0..1 in 256 steps (zero
 * point -128, scale 1/256 to 1/255) and no mean or std given takes p - 128 as it is: no rounding.
 */
#ifndef WEFT_TOOL_DATASET_H
#define WEFT_TOOL_DATASET_H

#include "../../models/lenet5/idx.h"
#include "tool.h"

typedef struct dataset {
    weft_idx images;
    double mean, std;
    int plain; /* p - 128 */
    float value[256];
} dataset;

/* Options of a data set, to put into a table. */
typedef struct dataset_options {
    const char *dir;
    double mean, std;
} dataset_options;

/* Read the test split and see that its images fit the only input of what is loaded.
 * Returns an exit code; dataset_close in any case. */
int dataset_open(tool *t, const dataset_options *o, weft_device *dev, dataset *out);
void dataset_close(dataset *d);

/* The form inputs need. */
weft_form dataset_form(const dataset *d);

/* Write image i into a buffer of that form. */
void dataset_get(const dataset *d, uint32_t i, weft_buffer *to);

#endif
