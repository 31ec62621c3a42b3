/* Device addresses: "scheme:option,option=value,...".
 *
 *     weft_uri uri;
 *     rc = weft_uri_parse("sim:stall=25,seed=7", &uri, &err);
 *     rc = weft_uri_allow(&uri, "link trace stall seed", &err);
 *     rc = weft_uri_number(&uri, "stall", 0, 95, &stall, &err);    // stall unchanged if absent
 *
 * Values may hold any printable character but a comma.  Numbers are decimal or 0x..., with an
 * optional K, M or G (powers of 1024).  Pure functions over the caller's struct. */
#ifndef WEFT_URI_H
#define WEFT_URI_H

#include <stdint.h>

#include <weft/weft_status.h>

enum { WEFT_URI_BYTES = 512, WEFT_URI_OPTIONS = 16 };

typedef struct weft_uri {
    const char *scheme; /* points into text, as all of these */
    unsigned count;
    struct {
        const char *name, *value; /* value is NULL for an option without '=' */
    } option[WEFT_URI_OPTIONS];
    char text[WEFT_URI_BYTES];
} weft_uri;

/* Read a number as addresses and options have it: decimal or 0x..., with an optional K, M or G behind it.  Returns what
 * follows it, or NULL if there is none or it does not fit. */
const char *weft_number_scan(const char *text, uint64_t *out);

/* Take `text` apart.  *out must not be copied or moved afterwards (it points into itself).
 * Returns WEFT_OK or WEFT_ERR_ARG: NULL, too long, no colon, a character that is not printable, an
 * empty or doubled option, too many of them. */
int weft_uri_parse(const char *text, weft_uri *out, weft_error *err);

/* Refuse every option whose name is not in `names`, a list separated by single blanks.
 * Returns WEFT_OK or WEFT_ERR_ARG with a sentence that lists what exists. */
int weft_uri_allow(const weft_uri *uri, const char *names, weft_error *err);

/* The value of an option; NULL if it is absent or has none. */
const char *weft_uri_text(const weft_uri *uri, const char *name);

/* Write the address anew into `to`, WEFT_URI_BYTES of room: the scheme, the options `first` ("a=1,b"; may be
 * ""), then its own but the one named `without` (may be NULL).
 * Returns WEFT_OK or WEFT_ERR_ARG: too long. */
int weft_uri_write(const weft_uri *uri, const char *first, const char *without, char *to,
                   weft_error *err);

/* 1 if the option is there, 0 if not. */
int weft_uri_has(const weft_uri *uri, const char *name);

/* Read a number from lo to hi into *out, which is unchanged if the option is absent.
 * Returns WEFT_OK or WEFT_ERR_ARG (no number, or out of range). */
int weft_uri_number(const weft_uri *uri, const char *name, uint64_t lo, uint64_t hi, uint64_t *out,
                    weft_error *err);

/* Read "16x16" into rows and cols, both unchanged if the option is absent.
 * Returns WEFT_OK or WEFT_ERR_ARG (not two numbers). */
int weft_uri_shape(const weft_uri *uri, const char *name, uint32_t *rows, uint32_t *cols,
                   weft_error *err);

#endif
