/* An ONNX file, unpacked: mapped rather than read, with the data of its external files brought in.
 *
 *     onnx_file file;
 *     rc = onnx_file_open("net.onnx", &file, &err);
 *     if (rc == WEFT_OK)
 *         ... file.model ...
 *     onnx_file_close(&file);
 *
 * Constants of 4 KiB and more stay where they are in the file, so the file must not change before
 * the close.
 *
 * The bytes are not trusted: the wire format is walked before it is unpacked (onnx_scan); a tensor
 * in another file must lie inside that file, and the file inside the directory of the model, links
 * followed. */
#ifndef WEFT_ONNX_FILE_H
#define WEFT_ONNX_FILE_H

#include <stddef.h>

#include "onnx.pb-c.h"
#include <weft/weft_status.h>

/* What the importer understands; the float reference takes a little more. */
enum { ONNX_OPSET_MIN = 7, ONNX_OPSET_MAX = 28 };

typedef struct onnx_mapping onnx_mapping;

typedef struct onnx_file {
    Onnx__ModelProto *model;
    int64_t opset;     /* of ai.onnx */
    const void *bytes; /* the file itself; of onnx_file_parse the caller's bytes */
    size_t byte_count;
    onnx_mapping *mappings; /* files that tensors point into */
} onnx_file;

/* WEFT_OK; WEFT_ERR_IO (cannot be opened, longer than 2 GiB), WEFT_ERR_FORMAT, WEFT_ERR_UNSUPPORTED
 * (opset, sparse constants), WEFT_ERR_NO_MEMORY, with a sentence; *out is closed then. */
int onnx_file_open(const char *path, onnx_file *out, weft_error *err);

/* The same from bytes, which are copied and may be freed afterwards; external files are not found.
 */
int onnx_file_parse(const void *bytes, size_t byte_count, onnx_file *out, weft_error *err);

/* CRC-32 of the file itself, without what lies beside it.  Read once through, kept nowhere. */
uint32_t onnx_file_crc32(const onnx_file *file);

/* Any number of times. */
void onnx_file_close(onnx_file *file);

#endif
