/* A sweep as rows of numbers, and back; see sweep.h. */
#include <stdlib.h>

#include "sweep.h"

enum { FIXED = 9 }; /* numbers of a point; then cycles and utilisation for each network */

int sweep_pack(const sweep *s, uint32_t first, uint32_t end, shard_table *part)
{
    part->width = FIXED + 2 * s->network_count;
    part->name_count = s->network_count;
    part->rows = calloc((size_t)(end - first) * part->width + 1, sizeof *part->rows);
    if (!part->rows)
        return WEFT_ERR_NO_MEMORY;
    for (unsigned n = 0; n < s->network_count; n++) {
        snprintf(part->name[n], sizeof part->name[n], "%s", s->names[n]);
        part->name_value[n] = (double)s->macs[n];
    }
    double *to = part->rows;
    for (uint32_t i = first; i < end; i++) {
        const sweep_point *p = &s->points[i];
        const double fixed[FIXED] = { p->hw.rows,     p->hw.cols,      p->hw.mem_bytes,
                                      p->hw.fb_words, p->hw.acc_depth, p->chip_kib,
                                      p->area.lut4,   p->area.ff,      p->area.multipliers };
        for (unsigned k = 0; k < FIXED; k++)
            *to++ = fixed[k];
        for (unsigned n = 0; n < s->network_count; n++) {
            *to++ = (double)p->results[n].cycles;
            *to++ = p->results[n].utilisation;
        }
    }
    return WEFT_OK;
}

static uint32_t number(double v)
{
    return v >= 0 && v <= UINT32_MAX ? (uint32_t)v : 0;
}

int sweep_unpack(const shard_table *all, sweep *s)
{
    if (all->total > SWEEP_MAX_POINTS || all->name_count > SWEEP_MAX_NETWORKS || !all->name_count ||
        all->width != FIXED + 2 * all->name_count)
        return WEFT_ERR_FORMAT;
    s->network_count = all->name_count;
    s->point_count = all->total;
    for (unsigned n = 0; n < s->network_count; n++) {
        s->names[n] = all->name[n];
        s->macs[n] = all->name_value[n] >= 0 && all->name_value[n] < 0x1p63
                         ? (uint64_t)all->name_value[n]
                         : 0;
    }
    for (uint32_t i = 0; i < all->total; i++) {
        const double *from = all->rows + (size_t)i * all->width;
        sweep_point *p = &s->points[i];
        p->hw = weft_hw_default(1u << 30);
        p->hw.rows = number(from[0]);
        p->hw.cols = p->hw.lanes = number(from[1]);
        p->hw.mem_bytes = number(from[2]);
        p->hw.fb_words = number(from[3]);
        p->hw.acc_depth = number(from[4]);
        p->chip_kib = number(from[5]);
        p->area = (sweep_area){ number(from[6]), number(from[7]), number(from[8]) };
        for (unsigned n = 0; n < s->network_count; n++) {
            const double cycles = from[FIXED + 2 * n];
            p->results[n].cycles = cycles >= 0 && cycles < 0x1p63 ? (uint64_t)cycles : 0;
            p->results[n].utilisation = from[FIXED + 2 * n + 1];
        }
        if (p->hw.rows < 1 || p->hw.rows > 64 || p->hw.cols < 1 || p->hw.cols > 64)
            return WEFT_ERR_FORMAT;
        p->hw.word_bytes = weft_hw_word_bytes(&p->hw);
        if (weft_hw_check(&p->hw, NULL) != WEFT_OK)
            return WEFT_ERR_FORMAT;
    }
    return WEFT_OK;
}
