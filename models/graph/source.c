/* Where a network came from; see source.h. */
#include "source.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int printable(char c)
{
    return c >= 0x20 && c <= 0x7e;
}

void weft_source_append(char *text, const char *from, size_t length)
{
    size_t at = strlen(text);
    for (size_t i = 0; i < length && at < WEFT_SOURCE_TEXT_BYTES - 1; i++)
        text[at++] = printable(from[i]) ? from[i] : '?';
    text[at] = 0;
}

weft_source weft_source_of(weft_source_kind kind, size_t byte_count, uint32_t crc32)
{
    return (weft_source){ .kind = kind, .bytes = byte_count, .crc32 = crc32 };
}

void weft_source_name(weft_source *s, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    s->name[0] = 0;
    weft_source_append(s->name, name, strlen(name));
}

void weft_source_option(weft_source *s, const char *format, ...)
{
    char word[WEFT_SOURCE_TEXT_BYTES];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(word, sizeof word, format, values);
    va_end(values);
    if (s->options[0])
        weft_source_append(s->options, " ", 1);
    weft_source_append(s->options, word, strlen(word));
}

const char *weft_source_kind_name(weft_source_kind kind)
{
    static const char *const names[WEFT_SOURCE_KINDS] = { "none", "TFLite", "ONNX" };
    return names[kind];
}

/* Letters, digits and these. */
static int is_plain(const char *text, const char *more)
{
    for (; *text; text++) {
        const char c = *text;
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            !strchr(more, c))
            return 0;
    }
    return 1;
}

/* Perhaps cut. */
static int is_full(const char *text)
{
    return strlen(text) >= WEFT_SOURCE_TEXT_BYTES - 1;
}

char *weft_source_command(const weft_source *s, char *text, size_t room)
{
    static const char *const said[] = { "--bind ", "--truth " }; /* the first, if it was */
    char again[WEFT_SOURCE_TEXT_BYTES] = "";
    const int named = s->name[0] && s->name[0] != '-' && is_plain(s->name, "._-+");
    for (size_t i = 0; i < sizeof said / sizeof *said && !is_full(s->options); i++) {
        const size_t skip = strlen(said[i]);
        if (!strncmp(s->options, said[i], skip))
            memcpy(again, s->options, skip + strcspn(s->options + skip, " "));
    }
    (void)snprintf(text, room, "weft compile %s", named && !is_full(s->name) ? s->name : "MODEL");
    const size_t used = strlen(text);
    if (again[0] && is_plain(again, " ._-+=,:/"))
        (void)snprintf(text + used, room - used, " %s", again);
    return text;
}

static int is_text(const char *text)
{
    const char *end = memchr(text, 0, WEFT_SOURCE_TEXT_BYTES);
    for (; end && text < end; text++)
        if (!printable(*text))
            return 0;
    return end != NULL;
}

int weft_source_check(const weft_source *s, weft_error *err)
{
    const char *bad = NULL;
    if ((unsigned)s->kind >= WEFT_SOURCE_KINDS)
        bad = "is of no known kind";
    else if (!is_text(s->name) || !is_text(s->producer) || !is_text(s->options) ||
             !is_text(s->made_by))
        bad = "is not printable text";
    else if (strchr(s->name, '/'))
        bad = "names a directory";
    else if (s->kind == WEFT_SOURCE_NONE &&
             (s->bytes || s->crc32 || s->name[0] || s->producer[0] || s->options[0]))
        bad = "tells of a model that there is none of";
    else if (s->kind != WEFT_SOURCE_NONE && (s->bytes < 1 || s->bytes > INT64_MAX))
        bad = "has no possible size";
    return bad ? weft_error_set(err, WEFT_ERR_FORMAT, "where the program came from %s", bad)
               : WEFT_OK;
}
