/* Fuzz target of the link session (host/transport/transport_link.h): a device that answers with arbitrary bytes.
 *
 * Behind the wire is a right device (fake_device.h), so that the session gets somewhere; the input says which calls
 * the host makes and what becomes of each answer: as it is, changed with a right CRC, invented for the present session,
 * raw bytes, nothing, twice, the wire gone.  Whatever comes, every call ends with a status of the table and a
 * sentence, in a bounded number of turns, and the wire is closed once. */
#define FUZZ_NAME    "fuzz_link"
#define FUZZ_DAMAGES 300
#include "tests/fuzz_main.h"

#include "fake_device.h"

enum {
    CALLS = 24,
    MOST_TURNS = 200000,
    MOST_BYTES = 8192,
    PASS_SHARE = 160, /* of 256 answers that come as they are */
    TURN_US = 50
};

typedef struct liar {
    fake_device device; /* first: it is the wire, too */
    fuzz_input in;
    unsigned turns;
    size_t again; /* bytes of the last answer */
    uint8_t last[WEFT_FRAME_MAX_BYTES];
} liar;

/* --- answers ------------------------------------------------------------------------------------ */

/* The next frame of the right device; 0 bytes if it says nothing. */
static size_t right_frame(liar *l, uint8_t *to)
{
    fake_device *d = &l->device;
    const size_t have = d->out_tail - d->out_head;
    if (have < WEFT_FRAME_OVERHEAD_BYTES)
        return 0;
    const uint8_t *at = d->out + d->out_head;
    const size_t bytes = WEFT_FRAME_OVERHEAD_BYTES + (at[6] | (size_t)at[7] << 8);
    memcpy(to, at, bytes);
    d->out_head += bytes;
    if (d->out_head == d->out_tail)
        d->out_head = d->out_tail = 0;
    return bytes;
}

/* A frame with a right CRC of which the input says everything else. */
static size_t invented(liar *l, uint8_t *to)
{
    static const uint8_t types[] = { WEFT_PKT_HELLO + WEFT_PKT_REPLY,
                                     WEFT_PKT_OPEN + WEFT_PKT_REPLY,
                                     WEFT_PKT_REG_READ + WEFT_PKT_REPLY,
                                     WEFT_PKT_MEM_READ + WEFT_PKT_REPLY,
                                     WEFT_PKT_MEM_WRITE + WEFT_PKT_REPLY,
                                     WEFT_PKT_START + WEFT_PKT_REPLY,
                                     WEFT_PKT_NAK,
                                     WEFT_PKT_REFUSED,
                                     WEFT_PKT_DONE };
    uint8_t payload[WEFT_PKT_MAX_PAYLOAD] = { 0 };
    const unsigned type = fuzz_byte(&l->in), how = fuzz_byte(&l->in);
    const uint32_t behind = (uint32_t)fuzz_byte(&l->in) - 4;
    const size_t words = fuzz_byte(&l->in) % (how & 1 ? WEFT_PKT_MAX_PAYLOAD / 4 + 1u : 6u);
    fuzz_bytes(&l->in, payload, how & 2 ? 4 * words : 1);
    const weft_packet p = { .type = type < sizeof types ? types[type] : (uint8_t)type,
                            .flags = how & 4 ? (uint8_t)fuzz_byte(&l->in) : 0,
                            .session = how & 8 ? (uint16_t)fuzz_word(&l->in) : l->device.session,
                            .sequence = how & 16 ? fuzz_word(&l->in) : l->device.last - behind,
                            .payload = payload,
                            .payload_bytes = 4 * words };
    size_t bytes = 0;
    if (weft_packet_build(&p, to, WEFT_FRAME_MAX_BYTES, &bytes) != WEFT_OK)
        fuzz_finding("a frame that cannot be");
    return bytes;
}

/* The right answer with some bytes changed before its CRC was made. */
static size_t changed(liar *l, uint8_t *frame, size_t bytes)
{
    if (!bytes)
        return 0;
    for (unsigned n = 1 + fuzz_byte(&l->in) % 4; n; n--) {
        const size_t at = 2 + fuzz_byte(&l->in) % (bytes - 2 - WEFT_PKT_CRC_BYTES);
        frame[at] = (uint8_t)fuzz_byte(&l->in);
    }
    weft_put_u32(frame + bytes - WEFT_PKT_CRC_BYTES,
                 weft_crc32(0, frame + 2, bytes - 2 - WEFT_PKT_CRC_BYTES));
    return bytes;
}

enum { INVENT, CHANGE, RAW, DROP, TWICE, CUT, GONE, QUIET, KINDS };

/* What comes next, in place of what is right; -1: the wire has gone. */
static int next_answer(liar *l, uint8_t *to)
{
    const unsigned choice = fuzz_byte(&l->in);
    if (choice < PASS_SHARE)
        return (int)right_frame(l, to);
    switch ((choice - PASS_SHARE) % KINDS) {
    case INVENT: return (int)invented(l, to);
    case CHANGE: return (int)changed(l, to, right_frame(l, to));
    case RAW: return (int)fuzz_bytes(&l->in, to, fuzz_byte(&l->in));
    case DROP: (void)right_frame(l, to); return 0;
    case TWICE: memcpy(to, l->last, l->again); return (int)l->again;
    case CUT: return (int)(right_frame(l, to) / 2);
    case GONE: return fuzz_byte(&l->in) < 32 ? -1 : 0;
    default: return 0;
    }
}

/* --- the wire ----------------------------------------------------------------------------------- */

static int lie_receive(weft_wire *w, uint8_t *bytes, size_t room, uint32_t timeout_us, size_t *got,
                       weft_error *err)
{
    liar *l = (liar *)(void *)w;
    if (room < sizeof l->last || ++l->turns > MOST_TURNS)
        fuzz_finding("it goes on for ever");
    const int n = next_answer(l, bytes);
    if (n < 0)
        return weft_error_set(err, WEFT_ERR_NO_DEVICE, "the device was unplugged");
    l->device.clock_us += n ? TURN_US : timeout_us + 1;
    memcpy(l->last, bytes, (size_t)n);
    l->again = *got = (size_t)n;
    return WEFT_OK;
}

static int lie_send(weft_wire *w, const uint8_t *bytes, size_t count, size_t *taken,
                    weft_error *err)
{
    liar *l = (liar *)(void *)w;
    (void)err;
    *taken = count;
    fake_take(&l->device, bytes, count);
    return WEFT_OK;
}

static liar *new_liar(const uint8_t *data, size_t bytes)
{
    static const weft_wire_ops ops = {
        .send = lie_send, .receive = lie_receive, .now_us = fake_now, .close = fake_close
    };
    liar *l = calloc(1, sizeof *l);
    if (!l)
        exit(1);
    fake_init(&l->device, 1);
    l->device.base.ops = &ops;
    l->in = (fuzz_input){ data, bytes };
    return l;
}

/* --- the host ----------------------------------------------------------------------------------- */

static int known(int rc, const weft_error *err)
{
    switch (rc) {
    case WEFT_OK: return 1;
    case WEFT_ERR_NO_DEVICE:
    case WEFT_ERR_LINK:
    case WEFT_ERR_VERSION:
    case WEFT_ERR_CAPACITY:
    case WEFT_ERR_BUSY:
    case WEFT_ERR_ARG:
    case WEFT_ERR_DEVICE:
    case WEFT_ERR_TIMEOUT: return err->status == rc && err->text[0];
    default: return 0;
    }
}

static int memory_call(weft_transport *t, fuzz_input *in, int write, weft_error *err)
{
    const uint32_t address = fuzz_byte(in) * 32u;
    const size_t bytes = fuzz_byte(in) * 32u;
    uint8_t *exact = calloc(1, bytes ? bytes : 1);
    if (!exact)
        exit(1);
    const int rc = write ? t->ops->mem_write(t, address, exact, bytes, err)
                         : t->ops->mem_read(t, address, exact, bytes, err);
    free(exact); /* an answer that comes later must not be put there */
    return rc;
}

static int call(weft_transport *t, fuzz_input *in, weft_error *err)
{
    static const weft_start start = { 0, 1, 0, 1024 };
    uint32_t value = 0;
    weft_done done;
    const unsigned what = fuzz_byte(in);
    switch (what % 8) {
    case 0: return memory_call(t, in, 0, err);
    case 1: return memory_call(t, in, 1, err);
    case 2: return t->ops->reg_read(t, WEFT_REG_STATUS, &value, err);
    case 3: return t->ops->reg_write(t, FAKE_SCRATCH, fuzz_byte(in), err);
    case 4: return t->ops->start(t, &start, err);
    case 5: return t->ops->wait_done(t, what / 8, &done, err);
    case 6: return t->ops->reg_read(t, fuzz_byte(in), &value, err);
    default: return t->ops->reset(t, err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    liar *l = new_liar(data, bytes);
    weft_transport *t = NULL;
    weft_error err = { 0 };
    int rc = weft_transport_link_open(&l->device.base, &t, &err);
    if (!known(rc, &err) || (rc == WEFT_OK) != (t != NULL))
        fuzz_finding("opening ends with another status than it may");
    for (unsigned i = 0; t && i < CALLS && l->in.left; i++) {
        err = (weft_error){ 0 };
        rc = rc == WEFT_ERR_LINK || rc == WEFT_ERR_NO_DEVICE ? t->ops->reset(t, &err)
                                                             : call(t, &l->in, &err);
        if (!known(rc, &err))
            fuzz_finding("a call ends with another status than it may");
    }
    if (t)
        t->ops->close(t);
    if (l->device.closed != 1)
        fuzz_finding("the wire was not closed once");
    free(l);
    return 0;
}
