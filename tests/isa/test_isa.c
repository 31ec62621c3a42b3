/* The C view of the contract: set and get of every field, the table itself, text of commands.
 *
 *   test_isa          the tests
 *   test_isa FILE     writes vectors for tb_isa_probe to FILE.hex (five units a command) and what
 * the probe must print for them to FILE.txt */
#include "rtl/isa/weft_disasm.h"
#include "tests/rng.h"
#include "tests/test.h"

typedef struct field_row {
    uint32_t op, word, lsb, width;
    char kind;
    const char *op_name, *name;
    void (*set)(weft_cmd *, int64_t);
    int64_t (*get)(const weft_cmd *);
    int (*fits)(int64_t);
    int64_t least, most;
} field_row;

static const field_row fields[] = {
#define FIELD(op, name, word, lsb, width, kind, doc)                                               \
    { WEFT_CMD_##op,                                                                               \
      word,                                                                                        \
      lsb,                                                                                         \
      width,                                                                                       \
      #kind[0],                                                                                    \
      #op,                                                                                         \
      #name,                                                                                       \
      weft_##op##_set_##name,                                                                      \
      weft_##op##_get_##name,                                                                      \
      weft_##op##_fits_##name,                                                                     \
      WEFT_LEAST(op, name),                                                                        \
      WEFT_MOST(op, name) },
#include "rtl/isa/weft_isa.def"
};

enum { FIELD_COUNT = sizeof fields / sizeof fields[0] };

static const uint32_t opcodes[] = {
#define OP(name, code, units, doc) code,
#include "rtl/isa/weft_isa.def"
};

enum { OP_COUNT = sizeof opcodes / sizeof opcodes[0] };

static weft_cmd random_words(rng *r)
{
    weft_cmd c;
    for (unsigned i = 0; i < WEFT_CMD_WORDS; i++)
        c.word[i] = rng_u32(r);
    return c;
}

/* A value of the field: its ends, or anything. */
static int64_t random_value(rng *r, const field_row *f)
{
    const int64_t span = (int64_t)1 << f->width, lowest = f->kind == 'S' ? -span / 2 : 0;
    switch (rng_range(r, 0, 3)) {
    case 0: return lowest;
    case 1: return lowest + span - 1;
    default: return lowest + (int64_t)(rng_u64(r) % (uint64_t)span);
    }
}

/* A field keeps what is put in and touches nothing else. */
static void test_field(test *t, rng *r, const field_row *f)
{
    weft_cmd c = random_words(r), before = c;
    const int64_t v = random_value(r, f);
    f->set(&c, v);
    CHECK(t, f->get(&c) == v, "%s.%s: got %" PRId64 ", want %" PRId64, f->op_name, f->name,
          f->get(&c), v);
    before.word[f->word] ^=
        (before.word[f->word] ^ c.word[f->word]) & ((0xffffffffu >> (32 - f->width)) << f->lsb);
    CHECK(t, memcmp(&c, &before, sizeof c) == 0, "%s.%s: a bit outside changed", f->op_name,
          f->name);
}

/* What fits is what comes back, and not a value more. */
static void test_limits(test *t, const field_row *f)
{
    const int64_t span = (int64_t)1 << f->width, lowest = f->kind == 'S' ? -span / 2 : 0;
    weft_cmd c = { { 0 } };
    CHECK(t, f->least == lowest && f->most == lowest + span - 1, "%s.%s: %" PRId64 " to %" PRId64,
          f->op_name, f->name, f->least, f->most);
    CHECK(t,
          f->fits(f->least) && f->fits(f->most) && !f->fits(f->least - 1) && !f->fits(f->most + 1),
          "%s.%s: what fits does not end at its limits", f->op_name, f->name);
    f->set(&c, f->most);
    CHECK(t, f->get(&c) == f->most, "%s.%s: its most is not held", f->op_name, f->name);
}

static void test_bytes(test *t, rng *r)
{
    uint8_t at[sizeof(weft_cmd)];
    weft_cmd c = random_words(r), back;
    weft_cmd_store(&c, WEFT_CMD_MAX_UNITS, at);
    CHECK(t, at[0] == (uint8_t)c.word[0] && at[7] == c.word[1] >> 24, "not little-endian");
    weft_cmd_fetch(&back, WEFT_CMD_MAX_UNITS, at);
    CHECK(t, memcmp(&c, &back, sizeof c) == 0, "bytes do not come back");
    weft_cmd_fetch(&back, 1, at);
    CHECK(t, back.word[7] == c.word[7] && back.word[8] == 0, "the rest is not zero");
}

static void test_text(test *t)
{
    char text[WEFT_DISASM_BYTES], cut[8];
    weft_cmd c = { { 0 } };
    weft_LOAD_set_OPCODE(&c, WEFT_CMD_LOAD);
    weft_LOAD_set_PUSH_COMPUTE(&c, 1);
    weft_LOAD_set_ADDR(&c, 0x1000);
    weft_LOAD_set_ROWS(&c, 28);
    weft_disasm(&c, text, sizeof text);
    CHECK(t, strcmp(text, "LOAD PUSH_COMPUTE ADDR=0x1000 ROWS=28") == 0, "got \"%s\"", text);
    CHECK(t, weft_disasm(&c, cut, sizeof cut) == strlen(text) && strcmp(cut, "LOAD PU") == 0,
          "cut to \"%s\"", cut);
    c = (weft_cmd){ { 0 } };
    weft_COMPUTE_set_OPCODE(&c, WEFT_CMD_COMPUTE);
    weft_COMPUTE_set_MODE(&c, WEFT_MODE_DEPTHWISE);
    weft_COMPUTE_set_KIND2(&c, WEFT_KIND_FLOAT);
    weft_COMPUTE_set_R_START(&c, -1);
    weft_disasm(&c, text, sizeof text);
    CHECK(t, strcmp(text, "COMPUTE MODE=DEPTHWISE KIND2=FLOAT R_START=-1") == 0, "got \"%s\"",
          text);
    c = (weft_cmd){ { 0x99 } };
    weft_disasm(&c, text, sizeof text);
    CHECK(t, strcmp(text, "opcode 0x99") == 0, "got \"%s\"", text);
    memset(&c, 0xff, sizeof c);
    weft_COMPUTE_set_OPCODE(&c, WEFT_CMD_COMPUTE);
    CHECK(t, weft_disasm(&c, text, sizeof text) < sizeof text, "WEFT_DISASM_BYTES is too small");
    CHECK(t, strcmp(weft_dev_error_name(WEFT_DEV_ACC), "ACC") == 0, "%s", weft_dev_error_name(7));
    CHECK(t, strcmp(weft_dev_error_name(77), "UNKNOWN") == 0, "%s", weft_dev_error_name(77));
}

/* Random commands of every opcode, and every field as the Verilog view must show it. */
static int write_vectors(const char *path, rng *r, unsigned count)
{
    char name[512];
    snprintf(name, sizeof name, "%s.hex", path);
    FILE *hex = fopen(name, "w");
    snprintf(name, sizeof name, "%s.txt", path);
    FILE *txt = fopen(name, "w");
    if (!hex || !txt)
        return 1;
    for (unsigned i = 0; i < count; i++) {
        weft_cmd c = random_words(r);
        const uint32_t op = opcodes[i % OP_COUNT];
        for (unsigned k = 0; k < FIELD_COUNT; k++)
            if (fields[k].op == op)
                fields[k].set(&c,
                              strcmp(fields[k].name, "OPCODE") ? random_value(r, &fields[k]) : op);
        for (unsigned w = WEFT_CMD_WORDS; w-- > 0;)
            fprintf(hex, "%08" PRIx32 "%s", c.word[w], w ? "" : "\n");
        for (unsigned k = 0; k < FIELD_COUNT; k++)
            if (fields[k].op == op)
                fprintf(txt, "%s.%s %" PRId64 "\n", fields[k].op_name, fields[k].name,
                        fields[k].get(&c));
    }
    return (fclose(hex) | fclose(txt)) != 0;
}

int main(int argc, char **argv)
{
    test t = test_begin("isa", argc, argv, 1, 2000);
    rng r = rng_make(t.seed);
    if (argc > 1)
        return write_vectors(argv[1], &r, (unsigned)(t.n < 500 ? t.n : 500));
    for (uint64_t i = 0; i < t.n; i++) {
        for (unsigned k = 0; k < FIELD_COUNT; k++)
            test_field(&t, &r, &fields[k]);
        test_bytes(&t, &r);
    }
    test_text(&t);
    for (unsigned k = 0; k < FIELD_COUNT; k++)
        test_limits(&t, &fields[k]);
    for (uint32_t op = 0; op < 256; op++) {
        unsigned defined = 0;
        for (unsigned k = 0; k < OP_COUNT; k++)
            defined += opcodes[k] == op;
        CHECK(&t, (weft_op_units(op) != 0) == (defined != 0), "opcode %" PRIu32, op);
    }
    return test_end(&t, "set and get of every field, bytes, text of commands");
}
