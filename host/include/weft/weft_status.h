/* Statuses and error sentences, shared by every C part of Weft.
 *
 * A function that can fail returns WEFT_OK or a negative weft_status, and where it takes a
 * weft_error it also leaves one sentence there that names the culprit and says what to do:
 *
 *     weft_error err = { 0 };
 *     if (weft_onnx_read(path, &graph, &err) != WEFT_OK)
 *         fprintf(stderr, "%s: %s\n", path, err.text);
 *
 * Nothing here allocates, prints or keeps state; all functions may be called from any thread, a
 * weft_error belongs to one thread at a time. */
#ifndef WEFT_STATUS_H
#define WEFT_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default) /* what the library exports */
#endif

typedef enum weft_status {
#define STATUS(name, code, text) WEFT_##name = (code),
#include "weft_status.def"
} weft_status;

#define WEFT_ERROR_TEXT_BYTES 1024

/* What went wrong, in the caller's own memory; { 0 } is "nothing yet". */
typedef struct weft_error {
    int status;                       /* WEFT_OK or a negative weft_status */
    char text[WEFT_ERROR_TEXT_BYTES]; /* one sentence, printable ASCII, always terminated */
} weft_error;

/* The general text of a status; "unknown status" for a number not in the table.  Never NULL,
 * static. */
const char *weft_strerror(int status);

/* The name of a status without its prefix, as "ERR_FORMAT"; "ERR_UNKNOWN" if not in the table. */
const char *weft_status_name(int status);

#if defined(__GNUC__)
#define WEFT_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#else
#define WEFT_PRINTF(format_at, first_at)
#endif

/* Record one sentence and return its status, so that a failure is one line:
 *     return weft_error_set(err, WEFT_ERR_SHAPE, "Conv \"%s\": ...", name);
 *
 *   err     may be NULL: then only the status travels
 *   format  as printf; the result is cut at 1023 bytes, and every byte that is not printable ASCII
 *           (names come from untrusted files) becomes '?'
 *
 * Returns status. */
int weft_error_set(weft_error *err, int status, const char *format, ...) WEFT_PRINTF(3, 4);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
