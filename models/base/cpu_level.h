/* Which instructions this machine has, and functions that choose their form by it.
 *
 * Everything that is installed is compiled for the oldest machine of its kind.  The few loops that
 * gain by wider vectors exist once more for levels 3 (AVX2, FMA) and 4 (AVX-512) of x86-64:
 *
 *     static inline void multiply_body(const int8_t *a, int n) { ... }
 *     WEFT_FORMS(multiply, (const int8_t *a, int n), (a, n))
 *
 * defines `static void multiply(const int8_t *a, int n)`, which runs multiply_body compiled for the
 * level of this machine; what the body calls in its own file is compiled with it.  All forms give
 * the same bytes, float32 too: the build forbids the compiler to join or reorder operations
 * (-ffp-contract=off), and fmaf rounds once on every machine. */
#ifndef WEFT_CPU_LEVEL_H
#define WEFT_CPU_LEVEL_H

/* Return 1 to 4, the highest level of x86-64 that processor and system support, or 0 on another
 * kind of processor.  Never fails; costs a few loads. */
int weft_cpu_level(void);

#if defined __x86_64__ && defined __GNUC__
#define WEFT_FORM(name, level, parameters, arguments)                                              \
    __attribute__((target("arch=x86-64-v" #level), flatten,                                        \
                   noinline)) static void name##_v##level parameters                               \
    {                                                                                              \
        name##_body arguments;                                                                     \
    }
#define WEFT_FORMS(name, parameters, arguments)                                                    \
    WEFT_FORM(name, 3, parameters, arguments)                                                      \
    WEFT_FORM(name, 4, parameters, arguments)                                                      \
    static void name parameters                                                                    \
    {                                                                                              \
        const int level = weft_cpu_level();                                                        \
        if (level >= 4)                                                                            \
            name##_v4 arguments;                                                                   \
        else if (level >= 3)                                                                       \
            name##_v3 arguments;                                                                   \
        else                                                                                       \
            name##_body arguments;                                                                 \
    }
#else
#define WEFT_FORMS(name, parameters, arguments)                                                    \
    static void name parameters                                                                    \
    {                                                                                              \
        name##_body arguments;                                                                     \
    }
#endif

#endif
