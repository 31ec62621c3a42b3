/* The frame of a fuzz target.  Whoever includes this defines FUZZ_NAME and LLVMFuzzerTestOneInput, which aborts
 * where something is wrong.
 *
 * With -DWEFT_LIBFUZZER nothing more is needed (clang -fsanitize=fuzzer).  Without, it is a program that runs
 * the files given, each as it is and then damaged N times (default FUZZ_DAMAGES), the same for the same SEED:
 *
 *     fuzz_NAME FILE... */
#ifndef WEFT_TESTS_FUZZ_MAIN_H
#define WEFT_TESTS_FUZZ_MAIN_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Say what is wrong and end: what a fuzzer calls a finding. */
_Noreturn static inline void fuzz_finding(const char *what)
{
    fprintf(stderr, "ERROR: %s\n", what);
    abort();
}

/* The input as a stream of numbers; zeros behind its end. */
typedef struct fuzz_input {
    const uint8_t *at;
    size_t left;
} fuzz_input;

static inline unsigned fuzz_byte(fuzz_input *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->at++;
}

static inline uint32_t fuzz_word(fuzz_input *in)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++)
        value |= fuzz_byte(in) << 8 * i;
    return value;
}

/* As many of `bytes` bytes as there are; returns how many. */
static inline size_t fuzz_bytes(fuzz_input *in, uint8_t *to, size_t bytes)
{
    const size_t n = bytes < in->left ? bytes : in->left;
    if (n)
        memcpy(to, in->at, n);
    in->at += n;
    in->left -= n;
    return n;
}

#ifndef WEFT_LIBFUZZER
#include "damage.h"
#include "test.h"

enum { FUZZ_MOST_BYTES = 1 << 17 };

/* In memory of its own, so that a sanitizer sees one byte too many. */
static void fuzz_once(const uint8_t *data, size_t bytes)
{
    uint8_t *exact = malloc(bytes ? bytes : 1);
    if (!exact)
        exit(1);
    memcpy(exact, data, bytes);
    (void)LLVMFuzzerTestOneInput(exact, bytes);
    free(exact);
}

static void fuzz_file(test *t, rng *r, const char *path)
{
    static uint8_t data[FUZZ_MOST_BYTES], bad[FUZZ_MOST_BYTES];
    FILE *f = fopen(path, "rb");
    const size_t bytes = f ? fread(data, 1, sizeof data, f) : 0;
    CHECK(t, bytes, "%s cannot be read", path);
    if (f)
        fclose(f);
    fuzz_once(data, bytes);
    for (uint64_t n = 0; bytes && n < t->n; n++) {
        size_t left = bytes;
        memcpy(bad, data, bytes);
        for (int32_t times = rng_range(r, 1, 4); times && left; times--)
            left = damage(r, bad, left);
        fuzz_once(bad, left);
        t->checks++;
    }
}

int main(int argc, char **argv)
{
    test t = test_begin(FUZZ_NAME, argc, argv, 1, FUZZ_DAMAGES);
    rng r = rng_make(t.seed);
#ifdef FUZZ_SKIP
    if (FUZZ_SKIP)
        return test_skip(&t, FUZZ_SKIP);
#endif
    CHECK(&t, argc > 1, "no files");
    for (int i = 1; i < argc; i++)
        fuzz_file(&t, &r, argv[i]);
    char what[80];
    snprintf(what, sizeof what, "%d files, each damaged %" PRIu64 " times", argc - 1, t.n);
    return test_end(&t, what);
}
#endif

#endif
