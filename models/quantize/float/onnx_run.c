/* One run of a model from its file; the contract is in onnx_run.h. */
#include "onnx_run.h"

#include <string.h>

#include "float_net.h"

static int check_inputs(const float_net *net, const nd *in, size_t in_count, weft_error *err)
{
    if (in_count != net->input_count)
        return weft_error_set(err, WEFT_ERR_ARG, "the model has %u inputs, %zu are given",
                              (unsigned)net->input_count, in_count);
    for (uint32_t i = 0; i < net->input_count; i++)
        if (in[i].type != net->inputs[i].type)
            return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                                  "the input \"%.100s\" is declared with another type than given",
                                  net->values[net->inputs[i].value].name);
    return WEFT_OK;
}

int onnx_run_within(const onnx_file *file, const nd *in, size_t in_count, nd *out,
                    uint64_t elements, uint64_t work, weft_error *err)
{
    float_net *net = NULL;
    memset(out, 0, file->model->graph->n_output * sizeof *out);
    int rc = float_net_new_within(file, NULL, elements, &net, err);
    if (rc == WEFT_OK)
        rc = check_inputs(net, in, in_count, err);
    if (rc == WEFT_OK) {
        net->work = work;
        rc = float_net_run(net, in, NULL, out, err);
    }
    float_net_free(net);
    return rc;
}

int onnx_run(const onnx_file *file, const nd *in, size_t in_count, nd *out, weft_error *err)
{
    return onnx_run_within(file, in, in_count, out, EVAL_ELEMENTS, FLOAT_WORK, err);
}
