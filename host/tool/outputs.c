/* Numbers of outputs; the contract is in outputs.h. */
#include "outputs.h"

#include <string.h>

double output_element(const buffer *b, uint32_t type, size_t i)
{
    if (b->form == WEFT_FORM_INT8 || type == WEFT_TYPE_INT8)
        return ((const int8_t *)b->data)[i];
    if (type == WEFT_TYPE_UINT8)
        return ((const uint8_t *)b->data)[i];
    const char *data = b->data;
    float x;
    int32_t narrow;
    int64_t wide;
    switch (type) {
    case WEFT_TYPE_INT32: memcpy(&narrow, data + i * sizeof narrow, sizeof narrow); return narrow;
    case WEFT_TYPE_INT64: memcpy(&wide, data + i * sizeof wide, sizeof wide); return (double)wide;
    default: memcpy(&x, data + i * sizeof x, sizeof x); return (double)x;
    }
}

double output_real(const weft_port_info *p, const buffer *b, size_t i)
{
    if (b->form == WEFT_FORM_INT8)
        return (double)p->int8_scale * (output_element(b, p->type, i) - p->int8_zero_point);
    if (p->type == WEFT_TYPE_INT8 || p->type == WEFT_TYPE_UINT8)
        return (double)p->scale * (output_element(b, p->type, i) - p->zero_point);
    return output_element(b, p->type, i);
}

size_t output_count(const weft_port_info *p, const buffer *b)
{
    return b->form == WEFT_FORM_INT8 ? p->int8_bytes : p->elements;
}

void outputs_json(json *j, const weft_program *prog, const io *b)
{
    json_open(j, "outputs", '[');
    for (uint32_t i = 0; i < b->out_count; i++) {
        weft_port_info p = { .struct_bytes = sizeof p };
        weft_program_describe_output(prog, i, &p, NULL);
        json_open(j, NULL, '{');
        json_text(j, "name", p.name);
        json_open(j, "values", '[');
        const size_t count = output_count(&p, &b->out[i]);
        for (size_t k = 0; k < count; k++)
            json_number(j, NULL, output_element(&b->out[i], p.type, k));
        json_close(j, ']');
        json_close(j, '}');
    }
    json_close(j, ']');
}

uint32_t outputs_best(const weft_port_info *p, const buffer *b, uint32_t top, size_t *index)
{
    const size_t count = (size_t)p->elements;
    uint32_t found = 0;
    if (p->type == WEFT_TYPE_INT32 || p->type == WEFT_TYPE_INT64)
        return 0;
    for (double last = 0; found < top && found < count; found++) {
        size_t best = count;
        for (size_t i = 0; i < count;
             i++) { /* behind the last one: less, or as much and further on */
            const double v = output_real(p, b, i);
            if (found && (v > last || (v <= last && v >= last && i <= index[found - 1])))
                continue;
            best = best == count || v > output_real(p, b, best) ? i : best;
        }
        if (best == count)
            break;
        index[found] = best;
        last = output_real(p, b, best);
    }
    return found;
}
