/* What the files behind weft_compiler.h share; private to them. */
#ifndef WEFT_COMPILER_OWN_H
#define WEFT_COMPILER_OWN_H

#include "models/base/args.h"
#include "models/compile/weft_compile.h"
#include <weft/weft_compiler.h>

struct weft_network {
    weft_graph *graph;      /* checked */
    weft_placement *places; /* by node, on a device that is large enough */
};

/* Take the caller's options, or zeros where `from` is NULL.  Returns as weft_struct_take. */
int options_take(const void *from, void *to, size_t known_bytes, weft_error *err);

/* WEFT_OK if each bind has a name and a size, else WEFT_ERR_ARG. */
int binds_check(const weft_bind *binds, uint32_t count, weft_error *err);

/* WEFT_OK if index is below count, else WEFT_ERR_ARG with a sentence about these things. */
int index_check(uint32_t index, uint32_t count, const char *things, weft_error *err);

/* Describe an operator to a caller; returns as weft_struct_fill. */
int operator_fill(const char *name, weft_op op, const weft_placement *place,
                  weft_operator_info *out, weft_error *err);

#endif
