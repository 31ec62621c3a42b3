/* Structs that grow, and arguments that every function checks; see compiler_own.h. */
#include <string.h>

#include "compiler_own.h"

int struct_give(void *to, const void *from, uint32_t bytes)
{
    uint32_t room;
    if (!to)
        return WEFT_ERR_ARG;
    memcpy(&room, to, sizeof room);
    if (room < sizeof room)
        return WEFT_ERR_ARG;
    const uint32_t known = room < bytes ? room : bytes;
    memset((char *)to + sizeof room, 0, room - sizeof room);
    memcpy((char *)to + sizeof room, (const char *)from + sizeof room, known - sizeof room);
    return WEFT_OK;
}

int struct_take(void *to, uint32_t bytes, const void *from, weft_error *err)
{
    uint32_t said = 0;
    memset(to, 0, bytes);
    if (!from)
        return WEFT_OK;
    memcpy(&said, from, sizeof said);
    if (said < sizeof said)
        return weft_error_set(err, WEFT_ERR_ARG, "struct_bytes of the options is not set");
    memcpy(to, from, said < bytes ? said : bytes);
    return WEFT_OK;
}

int no_null(weft_error *err, const char *name)
{
    return weft_error_set(err, WEFT_ERR_ARG, "%s must not be NULL", name);
}

int binds_check(const weft_bind *binds, uint32_t count, weft_error *err)
{
    if (count && !binds)
        return no_null(err, "binds");
    for (uint32_t i = 0; i < count; i++) {
        if (!binds[i].name)
            return no_null(err, "the name of a bind");
        if (!binds[i].size)
            return weft_error_set(err, WEFT_ERR_ARG, "the size of \"%.60s\" must be at least 1",
                                  binds[i].name);
    }
    return WEFT_OK;
}
