/* The frame of a test program: CHECK, the seed, and one line of result.
 *
 *     int main(int argc, char **argv)
 *     {
 *         test t = test_begin("requantize", argc, argv, 1, 1000000);
 *         CHECK(&t, got == want, "acc %d: got %d, want %d", acc, got, want);
 *         return test_end(&t, "TFLite, ONNX and DIV against wide arithmetic");
 *     }
 *
 * Prints `ok <name>: <what>, seed <n>` or `FAIL ...` with the first mismatches and the command that
 * replays them; exit status 0, 1, or 77 for skipped.  SEED= and N= in the environment replace the
 * defaults.  A program may be run from any directory. */
#ifndef WEFT_TESTS_TEST_H
#define WEFT_TESTS_TEST_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct test {
    const char *name, *program;
    uint64_t seed, n; /* seed of all randomness, and how many random cases */
    unsigned failures;
    uint64_t checks;
} test;

static inline uint64_t test_number(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);
    return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static inline test test_begin(const char *name, int argc, char **argv, uint64_t seed, uint64_t n)
{
    return (test){ .name = name,
                   .program = argc > 0 ? argv[0] : name,
                   .seed = test_number("SEED", seed),
                   .n = test_number("N", n) };
}

#define CHECK(t, condition, ...)                                                                   \
    do {                                                                                           \
        (t)->checks++;                                                                             \
        if (!(condition) && (t)->failures++ < 10) {                                                \
            printf("FAIL %s: %s:%d: ", (t)->name, __FILE__, __LINE__);                             \
            printf(__VA_ARGS__);                                                                   \
            printf("\n");                                                                          \
        }                                                                                          \
    } while (0)

static inline int test_skip(const test *t, const char *why)
{
    printf("skip %s: %s\n", t->name, why);
    return 77;
}

static inline int test_end(const test *t, const char *what)
{
    if (t->failures) {
        printf("FAIL %s: %u of %" PRIu64 " checks; replay: SEED=%" PRIu64 " N=%" PRIu64 " %s\n",
               t->name, t->failures, t->checks, t->seed, t->n, t->program);
        return 1;
    }
    printf("ok %s: %s, %" PRIu64 " checks, seed %" PRIu64 "\n", t->name, what, t->checks, t->seed);
    return 0;
}

#endif
