/* What Verilator's writer of traces is compiled with: it maps its own files to read and write them, and where a full disk has
 * cut one of them, the first access would end the process with SIGBUS.  So its mappings are memory here, filled from the file
 * and written back at their end; what could not be read or written is counted, and the trace is then said not to be whole. */
#ifndef WEFT_TRACE_MAP_H
#define WEFT_TRACE_MAP_H

#ifdef __cplusplus
#include <cstdio> /* it undefines what is defined below */
#endif
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

void *weft_trace_mmap(void *at, size_t bytes, int protection, int flags, int file, off_t offset);
int weft_trace_munmap(void *at, size_t bytes);

/* A file without a name, in memory where no directory takes it. */
FILE *weft_trace_tmpfile(void);

/* Mappings of this process so far that lacked bytes of their file, or whose bytes the file did not take. */
unsigned weft_trace_cuts(void);

#ifdef __cplusplus
}
#endif

#ifdef WEFT_TRACE_WRITER
#define mmap    weft_trace_mmap
#define munmap  weft_trace_munmap
#define tmpfile weft_trace_tmpfile
#endif

#endif
