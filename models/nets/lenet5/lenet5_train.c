/* lenet5_train MNISTDIR OUT.onnx: train LeNet-5 on MNIST, quantise it to int8, write it as ONNX.
 *
 * Prints one line per epoch and, at the end, the error of the float network and of the int8 one on
 * the 10,000 test digits, which nothing before has looked at. The file depends on seed and number
 * of epochs alone. Exit status: 0 done, 1 something failed, 2 wrong use. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "idx.h"
#include "lenet5_onnx.h"
#include "lenet5_qnet.h"
#include "lenet5_sgd.h"

typedef struct options {
    const char *mnist, *out, *logits;
    unsigned long seed, epochs, threads;
} options;

static const char USAGE[] =
    "usage: lenet5_train MNISTDIR OUT.onnx [--seed N] [--epochs N] [--threads 1..4] "
    "[--logits FILE]\n"
    "  MNISTDIR   the four idx files of MNIST, plain or .gz\n"
    "  --seed     of weights, order and distortions (default 1)\n"
    "  --epochs   passes over the training images (default 40)\n"
    "  --threads  at most so many; the result does not depend on it (default 2)\n"
    "  --logits   also write the int8 logits of the test digits, [count][10] bytes\n";

static int complain(const char *format, const char *detail)
{
    fprintf(stderr, "lenet5_train: ");
    fprintf(stderr, format, detail);
    fputc('\n', stderr);
    return -1;
}

static int parse_number(const char *text, unsigned long low, unsigned long high, unsigned long *out)
{
    char *end;
    errno = 0;
    *out = strtoul(text, &end, 10);
    int valid = text[0] >= '0' && text[0] <= '9' && !*end && !errno && *out >= low && *out <= high;
    return valid ? 0 : complain("%s is not a number in the range of its option", text);
}

static int parse_option(const char *name, const char *value, options *o)
{
    if (!strcmp(name, "--seed"))
        return parse_number(value, 0, 0xffffffffu, &o->seed);
    if (!strcmp(name, "--epochs"))
        return parse_number(value, 1, 100000, &o->epochs);
    if (!strcmp(name, "--threads"))
        return parse_number(value, 1, LENET5_SHARDS, &o->threads);
    if (!strcmp(name, "--logits")) {
        o->logits = value;
        return 0;
    }
    return complain("%s is not an option", name);
}

static int parse(int argc, char **argv, options *o)
{
    *o = (options){ .seed = 1, .epochs = 40, .threads = 2 };
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-') {
            if (i + 1 == argc)
                return complain("%s needs a value", argv[i]);
            if (parse_option(argv[i], argv[i + 1], o) != 0)
                return -1;
            i++;
        } else if (!o->mnist) {
            o->mnist = argv[i];
        } else if (!o->out) {
            o->out = argv[i];
        } else {
            return complain("%s is one argument too many", argv[i]);
        }
    }
    return o->out ? 0 : complain("%s", "a directory and an output file are needed");
}

static int load(const char *dir, weft_idx_split split, weft_idx *set)
{
    char why[WEFT_IDX_WHY_BYTES];
    if (weft_idx_load(dir, split, set, why) != WEFT_IDX_OK)
        return complain("%s", why);
    return lenet5_fits(set) ? 0 : complain("%s: not digits: 28 x 28 images, labels 0..9", dir);
}

static double now_s(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void train(lenet5_trainer *t, const options *o, uint32_t images)
{
    for (unsigned long epoch = 1; epoch <= o->epochs; epoch++) {
        double start_s = now_s();
        double wrong = (double)lenet5_trainer_epoch(t);
        printf("epoch %2lu of %lu: %.2f %% wrong of the distorted training digits, %.1f s\n", epoch,
               o->epochs, 100 * wrong / images, now_s() - start_s);
        fflush(stdout);
    }
}

static int write_file(const char *path, const void *data, size_t bytes)
{
    FILE *f = fopen(path, "wb");
    int good = f && fwrite(data, 1, bytes, f) == bytes;
    if (f && fclose(f) != 0)
        good = 0;
    return good ? 0 : complain("%s cannot be written", path);
}

static void print_error(const char *what, size_t wrong, size_t count)
{
    printf("%s error: %.2f %% (%zu of %zu test digits)\n", what,
           100 * (double)wrong / (double)count, wrong, count);
}

/* Evaluate the int8 network on the test digits; with --logits, keep what it said. */
static int judge(const lenet5_qnet *net, const weft_idx *test, const char *path)
{
    size_t bytes = (size_t)test->count * LENET5_CLASSES;
    int8_t *logits = malloc(bytes);
    if (!logits)
        return complain("%s", "out of memory");
    lenet5_qnet_run_set(net, test, logits);
    lenet5_score score = lenet5_qnet_score(logits, test->labels, test->count);
    print_error("int8", score.wrong, test->count);
    printf("int8 ties for the largest logit: %zu\n", score.tied);
    int status = path ? write_file(path, logits, bytes) : 0;
    free(logits);
    return status;
}

static void print_quantisation(const lenet5_qnet *net)
{
    for (size_t i = 0; i <= LENET5_LAYERS; i++)
        printf("%-5s scale %.9g zero point %d\n", i ? lenet5_layers[i - 1].name : "image",
               (double)net->in[i].scale, (int)net->in[i].zero);
}

static int quantise_and_write(const lenet5_params *p, const weft_idx *training,
                              const weft_idx *test, const options *o)
{
    pb_writer model = { 0 };
    size_t wrong;
    int status = -1;
    lenet5_qnet *net = malloc(sizeof *net);
    if (!net || lenet5_quantise(p, training, net) != 0 || lenet5_count_errors(p, test, &wrong) != 0)
        goto out_of_memory;
    print_quantisation(net);
    print_error("float", wrong, test->count);
    status = judge(net, test, o->logits);
    lenet5_write_onnx(net, &model);
    if (model.failed)
        goto out_of_memory;
    if (status == 0)
        status = write_file(o->out, model.at, model.bytes);
    if (status == 0)
        printf("%s: %zu bytes\n", o->out, model.bytes);
    goto out;
out_of_memory:
    status = complain("%s", "out of memory");
out:
    pb_free(&model);
    free(net);
    return status;
}

int main(int argc, char **argv)
{
    options o;
    weft_idx training = { 0 }, test = { 0 };
    lenet5_trainer *trainer = NULL;
    int status = -1;
    if (parse(argc, argv, &o) != 0) {
        fputs(USAGE, stderr);
        return 2;
    }
    if (load(o.mnist, WEFT_IDX_TRAIN, &training) != 0 || load(o.mnist, WEFT_IDX_TEST, &test) != 0)
        goto out;
    trainer = lenet5_trainer_new(&training, o.seed, o.epochs, o.threads);
    if (!trainer) {
        complain("%s", "out of memory");
        goto out;
    }
    train(trainer, &o, training.count);
    status = quantise_and_write(lenet5_trainer_params(trainer), &training, &test, &o);
out:
    lenet5_trainer_free(trainer);
    weft_idx_free(&test);
    weft_idx_free(&training);
    return status == 0 ? 0 : 1;
}
