/* Transports for tests of the host library, in place of host/transport/transport_list.c: the C
 * model as it is ("ref:"), and the same behind a layer that is slow or goes away ("layer:").
 *
 *     waits=N    a run ends only at the N-th question
 *     broken=N   the link breaks at the N-th call: WEFT_ERR_LINK, once
 *     unplug=N   the device is gone from the N-th call on: WEFT_ERR_NO_DEVICE
 *     away=K     after so many failed resets it is back, as after power-up: its memory is empty
 *     alien      what comes back has another shape
 *
 * Calls are counted from 1 at the first after weft_open; what was called of a device that was gone
 * already, other than reset and close, is counted in layer_late_calls.  No map: memory of port sets
 * is copied. */
#ifndef WEFT_TESTS_LAYER_H
#define WEFT_TESTS_LAYER_H

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/transport/transport.h"
#include "rtl/isa/weft_isa.h"
#include <weft/weft.h>

enum { LAYER_ABORTED_DONE = WEFT_DEV_ABORTED | WEFT_STATUS_DONE };

/* Registers that weft_open reads. */
enum { LAYER_OPENING_CALLS = 11 };

static unsigned layer_late_calls;

typedef struct layer {
    weft_transport base;
    weft_transport *under;
    uint64_t waits, broken, unplug, away;
    int alien;
    uint64_t calls, asked; /* of the run */
    int gone, aborted;
} layer;

static layer *layer_of(weft_transport *t)
{
    return (layer *)(void *)t;
}

/* What the call that begins now meets. */
static int layer_call(weft_transport *t, weft_error *err)
{
    layer *l = layer_of(t);
    if (l->gone) {
        layer_late_calls++;
        return weft_error_set(err, WEFT_ERR_NO_DEVICE, "it is still gone");
    }
    l->calls++;
    l->gone = l->unplug && l->calls == l->unplug + LAYER_OPENING_CALLS;
    if (l->gone)
        return weft_error_set(err, WEFT_ERR_NO_DEVICE, "it was unplugged");
    if (l->broken && l->calls == l->broken + LAYER_OPENING_CALLS)
        return weft_error_set(err, WEFT_ERR_LINK, "the wire broke");
    return WEFT_OK;
}

static int layer_close(weft_transport *t)
{
    layer_of(t)->under->ops->close(layer_of(t)->under);
    free(t);
    return WEFT_OK;
}

static int layer_mem_read(weft_transport *t, uint32_t a, void *to, size_t n, weft_error *e)
{
    weft_transport *u = layer_of(t)->under;
    const int rc = layer_call(t, e);
    return rc == WEFT_OK ? u->ops->mem_read(u, a, to, n, e) : rc;
}

static int layer_mem_write(weft_transport *t, uint32_t a, const void *from, size_t n, weft_error *e)
{
    weft_transport *u = layer_of(t)->under;
    const int rc = layer_call(t, e);
    return rc == WEFT_OK ? u->ops->mem_write(u, a, from, n, e) : rc;
}

static int layer_reg_read(weft_transport *t, uint32_t offset, uint32_t *v, weft_error *e)
{
    weft_transport *u = layer_of(t)->under;
    const int rc = layer_call(t, e);
    return rc == WEFT_OK ? u->ops->reg_read(u, offset, v, e) : rc;
}

static int layer_reg_write(weft_transport *t, uint32_t offset, uint32_t v, weft_error *e)
{
    weft_transport *u = layer_of(t)->under;
    const int rc = layer_call(t, e);
    if (rc == WEFT_OK && offset == WEFT_REG_CTRL && v & WEFT_CTRL_ABORT)
        layer_of(t)->aborted = 1;
    return rc == WEFT_OK ? u->ops->reg_write(u, offset, v, e) : rc;
}

static int layer_start(weft_transport *t, const weft_start *s, weft_error *e)
{
    layer *l = layer_of(t);
    const int rc = layer_call(t, e);
    l->asked = 0;
    l->aborted = 0;
    return rc == WEFT_OK ? l->under->ops->start(l->under, s, e) : rc;
}

static int layer_wait_done(weft_transport *t, uint32_t ms, weft_done *out, weft_error *e)
{
    layer *l = layer_of(t);
    const struct timespec nap = { .tv_nsec = 1000000 };
    const int rc = layer_call(t, e);
    if (rc != WEFT_OK)
        return rc;
    if (l->aborted) {
        *out = (weft_done){ .status = LAYER_ABORTED_DONE };
        return WEFT_OK;
    }
    if (l->asked++ < l->waits) {
        nanosleep(&nap, NULL);
        return WEFT_ERR_TIMEOUT;
    }
    return l->under->ops->wait_done(l->under, ms, out, e);
}

/* Back after so many resets, with empty memory. */
static int layer_reset(weft_transport *t, weft_error *e)
{
    layer *l = layer_of(t);
    if (!l->gone)
        return l->under->ops->reset(l->under, e);
    if (!l->away || --l->away)
        return weft_error_set(e, WEFT_ERR_NO_DEVICE, "nobody answers");
    weft_uri uri;
    l->under->ops->close(l->under);
    l->gone = 0;
    l->unplug = 0;
    weft_uri_parse(l->alien ? "ref:shape=8x8" : "ref:", &uri, NULL);
    return weft_transport_ref.open(&uri, &l->under, e);
}

static const weft_transport_ops layer_ops = { .scheme = "layer",
                                              .close = layer_close,
                                              .mem_read = layer_mem_read,
                                              .mem_write = layer_mem_write,
                                              .reg_read = layer_reg_read,
                                              .reg_write = layer_reg_write,
                                              .start = layer_start,
                                              .wait_done = layer_wait_done,
                                              .reset = layer_reset };

const weft_transport_ops *weft_transport_at(unsigned i)
{
    return i == 0 ? &weft_transport_ref : NULL;
}

static int layer_open(const weft_uri *uri, weft_transport **out, weft_error *err)
{
    layer *l = calloc(1, sizeof *l);
    weft_uri plain;
    weft_uri_parse("ref:", &plain, NULL);
    const int rc = l ? weft_transport_ref.open(&plain, &l->under, err) : WEFT_ERR_NO_MEMORY;
    if (rc != WEFT_OK) {
        free(l);
        return rc;
    }
    weft_uri_number(uri, "waits", 0, 1000000, &l->waits, NULL);
    weft_uri_number(uri, "broken", 0, 1000000, &l->broken, NULL);
    weft_uri_number(uri, "unplug", 0, 1000000, &l->unplug, NULL);
    weft_uri_number(uri, "away", 0, 1000000, &l->away, NULL);
    l->alien = weft_uri_has(uri, "alien");
    l->base.ops = &layer_ops;
    *out = &l->base;
    return WEFT_OK;
}

int weft_transport_open(const char *text, weft_transport **out, weft_error *err)
{
    weft_uri uri;
    const int rc = weft_uri_parse(text, &uri, err);
    if (rc != WEFT_OK)
        return rc;
    if (!strcmp(uri.scheme, "ref"))
        return weft_transport_ref.open(&uri, out, err);
    if (!strcmp(uri.scheme, "layer"))
        return layer_open(&uri, out, err);
    return weft_error_set(err, WEFT_ERR_NO_DEVICE, "no such thing");
}

#endif
