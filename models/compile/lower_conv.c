/* Convolution and fully connected layers: choose the cheapest mapping, write its weights. */
#include "plan.h"

#include <inttypes.h>
#include <stdlib.h>

/* How many int8 addends the weights need once their zero points are taken off. */
static uint32_t addends(const conv *c)
{
    const size_t taps = (size_t)c->kh * c->kw * c->group_in;
    int32_t lowest = 0, highest = 0;
    for (uint32_t o = 0; o < c->groups * c->group_out; o++) {
        int32_t zero = weft_quant_zero_point(c->wq, o);
        for (size_t i = 0; zero && i < taps; i++) {
            int32_t v = c->w[o * taps + i] - zero;
            lowest = v < lowest ? v : lowest;
            highest = v > highest ? v : highest;
        }
    }
    for (uint32_t n = 1;; n++)
        if (lowest >= -128 * (int32_t)n && highest <= 127 * (int32_t)n)
            return n;
}

static conv conv_of(const plan *p, const weft_node *n, const layer *l)
{
    const weft_tensor *w = &p->g->tensors[n->inputs[1]];
    const int has_bias = n->input_count > 2 && n->inputs[2] != WEFT_NONE;
    const uint32_t groups = n->op == WEFT_OP_CONV_2D ? n->attr.conv_2d.groups : 1;
    conv c = { .node = n,
               .in_c = l->in_c,
               .group_in = l->in_c / groups,
               .group_out = l->out_c / groups,
               .groups = groups,
               .kh = l->win.kernel_h,
               .kw = l->win.kernel_w,
               .sh = l->win.stride_h,
               .sw = l->win.stride_w,
               .dh = l->win.kernel_h > 1 ? l->win.dilation_h : 1,
               .dw = l->win.kernel_w > 1 ? l->win.dilation_w : 1,
               .out_h = l->out_h,
               .out_w = l->out_w,
               .has_operand = l->in_count > 1,
               .w = w->data,
               .bias = has_bias ? p->g->tensors[n->inputs[2]].data : NULL,
               .wq = &w->quant,
               .zp_in = weft_quant_zero_point(&p->g->tensors[n->inputs[0]].quant, 0) };
    c.reps = addends(&c);
    return c;
}

/* One kernel of the mapping: sub of the output channels of a group, lattice of the outputs. */
static kernel kernel_of(const plan *p, const conv *c, const mapping *m, uint32_t sub,
                        uint32_t lattice)
{
    kernel k = m->first;
    k.sub = sub;
    if (m->subs > 1) {
        uint32_t all = k.merge * c->group_out, done = sub * p->hw.cols;
        k.out_u = done;
        k.o_bytes = k.o_last = min_u32(p->hw.cols, all - done);
    }
    k.x0 = k.vertical ? 0 : lattice;
    k.y0 = k.vertical ? lattice : 0;
    k.nx = (uint32_t)div_up(c->out_w - k.x0, k.dx);
    k.ny = (uint32_t)div_up(c->out_h - k.y0, k.dy);
    return k;
}

static void set_post(const plan *p, const conv *c, kernel *k)
{
    const weft_clamp clamp = c->node->op == WEFT_OP_CONV_2D ? c->node->attr.conv_2d.clamp
                                                            : c->node->attr.fully_connected.clamp;
    k->kind = c->node->requant == WEFT_REQUANT_TFLITE ? WEFT_KIND_TFLITE : WEFT_KIND_FLOAT;
    k->zp = c->zp_in;
    k->zp1 = weft_quant_zero_point(&p->g->tensors[c->node->output].quant, 0);
    k->lo1 = clamp.lo;
    k->hi1 = clamp.hi;
}

int lower_conv(plan *p, const weft_node *n, layer *l)
{
    const conv c = conv_of(p, n, l);
    mapping m = { .cycles = UINT64_MAX };
    map_dense(p, &c, &m);
    map_depthwise(p, &c, &m);
    if (m.cycles == UINT64_MAX)
        return weft_error_set(p->err, WEFT_ERR_CAPACITY,
                              "layer \"%s\": a kernel of %" PRIu32 "x%" PRIu32 " (dilation %" PRIu32
                              "x%" PRIu32 ") on %" PRIu32
                              " channels does not fit the fields of a command",
                              l->name, c.kh, c.kw, c.dh, c.dw, c.in_c);
    set_post(p, &c, &m.first);
    l->kernel_count = m.subs * m.lattices;
    l->macs = (uint64_t)c.out_h * c.out_w * l->out_c * c.kh * c.kw * c.group_in;
    l->kernels = plan_alloc(p, l->kernel_count * sizeof *l->kernels);
    if (!l->kernels)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < l->kernel_count; i++) {
        kernel *k = &l->kernels[i];
        *k = kernel_of(p, &c, &m, i / m.lattices, i % m.lattices);
        if (i % m.lattices) /* the same weights for every lattice */
            k->stream = l->kernels[i - 1].stream;
        else if (conv_stream(p, &c, k) != WEFT_OK)
            return p->err->status;
    }
    return WEFT_OK;
}
