/* The file of a trace before Verilator's writer opens it and after it has closed it: the writer deletes whatever has
 * the name, devices too, and reports no failure. */
#ifndef WEFT_TRACE_FILE_H
#define WEFT_TRACE_FILE_H

#ifdef __cplusplus
extern "C" {
#endif

/* Whether `path` can be given to the writer: there is nothing, or a regular file, and it can be written.
 * Creates it if it can.  Nothing is changed if not. */
int weft_trace_file_can_write(const char *path);

/* Whether `path` is a complete FST file; one that a full disk has cut is not. */
int weft_trace_file_is_whole(const char *path);

#ifdef __cplusplus
}
#endif

#endif
