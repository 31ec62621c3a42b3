/* What every public function does with its arguments first: the rules of weft.h on NULL and on
 * structs that grow.  No state; any thread. */
#ifndef WEFT_DEVICE_ARGS_H
#define WEFT_DEVICE_ARGS_H

#include <stddef.h>
#include <stdint.h>

#include <weft/weft_status.h>

/* 1 if the pointer is not NULL; else 0 with "weft_open: address must not be NULL" in err. */
#define GIVEN(err, pointer) weft_given((pointer) != NULL, __func__, #pointer, err)

/* Returns `given`; if that is 0, the sentence "FUNCTION: WHAT must not be NULL" is in err.  Use
 * GIVEN. */
int weft_given(int given, const char *function, const char *what, weft_error *err);

/* Fill the caller's struct, which begins with its struct_bytes, from ours of known_bytes; the
 * caller's struct_bytes stays.  Returns WEFT_OK, or WEFT_ERR_ARG: struct_bytes cannot be right. */
int weft_struct_fill(void *to, const void *from, size_t known_bytes, weft_error *err);

/* The way back: from the caller's struct of `bytes` into ours, which is zeroed behind them.
 * Returns WEFT_OK, WEFT_ERR_ARG, or WEFT_ERR_VERSION: there is more in it than this library knows. */
int weft_struct_take(const void *from, uint32_t bytes, void *to, size_t known_bytes,
                     weft_error *err);

#endif
