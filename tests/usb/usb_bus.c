/* The bus without hardware; the contract is in usb_bus.h. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/usbdevice_fs.h>
#include <umockdev.h>

#include "usb_bus.h"

#define NODE "/dev/bus/usb/001/001"
#define PATH "/devices/usb1"

#define VALUE(name, value, doc) USB_##name = (value),
enum {
#include "rtl/phy/weft_usb.def"
};

/* A kernel that has no memory for so many bytes would not run at all. */
enum { SPEED_FULL = 2, PACKET_MOST = 1024, LEAST_KERNEL_BYTES = 2048 };

/* A transfer of the client, in its memory. */
typedef struct urb {
    UMockdevIoctlData *arg;
    gulong address;
    int done, status, actual;
    usb_fault fault;
} urb;

struct usb_bus {
    usb_model model;
    usb_plan plan;
    unsigned bulk_bytes;
    UMockdevTestbed *testbed;
    UMockdevIoctlBase *handler;
    GQueue flying;
    GMutex lock;
    unsigned submitted;
    int most_bytes; /* of a transfer; 0: any */
    int gone, halted[2];
};

const char *usb_fault_name(usb_fault fault)
{
    static const char *const names[] = { "none",     "unplug", "stall",     "short",     "timeout",
                                         "overflow", "error",  "no memory", "epipe once" };
    return fault < USB_FAULTS ? names[fault] : "?";
}

static struct usbdevfs_urb *client(const urb *u)
{
    return (struct usbdevfs_urb *)(void *)u->arg->data;
}

static int is_in(const struct usbdevfs_urb *k)
{
    return k->endpoint & 0x80;
}

/* --- moving bytes -------------------------------------------------------------------------------
 */

static UMockdevIoctlData *buffer_of(const urb *u)
{
    return umockdev_ioctl_data_resolve(u->arg, G_STRUCT_OFFSET(struct usbdevfs_urb, buffer),
                                       (gsize)client(u)->buffer_length, NULL);
}

static void end(urb *u, int status)
{
    u->done = 1;
    u->status = status;
}

/* Packets from the device until the transfer is full or one is short, as a host does.  The client's memory
 * is only touched if there are bytes: looking costs a copy of all of it. */
static void move_in(usb_bus *b, urb *u)
{
    guint8 packet[PACKET_MOST];
    UMockdevIoctlData *to = NULL;
    while (!u->done) {
        const int left = client(u)->buffer_length - u->actual;
        const size_t want = left < (int)b->bulk_bytes ? (size_t)left : b->bulk_bytes;
        const size_t got = b->model.give(b->model.self, packet, want);
        if (!got)
            break;
        to = to ? to : buffer_of(u);
        umockdev_ioctl_data_update(to, (gsize)u->actual, packet, (gint)got);
        u->actual += (int)got;
        if (got < b->bulk_bytes || u->actual == client(u)->buffer_length)
            end(u, 0);
    }
    if (to)
        umockdev_ioctl_data_unref(to);
}

static void move_out(usb_bus *b, urb *u)
{
    UMockdevIoctlData *from = buffer_of(u);
    const int left = client(u)->buffer_length - u->actual;
    u->actual += (int)b->model.take(b->model.self, from->data + u->actual, (size_t)left);
    if (u->actual == client(u)->buffer_length)
        end(u, 0);
    umockdev_ioctl_data_unref(from);
}

/* What the plan has for this transfer; the bytes that it costs go. */
static void spoil(usb_bus *b, urb *u)
{
    guint8 lost[PACKET_MOST];
    UMockdevIoctlData *data = NULL;
    const int in = is_in(client(u)), most = client(u)->buffer_length;
    switch (u->fault) {
    case USB_FAULT_STALL:
    case USB_FAULT_EPIPE_ONCE:
        b->halted[in != 0] = u->fault == USB_FAULT_STALL;
        end(u, -EPIPE);
        break;
    case USB_FAULT_SHORT:
        if (in) {
            (void)b->model.give(b->model.self, lost, sizeof lost);
        } else {
            data = buffer_of(u);
            u->actual = (int)b->model.take(b->model.self, data->data, (size_t)most / 2);
            umockdev_ioctl_data_unref(data);
        }
        end(u, 0);
        break;
    case USB_FAULT_TIMEOUT:
        (in ? move_in : move_out)(b, u);
        end(u, -ETIMEDOUT);
        break;
    case USB_FAULT_OVERFLOW:
        (void)b->model.give(b->model.self, lost, sizeof lost);
        end(u, -EOVERFLOW);
        break;
    case USB_FAULT_ERROR:
        if (in)
            (void)b->model.give(b->model.self, lost, sizeof lost);
        end(u, -EPROTO);
        break;
    default: break;
    }
}

static void move(usb_bus *b, urb *u)
{
    const struct usbdevfs_urb *k = client(u);
    if (b->halted[is_in(k) != 0])
        end(u, -EPIPE);
    else if (u->fault != USB_FAULT_NONE)
        spoil(b, u);
    else
        (is_in(k) ? move_in : move_out)(b, u);
}

/* The oldest transfer of each direction, then the next. */
static void advance(usb_bus *b)
{
    int busy[2] = { 0, 0 };
    for (GList *l = b->flying.head; l; l = l->next) {
        urb *u = l->data;
        const int in = is_in(client(u)) != 0;
        if (u->done || busy[in])
            continue;
        move(b, u);
        busy[in] = !u->done;
    }
}

/* --- system calls -------------------------------------------------------------------------------
 */

static void unplug(usb_bus *b)
{
    b->gone = 1;
    for (GList *l = b->flying.head; l; l = l->next)
        if (!((urb *)l->data)->done)
            end(l->data, -ESHUTDOWN);
}

static int too_long(usb_bus *b, const struct usbdevfs_urb *k)
{
    if (b->plan.fault == USB_FAULT_NO_MEMORY && b->submitted == b->plan.at && !b->most_bytes)
        b->most_bytes = MAX(k->buffer_length / 2, LEAST_KERNEL_BYTES);
    return b->most_bytes && k->buffer_length > b->most_bytes;
}

static void submit(usb_bus *b, UMockdevIoctlClient *c, UMockdevIoctlData *arg)
{
    UMockdevIoctlData *own = umockdev_ioctl_data_resolve(arg, 0, sizeof(struct usbdevfs_urb), NULL);
    if (b->gone || too_long(b, (struct usbdevfs_urb *)(void *)own->data)) {
        umockdev_ioctl_data_unref(own);
        umockdev_ioctl_client_complete(c, -1, b->gone ? ENODEV : ENOMEM);
        return;
    }
    urb *u = g_new0(urb, 1);
    u->arg = own;
    u->address = own->client_addr;
    if (b->submitted++ == b->plan.at)
        u->fault = b->plan.fault;
    if (u->fault == USB_FAULT_NO_MEMORY || (u->fault == USB_FAULT_OVERFLOW && !is_in(client(u))))
        u->fault = USB_FAULT_NONE;
    g_queue_push_tail(&b->flying, u);
    if (u->fault == USB_FAULT_UNPLUG)
        unplug(b);
    else
        advance(b);
    umockdev_ioctl_client_complete(c, 0, 0);
}

static void reap(usb_bus *b, UMockdevIoctlClient *c, UMockdevIoctlData *arg)
{
    if (!b->gone)
        advance(b);
    for (GList *l = b->flying.head; l; l = l->next) {
        urb *u = l->data;
        if (!u->done)
            continue;
        client(u)->status = u->status;
        client(u)->actual_length = u->actual;
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

static void discard(usb_bus *b, UMockdevIoctlClient *c, const UMockdevIoctlData *arg)
{
    gulong address;
    memcpy(&address, arg->data, sizeof address);
    for (GList *l = b->flying.head; l; l = l->next) {
        urb *u = l->data;
        if (u->address != address || u->done)
            continue;
        end(u, -ENOENT);
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
static void clear_halt(usb_bus *b, UMockdevIoctlClient *c, UMockdevIoctlData *arg)
{
    UMockdevIoctlData *from = umockdev_ioctl_data_resolve(arg, 0, sizeof(int), NULL);
    int endpoint = 0;
    memcpy(&endpoint, from->data, sizeof endpoint);
    umockdev_ioctl_data_unref(from);
    b->halted[(endpoint & 0x80) != 0] = 0;
    umockdev_ioctl_client_complete(c, b->gone ? -1 : 0, b->gone ? ENODEV : 0);
}

static gboolean on_ioctl(UMockdevIoctlBase *handler, UMockdevIoctlClient *c, gpointer self)
{
    usb_bus *b = self;
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
    case USBDEVFS_RELEASEINTERFACE:
    case USBDEVFS_DISCONNECT_CLAIM:
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

/* --- the device ---------------------------------------------------------------------------------
 */

static void add_bytes(GString *to, const guint8 *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        g_string_append_printf(to, "%02x", bytes[i]);
}

#define LE16(x) (x) & 0xff, (x) >> 8

static void add_descriptors(GString *to, unsigned bulk)
{
    const guint8 device[] = { 18,
                              1,
                              LE16(0x0200),
                              0,
                              0,
                              0,
                              64,
                              LE16(USB_VENDOR_ID),
                              LE16(USB_PRODUCT_ID),
                              LE16(USB_DEVICE_RELEASE),
                              0,
                              0,
                              0,
                              1 };
    const guint8 configuration[] = { 9,
                                     2,
                                     LE16(32),
                                     1,
                                     1,
                                     0,
                                     0x80,
                                     USB_MAX_POWER,
                                     9,
                                     4,
                                     0,
                                     0,
                                     2,
                                     USB_CLASS,
                                     USB_SUBCLASS,
                                     USB_PROTOCOL,
                                     0,
                                     7,
                                     5,
                                     USB_ENDPOINT_OUT,
                                     2,
                                     (guint8)bulk,
                                     (guint8)(bulk >> 8),
                                     0,
                                     7,
                                     5,
                                     USB_ENDPOINT_IN,
                                     2,
                                     (guint8)bulk,
                                     (guint8)(bulk >> 8),
                                     0 };
    add_bytes(to, device, sizeof device);
    add_bytes(to, configuration, sizeof configuration);
}

static int add_device(usb_bus *b, int speed, unsigned said_bytes)
{
    GString *text =
        g_string_new("P: " PATH "\nN: bus/usb/001/001\nE: SUBSYSTEM=usb\nE: DRIVER=usb\n"
                     "E: BUSNUM=001\nE: DEVNUM=001\nE: DEVNAME=" NODE
                     "\nE: DEVTYPE=usb_device\nA: bConfigurationValue=1\\n\n"
                     "A: busnum=1\\n\nA: devnum=1\\n\n");
    g_string_append_printf(text,
                           "A: speed=%s\\n\nH: descriptors=", speed == SPEED_FULL ? "12" : "480");
    add_descriptors(text, said_bytes);
    g_string_append(text, "\n");
    const int added = umockdev_testbed_add_from_string(b->testbed, text->str, NULL);
    g_string_free(text, TRUE);
    return added;
}

usb_bus *usb_bus_new(const usb_model *model, int speed, unsigned bulk_bytes)
{
    usb_bus *b = g_new0(usb_bus, 1);
    b->model = *model;
    b->bulk_bytes = speed == SPEED_FULL ? USB_BULK_BYTES_FULL : USB_BULK_BYTES_HIGH;
    g_mutex_init(&b->lock);
    b->testbed = umockdev_testbed_new();
    b->handler = umockdev_ioctl_base_new();
    g_object_connect(b->handler, "signal-after::handle-ioctl", on_ioctl, b, NULL);
    if (umockdev_testbed_attach_ioctl(b->testbed, NODE, b->handler, NULL) &&
        add_device(b, speed, bulk_bytes ? bulk_bytes : b->bulk_bytes))
        return b;
    usb_bus_free(b);
    return NULL;
}

void usb_bus_free(usb_bus *b)
{
    umockdev_testbed_remove_device(b->testbed, "/sys" PATH);
    (void)umockdev_testbed_detach_ioctl(b->testbed, NODE, NULL);
    g_object_unref(b->handler);
    g_object_unref(b->testbed);
    g_mutex_clear(&b->lock);
    g_free(b);
}

void usb_bus_replug(usb_bus *b, const usb_plan *plan)
{
    g_mutex_lock(&b->lock);
    b->plan = *plan;
    b->submitted = 0;
    b->most_bytes = b->gone = b->halted[0] = b->halted[1] = 0;
    if (b->model.reset)
        b->model.reset(b->model.self);
    g_mutex_unlock(&b->lock);
}

unsigned usb_bus_submitted(const usb_bus *b)
{
    return b->submitted;
}

unsigned usb_bus_flying(const usb_bus *b)
{
    return b->flying.length;
}
