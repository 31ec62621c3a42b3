/* Commands as they are emitted, with what they touch: from emit*.c through sync.c to the
 * prediction. */
#ifndef WEFT_COMPILE_COMMANDS_H
#define WEFT_COMPILE_COMMANDS_H

#include "models/compile/plan/plan.h"

typedef enum queue { QUEUE_LOAD, QUEUE_COMPUTE, QUEUE_STORE, QUEUES } queue;

typedef enum access_kind { ACCESS_READ, ACCESS_WRITE, ACCESS_OPERAND } access_kind;

/* Words of the buffer (or, with in_memory, rows of an area) a command touches. */
typedef struct access {
    access_kind kind;
    int in_memory;
    uint32_t occupant;         /* of the words, or the area in memory */
    uint32_t word, words;      /* buffer only */
    uint32_t row_lo, row_hi;   /* rows of the area, half open */
    uint32_t part_lo, part_hi; /* bytes of its pixels, half open; 0, UINT32_MAX: all */
} access;

typedef struct pending {
    weft_cmd cmd;
    queue queue;
    uint32_t layer, run; /* run: of the device, counted from 0 */
    int is_table, is_fence, wait;
    int in_image, in_activations; /* addr: of a LOAD, of a COMPUTE's weights, against the rule */
    uint64_t addr; /* offset in the activations (LOAD, STORE) or in the image; patched at the end */
    int pop[QUEUES], push[QUEUES]; /* by the other queue */
    int64_t after[QUEUES];         /* the command whose token is popped, if pop */
    unsigned access_count;
    access access[4];
} pending;

/* Set a field of a COMPUTE, LOAD, STORE or TABLE by name; what does not fit becomes an error. */
typedef enum field_id {
#define FIELD(op, name, word, lsb, width, kind, doc) F_##op##_##name,
#include "rtl/isa/weft_isa.def"
    FIELD_COUNT
} field_id;

void field_put(plan *p, weft_cmd *cmd, field_id id, int64_t value, int *rc);

#endif
