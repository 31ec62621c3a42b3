/* Addresses of areas in device memory.
 *
 * Inputs and outputs of the program have memory of their own, so that the host may fill the next
 * input early; the others share by lifetime, each at the lowest address where no living area is.
 * Quadratic in the number of areas that do not stay in the buffer. */
#include "place.h"

#include <inttypes.h>

static uint64_t bytes_of(const schedule *sched, uint32_t k)
{
    return (uint64_t)sched->low->areas[k].rows * sched->storage[k].pitch_bytes;
}

/* Are both areas needed at some time? */
static int live_together(const schedule *sched, uint32_t i, uint32_t k)
{
    const area *a = &sched->low->areas[i], *b = &sched->low->areas[k];
    const storage *x = &sched->storage[i], *y = &sched->storage[k];
    return a->is_input || a->is_output || b->is_input || b->is_output ||
           (x->born <= y->dies && y->born <= x->dies);
}

/* The lowest address for area k beside areas 0..k-1; UINT64_MAX if beyond 4 GiB. */
static uint64_t lowest_address(const schedule *sched, uint32_t k)
{
    const uint64_t bytes = bytes_of(sched, k);
    uint64_t addr = 0;
    for (int moved = 1; moved;) {
        moved = 0;
        for (uint32_t i = 0; i < k; i++) {
            const storage *b = &sched->storage[i];
            if (b->in_memory && !sched->low->areas[i].is_constant && live_together(sched, i, k) &&
                addr < b->addr + bytes_of(sched, i) && b->addr < addr + bytes) {
                addr = (b->addr + bytes_of(sched, i) + 31) / 32 * 32;
                moved = 1;
            }
        }
    }
    return addr + bytes <= UINT32_MAX ? addr : UINT64_MAX;
}

int place_in_memory(schedule *sched)
{
    const uint32_t unit = sched->hw->mem_bytes > 16 ? sched->hw->mem_bytes : 16;
    for (uint32_t k = 0; k < sched->low->area_count; k++) {
        const area *a = &sched->low->areas[k];
        storage *at = &sched->storage[k];
        at->in_memory = a->is_input || a->is_output || a->host_reads || a->host_writes ||
                        (!at->resident && at->born != UINT32_MAX);
        if (a->is_constant)
            at->in_memory = 1; /* in the image, which has an address already */
        if (!at->in_memory || a->is_constant)
            continue;
        const uint32_t own = a->is_stream ? 32 : unit; /* streams begin at multiples of 32 */
        at->pitch_bytes = (uint32_t)div_up(a->row_bytes, own) * own;
        const uint64_t addr = lowest_address(sched, k);
        if (addr == UINT64_MAX)
            return weft_error_set(sched->work.err, WEFT_ERR_CAPACITY,
                                  "the activations need more than 4 GiB of device memory");
        at->addr = (uint32_t)addr;
        if (addr + bytes_of(sched, k) > sched->activation_bytes)
            sched->activation_bytes = addr + bytes_of(sched, k);
    }
    return WEFT_OK;
}

/* Bytes of weights of a layer; kernels that share a stream do so with the one before. */
static uint64_t weight_bytes(const schedule *sched, const layer *l)
{
    uint64_t rows = 0;
    for (uint32_t i = 0; i < l->kernel_count; i++) {
        const kernel *k = &l->kernels[i];
        const uint64_t passes = k->mode <= WEFT_MODE_DEPTHWISE ? k->passes : 0; /* pools: none */
        if (i == 0 || k->stream != k[-1].stream)
            rows += k->blocks * (WEFT_HEADER_ROWS + passes * sched->hw->rows);
    }
    return l->weights == NO_AREA ? rows * sched->net->stream_row : 0;
}

/* Device memory that is in use while a layer runs. */
static uint64_t tensor_bytes(const schedule *sched, uint32_t layer_index)
{
    uint64_t bytes = 0;
    for (uint32_t k = 0; k < sched->low->area_count; k++) {
        const area *a = &sched->low->areas[k];
        const storage *at = &sched->storage[k];
        const int ends = a->is_input || a->is_output;
        if (at->in_memory && !a->is_constant &&
            (ends || (at->born <= layer_index && at->dies >= layer_index)))
            bytes += bytes_of(sched, k);
    }
    return bytes;
}

int place_too_large(const schedule *sched, uint64_t needed)
{
    uint32_t heavy = 0, wide = 0;
    uint64_t weights = 0, tensors = 0;
    for (uint32_t i = 0; i < sched->low->layer_count; i++) {
        const uint64_t w = weight_bytes(sched, &sched->low->layers[i]), t = tensor_bytes(sched, i);
        heavy = w > weights ? i : heavy;
        weights = w > weights ? w : weights;
        wide = t > tensors ? i : wide;
        tensors = t > tensors ? t : tensors;
    }
    return weft_error_set(sched->work.err, WEFT_ERR_CAPACITY,
                          "the program needs %" PRIu64
                          " bytes of device memory, the device has %" PRIu32
                          ": %zu for weights and commands (layer \"%.32s\" %" PRIu64 "), %" PRIu64
                          " for tensors (layer \"%.32s\" %" PRIu64 ")",
                          needed, sched->hw->mem_size, sched->low->image_bytes,
                          sched->low->layer_count ? sched->low->layers[heavy].name : "", weights,
                          sched->activation_bytes,
                          sched->low->layer_count ? sched->low->layers[wide].name : "", tensors);
}
