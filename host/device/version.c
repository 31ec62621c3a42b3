/* The version of the library; the contract is in weft.h. */
#include <weft/weft.h>

const char *weft_version(void)
{
    return "1.0.0";
}
