/* A compiled part of a network, run by the runtime; see ep.h.
 *
 * A kernel has a variant for each shape of inputs that it has met: the first is the one that was claimed, with a batch of 1
 * where that is open; another batch is compiled when it comes. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "host/plugin/ort/ep.h"

typedef struct variant {
    struct variant *next;
    weft_loaded *net;
    weft_port_info *inputs, *outputs;
} variant;

struct ep_kernel {
    OrtNodeComputeInfo info; /* first: the runtime gives its address back */
    const ep_ort *ort;
    plugin_device *device;
    void *model; /* NULL if only a program is known */
    size_t model_bytes;
    uint32_t input_count, output_count;
    size_t *input_place, *output_place; /* of each port, among those of the fused node */
    pthread_mutex_t lock;               /* of the list; variants themselves stay until the end */
    variant *variants;
};

OrtNodeComputeInfo *ep_kernel_info(ep_kernel *kernel)
{
    return &kernel->info;
}

static void free_variant(variant *v)
{
    if (!v)
        return;
    weft_unload(v->net);
    free(v->inputs);
    free(v->outputs);
    free(v);
}

void ep_kernel_free(OrtNodeComputeInfo *info)
{
    ep_kernel *k = (ep_kernel *)info;
    if (!k)
        return;
    while (k->variants) {
        variant *first = k->variants;
        k->variants = first->next;
        free_variant(first);
    }
    plugin_device_release(k->device);
    pthread_mutex_destroy(&k->lock);
    free(k->model);
    free(k->input_place);
    free(k->output_place);
    free(k);
}

/* --- making one ---------------------------------------------------------------------------------- */

typedef OrtStatus *list_values(const OrtNode *node, const OrtValueInfo **values, size_t count);

/* The place of a name among the values of the fused node. */
static OrtStatus *find_place(const ep_ort *ort, const OrtValueInfo *const *values, size_t count,
                             const char *name, size_t *out)
{
    for (*out = 0; *out < count; ++*out) {
        const char *own = "";
        if (values[*out])
            EP_TRY(ort->api->GetValueInfoName(values[*out], &own));
        if (!strcmp(own, name))
            return NULL;
    }
    return ort->api->CreateStatus(
        ORT_EP_FAIL, "weft: a port of the program is none of the node that it was compiled for");
}

static OrtStatus *find_places(const ep_ort *ort, const OrtNode *fused, list_values *list,
                              size_t count, const weft_port_info *ports, uint32_t port_count,
                              size_t *places)
{
    const OrtValueInfo **values = calloc(count + 1, sizeof *values);
    OrtStatus *status =
        values ? list(fused, values, count) : ort->api->CreateStatus(ORT_FAIL, "weft: no memory");
    for (uint32_t i = 0; !status && i < port_count; i++)
        status = find_place(ort, values, count, ports[i].name, &places[i]);
    free(values);
    return status;
}

static int describe_ports(ep_kernel *k, variant *v, weft_error *err)
{
    const weft_program *program = weft_loaded_program(v->net);
    weft_program_info info = { .struct_bytes = sizeof info };
    int rc = weft_program_describe(program, &info, err);
    if (rc != WEFT_OK)
        return rc;
    k->input_count = info.input_count;
    k->output_count = info.output_count;
    v->inputs = calloc(info.input_count + 1, sizeof *v->inputs);
    v->outputs = calloc(info.output_count + 1, sizeof *v->outputs);
    if (!v->inputs || !v->outputs)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a program");
    for (uint32_t i = 0; rc == WEFT_OK && i < info.input_count; i++) {
        v->inputs[i].struct_bytes = sizeof *v->inputs;
        rc = weft_program_describe_input(program, i, &v->inputs[i], err);
    }
    for (uint32_t i = 0; rc == WEFT_OK && i < info.output_count; i++) {
        v->outputs[i].struct_bytes = sizeof *v->outputs;
        rc = weft_program_describe_output(program, i, &v->outputs[i], err);
    }
    return rc;
}

/* Load a program as a variant, in front of the list. */
static int add_variant(ep_kernel *k, const void *bytes, uint64_t byte_count, weft_error *err)
{
    variant *v = calloc(1, sizeof *v);
    if (!v)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a program");
    weft_program *program = NULL;
    int rc = weft_program_parse(bytes, byte_count, &program, err);
    if (rc == WEFT_OK)
        rc = weft_load(plugin_device_weft(k->device), program, NULL, &v->net, err);
    if (rc == WEFT_OK)
        rc = describe_ports(k, v, err);
    weft_program_close(program);
    if (rc != WEFT_OK) {
        free_variant(v);
        return rc;
    }
    v->next = k->variants;
    k->variants = v;
    return WEFT_OK;
}

/* --- shapes -------------------------------------------------------------------------------------- */

typedef struct given_shape {
    size_t rank;
    int64_t dims[WEFT_MAX_DIMS];
} given_shape;

static OrtStatus *shape_of(const ep_ort *ort, const OrtValue *value, given_shape *out)
{
    OrtTensorTypeAndShapeInfo *info;
    EP_TRY(ort->api->GetTensorTypeAndShape(value, &info));
    OrtStatus *status = ort->api->GetDimensionsCount(info, &out->rank);
    if (!status && out->rank > WEFT_MAX_DIMS)
        status = ort->api->CreateStatus(ORT_INVALID_ARGUMENT,
                                        "weft: an input has more than 8 dimensions");
    if (!status)
        status = ort->api->GetDimensions(info, out->dims, out->rank);
    ort->api->ReleaseTensorTypeAndShapeInfo(info);
    return status;
}

/* Whether an input has the shape of a port from axis `first` on. */
static bool is_shape_of(const given_shape *shape, const weft_port_info *port, uint32_t first)
{
    bool is_equal = shape->rank == port->rank;
    for (uint32_t i = first; is_equal && i < port->rank; i++)
        is_equal = shape->dims[i] == (int64_t)port->dims[i];
    return is_equal;
}

static variant *find_variant(const ep_kernel *k, const given_shape *shapes)
{
    for (variant *v = k->variants; v; v = v->next) {
        uint32_t equal = 0;
        while (equal < k->input_count && is_shape_of(&shapes[equal], &v->inputs[equal], 0))
            equal++;
        if (equal == k->input_count)
            return v;
    }
    return NULL;
}

/* Compile the model for inputs that differ from those of the first variant in their batch. */
static int compile_variant(ep_kernel *k, const given_shape *shapes, weft_error *err)
{
    weft_bind *binds = calloc(k->input_count + 1, sizeof *binds);
    if (!binds)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for shapes");
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < k->input_count; i++) {
        if (!k->model || !is_shape_of(&shapes[i], &k->variants->inputs[i], 1) ||
            shapes[i].dims[0] < 1 || shapes[i].dims[0] > UINT32_MAX)
            rc = weft_error_set(
                err, WEFT_ERR_SHAPE,
                "input \"%.200s\" has another shape than the network was compiled for",
                k->variants->inputs[i].name);
        binds[i] = (weft_bind){ k->variants->inputs[i].name, (uint32_t)shapes[i].dims[0], 1 };
    }
    const weft_network_options options = { .struct_bytes = sizeof options,
                                           .binds = binds,
                                           .bind_count = k->input_count };
    void *program = NULL;
    uint64_t byte_count = 0;
    if (rc == WEFT_OK)
        rc = plugin_compile(k->device, k->model, k->model_bytes, &options, &program, &byte_count,
                            err);
    if (rc == WEFT_OK)
        rc = add_variant(k, program, byte_count, err);
    free(program);
    free(binds);
    return rc;
}

/* The variant for inputs of these shapes. */
static OrtStatus *choose_variant(ep_kernel *k, const given_shape *shapes, variant **out)
{
    weft_error err = { 0 };
    int rc = WEFT_OK;
    pthread_mutex_lock(&k->lock);
    *out = find_variant(k, shapes);
    if (!*out) {
        rc = compile_variant(k, shapes, &err);
        *out = find_variant(k, shapes);
    }
    pthread_mutex_unlock(&k->lock);
    if (rc == WEFT_OK && !*out)
        weft_error_set(&err, WEFT_ERR_SHAPE,
                       "the network has a fixed batch, and the inputs another");
    return *out ? NULL : ep_status(k->ort, &err);
}

/* --- running ------------------------------------------------------------------------------------- */

static OrtStatus *create_state(OrtNodeComputeInfo *info, OrtNodeComputeContext *context,
                               void **state)
{
    (void)context;
    *state = info;
    return NULL;
}

static void release_state(OrtNodeComputeInfo *info, void *state)
{
    (void)info;
    (void)state;
}

/* What one call of the runtime needs. */
typedef struct call {
    weft_input *in;
    weft_output *out;
    given_shape *shapes; /* of the inputs */
} call;

static OrtStatus *take_inputs(const ep_kernel *k, OrtKernelContext *context, call *c)
{
    const OrtApi *api = k->ort->api;
    for (uint32_t i = 0; i < k->input_count; i++) {
        const OrtValue *value = NULL;
        void *data;
        EP_TRY(api->KernelContext_GetInput(context, k->input_place[i], &value));
        EP_TRY(shape_of(k->ort, value, &c->shapes[i]));
        EP_TRY(api->GetTensorMutableData((OrtValue *)(uintptr_t)value, &data)); /* only read */
        c->in[i] = (weft_input){ sizeof *c->in, WEFT_FORM_MODEL, data, 0 };
    }
    return NULL;
}

static OrtStatus *give_outputs(const ep_kernel *k, const variant *v, OrtKernelContext *context,
                               call *c)
{
    for (uint32_t i = 0; i < k->output_count; i++) {
        const weft_port_info *port = &v->outputs[i];
        int64_t dims[WEFT_MAX_DIMS];
        OrtValue *value;
        void *data;
        for (uint32_t axis = 0; axis < port->rank; axis++)
            dims[axis] = port->dims[axis];
        EP_TRY(k->ort->api->KernelContext_GetOutput(context, k->output_place[i], dims, port->rank,
                                                    &value));
        EP_TRY(k->ort->api->GetTensorMutableData(value, &data));
        c->out[i] = (weft_output){ sizeof *c->out, WEFT_FORM_MODEL, data, port->model_bytes };
    }
    return NULL;
}

static OrtStatus *run(ep_kernel *k, OrtKernelContext *context, call *c)
{
    variant *v;
    weft_error err = { 0 };
    EP_TRY(take_inputs(k, context, c));
    EP_TRY(choose_variant(k, c->shapes, &v));
    for (uint32_t i = 0; i < k->input_count; i++)
        c->in[i].bytes = v->inputs[i].model_bytes;
    EP_TRY(give_outputs(k, v, context, c));
    return plugin_device_run(k->device, v->net, c->in, c->out, &err) == WEFT_OK
               ? NULL
               : ep_status(k->ort, &err);
}

static OrtStatus *compute(OrtNodeComputeInfo *info, void *state, OrtKernelContext *context)
{
    ep_kernel *k = (ep_kernel *)info;
    (void)state;
    call c = { calloc(k->input_count + 1, sizeof *c.in), calloc(k->output_count + 1, sizeof *c.out),
               calloc(k->input_count + 1, sizeof *c.shapes) };
    OrtStatus *status = c.in && c.out && c.shapes
                            ? run(k, context, &c)
                            : k->ort->api->CreateStatus(ORT_FAIL, "weft: no memory");
    free(c.in);
    free(c.out);
    free(c.shapes);
    return status;
}

static OrtStatus *place_ports(ep_kernel *k, const OrtNode *fused)
{
    const OrtApi *api = k->ort->api;
    size_t inputs, outputs;
    EP_TRY(api->Node_GetNumInputs(fused, &inputs));
    EP_TRY(api->Node_GetNumOutputs(fused, &outputs));
    k->input_place = calloc(k->input_count + 1, sizeof *k->input_place);
    k->output_place = calloc(k->output_count + 1, sizeof *k->output_place);
    if (!k->input_place || !k->output_place)
        return api->CreateStatus(ORT_FAIL, "weft: no memory");
    EP_TRY(find_places(k->ort, fused, api->Node_GetInputs, inputs, k->variants->inputs,
                       k->input_count, k->input_place));
    return find_places(k->ort, fused, api->Node_GetOutputs, outputs, k->variants->outputs,
                       k->output_count, k->output_place);
}

OrtStatus *ep_kernel_new(const ep_ort *ort, plugin_device *device, const void *program,
                         uint64_t byte_count, void *model, size_t model_bytes, const OrtNode *fused,
                         ep_kernel **out)
{
    ep_kernel *k = calloc(1, sizeof *k);
    if (!k) {
        free(model);
        return ort->api->CreateStatus(ORT_FAIL, "weft: no memory");
    }
    pthread_mutex_init(&k->lock, NULL);
    k->info = (OrtNodeComputeInfo){ .ort_version_supported = EP_ORT_API,
                                    .CreateState = create_state,
                                    .Compute = compute,
                                    .ReleaseState = release_state };
    k->ort = ort;
    k->device = plugin_device_share(device);
    k->model = model;
    k->model_bytes = model_bytes;
    weft_error err = { 0 };
    OrtStatus *status = add_variant(k, program, byte_count, &err) == WEFT_OK ? place_ports(k, fused)
                                                                             : ep_status(ort, &err);
    if (status)
        ep_kernel_free(&k->info);
    else
        *out = k;
    return status;
}
