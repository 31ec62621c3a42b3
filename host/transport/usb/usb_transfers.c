/* Transfers of the USB stream as they go out and come back; see usb_stream_own.h. */
#include "usb_stream_own.h"

#include <string.h>

static int is_in(const usb_pipe *p)
{
    return p->address & LIBUSB_ENDPOINT_IN;
}

void usb_lose(usb_stream *s, int status, const char *why)
{
    if (s->lost.status == WEFT_OK)
        weft_error_set(&s->lost, status, "%s", why);
    s->running = 0;
}

/* Half as long, in whole packets; 0 if it cannot be shorter. */
static int halve(usb_pipe *p)
{
    const int half = p->slot_bytes / 2 / p->packet_bytes * p->packet_bytes;
    if (!half)
        return 0;
    p->slot_bytes = half;
    p->stream->quality.halvings++;
    return 1;
}

/* Why libusb takes no transfer, and nothing can be done about it. */
static void lose_by_code(usb_stream *s, int code)
{
    if (code == LIBUSB_ERROR_NO_DEVICE)
        usb_lose(s, WEFT_ERR_NO_DEVICE, "the USB device was unplugged");
    else if (code == LIBUSB_ERROR_NO_MEM)
        usb_lose(s, WEFT_ERR_NO_MEMORY,
                 "the kernel has no memory for USB transfers; close other USB programs or raise "
                 "usbcore.usbfs_memory_mb");
    else
        usb_lose(s, WEFT_ERR_NO_DEVICE, "the USB device takes no transfers; plug it in again");
}

int usb_submit(usb_slot *slot, int bytes)
{
    usb_pipe *p = slot->pipe;
    usb_stream *s = p->stream;
    int code = LIBUSB_ERROR_NO_DEVICE;
    if (s->lost.status != WEFT_OK)
        return 0;
    do {
        slot->transfer->length = bytes < p->slot_bytes ? bytes : p->slot_bytes;
        code = libusb_submit_transfer(slot->transfer);
    } while (code == LIBUSB_ERROR_NO_MEM && halve(p));
    if (code == LIBUSB_SUCCESS) {
        slot->state = USB_FLYING;
        slot->cancelled = 0;
        slot->turn = s->turn++;
        p->flying++;
        return slot->transfer->length;
    }
    if (code != LIBUSB_ERROR_NO_MEM || !p->flying)
        lose_by_code(s, code);
    return 0;
}

void usb_cancel(usb_pipe *p)
{
    for (unsigned i = 0; i < USB_SLOTS; i++)
        if (p->slots[i].state == USB_FLYING && !p->slots[i].cancelled) {
            p->slots[i].cancelled = 1;
            (void)libusb_cancel_transfer(p->slots[i].transfer); /* may be on its way back */
        }
}

void usb_start_receiving(usb_stream *s)
{
    for (unsigned i = 0; i < USB_SLOTS && s->running && !s->in.halted; i++)
        if (s->in.slots[i].state == USB_IDLE && !usb_submit(&s->in.slots[i], s->in.slot_bytes))
            return;
}

/* What the status says of the device; the bytes are looked at besides. */
static void judge(usb_slot *slot)
{
    usb_pipe *p = slot->pipe;
    usb_stream *s = p->stream;
    switch (slot->transfer->status) {
    case LIBUSB_TRANSFER_COMPLETED:
    case LIBUSB_TRANSFER_TIMED_OUT: s->errors_in_a_row = 0; return;
    case LIBUSB_TRANSFER_CANCELLED:
        if (!slot->cancelled)
            usb_lose(s, WEFT_ERR_NO_DEVICE, "the USB device was unplugged");
        return;
    case LIBUSB_TRANSFER_NO_DEVICE:
        usb_lose(s, WEFT_ERR_NO_DEVICE, "the USB device was unplugged");
        return;
    case LIBUSB_TRANSFER_STALL:
        p->halted = 1;
        s->quality.halts++;
        return;
    case LIBUSB_TRANSFER_OVERFLOW: s->quality.overflows++; break;
    case LIBUSB_TRANSFER_ERROR: s->quality.errors++; break;
    }
    if (++s->errors_in_a_row >= USB_ERRORS_IN_A_ROW)
        usb_lose(s, WEFT_ERR_NO_DEVICE,
                 "every transfer of the USB device fails; look at cable, hub and power, and plug "
                 "it in again");
}

/* Leave of what has come only the bytes of the stream. */
static void drop_heads(const usb_pipe *p, struct libusb_transfer *t)
{
    const int came = t->actual_length, head = p->head_bytes;
    int kept = 0;
    for (int at = 0; at < came; at += p->packet_bytes) {
        const int packet = came - at < p->packet_bytes ? came - at : p->packet_bytes;
        if (packet > head)
            memmove(t->buffer + kept, t->buffer + at + head, (size_t)(packet - head));
        kept += packet > head ? packet - head : 0;
    }
    t->actual_length = kept;
}

static void in_done(usb_stream *s, usb_slot *slot)
{
    slot->used = 0;
    if (slot->pipe->head_bytes)
        drop_heads(slot->pipe, slot->transfer);
    slot->state = slot->transfer->actual_length > 0 ? USB_READY : USB_IDLE;
    if (slot->state == USB_READY)
        s->ready[s->ready_count++] = slot;
    else if (s->running && !s->in.halted && !slot->cancelled)
        (void)usb_submit(slot, s->in.slot_bytes);
}

static void out_done(usb_stream *s, usb_slot *slot)
{
    slot->state = USB_IDLE;
    if (slot->transfer->actual_length < slot->transfer->length)
        s->quality.short_writes++;
}

void LIBUSB_CALL usb_transfer_done(struct libusb_transfer *t)
{
    usb_slot *slot = t->user_data;
    usb_stream *s = slot->pipe->stream;
    pthread_mutex_lock(&s->lock);
    slot->pipe->flying--;
    judge(slot);
    (is_in(slot->pipe) ? in_done : out_done)(s, slot);
    pthread_cond_broadcast(&s->news);
    pthread_mutex_unlock(&s->lock);
}
