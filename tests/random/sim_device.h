/* The simulated chip in a test: open by address, run command programs and compiled networks on it.
 */
#ifndef WEFT_TESTS_SIM_DEVICE_H
#define WEFT_TESTS_SIM_DEVICE_H

#include "host/transport/transport.h"
#include "models/ref/device/ref_device.h"
#include "run_program.h"

typedef struct sim_device {
    weft_transport *link;
    weft_hw hw;      /* as the device's INFO registers say */
    uint64_t cycles; /* of all runs since it was opened */
} sim_device;

/* Array shapes that every test goes through; NULL ends the list. */
extern const char *const sim_device_shapes[];

/* Open "sim:shape=<shape>" with manners of memory drawn from r: latency, stalls, refresh; where r
 * is NULL, the default memory.  Returns WEFT_OK or a status with a sentence. */
int sim_device_open(const char *shape, rng *r, sim_device *out, weft_error *err);
void sim_device_close(sim_device *d);

/* The parameters of a reference device of the same shape. */
weft_hw sim_device_params(const sim_device *d, uint32_t mem_size);

/* Run commands that lie in device memory already; *out says how the run ended.  A run that takes
 * more than most_cycles is WEFT_ERR_TIMEOUT. */
int sim_device_start(sim_device *d, const weft_start *start, uint64_t most_cycles, weft_done *out,
                     weft_error *err);

/* Compiled networks, as ref_runner_door. */
program_runner sim_device_door(sim_device *d);

#endif
