/* The devices of a fleet: opened, and alike; the contract is in fleet.h. */
#define _POSIX_C_SOURCE 200809L
#include <string.h>
#include <time.h>

#include "fleet.h"
#include "models/base/uri.h"
#include "models/program/hw_array.h"

enum { LOOK_AGAIN_MS = 200, MOST_WAIT_S = 86400 };

/* Open what one address stands for, behind what is open; a device that is missing is looked for as long
 * as the address says. */
static int open_more(tool *t, const char *text, fleet *f)
{
    weft_uri uri;
    char address[WEFT_URI_BYTES];
    weft_device *opened[FLEET_MOST];
    uint32_t count = 0;
    uint64_t wait = 0;
    int rc = weft_uri_parse(text, &uri, &t->err);
    if (rc == WEFT_OK)
        rc = weft_uri_number(&uri, "wait", 0, MOST_WAIT_S, &wait, &t->err);
    if (rc == WEFT_OK)
        rc = weft_uri_write(&uri, wait ? "wait=0" : "", wait ? "wait" : NULL, address, &t->err);
    if (rc == WEFT_OK && f->count == FLEET_MOST)
        return tool_fail(t, WEFT_ERR_ARG, "more than %d devices", FLEET_MOST);
    if (rc != WEFT_OK)
        return tool_exit(rc);
    const double until = tool_seconds() + (double)wait;
    while ((rc = weft_open_all(address, opened, FLEET_MOST - f->count, &count, &t->err)) ==
               WEFT_ERR_NO_DEVICE &&
           tool_seconds() < until && !tool_interrupted())
        nanosleep(&(struct timespec){ 0, LOOK_AGAIN_MS * 1000000L }, NULL);
    for (uint32_t i = 0; i < count; i++) {
        f->wait_s[f->count] = (uint32_t)wait;
        f->member[f->count++].dev = opened[i];
    }
    return tool_exit(rc);
}

static const char *address_of(const session *s)
{
    weft_device_info info = { .struct_bytes = sizeof info };
    (void)weft_device_describe(s->dev, &info, NULL);
    return info.address;
}

/* One program has to fit all: lanes do not matter to it, and memory has only to be large enough. */
static int check_alike(tool *t, const fleet *f, weft_array *array)
{
    *array = (weft_array){ .struct_bytes = sizeof *array };
    (void)weft_device_array(f->member[0].dev, array, NULL);
    for (uint32_t i = 1; i < f->count; i++) {
        weft_array a = { .struct_bytes = sizeof a };
        (void)weft_device_array(f->member[i].dev, &a, NULL);
        const uint32_t least = a.mem_size < array->mem_size ? a.mem_size : array->mem_size;
        a.lanes = array->lanes;
        a.mem_size = array->mem_size;
        if (memcmp(&a, array, sizeof a) != 0)
            return tool_fail(
                t, WEFT_ERR_HARDWARE,
                "the devices are of different shapes, and a program fits one: %ux%u at %.80s, "
                "%ux%u (or other buffers) at %.80s; name those of one shape",
                (unsigned)array->rows, (unsigned)array->cols, address_of(&f->member[0]),
                (unsigned)a.rows, (unsigned)a.cols, address_of(&f->member[i]));
        array->mem_size = least;
    }
    return EXIT_GOOD;
}

int fleet_open(tool *t, const texts *via, uint32_t times, const char *path, fleet *f, model *m)
{
    weft_array array;
    int code = EXIT_GOOD;
    *f = (fleet){ 0 };
    *m = (model){ 0 };
    for (uint32_t i = 0; i < (via->count ? via->count : 1); i++)
        for (uint32_t k = 0; k < times && code == EXIT_GOOD; k++)
            code = open_more(t, via->text[i], f);
    if (code == EXIT_GOOD)
        code = check_alike(t, f, &array);
    if (code == EXIT_GOOD) {
        const weft_hw hw = weft_hw_of(&array);
        code = model_read(t, path, &hw, 0, m);
    }
    if (code != EXIT_GOOD)
        (void)fleet_close(t, f);
    return code;
}

int fleet_close(tool *t, fleet *f)
{
    int code = EXIT_GOOD;
    for (uint32_t i = 0; i < f->count; i++)
        if (session_close(&f->member[i]) != WEFT_OK) {
            if (t->err.status == WEFT_OK)
                tool_fail(t, WEFT_ERR_IO, "the trace could not be written completely");
            code = EXIT_OUTPUT;
        }
    f->count = 0;
    return code;
}
