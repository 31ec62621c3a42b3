/* Attributes of ONNX nodes by name. */
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

int onnx_attr_is(const Onnx__NodeProto *node, const char *name, const char *text,
                 const char *otherwise)
{
    const Onnx__AttributeProto *a = onnx_attr(node, name);
    if (!a || !a->has_s)
        return strcmp(text, otherwise) == 0;
    return a->s.len == strlen(text) && memcmp(a->s.data, text, a->s.len) == 0;
}
