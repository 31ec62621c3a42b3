/* Which transports this build has, and the choice by scheme.
 *
 * The C model is always there; -DWEFT_WITH_SIM adds the Verilated chip. */
#include <string.h>

#include "transport.h"

static const weft_transport_ops *const transports[] = {
    &weft_transport_ref,
#ifdef WEFT_WITH_SIM
    &weft_transport_sim,
#endif
};

enum { TRANSPORT_COUNT = sizeof transports / sizeof *transports };

#ifdef WEFT_WITH_SIM
static const char *const known = "ref: and sim:";
#else
static const char *const known = "ref: (sim: needs a build with Verilator)";
#endif

const weft_transport_ops *weft_transport_at(unsigned i)
{
    return i < TRANSPORT_COUNT ? transports[i] : NULL;
}

int weft_transport_open(const char *text, weft_transport **out, weft_error *err)
{
    weft_uri uri;
    int rc = weft_uri_parse(text, &uri, err);
    if (rc != WEFT_OK)
        return rc;
    for (unsigned i = 0; i < TRANSPORT_COUNT; i++)
        if (!strcmp(transports[i]->scheme, uri.scheme))
            return transports[i]->open(&uri, out, err);
    return weft_error_set(err, WEFT_ERR_ARG, "no way to reach \"%.40s:\"; this build knows %s",
                          uri.scheme, known);
}
