/* Labels of a data set: CSV and arrays; see dataset.h. */
#include <stdlib.h>
#include <string.h>

#include "dataset_own.h"
#include "models/base/files.h"

/* The label after the last comma of a line: a number, or the name of a class; 0 if there is none. */
int dataset_label(const names *known, const char *line, size_t length, uint32_t *out)
{
    char name[128];
    size_t at = length, end;
    while (at > 0 && line[at - 1] != ',')
        at--;
    at += strspn(line + at, " ") < length - at ? strspn(line + at, " ") : 0;
    uint64_t value = 0;
    for (end = at; end < length && line[end] >= '0' && line[end] <= '9' && value <= 1000000; end++)
        value = value * 10 + (uint64_t)(line[end] - '0');
    *out = (uint32_t)value;
    if (end == length && end > at)
        return 1;
    if (length == at || length - at >= sizeof name || !known)
        return 0;
    memcpy(name, line + at, length - at);
    name[length - at] = 0;
    *out = names_find(known, name);
    return *out < known->count;
}

/* A line of a label file without what ends it; 0 at the end of the file.  *at advances. */
int dataset_line(const char *text, size_t size, size_t *at, const char **line, size_t *length)
{
    if (*at >= size)
        return 0;
    *line = text + *at;
    const char *end = memchr(*line, '\n', size - *at);
    *length = end ? (size_t)(end - *line) : size - *at;
    *at += *length + 1;
    while (*length && strchr("\r \t\"", (*line)[*length - 1]))
        --*length;
    return 1;
}

/* One label of a line for each sample; a first line without one is the header. */
static int read_csv(tool *t, const dataset_options *o, const char *text, size_t size, dataset *d)
{
    const char *path = o->labels, *line;
    size_t at = 0, length;
    uint32_t count = 0, number = 0, label;
    while (dataset_line(text, size, &at, &line, &length)) {
        number++;
        if (!length)
            continue;
        if (!dataset_label(o->known, line, length, &label)) {
            if (number == 1)
                continue;
            return tool_fail(t, WEFT_ERR_FORMAT, "%.200s: line %u does not end in a label", path,
                             (unsigned)number);
        }
        if (count < d->count)
            d->labels[count] = label;
        count++;
    }
    if (count == d->count)
        return EXIT_GOOD;
    return tool_fail(t, WEFT_ERR_FORMAT, "%.200s: %u labels for %u samples", path, (unsigned)count,
                     (unsigned)d->count);
}

/* Labels of an array. */
static int take_labels(tool *t, const char *path, const media *m, dataset *d)
{
    if (m->elements != d->count)
        return tool_fail(t, WEFT_ERR_FORMAT, "%.200s: %llu labels for %u samples", path,
                         (unsigned long long)m->elements, (unsigned)d->count);
    for (uint32_t i = 0; i < d->count; i++) {
        const double v = media_number(m, i);
        if (!(v >= 0 && v <= 1000000 && v == (double)(uint32_t)v))
            return tool_fail(t, WEFT_ERR_FORMAT, "%.200s: label %u is %g", path, (unsigned)i, v);
        d->labels[i] = (uint32_t)v;
    }
    return EXIT_GOOD;
}

int dataset_read_label_array(tool *t, const char *path, const uint8_t *bytes, size_t size,
                             const char *member, dataset *d)
{
    media m;
    int code = tool_exit(media_read(path, bytes, size, member, &m, &t->err));
    if (code == EXIT_GOOD)
        code = take_labels(t, path, &m, d);
    media_free(&m);
    return code;
}

int dataset_read_labels(tool *t, const dataset_options *o, dataset *d)
{
    uint8_t *bytes;
    size_t size;
    if (weft_file_read(o->labels, &bytes, &size, &t->err) != WEFT_OK)
        return EXIT_INPUT;
    const int code = media_detect(bytes, size) == MEDIA_ARRAY
                         ? dataset_read_label_array(t, o->labels, bytes, size, LABEL_MEMBERS, d)
                         : read_csv(t, o, (const char *)bytes, size, d);
    free(bytes);
    return code;
}

int dataset_make_labels(tool *t, dataset *d)
{
    d->labels = calloc(d->count + 1u, sizeof *d->labels);
    return d->labels ? EXIT_GOOD : tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for the labels");
}
