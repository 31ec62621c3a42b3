/* What the subcommands of `weft` share: exit codes, models, running with progress and Ctrl-C.
 *
 * A subcommand is a function that gets its words, prints its result to stdout and returns an exit
 * code; it leaves one sentence in tool.err if that is not 0, which main prints. */
#ifndef WEFT_TOOL_H
#define WEFT_TOOL_H

#include <stdio.h>

#include "models/compile/weft_compile.h"
#include "models/import/onnx/onnx.h"
#include "models/program/weft_program.h"
#include "options.h"
#include <weft/weft.h>

typedef enum exit_code {
    EXIT_GOOD = 0,
    EXIT_DIFFERS = 1, /* a check failed: bytes differ, accuracy below what was asked */
    EXIT_USAGE = 2,
    EXIT_INPUT = 3,  /* a file cannot be read, is damaged, unsupported, or does not fit */
    EXIT_DEVICE = 4, /* no device, link lost, a command refused, out of time */
    EXIT_OUTPUT = 5, /* a result cannot be written */
    EXIT_MEMORY = 6,
    EXIT_INTERRUPT = 130,
    EXIT_HELPED = 256 /* inside only: help was printed, which is all that was asked; 0 outside */
} exit_code;

typedef struct tool tool;

/* A row of the list in main.c.  run gets the words behind the name and returns an exit code. */
typedef struct tool_command {
    const char *name, *synopsis, *summary;
    int (*run)(tool *t, int argc, char **argv);
} tool_command;

struct tool {
    const tool_command *command; /* the one that runs */
    int json;                    /* --json */
    int progress;                /* --progress, or stderr is a terminal */
    const char *bind;            /* --bind: sizes of symbolic dimensions, or NULL */
    const char *truth;           /* --truth: whose bytes, or NULL */
    weft_error err;
};

/* The exit code of a failed library call; IO counts as input. */
int tool_exit(int status);

/* Shorthand: record a sentence, return the exit code of its status. */
int tool_fail(tool *t, int status, const char *format, ...) WEFT_PRINTF(3, 4);

/* From here on Ctrl-C and SIGTERM ask for an orderly end; the second of them ends the program. */
void tool_catch_interrupts(void);

/* 1 after Ctrl-C, else 0. */
int tool_interrupted(void);

/* While nothing is begun that would need an end (a network is being read), the first Ctrl-C ends the program too, with its
 * sentence and its exit status; without, as before. */
void tool_end_at_once(const tool *t);
void tool_end_orderly(void);

/* Parse words by a table to which --json and --progress are added; want_min..want_max arguments.
 * --help prints the command's synopsis and this table, with what the variables hold as defaults.
 * Returns EXIT_GOOD, EXIT_USAGE or EXIT_HELPED. */
int tool_options(tool *t, int argc, char **argv, const option *table, size_t count, int want_min,
                 int want_max, arguments *out);

/* --- model.c ------------------------------------------------------------------------------------
 */

/* A model for a device: from .weft as it is, from ONNX imported and compiled. */
typedef struct model {
    weft_graph *graph;     /* NULL if it came from .weft */
    weft_program *program; /* what a .weft file of it holds */
    uint8_t *file;         /* the .weft file itself */
    size_t file_bytes;
    weft_placement *places; /* of graph: where its operators run; NULL without it */
    uint32_t *behind;       /* of graph: the int8 tensor in device memory behind each output */
} model;

/* Read path; an ONNX model is compiled for hw. all_outputs: every int8 tensor becomes an
 * output too (networks only).  Returns an exit code; model_free in any case. */
int model_read(tool *t, const char *path, const weft_hw *hw, int all_outputs, model *out);
void model_free(model *m);

enum { TOOL_MAX_BINDS = 32, TOOL_BIND_BYTES = 256 };

/* SYMBOL=SIZE,INPUT=SIZExSIZE,.. of --bind (NULL: none) into at most TOOL_MAX_BINDS; names point
 * into copy. WEFT_OK or WEFT_ERR_ARG. */
int tool_binds(const char *text, char *copy, size_t room, weft_bind *binds, uint32_t *count,
               weft_error *err);

/* A device and what is loaded there; all NULL is none. */
typedef struct session {
    weft_device *dev;
    weft_loaded *net;
} session;

/* Open a device and load a program.  Returns an exit code; on failure *s is none. */
int session_open(tool *t, const char *uri, weft_program *program, session *s);

/* Give both back.  Returns what weft_close does. */
int session_close(session *s);

/* Open a device, read a model for it, load it.  Returns an exit code; on failure *s is none. */
int model_open(tool *t, const char *uri, const char *path, int all_outputs, session *s, model *m);

/* --- exec.c -------------------------------------------------------------------------------------
 */

typedef struct buffer {
    void *data;
    size_t bytes;
    weft_form form;
} buffer;

/* Buffers for all inputs and outputs of a program. */
typedef struct io {
    uint32_t in_count, out_count;
    buffer *in, *out;
    weft_input *inputs; /* the same for the library, made by io_submit */
    weft_output *outputs;
    size_t position_bytes; /* of output 0 if it is a position in the model's form, else 0 */
} io;

/* Allocate; forms as asked.  Returns an exit code; io_free in any case. */
int io_make(tool *t, const weft_program *p, weft_form in_form, weft_form out_form, io *out);
void io_free(io *b);

/* The same to be answered from: outputs as int8, but a position as it is.  Refused if output 0 is
 * several positions. */
int io_make_answers(tool *t, const weft_program *p, weft_form in_form, io *out);

/* Random bytes; state is not 0. */
void io_random(buffer *b, uint64_t *state);

/* weft_submit of these. */
int io_submit(weft_loaded *net, const io *b, weft_job **job, weft_error *err);

/* Run once, with progress on stderr if wanted; Ctrl-C cancels.  Returns an exit code. */
int tool_run(tool *t, weft_loaded *net, const io *b, const char *what);

/* A line of progress, at most ten a second: "what 12/100".  done == total clears it. */
void tool_progress(const tool *t, const char *what, uint64_t done, uint64_t total);

/* Seconds of a clock that only grows. */
double tool_seconds(void);

/* What the network says: the position that output 0 of io_make_answers is, else the index of the
 * largest of its values (the first of equals). */
uint32_t tool_answer(const io *b);

/* How many values of output 0 come before that of `index`: 0 of the largest; UINT32_MAX if it has none. */
uint32_t tool_rank(const io *b, uint32_t index);

/* --- subcommands --------------------------------------------------------------------------------
 */

int cmd_compile(tool *t, int argc, char **argv);
int cmd_run(tool *t, int argc, char **argv);
int cmd_eval(tool *t, int argc, char **argv);
int cmd_dump(tool *t, int argc, char **argv);
int cmd_info(tool *t, int argc, char **argv);
int cmd_merge(tool *t, int argc, char **argv);
int cmd_profile(tool *t, int argc, char **argv);
int cmd_sweep(tool *t, int argc, char **argv);
int cmd_serve(tool *t, int argc, char **argv);
int cmd_selftest(tool *t, int argc, char **argv);
int cmd_devices(tool *t, int argc, char **argv);
int cmd_compare(tool *t, int argc, char **argv);
int cmd_demo(tool *t, int argc, char **argv);
int cmd_zoo(tool *t, int argc, char **argv);
int cmd_quantize(tool *t, int argc, char **argv);

#endif
