/* Running from the command line: buffers, progress, Ctrl-C; see tool.h. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tool.h"

enum { POLL_MS = 100 };

static buffer make_buffer(const weft_port_info *p, weft_form form)
{
    const uint64_t bytes = form == WEFT_FORM_MODEL  ? p->model_bytes
                           : form == WEFT_FORM_INT8 ? p->int8_bytes
                                                    : p->float32_bytes;
    return (buffer){ .data = calloc(1, bytes), .bytes = bytes, .form = form };
}

int io_make(tool *t, const weft_program *prog, weft_form in_form, weft_form out_form, io *b)
{
    weft_port_info p = { .struct_bytes = sizeof p };
    *b = (io){ .in_count = prog->input_count, .out_count = prog->output_count };
    b->in = calloc(b->in_count + 1u, sizeof *b->in);
    b->out = calloc(b->out_count + 1u, sizeof *b->out);
    b->inputs = calloc(b->in_count + 1u, sizeof *b->inputs);
    b->outputs = calloc(b->out_count + 1u, sizeof *b->outputs);
    int good = b->in && b->out && b->inputs && b->outputs;
    for (uint32_t i = 0; good && i < b->in_count; i++) {
        weft_program_describe_input(prog, i, &p, NULL);
        b->in[i] = make_buffer(&p, in_form);
        good = b->in[i].data != NULL;
    }
    for (uint32_t i = 0; good && i < b->out_count; i++) {
        weft_program_describe_output(prog, i, &p, NULL);
        b->out[i] = make_buffer(&p, out_form);
        good = b->out[i].data != NULL;
    }
    return good ? EXIT_GOOD : tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for inputs and outputs");
}

int io_make_answers(tool *t, const weft_program *prog, weft_form in_form, io *b)
{
    weft_port_info p = { .struct_bytes = sizeof p };
    int code = io_make(t, prog, in_form, WEFT_FORM_INT8, b);
    if (code != EXIT_GOOD || weft_program_describe_output(prog, 0, &p, NULL) != WEFT_OK ||
        (p.type != WEFT_TYPE_INT32 && p.type != WEFT_TYPE_INT64))
        return code;
    if (p.elements != 1)
        return tool_fail(t, WEFT_ERR_SHAPE,
                         "the output \"%.80s\" is %llu positions, not one answer", p.name,
                         (unsigned long long)p.elements);
    free(b->out[0].data);
    b->out[0] = make_buffer(&p, WEFT_FORM_MODEL);
    b->position_bytes = p.model_bytes;
    return b->out[0].data ? EXIT_GOOD : tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for outputs");
}

void io_free(io *b)
{
    for (uint32_t i = 0; b->in && i < b->in_count; i++)
        free(b->in[i].data);
    for (uint32_t i = 0; b->out && i < b->out_count; i++)
        free(b->out[i].data);
    free(b->in);
    free(b->out);
    free(b->inputs);
    free(b->outputs);
    *b = (io){ 0 };
}

void io_random(buffer *b, uint64_t *state)
{
    for (size_t k = 0; k < b->bytes; k++) {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        ((uint8_t *)b->data)[k] = (uint8_t)(*state >> 32);
    }
}

int io_submit(weft_loaded *net, const io *b, weft_job **job, weft_error *err)
{
    for (uint32_t i = 0; i < b->in_count; i++)
        b->inputs[i] =
            (weft_input){ sizeof(weft_input), b->in[i].form, b->in[i].data, b->in[i].bytes };
    for (uint32_t i = 0; i < b->out_count; i++)
        b->outputs[i] =
            (weft_output){ sizeof(weft_output), b->out[i].form, b->out[i].data, b->out[i].bytes };
    const weft_request request = { .struct_bytes = sizeof request,
                                   .input_count = b->in_count,
                                   .output_count = b->out_count,
                                   .inputs = b->inputs,
                                   .outputs = b->outputs };
    return weft_submit(net, &request, job, err);
}

double tool_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void tool_progress(const tool *t, const char *what, uint64_t done, uint64_t total)
{
    if (!t->progress)
        return;
    if (done >= total)
        fprintf(stderr, "\r%*s\r", 60, "");
    else
        fprintf(stderr, "\r%-30.30s %3.0f%%  %llu/%llu", what, 100.0 * (double)done / (double)total,
                (unsigned long long)done, (unsigned long long)total);
    fflush(stderr);
}

int tool_run(tool *t, weft_loaded *net, const io *b, const char *what)
{
    weft_job *job;
    if (tool_interrupted())
        return tool_fail(t, WEFT_ERR_CANCELLED, "interrupted");
    int rc = io_submit(net, b, &job, &t->err), shown = 0;
    if (rc != WEFT_OK)
        return tool_exit(rc);
    while ((rc = weft_wait(job, POLL_MS, &t->err)) == WEFT_ERR_TIMEOUT) {
        weft_job_info info = { .struct_bytes = sizeof info };
        if (tool_interrupted())
            weft_cancel(job);
        weft_job_describe(job, &info, NULL);
        if (info.total_commands)
            tool_progress(t, what, info.finished_commands, info.total_commands);
        shown = 1;
    }
    weft_job_free(job);
    if (shown)
        tool_progress(t, what, 1, 1);
    if (rc == WEFT_OK)
        t->err = (weft_error){ 0 };
    return tool_exit(rc);
}

static double value_at(const buffer *b, int floats, size_t i)
{
    if (!floats)
        return ((const int8_t *)b->data)[i];
    float x;
    memcpy(&x, (const char *)b->data + i * sizeof x, sizeof x);
    return x;
}

uint32_t tool_answer(const io *b)
{
    const buffer *out = &b->out[0];
    const int floats = out->form == WEFT_FORM_FLOAT32;
    const size_t count = floats ? out->bytes / sizeof(float) : out->bytes;
    size_t best = 0;
    int32_t narrow = 0;
    int64_t wide = 0;
    if (b->position_bytes == sizeof narrow) {
        memcpy(&narrow, out->data, sizeof narrow);
        return (uint32_t)narrow;
    }
    if (b->position_bytes) {
        memcpy(&wide, out->data, sizeof wide);
        return (uint32_t)wide;
    }
    for (size_t i = 1; i < count; i++)
        if (value_at(out, floats, i) > value_at(out, floats, best))
            best = i;
    return (uint32_t)best;
}

uint32_t tool_rank(const io *b, uint32_t index)
{
    const buffer *out = &b->out[0];
    const int floats = out->form == WEFT_FORM_FLOAT32;
    const size_t count = floats ? out->bytes / sizeof(float) : out->bytes;
    uint32_t before = 0;
    if (b->position_bytes || index >= count)
        return b->position_bytes && tool_answer(b) == index ? 0 : UINT32_MAX;
    const double own = value_at(out, floats, index);
    for (size_t i = 0; i < count; i++)
        before +=
            value_at(out, floats, i) > own || (i < index && !(value_at(out, floats, i) < own));
    return before;
}
