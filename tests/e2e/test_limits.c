/* Devices that are too small, or just large enough, for the recorded networks of TensorFlow Lite.
 *
 * Device memory: with exactly the bytes the compiler says it needs a network gives the recorded
 * outputs, with 32 less it is refused, naming the bytes and the layers.  Feature buffer: every tiny
 * device either gives the recorded outputs or is refused, naming the layer and the bytes it needs;
 * then it gives them with such layers on the host.
 *
 *     test_limits [PART OF A NAME...]      prints what each tiny device does with each network */
#include <stdlib.h>
#include <string.h>

#include "e2e.h"
#include "models/compile/weft_compile.h"
#include "tests/models/recorded.h"

/* 1 if the network runs on this device as recorded, first sample. */
static int runs(test *t, const char *uri, const char *name, const recorded_net *n, int device_only,
                weft_error *err)
{
    e2e d;
    if (!e2e_open(t, uri, &d))
        return 0;
    d.device_only = device_only;
    const int loaded = e2e_load(&d, n->graph, name, err) == WEFT_OK;
    const int good = loaded && e2e_run(&d, n->graph, name, n->in.bytes, n->out.bytes);
    CHECK(t, good || !loaded, "%s on %s: other bytes", name, uri);
    if (loaded) {
        uint64_t macs, cycles;
        e2e_work(&d, &macs, &cycles);
        printf("%-44s %s: %" PRIu64 " cycles predicted\n", name, uri, cycles);
    } else {
        printf("%-44s %s: %s\n", name, uri, err->text);
    }
    d.refusals[0].count = 0; /* said already */
    e2e_close(&d);
    return good;
}

static void device_memory(test *t, const char *name, const recorded_net *n)
{
    weft_hw hw = weft_hw_default(0);
    weft_program *p = NULL;
    weft_error err = { 0 };
    char uri[64], number[32];
    const int rc = weft_compile(n->graph, &hw, NULL, &p, &err);
    CHECK(t, rc == WEFT_OK, "%s: %s", name, err.text);
    const uint32_t needed = p ? p->win_limit : 0;
    weft_program_free(p);
    if (needed < 8192) /* a device has 4096 at least */
        return;
    snprintf(uri, sizeof uri, "ref:mem=%" PRIu32, needed);
    CHECK(t, runs(t, uri, name, n, 1, &err), "%s does not run in the %s it needs", name, uri);
    snprintf(uri, sizeof uri, "ref:mem=%" PRIu32, needed - 32);
    snprintf(number, sizeof number, "needs %" PRIu32 " bytes", needed);
    CHECK(t,
          !runs(t, uri, name, n, 1, &err) && strstr(err.text, number) && strstr(err.text, "layer"),
          "%s on %s: \"%s\"", name, uri, err.text);
}

static void tiny_device(test *t, const char *uri, const char *name, const recorded_net *n,
                        unsigned *run, unsigned *refused)
{
    weft_error err = { 0 };
    if (runs(t, uri, name, n, 1, &err)) {
        ++*run;
        return;
    }
    CHECK(t,
          err.status == WEFT_ERR_CAPACITY && strstr(err.text, "layer \"") &&
              strstr(err.text, "bytes of feature buffer"),
          "%s on %s: \"%s\"", name, uri, err.text);
    CHECK(t, runs(t, uri, name, n, 0, &err), "%s on %s, with the host: %s", name, uri, err.text);
    ++*refused;
}

int main(int argc, char **argv)
{
    static const char *const tiny[] = {
        "ref:shape=4x4,port=4,fb=2048,acc=16", "ref:shape=4x4,port=4,fb=256,acc=64",
        "ref:shape=4x4,port=4,fb=64,acc=16",   "ref:shape=8x8,port=8,fb=64,acc=32",
        "ref:shape=16x16,fb=64,acc=16",        "ref:shape=32x32,port=32,fb=64,acc=16"
    };
    test t = test_begin("limits", argc, argv, 1, 1);
    recorded_list list;
    unsigned run = 0, refused = 0;
    if (!recorded_networks(&list, argc - 1, argv + 1))
        return test_skip(&t, "the recorded networks are not here (WEFT_DATA says where)");
    for (unsigned i = 0; i < list.count; i++) {
        recorded_net n;
        weft_error err = { 0 };
        const int rc = recorded_open(list.name[i], &n, &err);
        CHECK(&t, rc == WEFT_OK, "%s: %s", list.name[i], err.text);
        if (rc == WEFT_OK)
            device_memory(&t, list.name[i], &n);
        for (unsigned k = 0; k < sizeof tiny / sizeof *tiny && rc == WEFT_OK; k++)
            tiny_device(&t, tiny[k], list.name[i], &n, &run, &refused);
        recorded_close(&n);
    }
    char what[160];
    snprintf(what, sizeof what,
             "%u networks in exactly their memory; on tiny devices %u as recorded, %u "
             "only with layers on the host",
             list.count, run, refused);
    return test_end(&t, what);
}
