/* See run_steps.h. */
#include "run_steps.h"

#include <stdlib.h>

#include "models/ref/operators/ref_graph.h"
#include "rtl/isa/weft_isa.h"

static size_t tensor_bytes(const weft_rows *r)
{
    return (size_t)r->rows * r->row_bytes;
}

static int one_step(const step_device *d, const weft_program_step *s, weft_error *err)
{
    const weft_graph *g = s->graph;
    weft_ref *ref = NULL;
    int rc = weft_ref_new(g, &ref, err);
    for (uint32_t i = 0; i < g->input_count + g->output_count && rc == WEFT_OK; i++) {
        const weft_rows *r = &s->rows[i];
        int8_t *tensor = malloc(tensor_bytes(r));
        if (!tensor)
            rc = weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory");
        if (i == g->input_count)
            weft_ref_run(ref);
        if (rc == WEFT_OK && i < g->input_count) {
            rc = d->read(d->self, r, tensor, err);
            (void)weft_ref_set_input(ref, i, tensor, tensor_bytes(r));
        } else if (rc == WEFT_OK) {
            (void)weft_ref_get_output(ref, i - g->input_count, tensor, tensor_bytes(r));
            rc = d->write(d->self, r, tensor, err);
        }
        free(tensor);
    }
    weft_ref_free(ref);
    return rc;
}

int is_cut(const weft_program *prog, uint32_t command)
{
    for (uint32_t i = 0; i < prog->step_count; i++)
        if (prog->steps[i].before == command)
            return 1;
    return 0;
}

int run_parts(const step_device *d, const weft_program *prog, weft_error *err)
{
    run_part part = { .addr = prog->prog_addr };
    int rc = WEFT_OK;
    for (uint32_t i = 0, step = 0; i <= prog->prog_count && rc == WEFT_OK; i++) {
        const int cut = i == prog->prog_count || is_cut(prog, i);
        if (cut && part.count) {
            rc = d->run(d->self, prog, &part, err);
            part = (run_part){ .addr = part.addr + (uint32_t)part.bytes, .first = i };
        }
        for (; rc == WEFT_OK && step < prog->step_count && prog->steps[step].before == i; step++)
            rc = one_step(d, &prog->steps[step], err);
        if (i == prog->prog_count)
            break;
        const size_t at = part.addr + part.bytes - prog->image_addr;
        part.bytes += weft_op_units(prog->image[at]) * (size_t)WEFT_CMD_UNIT_BYTES;
        part.count++;
    }
    return rc;
}
