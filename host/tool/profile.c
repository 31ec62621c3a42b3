/* Recording a run: starts and ends of commands to times of layers; see profile.h. */
#include "profile.h"

#include <stdlib.h>
#include <string.h>

/* The commands of each queue in order, and how many have started and ended. */
typedef struct recorder {
    profile *p;
    uint32_t *order[PROFILE_QUEUES];
    uint32_t count[PROFILE_QUEUES], started[PROFILE_QUEUES], ended[PROFILE_QUEUES];
} recorder;

static void on_event(void *self, uint32_t events, const uint32_t *counters)
{
    recorder *r = self;
    for (unsigned q = 0; q < PROFILE_QUEUES; q++) {
        if ((events & (unsigned)WEFT_LOAD_STARTS << q) && r->started[q] < r->count[q])
            r->p->commands[r->order[q][r->started[q]++]].start = counters[COUNT_CYCLES];
        if ((events & (unsigned)WEFT_LOAD_ENDS << q) && r->ended[q] < r->count[q]) {
            profile_command *c = &r->p->commands[r->order[q][r->ended[q]++]];
            c->end = counters[COUNT_CYCLES];
            memcpy(c->counters, counters, sizeof c->counters);
        }
    }
}

/* The program was checked when it was read: every command decodes and lies in the image. */
static void decode(profile *p, recorder *r)
{
    const weft_program *prog = p->program;
    const uint8_t *at = prog->image + (prog->prog_addr - prog->image_addr);
    for (uint32_t i = 0, layer = 0; i < p->command_count; i++) {
        profile_command *c = &p->commands[i];
        weft_cmd cmd;
        const unsigned units = weft_op_units(at[0]);
        weft_cmd_fetch(&cmd, units, at);
        at += units * WEFT_CMD_UNIT_BYTES;
        while (layer + 1 < p->layer_count && prog->layers[layer + 1].first_command <= i)
            layer++;
        c->layer = layer;
        profile_count(prog, &cmd, c);
        if (c->queue != QUEUE_NONE)
            r->order[c->queue][r->count[c->queue]++] = i;
    }
}

static int make_room(profile *p, recorder *r)
{
    const size_t commands = p->command_count + 1u;
    p->commands = calloc(commands, sizeof *p->commands);
    p->layers = calloc(p->layer_count + 1u, sizeof *p->layers);
    int good = p->commands && p->layers;
    for (unsigned q = 0; q < PROFILE_QUEUES; q++) {
        r->order[q] = calloc(commands, sizeof *r->order[q]);
        good = good && r->order[q];
    }
    return good;
}

static int run_watched(tool *t, const session *on, const io *b, recorder *r, uint32_t *last)
{
    int code = tool_exit(weft_device_watch(on->dev, on_event, r, &t->err));
    if (code == EXIT_GOOD) {
        code = tool_run(t, on->net, b, "profile");
        (void)weft_device_watch(on->dev, NULL, NULL, NULL);
    }
    if (code == EXIT_GOOD)
        code = tool_exit(weft_device_counters(on->dev, last, WEFT_WATCHED_COUNTERS, &t->err));
    return code;
}

static void begin_layer(profile *p, uint32_t i, uint32_t begin)
{
    const weft_program_layer *from = &p->program->layers[i];
    p->layers[i] = (profile_layer){ .name = from->name,
                                    .op = weft_op_name((weft_op)from->op),
                                    .macs = from->macs,
                                    .predicted = from->cycles,
                                    .begin = begin };
}

/* Cut the run at the ends of layers; what comes after the last with commands belongs to it.  Steps
 * of the host have none, and no cycles. */
static void cut(profile *p, const uint32_t *last)
{
    const uint32_t zero[WEFT_WATCHED_COUNTERS] = { 0 };
    const uint32_t *before = zero, *frontier = zero;
    profile_layer *all = &p->all;
    *all = (profile_layer){ .name = "all", .op = "" };
    memcpy(all->counters, last, sizeof all->counters);
    uint32_t command = 0, final = p->layer_count ? p->layer_count - 1 : 0;
    while (final && !p->program->layers[final].command_count)
        final--;
    for (uint32_t i = 0; i < p->layer_count; i++) {
        begin_layer(p, i, before[COUNT_CYCLES]);
        profile_layer *l = &p->layers[i];
        for (; command < p->command_count && p->commands[command].layer == i; command++) {
            const profile_command *c = &p->commands[command];
            profile_add(&l->work, &c->work);
            if (c->end > frontier[COUNT_CYCLES])
                frontier = c->counters;
        }
        const uint32_t *end = i >= final ? last : frontier;
        for (unsigned k = 0; k < WEFT_WATCHED_COUNTERS; k++)
            l->counters[k] = end[k] - before[k];
        before = end;
        profile_add(&all->work, &l->work);
        all->macs += l->macs;
        all->predicted += l->predicted;
    }
}

static void sum_kinds(profile *p)
{
    uint32_t before = 0;
    for (uint32_t i = 0; i < p->command_count; i++) {
        const profile_command *c = &p->commands[i];
        if (c->queue != QUEUE_COMPUTE)
            continue;
        profile_sum *s = &p->kinds[c->kind];
        s->commands++;
        s->cycles += c->end - before;
        s->vectors += c->work.vectors;
        s->macs += c->work.macs;
        before = c->end;
    }
    p->kinds[KIND_DENSE].macs = p->all.macs - p->kinds[KIND_DEPTHWISE].macs;
}

int profile_make(tool *t, const session *on, const weft_program *program, const io *b, profile *p)
{
    *p = (profile){ .program = program,
                    .command_count = program->prog_count,
                    .layer_count = program->layer_count };
    recorder r = { .p = p };
    uint32_t last[WEFT_WATCHED_COUNTERS] = { 0 };
    int code =
        make_room(p, &r) ? EXIT_GOOD : tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for a profile");
    if (code == EXIT_GOOD) {
        decode(p, &r);
        code = run_watched(t, on, b, &r, last);
    }
    if (code == EXIT_GOOD) {
        cut(p, last);
        sum_kinds(p);
    }
    for (unsigned q = 0; q < PROFILE_QUEUES; q++)
        free(r.order[q]);
    return code;
}

void profile_free(profile *p)
{
    free(p->commands);
    free(p->layers);
    *p = (profile){ 0 };
}
