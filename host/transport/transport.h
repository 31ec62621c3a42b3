/* One way to reach a device: the C model, the simulation, a board.  The library sees only this.
 *
 *     weft_transport *t;
 *     rc = weft_transport_open("sim:stall=25", &t, &err);
 *     rc = t->ops->reg_read(t, WEFT_REG_ID, &id, &err);
 *     t->ops->close(t);
 *
 * Standard meanings, for every function of the table:
 *   - rc is WEFT_OK or a negative weft_status, with one sentence in err (which may be NULL).
 *   - WEFT_ERR_LINK and WEFT_ERR_NO_DEVICE: what the call should have done may or may not have
 *     happened; the transport stays good for reset() and close() only, and nothing else is called.
 *     Damage on the wire that could be repaired by repetition is not reported at all.
 *   - No call waits long for a device that is gone; close() does not wait for one at all.
 *   - A transport is used by one thread at a time; different ones are independent. No globals.
 *   - Addresses and lengths of device memory are multiples of 32 bytes (the widest port), checked
 *     by the caller. */
#ifndef WEFT_TRANSPORT_H
#define WEFT_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

#include "models/base/uri.h"
#include <weft/weft.h>

enum { WEFT_TRANSPORT_ALIGN = 32, WEFT_TRANSPORT_LISTING_BYTES = 160 };

/* What a run needs to know; the registers of the same names. */
typedef struct weft_start {
    uint32_t prog_addr, prog_count, win_base, win_limit;
} weft_start;

/* How a run ended. */
typedef struct weft_done {
    uint32_t status;    /* register STATUS */
    uint32_t err_index; /* ordinal of the command that failed */
    uint32_t cycles;
} weft_done;

typedef struct weft_transport weft_transport;

/* Who is told what starts and ends in a cycle.
 *
 *   events    bits of weft_event (weft.h); a queue works in order, so the n-th start of a run is
 *             that of the n-th command of that queue
 *   counters  the counters of the contract from CYCLES on, as they were before the cycle */
typedef struct weft_watch {
    void *self;
    void (*event)(void *self, unsigned events, const uint32_t *counters);
} weft_watch;

typedef struct weft_transport_ops {
    const char *scheme; /* "ref" */

    /* Write the text of device `index` into `to`, WEFT_TRANSPORT_LISTING_BYTES of room: its
     * address, a blank, what it is.  Returns 1, or 0 if there are not that many. */
    int (*list)(unsigned index, char *to);

    /* Where there is more to tell than a line, in place of list: fill the listing of device `index`.
     * Returns 1, or 0 if there are not that many.  No address of a listing has a comma. */
    int (*describe)(unsigned index, weft_listing *to);

    /* Open the device the address names; it is idle afterwards and its memory undefined.
     * Returns also WEFT_ERR_ARG (options), WEFT_ERR_NO_DEVICE, WEFT_ERR_NO_MEMORY,
     * WEFT_ERR_IO (a trace file); *out is untouched then. */
    int (*open)(const weft_uri *uri, weft_transport **out, weft_error *err);

    /* Release everything, in any state.  Returns WEFT_OK, or WEFT_ERR_IO if a trace could not be
     * completed. */
    int (*close)(weft_transport *t);

    /* Bytes of device memory, out or in; also while a program runs, which must not touch them.
     * WEFT_ERR_CAPACITY: outside device memory, nothing was moved.
     *
     * Over a link mem_write and start return when the wire has their bytes; everything is done in
     * the order of the calls, nothing behind what the device refused, and what it refused is told by
     * the next call that waits for an answer: any but mem_write and start. */
    int (*mem_read)(weft_transport *t, uint32_t address, void *to, size_t bytes, weft_error *err);
    int (*mem_write)(weft_transport *t, uint32_t address, const void *from, size_t bytes,
                     weft_error *err);

    /* One register, by its offset in the contract.  WEFT_ERR_ARG: there is none, or not that way.
     */
    int (*reg_read)(weft_transport *t, uint32_t offset, uint32_t *value, weft_error *err);
    int (*reg_write)(weft_transport *t, uint32_t offset, uint32_t value, weft_error *err);

    /* Start a program; the run goes on by itself (simulation, C model: inside wait_done). WEFT_ERR_BUSY:
     * one runs already. */
    int (*start)(weft_transport *t, const weft_start *s, weft_error *err);

    /* Wait for the end of the run for at most about timeout_ms (of a simulation 10 000 cycles
     * stand for a millisecond).
     * Returns WEFT_OK with *out, WEFT_ERR_TIMEOUT: still running, call again, or WEFT_ERR_DEVICE:
     * the device went wrong in a way STATUS has no code for, reset it. */
    int (*wait_done)(weft_transport *t, uint32_t timeout_ms, weft_done *out, weft_error *err);

    /* Back to the state after power-up, memory kept, from any state, also after garbage.  After
     * WEFT_ERR_NO_DEVICE: look for the device once more and connect to it again, its memory
     * undefined; another device may answer. */
    int (*reset)(weft_transport *t, weft_error *err);

    /* Cycles of the device since it was opened, idle ones too.  NULL where nobody counts them. */
    uint64_t (*clock)(const weft_transport *t);

    /* Report to `watch` (borrowed) until this is called with NULL.  NULL itself where a device
     * cannot. */
    void (*watch)(weft_transport *t, const weft_watch *watch);

    /* Device memory itself, as mem_read and mem_write would move it; good until close().  NULL if
     * the bytes are outside device memory.  NULL itself where a device's memory is elsewhere. */
    uint8_t *(*map)(weft_transport *t, uint32_t address, size_t bytes);

    /* The link (transport_link.h) that all bytes of this transport go over, to be asked how good it
     * is; NULL if they go another way.  NULL itself where there is none, and where t is the link. */
    const weft_transport *(*link)(const weft_transport *t);
} weft_transport_ops;

/* Implementations embed this as their first member. */
struct weft_transport {
    const weft_transport_ops *ops;
};

/* What libweft has itself: weft_transport_ref, the C model.  Others are libraries (module.h). */
#define OWN(scheme) extern const weft_transport_ops weft_transport_##scheme;
#define DOOR(scheme, what)
#include "transports.def"

/* Open by address, choosing the implementation by its scheme.
 * Returns as ops->open; WEFT_ERR_ARG also for a scheme that is unknown, and as weft_module_find. */
int weft_transport_open(const char *uri, weft_transport **out, weft_error *err);

/* The listing of device `index` of an implementation.  Returns 1, or 0 if there are not that many. */
int weft_transport_list(const weft_transport_ops *ops, unsigned index, weft_listing *to);

/* Implementation i of those that can be used now; NULL past the last. */
const weft_transport_ops *weft_transport_at(unsigned i);

#endif
