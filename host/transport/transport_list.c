/* The transports, and the choice by scheme.
 *
 * What libweft has itself is always there; the others are looked for when somebody asks (module.h). */
#include <string.h>

#include "module.h"
#include "transport.h"

static const weft_transport_ops *const own[] = {
#define OWN(scheme) &weft_transport_##scheme,
#define DOOR(scheme, what)
#include "transports.def"
};

enum { OWN_COUNT = sizeof own / sizeof *own };

/* Our own, then the libraries that are there. */
const weft_transport_ops *weft_transport_at(unsigned index)
{
    const weft_transport_ops *ops = NULL;
    if (index < OWN_COUNT)
        return own[index];
    index -= OWN_COUNT;
    for (unsigned i = 0; weft_module_scheme(i); i++)
        if (weft_module_find(weft_module_scheme(i), &ops, NULL) == WEFT_OK && index-- == 0)
            return ops;
    return NULL;
}

int weft_transport_open(const char *text, weft_transport **out, weft_error *err)
{
    weft_uri uri;
    const weft_transport_ops *ops = NULL;
    int rc = weft_uri_parse(text, &uri, err);
    if (rc == WEFT_OK && weft_uri_has(&uri, "*"))
        return weft_error_set(err, WEFT_ERR_ARG,
                              "\"%.80s\" stands for all devices, and this takes one; weft devices "
                              "lists their addresses",
                              text);
    for (unsigned i = 0; i < OWN_COUNT && rc == WEFT_OK && !ops; i++)
        if (!strcmp(own[i]->scheme, uri.scheme))
            ops = own[i];
    if (rc == WEFT_OK && !ops)
        rc = weft_module_find(uri.scheme, &ops, err);
    return rc == WEFT_OK ? ops->open(&uri, out, err) : rc;
}
