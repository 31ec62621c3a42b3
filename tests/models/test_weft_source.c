/* Where a program came from, in its file (section FROM) and in sentences: what a reader must not
 * find there, and what may be pasted into a shell. */
#include <stdlib.h>
#include <string.h>

#include "models/base/weft_crc32.h"
#include "models/program/weft_bytes.h"
#include "models/program/weft_file.h"
#include "models/program/weft_layout.h"
#include "weft_sample.h"

/* Written as it is, the reader must refuse it. */
static void refuse_source(test *t, weft_program *p, const char *word)
{
    weft_program *back = NULL;
    weft_error err = { 0 };
    uint8_t *bytes = NULL;
    size_t count = 0;
    CHECK(t, weft_program_write(p, &bytes, &count, &err) == WEFT_OK, "%s", err.text);
    const int rc = weft_program_read(bytes, count, &back, &err);
    CHECK(t, rc == WEFT_ERR_FORMAT && !back && strstr(err.text, word), "want \"%s\", got %d %s",
          word, rc, err.text);
    weft_program_free(back);
    free(bytes);
}

/* A zero, or one character too many, in a file whose checksums are right. */
static void check_source_bytes(test *t, weft_program *p)
{
    uint8_t *bytes = NULL, covered[FIRST_SECTION - 4];
    size_t count = 0;
    weft_error err = { 0 };
    CHECK(t, weft_program_write(p, &bytes, &count, &err) == WEFT_OK, "%s", err.text);
    for (int which = 0; which < 3 && bytes; which++) {
        static const uint8_t values[] = { 0, 'l', 0x1b };
        uint8_t *row = bytes + HEADER_BYTES + (size_t)SECTION_SOURCE * SECTION_ROW_BYTES;
        uint8_t *at = bytes + (row[4] | row[5] << 8 | row[6] << 16);
        const size_t length = (size_t)(row[8] | row[9] << 8);
        CHECK(t, which || !memcmp(at + 20, "small.onnx", 10), "the name is not where it should be");
        at[24] = values[which];
        sink_store(row + 12, weft_file_crc32(at, length));
        memcpy(covered, bytes, HEADER_BYTES - 4);
        memcpy(covered + HEADER_BYTES - 4, bytes + HEADER_BYTES, FIRST_SECTION - HEADER_BYTES);
        sink_store(bytes + HEADER_BYTES - 4, weft_file_crc32(covered, sizeof covered));
        CHECK(t, weft_sample_status(bytes, count) == (which == 1 ? WEFT_OK : WEFT_ERR_FORMAT),
              "a byte %u in the name", values[which]);
    }
    free(bytes);
}

static void check_source_refusals(test *t, weft_program *p)
{
    const weft_source good = p->source;
    weft_source_append(p->source.name, "/x", 2);
    refuse_source(t, p, "directory");
    p->source = good;
    p->source.options[3] = 0x7f;
    refuse_source(t, p, "printable");
    p->source = good;
    p->source.bytes = 0;
    refuse_source(t, p, "size");
    p->source = good;
    p->source.kind = WEFT_SOURCE_NONE;
    refuse_source(t, p, "there is none");
    p->source.kind = (weft_source_kind)3;
    refuse_source(t, p, "section FROM");
    p->source = good;
    memset(p->source.producer, 'x', sizeof p->source.producer);
    weft_error err = { 0 };
    CHECK(t, weft_program_check(p, &err) == WEFT_ERR_FORMAT, "a text without an end");
    p->source = good;
    memset(p->source.made_by, 'x', sizeof p->source.made_by);
    CHECK(t, weft_program_check(p, &err) == WEFT_ERR_FORMAT, "made by a text without an end");
    p->source = good;
    check_source_bytes(t, p);
}

static void check_command(test *t, const char *name, const char *bind, const char *want)
{
    char text[2 * WEFT_SOURCE_TEXT_BYTES + 16];
    weft_source s = weft_source_of(WEFT_SOURCE_ONNX, 1, 0);
    weft_source_name(&s, name);
    weft_source_append(s.options, bind, strlen(bind));
    weft_source_command(&s, text, sizeof text);
    CHECK(t, !strcmp(text, want), "\"%s\" instead of \"%s\"", text, want);
}

/* What a reader of a sentence may paste. */
static void test_commands(test *t)
{
    char many[301];
    memset(many, 'a', 300);
    many[300] = 0;
    check_command(t, "a/b.onnx", "", "weft compile b.onnx");
    check_command(t, "b.onnx", "--bind N=1,x:0=2x3 base=64",
                  "weft compile b.onnx --bind N=1,x:0=2x3");
    check_command(t, "b.onnx", "base=64", "weft compile b.onnx");
    check_command(t, "b.tflite", "--truth litert base=64", "weft compile b.tflite --truth litert");
    check_command(t, "", "--bind N=1", "weft compile MODEL --bind N=1");
    check_command(t, "a b.onnx", "", "weft compile MODEL");
    check_command(t, "$(reboot)", "--bind `x`=1", "weft compile MODEL");
    check_command(t, "-o", "", "weft compile MODEL");
    check_command(t, many, many, "weft compile MODEL");
}

int main(int argc, char **argv)
{
    test t = test_begin("weft_source", argc, argv, 1, 1);
    weft_graph *g = weft_sample_graph(&t);
    const weft_hw hw = weft_hw_default(1u << 20);
    weft_program *prog = NULL;
    weft_error err = { 0 };
    weft_sample_source(g);
    CHECK(&t, weft_compile(g, &hw, NULL, &prog, &err) == WEFT_OK, "%s", err.text);
    if (prog)
        check_source_refusals(&t, prog);
    test_commands(&t);
    weft_program_free(prog);
    weft_graph_free(g);
    return test_end(&t, "where a program came from, and how to compile it again");
}
