/* weft demo: digits on the terminal, what the network says, and whether every way to run it agrees.
 *
 * Each digit goes through the reference operators (if the model is ONNX), the C model, and the
 * device of --via; their int8 outputs must be the same bytes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dataset.h"
#include "json.h"
#include "models/ref/operators/ref_graph.h"
#include "tool.h"

enum { WAYS = 3, C_MODEL = 1, DEVICE = 2 };

typedef struct demo {
    tool *t;
    model m, m_ref;
    dataset data;
    session on[WAYS]; /* of C_MODEL and DEVICE */
    io b[WAYS];
    weft_ref *ref;      /* NULL for a compiled program */
    int8_t position[8]; /* of the reference, if output 0 is one */
    uint32_t right, agreed;
} demo;

/* Two pixel rows per line of text, as characters are twice as high as wide. */
static void draw(const dataset *d, uint32_t i)
{
    static const char shade[] = " .:-=+*#%@";
    const uint8_t *p = weft_idx_image(&d->images, i);
    const uint32_t cols = d->images.cols;
    for (uint32_t y = 0; y + 1 < d->images.rows; y += 2) {
        fputs("    ", stdout);
        for (uint32_t x = 0; x < cols; x++) {
            const unsigned ink = p[y * cols + x] + p[(y + 1) * cols + x];
            putchar(shade[ink * (sizeof shade - 2) / 510]);
        }
        putchar('\n');
    }
}

static int make_buffers(demo *d)
{
    int code = EXIT_GOOD;
    for (int way = C_MODEL; way <= DEVICE && code == EXIT_GOOD; way++)
        code = io_make_answers(d->t, d->m.program, dataset_form(&d->data), &d->b[way]);
    if (code == EXIT_GOOD && d->m.graph)
        code = tool_exit(weft_ref_new(d->m.graph, &d->ref, &d->t->err));
    return code;
}

static int8_t to_int8(float steps, int32_t zero_point)
{
    const float q = rintf(steps) + (float)zero_point;
    return (int8_t)(q < -128.0f ? -128.0f : q > 127.0f ? 127.0f : q);
}

/* The output of the reference, int8 or a position; NULL if there is none. */
static const int8_t *run_reference(demo *d, uint32_t i)
{
    if (!d->ref)
        return NULL;
    const weft_graph *g = d->m.graph;
    const weft_program_port *p = &d->m.program->inputs[0];
    const size_t pixels = (size_t)d->data.images.rows * d->data.images.cols;
    const uint8_t *pixel = weft_idx_image(&d->data.images, i);
    uint8_t *data = malloc(pixels * sizeof(float));
    if (!data)
        return NULL;
    for (size_t k = 0; k < pixels; k++) {
        const float real = d->data.plain ? p->scale * (float)(pixel[k] - 128 - p->zero_point)
                                         : d->data.value[pixel[k]];
        if (p->dtype == WEFT_FLOAT32)
            memcpy(data + k * sizeof real, &real, sizeof real);
        else
            data[k] = (uint8_t)to_int8(real / p->scale, p->zero_point) ^
                      (p->dtype == WEFT_UINT8 ? 0x80 : 0);
    }
    const int rc = weft_ref_set_input(d->ref, 0, data, weft_program_port_bytes(p));
    free(data);
    if (rc != WEFT_OK)
        return NULL;
    weft_ref_run(d->ref);
    const size_t bytes = d->b[DEVICE].position_bytes;
    if (bytes)
        return weft_ref_get_output(d->ref, 0, d->position, bytes) == WEFT_OK ? d->position : NULL;
    uint32_t tensor = g->outputs[0].tensor;
    while (g->tensors[tensor].dtype == WEFT_FLOAT32 && g->tensors[tensor].producer != WEFT_NONE)
        tensor = g->nodes[g->tensors[tensor].producer].inputs[0];
    return weft_ref_tensor(d->ref, tensor);
}

static int one_digit(demo *d, uint32_t i)
{
    int code = EXIT_GOOD;
    for (int way = C_MODEL; way <= DEVICE && code == EXIT_GOOD; way++) {
        dataset_get(&d->data, i, &d->b[way].in[0]);
        code = tool_run(d->t, d->on[way].net, &d->b[way], "demo");
    }
    if (code != EXIT_GOOD)
        return code;
    const buffer *out = &d->b[DEVICE].out[0];
    const int8_t *reference = run_reference(d, i);
    const int agree = !memcmp(out->data, d->b[C_MODEL].out[0].data, out->bytes) &&
                      (!reference || !memcmp(out->data, reference, out->bytes));
    const uint32_t said = tool_answer(&d->b[DEVICE]);
    const int right = said == d->data.labels[i];
    d->right += (uint32_t)right;
    d->agreed += (uint32_t)agree;
    if (d->t->json)
        return EXIT_GOOD;
    weft_stats s = { .struct_bytes = sizeof s };
    weft_loaded_stats(d->on[DEVICE].net, &s, NULL);
    draw(&d->data, i);
    printf("    says %u, is %u: %s; %s", (unsigned)said, (unsigned)d->data.labels[i],
           right ? "right" : "WRONG", agree ? "all bytes agree" : "BYTES DIFFER");
    if (s.last_cycles)
        printf("; %u cycles", (unsigned)s.last_cycles);
    printf("\n\n");
    fflush(stdout);
    return EXIT_GOOD;
}

static void print_result(const demo *d, uint32_t n, const char *uri)
{
    weft_stats s = { .struct_bytes = sizeof s };
    weft_loaded_stats(d->on[DEVICE].net, &s, NULL);
    const double cycles = (double)s.cycles / n;
    const double peak = (double)d->m.program->hw.rows * d->m.program->hw.cols;
    const double busy =
        s.cycles ? 100.0 * (double)weft_program_macs(d->m.program) / (cycles * peak) : 0.0;
    const double speed = s.run_seconds > 0 ? (double)s.cycles / s.run_seconds : 0.0;
    if (d->t->json) {
        json j = { .to = stdout };
        json_open(&j, NULL, '{');
        json_number(&j, "digits", n);
        json_number(&j, "right", d->right);
        json_number(&j, "agreed", d->agreed);
        json_number(&j, "cycles_per_digit", cycles);
        json_number(&j, "utilisation_percent", busy);
        json_number(&j, "simulated_cycles_per_second", speed);
        json_close(&j, '}');
        return;
    }
    printf("%u of %u right; %s, C model and %s agree on %u of %u\n", (unsigned)d->right,
           (unsigned)n, d->ref ? "reference" : "(no reference)", uri, (unsigned)d->agreed,
           (unsigned)n);
    if (s.cycles)
        printf("%.0f cycles a digit, %.1f %% of the multipliers busy, %.2f M simulated cycles/s\n",
               cycles, busy, speed / 1e6);
}

static int run_digits(demo *d, uint32_t first, uint32_t n, const char *uri)
{
    int code = EXIT_GOOD;
    for (uint32_t i = 0; i < n && code == EXIT_GOOD; i++)
        code = one_digit(d, (first + i) % d->data.images.count);
    if (code != EXIT_GOOD)
        return code;
    print_result(d, n, uri);
    if (d->agreed == n)
        return EXIT_GOOD;
    weft_error_set(&d->t->err, WEFT_ERR_DEVICE, "outputs differ; weft compare names the layer");
    return EXIT_DIFFERS;
}

/* The C model in the shape of the device. */
static int open_both(demo *d, const char *uri, const char *path)
{
    char ref_uri[160];
    weft_array i = { .struct_bytes = sizeof i };
    int code = model_open(d->t, uri, path, 0, &d->on[DEVICE], &d->m);
    if (code != EXIT_GOOD)
        return code;
    weft_device_array(d->on[DEVICE].dev, &i, NULL);
    snprintf(ref_uri, sizeof ref_uri, "ref:shape=%ux%u,lanes=%u,fb=%u,acc=%u,port=%u,mem=%u",
             (unsigned)i.rows, (unsigned)i.cols, (unsigned)i.lanes, (unsigned)i.fb_words,
             (unsigned)i.acc_depth, (unsigned)i.mem_bytes, (unsigned)i.mem_size);
    return model_open(d->t, ref_uri, path, 0, &d->on[C_MODEL], &d->m_ref);
}

int cmd_demo(tool *t, int argc, char **argv)
{
    demo d = { .t = t };
    const names nobody = { 0 };
    dataset_options o = { .known = &nobody };
    const char *uri = "ref:";
    uint64_t n = 5, first = 0;
    const option table[] = { { "--via", OPTION_TEXT, &uri, "device" },
                             { "--data", OPTION_TEXT, &o.data, "directory of the MNIST files" },
                             { "--mean", OPTION_TEXT, &o.feed.mean, "subtracted from pixel / 255" },
                             { "--std", OPTION_TEXT, &o.feed.std, "then divided by this" },
                             { "-n", OPTION_NUMBER, &n, "digits" },
                             { "--first", OPTION_NUMBER, &first, "number of the first digit" } };
    arguments a;
    int code = tool_options(t, argc, argv, table, sizeof table / sizeof *table, 1, 1, &a);
    if (code != EXIT_GOOD)
        return code;
    if (n < 1 || n > 100000 || first > 1000000)
        return tool_fail(t, WEFT_ERR_ARG, "-n must be 1 to 100000, --first at most 1000000");
    code = open_both(&d, uri, a.word[0]);
    if (code == EXIT_GOOD)
        code = dataset_open(t, &o, d.m.program, &d.data);
    if (code == EXIT_GOOD)
        code = make_buffers(&d);
    if (code == EXIT_GOOD)
        code = run_digits(&d, (uint32_t)first, (uint32_t)n, uri);
    for (int way = C_MODEL; way <= DEVICE; way++) {
        io_free(&d.b[way]);
        session_close(&d.on[way]);
    }
    weft_ref_free(d.ref);
    dataset_close(&d.data);
    model_free(&d.m);
    model_free(&d.m_ref);
    return code;
}
