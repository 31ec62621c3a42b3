/* What every subcommand needs: its options, its exit code, and whether Ctrl-C was pressed. */
#define _POSIX_C_SOURCE 200809L
#include "tool.h"

#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#define JSON_INTERRUPTED "{\"error\":{\"status\":\"ERR_CANCELLED\",\"text\":\"interrupted\"}}\n"
#define LINE_CLEARED     "\r                              \r"
#define TEXT_INTERRUPTED "weft: interrupted\n"

/* The only variables of the program that change: a signal handler has no other way to be heard, and to be told. */
static volatile sig_atomic_t interrupted;
static volatile sig_atomic_t at_once; /* 0: orderly; else a say_ */

enum { SAY_TEXT = 1, SAY_JSON = 2, SAY_CLEARED = 4 };

static void say(const char *text, size_t bytes)
{
    if (write(STDERR_FILENO, text, bytes) < 0)
        return; /* nobody listens */
}

/* The first asks for an orderly end, the second is the end. */
static void on_interrupt(int signal_number)
{
    interrupted = 1;
    if (at_once & SAY_CLEARED)
        say(LINE_CLEARED, sizeof LINE_CLEARED - 1);
    if (at_once & SAY_TEXT)
        say(TEXT_INTERRUPTED, sizeof TEXT_INTERRUPTED - 1);
    if (at_once & SAY_JSON)
        say(JSON_INTERRUPTED, sizeof JSON_INTERRUPTED - 1);
    if (at_once)
        _exit(EXIT_INTERRUPT);
    signal(signal_number, SIG_DFL);
}

int tool_interrupted(void)
{
    return interrupted;
}

void tool_end_at_once(const tool *t)
{
    at_once = (t->json ? SAY_JSON : SAY_TEXT) | (t->progress ? SAY_CLEARED : 0);
}

void tool_end_orderly(void)
{
    at_once = 0;
}

void tool_catch_interrupts(void)
{
    const struct sigaction action = { .sa_handler = on_interrupt };
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int tool_exit(int status)
{
    switch (status) {
    case WEFT_OK: return EXIT_GOOD;
    case WEFT_ERR_ARG: return EXIT_USAGE;
    case WEFT_ERR_NO_DEVICE:
    case WEFT_ERR_TIMEOUT:
    case WEFT_ERR_LINK:
    case WEFT_ERR_DEVICE:
    case WEFT_ERR_BUSY: return EXIT_DEVICE;
    case WEFT_ERR_NO_MEMORY: return EXIT_MEMORY;
    case WEFT_ERR_CANCELLED: return EXIT_INTERRUPT;
    default: return EXIT_INPUT;
    }
}

int tool_fail(tool *t, int status, const char *format, ...)
{
    char text[WEFT_ERROR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return tool_exit(weft_error_set(&t->err, status, "%s", text));
}

static int print_usage(const tool_command *c, const option *table, size_t count)
{
    printf("usage: weft %s%s%s\n%s\n\n", c->name, *c->synopsis ? " " : "", c->synopsis, c->summary);
    options_print(stdout, table, count);
    return EXIT_HELPED;
}

int tool_options(tool *t, int argc, char **argv, const option *table, size_t count, int want_min,
                 int want_max, arguments *out)
{
    option all[32];
    size_t n = 0;
    for (; n < count && n < sizeof all / sizeof *all - 4; n++)
        all[n] = table[n];
    all[n++] = (option){ "--json", OPTION_FLAG, &t->json, "print JSON" };
    all[n++] = (option){ "--bind", OPTION_TEXT, &t->bind,
                         "SYMBOL=SIZE,INPUT=1x3x64x64,.. of an ONNX model" };
    all[n++] = (option){ "--truth", OPTION_TEXT, &t->truth,
                         "litert: bytes of LiteRT's reference kernels, not tflite-micro's" };
    all[n++] = (option){ "--progress", OPTION_FLAG, &t->progress, "show progress on stderr" };
    if (options_parse(argc, argv, all, n, out, &t->err) != WEFT_OK)
        return EXIT_USAGE;
    if (out->help)
        return print_usage(t->command, all, n);
    if (out->count >= want_min && out->count <= want_max)
        return EXIT_GOOD;
    return tool_fail(t, WEFT_ERR_ARG, "%d arguments are given, %d are needed; see weft help %s",
                     out->count, want_min, t->command->name);
}
