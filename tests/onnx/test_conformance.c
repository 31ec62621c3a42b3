/* Cases of the form ONNX gives its own: a directory with model.onnx and test_data_set_*, in which
 * input_*.pb and output_*.pb are tensors.
 *
 *     test_conformance [-v] [-t] DIRECTORY..       each holds cases as its subdirectories
 *
 * Every model goes two ways: through the importer and the reference operators of the int8 graph,
 * and through the float reference.  Where the inputs behind the first are parameters (scales,
 * weights), they are made constants first.  Each case ends as
 *
 * passed, if one way at least computes the recorded output and none another: integers exactly,
 * float32 within 1e-3 relative and 1e-5 absolute, bfloat16 to its last place (ONNX cut off what
 * is rounded now); refused, with a sentence (-v prints it, -t a
 * table by operator and sentence); or
 * wrong, if something else was computed.  other_<i>.pb, where it is there, holds a second right
 * answer to output i.
 *
 * A case of Weft's operators (conformance_required.c) must not be refused.
 *
 * LEAST=n  fewer than n passed is a failure, so that what passes goes on passing. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "conformance_required.h"
#include "conformance_run.h"
#include "conformance_table.h"
#include "tests/test.h"

enum { MOST_CASES = 16384 };

typedef struct tally {
    test *t;
    int verbose;
    conformance_table *table; /* or NULL */
    unsigned cases, passed, graph_passed, refused, wrong;
} tally;

static void run_case(tally *all, const char *directory, const char *name)
{
    char model[1100], set[1150];
    weft_error by_graph = { 0 }, by_float = { 0 };
    verdict graph = PASSED, real = PASSED;
    data_set d;
    size_t sets = 0;
    snprintf(model, sizeof model, "%.500s/%.500s/model.onnx", directory, name);
    const ports p = read_ports(model);
    for (;; sets++) {
        snprintf(set, sizeof set, "%.500s/%.500s/test_data_set_%zu", directory, name, sets);
        DIR *there = opendir(set);
        if (!there)
            break;
        closedir(there);
        if (!data_set_read(set, &p, &d) && p.outputs) {
            graph = real = REFUSED;
            weft_error_set(&by_float, WEFT_ERR_UNSUPPORTED, "its data are no tensors of numbers");
        }
        if (graph == PASSED)
            graph = run_import(model, &d, &by_graph);
        if (real == PASSED)
            real = run_float(model, &d, &by_float);
        data_set_free(&d);
    }
    const int wrong = graph == WRONG || real == WRONG, passed = graph == PASSED || real == PASSED;
    all->cases++;
    all->wrong += wrong ? 1 : 0;
    all->passed += passed && !wrong ? 1 : 0;
    all->graph_passed += graph == PASSED && !wrong ? 1 : 0;
    all->refused += !passed && !wrong ? 1 : 0;
    CHECK(all->t, !wrong, "%s: graph: %s; float: %s", name,
          graph == WRONG ? by_graph.text : "right", real == WRONG ? by_float.text : "right");
    CHECK(all->t, passed || wrong || !conformance_required(model, name),
          "%s is of Weft's operators, but refused: %s", name, by_float.text);
    conformance_count(all->table, model, wrong, passed, passed ? "" : by_float.text);
    if (all->verbose && !wrong)
        printf("%-8s %-60s %s\n",
               !passed           ? "refused"
               : graph == PASSED ? "int8"
                                 : "float",
               name,
               !passed           ? by_float.text
               : graph == PASSED ? ""
                                 : by_graph.text);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void run_directory(tally *all, const char *directory)
{
    char *names[MOST_CASES];
    size_t count = 0;
    DIR *d = opendir(directory);
    size_t left_out = 0;
    for (const struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.' && count == MOST_CASES)
            left_out++;
        else if (e->d_name[0] != '.' && (names[count] = strdup(e->d_name)))
            count++;
    CHECK(all->t, !left_out, "%s: %zu cases beyond %d are not run: fewer at a time", directory,
          left_out, MOST_CASES);
    if (d)
        closedir(d);
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++) {
        run_case(all, directory, names[i]);
        free(names[i]);
    }
}

int main(int argc, char **argv)
{
    test t = test_begin("conformance", argc, argv, 0, 0);
    static conformance_table table;
    tally all = { .t = &t };
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-v"))
            all.verbose = 1;
        else if (!strcmp(argv[i], "-t"))
            all.table = &table;
        else
            run_directory(&all, argv[i]);
    }
    conformance_print(all.table);
    if (all.cases == 0)
        return test_skip(&t, "there are no cases; the package libonnx-testdata has ONNX's own");
    CHECK(&t, all.passed >= test_number("LEAST", 0), "only %u of %u cases pass", all.passed,
          all.cases);
    char text[200];
    snprintf(text, sizeof text, "%u cases: %u passed (%u on the int8 graph), %u refused, %u wrong",
             all.cases, all.passed, all.graph_passed, all.refused, all.wrong);
    return test_end(&t, text);
}
