/* Everything of a model that is refused, gathered while the import goes on without it.
 *
 * A handler that refuses its operator leaves a sentence as ever; whoever called it adds that here,
 * puts a placeholder in the place of the result, and goes on.  What only follows from an earlier
 * refusal is not added.  Operators of one kind that are refused for one reason are one row:
 *
 *     DIV x2 (first "net/truediv"): both sides change; PRELU x1 ("net/p"): ...
 *
 * What a reason says to do, behind its last semicolon, is said once for all rows that say it, by the last of them.
 *
 * No allocation; 32 rows, what is beyond them is only counted. */
#ifndef WEFT_IMPORT_REFUSALS_H
#define WEFT_IMPORT_REFUSALS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "models/graph/graph.h"

enum {
    REFUSALS_KINDS = 32,
    REFUSALS_OP_BYTES = 48,
    REFUSALS_NAME_BYTES = 81,
    REFUSALS_WHY_BYTES = 256
};

typedef struct refusal {
    const char *rule; /* the format of its sentence; NULL: why tells reasons apart */
    uint32_t count;
    char op[REFUSALS_OP_BYTES], name[REFUSALS_NAME_BYTES]; /* of the first */
    char why[REFUSALS_WHY_BYTES]; /* empty: Weft does not have the operator */
    int whole;                    /* why is a sentence that does not need op and name in front */
} refusal;

/* Whoever wants to hear of each row at the end of an import, before its sentence is made. */
typedef struct refusal_listener {
    void (*refused)(void *self, const refusal *row);
    void *self;
} refusal_listener;

typedef struct refusals {
    const refusal_listener *listener; /* or NULL */
    const char *rule;                 /* of the sentence said last */
    int status;                       /* of the first refusal, or WEFT_OK */
    uint32_t used, beyond;
    refusal at[REFUSALS_KINDS];
} refusals;

/* The sentence `OP "NAME": ...` into err; its format is remembered as the rule.  Returns status. */
int refusals_say(refusals *r, weft_error *err, int status, const char *op, const char *name,
                 const char *format, ...) WEFT_PRINTF(6, 7);
int refusals_vsay(refusals *r, weft_error *err, int status, const char *op, const char *name,
                  const char *format, va_list args);

/* Add the sentence in err, left there with this status about this operator, tensor or port.
 * Returns WEFT_OK, or the status if nothing can go on behind it. */
int refusals_add(refusals *r, int status, const weft_error *err, const char *op, const char *name);

/* Add an operator that Weft does not have. */
void refusals_add_unknown(refusals *r, const char *op, const char *name);

/* The end of an import with this status: adds what the rules for tensors and nodes refuse of the
 * graph, as far as it is there, unless all is well.  All of it as one sentence in err, that of a
 * single refusal as it was said; a sentence of damage or missing memory stays if there is nothing
 * else.  Returns the status of the first refusal, else the one given. */
int refusals_end(refusals *r, int status, const weft_graph *g, weft_error *err);

#endif
