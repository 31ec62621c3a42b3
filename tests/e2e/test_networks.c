/* Real int8 networks of TensorFlow Lite as programs on devices: every output byte of every recorded
 * sample against what TensorFlow Lite Micro gave, and, with every tensor made an output, every
 * operator's result of the first and last sample against the reference operators (which
 * tests/models/test_tflite.c holds against the recordings).
 *
 *     test_networks DEVICE... [PART OF A NAME...]
 *
 * Prints a line a network: multiplications, cycles predicted and counted, time of this machine. */
#include <stdlib.h>
#include <string.h>

#include "e2e.h"
#include "tests/models/recorded.h"

static void show(const e2e *d, const char *name, size_t samples)
{
    uint64_t macs, cycles;
    weft_stats s = { .struct_bytes = sizeof s };
    e2e_work(d, &macs, &cycles);
    weft_loaded_stats(d->net, &s, NULL);
    const double runs = (double)(s.runs ? s.runs : 1);
    printf("%-42s %s %zu samples, %9" PRIu64 " MACs, %8" PRIu64 " cycles predicted, %8.0f counted"
           ", %6.2f s a run\n",
           name, d->uri, samples, macs, cycles, (double)s.cycles / runs, s.run_seconds / runs);
}

static void outputs(e2e *d, const char *name, const recorded_net *n)
{
    weft_error err;
    if (e2e_load(d, n->graph, name, &err) != WEFT_OK)
        return;
    for (size_t i = 0; i < n->samples; i++)
        if (!e2e_run(d, n->graph, name, n->in.bytes + i * n->in_bytes,
                     n->out.bytes + i * n->out_bytes))
            return;
    show(d, name, n->samples);
}

static void operators(e2e *d, const char *name, recorded_net *n, uint64_t *seen)
{
    char text[192];
    weft_error err = { 0 };
    const int rc = weft_graph_expose(n->graph, &err);
    CHECK(d->t, rc == WEFT_OK, "%s: %s", name, err.text);
    if (rc != WEFT_OK)
        return;
    snprintf(text, sizeof text, "%s, every tensor", name);
    const size_t last = n->samples - 1;
    int good = e2e_against_reference(d, n->graph, text, n->in.bytes);
    if (good && last)
        good = e2e_against_reference(d, n->graph, text, n->in.bytes + last * n->in_bytes);
    *seen += good ? n->graph->output_count : 0;
}

static void on_device(test *t, const char *uri, const recorded_list *list, uint64_t *run,
                      uint64_t *tensors)
{
    e2e d;
    if (!e2e_open(t, uri, &d))
        return;
    for (unsigned i = 0; i < list->count; i++) {
        weft_error err = { 0 };
        recorded_net n;
        const int rc = recorded_open(list->name[i], &n, &err);
        CHECK(t, rc == WEFT_OK, "%s: %s", list->name[i], err.text);
        if (rc == WEFT_OK) {
            outputs(&d, list->name[i], &n);
            operators(&d, list->name[i], &n, tensors);
            ++*run;
        }
        recorded_close(&n);
    }
    CHECK(t, d.refused == 0, "%s refuses %" PRIu64, uri, d.refused);
    e2e_close(&d);
}

int main(int argc, char **argv)
{
    test t = test_begin("networks", argc, argv, 1, 1);
    int devices = 1;
    while (devices < argc && strchr(argv[devices], ':'))
        devices++;
    recorded_list list;
    uint64_t run = 0, tensors = 0;
    if (!recorded_networks(&list, argc - devices, argv + devices))
        return test_skip(&t, "the recorded networks are not here (WEFT_DATA says where)");
    CHECK(&t, list.count > 0 && devices > 1, "no network or no device");
    for (int i = 1; i < devices; i++)
        on_device(&t, argv[i], &list, &run, &tensors);
    char what[160];
    snprintf(what, sizeof what,
             "%" PRIu64 " compiled networks equal to TensorFlow Lite Micro, %" PRIu64
             " tensors inside to the reference",
             run, tensors);
    return test_end(&t, what);
}
