/* The parameters of an array: one struct, its defaults, its rules, and how it is written in words.
 *
 *     weft_hw hw = weft_hw_default(1u << 20);
 *     hw.fb_words = 512;
 *     hw.word_bytes = weft_hw_word_bytes(&hw);
 *     rc = weft_hw_check(&hw, &err);
 *     rc = weft_hw_parse("shape=8x8,lanes=4,fb=1024", &hw, &err);      as addresses have it
 *
 * All of it follows from the rows HW of rtl/isa/weft_isa.def; nothing here knows a parameter by name but
 * the shape, which is two.  No state; any thread. */
#ifndef WEFT_HW_H
#define WEFT_HW_H

#include <stddef.h>
#include <stdint.h>

#include "uri.h"
#include <weft/weft_status.h>

/* What a device is, or what a program was made for: a member for each row, in their order.  word_bytes
 * follows from the others (weft_hw_word_bytes); mem_size 0 means "any", in programs. */
typedef struct weft_hw {
#define HW(NAME, name, value, least, most, rule, of, fixed, info, key, option, unit, doc)          \
    uint32_t name;
#define HW_DERIVED(NAME, name, info, unit, doc) uint32_t name;
#include "rtl/isa/weft_isa.def"
    uint32_t lacks; /* bits WEFT_INFO_LACKS_*: parts it was built without, or does without */
} weft_hw;

/* The defaults of the contract with mem_size bytes of device memory. */
weft_hw weft_hw_default(uint32_t mem_size);

/* The power of two >= rows, cols and mem_bytes. */
uint32_t weft_hw_word_bytes(const weft_hw *hw);

/* Returns WEFT_OK if every parameter keeps its rule and word_bytes is what it must be; else
 * WEFT_ERR_ARG with a sentence that names the parameter and what it may be. */
int weft_hw_check(const weft_hw *hw, weft_error *err);

/* 1 if a program made for `made` runs on an array like `has` as far as its parameters go, memory apart. */
int weft_hw_same_program(const weft_hw *made, const weft_hw *has);

enum { WEFT_HW_OPTIONS_BYTES = 256 };

/* Write the options with which a program is compiled for hw, "--rows 8 --cols 8 .. --pair 0", into `text`. */
void weft_hw_options(const weft_hw *hw, char text[WEFT_HW_OPTIONS_BYTES]);

enum { WEFT_HW_PARTS_BYTES = 256 };

/* Write what the parts of `lacks` are, "A; B", into `text`. */
void weft_hw_parts(uint32_t lacks, char text[WEFT_HW_PARTS_BYTES]);

/* --- in words: shape=ROWSxCOLS and the keys of the rows, separated by commas ---------------------
 * What is not named is as the contract has it, lanes as many as columns, and 256 MiB of memory.  The key of
 * a part with 0, as in pair=0, leaves it out. */

/* The keys of the parts, each behind a blank. */
const char *weft_hw_part_keys(void);

/* Read which parts an address leaves out.  Returns as weft_uri_number. */
int weft_hw_read_parts(const weft_uri *uri, uint32_t *lacks, weft_error *err);

/* Refuse options of an address that describe no array and are not in `more`, names separated by single blanks
 * ("" for none).  Returns as weft_uri_allow. */
int weft_hw_allow(const weft_uri *uri, const char *more, weft_error *err);

/* Read the options of an address that describe an array; others may stand beside them.  Returns
 * WEFT_OK, or WEFT_ERR_ARG with a sentence that names the option, *out unchanged. */
int weft_hw_read(const weft_uri *uri, weft_hw *out, weft_error *err);

/* Read a description that is nothing but these options; "" is the default array.  Returns as
 * weft_hw_read. */
int weft_hw_parse(const char *description, weft_hw *out, weft_error *err);

#endif
