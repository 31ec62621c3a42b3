/* A layer of several operators: its operand, its output. */
#include "lower.h"
#include "models/compile/front/views.h"

/* How the second operand of a layer with output y follows it; simple: as it lies. */
operand_steps fused_operand(const lowering *low, const fusion *f, const weft_tensor *y)
{
    if (f->binary == WEFT_NONE)
        return (operand_steps){ .whole = 1 };
    return lower_operand_steps(
        &low->net->g->tensors[low->net->g->nodes[f->binary].inputs[!f->side]], y);
}

/* The area of the second operand beside an output in layout `as`: whole, repeated to that, or small
 * and repeated by the command. */
static int operand_area(lowering *low, const fusion *f, const weft_tensor *y, layout as,
                        uint32_t *from)
{
    const operand_steps s = fused_operand(low, f, y);
    *from = NO_AREA;
    if (f->binary == WEFT_NONE)
        return WEFT_OK;
    const uint32_t tensor = low->net->g->nodes[f->binary].inputs[!f->side];
    const weft_tensor *t = &low->net->g->tensors[tensor];
    if (s.whole || !s.simple)
        return lower_repeat(low, f->root, tensor, y, as, from);
    const uint32_t rows = s.row ? as.rows : 1;
    const layout small = { rows, (uint32_t)(weft_tensor_elements(t) / rows) };
    return t->data ? layout_constant(low, tensor, small, from)
                   : layout_area(low, f->root, tensor, small, from);
}

/* A layer for the node from `in`, with the second operand and the output of its fusion.  pixel:
 * bytes of an output pixel. */
int fused_layer(lowering *low, const fusion *f, uint32_t in, layout as, uint32_t pixel,
                layer **made)
{
    const uint32_t result = low->net->g->nodes[f->last].output;
    const weft_tensor *y = &low->net->g->tensors[result];
    const operand_steps s = fused_operand(low, f, y);
    uint32_t operand;
    int rc = operand_area(low, f, y, as, &operand);
    if (rc == WEFT_OK)
        rc = layout_new_area(low, result, as);
    layer *l = rc == WEFT_OK ? lowering_add_layer(low, f->root) : NULL;
    if (!l)
        return rc == WEFT_OK ? WEFT_ERR_NO_MEMORY : rc;
    l->in_count = operand == NO_AREA ? 1 : 2;
    l->in[0] = in;
    l->in[1] = operand;
    l->out = low->area_of[result];
    l->x_row = s.whole || !s.simple || s.row;
    l->x_pixel = s.whole || !s.simple || s.pixel ? pixel : 0;
    layout_use_view(low, result, 2, l);
    if (operand != NO_AREA &&
        operand == low->area_of[low->net->g->nodes[f->binary].inputs[!f->side]])
        layout_use_view(low, low->net->g->nodes[f->binary].inputs[!f->side], 1, l);
    l->x_pixel += l->x_space;
    *made = l;
    return WEFT_OK;
}
