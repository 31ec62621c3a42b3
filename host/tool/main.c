/* The command `weft`: compile, run and examine quantised networks.
 *
 * Here: the list of subcommands, help, exit codes, Ctrl-C, and the one place where errors are
 * printed, as "weft: <sentence>" on stderr.  What each subcommand does is in cmd_*.c. */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "models/program/weft_file.h"
#include "rtl/isa/weft_isa.h"
#include "tool.h"

struct command {
    const char *name, *synopsis, *summary;
    int (*run)(tool *t, int argc, char **argv);
};

static const struct command commands[] = {
    { "compile", "MODEL -o OUT.weft [--rows N --cols N ...]", "compile a network", cmd_compile },
    { "run", "MODEL [INPUT...] [-o OUTPUT]", "run once, on given or random input", cmd_run },
    { "eval", "MODEL --data DIR|FILE [-n N]", "accuracy on a data set", cmd_eval },
    { "compare", "MODEL [-n N]", "reference against device, layer by layer", cmd_compare },
    { "quantize", "MODEL.onnx --calibrate DATA -o OUT.onnx", "a float network to int8",
      cmd_quantize },
    { "demo", "MODEL --data DIR", "look at digits being recognised", cmd_demo },
    { "info", "MODEL", "inputs, outputs, layers, predicted cycles", cmd_info },
    { "dump", "FILE.weft", "everything in a program, commands decoded", cmd_dump },
    { "profile", "MODEL [--html FILE] [--trace FILE]",
      "where cycles, bytes and energy go, by layer", cmd_profile },
    { "sweep", "MODEL... [--shapes 8x8,16x16 ...]", "predicted cycles on devices of many shapes",
      cmd_sweep },
    { "zoo", "[NAME -o FILE.onnx] [--seed N --size N ...]", "networks of seeded weights to measure",
      cmd_zoo },
    { "selftest", "URI [--seconds N] [--memory BYTES]",
      "link, memory, array and counters of a device", cmd_selftest },
    { "devices", "", "what can be opened with --via", cmd_devices },
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

/* The only variable of the program that changes: a signal handler has no other way to be heard. */
static volatile sig_atomic_t interrupted;

/* The first asks for an orderly end, the second is the end. */
static void on_interrupt(int signal_number)
{
    interrupted = 1;
    signal(signal_number, SIG_DFL);
}

int tool_interrupted(void)
{
    return interrupted;
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

static int print_usage(const struct command *c, const option *table, size_t count)
{
    printf("usage: weft %s%s%s\n%s\n\n", c->name, *c->synopsis ? " " : "", c->synopsis, c->summary);
    options_print(stdout, table, count);
    return EXIT_HELPED;
}

int tool_options(tool *t, int argc, char **argv, const option *table, size_t count, int want_min,
                 int want_max, arguments *out)
{
    option all[24];
    size_t n = 0;
    for (; n < count && n < sizeof all / sizeof *all - 3; n++)
        all[n] = table[n];
    all[n++] = (option){ "--json", OPTION_FLAG, &t->json, "print JSON" };
    all[n++] = (option){ "--bind", OPTION_TEXT, &t->bind,
                         "SYMBOL=SIZE,INPUT=1x3x64x64,.. of an ONNX model" };
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

static int print_help(FILE *to)
{
    fputs("usage: weft COMMAND [ARGUMENT...] [--via URI] [--json] [--progress]\n\n", to);
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-8s %-46s %s\n", commands[i].name, commands[i].synopsis,
                commands[i].summary);
    fputs("\nMODEL is a quantised .tflite or .onnx network or a .weft program.  --via names the\n"
          "device: ref: (C model, the default) or sim: (simulated chip), for example\n"
          "sim:stall=25,seed=7,trace=run.fst.  Options of a command: weft COMMAND --help.\n"
          "exit status: 0 good, 1 differs or check failed, 2 usage, 3 bad input, 4 device,\n"
          "5 output cannot be written, 6 out of memory, 130 interrupted\n",
          to);
    return EXIT_GOOD;
}

static int print_version(void)
{
    printf("weft %s, ISA version %d, program files of version %d\n", weft_version(),
           WEFT_ISA_VERSION, WEFT_FILE_VERSION);
    return EXIT_GOOD;
}

static int run(tool *t, const char *name, int argc, char **argv)
{
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(name, commands[i].name) != 0)
            continue;
        t->command = &commands[i];
        const int code = commands[i].run(t, argc, argv);
        return code == EXIT_HELPED ? EXIT_GOOD : code;
    }
    return tool_fail(t, WEFT_ERR_ARG, "there is no command \"%.40s\"; see weft help", name);
}

static int dispatch(tool *t, int argc, char **argv)
{
    char help[] = "--help", *only_help[] = { help };
    if (argc < 2)
        return tool_fail(t, WEFT_ERR_ARG, "which command? see weft help");
    if (!strcmp(argv[1], "help") && argc > 2)
        return run(t, argv[2], 1, only_help);
    if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return print_help(stdout);
    if (!strcmp(argv[1], "--version"))
        return print_version();
    return run(t, argv[1], argc - 2, argv + 2);
}

int main(int argc, char **argv)
{
    tool t = { .progress = isatty(STDERR_FILENO) };
    struct sigaction action = { .sa_handler = on_interrupt };
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    int code = dispatch(&t, argc, argv);
    /* A full disk shows at the latest when the last bytes leave. */
    const int bad_output = (fflush(stdout) != 0) | ferror(stdout);
    if (bad_output && code == EXIT_GOOD) {
        weft_error_set(&t.err, WEFT_ERR_IO, "the output cannot be written completely");
        code = EXIT_OUTPUT;
    }
    if (code != EXIT_GOOD && t.err.status != WEFT_OK)
        fprintf(stderr, "weft: %s\n", t.err.text);
    return code;
}
