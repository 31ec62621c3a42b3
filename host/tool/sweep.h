/* Predicted cycles of networks on devices of many shapes; see cmd_sweep.c.
 *
 * A point is a device; results[] has one entry for each network. */
#ifndef WEFT_TOOL_SWEEP_H
#define WEFT_TOOL_SWEEP_H

#include "shard.h"
#include "tool.h"

enum { SWEEP_MAX_NETWORKS = 16, SWEEP_MAX_POINTS = 256 };

typedef struct sweep_result {
    uint64_t cycles; /* 0: cannot be compiled for this device */
    double utilisation;
} sweep_result;

/* Cells of ECP5 as Yosys counts them; all 0: not measured. */
typedef struct sweep_area {
    uint32_t lut4, ff, multipliers;
} sweep_area;

typedef struct sweep_point {
    weft_hw hw;
    uint32_t chip_kib; /* memory on chip: features, accumulators */
    sweep_area area;
    sweep_result results[SWEEP_MAX_NETWORKS];
} sweep_point;

typedef struct sweep {
    unsigned network_count, point_count;
    uint32_t first, end;     /* points that are computed */
    uint32_t networks_crc32; /* of their programs */
    const char *names[SWEEP_MAX_NETWORKS];
    uint64_t macs[SWEEP_MAX_NETWORKS];
    sweep_point points[SWEEP_MAX_POINTS];
} sweep;

/* sweep_part.c: points first .. end - 1 as rows of a part, and the rows of all parts as a sweep (whose names are those of `all`).
 * WEFT_OK, WEFT_ERR_FORMAT or WEFT_ERR_NO_MEMORY. */
int sweep_pack(const sweep *s, uint32_t first, uint32_t end, shard_table *part);
int sweep_unpack(const shard_table *all, sweep *s);

/* sweep_show.c: as text, or with --json; html: also a page, or NULL.  Returns an exit code. */
int sweep_print(tool *t, const sweep *s, const char *html);
void sweep_text(const sweep *s, FILE *to);
void sweep_json(const sweep *s, FILE *to);
void sweep_html(const sweep *s, FILE *to); /* cycles against area and against memory on chip */

#endif
