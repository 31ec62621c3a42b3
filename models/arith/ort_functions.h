/* Functions of one float32 to the last bit as ONNX Runtime's CPU provider computes them.
 *
 * What is said of a function is the formula of version 1.32.0 on x86-64 with FMA (AVX2 or newer;
 * there the kernels of its library MLAS multiply and add in one rounding), found by comparison with
 * it on a million values each.  NaN gives NaN.  Limits, coefficients and the order of operations
 * are part of the result; where a formula was published is said with it in ort_functions.c.
 *
 * Eigen computes four values at once by the formulas of ort_eigen_*, without FMA, and what is left
 * over at the end of a tensor or of a thread's share by libm: there ONNX Runtime itself has two
 * results for one number.  We always have the first. */
#ifndef WEFT_ORT_FUNCTIONS_H
#define WEFT_ORT_FUNCTIONS_H

/* MLAS */
float ort_sigmoid(float x);
float ort_tanh(float x);
float ort_erf(float x);
float ort_exp(float x);

/* Eigen */
float ort_eigen_exp(float x);
float ort_eigen_log(float x);

/* made of these, in float32 */
float ort_softplus(float x);
float ort_gelu(float x);
float ort_gelu_tanh(float x);

#endif
