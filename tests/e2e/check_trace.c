/* A trace of `weft profile --trace` against the profile it belongs to.
 *
 *     check_trace TRACE.json PROFILE.json      PROFILE: what the same command printed with --json
 *
 * The Trace Event Format, read strictly: complete slices (X), names (M) and counters (C) only, so
 * there is no B without its E; every process and track named; slices of a track in order and apart,
 * none beyond the run.  Then the contents: a slice for every layer and every command, as long
 * together as the run, and the counters add up to those of the device. */
#include <math.h>
#include <string.h>

#include "json_read.h"
#include "tests/test.h"

enum { TRACKS = 4, MOST_NAMES = 64 };
static const char *const track_names[TRACKS] = { "layers", "load queue", "store queue",
                                                 "compute queue" };

typedef struct trace {
    test *t;
    const json_value *events; /* the first */
    const json_value *profile, *all;
    double cycles, pid, tids[TRACKS];
} trace;

static int is_whole(double v)
{
    return v >= 0 && v < 0x1p53 && v - floor(v) <= 0;
}

static int same(double a, double b)
{
    return a >= b && a <= b;
}

static int is_phase(const json_value *e, char phase)
{
    const char *text = json_string(e, "ph");
    return text[0] == phase && !text[1];
}

/* What the format wants of every event. */
static void check_form(trace *c)
{
    for (const json_value *e = c->events; e; e = e->next) {
        const char *name = json_string(e, "name");
        const double ts = json_real(e, "ts"), dur = json_real(e, "dur");
        CHECK(c->t, is_phase(e, 'X') || is_phase(e, 'M') || is_phase(e, 'C'), "%s: phase \"%s\"",
              name, json_string(e, "ph"));
        CHECK(c->t, *name && is_whole(json_real(e, "pid")), "an event without name or process");
        if (!is_phase(e, 'M'))
            CHECK(c->t, is_whole(ts) && ts <= c->cycles, "%s: at %g", name, ts);
        if (is_phase(e, 'X'))
            CHECK(c->t, is_whole(dur) && ts + dur <= c->cycles && is_whole(json_real(e, "tid")),
                  "%s: %g from %g on", name, dur, ts);
        if (!is_phase(e, 'X'))
            CHECK(c->t, json_member(e, "args"), "%s: neither values nor a name", name);
    }
}

/* One process, four tracks, each named once and none other used. */
static void check_names(trace *c)
{
    unsigned processes = 0, tracks = 0;
    for (const json_value *e = c->events; e; e = e->next) {
        const char *of = json_string(e, "name");
        const char *name = json_string(json_member(e, "args"), "name");
        if (!is_phase(e, 'M'))
            continue;
        if (!strcmp(of, "process_name")) {
            processes++;
            c->pid = json_real(e, "pid");
            CHECK(c->t, !strncmp(name, "weft", 4), "the process is \"%s\"", name);
        }
        if (!strcmp(of, "thread_name") && tracks < TRACKS) {
            CHECK(c->t, !strcmp(name, track_names[tracks]), "track \"%s\"", name);
            c->tids[tracks++] = json_real(e, "tid");
        }
    }
    CHECK(c->t, processes == 1 && tracks == TRACKS, "%u processes, %u tracks named", processes,
          tracks);
    for (const json_value *e = c->events; e; e = e->next) {
        int named = !is_phase(e, 'X');
        for (int i = 0; i < TRACKS; i++)
            named |= same(json_real(e, "tid"), c->tids[i]);
        CHECK(c->t, named && same(json_real(e, "pid"), c->pid), "%s: on a track without a name",
              json_string(e, "name"));
    }
}

/* The next slice of a track, e or behind it. */
static const json_value *slice_of(const json_value *e, double tid)
{
    while (e && !(is_phase(e, 'X') && same(json_real(e, "tid"), tid)))
        e = e->next;
    return e;
}

static void check_order(trace *c)
{
    for (int i = 0; i < TRACKS; i++) {
        double end = 0;
        for (const json_value *e = slice_of(c->events, c->tids[i]); e;
             e = slice_of(e->next, c->tids[i])) {
            const double ts = json_real(e, "ts");
            CHECK(c->t, ts >= end, "%s: a slice at %g begins before %g", track_names[i], ts, end);
            end = ts + json_real(e, "dur");
        }
    }
}

/* The layers of the profile that took cycles, one slice each, the run without a gap. */
static void check_layers(trace *c)
{
    const json_value *e = slice_of(c->events, c->tids[0]);
    const json_value *layers = json_member(c->profile, "layers");
    double sum = 0;
    for (const json_value *l = layers ? layers->first : NULL; l; l = l->next) {
        if (same(json_real(l, "cycles"), 0))
            continue;
        CHECK(c->t,
              e && !strcmp(json_string(e, "name"), json_string(l, "name")) &&
                  same(json_real(e, "dur"), json_real(l, "cycles")) &&
                  same(json_real(e, "ts"), sum),
              "layer %s: no slice of %g cycles from %g on", json_string(l, "name"),
              json_real(l, "cycles"), sum);
        sum += json_real(l, "cycles");
        e = e ? slice_of(e->next, c->tids[0]) : NULL;
    }
    CHECK(c->t, !e && same(sum, c->cycles), "the layers last %g of %g cycles", sum, c->cycles);
}

/* A slice for every command of a kind, and what the commands move. */
static void check_commands(trace *c)
{
    const json_value *kinds = json_member(c->profile, "kinds");
    double counted[MOST_NAMES] = { 0 }, vectors = 0, bytes = 0;
    for (int i = 1; i < TRACKS; i++)
        for (const json_value *e = slice_of(c->events, c->tids[i]); e;
             e = slice_of(e->next, c->tids[i])) {
            const json_value *args = json_member(e, "args");
            int at = 0, found = -1;
            for (const json_value *k = kinds ? kinds->first : NULL; k; k = k->next, at++)
                if (!strcmp(json_string(k, "kind"), json_string(e, "name")) && at < MOST_NAMES)
                    found = at;
            CHECK(c->t, found >= 0, "%s: no kind of the profile", json_string(e, "name"));
            if (found >= 0)
                counted[found]++;
            if (i == 3)
                vectors += json_real(args, "vectors");
            else
                bytes += json_real(args, "bytes");
        }
    int at = 0;
    for (const json_value *k = kinds ? kinds->first : NULL; k; k = k->next, at++)
        if (strcmp(json_string(k, "kind"), "move") != 0) /* the profile counts compute commands */
            CHECK(c->t, same(counted[at], json_real(k, "commands")), "%s: %g slices, %g commands",
                  json_string(k, "kind"), counted[at], json_real(k, "commands"));
    CHECK(c->t, same(vectors, json_real(c->all, "vectors")), "%g vectors, %g in the profile",
          vectors, json_real(c->all, "vectors"));
    CHECK(c->t, same(bytes, json_real(c->all, "read_bytes") + json_real(c->all, "written_bytes")),
          "%g bytes moved", bytes);
}

/* A counter in percent: from the begin of the run to its end it adds up to a number of cycles. */
static void check_counter(trace *c, const char *name, double want)
{
    double sum = 0, from = 0, percent = 0;
    unsigned points = 0;
    for (const json_value *e = c->events; e; e = e->next) {
        if (!is_phase(e, 'C') || strcmp(json_string(e, "name"), name) != 0)
            continue;
        const double ts = json_real(e, "ts"), v = json_real(json_member(e, "args"), "%");
        CHECK(c->t, points ? ts > from : same(ts, 0), "%s: a point at %g", name, ts);
        CHECK(c->t, v >= 0 && v <= 100, "%s: %g %% at %g", name, v, ts);
        sum += percent * (ts - from) / 100;
        from = ts;
        percent = v;
        points++;
    }
    sum += percent * (c->cycles - from) / 100;
    CHECK(c->t, points && fabs(sum - want) < 0.01 + 1e-7 * c->cycles, "%s: %g cycles, want %g",
          name, sum, want);
}

static void check_counters(trace *c)
{
    const json_value *stalls = json_member(c->all, "stalls");
    unsigned counters = 0;
    check_counter(c, "array", json_real(c->all, "issued"));
    check_counter(c, "memory read", json_real(c->all, "read_beats"));
    check_counter(c, "memory written", json_real(c->all, "write_beats"));
    for (const json_value *s = stalls ? stalls->first : NULL; s; s = s->next, counters++) {
        char name[80];
        snprintf(name, sizeof name, "%s%.60s", strcmp(s->name, "idle") ? "stall: " : "", s->name);
        check_counter(c, name, s->number);
    }
    CHECK(c->t, counters == 7, "%u reasons to wait", counters);
}

int main(int argc, char **argv)
{
    test t = test_begin("trace", argc, argv, 0, 0);
    json_doc trace_file = { 0 }, profile = { 0 };
    if (argc != 3)
        return test_skip(&t, "check_trace TRACE.json PROFILE.json");
    CHECK(&t, json_load(argv[1], &trace_file), "%s: %s at byte %zu", argv[1], trace_file.wrong,
          trace_file.at);
    CHECK(&t, json_load(argv[2], &profile), "%s: %s at byte %zu", argv[2], profile.wrong,
          profile.at);
    const json_value *events = json_member(trace_file.root, "traceEvents");
    trace c = { .t = &t,
                .events = events ? events->first : NULL,
                .profile = profile.root,
                .all = json_member(profile.root, "all") };
    c.cycles = json_real(c.all, "cycles");
    CHECK(&t, c.events && c.cycles > 0, "no events, or no cycles");
    if (!t.failures) {
        check_form(&c);
        check_names(&c);
        check_order(&c);
        check_layers(&c);
        check_commands(&c);
        check_counters(&c);
    }
    json_free(&trace_file);
    json_free(&profile);
    return test_end(&t, "the trace is of the format and adds up to the profile");
}
