/* The tensor of a value: of a constant or a plain DEQUANTIZE it is made when an operator wants it. */
#include "tflite_import.h"

/* uint8 constants become int8. */
static const void *shifted(tfl_import *im, const tfl_value *v)
{
    if (v->type != TFL_UINT8)
        return v->data;
    uint8_t *copy = tfl_alloc(im, v->elements);
    for (uint64_t i = 0; copy && i < v->elements; i++)
        copy[i] = v->data[i] ^ 0x80;
    return copy;
}

int tfl_tensor(tfl_import *im, const tfl_node *n, tfl_value *v, uint32_t *tensor)
{
    if (!v)
        return TFL_REFUSE(WEFT_ERR_FORMAT, "an input is missing");
    if (v->tensor == WEFT_NONE && v->function) {
        int rc = tfl_function_tensor(im, n, v);
        if (rc != WEFT_OK)
            return rc;
    }
    if (v->wide)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                          "its input \"%.60s\" is computed in float32; quantise the model to int8 "
                          "throughout",
                          v->name);
    if (v->tensor == WEFT_NONE) {
        weft_tensor_desc d;
        if (!v->data)
            return TFL_REFUSE(WEFT_ERR_SHAPE, "its input \"%.60s\" is not computed before it",
                              v->name);
        if (v->type == TFL_INT64)
            return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its input \"%.60s\" is constant int64",
                              v->name);
        int rc = tfl_desc(im, n, v, &d);
        if (rc != WEFT_OK)
            return rc;
        d.data = shifted(im, v);
        if (!d.data)
            return WEFT_ERR_NO_MEMORY;
        rc = tfl_add_tensor(im, n, &d, &v->tensor);
        if (rc != WEFT_OK)
            return rc;
    }
    *tensor = v->tensor;
    return WEFT_OK;
}
