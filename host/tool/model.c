/* Models for a device: read, compile, load; see tool.h. */
#define _POSIX_C_SOURCE 200809L /* stat */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "models/base/files.h"
#include "models/compiler/read.h"
#include "models/program/hw_array.h"
#include "models/program/weft_file.h"
#include "models/program/weft_layout.h"
#include "tool.h"

enum { HEAD_BYTES = 16 };

/* SIZE of a symbol, or SIZExSIZE.. of the axes of an input; how many, 0 if it is neither. */
static uint32_t read_bind(char *name, char *text, weft_bind *binds, uint32_t room)
{
    for (uint32_t i = 0; i < room; i++) {
        char *end = NULL;
        const unsigned long size = strtoul(text, &end, 10);
        if (size < 1 || size > UINT32_MAX || !strchr("x", *end))
            return 0;
        binds[i] = (weft_bind){ name, (uint32_t)size, i || *end ? i + 1 : 0 };
        if (!*end)
            return i + 1;
        text = end + 1;
    }
    return 0;
}

int tool_binds(const char *text, char *copy, size_t room, weft_bind *binds, uint32_t *count,
               weft_error *err)
{
    *count = 0;
    if (!text)
        return WEFT_OK;
    if (strlen(text) >= room)
        return weft_error_set(err, WEFT_ERR_ARG, "--bind is too long");
    memcpy(copy, text, strlen(text) + 1);
    char *rest = NULL;
    for (char *part = strtok_r(copy, ",", &rest); part; part = strtok_r(NULL, ",", &rest)) {
        char *equals = strchr(part, '=');
        const uint32_t more =
            equals ? read_bind(part, equals + 1, binds + *count, TOOL_MAX_BINDS - *count) : 0;
        if (!more)
            return weft_error_set(err, WEFT_ERR_ARG,
                                  "--bind needs SYMBOL=SIZE or INPUT=SIZExSIZE.., at most %d "
                                  "sizes, not \"%.60s\"",
                                  TOOL_MAX_BINDS, part);
        *equals = 0;
        *count += more;
    }
    return WEFT_OK;
}

/* The first bytes of a regular file; 0 of a pipe, and of what cannot be opened. */
static size_t peek(const char *path, uint8_t *head)
{
    struct stat info;
    FILE *file = NULL;
    if (strcmp(path, "-") != 0 && stat(path, &info) == 0 && S_ISREG(info.st_mode))
        file = fopen(path, "rb");
    const size_t bytes = file ? fread(head, 1, HEAD_BYTES, file) : 0;
    if (file)
        fclose(file);
    return bytes;
}

/* Whose bytes: "tflm", which is the default, or "litert". */
static int read_truth(const char *text, weft_truth *out, weft_error *err)
{
    *out = text && !strcmp(text, "litert") ? WEFT_TRUTH_LITERT : WEFT_TRUTH_MODEL;
    return !text || *out == WEFT_TRUTH_LITERT || !strcmp(text, "tflm")
               ? WEFT_OK
               : weft_error_set(err, WEFT_ERR_ARG, "--truth is tflm or litert, not \"%.60s\"",
                                text);
}

/* The network as a graph: of a pipe from memory, of a file by its path, because it is mapped then
 * and data of ONNX may lie beside it. */
static int import(model *m, const char *path, const char *bind_text, weft_truth truth,
                  weft_error *err)
{
    char copy[TOOL_BIND_BYTES];
    weft_bind binds[TOOL_MAX_BINDS];
    weft_onnx_options options = { .binds = binds };
    uint8_t *network = m->file;
    int rc = tool_binds(bind_text, copy, sizeof copy, binds, &options.bind_count, err);
    m->file = NULL;
    if (rc == WEFT_OK)
        rc = weft_network_read(network ? NULL : path, network, m->file_bytes, &options, truth,
                               &m->graph, err);
    free(network);
    return rc;
}

/* For the compiler: shows how far it is, and ends it after Ctrl-C. */
static int show_compiling(void *self, double done)
{
    tool_progress(self, "compile", (uint64_t)(done * 100), 100);
    return tool_interrupted();
}

static int compile(tool *t, model *m, const char *path, const weft_hw *hw, int all_outputs)
{
    weft_error *err = &t->err;
    weft_truth truth;
    tool_progress(t, "read", 0, 1);
    int rc = read_truth(t->truth, &truth, err);
    tool_end_at_once(t);
    if (rc == WEFT_OK)
        rc = import(m, path, t->bind, truth, err);
    tool_end_orderly();
    if (rc == WEFT_OK && all_outputs)
        rc = weft_graph_expose(m->graph, err);
    if (rc == WEFT_OK) {
        m->places = calloc(m->graph->node_count + 1u, sizeof *m->places);
        m->behind = calloc(m->graph->output_count + 1u, sizeof *m->behind);
        if (!m->places || !m->behind)
            rc = weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a network");
    }
    tool_progress(t, "read", 1, 1);
    const weft_compile_options options = { .placements = m->places,
                                           .outputs = m->behind,
                                           .progress = { show_compiling, t } };
    if (rc == WEFT_OK)
        rc = weft_compile(m->graph, hw, &options, &m->program, err);
    if (rc == WEFT_OK)
        rc = weft_program_write(m->program, &m->file, &m->file_bytes, err);
    return rc;
}

/* A program, perhaps damaged; everything else is taken for a network. */
static int looks_compiled(const uint8_t *bytes, size_t count)
{
    return count >= 5 &&
           (bytes[0] == (uint8_t)WEFT_FILE_MAGIC[0] || !memcmp(bytes + 1, &WEFT_FILE_MAGIC[1], 4));
}

int model_read(tool *t, const char *path, const weft_hw *hw, int all_outputs, model *m)
{
    uint8_t head[HEAD_BYTES];
    const size_t head_bytes = peek(path, head);
    *m = (model){ 0 };
    int compiled = looks_compiled(head, head_bytes), rc = WEFT_OK;
    tool_end_at_once(t);
    if (compiled || !head_bytes)
        rc = weft_file_read(path, &m->file, &m->file_bytes, &t->err);
    tool_end_orderly();
    if (rc != WEFT_OK)
        return tool_exit(rc);
    if (!head_bytes)
        compiled = looks_compiled(m->file, m->file_bytes);
    if (compiled)
        rc = weft_program_read(m->file, m->file_bytes, &m->program, &t->err);
    else
        rc = compile(t, m, path, hw, all_outputs);
    if (rc == WEFT_OK && compiled && all_outputs)
        rc = weft_error_set(
            &t->err, WEFT_ERR_ARG,
            "a compiled program has no layers to look into; give the .onnx or .tflite model");
    if (rc == WEFT_OK)
        return EXIT_GOOD;
    const weft_error cause = t->err;
    return tool_fail(t, rc, "%.100s: %s", path, cause.text);
}

void model_free(model *m)
{
    weft_graph_free(m->graph);
    weft_program_free(m->program);
    free(m->file);
    free(m->places);
    free(m->behind);
    *m = (model){ 0 };
}

int session_open(tool *t, const char *uri, weft_program *program, session *s)
{
    *s = (session){ 0 };
    int rc = weft_open(uri, &s->dev, &t->err);
    if (rc == WEFT_OK)
        rc = weft_load(s->dev, program, NULL, &s->net, &t->err);
    if (rc != WEFT_OK)
        session_close(s);
    return tool_exit(rc);
}

int session_close(session *s)
{
    weft_unload(s->net);
    const int rc = weft_close(s->dev);
    *s = (session){ 0 };
    return rc;
}

int model_open(tool *t, const char *uri, const char *path, int all_outputs, session *s, model *m)
{
    weft_array array = { .struct_bytes = sizeof array };
    *m = (model){ 0 };
    *s = (session){ 0 };
    int rc = weft_open(uri, &s->dev, &t->err);
    if (rc == WEFT_OK)
        rc = weft_device_array(s->dev, &array, &t->err);
    if (rc != WEFT_OK)
        return tool_exit(rc);
    const weft_hw hw = weft_hw_of(&array);
    int code = model_read(t, path, &hw, all_outputs, m);
    if (code == EXIT_GOOD)
        code = tool_exit(weft_load(s->dev, m->program, NULL, &s->net, &t->err));
    if (code != EXIT_GOOD)
        session_close(s);
    return code;
}
