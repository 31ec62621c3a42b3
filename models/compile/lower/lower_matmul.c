/* MATMUL by a constant matrix: rows of `a` are pixels of K channels, so it is a 1x1 convolution. */
#include "lower.h"

static uint64_t matrices(const weft_tensor *t)
{
    return weft_tensor_elements(t) / ((uint64_t)t->dims[t->rank - 2] * t->dims[t->rank - 1]);
}

/* [N][K], as weights of a convolution are. */
static const int8_t *weights_of(lowering *low, const weft_node *n, uint32_t k, uint32_t out)
{
    const int8_t *b = low->net->g->tensors[n->inputs[1]].data;
    if (n->attr.matmul.transpose_b)
        return b;
    int8_t *w = work_alloc(low->work, (size_t)k * out);
    for (uint32_t o = 0; w && o < out; o++)
        for (uint32_t i = 0; i < k; i++)
            w[(size_t)o * k + i] = b[(size_t)i * out + o];
    return w;
}

int lower_matmul(lowering *low, const weft_node *n, const fusion *f)
{
    const weft_tensor *a = &low->net->g->tensors[n->inputs[0]],
                      *y = &low->net->g->tensors[n->output];
    const uint32_t k = a->dims[a->rank - 1], out = y->dims[y->rank - 1];
    const uint32_t result = low->net->g->nodes[f->last].output;
    const weft_tensor *b = &low->net->g->tensors[n->inputs[1]];
    if (!b->data || a->data || matrices(b) > 1)
        return lower_dynamic(low, n, f);
    uint32_t from = low->area_of[n->inputs[0]];
    int rc = WEFT_OK;
    if (low->areas[from].row_bytes % k)
        rc = layout_area(low, f->root, n->inputs[0], layout_natural(a), &from);
    const uint32_t rows = low->areas[from].rows, across = low->areas[from].row_bytes / k;
    if (rc == WEFT_OK)
        rc = layout_new_area(low, result, (layout){ rows, across * out });
    layer *l = rc == WEFT_OK ? lowering_add_layer(low, f->root) : NULL;
    const int8_t *w = l ? weights_of(low, n, k, out) : NULL;
    if (!w)
        return rc == WEFT_OK ? WEFT_ERR_NO_MEMORY : rc;
    l->in_count = 1;
    l->in[0] = from;
    l->out = low->area_of[result];
    l->in_h = l->out_h = rows;
    l->in_w = l->out_w = across;
    l->in_c = k;
    l->out_c = out;
    rc = lower_product(low, n, w, n->attr.matmul.clamp, l);
    return rc == WEFT_OK ? lower_post(low, f, 0, l) : rc;
}
