/* The parameters of an array; the contract is in weft_hw.h. */
#include "weft_hw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rtl/isa/weft_isa.h"

/* A row of the contract; `place` is where its value stands in weft_hw. */
typedef struct row {
    size_t place;
    uint32_t value, least, most;
    int fixed;
    const char *name, *rule, *key, *option;
} row;

/* What a rule asks of v beside its range, and says of itself. */
#define GOOD_ANY(hw, v, of)      1
#define GOOD_POWER(hw, v, of)    (((v) & ((v)-1)) == 0)
#define GOOD_DIVIDES(hw, v, of)  ((v) != 0 && (hw)->of % (v) == 0)
#define GOOD_MULTIPLE(hw, v, of) ((v) % (of) == 0)
#define RULE_ANY(of)             ""
#define RULE_POWER(of)           ", a power of two"
#define RULE_DIVIDES(of)         ", one that divides " #of
#define RULE_MULTIPLE(of)        ", a multiple of " #of

/* What a parameter is that nobody named: of the rule DIVIDES, all of what it divides. */
#define UNNAMED_ANY(hw, value, of)      (value)
#define UNNAMED_POWER(hw, value, of)    (value)
#define UNNAMED_DIVIDES(hw, value, of)  ((hw)->of)
#define UNNAMED_MULTIPLE(hw, value, of) (value)

static const row rows[] = {
#define HW(NAME, name, value, least, most, rule, of, fixed, info, key, option, unit, doc)          \
    { offsetof(weft_hw, name), value, least, most, fixed, #name, RULE_##rule(of), key, option },
#include "rtl/isa/weft_isa.def"
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

/* What an array may be built without. */
static const struct part {
    uint32_t bit;
    const char *key, *doc;
} parts[] = {
#define HW_PART(NAME, name, bit, key, doc) { WEFT_INFO_LACKS_##NAME, key, doc },
#include "rtl/isa/weft_isa.def"
};

enum { PART_COUNT = sizeof parts / sizeof parts[0] };

static uint32_t get(const weft_hw *hw, const row *r)
{
    uint32_t v;
    memcpy(&v, (const char *)hw + r->place, sizeof v);
    return v;
}

static void set(weft_hw *hw, const row *r, uint32_t v)
{
    memcpy((char *)hw + r->place, &v, sizeof v);
}

weft_hw weft_hw_default(uint32_t mem_size)
{
    weft_hw hw = { 0 };
    for (const row *r = rows; r < rows + ROW_COUNT; r++)
        set(&hw, r, r->value);
    hw.mem_size = mem_size;
    hw.word_bytes = weft_hw_word_bytes(&hw);
    return hw;
}

uint32_t weft_hw_word_bytes(const weft_hw *hw)
{
    uint32_t bytes = 1;
    while (bytes < 64 && (bytes < hw->rows || bytes < hw->cols || bytes < hw->mem_bytes))
        bytes *= 2;
    return bytes;
}

/* Sets good[i] to 1 if row i has a value in its range that keeps its rule. */
static void judge(const weft_hw *hw, int good[ROW_COUNT])
{
    size_t i = 0;
#define HW(NAME, name, value, least, most, rule, of, fixed, info, key, option, unit, doc)          \
    good[i++] = GOOD_##rule(hw, hw->name, of);
#include "rtl/isa/weft_isa.def"
    while (i-- > 0)
        good[i] &= get(hw, &rows[i]) >= rows[i].least && get(hw, &rows[i]) <= rows[i].most;
}

int weft_hw_check(const weft_hw *hw, weft_error *err)
{
    int good[ROW_COUNT];
    weft_hw some = *hw;
    if (some.mem_size == 0) /* any */
        some.mem_size = WEFT_MEM_SIZE;
    judge(&some, good);
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (!good[i])
            return weft_error_set(err, WEFT_ERR_ARG,
                                  "hardware parameter %s = %" PRIu32
                                  " is not possible: it is %" PRIu32 " to %" PRIu32 "%s",
                                  rows[i].name, get(hw, &rows[i]), rows[i].least, rows[i].most,
                                  rows[i].rule);
    if (hw->lacks >> PART_COUNT)
        return weft_error_set(err, WEFT_ERR_ARG,
                              "hardware parameter lacks = 0x%" PRIx32
                              " has bits of parts that this library does not know",
                              hw->lacks);
    if (hw->word_bytes != weft_hw_word_bytes(hw))
        return weft_error_set(err, WEFT_ERR_ARG,
                              "hardware parameter word_bytes = %" PRIu32
                              " is not possible: the others make it %" PRIu32,
                              hw->word_bytes, weft_hw_word_bytes(hw));
    return WEFT_OK;
}

int weft_hw_same_program(const weft_hw *made, const weft_hw *has)
{
    for (const row *r = rows; r < rows + ROW_COUNT; r++)
        if (r->fixed && get(made, r) != get(has, r))
            return 0;
    return 1;
}

void weft_hw_options(const weft_hw *hw, char text[WEFT_HW_OPTIONS_BYTES])
{
    int used = 0;
    text[0] = '\0';
    for (const row *r = rows; r < rows + ROW_COUNT && used < WEFT_HW_OPTIONS_BYTES; r++)
        if (r->fixed)
            used += snprintf(text + used, (size_t)(WEFT_HW_OPTIONS_BYTES - used), "%s--%s %" PRIu32,
                             used ? " " : "", r->option, get(hw, r));
    for (const struct part *p = parts; p < parts + PART_COUNT && used < WEFT_HW_OPTIONS_BYTES; p++)
        if (hw->lacks & p->bit)
            used +=
                snprintf(text + used, (size_t)(WEFT_HW_OPTIONS_BYTES - used), " --%s 0", p->key);
}

void weft_hw_parts(uint32_t lacks, char text[WEFT_HW_PARTS_BYTES])
{
    int used = 0;
    text[0] = '\0';
    for (const struct part *p = parts; p < parts + PART_COUNT && used < WEFT_HW_PARTS_BYTES; p++)
        if (lacks & p->bit)
            used += snprintf(text + used, (size_t)(WEFT_HW_PARTS_BYTES - used), "%s%s",
                             used ? "; " : "", p->doc);
}

/* --- in words --- */

const char *weft_hw_part_keys(void)
{
#define HW_PART(NAME, name, bit, key, doc) " " key
    return ""
#include "rtl/isa/weft_isa.def"
        ;
}

int weft_hw_read_parts(const weft_uri *uri, uint32_t *lacks, weft_error *err)
{
    int rc = WEFT_OK;
    *lacks = 0;
    for (const struct part *p = parts; p < parts + PART_COUNT && rc == WEFT_OK; p++) {
        uint64_t there = 1;
        rc = weft_uri_number(uri, p->key, 0, 1, &there, err);
        *lacks |= there ? 0 : p->bit;
    }
    return rc;
}

int weft_hw_allow(const weft_uri *uri, const char *more, weft_error *err)
{
    char names[WEFT_HW_OPTIONS_BYTES] = "shape";
    for (const row *r = rows; r < rows + ROW_COUNT; r++)
        if (*r->key) {
            strncat(names, " ", sizeof names - strlen(names) - 1);
            strncat(names, r->key, sizeof names - strlen(names) - 1);
        }
    strncat(names, weft_hw_part_keys(), sizeof names - strlen(names) - 1);
    if (*more)
        strncat(names, " ", sizeof names - strlen(names) - 1);
    strncat(names, more, sizeof names - strlen(names) - 1);
    return weft_uri_allow(uri, names, err);
}

/* The values of what is not named, row after row. */
static void fill_unnamed(const weft_uri *uri, weft_hw *hw)
{
#define HW(NAME, name, value, least, most, rule, of, fixed, info, key, option, unit, doc)          \
    if (*(key) && !weft_uri_has(uri, key))                                                         \
        hw->name = UNNAMED_##rule(hw, value, of);
#include "rtl/isa/weft_isa.def"
}

int weft_hw_read(const weft_uri *uri, weft_hw *out, weft_error *err)
{
    weft_hw hw = weft_hw_default(0);
    int rc = weft_uri_shape(uri, "shape", &hw.rows, &hw.cols, err);
    for (const row *r = rows; r < rows + ROW_COUNT && rc == WEFT_OK; r++) {
        uint64_t v = 0;
        if (!*r->key || !weft_uri_has(uri, r->key))
            continue;
        rc = weft_uri_number(uri, r->key, r->least, r->most, &v, err);
        set(&hw, r, (uint32_t)v);
    }
    if (rc == WEFT_OK)
        rc = weft_hw_read_parts(uri, &hw.lacks, err);
    if (rc != WEFT_OK)
        return rc;
    fill_unnamed(uri, &hw);
    hw.word_bytes = weft_hw_word_bytes(&hw);
    rc = weft_hw_check(&hw, err);
    if (rc == WEFT_OK)
        *out = hw;
    return rc;
}

int weft_hw_parse(const char *description, weft_hw *out, weft_error *err)
{
    char text[WEFT_URI_BYTES];
    weft_uri uri;
    const int length = snprintf(text, sizeof text, "device:%s", description);
    if (length < 0 || (size_t)length >= sizeof text)
        return weft_error_set(err, WEFT_ERR_ARG, "the description of the device is too long");
    int rc = weft_uri_parse(text, &uri, err);
    if (rc == WEFT_OK)
        rc = weft_hw_allow(&uri, "", err);
    return rc == WEFT_OK ? weft_hw_read(&uri, out, err) : rc;
}
