/* What the runtime is told in words; see ep.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/plugin/ort/ep.h"

OrtStatus *ep_status(const ep_ort *ort, const weft_error *err)
{
    char text[WEFT_ERROR_TEXT_BYTES + 8];
    snprintf(text, sizeof text, "weft: %s", err->text);
    return ort->api->CreateStatus(ORT_EP_FAIL, text);
}

void ep_say(const ep_ort *ort, OrtLoggingLevel level, const char *format, ...)
{
    char text[EP_PATH_BYTES + 200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ort->api->ReleaseStatus(
        ort->api->Logger_LogMessage(ort->logger, level, text, "weft", 0, "weft"));
}
