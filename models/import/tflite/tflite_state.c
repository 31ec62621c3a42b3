/* Variables that keep their bytes from run to run: an input and an output of the network each.
 *
 * READ_VARIABLE is an input with the variable's name, ASSIGN_VARIABLE an output with that name: what a
 * run gives there is what the next run takes.  The first takes real zeros, the zero point; another
 * beginning, which a CALL_ONCE can set, is refused.  Within a run a variable is read as it was last
 * assigned. */
#include <inttypes.h>
#include <string.h>

#include "tflite_import.h"

enum { VAR_HANDLE = 142, ASSIGN_VARIABLE = 144, NAME_BYTES = 255 };

/* The variable that the options of a VAR_HANDLE name; NULL and a sentence. */
static tfl_variable *find(tfl_import *im, const tfl_node *n, size_t options)
{
    const fb_vector text = fb_list(&im->file, options, 1, 1);
    const size_t length = text.count < NAME_BYTES ? text.count : NAME_BYTES;
    const char *name = (const char *)im->file.bytes + text.at;
    for (uint32_t i = 0; i < im->variable_count; i++) {
        tfl_variable *v = &im->variables[i];
        if (strlen(v->name) == length && (length == 0 || memcmp(v->name, name, length) == 0))
            return v;
    }
    if (im->variable_count == TFL_VARIABLES) {
        (void)TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "there are more than %d variables", TFL_VARIABLES);
        return NULL;
    }
    char *copy = tfl_alloc(im, length + 1);
    if (!copy)
        return NULL;
    for (size_t i = 0; i < length && name[i]; i++)
        copy[i] = name[i];
    tfl_variable *v = &im->variables[im->variable_count++];
    *v = (tfl_variable){ .name = copy, .tensor = WEFT_NONE, .input = WEFT_NONE };
    return v;
}

int tfl_var_handle(tfl_import *im, const tfl_node *n)
{
    tfl_variable *v = find(im, n, n->options);
    if (!v)
        return im->err->status;
    tfl_out(im, n, 0)->variable = (uint32_t)(v - im->variables) + 1;
    return WEFT_OK;
}

static tfl_variable *variable_of(tfl_import *im, const tfl_node *n)
{
    const tfl_value *x = tfl_in(im, n, 0);
    if (x && x->variable)
        return &im->variables[x->variable - 1];
    (void)TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "its variable has no VAR_HANDLE before it");
    return NULL;
}

static int is_state(const tfl_value *v)
{
    return tfl_is_byte(v) && v->quant.count == 1 && v->elements > 0 && !v->open;
}

/* --- beginnings --------------------------------------------------------------------------- */

/* The bytes of the constant of an ASSIGN_VARIABLE in another subgraph, all of which must be one. */
static int read_beginning(tfl_import *im, const tfl_node *n, size_t tensor, tfl_variable *v)
{
    uint64_t count;
    size_t at;
    const char *wrong = tfl_buffer(im, tensor, &at, &count);
    if (wrong || count == 0)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "\"%.60s\" does not begin as a constant", v->name);
    for (uint64_t i = 1; i < count; i++)
        if (im->file.bytes[at + i] != im->file.bytes[at])
            return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "\"%.60s\" does not begin with zeros", v->name);
    v->begins = 1;
    v->first = im->file.bytes[at];
    return WEFT_OK;
}

/* An operator of the subgraph of a CALL_ONCE.  owner[]: the variable of each of its tensors. */
static int begin_one(tfl_import *im, const tfl_node *n, size_t op, fb_vector tensors,
                     tfl_variable **owner)
{
    tfl_node inner;
    tfl_read_node(im, op, &inner);
    const uint32_t out = (uint32_t)fb_list_i32(&im->file, inner.outputs, 0);
    const uint32_t handle = (uint32_t)fb_list_i32(&im->file, inner.inputs, 0);
    const uint32_t value = (uint32_t)fb_list_i32(&im->file, inner.inputs, 1);
    if (im->file.bad)
        return TFL_REFUSE(WEFT_ERR_FORMAT, "its subgraph is damaged");
    if (inner.code == VAR_HANDLE && inner.outputs.count == 1 && out < tensors.count) {
        owner[out] = find(im, n, inner.options);
        return owner[out] ? WEFT_OK : im->err->status;
    }
    if (inner.code != ASSIGN_VARIABLE || inner.inputs.count != 2 || handle >= tensors.count ||
        value >= tensors.count || !owner[handle])
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "it does more than to assign constants");
    return read_beginning(im, n, fb_list_table(&im->file, tensors, value), owner[handle]);
}

int tfl_call_once(tfl_import *im, const tfl_node *n)
{
    const fb_vector all = fb_list(&im->file, fb_root(&im->file), 2, 4);
    const uint32_t index = (uint32_t)fb_i32(&im->file, n->options, 0, 0);
    if (index == 0 || index >= all.count)
        return TFL_REFUSE(WEFT_ERR_FORMAT, "its subgraph is not there");
    const size_t graph = fb_list_table(&im->file, all, index);
    const fb_vector tensors = fb_list(&im->file, graph, 0, 4),
                    operators = fb_list(&im->file, graph, 3, 4);
    tfl_variable **owner = tfl_alloc(im, ((uint64_t)tensors.count + 1) * sizeof *owner);
    if (!owner)
        return WEFT_ERR_NO_MEMORY;
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < operators.count && rc == WEFT_OK; i++)
        rc = begin_one(im, n, fb_list_table(&im->file, operators, i), tensors, owner);
    return rc;
}

/* --- runs --------------------------------------------------------------------------------- */

static weft_port port_of(const tfl_value *v, const char *name, uint32_t tensor)
{
    weft_port p = { .name = name, .rank = v->rank, .tensor = tensor };
    p.dtype = v->type == TFL_UINT8 ? WEFT_UINT8 : WEFT_INT8;
    memcpy(p.dims, v->dims, sizeof p.dims);
    for (uint32_t i = 0; i < WEFT_MAX_RANK; i++)
        p.perm[i] = i;
    return p;
}

int tfl_read_variable(tfl_import *im, const tfl_node *n)
{
    tfl_variable *v = variable_of(im, n);
    tfl_value *y = tfl_out(im, n, 0);
    weft_tensor_desc d;
    if (!v)
        return im->err->status;
    if (!is_state(y))
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "it is not int8 of a fixed size with one scale");
    if (y->data || y->tensor != WEFT_NONE)
        return TFL_REFUSE(WEFT_ERR_FORMAT, "its output is already there");
    if (v->tensor != WEFT_NONE) {
        uint32_t from = v->tensor;
        int rc = tfl_reshape(im, n, y->rank, y->dims, &from);
        if (rc == WEFT_OK)
            rc = tfl_reinterpret(im, n, &y->quant, &from);
        y->tensor = from;
        return rc;
    }
    const int zero = y->quant.zero_point[0] + (y->type == TFL_UINT8 ? 128 : 0);
    if (v->begins && v->first != (uint8_t)zero)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "\"%.60s\" does not begin with zeros", v->name);
    int rc = tfl_desc(im, n, y, &d);
    if (rc == WEFT_OK)
        rc = tfl_add_tensor(im, n, &d, &y->tensor);
    if (rc != WEFT_OK)
        return rc;
    const weft_port p = port_of(y, v->name, y->tensor);
    v->tensor = v->input = y->tensor;
    v->elements = y->elements;
    rc = weft_graph_add_input(im->graph, &p);
    return rc == WEFT_OK ? rc : TFL_REFUSE(rc, "it cannot be an input");
}

int tfl_assign_variable(tfl_import *im, const tfl_node *n)
{
    tfl_variable *v = variable_of(im, n);
    tfl_value *x = tfl_in(im, n, 1);
    if (!v)
        return im->err->status;
    if (!is_state(x))
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "it is not int8 of a fixed size with one scale");
    if (v->input != WEFT_NONE && v->elements != x->elements)
        return TFL_REFUSE(WEFT_ERR_SHAPE, "\"%.60s\" changes its size", v->name);
    v->value = x;
    v->elements = x->elements;
    return tfl_tensor(im, n, x, &v->tensor);
}

int tfl_add_states(tfl_import *im)
{
    int rc = WEFT_OK;
    for (uint32_t i = 0; i < im->variable_count && rc == WEFT_OK; i++) {
        const tfl_variable *v = &im->variables[i];
        const tfl_node node = { .op = "ASSIGN_VARIABLE", .name = v->name }, *n = &node;
        if (!v->value)
            continue;
        const weft_port p = port_of(v->value, v->name, v->tensor);
        rc = im->graph->tensors[v->tensor].data ? WEFT_ERR_ARG
                                                : weft_graph_add_output(im->graph, &p);
        if (rc != WEFT_OK)
            rc = TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "it cannot be an output");
    }
    return rc;
}
