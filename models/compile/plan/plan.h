/* What the stages of the compiler hand to each other (stages.h says which).  Not for other users.
 * One plan belongs to one weft_compile call; all memory it uses is freed with it. */
#ifndef WEFT_COMPILE_PLAN_H
#define WEFT_COMPILE_PLAN_H

#include "layer.h"
#include "models/compile/weft_compile.h"

typedef struct plan {
    const weft_graph *g;
    weft_hw hw;
    uint8_t *on_host, *home;  /* by node: 1 if the host runs it; by tensor: HOME_* of split.h */
    uint32_t *order;          /* the graph's, with the steps of the host between the runs */
    uint32_t run;             /* emit: the run that commands belong to */
    weft_placement *unfit;    /* by node: why the device does not run it; "" if it may */
    weft_placement *culprits; /* likewise: why a stage refuses because of it */
    struct average_plan *averages; /* by node: averages.h */
    struct fusion *fusions;        /* by node: fuse.h */
    struct view *views;            /* by tensor: views.h */
    int apart; /* no tensor shares an area: what there was to gain would be lost elsewhere */
    struct byte_function *functions; /* by tensor: fuse.h */
    uint32_t *readers;         /* by tensor: nodes that read it, less those that need not exist */
    uint32_t base, stream_row; /* stream_row: CP of the contract */
    uint32_t *area_of;         /* by tensor */
    area *areas;
    uint32_t area_count, area_room;
    layer *layers;
    uint32_t layer_count, layer_room;
    uint8_t *image;
    size_t image_bytes, image_room;
    struct pending *commands; /* commands.h */
    uint32_t command_count, command_room;
    uint32_t occupants;
    unsigned policy;           /* place: of POLICY_* */
    int has_operands, has_lut; /* emit: what is in the device's tables */
    uint32_t operands, lut;    /* then: offsets in the image */
    uint64_t activation_bytes;
    uint64_t needed;          /* bytes of device memory, if there are less */
    struct block *blocks;     /* of plan_alloc */
    struct place_memo *memos; /* of place */
    weft_error *err;
} plan;

/* A stage refuses because of this node, for the reason that is said. */
void plan_blame(plan *p, uint32_t node, const char *format, ...) WEFT_PRINTF(3, 4);

/* Everything allocated lives until plan_free. */
void *plan_alloc(plan *p, size_t bytes);
/* Make room for one more element; returns the array or NULL (error set). */
void *plan_grow(plan *p, void *array, uint32_t count, uint32_t *room, size_t element_bytes);
int plan_new_area(plan *p, uint32_t rows, uint32_t row_bytes, uint32_t *out);
layer *plan_new_layer(plan *p, uint32_t node); /* NULL: no memory */
void plan_free(plan *p);
int plan_no_memory(plan *p);

/* Room for `bytes` zeroed bytes in the image, 32-byte aligned; NULL: no memory. */
uint8_t *plan_image(plan *p, size_t bytes, uint32_t *offset);

#endif
