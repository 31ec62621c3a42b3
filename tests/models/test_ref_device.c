/* Runs of the reference device: rings, how a run ends, the order of commands and of checks, on
 * small cases worked out by hand; and random programs, every fault of tests/random/gen_fault.c
 * included. What COMPUTE computes is in test_ref_compute.c. */
#include "models/random/gen_cmds.h"
#include "ref_bench.h"

/* Ten rows through a ring of three slots that does not begin at 0: the last twelve rows stay. */
static void load_ring(bench *b)
{
    weft_cmd l = load(DATA, 14, 8, 2, 6);
    weft_LOAD_set_TOP(&l, 16);
    weft_LOAD_set_A_START(&l, 14); /* the last slot: the next is word 10 */
    weft_LOAD_set_ROW(&l, 3);
    weft_LOAD_set_U_START(&l, 4);
    for (unsigned i = 0; i < 112; i++)
        b->memory[DATA + i] = (uint8_t)i;
    append(b, &l);
    CHECK(b->t, run(b).error == 0, "load_ring");
    for (unsigned row = 2; row < 14; row++) {
        const unsigned at = row + 3, slot = 10 + 2 * ((2 + at / 4) % 3);
        const uint8_t *bank = weft_ref_device_bank(b->dev, at % 4) + 4 * slot + 4;
        CHECK(b->t, memcmp(bank, b->memory + DATA + 8 * row, 8) == 0, "load_ring: row %u", row);
    }
}

/* A row that ends behind the last word goes on at word 0, out and back. */
static void wrap_bank(bench *b)
{
    weft_cmd l = load(DATA, 1, 16, 4, 64), s = store(RESULT, 1, 15, 62, 4);
    weft_LOAD_set_A_START(&l, 62);
    weft_STORE_set_POP_COMPUTE(&s, 0);
    memset(b->memory + RESULT, 0x55, 16);
    append(b, &l);
    append(b, &s);
    weft_ref_result r = run(b);
    CHECK(b->t, r.error == 0 && r.read_beats == 16 + 4 && r.write_beats == 4, "wrap_bank");
    CHECK(b->t, memcmp(b->memory + RESULT, b->memory + DATA, 15) == 0, "wrap_bank: bytes");
    CHECK(b->t, b->memory[RESULT + 15] == 0x55, "wrap_bank: a byte after ROW_BYTES was written");
    CHECK(b->t, memcmp(weft_ref_device_bank(b->dev, 0), b->memory + DATA + 8, 8) == 0, "wrap_bank");
}

/* What ends a run that no single command field breaks. */
static void ends(bench *b)
{
    weft_cmd nop = { { WEFT_CMD_NOP } }, l = load(DATA, 2, 16, 4, 32),
             s = store(RESULT, 1, 4, 0, 4);
    weft_ref_start start = { 0x10, 1, 0, MEM, 0 };
    weft_ref_result r = weft_ref_device_run(b->dev, &start);
    CHECK(b->t, r.error == WEFT_DEV_ALIGN && r.error_index == 0, "PROG_ADDR: %u", r.error);
    start = (weft_ref_start){ 0, 0, 0, MEM, 0 };
    CHECK(b->t, weft_ref_device_run(b->dev, &start).error == WEFT_DEV_OK, "empty program");
    append(b, &nop);
    append(b, &s);
    r = run(b);
    CHECK(b->t, r.error == WEFT_DEV_TOKEN && r.error_index == 1 && r.commands == 1, "TOKEN");
    append(b, &l);
    compute(b, WEFT_MODE_MAX);
    SET(RAW, 1);
    append(b, &b->c);
    append(b, &b->c);
    r = run(b);
    CHECK(b->t, r.error == WEFT_DEV_TOKEN && r.error_index == 2, "one token taken twice");
    append(b, &nop);
    append(b, &l);
    start = (weft_ref_start){ 0, 2, 0, 63, 0 };
    r = weft_ref_device_run(b->dev, &start);
    CHECK(b->t, r.error == WEFT_DEV_WINDOW && r.error_index == 1, "own bytes after the window");
    start = (weft_ref_start){ 0, 2, 1, MEM, 0 };
    r = weft_ref_device_run(b->dev, &start);
    CHECK(b->t, r.error == WEFT_DEV_WINDOW && r.error_index == 0, "own bytes before the window");
    start = (weft_ref_start){ 0, 2, 0, DATA + 32, 0 };
    CHECK(b->t, weft_ref_device_run(b->dev, &start).error == WEFT_DEV_OK, "data fits exactly");
    start.win_limit--;
    r = weft_ref_device_run(b->dev, &start);
    CHECK(b->t, r.error == WEFT_DEV_WINDOW && r.error_index == 1, "data one byte too long");
    weft_LOAD_set_ADDR(&l, MEM);
    weft_cmd_store(&l, 1, b->memory + 32);
    start = (weft_ref_start){ 0, 2, 0, UINT32_MAX, 0 };
    r = weft_ref_device_run(b->dev, &start);
    CHECK(b->t, r.error == WEFT_DEV_BUS && r.error_index == 1, "behind memory: %u", r.error);
    b->prog_bytes = b->count = 0;
}

/* Many rules broken at once: the first in the contract's order is named. */
static void order(bench *b)
{
    weft_cmd c = load(2, 0xffff, 14, 0, 0);
    weft_LOAD_set_STRIDE(&c, 0xffffffff);
    weft_LOAD_set_POP_STORE(&c, 1);
    c.word[7] |= 1u << 31;
    static const uint32_t want[] = { WEFT_DEV_BAD_FIELD, WEFT_DEV_BAD_FIELD, WEFT_DEV_ALIGN,
                                     WEFT_DEV_BUFFER,    WEFT_DEV_WINDOW,    WEFT_DEV_TOKEN,
                                     WEFT_DEV_OK };
    for (unsigned i = 0; i < 7; i++) {
        append(b, &c);
        weft_ref_result r = run(b);
        CHECK(b->t, r.error == want[i], "order: step %u: got %u, want %u", i, r.error, want[i]);
        switch (i) { /* mend one thing after the other */
        case 0: c.word[7] = 0; break;
        case 1: weft_LOAD_set_PITCH(&c, 4); break;
        case 2:
            weft_LOAD_set_ADDR(&c, DATA);
            weft_LOAD_set_STRIDE(&c, 0xfffffffc);
            weft_LOAD_set_ROW_BYTES(&c, 12);
            break;
        case 3:
            weft_LOAD_set_TOP(&c, 8);
            weft_LOAD_set_SIZE(&c, 8);
            break;
        case 4: weft_LOAD_set_STRIDE(&c, 0); break;
        default: weft_LOAD_set_POP_STORE(&c, 0); break;
        }
    }
    compute(b, WEFT_MODE_SUM); /* ACC stands between BUFFER and WINDOW */
    SET(POP_LOAD, 0);
    SET(OUTER, 17);
    SET(WEIGHTS, 0xffffffe0u);
    append(b, &b->c);
    CHECK(b->t, run(b).error == WEFT_DEV_ACC, "order: ACC before WINDOW");
    SET(O_A_START, 64);
    append(b, &b->c);
    CHECK(b->t, run(b).error == WEFT_DEV_BUFFER, "order: BUFFER before ACC");
}

static void random_programs(test *t, rng *r, gen_program *p)
{
    static const char *const shapes[] = { "shape=16x16,mem=1M",
                                          "shape=4x4,fb=64,acc=16,port=4,mem=1M",
                                          "shape=8x8,lanes=4,fb=256,acc=64,port=8,mem=1M",
                                          "shape=12x8,lanes=2,fb=128,acc=32,mem=1M",
                                          "shape=32x32,lanes=8,fb=64,acc=64,port=32,mem=1M" };
    for (uint64_t i = 0; i < t->n; i++) {
        weft_ref_device *dev = NULL;
        weft_hw hw = { 0 };
        (void)weft_hw_parse(shapes[i % 5], &hw, NULL);
        CHECK(t, weft_ref_device_new(&hw, &dev) == WEFT_OK, "no device: %s", shapes[i % 5]);
        if (!dev)
            continue;
        if (gen_make(r, &hw, 1 + (unsigned)(i % 4), i % 2, weft_ref_device_memory(dev), p) == 0) {
            const weft_ref_start s = { p->prog_addr, p->prog_count, p->win_base, p->win_limit, 0 };
            const weft_ref_result e = weft_ref_device_run(dev, &s);
            CHECK(t, e.error == p->error && e.error_index == p->error_index,
                  "program %" PRIu64 ": got error %u at %u, want %u at %u", i, e.error,
                  e.error_index, p->error, p->error_index);
        }
        weft_ref_device_free(dev);
    }
}

int main(int argc, char **argv)
{
    test t = test_begin("ref_device", argc, argv, 1, 300);
    rng r = rng_make(t.seed);
    gen_program *p = malloc(sizeof *p);
    bench b = begin(&t);
    if (!p || !b.dev)
        return 1;
    load_ring(&b);
    wrap_bank(&b);
    ends(&b);
    order(&b);
    random_programs(&t, &r, p);
    weft_hw wrong = weft_hw_default(MEM);
    weft_ref_device *none = b.dev;
    wrong.fb_words = 100;
    CHECK(&t, weft_ref_device_new(&wrong, &none) == WEFT_ERR_ARG && !none, "fb_words 100");
    weft_ref_device_free(none);
    weft_ref_device_free(b.dev);
    free(p);
    return test_end(&t, "rings, errors, order of checks, random programs");
}
