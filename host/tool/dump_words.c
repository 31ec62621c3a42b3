/* The words that both forms of `weft dump` share: a decoded command, the name of a step. */
#include "dump.h"
#include "rtl/isa/weft_disasm.h"

/* The program was checked when it was read: every command decodes and lies in the image. */
size_t dump_command(const uint8_t *at, char *text)
{
    weft_cmd c;
    const unsigned units = weft_op_units(at[0]);
    weft_cmd_fetch(&c, units, at);
    weft_disasm(&c, text, WEFT_DISASM_BYTES);
    return (size_t)units * WEFT_CMD_UNIT_BYTES;
}

const char *dump_step_name(const weft_host_step *s)
{
    static const char *const names[WEFT_HOST_OPS] = { "quantize",     "dequantize",
                                                      "softmax",      "log-softmax",
                                                      "int8 softmax", "int8 log-softmax",
                                                      "argmax",       "argmin" };
    return names[s->op];
}
