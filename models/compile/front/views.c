/* CONCAT and SLICE without copies: tensors that lie in parts of one area.
 *
 * The area of a root tensor, in rows of whole pixels, holds others as channels at..at+c-1 of each
 * pixel.  From the last CONCAT to the first: its output is a root, unless it lies in an area
 * already, and every input that may moves into its place there; the layer that makes it then writes
 * between the channels of the others, and its readers skip those.  So a chain of concatenations
 * ([a], [a b], [a b c]) is one area that grows.  A SLICE of channels lies where its input does.
 *
 * Inputs that may not (a second CONCAT has them, the host reads them) are copied into their place.
 * Channels begin at whole transfers of the memory, in which the area may lie. */
#include "views.h"
#include "front.h"
#include "fuse.h"
#include "models/compile/exact/binary.h"
#include "split.h"

static int is_image(const weft_tensor *t)
{
    return t->dtype == WEFT_INT8 && t->rank == 4 && t->dims[0] == 1;
}

static uint64_t row_bytes(const weft_tensor *t)
{
    return (uint64_t)t->dims[2] * t->dims[3];
}

int view_is_shared(const network *net, uint32_t tensor)
{
    return net->views[tensor].root != WEFT_NONE;
}

int view_is_part(const network *net, uint32_t tensor)
{
    return view_is_shared(net, tensor) &&
           net->views[tensor].pixel != net->g->tensors[tensor].dims[3];
}

/* --- who may read and write part of an area --- */

/* Taps of several channels side by side cost nothing where the channels fill the rows of the array;
 * weights with zero points need one tap at a time. */
static int conv_reads(const network *net, const weft_node *n, const weft_tensor *t)
{
    const weft_tensor *w = &net->g->tensors[n->inputs[1]];
    const uint32_t channels = t->dims[3];
    if (n->attr.conv_2d.window.kernel_w == 1 || n->attr.conv_2d.groups == channels)
        return 1;
    for (uint32_t i = 0; i < w->quant.count; i++)
        if (weft_quant_zero_point(&w->quant, i))
            return 0;
    return channels % net->hw.rows == 0;
}

static int is_whole_window(const weft_node *n, const weft_tensor *t)
{
    const weft_window *w = &n->attr.pool_2d.window;
    return w->kernel_h == t->dims[1] && w->kernel_w == t->dims[2];
}

static int same_size(const network *net, uint32_t a, uint32_t b)
{
    return weft_tensor_elements(&net->g->tensors[a]) == weft_tensor_elements(&net->g->tensors[b]);
}

/* A PAD may become part of the convolutions behind it. */
static int pad_reads(const network *net, const weft_node *n, const weft_tensor *t)
{
    const weft_tensor *y = &net->g->tensors[n->output];
    for (uint32_t i = 0; i < y->consumer_count; i++) {
        const weft_node *reader = &net->g->nodes[y->consumers[i]];
        if (reader->op == WEFT_OP_PAD ||
            (reader->op == WEFT_OP_CONV_2D && !conv_reads(net, reader, t)))
            return 0;
    }
    return 1;
}

/* Can the node read the tensor among other channels? */
static int reads_among_others(const network *net, uint32_t node, uint32_t tensor)
{
    const weft_node *n = &net->g->nodes[node];
    const weft_tensor *t = &net->g->tensors[tensor];
    const fusion *own = &net->fusions[node], *f = &net->fusions[own->root];
    if (net->on_host[node] || own->into != WEFT_NONE)
        return 0;
    switch (weft_op_class_of(n->op)) {
    case WEFT_CLASS_CONV: return conv_reads(net, n, t);
    case WEFT_CLASS_BILINEAR: return 1;
    case WEFT_CLASS_POOL: return !is_whole_window(n, t);
    case WEFT_CLASS_BINARY: return binary_stages(net, n) == 1 && same_size(net, tensor, n->output);
    case WEFT_CLASS_TABLE: return f->after != NULL;
    case WEFT_CLASS_MOVE: return n->op != WEFT_OP_PAD || pad_reads(net, n, t);
    case WEFT_CLASS_FULL:
    case WEFT_CLASS_MATMUL:
    case WEFT_CLASS_MEAN:
    case WEFT_CLASS_SLOPE:
    case WEFT_CLASS_RESHAPE:
    case WEFT_CLASS_CONVERT:
    case WEFT_CLASS_HOST_SUM:
    case WEFT_CLASS_HOST: return 0;
    }
    return 0;
}

/* Can the layer that makes the tensor, which a CONCAT or SLICE reads, write it among other
 * channels? With such a reader it ends its layer. */
static int is_written_apart(const network *net, uint32_t tensor)
{
    const uint32_t node = net->g->tensors[tensor].producer;
    if (node == WEFT_NONE || net->on_host[node])
        return 0;
    const fusion *f = &net->fusions[net->fusions[node].root];
    const weft_node *root = &net->g->nodes[f->root];
    switch (weft_op_class_of(root->op)) {
    case WEFT_CLASS_CONV:
    case WEFT_CLASS_BILINEAR: return 1;
    case WEFT_CLASS_POOL: return !is_whole_window(root, &net->g->tensors[root->inputs[0]]);
    case WEFT_CLASS_BINARY: return binary_stages(net, root) == 1;
    case WEFT_CLASS_TABLE: return f->after != NULL;
    case WEFT_CLASS_FULL:
    case WEFT_CLASS_MATMUL:
    case WEFT_CLASS_MEAN:
    case WEFT_CLASS_SLOPE:
    case WEFT_CLASS_RESHAPE:
    case WEFT_CLASS_MOVE:
    case WEFT_CLASS_CONVERT:
    case WEFT_CLASS_HOST_SUM:
    case WEFT_CLASS_HOST: return 0;
    }
    return 0;
}

/* Of an image: nobody but layers that can read it so. */
static int is_read_apart(const network *net, uint32_t tensor)
{
    const weft_tensor *t = &net->g->tensors[tensor];
    if (split_is_output(net, tensor))
        return 0;
    for (uint32_t i = 0; i < t->consumer_count; i++)
        if (!reads_among_others(net, t->consumers[i], tensor))
            return 0;
    return 1;
}

/* --- places --- */

/* May channels begin at byte `at` of pixels of the tensor, which is a root or lies in one? */
static int may_begin_at(const network *net, uint32_t tensor, uint32_t at)
{
    const weft_tensor *t = &net->g->tensors[tensor];
    return at % net->hw.mem_bytes == 0 &&
           (view_is_shared(net, tensor) ||
            (t->dims[3] % net->hw.mem_bytes == 0 && WEFT_FITS(COMPUTE, U_START, row_bytes(t))));
}

/* The tensor becomes a root, unless it lies somewhere already. */
static void be_root(network *net, uint32_t tensor)
{
    if (!view_is_shared(net, tensor))
        net->views[tensor] = (view){ tensor, 0, net->g->tensors[tensor].dims[3] };
}

/* Byte `at` of the pixels of `whole`, which has an area. */
static view inside(const network *net, uint32_t whole, uint32_t at)
{
    view v = net->views[whole];
    v.at += at;
    return v;
}

static int is_concat(const network *net, const weft_node *n)
{
    const weft_tensor *y = &net->g->tensors[n->output];
    return n->op == WEFT_OP_CONCAT && !net->on_host[n - net->g->nodes] &&
           n->attr.concat.axis == 3 && is_image(y);
}

/* Do all inputs begin where they may? */
static int all_fit(const network *net, const weft_node *n)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < n->input_count; i++) {
        if (at % net->hw.mem_bytes)
            return 0;
        at += net->g->tensors[n->inputs[i]].dims[3];
    }
    return 1;
}

/* Do all inputs lie in one area already, one behind the other?  Then that is where the output
 * lies. */
static int lies_there(const network *net, const weft_node *n)
{
    const view first = net->views[n->inputs[0]];
    uint32_t at = first.at;
    if (first.root == WEFT_NONE || !is_read_apart(net, n->output))
        return 0;
    for (uint32_t i = 0; i < n->input_count; i++) {
        const view *v = &net->views[n->inputs[i]];
        if (v->root != first.root || v->at != at)
            return 0;
        at += net->g->tensors[n->inputs[i]].dims[3];
    }
    return 1;
}

static int may_move_in(const network *net, uint32_t tensor)
{
    const weft_tensor *t = &net->g->tensors[tensor];
    if (view_is_shared(net, tensor) || !is_read_apart(net, tensor))
        return 0;
    if (t->producer != WEFT_NONE && is_concat(net, &net->g->nodes[t->producer]))
        return all_fit(net, &net->g->nodes[t->producer]);
    return is_written_apart(net, tensor);
}

/* Where the output of a CONCAT lies; and its inputs, or those that may. */
static void view_concat(network *net, const weft_node *n)
{
    uint32_t at = 0;
    int some = view_is_shared(net, n->output);
    if (!view_is_shared(net, n->output) && lies_there(net, n)) {
        net->views[n->output] = net->views[n->inputs[0]];
        return;
    }
    for (uint32_t i = 0; i < n->input_count; i++)
        some |= may_move_in(net, n->inputs[i]);
    if (!some || !all_fit(net, n) || !may_begin_at(net, n->output, 0))
        return;
    be_root(net, n->output);
    for (uint32_t i = 0; i < n->input_count; i++) {
        if (may_move_in(net, n->inputs[i]))
            net->views[n->inputs[i]] = inside(net, n->output, at);
        at += net->g->tensors[n->inputs[i]].dims[3];
    }
}

/* Channels begin..end-1 of the whole image. */
static int is_channels(const network *net, const weft_node *n)
{
    const weft_tensor *x = &net->g->tensors[n->inputs[0]], *y = &net->g->tensors[n->output];
    const weft_slice *a = &n->attr.slice;
    if (n->op != WEFT_OP_SLICE || net->on_host[n - net->g->nodes] || !is_image(x) || !is_image(y))
        return 0;
    for (uint32_t i = 0; i < 4; i++)
        if (a->stride[i] != 1 || (i < 3 && y->dims[i] != x->dims[i]))
            return 0;
    return 1;
}

/* May others lie in the area of the tensor, which nobody shares yet? */
static int may_be_root(const network *net, uint32_t tensor)
{
    const uint32_t producer = net->g->tensors[tensor].producer;
    if (producer == WEFT_NONE || net->on_host[producer])
        return 1;
    switch (net->g->nodes[producer].op) {
    case WEFT_OP_TRANSPOSE:
    case WEFT_OP_PAD:
    case WEFT_OP_CONCAT:
    case WEFT_OP_SLICE:
    case WEFT_OP_RESIZE_NEAREST: return 1;
    default: return is_written_apart(net, tensor);
    }
}

static void view_slice(network *net, const weft_node *n)
{
    const uint32_t x = n->inputs[0], y = n->output, at = (uint32_t)n->attr.slice.begin[3];
    if (!is_read_apart(net, y) || !may_begin_at(net, x, at) ||
        (!view_is_shared(net, x) && !may_be_root(net, x)))
        return;
    be_root(net, x);
    net->views[y] = inside(net, x, at);
}

int front_views(network *net)
{
    const weft_graph *g = net->g;
    net->views = work_alloc(net->work, (g->tensor_count + 1u) * sizeof *net->views);
    if (!net->views)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < g->tensor_count; i++)
        net->views[i].root = WEFT_NONE;
    if (net->apart)
        return WEFT_OK;
    for (uint32_t i = g->node_count; i-- > 0;)
        if (is_concat(net, &g->nodes[net->order[i]]))
            view_concat(net, &g->nodes[net->order[i]]);
    for (uint32_t i = 0; i < g->node_count; i++)
        if (is_channels(net, &g->nodes[net->order[i]]))
            view_slice(net, &g->nodes[net->order[i]]);
    return WEFT_OK;
}

/* --- for lowering --- */

int view_are_any(const network *net)
{
    for (uint32_t i = 0; i < net->g->tensor_count; i++)
        if (view_is_shared(net, i))
            return 1;
    return 0;
}

int view_is_done(const network *net, const weft_node *n, uint32_t i)
{
    const view *x = &net->views[n->inputs[i]], *y = &net->views[n->output];
    uint32_t at = 0;
    if (y->root == WEFT_NONE || x->root != y->root)
        return 0;
    if (n->op == WEFT_OP_SLICE)
        return y->at == x->at + (uint32_t)n->attr.slice.begin[3];
    for (uint32_t k = 0; k < i; k++)
        at += net->g->tensors[n->inputs[k]].dims[3];
    return x->at == y->at + at;
}

int64_t view_steps(const network *net, uint32_t tensor, int64_t *step)
{
    const weft_tensor *t = &net->g->tensors[tensor];
    const int apart = view_is_part(net, tensor);
    int64_t at = 1;
    for (uint32_t i = t->rank; i-- > 0;) {
        step[i] = at;
        at *= apart && i == 3 ? net->views[tensor].pixel : t->dims[i];
    }
    return apart ? net->views[tensor].at : 0;
}
