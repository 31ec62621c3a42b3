/* weft compare: the graph by the reference operators against the device, byte for byte.
 *
 * First the program as everybody runs it, by its outputs; then with every int8 tensor made
 * an output (which keeps the compiler from fusing layers), so that the first layer that differs is
 * named, its commands, and in it the first byte.  Inputs are random int8. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "models/ref/operators/ref_graph.h"
#include "tool.h"

/* Bytes; of a float32 input that the device has as it is, numbers around 0. */
static void fill_random(io *b, const weft_program *program, uint64_t seed)
{
    uint64_t x = seed * 0x9e3779b97f4a7c15u + 1;
    for (uint32_t i = 0; i < b->in_count; i++) {
        const weft_program_port *p = &program->inputs[i];
        const int floats = weft_program_is_plain(p) && p->dtype == WEFT_FLOAT32;
        const size_t step = floats ? sizeof(float) : 1;
        for (size_t k = 0; k < b->in[i].bytes; k += step) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            const float number = (float)(int32_t)(x >> 32) * 0x1p-29f;
            const uint8_t byte = (uint8_t)(x >> 32);
            memcpy((uint8_t *)b->in[i].data + k, floats ? (const void *)&number : &byte, step);
        }
    }
}

/* The model's own value of int8 q at a port: what the reference wants. */
static void to_model(const weft_program_port *p, const buffer *from, uint8_t *to)
{
    const int8_t *q = from->data;
    if (weft_program_is_plain(p)) {
        memcpy(to, from->data, from->bytes);
        return;
    }
    for (size_t i = 0; i < from->bytes; i++) {
        const float real = p->scale * (float)(q[i] - p->zero_point);
        if (p->dtype == WEFT_FLOAT32)
            memcpy(to + i * sizeof real, &real, sizeof real);
        else
            to[i] = (uint8_t)q[i] ^ (p->dtype == WEFT_UINT8 ? 0x80 : 0);
    }
}

static int run_reference(tool *t, const model *m, const io *b, weft_ref *r)
{
    for (uint32_t i = 0; i < b->in_count; i++) {
        const weft_program_port *p = &m->program->inputs[i];
        const size_t bytes = weft_program_port_bytes(p);
        uint8_t *data = malloc(bytes ? bytes : 1);
        if (!data)
            return tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for an input");
        to_model(p, &b->in[i], data);
        const int rc = weft_ref_set_input(r, i, data, bytes);
        free(data);
        if (rc != WEFT_OK)
            return tool_fail(t, rc, "the reference does not take input %u", (unsigned)i);
    }
    weft_ref_run(r);
    return EXIT_GOOD;
}

/* Bytes of an element of what the device gave. */
static size_t element_bytes(const weft_program_port *p)
{
    return weft_program_is_plain(p) ? weft_dtype_bytes(p->dtype) : 1;
}

/* The canonical tensor in the axis order of the port, for comparison with what the device gave. */
static void to_port_order(const weft_program_port *p, const int8_t *canonical, int8_t *to)
{
    const size_t bytes = element_bytes(p), own = weft_program_is_plain(p) ? sizeof(float) : 1;
    size_t stride[WEFT_MAX_RANK], step = 1, index = 0, count = 1;
    uint32_t at[WEFT_MAX_RANK] = { 0 };
    for (uint32_t i = p->rank; i-- > 0; step *= p->dims[i])
        stride[i] = step;
    for (uint32_t i = 0; i < p->rank; i++)
        count *= p->dims[i];
    for (size_t e = 0; e < count; e++) {
        int64_t wide = 0;
        memcpy(&wide, canonical + e * own, own); /* little-endian; a position is not below 0 */
        memcpy(to + index * bytes, &wide, bytes);
        for (uint32_t i = p->rank; i-- > 0;) {
            index += stride[p->perm[i]];
            if (++at[i] < p->dims[p->perm[i]])
                break;
            index -= stride[p->perm[i]] * at[i];
            at[i] = 0;
        }
    }
}

/* Rank of a tensor in the order of execution, to name the first layer that differs. */
static uint32_t when(const weft_graph *g, uint32_t tensor)
{
    for (uint32_t i = 0; i < g->node_count; i++)
        if (g->nodes[g->order[i]].output == tensor)
            return i;
    return 0;
}

typedef struct difference {
    uint32_t found, output, at_time; /* found: outputs that differ */
    size_t index, bytes;
    double got, want; /* of the first byte that differs, or its float32 */
} difference;

/* The number that byte k is, or belongs to. */
static double number_at(const weft_program_port *p, const int8_t *data, size_t k)
{
    float number;
    if (!weft_program_is_plain(p) || p->dtype != WEFT_FLOAT32)
        return data[k];
    memcpy(&number, data + k / sizeof number * sizeof number, sizeof number);
    return (double)number;
}

static int look(tool *t, const model *m, const io *b, const weft_ref *r, difference *d)
{
    *d = (difference){ .at_time = UINT32_MAX };
    for (uint32_t i = 0; i < b->out_count; i++) {
        const weft_program_port *p = &m->program->outputs[i];
        const uint32_t tensor = m->behind[i];
        const int8_t *canonical = weft_ref_tensor(r, tensor), *got = b->out[i].data;
        int8_t *want = malloc(b->out[i].bytes);
        if (!want || !canonical) {
            free(want);
            return tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory to compare output %u", (unsigned)i);
        }
        if (weft_program_position(p)) /* given in the order of the device */
            memcpy(want, canonical, b->out[i].bytes);
        else
            to_port_order(p, canonical, want);
        size_t k = 0;
        while (k < b->out[i].bytes && got[k] == want[k])
            k++;
        if (k < b->out[i].bytes) {
            const uint32_t time = when(m->graph, tensor);
            d->found++;
            if (time < d->at_time)
                *d = (difference){ d->found,
                                   i,
                                   time,
                                   k,
                                   b->out[i].bytes,
                                   number_at(p, got, k),
                                   number_at(p, want, k) };
        }
        free(want);
    }
    return EXIT_GOOD;
}

/* The commands that compute the tensor behind an output: "commands 3..5", or "" if no layer of the
 * program has the name of its node. */
static void name_commands(const model *m, uint32_t output, char *text, size_t room)
{
    const weft_graph *g = m->graph;
    const uint32_t node = g->tensors[m->behind[output]].producer;
    text[0] = 0;
    for (uint32_t i = 0; i < m->program->layer_count && node != WEFT_NONE; i++) {
        const weft_program_layer *l = &m->program->layers[i];
        if (l->command_count && !strcmp(l->name, g->nodes[node].name))
            snprintf(text, room, ", commands %u..%u", (unsigned)l->first_command,
                     (unsigned)(l->first_command + l->command_count - 1));
    }
}

static int report(tool *t, const model *m, const difference *d, uint32_t outputs, uint64_t run)
{
    const char *name = m->program->outputs[d->output].name;
    char commands[48];
    name_commands(m, d->output, commands, sizeof commands);
    weft_error_set(&t->err, WEFT_ERR_DEVICE,
                   "run %llu: %u of %u tensors differ, first \"%.60s\" at byte %zu of %zu%s: the "
                   "device has %.9g, the reference %.9g",
                   (unsigned long long)run, (unsigned)d->found, (unsigned)outputs, name, d->index,
                   d->bytes, commands, d->got, d->want);
    if (t->json) {
        json j = { .to = stdout };
        json_open(&j, NULL, '{');
        json_bool(&j, "equal", 0);
        json_number(&j, "run", (double)run);
        json_text(&j, "tensor", name);
        json_number(&j, "byte", (double)d->index);
        json_number(&j, "device", d->got);
        json_number(&j, "reference", d->want);
        json_close(&j, '}');
    }
    return EXIT_DIFFERS;
}

typedef struct compare {
    const char *uri;
    uint64_t runs, seed;
    uint32_t outputs, tensors; /* compared, in the two rounds */
    size_t bytes;
} compare;

static void report_equal(const tool *t, const compare *c)
{
    if (!t->json) {
        printf("equal: reference and %s, %llu runs, %u outputs", c->uri,
               (unsigned long long)c->runs, (unsigned)c->outputs);
        if (c->tensors)
            printf(", then layer by layer %u tensors, %zu bytes each run", (unsigned)c->tensors,
                   c->bytes);
        printf("\n");
        return;
    }
    json j = { .to = stdout };
    json_open(&j, NULL, '{');
    json_bool(&j, "equal", 1);
    json_number(&j, "runs", (double)c->runs);
    json_number(&j, "outputs", c->outputs);
    json_number(&j, "tensors", c->tensors);
    json_number(&j, "bytes", (double)c->bytes);
    json_close(&j, '}');
}

static int compare_runs(tool *t, const compare *c, weft_loaded *net, const model *m, io *b,
                        weft_ref *r)
{
    for (uint64_t run = 0; run < c->runs; run++) {
        difference d;
        fill_random(b, m->program, c->seed + run);
        int code = tool_run(t, net, b, "compare");
        if (code == EXIT_GOOD)
            code = run_reference(t, m, b, r);
        if (code == EXIT_GOOD)
            code = look(t, m, b, r, &d);
        if (code == EXIT_GOOD && d.found)
            code = report(t, m, &d, b->out_count, run);
        if (code != EXIT_GOOD)
            return code;
        tool_progress(t, "compare", run + 1, c->runs);
    }
    return EXIT_GOOD;
}

static int compare_model(tool *t, compare *c, const char *path, int all_tensors)
{
    model m;
    io b = { 0 };
    weft_ref *r = NULL;
    session s;
    int code = model_open(t, c->uri, path, all_tensors, &s, &m);
    if (code == EXIT_GOOD && !m.graph)
        code = tool_fail(t, WEFT_ERR_ARG,
                         "a compiled program holds no graph to compare with; give the model it "
                         "was compiled from");
    if (code == EXIT_GOOD)
        code = io_make(t, m.program, WEFT_FORM_INT8, WEFT_FORM_INT8, &b);
    if (code == EXIT_GOOD)
        code = tool_exit(weft_ref_new(m.graph, &r, &t->err));
    if (code == EXIT_GOOD)
        code = compare_runs(t, c, s.net, &m, &b, r);
    *(all_tensors ? &c->tensors : &c->outputs) = b.out_count;
    for (uint32_t i = 0; i < b.out_count && all_tensors; i++)
        c->bytes += b.out[i].bytes;
    weft_ref_free(r);
    io_free(&b);
    session_close(&s);
    model_free(&m);
    return code;
}

int cmd_compare(tool *t, int argc, char **argv)
{
    compare c = { .uri = "ref:", .runs = 3, .seed = 1 };
    int only_outputs = 0;
    const option table[] = { { "--via", OPTION_TEXT, &c.uri, "device" },
                             { "-n", OPTION_NUMBER, &c.runs, "runs" },
                             { "--seed", OPTION_NUMBER, &c.seed, "of the random inputs" },
                             { "--outputs", OPTION_FLAG, &only_outputs, "compare outputs only" } };
    arguments a;
    int code = tool_options(t, argc, argv, table, sizeof table / sizeof *table, 1, 1, &a);
    if (code == EXIT_GOOD && c.runs < 1)
        code = tool_fail(t, WEFT_ERR_ARG, "-n must be 1 or more");
    if (code == EXIT_GOOD)
        code = compare_model(t, &c, a.word[0], 0);
    if (code == EXIT_GOOD && !only_outputs)
        code = compare_model(t, &c, a.word[0], 1);
    if (code == EXIT_GOOD)
        report_equal(t, &c);
    return code;
}
