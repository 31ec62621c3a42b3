/* Gathering refusals and saying them all; the contract is in refusals.h. */
#include "refusals.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int goes_on(int status)
{
    return status == WEFT_ERR_UNSUPPORTED || status == WEFT_ERR_SHAPE || status == WEFT_ERR_RANGE;
}

/* How every sentence about an operator begins; printable, as all sentences are. */
static void begin(weft_error *to, const char *op, const char *name)
{
    weft_error_set(to, WEFT_OK, "%.40s \"%.80s\": ", op, name);
}

int refusals_vsay(refusals *r, weft_error *err, int status, const char *op, const char *name,
                  const char *format, va_list args)
{
    char what[REFUSALS_WHY_BYTES];
    weft_error start;
    const int length = vsnprintf(what, sizeof what, format, args);
    begin(&start, op, name);
    r->rule = format;
    return weft_error_set(err, status, "%s%s", start.text, length < 0 ? "" : what);
}

int refusals_say(refusals *r, weft_error *err, int status, const char *op, const char *name,
                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)refusals_vsay(r, err, status, op, name, format, args);
    va_end(args);
    return status;
}

static void copy_cut(char *to, size_t room, const char *text)
{
    const size_t length = strnlen(text, room - 1);
    memcpy(to, text, length);
    to[length] = '\0';
}

static void add(refusals *r, const refusal *own)
{
    for (uint32_t i = 0; i < r->used; i++) {
        refusal *at = &r->at[i];
        if (strcmp(at->op, own->op) || at->rule != own->rule ||
            (!own->rule && strcmp(at->why, own->why)))
            continue;
        at->count++;
        return;
    }
    if (r->used == REFUSALS_KINDS)
        r->beyond++;
    else
        r->at[r->used++] = *own;
}

static refusal about(const char *op, const char *name, const char *why)
{
    refusal own = { .count = 1 };
    copy_cut(own.op, sizeof own.op, op);
    copy_cut(own.name, sizeof own.name, name);
    copy_cut(own.why, sizeof own.why, why);
    return own;
}

int refusals_add(refusals *r, int status, const weft_error *err, const char *op, const char *name)
{
    weft_error start;
    if (!goes_on(status))
        return status;
    begin(&start, op, name);
    const size_t length = strlen(start.text);
    const int said = !strncmp(err->text, start.text, length);
    refusal own = about(op, name, err->text + (said ? length : 0));
    own.rule = said ? r->rule : NULL;
    own.whole = !said;
    if (!r->status)
        r->status = status;
    r->rule = NULL;
    add(r, &own);
    return WEFT_OK;
}

void refusals_add_unknown(refusals *r, const char *op, const char *name)
{
    const refusal own = about(op, name, "");
    if (!r->status)
        r->status = WEFT_ERR_UNSUPPORTED;
    add(r, &own);
}

/* --- saying it ---------------------------------------------------------------------------- */

/* The text so far; what does not fit whole is left out, but counted. */
typedef struct report {
    char text[WEFT_ERROR_TEXT_BYTES];
    size_t used;
    uint32_t left_out;
} report;

enum { TAIL_BYTES = 40 }; /* "; and 4294967295 more" */

/* What a reason says to do, behind its last semicolon; "" if nothing. */
static const char *advice_of(const refusal *x)
{
    const char *last = strrchr(x->why, ';');
    return last && last[1] == ' ' ? last + 2 : "";
}

/* Whether a later row says the same: it is said once, by the last. */
static int is_said_later(const refusals *r, const refusal *x)
{
    const char *advice = advice_of(x);
    for (const refusal *other = x + 1; *advice && other < r->at + r->used; other++)
        if (!strcmp(advice_of(other), advice))
            return 1;
    return 0;
}

static void say(report *to, const char *between, const refusal *x, int with_advice)
{
    char clause[REFUSALS_OP_BYTES + REFUSALS_NAME_BYTES + REFUSALS_WHY_BYTES + 32];
    const size_t fact = strlen(x->why) - (with_advice ? 0 : strlen(advice_of(x)) + 2);
    const int length = snprintf(clause, sizeof clause, "%s%s x%" PRIu32 " (%s\"%s\")%s%.*s",
                                between, x->op, x->count, x->count > 1 ? "first " : "", x->name,
                                *x->why ? ": " : "", (int)fact, x->why);
    if (length < 0 || to->used + (size_t)length + TAIL_BYTES >= sizeof to->text) {
        to->left_out += x->count;
        return;
    }
    memcpy(to->text + to->used, clause, (size_t)length + 1);
    to->used += (size_t)length;
}

static int say_all(const refusals *r, weft_error *err)
{
    report to = { .left_out = r->beyond };
    const refusal *only = &r->at[0];
    if (r->used == 1 && !r->beyond && only->count == 1 && *only->why)
        return only->whole ? weft_error_set(err, r->status, "%s", only->why)
                           : weft_error_set(err, r->status, "%s \"%s\": %s", only->op, only->name,
                                            only->why);
    for (uint32_t i = 0, said = 0; i < r->used; i++)
        if (!*r->at[i].why)
            say(&to, said++ ? ", " : "operators not supported: ", &r->at[i], 1);
    for (uint32_t i = 0; i < r->used; i++)
        if (*r->at[i].why)
            say(&to, to.used ? "; " : "", &r->at[i], !is_said_later(r, &r->at[i]));
    if (to.left_out)
        snprintf(to.text + to.used, sizeof to.text - to.used, "; and %" PRIu32 " more",
                 to.left_out);
    return weft_error_set(err, r->status, "%s", to.text);
}

/* --- the end ------------------------------------------------------------------------------ */

static void add_node(void *to, const char *op, const char *name, const weft_error *err)
{
    (void)refusals_add(to, err->status, err, op, name);
}

int refusals_end(refusals *r, int status, const weft_graph *g, weft_error *err)
{
    r->rule = NULL;
    if (r->used || goes_on(status))
        weft_graph_check_each(g, add_node, r);
    for (uint32_t i = 0; r->listener && i < r->used; i++)
        r->listener->refused(r->listener->self, &r->at[i]);
    return r->used ? say_all(r, err) : status;
}
