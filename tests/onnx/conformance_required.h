/* Which of ONNX's own cases Weft has to pass: those of its operators. */
#ifndef WEFT_CONFORMANCE_REQUIRED_H
#define WEFT_CONFORMANCE_REQUIRED_H

#include "../../models/import/onnx_file.h"

/* 1 if every operator of the model is one of Weft's and the case is none of those that ask for
 * something beyond (text, training, cubic interpolation, ..). */
int conformance_required(const onnx_file *file, const char *name);

#endif
