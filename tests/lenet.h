/* LeNet-5 as a test subject: compiled for a C model, one input, and what the model makes of it.
 *
 *     lenet s;
 *     if (lenet_make(&t, &s, "ref:shape=4x4"))
 *         rc = lenet_infer(loaded, &s, &right, &err);
 *     lenet_free(&s);
 *
 * From the top of the tree. */
#ifndef WEFT_TESTS_LENET_H
#define WEFT_TESTS_LENET_H

#include <string.h>

#include "tests/rng.h"
#include "tests/test.h"
#include <weft/weft.h>
#include <weft/weft_compiler.h>

enum { LENET_INPUTS = 784, LENET_OUTPUTS = 10 };

typedef struct lenet {
    weft_program *program;
    float in[LENET_INPUTS], want[LENET_OUTPUTS];
} lenet;

/* One inference; the status, and whether the bytes are those wanted. */
static inline int lenet_infer(weft_loaded *net, const lenet *s, int *right, weft_error *err)
{
    float out[LENET_OUTPUTS] = { 0 };
    const weft_input input = { sizeof input, WEFT_FORM_FLOAT32, s->in, sizeof s->in };
    const weft_output output = { sizeof output, WEFT_FORM_FLOAT32, out, sizeof out };
    const int rc = weft_run(net, &input, &output, WEFT_FOREVER, err);
    *right = rc == WEFT_OK && !memcmp(out, s->want, sizeof out);
    return rc;
}

static inline int lenet_compile(weft_device *dev, weft_program **program, weft_error *err)
{
    weft_array array = { .struct_bytes = sizeof array };
    weft_network *net = NULL;
    weft_compiled *compiled = NULL;
    uint64_t bytes = 0;
    int rc = weft_device_array(dev, &array, err);
    if (rc == WEFT_OK)
        rc = weft_network_open("models/nets/lenet5/lenet5_int8.onnx", NULL, &net, err);
    if (rc == WEFT_OK)
        rc = weft_network_compile(net, &array, NULL, &compiled, err);
    if (rc == WEFT_OK) {
        const void *file = weft_compiled_bytes(compiled, &bytes);
        rc = weft_program_parse(file, bytes, program, err);
    }
    weft_compiled_close(compiled);
    weft_network_close(net);
    return rc;
}

/* Compile for the C model at the address and ask it.  Returns 1, or 0 with a failed check. */
static inline int lenet_make(test *t, lenet *s, const char *reference)
{
    weft_device *dev = NULL;
    weft_loaded *net = NULL;
    weft_error err = { 0 };
    rng r = rng_make(t->seed);
    *s = (lenet){ 0 };
    for (unsigned i = 0; i < LENET_INPUTS; i++)
        s->in[i] = (float)rng_range(&r, -100, 250) / 100.0f;
    const weft_input input = { sizeof input, WEFT_FORM_FLOAT32, s->in, sizeof s->in };
    const weft_output output = { sizeof output, WEFT_FORM_FLOAT32, s->want, sizeof s->want };
    int rc = weft_open(reference, &dev, &err);
    if (rc == WEFT_OK)
        rc = lenet_compile(dev, &s->program, &err);
    if (rc == WEFT_OK)
        rc = weft_load(dev, s->program, NULL, &net, &err);
    if (rc == WEFT_OK)
        rc = weft_run(net, &input, &output, WEFT_FOREVER, &err);
    CHECK(t, rc == WEFT_OK, "%s: %s", reference, err.text);
    weft_unload(net);
    weft_close(dev);
    return rc == WEFT_OK;
}

static inline void lenet_free(lenet *s)
{
    weft_program_close(s->program);
}

#endif
