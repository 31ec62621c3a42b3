/* Training by stochastic gradient descent: one call is one epoch.
 *
 * Recipe: mini-batches of 64 distorted images in an order shuffled anew every epoch, softmax cross
 * entropy, Nesterov momentum 0.9, weight decay 5e-4 (weights and biases), learning rate rising
 * linearly from 0 to LENET5_PEAK_RATE over the first tenth of all steps and falling linearly to 0.
 *
 * Promise: the parameters after an epoch depend on seed, epochs and images alone. A mini-batch is
 * always cut into the same LENET5_SHARDS parts and their gradients are added in the same order;
 * threads only decide who computes which part.
 * Cost: about 17 s of one core per epoch of 60,000 images. */
#ifndef LENET5_SGD_H
#define LENET5_SGD_H

#include <stddef.h>
#include <stdint.h>

#include "idx.h"
#include "lenet5_net.h"

enum { LENET5_SHARDS = 4, LENET5_MINIBATCH = LENET5_SHARDS * LENET5_BATCH };

#define LENET5_PEAK_RATE 0.04f

typedef struct lenet5_trainer lenet5_trainer;

/* Parameters drawn from the seed, ready for epoch 0.
 *
 *   set       training images, 28 x 28, labels below 10; must outlive the trainer
 *   epochs    at least 1: the learning rate is planned over all of them
 *   threads   1 to LENET5_SHARDS
 *
 * Returns NULL without memory, or if set, epochs or threads break the above. */
lenet5_trainer *lenet5_trainer_new(const weft_idx *set, uint64_t seed, size_t epochs,
                                   size_t threads);

/* Frees the trainer; NULL is allowed. */
void lenet5_trainer_free(lenet5_trainer *t);

/* Run the next epoch. Returns the number of distorted training images that were classified wrongly
 * in passing. Images beyond the last full mini-batch sit this epoch out. */
size_t lenet5_trainer_epoch(lenet5_trainer *t);

/* The present parameters; owned by the trainer. */
const lenet5_params *lenet5_trainer_params(const lenet5_trainer *t);

/* Number of images of a set (28 x 28, undistorted) that p classifies wrongly, into *wrong.
 * Returns 0, or -1 without memory. */
int lenet5_count_errors(const lenet5_params *p, const weft_idx *set, size_t *wrong);

/* 1 if the set has 28 x 28 images and labels below 10, else 0. */
int lenet5_fits(const weft_idx *set);

#endif
