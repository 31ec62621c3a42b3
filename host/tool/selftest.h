/* Is a device good?  Link, memory, array and counters, each with what it found in one sentence.
 *
 *     selftest_report r;
 *     selftest_run(transport, &(selftest_options){ .seconds = 2 }, &r);
 *     for (unsigned i = 0; i < SELFTEST_PARTS; i++)
 *         printf("%s: %s\n", r.part[i].name, r.part[i].text);
 *
 * Device memory is lost.  The transport is the caller's, opened for nothing else.  A part whose call to
 * the device fails has failed, and the device is reset before the next; if that fails too, the others
 * have failed.  No state; different transports in different threads. */
#ifndef WEFT_TOOL_SELFTEST_H
#define WEFT_TOOL_SELFTEST_H

#include "host/transport/transport.h"
#include "host/transport/transport_link.h"
#include "models/base/weft_hw.h"

typedef enum selftest_result {
    SELFTEST_PASSED,
    SELFTEST_FAILED,
    SELFTEST_SKIPPED /* the device has none of that */
} selftest_result;

typedef enum selftest_which {
    SELFTEST_LINK,
    SELFTEST_MEMORY,
    SELFTEST_ARRAY,
    SELFTEST_COUNTERS,
    SELFTEST_PARTS
} selftest_which;

enum { SELFTEST_TEXT_BYTES = 512, SELFTEST_NUMBERS = 12 };

typedef struct selftest_number {
    const char *name; /* with its unit; static */
    double value;
} selftest_number;

typedef struct selftest_part {
    const char *name; /* "memory"; static */
    selftest_result result;
    char text[SELFTEST_TEXT_BYTES]; /* what was done and found, or what is wrong and where */
    unsigned number_count;
    selftest_number number[SELFTEST_NUMBERS];
} selftest_part;

typedef struct selftest_options {
    double seconds;        /* of link and of array, each; at least one round of both */
    uint64_t memory_bytes; /* to march through, from address 0; 0: all */
    uint64_t seed;
    int (*stop)(void); /* returns 1 if the user wants no more; may be NULL */
} selftest_options;

typedef struct selftest_report {
    weft_hw hw; /* the device, as it says */
    int stopped;
    selftest_part part[SELFTEST_PARTS];
} selftest_report;

/* Returns WEFT_OK, whatever the parts found; or, with nothing done, why the device cannot be asked
 * (its registers cannot be read, it is of another ISA version, no memory). */
int selftest_run(weft_transport *t, const selftest_options *o, selftest_report *out,
                 weft_error *err);

/* 1 if no part has failed. */
int selftest_good(const selftest_report *r);

/* --- between the files of the self-test --------------------------------------------------------- */

enum { SELFTEST_PIECE_BYTES = 1 << 20 };

typedef struct selftest {
    weft_transport *t;
    const selftest_options *o;
    const weft_hw *hw;
    uint8_t *image, *back; /* SELFTEST_PIECE_BYTES each */
} selftest;

/* Each does its part: WEFT_OK with *out, or what the device returned. */
int selftest_link(selftest *s, selftest_part *out, weft_error *err);
int selftest_memory(selftest *s, selftest_part *out, weft_error *err);
int selftest_array(selftest *s, selftest_part *out, weft_error *err);
int selftest_counters(selftest *s, selftest_part *out, weft_error *err);

/* Run what lies in device memory, for at most a minute of the device. */
int selftest_start(selftest *s, const weft_start *start, weft_done *out, weft_error *err);

void selftest_say(selftest_part *p, selftest_result result, const char *format, ...)
    WEFT_PRINTF(3, 4);
void selftest_add(selftest_part *p, const char *name, double value);
double selftest_clock(void);
int selftest_stopped(const selftest *s);

#endif
