/* From files to inputs; the contract is in feed.h. */
#include "feed.h"

#include <stdlib.h>
#include <string.h>

/* --- what was told -------------------------------------------------------------------------- */

/* "0.5" or "0.485,0.456,0.406" into numbers by channel; returns an exit code. */
static int read_list(tool *t, const char *what, const char *text, double otherwise, double *to)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < FEED_MAX_CHANNELS; i++)
        to[i] = otherwise;
    for (const char *at = text; at && *at; count++) {
        char *end = NULL;
        const double v = strtod(at, &end);
        if (end == at || (*end && *end != ',') || count == FEED_MAX_CHANNELS || v != v)
            return tool_fail(
                t, WEFT_ERR_ARG,
                "%s is a number, or one for each channel like 0.485,0.456,0.406, not \"%.60s\"",
                what, text);
        to[count] = v;
        at = *end ? end + 1 : end;
    }
    for (uint32_t i = count; count == 1 && i < FEED_MAX_CHANNELS; i++)
        to[i] = to[0];
    return EXIT_GOOD;
}

static int read_fit(tool *t, const char *text, feed *f)
{
    char *end = NULL;
    const uint32_t least = f->height < f->width ? f->height : f->width,
                   most = f->height > f->width ? f->height : f->width;
    f->short_side = most;
    if (!text || !strcmp(text, "crop"))
        return EXIT_GOOD;
    if (!strcmp(text, "stretch")) {
        f->short_side = 0;
        return EXIT_GOOD;
    }
    const unsigned long side = strtoul(text, &end, 10);
    if (end == text || *end || side < most || side > MEDIA_MAX_SIDE)
        return tool_fail(t, WEFT_ERR_ARG,
                         "--fit is crop, stretch, or the length of the short side before the "
                         "middle is cut out, at least %u, not \"%.40s\"",
                         least ? (unsigned)most : 1u, text);
    f->short_side = (uint32_t)side;
    return EXIT_GOOD;
}

static int is_8_bit(const feed *f)
{
    return f->port.type == WEFT_TYPE_INT8 || f->port.type == WEFT_TYPE_UINT8;
}

/* The picture that an input takes, if it is one: [1][h][w][c] or [1][c][h][w], one axis less, or [h][w]. */
static void find_picture(feed *f)
{
    const weft_port_info *p = &f->port;
    const uint32_t *d = p->dims, rank = p->rank;
    uint32_t first = rank == 4 && d[0] == 1 ? 1 : 0, left = rank - first;
    if (left == 3 && !strcmp(p->layout, "NCHW"))
        f->channels_first = 1;
    else if (left == 3 && !strcmp(p->layout, "NHWC"))
        f->channels_first = 0;
    else if (left == 3)
        f->channels_first = d[first] <= FEED_MAX_CHANNELS && d[first + 2] > FEED_MAX_CHANNELS;
    if (left == 3 && first + 3 == rank) {
        f->channels = d[first + (f->channels_first ? 0 : 2)];
        f->height = d[first + (f->channels_first ? 1 : 0)];
        f->width = d[first + (f->channels_first ? 2 : 1)];
    } else if (left == 2 && d[first] > 1) {
        f->channels = 1;
        f->height = d[first];
        f->width = d[first + 1];
    }
    if (f->channels != 1 && f->channels != 3)
        f->height = f->width = f->channels = 0;
}

int feed_open(tool *t, const feed_options *o, const weft_port_info *port, feed *f)
{
    *f =
        (feed){ .port = *port, .told = o->mean || o->std || o->divide != 0.0, .pixels = o->pixels };
    f->divide = o->divide != 0.0 ? o->divide : 1.0;
    find_picture(f);
    int code = read_list(t, "--mean", o->mean, 0.0, f->mean);
    if (code == EXIT_GOOD)
        code = read_list(t, "--std", o->std, 1.0, f->std);
    for (uint32_t i = 0; i < FEED_MAX_CHANNELS && code == EXIT_GOOD; i++)
        if (!(f->std[i] > 0.0) || f->divide < 0.0)
            code = tool_fail(t, WEFT_ERR_ARG, "--std and --divide must be above 0");
    if (code == EXIT_GOOD)
        code = read_fit(t, o->fit, f);
    const int unit = port->int8_zero_point == -128 && port->int8_scale >= 0.9999f / 256 &&
                     port->int8_scale <= 1.0001f / 255;
    f->plain = !f->told && (is_8_bit(f) || unit);
    return code;
}

/* --- what a file is for the input ----------------------------------------------------------- */

static const char *dims_text(const uint64_t *dims, uint32_t rank, char *text, size_t room)
{
    size_t used = 0;
    text[0] = 0;
    for (uint32_t i = 0; i < rank && used < room; i++)
        used += (size_t)snprintf(text + used, room - used, "[%llu]", (unsigned long long)dims[i]);
    return text;
}

/* Whether the axes from `first` on are those of the input; axes of 1 do not count. */
static int same_shape(const feed *f, const media *m, uint32_t first)
{
    uint32_t k = 0, i = first;
    for (;;) {
        while (i < m->rank && m->dims[i] == 1)
            i++;
        while (k < f->port.rank && f->port.dims[k] == 1)
            k++;
        if (i == m->rank || k == f->port.rank)
            return i == m->rank && k == f->port.rank;
        if (m->dims[i++] != f->port.dims[k++])
            return 0;
    }
}

uint64_t feed_count(tool *t, const feed *f, const char *path, const media *m)
{
    uint64_t own[WEFT_MAX_DIMS];
    char have[200], want[200];
    if (m->kind == MEDIA_PICTURE && f->height)
        return 1;
    if (m->kind == MEDIA_SOUND && m->elements == f->port.elements)
        return 1;
    if (m->kind == MEDIA_ARRAY && same_shape(f, m, 0))
        return 1;
    const int flat =
        m->kind == MEDIA_ARRAY && m->rank <= 2 && m->dims[m->rank - 1] == f->port.elements;
    if (flat)
        return m->rank == 2 ? m->dims[0] : 1;
    if (m->kind == MEDIA_ARRAY && m->rank && same_shape(f, m, 1))
        return m->dims[0];
    for (uint32_t i = 0; i < f->port.rank; i++)
        own[i] = f->port.dims[i];
    tool_fail(t, WEFT_ERR_SHAPE, "%.200s is %s %s, the input \"%.60s\" %s%s", path,
              m->kind == MEDIA_SOUND     ? "a sound of"
              : m->kind == MEDIA_PICTURE ? "a picture of"
                                         : "an array of",
              dims_text(m->dims, m->rank, have, sizeof have), f->port.name,
              dims_text(own, f->port.rank, want, sizeof want),
              m->kind == MEDIA_ARRAY && m->elements % f->port.elements == 0
                  ? ": bring its axes into this order, with numpy.transpose"
                  : "");
    return 0;
}

/* Pixels, whose values the options say, or numbers as they are. */
static int is_pixels(const feed *f, const media *m)
{
    return m->kind == MEDIA_PICTURE ||
           (m->type == 'u' && m->unit_bytes == 1 && (f->pixels || f->told));
}

int feed_form(tool *t, const feed *f, const char *path, const media *m)
{
    const uint32_t type = f->port.type;
    if (is_pixels(f, m)) {
        if (f->plain)
            return WEFT_FORM_INT8;
        if (type == WEFT_TYPE_FLOAT32 && !f->told) {
            tool_fail(t, WEFT_ERR_ARG,
                      "the input \"%.60s\" is float32: say what a pixel of 0..255 becomes, as with "
                      "--divide 255, or --mean 127.5 --std 127.5",
                      f->port.name);
            return -1;
        }
        return WEFT_FORM_FLOAT32;
    }
    if (m->type == 'f')
        return WEFT_FORM_FLOAT32;
    if (m->unit_bytes == 1 &&
        ((m->type == 'i' && type == WEFT_TYPE_INT8) || (m->type == 'u' && type == WEFT_TYPE_UINT8)))
        return WEFT_FORM_INT8;
    if (type == WEFT_TYPE_INT32 || type == WEFT_TYPE_INT64)
        return WEFT_FORM_MODEL;
    if (m->type == 'u' && m->unit_bytes == 1)
        tool_fail(t, WEFT_ERR_ARG,
                  "%.200s holds uint8, which the input \"%.60s\" is not: if these are pixels of "
                  "0..255, say --pixels",
                  path, f->port.name);
    else
        tool_fail(t, WEFT_ERR_ARG,
                  "%.200s holds integers of %u bits, which the input \"%.60s\" is not: save it "
                  "with numpy.save(.., array.astype('float32'))",
                  path, (unsigned)m->unit_bytes * 8, f->port.name);
    return -1;
}

/* --- values --------------------------------------------------------------------------------- */

/* One number as element e of a buffer. */
static void put_number(const feed *f, buffer *to, size_t e, double v)
{
    const float narrow = (float)v;
    const int32_t whole = (int32_t)v;
    const int64_t wide = (int64_t)v;
    if (to->form == WEFT_FORM_FLOAT32)
        memcpy((float *)to->data + e, &narrow, sizeof narrow);
    else if (f->port.type == WEFT_TYPE_INT64)
        memcpy((int64_t *)to->data + e, &wide, sizeof wide);
    else
        memcpy((int32_t *)to->data + e, &whole, sizeof whole);
}

static void put_pixel(const feed *f, buffer *to, size_t e, uint32_t channel, unsigned p)
{
    if (to->form == WEFT_FORM_INT8)
        ((uint8_t *)to->data)[e] = (uint8_t)p ^ 0x80;
    else
        put_number(f, to, e, (p / f->divide - f->mean[channel]) / f->std[channel]);
}

/* Channel c of a pixel of a picture that may have another number of them. */
static unsigned channel_of(const uint8_t *pixel, uint32_t have, uint32_t want, uint32_t c)
{
    if (have == want)
        return pixel[c];
    return want == 1 ? (299u * pixel[0] + 587u * pixel[1] + 114u * pixel[2] + 500) / 1000
                     : pixel[0];
}

static int put_picture(tool *t, const feed *f, const media *m, buffer *to)
{
    media small = *m;
    const int fits = m->dims[0] == f->height && m->dims[1] == f->width;
    int rc = fits ? WEFT_OK : media_resize(m, f->height, f->width, f->short_side, &small, &t->err);
    const size_t plane = (size_t)f->height * f->width;
    const uint32_t have = (uint32_t)m->dims[2];
    for (size_t i = 0; i < plane && rc == WEFT_OK; i++)
        for (uint32_t c = 0; c < f->channels; c++)
            put_pixel(f, to, f->channels_first ? c * plane + i : i * f->channels + c, c,
                      channel_of(small.data + i * have, have, f->channels, c));
    if (!fits)
        media_free(&small);
    return tool_exit(rc);
}

/* The channel of element e of the input. */
static uint32_t channel_at(const feed *f, size_t e)
{
    if (!f->channels)
        return 0;
    return (uint32_t)(f->channels_first ? e / ((size_t)f->height * f->width) : e % f->channels);
}

int feed_put(tool *t, const feed *f, const char *path, const media *m, uint64_t i, buffer *to)
{
    const size_t count = (size_t)f->port.elements;
    (void)path;
    if (m->kind == MEDIA_PICTURE)
        return put_picture(t, f, m, to);
    const int pixels = is_pixels(f, m);
    const uint8_t flip = m->type == 'u' ? 0x80 : 0;
    for (size_t e = 0; e < count; e++) {
        const uint64_t at = i * count + e;
        if (pixels)
            put_pixel(f, to, e, channel_at(f, e), m->data[at]);
        else if (to->form == WEFT_FORM_INT8)
            ((uint8_t *)to->data)[e] = m->data[at] ^ flip;
        else
            put_number(f, to, e, media_number(m, at));
    }
    return EXIT_GOOD;
}

int feed_one(tool *t, const feed *f, const char *path, const media *m, buffer *to)
{
    const weft_port_info *p = &f->port;
    const int form = feed_form(t, f, path, m);
    if (form < 0)
        return tool_exit(t->err.status);
    free(to->data);
    to->form = (weft_form)form;
    to->bytes = form == WEFT_FORM_INT8    ? p->int8_bytes
                : form == WEFT_FORM_MODEL ? p->model_bytes
                                          : p->float32_bytes;
    to->data = calloc(1, to->bytes);
    return to->data ? feed_put(t, f, path, m, 0, to)
                    : tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for an input");
}
