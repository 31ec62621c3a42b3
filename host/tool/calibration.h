/* Inputs to calibrate a float network with:
 *
 *     DIR             MNIST files (idx), the training split if it is there
 *     random:SEED     drawn, normal, mean 0, standard deviation 1
 *     FILE[,FILE..]   one for each input: .npy or .npz, [samples][..] or one sample in the shape of the
 *                     input, or rows of as many numbers; anything else float32 as it lies, sample behind sample
 *
 * Pixel p becomes (p / 255 - mean) / std; numbers of files and random ones are taken as they are.
 */
#ifndef WEFT_TOOL_CALIBRATION_H
#define WEFT_TOOL_CALIBRATION_H

#include "media/media.h"
#include "models/nets/lenet5/idx.h"
#include "tool.h"
#include <weft/weft_compiler.h>

enum { CALIBRATION_FILES = 8 };

typedef struct calibration_file {
    uint8_t *bytes;
    size_t byte_count;
    media array; /* kind MEDIA_NONE: the bytes are float32 */
} calibration_file;

typedef struct calibration {
    tool *t;
    uint64_t seed;
    int is_random;
    double mean, std;
    weft_idx images;
    uint32_t file_count;
    calibration_file files[CALIBRATION_FILES];
    uint32_t input_count;
    weft_tensor_info *inputs; /* what samples are wanted of */
    weft_samples samples;     /* for weft_quantizer_run */
} calibration;

/* Open `text` for the inputs of q; at most `most` samples (0: as many as is usual).  Returns an
 * exit code; calibration_close in any case. */
int calibration_open(tool *t, const char *text, uint64_t most, double mean, double std,
                     const weft_quantizer *q, calibration *out);
void calibration_close(calibration *c);

#endif
