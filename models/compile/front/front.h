/* The front of the compiler: what runs where, and what shares a layer or memory.  The stages, in
 * their order; each fills in its part of the network.  They return WEFT_OK or a status with its
 * sentence in net->work->err. */
#ifndef WEFT_COMPILE_FRONT_H
#define WEFT_COMPILE_FRONT_H

#include "models/compile/plan/network.h"

/* Decides what the host runs, and between which runs of the device (split.c).  Fails only for want
 * of memory. */
int front_split(network *net);

/* Decides which operators share a layer, and which become tables (fuse.c).  Fails for want of
 * memory, and with WEFT_ERR_RANGE, and the node to blame, if no tables give an operator's bytes. */
int front_fuse(network *net);

/* Decides which tensors lie in parts of one area, so that nothing is copied (views.c).  Fails only
 * for want of memory. */
int front_views(network *net);

/* Says of every node where it runs and why (support.c); wants split and fuse, tells more after
 * views. */
void front_support(const network *net, weft_placement *placements);

#endif
