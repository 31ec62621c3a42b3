/* Convolution and fully connected layers: choose the cheapest mapping, write its weights. */
#include "conv.h"
#include "lower.h"

#include <inttypes.h>
#include <stdlib.h>

/* How many int8 addends the weights need once their zero points are taken off. */
static uint32_t addends(const conv *c)
{
    const size_t taps = (size_t)c->kh * c->kw * c->group_in;
    int32_t lowest = 0, highest = 0;
    for (uint32_t o = 0; o < c->groups * c->group_out && !c->wide; o++) {
        int32_t zero = weft_quant_zero_point(c->wq, o);
        for (size_t i = 0; zero && i < taps; i++) {
            int32_t v = c->w[o * taps + i] - zero;
            lowest = v < lowest ? v : lowest;
            highest = v > highest ? v : highest;
        }
    }
    for (size_t i = 0; c->wide && i < (size_t)c->kh * c->kw; i++)
        highest = c->wide[i] > highest ? c->wide[i] : highest; /* none is negative */
    for (uint32_t n = 1;; n++)
        if (lowest >= -128 * (int32_t)n && highest <= 127 * (int32_t)n)
            return n;
}

/* One kernel of the mapping: sub of the output channels of a group, lattice of the outputs. */
static kernel kernel_of(const lowering *low, const conv *c, const mapping *m, const kernel *post,
                        uint32_t sub, uint32_t lattice)
{
    kernel k = m->first;
    const uint32_t y = k.vertical ? lattice : 0, x = k.vertical ? 0 : lattice;
    k.kind = post->kind;
    k.zp1 = post->zp1;
    k.lo1 = post->lo1;
    k.hi1 = post->hi1;
    k.zp = c->zp_in;
    k.sub = sub;
    if (m->subs > 1) {
        uint32_t all = k.merge * c->group_out, done = sub * low->net->hw.cols;
        k.out_u = done;
        k.o_bytes = k.o_last = min_u32(low->net->hw.cols, all - done);
    }
    k.nx = (uint32_t)div_up(c->out_w - x, k.dx);
    k.ny = (uint32_t)div_up(c->out_h - y, k.dy);
    k.in_row = c->in_row + (int64_t)y * c->sh;
    k.in_byte += c->in_byte + (int64_t)x * c->sw * c->in_pixel;
    k.row_step = (int64_t)c->sh * k.dy;
    k.byte_step = (int64_t)c->sw * k.dx * k.px * c->in_pixel;
    k.y0 = c->y0 + y * c->dy;
    k.x0 = c->x0 + x * c->dx;
    k.dy *= c->dy;
    k.dx *= c->dx;
    return k;
}

static int make_room(lowering *low, layer *l, uint32_t more)
{
    kernel *all = work_alloc(low->work, (l->kernel_count + (size_t)more) * sizeof *all);
    if (!all)
        return WEFT_ERR_NO_MEMORY;
    if (l->kernel_count)
        memcpy(all, l->kernels, l->kernel_count * sizeof *all);
    l->kernels = all;
    return WEFT_OK;
}

int conv_append(lowering *low, conv *c, const kernel *post, layer *l)
{
    mapping m = { .cycles = UINT64_MAX };
    c->reps = addends(c);
    if (c->in_pixel == c->in_c || c->in_part)
        map_dense(low, c, &m);
    map_depthwise(low, c, &m);
    if (m.cycles == UINT64_MAX)
        return weft_error_set(low->work->err, WEFT_ERR_CAPACITY,
                              "layer \"%.80s\": a kernel of %" PRIu32 "x%" PRIu32
                              " (dilation %" PRIu32 "x%" PRIu32 ") on %" PRIu32
                              " channels does not fit the fields of a command",
                              l->name, c->kh, c->kw, c->dh, c->dw, c->in_c);
    if (make_room(low, l, m.subs * m.lattices) != WEFT_OK)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < m.subs * m.lattices; i++) {
        kernel *k = &l->kernels[l->kernel_count++];
        *k = kernel_of(low, c, &m, post, i / m.lattices, i % m.lattices);
        if (i % m.lattices) /* the same weights for every lattice */
            k->stream = k[-1].stream;
        else if (conv_stream(low, c, k) != WEFT_OK)
            return low->work->err->status;
    }
    return WEFT_OK;
}

/* weights [groups * group_out][kh][kw][group_in] of input 1's quantisation. */
static int lower_weights(lowering *low, const weft_node *n, const weft_window *win, uint32_t groups,
                         const int8_t *weights, weft_clamp clamp, layer *l)
{
    const int has_bias = n->input_count > 2 && n->inputs[2] != WEFT_NONE;
    conv c = { .node = n,
               .name = l->name,
               .in_c = l->in_c,
               .in_pixel = layer_in_pixel(l),
               .in_part = low->areas[l->in[0]].shared && l->in_space,
               .out_part = low->areas[l->out].shared && l->out_space,
               .group_in = l->in_c / groups,
               .group_out = l->out_c / groups,
               .groups = groups,
               .kh = win->kernel_h,
               .kw = win->kernel_w,
               .sh = win->stride_h,
               .sw = win->stride_w,
               .dh = win->kernel_h > 1 ? win->dilation_h : 1,
               .dw = win->kernel_w > 1 ? win->dilation_w : 1,
               .dy = 1,
               .dx = 1,
               .out_h = l->out_h,
               .out_w = l->out_w,
               .in_row = -(int64_t)win->pad_top,
               .in_byte = -(int64_t)win->pad_left * layer_in_pixel(l),
               .has_operand = l->in_count > 1,
               .one_pixel = l->out_space || (l->in_count > 1 && l->x_pixel != l->out_c),
               .w = weights,
               .bias = has_bias ? low->net->g->tensors[n->inputs[2]].data : NULL,
               .wq = &low->net->g->tensors[n->inputs[1]].quant,
               .zp_in = weft_quant_zero_point(&low->net->g->tensors[n->inputs[0]].quant, 0) };
    const kernel post = {
        .kind = weft_requant_is_tflite(n->requant) ? WEFT_KIND_TFLITE : WEFT_KIND_FLOAT,
        .zp1 = weft_quant_zero_point(&low->net->g->tensors[n->output].quant, 0),
        .lo1 = clamp.lo,
        .hi1 = clamp.hi,
    };
    layer_set_window(l, win);
    l->macs = (uint64_t)c.out_h * c.out_w * l->out_c * c.kh * c.kw * c.group_in;
    return conv_append(low, &c, &post, l);
}

int lower_conv(lowering *low, const weft_node *n, const weft_window *win, layer *l)
{
    const int is_conv = n->op == WEFT_OP_CONV_2D;
    return lower_weights(low, n, win, is_conv ? n->attr.conv_2d.groups : 1,
                         low->net->g->tensors[n->inputs[1]].data,
                         is_conv ? n->attr.conv_2d.clamp : n->attr.fully_connected.clamp, l);
}

int lower_product(lowering *low, const weft_node *n, const int8_t *weights, weft_clamp clamp,
                  layer *l)
{
    const weft_window pixel = { 1, 1, 1, 1, 1, 1, 0, 0, 0, 0 };
    return lower_weights(low, n, &pixel, 1, weights, clamp, l);
}
