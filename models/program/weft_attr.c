/* Attributes of operators as words of a file: one list of fields for reader and writer. */
#include "weft_attr.h"

#include <stdlib.h>
#include <string.h>

static void word(attr_file *f, uint32_t *value)
{
    if (f->in)
        *value = view_u32(f->in);
    else
        sink_u32(f->out, *value);
}

static void number(attr_file *f, int32_t *value)
{
    if (f->in)
        *value = view_i32(f->in);
    else
        sink_u32(f->out, (uint32_t)*value);
}

/* A flag is 0 or 1 in the file; whatever is not 0 in memory is 1. */
static void flag(attr_file *f, int *value)
{
    if (f->in)
        *value = (int)view_enum(f->in, 2);
    else
        sink_u32(f->out, *value != 0);
}

static void real(attr_file *f, float *value)
{
    if (f->in)
        *value = view_float(f->in);
    else
        sink_float(f->out, *value);
}

static void words(attr_file *f, uint32_t *value, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        word(f, &value[i]);
}

static void clamp(attr_file *f, weft_clamp *c)
{
    number(f, &c->lo);
    number(f, &c->hi);
}

static void window(attr_file *f, weft_window *w)
{
    uint32_t *const fields[] = { &w->kernel_h,   &w->kernel_w,   &w->stride_h, &w->stride_w,
                                 &w->dilation_h, &w->dilation_w, &w->pad_top,  &w->pad_left,
                                 &w->pad_bottom, &w->pad_right };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        word(f, fields[i]);
}

/* Room for a list that is read: `count` elements of so many words, which must be there. */
static void *new_list(attr_file *f, unsigned which, uint32_t count, uint32_t element_words)
{
    if (f->in->bad || count > f->in->bytes / (4 * (size_t)element_words)) {
        f->in->bad = 1;
        return NULL;
    }
    f->lists[which] = view_array(f->in, count, 4 * (size_t)element_words);
    return f->lists[which];
}

static void index_list(attr_file *f, unsigned which, uint32_t count, const uint32_t **list)
{
    uint32_t *fresh = f->in ? new_list(f, which, count, 1) : NULL;
    if (f->in)
        *list = fresh;
    for (uint32_t i = 0; i < count && (fresh || f->out); i++)
        if (fresh)
            fresh[i] = view_u32(f->in);
        else
            sink_u32(f->out, (*list)[i]);
}

static void lerp_list(attr_file *f, unsigned which, uint32_t count, const weft_lerp **list)
{
    weft_lerp *fresh = f->in ? new_list(f, which, count, 3) : NULL;
    if (f->in)
        *list = fresh;
    for (uint32_t i = 0; i < count && (fresh || f->out); i++) {
        weft_lerp l = fresh ? fresh[i] : (*list)[i];
        word(f, &l.lo);
        word(f, &l.hi);
        word(f, &l.weight);
        if (fresh)
            fresh[i] = l;
    }
}

static void share_list(attr_file *f, unsigned which, uint32_t count, const weft_share **list)
{
    weft_share *fresh = f->in ? new_list(f, which, count, 4) : NULL;
    if (f->in)
        *list = fresh;
    for (uint32_t i = 0; i < count && (fresh || f->out); i++) {
        weft_share s = fresh ? fresh[i] : (*list)[i];
        word(f, &s.lo);
        word(f, &s.hi);
        real(f, &s.of_lo);
        real(f, &s.of_hi);
        if (fresh)
            fresh[i] = s;
    }
}

static void table(attr_file *f, const int8_t **entries, size_t bytes)
{
    if (f->in)
        *entries = (const int8_t *)view_take(f->in, bytes);
    else
        sink_put(f->out, *entries, bytes);
}

/* What is divided by and how is added are one word: bit 0, the padding counts; bits 1 and 2,
 * adding; bit 3, zero_first; bit 4, offset 128. */
static void pool(attr_file *f, weft_pool_2d *a)
{
    window(f, &a->window);
    uint32_t how = (uint32_t)(a->count_include_pad != 0) | (uint32_t)a->adding << 1 |
                   (uint32_t)(a->zero_first != 0) << 3 | (uint32_t)(a->offset != 0) << 4;
    if (f->in)
        how = view_enum(f->in, 1 << 5);
    else
        sink_u32(f->out, how);
    a->count_include_pad = (int)(how & 1);
    a->adding = (weft_adding)(how >> 1 & 3);
    a->zero_first = (int)(how >> 3 & 1);
    a->offset = how >> 4 ? 128 : 0;
    clamp(f, &a->clamp);
}

/* A word: bit 0, not divided; bits 1 and 2, adding; from bit 3 on, order. */
static void mean(attr_file *f, weft_mean *a)
{
    word(f, &a->axes);
    uint32_t how = (uint32_t)(a->sum != 0) | (uint32_t)a->adding << 1 | a->order << 3;
    if (f->in)
        how = view_enum(f->in, 1u << (3 + WEFT_MAX_RANK * WEFT_MEAN_ORDER_BITS));
    else
        sink_u32(f->out, how);
    a->sum = (int)(how & 1);
    a->adding = (weft_mean_adding)(how >> 1 & 3);
    a->order = how >> 3;
    clamp(f, &a->clamp);
}

/* How it rounds is a word: 0 once, 1 it truncates, 2 in float32 by shares, which follow. */
static void bilinear(attr_file *f, uint32_t rows, uint32_t columns, weft_resize_bilinear *a)
{
    lerp_list(f, 0, rows, &a->rows);
    lerp_list(f, 1, columns, &a->columns);
    word(f, &a->row_one);
    word(f, &a->column_one);
    uint32_t how = a->row_shares ? 2 : a->truncates ? 1 : 0;
    if (f->in)
        how = view_enum(f->in, 3);
    else
        sink_u32(f->out, how);
    a->truncates = how == 1;
    number(f, &a->origin);
    clamp(f, &a->clamp);
    if (how == 2) {
        share_list(f, 2, rows, &a->row_shares);
        share_list(f, 3, columns, &a->column_shares);
    }
}

void attr_code(attr_file *f, weft_node *n, const weft_tensor *y)
{
    const uint32_t rank = y->rank, rows = rank == 4 ? y->dims[1] : 0;
    const uint32_t columns = rank == 4 ? y->dims[2] : 0;
    switch (weft_op_attr(n->op)) {
    case WEFT_ATTR_NONE: return;
    case WEFT_ATTR_CONV_2D:
        window(f, &n->attr.conv_2d.window);
        word(f, &n->attr.conv_2d.groups);
        clamp(f, &n->attr.conv_2d.clamp);
        return;
    case WEFT_ATTR_FULLY_CONNECTED: clamp(f, &n->attr.fully_connected.clamp); return;
    case WEFT_ATTR_MATMUL:
        flag(f, &n->attr.matmul.transpose_b);
        clamp(f, &n->attr.matmul.clamp);
        return;
    case WEFT_ATTR_POOL_2D: pool(f, &n->attr.pool_2d); return;
    case WEFT_ATTR_MEAN: mean(f, &n->attr.mean); return;
    case WEFT_ATTR_ELEMENTWISE:
        clamp(f, &n->attr.elementwise.clamp);
        number(f, &n->attr.elementwise.offset);
        return;
    case WEFT_ATTR_TABLE: table(f, &n->attr.table.entries, 256); return;
    case WEFT_ATTR_TABLE_PAIR: table(f, &n->attr.table_pair.entries, WEFT_TABLE_PAIR_BYTES); return;
    case WEFT_ATTR_TRANSPOSE: words(f, n->attr.transpose.perm, rank); return;
    case WEFT_ATTR_PAD:
        words(f, n->attr.pad.before, rank);
        words(f, n->attr.pad.after, rank);
        number(f, &n->attr.pad.value);
        return;
    case WEFT_ATTR_CONCAT: word(f, &n->attr.concat.axis); return;
    case WEFT_ATTR_SLICE:
        words(f, n->attr.slice.begin, rank);
        for (uint32_t i = 0; i < rank; i++)
            number(f, &n->attr.slice.stride[i]);
        return;
    case WEFT_ATTR_RESIZE_NEAREST:
        index_list(f, 0, rows, &n->attr.resize_nearest.rows);
        index_list(f, 1, columns, &n->attr.resize_nearest.columns);
        return;
    case WEFT_ATTR_RESIZE_BILINEAR: bilinear(f, rows, columns, &n->attr.resize_bilinear); return;
    case WEFT_ATTR_SOFTMAX: real(f, &n->attr.softmax.beta); return;
    case WEFT_ATTR_LAYER_NORMALIZATION:
        word(f, &n->attr.layer_normalization.axis);
        real(f, &n->attr.layer_normalization.epsilon);
        clamp(f, &n->attr.layer_normalization.clamp);
        return;
    case WEFT_ATTR_FUNCTION:
        word(f, &n->attr.function.number);
        real(f, &n->attr.function.a);
        real(f, &n->attr.function.b);
        return;
    case WEFT_ATTR_ARGMAX:
        word(f, &n->attr.argmax.axis);
        flag(f, &n->attr.argmax.smallest);
        flag(f, &n->attr.argmax.last);
        return;
    }
}
