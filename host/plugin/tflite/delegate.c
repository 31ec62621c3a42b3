/* The external delegate of TensorFlow Lite and LiteRT: options, and the two functions that the runtime looks for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/plugin/tflite/delegate.h"

#define EXPORT __attribute__((visibility("default")))

typedef void report_error(const char *text);

/* --- options -------------------------------------------------------------------------------------- */

/* $XDG_CACHE_HOME/weft, or ~/.cache/weft; "" where neither is known. */
static void default_cache(char to[DELEGATE_PATH_BYTES])
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length = 0;
    if (cache && *cache == '/')
        length = snprintf(to, DELEGATE_PATH_BYTES, "%s/weft", cache);
    else if (home && *home == '/')
        length = snprintf(to, DELEGATE_PATH_BYTES, "%s/.cache/weft", home);
    if (length <= 0 || length >= DELEGATE_PATH_BYTES)
        to[0] = 0;
}

static int take_text(const char *key, const char *value, char to[DELEGATE_PATH_BYTES],
                     weft_error *err)
{
    return snprintf(to, DELEGATE_PATH_BYTES, "%s", value) < DELEGATE_PATH_BYTES
               ? WEFT_OK
               : weft_error_set(err, WEFT_ERR_ARG, "the option %s is longer than %d bytes", key,
                                DELEGATE_PATH_BYTES - 1);
}

static int take_truth(const char *value, weft_truth *to, weft_error *err)
{
    if (strcmp(value, "litert") != 0 && strcmp(value, "tflm") != 0)
        return weft_error_set(err, WEFT_ERR_ARG,
                              "the option truth is litert or tflm, not \"%.100s\"", value);
    *to = strcmp(value, "litert") ? WEFT_TRUTH_MODEL : WEFT_TRUTH_LITERT;
    return WEFT_OK;
}

static int take_option(delegate *d, const char *key, const char *value,
                       char via[DELEGATE_PATH_BYTES], weft_error *err)
{
    if (!strcmp(key, "via"))
        return take_text(key, value, via, err);
    if (!strcmp(key, "cache") && strcmp(value, "none") != 0)
        return take_text(key, value, d->cache, err);
    if (!strcmp(key, "cache")) {
        d->cache[0] = 0;
        return WEFT_OK;
    }
    if (!strcmp(key, "truth"))
        return take_truth(value, &d->truth, err);
    if (strcmp(key, "strict") != 0)
        return weft_error_set(err, WEFT_ERR_ARG,
                              "there is no option %.100s: via, strict, cache, truth are", key);
    d->is_strict = !strcmp(value, "1") || !strcmp(value, "True");
    return d->is_strict || !strcmp(value, "0") || !strcmp(value, "False")
               ? WEFT_OK
               : weft_error_set(err, WEFT_ERR_ARG, "the option strict is 0 or 1, not \"%.100s\"",
                                value);
}

static int take_options(delegate *d, char *const *keys, char *const *values, size_t count,
                        weft_error *err)
{
    char via[DELEGATE_PATH_BYTES] = "ref:";
    int rc = WEFT_OK;
    default_cache(d->cache);
    for (size_t i = 0; i < count && rc == WEFT_OK; i++)
        rc = keys[i] && values[i]
                 ? take_option(d, keys[i], values[i], via, err)
                 : weft_error_set(err, WEFT_ERR_ARG, "an option has no name or no value");
    return rc == WEFT_OK ? plugin_device_take(d->devices, via, &d->device, err) : rc;
}

/* --- an interpreter ------------------------------------------------------------------------------- */

/* Not all of the network runs on Weft: say why, which with strict is an error. */
static tfl_status tell_of_rest(const delegate *d, tfl_context *context, const delegate_claim *claim)
{
    const int count = claim->nodes ? claim->nodes->size : 0;
    if (count == claim->all)
        return TFL_OK;
    if (d->is_strict) {
        context->report_error(context, "weft: not all of the network runs on Weft: %s", claim->why);
        return TFL_ERROR;
    }
    context->report_error(context, "weft: %d of %d operators run on Weft, the others stay: %s",
                          count, claim->all, claim->why);
    return TFL_OK;
}

static tfl_status claim_nodes(delegate *d, tfl_context *context)
{
    delegate_claim claim;
    weft_error err = { 0 };
    if (delegate_claim_find(d, context, &claim, &err) != WEFT_OK) {
        context->report_error(context, "weft: %s", err.text);
        return TFL_ERROR;
    }
    tfl_status status = tell_of_rest(d, context, &claim);
    if (status == TFL_OK && claim.nodes)
        status = context->replace_nodes(context, delegate_kernel(), claim.nodes, &d->tfl);
    free(claim.nodes);
    return status;
}

static tfl_status delegate_prepare(tfl_context *context, tfl_delegate *self)
{
    delegate *d = self->data;
    pthread_mutex_lock(&d->lock);
    const tfl_status status = claim_nodes(d, context);
    free(d->last.model);
    free(d->last.program);
    d->last = (delegate_program){ 0 };
    pthread_mutex_unlock(&d->lock);
    return status;
}

/* --- the library ---------------------------------------------------------------------------------- */

EXPORT tfl_delegate *tflite_plugin_create_delegate(char **keys, char **values, size_t count,
                                                   report_error *report);
EXPORT void tflite_plugin_destroy_delegate(tfl_delegate *self);

/* Parts that are still loaded keep the device, and the list of devices with it, so they must be gone: the runtime says
 * that a delegate outlives its interpreters. */
void tflite_plugin_destroy_delegate(tfl_delegate *self)
{
    delegate *d = self ? self->data : NULL;
    if (!d)
        return;
    plugin_device_release(d->device);
    plugin_devices_free(d->devices);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

tfl_delegate *tflite_plugin_create_delegate(char **keys, char **values, size_t count,
                                            report_error *report)
{
    weft_error err = { 0 };
    char text[WEFT_ERROR_TEXT_BYTES + 8];
    delegate *d = calloc(1, sizeof *d);
    int rc = d ? WEFT_OK : weft_error_set(&err, WEFT_ERR_NO_MEMORY, "no memory for a delegate");
    if (d) {
        pthread_mutex_init(&d->lock, NULL);
        d->tfl = (tfl_delegate){ .data = d, .prepare = delegate_prepare };
        d->truth = WEFT_TRUTH_LITERT;
        d->devices = plugin_devices_new();
        rc = d->devices ? take_options(d, keys, values, count, &err)
                        : weft_error_set(&err, WEFT_ERR_NO_MEMORY, "no memory for a delegate");
    }
    if (rc == WEFT_OK)
        return &d->tfl;
    snprintf(text, sizeof text, "weft: %s", err.text);
    if (report)
        report(text);
    tflite_plugin_destroy_delegate(d ? &d->tfl : NULL);
    return NULL;
}
