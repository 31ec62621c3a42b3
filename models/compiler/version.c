/* The version of the compiler library. */
#include <weft/weft_compiler.h>
#include <weft/weft_version.h>

const char *weft_compiler_version(void)
{
    return WEFT_VERSION;
}
