/* The network as areas of bytes, layers with kernels, and the image of weights and tables.
 * Written by lower/, constant for every stage behind it, so that many schedules can be made of one
 * lowering. */
#ifndef WEFT_COMPILE_LOWERING_H
#define WEFT_COMPILE_LOWERING_H

#include "layer.h"
#include "network.h"

/* The rows in which a tensor lies. */
typedef struct layout {
    uint32_t rows, row_bytes;
} layout;

typedef struct lowering {
    work *work;
    const network *net;
    uint32_t *area_of; /* by tensor: its area, NO_AREA if it has none */
    layout *wanted;    /* by tensor: what its readers ask for; rows 0 if they take any */
    area *areas;
    uint32_t area_count, area_room;
    layer *layers;
    uint32_t layer_count, layer_room;
    uint8_t *image; /* what device memory holds before the first run, from network.base on */
    size_t image_bytes, image_room;
} lowering;

/* Appends an area of `rows` rows; *out is its number.  Returns WEFT_OK or WEFT_ERR_NO_MEMORY. */
int lowering_add_area(lowering *low, uint32_t rows, uint32_t row_bytes, uint32_t *out);

/* Appends a layer for the node: returns it, valid until the next one is added; NULL: no memory. */
layer *lowering_add_layer(lowering *low, uint32_t node);

/* Appends `bytes` zeroed bytes to the image, at a multiple of 32: returns where they are, valid
 * until the next call, and their offset.  NULL with the error set if there is no memory or the
 * image would exceed 2 GiB. */
uint8_t *lowering_add_image(lowering *low, size_t bytes, uint32_t *offset);

/* Frees areas, layers and the image; what work_alloc gave lives on. */
void lowering_free(lowering *low);

#endif
