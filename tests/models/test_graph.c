/* Building and checking graphs: every rule of weft_graph_check refuses its violation, in a sentence
 * that names the node, and a sound graph passes with a right order and right consumers. */
#include <string.h>

#include "models/graph/graph.h"
#include "tests/rng.h"
#include "tests/test.h"

static const float one = 1.0f;
static const int32_t zero = 0;
static const weft_quant unit = { 1, 0, &one, &zero };

/* x int8 [1][4][4][2] -> CONV_2D 3x3, pad 1 -> y [1][4][4][3].  A case changes one thing. */
typedef struct parts {
    weft_tensor_desc x, w, b, y;
    weft_conv_2d conv;
    weft_node_desc node;
    uint32_t inputs[3];
    int8_t weights[64];
    int32_t bias[3];
    int outputs;
} parts;

static void parts_init(parts *p)
{
    memset(p, 0, sizeof *p);
    memset(p->weights, 1, sizeof p->weights);
    p->x = (weft_tensor_desc){ .name = "x", .rank = 4, .dims = { 1, 4, 4, 2 }, .quant = unit };
    p->w = (weft_tensor_desc){
        .name = "w", .rank = 4, .dims = { 3, 3, 3, 2 }, .quant = unit, .data = p->weights
    };
    p->b = (weft_tensor_desc){
        .name = "b", .dtype = WEFT_INT32, .rank = 1, .dims = { 3 }, .data = p->bias
    };
    p->y = (weft_tensor_desc){ .name = "y", .rank = 4, .dims = { 1, 4, 4, 3 }, .quant = unit };
    p->conv = (weft_conv_2d){ { 3, 3, 1, 1, 1, 1, 1, 1, 1, 1 }, 1, { -128, 127 } };
    p->inputs[1] = 1;
    p->inputs[2] = 2;
    p->node = (weft_node_desc){ .op = WEFT_OP_CONV_2D,
                                .name = "the conv",
                                .requant = WEFT_REQUANT_ONNX,
                                .input_count = 3,
                                .inputs = p->inputs,
                                .output = 3,
                                .attr = &p->conv };
    p->outputs = 1;
}

static weft_port port_of(const weft_tensor_desc *d, uint32_t tensor)
{
    weft_port p = { .name = d->name, .dtype = d->dtype, .rank = d->rank, .tensor = tensor };
    memcpy(p.dims, d->dims, sizeof p.dims);
    for (uint32_t i = 0; i < WEFT_MAX_RANK; i++)
        p.perm[i] = i;
    return p;
}

/* The status of building and checking the parts; the graph is freed. */
static int check_parts(const parts *p, weft_error *err)
{
    weft_graph *g = NULL;
    weft_port x = port_of(&p->x, 0), y = port_of(&p->y, 3);
    int rc = weft_graph_new(&g);
    if (rc == WEFT_OK)
        rc = weft_graph_add_tensor(g, &p->x, NULL);
    if (rc == WEFT_OK)
        rc = weft_graph_add_tensor(g, &p->w, NULL);
    if (rc == WEFT_OK)
        rc = weft_graph_add_tensor(g, &p->b, NULL);
    if (rc == WEFT_OK)
        rc = weft_graph_add_tensor(g, &p->y, NULL);
    if (rc == WEFT_OK)
        rc = weft_graph_add_node(g, &p->node, NULL);
    if (rc == WEFT_OK)
        rc = weft_graph_add_input(g, &x);
    if (rc == WEFT_OK && p->outputs)
        rc = weft_graph_add_output(g, &y);
    if (rc == WEFT_OK)
        rc = weft_graph_check(g, err);
    weft_graph_free(g);
    return rc;
}

#define REFUSED(t, change, status, word)                                                           \
    do {                                                                                           \
        parts p;                                                                                   \
        weft_error err = { 0 };                                                                    \
        parts_init(&p);                                                                            \
        change;                                                                                    \
        int rc = check_parts(&p, &err);                                                            \
        CHECK(t, rc == (status) && strstr(err.text, word), "%s: %s \"%s\"", #change,               \
              weft_status_name(rc), err.text);                                                     \
    } while (0)

static void check_conv_rules(test *t)
{
    static const float nan_scale = -1.0f, tiny = 1e-38f;
    static const int32_t far_zero = 200;
    const weft_quant none = { 0 }, bad_scale = { 1, 0, &nan_scale, &zero },
                     bad_zero = { 1, 0, &one, &far_zero }, small = { 1, 0, &tiny, &zero };
    REFUSED(t, (void)0, WEFT_OK, "");
    REFUSED(t, p.node.input_count = 2, WEFT_OK, "");
    REFUSED(t, p.inputs[2] = WEFT_NONE, WEFT_OK, "");
    REFUSED(t, p.inputs[1] = WEFT_NONE, WEFT_ERR_ARG, "");
    REFUSED(t, p.inputs[0] = 9, WEFT_ERR_ARG, "");
    REFUSED(t, p.node.attr = NULL, WEFT_ERR_ARG, "");
    REFUSED(t, p.node.requant = WEFT_REQUANT_DIV, WEFT_ERR_ARG, "");
    REFUSED(t, p.node.op = WEFT_OP_COUNT, WEFT_ERR_ARG, "");
    REFUSED(t, p.node.output = 1, WEFT_ERR_ARG, "");
    REFUSED(t, p.x.dims[1] = 0, WEFT_ERR_ARG, "");
    REFUSED(t, p.x.rank = 7, WEFT_ERR_ARG, "");
    REFUSED(t, p.outputs = 0, WEFT_ERR_FORMAT, "no output");
    REFUSED(t, p.node.output = 0, WEFT_ERR_FORMAT, "\"x\"");
    REFUSED(t, p.w.data = NULL, WEFT_ERR_FORMAT, "\"w\"");
    REFUSED(t, p.x.dims[0] = 2, WEFT_ERR_UNSUPPORTED, "the conv");
    REFUSED(t, p.y.dims[1] = 5, WEFT_ERR_SHAPE, "the conv");
    REFUSED(t, p.y.dims[3] = 4, WEFT_ERR_SHAPE, "the conv");
    REFUSED(t, p.w.dims[3] = 1, WEFT_ERR_SHAPE, "the conv");
    REFUSED(t, p.w.dims[1] = 2, WEFT_ERR_SHAPE, "the conv");
    REFUSED(t, p.b.dims[0] = 2, WEFT_ERR_SHAPE, "the conv");
    REFUSED(t, p.conv.groups = 2, WEFT_ERR_SHAPE, "the conv");
    REFUSED(t, p.conv.groups = 0, WEFT_ERR_SHAPE, "the conv");
    REFUSED(t, p.conv.window.stride_h = 0, WEFT_ERR_RANGE, "the conv");
    REFUSED(t, p.conv.window.pad_top = 70000, WEFT_ERR_RANGE, "the conv");
    REFUSED(t, p.conv.window.dilation_w = 9, WEFT_ERR_SHAPE, "the conv");
    REFUSED(t, p.conv.clamp.lo = -129, WEFT_ERR_RANGE, "the conv");
    REFUSED(t, (p.conv.clamp = (weft_clamp){ 5, 4 }), WEFT_ERR_RANGE, "the conv");
    REFUSED(t, p.x.quant = none, WEFT_ERR_SHAPE, "\"x\"");
    REFUSED(t, p.x.quant = bad_scale, WEFT_ERR_RANGE, "\"x\"");
    REFUSED(t, p.x.quant = bad_zero, WEFT_ERR_RANGE, "\"x\"");
    REFUSED(t, p.w.quant = none, WEFT_ERR_SHAPE, "the conv");
    REFUSED(t, p.x.dtype = WEFT_UINT8, WEFT_ERR_UNSUPPORTED, "\"x\"");
    REFUSED(t, (p.y.quant = small, p.node.requant = WEFT_REQUANT_TFLITE), WEFT_ERR_RANGE,
            "the conv");
    REFUSED(t, p.bias[1] = INT32_MAX - 2303, WEFT_ERR_RANGE, "the conv");
    REFUSED(t, p.bias[1] = -(INT32_MAX - 2304), WEFT_OK, "");
}

/* A chain x -> TABLE -> ... of n nodes added in a random order, or closed into a ring. */
static weft_graph *chain(test *t, rng *r, uint32_t n, int ring)
{
    static const int8_t entries[256] = { 0 };
    const weft_table table = { entries };
    weft_graph *g = NULL;
    uint32_t order[64];
    CHECK(t, weft_graph_new(&g) == WEFT_OK && n <= 64, "new");
    weft_tensor_desc d = { .name = "t", .rank = 1, .dims = { 4 }, .quant = unit };
    for (uint32_t i = 0; i <= n; i++)
        weft_graph_add_tensor(g, &d, NULL);
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    for (uint32_t i = n; i-- > 1;) {
        uint32_t k = (uint32_t)rng_range(r, 0, (int32_t)i), swap = order[i];
        order[i] = order[k];
        order[k] = swap;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t in = order[i] == 1 && ring ? n : order[i];
        weft_node_desc node = { .op = WEFT_OP_TABLE,
                                .name = "link",
                                .input_count = 1,
                                .inputs = &in,
                                .output = order[i] + 1,
                                .attr = &table };
        CHECK(t, weft_graph_add_node(g, &node, NULL) == WEFT_OK, "node %u", i);
    }
    weft_port x = port_of(&d, 0), y = port_of(&d, n);
    weft_graph_add_input(g, &x);
    weft_graph_add_output(g, &y);
    return g;
}

static void check_order(test *t, rng *r)
{
    for (int round = 0; round < 200; round++) {
        uint32_t n = (uint32_t)rng_range(r, 2, 64);
        weft_error err = { 0 };
        weft_graph *g = chain(t, r, n, 0);
        CHECK(t, weft_graph_check(g, &err) == WEFT_OK, "chain of %u: %s", n, err.text);
        for (uint32_t i = 0; i < n && g->checked; i++) {
            const weft_tensor *x = &g->tensors[g->nodes[g->order[i]].inputs[0]];
            CHECK(t, g->nodes[g->order[i]].output == i + 1, "place %u of %u", i, n);
            CHECK(t, x->consumer_count == 1 && x->consumers[0] == g->order[i], "consumer %u", i);
        }
        CHECK(t, weft_graph_check(g, &err) == WEFT_OK, "a second check");
        weft_graph_free(g);
        g = chain(t, r, n, 1);
        CHECK(t, weft_graph_check(g, &err) == WEFT_ERR_FORMAT && strstr(err.text, "cycle"),
              "ring of %u: %s", n, err.text);
        weft_graph_free(g);
    }
    weft_graph_free(NULL);
}

static void check_ports(test *t)
{
    weft_graph *g = NULL;
    weft_tensor_desc d = { .name = "x", .rank = 4, .dims = { 1, 5, 6, 3 }, .quant = unit };
    CHECK(t, weft_graph_new(&g) == WEFT_OK, "new");
    weft_graph_add_tensor(g, &d, NULL);
    weft_port p = {
        .name = "x", .dtype = WEFT_UINT8, .rank = 4, .dims = { 1, 3, 5, 6 }, .perm = { 0, 2, 3, 1 }
    };
    CHECK(t, weft_graph_add_input(g, &p) == WEFT_OK, "NCHW uint8 port of an NHWC int8 tensor");
    weft_port q = p;
    q.perm[1] = 3;
    CHECK(t, weft_graph_add_input(g, &q) == WEFT_ERR_ARG, "an axis twice");
    q = p;
    q.dims[1] = 4;
    CHECK(t, weft_graph_add_input(g, &q) == WEFT_ERR_ARG, "another size");
    q = p;
    q.dtype = WEFT_FLOAT32;
    CHECK(t, weft_graph_add_input(g, &q) == WEFT_ERR_ARG, "another type");
    q = p;
    q.tensor = 1;
    CHECK(t, weft_graph_add_input(g, &q) == WEFT_ERR_ARG && g->input_count == 1, "no such tensor");
    weft_graph_free(g);
}

/* Only a bias may be absent: not an operand, however many there are. */
static void check_absent(test *t)
{
    weft_graph *g = NULL;
    weft_error err = { 0 };
    const weft_concat along = { 0 };
    const uint32_t in[] = { 0, WEFT_NONE };
    const weft_tensor_desc d = { .name = "x", .rank = 1, .dims = { 4 }, .quant = unit };
    const weft_port x = port_of(&d, 0), y = port_of(&d, 1);
    const weft_node_desc node = { .op = WEFT_OP_CONCAT,
                                  .name = "all",
                                  .input_count = 2,
                                  .inputs = in,
                                  .output = 1,
                                  .attr = &along };
    CHECK(t, weft_graph_new(&g) == WEFT_OK, "new");
    weft_graph_add_tensor(g, &d, NULL);
    weft_graph_add_tensor(g, &d, NULL);
    CHECK(t, weft_graph_add_node(g, &node, NULL) == WEFT_OK, "node");
    weft_graph_add_input(g, &x);
    weft_graph_add_output(g, &y);
    CHECK(t, weft_graph_check(g, &err) == WEFT_ERR_SHAPE && strstr(err.text, "input 1"), "%s",
          err.text);
    weft_graph_free(g);
}

static void check_errors(test *t)
{
    weft_error err = { 0 };
    char longer[WEFT_ERROR_TEXT_BYTES + 100];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    CHECK(t,
          weft_error_set(&err, WEFT_ERR_SHAPE, "a\n%s\x80", "b\x1b") == WEFT_ERR_SHAPE &&
              strcmp(err.text, "a?b??") == 0 && err.status == WEFT_ERR_SHAPE,
          "unprintable bytes: %s", err.text);
    weft_error_set(&err, WEFT_ERR_SHAPE, "%s", longer);
    CHECK(t, strlen(err.text) == WEFT_ERROR_TEXT_BYTES - 1, "cut at %zu", strlen(err.text));
    CHECK(t, weft_error_set(NULL, WEFT_ERR_IO, "x") == WEFT_ERR_IO, "no place for the sentence");
    CHECK(t, strcmp(weft_strerror(1), "unknown status") == 0, "unknown");
    CHECK(t, strcmp(weft_strerror(0), "no error") == 0, "OK");
    CHECK(t, strcmp(weft_status_name(WEFT_ERR_RANGE), "ERR_RANGE") == 0, "name");
}

int main(int argc, char **argv)
{
    test t = test_begin("graph", argc, argv, 1, 0);
    rng r = rng_make(t.seed);
    check_conv_rules(&t);
    check_order(&t, &r);
    check_ports(&t);
    check_absent(&t);
    check_errors(&t);
    return test_end(&t, "rules of the canonical form, order, ports, error sentences");
}
