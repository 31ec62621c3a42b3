/* The command `weft`: compile, run and examine quantised networks.
 *
 * Here: the list of subcommands, help, and the one place where errors are printed, as
 * "weft: <sentence>" on stderr.  What each subcommand does is in cmd_*.c. */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "models/program/weft_file.h"
#include "rtl/isa/weft_isa.h"
#include "tool.h"

static const tool_command commands[] = {
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
    { "merge", "RESULT...", "the parts of an eval or a sweep (--shard) together", cmd_merge },
    { "zoo", "[NAME -o FILE.onnx] [--seed N --size N ...]", "networks of seeded weights to measure",
      cmd_zoo },
    { "serve", "MODEL [--port N] [--listen ADDRESS]",
      "a page where one draws and the device answers", cmd_serve },
    { "selftest", "URI [--seconds N] [--memory BYTES]",
      "link, memory, array and counters of a device", cmd_selftest },
    { "devices", "", "what can be opened with --via", cmd_devices },
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

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

static void print_error(const tool *t)
{
    if (!t->json) {
        fprintf(stderr, "weft: %s\n", t->err.text);
        return;
    }
    json j = { .to = stderr, .depth = 2 }; /* inside of an object all is on one line */
    fputs("{", stderr);
    json_open(&j, "error", '{');
    json_text(&j, "status", weft_status_name(t->err.status));
    json_text(&j, "text", t->err.text);
    json_close(&j, '}');
    fputs("}\n", stderr);
}

/* Whoever read standard output has seen enough (`weft dump net.weft | head`), which is no failure. */
static int has_no_reader(void)
{
    struct pollfd out = { .fd = STDOUT_FILENO };
    return poll(&out, 1, 0) == 1 && out.revents & POLLERR;
}

int main(int argc, char **argv)
{
    tool t = { .progress = isatty(STDERR_FILENO) };
    tool_catch_interrupts();
    signal(SIGPIPE, SIG_IGN);
    int code = dispatch(&t, argc, argv);
    /* A full disk shows at the latest when the last bytes leave. */
    const int bad_output = (fflush(stdout) != 0) | ferror(stdout);
    if (bad_output && code == EXIT_GOOD && !has_no_reader()) {
        weft_error_set(&t.err, WEFT_ERR_IO, "the output cannot be written completely");
        code = EXIT_OUTPUT;
    }
    if (tool_interrupted() && code != EXIT_GOOD && code != EXIT_DIFFERS)
        code = EXIT_INTERRUPT; /* whatever did not come about because of it */
    if (code == EXIT_INTERRUPT)
        weft_error_set(&t.err, WEFT_ERR_CANCELLED, "interrupted");
    if (code != EXIT_GOOD && t.err.status != WEFT_OK)
        print_error(&t);
    return code;
}
