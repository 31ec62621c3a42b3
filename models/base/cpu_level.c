/* Levels of x86-64 by the compiler's own detection, which asks the system too whether it saves the
 * registers.  clang before 16 knows no levels by name: there they are told by what came with them,
 * for no processor has these and lacks the rest. */
#include "models/base/cpu_level.h"

#if defined __x86_64__ && defined __GNUC__

#if defined __clang__
#define HAS_LEVEL_2 (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt"))
#define HAS_LEVEL_3                                                                                \
    (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&                            \
     __builtin_cpu_supports("bmi2"))
#define HAS_LEVEL_4                                                                                \
    (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&                   \
     __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd"))
#else
#define HAS_LEVEL_2 __builtin_cpu_supports("x86-64-v2")
#define HAS_LEVEL_3 __builtin_cpu_supports("x86-64-v3")
#define HAS_LEVEL_4 __builtin_cpu_supports("x86-64-v4")
#endif

int weft_cpu_level(void)
{
    if (!HAS_LEVEL_2)
        return 1;
    if (!HAS_LEVEL_3)
        return 2;
    return HAS_LEVEL_4 ? 4 : 3;
}

#else

int weft_cpu_level(void)
{
    return 0;
}

#endif
