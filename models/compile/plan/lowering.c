/* Areas, layers and the image of a lowering: arrays that grow. */
#include "lowering.h"

#include <stdlib.h>

int lowering_add_area(lowering *low, uint32_t rows, uint32_t row_bytes, uint32_t *out)
{
    area *grown = work_grow(low->work, low->areas, low->area_count, &low->area_room, sizeof *grown);
    if (!grown)
        return WEFT_ERR_NO_MEMORY;
    low->areas = grown;
    grown[low->area_count] = (area){ .rows = rows, .row_bytes = row_bytes, .born = UINT32_MAX };
    *out = low->area_count++;
    return WEFT_OK;
}

layer *lowering_add_layer(lowering *low, uint32_t node)
{
    layer *grown =
        work_grow(low->work, low->layers, low->layer_count, &low->layer_room, sizeof *grown);
    if (!grown)
        return NULL;
    low->layers = grown;
    layer *l = &grown[low->layer_count++];
    *l = (layer){ .node = node, .name = low->net->g->nodes[node].name, .weights = NO_AREA };
    l->reach_y = l->reach_x = (reach){ 1, 1, 1, 0 };
    l->lo2 = INT8_MIN;
    l->hi2 = INT8_MAX;
    return l;
}

uint8_t *lowering_add_image(lowering *low, size_t bytes, uint32_t *offset)
{
    size_t start = (low->image_bytes + 31) / 32 * 32;
    if (bytes > INT32_MAX || start > (size_t)INT32_MAX - bytes) {
        weft_error_set(low->work->err, WEFT_ERR_CAPACITY, "weights and tables would exceed 2 GiB");
        return NULL;
    }
    if (start + bytes > low->image_room) {
        size_t room = 2 * (start + bytes) + 4096;
        uint8_t *moved = realloc(low->image, room);
        if (!moved) {
            work_no_memory(low->work);
            return NULL;
        }
        low->image = moved;
        low->image_room = room;
    }
    memset(low->image + low->image_bytes, 0, start + bytes - low->image_bytes);
    low->image_bytes = start + bytes;
    *offset = (uint32_t)start;
    return low->image + start;
}

void lowering_free(lowering *low)
{
    free(low->areas);
    free(low->layers);
    free(low->image);
    free(low->area_of);
}
