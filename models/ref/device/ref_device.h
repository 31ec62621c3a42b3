/* The device as a C program: executes commands exactly as rtl/isa/README.md defines them.
 *
 *     weft_hw hw = weft_hw_default(1u << 20);
 *     weft_ref_device *dev = NULL;
 *     if (weft_ref_device_new(&hw, &dev) == WEFT_OK) {
 *         memcpy(weft_ref_device_memory(dev), image, image_bytes);
 *         weft_ref_start start = { .prog_addr = 0, .prog_count = n, .win_limit = 1u << 20 };
 *         weft_ref_result end = weft_ref_device_run(dev, &start);
 *         ...
 *         weft_ref_device_free(dev);
 *     }
 *
 * Byte-exact, errors included.  Commands are executed one after the other, a schedule that the
 * contract always allows; cycles are not modelled.  What power-up leaves undefined (buffer, tables)
 * is zero.  A device belongs to one thread at a time; any number of them may exist.
 *
 * Any program may be run, however broken: nothing outside the device's memory is touched. */
#ifndef WEFT_REF_DEVICE_H
#define WEFT_REF_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "models/base/weft_hw.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What START gives, and a limit. */
typedef struct weft_ref_start {
    uint32_t prog_addr, prog_count; /* only the low 24 bits of prog_count count */
    uint32_t win_base, win_limit;   /* bytes; commands may touch [win_base, win_limit) */
    uint64_t issue_limit; /* a command that would pass this many ISSUED ends the run with ABORTED;
                             0 for none.  For running programs that nobody has vouched for. */
} weft_ref_start;

/* How a run ended.  Counters are those of the registers of the same names, but exact: beats are
 * counted from what the commands ask for, without what a device may read ahead, and do not
 * saturate. */
typedef struct weft_ref_result {
    uint32_t error;       /* WEFT_DEV_OK or another WEFT_DEV_ code */
    uint32_t error_index; /* ordinal of the command that failed; 0 if none did */
    uint64_t commands;    /* finished, NOP included */
    uint64_t issued;      /* vectors */
    uint64_t read_beats, weight_beats, write_beats;
} weft_ref_result;

typedef struct weft_ref_device weft_ref_device;

/* Make a device; all its memory is zero.
 *
 * Returns WEFT_OK; WEFT_ERR_ARG (a parameter is out of its range) or WEFT_ERR_NO_MEMORY with *out
 * NULL.  The caller frees it with weft_ref_device_free, which accepts NULL. */
int weft_ref_device_new(const weft_hw *hw, weft_ref_device **out);
void weft_ref_device_free(weft_ref_device *dev);

/* The parameters it was made with. */
weft_hw weft_ref_device_hw(const weft_ref_device *dev);

/* Device memory, hw.mem_size bytes.  The caller reads and writes it as it likes between runs;
 * it lives as long as the device.  NULL if this process has no room for all of it. */
uint8_t *weft_ref_device_memory(weft_ref_device *dev);

/* Bytes of it, for which alone room is made (growing.h): until the next call or run, or as long as the device.  NULL if they
 * are outside, or there is no room. */
uint8_t *weft_ref_device_at(weft_ref_device *dev, uint32_t address, size_t bytes);
uint8_t *weft_ref_device_keep(weft_ref_device *dev, uint32_t address, size_t bytes);

/* Bytes of a feature word. */
uint32_t weft_ref_device_word_bytes(const weft_ref_device *dev);

/* Bank 0..3 of the feature buffer (fb_words words), to look at. */
const uint8_t *weft_ref_device_bank(const weft_ref_device *dev, unsigned bank);

/* Back to the state after power-up; memory is kept. */
void weft_ref_device_reset(weft_ref_device *dev);

/* Put other bytes into the whole feature buffer: no program may need what was there. */
void weft_ref_device_forget(weft_ref_device *dev);

/* Run a program from start to done.
 *
 * A window that reaches beyond mem_size is allowed; a command that then touches a byte beyond ends
 * the run with BUS before anything of it is done.  Feature buffer and tables stay for the next run.
 */
weft_ref_result weft_ref_device_run(weft_ref_device *dev, const weft_ref_start *start);

/* What the checks of commands alone say of a run on such hardware, of `bytes` bytes of commands whose lengths are right:
 * WEFT_DEV_OK, or the code of the first that is wrong, whose ordinal is *index.  What memory holds and how much there is
 * of it is not looked at.  No device is needed. */
uint32_t weft_ref_device_judge(const weft_hw *hw, const weft_ref_start *start,
                               const uint8_t *commands, size_t bytes, uint32_t *index);

/* The same as run, in pieces: begin, then continue until it returns 1.  A piece is about `issues` vectors, or what takes as long as
 * so many; it ends after a pass of a COMPUTE at the earliest. */
void weft_ref_device_begin(weft_ref_device *dev, const weft_ref_start *start);
int weft_ref_device_continue(weft_ref_device *dev, int64_t issues);

/* End a run between two pieces with ABORTED; nothing if there is none. */
void weft_ref_device_abort(weft_ref_device *dev);

/* How the last run ended, or how far this one is. */
weft_ref_result weft_ref_device_result(const weft_ref_device *dev);

#ifdef __cplusplus
}
#endif

#endif
