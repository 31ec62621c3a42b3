/* Stochastic gradient descent in fixed parts; see lenet5_sgd.h. */
#include "lenet5_sgd.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lenet5_augment.h"

static const float MOMENTUM = 0.9f, DECAY = 5e-4f;

typedef struct shard {
    lenet5_batch batch;
    lenet5_params grad;
    uint8_t labels[LENET5_BATCH];
    size_t wrong;
} shard;

struct lenet5_trainer {
    const weft_idx *set;
    uint64_t seed;
    size_t epoch, epochs, threads;
    size_t first; /* of the running mini-batch, into order */
    lenet5_params params, velocity;
    uint32_t *order;
    shard shards[LENET5_SHARDS];
};

typedef struct worker {
    lenet5_trainer *trainer;
    size_t index;
    pthread_t thread;
    int running;
} worker;

int lenet5_fits(const weft_idx *set)
{
    if (set->rows != LENET5_SIDE || set->cols != LENET5_SIDE)
        return 0;
    for (uint32_t i = 0; i < set->count; i++)
        if (set->labels[i] >= LENET5_CLASSES)
            return 0;
    return 1;
}

lenet5_trainer *lenet5_trainer_new(const weft_idx *set, uint64_t seed, size_t epochs,
                                   size_t threads)
{
    if (!lenet5_fits(set) || epochs < 1 || threads < 1 || threads > LENET5_SHARDS)
        return NULL;
    lenet5_trainer *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    *t = (lenet5_trainer){ .set = set, .seed = seed, .epochs = epochs, .threads = threads };
    t->order = malloc(set->count * sizeof *t->order);
    if (!t->order) {
        free(t);
        return NULL;
    }
    for (uint32_t i = 0; i < set->count; i++)
        t->order[i] = i;
    lenet5_rng rng = lenet5_rng_stream(seed, 0, 0);
    lenet5_init(&t->params, &rng);
    return t;
}

void lenet5_trainer_free(lenet5_trainer *t)
{
    if (t)
        free(t->order);
    free(t);
}

const lenet5_params *lenet5_trainer_params(const lenet5_trainer *t)
{
    return &t->params;
}

/* Gradient of one part of the mini-batch. Epochs count from 1 here: stream (seed, 0, 0) is the
 * initialisation, (seed, epoch, 0) the shuffle, (seed, epoch, 1 + image) a distortion. */
static void run_shard(lenet5_trainer *t, size_t index)
{
    shard *s = &t->shards[index];
    s->batch.count = LENET5_BATCH;
    for (size_t i = 0; i < LENET5_BATCH; i++) {
        uint32_t image = t->order[t->first + index * LENET5_BATCH + i];
        lenet5_rng rng = lenet5_rng_stream(t->seed, t->epoch + 1, 1 + (uint64_t)image);
        lenet5_augment(weft_idx_image(t->set, image), &rng, s->batch.image[i]);
        s->labels[i] = t->set->labels[image];
    }
    memset(&s->grad, 0, sizeof s->grad);
    lenet5_forward(&t->params, &s->batch);
    s->wrong += lenet5_backward(&t->params, &s->batch, s->labels, &s->grad);
}

static void *run_worker(void *arg)
{
    worker *w = arg;
    for (size_t i = w->index; i < LENET5_SHARDS; i += w->trainer->threads)
        run_shard(w->trainer, i);
    return NULL;
}

/* All parts of the mini-batch; a thread that cannot be had is replaced by this one. */
static void run_minibatch(lenet5_trainer *t)
{
    worker w[LENET5_SHARDS];
    for (size_t i = 0; i < t->threads; i++) {
        w[i] = (worker){ .trainer = t, .index = i };
        w[i].running = i > 0 && pthread_create(&w[i].thread, NULL, run_worker, &w[i]) == 0;
    }
    for (size_t i = 0; i < t->threads; i++)
        if (!w[i].running)
            run_worker(&w[i]);
    for (size_t i = 0; i < t->threads; i++)
        if (w[i].running)
            pthread_join(w[i].thread, NULL);
}

static void update(lenet5_trainer *t, float rate)
{
    for (size_t i = 0; i < LENET5_PARAMS; i++) {
        float g = 0;
        for (size_t s = 0; s < LENET5_SHARDS; s++)
            g += t->shards[s].grad.value[i];
        g = g / LENET5_MINIBATCH + DECAY * t->params.value[i];
        t->velocity.value[i] = MOMENTUM * t->velocity.value[i] - rate * g;
        t->params.value[i] += MOMENTUM * t->velocity.value[i] - rate * g;
    }
}

static float learning_rate(size_t step, size_t steps)
{
    size_t rising = steps / 10 + 1;
    float part = step < rising ? (float)(step + 1) / (float)rising
                               : (float)(steps - step) / (float)(steps - rising);
    return LENET5_PEAK_RATE * part;
}

static void shuffle(lenet5_trainer *t)
{
    lenet5_rng rng = lenet5_rng_stream(t->seed, t->epoch + 1, 0);
    for (uint32_t i = t->set->count - 1; i > 0; i--) {
        uint32_t j = lenet5_rng_below(&rng, i + 1), kept = t->order[i];
        t->order[i] = t->order[j];
        t->order[j] = kept;
    }
}

size_t lenet5_trainer_epoch(lenet5_trainer *t)
{
    size_t steps = t->set->count / LENET5_MINIBATCH, wrong = 0;
    shuffle(t);
    for (size_t step = 0; step < steps; step++) {
        t->first = step * LENET5_MINIBATCH;
        run_minibatch(t);
        update(t, learning_rate(t->epoch * steps + step, t->epochs * steps));
    }
    for (size_t s = 0; s < LENET5_SHARDS; s++) {
        wrong += t->shards[s].wrong;
        t->shards[s].wrong = 0;
    }
    t->epoch++;
    return wrong;
}

int lenet5_count_errors(const lenet5_params *p, const weft_idx *set, size_t *wrong)
{
    lenet5_batch *b = malloc(sizeof *b);
    if (!b)
        return -1;
    *wrong = 0;
    for (uint32_t first = 0; first < set->count; first += LENET5_BATCH) {
        b->count = set->count - first < LENET5_BATCH ? set->count - first : LENET5_BATCH;
        for (uint32_t i = 0; i < b->count; i++)
            lenet5_load_image(weft_idx_image(set, first + i), b->image[i]);
        lenet5_forward(p, b);
        for (uint32_t i = 0; i < b->count; i++)
            *wrong += lenet5_argmax(b->logits[i]) != set->labels[first + i];
    }
    free(b);
    return 0;
}
