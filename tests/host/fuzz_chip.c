/* Fuzz target of the chip's link: arbitrary bytes from the host to the Verilated RTL, through its pins.
 *
 * The input is a list of what is sent: raw bytes; requests with right CRC, in the present session or not, with numbers
 * that are due or not; frames changed, cut, doubled.  A second device gets the same bytes: fake_device.h, which has
 * the rules of rtl/isa/README.md written down once more.  Checked:
 *   - the chip says nothing but whole, right frames, and its assertions hold;
 *   - whatever came before, a host can open a session with it, and memory and registers obey;
 *   - its memory is then that of the second device, unless a program was started or a request was of a form that the
 *     second device does not judge (odd lengths, unknown registers). */
#define FUZZ_NAME    "fuzz_chip"
#define FUZZ_DAMAGES 100
#include "tests/fuzz_main.h"

#include "fake_device.h"
#include "sim/pin_wire.h"

#define SHAPE "4x4"

enum {
    STEPS = 64,
    TURNS = 4000,
    LOOK_US = 20,
    BEATS = 1 << 20,
    ADDRESS_STEP = 32,
    COMPARED = 256 * ADDRESS_STEP + FAKE_DATA
};

typedef struct chip {
    const weft_sim_model *model;
    weft_sim *sim;
    weft_mem *mem;
    weft_wire *wire;
    weft_packet_decoder said;
    fake_device second;
    int strange; /* the second device need not agree any more */
    size_t frame_bytes;
    uint8_t frame[WEFT_FRAME_MAX_BYTES];
} chip;

static chip *switch_on(void)
{
    chip *c = calloc(1, sizeof *c);
    if (c)
        c->model = weft_sim_find(SHAPE, 0, 0, NULL);
    if (!c || !c->model)
        exit(1);
    const weft_mem_config config = weft_mem_config_default(c->model->data_bytes);
    c->sim = c->model->open(1);
    if (!c->sim || weft_mem_open(&config, &c->mem, NULL) != WEFT_OK)
        exit(1);
    c->model->attach(c->sim, c->mem);
    c->wire = weft_pin_wire_new(c->model, c->sim, NULL);
    if (!c->wire)
        exit(1);
    fake_init(&c->second, 1);
    c->second.decoder.longest_payload = WEFT_MEM_HEAD_BYTES + FAKE_DATA;
    return c;
}

static void switch_off(chip *c)
{
    c->model->close(c->sim);
    weft_mem_close(c->mem);
    free(c);
}

/* --- bytes -------------------------------------------------------------------------------------- */

/* Let the chip run and look at what it says. */
static void listen(chip *c, uint32_t wait_us)
{
    uint8_t bytes[4096];
    size_t got = 0;
    weft_packet p;
    weft_error err = { 0 };
    do {
        if (c->wire->ops->receive(c->wire, bytes, sizeof bytes, wait_us, &got, &err) != WEFT_OK)
            fuzz_finding(err.text); /* an assertion of the RTL */
        const uint8_t *at = bytes;
        size_t left = got;
        while (weft_packet_next(&c->said, &at, &left, &p))
            if (p.status != WEFT_PKTST_OK)
                fuzz_finding("a damaged frame from the chip");
    } while (got);
    if (c->said.garbage_bytes)
        fuzz_finding("bytes outside frames from the chip");
}

static void send_bytes(chip *c, const uint8_t *bytes, size_t count)
{
    weft_error err = { 0 };
    c->second.out_head = c->second.out_tail = 0;
    fake_take(&c->second, bytes, count);
    for (size_t taken = 0, turns = 0; count; bytes += taken, count -= taken) {
        if (c->wire->ops->send(c->wire, bytes, count, &taken, &err) != WEFT_OK || ++turns > TURNS)
            fuzz_finding("the chip takes no more");
        listen(c, LOOK_US);
    }
}

static void send_frame(chip *c, const weft_packet *p)
{
    if (weft_packet_build(p, c->frame, sizeof c->frame, &c->frame_bytes) != WEFT_OK)
        fuzz_finding("a frame that cannot be");
    send_bytes(c, c->frame, c->frame_bytes);
}

/* --- what the input says ------------------------------------------------------------------------ */

/* The next request of the present session, unless the input has it otherwise. */
static weft_packet request(chip *c, fuzz_input *in, uint8_t type, const uint8_t *payload,
                           size_t bytes)
{
    const unsigned how = fuzz_byte(in);
    weft_packet p = { .type = type,
                      .flags = how & 1 ? (uint8_t)fuzz_byte(in) : 0,
                      .session = c->second.session,
                      .sequence = c->second.last + 1,
                      .payload = payload,
                      .payload_bytes = bytes };
    if (how & 2)
        p.sequence = c->second.last - fuzz_byte(in) + 4;
    if ((how & 12) == 12)
        p.session = (uint16_t)fuzz_word(in);
    if ((how & 48) == 48)
        p.sequence = fuzz_word(in);
    return p;
}

static void send_memory(chip *c, fuzz_input *in, int write)
{
    uint8_t payload[WEFT_PKT_MAX_PAYLOAD] = { 0 };
    const uint32_t address = fuzz_byte(in) * ADDRESS_STEP;
    const uint32_t bytes = (1 + fuzz_byte(in) % (FAKE_DATA / ADDRESS_STEP)) * ADDRESS_STEP;
    const unsigned odd = fuzz_byte(in);
    weft_put_u32(payload, odd == 1 ? fuzz_word(in) : address);
    weft_put_u32(payload + 4, odd == 2 ? fuzz_word(in) : bytes);
    c->strange |= odd == 1 || odd == 2;
    memset(payload + WEFT_MEM_HEAD_BYTES, (int)fuzz_byte(in), bytes);
    fuzz_bytes(in, payload + WEFT_MEM_HEAD_BYTES, 8);
    const weft_packet p = request(c, in, write ? WEFT_PKT_MEM_WRITE : WEFT_PKT_MEM_READ, payload,
                                  write ? WEFT_MEM_HEAD_BYTES + bytes : WEFT_MEM_HEAD_BYTES);
    send_frame(c, &p);
}

static void send_register(chip *c, fuzz_input *in, int write)
{
    uint8_t payload[8] = { 0 };
    const unsigned offset = fuzz_byte(in);
    weft_put_u32(payload, offset < 192 ? FAKE_SCRATCH : offset * 4);
    weft_put_u32(payload + 4, fuzz_word(in));
    c->strange |= offset >= 192;
    const weft_packet p =
        request(c, in, write ? WEFT_PKT_REG_WRITE : WEFT_PKT_REG_READ, payload, write ? 8 : 4);
    send_frame(c, &p);
}

/* HELLO, or OPEN for the session after this one. */
static void send_greeting(chip *c, fuzz_input *in, int open)
{
    uint8_t payload[4];
    weft_put_u32(payload, open ? (uint16_t)(c->second.session + 1u) : fuzz_word(in));
    weft_packet p = request(c, in, open ? WEFT_PKT_OPEN : WEFT_PKT_HELLO, payload, sizeof payload);
    send_frame(c, &p);
}

/* Any type with any payload. */
static void send_any(chip *c, fuzz_input *in)
{
    uint8_t payload[256] = { 0 };
    const uint8_t type = (uint8_t)fuzz_byte(in);
    const size_t words = fuzz_byte(in) % (sizeof payload / 4 + 1);
    fuzz_bytes(in, payload, 4 * words);
    const weft_packet p = request(c, in, type, payload, 4 * words);
    c->strange = 1;
    send_frame(c, &p);
}

static void send_reset(chip *c, fuzz_input *in)
{
    const weft_packet p = request(c, in, WEFT_PKT_RESET, NULL, 0);
    send_frame(c, &p);
}

/* The last frame again, whole, cut or with a byte changed. */
static void send_again(chip *c, fuzz_input *in)
{
    const unsigned at = fuzz_byte(in), change = fuzz_byte(in);
    size_t bytes = c->frame_bytes;
    if (bytes && change)
        c->frame[at % bytes] ^= (uint8_t)change;
    else if (bytes && at)
        bytes = at % bytes;
    send_bytes(c, c->frame, bytes);
}

static void step(chip *c, fuzz_input *in)
{
    uint8_t raw[256];
    const unsigned what = fuzz_byte(in);
    switch (what % 12) {
    case 0: send_bytes(c, raw, fuzz_bytes(in, raw, fuzz_byte(in))); break;
    case 1:
    case 2:
    case 3: send_memory(c, in, 1); break;
    case 4: send_memory(c, in, 0); break;
    case 5: send_register(c, in, 1); break;
    case 6: send_register(c, in, 0); break;
    case 7: send_greeting(c, in, 0); break;
    case 8: send_greeting(c, in, 1); break;
    case 9: send_any(c, in); break;
    case 10: send_reset(c, in); break;
    default: send_again(c, in); break;
    }
}

/* --- afterwards --------------------------------------------------------------------------------- */

/* A host comes; what it reads and writes is right. */
static void use(chip *c)
{
    static uint8_t memory[COMPARED];
    weft_transport *t = NULL;
    weft_error err = { 0 };
    uint32_t id = 0, beat = 0;
    if (weft_transport_link_open(c->wire, &t, &err) != WEFT_OK)
        fuzz_finding(err.text);
    if (t->ops->reg_read(t, WEFT_REG_ID, &id, &err) != WEFT_OK || id != WEFT_REG_ID_RESET)
        fuzz_finding("the register ID");
    if (t->ops->mem_read(t, 0, memory, sizeof memory, &err) != WEFT_OK)
        fuzz_finding(err.text);
    if (!c->strange && memcmp(memory, c->second.mem, sizeof memory) != 0)
        fuzz_finding("the memory is not that of the second device");
    for (size_t i = 0; i < sizeof memory; i++)
        memory[i] = (uint8_t)(i * 7 + 1);
    if (t->ops->mem_write(t, 0, memory, FAKE_DATA, &err) != WEFT_OK ||
        t->ops->mem_read(t, 0, c->second.mem, FAKE_DATA, &err) != WEFT_OK ||
        memcmp(memory, c->second.mem, FAKE_DATA) != 0)
        fuzz_finding("memory that was written afterwards");
    if (t->ops->reg_write(t, WEFT_REG_HEARTBEAT, BEATS, &err) != WEFT_OK ||
        t->ops->reg_read(t, WEFT_REG_HEARTBEAT, &beat, &err) != WEFT_OK || beat != BEATS)
        fuzz_finding("a register that was written afterwards");
    t->ops->close(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    fuzz_input in = { data, bytes };
    chip *c = switch_on();
    for (unsigned i = 0; i < STEPS && in.left; i++)
        step(c, &in);
    listen(c, LOOK_US);
    use(c);
    switch_off(c);
    return 0;
}
