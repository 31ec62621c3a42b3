/* An array as the public header describes it, and as the compiler and its programs want it. */
#ifndef WEFT_HW_ARRAY_H
#define WEFT_HW_ARRAY_H

#include "models/program/weft_program.h"
#include <weft/weft.h>

static inline weft_hw weft_hw_of(const weft_array *a)
{
    return (weft_hw){ .rows = a->rows,
                      .cols = a->cols,
                      .lanes = a->lanes,
                      .fb_words = a->fb_words,
                      .word_bytes = a->word_bytes,
                      .acc_depth = a->acc_depth,
                      .mem_bytes = a->mem_bytes,
                      .mem_size = a->mem_size };
}

static inline weft_array weft_array_of(const weft_hw *hw)
{
    return (weft_array){ .struct_bytes = sizeof(weft_array),
                         .rows = hw->rows,
                         .cols = hw->cols,
                         .lanes = hw->lanes,
                         .fb_words = hw->fb_words,
                         .word_bytes = hw->word_bytes,
                         .acc_depth = hw->acc_depth,
                         .mem_bytes = hw->mem_bytes,
                         .mem_size = hw->mem_size };
}

#endif
