/* Calls of the compiler, and what the runtime is told in words; see ep.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/plugin/ort/ep.h"

OrtStatus *ep_status(const ep_ort *ort, const weft_error *err)
{
    char text[WEFT_ERROR_TEXT_BYTES + 8];
    snprintf(text, sizeof text, "weft: %s", err->text);
    return ort->api->CreateStatus(ORT_EP_FAIL, text);
}

void ep_say(const ep_ort *ort, OrtLoggingLevel level, const char *format, ...)
{
    char text[EP_PATH_BYTES + 200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ort->api->ReleaseStatus(
        ort->api->Logger_LogMessage(ort->logger, level, text, "weft", 0, "weft"));
}

int ep_compile(ep_device *device, const void *model, size_t model_bytes, const weft_bind *binds,
               uint32_t bind_count, void **program, uint64_t *byte_count, weft_error *err)
{
    const weft_network_options options = { .struct_bytes = sizeof options,
                                           .binds = binds,
                                           .bind_count = bind_count };
    weft_array array = { .struct_bytes = sizeof array };
    weft_network *net = NULL;
    weft_compiled *compiled = NULL;
    int rc = weft_device_array(ep_device_weft(device), &array, err);
    if (rc == WEFT_OK)
        rc = weft_network_parse(model, model_bytes, &options, &net, err);
    if (rc == WEFT_OK)
        rc = weft_network_compile(net, &array, NULL, &compiled, err);
    const void *bytes = rc == WEFT_OK ? weft_compiled_bytes(compiled, byte_count) : NULL;
    *program = bytes ? malloc(*byte_count) : NULL;
    if (*program)
        memcpy(*program, bytes, *byte_count);
    else if (rc == WEFT_OK)
        rc = weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a program");
    weft_compiled_close(compiled);
    weft_network_close(net);
    return rc;
}
