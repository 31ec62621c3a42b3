/* Commands with what they touch: from emit*.c through sync.c to the prediction.  The stages, in
 * their order. */
#ifndef WEFT_COMPILE_COMMANDS_H
#define WEFT_COMPILE_COMMANDS_H

#include "models/compile/plan/schedule.h"

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

/* Makes the commands of all layers, in an order that is itself correct (emit.c).  Returns WEFT_OK
 * or a status with its sentence, and the layer to blame, if the fields of a command cannot hold
 * what it takes, or there would be too many commands. */
int emit_commands(schedule *sched);

/* Adds the tokens and WAITs that let the queues run beside each other (sync.c).  Returns WEFT_OK or
 * WEFT_ERR_NO_MEMORY. */
int emit_tokens(schedule *sched);

/* The fields of COMPUTE, LOAD, STORE and TABLE by name. */
typedef enum field_id {
#define FIELD(op, name, word, lsb, width, kind, doc) F_##op##_##name,
#include "rtl/isa/weft_isa.def"
    FIELD_COUNT
} field_id;

/* Sets a field.  If the value does not fit, *rc becomes WEFT_ERR_CAPACITY with its sentence,
 * unless it is an error already. */
void field_put(schedule *sched, weft_cmd *cmd, field_id id, int64_t value, int *rc);

#endif
