/* Device memory divided among the loaded programs: the first piece that is large enough; see
 * device_own.h.  Programs keep their place; what is free is what lies between them. */
#include "device_own.h"

/* The free bytes behind a program (NULL: before the first). */
static uint64_t gap_after(const weft_loaded *first, const weft_loaded *net, uint64_t mem_size,
                          uint64_t *from)
{
    const weft_loaded *next = net ? net->next : first;
    const uint64_t end = next ? next->base : mem_size;
    *from = net ? net->base + net->bytes : 0;
    return end > *from ? end - *from : 0;
}

weft_memory_use weft_memory_of(const weft_loaded *first, uint64_t mem_size)
{
    weft_memory_use use = { 0 };
    const weft_loaded *net = NULL;
    do {
        uint64_t from;
        const uint64_t gap = gap_after(first, net, mem_size, &from);
        use.free_bytes += gap;
        use.largest_bytes = gap > use.largest_bytes ? gap : use.largest_bytes;
        net = net ? net->next : first;
    } while (net);
    return use;
}

int weft_memory_find(const weft_loaded *first, uint64_t mem_size, uint64_t wish, uint64_t bytes,
                     uint32_t *base)
{
    const weft_loaded *net = NULL;
    int found = 0;
    do {
        uint64_t from;
        const uint64_t gap = gap_after(first, net, mem_size, &from);
        if (wish >= from && wish + bytes <= from + gap) {
            *base = (uint32_t)wish;
            return 1;
        }
        if (!found && gap >= bytes) {
            *base = (uint32_t)from;
            found = 1;
        }
        net = net ? net->next : first;
    } while (net);
    return found;
}
