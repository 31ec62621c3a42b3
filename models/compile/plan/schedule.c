/* Memory of a schedule. */
#include "schedule.h"

#include <stdlib.h>

int schedule_begin(schedule *sched, const lowering *low, const budget *b, weft_error *err,
                   weft_placement *culprits)
{
    *sched = (schedule){ .low = low,
                         .net = low->net,
                         .hw = &low->net->hw,
                         .budget = *b,
                         .work = { .err = err, .culprits = culprits } };
    sched->storage = work_alloc(&sched->work, (low->area_count + 1u) * sizeof *sched->storage);
    sched->tilings = work_alloc(&sched->work, (low->layer_count + 1u) * sizeof *sched->tilings);
    if (!sched->storage || !sched->tilings)
        return WEFT_ERR_NO_MEMORY;
    for (uint32_t k = 0; k < low->area_count; k++) {
        const area *a = &low->areas[k];
        sched->storage[k] = (storage){
            .born = a->born, .dies = a->dies, .pitch_bytes = a->image_pitch, .addr = a->image_offset
        };
    }
    return WEFT_OK;
}

void schedule_free(schedule *sched)
{
    work_free(&sched->work);
    free(sched->commands);
    *sched = (schedule){ 0 };
}
