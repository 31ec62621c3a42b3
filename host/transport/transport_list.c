/* The transports, and the choice by scheme.
 *
 * The C model is always there; the simulated chips are looked for when somebody asks (sim_door.h). */
#include <string.h>

#include "sim_door.h"
#include "transport.h"

static const weft_transport_ops *simulation(weft_error *err)
{
    const weft_transport_ops *sim = NULL;
    return weft_sim_find(&sim, err) == WEFT_OK ? sim : NULL;
}

const weft_transport_ops *weft_transport_at(unsigned i)
{
    return i == 0 ? &weft_transport_ref : i == 1 ? simulation(NULL) : NULL;
}

int weft_transport_open(const char *text, weft_transport **out, weft_error *err)
{
    weft_uri uri;
    int rc = weft_uri_parse(text, &uri, err);
    if (rc != WEFT_OK)
        return rc;
    const weft_transport_ops *ops = &weft_transport_ref;
    if (!strcmp(uri.scheme, "sim"))
        rc = weft_sim_find(&ops, err);
    else if (strcmp(uri.scheme, "ref") != 0)
        return weft_error_set(
            err, WEFT_ERR_ARG,
            "no way to reach \"%.40s:\"; this build knows ref: and sim:", uri.scheme);
    return rc == WEFT_OK ? ops->open(&uri, out, err) : rc;
}
