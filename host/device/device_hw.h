/* What a device says of itself as the compiler and its programs want it. */
#ifndef WEFT_DEVICE_HW_H
#define WEFT_DEVICE_HW_H

#include "models/program/weft_program.h"
#include <weft/weft.h>

static inline weft_hw weft_device_hw(const weft_info *i)
{
    return (weft_hw){ .rows = i->rows,
                      .cols = i->cols,
                      .lanes = i->lanes,
                      .fb_words = i->fb_words,
                      .word_bytes = i->word_bytes,
                      .acc_depth = i->acc_depth,
                      .mem_bytes = i->mem_bytes,
                      .mem_size = i->mem_size };
}

#endif
