/* Every kind of CMSIS-NN layer vector as a graph of one operator.
 *
 * A vector gives multipliers and shifts, a graph has scales: for each multiplier two float32 scales
 * are searched whose quotient becomes exactly it.  A convolution has one pair per output channel,
 * but a graph has one output scale, so the layer is run once per channel and that channel compared.
 * Batches are run one by one. */
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmsis_run.h"

static void pool(test *t, const cmsis_case *c, weft_op op)
{
    const uint32_t x[4] = { 1, cmsis_size(c, "INPUT_H"), cmsis_size(c, "INPUT_W"),
                            cmsis_size(c, "INPUT_C") };
    const uint32_t y[4] = { 1, cmsis_size(c, "OUTPUT_H"), cmsis_size(c, "OUTPUT_W"),
                            cmsis_size(c, "OUTPUT_C") };
    weft_pool_2d a = { .clamp = cmsis_clamp(c, "ACTIVATION_MIN", "ACTIVATION_MAX") };
    weft_window *v = &a.window;
    *v = (weft_window){ cmsis_size(c, "FILTER_H"),
                        cmsis_size(c, "FILTER_W"),
                        cmsis_size(c, "STRIDE_H"),
                        cmsis_size(c, "STRIDE_W"),
                        1,
                        1,
                        (uint32_t)cmsis_number(c, "PADDING_H", 0),
                        (uint32_t)cmsis_number(c, "PADDING_W", 0),
                        0,
                        0 };
    v->pad_bottom = cmsis_pad_after(x[1], y[1], v->kernel_h, v->stride_h, 1, v->pad_top);
    v->pad_right = cmsis_pad_after(x[2], y[2], v->kernel_w, v->stride_w, 1, v->pad_left);
    int8_t *data = cmsis_bytes(cmsis_values(c, "input_tensor"));
    const one_input in = { one_tensor(WEFT_INT8, 4, x, &cmsis_one, &cmsis_none), data };
    const weft_tensor_desc d = one_tensor(WEFT_INT8, 4, y, &cmsis_one, &cmsis_none);
    cmsis_run(t, c, &(weft_node_desc){ .op = op, .attr = &a }, 1, &in, &d,
              cmsis_values(c, "output")->values, 0, 1);
    free(data);
}

/* ADD as the vector's defines say (equal scales in, twice that out) and MUL. */
static void pair(test *t, const cmsis_case *c, weft_op op)
{
    const uint32_t dims[1] = { cmsis_size(c, "DST_SIZE") };
    const int32_t zp[2] = { -cmsis_number(c, "INPUT1_OFFSET", 0),
                            -cmsis_number(c, "INPUT2_OFFSET", 0) };
    const int32_t zp_y = cmsis_number(c, "OUTPUT_OFFSET", 0);
    const weft_elementwise a = { cmsis_clamp(c, "OUT_ACTIVATION_MIN", "OUT_ACTIVATION_MAX"), 0 };
    float second = 1.0f, scale_y = 2.0f;
    int good = op == WEFT_OP_ADD
                   ? cmsis_number(c, "INPUT1_MULT", 0) == 1 << 30 &&
                         cmsis_number(c, "INPUT2_MULT", 0) == 1 << 30 &&
                         cmsis_number(c, "OUTPUT_MULT", 0) == 1 << 30 &&
                         cmsis_number(c, "OUTPUT_SHIFT", 0) == -19
                   : cmsis_scales(cmsis_number(c, "OUTPUT_MULT", 0),
                                  cmsis_number(c, "OUTPUT_SHIFT", 0), &second, &scale_y);
    CHECK(t, good, "%s: other scales than expected", c->name);
    int8_t *x[2] = { cmsis_bytes(cmsis_values(c, "input1")),
                     cmsis_bytes(cmsis_values(c, "input2")) };
    const one_input in[2] = { { one_tensor(WEFT_INT8, 1, dims, &cmsis_one, &zp[0]), x[0] },
                              { one_tensor(WEFT_INT8, 1, dims, &second, &zp[1]), x[1] } };
    const weft_tensor_desc y = one_tensor(WEFT_INT8, 1, dims, &scale_y, &zp_y);
    cmsis_run(t, c, &(weft_node_desc){ .op = op, .attr = &a }, 2, in, &y,
              cmsis_values(c, "output_ref")->values, 0, 1);
    free(x[0]);
    free(x[1]);
}

static void choice(test *t, const cmsis_case *c, weft_op op)
{
    const uint32_t a[4] = { cmsis_size(c, "BATCH_1"), cmsis_size(c, "HEIGHT_1"),
                            cmsis_size(c, "WIDTH_1"), cmsis_size(c, "CHANNEL_1") };
    const uint32_t b[4] = { cmsis_size(c, "BATCH_2"), cmsis_size(c, "HEIGHT_2"),
                            cmsis_size(c, "WIDTH_2"), cmsis_size(c, "CHANNEL_2") };
    const uint32_t y[4] = { cmsis_size(c, "OUTPUT_BATCH"), cmsis_size(c, "OUTPUT_HEIGHT"),
                            cmsis_size(c, "OUTPUT_WIDTH"), cmsis_size(c, "OUTPUT_CHANNEL") };
    const weft_elementwise attr = { cmsis_clamp(c, "ACTIVATION_MIN", "ACTIVATION_MAX"), 0 };
    int8_t *x[2] = { cmsis_bytes(cmsis_values(c, "input_tensor_1")),
                     cmsis_bytes(cmsis_values(c, "input_tensor_2")) };
    const one_input in[2] = { { one_tensor(WEFT_INT8, 4, a, &cmsis_one, &cmsis_none), x[0] },
                              { one_tensor(WEFT_INT8, 4, b, &cmsis_one, &cmsis_none), x[1] } };
    const weft_tensor_desc d = one_tensor(WEFT_INT8, 4, y, &cmsis_one, &cmsis_none);
    cmsis_run(t, c, &(weft_node_desc){ .op = op, .attr = &attr }, 2, in, &d,
              cmsis_values(c, "output")->values, 0, 1);
    free(x[0]);
    free(x[1]);
}

static void pad(test *t, const cmsis_case *c)
{
    static const char axes[] = "NHWC";
    weft_pad a = { .value = cmsis_number(c, "PAD_VALUE", 0) };
    uint32_t x[4], y[4];
    for (unsigned i = 0; i < 4; i++) {
        char name[16];
        snprintf(name, sizeof name, "INPUT_%c", axes[i]);
        x[i] = cmsis_size(c, name);
        snprintf(name, sizeof name, "PRE_PAD_%c", axes[i]);
        a.before[i] = (uint32_t)cmsis_number(c, name, 0);
        snprintf(name, sizeof name, "POST_PAD_%c", axes[i]);
        a.after[i] = (uint32_t)cmsis_number(c, name, 0);
        y[i] = a.before[i] + x[i] + a.after[i];
    }
    int8_t *data = cmsis_bytes(cmsis_values(c, "input_tensor"));
    const one_input in = { one_tensor(WEFT_INT8, 4, x, &cmsis_one, &cmsis_none), data };
    const weft_tensor_desc d = one_tensor(WEFT_INT8, 4, y, &cmsis_one, &cmsis_none);
    cmsis_run(t, c, &(weft_node_desc){ .op = WEFT_OP_PAD, .attr = &a }, 1, &in, &d,
              cmsis_values(c, "output")->values, 0, 1);
    free(data);
}

/* The vector gives scale * beta as a multiplier. */
static void softmax(test *t, const cmsis_case *c)
{
    const uint32_t dims[2] = { cmsis_size(c, "NUM_ROWS"), cmsis_size(c, "ROW_SIZE") };
    const double target =
        ldexp(cmsis_number(c, "INPUT_MULT", 0), cmsis_number(c, "INPUT_LEFT_SHIFT", 0) - 31 - 26);
    const float scale = (float)target, out = 1.0f / 256;
    const int32_t zp_y = -128;
    weft_requant rq = { 0 };
    (void)weft_requant_from_double((double)scale * (double)(1 << 26), &rq);
    CHECK(t, rq.mult == (uint32_t)cmsis_number(c, "INPUT_MULT", 0), "%s: no scale", c->name);
    int8_t *data = cmsis_bytes(cmsis_values(c, "input"));
    const weft_softmax a = { 1.0f };
    const one_input in = { one_tensor(WEFT_INT8, 2, dims, &scale, &cmsis_none), data };
    const weft_tensor_desc y = one_tensor(WEFT_INT8, 2, dims, &out, &zp_y);
    cmsis_run(t, c, &(weft_node_desc){ .op = WEFT_OP_SOFTMAX, .attr = &a }, 1, &in, &y,
              cmsis_values(c, "output_ref")->values, 0, 1);
    free(data);
}

/* The recorded defines lost their lists of sizes and axes, so look for sizes and a permutation that
 * turn the input into the output. */
static int transposes(const cmsis_case *c, const int8_t *x, const uint32_t *dims, unsigned code)
{
    const cmsis_array *want = cmsis_values(c, "output");
    const unsigned rank = 4;
    weft_transpose a = { { code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 & 3 } };
    uint32_t y[4];
    one_node o;
    weft_error err = { 0 };
    for (unsigned i = 0; i < rank; i++)
        y[i] = dims[a.perm[i]];
    const one_input in = { one_tensor(WEFT_INT8, rank, dims, &cmsis_one, &cmsis_none), x };
    const weft_tensor_desc d = one_tensor(WEFT_INT8, rank, y, &cmsis_one, &cmsis_none);
    const weft_node_desc n = { .op = WEFT_OP_TRANSPOSE, .attr = &a };
    int same = one_node_run(&o, &n, 1, &in, &d, &err) == WEFT_OK;
    const int8_t *got = one_node_result(&o);
    for (size_t i = 0; i < want->count && same; i++)
        same = got[i] == want->values[i];
    if (same)
        cmsis_through_door(c, &o, 1, &in);
    one_node_free(&o);
    return same;
}

static void transpose(test *t, const cmsis_case *c)
{
    /* perm[i] in bits 2i and 2i + 1: all but the identity */
    static const unsigned codes[] = { 0xb4, 0xd8, 0x78, 0x9c, 0x6c, 0xe1, 0xb1, 0xc9,
                                      0x39, 0x8d, 0x2d, 0xd2, 0x72, 0xc6, 0x36, 0x4e,
                                      0x1e, 0x93, 0x63, 0x87, 0x27, 0x4b, 0x1b };
    int8_t *x = cmsis_bytes(cmsis_values(c, "input_tensor"));
    const uint32_t all = cmsis_size(c, "SIZE");
    int found = 0;
    for (uint32_t a = 1; a <= all && !found; a++)
        for (uint32_t b = 1; all % a == 0 && b <= all / a && !found; b++)
            for (uint32_t e = 1; all / a % b == 0 && e <= all / a / b && !found; e++) {
                const uint32_t dims[4] = { a, b, e, all / a / b / e };
                for (unsigned k = 0; all / a / b % e == 0 && k < sizeof codes / sizeof *codes; k++)
                    found |= transposes(c, x, dims, codes[k]);
            }
    CHECK(t, found, "%s: no sizes and permutation give the recorded output", c->name);
    free(x);
}

static void check_case(test *t, const cmsis_case *c)
{
    const char *name = c->name;
    if (strstr(name, "transpose_conv"))
        cmsis_conv(t, c, WEFT_OP_TRANSPOSE_CONV);
    else if (strncmp(name, "transpose", 9) == 0)
        transpose(t, c);
    else if (strncmp(name, "avgpool", 7) == 0)
        pool(t, c, WEFT_OP_AVERAGE_POOL_2D);
    else if (strncmp(name, "maxpool", 7) == 0)
        pool(t, c, WEFT_OP_MAX_POOL_2D);
    else if (strncmp(name, "maximum", 7) == 0)
        choice(t, c, WEFT_OP_MAXIMUM);
    else if (strncmp(name, "minimum", 7) == 0)
        choice(t, c, WEFT_OP_MINIMUM);
    else if (strncmp(name, "pad", 3) == 0)
        pad(t, c);
    else if (strncmp(name, "softmax", 7) == 0)
        softmax(t, c);
    else if (strcmp(name, "add") == 0)
        pair(t, c, WEFT_OP_ADD);
    else if (strcmp(name, "mul") == 0)
        pair(t, c, WEFT_OP_MUL);
    else if (cmsis_defined(c, "ACCUMULATION_DEPTH"))
        cmsis_fully_connected(t, c);
    else
        cmsis_conv(t, c, WEFT_OP_CONV_2D);
}

int cmsis_all(test *t, const char *part, const cmsis_door *door, unsigned *cases)
{
    const char *data = getenv("WEFT_DATA") ? getenv("WEFT_DATA") : "../shared/data";
    char path[1024], name[128];
    cmsis_case c;
    *cases = 0;
    snprintf(path, sizeof path, "%s/golden/cmsis_nn", data);
    DIR *folder = opendir(path);
    if (!folder)
        return 0;
    for (struct dirent *e = readdir(folder); e; e = readdir(folder)) {
        const char *dot = strrchr(e->d_name, '.');
        if (!dot || strcmp(dot, ".json") != 0 || (part && !strstr(e->d_name, part)))
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(dot - e->d_name), e->d_name);
        snprintf(path, sizeof path, "%s/golden/cmsis_nn/%s", data, e->d_name);
        const int good = cmsis_read(path, name, &c);
        CHECK(t, good, "%s cannot be read", path);
        c.door = door;
        if (good)
            check_case(t, &c);
        cmsis_free(&c);
        ++*cases;
    }
    closedir(folder);
    return 1;
}
