/* The networks as tables, and the tables as nodes; see zoo.h.
 *
 * A row stands for `repeat` blocks of one kind; the first has the stride, the others stride 1. */
#include <stdio.h>
#include <string.h>

#include "zoo_own.h"

typedef enum row_kind {
    ROW_END,
    ROW_CONV,       /* factor: side of the kernel */
    ROW_POOL,       /* maximum, factor: side of the kernel */
    ROW_BASIC,      /* residual, two 3x3 */
    ROW_BOTTLENECK, /* residual, 1x1 to channels / 4, 3x3 with the stride (v1.5), 1x1 */
    ROW_SEPARABLE,  /* depthwise 3x3, 1x1 */
    ROW_INVERTED,   /* 1x1 to factor times the channels, depthwise 3x3, 1x1 linear */
    ROW_AVERAGE,    /* over all pixels */
    ROW_FC,         /* followed by ReLU */
    ROW_CLASSES     /* the last FC */
} row_kind;

typedef struct row {
    row_kind kind;
    uint16_t channels;
    uint8_t repeat, stride, factor;
} row;

enum { MAX_ROWS = 20 };

static const struct network {
    const char *name, *text;
    zoo_clamp clamp;
    row rows[MAX_ROWS];
} networks[] = {
    { "resnet18",
      "ResNet-18 (He et al. 2015)",
      ZOO_RELU,
      { { ROW_CONV, 64, 1, 2, 7 },
        { ROW_POOL, 0, 1, 2, 3 },
        { ROW_BASIC, 64, 2, 1, 0 },
        { ROW_BASIC, 128, 2, 2, 0 },
        { ROW_BASIC, 256, 2, 2, 0 },
        { ROW_BASIC, 512, 2, 2, 0 },
        { ROW_AVERAGE, 0, 1, 1, 0 },
        { ROW_CLASSES, 0, 1, 1, 0 } } },
    { "resnet50",
      "ResNet-50 v1.5 (stride in the 3x3)",
      ZOO_RELU,
      { { ROW_CONV, 64, 1, 2, 7 },
        { ROW_POOL, 0, 1, 2, 3 },
        { ROW_BOTTLENECK, 256, 3, 1, 0 },
        { ROW_BOTTLENECK, 512, 4, 2, 0 },
        { ROW_BOTTLENECK, 1024, 6, 2, 0 },
        { ROW_BOTTLENECK, 2048, 3, 2, 0 },
        { ROW_AVERAGE, 0, 1, 1, 0 },
        { ROW_CLASSES, 0, 1, 1, 0 } } },
    { "mobilenet_v1",
      "MobileNet v1 (Howard et al. 2017)",
      ZOO_RELU6,
      { { ROW_CONV, 32, 1, 2, 3 },
        { ROW_SEPARABLE, 64, 1, 1, 0 },
        { ROW_SEPARABLE, 128, 2, 2, 0 },
        { ROW_SEPARABLE, 256, 2, 2, 0 },
        { ROW_SEPARABLE, 512, 6, 2, 0 },
        { ROW_SEPARABLE, 1024, 2, 2, 0 },
        { ROW_AVERAGE, 0, 1, 1, 0 },
        { ROW_CLASSES, 0, 1, 1, 0 } } },
    { "mobilenet_v2",
      "MobileNet v2 (Sandler et al. 2018)",
      ZOO_RELU6,
      { { ROW_CONV, 32, 1, 2, 3 },
        { ROW_INVERTED, 16, 1, 1, 1 },
        { ROW_INVERTED, 24, 2, 2, 6 },
        { ROW_INVERTED, 32, 3, 2, 6 },
        { ROW_INVERTED, 64, 4, 2, 6 },
        { ROW_INVERTED, 96, 3, 1, 6 },
        { ROW_INVERTED, 160, 3, 2, 6 },
        { ROW_INVERTED, 320, 1, 1, 6 },
        { ROW_CONV, 1280, 1, 1, 1 },
        { ROW_AVERAGE, 0, 1, 1, 0 },
        { ROW_CLASSES, 0, 1, 1, 0 } } },
    { "vgg16",
      "VGG-16 (Simonyan, Zisserman 2014)",
      ZOO_RELU,
      { { ROW_CONV, 64, 2, 1, 3 },
        { ROW_POOL, 0, 1, 2, 2 },
        { ROW_CONV, 128, 2, 1, 3 },
        { ROW_POOL, 0, 1, 2, 2 },
        { ROW_CONV, 256, 3, 1, 3 },
        { ROW_POOL, 0, 1, 2, 2 },
        { ROW_CONV, 512, 3, 1, 3 },
        { ROW_POOL, 0, 1, 2, 2 },
        { ROW_CONV, 512, 3, 1, 3 },
        { ROW_POOL, 0, 1, 2, 2 },
        { ROW_FC, 4096, 2, 1, 0 },
        { ROW_CLASSES, 0, 1, 1, 0 } } },
};

enum { NETWORKS = sizeof networks / sizeof *networks };

const char *weft_zoo_name(unsigned i)
{
    return i < NETWORKS ? networks[i].name : NULL;
}

const char *weft_zoo_text(unsigned i)
{
    return i < NETWORKS ? networks[i].text : NULL;
}

uint32_t zoo_taps(const zoo_node *n)
{
    if (n->kind == ZOO_FC)
        return n->in_side * n->in_side * n->in_channels;
    return n->kernel * n->kernel * (n->depthwise ? 1 : n->in_channels);
}

uint32_t zoo_out_side(const zoo_node *n, uint32_t in_side)
{
    switch (n->kind) {
    case ZOO_CONV:
    case ZOO_MAX_POOL: return (in_side + 2 * n->pad - n->kernel) / n->stride + 1;
    case ZOO_ADD: return in_side;
    default: return 1;
    }
}

/* --- nodes -------------------------------------------------------------------------------- */

typedef struct builder {
    zoo_net *net;
    zoo_clamp clamp;
    int at; /* the node whose output comes next, or ZOO_INPUT */
} builder;

/* Channels scaled by the width, a multiple of 8 not more than a tenth too small. */
static uint32_t scaled(const builder *b, uint32_t channels)
{
    const uint32_t exact = channels * b->net->options.width_percent;
    uint32_t rounded = (exact + 400) / 800 * 8;
    if (rounded * 1000 < exact * 9)
        rounded += 8;
    return rounded < 8 ? 8 : rounded;
}

static uint32_t channels_of(const builder *b, int node)
{
    return node == ZOO_INPUT ? ZOO_INPUT_CHANNELS : b->net->nodes[node].channels;
}

static uint32_t side_of(const builder *b, int node)
{
    if (node == ZOO_INPUT)
        return b->net->options.size;
    return zoo_out_side(&b->net->nodes[node], b->net->nodes[node].in_side);
}

/* Append a node that keeps the channels; the tables stay below ZOO_MAX_NODES. */
static zoo_node *append(builder *b, zoo_kind kind, int from, const char *what)
{
    zoo_net *net = b->net;
    zoo_node *n = &net->nodes[net->count];
    *n = (zoo_node){ .kind = kind,
                     .from = from,
                     .other = ZOO_INPUT,
                     .in_channels = channels_of(b, from),
                     .channels = channels_of(b, from),
                     .in_side = side_of(b, from),
                     .kernel = 1,
                     .stride = 1 };
    snprintf(n->name, sizeof n->name, "n%03u_%s", (unsigned)net->count, what);
    b->at = (int)net->count++;
    return n;
}

static zoo_node *conv(builder *b, int from, uint32_t channels, uint32_t kernel, uint32_t stride,
                      zoo_clamp clamp)
{
    zoo_node *n = append(b, ZOO_CONV, from, "conv");
    n->channels = channels;
    n->kernel = kernel;
    n->stride = stride;
    n->pad = kernel / 2;
    n->clamp = clamp;
    return n;
}

static void depthwise(builder *b, uint32_t stride)
{
    zoo_node *n = append(b, ZOO_CONV, b->at, "depthwise");
    n->kernel = 3;
    n->stride = stride;
    n->pad = 1;
    n->depthwise = 1;
    n->clamp = b->clamp;
}

static void add(builder *b, int one, int two, zoo_clamp clamp)
{
    zoo_node *n = append(b, ZOO_ADD, one, "add");
    n->other = two;
    n->clamp = clamp;
}

static void residual(builder *b, const row *r, uint32_t channels, uint32_t stride)
{
    const int from = b->at;
    if (r->kind == ROW_BASIC) {
        conv(b, from, channels, 3, stride, b->clamp);
    } else {
        conv(b, from, channels / 4, 1, 1, b->clamp);
        conv(b, b->at, channels / 4, 3, stride, b->clamp);
    }
    conv(b, b->at, channels, r->kind == ROW_BASIC ? 3 : 1, 1, ZOO_LINEAR);
    const int branch = b->at;
    int direct = from;
    if (stride > 1 || channels_of(b, from) != channels) {
        conv(b, from, channels, 1, stride, ZOO_LINEAR);
        direct = b->at;
    }
    add(b, branch, direct, b->clamp);
}

static void inverted(builder *b, const row *r, uint32_t channels, uint32_t stride)
{
    const int from = b->at;
    const uint32_t in_channels = channels_of(b, from);
    if (r->factor > 1)
        conv(b, from, in_channels * r->factor, 1, 1, b->clamp);
    depthwise(b, stride);
    conv(b, b->at, channels, 1, 1, ZOO_LINEAR);
    if (stride == 1 && in_channels == channels)
        add(b, b->at, from, ZOO_LINEAR);
}

static void fully_connected(builder *b, uint32_t channels, zoo_clamp clamp)
{
    zoo_node *n = append(b, ZOO_FC, b->at, "fc");
    n->channels = channels;
    n->clamp = clamp;
}

static void max_pool(builder *b, const row *r)
{
    zoo_node *n = append(b, ZOO_MAX_POOL, b->at, "pool");
    n->kernel = r->factor;
    n->stride = r->stride;
    n->pad = (r->factor - 1u) / 2;
}

static void block(builder *b, const row *r, uint32_t stride)
{
    const uint32_t channels = scaled(b, r->channels);
    switch (r->kind) {
    case ROW_CONV: conv(b, b->at, channels, r->factor, stride, b->clamp); break;
    case ROW_POOL: max_pool(b, r); break;
    case ROW_BASIC:
    case ROW_BOTTLENECK: residual(b, r, channels, stride); break;
    case ROW_SEPARABLE:
        depthwise(b, stride);
        conv(b, b->at, channels, 1, 1, b->clamp);
        break;
    case ROW_INVERTED: inverted(b, r, channels, stride); break;
    case ROW_AVERAGE: append(b, ZOO_GLOBAL_POOL, b->at, "average"); break;
    case ROW_FC: fully_connected(b, channels, b->clamp); break;
    case ROW_CLASSES: fully_connected(b, b->net->options.classes, ZOO_LINEAR); break;
    case ROW_END: break;
    }
}

static int check_options(const weft_zoo_options *o, const struct network **found, weft_error *err)
{
    char names[160] = "";
    *found = NULL;
    for (unsigned i = 0; i < NETWORKS; i++) {
        if (!strcmp(o->name, networks[i].name))
            *found = &networks[i];
        strcat(strcat(names, i ? ", " : ""), networks[i].name);
    }
    if (!*found)
        return weft_error_set(err, WEFT_ERR_ARG, "there is no network \"%.40s\"; there are %s",
                              o->name, names);
    if (o->size < 32 || o->size > 512 || o->width_percent < 12 || o->width_percent > 200 ||
        o->classes < 1 || o->classes > 100000)
        return weft_error_set(err, WEFT_ERR_ARG,
                              "a network has a size of 32 to 512, a width of 12 to 200 percent and "
                              "1 to 100000 classes");
    return WEFT_OK;
}

int zoo_expand(zoo_net *net, weft_error *err)
{
    const struct network *n;
    const int rc = check_options(&net->options, &n, err);
    if (rc != WEFT_OK)
        return rc;
    builder b = { .net = net, .clamp = n->clamp, .at = ZOO_INPUT };
    for (const row *r = n->rows; r->kind != ROW_END; r++)
        for (uint32_t i = 0; i < r->repeat; i++)
            block(&b, r, i ? 1 : r->stride);
    return WEFT_OK;
}
