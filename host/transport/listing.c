/* What a transport says of the devices it can open; the contract is in transport.h. */
#include <stdio.h>
#include <string.h>

#include "transport.h"

int weft_transport_list(const weft_transport_ops *ops, unsigned index, weft_listing *to)
{
    char line[WEFT_TRANSPORT_LISTING_BYTES];
    *to = (weft_listing){ 0 };
    if (ops->describe)
        return ops->describe(index, to);
    if (!ops->list || !ops->list(index, line))
        return 0;
    const char *blank = strchr(line, ' ');
    const int length = blank ? (int)(blank - line) : (int)strlen(line);
    snprintf(to->address, sizeof to->address, "%.*s", length, line);
    snprintf(to->text, sizeof to->text, "%s", blank ? blank + 1 : "");
    return 1;
}
