/* A sweep as a table, as JSON, and as a page with plots; see sweep.h. */
#include <math.h>

#include "json.h"
#include "models/base/files.h"
#include "svg.h"
#include "sweep.h"

static void text_cells(const sweep_point *p, FILE *to)
{
    if (p->area.lut4)
        fprintf(to, " %7u %7u %5u", (unsigned)p->area.lut4, (unsigned)p->area.ff,
                (unsigned)p->area.multipliers);
    else
        fprintf(to, " %7s %7s %5s", "-", "-", "-");
}

void sweep_text(const sweep *s, FILE *to)
{
    fprintf(to, "%-7s %4s %8s %8s %7s %7s %5s", "array", "port", "fb words", "chip KiB", "LUT4",
            "FF", "mult");
    for (unsigned n = 0; n < s->network_count; n++)
        fprintf(to, " %20.20s", s->names[n]);
    fputc('\n', to);
    for (unsigned i = 0; i < s->point_count; i++) {
        const sweep_point *p = &s->points[i];
        char shape[16];
        snprintf(shape, sizeof shape, "%ux%u", (unsigned)p->hw.rows, (unsigned)p->hw.cols);
        fprintf(to, "%-7s %4u %8u %8u", shape, (unsigned)p->hw.mem_bytes, (unsigned)p->hw.fb_words,
                (unsigned)p->chip_kib);
        text_cells(p, to);
        for (unsigned n = 0; n < s->network_count; n++) {
            const sweep_result *r = &p->results[n];
            if (r->cycles)
                fprintf(to, " %12llu %6.1f%%", (unsigned long long)r->cycles,
                        100.0 * r->utilisation);
            else
                fprintf(to, " %20s", "too small");
        }
        fputc('\n', to);
    }
}

void sweep_json(const sweep *s, FILE *to)
{
    json j = { .to = to };
    json_open(&j, NULL, '[');
    for (unsigned i = 0; i < s->point_count; i++) {
        const sweep_point *p = &s->points[i];
        json_open(&j, NULL, '{');
        json_number(&j, "rows", p->hw.rows);
        json_number(&j, "cols", p->hw.cols);
        json_number(&j, "mem_bytes", p->hw.mem_bytes);
        json_number(&j, "fb_words", p->hw.fb_words);
        json_number(&j, "acc_depth", p->hw.acc_depth);
        json_number(&j, "chip_kib", p->chip_kib);
        json_number(&j, "lut4", p->area.lut4 ? p->area.lut4 : (double)NAN);
        json_number(&j, "ff", p->area.lut4 ? p->area.ff : (double)NAN);
        json_number(&j, "multipliers", p->area.lut4 ? p->area.multipliers : (double)NAN);
        json_open(&j, "networks", '[');
        for (unsigned n = 0; n < s->network_count; n++) {
            const sweep_result *r = &p->results[n];
            json_open(&j, NULL, '{');
            json_text(&j, "name", s->names[n]);
            json_number(&j, "predicted_cycles", r->cycles ? (double)r->cycles : (double)NAN);
            json_number(&j, "utilisation_percent", 100.0 * r->utilisation);
            json_close(&j, '}');
        }
        json_close(&j, ']');
        json_close(&j, '}');
    }
    json_close(&j, ']');
}

/* --- plots: logarithms of cycles upwards, of cells or KiB to the right --------------------------
 */

enum { WIDTH = 900, HEIGHT = 420, LEFT = 80, TOP = 20, PLOT_W = 600, PLOT_H = 350, TICKS = 6 };

static const char *const COLOURS[] = { "#1f78b4", "#d95f02", "#2a7f3e", "#c2267d",
                                       "#7570b3", "#8c564b", "#e6ab02", "#444444" };

enum { COLOUR_COUNT = sizeof COLOURS / sizeof *COLOURS };

typedef double measure(const sweep_point *p);

static double of_area(const sweep_point *p)
{
    return p->area.lut4;
}

static double of_memory(const sweep_point *p)
{
    return p->chip_kib;
}

typedef struct axes {
    double x0, x1, y0, y1; /* logarithms */
} axes;

static axes axes_of(const sweep *s, measure *x)
{
    axes a = { INFINITY, -INFINITY, INFINITY, -INFINITY };
    for (unsigned i = 0; i < s->point_count; i++)
        for (unsigned n = 0; n < s->network_count; n++) {
            const sweep_point *p = &s->points[i];
            if (x(p) <= 0 || !p->results[n].cycles)
                continue;
            const double right = log10(x(p)), up = log10((double)p->results[n].cycles);
            a = (axes){ fmin(a.x0, right), fmax(a.x1, right), fmin(a.y0, up), fmax(a.y1, up) };
        }
    a.x0 -= 0.05;
    a.x1 += 0.05;
    a.y0 = floor(a.y0);
    a.y1 = ceil(a.y1 + 1e-9);
    return a;
}

static void frame(FILE *to, const axes *a, const char *what)
{
    char text[40];
    for (double v = a->y0; v <= a->y1; v++) {
        const double y = TOP + PLOT_H * (a->y1 - v) / (a->y1 - a->y0);
        svg_line(to, LEFT, y, LEFT + PLOT_W, y, "#ddd");
        snprintf(text, sizeof text, "%.0f", pow(10, v));
        svg_text(to, LEFT - 6, y + 4, "end", text);
    }
    for (unsigned i = 0; i < TICKS; i++) {
        const double part = (double)i / (TICKS - 1), x = LEFT + PLOT_W * part;
        svg_line(to, x, TOP, x, TOP + PLOT_H, "#ddd");
        snprintf(text, sizeof text, "%.0f", pow(10, a->x0 + part * (a->x1 - a->x0)));
        svg_text(to, x, TOP + PLOT_H + 14, "middle", text);
    }
    svg_text(to, LEFT + PLOT_W, TOP + PLOT_H + 30, "end", what);
    svg_text(to, 4, 12, "start", "predicted cycles");
}

static void plot(const sweep *s, measure *x, const char *what, FILE *to)
{
    const axes a = axes_of(s, x);
    if (!(a.x0 < a.x1)) {
        fputs("<p>None of these devices was measured.</p>\n", to);
        return;
    }
    svg_begin(to, WIDTH, HEIGHT);
    frame(to, &a, what);
    for (unsigned n = 0; n < s->network_count; n++) {
        const char *colour = COLOURS[n % COLOUR_COUNT];
        svg_rect(to, LEFT + PLOT_W + 16, TOP + 18.0 * n, 12, 12, colour, NULL);
        svg_text(to, LEFT + PLOT_W + 33, TOP + 10 + 18.0 * n, "start", s->names[n]);
        for (unsigned i = 0; i < s->point_count; i++) {
            const sweep_point *p = &s->points[i];
            char tip[160];
            if (x(p) <= 0 || !p->results[n].cycles)
                continue;
            snprintf(tip, sizeof tip, "%.40s on %ux%u, %u words, port %u: %llu cycles, %.1f %%",
                     s->names[n], (unsigned)p->hw.rows, (unsigned)p->hw.cols,
                     (unsigned)p->hw.fb_words, (unsigned)p->hw.mem_bytes,
                     (unsigned long long)p->results[n].cycles, 100.0 * p->results[n].utilisation);
            const double up = log10((double)p->results[n].cycles);
            svg_dot(to, LEFT + PLOT_W * (log10(x(p)) - a.x0) / (a.x1 - a.x0),
                    TOP + PLOT_H * (a.y1 - up) / (a.y1 - a.y0), colour, tip);
        }
    }
    svg_end(to);
}

void sweep_html(const sweep *s, FILE *to)
{
    fputs(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>weft "
        "sweep</title>\n<style>body{font:14px sans-serif;margin:24px;color:#222}svg text{font:11px "
        "sans-serif}pre{font-size:12px}</style></head><body>\n<h1>Cycles against area</h1>\n<p>"
        "Predicted by the compiler; cells of ECP5 counted by Yosys, memories apart.</p>\n",
        to);
    plot(s, of_area, "LUT4", to);
    fputs("<h1>Cycles against memory on chip</h1>\n", to);
    plot(s, of_memory, "KiB of features and accumulators", to);
    fputs("<h1>Table</h1>\n<pre>\n", to);
    sweep_text(s, to);
    fputs("</pre>\n</body></html>\n", to);
}

int sweep_print(tool *t, const sweep *s, const char *html)
{
    if (html) {
        weft_file_out out;
        if (weft_file_create(html, &out, &t->err) != WEFT_OK)
            return EXIT_OUTPUT;
        sweep_html(s, out.to);
        if (weft_file_finish(&out, 1, &t->err) != WEFT_OK)
            return EXIT_OUTPUT;
    }
    if (t->json)
        sweep_json(s, stdout);
    else
        sweep_text(s, stdout);
    return EXIT_GOOD;
}
