/* The strip of layers of a profile: each begins where the one before ends, up to the right edge, however many cycles a run takes. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

#include "host/tool/profile.h"
#include "host/tool/profile_plot.h"
#include "tests/test.h"

enum { LAYERS = 16 };

static void check(test *t, uint32_t cycles)
{
    profile p = { .layer_count = LAYERS };
    p.layers = calloc(LAYERS, sizeof *p.layers);
    char *text = NULL;
    size_t bytes = 0;
    FILE *to = open_memstream(&text, &bytes);
    if (!p.layers || !to)
        exit(1);
    p.all.counters[COUNT_CYCLES] = LAYERS * cycles;
    for (uint32_t i = 0; i < LAYERS; i++) {
        p.layers[i].name = "layer";
        p.layers[i].begin = i * cycles;
        p.layers[i].counters[COUNT_CYCLES] = cycles;
    }
    plot_time(&p, to);
    fclose(to);
    double until = -1, first = 0;
    unsigned seen = 0;
    for (const char *at = text; (at = strstr(at, "<rect x=\"")) && seen < LAYERS; seen++) {
        const double x = strtod(at += 9, NULL), width = strtod(strstr(at, "width=\"") + 7, NULL);
        CHECK(t, width > 0 && (seen == 0 || (x > until - 0.2 && x < until + 0.2)),
              "%u cycles: layer %u begins at %g, the one before ends at %g", (unsigned)cycles, seen,
              x, until);
        first = seen ? first : x;
        until = x + width;
    }
    CHECK(t, seen == LAYERS && until - first > 800 && until < 1160,
          "%u cycles: %u layers, up to %g", (unsigned)cycles, seen, until);
    free(text);
    free(p.layers);
}

int main(int argc, char **argv)
{
    test t = test_begin("profile_plot", argc, argv, 1, 1);
    check(&t, 1000);
    check(&t, 1050000);   /* ResNet-50 */
    check(&t, 268000000); /* as many as 32 bits hold */
    return test_end(&t, "layers over time, up to 4.29 G cycles");
}
