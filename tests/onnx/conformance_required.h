/* Which of ONNX's own cases Weft has to pass: those of its operators. */
#ifndef WEFT_CONFORMANCE_REQUIRED_H
#define WEFT_CONFORMANCE_REQUIRED_H

/* 1 if every operator of the model in this file is one of Weft's, its inputs and outputs are
 * numbers, and none is drawn at random.  Reads the file by itself, so that a case counts even if
 * Weft's reader refuses it. */
int conformance_required(const char *path, const char *name);

#endif
