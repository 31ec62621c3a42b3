/* Options of operators: from the runtime's struct to the fields of the file.
 *
 * A row says where a field of the file lies in the struct.  Fields that the compiler does not read are left out. */
#include <string.h>

#include "host/plugin/tflite/delegate.h"

typedef enum form {
    END,
    INT,     /* int32 in both */
    FLOAT,   /* float32 in both */
    SMALL,   /* an enumeration: int32 here, a byte there */
    FROM_1,  /* likewise, but counted from one here and from zero there */
    BOOLEAN, /* a byte in both */
} form;

typedef struct field {
    unsigned id;
    form form;
    unsigned at; /* bytes from the beginning of the struct */
} field;

#define ACTIVATION_AT(id, at)                                                                      \
    {                                                                                              \
        id, SMALL, at                                                                              \
    }
#define POOL                                                                                       \
    {                                                                                              \
        { 0, FROM_1, 0 }, { 1, INT, 4 }, { 2, INT, 8 }, { 3, INT, 12 }, { 4, INT, 16 },            \
            ACTIVATION_AT(5, 20)                                                                   \
    }
#define REDUCER                                                                                    \
    {                                                                                              \
        {                                                                                          \
            0, BOOLEAN, 0                                                                          \
        }                                                                                          \
    }

static const struct {
    int code;      /* BuiltinOperator */
    unsigned kind; /* BuiltinOptions */
    field fields[NODE_OPTIONS_FIELDS];
} rows[] = {
    { 0, 11, { ACTIVATION_AT(0, 0), { 1, BOOLEAN, 4 } } }, /* ADD */
    { 1, 5, POOL },                                        /* AVERAGE_POOL_2D */
    { 2, 10, { { 0, INT, 0 }, ACTIVATION_AT(1, 4) } },     /* CONCATENATION */
    { 3,
      1,
      { { 0, FROM_1, 0 },
        { 1, INT, 4 },
        { 2, INT, 8 },
        ACTIVATION_AT(3, 12),
        { 4, INT, 16 },
        { 5, INT, 20 } } }, /* CONV_2D */
    { 4,
      2,
      { { 0, FROM_1, 0 },
        { 1, INT, 4 },
        { 2, INT, 8 },
        { 3, INT, 12 },
        ACTIVATION_AT(4, 16),
        { 5, INT, 20 },
        { 6, INT, 24 } } },       /* DEPTHWISE_CONV_2D */
    { 5, 94, { { 0, INT, 0 } } }, /* DEPTH_TO_SPACE */
    { 9,
      8,
      { ACTIVATION_AT(0, 0),
        { 1, SMALL, 4 },
        { 2, BOOLEAN, 8 },
        { 3, BOOLEAN, 9 } } },                              /* FULLY_CONNECTED */
    { 11, 12, { ACTIVATION_AT(0, 0) } },                    /* L2_NORMALIZATION */
    { 17, 5, POOL },                                        /* MAX_POOL_2D */
    { 18, 21, { ACTIVATION_AT(0, 0) } },                    /* MUL */
    { 23, 15, { { 2, BOOLEAN, 0 }, { 3, BOOLEAN, 1 } } },   /* RESIZE_BILINEAR */
    { 25, 9, { { 0, FLOAT, 0 } } },                         /* SOFTMAX */
    { 26, 19, { { 0, INT, 0 } } },                          /* SPACE_TO_DEPTH */
    { 36, 23, { { 0, INT, 0 }, { 1, INT, 4 } } },           /* GATHER */
    { 40, 27, REDUCER },                                    /* MEAN */
    { 41, 28, { ACTIVATION_AT(0, 0), { 1, BOOLEAN, 4 } } }, /* SUB */
    { 42, 29, { ACTIVATION_AT(0, 0) } },                    /* DIV */
    { 45,
      32,
      { { 0, INT, 0 },
        { 1, INT, 4 },
        { 2, INT, 8 },
        { 3, INT, 12 },
        { 4, INT, 16 },
        { 5, BOOLEAN, 20 } } },    /* STRIDED_SLICE */
    { 49, 35, { { 0, INT, 0 } } }, /* SPLIT */
    { 67,
      49,
      { { 0, FROM_1, 0 },
        { 1, INT, 4 },
        { 2, INT, 8 },
        ACTIVATION_AT(3, 12) } },                         /* TRANSPOSE_CONV */
    { 74, 27, REDUCER },                                  /* SUM */
    { 81, 27, REDUCER },                                  /* REDUCE_PROD */
    { 82, 27, REDUCER },                                  /* REDUCE_MAX */
    { 83, 59, { { 0, INT, 0 }, { 1, INT, 4 } } },         /* PACK */
    { 88, 64, { { 0, INT, 0 }, { 1, INT, 4 } } },         /* UNPACK */
    { 89, 27, REDUCER },                                  /* REDUCE_MIN */
    { 97, 74, { { 0, BOOLEAN, 0 }, { 1, BOOLEAN, 1 } } }, /* RESIZE_NEAREST_NEIGHBOR */
    { 98, 75, { { 0, FLOAT, 0 } } },                      /* LEAKY_RELU */
    { 100, 77, { { 0, FROM_1, 0 } } },                    /* MIRROR_PAD */
    { 102, 79, { { 0, INT, 0 } } },                       /* SPLIT_V */
    { 126, 101, { { 0, BOOLEAN, 0 }, { 1, BOOLEAN, 1 }, { 2, BOOLEAN, 2 } } }, /* BATCH_MATMUL */
    { 150, 116, { { 0, BOOLEAN, 0 } } },                                       /* GELU */
};

static uint64_t value_of(const field *f, const uint8_t *data)
{
    uint32_t word;
    if (f->form == BOOLEAN)
        return data[f->at] != 0;
    memcpy(&word, data + f->at, sizeof word);
    return f->form == SMALL ? word & 0xff : f->form == FROM_1 ? (word - 1) & 0xff : word;
}

node_options node_options_of(int builtin_code, const void *builtin_data)
{
    node_options out = { 0 };
    for (size_t i = 0; builtin_data && i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].code != builtin_code)
            continue;
        out.kind = rows[i].kind;
        for (const field *f = rows[i].fields; out.count < NODE_OPTIONS_FIELDS && f->form != END;
             f++) {
            out.fields[out.count].id = f->id;
            out.fields[out.count].bytes = f->form == INT || f->form == FLOAT ? 4 : 1;
            out.fields[out.count++].value = value_of(f, builtin_data);
        }
    }
    return out;
}
