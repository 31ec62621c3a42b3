/* The system calls that libusb makes, answered for a device on the bus without hardware; see usb_bus_own.h. */
#include <errno.h>
#include <string.h>

#include "usb_bus_own.h"

/* A kernel that has no memory for so many bytes would not run at all. */
enum { LEAST_KERNEL_BYTES = 2048, SETUP_BYTES = 8 };

static int too_long(usb_board *b, const struct usbdevfs_urb *k)
{
    if (b->plan.fault == USB_FAULT_NO_MEMORY && b->submitted == b->plan.at && !b->most_bytes)
        b->most_bytes = MAX(k->buffer_length / 2, LEAST_KERNEL_BYTES);
    return b->most_bytes && k->buffer_length > b->most_bytes;
}

/* A request to endpoint 0, answered at once. */
static void answer_control(usb_board *b, urb *u)
{
    UMockdevIoctlData *buffer = usb_buffer(u);
    const int room = usb_client(u)->buffer_length - SETUP_BYTES;
    guint8 answer[USB_PACKET_MOST];
    u->actual = room < 0
                    ? -1
                    : usb_answer_control(b, buffer->data, answer, MIN((size_t)room, sizeof answer));
    if (u->actual > 0)
        umockdev_ioctl_data_update(buffer, SETUP_BYTES, answer, u->actual);
    usb_end(u, u->actual < 0 ? -EPIPE : 0);
    u->actual = MAX(u->actual, 0);
    umockdev_ioctl_data_unref(buffer);
}

static void submit(usb_board *b, UMockdevIoctlClient *c, UMockdevIoctlData *arg)
{
    UMockdevIoctlData *own = umockdev_ioctl_data_resolve(arg, 0, sizeof(struct usbdevfs_urb), NULL);
    const struct usbdevfs_urb *k = (struct usbdevfs_urb *)(void *)own->data;
    const int control = k->type == USBDEVFS_URB_TYPE_CONTROL;
    if (b->gone || (!control && too_long(b, k))) {
        umockdev_ioctl_data_unref(own);
        umockdev_ioctl_client_complete(c, -1, b->gone ? ENODEV : ENOMEM);
        return;
    }
    urb *u = g_new0(urb, 1);
    u->arg = own;
    u->address = own->client_addr;
    u->client = c;
    if (control)
        answer_control(b, u);
    else if (b->submitted++ == b->plan.at)
        u->fault = b->plan.fault;
    if (u->fault == USB_FAULT_NO_MEMORY ||
        (u->fault == USB_FAULT_OVERFLOW && !usb_is_in(usb_client(u))))
        u->fault = USB_FAULT_NONE;
    g_queue_push_tail(&b->flying, u);
    if (u->fault == USB_FAULT_UNPLUG)
        usb_pull_out(b);
    else
        usb_advance(b, c);
    umockdev_ioctl_client_complete(c, 0, 0);
}

static void reap(usb_board *b, UMockdevIoctlClient *c, UMockdevIoctlData *arg)
{
    if (!b->gone)
        usb_advance(b, c);
    for (GList *l = b->flying.head; l; l = l->next) {
        urb *u = l->data;
        if (!u->done || u->client != c)
            continue;
        usb_client(u)->status = u->status;
        usb_client(u)->actual_length = u->actual;
        umockdev_ioctl_data_update(u->arg, 0, u->arg->data, sizeof(struct usbdevfs_urb));
        UMockdevIoctlData *to = umockdev_ioctl_data_resolve(arg, 0, sizeof(gpointer), NULL);
        umockdev_ioctl_data_set_ptr(to, 0, u->arg);
        umockdev_ioctl_data_unref(to);
        g_queue_delete_link(&b->flying, l);
        umockdev_ioctl_client_complete(c, 0, 0);
        umockdev_ioctl_data_unref(u->arg);
        g_free(u);
        return;
    }
    umockdev_ioctl_client_complete(c, -1, b->gone ? ENODEV : EAGAIN);
}

static void discard(usb_board *b, UMockdevIoctlClient *c, const UMockdevIoctlData *arg)
{
    gulong address;
    memcpy(&address, arg->data, sizeof address);
    for (GList *l = b->flying.head; l; l = l->next) {
        urb *u = l->data;
        if (u->address != address || u->done || u->client != c)
            continue;
        usb_end(u, -ENOENT);
        umockdev_ioctl_client_complete(c, 0, 0);
        return;
    }
    umockdev_ioctl_client_complete(c, -1, EINVAL);
}

static void tell_capabilities(UMockdevIoctlClient *c, UMockdevIoctlData *arg)
{
    guint32 can = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
                  USBDEVFS_CAP_REAP_AFTER_DISCONNECT | USBDEVFS_CAP_BULK_CONTINUATION;
    UMockdevIoctlData *to = umockdev_ioctl_data_resolve(arg, 0, sizeof can, NULL);
    umockdev_ioctl_data_update(to, 0, (guint8 *)&can, sizeof can);
    umockdev_ioctl_data_unref(to);
    umockdev_ioctl_client_complete(c, 0, 0);
}

/* Both toggles begin anew, which a model of bytes does not have. */
static void clear_halt(usb_board *b, UMockdevIoctlClient *c, UMockdevIoctlData *arg)
{
    UMockdevIoctlData *from = umockdev_ioctl_data_resolve(arg, 0, sizeof(int), NULL);
    int endpoint = 0;
    memcpy(&endpoint, from->data, sizeof endpoint);
    umockdev_ioctl_data_unref(from);
    b->halted[(endpoint & 0x80) != 0] = 0;
    umockdev_ioctl_client_complete(c, b->gone ? -1 : 0, b->gone ? ENODEV : 0);
}

static void claim(usb_board *b, UMockdevIoctlClient *c)
{
    const int taken = b->owner && b->owner != c;
    if (!b->gone && !taken)
        b->owner = c;
    umockdev_ioctl_client_complete(c, b->gone || taken ? -1 : 0,
                                   b->gone ? ENODEV
                                   : taken ? EBUSY
                                           : 0);
}

gboolean usb_on_ioctl(UMockdevIoctlBase *handler, UMockdevIoctlClient *c, gpointer self)
{
    usb_board *b = self;
    UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(c); /* borrowed */
    gboolean known = TRUE;
    (void)handler;
    g_mutex_lock(&b->lock);
    switch (umockdev_ioctl_client_get_request(c)) {
    case USBDEVFS_GET_CAPABILITIES: tell_capabilities(c, arg); break;
    case USBDEVFS_CLEAR_HALT: clear_halt(b, c, arg); break;
    case USBDEVFS_SUBMITURB: submit(b, c, arg); break;
    case USBDEVFS_REAPURB:
    case USBDEVFS_REAPURBNDELAY: reap(b, c, arg); break;
    case USBDEVFS_DISCARDURB: discard(b, c, arg); break;
    case USBDEVFS_CLAIMINTERFACE:
    case USBDEVFS_DISCONNECT_CLAIM: claim(b, c); break;
    case USBDEVFS_RELEASEINTERFACE: b->owner = b->owner == c ? NULL : b->owner; /* fall through */
    case USBDEVFS_RESET:
    case USBDEVFS_SETINTERFACE:
        umockdev_ioctl_client_complete(c, b->gone ? -1 : 0, b->gone ? ENODEV : 0);
        break;
    case USBDEVFS_IOCTL:
    case USBDEVFS_GETDRIVER: umockdev_ioctl_client_complete(c, -1, ENODATA); break;
    default: known = FALSE; break;
    }
    g_mutex_unlock(&b->lock);
    return known;
}

/* A client has closed the device, or has died.  (The signal client-vanished of umockdev 0.17 does not come.) */
static void vanished(gpointer self, GObject *client)
{
    usb_board *b = self;
    const UMockdevIoctlClient *c = (UMockdevIoctlClient *)(void *)client;
    g_mutex_lock(&b->lock);
    b->clients--;
    if (b->owner == c)
        b->owner = NULL;
    for (GList *l = b->flying.head, *next; l; l = next) {
        urb *u = l->data;
        next = l->next;
        if (u->client != c)
            continue;
        g_queue_delete_link(&b->flying, l);
        umockdev_ioctl_data_unref(u->arg);
        g_free(u);
    }
    g_mutex_unlock(&b->lock);
}

void usb_on_connected(UMockdevIoctlBase *handler, UMockdevIoctlClient *c, gpointer self)
{
    usb_board *b = self;
    (void)handler;
    g_mutex_lock(&b->lock);
    b->clients++;
    g_mutex_unlock(&b->lock);
    g_object_weak_ref(G_OBJECT(c), vanished, b);
}
