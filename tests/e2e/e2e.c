/* See e2e.h. */
#include "e2e.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "models/compile/weft_compile.h"
#include "models/program/hw_array.h"
#include "models/program/weft_file.h"
#include "models/ref/operators/ref_graph.h"
#include "tests/random/gen_layers.h"

enum { MOST_PORTS = 512 };

int e2e_open(test *t, const char *uri, e2e *out)
{
    weft_error err = { 0 };
    weft_array a = { .struct_bytes = sizeof a };
    *out = (e2e){ .t = t, .uri = uri };
    const int rc = weft_open(uri, &out->dev, &err);
    CHECK(t, rc == WEFT_OK, "%s: %s", uri, err.text);
    if (rc != WEFT_OK)
        return 0;
    weft_device_array(out->dev, &a, NULL);
    out->hw = weft_hw_of(&a);
    return 1;
}

static void unload(e2e *d)
{
    weft_unload(d->net);
    weft_unload(d->in_front);
    d->net = d->in_front = NULL;
}

void e2e_close(e2e *d)
{
    for (int i = 0; i < E2E_REFUSALS && d->refusals[i].count; i++)
        printf("%s: %" PRIu64 " refused, first %s: %s\n", d->uri, d->refusals[i].count,
               d->refusals[i].example, d->refusals[i].text);
    unload(d);
    weft_program_free(d->program);
    weft_close(d->dev);
    *d = (e2e){ 0 };
}

/* The sentence without what differs from network to network: "*" for names, "#" for numbers. */
static void generalise(const char *from, char *to, size_t room)
{
    size_t at = 0;
    for (int quoted = 0; *from && at + 1 < room; from++) {
        if (*from == '"') {
            quoted = !quoted;
            if (quoted)
                to[at++] = '*';
        } else if (!quoted && !(isdigit((unsigned char)*from) && at && to[at - 1] == '#'))
            to[at++] = isdigit((unsigned char)*from) ? '#' : *from;
    }
    to[at] = 0;
}

void e2e_refused(e2e *d, const char *name, const weft_error *err)
{
    char text[E2E_SENTENCE];
    generalise(err->text, text, sizeof text);
    d->refused++;
    for (int i = 0; i < E2E_REFUSALS; i++) {
        if (d->refusals[i].count && strcmp(d->refusals[i].text, text) != 0)
            continue;
        if (!d->refusals[i].count++) {
            memcpy(d->refusals[i].text, text, sizeof text);
            snprintf(d->refusals[i].example, sizeof d->refusals[i].example, "%s", name);
        }
        return;
    }
}

/* A sentence of its own; and what does not fit needs more than there is. */
static int good_refusal(int rc, const char *text)
{
    const char *needs = strstr(text, " needs "), *has = strstr(text, "the device has ");
    if ((rc != WEFT_ERR_UNSUPPORTED && rc != WEFT_ERR_CAPACITY) || !*text)
        return 0;
    if (needs && has && strtoull(needs + 7, NULL, 10) <= strtoull(has + 15, NULL, 10))
        return 0;
    return !strstr(text, "cannot hold");
}

int e2e_load_file(e2e *d, const weft_program *p, weft_error *err)
{
    uint8_t *file = NULL;
    size_t bytes;
    weft_program *read = NULL;
    unload(d);
    int rc = weft_program_write(p, &file, &bytes, err);
    if (rc == WEFT_OK)
        rc = weft_program_parse(file, bytes, &read, err);
    if (rc == WEFT_OK && d->run % 4 == 3) /* its place is taken: it must go to another one */
        (void)weft_load(d->dev, read, NULL, &d->in_front, NULL);
    if (rc == WEFT_OK)
        rc = weft_load(d->dev, read, NULL, &d->net, err);
    if (rc == WEFT_ERR_CAPACITY && d->in_front) {
        weft_unload(d->in_front);
        d->in_front = NULL;
        rc = weft_load(d->dev, read, NULL, &d->net, err);
    }
    weft_program_close(read);
    free(file);
    return rc;
}

int e2e_load(e2e *d, const weft_graph *g, const char *name, weft_error *err)
{
    *err = (weft_error){ 0 };
    unload(d);
    weft_program_free(d->program);
    d->program = NULL;
    const weft_compile_options o = { .on_host = d->on_host,
                                     .sharing = d->run % 2 ? WEFT_SHARE_ALWAYS : WEFT_SHARE_BEST,
                                     .device_only = d->device_only };
    int rc = weft_compile(g, &d->hw, &o, &d->program, err);
    if (rc != WEFT_OK) {
        CHECK(d->t, good_refusal(rc, err->text), "%s on %s: %d: %s", name, d->uri, rc, err->text);
        e2e_refused(d, name, err);
        return rc;
    }
    rc = e2e_load_file(d, d->program, err);
    CHECK(d->t, rc == WEFT_OK, "%s on %s: %s", name, d->uri, err->text);
    d->run += rc == WEFT_OK;
    d->stepped += rc == WEFT_OK && d->program->step_count > 0;
    return rc;
}

size_t e2e_bytes(const weft_graph *g, const weft_port *ports, uint32_t count)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        bytes += weft_port_bytes(g, &ports[i]);
    return bytes;
}

static void cut_inputs(const weft_graph *g, const uint8_t *from, weft_input *to)
{
    for (uint32_t i = 0; i < g->input_count; from += to[i].bytes, i++)
        to[i] =
            (weft_input){ sizeof *to, WEFT_FORM_MODEL, from, weft_port_bytes(g, &g->inputs[i]) };
}

static void cut_outputs(const weft_graph *g, uint8_t *from, weft_output *to)
{
    for (uint32_t i = 0; i < g->output_count; from += to[i].bytes, i++)
        to[i] =
            (weft_output){ sizeof *to, WEFT_FORM_MODEL, from, weft_port_bytes(g, &g->outputs[i]) };
}

static int same(e2e *d, const char *name, const weft_output *got, uint32_t count,
                const uint8_t *want)
{
    for (uint32_t i = 0; i < count; want += got[i].bytes, i++) {
        const int8_t *g = got[i].data;
        size_t k = 0;
        while (k < got[i].bytes && g[k] == (int8_t)want[k])
            k++;
        if (k == got[i].bytes)
            continue;
        weft_port_info p = { .struct_bytes = sizeof p };
        weft_program_describe_output(d->program, i, &p, NULL);
        CHECK(d->t, 0, "%s on %s: output %u (%s), byte %zu of %zu is %d, not %d", name, d->uri, i,
              p.name, k, (size_t)got[i].bytes, g[k], (int8_t)want[k]);
        return 0;
    }
    d->t->checks++;
    return 1;
}

int e2e_run(e2e *d, const weft_graph *g, const char *name, const uint8_t *in, const uint8_t *want)
{
    weft_error err = { 0 };
    weft_input ins[MOST_PORTS];
    weft_output outs[MOST_PORTS];
    const size_t out_bytes = e2e_bytes(g, g->outputs, g->output_count);
    uint8_t *memory = malloc(out_bytes + 1);
    const int fits = memory && g->input_count <= MOST_PORTS && g->output_count <= MOST_PORTS;
    CHECK(d->t, fits, "%s: more than %d ports", name, MOST_PORTS);
    int equal = 0;
    if (fits) {
        memset(memory, 0x55, out_bytes);
        cut_inputs(g, in, ins);
        cut_outputs(g, memory, outs);
        const int rc = weft_run(d->net, ins, outs, WEFT_FOREVER, &err);
        CHECK(d->t, rc == WEFT_OK, "%s on %s: %s", name, d->uri, err.text);
        equal = rc == WEFT_OK && same(d, name, outs, g->output_count, want);
    }
    free(memory);
    return equal;
}

uint8_t *e2e_reference(test *t, const weft_graph *g, const char *name, const uint8_t *in)
{
    weft_error err = { 0 };
    weft_ref *r = NULL;
    uint8_t *out = malloc(e2e_bytes(g, g->outputs, g->output_count) + 1), *to = out;
    int rc = out ? weft_ref_new(g, &r, &err) : WEFT_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < g->input_count && rc == WEFT_OK; i++) {
        const size_t bytes = weft_port_bytes(g, &g->inputs[i]);
        rc = weft_ref_set_input(r, i, in, bytes);
        in += bytes;
    }
    if (rc == WEFT_OK)
        weft_ref_run(r);
    for (uint32_t i = 0; i < g->output_count && rc == WEFT_OK; i++) {
        const size_t bytes = weft_port_bytes(g, &g->outputs[i]);
        rc = weft_ref_get_output(r, i, to, bytes);
        to += bytes;
    }
    CHECK(t, rc == WEFT_OK, "%s: the reference: %d %s", name, rc, err.text);
    weft_ref_free(r);
    if (rc == WEFT_OK)
        return out;
    free(out);
    return NULL;
}

int e2e_against_reference(e2e *d, const weft_graph *g, const char *name, const uint8_t *in)
{
    weft_error err;
    if (e2e_load(d, g, name, &err) != WEFT_OK)
        return 0;
    uint8_t *want = e2e_reference(d->t, g, name, in);
    const int equal = want && e2e_run(d, g, name, in, want);
    free(want);
    return equal;
}

void e2e_work(const e2e *d, uint64_t *macs, uint64_t *cycles)
{
    *macs = d->program ? weft_program_macs(d->program) : 0;
    *cycles = d->program ? weft_program_cycles(d->program) : 0;
}

/* --- random networks -------------------------------------------------------------------------- */

uint8_t *e2e_draw_inputs(rng *r, const weft_graph *g, size_t *bytes)
{
    *bytes = e2e_bytes(g, g->inputs, g->input_count);
    uint8_t *in = malloc(*bytes + 1), *to = in;
    for (uint32_t i = 0; i < g->input_count && in; i++) {
        const weft_tensor *t = &g->tensors[g->inputs[i].tensor];
        const size_t count = weft_port_bytes(g, &g->inputs[i]);
        if (t->dtype == WEFT_FLOAT32)
            for (size_t k = 0; k < count; k += sizeof(float)) {
                const float x = (float)rng_range(r, -300000, 300000) / 10000.0f;
                memcpy(to + k, &x, sizeof x);
            }
        else
            gen_input(r, (int8_t *)to, count);
        to += count;
    }
    return in;
}

void e2e_random(e2e *d, rng *r, weft_graph *g, uint64_t number, const char *name)
{
    weft_error err = { 0 };
    size_t bytes;
    uint8_t on_host[GEN_MOST_NODES];
    if (number % 4 == 3)
        CHECK(d->t, weft_graph_expose(g, &err) == WEFT_OK, "%s: %s", name, err.text);
    uint8_t *in = e2e_draw_inputs(r, g, &bytes);
    if (in) {
        gen_on_host(r, g, on_host);
        d->on_host = g->node_count <= GEN_MOST_NODES ? on_host : NULL;
        (void)e2e_against_reference(d, g, name, in);
        d->on_host = NULL;
    }
    free(in);
}

e2e_tally e2e_in_turns(test *t, int count, char **uris, void (*one)(e2e *d, uint64_t number))
{
    enum { MOST = 16 };
    e2e d[MOST];
    const uint64_t only = test_number("CASE", UINT64_MAX);
    e2e_tally all = { 0 };
    while (all.devices < MOST && all.devices < count &&
           e2e_open(t, uris[all.devices], &d[all.devices]))
        all.devices++;
    CHECK(t, all.devices > 0 && all.devices == count, "devices: 1 to %d", MOST);
    for (uint64_t i = 0; i < t->n && all.devices && t->failures < 10; i++)
        for (int k = 0; k < all.devices; k++)
            if (only == UINT64_MAX ? i % (uint64_t)all.devices == (uint64_t)k : only == i)
                one(&d[k], i);
    for (int k = 0; k < all.devices; k++) {
        all.run += d[k].run;
        all.refused += d[k].refused;
        all.stepped += d[k].stepped;
        e2e_close(&d[k]);
    }
    return all;
}
