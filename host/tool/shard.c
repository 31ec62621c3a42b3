/* Parts of work and their results; the contract is in shard.h. */
#define _POSIX_C_SOURCE 200809L
#include "shard.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "json_read.h"
#include "models/base/files.h"

enum { FORMAT = 1, MOST_TOTAL = 1 << 22 };

int shard_read(tool *t, const char *text, shard *s)
{
    char *end = NULL;
    *s = (shard){ 0, 0 };
    if (!text)
        return EXIT_GOOD;
    const unsigned long index = strtoul(text, &end, 10);
    const unsigned long count = *end == '/' && end > text ? strtoul(end + 1, &end, 10) : 0;
    if (*end || *text == '-' || index < 1 || index > count || count > SHARD_MAX)
        return tool_fail(t, WEFT_ERR_ARG,
                         "--shard is a part of so many, from 1/%d on, like 3/64, not \"%.40s\"",
                         SHARD_MAX, text);
    *s = (shard){ (uint32_t)index, (uint32_t)count };
    return EXIT_GOOD;
}

void shard_range(shard s, uint32_t total, uint32_t *first, uint32_t *end)
{
    *first = s.count ? (uint32_t)((uint64_t)total * (s.index - 1) / s.count) : 0;
    *end = s.count ? (uint32_t)((uint64_t)total * s.index / s.count) : total;
}

/* --- out ------------------------------------------------------------------------------------ */

static void print_part(FILE *to, shard s, const shard_table *p)
{
    uint32_t first, end;
    json j = { .to = to };
    shard_range(s, p->total, &first, &end);
    json_open(&j, NULL, '{');
    json_number(&j, "weft_shard", FORMAT);
    json_text(&j, "of", p->of);
    json_number(&j, "shard", s.index);
    json_number(&j, "shards", s.count);
    json_number(&j, "total", p->total);
    json_text(&j, "identity", p->identity);
    json_open(&j, "names", '[');
    for (uint32_t i = 0; i < p->name_count; i++)
        json_text(&j, NULL, p->name[i]);
    json_close(&j, ']');
    json_open(&j, "values", '[');
    for (uint32_t i = 0; i < p->name_count; i++)
        json_number(&j, NULL, p->name_value[i]);
    json_close(&j, ']');
    json_number(&j, "width", p->width);
    json_open(&j, "rows", '[');
    for (size_t i = 0; i < (size_t)(end - first) * p->width; i++)
        json_number(&j, NULL, p->rows[i]);
    json_close(&j, ']');
    json_close(&j, '}');
}

int shard_write(tool *t, const char *path, shard s, const shard_table *part)
{
    weft_file_out out;
    if (weft_file_create(path ? path : "-", &out, &t->err) != WEFT_OK)
        return EXIT_OUTPUT;
    print_part(out.to, s, part);
    return weft_file_finish(&out, 1, &t->err) == WEFT_OK ? EXIT_GOOD : EXIT_OUTPUT;
}

/* --- in ------------------------------------------------------------------------------------- */

/* A file as it was read: its rows are its own. */
typedef struct part {
    shard s;
    uint32_t format;
    size_t numbers;
    shard_table table;
} part;

static void read_rows(json_in *j, part *p)
{
    size_t room = 0;
    int first = 1;
    for (json_in_open(j, '['); json_in_element(j, &first);) {
        if (p->numbers == room) {
            room = room ? 2 * room : 1024;
            double *more = room <= (size_t)MOST_TOTAL * SHARD_MAX_WIDTH
                               ? realloc(p->table.rows, room * sizeof *more)
                               : NULL;
            if (!more) {
                j->bad = 1;
                return;
            }
            p->table.rows = more;
        }
        p->table.rows[p->numbers++] = json_in_number(j);
    }
}

static uint32_t whole(json_in *j, uint32_t most)
{
    const double v = json_in_number(j);
    j->bad |= !(v >= 0 && v <= most) || v > (double)(uint32_t)v;
    return j->bad ? 0 : (uint32_t)v;
}

static void read_names(json_in *j, shard_table *t)
{
    int first = 1;
    for (json_in_open(j, '['); json_in_element(j, &first); t->name_count++) {
        if (t->name_count == SHARD_MAX_NAMES) {
            j->bad = 1;
            return;
        }
        json_in_text(j, t->name[t->name_count], SHARD_NAME_BYTES);
    }
}

static void read_values(json_in *j, shard_table *t)
{
    int first = 1;
    uint32_t i = 0;
    for (json_in_open(j, '['); json_in_element(j, &first); i++) {
        const double v = json_in_number(j);
        if (i < SHARD_MAX_NAMES)
            t->name_value[i] = v;
    }
}

static void read_part(json_in *j, part *p)
{
    char key[32];
    int first = 1;
    for (json_in_open(j, '{'); json_in_key(j, &first, key, sizeof key);) {
        if (!strcmp(key, "weft_shard"))
            p->format = whole(j, FORMAT);
        else if (!strcmp(key, "of"))
            json_in_text(j, p->table.of, sizeof p->table.of);
        else if (!strcmp(key, "shard"))
            p->s.index = whole(j, SHARD_MAX);
        else if (!strcmp(key, "shards"))
            p->s.count = whole(j, SHARD_MAX);
        else if (!strcmp(key, "total"))
            p->table.total = whole(j, MOST_TOTAL);
        else if (!strcmp(key, "identity"))
            json_in_text(j, p->table.identity, sizeof p->table.identity);
        else if (!strcmp(key, "names"))
            read_names(j, &p->table);
        else if (!strcmp(key, "values"))
            read_values(j, &p->table);
        else if (!strcmp(key, "width"))
            p->table.width = whole(j, SHARD_MAX_WIDTH);
        else if (!strcmp(key, "rows"))
            read_rows(j, p);
        else
            json_in_skip(j);
    }
}

/* Returns an exit code; rows are the caller's to free in any case. */
static int open_part(tool *t, const char *path, part *p)
{
    uint8_t *bytes;
    size_t count;
    uint32_t first, end;
    *p = (part){ 0 };
    if (weft_file_read(path, &bytes, &count, &t->err) != WEFT_OK)
        return EXIT_INPUT;
    json_in j = { (const char *)bytes, (const char *)bytes + count, 0 };
    read_part(&j, p);
    free(bytes);
    if (j.bad || !p->format)
        return tool_fail(t, WEFT_ERR_FORMAT,
                         "%.200s is %s: it is not what weft eval or sweep writes with --shard; run "
                         "that part again",
                         path, count ? "cut short or no result" : "empty");
    if (!p->s.count || !p->s.index || p->s.index > p->s.count || !p->table.width)
        return tool_fail(t, WEFT_ERR_FORMAT, "%.200s is part %u of %u", path, (unsigned)p->s.index,
                         (unsigned)p->s.count);
    shard_range(p->s, p->table.total, &first, &end);
    if (p->numbers != (size_t)(end - first) * p->table.width)
        return tool_fail(t, WEFT_ERR_FORMAT, "%.200s has %zu numbers, a part of %u rows %zu", path,
                         p->numbers, (unsigned)(end - first),
                         (size_t)(end - first) * p->table.width);
    return EXIT_GOOD;
}

/* What two parts of the same work have alike; NULL, or what differs. */
static const char *difference(const part *a, const part *b)
{
    return strcmp(a->table.of, b->table.of)               ? "command"
           : a->s.count != b->s.count                     ? "number of parts"
           : a->table.total != b->table.total             ? "amount of work"
           : strcmp(a->table.identity, b->table.identity) ? "network, data or options"
           : a->table.width != b->table.width             ? "width"
                                                          : NULL;
}

/* Parts beside one another; seen[] says which file each is of. */
static int add_part(tool *t, char *const *path, int number, const part *first_part, const part *p,
                    int *seen, shard_table *out)
{
    uint32_t first, end;
    const char *other = difference(first_part, p);
    if (other)
        return tool_fail(t, WEFT_ERR_ARG,
                         "%.150s and %.150s are parts of different work: another %s", path[0],
                         path[number], other);
    if (seen[p->s.index])
        return tool_fail(t, WEFT_ERR_ARG, "part %u is there twice, in %.150s and in %.150s",
                         (unsigned)p->s.index, path[seen[p->s.index] - 1], path[number]);
    seen[p->s.index] = number + 1;
    shard_range(p->s, out->total, &first, &end);
    if (end > first)
        memcpy(out->rows + (size_t)first * out->width, p->table.rows,
               (size_t)(end - first) * out->width * sizeof *out->rows);
    return EXIT_GOOD;
}

static int find_gap(tool *t, const int *seen, uint32_t count)
{
    char list[120] = "";
    uint32_t missing = 0;
    for (uint32_t i = 1; i <= count; i++)
        if (!seen[i] && missing++ < 10) {
            const size_t used = strlen(list);
            snprintf(list + used, sizeof list - used, "%s%u", used ? ", " : "", (unsigned)i);
        }
    return missing ? tool_fail(t, WEFT_ERR_ARG, "of %u parts %u are missing: %s%s", (unsigned)count,
                               (unsigned)missing, list, missing > 10 ? ", .." : "")
                   : EXIT_GOOD;
}

int shard_merge(tool *t, char *const *path, int count, shard_table *out)
{
    part first;
    *out = (shard_table){ 0 };
    int code = open_part(t, path[0], &first);
    int *seen = calloc((size_t)SHARD_MAX + 1, sizeof *seen);
    *out = first.table;
    out->rows =
        code == EXIT_GOOD ? calloc((size_t)out->total * out->width + 1, sizeof *out->rows) : NULL;
    if (code == EXIT_GOOD && (!seen || !out->rows))
        code = tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for the results");
    for (int i = 0; i < count && code == EXIT_GOOD; i++) {
        part p = first;
        if (i)
            code = open_part(t, path[i], &p);
        if (code == EXIT_GOOD)
            code = add_part(t, path, i, &first, &p, seen, out);
        if (i)
            free(p.table.rows);
    }
    if (code == EXIT_GOOD)
        code = find_gap(t, seen, first.s.count);
    free(first.table.rows);
    free(seen);
    return code;
}

void shard_free(shard_table *all)
{
    free(all->rows);
    *all = (shard_table){ 0 };
}
