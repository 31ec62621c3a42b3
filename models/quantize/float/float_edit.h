/* Changes to a float network: values, nodes and attributes added, rewired and taken out.
 *
 * Whoever edits keeps `readers` right through these functions.  Names of new values are made
 * unique.  Functions that can fail return WEFT_OK or WEFT_ERR_NO_MEMORY with a sentence.
 * Cost: searching is linear in the network, which float_fold limits to FLOAT_MAX_NODES. */
#ifndef WEFT_FLOAT_EDIT_H
#define WEFT_FLOAT_EDIT_H

#include "float_net.h"

enum { FLOAT_MAX_NODES = 16384 };

/* "base" or "base_suffix", and more underscores where that is taken. */
const char *float_unique_name(float_net *net, const char *base, const char *suffix);

/* A new value like no other; its shape is that of `like` (may be FLOAT_NONE). */
int float_add_value(float_net *net, const char *base, const char *suffix, uint32_t like,
                    uint32_t *out, weft_error *err);

/* A constant of floats; from may be NULL: zeros. */
int float_add_floats(float_net *net, const char *base, const char *suffix, uint32_t rank,
                     const size_t *dims, const float *from, uint32_t *out, weft_error *err);

/* A constant of int64 in one axis; likewise. */
int float_add_ints(float_net *net, const char *base, const char *suffix, size_t count,
                   const int64_t *from, uint32_t *out, weft_error *err);

/* A node of this operator before node `at`, without attributes. */
int float_insert(float_net *net, uint32_t at, const char *op, uint32_t in_count, const uint32_t *in,
                 uint32_t out, weft_error *err);

/* Change the operator of a node. */
int float_set_op(float_net *net, uint32_t node, const char *op, weft_error *err);

/* Change its inputs. */
int float_set_inputs(float_net *net, uint32_t node, uint32_t in_count, const uint32_t *in,
                     weft_error *err);

/* Take a node out. */
void float_kill(float_net *net, uint32_t node);

/* All readers of `from`, outputs of the network too, read `to`. */
void float_rewire(float_net *net, uint32_t from, uint32_t to);

/* The node that computes a value, or FLOAT_NONE. */
uint32_t float_producer(const float_net *net, uint32_t value);

/* The node that alone reads a value, or FLOAT_NONE: several do, or it is an output. */
uint32_t float_only_reader(const float_net *net, uint32_t value);

/* 1 if the value is an output of the network. */
int float_is_output(const float_net *net, uint32_t value);

/* Set an integer attribute; an existing one of this name is replaced. */
int float_set_int(float_net *net, uint32_t node, const char *name, int64_t v, weft_error *err);

/* Set a text attribute; likewise. */
int float_set_text(float_net *net, uint32_t node, const char *name, const char *v, weft_error *err);

/* Take an attribute out, if the node has it. */
int float_drop_attribute(float_net *net, uint32_t node, const char *name, weft_error *err);

/* The array of input i if it is a constant of floats, else NULL. */
const nd *float_constant(const float_net *net, const float_node *n, uint32_t i);

/* 1 if the node is of this operator (and not dead). */
int float_is(const float_net *net, uint32_t node, const char *op);

#endif
