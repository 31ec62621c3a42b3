/* All devices that an address with an asterisk stands for; the contract is in weft.h.
 *
 * First all addresses, then the opening: boards come and go, and a device that is opened stays in
 * the list. */
#include <stdlib.h>
#include <string.h>

#include "device_own.h"

/* The implementation behind a scheme, if it can be used now. */
static const weft_transport_ops *find(const char *scheme)
{
    const weft_transport_ops *ops;
    for (unsigned i = 0; (ops = weft_transport_at(i)) != NULL; i++)
        if (!strcmp(ops->scheme, scheme))
            break;
    return ops;
}

/* The addresses of all that are listed, at most `room`; or, if none is, of the one that opening will
 * wait for, or say that it is missing. */
static int collect(const weft_uri *uri, const weft_transport_ops *ops, char (*to)[WEFT_URI_BYTES],
                   uint32_t room, uint32_t *count, weft_error *err)
{
    weft_listing l;
    int rc = WEFT_OK;
    *count = 0;
    while (rc == WEFT_OK && ops && *count < room && weft_transport_list(ops, *count, &l))
        rc = weft_uri_write(uri, strchr(l.address, ':') + 1, "*", to[(*count)++], err);
    if (rc != WEFT_OK || *count)
        return rc;
    *count = 1;
    return weft_uri_write(uri, "", "*", to[0], err);
}

/* Open each; those that another program uses, or that have just been unplugged, are left out as long
 * as one is left. */
static int open_each(char (*address)[WEFT_URI_BYTES], uint32_t listed, weft_device **devices,
                     uint32_t *count, weft_error *err)
{
    int rc = WEFT_OK;
    weft_error why = { 0 };
    *count = 0;
    for (uint32_t i = 0; i < listed; i++) {
        rc = weft_open(address[i], &devices[*count], &why);
        if (rc == WEFT_OK)
            ++*count;
        else if (rc != WEFT_ERR_BUSY && rc != WEFT_ERR_NO_DEVICE)
            break;
    }
    if (*count && (rc == WEFT_OK || rc == WEFT_ERR_BUSY || rc == WEFT_ERR_NO_DEVICE))
        return WEFT_OK;
    while (*count)
        (void)weft_close(devices[--*count]);
    return weft_error_set(err, rc, "%s", why.text);
}

int weft_open_all(const char *address, weft_device **devices, uint32_t room, uint32_t *count,
                  weft_error *err)
{
    weft_uri uri;
    const weft_transport_ops *ops = NULL;
    if (!GIVEN(err, address) || !GIVEN(err, devices) || !GIVEN(err, count))
        return WEFT_ERR_ARG;
    *count = 0;
    if (!room)
        return weft_error_set(err, WEFT_ERR_ARG, "there is no room for a device");
    int rc = weft_uri_parse(address, &uri, err);
    if (rc == WEFT_OK && !weft_uri_has(&uri, "*")) {
        rc = weft_open(address, devices, err);
        *count = rc == WEFT_OK;
        return rc;
    }
    if (rc != WEFT_OK)
        return rc;
    ops = find(uri.scheme);
    if (ops && !ops->list && !ops->describe)
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                              "%s: has no list of devices to open all of; name each", uri.scheme);
    char(*all)[WEFT_URI_BYTES] = calloc(room, sizeof *all);
    if (!all)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for addresses");
    uint32_t listed = 0;
    rc = collect(&uri, ops, all, room, &listed, err);
    if (rc == WEFT_OK)
        rc = open_each(all, listed, devices, count, err);
    free(all);
    return rc;
}
