/* The plots of the profile page: where the cycles go, the roofline, the queues over time. */
#include "profile_plot.h"

#include <math.h>
#include <string.h>

#include "svg.h"

enum { WIDTH = 1160, LEFT = 210, RIGHT = 70, PLOT = WIDTH - LEFT - RIGHT, ROW = 18 };

static const char *const COLOURS[] = { "#2a7f3e", "#d95f02", "#e6ab02", "#c2267d",
                                       "#7570b3", "#1f78b4", "#8c564b", "#b8b8b8" };

/* The array at work, then stalls as they are named. */
enum { SHARES = sizeof COLOURS / sizeof *COLOURS };

static const char *share_name(unsigned k)
{
    return k ? profile_stall_names[k - 1] : "array at work";
}

static void legend(FILE *to)
{
    for (unsigned k = 0; k < SHARES; k++) {
        svg_rect(to, LEFT + 115.0 * k, 4, 12, 12, COLOURS[k], NULL);
        svg_text(to, LEFT + 115.0 * k + 16, 14, "start", share_name(k));
    }
}

static void cycle_bar(const profile *p, const profile_layer *l, double y, double most, FILE *to)
{
    double x = LEFT;
    char tip[200], name[PROFILE_NAME_BYTES];
    profile_name(p, l, name);
    svg_text(to, LEFT - 6, y + 12, "end", name);
    for (unsigned k = 0; k < SHARES; k++) {
        const double cycles = l->counters[COUNT_ISSUED + k], width = PLOT * cycles / most;
        snprintf(tip, sizeof tip, "%.80s: %s %.0f of %u cycles", l->name, share_name(k), cycles,
                 (unsigned)l->counters[COUNT_CYCLES]);
        if (width > 0)
            svg_rect(to, x, y, width, ROW - 4, COLOURS[k], tip);
        x += width;
    }
    const double mark = LEFT + PLOT * (double)l->predicted / most;
    svg_line(to, mark, y - 1, mark, y + ROW - 3, "black");
    snprintf(tip, sizeof tip, "%.1f %%",
             100.0 * profile_utilisation(p, l->macs, l->counters[COUNT_CYCLES]));
    svg_text(to, WIDTH - 4, y + 12, "end", tip);
}

void plot_cycles(const profile *p, FILE *to)
{
    double most = 1;
    for (uint32_t i = 0; i < p->layer_count; i++) {
        const profile_layer *l = &p->layers[i];
        most = fmax(most, fmax(l->counters[COUNT_CYCLES], (double)l->predicted));
    }
    svg_begin(to, WIDTH, 30.0 + ROW * p->layer_count);
    legend(to);
    for (uint32_t i = 0; i < p->layer_count; i++)
        cycle_bar(p, &p->layers[i], 26.0 + ROW * i, most, to);
    svg_end(to);
}

/* --- roofline -----------------------------------------------------------------------------------
 */

enum { ROOF_HEIGHT = 380, ROOF_PLOT = 330 };

static const double LEAST_PER_BYTE = 0.1;

/* Five decades of work per byte; speed from a little above the roof to a thousandth of it. */
static double roof_x(double macs_per_byte)
{
    const double decades = log10(fmax(macs_per_byte, LEAST_PER_BYTE) / LEAST_PER_BYTE);
    return LEFT + PLOT * fmin(decades / 5, 1);
}

static double roof_y(double macs_per_cycle, double peak)
{
    const double decades = log10(peak * 2 / fmax(macs_per_cycle, peak / 1000));
    return 20 + ROOF_PLOT * fmin(decades / 3.3, 1);
}

void plot_roofline(const profile *p, FILE *to)
{
    const weft_hw *hw = &p->program->hw;
    const double peak = (double)hw->rows * hw->cols, port = hw->mem_bytes;
    char text[200];
    svg_begin(to, WIDTH, ROOF_HEIGHT);
    svg_line(to, LEFT, 20 + ROOF_PLOT, LEFT + PLOT, 20 + ROOF_PLOT, "#888");
    svg_line(to, LEFT, 20, LEFT, 20 + ROOF_PLOT, "#888");
    svg_line(to, roof_x(peak / port), roof_y(peak, peak), LEFT + PLOT, roof_y(peak, peak), "black");
    svg_line(to, LEFT, roof_y(LEAST_PER_BYTE * port, peak), roof_x(peak / port), roof_y(peak, peak),
             "black");
    for (double v = LEAST_PER_BYTE; v < 2e4; v *= 10) {
        snprintf(text, sizeof text, "%g", v);
        svg_text(to, roof_x(v), 34 + ROOF_PLOT, "middle", text);
    }
    for (double v = peak; v >= peak / 500; v /= 10) {
        snprintf(text, sizeof text, "%.3g", v);
        svg_text(to, LEFT - 6, roof_y(v, peak) + 4, "end", text);
    }
    svg_text(to, LEFT + PLOT, 47 + ROOF_PLOT, "end", "multiplications per byte of memory traffic");
    svg_text(to, 6, 14, "start", "multiplications per cycle");
    for (uint32_t i = 0; i < p->layer_count; i++) {
        const profile_layer *l = &p->layers[i];
        const profile_roof roof = profile_roofline(p, l);
        if (!l->macs || !l->counters[COUNT_CYCLES])
            continue;
        const double speed = (double)l->macs / l->counters[COUNT_CYCLES];
        snprintf(text, sizeof text, "%.80s: %.1f per byte, %.1f per cycle, the %s binds", l->name,
                 roof.macs_per_byte, speed, roof.memory_binds ? "memory" : "array");
        svg_dot(to, roof_x(roof.macs_per_byte), roof_y(speed, peak),
                roof.memory_binds ? "#d95f02" : "#2a7f3e", text);
    }
    svg_end(to);
}

/* --- queues over time ---------------------------------------------------------------------------
 */

enum { SLOTS = PLOT };

/* Darkness of a slot is the share of it in which a command of the queue ran. */
static void queue_row(const profile *p, unsigned queue, double y, FILE *to)
{
    static const char *const names[PROFILE_QUEUES] = { "load queue", "store queue",
                                                       "compute queue" };
    static const char *const colours[PROFILE_QUEUES] = { "rgb(31,120,180", "rgb(217,95,2",
                                                         "rgb(42,127,62" };
    double busy[SLOTS] = { 0 };
    const double all = p->all.counters[COUNT_CYCLES];
    double until = 0;
    for (uint32_t i = 0; i < p->command_count; i++) {
        const profile_command *c = &p->commands[i];
        if (c->queue != queue)
            continue;
        double from = fmax(c->start, until);
        for (until = fmax(until, c->end); from < until;) {
            const unsigned slot = (unsigned)fmin(from * SLOTS / all, SLOTS - 1);
            const double end = slot == SLOTS - 1 ? until : fmin(until, (slot + 1.0) * all / SLOTS);
            busy[slot] += fmax(end - from, 0);
            from = fmax(end, from + 1e-6 * all);
        }
    }
    svg_text(to, LEFT - 6, y + 13, "end", names[queue]);
    for (unsigned s = 0; s < SLOTS; s++) {
        char colour[48];
        snprintf(colour, sizeof colour, "%.20s,%.2f)", colours[queue],
                 fmin(busy[s] * SLOTS / all, 1));
        if (busy[s] > 0)
            svg_rect(to, LEFT + s, y, 1, 16, colour, NULL);
    }
}

void plot_time(const profile *p, FILE *to)
{
    const double all = fmax(p->all.counters[COUNT_CYCLES], 1);
    char tip[160];
    svg_begin(to, WIDTH, 100);
    svg_text(to, LEFT - 6, 15, "end", "layers");
    for (uint32_t i = 0; i < p->layer_count; i++) {
        const profile_layer *l = &p->layers[i];
        snprintf(tip, sizeof tip, "%.80s: cycles %u to %u", l->name, (unsigned)l->begin,
                 (unsigned)(l->begin + l->counters[COUNT_CYCLES]));
        svg_rect(to, LEFT + PLOT * (double)l->begin / all, 2,
                 PLOT * (double)l->counters[COUNT_CYCLES] / all, 16, i % 2 ? "#9ecae1" : "#c6dbef",
                 tip);
    }
    for (unsigned q = 0; q < PROFILE_QUEUES; q++)
        queue_row(p, q, 22.0 + 20 * q, to);
    snprintf(tip, sizeof tip, "%u cycles", (unsigned)p->all.counters[COUNT_CYCLES]);
    svg_text(to, LEFT, 96, "start", "0");
    svg_text(to, LEFT + PLOT, 96, "end", tip);
    svg_end(to);
}
