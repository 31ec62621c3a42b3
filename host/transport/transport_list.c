/* The transports, and the choice by scheme.
 *
 * The C model and serial ports are always there; the others are looked for when somebody asks (module.h). */
#include <string.h>

#include "module.h"
#include "transport_serial.h"

enum { OWN = 2 };

static const weft_transport_ops *own(unsigned index)
{
    return index ? &weft_transport_serial : &weft_transport_ref;
}

/* The C model and serial ports, then the libraries that are there. */
const weft_transport_ops *weft_transport_at(unsigned index)
{
    const weft_transport_ops *ops = NULL;
    if (index < OWN)
        return own(index);
    index -= OWN - 1;
    for (unsigned i = 0; weft_module_scheme(i); i++)
        if (weft_module_find(weft_module_scheme(i), &ops, NULL) == WEFT_OK && --index == 0)
            return ops;
    return NULL;
}

int weft_transport_open(const char *text, weft_transport **out, weft_error *err)
{
    weft_uri uri;
    const weft_transport_ops *ops = NULL;
    int rc = weft_uri_parse(text, &uri, err);
    for (unsigned i = 0; i < OWN && rc == WEFT_OK && !ops; i++)
        ops = strcmp(own(i)->scheme, uri.scheme) ? NULL : own(i);
    if (rc == WEFT_OK && !ops)
        rc = weft_module_find(uri.scheme, &ops, err);
    return rc == WEFT_OK ? ops->open(&uri, out, err) : rc;
}
