/* weft sweep: networks on devices that need not exist, by the compiler's prediction.
 *
 * Every shape is tried with every size of feature bank and every width of the memory port, lanes
 * as many as columns.  Area comes from a table of synthesised shapes (make area), by shape and
 * port. */
#include <stdlib.h>
#include <string.h>

#include "models/base/files.h"
#include "models/base/weft_crc32.h"
#include "models/compile/weft_compile.h"
#include "sweep.h"

enum { MAX_VALUES = 16 };

typedef struct sweep_options {
    const char *shapes, *fb_words, *mem_bytes, *area, *html;
    uint64_t acc_depth;
    const char *shard, *output;
} sweep_options;

/* "8,16" or "8x8,16x8": rows in first[], columns in second[] (if it is not NULL). */
static int read_list(tool *t, const char *what, const char *text, uint32_t *first, uint32_t *second,
                     unsigned *count)
{
    const char *at = text;
    for (*count = 0; *count < MAX_VALUES; at++) {
        char *end;
        const unsigned long a = strtoul(at, &end, 10);
        unsigned long b = 0;
        int good = end > at && a <= UINT32_MAX && *at != '-';
        if (good && second) {
            at = end + 1;
            good = *end == 'x' && *at >= '0' && *at <= '9';
            b = good ? strtoul(at, &end, 10) : 0;
        }
        if (!good || b > UINT32_MAX || (*end && *end != ','))
            break;
        first[*count] = (uint32_t)a;
        if (second)
            second[*count] = (uint32_t)b;
        ++*count;
        at = end;
        if (!*end)
            return EXIT_GOOD;
    }
    return tool_fail(t, WEFT_ERR_ARG,
                     "%s needs up to %d values with commas, like %s, not \"%.60s\"", what,
                     MAX_VALUES, second ? "8x8,16x16" : "1024,2048", text);
}

static uint32_t chip_kib(const weft_hw *hw)
{
    const uint64_t features = 4ull * hw->fb_words * hw->word_bytes;
    const uint64_t accumulators = 2ull * hw->acc_depth * hw->cols * 4;
    return (uint32_t)((features + accumulators + 1023) / 1024);
}

/* All devices, each checked. */
static int make_points(tool *t, const sweep_options *o, sweep *s)
{
    uint32_t rows[MAX_VALUES], cols[MAX_VALUES], words[MAX_VALUES], port[MAX_VALUES];
    unsigned shapes, depths, widths;
    int code = read_list(t, "--shapes", o->shapes, rows, cols, &shapes);
    if (code == EXIT_GOOD)
        code = read_list(t, "--fb-words", o->fb_words, words, NULL, &depths);
    if (code == EXIT_GOOD)
        code = read_list(t, "--mem-bytes", o->mem_bytes, port, NULL, &widths);
    if (code != EXIT_GOOD)
        return code;
    if (shapes * depths * widths > SWEEP_MAX_POINTS)
        return tool_fail(t, WEFT_ERR_ARG, "that are %u devices; at most %d at once",
                         shapes * depths * widths, SWEEP_MAX_POINTS);
    for (unsigned i = 0; i < shapes * depths * widths && code == EXIT_GOOD; i++) {
        const unsigned shape = i / (depths * widths);
        sweep_point *p = &s->points[s->point_count++];
        p->hw = weft_hw_default(1u << 30);
        p->hw.rows = rows[shape];
        p->hw.cols = p->hw.lanes = cols[shape];
        p->hw.fb_words = words[i % depths];
        p->hw.mem_bytes = port[i / depths % widths];
        p->hw.acc_depth = (uint32_t)o->acc_depth;
        p->hw.word_bytes = weft_hw_word_bytes(&p->hw);
        p->chip_kib = chip_kib(&p->hw);
        if (weft_hw_check(&p->hw, &t->err) != WEFT_OK)
            code = EXIT_USAGE;
    }
    return code;
}

/* Lines rows,cols,mem_bytes,lut4,ff,multipliers after a heading. */
static int read_area(tool *t, const char *path, sweep *s)
{
    uint8_t *bytes = NULL;
    size_t count;
    if (weft_file_read(path, &bytes, &count, &t->err) != WEFT_OK)
        return EXIT_INPUT;
    char *text = malloc(count + 1);
    if (!text) {
        free(bytes);
        return tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for %.100s", path);
    }
    memcpy(text, bytes, count);
    text[count] = 0;
    free(bytes);
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        unsigned rows, cols, port, lut4, ff, multipliers;
        if (sscanf(line, "%u,%u,%u,%u,%u,%u", &rows, &cols, &port, &lut4, &ff, &multipliers) != 6)
            continue;
        for (unsigned i = 0; i < s->point_count; i++) {
            sweep_point *p = &s->points[i];
            if (p->hw.rows == rows && p->hw.cols == cols && p->hw.mem_bytes == port)
                p->area = (sweep_area){ lut4, ff, multipliers };
        }
    }
    free(text);
    return EXIT_GOOD;
}

static sweep_result predict(const weft_graph *g, const weft_hw *hw)
{
    sweep_result r = { 0 };
    weft_program *prog = NULL;
    const weft_compile_options options = { .device_only =
                                               1 }; /* what the host does takes no cycles */
    if (weft_compile(g, hw, &options, &prog, NULL) != WEFT_OK)
        return r;
    r.cycles = weft_program_cycles(prog);
    if (r.cycles)
        r.utilisation = (double)weft_program_macs(prog) / ((double)r.cycles * hw->rows * hw->cols);
    weft_program_free(prog);
    return r;
}

static int sweep_network(tool *t, const char *path, sweep *s)
{
    const unsigned n = s->network_count;
    const weft_hw usual = weft_hw_default(1u << 30);
    const char *slash = strrchr(path, '/');
    model m;
    int code = model_read(t, path, &usual, 0, &m);
    if (code == EXIT_GOOD && !m.graph)
        code = tool_fail(t, WEFT_ERR_ARG, "%.100s is compiled already; give the network", path);
    if (code == EXIT_GOOD) {
        s->names[n] = slash ? slash + 1 : path;
        s->macs[n] = weft_program_macs(m.program);
        s->networks_crc32 = weft_file_crc32_more(s->networks_crc32, m.file, m.file_bytes);
        s->network_count++;
    }
    for (unsigned i = s->first; i < s->end && code == EXIT_GOOD; i++) {
        s->points[i].results[n] = predict(m.graph, &s->points[i].hw);
        tool_progress(t, s->names[n], i + 1, s->point_count);
        if (tool_interrupted())
            code = tool_fail(t, WEFT_ERR_CANCELLED, "interrupted");
    }
    model_free(&m);
    return code;
}

static int write_part(tool *t, const sweep_options *o, shard part, const sweep *s)
{
    shard_table table = { .of = "sweep", .total = s->point_count };
    snprintf(table.identity, sizeof table.identity,
             "shapes %.40s, words %.30s, port %.20s, accumulators %u, networks %08x", o->shapes,
             o->fb_words, o->mem_bytes, (unsigned)o->acc_depth, (unsigned)s->networks_crc32);
    const int rc = sweep_pack(s, s->first, s->end, &table);
    const int code = rc == WEFT_OK ? shard_write(t, o->output, part, &table)
                                   : tool_fail(t, rc, "no memory for the result");
    shard_free(&table);
    return code;
}

int cmd_sweep(tool *t, int argc, char **argv)
{
    sweep_options o = { .shapes = "8x8,16x8,16x16,32x32",
                        .fb_words = "512,1024,2048,4096",
                        .mem_bytes = "16",
                        .acc_depth = 512 };
    shard part;
    const option table[] = {
        { "--shapes", OPTION_TEXT, &o.shapes, "arrays, as 8x8,16x16" },
        { "--fb-words", OPTION_TEXT, &o.fb_words, "words of a feature bank" },
        { "--mem-bytes", OPTION_TEXT, &o.mem_bytes, "widths of the memory port" },
        { "--acc-depth", OPTION_NUMBER, &o.acc_depth, "accumulators" },
        { "--area", OPTION_TEXT, &o.area, "table of cells by shape" },
        { "--html", OPTION_TEXT, &o.html, "page to write" },
        { "--shard", OPTION_TEXT, &o.shard, "I/N: only this part, for weft merge" },
        { "-o", OPTION_TEXT, &o.output, "file for the result of that part" },
    };
    arguments a;
    int code =
        tool_options(t, argc, argv, table, sizeof table / sizeof *table, 1, SWEEP_MAX_NETWORKS, &a);
    if (code != EXIT_GOOD)
        return code;
    if (o.acc_depth > UINT32_MAX)
        return tool_fail(t, WEFT_ERR_ARG, "--acc-depth is too large");
    code = shard_read(t, o.shard, &part);
    if (code == EXIT_GOOD && part.count ? o.html != NULL : o.output != NULL)
        code = tool_fail(t, WEFT_ERR_ARG,
                         part.count ? "of a part no --html: give it to weft merge"
                                    : "-o is for the result of a --shard");
    if (code != EXIT_GOOD)
        return code;
    sweep *s = calloc(1, sizeof *s);
    if (!s)
        return tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for a sweep");
    code = make_points(t, &o, s);
    if (code == EXIT_GOOD && o.area)
        code = read_area(t, o.area, s);
    shard_range(part, s->point_count, &s->first, &s->end);
    for (int i = 0; i < a.count && code == EXIT_GOOD; i++)
        code = sweep_network(t, a.word[i], s);
    if (code == EXIT_GOOD)
        code = part.count ? write_part(t, &o, part, s) : sweep_print(t, s, o.html);
    free(s);
    return code;
}
