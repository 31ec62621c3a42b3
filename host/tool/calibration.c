/* Calibration data; the contract is in calibration.h. */
#include "calibration.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dataset_own.h"
#include "models/base/files.h"
#include "models/quantize/float/float_rng.h"

enum { USUAL_SAMPLES = 256, USUAL_RANDOM = 4 };

/* --- files --- */

/* The samples of an array: [samples][..] of the input, one sample, or rows of as many numbers; 0 if its shape is another. */
static uint64_t samples_of(const media *m, const weft_tensor_info *input)
{
    for (uint32_t first = 0; first < 2 && first <= m->rank; first++) {
        uint32_t i = first, k = 0;
        for (;;) { /* axes of 1 do not count */
            while (i < m->rank && m->dims[i] == 1)
                i++;
            while (k < input->rank && input->dims[k] == 1)
                k++;
            if (i == m->rank || k == input->rank || m->dims[i] != input->dims[k])
                break;
            i++, k++;
        }
        if (i == m->rank && k == input->rank)
            return first ? m->dims[0] : 1;
    }
    if (m->rank && m->rank <= 2 && m->dims[m->rank - 1] == input->elements)
        return m->rank == 2 ? m->dims[0] : 1;
    return 0;
}

static int refuse_shape(tool *t, const char *path, const media *m, const weft_tensor_info *input)
{
    char have[160] = "", want[160] = "";
    for (uint32_t i = 0; i < m->rank; i++)
        snprintf(have + strlen(have), sizeof have - strlen(have), "[%llu]",
                 (unsigned long long)m->dims[i]);
    for (uint32_t i = 0; i < input->rank; i++)
        snprintf(want + strlen(want), sizeof want - strlen(want), "[%u]", (unsigned)input->dims[i]);
    return tool_fail(t, WEFT_ERR_SHAPE,
                     "%.100s is an array of %s, the input \"%.60s\" %s; samples go first, the "
                     "other axes in this order "
                     "(numpy.transpose)",
                     path, have, input->name, want);
}

static int open_file(calibration *c, const char *path, const weft_tensor_info *input)
{
    calibration_file *f = &c->files[c->file_count++];
    const int rc = weft_file_read(path, &f->bytes, &f->byte_count, &c->t->err);
    if (rc != WEFT_OK)
        return tool_exit(rc);
    const size_t sample = (size_t)input->elements * sizeof(float);
    uint64_t count = 0;
    if (media_detect(f->bytes, f->byte_count) == MEDIA_ARRAY) {
        const int code = tool_exit(
            media_read(path, f->bytes, f->byte_count, SAMPLE_MEMBERS, &f->array, &c->t->err));
        if (code != EXIT_GOOD)
            return code;
        count = samples_of(&f->array, input);
        if (!count)
            return refuse_shape(c->t, path, &f->array, input);
    } else if (sample == 0 || f->byte_count < sample || f->byte_count % sample) {
        return tool_fail(
            c->t, WEFT_ERR_SHAPE,
            "%.100s holds %zu bytes, no multiple of a sample (%zu elements, %zu bytes)", path,
            f->byte_count, (size_t)input->elements, sample);
    } else {
        count = f->byte_count / sample;
    }
    if (c->file_count == 1 || count < c->samples.count)
        c->samples.count = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
    return EXIT_GOOD;
}

static double file_number(const calibration_file *f, size_t i)
{
    float narrow;
    if (f->array.kind != MEDIA_NONE)
        return media_number(&f->array, i);
    memcpy(&narrow, f->bytes + i * sizeof narrow, sizeof narrow);
    return (double)narrow;
}

static int open_files(calibration *c, const char *text)
{
    int code = EXIT_GOOD;
    for (uint32_t i = 0; i < c->input_count && code == EXIT_GOOD; i++) {
        const char *end = text + strcspn(text, ",");
        char path[1024];
        if (i == CALIBRATION_FILES || end == text || (size_t)(end - text) >= sizeof path)
            return tool_fail(c->t, WEFT_ERR_ARG,
                             "--calibrate needs a file for each of the %u inputs, at most %d",
                             (unsigned)c->input_count, CALIBRATION_FILES);
        memcpy(path, text, (size_t)(end - text));
        path[end - text] = 0;
        code = open_file(c, path, &c->inputs[i]);
        text = *end ? end + 1 : end;
    }
    if (code == EXIT_GOOD && *text)
        return tool_fail(c->t, WEFT_ERR_ARG,
                         "--calibrate has a file more than the network has inputs (%u): \"%.100s\"",
                         (unsigned)c->input_count, text);
    return code;
}

/* --- samples --- */

/* Element e of an input of a sample. */
static double number(const calibration *c, float_rng *r, const uint8_t *pixels, uint32_t input,
                     size_t first, size_t e)
{
    return c->is_random ? (double)float_rng_normal(r)
           : pixels     ? (pixels[e] / 255.0 - c->mean) / c->std
                        : file_number(&c->files[input], first + e);
}

/* Write a number as element e of an array; of integers what is whole of it, within the type. */
static void put(void *data, uint32_t type, size_t e, double v)
{
    const double whole = v != v ? 0 : v < -0x1p62 ? -0x1p62 : v > 0x1p62 ? 0x1p62 : trunc(v);
    switch (type) {
    case WEFT_TYPE_INT8: ((int8_t *)data)[e] = (int8_t)(int64_t)whole; break;
    case WEFT_TYPE_UINT8: ((uint8_t *)data)[e] = (uint8_t)(int64_t)whole; break;
    case WEFT_TYPE_INT32: ((int32_t *)data)[e] = (int32_t)(int64_t)whole; break;
    case WEFT_TYPE_INT64: ((int64_t *)data)[e] = (int64_t)whole; break;
    default: ((float *)data)[e] = (float)v; break;
    }
}

static int get(void *self, uint32_t sample, uint32_t input, void *data, uint64_t bytes)
{
    const calibration *c = self;
    const weft_tensor_info *info = &c->inputs[input];
    const size_t count = (size_t)info->elements;
    float_rng r = float_rng_stream(c->seed, ((uint64_t)sample << 8) + input);
    const uint8_t *pixels = c->images.count ? weft_idx_image(&c->images, sample) : NULL;
    for (size_t e = 0; e < count && bytes == info->bytes; e++)
        put(data, info->type, e, number(c, &r, pixels, input, sample * count, e));
    return tool_interrupted();
}

static int progress(void *self, double done)
{
    const calibration *c = self;
    tool_progress(c->t, "quantize", (uint64_t)(done * 100), 100);
    return tool_interrupted();
}

static int open_images(calibration *c, const char *dir)
{
    char why[WEFT_IDX_WHY_BYTES];
    if (weft_idx_load(dir, WEFT_IDX_TRAIN, &c->images, why) != WEFT_IDX_OK &&
        weft_idx_load(dir, WEFT_IDX_TEST, &c->images, why) != WEFT_IDX_OK)
        return tool_fail(c->t, WEFT_ERR_IO, "no MNIST images: %.200s", why);
    c->samples.count = c->images.count;
    const size_t pixels = (size_t)c->images.rows * c->images.cols;
    if (c->input_count != 1 || c->inputs[0].elements != pixels)
        return tool_fail(c->t, WEFT_ERR_SHAPE,
                         "the images have %zu pixels; the network needs one input of as many",
                         pixels);
    return EXIT_GOOD;
}

static int is_directory(const char *path)
{
    char inside[1100];
    snprintf(inside, sizeof inside, "%.1000s/.", path);
    FILE *f = fopen(inside, "rb");
    if (f)
        fclose(f);
    return f != NULL;
}

static int read_inputs(calibration *c, const weft_quantizer *q)
{
    weft_quantizer_info all = { .struct_bytes = sizeof all };
    weft_quantizer_describe(q, &all, NULL);
    c->input_count = all.input_count;
    c->inputs = calloc(c->input_count + 1u, sizeof *c->inputs);
    if (!c->inputs)
        return tool_fail(c->t, WEFT_ERR_NO_MEMORY, "no memory for samples");
    for (uint32_t i = 0; i < c->input_count; i++) {
        c->inputs[i].struct_bytes = sizeof *c->inputs;
        weft_quantizer_describe_input(q, i, &c->inputs[i], NULL);
    }
    return EXIT_GOOD;
}

int calibration_open(tool *t, const char *text, uint64_t most, double mean, double std,
                     const weft_quantizer *q, calibration *c)
{
    char *end = NULL;
    *c = (calibration){ .t = t,
                        .mean = mean,
                        .std = std,
                        .samples = { .struct_bytes = sizeof c->samples,
                                     .get = get,
                                     .progress = progress,
                                     .self = c } };
    int code = read_inputs(c, q);
    if (code != EXIT_GOOD)
        return code;
    if (!(std > 0))
        return tool_fail(t, WEFT_ERR_ARG, "--std must be above 0");
    if (!strncmp(text, "random:", 7)) {
        c->is_random = 1;
        c->seed = strtoull(text + 7, &end, 0);
        c->samples.count = USUAL_RANDOM;
        if (!text[7] || *end)
            return tool_fail(t, WEFT_ERR_ARG, "random: needs a seed, as random:1");
    } else {
        code = is_directory(text) ? open_images(c, text) : open_files(c, text);
    }
    const uint64_t limit = most ? most : USUAL_SAMPLES;
    if (c->is_random && most)
        c->samples.count = most < UINT32_MAX ? (uint32_t)most : UINT32_MAX;
    else if (c->samples.count > limit)
        c->samples.count = (uint32_t)limit;
    return code;
}

void calibration_close(calibration *c)
{
    weft_idx_free(&c->images);
    for (uint32_t i = 0; i < c->file_count; i++) {
        free(c->files[i].bytes);
        media_free(&c->files[i].array);
    }
    c->file_count = 0;
    free(c->inputs);
    c->inputs = NULL;
}
