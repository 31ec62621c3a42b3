/* What makes a table wrong.  Each fault is one line on stderr that names the row. */
#include "weft_isa_rows.h"

#include <stdlib.h>

static unsigned complain(const row *r, const char *what, const char *other)
{
    fprintf(stderr, "%s%s%s%s: %s%s\n", prefix[r->is], is_part(r) ? r->scope : "",
            is_part(r) ? "." : "", r->name, what, other);
    return 1;
}

static unsigned check_in_word(const row *r)
{
    if (r->width < 1 || r->lsb > 31 || r->width > 32 || r->lsb + r->width > 32)
        return complain(r, "does not lie in one word", "");
    return 0;
}

static unsigned check_field(const row *r)
{
    const row *op = find(OP, r->scope);
    if (!op)
        return complain(r, "no such command: ", r->scope);
    unsigned bad = check_in_word(r);
    if (r->at >= op->width * UNIT_WORDS)
        bad += complain(r, "lies behind the last unit of ", r->scope);
    if (strcmp(r->name, "OPCODE") == 0 && (r->at != 0 || r->lsb != 0 || r->width != 8))
        bad += complain(r, "the opcode is byte 0", "");
    if (strcmp(r->type, "B") == 0 ? r->width != 1 : strlen(r->type) != 1 || !strchr("US", *r->type))
        bad += complain(r, "kind is U, S, or B with one bit", "");
    return bad;
}

static unsigned check_words(const row *r)
{
    if (!find(OP, r->scope))
        return complain(r, "no such command: ", r->scope);
    if (r->width < 1 || r->at + r->width > words_used(r->scope))
        return complain(r, "goes beyond the last field of ", r->scope);
    return 0;
}

static unsigned check_row(const row *r)
{
    if (r->is == FIELD)
        return check_field(r);
    if (r->is == WORDS)
        return check_words(r);
    if (r->is == BITS)
        return find(REG, r->scope) ? check_in_word(r) : complain(r, "no such register: ", r->scope);
    if (r->is == REG && r->at % 4 != 0)
        return complain(r, "is not word aligned", "");
    if (r->is == REG && !strstr("RO RW W1", r->scope))
        return complain(r, "access is RO, RW or W1, not ", r->scope);
    if (r->is == OP && (r->width < 1 || r->width > CMD_MAX_UNITS_VALUE))
        return complain(r, "has no units or too many", "");
    if ((r->is == OP || r->is == ERR || r->is == PKT || r->is == PKTST) && r->at > 255)
        return complain(r, "code is not a byte", "");
    return 0;
}

static unsigned check_pair(const row *p, const row *q)
{
    if (is_part(p) != is_part(q) || (is_part(p) && strcmp(p->scope, q->scope) != 0))
        return 0;
    if ((is_part(p) || p->is == q->is) && strcmp(p->name, q->name) == 0)
        return complain(p, "is defined twice", "");
    if (p->is != q->is)
        return 0;
    if (p->is == WORDS ? p->at < q->at + q->width && q->at < p->at + p->width
                       : is_part(p) && p->at == q->at && p->lsb < q->lsb + q->width &&
                             q->lsb < p->lsb + p->width)
        return complain(p, "overlaps ", q->name);
    if (!is_part(p) && p->is != PARAM && p->at == q->at)
        return complain(p, "has the code of ", q->name);
    return 0;
}

static unsigned check_table(void)
{
    unsigned bad = 0;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        bad += check_row(&rows[i]);
        for (size_t j = 0; j < i; j++)
            bad += check_pair(&rows[i], &rows[j]);
    }
    return bad;
}

static unsigned complain_array(const array_row *r, const char *what, const char *other)
{
    fprintf(stderr, "HW %s: %s%s\n", r->upper, what, other);
    return 1;
}

/* The default keeps the rule, which exists. */
static unsigned check_rule(const array_row *r)
{
    const uint32_t v = r->value;
    if (strcmp(r->rule, "ANY") == 0)
        return 0;
    if (strcmp(r->rule, "POWER") == 0)
        return v & (v - 1) ? complain_array(r, "the default is no power of two", "") : 0;
    if (strcmp(r->rule, "MULTIPLE") == 0)
        return v % strtoul(r->of, NULL, 0)
                   ? complain_array(r, "the default is no multiple of ", r->of)
                   : 0;
    if (strcmp(r->rule, "DIVIDES") != 0)
        return complain_array(r, "there is no rule ", r->rule);
    const array_row *of = find_array(r->of);
    if (!of || of >= r)
        return complain_array(r, "no row before it has the name ", r->of);
    return v == 0 || of->value % v ? complain_array(r, "the default does not divide ", r->of) : 0;
}

static unsigned check_array(void)
{
    unsigned bad = 0;
    for (const array_row *r = array; r < array + ARRAY_COUNT; r++) {
        if (is_derived(r))
            continue;
        if (r->least > r->most || r->value < r->least || r->value > r->most)
            bad += complain_array(r, "the default is out of its range", "");
        bad += check_rule(r);
        if (!*r->option)
            bad += complain_array(r, "has no option", "");
        for (const array_row *q = array; q < r; q++) {
            if (*q->option && strcmp(q->option, r->option) == 0)
                bad += complain_array(r, "has the option of ", q->upper);
            if (*q->key && strcmp(q->key, r->key) == 0)
                bad += complain_array(r, "has the key of ", q->upper);
        }
    }
    return bad;
}

/* Keys and options of parts are those of no other row. */
static unsigned check_parts(void)
{
    unsigned bad = 0;
    for (const part_row *p = parts; p < parts + PART_COUNT; p++) {
        for (const array_row *r = array; r < array + ARRAY_COUNT; r++)
            if (strcmp(r->key, p->key) == 0 || strcmp(r->option, p->key) == 0)
                bad += complain_array(r, "has the key of the part ", p->upper);
        for (const part_row *q = parts; q < p; q++)
            if (strcmp(q->key, p->key) == 0) {
                fprintf(stderr, "HW_PART %s: has the key of %s\n", p->upper, q->upper);
                bad++;
            }
    }
    return bad;
}

unsigned isa_check(void)
{
    return check_table() + check_array() + check_parts();
}
