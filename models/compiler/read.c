/* Networks of any format; the contract is in read.h. */
#include "read.h"

#include <stdio.h>

#include "models/import/tflite/tflite.h"

enum { HEAD_BYTES = 16 };

/* Does the file begin like TensorFlow Lite?  One that cannot be read does not; who reads it next
 * says why. */
static int is_tflite_file(const char *path)
{
    uint8_t head[HEAD_BYTES];
    FILE *file = fopen(path, "rb");
    const size_t bytes = file ? fread(head, 1, sizeof head, file) : 0;
    if (file)
        fclose(file);
    return weft_tflite_detect(head, bytes);
}

int weft_network_read(const char *path, const void *bytes, size_t byte_count,
                      const weft_onnx_options *options, weft_truth truth, weft_graph **out,
                      weft_error *err)
{
    const refusal_listener *listener = options ? options->listener : NULL;
    if (truth != WEFT_TRUTH_MODEL && truth != WEFT_TRUTH_LITERT)
        return weft_error_set(err, WEFT_ERR_ARG, "truth %u is none: 0 is the model's own, 1 LiteRT",
                              (unsigned)truth);
    const int is_tflite = path ? is_tflite_file(path) : weft_tflite_detect(bytes, byte_count);
    if (!is_tflite && truth != WEFT_TRUTH_MODEL)
        return weft_error_set(err, WEFT_ERR_ARG,
                              "LiteRT does not run it: its truth is for TensorFlow Lite networks");
    if (!is_tflite)
        return path ? weft_onnx_read(path, options, out, err)
                    : weft_onnx_import(bytes, byte_count, options, out, err);
    if (options && options->bind_count)
        return weft_error_set(err, WEFT_ERR_ARG,
                              "a TensorFlow Lite network has no symbolic sizes to bind; \"%.60s\" "
                              "is none",
                              options->binds[0].name);
    return path ? weft_tflite_read_as(path, truth, listener, out, err)
                : weft_tflite_import_as(bytes, byte_count, truth, listener, out, err);
}
