/* Functions of one float32, named and computed as ONNX operators are.
 *
 * What ONNX Runtime computes by approximations of its own is computed by the same
 * (ort_functions.h); Sin, Acosh and other functions that networks hardly have, in double.  Pure;
 * any thread. */
#ifndef WEFT_REAL_FUNCTIONS_H
#define WEFT_REAL_FUNCTIONS_H

#include <stdint.h>

enum { WEFT_REAL_FUNCTIONS = 42 };

/* A function with its parameters: alpha and beta, or whatever the operator's attributes are. */
typedef struct weft_real_function {
    uint32_t number; /* below WEFT_REAL_FUNCTIONS */
    float a, b;
} weft_real_function;

/* The function of an ONNX operator ("Sigmoid") with its parameters' defaults; besides those,
 * GeluTanh, Clip (a lowest, b highest), Pow (a the exponent), Square and Cube.  1 if there is one.
 */
int weft_real_find(const char *type, weft_real_function *out);

/* The name of the attribute that is parameter a (i 0) or b (i 1); NULL if no attribute is. */
const char *weft_real_parameter(uint32_t number, unsigned i);

/* "Sigmoid"; number is below WEFT_REAL_FUNCTIONS. */
const char *weft_real_name(uint32_t number);

float weft_real_apply(const weft_real_function *f, float x);

#endif
