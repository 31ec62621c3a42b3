/* Sizes of inputs: as the file has them, as the user binds them, and the sentence for those that
 * nobody says. */
#include <stdio.h>
#include <string.h>

#include "onnx_import.h"

static const Onnx__TensorShapeProto *shape_of(const Onnx__ValueInfoProto *info)
{
    return info->type->tensor_type->shape;
}

/* What the user said of a symbol (axis 0) or of an axis of the input, counted from 1; or 0. */
static int64_t bound(const weft_onnx_options *o, const char *name, uint32_t axis)
{
    for (uint32_t i = 0; o && name && i < o->bind_count; i++)
        if (o->binds[i].axis == axis && !strcmp(o->binds[i].name, name))
            return o->binds[i].size;
    return 0;
}

int64_t onnx_port_size(const Onnx__ValueInfoProto *info, uint32_t i, const weft_onnx_options *o)
{
    const Onnx__TensorShapeProto__Dimension *d = shape_of(info)->dim[i];
    const int64_t wanted = bound(o, info->name, i + 1);
    int64_t size = 0; /* -1 is how some exporters write that they do not know it */
    if (d->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE && d->dim_value > 0)
        size = d->dim_value;
    if (wanted)
        return size && size != wanted ? -1 : wanted;
    return d->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM
               ? bound(o, d->dim_param, 0)
               : size;
}

int onnx_refuse_unsaid(const Onnx__ValueInfoProto *info, const size_t *sizes, weft_error *err)
{
    const Onnx__TensorShapeProto *s = shape_of(info);
    char has[128] = "", says[64] = "";
    size_t used = 0, end = 0;
    for (uint32_t i = 0; i < s->n_dim && used < sizeof has && end < sizeof says; i++) {
        const char *symbol =
            s->dim[i]->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM
                ? s->dim[i]->dim_param
                : "?";
        const char *cross = i ? "x" : "", *space = i ? " x " : "";
        if (sizes[i]) {
            used += (size_t)snprintf(has + used, sizeof has - used, "%s%zu", space, sizes[i]);
            end += (size_t)snprintf(says + end, sizeof says - end, "%s%zu", cross, sizes[i]);
        } else {
            used += (size_t)snprintf(has + used, sizeof has - used, "%s%.24s", space, symbol);
            end += (size_t)snprintf(says + end, sizeof says - end, "%sSIZE", cross);
        }
    }
    return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                          "the input \"%.60s\" has symbolic sizes other than the batch (%s); say "
                          "what they are with --bind %.60s=%s, or export with fixed sizes",
                          info->name ? info->name : "", has, info->name ? info->name : "", says);
}

/* 1 if an input of the network has the symbol, or has the name and so many axes. */
static int names_something(const Onnx__GraphProto *g, const weft_bind *b)
{
    for (size_t i = 0; i < g->n_input; i++) {
        const Onnx__ValueInfoProto *info = g->input[i];
        if (!info->type || !info->type->tensor_type || !shape_of(info))
            continue;
        const Onnx__TensorShapeProto *s = shape_of(info);
        if (b->axis && info->name && !strcmp(info->name, b->name) && b->axis <= s->n_dim)
            return 1;
        for (size_t k = 0; k < s->n_dim && !b->axis; k++)
            if (s->dim[k]->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM &&
                !strcmp(s->dim[k]->dim_param, b->name))
                return 1;
    }
    return 0;
}

int onnx_check_binds(const Onnx__GraphProto *g, const weft_onnx_options *o, weft_error *err)
{
    for (uint32_t i = 0; o && i < o->bind_count; i++) {
        const weft_bind *b = &o->binds[i];
        if (!names_something(g, b))
            return weft_error_set(err, WEFT_ERR_ARG,
                                  b->axis ? "the network has no input \"%.60s\" with %u axes, of "
                                            "which the size was said"
                                          : "the network has no symbol \"%.60s\" in the shapes of "
                                            "its inputs, of which the size was said",
                                  b->name, (unsigned)b->axis);
        for (uint32_t k = 0; k < i; k++)
            if (o->binds[k].axis == b->axis && !strcmp(o->binds[k].name, b->name))
                return weft_error_set(err, WEFT_ERR_ARG, "the size of \"%.60s\" was said twice",
                                      b->name);
    }
    return WEFT_OK;
}
