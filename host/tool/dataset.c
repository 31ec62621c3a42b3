/* Labelled images; the contract is in dataset.h. */
#include "dataset.h"

#include <string.h>

static int check_fit(tool *t, weft_device *dev, dataset *d, const dataset_options *o)
{
    weft_port_info in;
    const size_t pixels = (size_t)d->images.rows * d->images.cols;
    if (weft_input_count(dev) != 1 || weft_output_count(dev) != 1)
        return tool_fail(t, WEFT_ERR_SHAPE, "the network needs one input and one output for this");
    weft_get_input(dev, 0, &in);
    if (in.elements != pixels)
        return tool_fail(t, WEFT_ERR_SHAPE,
                         "the images have %u x %u pixels, the input \"%.60s\" %zu elements",
                         (unsigned)d->images.rows, (unsigned)d->images.cols, in.name, in.elements);
    d->plain = in.zero_point == -128 && in.scale >= 0.9999f / 256 && in.scale <= 1.0001f / 255 &&
               o->mean == 0.0 && o->std == 1.0;
    return EXIT_GOOD;
}

int dataset_open(tool *t, const dataset_options *o, weft_device *dev, dataset *d)
{
    char why[WEFT_IDX_WHY_BYTES];
    *d = (dataset){ .mean = o->mean, .std = o->std };
    if (!o->dir)
        return tool_fail(t, WEFT_ERR_ARG, "--data DIR with the MNIST files is missing");
    if (!(o->std > 0.0))
        return tool_fail(t, WEFT_ERR_ARG, "--std must be above 0");
    if (weft_idx_load(o->dir, WEFT_IDX_TEST, &d->images, why) != WEFT_IDX_OK)
        return tool_fail(t, WEFT_ERR_IO, "no MNIST test set: %.200s", why);
    for (int p = 0; p < 256; p++)
        d->value[p] = (float)((p / 255.0 - d->mean) / d->std);
    return check_fit(t, dev, d, o);
}

void dataset_close(dataset *d)
{
    weft_idx_free(&d->images);
}

weft_form dataset_form(const dataset *d)
{
    return d->plain ? WEFT_FORM_INT8 : WEFT_FORM_FLOAT32;
}

void dataset_get(const dataset *d, uint32_t i, weft_buffer *to)
{
    const uint8_t *pixel = weft_idx_image(&d->images, i);
    const size_t count = (size_t)d->images.rows * d->images.cols;
    uint8_t *bytes = to->data;
    for (size_t k = 0; k < count; k++) {
        if (d->plain)
            bytes[k] = pixel[k] ^ 0x80;
        else
            memcpy(bytes + k * sizeof(float), &d->value[pixel[k]], sizeof(float));
    }
}
