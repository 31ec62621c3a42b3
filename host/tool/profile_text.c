/* A profile as a table, as lines of a spreadsheet, and as JSON; see profile.h. */
#include "models/base/utf8.h"
#include "profile.h"

#include <string.h>

#include "json.h"

static double percent(double part, double whole)
{
    return whole > 0 ? 100.0 * part / whole : 0.0;
}

static double error_percent(const profile_layer *l)
{
    const double cycles = l->counters[COUNT_CYCLES];
    return percent((double)l->predicted - cycles, cycles);
}

/* Bytes of the path that all layers begin with. */
static size_t common_path(const profile *p)
{
    const char *first = p->layer_count ? p->layers[0].name : "";
    size_t common = strlen(first);
    for (uint32_t i = 1; i < p->layer_count; i++)
        for (size_t k = 0; k < common; k++)
            if (p->layers[i].name[k] != first[k])
                common = k;
    while (common && first[common - 1] != '/')
        common--;
    return common;
}

/* The first of joined names without the path that says nothing. */
static void shorten(const profile *p, const char *name, size_t length, size_t room, char *to)
{
    const size_t path = common_path(p);
    const char *semicolon = memchr(name, ';', length);
    if (semicolon)
        length = (size_t)(semicolon - name);
    if (length > path && !strncmp(name, p->layers[0].name, path)) {
        name += path;
        length -= path;
    }
    length = length > room ? room : length;
    memcpy(to, name, length);
    to[length] = 0;
}

void profile_name(const profile *p, const profile_layer *l, char to[PROFILE_NAME_BYTES])
{
    const char *chain = strstr(l->name, " .. ");
    if (!chain) {
        shorten(p, l->name, strlen(l->name), PROFILE_NAME_BYTES - 1, to);
        return;
    }
    shorten(p, l->name, (size_t)(chain - l->name), PROFILE_NAME_BYTES / 2 - 2, to);
    strcat(to, " .. ");
    shorten(p, chain + 4, strlen(chain + 4), PROFILE_NAME_BYTES - 1 - strlen(to), to + strlen(to));
}

static void text_line(const profile *p, const profile_layer *l, FILE *to)
{
    const uint32_t cycles = l->counters[COUNT_CYCLES];
    const profile_roof roof = profile_roofline(p, l);
    const double bound = roof.memory_binds ? roof.memory_cycles : roof.array_cycles;
    char name[PROFILE_NAME_BYTES];
    profile_name(p, l, name);
    fprintf(to, "%-34s %-10.10s %9u %9llu %+5.1f %9.3f %5.1f %5.1f", WEFT_SHOWN(name), l->op,
            (unsigned)cycles, (unsigned long long)l->predicted, error_percent(l),
            (double)l->macs / 1e6, 100.0 * profile_utilisation(p, l->macs, cycles),
            percent(l->counters[COUNT_ISSUED], cycles));
    for (unsigned k = COUNT_FIRST_STALL; k <= COUNT_IDLE; k++)
        fprintf(to, " %5.1f", percent(l->counters[k], cycles));
    fprintf(to, " %8.1f %8.1f %8.1f %7.1f %-6s %5.1f %8.1f\n", (double)l->work.read_bytes / 1024,
            (double)l->work.weight_bytes / 1024, (double)l->work.write_bytes / 1024,
            roof.macs_per_byte, roof.memory_binds ? "memory" : "array", percent(bound, cycles),
            profile_joule(l).all);
}

void profile_text(const profile *p, FILE *to)
{
    fprintf(to, "%-34s %-10s %9s %9s %5s %9s %5s %5s", "layer", "operator", "cycles", "predicted",
            "err%", "M MACs", "util%", "busy%");
    for (unsigned k = COUNT_FIRST_STALL; k <= COUNT_IDLE; k++)
        fprintf(to, " %5.5s", profile_stall_names[k - COUNT_FIRST_STALL]);
    fprintf(to, " %8s %8s %8s %7s %-6s %5s %8s\n", "read KiB", "weights", "written", "MAC/B",
            "bound", "roof%", "energy uJ");
    for (uint32_t i = 0; i < p->layer_count; i++)
        text_line(p, &p->layers[i], to);
    text_line(p, &p->all, to);
    fprintf(to, "\n%-10s %9s %12s %12s %12s %6s\n", "commands", "number", "queue cycles", "vectors",
            "MACs", "util%");
    for (unsigned k = 0; k < PROFILE_KINDS; k++) {
        const profile_sum *s = &p->kinds[k];
        if (s->commands)
            fprintf(to, "%-10s %9llu %12llu %12llu %12llu %6.1f\n", profile_kind_names[k],
                    (unsigned long long)s->commands, (unsigned long long)s->cycles,
                    (unsigned long long)s->vectors, (unsigned long long)s->macs,
                    100.0 * profile_utilisation(p, s->macs, s->cycles));
    }
    const profile_energy e = profile_joule(&p->all);
    fprintf(to,
            "\nEnergy estimate, 45 nm (Horowitz, ISSCC 2014, figure 1.1.9): array %.1f uJ, "
            "requantiser %.1f, buffer %.1f,\naccumulators %.1f, memory %.1f; all %.1f uJ\n",
            e.array, e.requantise, e.buffer, e.accumulator, e.dram, e.all);
}

static void csv_line(const profile_layer *l, FILE *to)
{
    for (const char *c = l->name; *c; c++)
        putc(*c == ',' || *c == '"' || *c < ' ' ? ';' : *c, to);
    fprintf(to, ",%u,%llu,%llu\n", (unsigned)l->counters[COUNT_CYCLES],
            (unsigned long long)l->predicted, (unsigned long long)l->macs);
}

void profile_csv(const profile *p, FILE *to)
{
    for (uint32_t i = 0; i < p->layer_count; i++)
        csv_line(&p->layers[i], to);
    csv_line(&p->all, to);
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

static void json_work(json *j, const profile_work *w)
{
    json_number(j, "vectors", (double)w->vectors);
    json_number(j, "read_bytes", (double)w->read_bytes);
    json_number(j, "weight_bytes", (double)w->weight_bytes);
    json_number(j, "command_bytes", (double)w->command_bytes);
    json_number(j, "written_bytes", (double)w->write_bytes);
    json_number(j, "buffer_bytes", (double)w->buffer_bytes);
    json_number(j, "accumulator_bytes", (double)w->accumulate_bytes);
}

static void json_energy(json *j, const profile_layer *l)
{
    const profile_energy e = profile_joule(l);
    json_open(j, "energy_uj", '{');
    json_number(j, "array", e.array);
    json_number(j, "requantiser", e.requantise);
    json_number(j, "buffer", e.buffer);
    json_number(j, "accumulators", e.accumulator);
    json_number(j, "memory", e.dram);
    json_number(j, "all", e.all);
    json_close(j, '}');
}

static void json_layer(json *j, const char *name, const profile *p, const profile_layer *l)
{
    const profile_roof roof = profile_roofline(p, l);
    const uint32_t cycles = l->counters[COUNT_CYCLES];
    json_open(j, name, '{');
    json_text(j, "name", l->name);
    json_text(j, "op", l->op);
    json_number(j, "begin", l->begin);
    json_number(j, "cycles", cycles);
    json_number(j, "predicted_cycles", (double)l->predicted);
    json_number(j, "macs", (double)l->macs);
    json_number(j, "utilisation_percent", 100.0 * profile_utilisation(p, l->macs, cycles));
    json_number(j, "issued", l->counters[COUNT_ISSUED]);
    json_open(j, "stalls", '{');
    for (unsigned k = COUNT_FIRST_STALL; k <= COUNT_IDLE; k++)
        json_number(j, profile_stall_names[k - COUNT_FIRST_STALL], l->counters[k]);
    json_close(j, '}');
    json_number(j, "load_busy", l->counters[COUNT_LOAD_BUSY]);
    json_number(j, "store_busy", l->counters[COUNT_STORE_BUSY]);
    json_number(j, "read_beats", l->counters[COUNT_READ_BEATS]);
    json_number(j, "weight_beats", l->counters[COUNT_WEIGHT_BEATS]);
    json_number(j, "write_beats", l->counters[COUNT_WRITE_BEATS]);
    json_work(j, &l->work);
    json_open(j, "roofline", '{');
    json_number(j, "macs_per_byte", roof.macs_per_byte);
    json_number(j, "array_cycles", roof.array_cycles);
    json_number(j, "memory_cycles", roof.memory_cycles);
    json_text(j, "binds", roof.memory_binds ? "memory" : "array");
    json_close(j, '}');
    json_energy(j, l);
    json_close(j, '}');
}

void profile_json(const profile *p, FILE *to)
{
    const weft_hw *hw = &p->program->hw;
    json j = { .to = to };
    json_open(&j, NULL, '{');
    json_number(&j, "rows", hw->rows);
    json_number(&j, "cols", hw->cols);
    json_number(&j, "mem_bytes", hw->mem_bytes);
    json_open(&j, "layers", '[');
    for (uint32_t i = 0; i < p->layer_count; i++)
        json_layer(&j, NULL, p, &p->layers[i]);
    json_close(&j, ']');
    json_layer(&j, "all", p, &p->all);
    json_open(&j, "kinds", '[');
    for (unsigned k = 0; k < PROFILE_KINDS; k++) {
        const profile_sum *s = &p->kinds[k];
        json_open(&j, NULL, '{');
        json_text(&j, "kind", profile_kind_names[k]);
        json_number(&j, "commands", (double)s->commands);
        json_number(&j, "cycles", (double)s->cycles);
        json_number(&j, "vectors", (double)s->vectors);
        json_number(&j, "macs", (double)s->macs);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_text(&j, "energy_source", "M. Horowitz, ISSCC 2014, figure 1.1.9 (45 nm)");
    json_close(&j, '}');
}
