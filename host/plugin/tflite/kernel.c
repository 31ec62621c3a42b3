/* A part of a network that was claimed, as a node of the runtime; see delegate.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/plugin/tflite/delegate.h"

typedef struct kernel {
    plugin_device *device;
    weft_loaded *net;
    uint32_t input_count, output_count;
    int *input_tensor, *output_tensor; /* of each port */
    weft_input *in;
    weft_output *out;
} kernel;

static void kernel_free(tfl_context *context, void *data)
{
    kernel *k = data;
    (void)context;
    if (!k)
        return;
    weft_unload(k->net);
    plugin_device_release(k->device);
    free(k->input_tensor);
    free(k->output_tensor);
    free(k->in);
    free(k->out);
    free(k);
}

/* --- making one ----------------------------------------------------------------------------------- */

typedef int describe_port(const weft_program *program, uint32_t index, weft_port_info *out,
                          weft_error *err);

/* The tensor of a port, which is called by its index, with what the runtime keeps room for. */
static int find_tensor(const tfl_context *context, const weft_program *program,
                       describe_port *describe, uint32_t index, int *tensor, uint64_t *bytes,
                       weft_error *err)
{
    weft_port_info port = { .struct_bytes = sizeof port };
    const int rc = describe(program, index, &port, err);
    if (rc != WEFT_OK)
        return rc;
    char *end = NULL;
    const long at = strtol(port.name, &end, 10);
    if (!*port.name || *end || at < 0 || (size_t)at >= context->tensor_count)
        return weft_error_set(err, WEFT_ERR_FORMAT, "a port of the program is no tensor");
    if (context->tensors[at].bytes != port.model_bytes)
        return weft_error_set(err, WEFT_ERR_SHAPE, "tensor \"%.200s\" has another size",
                              context->tensors[at].name ? context->tensors[at].name : "");
    *tensor = (int)at;
    *bytes = port.model_bytes;
    return WEFT_OK;
}

static int find_ports(const tfl_context *context, const weft_program *program, kernel *k,
                      weft_error *err)
{
    weft_program_info info = { .struct_bytes = sizeof info };
    int rc = weft_program_describe(program, &info, err);
    if (rc != WEFT_OK)
        return rc;
    k->input_count = info.input_count;
    k->output_count = info.output_count;
    k->input_tensor = calloc(info.input_count + 1, sizeof *k->input_tensor);
    k->output_tensor = calloc(info.output_count + 1, sizeof *k->output_tensor);
    k->in = calloc(info.input_count + 1, sizeof *k->in);
    k->out = calloc(info.output_count + 1, sizeof *k->out);
    if (!k->input_tensor || !k->output_tensor || !k->in || !k->out)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a program");
    for (uint32_t i = 0; rc == WEFT_OK && i < k->input_count; i++) {
        k->in[i] = (weft_input){ .struct_bytes = sizeof *k->in, .form = WEFT_FORM_MODEL };
        rc = find_tensor(context, program, weft_program_describe_input, i, &k->input_tensor[i],
                         &k->in[i].bytes, err);
    }
    for (uint32_t i = 0; rc == WEFT_OK && i < k->output_count; i++) {
        k->out[i] = (weft_output){ .struct_bytes = sizeof *k->out, .form = WEFT_FORM_MODEL };
        rc = find_tensor(context, program, weft_program_describe_output, i, &k->output_tensor[i],
                         &k->out[i].bytes, err);
    }
    return rc;
}

/* The program of the part: that which was compiled when it was claimed, if the runtime has made of it what it said. */
static int take_program(delegate *d, tfl_context *context, const tfl_delegate_params *part,
                        delegate_program *to, weft_error *err)
{
    weft_network_options options = { 0 };
    int rc = delegate_model_write(context, part, &to->model, &to->model_bytes, err);
    if (rc != WEFT_OK)
        return rc;
    if (d->last.program && d->last.model_bytes == to->model_bytes &&
        !memcmp(d->last.model, to->model, (size_t)to->model_bytes)) {
        to->program = d->last.program;
        to->program_bytes = d->last.program_bytes;
        d->last.program = NULL;
        return WEFT_OK;
    }
    return delegate_program_of(d, &options, to, err);
}

static int load(kernel *k, tfl_context *context, const delegate_program *made, weft_error *err)
{
    weft_program *program = NULL;
    int rc = weft_program_parse(made->program, made->program_bytes, &program, err);
    if (rc == WEFT_OK)
        rc = find_ports(context, program, k, err);
    if (rc == WEFT_OK)
        rc = weft_load(plugin_device_weft(k->device), program, NULL, &k->net, err);
    weft_program_close(program);
    return rc;
}

/* Runs inside delegate_prepare, so the delegate is this thread's alone. */
static void *kernel_init(tfl_context *context, const char *buffer, size_t bytes)
{
    const tfl_delegate_params *part = (const void *)buffer;
    delegate *d = part->delegate->data;
    kernel *k = calloc(1, sizeof *k);
    delegate_program made = { 0 };
    weft_error err = { 0 };
    (void)bytes;
    if (!k)
        return NULL;
    k->device = plugin_device_share(d->device);
    int rc = take_program(d, context, part, &made, &err);
    if (rc == WEFT_OK)
        rc = load(k, context, &made, &err);
    free(made.model);
    free(made.program);
    if (rc == WEFT_OK)
        return k;
    context->report_error(context, "weft: %s", err.text);
    kernel_free(context, k);
    return NULL; /* kernel_prepare ends it */
}

/* --- running -------------------------------------------------------------------------------------- */

static tfl_status kernel_prepare(tfl_context *context, tfl_node *node)
{
    (void)context;
    return node->user_data ? TFL_OK : TFL_ERROR;
}

static tfl_status kernel_invoke(tfl_context *context, tfl_node *node)
{
    kernel *k = node->user_data;
    weft_error err = { 0 };
    for (uint32_t i = 0; i < k->input_count; i++) {
        const tfl_tensor *t = &context->tensors[k->input_tensor[i]];
        k->in[i].data = t->bytes == k->in[i].bytes ? t->data : NULL; /* refused */
    }
    for (uint32_t i = 0; i < k->output_count; i++) {
        const tfl_tensor *t = &context->tensors[k->output_tensor[i]];
        k->out[i].data = t->bytes == k->out[i].bytes ? t->data : NULL;
    }
    if (plugin_device_run(k->device, k->net, k->in, k->out, &err) == WEFT_OK)
        return TFL_OK;
    context->report_error(context, "weft: %s", err.text);
    return TFL_ERROR;
}

tfl_registration delegate_kernel(void)
{
    return (tfl_registration){ .init = kernel_init,
                               .free = kernel_free,
                               .prepare = kernel_prepare,
                               .invoke = kernel_invoke,
                               .builtin_code = TFL_OP_DELEGATE,
                               .custom_name = "Weft",
                               .version = 1 };
}
