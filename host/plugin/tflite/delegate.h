/* What the files of the delegate share; README.md beside this file says how they work together.
 *
 * Nothing is global: what lives as long as a delegate belongs to it.  Functions that return int return WEFT_OK or a
 * status with its sentence in `err`. */
#ifndef WEFT_PLUGIN_TFLITE_DELEGATE_H
#define WEFT_PLUGIN_TFLITE_DELEGATE_H

#include <pthread.h>

#include "host/plugin/share/compile.h"
#include "host/plugin/tflite/abi.h"

enum {
    DELEGATE_PATH_BYTES = 1024,
    DELEGATE_TEXT_BYTES = 4096 /* of sentences that list what is refused */
};

/* A model and the program that was compiled from it; both given back by free(). */
typedef struct delegate_program {
    void *model, *program;
    uint64_t model_bytes, program_bytes;
} delegate_program;

typedef struct delegate {
    tfl_delegate tfl; /* first: the runtime gives its address back */
    plugin_devices *devices;
    plugin_device *device;
    bool is_strict;                  /* all of the network or an error */
    weft_truth truth;                /* whose bytes */
    char cache[DELEGATE_PATH_BYTES]; /* directory of programs; "" for none */
    pthread_mutex_t lock;            /* while an interpreter is prepared */
    delegate_program last;           /* what was claimed for it, until its kernel is made */
} delegate;

/* --- node_options.c ------------------------------------------------------------------------------ */

/* The options of an operator as a table of the file: its kind and fields, whose values the runtime keeps in a struct for
 * each operator. */
enum { NODE_OPTIONS_FIELDS = 8 };
typedef struct node_options {
    unsigned kind, count; /* BuiltinOptions; 0: it has none */
    struct {
        unsigned id, bytes;
        uint64_t value;
    } fields[NODE_OPTIONS_FIELDS];
} node_options;

/* Read them; none of an operator that the compiler does not know. */
node_options node_options_of(int builtin_code, const void *builtin_data);

/* --- graph_model.c ------------------------------------------------------------------------------- */

/* Write a part of the network of an interpreter as the bytes of a .tflite file with the constants that it reads.
 * Tensors are called by their index, "12".  `model` is given back by free().
 *
 * Returns WEFT_OK, WEFT_ERR_UNSUPPORTED: a tensor of it cannot be written, or WEFT_ERR_NO_MEMORY. */
int delegate_model_write(tfl_context *context, const tfl_delegate_params *part, void **model,
                         uint64_t *byte_count, weft_error *err);

/* Why a node cannot be in such a file, a clause, or NULL: it keeps state, sizes depend on data, .. */
const char *delegate_node_refused(const tfl_context *context, const tfl_node *node);

/* --- cache.c: compiled programs in a directory of the user --------------------------------------- */

/* The program in the cache for to->model and the array of the device, if there is one: true.  A damaged or foreign file
 * is none. */
bool delegate_cache_read(const delegate *d, const weft_array *array, delegate_program *to);

/* Keep it, if that is possible: a cache that cannot be written to is no error. */
void delegate_cache_write(const delegate *d, const weft_array *array, const delegate_program *from);

/* --- claim.c: which nodes run on Weft ------------------------------------------------------------ */

typedef struct delegate_claim {
    tfl_ints *nodes; /* in the order of computation; given back by free(); NULL: none */
    int all;         /* nodes of the network */
    char why[DELEGATE_TEXT_BYTES]; /* sentences: why not all; "" if all */
} delegate_claim;

/* Find what the device can compute: all nodes, else the largest connected part that the compiler takes and that has work
 * for the array.  Its program is left in d->last. */
int delegate_claim_find(delegate *d, tfl_context *context, delegate_claim *out, weft_error *err);

/* The program of a model, from the cache or compiled; options as of weft_network_parse, `to` as of its model. */
int delegate_program_of(const delegate *d, weft_network_options *options, delegate_program *to,
                        weft_error *err);

/* --- kernel.c ------------------------------------------------------------------------------------ */

/* How the runtime runs a part of a network that was claimed. */
tfl_registration delegate_kernel(void);

#endif
