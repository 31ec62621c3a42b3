/* Nodes of the runtime as an ONNX model; see ep.h.  The whole is given back by protobuf-c at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/plugin/ort/model_writer.h"

/* --- values -------------------------------------------------------------------------------------- */

/* Add a value as input or output of the model: `list` and `count` are a member of the graph. */
static OrtStatus *write_port(ep_writer *w, const OrtValueInfo *value, const char *name,
                             Onnx__ValueInfoProto ***list, size_t *count)
{
    const OrtApi *api = w->ort->api;
    for (size_t i = 0; i < *count; i++)
        if (!strcmp((*list)[i]->name, name))
            return NULL;
    const OrtTypeInfo *type;
    const OrtTensorTypeAndShapeInfo *info = NULL;
    EP_TRY(api->GetValueInfoTypeInfo(value, &type));
    EP_TRY(api->CastTypeInfoToTensorInfo(type, &info));
    if (!info) {
        ep_refuse(w, "not a tensor", name);
        return NULL;
    }
    ep_shape shape = { 0 };
    EP_TRY(ep_read_shape(w->ort, info, &shape));
    EP_NEW(Onnx__ValueInfoProto, onnx__value_info_proto__init);
    message->name = ep_copy_text(name);
    message->type = ep_tensor_type(&shape);
    ep_append(list, count, message);
    return NULL;
}

static bool has_initializer(const ep_writer *w, const char *name)
{
    for (size_t i = 0; i < w->graph->n_initializer; i++)
        if (!strcmp(w->graph->initializer[i]->name, name))
            return true;
    return false;
}

static bool is_made_inside(const ep_writer *w, const char *name)
{
    for (size_t i = 0; i < w->graph->n_node; i++)
        for (size_t k = 0; k < w->graph->node[i]->n_output; k++)
            if (!strcmp(w->graph->node[i]->output[k], name))
                return true;
    return false;
}

/* What a node reads: made by a node before, a constant, or an input of the model. */
static OrtStatus *write_input(ep_writer *w, const OrtValueInfo *value, Onnx__NodeProto *node)
{
    const OrtApi *api = w->ort->api;
    const char *name = "";
    if (value)
        EP_TRY(api->GetValueInfoName(value, &name));
    ep_append(&node->input, &node->n_input, ep_copy_text(name));
    if (!*name || has_initializer(w, name) || is_made_inside(w, name))
        return NULL;
    const OrtValue *constant = NULL;
    bool is_constant;
    EP_TRY(api->ValueInfo_IsConstantInitializer(value, &is_constant));
    if (!is_constant)
        return write_port(w, value, name, &w->graph->input, &w->graph->n_input);
    EP_TRY(api->ValueInfo_GetInitializerValue(value, &constant));
    Onnx__TensorProto *tensor = NULL;
    if (constant)
        EP_TRY(ep_write_tensor(w, name, constant, &tensor));
    if (tensor)
        ep_append(&w->graph->initializer, &w->graph->n_initializer, tensor);
    else
        ep_refuse(w, "a constant that cannot be read", name);
    return NULL;
}

static bool is_among(const OrtNode *node, const OrtNode *const *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nodes[i] == node)
            return true;
    return false;
}

/* Tell whether a value is read outside of the nodes.  Of a whole graph only its outputs are: the runtime must not be asked
 * for readers there, as those in the graph that this one was fused from are not in its list (1.23.2 ends the process). */
static OrtStatus *is_read_outside(const ep_writer *w, const OrtValueInfo *value,
                                  const OrtNode *const *nodes, size_t count, bool *out)
{
    const ep_ort *ort = w->ort;
    EP_TRY(ort->api->ValueInfo_IsGraphOutput(value, out));
    if (w->is_whole)
        return NULL;
    size_t readers;
    EP_TRY(ort->api->ValueInfo_GetValueNumConsumers(value, &readers));
    const OrtNode **who = ep_need(calloc(readers + 1, sizeof *who));
    int64_t *where = ep_need(calloc(readers + 1, sizeof *where));
    OrtStatus *status = ort->api->ValueInfo_GetValueConsumers(value, who, where, readers);
    for (size_t i = 0; !status && i < readers; i++)
        if (!is_among(who[i], nodes, count))
            *out = true;
    free(who);
    free(where);
    return status;
}

/* --- attributes ---------------------------------------------------------------------------------- */

/* The value of an attribute of any kind but tensors; *bytes of it.  To be freed. */
static OrtStatus *read_attribute(const ep_ort *ort, const OrtOpAttr *attribute, OrtOpAttrType type,
                                 char **out, size_t *bytes)
{
    size_t room = 256;
    for (int again = 0; again < 2; again++) {
        char *data = ep_need(calloc(1, room + 1));
        OrtStatus *status = ort->api->ReadOpAttr(attribute, type, data, room, bytes);
        if (!status) {
            *out = data;
            return NULL;
        }
        free(data);
        if (again || *bytes <= room)
            return status;
        ort->api->ReleaseStatus(status);
        room = *bytes;
    }
    return NULL;
}

static void set_value(Onnx__AttributeProto *to, OrtOpAttrType type, const char *data, size_t bytes)
{
    switch (type) {
    case ORT_OP_ATTR_INT:
        to->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT;
        to->has_i = 1;
        memcpy(&to->i, data, sizeof to->i);
        break;
    case ORT_OP_ATTR_FLOAT:
        to->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT;
        to->has_f = 1;
        memcpy(&to->f, data, sizeof to->f);
        break;
    case ORT_OP_ATTR_STRING:
        to->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING;
        to->has_s = 1;
        to->s.len = bytes && !data[bytes - 1] ? bytes - 1 : bytes;
        to->s.data = ep_copy_bytes(data, to->s.len);
        break;
    case ORT_OP_ATTR_INTS:
        to->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS;
        to->n_ints = bytes / sizeof *to->ints;
        to->ints = ep_copy_bytes(data, bytes);
        break;
    default:
        to->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS;
        to->n_floats = bytes / sizeof *to->floats;
        to->floats = ep_copy_bytes(data, bytes);
        break;
    }
}

static OrtStatus *write_attribute(ep_writer *w, const OrtOpAttr *attribute, Onnx__NodeProto *node)
{
    const OrtApi *api = w->ort->api;
    OrtOpAttrType type;
    const char *name;
    EP_TRY(api->OpAttr_GetType(attribute, &type));
    EP_TRY(api->OpAttr_GetName(attribute, &name));
    char *data = NULL;
    size_t bytes = 0;
    Onnx__TensorProto *tensor = NULL;
    if (type == ORT_OP_ATTR_TENSOR) {
        OrtValue *value = NULL;
        EP_TRY(api->OpAttr_GetTensorAttributeAsOrtValue(attribute, &value));
        OrtStatus *status = ep_write_tensor(w, name, value, &tensor);
        api->ReleaseValue(value);
        if (status || !tensor)
            return status;
    } else if (type >= ORT_OP_ATTR_INT && type <= ORT_OP_ATTR_STRING) {
        EP_TRY(read_attribute(w->ort, attribute, type, &data, &bytes));
    } else {
        ep_refuse(w, "an attribute that is a graph or a list of texts", node->name);
        return NULL;
    }
    EP_NEW(Onnx__AttributeProto, onnx__attribute_proto__init);
    message->name = ep_copy_text(name);
    message->has_type = 1;
    if (tensor) {
        message->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR;
        message->t = tensor;
    } else {
        set_value(message, type, data, bytes);
    }
    ep_append(&node->attribute, &node->n_attribute, message);
    free(data);
    return NULL;
}

/* --- nodes --------------------------------------------------------------------------------------- */

static OrtStatus *write_attributes(ep_writer *w, const OrtNode *from, Onnx__NodeProto *node)
{
    size_t count;
    EP_TRY(w->ort->api->Node_GetNumAttributes(from, &count));
    const OrtOpAttr **rows = ep_need(calloc(count + 1, sizeof *rows));
    OrtStatus *status = w->ort->api->Node_GetAttributes(from, rows, count);
    for (size_t i = 0; !status && i < count; i++)
        status = rows[i] ? write_attribute(w, rows[i], node) : NULL;
    free(rows);
    return status;
}

static OrtStatus *write_inputs(ep_writer *w, const OrtNode *from, Onnx__NodeProto *node)
{
    size_t count;
    EP_TRY(w->ort->api->Node_GetNumInputs(from, &count));
    const OrtValueInfo **rows = ep_need(calloc(count + 1, sizeof *rows));
    OrtStatus *status = w->ort->api->Node_GetInputs(from, rows, count);
    for (size_t i = 0; !status && i < count; i++)
        status = write_input(w, rows[i], node);
    free(rows);
    return status;
}

static OrtStatus *write_outputs(ep_writer *w, const OrtNode *from, const OrtNode *const *nodes,
                                size_t nodes_count, Onnx__NodeProto *node)
{
    size_t count;
    EP_TRY(w->ort->api->Node_GetNumOutputs(from, &count));
    const OrtValueInfo **rows = ep_need(calloc(count + 1, sizeof *rows));
    OrtStatus *status = w->ort->api->Node_GetOutputs(from, rows, count);
    for (size_t i = 0; !status && i < count; i++) {
        const char *name = "";
        bool is_output = false;
        if (rows[i])
            status = w->ort->api->GetValueInfoName(rows[i], &name);
        if (!status)
            ep_append(&node->output, &node->n_output, ep_copy_text(name));
        if (!status && rows[i])
            status = is_read_outside(w, rows[i], nodes, nodes_count, &is_output);
        if (!status && is_output)
            status = write_port(w, rows[i], name, &w->graph->output, &w->graph->n_output);
    }
    free(rows);
    return status;
}

static OrtStatus *write_node(ep_writer *w, const OrtNode *from, const OrtNode *const *nodes,
                             size_t count)
{
    const OrtApi *api = w->ort->api;
    const char *name, *op, *domain;
    char number[24];
    EP_TRY(api->Node_GetName(from, &name));
    snprintf(number, sizeof number, "%zu", w->graph->n_node);
    if (w->names == EP_NUMBERS)
        name = number;
    EP_TRY(api->Node_GetOperatorType(from, &op));
    EP_TRY(api->Node_GetDomain(from, &domain));
    EP_NEW(Onnx__NodeProto, onnx__node_proto__init);
    message->name = ep_copy_text(name);
    message->op_type = ep_copy_text(op);
    message->domain = ep_copy_text(domain);
    OrtStatus *status = write_inputs(w, from, message);
    ep_append(&w->graph->node, &w->graph->n_node, message);
    if (!status)
        status = write_outputs(w, from, nodes, count, message);
    return status ? status : write_attributes(w, from, message);
}

static OrtStatus *write_operator_sets(const ep_ort *ort, const OrtGraph *graph,
                                      Onnx__ModelProto *model)
{
    size_t count;
    EP_TRY(ort->api->Graph_GetNumOperatorSets(graph, &count));
    const char **domains = ep_need(calloc(count + 1, sizeof *domains));
    int64_t *versions = ep_need(calloc(count + 1, sizeof *versions));
    OrtStatus *status = ort->api->Graph_GetOperatorSets(graph, domains, versions, count);
    for (size_t i = 0; !status && i < count; i++) {
        EP_NEW(Onnx__OperatorSetIdProto, onnx__operator_set_id_proto__init);
        message->domain = ep_copy_text(domains[i]);
        message->has_version = 1;
        message->version = versions[i];
        ep_append(&model->opset_import, &model->n_opset_import, message);
    }
    free(domains);
    free(versions);
    return status;
}

OrtStatus *ep_model_write(const ep_ort *ort, const OrtGraph *graph, const OrtNode *const *nodes,
                          size_t count, ep_names names, void **bytes, size_t *byte_count, char *why,
                          size_t why_bytes)
{
    Onnx__ModelProto *model = ep_need(malloc(sizeof *model));
    onnx__model_proto__init(model);
    model->has_ir_version = 1;
    model->producer_name = ep_copy_text("onnxruntime");
    model->graph = ep_need(malloc(sizeof *model->graph));
    onnx__graph_proto__init(model->graph);
    model->graph->name = ep_copy_text("part");
    ep_writer w = {
        .ort = ort, .graph = model->graph, .names = names, .why = why, .why_bytes = why_bytes
    };
    OrtStatus *status = ort->api->Graph_GetOnnxIRVersion(graph, &model->ir_version);
    size_t all = 0;
    if (!status)
        status = ort->api->Graph_GetNumNodes(graph, &all);
    w.is_whole = all == count;
    if (!status)
        status = write_operator_sets(ort, graph, model);
    for (size_t i = 0; !status && i < count; i++)
        status = write_node(&w, nodes[i], nodes, count);
    *bytes = NULL;
    if (!status && !w.is_refused) {
        *byte_count = onnx__model_proto__get_packed_size(model);
        *bytes = ep_need(malloc(*byte_count ? *byte_count : 1));
        onnx__model_proto__pack(model, *bytes);
    }
    onnx__model_proto__free_unpacked(model, NULL);
    return status;
}
