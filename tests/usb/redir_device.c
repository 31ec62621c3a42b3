/* The simulated chip as a USB device that a virtual machine sees: the host's side of usb-redir, for test_guest.sh.
 *
 *     redir_device DEVICE_SOCKET ORDER_SOCKET
 *
 * Listens on two unix sockets.  QEMU connects both: `-device usb-redir` to the first, a serial port of the guest to
 * the second.  Over the serial port the guest orders faults, one a line:
 *
 *     pull N      take the device out at the N-th bulk transfer from now, and plug it in again a second later,
 *                 as after a loss of power
 *     say TEXT    print it
 *
 * Ends when QEMU does. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <usbredirparser.h>

#include "chip_model.h"

#define SHAPE "4x4"

#define VALUE(name, value, doc) USB_##name = (value),
enum {
#include "rtl/phy/weft_usb.def"
};

enum { IN_BIT = 0x80, AWAY_MS = 1000, ORDER_BYTES = 128, CONTROL_BYTES = 64, IDLE_MS = 1000 };

/* A bulk transfer that the guest waits for. */
typedef struct transfer {
    struct transfer *next;
    uint64_t id;
    struct usb_redir_bulk_packet_header header;
    uint8_t *data;
    size_t bytes, moved;
} transfer;

typedef struct device {
    struct usbredirparser *parser;
    int socket, orders;
    chip_model *chip;
    usb_model model;
    transfer *waiting[2]; /* out, in */
    int pull_in;          /* bulk transfers until the device is taken out; 0: it stays */
    int64_t back_at_ms;   /* 0: it is there */
    unsigned long transfers, pulls;
    size_t order_bytes;
    char order[ORDER_BYTES];
} device;

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- descriptors: what an enumeration asks for -------------------------------------------------- */

#define LOW_HIGH(x) (uint8_t)((x)&0xff), (uint8_t)((x) >> 8)

static const uint8_t device_descriptor[] = { 18,
                                             1,
                                             LOW_HIGH(0x0200),
                                             0,
                                             0,
                                             0,
                                             CONTROL_BYTES,
                                             LOW_HIGH(USB_VENDOR_ID),
                                             LOW_HIGH(USB_PRODUCT_ID),
                                             LOW_HIGH(USB_DEVICE_RELEASE),
                                             0,
                                             0,
                                             0,
                                             1 };
static const uint8_t configuration[] = { 9,
                                         2,
                                         LOW_HIGH(32),
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
                                         LOW_HIGH(USB_BULK_BYTES_HIGH),
                                         0,
                                         7,
                                         5,
                                         USB_ENDPOINT_IN,
                                         2,
                                         LOW_HIGH(USB_BULK_BYTES_HIGH),
                                         0 };

static void send_present(device *d)
{
    struct usb_redir_ep_info_header ends = { .type = { 0 } };
    struct usb_redir_interface_info_header interfaces = { .interface_count = 1,
                                                          .interface_class = { USB_CLASS },
                                                          .interface_subclass = { USB_SUBCLASS },
                                                          .interface_protocol = { USB_PROTOCOL } };
    struct usb_redir_device_connect_header connect = { .speed = usb_redir_speed_high,
                                                       .vendor_id = USB_VENDOR_ID,
                                                       .product_id = USB_PRODUCT_ID,
                                                       .device_version_bcd = USB_DEVICE_RELEASE };
    memset(ends.type, usb_redir_type_invalid, sizeof ends.type);
    ends.type[0] = ends.type[16] = usb_redir_type_control;
    ends.max_packet_size[0] = ends.max_packet_size[16] = CONTROL_BYTES;
    ends.type[USB_ENDPOINT_OUT] = ends.type[16 + (USB_ENDPOINT_IN & 15)] = usb_redir_type_bulk;
    ends.max_packet_size[USB_ENDPOINT_OUT] = USB_BULK_BYTES_HIGH;
    ends.max_packet_size[16 + (USB_ENDPOINT_IN & 15)] = USB_BULK_BYTES_HIGH;
    usbredirparser_send_ep_info(d->parser, &ends);
    usbredirparser_send_interface_info(d->parser, &interfaces);
    usbredirparser_send_device_connect(d->parser, &connect);
}

static void on_control(void *self, uint64_t id, struct usb_redir_control_packet_header *header,
                       uint8_t *data, int count)
{
    device *d = self;
    struct usb_redir_control_packet_header answer = *header;
    const uint8_t *from = NULL;
    size_t bytes = 0;
    uint8_t copy[64], status[2] = { 0, 0 };
    (void)count;
    answer.status = usb_redir_success;
    if (header->requesttype == IN_BIT && header->request == 6 && header->value == 0x0100)
        from = device_descriptor, bytes = sizeof device_descriptor;
    else if (header->requesttype == IN_BIT && header->request == 6 && header->value == 0x0200)
        from = configuration, bytes = sizeof configuration;
    else if (header->requesttype & IN_BIT && header->request == 0)
        from = status, bytes = sizeof status;
    else if (header->requesttype & IN_BIT)
        answer.status = usb_redir_stall;
    bytes = bytes < header->length ? bytes : header->length;
    if (bytes)
        memcpy(copy, from, bytes);
    answer.length = (uint16_t)bytes;
    usbredirparser_send_control_packet(d->parser, id, &answer, bytes ? copy : NULL, (int)bytes);
    usbredirparser_free_packet_data(d->parser, data);
}

/* --- bulk transfers ----------------------------------------------------------------------------- */

static void finish(device *d, int in, uint8_t status)
{
    transfer *t = d->waiting[in];
    d->waiting[in] = t->next;
    t->header.status = status;
    t->header.length = (uint16_t)t->moved;
    t->header.length_high = (uint16_t)(t->moved >> 16);
    usbredirparser_send_bulk_packet(d->parser, t->id, &t->header, in ? t->data : NULL,
                                    in ? (int)t->moved : 0);
    free(t->data);
    free(t);
}

/* Packets from the chip until the transfer is full or one is short. */
static int move_in(device *d)
{
    transfer *t = d->waiting[1];
    size_t moved = 0;
    int is_short = 0;
    while (t->moved < t->bytes && !is_short) {
        const size_t left = t->bytes - t->moved;
        const size_t want = left < USB_BULK_BYTES_HIGH ? left : (size_t)USB_BULK_BYTES_HIGH;
        const size_t got = d->model.give(d->model.self, t->data + t->moved, want);
        if (!got)
            break;
        t->moved += got;
        moved += got;
        is_short = got < USB_BULK_BYTES_HIGH;
    }
    if (is_short || t->moved == t->bytes)
        finish(d, 1, usb_redir_success);
    return moved != 0;
}

static int move_out(device *d)
{
    transfer *t = d->waiting[0];
    const size_t taken = d->model.take(d->model.self, t->data + t->moved, t->bytes - t->moved);
    t->moved += taken;
    if (t->moved == t->bytes)
        finish(d, 0, usb_redir_success);
    return taken != 0;
}

/* Returns whether anything moved. */
static int move(device *d)
{
    int moved = 0;
    if (d->waiting[0])
        moved |= move_out(d);
    if (d->waiting[1])
        moved |= move_in(d);
    return moved;
}

static void drop_all(device *d)
{
    for (int in = 0; in < 2; in++)
        while (d->waiting[in]) {
            transfer *t = d->waiting[in];
            d->waiting[in] = t->next;
            free(t->data);
            free(t);
        }
}

static void pull(device *d)
{
    drop_all(d);
    usbredirparser_send_device_disconnect(d->parser);
    d->back_at_ms = now_ms() + AWAY_MS;
    d->pull_in = 0;
    d->pulls++;
    d->model.reset(d->model.self);
}

static void on_bulk(void *self, uint64_t id, struct usb_redir_bulk_packet_header *header,
                    uint8_t *data, int count)
{
    device *d = self;
    const int in = (header->endpoint & IN_BIT) != 0;
    const size_t bytes = header->length | (size_t)header->length_high << 16;
    transfer *t = calloc(1, sizeof *t), **last = &d->waiting[in];
    if (!t || (!in && (size_t)count != bytes))
        exit(1);
    *t = (transfer){ .id = id, .header = *header, .bytes = bytes, .data = data };
    if (in && !(t->data = malloc(bytes + 1)))
        exit(1);
    while (*last)
        last = &(*last)->next;
    *last = t;
    d->transfers++;
    if (d->back_at_ms)
        drop_all(d);
    else if (d->pull_in && --d->pull_in == 0)
        pull(d);
}

static void on_cancel(void *self, uint64_t id)
{
    device *d = self;
    for (int in = 0; in < 2; in++)
        for (transfer **t = &d->waiting[in]; *t; t = &(*t)->next) {
            if ((*t)->id != id)
                continue;
            transfer *gone = *t; /* to the front, where finish() takes it */
            *t = gone->next;
            gone->next = d->waiting[in];
            d->waiting[in] = gone;
            finish(d, in, usb_redir_cancelled);
            return;
        }
}

/* --- the rest of the protocol ------------------------------------------------------------------- */

static void on_log(void *self, int level, const char *text)
{
    (void)self;
    if (level <= usbredirparser_warning)
        fprintf(stderr, "redir_device: %s\n", text);
}

static int on_read(void *self, uint8_t *to, int room)
{
    const ssize_t n = read(((device *)self)->socket, to, (size_t)room);
    return n > 0 ? (int)n : n < 0 && errno == EAGAIN ? 0 : -1;
}

static int on_write(void *self, uint8_t *from, int count)
{
    const ssize_t n = write(((device *)self)->socket, from, (size_t)count);
    return n >= 0 ? (int)n : errno == EAGAIN ? 0 : -1;
}

static void on_hello(void *self, struct usb_redir_hello_header *header)
{
    (void)header;
    send_present(self);
}

static void on_nothing(void *self)
{
    (void)self;
}

static void on_set_configuration(void *self, uint64_t id,
                                 struct usb_redir_set_configuration_header *header)
{
    struct usb_redir_configuration_status_header s = { usb_redir_success, header->configuration };
    usbredirparser_send_configuration_status(((device *)self)->parser, id, &s);
}

static void on_get_configuration(void *self, uint64_t id)
{
    struct usb_redir_configuration_status_header s = { usb_redir_success, 1 };
    usbredirparser_send_configuration_status(((device *)self)->parser, id, &s);
}

static void on_set_setting(void *self, uint64_t id, struct usb_redir_set_alt_setting_header *header)
{
    struct usb_redir_alt_setting_status_header s = { usb_redir_success, header->interface,
                                                     header->alt };
    usbredirparser_send_alt_setting_status(((device *)self)->parser, id, &s);
}

static void on_get_setting(void *self, uint64_t id, struct usb_redir_get_alt_setting_header *header)
{
    struct usb_redir_alt_setting_status_header s = { usb_redir_success, header->interface, 0 };
    usbredirparser_send_alt_setting_status(((device *)self)->parser, id, &s);
}

static void begin_parser(device *d)
{
    uint32_t caps[USB_REDIR_CAPS_SIZE] = { 0 };
    struct usbredirparser *p = d->parser = usbredirparser_create();
    if (!p)
        exit(1);
    p->priv = d;
    p->log_func = on_log;
    p->read_func = on_read;
    p->write_func = on_write;
    p->hello_func = on_hello;
    p->reset_func = on_nothing;
    p->device_disconnect_ack_func = on_nothing;
    p->set_configuration_func = on_set_configuration;
    p->get_configuration_func = on_get_configuration;
    p->set_alt_setting_func = on_set_setting;
    p->get_alt_setting_func = on_get_setting;
    p->control_packet_func = on_control;
    p->bulk_packet_func = on_bulk;
    p->cancel_data_packet_func = on_cancel;
    usbredirparser_caps_set_cap(caps, usb_redir_cap_ep_info_max_packet_size);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_64bits_ids);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_32bits_bulk_length);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_connect_device_version);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_device_disconnect_ack);
    usbredirparser_init(p, "weft tests", caps, USB_REDIR_CAPS_SIZE, usbredirparser_fl_usb_host);
}

/* --- orders ------------------------------------------------------------------------------------- */

static void obey(device *d, const char *line)
{
    if (strncmp(line, "pull ", 5) == 0)
        d->pull_in = atoi(line + 5);
    else if (strncmp(line, "say ", 4) == 0)
        printf("%s\n", line + 4);
    fflush(stdout);
}

static void read_orders(device *d)
{
    char byte;
    while (read(d->orders, &byte, 1) == 1) {
        if (byte == '\r')
            continue;
        if (byte != '\n' && d->order_bytes < sizeof d->order - 1) {
            d->order[d->order_bytes++] = byte;
            continue;
        }
        d->order[d->order_bytes] = 0;
        d->order_bytes = 0;
        obey(d, d->order);
    }
}

/* --- main --------------------------------------------------------------------------------------- */

static int listening(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const int s = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    if (s < 0 || bind(s, (struct sockaddr *)&address, sizeof address) || listen(s, 1)) {
        perror(path);
        exit(1);
    }
    return s;
}

static int accepted(int listener)
{
    const int s = accept(listener, NULL, NULL);
    if (s < 0 || fcntl(s, F_SETFL, O_NONBLOCK))
        exit(1);
    close(listener);
    return s;
}

/* 0 when QEMU has gone. */
static int serve_once(device *d)
{
    const int busy = move(d);
    const int writes = usbredirparser_has_data_to_write(d->parser);
    struct pollfd fds[2] = { { d->socket, (short)(POLLIN | (writes ? POLLOUT : 0)), 0 },
                             { d->orders, POLLIN, 0 } };
    /* A chip that computes is simulated while somebody waits for it, with pauses that leave QEMU its share. */
    const int waits = d->waiting[0] || d->waiting[1];
    if (poll(fds, 2, busy ? 0 : waits ? 1 : d->back_at_ms ? AWAY_MS / 10 : IDLE_MS) < 0)
        return 0;
    if (fds[1].revents & POLLIN)
        read_orders(d);
    if (d->back_at_ms && now_ms() >= d->back_at_ms) {
        d->back_at_ms = 0;
        send_present(d);
    }
    if (fds[0].revents && usbredirparser_do_read(d->parser))
        return 0;
    return !usbredirparser_has_data_to_write(d->parser) || usbredirparser_do_write(d->parser) == 0;
}

int main(int argc, char **argv)
{
    device d = { .chip = chip_model_new(SHAPE) };
    if (argc != 3 || !d.chip) {
        fprintf(stderr, "usage: redir_device DEVICE_SOCKET ORDER_SOCKET\n");
        return 2;
    }
    d.model = chip_model_usb(d.chip);
    const int first = listening(argv[1]), second = listening(argv[2]);
    d.socket = accepted(first);
    d.orders = accepted(second);
    begin_parser(&d);
    while (serve_once(&d))
        ;
    printf("redir_device: %lu bulk transfers, taken out %lu times\n", d.transfers, d.pulls);
    drop_all(&d);
    usbredirparser_destroy(d.parser);
    chip_model_free(d.chip);
    return 0;
}
