/* The reference device: its life, and runs: fetch, check, execute, count, in program order. */
#include "ref_state.h"

#include <stdlib.h>

#include <weft/weft_status.h>

static int allocate(weft_ref_device *dev)
{
    dev->acc = calloc(dev->hw.acc_depth, sizeof *dev->acc);
    int missing = weft_growing_open(&dev->pages, dev->hw.mem_size) != WEFT_OK || !dev->acc;
    for (unsigned b = 0; b < WEFT_BANKS; b++) {
        dev->bank[b] = calloc(dev->bank_bytes, 1);
        missing |= !dev->bank[b];
    }
    return missing;
}

int weft_ref_device_new(const weft_hw *hw, weft_ref_device **out)
{
    weft_hw own = *hw;
    *out = NULL;
    own.word_bytes = weft_hw_word_bytes(hw);
    if (own.mem_size == 0 || weft_hw_check(&own, NULL) != WEFT_OK)
        return WEFT_ERR_ARG;
    weft_ref_device *dev = calloc(1, sizeof *dev);
    if (!dev)
        return WEFT_ERR_NO_MEMORY;
    dev->hw = own;
    dev->stream_row_bytes = ref_stream_row_bytes(&own);
    dev->bank_bytes = own.fb_words * own.word_bytes;
    if (allocate(dev)) {
        weft_ref_device_free(dev);
        return WEFT_ERR_NO_MEMORY;
    }
    *out = dev;
    return WEFT_OK;
}

void weft_ref_device_free(weft_ref_device *dev)
{
    if (!dev)
        return;
    for (unsigned b = 0; b < WEFT_BANKS; b++)
        free(dev->bank[b]);
    free(dev->acc);
    weft_growing_close(&dev->pages);
    free(dev);
}

weft_hw weft_ref_device_hw(const weft_ref_device *dev)
{
    return dev->hw;
}

uint8_t *weft_ref_device_memory(weft_ref_device *dev)
{
    return weft_growing_keep(&dev->pages, 0, dev->hw.mem_size);
}

uint8_t *weft_ref_device_at(weft_ref_device *dev, uint32_t address, size_t bytes)
{
    return weft_growing_at(&dev->pages, address, bytes);
}

uint8_t *weft_ref_device_keep(weft_ref_device *dev, uint32_t address, size_t bytes)
{
    return weft_growing_keep(&dev->pages, address, bytes);
}

uint32_t weft_ref_device_word_bytes(const weft_ref_device *dev)
{
    return dev->hw.word_bytes;
}

const uint8_t *weft_ref_device_bank(const weft_ref_device *dev, unsigned bank)
{
    return dev->bank[bank % WEFT_BANKS];
}

void weft_ref_device_reset(weft_ref_device *dev)
{
    for (unsigned b = 0; b < WEFT_BANKS; b++)
        memset(dev->bank[b], 0, dev->bank_bytes);
    memset(dev->table_bytes, 0, sizeof dev->table_bytes);
    memset(dev->table_1, 0, sizeof dev->table_1);
    memset(dev->table_2, 0, sizeof dev->table_2);
}

void weft_ref_device_forget(weft_ref_device *dev)
{
    for (unsigned b = 0; b < WEFT_BANKS; b++)
        for (size_t i = 0; i < dev->bank_bytes; i++)
            dev->bank[b][i] = (uint8_t)(dev->bank[b][i] * 5 + i + 37);
}

/* --- a run --- */

static uint64_t beats(const weft_ref_device *dev, uint64_t bytes)
{
    return (bytes + dev->hw.mem_bytes - 1) / dev->hw.mem_bytes;
}

/* WEFT_DEV_OK if the bytes lie in the window and in memory. */
static uint32_t own_bytes_right(const weft_ref_device *dev, const ref_run *run, uint64_t addr,
                                uint64_t bytes)
{
    if (addr < run->start.win_base || addr + bytes > run->start.win_limit)
        return WEFT_DEV_WINDOW;
    return addr + bytes > dev->hw.mem_size ? WEFT_DEV_BUS : WEFT_DEV_OK;
}

/* Read the command at addr: one unit if its opcode is unknown. */
static uint32_t fetch(const weft_ref_device *dev, const ref_run *run, uint64_t addr, weft_cmd *cmd,
                      unsigned *units)
{
    *units = 1;
    uint32_t error = own_bytes_right(dev, run, addr, WEFT_CMD_UNIT_BYTES);
    if (error)
        return error;
    weft_cmd_fetch(cmd, 1, dev->pages.bytes + addr);
    *units = weft_op_units(cmd->word[0] & 0xff);
    if (*units <= 1)
        return WEFT_DEV_OK;
    error = own_bytes_right(dev, run, addr, (uint64_t)*units * WEFT_CMD_UNIT_BYTES);
    if (!error)
        weft_cmd_fetch(cmd, *units, dev->pages.bytes + addr);
    return error;
}

/* First byte after the data of a command that passed the checks; 0 without data. */
static uint64_t data_end(const weft_ref_device *dev, const weft_cmd *cmd)
{
    uint64_t stream;
    switch (cmd->word[0] & 0xff) {
    case WEFT_CMD_LOAD:
        return (uint64_t)(weft_LOAD_get_ADDR(cmd) + weft_LOAD_get_ROW_BYTES(cmd) +
                          (weft_LOAD_get_ROWS(cmd) - 1) * weft_LOAD_get_STRIDE(cmd));
    case WEFT_CMD_STORE:
        return (uint64_t)(weft_STORE_get_ADDR(cmd) + weft_STORE_get_ROW_BYTES(cmd) +
                          (weft_STORE_get_ROWS(cmd) - 1) * weft_STORE_get_STRIDE(cmd));
    case WEFT_CMD_TABLE: return (uint64_t)weft_TABLE_get_ADDR(cmd) + ref_stream_bytes(dev, cmd);
    case WEFT_CMD_COMPUTE:
        stream = ref_stream_bytes(dev, cmd);
        return stream ? (uint64_t)weft_COMPUTE_get_WEIGHTS(cmd) + stream : 0;
    default: return 0;
    }
}

static uint64_t issues_of(const weft_cmd *cmd)
{
    if ((cmd->word[0] & 0xff) != WEFT_CMD_COMPUTE)
        return 0;
    return (uint64_t)(weft_COMPUTE_get_BLOCKS(cmd) * weft_COMPUTE_get_PASSES(cmd)) *
           (uint64_t)(weft_COMPUTE_get_OUTER(cmd) * weft_COMPUTE_get_INNER(cmd));
}

static void count(const weft_ref_device *dev, const weft_cmd *cmd, unsigned units,
                  weft_ref_result *r)
{
    uint64_t weights = 0;
    r->commands++;
    r->issued += issues_of(cmd);
    r->read_beats += beats(dev, (uint64_t)units * WEFT_CMD_UNIT_BYTES);
    switch (cmd->word[0] & 0xff) {
    case WEFT_CMD_LOAD:
        r->read_beats +=
            (uint64_t)weft_LOAD_get_ROWS(cmd) * beats(dev, (uint64_t)weft_LOAD_get_ROW_BYTES(cmd));
        break;
    case WEFT_CMD_STORE:
        r->write_beats += (uint64_t)weft_STORE_get_ROWS(cmd) *
                          beats(dev, (uint64_t)weft_STORE_get_ROW_BYTES(cmd));
        break;
    case WEFT_CMD_TABLE:
    case WEFT_CMD_COMPUTE: weights = beats(dev, ref_stream_bytes(dev, cmd)); break;
    default: break;
    }
    r->weight_beats += weights;
    r->read_beats += weights;
}

static void execute(weft_ref_device *dev, const weft_cmd *cmd)
{
    switch (cmd->word[0] & 0xff) {
    case WEFT_CMD_LOAD: ref_load(dev, cmd); break;
    case WEFT_CMD_STORE: ref_store(dev, cmd); break;
    case WEFT_CMD_TABLE: ref_table(dev, cmd); break;
    case WEFT_CMD_COMPUTE: ref_compute_begin(dev, cmd); break;
    default: break;
    }
}

/* Issues that take about as long as a command; a COMPUTE counts its own beside. */
static int64_t effort(const weft_ref_result *before, const weft_ref_result *after)
{
    return (int64_t)(after->read_beats - before->read_beats + after->write_beats -
                     before->write_beats) +
           1;
}

/* Begin the next command, and of all but COMPUTE do it. */
static uint32_t run_command(weft_ref_device *dev, ref_run *run, int64_t *issues)
{
    const weft_ref_result before = run->result;
    weft_cmd cmd;
    unsigned units;
    uint32_t error = fetch(dev, run, run->addr, &cmd, &units);
    if (!error)
        error = ref_check(dev, run, &cmd);
    if (error)
        return error;
    if (run->start.issue_limit && issues_of(&cmd) > run->start.issue_limit - run->result.issued)
        return WEFT_DEV_ABORTED;
    if (data_end(dev, &cmd) > dev->hw.mem_size)
        return WEFT_DEV_BUS;
    execute(dev, &cmd);
    run->units = units;
    run->computing = (cmd.word[0] & 0xff) == WEFT_CMD_COMPUTE;
    if (!run->computing)
        count(dev, &cmd, units, &run->result);
    run->addr += (uint64_t)units * WEFT_CMD_UNIT_BYTES;
    *issues -= effort(&before, &run->result);
    return WEFT_DEV_OK;
}

void weft_ref_device_begin(weft_ref_device *dev, const weft_ref_start *start)
{
    dev->run = (ref_run){ .start = *start, .addr = start->prog_addr, .active = 1 };
    dev->run.start.prog_count &= 0xffffff;
    /* Commands touch nothing outside the window. */
    const uint64_t end = start->win_limit < dev->hw.mem_size ? start->win_limit : dev->hw.mem_size;
    if (!weft_growing_at(&dev->pages, 0, end)) {
        dev->run.result.error = WEFT_DEV_BUS;
        dev->run.active = 0;
    }
    if (start->prog_addr % WEFT_CMD_UNIT_BYTES != 0) {
        dev->run.result.error = WEFT_DEV_ALIGN;
        dev->run.active = 0;
    }
}

int weft_ref_device_continue(weft_ref_device *dev, int64_t issues)
{
    ref_run *run = &dev->run;
    while (run->active && issues > 0) {
        if (run->computing) {
            run->computing = !ref_compute_continue(dev, &issues);
            if (!run->computing) {
                count(dev, &dev->compute.cmd, run->units, &run->result);
                run->index++;
            }
            continue;
        }
        if (run->index == run->start.prog_count) {
            run->active = 0;
            break;
        }
        run->result.error = run_command(dev, run, &issues);
        if (run->result.error) {
            run->result.error_index = run->index;
            run->active = 0;
        } else
            run->index += !run->computing;
    }
    return !run->active;
}

void weft_ref_device_abort(weft_ref_device *dev)
{
    ref_run *run = &dev->run;
    if (!run->active)
        return;
    run->active = run->computing = 0;
    run->result.error = WEFT_DEV_ABORTED;
    run->result.error_index = run->index;
}

weft_ref_result weft_ref_device_result(const weft_ref_device *dev)
{
    return dev->run.result;
}

weft_ref_result weft_ref_device_run(weft_ref_device *dev, const weft_ref_start *start)
{
    weft_ref_device_begin(dev, start);
    while (!weft_ref_device_continue(dev, INT64_MAX))
        continue;
    return weft_ref_device_result(dev);
}
