/* Labelled samples; the contract is in dataset.h. */
#define _POSIX_C_SOURCE 200809L
#include "dataset.h"

#include <dirent.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dataset_own.h"
#include "models/base/files.h"

/* --- MNIST and labels ------------------------------------------------------------------------ */

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

/* --- arrays --------------------------------------------------------------------------------- */

static int read_arrays(tool *t, const dataset_options *o, const uint8_t *bytes, size_t size,
                       dataset *d)
{
    int code = tool_exit(media_read(o->data, bytes, size, SAMPLE_MEMBERS, &d->array, &t->err));
    const uint64_t count = code == EXIT_GOOD ? feed_count(t, &d->f, o->data, &d->array) : 0;
    if (code != EXIT_GOOD || !count || count > MOST_SAMPLES)
        return code != EXIT_GOOD ? code
               : count ? tool_fail(t, WEFT_ERR_SHAPE, "%.200s holds too many samples", o->data)
                       : tool_exit(t->err.status);
    const int form = feed_form(t, &d->f, o->data, &d->array);
    if (form < 0)
        return tool_exit(t->err.status);
    d->form = (weft_form)form;
    d->count = (uint32_t)count;
    code = dataset_make_labels(t, d);
    const int is_archive = size > 2 && bytes[0] == 'P';
    if (code != EXIT_GOOD || o->labels)
        return code == EXIT_GOOD ? dataset_read_labels(t, o, d) : code;
    return is_archive ? dataset_read_label_array(t, o->data, bytes, size, LABEL_MEMBERS, d)
                      : tool_fail(t, WEFT_ERR_ARG, "--labels FILE is missing");
}

/* --- raw samples ---------------------------------------------------------------------------- */

/* Neighbours of a picture are alike: do they differ less if the bytes are 0..255 than as -128..127? */
static int looks_like_pixels(const uint8_t *bytes, size_t size)
{
    uint64_t as_pixels = 0, as_int8 = 0;
    for (size_t i = 1; i < size && i < (size_t)1 << 20; i++) {
        const int a = bytes[i - 1], b = bytes[i], c = (a ^ 0x80) - (b ^ 0x80);
        as_pixels += (uint64_t)(a > b ? a - b : b - a);
        as_int8 += (uint64_t)(c < 0 ? -c : c);
    }
    return as_pixels * 4 < as_int8 * 3;
}

static int read_raw(tool *t, const dataset_options *o, const weft_port_info *in, size_t size,
                    dataset *d)
{
    if (!o->labels)
        return tool_fail(t, WEFT_ERR_ARG, "--labels FILE.csv is missing");
    if (!size || size % in->elements || size / in->elements > MOST_SAMPLES)
        return tool_fail(t, WEFT_ERR_SHAPE,
                         "%.200s: %zu bytes are not a number of samples of %llu bytes each",
                         o->data, size, (unsigned long long)in->elements);
    d->count = (uint32_t)(size / in->elements);
    d->sample_bytes = in->elements;
    d->samples = d->file;
    if (!o->feed.pixels && in->type != WEFT_TYPE_UINT8 && looks_like_pixels(d->file, size))
        fprintf(stderr,
                "weft: note: the samples look like pixels of 0..255, but are taken for int8; "
                "--pixels takes them for what they look like\n");
    const int code = dataset_make_labels(t, d);
    return code == EXIT_GOOD ? dataset_read_labels(t, o, d) : code;
}

/* A file of any kind. */
static int read_one(tool *t, const dataset_options *o, const weft_port_info *in, dataset *d)
{
    size_t size;
    if (weft_file_read(o->data, &d->file, &size, &t->err) != WEFT_OK)
        return EXIT_INPUT;
    if (media_detect(d->file, size) != MEDIA_ARRAY)
        return read_raw(t, o, in, size, d);
    const int code = read_arrays(t, o, d->file, size, d);
    free(d->file);
    d->file = NULL;
    return code;
}

static int has_mnist(const char *dir)
{
    char why[WEFT_IDX_WHY_BYTES];
    weft_idx images = { 0 };
    const int rc = weft_idx_load(dir, WEFT_IDX_TEST, &images, why);
    weft_idx_free(&images);
    return rc == WEFT_IDX_OK;
}

/* --- bytes to inputs --- */

static void choose_values(const dataset_options *o, const weft_port_info *in, dataset *d)
{
    const int mnist = !d->file, pixels = mnist || o->feed.pixels;
    const int told = d->f.told;
    const int unit = in->int8_zero_point == -128 && in->int8_scale >= 0.9999f / 256 &&
                     in->int8_scale <= 1.0001f / 255;
    const double divide = o->feed.divide != 0.0 ? o->feed.divide : mnist ? 255.0 : 1.0;
    d->plain = !told && (mnist ? unit : in->type != WEFT_TYPE_FLOAT32);
    d->flip = pixels ? 0x80 : 0;
    for (int b = 0; b < 256; b++)
        d->value[b] = (float)(((pixels ? b : (int8_t)b) / divide - d->f.mean[0]) / d->f.std[0]);
}

int dataset_open(tool *t, const dataset_options *o, const weft_program *prog, dataset *d)
{
    weft_port_info in = { .struct_bytes = sizeof in };
    *d = (dataset){ .form = WEFT_FORM_FLOAT32 };
    pthread_mutex_init(&d->failing, NULL);
    if (!o->data)
        return tool_fail(t, WEFT_ERR_ARG,
                         "--data is missing: a folder (MNIST files, or one of pictures for each "
                         "class) or a file of samples (.npy, .npz, raw)");
    if (prog->input_count != 1 || prog->output_count != 1)
        return tool_fail(t, WEFT_ERR_SHAPE, "the network needs one input and one output for this");
    weft_program_describe_input(prog, 0, &in, NULL);
    int code = feed_open(t, &o->feed, &in, &d->f);
    if (code != EXIT_GOOD)
        return code;
    if (!dataset_is_folder(o->data))
        code = read_one(t, o, &in, d);
    else if (o->labels || !has_mnist(o->data))
        code = dataset_read_files(t, o, d);
    else
        code = read_mnist(t, o->data, d);
    if (d->path || d->array.kind || code != EXIT_GOOD)
        return code;
    if (in.elements != d->sample_bytes)
        code = tool_fail(t, WEFT_ERR_SHAPE,
                         "the images have %u x %u pixels, the input \"%.60s\" %llu elements",
                         (unsigned)d->images.rows, (unsigned)d->images.cols, in.name,
                         (unsigned long long)in.elements);
    choose_values(o, &in, d);
    d->form = d->plain ? WEFT_FORM_INT8 : WEFT_FORM_FLOAT32;
    return code;
}

void dataset_close(dataset *d)
{
    weft_idx_free(&d->images);
    media_free(&d->array);
    for (uint32_t i = 0; d->path && i < d->count; i++)
        free(d->path[i]);
    free((void *)d->path);
    free(d->file);
    free(d->labels);
    *d = (dataset){ 0 };
}

weft_form dataset_form(const dataset *d)
{
    return d->form;
}

/* From a file, or from the array; errors of several threads are kept apart. */
static void get_fed(dataset *d, uint32_t i, buffer *to)
{
    tool own = { 0 };
    int form, code;
    if (d->path)
        code = dataset_read_file(&own, d, d->path[i], &form, to);
    else
        code = feed_put(&own, &d->f, "", &d->array, i, to);
    if (code == EXIT_GOOD)
        return;
    pthread_mutex_lock(&d->failing);
    if (d->failed.status == WEFT_OK)
        d->failed = own.err;
    pthread_mutex_unlock(&d->failing);
}

void dataset_get(dataset *d, uint32_t i, buffer *to)
{
    const uint8_t *sample = d->samples + i * d->sample_bytes;
    uint8_t *bytes = to->data;
    if (d->path || d->array.kind) {
        get_fed(d, i, to);
        return;
    }
    for (size_t k = 0; k < d->sample_bytes; k++) {
        if (d->plain)
            bytes[k] = sample[k] ^ d->flip;
        else
            memcpy(bytes + k * sizeof(float), &d->value[sample[k]], sizeof(float));
    }
}
