/* The USB stream as its caller sees it; the contract is in usb_stream.h, the transfers are in
 * usb_transfers.c. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime, pthread_condattr_setclock */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "usb_stream_own.h"

/* Silence is broken late: QEMU's xHCI loses bytes that come while a transfer is cancelled (the kernel of the guest says
 * "Transfer event TRB DMA ptr not part of current TD"), and a busy virtual machine is silent for long. */
enum { EVENT_MS = 500, SILENCE_US = 300000 };

static struct timespec after_us(uint64_t us)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += (time_t)(us / 1000000);
    t.tv_nsec += (long)(us % 1000000) * 1000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

/* Wait for news until then; 0 if the time is over. */
static int wait_until(usb_stream *s, const struct timespec *then)
{
    return pthread_cond_timedwait(&s->news, &s->lock, then) != ETIMEDOUT;
}

/* --- opening and closing ------------------------------------------------------------------------
 */

static void *handle_events(void *self)
{
    usb_stream *s = self;
    for (;;) {
        struct timeval most = { EVENT_MS / 1000, EVENT_MS % 1000 * 1000 };
        (void)libusb_handle_events_timeout_completed(s->usb, &most, NULL);
        pthread_mutex_lock(&s->lock);
        const int quit = s->quit;
        pthread_mutex_unlock(&s->lock);
        if (quit)
            return NULL;
    }
}

/* *p says address and packets. */
static int make_pipe(usb_stream *s, usb_pipe *p)
{
    p->stream = s;
    p->slot_bytes = USB_SLOT_BYTES;
    for (unsigned i = 0; i < USB_SLOTS; i++) {
        uint8_t *bytes = calloc(1, (size_t)p->slot_bytes);
        struct libusb_transfer *t = libusb_alloc_transfer(0);
        p->slots[i] = (usb_slot){ .pipe = p, .transfer = t };
        if (t)
            libusb_fill_bulk_transfer(t, s->handle, p->address, bytes, p->slot_bytes,
                                      usb_transfer_done, &p->slots[i], 0);
        if (!t || !bytes) {
            if (!t)
                free(bytes);
            return 0;
        }
    }
    return 1;
}

static void free_pipe(usb_pipe *p)
{
    for (unsigned i = 0; i < USB_SLOTS && p->slots[i].transfer; i++) {
        free(p->slots[i].transfer->buffer);
        libusb_free_transfer(p->slots[i].transfer);
    }
}

static void free_stream(usb_stream *s)
{
    free_pipe(&s->in);
    free_pipe(&s->out);
    pthread_cond_destroy(&s->news);
    pthread_mutex_destroy(&s->lock);
    free(s->fill);
    free(s);
}

/* The waits are by the clock that nobody sets. */
static int make_locks(usb_stream *s)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0)
        return 0;
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    const int made = pthread_cond_init(&s->news, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return made && pthread_mutex_init(&s->lock, NULL) == 0;
}

int usb_stream_open(libusb_context *usb, libusb_device_handle *handle, const usb_ends *ends,
                    usb_stream **out, weft_error *err)
{
    usb_stream *s = calloc(1, sizeof *s);
    if (!s || !make_locks(s)) {
        free(s);
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for USB transfers");
    }
    s->usb = usb;
    s->handle = handle;
    s->in = (usb_pipe){ .address = ends->in,
                        .packet_bytes = ends->in_packet_bytes,
                        .head_bytes = ends->in_head_bytes };
    s->out = (usb_pipe){ .address = ends->out, .packet_bytes = ends->out_packet_bytes };
    const int made = make_pipe(s, &s->in) && make_pipe(s, &s->out);
    s->fill_room = s->out.slot_bytes;
    s->fill = made ? calloc(1, (size_t)s->fill_room) : NULL;
    if (!s->fill || pthread_create(&s->events, NULL, handle_events, s) != 0) {
        free_stream(s);
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for USB transfers");
    }
    const int rc = usb_stream_restart(s, err);
    if (rc == WEFT_OK)
        *out = s;
    else
        (void)usb_stream_close(s);
    return rc;
}

/* Call everything back and wait for it; 0 if something stays out. */
static int call_back(usb_stream *s, uint32_t timeout_ms)
{
    const struct timespec then = after_us((uint64_t)timeout_ms * 1000);
    s->running = 0;
    do {
        usb_cancel(&s->in);
        usb_cancel(&s->out);
    } while ((s->in.flying || s->out.flying) && wait_until(s, &then));
    return !s->in.flying && !s->out.flying;
}

int usb_stream_close(usb_stream *s)
{
    pthread_mutex_lock(&s->lock);
    const int all_back = call_back(s, USB_CLOSE_MS);
    s->quit = all_back;
    pthread_mutex_unlock(&s->lock);
    if (!all_back)
        return WEFT_ERR_LINK;
    libusb_interrupt_event_handler(s->usb);
    pthread_join(s->events, NULL);
    free_stream(s);
    return WEFT_OK;
}

usb_stream_quality usb_stream_get_quality(usb_stream *s)
{
    pthread_mutex_lock(&s->lock);
    const usb_stream_quality q = s->quality;
    pthread_mutex_unlock(&s->lock);
    return q;
}

/* --- halts and restarts -------------------------------------------------------------------------
 */

/* Give back what was ready, unread. */
static void drop_ready(usb_stream *s)
{
    for (unsigned i = 0; i < s->ready_count; i++)
        s->ready[i]->state = USB_IDLE;
    s->ready_count = 0;
    s->fill_bytes = 0;
}

/* Clear an endpoint, which blocks, so not under the lock; toggles of both sides begin anew. */
static int clear(usb_stream *s, usb_pipe *p)
{
    pthread_mutex_unlock(&s->lock);
    const int code = libusb_clear_halt(s->handle, p->address);
    pthread_mutex_lock(&s->lock);
    p->halted = 0;
    if (code == LIBUSB_ERROR_NO_DEVICE || code == LIBUSB_ERROR_NOT_FOUND)
        usb_lose(s, WEFT_ERR_NO_DEVICE, "the USB device was unplugged");
    return s->lost.status == WEFT_OK;
}

/* Both ends cleared and receiving again, once nothing flies. */
static int start(usb_stream *s)
{
    s->errors_in_a_row = 0;
    s->silence_broken = 0;
    if (!clear(s, &s->in) || !clear(s, &s->out))
        return 0;
    s->running = 1;
    usb_start_receiving(s);
    return s->lost.status == WEFT_OK;
}

static int say_lost(const usb_stream *s, weft_error *err)
{
    return weft_error_set(err, s->lost.status, "%s", s->lost.text);
}

int usb_stream_restart(usb_stream *s, weft_error *err)
{
    pthread_mutex_lock(&s->lock);
    int rc = WEFT_OK;
    if (!call_back(s, USB_DRAIN_MS) && s->lost.status == WEFT_OK)
        usb_lose(s, WEFT_ERR_NO_DEVICE,
                 "the USB device does not give transfers back; plug it in again");
    drop_ready(s);
    if (s->lost.status != WEFT_OK || !start(s))
        rc = say_lost(s, err);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

/* After a stall: as a restart, but what has come already is kept. */
static void mend_halt(usb_stream *s)
{
    if (call_back(s, USB_DRAIN_MS) && s->lost.status == WEFT_OK)
        (void)start(s);
    else
        usb_lose(s, WEFT_ERR_NO_DEVICE,
                 "the USB device does not give transfers back; plug it in again");
}

/* --- bytes --------------------------------------------------------------------------------------
 */

static usb_slot *idle_slot(usb_pipe *p)
{
    for (unsigned i = 0; i < USB_SLOTS; i++)
        if (p->slots[i].state == USB_IDLE)
            return &p->slots[i];
    return NULL;
}

/* Let what was filled in leave, as far as there are transfers. */
static void flush(usb_stream *s)
{
    usb_slot *slot = NULL;
    while (s->fill_bytes && s->running && !s->out.halted && (slot = idle_slot(&s->out)) != NULL) {
        const int offered = s->fill_bytes < s->out.slot_bytes ? s->fill_bytes : s->out.slot_bytes;
        memcpy(slot->transfer->buffer, s->fill, (size_t)offered);
        const int left = usb_submit(slot, offered);
        if (!left)
            return;
        s->fill_bytes -= left;
        memmove(s->fill, s->fill + left, (size_t)s->fill_bytes);
        s->silence_broken = 0;
    }
}

int usb_stream_send(usb_stream *s, const uint8_t *bytes, size_t count, size_t *taken,
                    weft_error *err)
{
    int rc = WEFT_OK;
    *taken = 0;
    pthread_mutex_lock(&s->lock);
    for (;;) {
        const size_t room = (size_t)(s->fill_room - s->fill_bytes);
        const size_t part = count - *taken < room ? count - *taken : room;
        memcpy(s->fill + s->fill_bytes, bytes + *taken, part);
        s->fill_bytes += (int)part;
        *taken += part;
        if (s->fill_bytes < s->fill_room)
            break;
        flush(s);
        if (s->fill_bytes == s->fill_room)
            break;
    }
    s->wants_room = *taken < count;
    if (s->lost.status != WEFT_OK)
        rc = say_lost(s, err);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

/* Copy what is ready, and give transfers that are used up back to libusb. */
static size_t take_ready(usb_stream *s, uint8_t *bytes, size_t room)
{
    size_t got = 0;
    while (s->ready_count && got < room) {
        usb_slot *slot = s->ready[0];
        const size_t here = (size_t)(slot->transfer->actual_length - slot->used);
        const size_t part = here < room - got ? here : room - got;
        memcpy(bytes + got, slot->transfer->buffer + slot->used, part);
        slot->used += (int)part;
        got += part;
        if (part < here)
            break;
        slot->state = USB_IDLE;
        memmove(s->ready, s->ready + 1, --s->ready_count * sizeof *s->ready);
    }
    usb_start_receiving(s);
    return got;
}

/* Bytes may lie in a transfer that is not full, because the device had no more: in the oldest. */
static void break_silence(usb_stream *s)
{
    usb_slot *oldest = NULL;
    for (unsigned i = 0; i < USB_SLOTS; i++) {
        usb_slot *slot = &s->in.slots[i];
        if (slot->state == USB_FLYING && (!oldest || slot->turn < oldest->turn))
            oldest = slot;
    }
    if (oldest && !s->silence_broken && !oldest->cancelled) {
        oldest->cancelled = 1;
        (void)libusb_cancel_transfer(oldest->transfer);
    }
    s->silence_broken = 1;
}

/* Is there room again that the last send had wanted? */
static int has_room(const usb_stream *s)
{
    return s->wants_room && s->fill_bytes < s->fill_room;
}

int usb_stream_receive(usb_stream *s, uint8_t *bytes, size_t room, uint32_t timeout_us, size_t *got,
                       weft_error *err)
{
    const struct timespec then = after_us(timeout_us);
    const struct timespec silent = after_us(SILENCE_US);
    const int may_be_silent = timeout_us > SILENCE_US;
    int rc = WEFT_OK, in_time = 1, quiet = 0;
    *got = 0;
    pthread_mutex_lock(&s->lock);
    for (;;) {
        flush(s);
        *got = take_ready(s, bytes, room);
        if (*got || has_room(s) || !in_time)
            break;
        if (s->lost.status != WEFT_OK) {
            rc = say_lost(s, err);
            break;
        }
        if (s->in.halted || s->out.halted)
            mend_halt(s);
        else if (may_be_silent && !quiet && !wait_until(s, &silent)) {
            quiet = 1;
            break_silence(s);
        } else if (!may_be_silent || quiet)
            in_time = wait_until(s, &then);
    }
    if (*got)
        s->silence_broken = 0;
    pthread_mutex_unlock(&s->lock);
    return rc;
}
