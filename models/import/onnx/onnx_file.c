/* ONNX files and their external data; the contract is in onnx_file.h. */
#define _DEFAULT_SOURCE /* realpath */
#include "onnx_file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "models/base/files.h"
#include "models/base/weft_crc32.h"
#include "onnx_import.h"

enum {
    OPSET_MIN = 1,
    LARGE = 4096 /* bytes of a constant that stay in the mapped file */
};               /* of the float reference; old forms have other attributes */

struct onnx_mapping {
    onnx_mapping *next;
    char *location; /* as the tensors name it */
    void *bytes;
    size_t byte_count;
};

static int map_file(const char *path, const char *shown, void **bytes, size_t *byte_count,
                    weft_error *err)
{
    struct stat st;
    const int fd = open(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0)
        return weft_error_set(err, WEFT_ERR_IO, "\"%.150s\" cannot be opened", shown);
    int rc = WEFT_OK;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > INT32_MAX)
        rc = weft_error_set(err, WEFT_ERR_IO, "\"%.150s\" is not a file of at most 2 GiB", shown);
    *byte_count = rc == WEFT_OK ? (size_t)st.st_size : 0;
    *bytes = NULL;
    if (*byte_count) {
        *bytes = weft_file_copy(fd, *byte_count);
        if (!*bytes)
            rc = weft_error_set(err, WEFT_ERR_IO, "\"%.150s\" cannot be read", shown);
    }
    close(fd);
    return rc;
}

/* --- external data --- */

static int refuse_tensor(const Onnx__TensorProto *t, weft_error *err, int status, const char *what)
{
    return weft_error_set(err, status, "the constant \"%.80s\" is in another file %s",
                          t->name ? t->name : "", what);
}

static const char *entry(const Onnx__TensorProto *t, const char *key)
{
    for (size_t i = 0; i < t->n_external_data; i++)
        if (t->external_data[i]->key && !strcmp(t->external_data[i]->key, key))
            return t->external_data[i]->value;
    return NULL;
}

/* A number of bytes; absent is `otherwise`. */
static int number(const char *text, uint64_t otherwise, uint64_t *out)
{
    *out = text ? 0 : otherwise;
    for (; text && *text; text++) {
        if (*text < '0' || *text > '9' || *out > UINT64_MAX / 10 - 1)
            return 0;
        *out = *out * 10 + (uint64_t)(*text - '0');
    }
    return 1;
}

/* The path of a location, if links and all it lies in the directory of the model. */
static char *inside(const char *directory, const char *location)
{
    const size_t length = strlen(directory), more = strlen(location);
    char *path = malloc(length + more + 2), *resolved = NULL;
    if (path && more) {
        memcpy(path, directory, length);
        path[length] = '/';
        memcpy(path + length + 1, location, more + 1);
        resolved = realpath(path, NULL);
    }
    free(path);
    const size_t prefix = !strcmp(directory, "/") ? 0 : length;
    if (resolved && (strncmp(resolved, directory, prefix) != 0 || resolved[prefix] != '/')) {
        free(resolved);
        resolved = NULL;
    }
    return resolved;
}

static int find_mapping(onnx_file *file, const char *directory, const Onnx__TensorProto *t,
                        const char *location, const onnx_mapping **out, weft_error *err)
{
    for (onnx_mapping *m = file->mappings; m; m = m->next)
        if (!strcmp(m->location, location)) {
            *out = m;
            return WEFT_OK;
        }
    char *path = *location == '/' ? NULL : inside(directory, location);
    if (!path)
        return refuse_tensor(t, err, WEFT_ERR_IO,
                             "that is not in the directory of the model; put it there");
    onnx_mapping *m = calloc(1, sizeof *m);
    const size_t bytes = strlen(location) + 1;
    int rc = WEFT_ERR_NO_MEMORY;
    if (m && (m->location = malloc(bytes)) != NULL) {
        memcpy(m->location, location, bytes);
        rc = map_file(path, location, &m->bytes, &m->byte_count, err);
    }
    free(path);
    if (rc != WEFT_OK) {
        if (m)
            free(m->location);
        free(m);
        return rc == WEFT_ERR_NO_MEMORY ? refuse_tensor(t, err, rc, "and there is no memory") : rc;
    }
    m->next = file->mappings;
    file->mappings = m;
    *out = m;
    return WEFT_OK;
}

/* Point the raw data of t into its file. */
static int bring_in(onnx_file *file, const char *directory, Onnx__TensorProto *t, weft_error *err)
{
    const char *location = entry(t, "location");
    const onnx_mapping *m = NULL;
    uint64_t offset, length;
    if (!t->has_data_location || t->data_location != ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL)
        return WEFT_OK;
    if (!location || t->has_raw_data)
        return refuse_tensor(t, err, WEFT_ERR_FORMAT, "that is not named, or here as well");
    int rc = find_mapping(file, directory, t, location, &m, err);
    if (rc != WEFT_OK)
        return rc;
    if (!number(entry(t, "offset"), 0, &offset) || offset > m->byte_count ||
        !number(entry(t, "length"), m->byte_count - offset, &length) ||
        length > m->byte_count - offset)
        return refuse_tensor(t, err, WEFT_ERR_FORMAT, "and leads past the end of that");
    t->has_raw_data = 1;
    t->raw_data.len = (size_t)length;
    t->raw_data.data = length ? (uint8_t *)m->bytes + offset : NULL;
    t->data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__DEFAULT;
    return WEFT_OK;
}

/* Of initialisers and of the constants in nodes. */
static int bring_in_all(onnx_file *file, const char *path, weft_error *err)
{
    const char *slash = strrchr(path, '/');
    char *name = strdup(path), *directory = NULL;
    if (name && slash)
        name[slash == path ? 1 : slash - path] = 0;
    if (name)
        directory = realpath(slash ? name : ".", NULL);
    free(name);
    if (!directory)
        return weft_error_set(err, WEFT_ERR_IO, "the directory of \"%.150s\" is not found", path);
    const Onnx__GraphProto *g = file->model->graph;
    int rc = WEFT_OK;
    for (size_t i = 0; i < g->n_initializer && rc == WEFT_OK; i++)
        rc = bring_in(file, directory, g->initializer[i], err);
    for (size_t i = 0; i < g->n_node; i++)
        for (size_t k = 0; k < g->node[i]->n_attribute && rc == WEFT_OK; k++)
            if (g->node[i]->attribute[k]->t)
                rc = bring_in(file, directory, g->node[i]->attribute[k]->t, err);
    free(directory);
    return rc;
}

/* protobuf-c would free what is not its own. */
static void let_go(const onnx_file *file, Onnx__TensorProto *t)
{
    for (const onnx_mapping *m = file->mappings; m; m = m->next) {
        const uint8_t *from = m->bytes;
        if (t->raw_data.data && t->raw_data.data >= from && t->raw_data.data < from + m->byte_count)
            t->raw_data = (ProtobufCBinaryData){ 0 };
    }
}

/* --- opening --- */

static int check_header(onnx_file *file, weft_error *err)
{
    const Onnx__ModelProto *m = file->model;
    if (!m->graph || m->graph->n_node == 0)
        return weft_error_set(err, WEFT_ERR_FORMAT,
                              "no network inside: not an ONNX model, or cut short");
    for (size_t i = 0; i < m->n_opset_import; i++) {
        const char *domain = m->opset_import[i]->domain ? m->opset_import[i]->domain : "";
        if (!*domain || strcmp(domain, "ai.onnx") == 0)
            file->opset = m->opset_import[i]->version;
    }
    if (file->opset == 0)
        return weft_error_set(err, WEFT_ERR_FORMAT,
                              "the model names no ai.onnx opset; it may be cut short");
    if (file->opset < OPSET_MIN || file->opset > ONNX_OPSET_MAX)
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                              "opset %" PRId64 " is not supported; export with opset %d to %d",
                              file->opset, ONNX_OPSET_MIN, ONNX_OPSET_MAX);
    if (m->graph->n_sparse_initializer)
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED, "sparse constants are not supported");
    return WEFT_OK;
}

static int unpack(const uint8_t *bytes, size_t byte_count, onnx_file *out, weft_error *err)
{
    out->model = onnx__model_proto__unpack(NULL, byte_count, bytes);
    if (!out->model)
        return weft_error_set(err, WEFT_ERR_FORMAT,
                              "not an ONNX model: its parts have wrong types");
    return check_header(out, err);
}

int onnx_file_parse(const void *bytes, size_t byte_count, onnx_file *out, weft_error *err)
{
    *out = (onnx_file){ .bytes = bytes, .byte_count = byte_count };
    int rc = onnx_scan(bytes, byte_count, err);
    if (rc == WEFT_OK)
        rc = unpack(bytes, byte_count, out, err);
    if (rc != WEFT_OK)
        onnx_file_close(out);
    return rc;
}

/* The model itself as the file of location "", in which tensors find large data. */
static int map_model(const char *path, onnx_file *out, weft_error *err)
{
    onnx_mapping *m = calloc(1, sizeof *m);
    if (!m || !(m->location = calloc(1, 1))) {
        free(m);
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory to read \"%.150s\"", path);
    }
    int rc = map_file(path, path, &m->bytes, &m->byte_count, err);
    if (rc != WEFT_OK) {
        free(m->location);
        free(m);
        return rc;
    }
    out->mappings = m;
    out->bytes = m->bytes;
    out->byte_count = m->byte_count;
    return WEFT_OK;
}

int onnx_file_open(const char *path, onnx_file *out, weft_error *err)
{
    *out = (onnx_file){ 0 };
    int rc = map_model(path, out, err);
    if (rc == WEFT_OK)
        rc = onnx_scan(out->mappings->bytes, out->mappings->byte_count, err);
    if (rc == WEFT_OK) {
        size_t bytes;
        uint8_t *lean = onnx_lean(out->mappings->bytes, out->mappings->byte_count, LARGE, &bytes);
        rc = lean ? unpack(lean, bytes, out, err)
                  : weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory to read \"%.150s\"", path);
        free(lean);
    }
    if (rc == WEFT_OK)
        rc = bring_in_all(out, path, err);
    if (rc != WEFT_OK)
        onnx_file_close(out);
    return rc;
}

uint32_t onnx_file_crc32(const onnx_file *file)
{
    return weft_file_crc32(file->bytes, file->byte_count);
}

void onnx_file_close(onnx_file *file)
{
    if (file->model) {
        const Onnx__GraphProto *g = file->model->graph;
        for (size_t i = 0; g && i < g->n_initializer; i++)
            let_go(file, g->initializer[i]);
        for (size_t i = 0; g && i < g->n_node; i++)
            for (size_t k = 0; k < g->node[i]->n_attribute; k++)
                if (g->node[i]->attribute[k]->t)
                    let_go(file, g->node[i]->attribute[k]->t);
        onnx__model_proto__free_unpacked(file->model, NULL);
    }
    while (file->mappings) {
        onnx_mapping *m = file->mappings;
        file->mappings = m->next;
        if (m->byte_count)
            weft_file_copy_free(m->bytes, m->byte_count);
        free(m->location);
        free(m);
    }
    *file = (onnx_file){ 0 };
}
