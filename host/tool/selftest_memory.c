/* March C- through device memory (van de Goor, 1991): up write 0; up read 0 write 1; up read 1
 * write 0; down read 0 write 1; down read 1 write 0; read 0.  It finds bits that are stuck or do not
 * change, cells that change others, and addresses that meet.
 *
 * "0" is a number made of the address of a word, "1" its complement: so every bit is both, and
 * addresses that meet show inside of a piece too, which is written at once. */
#include "selftest.h"

#include <string.h>

enum { ELEMENTS = 6 };

static const struct {
    int reads, writes; /* 0, 1 or -1: does not */
    int down;
} march[ELEMENTS] = {
    { -1, 0, 0 }, { 0, 1, 0 }, { 1, 0, 0 }, { 0, 1, 1 }, { 1, 0, 1 }, { 0, -1, 1 }
};

typedef struct findings {
    uint64_t wrong;              /* bytes, over all elements */
    uint32_t first;              /* address of the first */
    uint8_t wrote, read;         /* there */
    uint8_t bits, always, never; /* that were wrong anywhere; that were 1, or 0, whenever wrong */
} findings;

static uint32_t background(uint32_t address)
{
    uint32_t x = address * 2654435761u;
    x ^= x >> 15;
    return x * 2246822519u;
}

static void fill(uint8_t *to, uint32_t address, uint32_t bytes, int value)
{
    for (uint32_t i = 0; i < bytes; i += 4) {
        const uint32_t v = background(address + i) ^ (value ? UINT32_MAX : 0);
        for (unsigned k = 0; k < 4; k++)
            to[i + k] = (uint8_t)(v >> 8 * k);
    }
}

static void note(findings *f, uint32_t address, uint8_t wrote, uint8_t read)
{
    const uint8_t bits = wrote ^ read;
    if (!f->wrong++) {
        f->first = address;
        f->wrote = wrote;
        f->read = read;
        f->always = f->never = 0xff;
    }
    f->bits |= bits;
    f->always &= (uint8_t)(read | ~bits);
    f->never &= (uint8_t)(~read | ~bits);
}

static int element(selftest *s, unsigned which, uint32_t bytes, findings *f, weft_error *err)
{
    const uint32_t piece = SELFTEST_PIECE_BYTES, pieces = (bytes + piece - 1) / piece;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < pieces && rc == WEFT_OK && !selftest_stopped(s); i++) {
        const uint32_t at = (march[which].down ? pieces - 1 - i : i) * piece;
        const uint32_t n = bytes - at < piece ? bytes - at : piece;
        if (march[which].reads >= 0) {
            fill(s->image, at, n, march[which].reads);
            rc = s->t->ops->mem_read(s->t, at, s->back, n, err);
            if (rc == WEFT_OK && memcmp(s->image, s->back, n) != 0)
                for (uint32_t k = 0; k < n; k++)
                    if (s->image[k] != s->back[k])
                        note(f, at + k, s->image[k], s->back[k]);
        }
        if (rc == WEFT_OK && march[which].writes >= 0) {
            fill(s->image, at, n, march[which].writes);
            rc = s->t->ops->mem_write(s->t, at, s->image, n, err);
        }
    }
    return rc;
}

int selftest_memory(selftest *s, selftest_part *out, weft_error *err)
{
    findings f = { 0 };
    uint64_t bytes = s->o->memory_bytes;
    if (!bytes || bytes > s->hw->mem_size)
        bytes = s->hw->mem_size;
    bytes = bytes / WEFT_TRANSPORT_ALIGN * WEFT_TRANSPORT_ALIGN;
    const double from = selftest_clock();
    for (unsigned i = 0; i < ELEMENTS && !selftest_stopped(s); i++) {
        const int rc = element(s, i, (uint32_t)bytes, &f, err);
        if (rc != WEFT_OK)
            return rc;
    }
    selftest_add(out, "bytes", (double)bytes);
    selftest_add(out, "wrong_bytes", (double)f.wrong);
    selftest_add(out, "seconds", selftest_clock() - from);
    if (!f.wrong) {
        selftest_say(out, SELFTEST_PASSED, "March C- over %llu of %u bytes, no error",
                     (unsigned long long)bytes, (unsigned)s->hw->mem_size);
        return WEFT_OK;
    }
    selftest_add(out, "first_address", f.first);
    selftest_add(out, "bits", f.bits);
    const uint8_t ones = f.bits & f.always, zeros = f.bits & f.never;
    selftest_say(out, SELFTEST_FAILED,
                 "March C- over %llu bytes: %llu wrong, the first at 0x%08x: wrote 0x%02x, read "
                 "0x%02x; bits 0x%02x are wrong somewhere%s",
                 (unsigned long long)bytes, (unsigned long long)f.wrong, (unsigned)f.first, f.wrote,
                 f.read, f.bits,
                 ones == f.bits    ? ", always read as 1: stuck"
                 : zeros == f.bits ? ", always read as 0: stuck"
                                   : "");
    return WEFT_OK;
}
