/* Tensors that share an area (views.c): who may read and write part of one, where channels may
 * begin, and what must be copied instead; bytes of every network against the reference, in four
 * orders of its commands.  Each case is the smallest network in which one condition decides. */
#include <stdlib.h>
#include <string.h>

#include "models/compile/weft_compile.h"
#include "models/ref/operators/ref_graph.h"
#include "rtl/isa/weft_isa.h"
#include "tests/random/run_program.h"
#include "tests/test.h"
#include "view_cases.h"

static int make(test *t, const view_case *c, net *n)
{
    uint32_t a, b;
    weft_error err = { 0 };
    net_begin(n, t->seed, c->h ? c->h : VIEW_SIDE, c->w ? c->w : VIEW_SIDE,
              c->c ? c->c : VIEW_CHANNELS);
    if (n->s.rc == WEFT_OK) {
        c->build(n);
        if (!c->h) /* a plain one beside it: that sharing is not given up altogether */
            (void)view_two_parts(n, &a, &b);
    }
    const int rc = net_end(n, &err);
    CHECK(t, rc == WEFT_OK, "%s: status %d, %s", c->name, rc, err.text);
    return rc == WEFT_OK;
}

static int same_bytes(const net *n, const weft_ref *ref, int8_t *const *out)
{
    for (uint32_t i = 0; i < n->out_count; i++)
        if (memcmp(weft_ref_tensor(ref, n->out[i]), out[i],
                   weft_tensor_bytes(net_at(n, n->out[i]))))
            return 0;
    return 1;
}

/* Both words of a pair lie in one feature word each, else what they read as is undefined. */
static void check_pairs(test *t, const view_case *c, const weft_hw *hw, const weft_program *prog)
{
    const uint8_t *command = prog->image + (prog->prog_addr - prog->image_addr);
    for (uint32_t i = 0; i < prog->prog_count; i++) {
        weft_cmd cmd;
        const unsigned units = weft_op_units(command[0]);
        weft_cmd_fetch(&cmd, units, command);
        command += units * (size_t)WEFT_CMD_UNIT_BYTES;
        if ((cmd.word[0] & 0xff) != WEFT_CMD_COMPUTE || !weft_COMPUTE_get_PAIR(&cmd))
            continue;
        const int64_t word = hw->word_bytes, u = weft_COMPUTE_get_U_START(&cmd) % word;
        CHECK(t, (u + word) % word + hw->cols <= word && weft_COMPUTE_get_IN_DU(&cmd) % word == 0,
              "%s: pairs from byte %d on", c->name, (int)u);
    }
}

static void run(test *t, const view_case *c, net *n, const weft_hw *hw, const weft_program *prog)
{
    weft_error err = { 0 };
    weft_ref *ref = NULL;
    ref_runner runner = { 0 };
    int8_t *in = malloc(weft_tensor_bytes(net_at(n, n->x))), *out[NET_MOST_OUTPUTS] = { NULL };
    const int8_t *const ins[] = { in };
    int ready = in && weft_ref_new(n->s.g, &ref, &err) == WEFT_OK;
    for (uint32_t i = 0; i < n->out_count && ready; i++)
        ready = (out[i] = malloc(weft_tensor_bytes(net_at(n, n->out[i])))) != NULL;
    const int runs = ready && ref_runner_make(hw, t->seed, &runner) == WEFT_OK;
    CHECK(t, runs, "%s: %s", c->name, err.text);
    for (int order = ORDER_PROGRAM; runs && order <= ORDER_RANDOM; order++) {
        const program_runner door = ref_runner_door(&runner);
        runner.order = (run_order)order;
        gen_input(&n->r, in, weft_tensor_bytes(net_at(n, n->x)));
        (void)weft_ref_set_input(ref, 0, in, weft_tensor_bytes(net_at(n, n->x)));
        weft_ref_run(ref);
        const int rc = door.run(door.self, prog, ins, out, &err);
        CHECK(t, rc == WEFT_OK, "%s on %ux%u: %s", c->name, hw->rows, hw->cols, err.text);
        CHECK(t, rc != WEFT_OK || same_bytes(n, ref, out), "%s on %ux%u, order %d: wrong bytes",
              c->name, hw->rows, hw->cols, order);
    }
    if (runs)
        ref_runner_end(&runner);
    for (uint32_t i = 0; i < n->out_count; i++)
        free(out[i]);
    weft_ref_free(ref);
    free(in);
}

/* As view_case says it. */
static void places_of(const net *n, const weft_placement *where, char *text)
{
    const weft_graph *g = n->s.g;
    for (uint32_t i = 0; i < g->node_count; i++)
        if (g->nodes[i].op == WEFT_OP_CONCAT || g->nodes[i].op == WEFT_OP_SLICE)
            *text++ = (char)(where[i].where == WEFT_ON_HOST                   ? 'h'
                             : strstr(where[i].why, "without a copy")         ? '-'
                             : strstr(where[i].why, "some inputs are copied") ? 's'
                                                                              : 'c');
    *text = '\0';
}

static void one(test *t, const view_case *c, int alone)
{
    net n;
    weft_program *prog = NULL;
    weft_error err = { 0 };
    weft_hw hw = weft_hw_default(1u << 24);
    if (!alone) {
        hw.rows = c->rows;
        hw.cols = hw.lanes = c->cols;
        hw.fb_words = c->fb_words;
        hw.mem_bytes = c->mem_bytes;
        hw.acc_depth = 64;
        hw.word_bytes = weft_hw_word_bytes(&hw);
    }
    if (make(t, c, &n)) {
        char places[MAX_NODES + 1];
        weft_placement where[MAX_NODES];
        const weft_compile_options o = { .sharing = WEFT_SHARE_ALWAYS,
                                         .on_host = n.on_host,
                                         .placements = where };
        const int rc = weft_compile(n.s.g, &hw, &o, &prog, &err);
        CHECK(t, rc == WEFT_OK, "%s on %ux%u: %s", c->name, hw.rows, hw.cols, err.text);
        if (prog && hw.mem_bytes == c->mem_bytes) {
            places_of(&n, where, places);
            CHECK(t, !strcmp(places, c->places), "%s: %s, not %s", c->name, places, c->places);
        }
        if (prog) {
            check_pairs(t, c, &hw, prog);
            run(t, c, &n, &hw, prog);
        }
    }
    weft_program_free(prog);
    weft_graph_free(n.s.g);
}

int main(int argc, char **argv)
{
    test t = test_begin("views", argc, argv, 1, 1);
    size_t count[2];
    const view_case *cases[2] = { view_cases_who(&count[0]), view_cases_where(&count[1]) };
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < count[k]; i++) {
            one(&t, &cases[k][i], 1);
            one(&t, &cases[k][i], 0);
        }
    return test_end(&t, "CONCAT and SLICE in shared areas, copied where they must be");
}
