/* Running from the command line: buffers, progress, Ctrl-C; see tool.h. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tool.h"

enum { POLL_MS = 100 };

static weft_buffer make_buffer(const weft_port_info *p, weft_form form)
{
    const size_t bytes = form == WEFT_FORM_MODEL  ? p->bytes
                         : form == WEFT_FORM_INT8 ? p->values
                                                  : p->values * sizeof(float);
    return (weft_buffer){ .data = calloc(1, bytes), .bytes = bytes, .form = form };
}

int io_make(tool *t, weft_device *dev, weft_form in_form, weft_form out_form, io *b)
{
    weft_port_info p;
    *b = (io){ .in_count = weft_input_count(dev), .out_count = weft_output_count(dev) };
    b->in = calloc(b->in_count + 1u, sizeof *b->in);
    b->out = calloc(b->out_count + 1u, sizeof *b->out);
    int good = b->in && b->out;
    for (uint32_t i = 0; good && i < b->in_count; i++) {
        weft_get_input(dev, i, &p);
        b->in[i] = make_buffer(&p, in_form);
        good = b->in[i].data != NULL;
    }
    for (uint32_t i = 0; good && i < b->out_count; i++) {
        weft_get_output(dev, i, &p);
        b->out[i] = make_buffer(&p, out_form);
        good = b->out[i].data != NULL;
    }
    return good ? EXIT_GOOD : tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for inputs and outputs");
}

int io_make_answers(tool *t, weft_device *dev, weft_form in_form, io *b)
{
    weft_port_info p;
    int code = io_make(t, dev, in_form, WEFT_FORM_INT8, b);
    if (code != EXIT_GOOD || weft_get_output(dev, 0, &p) != WEFT_OK ||
        (p.type != WEFT_TYPE_INT32 && p.type != WEFT_TYPE_INT64))
        return code;
    if (p.elements != 1)
        return tool_fail(t, WEFT_ERR_SHAPE, "the output \"%.80s\" is %zu positions, not one answer",
                         p.name, p.elements);
    free(b->out[0].data);
    b->out[0] = make_buffer(&p, WEFT_FORM_MODEL);
    b->position_bytes = p.bytes;
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
    *b = (io){ 0 };
}

void io_random(weft_buffer *b, uint64_t *state)
{
    for (size_t k = 0; k < b->bytes; k++) {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        ((uint8_t *)b->data)[k] = (uint8_t)(*state >> 32);
    }
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

int tool_run(tool *t, weft_device *dev, const io *b, const char *what)
{
    weft_job *job;
    if (tool_interrupted())
        return tool_fail(t, WEFT_ERR_CANCELLED, "interrupted");
    int rc = weft_submit(dev, b->in, b->out, &job, &t->err), shown = 0;
    if (rc != WEFT_OK)
        return tool_exit(rc);
    while ((rc = weft_wait(job, POLL_MS, &t->err)) == WEFT_ERR_TIMEOUT) {
        uint32_t finished, total;
        if (tool_interrupted())
            weft_cancel(job);
        weft_job_progress(job, &finished, &total);
        if (total)
            tool_progress(t, what, finished, total);
        shown = 1;
    }
    if (shown)
        tool_progress(t, what, 1, 1);
    if (rc == WEFT_OK)
        t->err = (weft_error){ 0 };
    return tool_exit(rc);
}

static double value_at(const weft_buffer *b, int floats, size_t i)
{
    if (!floats)
        return ((const int8_t *)b->data)[i];
    float x;
    memcpy(&x, (const char *)b->data + i * sizeof x, sizeof x);
    return x;
}

uint32_t tool_answer(const io *b)
{
    const weft_buffer *out = &b->out[0];
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
