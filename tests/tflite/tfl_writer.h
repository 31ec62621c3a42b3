/* A TensorFlow Lite model made by a test, and its file.
 *
 *     tflw m = { 0 };
 *     uint32_t x = tflw_tensor(&m, &(tflw_tensor_desc){ .type = TFLW_INT8, .rank = 2, .. });
 *     tflw_operator(&m, &(tflw_op){ .code = 9, .input_count = 3, .inputs = { x, w, b }, .. });
 *     m.inputs[m.input_count++] = x;
 *     fbw file = tflw_file(&m, TFLW_OUTSIDE);
 *     free(file.bytes); tflw_free(&m);
 *
 * The numbers of operators, options and fields are those of TensorFlow Lite's schema, version 3. */
#ifndef WEFT_TESTS_TFL_WRITER_H
#define WEFT_TESTS_TFL_WRITER_H

#include "host/plugin/tflite/fb_writer.h"

enum { TFLW_FLOAT32 = 0, TFLW_INT32 = 2, TFLW_UINT8 = 3, TFLW_INT8 = 9, TFLW_INT4 = 17 };
enum { TFLW_RANK = 6, TFLW_TENSORS = 512, TFLW_OPS = 128, TFLW_ENDS = 16, TFLW_FIELDS = 8 };
#define TFLW_ABSENT UINT32_MAX

typedef struct tflw_tensor_desc {
    int type;
    uint32_t rank, dims[TFLW_RANK];
    uint32_t scales, axis; /* 0 scales: not quantised */
    const float *scale;
    const int64_t *zero_point;
    const void *data; /* of a constant */
    uint32_t data_bytes;
} tflw_tensor_desc;

typedef struct tflw_op {
    int code;                /* BuiltinOperator */
    unsigned options, count; /* BuiltinOptions, and its fields */
    fbw_field fields[TFLW_FIELDS];
    uint32_t input_count, output_count;
    uint32_t inputs[TFLW_ENDS], outputs[TFLW_ENDS];
} tflw_op;

typedef struct tflw {
    uint32_t tensor_count, op_count, input_count, output_count;
    tflw_tensor_desc tensors[TFLW_TENSORS]; /* with copies of what they point to */
    tflw_op ops[TFLW_OPS];
    uint32_t inputs[TFLW_ENDS], outputs[TFLW_ENDS];
    void *owned[3 * TFLW_TENSORS];
    uint32_t owned_count;
    int failed; /* no memory or no room */
} tflw;

/* Add; the tensor's index. */
uint32_t tflw_tensor(tflw *m, const tflw_tensor_desc *d);
void tflw_operator(tflw *m, const tflw_op *op);

/* How converters of other years write the same. */
enum {
    TFLW_OLD_CODES = 1, /* operator codes in the old field alone */
    TFLW_OUTSIDE = 2,   /* constants behind the FlatBuffer */
    TFLW_OPEN_BATCH = 4 /* the first axis of inputs open, if it is 1 */
};
fbw tflw_file(const tflw *m, unsigned how);
void tflw_free(tflw *m);

#endif
