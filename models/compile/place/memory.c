/* Addresses of areas in device memory.
 *
 * Inputs and outputs of the program have memory of their own, so that the host may fill the next
 * input early; the others share by lifetime, each at the lowest address where no living area is.
 * Quadratic in the number of areas that do not stay in the buffer. */
#include "models/compile/plan/stages.h"

#include <inttypes.h>

static uint64_t bytes_of(const area *a)
{
    return (uint64_t)a->rows * a->pitch_bytes;
}

static int meet(const area *a, const area *b)
{
    return a->is_input || a->is_output || b->is_input || b->is_output ||
           (a->born <= b->dies && b->born <= a->dies);
}

/* The lowest address for areas[k] beside areas[0..k-1]; UINT64_MAX if beyond 4 GiB. */
static uint64_t lowest(const plan *p, uint32_t k)
{
    const area *a = &p->areas[k];
    uint64_t at = 0;
    for (int moved = 1; moved;) {
        moved = 0;
        for (uint32_t i = 0; i < k; i++) {
            const area *b = &p->areas[i];
            if (b->in_memory && !b->is_constant && meet(a, b) && at < b->addr + bytes_of(b) &&
                b->addr < at + bytes_of(a)) {
                at = (b->addr + bytes_of(b) + 31) / 32 * 32;
                moved = 1;
            }
        }
    }
    return at + bytes_of(a) <= UINT32_MAX ? at : UINT64_MAX;
}

int plan_memory(plan *p)
{
    const uint32_t unit = p->hw.mem_bytes > 16 ? p->hw.mem_bytes : 16;
    for (uint32_t k = 0; k < p->area_count; k++) {
        area *a = &p->areas[k];
        a->in_memory = a->is_input || a->is_output || a->host_reads || a->host_writes ||
                       (!a->resident && a->born != UINT32_MAX);
        if (a->is_constant)
            a->in_memory = 1; /* in the image, which has an address already */
        if (!a->in_memory || a->is_constant)
            continue;
        const uint32_t own = a->is_stream ? 32 : unit; /* streams begin at multiples of 32 */
        a->pitch_bytes = (uint32_t)div_up(a->row_bytes, own) * own;
        uint64_t at = lowest(p, k);
        if (at == UINT64_MAX)
            return weft_error_set(p->err, WEFT_ERR_CAPACITY,
                                  "the activations need more than 4 GiB of device memory");
        a->addr = (uint32_t)at;
        if (at + bytes_of(a) > p->activation_bytes)
            p->activation_bytes = at + bytes_of(a);
    }
    return WEFT_OK;
}

/* Weights of a layer; kernels that share a stream do so with the one before. */
static uint64_t weight_bytes(const plan *p, const layer *l)
{
    uint64_t rows = 0;
    for (uint32_t i = 0; i < l->kernel_count; i++) {
        const kernel *k = &l->kernels[i];
        const uint64_t passes = k->mode <= WEFT_MODE_DEPTHWISE ? k->passes : 0; /* pools: none */
        if (i == 0 || k->stream != k[-1].stream)
            rows += k->blocks * (WEFT_HEADER_ROWS + passes * p->hw.rows);
    }
    return l->weights == NO_AREA ? rows * p->stream_row : 0;
}

static uint64_t tensor_bytes(const plan *p, uint32_t layer_index)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < p->area_count; i++) {
        const area *a = &p->areas[i];
        const int ends = a->is_input || a->is_output;
        if (a->in_memory && !a->is_constant &&
            (ends || (a->born <= layer_index && a->dies >= layer_index)))
            bytes += bytes_of(a);
    }
    return bytes;
}

int plan_too_large(plan *p, uint64_t needed)
{
    uint32_t heavy = 0, wide = 0;
    uint64_t weights = 0, tensors = 0;
    p->needed = needed;
    for (uint32_t i = 0; i < p->layer_count; i++) {
        const uint64_t w = weight_bytes(p, &p->layers[i]), t = tensor_bytes(p, i);
        heavy = w > weights ? i : heavy;
        weights = w > weights ? w : weights;
        wide = t > tensors ? i : wide;
        tensors = t > tensors ? t : tensors;
    }
    return weft_error_set(
        p->err, WEFT_ERR_CAPACITY,
        "the program needs %" PRIu64 " bytes of device memory, the device has %" PRIu32
        ": %zu for weights and commands (layer \"%.32s\" %" PRIu64 "), %" PRIu64
        " for tensors (layer \"%.32s\" %" PRIu64 ")",
        needed, p->hw.mem_size, p->image_bytes, p->layer_count ? p->layers[heavy].name : "",
        weights, p->activation_bytes, p->layer_count ? p->layers[wide].name : "", tensors);
}
