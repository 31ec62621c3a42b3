/* How many bytes a wire lets through the pins of the simulated link: weft_sim_pace (weft_sim.h), cycle by cycle.
 *
 *     unsigned may = weft_pin_pace_grant(&pace, width, the chip can take, the chip can give);
 *     ...
 *     weft_pin_pace_charge(&pace, width, took, gave);        // in the same cycle
 *
 * A direction has credit for two words of the pins at most, so a wire that rests does not catch up. */
#ifndef WEFT_PIN_PACE_H
#define WEFT_PIN_PACE_H

#include "weft_sim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bits of the directions: to the chip, from the chip. */
enum { WEFT_PACE_RX = 1, WEFT_PACE_TX = 2 };

/* A cycle passes: which directions may move a word of `width` bytes in it.  Of a shared wire at most one that
 * wants to; both in turn. */
unsigned weft_pin_pace_grant(weft_sim_pace *pace, size_t width, int rx_wants, int tx_wants);

/* What moved in the cycle that was granted. */
void weft_pin_pace_charge(weft_sim_pace *pace, size_t width, int rx_moved, int tx_moved);

#ifdef __cplusplus
}
#endif

#endif
