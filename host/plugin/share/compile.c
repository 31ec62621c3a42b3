/* Calls of the compiler; see compile.h. */
#include "host/plugin/share/compile.h"

#include <stdlib.h>
#include <string.h>

int plugin_compile(plugin_device *device, const void *model, size_t model_bytes,
                   const weft_network_options *options, void **program, uint64_t *byte_count,
                   weft_error *err)
{
    weft_array array = { .struct_bytes = sizeof array };
    weft_network *net = NULL;
    weft_compiled *compiled = NULL;
    int rc = weft_device_array(plugin_device_weft(device), &array, err);
    if (rc == WEFT_OK)
        rc = weft_network_parse(model, model_bytes, options, &net, err);
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
