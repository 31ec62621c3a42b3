/* The way from the bytes of a TensorFlow Lite file to a checked graph.
 *
 * Constants are copied into the graph once; everything else is read in place. */
#include "tflite.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "models/base/files.h"
#include "models/base/weft_crc32.h"
#include "tflite_import.h"

enum { SCHEMA_VERSION = 3 };

int weft_tflite_detect(const void *bytes, size_t byte_count)
{
    return byte_count >= 8 && memcmp((const char *)bytes + 4, "TFL3", 4) == 0;
}

/* --- header --- */

static int read_header(tfl_import *im)
{
    const size_t model = fb_root(&im->file);
    const int32_t version = fb_i32(&im->file, model, 0, 0);
    if (model == 0 || im->file.bad)
        return weft_error_set(im->err, WEFT_ERR_FORMAT,
                              "not a TensorFlow Lite model, or cut short");
    if (version != SCHEMA_VERSION)
        return weft_error_set(im->err, WEFT_ERR_UNSUPPORTED,
                              "schema version %" PRId32 " is not supported, only %d; convert the "
                              "model again",
                              version, SCHEMA_VERSION);
    const fb_vector subgraphs = fb_list(&im->file, model, 2, 4);
    if (subgraphs.count == 0)
        return weft_error_set(im->err, WEFT_ERR_FORMAT, "the model has no network inside");
    im->opcodes = fb_list(&im->file, model, 1, 4);
    im->buffers = fb_list(&im->file, model, 4, 4);
    im->subgraph = fb_list_table(&im->file, subgraphs, 0);
    im->operators = fb_list(&im->file, im->subgraph, 3, 4);
    if (im->file.bad)
        return weft_error_set(im->err, WEFT_ERR_FORMAT, "the file is damaged or cut short");
    return WEFT_OK;
}

/* --- inputs and outputs --- */

static int refuse_port(tfl_import *im, const tfl_value *v, int status, const char *what)
{
    refusals_say(im->refused, im->err, status, "input or output", v->name, "%s", what);
    im->refused->rule = what;
    return status;
}

static weft_port port_of(const tfl_import *im, const tfl_value *v)
{
    weft_port p = { .name = v->name, .rank = v->rank, .tensor = v->tensor };
    p.dtype = v->type == TFL_UINT8   ? WEFT_UINT8
              : v->type == TFL_INT64 ? WEFT_INT64
                                     : im->graph->tensors[v->tensor].dtype;
    memcpy(p.dims, v->dims, sizeof p.dims);
    for (uint32_t i = 0; i < WEFT_MAX_RANK; i++)
        p.perm[i] = i;
    return p;
}

static int add_input(tfl_import *im, tfl_value *v)
{
    if (v->type == TFL_INT16)
        return refuse_port(im, v, WEFT_ERR_UNSUPPORTED,
                           "is int16: activations of 16 bits are not supported; convert with "
                           "TFLITE_BUILTINS_INT8");
    if (v->type != TFL_INT8 && v->type != TFL_UINT8 && v->type != TFL_FLOAT32)
        return refusals_say(im->refused, im->err, WEFT_ERR_UNSUPPORTED, "input or output", v->name,
                            "is %s, not int8, uint8 or float32", tfl_type_name(v->type));
    if (v->elements == 0 || v->open)
        return refuse_port(im, v, WEFT_ERR_UNSUPPORTED,
                           "has a dynamic shape; convert the model with fixed sizes");
    if (v->data || v->tensor != WEFT_NONE)
        return refuse_port(im, v, WEFT_ERR_FORMAT, "is also a constant or another input");
    weft_tensor_desc d = { .name = v->name,
                           .dtype = v->type == TFL_FLOAT32 ? WEFT_FLOAT32 : WEFT_INT8,
                           .rank = v->rank };
    memcpy(d.dims, v->dims, sizeof d.dims);
    if (d.dtype == WEFT_INT8)
        d.quant = v->quant;
    int rc = weft_graph_add_tensor(im->graph, &d, &v->tensor);
    if (rc != WEFT_OK)
        return refuse_port(im, v, rc, "cannot be made");
    const weft_port p = port_of(im, v);
    rc = weft_graph_add_input(im->graph, &p);
    return rc == WEFT_OK ? rc : refuse_port(im, v, rc, "cannot be made");
}

static int add_output(tfl_import *im, tfl_value *v)
{
    const tfl_node end = { .op = "the output", .name = v->name };
    if (v->tensor == WEFT_NONE && v->function) {
        int rc = tfl_function_tensor(im, &end, v);
        if (rc != WEFT_OK)
            return rc;
    }
    if (v->wide)
        return refuse_port(im, v, WEFT_ERR_UNSUPPORTED, "is computed in float32");
    if (v->tensor == WEFT_NONE || v->data)
        return refuse_port(im, v, WEFT_ERR_UNSUPPORTED, "is a constant, or nothing computes it");
    const weft_port p = port_of(im, v);
    int rc = weft_graph_add_output(im->graph, &p);
    return rc == WEFT_OK ? rc : refuse_port(im, v, rc, "cannot be made");
}

static int add_ports(tfl_import *im, unsigned id, int (*add)(tfl_import *im, tfl_value *v))
{
    const fb_vector list = fb_list(&im->file, im->subgraph, id, 4);
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < list.count && rc == WEFT_OK; i++) {
        const int32_t index = fb_list_i32(&im->file, list, i);
        if (index < 0 || (uint32_t)index >= im->value_count)
            return weft_error_set(im->err, WEFT_ERR_FORMAT,
                                  "an input or output of the network is not one of its tensors");
        tfl_value *v = &im->values[index];
        rc = v->refused ? WEFT_OK : add(im, v);
        if (rc == WEFT_OK)
            continue;
        v->refused = 1;
        rc = refusals_add(im->refused, rc, im->err, "input or output", v->name);
    }
    return rc;
}

/* --- where it came from --- */

static void append_list(const fb *file, fb_vector text, char *to)
{
    const char *from = (const char *)file->bytes + text.at;
    const char *end = text.count ? memchr(from, 0, text.count) : NULL;
    weft_source_append(to, from, end ? (size_t)(end - from) : text.count);
}

/* The oldest runtime that runs it, as the converter wrote it down. */
static fb_vector runtime_version(fb *file, size_t model)
{
    static const char wanted[] = "min_runtime_version";
    const fb_vector all = fb_list(file, model, 6, 4), buffers = fb_list(file, model, 4, 4);
    for (uint32_t i = 0; i < all.count; i++) {
        const size_t entry = fb_list_table(file, all, i);
        const fb_vector name = fb_list(file, entry, 0, 1);
        const uint32_t buffer = (uint32_t)fb_i32(file, entry, 1, 0);
        if (name.count == sizeof wanted - 1 && buffer < buffers.count &&
            !memcmp(file->bytes + name.at, wanted, name.count))
            return fb_list(file, fb_list_table(file, buffers, buffer), 0, 1);
    }
    return (fb_vector){ 0 };
}

/* Whatever of it is damaged is left out: the network does not need it. */
static weft_source source_of(const fb *whole)
{
    fb file = { whole->bytes, whole->size, 0 };
    weft_source s =
        weft_source_of(WEFT_SOURCE_TFLITE, file.size, weft_file_crc32(file.bytes, file.size));
    const size_t model = fb_root(&file);
    append_list(&file, fb_list(&file, model, 3, 1), s.producer);
    const fb_vector version = runtime_version(&file, model);
    if (version.count && file.bytes[version.at]) {
        const char text[] = " runtime ";
        weft_source_append(s.producer, text + !s.producer[0], strlen(text) - !s.producer[0]);
        append_list(&file, version, s.producer);
    }
    return s;
}

/* --- all --- */

static int import_graph(tfl_import *im)
{
    int rc = read_header(im);
    if (rc == WEFT_OK)
        rc = tfl_read_values(im);
    if (rc == WEFT_OK)
        rc = add_ports(im, 1, add_input);
    for (uint32_t i = 0; i < im->operators.count && rc == WEFT_OK; i++)
        rc = tfl_dispatch(im, fb_list_table(&im->file, im->operators, i));
    if (rc == WEFT_OK)
        rc = add_ports(im, 2, add_output);
    if (rc == WEFT_OK && !im->refused->used)
        rc = tfl_add_states(im);
    if (rc == WEFT_OK && im->file.bad)
        rc = weft_error_set(im->err, WEFT_ERR_FORMAT, "the file is damaged or cut short");
    if (rc == WEFT_OK && !im->refused->used)
        rc = weft_graph_check(im->graph, im->err);
    return rc;
}

int weft_tflite_import_as(const void *bytes, size_t byte_count, weft_truth truth,
                          const refusal_listener *listener, weft_graph **out, weft_error *err)
{
    weft_error unheard = { 0 };
    refusals refused = { .listener = listener };
    if (!weft_tflite_detect(bytes, byte_count))
        return weft_error_set(err, WEFT_ERR_FORMAT, "not a TensorFlow Lite model");
    tfl_import im = { .file = { bytes, byte_count, 0 },
                      .err = err ? err : &unheard,
                      .refused = &refused,
                      .truth = truth,
                      .budget = 16 * (uint64_t)byte_count + (4 << 20) };
    int rc = weft_graph_new(&im.graph);
    if (rc != WEFT_OK)
        return weft_error_set(err, rc, "no memory for a graph");
    rc = refusals_end(&refused, import_graph(&im), im.graph, im.err);
    free(im.values);
    if (rc == WEFT_OK) {
        im.graph->source = source_of(&im.file);
        if (truth == WEFT_TRUTH_LITERT)
            weft_source_option(&im.graph->source, "--truth litert");
        *out = im.graph;
    } else {
        weft_graph_free(im.graph);
    }
    return rc;
}

int weft_tflite_import(const void *bytes, size_t byte_count, const refusal_listener *listener,
                       weft_graph **out, weft_error *err)
{
    return weft_tflite_import_as(bytes, byte_count, WEFT_TRUTH_MODEL, listener, out, err);
}

int weft_tflite_read_as(const char *path, weft_truth truth, const refusal_listener *listener,
                        weft_graph **out, weft_error *err)
{
    struct stat info;
    const int file = open(path, O_RDONLY);
    if (file < 0)
        return weft_error_set(err, WEFT_ERR_IO, "\"%.150s\" cannot be opened: %s", path,
                              strerror(errno));
    if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size < 1 ||
        info.st_size > INT32_MAX) {
        close(file);
        return weft_error_set(err, WEFT_ERR_IO, "\"%.150s\" is not a file of 1 byte to 2 GiB",
                              path);
    }
    const size_t bytes = (size_t)info.st_size;
    void *at = weft_file_copy(file, bytes);
    const int why = errno;
    close(file);
    if (!at)
        return weft_error_set(err, WEFT_ERR_IO, "\"%.150s\" cannot be read: %s", path,
                              why ? strerror(why) : "it became shorter meanwhile");
    int rc = weft_tflite_import_as(at, bytes, truth, listener, out, err);
    weft_file_copy_free(at, bytes);
    if (rc == WEFT_OK)
        weft_source_name(&(*out)->source, path);
    return rc;
}

int weft_tflite_read(const char *path, const refusal_listener *listener, weft_graph **out,
                     weft_error *err)
{
    return weft_tflite_read_as(path, WEFT_TRUTH_MODEL, listener, out, err);
}
