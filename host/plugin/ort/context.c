/* Compiled programs inside ONNX models: nodes EPContext of the domain com.microsoft, as the runtime's design of
 * execution provider contexts has them; see ep.h.  The program is in the node itself (embed_mode 1). */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "host/plugin/ort/ep.h"

#define OP     "EPContext"
#define DOMAIN "com.microsoft"

enum { ATTRIBUTES = 4 };

static OrtStatus *names_of(const ep_ort *ort, const OrtValueInfo *const *values, size_t count,
                           const char **names)
{
    for (size_t i = 0; i < count; i++)
        EP_TRY(ort->api->GetValueInfoName(values[i], &names[i]));
    return NULL;
}

/* The names of what a node reads and writes: inputs first.  *names is to be freed. */
static OrtStatus *ports_of(const ep_ort *ort, const OrtNode *node, const char ***names,
                           size_t *inputs, size_t *outputs)
{
    EP_TRY(ort->api->Node_GetNumInputs(node, inputs));
    EP_TRY(ort->api->Node_GetNumOutputs(node, outputs));
    const size_t count = *inputs + *outputs;
    const OrtValueInfo **values = calloc(count + 1, sizeof *values);
    *names = calloc(count + 1, sizeof **names);
    OrtStatus *status = values && *names ? ort->api->Node_GetInputs(node, values, *inputs)
                                         : ort->api->CreateStatus(ORT_FAIL, "weft: no memory");
    if (!status)
        status = ort->api->Node_GetOutputs(node, values + *inputs, *outputs);
    if (!status)
        status = names_of(ort, values, count, *names);
    free(values);
    return status;
}

OrtStatus *ep_context_write(const ep_ort *ort, const OrtNode *fused, const void *program,
                            uint64_t byte_count, OrtNode **out)
{
    if (byte_count > INT_MAX)
        return ort->api->CreateStatus(ORT_EP_FAIL,
                                      "weft: the program is too large for an EPContext node");
    const char *name;
    const int64_t one = 1;
    EP_TRY(ort->api->Node_GetName(fused, &name));
    OrtOpAttr *attributes[ATTRIBUTES] = { 0 };
    const char **names = NULL;
    size_t inputs = 0, outputs = 0;
    OrtStatus *status = ports_of(ort, fused, &names, &inputs, &outputs);
    if (!status)
        status = ort->api->CreateOpAttr("main_context", &one, 1, ORT_OP_ATTR_INT, &attributes[0]);
    if (!status)
        status = ort->api->CreateOpAttr("embed_mode", &one, 1, ORT_OP_ATTR_INT, &attributes[1]);
    if (!status)
        status = ort->api->CreateOpAttr("source", EP_NAME, (int)strlen(EP_NAME), ORT_OP_ATTR_STRING,
                                        &attributes[2]);
    if (!status)
        status = ort->api->CreateOpAttr("ep_cache_context", program, (int)byte_count,
                                        ORT_OP_ATTR_STRING, &attributes[3]);
    if (!status)
        status = ort->editor->CreateNode(OP, DOMAIN, name, names, inputs, names + inputs, outputs,
                                         attributes, ATTRIBUTES, out);
    for (int i = 0; status && i < ATTRIBUTES; i++) /* else the node has them */
        if (attributes[i])
            ort->api->ReleaseOpAttr(attributes[i]);
    free(names);
    return status;
}

/* The text of an attribute, with its length; to be freed.  NULL if the node has none of that name. */
static OrtStatus *read_text(const ep_ort *ort, const OrtNode *node, const char *name, char **out,
                            size_t *length)
{
    const OrtOpAttr *attribute = NULL;
    *out = NULL;
    EP_TRY(ort->api->Node_GetAttributeByName(node, name, &attribute));
    if (!attribute)
        return NULL;
    char probe[1];
    OrtStatus *status = ort->api->ReadOpAttr(attribute, ORT_OP_ATTR_STRING, probe, 0, length);
    ort->api->ReleaseStatus(status); /* that there is no room in `probe` */
    char *text = calloc(1, *length + 1);
    if (!text)
        return ort->api->CreateStatus(ORT_FAIL, "weft: no memory");
    status = ort->api->ReadOpAttr(attribute, ORT_OP_ATTR_STRING, text, *length, length);
    if (status)
        free(text);
    else
        *out = text;
    return status;
}

OrtStatus *ep_context_is_ours(const ep_ort *ort, const OrtNode *node, bool *is_ours)
{
    const char *op;
    char *source = NULL;
    size_t length = 0;
    *is_ours = false;
    EP_TRY(ort->api->Node_GetOperatorType(node, &op));
    if (strcmp(op, OP) != 0)
        return NULL;
    EP_TRY(read_text(ort, node, "source", &source, &length));
    *is_ours = source && !strcmp(source, EP_NAME);
    free(source);
    return NULL;
}

OrtStatus *ep_context_read(const ep_ort *ort, const OrtNode *node, void **program,
                           uint64_t *byte_count)
{
    char *text = NULL;
    size_t length = 0;
    EP_TRY(read_text(ort, node, "ep_cache_context", &text, &length));
    if (!text)
        return ort->api->CreateStatus(
            ORT_EP_FAIL, "weft: an EPContext node without a program: make the model anew");
    *program = text;
    *byte_count = length;
    return NULL;
}
