/* The chip behind the USB device core; the contract is in core_model.h, the orders in usb_core.v. */
#define _POSIX_C_SOURCE 200809L
#include "core_model.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_PACKET = 512, AHEAD = 4 * MOST_PACKET, NAME_BYTES = 512, TOLD_BYTES = 1 << 16 };

struct core_model {
    usb_model chip;
    size_t packet_bytes;
    pid_t process;
    FILE *to, *from;
    size_t said;                 /* bytes that were put into the core and have not come out */
    size_t left, at;             /* of a packet that came */
    uint8_t packet[MOST_PACKET]; /* which is this */
    core_count count;
};

static void broken(const char *what)
{
    printf("FAIL core_model: %s\n", what);
    exit(1);
}

/* --- orders ------------------------------------------------------------------------------------- */

static void order(core_model *m, char letter, const uint8_t *bytes, size_t count)
{
    const uint8_t length[2] = { (uint8_t)count, (uint8_t)(count >> 8) };
    int bad = fputc(letter, m->to) == EOF;
    if (bytes)
        bad |= fwrite(length, 1, 2, m->to) != 2 || fwrite(bytes, 1, count, m->to) != count;
    if (bad || fflush(m->to))
        broken("the simulated core has gone");
}

static int answer(core_model *m)
{
    const int c = fgetc(m->from);
    if (c == EOF)
        broken("the simulated core has gone");
    return c;
}

static size_t answered_bytes(core_model *m, uint8_t *to, size_t room)
{
    size_t n = (size_t)answer(m);
    n |= (size_t)answer(m) << 8;
    if (n > room || fread(to, 1, n, m->from) != n)
        broken("an answer of the simulated core");
    return n;
}

/* --- the device --------------------------------------------------------------------------------- */

/* One packet at most: a host looks after each whether there is something to fetch. */
static size_t take(void *self, const uint8_t *bytes, size_t count)
{
    core_model *m = self;
    static uint8_t told[TOLD_BYTES];
    const size_t n = count < m->packet_bytes ? count : m->packet_bytes;
    order(m, 'O', bytes, n);
    const int taken = answer(m) == 'A';
    const size_t came = answered_bytes(m, told, sizeof told);
    if (came && m->chip.take(m->chip.self, told, came) != came)
        broken("the chip took less than it was told");
    m->count.out_packets += (unsigned)taken;
    m->count.naks += !taken;
    return taken ? n : 0;
}

static void feed_core(core_model *m)
{
    uint8_t bytes[AHEAD];
    if (m->said >= AHEAD)
        return;
    const size_t n = m->chip.give(m->chip.self, bytes, AHEAD - m->said);
    if (!n)
        return;
    order(m, 'S', bytes, n);
    (void)answer(m);
    m->said += n;
}

static size_t give(void *self, uint8_t *bytes, size_t room)
{
    core_model *m = self;
    if (!m->left) {
        feed_core(m);
        if (!m->said)
            return 0;
        order(m, 'I', NULL, 0);
        m->left = answered_bytes(m, m->packet, sizeof m->packet);
        m->at = 0;
        m->count.in_packets += m->left != 0;
        m->count.naks += m->left == 0;
        if (m->left > m->said)
            broken("more bytes came out of the core than went in");
        m->said -= m->left;
    }
    const size_t n = m->left < room ? m->left : room;
    memcpy(bytes, m->packet + m->at, n);
    m->at += n;
    m->left -= n;
    return n;
}

static void reset(void *self)
{
    core_model *m = self;
    m->chip.reset(m->chip.self);
    order(m, 'R', NULL, 0);
    (void)answer(m);
    m->said = m->left = 0;
}

/* --- the process -------------------------------------------------------------------------------- */

static void run_core(const char *program, const char *in, const char *out, unsigned fault)
{
    char in_word[NAME_BYTES + 8], out_word[NAME_BYTES + 8], fault_word[32];
    snprintf(in_word, sizeof in_word, "+in=%s", in);
    snprintf(out_word, sizeof out_word, "+out=%s", out);
    snprintf(fault_word, sizeof fault_word, "+fault=%u", fault);
    unsetenv("LD_PRELOAD"); /* umockdev's, which is not for it */
    execlp("vvp", "vvp", "-n", program, in_word, out_word, fault_word, (char *)NULL);
    _exit(127);
}

static int start(core_model *m, const char *program, const char *directory, unsigned fault)
{
    char in[NAME_BYTES], out[NAME_BYTES];
    snprintf(in, sizeof in, "%s/in", directory);
    snprintf(out, sizeof out, "%s/out", directory);
    unlink(in);
    unlink(out);
    if (access(program, R_OK) || mkfifo(in, 0600) || mkfifo(out, 0600))
        return 0;
    m->process = fork();
    if (m->process == 0)
        run_core(program, in, out, fault);
    m->to = m->process > 0 ? fopen(in, "wb") : NULL;
    m->from = m->to ? fopen(out, "rb") : NULL;
    return m->from != NULL;
}

core_model *core_model_new(const char *program, const char *directory, unsigned packet_bytes,
                           unsigned fault, const usb_model *chip)
{
    core_model *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->chip = *chip;
    m->packet_bytes = packet_bytes;
    if (start(m, program, directory, fault)) {
        reset(m);
        return m;
    }
    (void)core_model_free(m);
    return NULL;
}

int core_model_free(core_model *m)
{
    int status = 0;
    if (!m)
        return 0;
    if (m->to)
        fclose(m->to);
    if (m->process > 0)
        waitpid(m->process, &status, 0);
    if (m->from)
        fclose(m->from);
    const int good = m->process > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    free(m);
    return good;
}

usb_model core_model_usb(core_model *m)
{
    return (usb_model){ .self = m, .take = take, .give = give, .reset = reset };
}

core_count core_model_count(const core_model *m)
{
    return m->count;
}
