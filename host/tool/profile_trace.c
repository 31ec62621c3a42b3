/* A profile as a trace in the format of chrome://tracing, which ui.perfetto.dev reads; see
 * profile.h.
 *
 * Tracks: layers and the three queues; as counters, in percent of the cycles between the ends of
 * neighbouring compute commands: those in which the array works, those it waits for each reason,
 * and those in which the memory port moves data. */
#include "json.h"
#include "profile.h"

/* A thread of the number of its process would be shown as the main one of a program. */
enum { PROCESS = 1, TRACK_LAYERS, TRACK_LOAD, TRACK_STORE, TRACK_COMPUTE };

/* Shorter intervals say nothing: the counters would jump. */
enum { LEAST_INTERVAL = 32 };

static void slice(json *j, unsigned track, const char *name, uint32_t start, uint32_t end)
{
    json_open(j, NULL, '{');
    json_text(j, "name", name);
    json_text(j, "ph", "X");
    json_number(j, "pid", PROCESS);
    json_number(j, "tid", track);
    json_number(j, "ts", start);
    json_number(j, "dur", end - start);
}

/* what: process_name or thread_name. */
static void give_name(json *j, const char *what, unsigned track, const char *name)
{
    json_open(j, NULL, '{');
    json_text(j, "name", what);
    json_text(j, "ph", "M");
    json_number(j, "pid", PROCESS);
    json_number(j, "tid", track);
    json_open(j, "args", '{');
    json_text(j, "name", name);
    json_close(j, '}');
    json_close(j, '}');
}

static void layer_slice(json *j, const profile_layer *l)
{
    if (!l->counters[COUNT_CYCLES])
        return;
    slice(j, TRACK_LAYERS, l->name, l->begin, l->begin + l->counters[COUNT_CYCLES]);
    json_open(j, "args", '{');
    json_number(j, "macs", (double)l->macs);
    json_number(j, "predicted_cycles", (double)l->predicted);
    json_close(j, '}');
    json_close(j, '}');
}

/* A command keeps its queue from its start, but not before the one in front of it has ended: units
 * take the next command early, and a track can show one at a time. */
static void command_slice(json *j, const profile *p, uint32_t i, uint32_t *shown_until)
{
    const profile_command *c = &p->commands[i];
    const uint32_t from = c->start > *shown_until ? c->start : *shown_until;
    slice(j, TRACK_LOAD + c->queue, profile_kind_names[c->kind], from, c->end);
    json_open(j, "args", '{');
    json_number(j, "command", i);
    json_text(j, "layer", p->layer_count ? p->layers[c->layer].name : "");
    json_number(j, "start", c->start);
    if (c->queue == QUEUE_COMPUTE) {
        json_number(j, "vectors", (double)c->work.vectors);
        json_number(j, "weight_bytes", (double)c->work.weight_bytes);
    } else {
        json_number(j, "bytes", (double)(c->work.read_bytes + c->work.write_bytes));
    }
    json_close(j, '}');
    json_close(j, '}');
    *shown_until = c->end;
}

static void counter_point(json *j, const char *name, uint32_t at, double percent)
{
    json_open(j, NULL, '{');
    json_text(j, "name", name);
    json_text(j, "ph", "C");
    json_number(j, "pid", PROCESS);
    json_number(j, "ts", at);
    json_open(j, "args", '{');
    json_number(j, "%", percent); /* viewers show the name and this behind it */
    json_close(j, '}');
    json_close(j, '}');
}

/* The shares of an interval, shown from its begin on. */
static void counter_points(json *j, const uint32_t *from, const uint32_t *to)
{
    static const struct {
        const char *name;
        unsigned counter;
    } tracks[] = { { "array", COUNT_ISSUED },
                   { "stall: load", COUNT_FIRST_STALL },
                   { "stall: store", COUNT_FIRST_STALL + 1 },
                   { "stall: weights", COUNT_FIRST_STALL + 2 },
                   { "stall: drain", COUNT_FIRST_STALL + 3 },
                   { "stall: lanes", COUNT_FIRST_STALL + 4 },
                   { "stall: operand", COUNT_FIRST_STALL + 5 },
                   { "idle", COUNT_IDLE },
                   { "memory read", COUNT_READ_BEATS },
                   { "memory written", COUNT_WRITE_BEATS } };
    const double cycles = to[COUNT_CYCLES] - from[COUNT_CYCLES];
    for (size_t i = 0; i < sizeof tracks / sizeof *tracks; i++) {
        const unsigned k = tracks[i].counter;
        counter_point(j, tracks[i].name, from[COUNT_CYCLES], 100.0 * (to[k] - from[k]) / cycles);
    }
}

void profile_trace(const profile *p, const char *title, FILE *to)
{
    static const uint32_t zero[WEFT_WATCHED_COUNTERS];
    uint32_t shown_until[PROFILE_QUEUES] = { 0 };
    const uint32_t *before = zero;
    json j = { .to = to };
    char process[160];
    snprintf(process, sizeof process, "weft %.100s, 1 us = 1 cycle", title);
    json_open(&j, NULL, '{');
    json_open(&j, "traceEvents", '[');
    give_name(&j, "process_name", PROCESS, process);
    give_name(&j, "thread_name", TRACK_LAYERS, "layers");
    give_name(&j, "thread_name", TRACK_LOAD, "load queue");
    give_name(&j, "thread_name", TRACK_STORE, "store queue");
    give_name(&j, "thread_name", TRACK_COMPUTE, "compute queue");
    for (uint32_t i = 0; i < p->layer_count; i++)
        layer_slice(&j, &p->layers[i]);
    for (uint32_t i = 0; i < p->command_count; i++) {
        const profile_command *c = &p->commands[i];
        if (c->queue == QUEUE_NONE)
            continue;
        command_slice(&j, p, i, &shown_until[c->queue]);
        if (c->queue == QUEUE_COMPUTE && c->end - before[COUNT_CYCLES] >= LEAST_INTERVAL) {
            counter_points(&j, before, c->counters);
            before = c->counters;
        }
    }
    if (p->all.counters[COUNT_CYCLES] > before[COUNT_CYCLES])
        counter_points(&j, before, p->all.counters);
    json_close(&j, ']');
    json_text(&j, "displayTimeUnit", "ns");
    json_close(&j, '}');
}
