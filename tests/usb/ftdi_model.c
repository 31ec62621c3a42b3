/* FTDI's chips without hardware; the contract is in ftdi_model.h. */
#include "ftdi_model.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* Requests to endpoint 0 (libftdi1, ftdi.h), and what this model wants of them. */
enum {
    SET_RESET = 0x00,
    SET_FLOW = 0x02,
    SET_LATENCY = 0x09,
    SET_MODE = 0x0b,
    READ_EEPROM = 0x90,
    CONFIGURATION = 0xcf,
    MODE_SYNC_FIFO = 0x40,
    CHANNEL_A = 1,
    EEPROM_FIFO = 1,
    FLUSH_BOTH = 0
};

/* FT60x: endpoints, requests about pipes, and where its configuration says what the pins are. */
enum {
    PIPE_REQUESTS = 0x01,
    PIPE_OUT = 0x02,
    PIPE_IN = 0x82,
    REQUEST_BYTES = 20,
    REQUEST_STREAM = 2,
    CONFIG_BYTES = 152,
    MODE_AT = 138,
    CHANNELS_AT = 139,
    ONE_CHANNEL = 2
};

/* How often a packet of status alone comes: a real chip sends one in each latency, but here each costs a copy of the
 * whole transfer from one process's memory to another's. */
enum { IDLE_LATENCIES = 50 };

enum { SPEED_FULL = 2, SPEED_HIGH = 3, SPEED_SUPER = 4, STATUS_BYTES = 2, DEVICE_BYTES = 18 };

const ftdi_product ftdi_ft232h = { "FT232H", 0x6014, 0x0900, SPEED_HIGH, 0, 1 };
const ftdi_product ftdi_ft2232h = { "FT2232H", 0x6010, 0x0700, SPEED_HIGH, 0, 2 };
const ftdi_product ftdi_ft2232d = { "FT2232D", 0x6010, 0x0500, SPEED_FULL, 0, 2 };
const ftdi_product ftdi_ft601 = { "FT601", 0x601f, 0x0000, SPEED_SUPER, 1, 2 };

ftdi_model *ftdi_model_new(const ftdi_product *product, usb_model behind)
{
    ftdi_model *f = calloc(1, sizeof *f);
    if (f)
        *f = (ftdi_model){
            .product = product, .behind = behind, .eeprom = EEPROM_FIFO, .channels = ONE_CHANNEL
        };
    return f;
}

void ftdi_model_free(ftdi_model *f)
{
    free(f);
}

/* --- what it tells of itself -------------------------------------------------------------------- */

static size_t add(uint8_t *to, size_t at, size_t room, const uint8_t *bytes, size_t count)
{
    if (count > room - at)
        abort(); /* no room for a test */
    memcpy(to + at, bytes, count);
    return at + count;
}

#define ADD(...)                                                                                   \
    at = add(to, at, room, (const uint8_t[]){ __VA_ARGS__ },                                       \
             sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* An endpoint, with the companion that SuperSpeed wants. */
static size_t add_endpoint(const ftdi_model *f, uint8_t *to, size_t at, size_t room,
                           uint8_t address, uint8_t type)
{
    const uint16_t bytes = f->product->speed == SPEED_FULL   ? 64
                           : f->product->speed == SPEED_HIGH ? 512
                           : type == 2                       ? 1024
                                                             : 64;
    ADD(7, 5, address, type, (uint8_t)bytes, (uint8_t)(bytes >> 8), type == 2 ? 0 : 9);
    if (f->product->speed == SPEED_SUPER)
        ADD(6, 0x30, 0, 0, 0, 0);
    return at;
}

static size_t describe(void *self, uint8_t *to, size_t room)
{
    const ftdi_model *f = self;
    const ftdi_product *p = f->product;
    size_t at = 0;
    ADD(DEVICE_BYTES, 1, 0, p->speed == SPEED_SUPER ? 3 : 2, 0, 0, 0, p->streams ? 9 : 64, 0x03,
        0x04, (uint8_t)p->product, (uint8_t)(p->product >> 8), (uint8_t)p->release,
        (uint8_t)(p->release >> 8), 1, 2, 3, 1);
    ADD(9, 2, 0, 0, p->interfaces, 1, 0, 0xa0, 45);
    for (uint8_t i = 0; i < p->interfaces; i++) {
        const int requests = p->streams && i == 0;
        const unsigned in = p->streams ? 0x81 + i : 0x81 + 2 * i;
        const unsigned out = p->streams ? 0x01 + i : 0x02 + 2 * i;
        ADD(9, 4, i, 0, 2, 0xff, 0xff, 0xff, 0);
        at = add_endpoint(f, to, at, room, (uint8_t)in, requests ? 3 : 2);
        at = add_endpoint(f, to, at, room, (uint8_t)out, 2);
    }
    to[DEVICE_BYTES + 2] = (uint8_t)(at - DEVICE_BYTES);
    to[DEVICE_BYTES + 3] = (uint8_t)((at - DEVICE_BYTES) >> 8);
    return at;
}

/* --- requests ----------------------------------------------------------------------------------- */

static int tell_configuration(const ftdi_model *f, uint8_t *answer, size_t room)
{
    uint8_t config[CONFIG_BYTES] = { 0 };
    config[MODE_AT] = f->fifo_mode;
    config[CHANNELS_AT] = f->channels;
    memcpy(answer, config, room < sizeof config ? room : sizeof config);
    return room < sizeof config ? (int)room : (int)sizeof config;
}

/* Of an FT232H or FT2232H: about channel A, as nobody here has business with B. */
static int set(ftdi_model *f, unsigned request, unsigned value, unsigned channel)
{
    if (channel != CHANNEL_A)
        return -1;
    switch (request) {
    case SET_RESET: f->open = value == FLUSH_BOTH ? 0 : f->open; return 0;
    case SET_FLOW: return 0;
    case SET_LATENCY: f->latency_ms = (uint8_t)value; return 0;
    case SET_MODE:
        f->open = value >> 8 == MODE_SYNC_FIFO && f->eeprom == EEPROM_FIFO && f->latency_ms;
        return 0;
    default: return -1;
    }
}

static int request(void *self, const uint8_t setup[8], uint8_t *answer, size_t room)
{
    ftdi_model *f = self;
    const unsigned value = setup[2] | (unsigned)setup[3] << 8, index = setup[4];
    const int in = setup[0] & 0x80;
    if (f->product->streams)
        return in && setup[1] == CONFIGURATION && value == 1 ? tell_configuration(f, answer, room)
                                                             : -1;
    if (in && setup[1] == READ_EEPROM && index == 0 && room >= 2) {
        answer[0] = (uint8_t)f->eeprom;
        answer[1] = (uint8_t)(f->eeprom >> 8);
        return 2;
    }
    return in ? -1 : set(f, setup[1], value, index & 0xff);
}

/* --- bytes -------------------------------------------------------------------------------------- */

static size_t take(void *self, const uint8_t *bytes, size_t count)
{
    ftdi_model *f = self;
    return f->open ? f->behind.take(f->behind.self, bytes, count) : count;
}

static size_t take_at(void *self, unsigned endpoint, const uint8_t *bytes, size_t count)
{
    ftdi_model *f = self;
    if (!f->product->streams || endpoint == PIPE_OUT)
        return take(self, bytes, count);
    if (endpoint == PIPE_REQUESTS && count == REQUEST_BYTES && bytes[4] == PIPE_IN &&
        bytes[5] == REQUEST_STREAM)
        f->open = 1;
    return count;
}

/* A packet of status bytes and what there is; of the former alone when it is time. */
static size_t give_packet(ftdi_model *f, uint8_t *bytes, size_t room)
{
    const int64_t now_us = g_get_monotonic_time();
    const size_t got =
        f->open ? f->behind.give(f->behind.self, bytes + STATUS_BYTES, room - STATUS_BYTES) : 0;
    if (!got && now_us < f->last_us + 1000 * IDLE_LATENCIES * f->latency_ms)
        return 0;
    f->last_us = now_us;
    bytes[0] = 0x02;
    bytes[1] = 0x60;
    return got + STATUS_BYTES;
}

static size_t give(void *self, uint8_t *bytes, size_t room)
{
    ftdi_model *f = self;
    if (!f->product->streams)
        return give_packet(f, bytes, room);
    return f->open ? f->behind.give(f->behind.self, bytes, room) : 0;
}

static void reset(void *self)
{
    ftdi_model *f = self;
    f->open = 0;
    f->latency_ms = 0;
    if (f->behind.reset)
        f->behind.reset(f->behind.self);
}

usb_model ftdi_model_usb(ftdi_model *f)
{
    return (usb_model){ .self = f,
                        .take = take,
                        .give = give,
                        .reset = reset,
                        .describe = describe,
                        .request = request,
                        .take_at = take_at };
}
