/* The two ways a conformance case goes: the float reference, and the int8 graph. */
#ifndef WEFT_CONFORMANCE_RUN_H
#define WEFT_CONFORMANCE_RUN_H

#include "conformance_data.h"

typedef enum verdict { PASSED, REFUSED, WRONG } verdict;

/* Both leave a sentence in err unless they return PASSED. */
verdict run_float(const char *model, const data_set *d, weft_error *err);

/* With all inputs as they are; if that is refused, with all but the first as constants. */
verdict run_import(const char *model, const data_set *d, weft_error *err);

#endif
