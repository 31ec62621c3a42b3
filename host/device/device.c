/* Devices and programs: open, describe, load, counters; the contracts are in weft.h. */
#define _POSIX_C_SOURCE 200809L
#include "device_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "device_hw.h"
#include "models/base/files.h"
#include "models/program/weft_file.h"
#include "rtl/isa/weft_isa.h"

int weft_list_device(unsigned index, char *to)
{
    const weft_transport_ops *ops;
    for (unsigned i = 0; (ops = weft_transport_at(i)) != NULL; i++)
        for (unsigned k = 0; ops->list && ops->list(k, to); k++)
            if (index-- == 0)
                return 1;
    return 0;
}

static int read_info(weft_device *dev, weft_error *err)
{
    weft_transport *t = dev->transport;
    weft_info *info = &dev->info;
    uint32_t id = 0;
    const struct {
        uint32_t offset, *to;
    } reads[] = { { WEFT_REG_ID, &id },
                  { WEFT_REG_ISA, &info->isa_version },
                  { WEFT_REG_INFO_ROWS, &info->rows },
                  { WEFT_REG_INFO_COLS, &info->cols },
                  { WEFT_REG_INFO_LANES, &info->lanes },
                  { WEFT_REG_INFO_FB_WORDS, &info->fb_words },
                  { WEFT_REG_INFO_WORD_BYTES, &info->word_bytes },
                  { WEFT_REG_INFO_ACC_DEPTH, &info->acc_depth },
                  { WEFT_REG_INFO_MEM_BYTES, &info->mem_bytes },
                  { WEFT_REG_INFO_MEM_SIZE, &info->mem_size } };
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        int rc = t->ops->reg_read(t, reads[i].offset, reads[i].to, err);
        if (rc != WEFT_OK)
            return rc;
    }
    enum { WEFT_ID = 0x54464557 };
    if (id != WEFT_ID)
        return weft_error_set(err, WEFT_ERR_VERSION, "what answers there is no Weft device");
    if (info->isa_version != WEFT_ISA_VERSION)
        return weft_error_set(err, WEFT_ERR_VERSION,
                              "the device speaks ISA version %u, this library %d",
                              (unsigned)info->isa_version, WEFT_ISA_VERSION);
    return WEFT_OK;
}

static int make_locks(weft_device *dev)
{
    pthread_condattr_t attr;
    if (pthread_condattr_init(&attr))
        return WEFT_ERR_NO_MEMORY;
    int bad = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) ||
              pthread_cond_init(&dev->changed, &attr);
    pthread_condattr_destroy(&attr);
    if (bad)
        return WEFT_ERR_NO_MEMORY;
    if (pthread_mutex_init(&dev->hardware, NULL))
        goto no_hardware;
    if (pthread_mutex_init(&dev->state, NULL))
        goto no_state;
    if (pthread_create(&dev->worker, NULL, weft_job_worker, dev))
        goto no_worker;
    return WEFT_OK;
no_worker:
    pthread_mutex_destroy(&dev->state);
no_state:
    pthread_mutex_destroy(&dev->hardware);
no_hardware:
    pthread_cond_destroy(&dev->changed);
    return WEFT_ERR_NO_MEMORY;
}

int weft_open(const char *uri, weft_device **out, weft_error *err)
{
    *out = NULL;
    weft_device *dev = calloc(1, sizeof *dev);
    if (!dev)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a device");
    int rc = weft_transport_open(uri, &dev->transport, err);
    if (rc == WEFT_OK) {
        snprintf(dev->uri, sizeof dev->uri, "%s", uri);
        dev->info.uri = dev->uri;
        rc = read_info(dev, err);
        if (rc == WEFT_OK && (rc = make_locks(dev)) != WEFT_OK)
            weft_error_set(err, rc, "no thread or lock could be made for the device");
        if (rc != WEFT_OK)
            dev->transport->ops->close(dev->transport);
    }
    if (rc != WEFT_OK)
        free(dev);
    else
        *out = dev;
    return rc;
}

int weft_close(weft_device *dev)
{
    if (!dev)
        return WEFT_OK;
    pthread_mutex_lock(&dev->state);
    dev->quit = 1;
    for (weft_job *job = dev->head; job; job = job->next)
        weft_cancel(job);
    pthread_cond_broadcast(&dev->changed);
    pthread_mutex_unlock(&dev->state);
    pthread_join(dev->worker, NULL);
    pthread_cond_destroy(&dev->changed);
    pthread_mutex_destroy(&dev->state);
    pthread_mutex_destroy(&dev->hardware);
    for (weft_job *job = dev->all, *next; job; job = next) {
        next = job->next_of_all;
        weft_job_free(job);
    }
    const int rc = dev->transport->ops->close(dev->transport);
    weft_program_free(dev->program);
    weft_banks_free(&dev->banks);
    weft_parts_free(&dev->parts);
    free(dev);
    return rc;
}

void weft_get_info(const weft_device *dev, weft_info *out)
{
    *out = dev->info;
}

/* --- programs ----------------------------------------------------------------------------------
 */

static int fits(const weft_device *dev, const weft_program *prog, weft_error *err)
{
    const weft_info *i = &dev->info;
    const weft_hw hw = weft_device_hw(i);
    return weft_program_fits(prog, &hw, i->isa_version, err);
}

/* Reserve the idle device for the caller, who then holds `hardware` and counts as a job. */
static int claim_idle(weft_device *dev, weft_error *err)
{
    pthread_mutex_lock(&dev->state);
    const int busy = dev->in_flight != 0;
    dev->in_flight += busy ? 0 : WEFT_MAX_JOBS; /* no submission until release_idle */
    pthread_mutex_unlock(&dev->state);
    if (busy)
        return weft_error_set(err, WEFT_ERR_BUSY, "jobs are in flight on this device");
    pthread_mutex_lock(&dev->hardware);
    return WEFT_OK;
}

static void release_idle(weft_device *dev)
{
    pthread_mutex_unlock(&dev->hardware);
    pthread_mutex_lock(&dev->state);
    dev->in_flight -= WEFT_MAX_JOBS;
    pthread_mutex_unlock(&dev->state);
}

static int write_program(weft_device *dev, const weft_program *prog, weft_banks *banks,
                         weft_error *err)
{
    weft_transport *t = dev->transport;
    uint8_t *commands;
    size_t bytes;
    int rc = weft_banks_make(banks, prog, dev->info.mem_size, &commands, &bytes);
    if (rc != WEFT_OK)
        return weft_error_set(err, rc, "no memory for a program");
    if (dev->lost)
        rc = t->ops->reset(t, err);
    if (rc == WEFT_OK)
        rc = t->ops->mem_write(t, prog->image_addr, prog->image, prog->image_bytes, err);
    if (rc == WEFT_OK && commands)
        rc = t->ops->mem_write(t, banks->bank[1].start.prog_addr, commands, bytes, err);
    free(commands);
    /* What went wrong with a write is known with the answer to something behind it. */
    uint32_t status;
    if (rc == WEFT_OK)
        rc = t->ops->reg_read(t, WEFT_REG_STATUS, &status, err);
    return rc;
}

/* Replace the program; takes it over in any case. */
static int install(weft_device *dev, weft_program *prog, weft_error *err)
{
    weft_banks banks = { 0 };
    weft_parts parts = { 0 };
    int rc = weft_parts_make(&parts, prog);
    if (rc != WEFT_OK)
        weft_error_set(err, rc, "no memory for a program");
    else
        rc = write_program(dev, prog, &banks, err);
    weft_program_free(dev->program);
    weft_banks_free(&dev->banks);
    weft_parts_free(&dev->parts);
    memset(dev->before, 0, sizeof dev->before);
    dev->program = rc == WEFT_OK ? prog : NULL;
    dev->lost = rc != WEFT_OK;
    dev->clock_from = 0;
    if (rc == WEFT_OK) {
        dev->banks = banks;
        dev->parts = parts;
    } else {
        weft_parts_free(&parts);
        weft_program_free(prog);
        weft_banks_free(&banks);
    }
    pthread_mutex_lock(&dev->state);
    dev->stats = (weft_stats){ 0 };
    pthread_mutex_unlock(&dev->state);
    return rc;
}

int weft_load(weft_device *dev, const void *bytes, size_t byte_count, weft_error *err)
{
    weft_program *prog = NULL;
    int rc = weft_program_read(bytes, byte_count, &prog, err);
    if (rc == WEFT_OK)
        rc = fits(dev, prog, err);
    if (rc == WEFT_OK)
        rc = claim_idle(dev, err);
    if (rc != WEFT_OK) {
        weft_program_free(prog);
        return rc;
    }
    rc = install(dev, prog, err);
    release_idle(dev);
    return rc;
}

int weft_load_file(weft_device *dev, const char *path, weft_error *err)
{
    uint8_t *bytes = NULL;
    size_t byte_count = 0;
    int rc = weft_file_read(path, &bytes, &byte_count, err);
    if (rc == WEFT_OK)
        rc = weft_load(dev, bytes, byte_count, err);
    free(bytes);
    return rc;
}

uint32_t weft_input_count(const weft_device *dev)
{
    return dev->program ? dev->program->input_count : 0;
}

uint32_t weft_output_count(const weft_device *dev)
{
    return dev->program ? dev->program->output_count : 0;
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

static const char *steps_of(const weft_program_port *port)
{
    if (port->step_count == 0)
        return "";
    static const char *const names[WEFT_HOST_OPS] = { "quantize",    "dequantize", "softmax",
                                                      "log_softmax", "softmax",    "log_softmax",
                                                      "argmax",      "argmin" };
    if (port->step_count == 1)
        return names[port->steps[0].op];
    return port->step_count == 2 && port->steps[0].op == WEFT_HOST_DEQUANTIZE &&
                   port->steps[1].op == WEFT_HOST_SOFTMAX
               ? "dequantize, softmax"
               : "several";
}

static int describe(const weft_program_port *ports, uint32_t count, uint32_t index,
                    weft_port_info *out)
{
    if (index >= count)
        return WEFT_ERR_ARG;
    const weft_program_port *p = &ports[index];
    *out = (weft_port_info){ .name = p->name,
                             .type = type_of(p->dtype),
                             .rank = p->rank,
                             .layout = layout_of(p),
                             .bytes = weft_io_buffer_bytes(p, WEFT_FORM_MODEL),
                             .values = weft_io_buffer_bytes(p, WEFT_FORM_INT8),
                             .scale = p->scale,
                             .zero_point = p->zero_point,
                             .host_steps = steps_of(p) };
    out->elements = out->bytes / weft_dtype_bytes(p->dtype);
    for (uint32_t i = 0; i < p->rank; i++)
        out->dims[i] = p->dims[i];
    return WEFT_OK;
}

int weft_get_input(const weft_device *dev, uint32_t index, weft_port_info *out)
{
    return describe(dev->program ? dev->program->inputs : NULL, weft_input_count(dev), index, out);
}

int weft_get_output(const weft_device *dev, uint32_t index, weft_port_info *out)
{
    return describe(dev->program ? dev->program->outputs : NULL, weft_output_count(dev), index,
                    out);
}

/* --- what it cost -------------------------------------------------------------------------------
 */

void weft_get_stats(weft_device *dev, weft_stats *out)
{
    pthread_mutex_lock(&dev->state);
    *out = dev->stats;
    pthread_mutex_unlock(&dev->state);
}

typedef struct counter_row {
    const char *name, *text;
    uint32_t offset;
} counter_row;

/* Counter number i: the registers from CYCLES on.  NULL past the last. */
static const counter_row *counter_at(uint32_t i)
{
    static const counter_row table[] = {
#define REG(name, offset, access, reset, doc) { #name, doc, offset },
#include "rtl/isa/weft_isa.def"
    };
    for (size_t k = 0; k < sizeof table / sizeof *table; k++)
        if (table[k].offset >= WEFT_REG_CYCLES && i-- == 0)
            return &table[k];
    return NULL;
}

static uint32_t sum(uint32_t a, uint32_t b)
{
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

int weft_counters_keep(weft_device *dev, weft_error *err)
{
    int rc = WEFT_OK;
    const counter_row *row;
    for (uint32_t i = 0; i < WEFT_MAX_COUNTERS && (row = counter_at(i)) && rc == WEFT_OK; i++) {
        uint32_t value = 0;
        rc = dev->transport->ops->reg_read(dev->transport, row->offset, &value, err);
        dev->before[i] = sum(dev->before[i], value);
    }
    return rc;
}

int weft_get_counters(weft_device *dev, weft_counter *out, uint32_t *count, weft_error *err)
{
    uint32_t n = 0;
    const counter_row *row;
    int rc = claim_idle(dev, err);
    if (rc != WEFT_OK)
        return rc;
    for (; n < WEFT_MAX_COUNTERS && (row = counter_at(n)) && rc == WEFT_OK; n++) {
        uint32_t value = 0;
        rc = dev->transport->ops->reg_read(dev->transport, row->offset, &value, err);
        out[n] = (weft_counter){ row->name, row->text, sum(dev->before[n], value) };
    }
    release_idle(dev);
    *count = rc == WEFT_OK ? n : 0;
    return rc;
}
