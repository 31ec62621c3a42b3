/* What the files behind weft_compiler.h share; private to them. */
#ifndef WEFT_COMPILER_OWN_H
#define WEFT_COMPILER_OWN_H

#include "models/compile/weft_compile.h"
#include <weft/weft_compiler.h>

struct weft_network {
    weft_graph *graph;      /* checked */
    weft_placement *places; /* by node, on a device that is large enough */
};

/* Copy a struct that begins with struct_bytes to one of a caller who may know less of it: as many
 * bytes as the caller has said, zeros behind them.  Returns WEFT_OK, or WEFT_ERR_ARG if `to` is NULL
 * or has no room for its own struct_bytes. */
int struct_give(void *to, const void *from, uint32_t bytes);

/* The other way: what the caller does not know becomes zero.  `from` may be NULL: all zeros. */
int struct_take(void *to, uint32_t bytes, const void *from, weft_error *err);

/* "NAME must not be NULL"; returns WEFT_ERR_ARG. */
int no_null(weft_error *err, const char *name);

/* WEFT_OK if each bind has a name and a size, else WEFT_ERR_ARG. */
int binds_check(const weft_bind *binds, uint32_t count, weft_error *err);

/* Describe an operator to a caller; returns as struct_give. */
int operator_give(const char *name, weft_op op, const weft_placement *place,
                  weft_operator_info *out);

#endif
