/* A program that uses a board, for tests: LeNet-5 on a device, and whether its bytes are those of the C model.
 *
 * The program's file is made by `weft compile` for CLIENT_REFERENCE's array, which is that of the simulated "4x4". */
#ifndef WEFT_TESTS_CLIENT_H
#define WEFT_TESTS_CLIENT_H

#include <string.h>

#include "tests/rng.h"
#include <weft/weft.h>

#define CLIENT_SHAPE     "4x4"
#define CLIENT_REFERENCE "ref:shape=4x4,port=8,fb=1024,acc=64"

enum { CLIENT_INPUTS = 784, CLIENT_OUTPUTS = 10 };

typedef struct client {
    const char *path;
    float in[CLIENT_INPUTS], want[CLIENT_OUTPUTS];
} client;

static inline int client_infer(weft_loaded *net, const client *c, float *out, weft_error *err)
{
    const weft_input input = { sizeof input, WEFT_FORM_FLOAT32, c->in, sizeof c->in };
    const weft_output output = { sizeof output, WEFT_FORM_FLOAT32, out,
                                 CLIENT_OUTPUTS * sizeof *out };
    return weft_run(net, &input, &output, WEFT_FOREVER, err);
}

/* Open, load, run so many times, close.  *right: the outputs of all were those wanted. */
static inline int client_use(const client *c, const char *address, unsigned times, float *out,
                             int *right, weft_error *err)
{
    weft_device *dev = NULL;
    weft_loaded *net = NULL;
    int rc = weft_open(address, &dev, err);
    if (rc == WEFT_OK)
        rc = weft_load_file(dev, c->path, &net, err);
    *right = 1;
    for (unsigned i = 0; i < times && rc == WEFT_OK; i++) {
        rc = client_infer(net, c, out, err);
        *right &= rc == WEFT_OK && !memcmp(out, c->want, sizeof c->want);
    }
    weft_unload(net);
    weft_close(dev);
    return rc;
}

/* A random input, and what the C model makes of it. */
static inline int client_begin(client *c, const char *path, uint64_t seed, weft_error *err)
{
    rng r = rng_make(seed);
    float out[CLIENT_OUTPUTS];
    int right;
    c->path = path;
    for (unsigned i = 0; i < CLIENT_INPUTS; i++)
        c->in[i] = (float)rng_range(&r, 0, 255) / 255.0f;
    const int rc = client_use(c, CLIENT_REFERENCE, 1, out, &right, err);
    memcpy(c->want, out, sizeof out);
    return rc;
}

#endif
