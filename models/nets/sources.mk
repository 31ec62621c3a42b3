# Networks of our own; TRAIN_C is the program that trains LeNet-5.

NETS_C := \
    models/nets/lenet5/idx.c \
    models/nets/lenet5/lenet5_gemm.c \
    models/nets/zoo/zoo_calibrate.c \
    models/nets/zoo/zoo_layer.c \
    models/nets/zoo/zoo_nets.c \
    models/nets/zoo/zoo_onnx.c

TRAIN_C := \
    models/nets/lenet5/lenet5_augment.c \
    models/nets/lenet5/lenet5_net.c \
    models/nets/lenet5/lenet5_onnx.c \
    models/nets/lenet5/lenet5_qnet.c \
    models/nets/lenet5/lenet5_quantise.c \
    models/nets/lenet5/lenet5_sgd.c \
    models/nets/lenet5/lenet5_train.c
