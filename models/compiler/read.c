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
                      const weft_onnx_options *options, weft_graph **out, weft_error *err)
{
    const refusal_listener *listener = options ? options->listener : NULL;
    if (!(path ? is_tflite_file(path) : weft_tflite_detect(bytes, byte_count)))
        return path ? weft_onnx_read(path, options, out, err)
                    : weft_onnx_import(bytes, byte_count, options, out, err);
    if (options && options->bind_count)
        return weft_error_set(err, WEFT_ERR_ARG,
                              "a TensorFlow Lite network has no symbolic sizes to bind; \"%.60s\" "
                              "is none",
                              options->binds[0].name);
    return path ? weft_tflite_read(path, listener, out, err)
                : weft_tflite_import(bytes, byte_count, listener, out, err);
}
