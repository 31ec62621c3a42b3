/* The commands of a program: how long they are, and the checks that a device was built without, made by the
 * host; see weft_program.h.
 *
 * What memory holds cannot be judged here, and need not be: a device without checks still keeps to the window. */
#include <inttypes.h>

#include "models/ref/device/ref_device.h"
#include "rtl/isa/weft_disasm.h"
#include "rtl/isa/weft_isa.h"
#include "weft_program.h"

size_t weft_program_command_bytes(const uint8_t *commands, uint32_t count)
{
    size_t bytes = 0;
    while (count-- > 0)
        bytes += weft_op_units(commands[bytes]) * (size_t)WEFT_CMD_UNIT_BYTES;
    return bytes;
}

/* Each run of the device between two steps of the host begins without tokens. */
int weft_program_judge(const weft_program *prog, weft_error *err)
{
    const uint8_t *at = prog->image + (prog->prog_addr - prog->image_addr);
    const weft_ref_start window = { .win_base = prog->win_base, .win_limit = prog->win_limit };
    for (uint32_t first = 0, step = 0; first < prog->prog_count;) {
        while (step < prog->step_count && prog->steps[step].before <= first)
            step++;
        const uint32_t end = step < prog->step_count ? prog->steps[step].before : prog->prog_count;
        const size_t bytes = weft_program_command_bytes(at, end - first);
        uint32_t index = 0;
        const uint32_t code = weft_ref_device_judge(&prog->hw, &window, at, bytes, &index);
        if (code != WEFT_DEV_OK)
            return weft_error_set(err, WEFT_ERR_FORMAT,
                                  "its command %" PRIu32
                                  " is wrong (%s), and this device does not check "
                                  "commands itself: compile the program again",
                                  first + index, weft_dev_error_name(code));
        at += bytes;
        first = end;
    }
    return WEFT_OK;
}
