/* The checks of commands that the host makes for a device without them (weft_commands.c): every bit of every command of a
 * program is flipped, and the verdict is that of the C model, which makes the same checks as it runs. */
#include <string.h>

#include "models/base/weft_hw.h"
#include "models/compile/weft_compile.h"
#include "models/program/weft_program.h"
#include "models/ref/device/ref_device.h"
#include "rtl/isa/weft_isa.h"
#include "small_net.h"
#include "tests/test.h"

enum { MEMORY_BYTES = 1 << 20 };

static weft_hw small_hw(void)
{
    weft_hw hw = weft_hw_default(MEMORY_BYTES);
    hw.rows = 4;
    hw.cols = hw.lanes = 4;
    hw.fb_words = 64;
    hw.mem_bytes = 4;
    hw.acc_depth = 64;
    hw.word_bytes = weft_hw_word_bytes(&hw);
    return hw;
}

static weft_program *compile(test *t, const weft_hw *hw)
{
    net n;
    weft_program *prog = NULL;
    weft_error err = { 0 };
    net_begin(&n, t->seed, 6, 6, 8);
    net_wanted(&n, net_pool(&n, net_conv(&n, net_conv(&n, n.x, 8, 3), 12, 1)));
    int rc = net_end(&n, &err);
    const weft_compile_options o = { .sharing = WEFT_SHARE_BEST, .on_host = n.on_host };
    if (rc == WEFT_OK)
        rc = weft_compile(n.s.g, hw, &o, &prog, &err);
    CHECK(t, rc == WEFT_OK, "%s", err.text);
    weft_graph_free(n.s.g);
    return prog;
}

/* What the C model makes of the program as it is now; WEFT_DEV_OK too where it only ran out of patience. */
static uint32_t run(weft_ref_device *dev, const weft_program *p, uint32_t *index)
{
    memcpy(weft_ref_device_at(dev, p->image_addr, p->image_bytes), p->image, p->image_bytes);
    const weft_ref_result end = weft_ref_device_run(
        dev, &(weft_ref_start){ p->prog_addr, p->prog_count, p->win_base, p->win_limit, 1 << 16 });
    *index = end.error_index;
    return end.error == WEFT_DEV_ABORTED ? WEFT_DEV_OK : end.error;
}

/* A bit of a command, whose length stays. */
static void flip(test *t, weft_ref_device *dev, weft_program *p, uint8_t *byte, int bit)
{
    weft_error err = { 0 };
    uint32_t index = 0;
    char named[32];
    *byte ^= (uint8_t)(1 << bit);
    const uint32_t code = run(dev, p, &index);
    const int rc = weft_program_judge(p, &err);
    snprintf(named, sizeof named, "command %u is wrong", (unsigned)index);
    CHECK(t, code == WEFT_DEV_OK ? rc == WEFT_OK : rc == WEFT_ERR_FORMAT && strstr(err.text, named),
          "the device says %u at %u, the host \"%s\"", (unsigned)code, (unsigned)index, err.text);
    *byte ^= (uint8_t)(1 << bit);
}

int main(int argc, char **argv)
{
    test t = test_begin("judge", argc, argv, 1, 1);
    weft_hw hw = small_hw();
    weft_error err = { 0 };
    weft_ref_device *dev = NULL;
    weft_program *p = compile(&t, &hw);
    CHECK(&t, weft_ref_device_new(&hw, &dev) == WEFT_OK, "no device");
    if (p && dev) {
        hw.lacks = WEFT_INFO_LACKS_CHECKS;
        CHECK(&t, weft_program_fits(p, &hw, WEFT_ISA_VERSION, &err) == WEFT_OK, "%s", err.text);
        uint8_t *at = p->image + (p->prog_addr - p->image_addr);
        for (uint32_t i = 0; i < p->prog_count; i++) {
            const unsigned bytes = weft_op_units(*at) * WEFT_CMD_UNIT_BYTES;
            for (unsigned k = 1; k < bytes; k++) /* byte 0 is the opcode */
                for (int bit = 0; bit < 8; bit++)
                    flip(&t, dev, p, at + k, bit);
            at += bytes;
        }
        p->image[p->prog_addr - p->image_addr + 1] ^= 0x80;
        CHECK(&t, weft_program_fits(p, &hw, WEFT_ISA_VERSION, &err) != WEFT_OK, "it was taken");
    }
    weft_ref_device_free(dev);
    weft_program_free(p);
    return test_end(&t, "the host's checks of commands are the device's, bit by bit");
}
