/* The network as the front of the compiler leaves it: what the device is, which operators the host
 * runs, which share a layer, and which tensors share memory.  Written by front/, constant for
 * every stage behind it. */
#ifndef WEFT_COMPILE_NETWORK_H
#define WEFT_COMPILE_NETWORK_H

#include <string.h>

#include "rtl/isa/weft_isa.h"
#include "work.h"

typedef struct network {
    work *work; /* of the compilation */
    const weft_graph *g;
    weft_hw hw;
    uint32_t base;                       /* address of the program in device memory */
    uint32_t stream_row;                 /* bytes of a row of weights: CP of the contract */
    const weft_placement *unfit;         /* by node: why the device does not run it; "" if it may */
    const struct average_plan *averages; /* by node: averages.h */
    int apart;                           /* no tensor may share an area with another */
    /* split.c */
    uint8_t *on_host; /* by node: 1 if the host runs it */
    uint8_t *home;    /* by tensor: HOME_* of split.h */
    uint32_t *order;  /* the graph's, with the steps of the host between the runs of the device */
    /* fuse.c */
    struct fusion *fusions;          /* by node: fuse.h */
    struct byte_function *functions; /* by tensor: fuse.h */
    uint32_t *readers; /* by tensor: nodes that read it, less those that are not needed */
    /* views.c */
    struct view *views; /* by tensor: views.h */
} network;

#endif
