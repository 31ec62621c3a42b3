/* A profile as one page that opens from disk: no scripts, nothing fetched; see profile.h. */
#include "profile_plot.h"
#include "svg.h"

static void heading(const profile *p, const char *title, FILE *to)
{
    const weft_hw *hw = &p->program->hw;
    const profile_energy e = profile_joule(&p->all);
    const uint32_t cycles = p->all.counters[COUNT_CYCLES];
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>", to);
    html_text(to, title);
    fputs("</title>\n<style>body{font:14px sans-serif;margin:24px;color:#222}svg text{font:11px "
          "sans-serif}table{border-collapse:collapse;font-size:12px}td,th{padding:2px "
          "7px;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child,"
          "td:nth-child(2){text-align:left}tr:last-child{font-weight:bold}</style></"
          "head><body>\n<h1>",
          to);
    html_text(to, title);
    fprintf(
        to,
        "</h1>\n<p>%ux%u array, memory port of %u bytes: <b>%u cycles</b> measured on the "
        "device, %llu predicted; %.2f M multiplications, <b>%.1f %%</b> of peak; %.2f MB moved; "
        "%.1f &micro;J estimated.</p>\n",
        (unsigned)hw->rows, (unsigned)hw->cols, (unsigned)hw->mem_bytes, (unsigned)cycles,
        (unsigned long long)p->all.predicted, (double)p->all.macs / 1e6,
        100.0 * profile_utilisation(p, p->all.macs, cycles),
        (double)profile_bytes(&p->all.work) / 1e6, e.all);
}

static void table_row(const profile *p, const profile_layer *l, FILE *to)
{
    const double cycles = l->counters[COUNT_CYCLES] ? l->counters[COUNT_CYCLES] : 1;
    const profile_roof roof = profile_roofline(p, l);
    char name[PROFILE_NAME_BYTES];
    profile_name(p, l, name);
    fputs("<tr><td>", to);
    html_text(to, name);
    fputs("</td><td>", to);
    html_text(to, l->op);
    fprintf(
        to, "</td><td>%u</td><td>%llu</td><td>%+.1f</td><td>%.3f</td><td>%.1f</td><td>%.1f</td>",
        (unsigned)l->counters[COUNT_CYCLES], (unsigned long long)l->predicted,
        100.0 * ((double)l->predicted - l->counters[COUNT_CYCLES]) / cycles, (double)l->macs / 1e6,
        100.0 * profile_utilisation(p, l->macs, l->counters[COUNT_CYCLES]),
        100.0 * l->counters[COUNT_ISSUED] / cycles);
    for (unsigned k = COUNT_FIRST_STALL; k <= COUNT_IDLE; k++)
        fprintf(to, "<td>%.1f</td>", 100.0 * l->counters[k] / cycles);
    fprintf(to,
            "<td>%.1f</td><td>%.1f</td><td>%.1f</td><td>%.1f</td><td>%s</td><td>%.1f</td></tr>\n",
            (double)l->work.read_bytes / 1024, (double)l->work.weight_bytes / 1024,
            (double)l->work.write_bytes / 1024, roof.macs_per_byte,
            roof.memory_binds ? "memory" : "array", profile_joule(l).all);
}

static void table(const profile *p, FILE *to)
{
    fputs("<table><tr><th>layer</th><th>operator</th><th>cycles</th><th>predicted</th><th>error "
          "%</th><th>M MACs</th><th>of peak %</th><th>array at work %</th>",
          to);
    for (unsigned k = COUNT_FIRST_STALL; k <= COUNT_IDLE; k++)
        fprintf(to, "<th>%s %%</th>", profile_stall_names[k - COUNT_FIRST_STALL]);
    fputs("<th>read KiB</th><th>weights KiB</th><th>written KiB</th><th>MACs a "
          "byte</th><th>binds</th><th>&micro;J</th></tr>\n",
          to);
    for (uint32_t i = 0; i < p->layer_count; i++)
        table_row(p, &p->layers[i], to);
    table_row(p, &p->all, to);
    fputs("</table>\n", to);
}

void profile_html(const profile *p, const char *title, FILE *to)
{
    heading(p, title, to);
    fputs("<h2>Where the cycles go</h2>\n<p>The black mark is the prediction, the number the share "
          "of peak.</p>\n",
          to);
    plot_cycles(p, to);
    fputs("<h2>Over time</h2>\n", to);
    plot_time(p, to);
    fputs("<h2>Roofline</h2>\n<p>Orange: the memory port binds; green: the array.</p>\n", to);
    plot_roofline(p, to);
    fputs("<h2>Layers</h2>\n", to);
    table(p, to);
    fputs("<p>A layer's cycles run from the end of the one before it to its own end; layers add up "
          "to the run. Energy: counted operations and the figures of M. Horowitz, ISSCC 2014, "
          "figure 1.1.9 (45 nm); an estimate.</p>\n</body></html>\n",
          to);
}
