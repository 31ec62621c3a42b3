/* The version of the library; the contract is in weft.h. */
#include <weft/weft.h>
#include <weft/weft_version.h>

const char *weft_version(void)
{
    return WEFT_VERSION;
}
