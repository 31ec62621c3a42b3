/* The two forms of `weft dump` of one program say the same.
 *
 *     check_dump DUMP.txt DUMP.json
 *
 * The text is written anew from the JSON, and every line of it has to be the one that is there. */
#include <stdlib.h>
#include <string.h>

#include "json_read.h"
#include "tests/test.h"

enum { MOST_ATTRIBUTES = 64 };

static const json_value *items(const json_value *o, const char *name)
{
    const json_value *list = json_member(o, name);
    return list ? list->first : NULL;
}

static unsigned count(const json_value *first)
{
    unsigned n = 0;
    for (; first; first = first->next)
        n++;
    return n;
}

static unsigned number(const json_value *o, const char *name)
{
    const double v = json_real(o, name);
    return v >= 0 && v <= UINT32_MAX ? (unsigned)v : UINT32_MAX;
}

static int is_true(const json_value *o, const char *name)
{
    const json_value *v = json_member(o, name);
    return v && v->kind == 't';
}

static void write_maker(FILE *to, const json_value *s)
{
    fprintf(to, "%s%s\n", json_string(s, "made_by")[0] ? ", compiled by " : "",
            json_string(s, "made_by"));
}

static void write_source(FILE *to, const json_value *s)
{
    const char *name = json_string(s, "name"), *quote = name[0] ? "\"" : "";
    if (!strcmp(json_string(s, "kind"), "none")) {
        fputs("from a network made in memory, not of a model file", to);
        write_maker(to, s);
        return;
    }
    fprintf(to, "from %s%s%s: %s%s%s, %.0f bytes, CRC-32 %s", quote,
            name[0] ? name : "a model without a name", quote, json_string(s, "kind"),
            json_string(s, "producer")[0] ? " by " : "", json_string(s, "producer"),
            json_real(s, "bytes"), json_string(s, "crc32"));
    fprintf(to, "%s%s", json_string(s, "options")[0] ? ", options " : "",
            json_string(s, "options"));
    write_maker(to, s);
}

static void write_type(FILE *to, const json_value *o)
{
    fprintf(to, "\"%s\": %s", json_string(o, "name"), json_string(o, "type"));
    for (const json_value *d = items(o, "dims"), *first = d; d; d = d->next)
        fprintf(to, "%c%.0f", d == first ? ' ' : 'x', d->number);
}

static void write_place(FILE *to, const json_value *o, const char *what)
{
    fprintf(to, ", %s 0x%08x, %u rows of %u bytes every %u", what, number(o, "addr"),
            number(o, "rows"), number(o, "row_bytes"), number(o, "pitch_bytes"));
}

static void write_ports(FILE *to, const json_value *p, const char *what)
{
    for (; p; p = p->next) {
        fprintf(to, "%s ", what);
        write_type(to, p);
        fprintf(to, ", axes");
        for (const json_value *a = items(p, "axes"); a; a = a->next)
            fprintf(to, " %.0f", a->number);
        fprintf(to, ", scale %.9g, zero point %.0f, on the device scale %.9g, zero point %.0f",
                json_real(p, "scale"), json_real(p, "zero_point"), json_real(p, "device_scale"),
                json_real(p, "device_zero_point"));
        write_place(to, p, "at");
        for (const json_value *s = items(p, "steps"); s; s = s->next) {
            const double beta = json_real(s, "beta");
            fprintf(to, ", %s", json_string(s, "op"));
            if (number(s, "axis_length"))
                fprintf(to, " of %u", number(s, "axis_length"));
            if (beta < 1 || beta > 1)
                fprintf(to, " with beta %.9g", beta);
            if (number(s, "inner"))
                fprintf(to, " every %u, the %s of equals", number(s, "inner"),
                        is_true(s, "last") ? "last" : "first");
        }
        fputc('\n', to);
    }
}

static void write_tensor(FILE *to, const json_value *t, unsigned index)
{
    const json_value *scales = items(t, "scales"), *zeros = items(t, "zero_points");
    fprintf(to, "  tensor %u ", index);
    write_type(to, t);
    if (scales && zeros)
        fprintf(to, ", scale %.9g, zero point %.0f%s", scales->number, zeros->number,
                scales->next ? " and more" : "");
    if (is_true(t, "constant"))
        fprintf(to, ", constant");
    for (const json_value *m = items(t, "memory"); m; m = m->next)
        write_place(to, m, is_true(m, "written") ? "to" : "from");
    fputc('\n', to);
}

static void write_operator(FILE *to, const json_value *n)
{
    const json_value *a = items(n, "attributes");
    fprintf(to, "  %s \"%s\" (%s):", json_string(n, "op"), json_string(n, "name"),
            json_string(n, "kind"));
    for (const json_value *i = items(n, "inputs"); i; i = i->next)
        if (i->number < 0)
            fprintf(to, " none");
        else
            fprintf(to, " %.0f", i->number);
    fprintf(to, " -> %u", number(n, "output"));
    const unsigned attributes = count(a);
    for (unsigned i = 0; a && i < MOST_ATTRIBUTES; i++, a = a->next)
        fprintf(to, "%s%.0f", i ? " " : ", attributes ", a->number);
    fprintf(to, "%s\n", attributes > MOST_ATTRIBUTES ? " ..." : "");
}

static void write_step(FILE *to, const json_value *s, unsigned index)
{
    unsigned i = 0;
    fprintf(to, "host step %u, before command %u:\n", index, number(s, "before"));
    for (const json_value *t = items(s, "tensors"); t; t = t->next)
        write_tensor(to, t, i++);
    for (const json_value *n = items(s, "operators"); n; n = n->next)
        write_operator(to, n);
}

/* Steps and layers stand in front of the command they name. */
static void write_commands(FILE *to, const json_value *root)
{
    const json_value *step = items(root, "host_steps"), *layer = items(root, "layers");
    const json_value *command = items(root, "commands");
    unsigned steps = 0, layers = 0;
    for (unsigned i = 0;; i++, command = command->next) {
        for (; step && number(step, "before") <= i; step = step->next)
            write_step(to, step, steps++);
        for (; layer && number(layer, "first_command") <= i; layer = layer->next)
            fprintf(to, "layer %u \"%s\": %.0f MACs, %.0f cycles predicted\n", layers++,
                    json_string(layer, "name"), json_real(layer, "macs"),
                    json_real(layer, "predicted_cycles"));
        if (!command)
            break;
        fprintf(to, "%6u %s\n", i, command->text ? command->text : "?");
    }
}

static void write_all(FILE *to, const json_value *root)
{
    fprintf(to, "ISA %u, %ux%u, %u lanes, %u words, %u accumulators, memory port of %u bytes\n",
            number(root, "isa"), number(root, "rows"), number(root, "cols"), number(root, "lanes"),
            number(root, "fb_words"), number(root, "acc_depth"), number(root, "mem_bytes"));
    write_source(to, json_member(root, "source"));
    fprintf(to, "image 0x%08x, %.0f bytes; commands 0x%08x, %u of them; window 0x%08x to 0x%08x\n",
            number(root, "image_addr"), json_real(root, "image_bytes"), number(root, "prog_addr"),
            count(items(root, "commands")), number(root, "win_base"), number(root, "win_limit"));
    write_ports(to, items(root, "inputs"), "input");
    write_ports(to, items(root, "outputs"), "output");
    write_commands(to, root);
}

/* Line by line; both files end together. */
static void compare(test *t, FILE *text, FILE *anew)
{
    char *a = NULL, *b = NULL;
    size_t room_a = 0, room_b = 0;
    for (unsigned line = 1; !t->failures; line++) {
        const int more_a = getline(&a, &room_a, text) >= 0;
        const int more_b = getline(&b, &room_b, anew) >= 0;
        if (!more_a && !more_b)
            break;
        CHECK(t, more_a && more_b && !strcmp(a, b),
              "line %u of the text is\n%sof JSON it would be\n%s", line, more_a ? a : "the end\n",
              more_b ? b : "the end\n");
    }
    free(a);
    free(b);
}

int main(int argc, char **argv)
{
    test t = test_begin("check_dump", argc, argv, 0, 0);
    json_doc d = { 0 };
    if (argc != 3)
        return test_skip(&t, "check_dump DUMP.txt DUMP.json");
    FILE *text = fopen(argv[1], "r"), *anew = tmpfile();
    CHECK(&t, text && anew, "%s cannot be read, or there is no room for another", argv[1]);
    CHECK(&t, json_load(argv[2], &d), "%s: %s at byte %zu", argv[2], d.wrong, d.at);
    if (!t.failures) {
        write_all(anew, d.root);
        rewind(anew);
        compare(&t, text, anew);
    }
    json_free(&d);
    if (text)
        fclose(text);
    if (anew)
        fclose(anew);
    return test_end(&t, "text and JSON of a program say the same");
}
