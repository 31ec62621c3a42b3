/* What the host computes between two runs of the device, and how a program is cut there; see
 * device_own.h. */
#include <stdlib.h>
#include <string.h>

#include "device_own.h"
#include "models/ref/operators/ref_graph.h"
#include "rtl/isa/weft_isa.h"

int weft_parts_make(weft_parts *parts, const weft_program *p, uint32_t base)
{
    const uint32_t shift = weft_bank_shift(p, base);
    const uint8_t *at = p->image + (p->prog_addr - p->image_addr);
    uint32_t addr = p->prog_addr + shift, command = 0, step = 0;
    *parts = (weft_parts){ .part = calloc(p->step_count + 1u, sizeof *parts->part) };
    if (!parts->part)
        return WEFT_ERR_NO_MEMORY;
    do {
        weft_part *now = &parts->part[parts->count++];
        now->first_step = step;
        while (step < p->step_count && p->steps[step].before == command)
            step++;
        const uint32_t end = step < p->step_count ? p->steps[step].before : p->prog_count;
        now->step_count = step - now->first_step;
        now->first_command = command;
        now->start = (weft_start){ addr, end - command, base, p->win_limit + shift };
        const size_t bytes = weft_program_command_bytes(at, end - command);
        at += bytes;
        addr += (uint32_t)bytes;
        command = end;
    } while (step < p->step_count);
    return WEFT_OK;
}

void weft_parts_free(weft_parts *parts)
{
    free(parts->part);
    *parts = (weft_parts){ 0 };
}

static size_t bytes_of(const weft_rows *r)
{
    return (size_t)r->rows * r->pitch_bytes;
}

/* An input of the step out of device memory; `rows` and `tensor` have room for it. */
static int read_input(const weft_job *job, const weft_rows *r, uint32_t shift, uint8_t *rows,
                      uint8_t *tensor, weft_error *err)
{
    const int rc = weft_move_out(job, r->addr + shift, rows, bytes_of(r), err);
    for (uint32_t i = 0; i < r->rows && rc == WEFT_OK; i++)
        memcpy(tensor + (size_t)i * r->row_bytes, rows + (size_t)i * r->pitch_bytes, r->row_bytes);
    return rc;
}

static int write_output(const weft_job *job, const weft_rows *r, uint32_t shift, uint8_t *rows,
                        const uint8_t *tensor, weft_error *err)
{
    memset(rows, 0, bytes_of(r));
    for (uint32_t i = 0; i < r->rows; i++)
        memcpy(rows + (size_t)i * r->pitch_bytes, tensor + (size_t)i * r->row_bytes, r->row_bytes);
    return weft_move_in(job, r->addr + shift, rows, bytes_of(r), err);
}

/* Bytes of the largest of a step's tensors in device memory. */
static size_t most_bytes(const weft_program_step *s)
{
    size_t most = 1;
    for (uint32_t i = 0; i < s->graph->input_count + s->graph->output_count; i++)
        most = bytes_of(&s->rows[i]) > most ? bytes_of(&s->rows[i]) : most;
    return most;
}

static int is_cancelled(const void *job)
{
    return atomic_load(&((const weft_job *)job)->cancelled);
}

static int run_with(const weft_job *job, const weft_program_step *s, uint32_t shift, weft_ref *ref,
                    uint8_t *rows, uint8_t *tensor, weft_error *err)
{
    const weft_graph *g = s->graph;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < g->input_count && rc == WEFT_OK; i++) {
        const weft_rows *r = &s->rows[i];
        rc = read_input(job, r, shift, rows, tensor, err);
        if (rc == WEFT_OK)
            rc = weft_ref_set_input(ref, i, tensor, (size_t)r->rows * r->row_bytes);
    }
    if (rc == WEFT_OK && !weft_ref_run_until(ref, is_cancelled, job))
        rc = weft_error_set(err, WEFT_ERR_CANCELLED, "the run was cancelled");
    for (uint32_t i = 0; i < g->output_count && rc == WEFT_OK; i++) {
        const weft_rows *r = &s->rows[g->input_count + i];
        rc = weft_ref_get_output(ref, i, tensor, (size_t)r->rows * r->row_bytes);
        if (rc == WEFT_OK)
            rc = write_output(job, r, shift, rows, tensor, err);
    }
    return rc;
}

int weft_step_run(const weft_job *job, const weft_program_step *s, uint32_t shift, weft_error *err)
{
    uint8_t *rows = malloc(most_bytes(s)), *tensor = malloc(most_bytes(s));
    weft_ref *ref = NULL;
    int rc = rows && tensor && weft_ref_new(s->graph, &ref, NULL) == WEFT_OK ? WEFT_OK
                                                                             : WEFT_ERR_NO_MEMORY;
    if (rc != WEFT_OK)
        weft_error_set(err, rc, "no memory for a step of the host");
    else
        rc = run_with(job, s, shift, ref, rows, tensor, err);
    weft_ref_free(ref);
    free(tensor);
    free(rows);
    return rc;
}
