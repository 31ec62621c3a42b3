/* An array as the public header describes it, and as the compiler and its programs want it.  A row of the
 * contract that one of the two structs lacks does not compile. */
#ifndef WEFT_HW_ARRAY_H
#define WEFT_HW_ARRAY_H

#include "models/base/weft_hw.h"
#include "rtl/isa/weft_isa.h"
#include <weft/weft.h>

/* One number in two headers. */
#define HW_PART(NAME, name, bit, key, doc)                                                         \
    _Static_assert((int)WEFT_LACKS_##NAME == (int)WEFT_INFO_LACKS_##NAME, #NAME);
#include "rtl/isa/weft_isa.def"

static inline weft_hw weft_hw_of(const weft_array *a)
{
    return (weft_hw){
#define HW(NAME, name, value, least, most, rule, of, fixed, info, key, option, unit, doc)          \
    .name = a->name,
#define HW_DERIVED(NAME, name, info, unit, doc) .name = a->name,
#include "rtl/isa/weft_isa.def"
        .lacks = a->lacks,
    };
}

static inline weft_array weft_array_of(const weft_hw *hw)
{
    return (weft_array){
        .struct_bytes = sizeof(weft_array),
#define HW(NAME, name, value, least, most, rule, of, fixed, info, key, option, unit, doc)          \
    .name = hw->name,
#define HW_DERIVED(NAME, name, info, unit, doc) .name = hw->name,
#include "rtl/isa/weft_isa.def"
        .lacks = hw->lacks,
    };
}

#endif
