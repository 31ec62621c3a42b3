/* Attributes of ONNX nodes by name. */
#include <inttypes.h>
#include <string.h>

#include "eval.h"

const Onnx__AttributeProto *onnx_attr(const Onnx__NodeProto *node, const char *name)
{
    for (size_t i = 0; i < node->n_attribute; i++)
        if (node->attribute[i]->name && strcmp(node->attribute[i]->name, name) == 0)
            return node->attribute[i];
    return NULL;
}

int64_t onnx_attr_int(const Onnx__NodeProto *node, const char *name, int64_t otherwise)
{
    const Onnx__AttributeProto *a = onnx_attr(node, name);
    return a && a->has_i ? a->i : otherwise;
}

float onnx_attr_float(const Onnx__NodeProto *node, const char *name, float otherwise)
{
    const Onnx__AttributeProto *a = onnx_attr(node, name);
    return a && a->has_f ? a->f : otherwise;
}

int eval_list(eval_run *r, const nd *list, const char *attribute, int64_t *out, size_t *count)
{
    const Onnx__AttributeProto *a = onnx_attr(r->node, attribute);
    *count = 0;
    if (list)
        return eval_ints(r, list, ND_MAX_RANK, out, count);
    if (a && a->n_ints > ND_MAX_RANK)
        return eval_refuse(r, WEFT_ERR_SHAPE, "too many %s", attribute);
    for (; a && *count < a->n_ints; ++*count)
        out[*count] = a->ints[*count];
    return WEFT_OK;
}

int eval_axis_set(eval_run *r, const nd *list, uint32_t rank, unsigned *set, size_t *count)
{
    int64_t axes[ND_MAX_RANK];
    int rc = eval_list(r, list, "axes", axes, count);
    *set = 0;
    for (size_t i = 0; rc == WEFT_OK && i < *count; i++) {
        uint32_t axis = 0;
        rc = eval_axis(r, axes[i], rank, &axis);
        if (rc == WEFT_OK && *set & 1u << axis)
            rc = eval_refuse(r, WEFT_ERR_SHAPE, "axis %" PRIu32 " is named twice", axis);
        *set |= 1u << axis;
    }
    return rc;
}

int onnx_attr_is(const Onnx__NodeProto *node, const char *name, const char *text,
                 const char *otherwise)
{
    const Onnx__AttributeProto *a = onnx_attr(node, name);
    if (!a || !a->has_s)
        return strcmp(text, otherwise) == 0;
    return a->s.len == strlen(text) && memcmp(a->s.data, text, a->s.len) == 0;
}
