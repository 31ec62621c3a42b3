// What happens when the design stops itself, by a failed assertion or $finish: the run-time library of
// Verilator would end the process; here it is an exception, which weft_sim.cpp makes an error of.
#include <cstdio>
#include <stdexcept>

#include "verilated.h"

void vl_stop(const char *file, int line, const char *scope) VL_MT_UNSAFE
{
    char text[200];
    snprintf(text, sizeof text, "%.60s (%.80s:%d)", scope && *scope ? scope : "the design", file,
             line);
    throw std::runtime_error(text);
}

void vl_fatal(const char *file, int line, const char *scope, const char *) VL_MT_UNSAFE
{
    vl_stop(file, line, scope);
}

void vl_finish(const char *file, int line, const char *scope) VL_MT_UNSAFE
{
    vl_stop(file, line, scope);
}
