/* What happens to the transfers of a device on the bus without hardware; see usb_bus_own.h. */
#include <errno.h>

#include "usb_bus_own.h"

/* Packets from the device until the transfer is full or one is short, as a host does.  The client's memory
 * is only touched if there are bytes: looking costs a copy of all of it. */
static void move_in(usb_board *b, urb *u)
{
    guint8 packet[USB_PACKET_MOST];
    UMockdevIoctlData *to = NULL;
    while (!u->done) {
        const int left = usb_client(u)->buffer_length - u->actual;
        const size_t want = left < (int)b->bulk_bytes ? (size_t)left : b->bulk_bytes;
        const size_t got = b->model.give(b->model.self, packet, want);
        if (!got)
            break;
        to = to ? to : usb_buffer(u);
        umockdev_ioctl_data_update(to, (gsize)u->actual, packet, (gint)got);
        u->actual += (int)got;
        if (got < b->bulk_bytes || u->actual == usb_client(u)->buffer_length)
            usb_end(u, 0);
    }
    if (to)
        umockdev_ioctl_data_unref(to);
}

static void move_out(usb_board *b, urb *u)
{
    UMockdevIoctlData *from = usb_buffer(u);
    const int left = usb_client(u)->buffer_length - u->actual;
    const guint8 *at = from->data + u->actual;
    u->actual += (int)(b->model.take_at ? b->model.take_at(b->model.self, usb_client(u)->endpoint,
                                                           at, (size_t)left)
                                        : b->model.take(b->model.self, at, (size_t)left));
    if (u->actual == usb_client(u)->buffer_length)
        usb_end(u, 0);
    umockdev_ioctl_data_unref(from);
}

/* What the plan has for this transfer; the bytes that it costs go. */
static void spoil(usb_board *b, urb *u)
{
    guint8 lost[USB_PACKET_MOST];
    UMockdevIoctlData *data = NULL;
    const int in = usb_is_in(usb_client(u)), most = usb_client(u)->buffer_length;
    switch (u->fault) {
    case USB_FAULT_STALL:
    case USB_FAULT_EPIPE_ONCE:
        b->halted[in != 0] = u->fault == USB_FAULT_STALL;
        usb_end(u, -EPIPE);
        break;
    case USB_FAULT_SHORT:
        if (in) {
            (void)b->model.give(b->model.self, lost, sizeof lost);
        } else {
            data = usb_buffer(u);
            u->actual = (int)b->model.take(b->model.self, data->data, (size_t)most / 2);
            umockdev_ioctl_data_unref(data);
        }
        usb_end(u, 0);
        break;
    case USB_FAULT_TIMEOUT:
        (in ? move_in : move_out)(b, u);
        usb_end(u, -ETIMEDOUT);
        break;
    case USB_FAULT_OVERFLOW:
        (void)b->model.give(b->model.self, lost, sizeof lost);
        usb_end(u, -EOVERFLOW);
        break;
    case USB_FAULT_ERROR:
        if (in)
            (void)b->model.give(b->model.self, lost, sizeof lost);
        usb_end(u, -EPROTO);
        break;
    default: break;
    }
}

static void move(usb_board *b, urb *u)
{
    const struct usbdevfs_urb *k = usb_client(u);
    if (b->halted[usb_is_in(k) != 0])
        usb_end(u, -EPIPE);
    else if (u->fault != USB_FAULT_NONE)
        spoil(b, u);
    else
        (usb_is_in(k) ? move_in : move_out)(b, u);
}

void usb_advance(usb_board *b, const UMockdevIoctlClient *c)
{
    int busy[2] = { 0, 0 };
    for (GList *l = b->flying.head; l; l = l->next) {
        urb *u = l->data;
        const int in = usb_is_in(usb_client(u)) != 0;
        if (u->done || u->client != c || busy[in])
            continue;
        move(b, u);
        busy[in] = !u->done;
    }
}

void usb_pull_out(usb_board *b)
{
    b->gone = 1;
    for (GList *l = b->flying.head; l; l = l->next)
        if (!((urb *)l->data)->done)
            usb_end(l->data, -ESHUTDOWN);
}
