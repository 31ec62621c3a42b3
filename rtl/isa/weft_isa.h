/* C view of the contract in weft_isa.def: constants, and set/get of every command field.
 *
 * A command in C is an array of 32-bit words in host byte order; weft_cmd_store and
 * weft_cmd_fetch convert to and from the little-endian bytes that lie in device memory. */
#ifndef WEFT_ISA_H
#define WEFT_ISA_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
#define PARAM(name, value, unit, doc) WEFT_##name = (value),
#include "weft_isa.def"
#define REG(name, offset, access, reset, doc) WEFT_REG_##name = (offset),
#include "weft_isa.def"
#define REG(name, offset, access, reset, doc) WEFT_REG_##name##_RESET = (int32_t)(reset),
#include "weft_isa.def"
#define BITS(reg, name, lsb, width, doc)                                                           \
    WEFT_##reg##_##name = (int32_t)(0xffffffffu >> (32 - (width)) << (lsb)),
#include "weft_isa.def"
#define OP(name, code, units, doc) WEFT_CMD_##name = (code),
#include "weft_isa.def"
#define OP(name, code, units, doc) WEFT_CMD_##name##_UNITS = (units),
#include "weft_isa.def"
#define ERR(name, code, doc) WEFT_DEV_##name = (code),
#include "weft_isa.def"
#define PKT(name, type, doc) WEFT_PKT_##name = (type),
#include "weft_isa.def"
#define PKTST(name, code, doc) WEFT_PKTST_##name = (code),
#include "weft_isa.def"
    WEFT_UNIT_WORDS = WEFT_CMD_UNIT_BYTES / 4,
    WEFT_CMD_WORDS = WEFT_CMD_MAX_UNITS * WEFT_UNIT_WORDS
};

typedef struct weft_cmd {
    uint32_t word[WEFT_CMD_WORDS];
} weft_cmd;

/* Store v in the width-bit field at lsb of *word; v is truncated to the field. */
static inline void weft_field_set(uint32_t *word, unsigned lsb, unsigned width, uint32_t v)
{
    const uint32_t max = 0xffffffffu >> (32 - width);
    *word = (*word & ~(max << lsb)) | ((v & max) << lsb);
}

static inline uint32_t weft_field_u(uint32_t word, unsigned lsb, unsigned width)
{
    return (word >> lsb) & (0xffffffffu >> (32 - width));
}

static inline int32_t weft_field_s(uint32_t word, unsigned lsb, unsigned width)
{
    const uint32_t sign = 1u << (width - 1);
    const uint32_t v = weft_field_u(word, lsb, width);
    return (int32_t)(int64_t)((int64_t)(v ^ sign) - (int64_t)sign);
}

#define WEFT_FIELD_FITS_U(v, width)                                                                \
    ((v) >= 0 && (int64_t)(v) <= (int64_t)(0xffffffffu >> (32 - (width))))
#define WEFT_FIELD_FITS_B(v, width) WEFT_FIELD_FITS_U(v, width)
#define WEFT_FIELD_FITS_S(v, width)                                                                \
    ((int64_t)(v) >= -((int64_t)1 << ((width)-1)) && (int64_t)(v) < ((int64_t)1 << ((width)-1)))
#define WEFT_FIELD_GET_U(word, lsb, width) ((int64_t)weft_field_u(word, lsb, width))
#define WEFT_FIELD_GET_B(word, lsb, width) ((int64_t)weft_field_u(word, lsb, width))
#define WEFT_FIELD_GET_S(word, lsb, width) ((int64_t)weft_field_s(word, lsb, width))

/* What a field of a command can hold:
 *     WEFT_LEAST(COMPUTE, SEG), WEFT_MOST(COMPUTE, SEG)    constants, int64_t
 *     WEFT_FITS(COMPUTE, SEG, x)                           1 if x is one of its values */
enum { WEFT_SIGN_U, WEFT_SIGN_S, WEFT_SIGN_B = 0 };
enum {
#define FIELD(op, name, word, lsb, width, kind, doc)                                               \
    WEFT_WIDTH_##op##_##name = (width), WEFT_SIGNED_##op##_##name = WEFT_SIGN_##kind,
#include "weft_isa.def"
};
#define WEFT_FIELD_SPAN(op, name)                                                                  \
    ((int64_t)1 << (WEFT_WIDTH_##op##_##name - WEFT_SIGNED_##op##_##name))
#define WEFT_LEAST(op, name)   (-(int64_t)WEFT_SIGNED_##op##_##name * WEFT_FIELD_SPAN(op, name))
#define WEFT_MOST(op, name)    (WEFT_FIELD_SPAN(op, name) - 1)
#define WEFT_FITS(op, name, x) weft_##op##_fits_##name((int64_t)(x))

/* weft_<OP>_set_<FIELD>(cmd, v): store v, which must fit: the caller's promise.
 * weft_<OP>_get_<FIELD>(cmd): read it back, sign-extended if the field is signed. */
#define FIELD(op, name, w, lsb, width, kind, doc)                                                  \
    static inline int weft_##op##_fits_##name(int64_t v)                                           \
    {                                                                                              \
        return WEFT_FIELD_FITS_##kind(v, width);                                                   \
    }                                                                                              \
    static inline void weft_##op##_set_##name(weft_cmd *c, int64_t v)                              \
    {                                                                                              \
        assert(WEFT_FIELD_FITS_##kind(v, width));                                                  \
        weft_field_set(&c->word[w], lsb, width, (uint32_t)v);                                      \
    }                                                                                              \
    static inline int64_t weft_##op##_get_##name(const weft_cmd *c)                                \
    {                                                                                              \
        return WEFT_FIELD_GET_##kind(c->word[w], lsb, width);                                      \
    }
#include "weft_isa.def"

/* Units of the command with this opcode, 0 if there is none. */
static inline unsigned weft_op_units(uint32_t opcode)
{
    switch (opcode) {
        // clang-format off
#define OP(name, code, units, doc) case code: return units;
#include "weft_isa.def"
    // clang-format on
    default: return 0;
    }
}

/* Write `units` units of c as bytes; `at` has room for units * WEFT_CMD_UNIT_BYTES. */
static inline void weft_cmd_store(const weft_cmd *c, unsigned units, uint8_t *at)
{
    for (unsigned i = 0; i < units * WEFT_UNIT_WORDS; i++)
        for (unsigned b = 0; b < 4; b++)
            at[4 * i + b] = (uint8_t)(c->word[i] >> (8 * b));
}

/* Read `units` units (at most WEFT_CMD_MAX_UNITS); the rest of c is zero. */
static inline void weft_cmd_fetch(weft_cmd *c, unsigned units, const uint8_t *at)
{
    memset(c, 0, sizeof *c);
    for (unsigned i = 0; i < units * WEFT_UNIT_WORDS; i++)
        for (unsigned b = 0; b < 4; b++)
            c->word[i] |= (uint32_t)at[4 * i + b] << (8 * b);
}

#endif
