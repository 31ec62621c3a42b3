/* The way from the bytes of a TensorFlow Lite file to a checked graph.
 *
 * Constants are copied into the graph once; everything else is read in place. */
#include "tflite.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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
                           "has a dynamic size; convert the model with fixed sizes");
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
    if (rc == WEFT_OK && im->file.bad)
        rc = weft_error_set(im->err, WEFT_ERR_FORMAT, "the file is damaged or cut short");
    if (rc == WEFT_OK && !im->refused->used)
        rc = weft_graph_check(im->graph, im->err);
    return rc;
}

int weft_tflite_import(const void *bytes, size_t byte_count, weft_graph **out, weft_error *err)
{
    weft_error unheard = { 0 };
    refusals refused = { 0 };
    if (!weft_tflite_detect(bytes, byte_count))
        return weft_error_set(err, WEFT_ERR_FORMAT, "not a TensorFlow Lite model");
    tfl_import im = { .file = { bytes, byte_count, 0 },
                      .err = err ? err : &unheard,
                      .refused = &refused,
                      .budget = 16 * (uint64_t)byte_count + (4 << 20) };
    int rc = weft_graph_new(&im.graph);
    if (rc != WEFT_OK)
        return weft_error_set(err, rc, "no memory for a graph");
    rc = refusals_end(&refused, import_graph(&im), im.graph, im.err);
    free(im.values);
    if (rc == WEFT_OK)
        *out = im.graph;
    else
        weft_graph_free(im.graph);
    return rc;
}

int weft_tflite_read(const char *path, weft_graph **out, weft_error *err)
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
    void *at = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (at == MAP_FAILED)
        return weft_error_set(err, WEFT_ERR_IO, "\"%.150s\" cannot be mapped: %s", path,
                              strerror(errno));
    int rc = weft_tflite_import(at, bytes, out, err);
    munmap(at, bytes);
    return rc;
}
