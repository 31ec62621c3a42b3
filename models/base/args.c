/* Arguments of public functions; see args.h. */
#include "args.h"

#include <string.h>

#include <weft/weft_version.h>

/* No struct of any version is smaller or larger: what says so was not set. */
enum { LEAST_STRUCT_BYTES = 8, MOST_STRUCT_BYTES = 4096 };

int weft_given(int given, const char *function, const char *what, weft_error *err)
{
    if (!given)
        weft_error_set(err, WEFT_ERR_ARG, "%s: %s must not be NULL", function, what);
    return given;
}

static int check_bytes(uint32_t bytes, weft_error *err)
{
    if (bytes >= LEAST_STRUCT_BYTES && bytes <= MOST_STRUCT_BYTES)
        return WEFT_OK;
    return weft_error_set(err, WEFT_ERR_ARG,
                          "struct_bytes is %u; set it to the sizeof of its struct before the call",
                          (unsigned)bytes);
}

int weft_struct_fill(void *to, const void *from, size_t known_bytes, weft_error *err)
{
    uint32_t bytes;
    memcpy(&bytes, to, sizeof bytes);
    const int rc = check_bytes(bytes, err);
    if (rc != WEFT_OK)
        return rc;
    const size_t both = bytes < known_bytes ? bytes : known_bytes;
    memcpy(to, from, both);
    memset((char *)to + both, 0, bytes - both);
    memcpy(to, &bytes, sizeof bytes);
    return WEFT_OK;
}

int weft_struct_take(const void *from, uint32_t bytes, void *to, size_t known_bytes,
                     weft_error *err)
{
    const int rc = check_bytes(bytes, err);
    if (rc != WEFT_OK)
        return rc;
    const size_t both = bytes < known_bytes ? bytes : known_bytes;
    for (size_t i = both; i < bytes; i++)
        if (((const char *)from)[i])
            return weft_error_set(
                err, WEFT_ERR_VERSION,
                "this library (%s) does not know what is in byte %zu of a struct; "
                "the program was compiled for a newer one",
                WEFT_VERSION, i);
    memcpy(to, from, both);
    memset((char *)to + both, 0, known_bytes - both);
    return WEFT_OK;
}
