/* The simulated chip in a test; see sim_device.h. */
#include "sim_device.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rtl/isa/weft_isa.h"
#include "run_steps.h"

enum { CYCLES_PER_MS = 100000 }; /* host/transport/transport.h: how a simulation counts time */

/* The model that leaves parts out. */
#define SMALL "4x4,pair=0,float=0,counters=0"

const char *const sim_device_shapes[] = { "8x8", "4x4", "12x8", "16x16", SMALL, NULL };

static int read_info(sim_device *d, weft_error *err)
{
    const struct {
        uint32_t reg, *to;
    } info[] = {
        { WEFT_REG_INFO_ROWS, &d->hw.rows },
        { WEFT_REG_INFO_COLS, &d->hw.cols },
        { WEFT_REG_INFO_LANES, &d->hw.lanes },
        { WEFT_REG_INFO_FB_WORDS, &d->hw.fb_words },
        { WEFT_REG_INFO_WORD_BYTES, &d->hw.word_bytes },
        { WEFT_REG_INFO_ACC_DEPTH, &d->hw.acc_depth },
        { WEFT_REG_INFO_MEM_BYTES, &d->hw.mem_bytes },
        { WEFT_REG_INFO_MEM_SIZE, &d->hw.mem_size },
        { WEFT_REG_INFO_LACKS, &d->hw.lacks },
    };
    int rc = WEFT_OK;
    for (size_t i = 0; i < sizeof info / sizeof *info && rc == WEFT_OK; i++)
        rc = d->link->ops->reg_read(d->link, info[i].reg, info[i].to, err);
    return rc;
}

int sim_device_open(const char *shape, rng *r, sim_device *out, weft_error *err)
{
    char uri[160];
    *out = (sim_device){ 0 };
    if (r)
        snprintf(uri, sizeof uri, "sim:shape=%s,latency=%d,stall=%d,refresh=%d,seed=%" PRIu32,
                 shape, rng_range(r, 1, 90), rng_range(r, 0, 2) ? rng_range(r, 0, 70) : 0,
                 rng_range(r, 0, 1) ? rng_range(r, 100, 900) : 0, rng_u32(r));
    else
        snprintf(uri, sizeof uri, "sim:shape=%s", shape);
    int rc = weft_transport_open(uri, &out->link, err);
    if (rc == WEFT_OK && (rc = read_info(out, err)) != WEFT_OK)
        sim_device_close(out);
    return rc;
}

void sim_device_close(sim_device *d)
{
    if (d->link)
        d->link->ops->close(d->link);
    d->link = NULL;
}

weft_hw sim_device_params(const sim_device *d, uint32_t mem_size)
{
    weft_hw hw = d->hw;
    hw.mem_size = mem_size;
    return hw;
}

int sim_device_start(sim_device *d, const weft_start *start, uint64_t most_cycles, weft_done *out,
                     weft_error *err)
{
    int rc = d->link->ops->start(d->link, start, err);
    if (rc == WEFT_OK)
        rc =
            d->link->ops->wait_done(d->link, (uint32_t)(most_cycles / CYCLES_PER_MS) + 1, out, err);
    if (rc == WEFT_OK)
        d->cycles += out->cycles;
    return rc;
}

/* Rows of device memory as they are, in whole units of the transport; the caller's to free. */
static uint8_t *fetch_rows(sim_device *d, const weft_rows *p, size_t *whole, int *rc,
                           weft_error *err)
{
    const size_t bytes = (size_t)p->rows * p->pitch_bytes;
    *whole = (bytes + WEFT_TRANSPORT_ALIGN - 1) / WEFT_TRANSPORT_ALIGN * WEFT_TRANSPORT_ALIGN;
    uint8_t *rows = calloc(*whole ? *whole : 1, 1);
    *rc = rows ? d->link->ops->mem_read(d->link, p->addr, rows, *whole, err)
               : weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory");
    return rows;
}

static int read_rows(void *self, const weft_rows *p, int8_t *tensor, weft_error *err)
{
    size_t whole;
    int rc;
    uint8_t *rows = fetch_rows(self, p, &whole, &rc, err);
    for (uint32_t r = 0; r < p->rows && rc == WEFT_OK; r++)
        memcpy(tensor + (size_t)r * p->row_bytes, rows + (size_t)r * p->pitch_bytes, p->row_bytes);
    free(rows);
    return rc;
}

static int write_rows(void *self, const weft_rows *p, const int8_t *tensor, weft_error *err)
{
    sim_device *d = self;
    size_t whole;
    int rc;
    uint8_t *rows = fetch_rows(d, p, &whole, &rc, err);
    for (uint32_t r = 0; r < p->rows && rc == WEFT_OK; r++)
        memcpy(rows + (size_t)r * p->pitch_bytes, tensor + (size_t)r * p->row_bytes, p->row_bytes);
    if (rc == WEFT_OK)
        rc = d->link->ops->mem_write(d->link, p->addr, rows, whole, err);
    free(rows);
    return rc;
}

static int run_part_of(void *self, const weft_program *prog, const run_part *part, weft_error *err)
{
    const weft_start start = { part->addr, part->count, prog->win_base, prog->win_limit };
    weft_done end = { 0 };
    const int rc = sim_device_start(self, &start, 100000000, &end, err);
    if (rc == WEFT_OK && (end.status & WEFT_STATUS_CODE))
        return weft_error_set(err, WEFT_ERR_DEVICE, "device error %u at command %" PRIu32,
                              (unsigned)(end.status & WEFT_STATUS_CODE),
                              part->first + end.err_index);
    return rc;
}

static int write_image(sim_device *d, const weft_program *prog, weft_error *err)
{
    const size_t whole = (prog->image_bytes + WEFT_TRANSPORT_ALIGN - 1) / WEFT_TRANSPORT_ALIGN *
                         WEFT_TRANSPORT_ALIGN;
    uint8_t *image = calloc(whole ? whole : 1, 1);
    if (!image)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory");
    memcpy(image, prog->image, prog->image_bytes);
    int rc = d->link->ops->mem_write(d->link, prog->image_addr, image, whole, err);
    free(image);
    return rc;
}

static weft_rows rows_of(const weft_program_port *p)
{
    return (weft_rows){ p->addr, p->rows, p->row_bytes, p->pitch_bytes };
}

static int run(void *self, const weft_program *prog, const int8_t *const *in, int8_t *const *out,
               weft_error *err)
{
    const step_device device = { self, read_rows, write_rows, run_part_of };
    int rc = write_image(self, prog, err);
    for (uint32_t i = 0; i < prog->input_count && rc == WEFT_OK; i++) {
        const weft_rows rows = rows_of(&prog->inputs[i]);
        rc = write_rows(self, &rows, in[i], err);
    }
    if (rc == WEFT_OK)
        rc = run_parts(&device, prog, err);
    for (uint32_t i = 0; i < prog->output_count && rc == WEFT_OK; i++) {
        const weft_rows rows = rows_of(&prog->outputs[i]);
        rc = read_rows(self, &rows, out[i], err);
    }
    return rc;
}

program_runner sim_device_door(sim_device *d)
{
    return (program_runner){ run, d };
}
