/* What weft serve asks a network; the contract is in serve.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "outputs.h"
#include "serve.h"
#include "text_file.h"

/* --- opening -------------------------------------------------------------------------------- */

static int check_input(tool *t, const feed_options *o, serve_net *n)
{
    weft_port_info p = { .struct_bytes = sizeof p };
    const media any = { .kind = MEDIA_PICTURE, .type = 'u', .unit_bytes = 1 };
    if (n->m.program->input_count != 1)
        return tool_fail(t, WEFT_ERR_SHAPE, "the network has %u inputs, serve takes one picture",
                         (unsigned)n->m.program->input_count);
    weft_program_describe_input(n->m.program, 0, &p, NULL);
    const int code = feed_open(t, o, &p, &n->feed);
    if (code != EXIT_GOOD)
        return code;
    if (!n->feed.height)
        return tool_fail(t, WEFT_ERR_SHAPE,
                         "the input \"%.60s\" is no picture of 1 or 3 channels, which serve needs: "
                         "see weft run",
                         p.name);
    return feed_form(t, &n->feed, "", &any) < 0 ? tool_exit(t->err.status) : EXIT_GOOD;
}

int serve_net_open(tool *t, const char *uri, const char *path, const char *names_file,
                   feed_options *o, serve_net *n)
{
    profile_layer all;
    *n = (serve_net){ .t = t };
    int code = names_for(t, path, names_file, o, n->mean, n->std, &n->known);
    if (code == EXIT_GOOD)
        code = model_open(t, uri, path, 0, &n->on, &n->m);
    if (code == EXIT_GOOD)
        code = check_input(t, o, n);
    if (code == EXIT_GOOD)
        code = io_make(t, n->m.program, WEFT_FORM_INT8, WEFT_FORM_MODEL, &n->b);
    if (code == EXIT_GOOD) {
        profile_expect(n->m.program, &all);
        n->microjoules = profile_joule(&all).all;
    }
    return code;
}

int serve_net_close(serve_net *n)
{
    weft_job_free(n->job);
    io_free(&n->b);
    model_free(&n->m);
    names_free(&n->known);
    return session_close(&n->on);
}

char *serve_net_about(const serve_net *n, const char *path, const char *uri)
{
    text_file f;
    if (!text_begin(&f))
        return NULL;
    const weft_hw *hw = &n->m.program->hw;
    const char *slash = strrchr(path, '/');
    json j = { .to = f.to };
    json_open(&j, NULL, '{');
    json_text(&j, "network", slash ? slash + 1 : path);
    json_text(&j, "device", uri);
    json_number(&j, "rows", hw->rows);
    json_number(&j, "cols", hw->cols);
    json_number(&j, "height", n->feed.height);
    json_number(&j, "width", n->feed.width);
    json_number(&j, "channels", n->feed.channels);
    json_number(&j, "macs", (double)weft_program_macs(n->m.program));
    json_number(&j, "most_bytes", SERVE_MOST_BYTES);
    json_open(&j, "layers", '[');
    for (uint32_t i = 0; i < n->m.program->layer_count; i++) {
        const weft_program_layer *l = &n->m.program->layers[i];
        json_open(&j, NULL, '{');
        json_text(&j, "name", l->name);
        json_text(&j, "op", weft_op_name((weft_op)l->op));
        json_number(&j, "macs", (double)l->macs);
        json_number(&j, "predicted_cycles", (double)l->cycles);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
    return text_end(&f);
}

/* --- an answer ------------------------------------------------------------------------------ */

/* The HTTP status of an error: the picture's, or ours. */
static unsigned http_status(int status)
{
    switch (status) {
    case WEFT_ERR_UNSUPPORTED: return HTTP_UNSUPPORTED_MEDIA_TYPE;
    case WEFT_ERR_FORMAT:
    case WEFT_ERR_ARG: return HTTP_BAD_REQUEST;
    case WEFT_ERR_SHAPE: return HTTP_UNPROCESSABLE_CONTENT;
    case WEFT_ERR_NO_MEMORY:
    case WEFT_ERR_BUSY:
    case WEFT_ERR_LINK:
    case WEFT_ERR_CANCELLED:
    case WEFT_ERR_NO_DEVICE: return HTTP_SERVICE_UNAVAILABLE;
    default: return HTTP_INTERNAL_SERVER_ERROR;
    }
}

/* The status for what is in t->err, which is cleared: the next picture may do better. */
static unsigned refused(serve_net *n, char **json_text)
{
    const unsigned status = http_status(n->t->err.status);
    *json_text = serve_refusal(n->t->err.text);
    n->t->err = (weft_error){ 0 };
    return status;
}

/* Whether the values are probabilities already; else the sum of their exponentials, the largest taken off. */
static int are_probabilities(const weft_port_info *p, const buffer *b, double most, double *sum)
{
    double plain = 0;
    int good = 1;
    *sum = 0;
    for (size_t i = 0; i < p->elements; i++) {
        const double v = output_real(p, b, i);
        good = good && v >= 0;
        plain += v;
        *sum += exp(v - most);
    }
    return good && plain > 0.95 && plain < 1.05; /* in steps of 1/256 they add up to about 1 */
}

static void json_class(json *j, const serve_net *n, size_t index)
{
    json_number(j, "class", (double)index);
    if (index < n->known.count && n->known.text[index])
        json_text(j, "name", n->known.text[index]);
}

/* Output 0: the best classes, or the one position it is. */
static void json_best(json *j, const serve_net *n)
{
    weft_port_info p = { .struct_bytes = sizeof p };
    const buffer *b = &n->b.out[0];
    size_t best[SERVE_TOP];
    double sum;
    weft_program_describe_output(n->m.program, 0, &p, NULL);
    const uint32_t count = outputs_best(&p, b, SERVE_TOP, best);
    const double most = count ? output_real(&p, b, best[0]) : 0;
    const int plain = count && are_probabilities(&p, b, most, &sum);
    if (count)
        json_text(j, "probabilities", plain ? "of the network" : "softmax of its scores");
    json_open(j, "top", '[');
    for (uint32_t k = 0; k < count; k++) {
        const double v = output_real(&p, b, best[k]);
        json_open(j, NULL, '{');
        json_class(j, n, best[k]);
        json_number(j, "value", v);
        json_number(j, "probability", plain ? v : exp(v - most) / sum);
        json_close(j, '}');
    }
    const int position = p.type == WEFT_TYPE_INT32 || p.type == WEFT_TYPE_INT64;
    const double at = position && p.elements == 1 ? output_element(b, p.type, 0) : -1;
    if (at >= 0) {
        json_open(j, NULL, '{');
        json_class(j, n, (size_t)at);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static char *answer(const serve_net *n, uint64_t cycles)
{
    text_file f;
    if (!text_begin(&f))
        return NULL;
    const weft_hw *hw = &n->m.program->hw;
    const double peak = (double)hw->rows * hw->cols * (double)cycles;
    json j = { .to = f.to };
    json_open(&j, NULL, '{');
    outputs_json(&j, n->m.program, &n->b);
    json_best(&j, n);
    json_number(&j, "cycles", (double)cycles);
    json_number(&j, "utilisation_percent",
                cycles ? 100.0 * (double)weft_program_macs(n->m.program) / peak : 0.0);
    json_number(&j, "microjoules", n->microjoules);
    json_number(&j, "seconds", tool_seconds() - n->began);
    json_close(&j, '}');
    return text_end(&f);
}

/* The picture into the input.  An exit code. */
static int put_picture(serve_net *n, const uint8_t *bytes, size_t count)
{
    tool *t = n->t;
    media m = { 0 };
    int code =
        media_detect(bytes, count) == MEDIA_PICTURE
            ? tool_exit(media_read("the picture", bytes, count, NULL, &m, &t->err))
            : tool_fail(t, WEFT_ERR_UNSUPPORTED,
                        "this is no picture that can be read: give PNG, JPEG, PPM, PGM or BMP");
    if (code == EXIT_GOOD && m.dims[0] * m.dims[1] > SERVE_MOST_PIXELS)
        code = tool_fail(t, WEFT_ERR_SHAPE, "a picture of %llu x %llu pixels is too large here",
                         (unsigned long long)m.dims[1], (unsigned long long)m.dims[0]);
    if (code == EXIT_GOOD)
        code = feed_one(t, &n->feed, "the picture", &m, &n->b.in[0]);
    media_free(&m);
    return code;
}

unsigned serve_net_begin(serve_net *n, const uint8_t *bytes, size_t count, char **json_text)
{
    weft_error *err = &n->t->err;
    weft_device_info info = { .struct_bytes = sizeof info };
    n->began = tool_seconds();
    if (put_picture(n, bytes, count) != EXIT_GOOD)
        return refused(n, json_text);
    int rc = weft_device_describe(n->on.dev, &info, err);
    if (rc == WEFT_OK && info.lost)
        rc = weft_recover(n->on.dev, err);
    if (rc == WEFT_OK)
        rc = io_submit(n->on.net, &n->b, &n->job, err);
    return rc == WEFT_OK ? 0 : refused(n, json_text);
}

int serve_net_end(serve_net *n, unsigned *status, char **json_text)
{
    weft_job_info info = { .struct_bytes = sizeof info };
    const int rc = weft_wait(n->job, 0, &n->t->err);
    if (rc == WEFT_ERR_TIMEOUT) {
        n->t->err = (weft_error){ 0 };
        return 0;
    }
    weft_job_describe(n->job, &info, NULL);
    weft_job_free(n->job);
    n->job = NULL;
    if (rc != WEFT_OK) {
        *status = refused(n, json_text);
        return 1;
    }
    *status = HTTP_OK;
    *json_text = answer(n, info.cycles);
    return 1;
}
