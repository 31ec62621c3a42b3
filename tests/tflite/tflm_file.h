/* Files of networks with what TensorFlow Lite Micro gave for them, as tflm_cases.py writes them:
 * per case four blocks, each a u32 size and the bytes. */
#ifndef WEFT_TESTS_TFLM_FILE_H
#define WEFT_TESTS_TFLM_FILE_H

#include <stddef.h>
#include <stdint.h>

typedef struct tflm_block {
    const uint8_t *bytes;
    size_t count;
} tflm_block;

typedef struct tflm_case {
    char name[128]; /* "refused WORDS|WORDS" if the model must be refused */
    tflm_block model, in, out;
} tflm_case;

typedef struct tflm_file {
    uint8_t *bytes;
    const uint8_t *at, *end;
} tflm_file;

/* Read a whole file; 0 if that fails.  tflm_next gives the next case, 0 at the end (at == end) or
 * where the file is cut short. */
int tflm_open(const char *path, tflm_file *f);
int tflm_next(tflm_file *f, tflm_case *c);
void tflm_close(tflm_file *f);

#endif
