/* Names of the classes of a network: of a file with one a line, in order or behind their numbers ("7  cock"), or of the metadata of
 * a TensorFlow Lite model; and what that metadata says of the input. */
#ifndef WEFT_TOOL_NAMES_H
#define WEFT_TOOL_NAMES_H

#include "feed.h"
#include "tool.h"

typedef struct names {
    uint32_t count;
    const char **text; /* NULL of a number that the file leaves out */
    char *memory;
} names;

/* Read a file.  Returns an exit code; names_free in any case. */
int names_read(tool *t, const char *path, names *out);
void names_free(names *n);

/* The class of a name, whole or its first word (the folders of ImageNet); n->count if there is none. */
uint32_t names_find(const names *n, const char *text);

/* What the metadata of the .tflite at `path` says: names of the classes (none: *out is empty), and as text for --mean and --std how
 * pixels are normalised ("" : nothing).  Never fails: metadata that is damaged says nothing. */
enum { METADATA_LIST_BYTES = 100 };
void names_of_model(const char *path, names *out, char *mean, char *std);

/* For a command: the names of `file` (NULL: of the model), and into `feed` how the model's pixels are normalised if the user says
 * nothing; both texts must live as long as it.  Returns an exit code; names_free in any case. */
int names_for(tool *t, const char *path, const char *file, feed_options *feed, char *mean,
              char *std, names *out);

/* The largest values of output 0, at most NAMES_MOST_TOP, the best first: "1 0.8712 tabby cat".  Positions of io_make_answers are said alone. */
enum { NAMES_MOST_TOP = 100 };
void names_print_top(const names *n, const weft_port_info *p, const buffer *b, uint32_t top);

#endif
