/* Credit by cycles: what is in the header.  A credit is bytes times 2^32, as is the pace. */
#include "pin_pace.h"

static uint64_t credit_of(size_t width)
{
    return (uint64_t)width << 32;
}

unsigned weft_pin_pace_grant(weft_sim_pace *pace, size_t width, int rx_wants, int tx_wants)
{
    const uint64_t word = credit_of(width);
    for (int i = 0; i < 2; i++) {
        pace->credit[i] += pace->step;
        if (pace->credit[i] > 2 * word)
            pace->credit[i] = 2 * word;
    }
    if (!pace->shared)
        return (pace->credit[0] >= word ? WEFT_PACE_RX : 0u) |
               (pace->credit[1] >= word ? WEFT_PACE_TX : 0u);
    if (pace->credit[0] < word)
        return 0;
    if (tx_wants && (!rx_wants || pace->turn))
        return WEFT_PACE_TX;
    return rx_wants ? WEFT_PACE_RX : 0;
}

void weft_pin_pace_charge(weft_sim_pace *pace, size_t width, int rx_moved, int tx_moved)
{
    if (rx_moved)
        pace->credit[0] -= credit_of(width);
    if (tx_moved)
        pace->credit[pace->shared ? 0 : 1] -= credit_of(width);
    if (rx_moved || tx_moved)
        pace->turn = rx_moved;
}
