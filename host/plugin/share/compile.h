/* A model in memory to a program for a device. */
#ifndef WEFT_PLUGIN_SHARE_COMPILE_H
#define WEFT_PLUGIN_SHARE_COMPILE_H

#include <stddef.h>

#include <weft/weft_compiler.h>

#include "host/plugin/share/devices.h"

/* Compile.  `options` are those of weft_network_parse, or NULL; `program` is given back by free().  Returns WEFT_OK or
 * what weft_network_parse and weft_network_compile return. */
int plugin_compile(plugin_device *device, const void *model, size_t model_bytes,
                   const weft_network_options *options, void **program, uint64_t *byte_count,
                   weft_error *err);

#endif
