/* The pins of the simulated chip as a wire (host/transport/wire.h), ideal or like a wire of a given
 * kind: so many bytes a second, so long a way, in blocks of so many bytes.
 *
 *     weft_wire_kind kind;
 *     if (weft_wire_kind_find("hs", &kind)) ...
 *     weft_wire *w = weft_pin_wire_new(model, sim, &kind);      // NULL for &kind: ideal
 *
 * Simulated time moves only in receive(), and there until a byte has come, send() has room again, or the time
 * is over.  A microsecond is 100 cycles.  What the host does costs no time. */
#ifndef WEFT_PIN_WIRE_H
#define WEFT_PIN_WIRE_H

#include "host/transport/wire.h"
#include "weft_sim.h"

enum { WEFT_SIM_CYCLES_PER_US = 100 };

typedef struct weft_wire_kind {
    const char *name;
    uint64_t rate;  /* bytes a second; 0: as fast as the pins, and no way at all */
    uint64_t turn;  /* microseconds from a byte sent to the first it can cause: half each way */
    uint64_t block; /* bytes from the chip come in blocks of so many, or when it pauses */
    int shared;     /* both directions share the rate */
} weft_wire_kind;

/* The kinds with a name: uart, ft245, hs, ft601.  Returns 0 if there is no such name. */
int weft_wire_kind_find(const char *name, weft_wire_kind *out);

/* A wire at the pins of `sim`, which outlives it.  NULL: no memory. */
weft_wire *weft_pin_wire_new(const weft_sim_model *model, weft_sim *sim,
                             const weft_wire_kind *kind);

#endif
