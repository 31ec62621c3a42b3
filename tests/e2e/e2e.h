/* Networks in a test as a user runs them: compiled for a device, written, loaded, run by weft.h.
 *
 *     e2e d;
 *     if (e2e_open(&t, "sim:shape=8x8", &d)) {
 *         if (e2e_load(&d, graph, &err) == WEFT_OK)
 *             equal = e2e_run(&d, graph, name, in, want);
 *         e2e_close(&d);
 *     }
 *
 * What a device refuses is counted by its sentence, with names and numbers left out. */
#ifndef WEFT_TESTS_E2E_H
#define WEFT_TESTS_E2E_H

#include "models/program/weft_program.h"
#include "tests/rng.h"
#include "tests/test.h"
#include <weft/weft.h>

enum { E2E_REFUSALS = 32, E2E_SENTENCE = 160 };

typedef struct e2e {
    test *t;
    const char *uri;
    weft_device *dev;
    weft_loaded *net;      /* the program that e2e_load has loaded, or NULL */
    weft_loaded *in_front; /* every fourth time another one where it would lie, or NULL */
    weft_hw hw;
    weft_program *program;  /* the one that is loaded */
    const uint8_t *on_host; /* by node, for the next load: as weft_compile_options; or NULL */
    int device_only;        /* likewise */
    uint64_t run, refused, stepped; /* networks; stepped: run in several runs of the device */
    struct {
        char text[E2E_SENTENCE], example[64];
        uint64_t count;
    } refusals[E2E_REFUSALS];
} e2e;

/* Open; a failure is a failed check and 0.  e2e_close prints the refusals. */
int e2e_open(test *t, const char *uri, e2e *out);
void e2e_close(e2e *d);

/* Compile for the device, write the program, load it.  Returns WEFT_OK or the compiler's refusal;
 * anything but a refusal in one sentence is a failed check. */
int e2e_load(e2e *d, const weft_graph *g, const char *name, weft_error *err);

/* Load a program as a file of it would be, in place of the one before. */
int e2e_load_file(e2e *d, const weft_program *p, weft_error *err);

/* Count a refusal that came before, from an importer. */
void e2e_refused(e2e *d, const char *name, const weft_error *err);

/* Run what is loaded once.  in and want hold the ports of the graph one behind the other, in the
 * model's types; 1 if every byte is as wanted. */
int e2e_run(e2e *d, const weft_graph *g, const char *name, const uint8_t *in, const uint8_t *want);

/* What the reference operators give for these inputs, free() it; NULL is a failed check. */
uint8_t *e2e_reference(test *t, const weft_graph *g, const char *name, const uint8_t *in);

/* Load and run against the reference operators on these inputs; 0 if refused. */
int e2e_against_reference(e2e *d, const weft_graph *g, const char *name, const uint8_t *in);

/* A random network, at times with every tensor an output and operators given to the host, against
 * the reference operators on random inputs. */
void e2e_random(e2e *d, rng *r, weft_graph *g, uint64_t number, const char *name);

/* Bytes of all inputs, or outputs. */
size_t e2e_bytes(const weft_graph *g, const weft_port *ports, uint32_t count);

/* Multiplications of the loaded program, and its cycles as the compiler predicts them. */
void e2e_work(const e2e *d, uint64_t *macs, uint64_t *cycles);

/* Random inputs one behind the other: int8 in the ways of gen_input, float32 beyond its range. */
uint8_t *e2e_draw_inputs(rng *r, const weft_graph *g, size_t *bytes);

/* Random networks number 0 to N - 1 on devices in turn; CASE= for one of them on all. */
typedef struct e2e_tally {
    uint64_t run, refused, stepped;
    int devices;
} e2e_tally;
e2e_tally e2e_in_turns(test *t, int count, char **uris, void (*one)(e2e *d, uint64_t number));

#endif
