/* Which of the models that are linked in is meant: by shape, by the parts it lacks and by what this
 * machine can run (weft_sim.h). */
#include <stdio.h>
#include <string.h>

#include "models/base/cpu_level.h"
#include "rtl/isa/weft_isa.h"
#include "weft_sim.h"

int weft_sim_is_new(unsigned i)
{
    for (unsigned k = 0; k < i; k++)
        if (!strcmp(weft_sim_models[k]->shape, weft_sim_models[i]->shape) &&
            weft_sim_models[k]->lacks == weft_sim_models[i]->lacks)
            return 0;
    return 1;
}

void weft_sim_name(const weft_sim_model *m, char *to, size_t room)
{
    int used = snprintf(to, room, "%s", m->shape);
#define HW_PART(NAME, name, bit, key, doc)                                                         \
    if (m->lacks & WEFT_INFO_LACKS_##NAME && used >= 0 && (size_t)used < room)                     \
        used += snprintf(to + used, room - (size_t)used, "," key "=0");
#include "rtl/isa/weft_isa.def"
}

const weft_sim_model *weft_sim_find(const char *shape, uint32_t lacks, int want_trace, int *exists)
{
    const int level = weft_cpu_level();
    const weft_sim_model *best = NULL;
    int any = 0;
    for (unsigned i = 0; i < weft_sim_model_count; i++) {
        const weft_sim_model *m = weft_sim_models[i];
        if (strcmp(m->shape, shape) != 0 || m->lacks != lacks || (want_trace && !m->can_trace))
            continue;
        any = 1;
        const int better = !best || best->can_trace > m->can_trace ||
                           (best->can_trace == m->can_trace && best->cpu_level < m->cpu_level);
        if (m->cpu_level <= level && better)
            best = m;
    }
    if (exists)
        *exists = any;
    return best;
}
