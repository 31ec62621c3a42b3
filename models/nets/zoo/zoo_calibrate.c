/* Ranges and constants of a network from one seeded image; see zoo.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/nets/lenet5/lenet5_rng.h"
#include "zoo_own.h"

enum { MAX_SIDE = 96, GRID = 12 };

static const zoo_quant INPUT_QUANT = { 4.0f / 255.0f, 0 }; /* -2..2 */

static float lerp(float a, float b, float t)
{
    return a + (b - a) * t;
}

/* Noise on a coarse grid, interpolated, and as much of every pixel's own; within -2..2. */
static void make_image(uint64_t seed, uint32_t side, float *image)
{
    enum { POINTS = (GRID + 1) * (GRID + 1) * ZOO_INPUT_CHANNELS };
    float grid[POINTS];
    lenet5_rng r = lenet5_rng_stream(seed, 0x696d616765, 0);
    for (size_t i = 0; i < POINTS; i++)
        grid[i] = lenet5_rng_signed(&r);
    for (uint32_t p = 0; p < side * side; p++)
        for (uint32_t c = 0; c < ZOO_INPUT_CHANNELS; c++) {
            const float y = (float)(p / side * GRID) / (float)side;
            const float x = (float)(p % side * GRID) / (float)side;
            const size_t gy = (size_t)y, gx = (size_t)x;
            const float *g = grid + (gy * (GRID + 1) + gx) * ZOO_INPUT_CHANNELS + c;
            const size_t down = (size_t)(GRID + 1) * ZOO_INPUT_CHANNELS;
            const float tx = x - (float)gx;
            const float above = lerp(g[0], g[ZOO_INPUT_CHANNELS], tx);
            const float below = lerp(g[down], g[down + ZOO_INPUT_CHANNELS], tx);
            *image++ = lerp(above, below, y - (float)gy) + lenet5_rng_signed(&r);
        }
}

/* The int8 range for what the layer gives: other images reach further than this one, most of all
 * where it has but one pixel. */
static zoo_quant quant_of(const zoo_node *n, const float *at, size_t count)
{
    const float margin = 1.2f;
    float hi = n->kind == ZOO_FC ? 4.0f : 0.0f, lo = n->clamp == ZOO_LINEAR ? -hi : 0.0f;
    for (size_t i = 0; i < count; i++) {
        lo = at[i] < lo ? at[i] : lo;
        hi = at[i] > hi ? at[i] : hi;
    }
    lo *= margin;
    hi = n->clamp == ZOO_RELU6 && hi * margin > 6.0f ? 6.0f : hi * margin;
    const float scale = hi - lo > 0.0f ? (hi - lo) / 255.0f : 1.0f;
    return (zoo_quant){ scale, (int32_t)lrintf(-128.0f - lo / scale) };
}

typedef struct image {
    float *at;
    uint32_t side;
} image;

static int run_node(zoo_net *net, uint32_t i, const image *input, image *images)
{
    const zoo_node *n = &net->nodes[i];
    const image *in = n->from == ZOO_INPUT ? input : &images[n->from];
    const image *other = n->other == ZOO_INPUT ? input : &images[n->other];
    const uint32_t side = zoo_out_side(n, in->side);
    const size_t count = (size_t)side * side * n->channels;
    const float in_scale = n->from == ZOO_INPUT ? net->input.scale : net->quant[n->from].scale;
    images[i] = (image){ malloc(count * sizeof(float)), side };
    if (!images[i].at)
        return WEFT_ERR_NO_MEMORY;
    const int rc = zoo_layer(net, i, in->side, in_scale, in->at, other->at, images[i].at);
    if (rc != WEFT_OK)
        return rc;
    net->quant[i] =
        n->kind == ZOO_MAX_POOL ? net->quant[n->from] : quant_of(n, images[i].at, count);
    return WEFT_OK;
}

int zoo_calibrate(zoo_net *net, const weft_progress *progress, weft_error *err)
{
    const weft_progress nobody = { 0 };
    const uint32_t size = net->options.size;
    image input = { .side = size < MAX_SIDE ? size : MAX_SIDE };
    image *images = calloc(net->count, sizeof *images);
    input.at = malloc((size_t)input.side * input.side * ZOO_INPUT_CHANNELS * sizeof(float));
    int rc = images && input.at ? WEFT_OK : WEFT_ERR_NO_MEMORY;
    net->input = INPUT_QUANT;
    if (rc == WEFT_OK)
        make_image(net->options.seed, input.side, input.at);
    for (uint32_t i = 0; i < net->count && rc == WEFT_OK; i++) {
        rc = weft_progress_report(progress ? progress : &nobody, (double)i / net->count, err);
        if (rc == WEFT_OK)
            rc = run_node(net, i, &input, images);
    }
    for (uint32_t i = 0; images && i < net->count; i++)
        free(images[i].at);
    free(images);
    free(input.at);
    return rc != WEFT_ERR_NO_MEMORY ? rc : weft_error_set(err, rc, "no memory for the network");
}
