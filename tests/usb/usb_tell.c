/* What the simulated USB device tells of itself: the descriptors of the RTL (rtl/phy/weft_usb.def), with a serial
 * number, or packet sizes that are a lie, where a test wants that; see usb_bus_own.h. */
#include <string.h>

#include "usb_bus_own.h"

/* Places in the two descriptors, which are one behind the other. */
enum {
    DEVICE_BYTES = 18,
    SERIAL_INDEX_AT = 16,
    OUT_PACKET_AT = DEVICE_BYTES + 9 + 9 + 4,
    IN_PACKET_AT = OUT_PACKET_AT + 7,
    TYPE_STRING = 3,
    GET_DESCRIPTOR = 6,
    FROM_DEVICE = 0x80,
    TYPE_MASK = 0x60,
    TYPE_VENDOR = 0x40
};

#define VALUE(name, value, doc) name = (value),
enum {
#include "rtl/phy/weft_usb.def"
};

/* Pieces of blocks, in order. */
#define BLOCKS                                                                                     \
    BLOCK(DEVICE)                                                                                  \
    BLOCK(CONFIGURATION_HIGH)                                                                      \
    BLOCK(CONFIGURATION_FULL) BLOCK(LANGUAGES) BLOCK(MANUFACTURER) BLOCK(PRODUCT) BLOCK(OTHER)
#define BLOCK(name) IN_##name,
enum { BLOCKS };
#undef BLOCK
enum {
    IN_NOTHING = IN_OTHER,
    IN_STATUS = IN_OTHER,
    IN_ONE_BYTE = IN_OTHER,
    IN_QUALIFIER = IN_OTHER,
    IN_OTHER_SPEED_HIGH = IN_OTHER,
    IN_OTHER_SPEED_FULL = IN_OTHER,
    IN_SERIAL = IN_OTHER,
    IN_BOS = IN_OTHER,
    IN_MS_OS_20 = IN_OTHER
};

typedef struct piece {
    int block;
    const guint8 *bytes;
    size_t count;
    const char *text; /* or this, as UTF-16 */
} piece;

#define BYTES(block, ...)                                                                          \
    { IN_##block, (const guint8[]){ __VA_ARGS__ }, sizeof((const guint8[]){ __VA_ARGS__ }), NULL },
#define TEXT(block, text) { IN_##block, NULL, 0, text },
static const piece pieces[] = {
#include "rtl/phy/weft_usb.def"
};

static size_t add_text(guint8 *to, size_t at, size_t room, const char *text)
{
    for (; *text && at + 2 <= room; text++) {
        to[at++] = (guint8)*text;
        to[at++] = 0;
    }
    return at;
}

/* A block; returns its bytes, at most room. */
static size_t get_block(int block, guint8 *to, size_t room)
{
    size_t at = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        const piece *p = &pieces[i];
        if (p->block != block)
            continue;
        const size_t part = MIN(p->count, room - at);
        if (p->bytes)
            memcpy(to + at, p->bytes, part);
        at = p->text ? add_text(to, at, room, p->text) : at + part;
    }
    return at;
}

static size_t describe(const usb_board *b, guint8 *bytes, size_t room)
{
    const int full = b->bulk_bytes == BULK_BYTES_FULL;
    size_t count = get_block(IN_DEVICE, bytes, room);
    count += get_block(full ? IN_CONFIGURATION_FULL : IN_CONFIGURATION_HIGH, bytes + count,
                       room - count);
    bytes[OUT_PACKET_AT] = bytes[IN_PACKET_AT] = (guint8)b->said_bytes;
    bytes[OUT_PACKET_AT + 1] = bytes[IN_PACKET_AT + 1] = (guint8)(b->said_bytes >> 8);
    return count;
}

void usb_add_descriptors(const usb_board *b, GString *to)
{
    guint8 bytes[USB_PACKET_MOST];
    const size_t count = b->model.describe ? b->model.describe(b->model.self, bytes, sizeof bytes)
                                           : describe(b, bytes, sizeof bytes);
    if (!*b->serial)
        bytes[SERIAL_INDEX_AT] = 0;
    for (size_t i = 0; i < count; i++)
        g_string_append_printf(to, "%02x", bytes[i]);
}

int usb_answer_control(const usb_board *b, const guint8 setup[8], guint8 *to, size_t room)
{
    guint8 bytes[USB_PACKET_MOST];
    size_t count = 0;
    if ((setup[0] & TYPE_MASK) == TYPE_VENDOR && b->model.request)
        return b->model.request(b->model.self, setup, to, room);
    if (setup[0] != FROM_DEVICE || setup[1] != GET_DESCRIPTOR || setup[3] != TYPE_STRING)
        return -1;
    switch (setup[2]) {
    case 0: count = get_block(IN_LANGUAGES, bytes, sizeof bytes); break;
    case 1: count = get_block(IN_MANUFACTURER, bytes, sizeof bytes); break;
    case 2: count = get_block(IN_PRODUCT, bytes, sizeof bytes); break;
    case 3:
        count = add_text(bytes, 2, sizeof bytes, b->serial);
        bytes[0] = (guint8)count;
        bytes[1] = TYPE_STRING;
        break;
    default: return -1;
    }
    count = MIN(count, room);
    memcpy(to, bytes, count);
    return (int)count;
}
