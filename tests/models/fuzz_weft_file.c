/* The reader of program.weft under arbitrary bytes.
 *
 * Must never crash; what it accepts must be sound, its steps of the host computable, and it must
 * write back to the same bytes.  With
 * -DWEFT_LIBFUZZER a fuzz target; else a driver over files: every file as it is, then damaged in
 * many places with its checksums repaired, so that damage reaches the parsers.
 *
 * usage: fuzz_weft_file FILE...   SEED= N= (damages per file) */
#include <stdlib.h>
#include <string.h>

#include "models/base/weft_crc32.h"
#include "models/program/weft_file.h"
#include "models/program/weft_layout.h"
#include "models/ref/operators/ref_graph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The host's steps must be computable, whatever they hold; those that do not take long. */
static void run_steps(const weft_program *prog)
{
    enum { MOST = 1 << 14 };
    for (uint32_t i = 0; i < prog->step_count; i++) {
        const weft_graph *g = prog->steps[i].graph;
        uint64_t elements = 0;
        for (uint32_t k = 0; k < g->tensor_count; k++)
            elements += weft_tensor_elements(&g->tensors[k]);
        weft_ref *ref = NULL;
        if (elements <= MOST && weft_ref_new(g, &ref, NULL) == WEFT_OK)
            weft_ref_run(ref);
        weft_ref_free(ref);
    }
}

/* 0 rejected, 1 accepted and the same again, -1 accepted but not the same. */
static int try_bytes(const uint8_t *data, size_t size)
{
    weft_program *prog = NULL;
    weft_error err = { 0 };
    uint8_t *again = NULL;
    size_t count = 0;
    int rc = weft_program_read(data, size, &prog, &err);
    if (rc != WEFT_OK)
        return prog || !err.text[0] ? -1 : 0;
    run_steps(prog);
    rc = weft_program_write(prog, &again, &count, &err);
    int same = rc == WEFT_OK && count == size && memcmp(again, data, size) == 0;
    free(again);
    weft_program_free(prog);
    return same ? 1 : -1;
}

static void store_u32(uint8_t *at, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> 8 * i);
}

static uint32_t load_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Make the checksums right again, as far as the table makes sense. */
static void repair(uint8_t *bytes, size_t count)
{
    uint8_t covered[FIRST_SECTION - 4];
    if (count < FIRST_SECTION)
        return;
    for (unsigned i = 0; i < SECTIONS; i++) {
        uint8_t *row = bytes + HEADER_BYTES + i * SECTION_ROW_BYTES;
        size_t offset = load_u32(row + 4), length = load_u32(row + 8);
        if (offset <= count && length <= count - offset)
            store_u32(row + 12, weft_file_crc32(bytes + offset, length));
    }
    memcpy(covered, bytes, HEADER_BYTES - 4);
    memcpy(covered + HEADER_BYTES - 4, bytes + HEADER_BYTES, FIRST_SECTION - HEADER_BYTES);
    store_u32(bytes + HEADER_BYTES - 4, weft_file_crc32(covered, sizeof covered));
}

/* As it is, and with its checksums repaired: a fuzzer does not guess them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    if (!copy)
        return 0;
    memcpy(copy, data, size);
    repair(copy, size);
    if (try_bytes(data, size) < 0 || try_bytes(copy, size) < 0)
        abort();
    free(copy);
    return 0;
}

#ifndef WEFT_LIBFUZZER
#include "tests/rng.h"
#include "tests/test.h"

/* A few bytes changed, mostly before the image, where the structure is. */
static void damage(rng *r, uint8_t *bytes, size_t count)
{
    size_t image = load_u32(bytes + HEADER_BYTES + SECTION_IMAGE * SECTION_ROW_BYTES + 4);
    size_t reach = image < count && rng_range(r, 0, 3) ? image : count;
    for (int32_t n = rng_range(r, 1, 3); n > 0; n--) {
        size_t at = rng_u64(r) % reach;
        static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
        bytes[at] = rng_range(r, 0, 1) ? values[rng_range(r, 0, 4)] : (uint8_t)rng_u32(r);
        at &= ~(size_t)3;
        if (at + 4 <= reach && rng_range(r, 0, 3) == 0) /* whole words: ffffffff is "absent" */
            store_u32(bytes + at, rng_range(r, 0, 1) ? UINT32_MAX : rng_u32(r) >> 27);
    }
}

static uint8_t *read_all(const char *path, size_t *count)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = malloc(1 << 22);
    *count = f && bytes ? fread(bytes, 1, 1 << 22, f) : 0;
    if (f)
        fclose(f);
    return bytes;
}

int main(int argc, char **argv)
{
    test t = test_begin("fuzz_weft_file", argc, argv, 1, 3000);
    rng r = rng_make(t.seed);
    uint64_t accepted = 0;
    for (int i = 1; i < argc; i++) {
        size_t count;
        uint8_t *bytes = read_all(argv[i], &count), *bad = malloc(count + 1);
        CHECK(&t, bytes && bad && count, "%s cannot be read", argv[i]);
        /* a case of the corpus is a program, unless its name says otherwise */
        CHECK(&t, try_bytes(bytes, count) >= (strstr(argv[i], "bad_") ? 0 : 1), "%s", argv[i]);
        for (uint64_t n = 0; n < t.n && count >= FIRST_SECTION && bad; n++) {
            memcpy(bad, bytes, count);
            damage(&r, bad, count);
            size_t keep = rng_range(&r, 0, 9) ? count : rng_u64(&r) % count;
            if (rng_range(&r, 0, 5))
                repair(bad, keep);
            uint8_t *exact = malloc(keep + 1); /* so that a sanitizer sees one byte too many */
            if (exact) {
                memcpy(exact, bad, keep);
                int rc = try_bytes(exact, keep);
                accepted += rc == 1;
                CHECK(&t, rc >= 0, "%s, damage %" PRIu64, argv[i], n);
            }
            free(exact);
        }
        free(bad);
        free(bytes);
    }
    char what[100];
    snprintf(what, sizeof what, "%d files, %" PRIu64 " damaged ones accepted as sound", argc - 1,
             accepted);
    return test_end(&t, what);
}
#endif
