/* Operators that only move data or choose the largest, on float32 between int8 tensors.
 *
 * Moving and choosing commute with rounding, so the bytes are moved instead.  If all parts are
 * DEQUANTIZE of tensors on one scale, their bytes are; else every reader must be a QUANTIZE to one
 * scale, perhaps behind more moves, and the parts are rounded to that scale first. */
#include <string.h>

#include "tflite_import.h"

enum { QUANTIZE = 114, MOST_MOVES = 32 };

int tfl_is_move(int code)
{
    static const uint8_t moves[] = { 2,  5,  17, 22, 26, 34, 36, 37, 38, 39,  43,  45,  49, 55,
                                     57, 65, 69, 70, 82, 83, 88, 89, 97, 100, 102, 105, 130 };
    return memchr(moves, code, sizeof moves) != NULL && code > 0 && code < 256;
}

static int same_quant(const weft_quant *a, const weft_quant *b)
{
    return a->count == 1 && b->count == 1 && a->scale[0] == b->scale[0] &&
           a->zero_point[0] == b->zero_point[0];
}

/* --- what the readers want ---------------------------------------------------------------- */

typedef struct search {
    const weft_quant *found;
    uint32_t depth; /* moves that may still be behind one another */
} search;

static int is_listed(tfl_import *im, fb_vector list, uint32_t value)
{
    for (uint32_t i = 0; i < list.count; i++)
        if ((uint32_t)fb_list_i32(&im->file, list, i) == value)
            return 1;
    return 0;
}

static int readers_agree(tfl_import *im, uint32_t value, search *s);

/* readers_agree of everything that a move makes. */
static int moved_agree(tfl_import *im, const tfl_node *n, search *s)
{
    int agree = s->depth > 0;
    s->depth--;
    for (uint32_t k = 0; k < n->outputs.count && agree; k++)
        agree = readers_agree(im, (uint32_t)fb_list_i32(&im->file, n->outputs, k), s);
    s->depth++;
    return agree;
}

/* Every reader of the value rounds to one scale, s->found. */
static int readers_agree(tfl_import *im, uint32_t value, search *s)
{
    if (is_listed(im, fb_list(&im->file, im->subgraph, 2, 4), value))
        return 0;
    for (uint32_t i = 0; i < im->operators.count; i++) {
        tfl_node n;
        tfl_read_node(im, fb_list_table(&im->file, im->operators, i), &n);
        im->looked_at += 1 + n.inputs.count;
        if (im->looked_at > TFL_MOST_LOOKED_AT)
            return 0;
        if (!is_listed(im, n.inputs, value))
            continue;
        const tfl_value *y = tfl_out(im, &n, 0);
        if (!y || (n.code != QUANTIZE && !(tfl_is_move(n.code) && y->type == TFL_FLOAT32)))
            return 0;
        if (n.code != QUANTIZE && !moved_agree(im, &n, s))
            return 0;
        if (n.code != QUANTIZE)
            continue;
        if (s->found && !same_quant(s->found, &y->quant))
            return 0;
        s->found = &y->quant;
    }
    return 1;
}

/* --- the move ----------------------------------------------------------------------------- */

/* Bytes that stand for every part; NULL if there are none. */
static const weft_quant *scale_of(tfl_import *im, const tfl_node *n, int *exact)
{
    const weft_quant *q = NULL;
    int one = 1;
    *exact = 1;
    for (uint32_t i = 0; i < n->inputs.count; i++) {
        const tfl_value *x = tfl_in(im, n, i);
        if (!x || x->type != TFL_FLOAT32)
            continue;
        if (!x->function)
            return NULL;
        const weft_quant *own = &im->graph->tensors[x->function->source].quant;
        one &= x->function->kind != TFL_COMPUTED && (!q || same_quant(q, own));
        *exact &= x->function->kind == TFL_STORED;
        q = own;
    }
    if (one || !q)
        return q;
    search s = { NULL, MOST_MOVES };
    *exact = 0;
    for (uint32_t k = 0; k < n->outputs.count; k++)
        if (!readers_agree(im, (uint32_t)fb_list_i32(&im->file, n->outputs, k), &s))
            return NULL;
    return s.found;
}

/* The value as int8 on that scale, until it is put back. */
static int as_bytes(tfl_import *im, const tfl_node *n, tfl_value *x, const weft_quant *quant)
{
    int8_t entries[256];
    uint32_t tensor = x->function->source;
    weft_tensor_desc d = { .name = x->name, .dtype = WEFT_INT8, .rank = x->rank, .quant = *quant };
    memcpy(d.dims, x->dims, sizeof d.dims);
    int rc = WEFT_OK;
    if (x->function->kind == TFL_COMPUTED ||
        !same_quant(&im->graph->tensors[tensor].quant, quant)) {
        rc = tfl_function_bytes(im, n, x, quant, entries);
        if (rc == WEFT_OK)
            rc = tfl_add_tensor(im, n, &d, &tensor);
        if (rc == WEFT_OK)
            rc = tfl_node_add(im, n, WEFT_OP_TABLE, &(weft_table){ entries }, 1,
                              &x->function->source, tensor);
    }
    x->type = TFL_INT8;
    x->quant = *quant;
    x->tensor = tensor;
    x->function = NULL;
    return rc;
}

int tfl_float_move(tfl_import *im, const tfl_node *n, tfl_handler *move, int *done)
{
    tfl_value was[WEFT_MAX_INPUTS];
    tfl_value *y = tfl_out(im, n, 0);
    int exact, rc = WEFT_OK;
    *done = 0;
    if (y->type != TFL_FLOAT32 || n->inputs.count > WEFT_MAX_INPUTS)
        return WEFT_OK;
    const weft_quant *quant = scale_of(im, n, &exact);
    if (!quant)
        return WEFT_OK;
    *done = 1;
    for (uint32_t i = 0; i < n->inputs.count; i++)
        if (tfl_in(im, n, i))
            was[i] = *tfl_in(im, n, i);
    for (uint32_t i = 0; i < n->inputs.count && rc == WEFT_OK; i++) {
        tfl_value *x = tfl_in(im, n, i);
        if (x && x->type == TFL_FLOAT32)
            rc = as_bytes(im, n, x, quant);
    }
    for (uint32_t k = 0; k < n->outputs.count && rc == WEFT_OK; k++) {
        y = tfl_out(im, n, k);
        if (!y || y->type != TFL_FLOAT32 || y->function || y->tensor != WEFT_NONE)
            return TFL_REFUSE(WEFT_ERR_FORMAT, "its outputs do not fit");
        y->type = TFL_INT8;
        y->quant = *quant;
    }
    if (rc == WEFT_OK)
        rc = move(im, n);
    for (uint32_t i = 0; i < n->inputs.count; i++)
        if (tfl_in(im, n, i))
            *tfl_in(im, n, i) = was[i];
    for (uint32_t k = 0; k < n->outputs.count && rc == WEFT_OK; k++) {
        y = tfl_out(im, n, k);
        const uint32_t moved = y->tensor;
        if (moved == WEFT_NONE)
            return TFL_REFUSE(WEFT_ERR_FORMAT, "has more outputs than it makes");
        y->type = TFL_FLOAT32;
        y->quant = (weft_quant){ 0 };
        y->tensor = WEFT_NONE;
        rc = tfl_function_of(im, n, moved, y);
        if (rc == WEFT_OK && !exact)
            y->function->kind = TFL_ROUNDED;
    }
    return rc;
}
