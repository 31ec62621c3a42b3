/* What the parts of dataset.c share.  Functions of int return an exit code if nothing else is said. */
#ifndef WEFT_TOOL_DATASET_OWN_H
#define WEFT_TOOL_DATASET_OWN_H

#include "dataset.h"

enum { MOST_SAMPLES = 1 << 22 };

/* What arrays of samples and labels are called in an .npz. */
#define SAMPLE_MEMBERS "x_test x images data samples X x_train arr_0"
#define LABEL_MEMBERS  "y_test y labels label targets Y y_train arr_1"

/* --- dataset_labels.c: room for a label of each of d->count samples, and the labels of o->labels or of an array --- */
int dataset_make_labels(tool *t, dataset *d);
int dataset_read_labels(tool *t, const dataset_options *o, dataset *d);
int dataset_read_label_array(tool *t, const char *path, const uint8_t *bytes, size_t size,
                             const char *member, dataset *d);

/* A line without what ends it; 0 at the end of the text.  *at advances. */
int dataset_line(const char *text, size_t size, size_t *at, const char **line, size_t *length);

/* The label after the last comma of a line: a number, or the name of a class; 0 if there is none. */
int dataset_label(const names *known, const char *line, size_t length, uint32_t *out);

/* --- dataset_files.c --- */

int dataset_is_folder(const char *path);

/* The list of files and labels. */
int dataset_read_files(tool *t, const dataset_options *o, dataset *d);

/* A sample of its own file into a buffer, or only looked at (to NULL): *form is what feed_form says of it. */
int dataset_read_file(tool *t, const dataset *d, const char *path, int *form, buffer *to);

#endif
