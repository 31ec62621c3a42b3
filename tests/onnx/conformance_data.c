/* Recorded inputs and outputs; see conformance_data.h. */
#include "conformance_data.h"

#include <stdio.h>
#include <stdlib.h>

#include "models/base/files.h"
#include "models/import/onnx/onnx.h"

static Onnx__TensorProto *read_tensor(const char *directory, const char *kind, size_t i)
{
    char path[1200];
    uint8_t *bytes = NULL;
    size_t count = 0;
    weft_error err = { 0 };
    snprintf(path, sizeof path, "%s/%s_%zu.pb", directory, kind, i);
    if (weft_file_read(path, &bytes, &count, &err) != WEFT_OK)
        return NULL;
    Onnx__TensorProto *t = onnx__tensor_proto__unpack(NULL, count, bytes);
    free(bytes);
    return t;
}

/* numpy had no bfloat16 when the cases were written: their bits are there as uint16. */
static void set_short(Onnx__TensorProto *t, uint32_t set, size_t i)
{
    if (set >> i & 1 && t->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__UINT16)
        t->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16;
}

void data_set_free(data_set *d)
{
    for (size_t i = 0; i < d->in_count; i++) {
        nd_free(&d->in[i]);
        onnx__tensor_proto__free_unpacked(d->in_proto[i], NULL);
    }
    for (size_t i = 0; i < MOST_PORTS; i++) {
        nd_free(&d->out[i]);
        nd_free(&d->other[i]);
        nd_free(&d->exact[i]);
    }
    *d = (data_set){ 0 };
}

static void read_besides(eval_run *run, const char *directory, const char *kind, size_t i, nd *out)
{
    Onnx__TensorProto *t = read_tensor(directory, kind, i);
    if (!t)
        return;
    (void)nd_decode(run, t, out);
    onnx__tensor_proto__free_unpacked(t, NULL);
}

int data_set_read(const char *directory, const ports *p, data_set *d)
{
    weft_error err = { 0 };
    eval_run run = { .err = &err, .left = EVAL_ELEMENTS };
    Onnx__TensorProto *t;
    *d = (data_set){ 0 };
    while (d->in_count < MOST_PORTS && (t = read_tensor(directory, "input", d->in_count))) {
        d->in_proto[d->in_count] = t;
        set_short(t, p->short_inputs, d->in_count);
        if (nd_decode(&run, t, &d->in[d->in_count++]) != WEFT_OK)
            return 0;
    }
    while (d->out_count < MOST_PORTS && (t = read_tensor(directory, "output", d->out_count))) {
        set_short(t, p->short_outputs, d->out_count);
        int rc = nd_decode(&run, t, &d->out[d->out_count]);
        onnx__tensor_proto__free_unpacked(t, NULL);
        if (rc != WEFT_OK)
            return 0;
        read_besides(&run, directory, "other", d->out_count, &d->other[d->out_count]);
        read_besides(&run, directory, "exact", d->out_count, &d->exact[d->out_count]);
        d->out_count++;
    }
    return d->out_count == p->outputs;
}

static uint32_t short_ports(Onnx__ValueInfoProto *const *all, size_t count)
{
    uint32_t set = 0;
    for (size_t i = 0; i < count && i < MOST_PORTS; i++) {
        const Onnx__TypeProto *t = all[i]->type;
        if (t && t->tensor_type &&
            t->tensor_type->elem_type == ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16)
            set |= 1u << i;
    }
    return set;
}

ports read_ports(const char *model)
{
    onnx_file file;
    weft_error err = { 0 };
    if (onnx_file_open(model, &file, &err) != WEFT_OK)
        return (ports){ 0 };
    const Onnx__GraphProto *g = file.model->graph;
    const ports p = { g->n_output, short_ports(g->input, g->n_input),
                      short_ports(g->output, g->n_output) };
    onnx_file_close(&file);
    return p;
}
