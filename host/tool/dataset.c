/* Labelled samples; the contract is in dataset.h. */
#include "dataset.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "models/base/files.h"

enum { MOST_SAMPLES = 1 << 22 };

/* --- the two kinds of files --- */

static int read_mnist(tool *t, const char *dir, dataset *d)
{
    char why[WEFT_IDX_WHY_BYTES];
    if (weft_idx_load(dir, WEFT_IDX_TEST, &d->images, why) != WEFT_IDX_OK)
        return tool_fail(t, WEFT_ERR_IO, "no MNIST test set: %.200s", why);
    d->count = d->images.count;
    d->sample_bytes = (size_t)d->images.rows * d->images.cols;
    d->samples = d->images.pixels;
    d->labels = malloc(d->count * sizeof *d->labels);
    if (!d->labels)
        return tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for the labels");
    for (uint32_t i = 0; i < d->count; i++)
        d->labels[i] = d->images.labels[i];
    return EXIT_GOOD;
}

/* The number after the last comma of a line; 0 if there is none. */
static int label_of(const char *line, size_t length, uint32_t *out)
{
    size_t at = length;
    while (at > 0 && line[at - 1] != ',')
        at--;
    uint64_t value = 0;
    if (at == length)
        return 0;
    for (; at < length; at++) {
        if (line[at] < '0' || line[at] > '9' || value > 1000000)
            return 0;
        value = value * 10 + (uint64_t)(line[at] - '0');
    }
    *out = (uint32_t)value;
    return 1;
}

static int read_labels(tool *t, const char *path, dataset *d)
{
    uint8_t *bytes;
    size_t size;
    if (weft_file_read(path, &bytes, &size, &t->err) != WEFT_OK)
        return EXIT_INPUT;
    int code = EXIT_GOOD;
    uint32_t line = 0;
    for (size_t at = 0; at < size && code == EXIT_GOOD; line++) {
        const char *text = (const char *)bytes + at;
        const uint8_t *end = memchr(text, '\n', size - at);
        size_t length = end ? (size_t)(end - bytes) - at : size - at;
        at += length + 1;
        while (length && (text[length - 1] == '\r' || text[length - 1] == ' '))
            length--;
        if (line < d->count && !label_of(text, length, &d->labels[line]))
            code = tool_fail(t, WEFT_ERR_FORMAT, "%.200s: line %u does not end in a label", path,
                             (unsigned)line + 1);
    }
    free(bytes);
    if (code == EXIT_GOOD && line != d->count)
        code = tool_fail(t, WEFT_ERR_FORMAT, "%.200s: %u labels for %u samples", path,
                         (unsigned)line, (unsigned)d->count);
    return code;
}

static int read_raw(tool *t, const dataset_options *o, const weft_port_info *in, dataset *d)
{
    size_t size;
    if (!o->labels)
        return tool_fail(t, WEFT_ERR_ARG, "--labels FILE.csv is missing");
    if (weft_file_read(o->data, &d->file, &size, &t->err) != WEFT_OK)
        return EXIT_INPUT;
    if (!size || size % in->elements || size / in->elements > MOST_SAMPLES)
        return tool_fail(t, WEFT_ERR_SHAPE,
                         "%.200s: %zu bytes are not a number of samples of %llu bytes each",
                         o->data, size, (unsigned long long)in->elements);
    d->count = (uint32_t)(size / in->elements);
    d->sample_bytes = in->elements;
    d->samples = d->file;
    d->labels = calloc(d->count, sizeof *d->labels);
    if (!d->labels)
        return tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for the labels");
    return read_labels(t, o->labels, d);
}

/* --- bytes to inputs --- */

static void choose_values(const dataset_options *o, const weft_port_info *in, dataset *d)
{
    const int mnist = !d->file, pixels = mnist || o->pixels;
    const int told = o->mean != 0.0 || o->std != 1.0 || o->divide != 0.0;
    const int unit = in->int8_zero_point == -128 && in->int8_scale >= 0.9999f / 256 &&
                     in->int8_scale <= 1.0001f / 255;
    const double divide = o->divide != 0.0 ? o->divide : mnist ? 255.0 : 1.0;
    d->plain = !told && (mnist ? unit : in->type != WEFT_TYPE_FLOAT32);
    d->flip = pixels ? 0x80 : 0;
    for (int b = 0; b < 256; b++)
        d->value[b] = (float)(((pixels ? b : (int8_t)b) / divide - o->mean) / o->std);
}

int dataset_open(tool *t, const dataset_options *o, const weft_program *prog, dataset *d)
{
    struct stat info;
    weft_port_info in = { .struct_bytes = sizeof in };
    *d = (dataset){ 0 };
    if (!o->data)
        return tool_fail(
            t, WEFT_ERR_ARG,
            "--data is missing: the directory of the MNIST files, or a file of samples");
    if (!(o->std > 0.0) || o->divide < 0.0)
        return tool_fail(t, WEFT_ERR_ARG, "--std and --divide must be above 0");
    if (prog->input_count != 1 || prog->output_count != 1)
        return tool_fail(t, WEFT_ERR_SHAPE, "the network needs one input and one output for this");
    weft_program_describe_input(prog, 0, &in, NULL);
    const int is_file = stat(o->data, &info) == 0 && !S_ISDIR(info.st_mode);
    int code = is_file ? read_raw(t, o, &in, d) : read_mnist(t, o->data, d);
    if (code == EXIT_GOOD && in.elements != d->sample_bytes)
        code = tool_fail(t, WEFT_ERR_SHAPE,
                         "the images have %u x %u pixels, the input \"%.60s\" %llu elements",
                         (unsigned)d->images.rows, (unsigned)d->images.cols, in.name,
                         (unsigned long long)in.elements);
    choose_values(o, &in, d);
    return code;
}

void dataset_close(dataset *d)
{
    weft_idx_free(&d->images);
    free(d->file);
    free(d->labels);
    *d = (dataset){ 0 };
}

weft_form dataset_form(const dataset *d)
{
    return d->plain ? WEFT_FORM_INT8 : WEFT_FORM_FLOAT32;
}

void dataset_get(const dataset *d, uint32_t i, buffer *to)
{
    const uint8_t *sample = d->samples + i * d->sample_bytes;
    uint8_t *bytes = to->data;
    for (size_t k = 0; k < d->sample_bytes; k++) {
        if (d->plain)
            bytes[k] = sample[k] ^ d->flip;
        else
            memcpy(bytes + k * sizeof(float), &d->value[sample[k]], sizeof(float));
    }
}
