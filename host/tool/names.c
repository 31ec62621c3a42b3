/* Names of classes; the contract is in names.h. */
#include "names.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "models/base/files.h"
#include "models/base/utf8.h"
#include "models/import/tflite/flatbuffer.h"
#include "outputs.h"

enum { MOST_NAMES = 1 << 20 };

/* --- a file --------------------------------------------------------------------------------- */

/* Cut into lines; returns how many, the last may lack its end. */
static uint32_t cut_lines(char *text, const char **line, uint32_t room)
{
    uint32_t count = 0;
    for (char *rest = text; *rest && count < room; count++) {
        char *end = strchr(rest, '\n');
        line[count] = rest;
        size_t length = end ? (size_t)(end - rest) : strlen(rest);
        rest += end ? length + 1 : length;
        while (length && strchr(" \r\t", line[count][length - 1]))
            length--;
        ((char *)(uintptr_t)line[count])[length] = 0;
    }
    return count;
}

/* Behind the number a line begins with; NULL if it does not. */
static const char *behind_number(const char *line, unsigned long *number)
{
    char *end = NULL;
    if (*line < '0' || *line > '9')
        return NULL;
    *number = strtoul(line, &end, 10);
    if (!strchr(" \t,:;", *end) || !*end)
        return NULL;
    return end + strspn(end, " \t,:;");
}

/* If every line begins with a number, they are those of the classes. */
static int sort_by_number(names *n)
{
    unsigned long most = 0, number;
    for (uint32_t i = 0; i < n->count; i++)
        if (!behind_number(n->text[i], &number) || number >= MOST_NAMES)
            return 1;
        else
            most = number > most ? number : most;
    const char **sorted = calloc(most + 1, sizeof *sorted);
    if (!sorted)
        return 0;
    for (uint32_t i = 0; i < n->count; i++) {
        const char *name = behind_number(n->text[i], &number);
        sorted[number] = name;
    }
    free((void *)n->text);
    n->text = sorted;
    n->count = (uint32_t)most + 1;
    return 1;
}

/* Takes the text, which ends in 0.  Returns 1, or 0 without memory. */
static int take_text(char *text, names *n)
{
    uint32_t lines = 1;
    for (const char *at = text; (at = strchr(at, '\n')) && lines < MOST_NAMES; at++)
        lines++;
    *n = (names){ .memory = text, .text = calloc(lines, sizeof *n->text) };
    if (!n->text)
        return 0;
    n->count = cut_lines(text, n->text, lines);
    return n->count == 0 || sort_by_number(n);
}

int names_read(tool *t, const char *path, names *n)
{
    uint8_t *bytes;
    size_t count;
    *n = (names){ 0 };
    if (weft_file_read(path, &bytes, &count, &t->err) != WEFT_OK)
        return EXIT_INPUT;
    char *text = realloc(bytes, count + 1);
    if (!text) {
        free(bytes);
        return tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for names");
    }
    text[count] = 0;
    return take_text(text, n) ? EXIT_GOOD : tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for names");
}

void names_free(names *n)
{
    free((void *)n->text);
    free(n->memory);
    *n = (names){ 0 };
}

uint32_t names_find(const names *n, const char *text)
{
    const size_t length = strlen(text);
    for (uint32_t i = 0; i < n->count; i++)
        if (n->text[i] && !strncmp(n->text[i], text, length) &&
            (!n->text[i][length] || strchr(" \t,", n->text[i][length])))
            return i;
    return n->count;
}

/* --- metadata of TensorFlow Lite ------------------------------------------------------------ */

/* Field numbers of the two schemas. */
enum {
    MODEL_BUFFERS = 4,
    MODEL_METADATA = 6,
    METADATA_NAME = 0,
    METADATA_BUFFER = 1,
    BUFFER_DATA = 0,
    ABOUT_SUBGRAPHS = 3,
    SUBGRAPH_INPUTS = 2,
    SUBGRAPH_OUTPUTS = 3,
    TENSOR_UNITS = 4,
    TENSOR_FILES = 6,
    UNIT_TYPE = 0,
    UNIT_OPTIONS = 1,
    NORMALIZATION = 1,
    OPTIONS_MEAN = 0,
    OPTIONS_STD = 1,
    FILE_NAME = 0
};

static int is_text(const fb *f, fb_vector v, const char *text)
{
    return v.count == strlen(text) && !memcmp(f->bytes + v.at, text, v.count);
}

/* The bytes of the model's metadata; size 0: none. */
static fb find_metadata(fb *file)
{
    const size_t root = fb_root(file);
    const fb_vector buffers = fb_list(file, root, MODEL_BUFFERS, 4),
                    list = fb_list(file, root, MODEL_METADATA, 4);
    for (uint32_t i = 0; i < list.count; i++) {
        const size_t entry = fb_list_table(file, list, i);
        const uint32_t number = (uint32_t)fb_i32(file, entry, METADATA_BUFFER, 0);
        if (!is_text(file, fb_list(file, entry, METADATA_NAME, 1), "TFLITE_METADATA") ||
            number >= buffers.count)
            continue;
        const fb_vector data = fb_list(file, fb_list_table(file, buffers, number), BUFFER_DATA, 1);
        return (fb){ file->bytes + data.at, data.count, 0 };
    }
    return (fb){ 0 };
}

static void list_floats(const fb *f, fb_vector v, char *to)
{
    to[0] = 0;
    for (uint32_t i = 0, used = 0; i < v.count && i < FEED_MAX_CHANNELS; i++)
        used += (uint32_t)snprintf(to + used, METADATA_LIST_BYTES - used, "%s%.9g", i ? "," : "",
                                   (double)fb_list_f32(f, v, i));
}

/* How the first input of the first graph is normalised. */
static void read_normalisation(fb *about, size_t graph, char *mean, char *std)
{
    const fb_vector inputs = fb_list(about, graph, SUBGRAPH_INPUTS, 4);
    const size_t input = inputs.count ? fb_list_table(about, inputs, 0) : 0;
    const fb_vector units = fb_list(about, input, TENSOR_UNITS, 4);
    for (uint32_t i = 0; i < units.count; i++) {
        const size_t unit = fb_list_table(about, units, i);
        if (fb_i8(about, unit, UNIT_TYPE, 0) != NORMALIZATION)
            continue;
        const size_t options = fb_table(about, unit, UNIT_OPTIONS);
        list_floats(about, fb_list(about, options, OPTIONS_MEAN, 4), mean);
        list_floats(about, fb_list(about, options, OPTIONS_STD, 4), std);
    }
}

/* The first file that belongs to the first output, out of the archive behind the model. */
static void read_names(fb *about, size_t graph, const fb *file, names *out)
{
    const fb_vector outputs = fb_list(about, graph, SUBGRAPH_OUTPUTS, 4);
    const size_t output = outputs.count ? fb_list_table(about, outputs, 0) : 0;
    const fb_vector files = fb_list(about, output, TENSOR_FILES, 4);
    const fb_vector text = files.count
                               ? fb_list(about, fb_list_table(about, files, 0), FILE_NAME, 1)
                               : (fb_vector){ 0 };
    char name[128];
    uint8_t *bytes;
    size_t count;
    if (!text.count || text.count >= sizeof name || about->bad)
        return;
    memcpy(name, about->bytes + text.at, text.count);
    name[text.count] = 0;
    if (media_unzip("the model", file->bytes, file->size, name, &bytes, &count, NULL) != WEFT_OK)
        return;
    char *end = realloc(bytes, count + 1);
    if (!end) {
        free(bytes);
        return;
    }
    end[count] = 0;
    if (!take_text(end, out))
        names_free(out);
}

void names_of_model(const char *path, names *out, char *mean, char *std)
{
    uint8_t *bytes;
    size_t count;
    struct stat info;
    *out = (names){ 0 };
    mean[0] = std[0] = 0;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode) ||
        weft_file_read(path, &bytes, &count, NULL) != WEFT_OK)
        return;
    fb file = { bytes, count, 0 };
    if (count > 8 && !memcmp(bytes + 4, "TFL3", 4)) {
        fb about = find_metadata(&file);
        const size_t root = about.size > 8 ? fb_root(&about) : 0;
        const fb_vector graphs = fb_list(&about, root, ABOUT_SUBGRAPHS, 4);
        const size_t graph = graphs.count ? fb_list_table(&about, graphs, 0) : 0;
        read_normalisation(&about, graph, mean, std);
        if (about.bad)
            mean[0] = std[0] = 0;
        read_names(&about, graph, &file, out);
    }
    free(bytes);
}

int names_for(tool *t, const char *path, const char *file, feed_options *feed_to, char *mean,
              char *std, names *out)
{
    names_of_model(path, out, mean, std);
    if (!feed_to->mean && !feed_to->std && feed_to->divide == 0.0 && mean[0]) {
        feed_to->mean = mean;
        feed_to->std = std[0] ? std : NULL;
    }
    if (!file)
        return EXIT_GOOD;
    names_free(out);
    return names_read(t, file, out);
}

/* --- the best answers ----------------------------------------------------------------------- */

void names_print_top(const names *n, const weft_port_info *p, const buffer *b, uint32_t top)
{
    size_t best[NAMES_MOST_TOP];
    const uint32_t count = outputs_best(p, b, top < NAMES_MOST_TOP ? top : NAMES_MOST_TOP, best);
    for (uint32_t k = 0; k < count; k++)
        printf("%5zu %10.6g  %s\n", best[k], output_real(p, b, best[k]),
               best[k] < n->count && n->text[best[k]] ? WEFT_SHOWN(n->text[best[k]]) : "");
}
