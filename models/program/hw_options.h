/* Devices described in words, as addresses and the compiler's door take them:
 *
 *     shape=ROWSxCOLS  lanes=  fb=WORDS of a feature bank  acc=ACCUMULATORS  port=BYTES of the memory
 *     port  mem=BYTES of device memory
 *
 * separated by commas.  What is not named is as the contract has it, lanes as many as columns, and
 * 256 MiB of memory.  No state; any thread. */
#ifndef WEFT_HW_OPTIONS_H
#define WEFT_HW_OPTIONS_H

#include "models/base/uri.h"
#include "weft_program.h"

/* The names of these options, for weft_uri_allow. */
#define WEFT_HW_OPTIONS "shape lanes fb acc port mem"

/* Read the options of an address that describe a device; others may stand beside them.  Returns
 * WEFT_OK, or WEFT_ERR_ARG with a sentence that names the option, *out unchanged. */
int weft_hw_read(const weft_uri *uri, weft_hw *out, weft_error *err);

/* Read a description that is nothing but these options; "" is the default device.  Returns as
 * weft_hw_read. */
int weft_hw_parse(const char *description, weft_hw *out, weft_error *err);

#endif
