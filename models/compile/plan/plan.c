/* Memory of a plan: areas, layers, image.  Everything is freed at once. */
#include "plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct block {
    struct block *next;
    uint64_t align;
};

int plan_no_memory(plan *p)
{
    return weft_error_set(p->err, WEFT_ERR_NO_MEMORY, "out of memory while compiling");
}

void plan_blame(plan *p, uint32_t node, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(p->culprits[node].why, sizeof p->culprits[node].why, format, args);
    va_end(args);
}

void *plan_alloc(plan *p, size_t bytes)
{
    struct block *b = bytes > SIZE_MAX - sizeof(struct block) ? NULL : calloc(1, sizeof *b + bytes);
    if (!b) {
        plan_no_memory(p);
        return NULL;
    }
    b->next = p->blocks;
    p->blocks = b;
    return b + 1;
}

void *plan_grow(plan *p, void *array, uint32_t count, uint32_t *room, size_t element_bytes)
{
    if (count < *room)
        return array;
    uint32_t more = *room ? 2 * *room : 64;
    void *moved = realloc(array, more * element_bytes);
    if (!moved) {
        plan_no_memory(p);
        return NULL;
    }
    *room = more;
    return moved;
}

int plan_new_area(plan *p, uint32_t rows, uint32_t row_bytes, uint32_t *out)
{
    area *grown = plan_grow(p, p->areas, p->area_count, &p->area_room, sizeof *grown);
    if (!grown)
        return WEFT_ERR_NO_MEMORY;
    p->areas = grown;
    grown[p->area_count] = (area){ .rows = rows, .row_bytes = row_bytes, .born = UINT32_MAX };
    *out = p->area_count++;
    return WEFT_OK;
}

layer *plan_new_layer(plan *p, uint32_t node)
{
    layer *grown = plan_grow(p, p->layers, p->layer_count, &p->layer_room, sizeof *grown);
    if (!grown)
        return NULL;
    p->layers = grown;
    layer *l = &grown[p->layer_count++];
    *l = (layer){ .node = node, .name = p->g->nodes[node].name, .weights = NO_AREA };
    l->reach_y = l->reach_x = (reach){ 1, 1, 1, 0 };
    l->lo2 = INT8_MIN;
    l->hi2 = INT8_MAX;
    return l;
}

uint32_t layer_input_count(const layer *l)
{
    return l->kind != LAYER_WINDOW ? l->part_count : l->in_count + (l->weights != NO_AREA);
}

uint32_t layer_input(const layer *l, uint32_t i)
{
    if (l->kind != LAYER_WINDOW)
        return l->parts[i].area;
    return i < l->in_count ? l->in[i] : l->weights;
}

uint8_t *plan_image(plan *p, size_t bytes, uint32_t *offset)
{
    size_t start = (p->image_bytes + 31) / 32 * 32;
    if (bytes > INT32_MAX || start > (size_t)INT32_MAX - bytes) {
        weft_error_set(p->err, WEFT_ERR_CAPACITY, "weights and tables would exceed 2 GiB");
        return NULL;
    }
    if (start + bytes > p->image_room) {
        size_t room = 2 * (start + bytes) + 4096;
        uint8_t *moved = realloc(p->image, room);
        if (!moved) {
            plan_no_memory(p);
            return NULL;
        }
        p->image = moved;
        p->image_room = room;
    }
    memset(p->image + p->image_bytes, 0, start + bytes - p->image_bytes);
    p->image_bytes = start + bytes;
    *offset = (uint32_t)start;
    return p->image + start;
}

void plan_free(plan *p)
{
    while (p->blocks) {
        struct block *next = p->blocks->next;
        free(p->blocks);
        p->blocks = next;
    }
    free(p->areas);
    free(p->layers);
    free(p->image);
    free(p->commands);
    free(p->area_of);
}

void layer_set_window(layer *l, const weft_window *w)
{
    l->reach_y =
        (reach){ w->stride_h, 1, w->dilation_h * (w->kernel_h - 1) + 1, -(int64_t)w->pad_top };
    l->reach_x =
        (reach){ w->stride_w, 1, w->dilation_w * (w->kernel_w - 1) + 1, -(int64_t)w->pad_left };
}

kernel kernel_default(void)
{
    return (kernel){ .groups = 1,
                     .seg = 1,
                     .pass_r = 1,
                     .taps_x = 1,
                     .passes = 1,
                     .krows = WEFT_MOST(COMPUTE, KROWS),
                     .blocks = 1,
                     .chain = 1,
                     .phases = 1,
                     .px = 1,
                     .lo1 = INT8_MIN,
                     .hi1 = INT8_MAX,
                     .dy = 1,
                     .dx = 1,
                     .row_step = 1,
                     .reps = 1,
                     .merge = 1 };
}
