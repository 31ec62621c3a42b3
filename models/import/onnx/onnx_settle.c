/* What becomes of a value that no QuantizeLinear reads at once.
 *
 * Rounding never falls where its argument rises, so what only moves numbers, or takes the largest,
 * gives the same bytes behind the rounding as before it: where every way from a value leads through
 * such operators to QuantizeLinear of one scale, it is quantised here, and the device does the rest.
 * Where some way does not lead there, the value is float32 (onnx_real.c). */
#include <string.h>

#include "onnx_ops.h"

enum { MOST_VISITS = 256 };

/* What lies ahead of a value. */
typedef struct ahead {
    const Onnx__NodeProto *quantizer; /* the first one found */
    onnx_scale scale;
    int alike;    /* all found have that scale */
    int moves;    /* one of those that read the value itself moves data */
    int reshaped; /* the value itself: a Transpose of it moves data */
    int visits;
} ahead;

typedef enum step { TO_QUANTIZE, TO_VIEW, TO_MOVE, TO_OTHER } step;

static int is_any(const char *type, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(*list, type))
            return 1;
    return 0;
}

/* A constant behind DequantizeLinear whose node may still come. */
static int is_int32_constant(onnx_import *im, uint32_t name)
{
    const uint32_t maker = im->names[name].producer;
    const Onnx__NodeProto *n = maker == WEFT_NONE ? NULL : im->proto->node[maker];
    const uint32_t from = n && !strcmp(n->op_type, "DequantizeLinear") && n->n_input
                              ? onnx_find(im, n->input[0])
                              : WEFT_NONE;
    const Onnx__TensorProto *t = from == WEFT_NONE ? NULL : im->names[from].initializer;
    return t && t->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__INT32;
}

/* A product of this name waits for the bias that the Add has. */
static int takes_bias(onnx_import *im, const Onnx__NodeProto *add, const char *name)
{
    const size_t other = add->n_input == 2 && !strcmp(add->input[0], name);
    const uint32_t at = onnx_find(im, name),
                   b = add->n_input == 2 ? onnx_find(im, add->input[other]) : WEFT_NONE;
    if (at == WEFT_NONE || b == WEFT_NONE || im->values[at].kind != ONNX_PENDING)
        return 0;
    const onnx_pending *p = im->values[at].pending;
    if (im->values[b].kind == ONNX_UNSET)
        return p->op == WEFT_OP_FULLY_CONNECTED && p->input_count == 2 && is_int32_constant(im, b);
    return onnx_takes_bias(im, &im->values[at], &im->values[b]);
}

static step step_to(onnx_import *im, const Onnx__NodeProto *n, const char *name)
{
    static const char *const views[] = { "Relu",    "Clip",    "Identity",  "Dropout",   "Reshape",
                                         "Flatten", "Squeeze", "Unsqueeze", "Transpose", NULL };
    static const char *const moves[] = { "MaxPool", "GlobalMaxPool", "Slice",        "Split",
                                         "Gather",  "DepthToSpace",  "SpaceToDepth", NULL };
    if (!strcmp(n->op_type, "Concat"))
        return TO_MOVE;
    if (n->n_input == 0 || strcmp(n->input[0], name) != 0)
        return !strcmp(n->op_type, "Add") && takes_bias(im, n, name) ? TO_VIEW : TO_OTHER;
    if (!strcmp(n->op_type, "QuantizeLinear"))
        return TO_QUANTIZE;
    if (!strcmp(n->op_type, "Add"))
        return takes_bias(im, n, name) ? TO_VIEW : TO_OTHER;
    if (is_any(n->op_type, views))
        return TO_VIEW;
    if (is_any(n->op_type, moves))
        return TO_MOVE;
    const int filled = n->n_input > 2 && *n->input[2];
    if (!strcmp(n->op_type, "Pad") && onnx_attr_is(n, "mode", "constant", "constant"))
        return filled || onnx_attr_float(n, "value", 0) != 0.0f ? TO_OTHER : TO_MOVE;
    if (!strcmp(n->op_type, "Resize") || !strcmp(n->op_type, "Upsample"))
        return onnx_attr_is(n, "mode", "nearest", "nearest") ? TO_MOVE : TO_OTHER;
    return TO_OTHER;
}

static int note_quantizer(onnx_import *im, const Onnx__NodeProto *n, ahead *a)
{
    onnx_scale scale;
    onnx_const one;
    const weft_error before = *im->err;
    if (onnx_const_input(im, n, 1, &one) != WEFT_OK || one.count != 1 ||
        onnx_scale_input(im, n, 1, 0, &scale) != WEFT_OK) {
        *im->err = before; /* said when the node itself comes */
        return 0;
    }
    if (!a->quantizer) {
        a->quantizer = n;
        a->scale = scale;
        a->alike = 1;
    } else if (scale.dtype != a->scale.dtype ||
               memcmp(scale.quant.scale, a->scale.quant.scale, sizeof *scale.quant.scale) != 0 ||
               scale.quant.zero_point[0] != a->scale.quant.zero_point[0]) {
        a->alike = 0;
    }
    return 1;
}

/* 1 if every way from the value of this name ends in a QuantizeLinear. */
static int looks_ahead(onnx_import *im, uint32_t name, ahead *a, int first)
{
    const onnx_name *from = &im->names[name];
    if (from->readers != from->read_count || !from->read_count)
        return 0; /* an output of the network reads it too, or nobody */
    for (uint32_t i = 0; i < from->read_count; i++) {
        const Onnx__NodeProto *n = im->proto->node[im->reads[from->first_read + i]];
        step s = step_to(im, n, from->name);
        if (first && a->reshaped && !strcmp(n->op_type, "Transpose"))
            s = TO_MOVE;
        if (s == TO_OTHER || ++a->visits > MOST_VISITS)
            return 0;
        a->moves |= first && s == TO_MOVE;
        if (s == TO_QUANTIZE) {
            if (!note_quantizer(im, n, a))
                return 0;
            continue;
        }
        for (size_t k = 0; k < n->n_output; k++) {
            const uint32_t to = *n->output[k] ? onnx_find(im, n->output[k]) : WEFT_NONE;
            if (to != WEFT_NONE && im->names[to].readers && !looks_ahead(im, to, a, 0))
                return 0;
        }
    }
    return 1;
}

/* *v, of this name, becomes the REAL view of what QuantizeLinear makes of it. */
static int quantise_here(onnx_import *im, const char *name, onnx_value *v, const onnx_scale *scale)
{
    char *text = (char *)(uintptr_t)name;
    const onnx_value from = *v;
    const Onnx__NodeProto node = { .op_type = (char *)(uintptr_t) "QuantizeLinear",
                                   .name = text,
                                   .n_input = 1,
                                   .input = &text,
                                   .n_output = 1,
                                   .output = &text };
    int rc = onnx_quantize(im, &node, &from, scale);
    if (rc == WEFT_OK)
        v->kind = ONNX_REAL;
    return rc;
}

/* *v, of this name and PENDING, becomes FLOAT. */
static int float_here(onnx_import *im, const char *name, onnx_value *v)
{
    char *text = (char *)(uintptr_t)name;
    const Onnx__NodeProto node = { .op_type = v->pending->source->op_type,
                                   .name = v->pending->source->name,
                                   .n_output = 1,
                                   .output = &text };
    return onnx_to_real(im, &node, v);
}

static int reads_float(const onnx_import *im, const onnx_pending *p)
{
    return im->graph->tensors[p->inputs[0]].dtype == WEFT_FLOAT32;
}

/* Nothing but the Add of its bias reads it. */
static int waits_for_bias(onnx_import *im, uint32_t name)
{
    const onnx_name *n = &im->names[name];
    const Onnx__NodeProto *reader =
        n->readers == 1 && n->read_count == 1 ? im->proto->node[im->reads[n->first_read]] : NULL;
    return reader && !strcmp(reader->op_type, "Add") && takes_bias(im, reader, n->name);
}

static int settle(onnx_import *im, uint32_t at, int reshaped)
{
    const char *name = im->names[at].name;
    onnx_value *v = &im->values[at];
    ahead a = { .reshaped = reshaped };
    if ((v->kind != ONNX_PENDING && v->kind != ONNX_FLOAT) || !im->names[at].readers)
        return WEFT_OK;
    if (v->kind == ONNX_PENDING && reads_float(im, v->pending)) {
        const int rc = float_here(im, name, v);
        if (rc != WEFT_OK)
            return rc;
    }
    const int quantised = looks_ahead(im, at, &a, 1);
    if (quantised && a.moves && a.alike)
        return quantise_here(im, name, v, &a.scale);
    if (v->kind == ONNX_FLOAT || (quantised && !a.moves) || waits_for_bias(im, at))
        return WEFT_OK;
    return float_here(im, name, v);
}

int onnx_settle(onnx_import *im, const char *name)
{
    const uint32_t at = name && *name ? onnx_find(im, name) : WEFT_NONE;
    onnx_value *v = at == WEFT_NONE ? NULL : &im->values[at];
    if (!v)
        return WEFT_OK;
    if (v->kind != ONNX_WIDE)
        return settle(im, at,
                      v->rank != v->layout.rank ||
                          memcmp(v->dims, v->layout.dims, v->rank * sizeof *v->dims) != 0);
    const onnx_wide *seen = v->wide;
    onnx_wide *wide = weft_graph_alloc(im->graph, sizeof *wide);
    if (!wide)
        return weft_error_set(im->err, WEFT_ERR_NO_MEMORY, "no memory for \"%.80s\"", name);
    *v = seen->base;
    int rc = settle(im, at, 1);
    *wide = *seen;
    wide->base = *v;
    *v = (onnx_value){ .kind = ONNX_WIDE, .tensor = WEFT_NONE, .wide = wide };
    return rc;
}
