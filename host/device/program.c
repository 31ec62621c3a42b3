/* Programs without a device: read, describe; the contracts are in weft.h. */
#include "models/program/weft_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_own.h"
#include "models/base/files.h"
#include "models/program/hw_array.h"
#include "models/program/weft_file.h"

int weft_program_parse(const void *bytes, uint64_t byte_count, weft_program **out, weft_error *err)
{
    if (!GIVEN(err, bytes) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    *out = NULL;
    if (byte_count > SIZE_MAX)
        return weft_error_set(err, WEFT_ERR_ARG, "so many bytes do not fit in memory");
    return weft_program_read(bytes, (size_t)byte_count, out, err);
}

int weft_program_open(const char *path, weft_program **out, weft_error *err)
{
    uint8_t *bytes = NULL;
    size_t byte_count = 0;
    if (!GIVEN(err, path) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    *out = NULL;
    int rc = weft_file_read(path, &bytes, &byte_count, err);
    if (rc == WEFT_OK)
        rc = weft_program_parse(bytes, byte_count, out, err);
    free(bytes);
    return rc;
}

void weft_program_close(weft_program *prog)
{
    weft_program_free(prog);
}

int weft_program_describe(const weft_program *prog, weft_program_info *out, weft_error *err)
{
    if (!GIVEN(err, prog) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    const weft_source *from = &prog->source;
    const weft_program_info info = { .isa_version = prog->isa_version,
                                     .input_count = prog->input_count,
                                     .output_count = prog->output_count,
                                     .layer_count = prog->layer_count,
                                     .command_count = prog->prog_count,
                                     .host_step_count = prog->step_count,
                                     .source_crc32 = from->crc32,
                                     .source_bytes = from->bytes,
                                     .memory_bytes = weft_banks_bytes(prog, 1),
                                     .macs = weft_program_macs(prog),
                                     .predicted_cycles = weft_program_cycles(prog),
                                     .source_kind = weft_source_kind_name(from->kind),
                                     .source_name = from->name,
                                     .source_producer = from->producer,
                                     .compile_options = from->options,
                                     .made_by = from->made_by };
    return weft_struct_fill(out, &info, sizeof info, err);
}

int weft_program_array(const weft_program *prog, weft_array *out, weft_error *err)
{
    if (!GIVEN(err, prog) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    const weft_array a = weft_array_of(&prog->hw);
    return weft_struct_fill(out, &a, sizeof a, err);
}

static weft_type type_of(weft_dtype dtype)
{
    switch (dtype) {
    case WEFT_FLOAT32: return WEFT_TYPE_FLOAT32;
    case WEFT_UINT8: return WEFT_TYPE_UINT8;
    case WEFT_INT32: return WEFT_TYPE_INT32;
    case WEFT_INT64: return WEFT_TYPE_INT64;
    default: return WEFT_TYPE_INT8;
    }
}

/* Rank 4 in the order of the device is NHWC; the order that leads there from the model's tells. */
static const char *layout_of(const weft_program_port *port)
{
    static const uint32_t from_nchw[4] = { 0, 2, 3, 1 }, from_nhwc[4] = { 0, 1, 2, 3 };
    if (port->rank != 4)
        return "";
    if (!memcmp(port->perm, from_nchw, sizeof from_nchw))
        return "NCHW";
    return memcmp(port->perm, from_nhwc, sizeof from_nhwc) ? "" : "NHWC";
}

/* "dequantize, softmax": the steps in their order. */
static void name_steps(const weft_program_port *port, char *to, size_t room)
{
    static const char *const names[WEFT_HOST_OPS] = { "quantize",    "dequantize", "softmax",
                                                      "log_softmax", "softmax",    "log_softmax",
                                                      "argmax",      "argmin" };
    size_t at = 0;
    for (uint32_t i = 0; i < port->step_count && at < room; i++)
        at += (size_t)snprintf(to + at, room - at, "%s%s", i ? ", " : "", names[port->steps[i].op]);
}

_Static_assert((int)WEFT_MAX_DIMS >= (int)WEFT_MAX_RANK, "room for the axes of every port");

static int describe_port(const weft_program_port *ports, uint32_t count, uint32_t index,
                         const char *what, weft_port_info *out, weft_error *err)
{
    if (index >= count)
        return weft_error_set(err, WEFT_ERR_ARG, "there is no %s %u, the program has %u", what,
                              (unsigned)index, (unsigned)count);
    const weft_program_port *p = &ports[index];
    const uint64_t model_bytes = weft_io_buffer_bytes(p, WEFT_FORM_MODEL);
    weft_port_info info = { .type = type_of(p->dtype),
                            .name = p->name,
                            .layout = layout_of(p),
                            .rank = p->rank,
                            .elements = model_bytes / weft_dtype_bytes(p->dtype),
                            .model_bytes = model_bytes,
                            .int8_bytes = weft_io_buffer_bytes(p, WEFT_FORM_INT8),
                            .float32_bytes = weft_io_buffer_bytes(p, WEFT_FORM_FLOAT32),
                            .scale = p->model_scale,
                            .zero_point = p->model_zero_point,
                            .int8_scale = p->scale,
                            .int8_zero_point = p->zero_point };
    name_steps(p, info.host_steps, sizeof info.host_steps);
    memcpy(info.dims, p->dims, p->rank * sizeof *p->dims);
    return weft_struct_fill(out, &info, sizeof info, err);
}

int weft_program_describe_input(const weft_program *prog, uint32_t index, weft_port_info *out,
                                weft_error *err)
{
    if (!GIVEN(err, prog) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    return describe_port(prog->inputs, prog->input_count, index, "input", out, err);
}

int weft_program_describe_output(const weft_program *prog, uint32_t index, weft_port_info *out,
                                 weft_error *err)
{
    if (!GIVEN(err, prog) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    return describe_port(prog->outputs, prog->output_count, index, "output", out, err);
}

int weft_program_describe_layer(const weft_program *prog, uint32_t index,
                                weft_program_layer_info *out, weft_error *err)
{
    if (!GIVEN(err, prog) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    if (index >= prog->layer_count)
        return weft_error_set(err, WEFT_ERR_ARG, "there is no layer %u, the program has %u",
                              (unsigned)index, (unsigned)prog->layer_count);
    const weft_program_layer *l = &prog->layers[index];
    const weft_program_layer_info info = { .first_command = l->first_command,
                                           .command_count = l->command_count,
                                           .name = l->name,
                                           .op = weft_op_name((weft_op)l->op),
                                           .macs = l->macs,
                                           .predicted_cycles = l->cycles };
    return weft_struct_fill(out, &info, sizeof info, err);
}
