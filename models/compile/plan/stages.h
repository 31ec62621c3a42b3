/* The stages of the compiler.  Each returns WEFT_OK or a status with its sentence in p->err.
 *
 *     split    what the host runs, between which runs of the device                      split.c
 *     fuse     which operators share a layer                                           fuse.c
 *     views    which tensors lie in parts of one area, so that nothing is copied        views.c
 *     lower    graph -> areas (tensors as bytes) and layers, each with its kernels     lower*.c
 *     choose   the stages below, several times; the fastest plan stays                  choose.c
 *     place    which areas stay in the feature buffer, tile sizes, word addresses      place.c
 *     memory   addresses of the other areas in device memory                           memory.c
 *     emit     layers -> commands with what they read and write                        emit*.c
 *     sync     tokens and WAIT from those accesses                                     sync.c
 *     cycles   prediction                                                             cycles*.c */
#ifndef WEFT_COMPILE_STAGES_H
#define WEFT_COMPILE_STAGES_H

#include "plan.h"

int plan_split(plan *p);
int plan_fuse(plan *p);
int plan_views(plan *p);
void plan_support(const plan *p, weft_placement *placements); /* by node */
int plan_lower(plan *p);
int plan_place(plan *p);
int plan_memory(plan *p);
/* The refusal of a program that needs more memory than there is: how much, and for which layers. */
int plan_too_large(plan *p, uint64_t needed);
int plan_emit(plan *p);
int plan_sync(plan *p);
/* Predicts the cycles of every layer; all together. */
uint64_t plan_cycles(plan *p);
/* Ways to place, none of which is always the best. */
enum {
    POLICY_KEEP_CHAINS = 1, /* no chain is given up once there is room for it */
    POLICY_EVEN_TILES = 2,  /* tiles at the edges count like the others */
    POLICIES = 4
};

/* The stages from placement on, with the best of several plans. */
int plan_choose(plan *p);

#endif
