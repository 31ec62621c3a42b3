/* Check weft_isa.def and print its other views.
 *
 *   weft_isa_gen vh [FILE]      Verilog package, to FILE or to standard output
 *   weft_isa_gen params [FILE]  Verilog macros: parameters of the array and their INFO registers
 *   weft_isa_gen legal [FILE]   Verilog module that refuses parameters out of their range
 *   weft_isa_gen md [FILE]      tables, to standard output or between the marks of FILE
 *   weft_isa_gen man [FILE]     the array's options, likewise for the manual
 *   weft_isa_gen probe [FILE]   Verilog module that slices every field by the package's constants
 *   weft_isa_gen check PKG.v PARAMS.vh LEGAL.v README.md WEFT.1 PROBE.v
 *
 * Exit status: 0 done, 1 the table is wrong or a print is stale (each fault is named), 2 usage or
 * file.  A wrong table prints nothing.  Build with -DWEFT_ISA_DEF='"other.def"' for another table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weft_isa_rows.h"

static const char mark_begin[] = "tables begin: printed by `make isa`";
static const char mark_end[] = "tables end";

/* All of a stream as a string that the caller frees; NULL if it cannot be read. */
static char *read_all(FILE *in)
{
    char *text = NULL;
    if (!in || fseek(in, 0, SEEK_END) != 0)
        return NULL;
    long bytes = ftell(in);
    if (bytes < 0 || fseek(in, 0, SEEK_SET) != 0 || !(text = malloc((size_t)bytes + 1)))
        return NULL;
    text[fread(text, 1, (size_t)bytes, in)] = '\0';
    return text;
}

static char *read_file(const char *path)
{
    FILE *in = fopen(path, "rb");
    char *text = read_all(in);
    if (in)
        fclose(in);
    if (!text)
        fprintf(stderr, "cannot read %s\n", path);
    return text;
}

static char *printed(print_function *print)
{
    FILE *file = tmpfile();
    if (file)
        print(file);
    char *text = read_all(file);
    if (file)
        fclose(file);
    return text;
}

/* The lines between those with the marks of a document; NULL without them. */
static char *marked(char *text, size_t *bytes)
{
    char *begin = strstr(text, mark_begin);
    char *end = begin ? strstr(begin, mark_end) : NULL;
    begin = begin ? strchr(begin, '\n') : NULL;
    while (end && *end != '\n' && end > text)
        end--;
    if (!begin || !end || end < begin)
        return NULL;
    begin++;
    end++;
    *bytes = (size_t)(end - begin);
    return begin;
}

static int write_file(const char *path, print_function *print)
{
    FILE *out = path ? fopen(path, "wb") : stdout;
    if (!out)
        return fprintf(stderr, "cannot write %s\n", path), 2;
    print(out);
    return (path ? fclose(out) : fflush(out)) == 0 ? 0 : 2;
}

static int write_marked(const char *path, print_function *print)
{
    size_t bytes = 0;
    char *text = read_file(path);
    char *tables = text ? marked(text, &bytes) : NULL;
    FILE *out = tables ? fopen(path, "wb") : NULL;
    int status = 2;
    if (out) {
        fwrite(text, 1, (size_t)(tables - text), out);
        print(out);
        fputs(tables + bytes, out);
        status = fclose(out) == 0 ? 0 : 2;
    } else if (text) {
        fprintf(stderr, "%s: no marks, or not writable\n", path);
    }
    free(text);
    return status;
}

/* 0 if path (or the marked part of it) is what print prints, else 1 and a sentence. */
static int check_file(const char *path, print_function *print, int only_marked)
{
    size_t bytes = 0;
    char *text = read_file(path);
    char *want = printed(print);
    char *have = text && only_marked ? marked(text, &bytes) : text;
    if (have && !only_marked)
        bytes = strlen(have);
    int same = have && want && bytes == strlen(want) && memcmp(have, want, bytes) == 0;
    if (text && !same)
        fprintf(stderr, "%s is stale: run `make isa`\n", path);
    free(want);
    free(text);
    return !same;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    const char *path = argc > 2 ? argv[2] : NULL;
    static const struct {
        const char *name;
        print_function *print;
        int marked; /* FILE is a document, of which only the marked part is printed */
    } prints[] = { { "vh", print_vh, 0 },       { "params", print_params, 0 },
                   { "legal", print_legal, 0 }, { "md", print_md, 1 },
                   { "man", print_man, 1 },     { "probe", print_probe, 0 } };
    enum { PRINTS = sizeof prints / sizeof prints[0] };
    if (isa_check())
        return 1;
    if (strcmp(what, "check") == 0 && argc == 2 + PRINTS) {
        int stale = 0;
        for (int i = 0; i < PRINTS; i++)
            stale |= check_file(argv[2 + i], prints[i].print, prints[i].marked);
        return stale;
    }
    for (int i = 0; i < PRINTS && argc <= 3; i++)
        if (strcmp(what, prints[i].name) == 0)
            return path && prints[i].marked ? write_marked(path, prints[i].print)
                                            : write_file(path, prints[i].print);
    fprintf(stderr, "usage: weft_isa_gen vh|params|legal|md|man|probe [FILE] |\n"
                    "       check PKG.v PARAMS.vh LEGAL.v README.md WEFT.1 PROBE.v\n");
    return 2;
}
