/* Where a network came from: what an importer notes, the compiler passes on and a program.weft
 * keeps, so that whoever holds a program can tell its model and compile it again.
 *
 * Nothing of the machine or the day: the same model and options give the same source.  All texts
 * are printable ASCII, what is not became '?', and are cut to fit.  No state; any thread. */
#ifndef WEFT_SOURCE_H
#define WEFT_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include <weft/weft_status.h>

typedef enum weft_source_kind {
    WEFT_SOURCE_NONE, /* a graph made in memory: all but made_by is empty */
    WEFT_SOURCE_TFLITE,
    WEFT_SOURCE_ONNX
} weft_source_kind;

#define WEFT_SOURCE_KINDS (WEFT_SOURCE_ONNX + 1)

enum { WEFT_SOURCE_TEXT_BYTES = 256 }; /* with the zero */

typedef struct weft_source {
    weft_source_kind kind;
    uint32_t crc32; /* of the model file; not of data of an ONNX model beside it */
    uint64_t bytes; /* likewise */
    char name[WEFT_SOURCE_TEXT_BYTES];     /* of the file without directories; "" if it was none */
    char producer[WEFT_SOURCE_TEXT_BYTES]; /* as the file tells; may be "" */
    char options[WEFT_SOURCE_TEXT_BYTES];  /* of the compilation that were not defaults, between
                                              spaces; the shape of the array is none of them */
    char made_by[WEFT_SOURCE_TEXT_BYTES];  /* what compiled it, "weft 1.0.0"; "" of a graph */
} weft_source;

/* Of a model file; name, producer and options are empty. */
weft_source weft_source_of(weft_source_kind kind, size_t byte_count, uint32_t crc32);

/* Keep the last part of the path. */
void weft_source_name(weft_source *s, const char *path);

/* Append `length` characters to a text of a source. */
void weft_source_append(char *text, const char *from, size_t length);

/* Append a word to options. */
void weft_source_option(weft_source *s, const char *format, ...) WEFT_PRINTF(2, 3);

/* "TFLite", "ONNX" or "none"; static. */
const char *weft_source_kind_name(weft_source_kind kind);

/* "weft compile NAME --bind N=4": the model and the options of the command line to give again.
 * Names come from strangers and the sentence may be pasted into a shell, so what is not plain
 * there, or may have been cut, is left out, and a name becomes MODEL.
 *
 *   room  for all of it 2 * WEFT_SOURCE_TEXT_BYTES + 16
 *
 * Returns text. */
char *weft_source_command(const weft_source *s, char *text, size_t room);

/* WEFT_OK; WEFT_ERR_FORMAT with a sentence if it is not as described here. */
int weft_source_check(const weft_source *s, weft_error *err);

#endif
