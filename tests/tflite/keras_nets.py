"""Networks as Keras users write them, for live_keras.py: a builder each, and how it is converted."""
import keras
import numpy as np
import tensorflow as tf
from keras import layers as L
from keras import ops as K

APPS = keras.applications


def image(size, channels=3):
    return keras.Input((size, size, channels), batch_size=1)


def model(x, y):
    return keras.Model(x, y)


def chain(*parts, x=None, size=24, channels=3):
    """Layers or functions one behind the other."""
    x = image(size, channels) if x is None else x
    y = x
    for part in parts:
        y = part(y)
    return model(x, y)


def conv(filters, kernel=3, **more):
    more.setdefault("padding", "same")
    return L.Conv2D(filters, kernel, **more)


def app(build, size, **more):
    return build(weights=None, input_tensor=image(size), classes=10, **more)


# --- whole ones ---------------------------------------------------------------------------------

def unet(up):
    x = image(32)
    a = conv(8, activation="relu")(x)
    b = conv(16, activation="relu")(L.MaxPooling2D()(a))
    c = conv(24, activation="relu")(L.MaxPooling2D()(b))
    d = conv(16, activation="relu")(L.Concatenate()([up(16)(c), b]))
    e = conv(8, activation="relu")(L.Concatenate()([up(8)(d), a]))
    return model(x, L.Conv2D(3, 1, activation="sigmoid")(e))


def yolo():
    x = image(64)

    def block(filters, y, stride=1):
        return L.LeakyReLU(negative_slope=0.1)(L.BatchNormalization()(conv(filters, strides=stride, use_bias=False)(y)))
    a = block(16, block(8, x, 2), 2)
    b = block(32, a, 2)
    p, q = b[..., :16], b[..., 16:]
    b = L.Concatenate()([p, block(16, q)])
    pools = [L.MaxPooling2D(k, 1, padding="same")(b) for k in (5, 9, 13)]
    b = conv(32, 1, activation="swish")(L.Concatenate()([b] + pools))
    up = L.UpSampling2D(2, interpolation="nearest")(b)
    c = block(24, L.Concatenate()([up, a]))
    heads = []
    for y, step in ((c, 4), (b, 8)):
        h = L.Conv2D(3 * 7, 1)(y)
        h = L.Reshape((h.shape[1] * h.shape[2] * 3, 7))(h)
        heads.append(h)
    y = L.Concatenate(axis=1)(heads)
    xy, wh, score = y[..., 0:2], y[..., 2:4], y[..., 4:]
    xy, wh, score = K.sigmoid(xy) * 2.0 - 0.5, K.square(K.sigmoid(wh) * 2.0), K.sigmoid(score)
    return model(x, K.concatenate([xy, wh, score], axis=-1))


def speech():
    x = keras.Input((98, 20), batch_size=1)
    y = L.Conv1D(16, 9, strides=2, padding="same", activation="relu")(x)
    y = L.MaxPooling1D(2)(L.SeparableConv1D(24, 5, padding="same", activation="relu")(y))
    y = L.Conv1D(16, 3, padding="causal", dilation_rate=2, activation="relu")(y)
    y = L.AveragePooling1D(2)(L.DepthwiseConv1D(3, padding="same")(y))
    return model(x, L.Dense(8, activation="softmax")(L.GlobalAveragePooling1D()(y)))


def squeeze_excite():
    x = image(24)
    y = conv(16, activation="relu")(x)
    s = L.GlobalAveragePooling2D(keepdims=True)(y)
    s = L.Conv2D(16, 1, activation="hard_sigmoid")(L.Conv2D(4, 1, activation="relu")(s))
    y = L.Multiply()([y, s])
    s = L.Dense(16, activation="sigmoid")(L.Dense(4, activation="relu")(L.GlobalAveragePooling2D()(y)))
    y = L.Activation("hard_swish")(L.Multiply()([y, L.Reshape((1, 1, 16))(s)]))
    return model(x, L.Dense(5)(L.GlobalMaxPooling2D()(y)))


def residual():
    x = image(24)
    y = L.PReLU(shared_axes=[1, 2])(conv(12)(x))
    z = L.LeakyReLU(negative_slope=0.3)(conv(12)(y))
    y = L.ReLU(max_value=6)(L.Add()([y, z]))
    z = L.PReLU()(conv(12, strides=2)(y))
    y = L.Add()([L.Conv2D(12, 1, strides=2)(y), z])
    y = L.Subtract()([y, L.Activation("tanh")(y)])
    y = L.Maximum()([y, L.Minimum()([y, z])])
    return model(x, L.Average()([y, z, conv(12)(y)]))


def attention(softmax):
    x = keras.Input((12, 16), batch_size=1)
    q, k, v = (L.Dense(16)(x) for _ in range(3))
    s = K.matmul(q, K.transpose(k, (0, 2, 1))) * 0.25
    s = L.Softmax()(s) if softmax else K.sigmoid(s)
    return model(x, L.Dense(16)(K.matmul(s, v)) + x)


def heads():
    x = keras.Input((16, 24), batch_size=1)
    y = L.LayerNormalization()(x)
    y = x + L.MultiHeadAttention(3, 8)(y, y)
    z = L.LayerNormalization()(y)
    return model(x, y + L.Dense(24)(L.Dense(48, activation="gelu")(z)))


def several():
    x, y = image(16), keras.Input((10,), batch_size=1)
    a = L.Flatten()(conv(4, strides=2, activation="relu")(x))
    b = L.Dense(16, activation="relu")(y)
    c = L.Concatenate()([L.Dense(16)(a), b])
    return keras.Model([x, y], [L.Dense(4, activation="softmax")(c), L.Dense(3)(c), conv(2)(x), b])


def recurrent(layer):
    return lambda: chain(layer(8, unroll=True), L.Dense(3), x=keras.Input((6, 5), batch_size=1))


def deeplab():
    x = image(48)
    y = conv(8, strides=2, activation="relu")(x)
    low = y
    y = conv(16, strides=2, activation="relu")(y)
    parts = [conv(8, 1)(y)] + [conv(8, dilation_rate=r, activation="relu")(y) for r in (2, 4, 6)]
    pooled = conv(8, 1)(L.GlobalAveragePooling2D(keepdims=True)(y))
    parts.append(L.UpSampling2D(12, interpolation="bilinear")(pooled))
    y = L.UpSampling2D(2, interpolation="bilinear")(conv(16, 1)(L.Concatenate()(parts)))
    y = L.SeparableConv2D(16, 3, padding="same")(L.Concatenate()([y, conv(4, 1)(low)]))
    return model(x, L.UpSampling2D(2, interpolation="bilinear")(conv(5, 1)(y)))


def hourglass():
    x = image(32)

    def level(y, n):
        up = conv(8, activation="relu")(y)
        low = L.MaxPooling2D()(y)
        low = level(low, n - 1) if n else conv(8, activation="relu")(low)
        return L.Add()([up, L.UpSampling2D()(low)])
    y = level(conv(8, 7, strides=2)(x), 2)
    return model(x, [conv(4, 1)(y), conv(2, 1, activation="sigmoid")(y)])


def bifpn():
    x = image(64)
    c = [x]
    for f in (8, 8, 16, 16):
        c.append(L.SeparableConv2D(f, 3, strides=2, padding="same", activation="swish")(c[-1]))
    p = [conv(12, 1)(y) for y in c[2:]]

    def mix(*y):
        s = L.Add()([K.multiply(v, w) for v, w in zip(y, (0.4, 0.35, 0.25))])
        return L.SeparableConv2D(12, 3, padding="same")(L.Activation("swish")(s))
    mid = mix(p[1], L.UpSampling2D()(p[2]))
    out = [mix(p[0], L.UpSampling2D()(mid))]
    out.append(mix(p[1], mid, L.MaxPooling2D(3, 2, padding="same")(out[0])))
    out.append(mix(p[2], L.MaxPooling2D(3, 2, padding="same")(out[1])))
    boxes = [L.Reshape((-1, 4))(conv(4 * 3)(y)) for y in out]
    return model(x, L.Concatenate(axis=1)(boxes))


def super_resolution():
    x = image(20, 1)
    y = conv(16, 5, activation="relu")(x)
    y = conv(12, 3, activation="tanh")(conv(8, 1, activation="relu")(y))
    y = L.Lambda(lambda v: tf.nn.depth_to_space(v, 2))(conv(4)(y))
    return model(x, L.Lambda(lambda v: tf.clip_by_value(v, 0.0, 1.0))(y))


def style():
    """Reflected borders, instance normalisation as written by hand, upsampling by nearest."""
    x = image(24)

    def norm(y):
        mean = K.mean(y, axis=(1, 2), keepdims=True)
        d = y - mean
        return d * K.rsqrt(K.mean(d * d, axis=(1, 2), keepdims=True) + 1e-3)
    y = L.Lambda(lambda v: tf.pad(v, [[0, 0], [4, 4], [4, 4], [0, 0]], "REFLECT"))(x)
    y = L.Activation("relu")(norm(conv(8, 9, padding="valid")(y)))
    y = L.Activation("relu")(norm(conv(16, strides=2)(y)))
    y = conv(8, activation="relu")(L.UpSampling2D()(y))
    return model(x, conv(3, 9, activation="tanh")(y))


def wavenet():
    x = keras.Input((64, 4), batch_size=1)
    y, skips = L.Conv1D(8, 1)(x), []
    for rate in (1, 2, 4, 8):
        a = L.Conv1D(8, 2, padding="causal", dilation_rate=rate, activation="tanh")(y)
        b = L.Conv1D(8, 2, padding="causal", dilation_rate=rate, activation="sigmoid")(y)
        z = L.Multiply()([a, b])
        skips.append(L.Conv1D(8, 1)(z))
        y = L.Add()([y, skips[-1]])
    return model(x, L.Conv1D(6, 1, activation="softmax")(L.ReLU()(L.Add()(skips))))


def ghost():
    x = image(24)

    def block(y, f):
        a = conv(f // 2, 1, activation="relu")(y)
        b = L.DepthwiseConv2D(3, padding="same", activation="relu")(a)
        return L.Concatenate()([a, b])
    y = block(block(x, 8), 16)
    y = L.DepthwiseConv2D(5, strides=2, padding="same")(y)
    return model(x, L.Dense(4)(L.Flatten()(L.AveragePooling2D(12)(block(y, 12)))))


def video():
    x = keras.Input((4, 12, 12, 3), batch_size=1)
    y = L.TimeDistributed(conv(6, strides=2, activation="relu"))(x)
    y = L.TimeDistributed(L.GlobalAveragePooling2D())(y)
    y = L.Bidirectional(L.GRU(5, unroll=True))(y)
    return model(x, L.Dense(3, activation="softmax")(y))


def ssd():
    x = image(48)
    y = x
    boxes, scores = [], []
    for f in (8, 16, 16, 16):
        y = conv(f, strides=2, activation="relu6")(y)
        if y.shape[1] <= 12:
            boxes.append(L.Reshape((-1, 4))(conv(8)(y)))
            scores.append(L.Reshape((-1, 3))(conv(6)(y)))
    b, s = L.Concatenate(axis=1)(boxes), L.Concatenate(axis=1)(scores)
    middle, size = b[..., :2] * 0.1, K.exp(b[..., 2:] * 0.2)
    return model(x, [K.concatenate([middle - size * 0.5, middle + size * 0.5], -1), K.sigmoid(s)])


def capsules():
    """Matrix products of tensors, squashing by hand."""
    x = keras.Input((8, 12), batch_size=1)
    a, b = L.Dense(6)(x), L.Dense(6)(x)
    y = L.Dot(axes=(2, 2))([a, b])
    return model(x, L.Activation("tanh")(y))


def odd_ends():
    x = keras.Input((15, 6), batch_size=1)
    y = L.Conv1DTranspose(4, 3, strides=2, padding="same", activation="relu")(x)
    y = L.ZeroPadding1D((1, 2))(L.Cropping1D((2, 1))(L.UpSampling1D(2)(y)))
    z = L.RepeatVector(5)(L.Dense(7)(L.GlobalMaxPooling1D()(y)))
    return model(x, [y, L.Permute((2, 1))(z)])


def rescaled():
    x = keras.Input((20, 20, 3), batch_size=1)
    y = L.Rescaling(1.0 / 127.5, offset=-1.0)(x)
    y = L.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.0, 0.5, 2.0])(y)
    return model(x, L.Dense(3)(L.Flatten()(conv(4, 3, strides=3, activation="relu")(L.CenterCrop(16, 16)(y)))))


def shuffle():
    x = image(16)
    y = conv(16, groups=4)(conv(16, 1)(x))
    y = L.Reshape((16, 16, 4, 4))(y)
    y = L.Permute((1, 2, 4, 3))(y)
    y = L.Reshape((16, 16, 16))(y)
    a, b = K.split(y, 2, axis=-1)
    return model(x, L.Concatenate()([a, L.DepthwiseConv2D(3, padding="same", activation="relu")(b)]))


def raw(*inputs):
    """A function of tf tensors of these shapes as a network."""
    def of(f):
        f.shapes = inputs
        return f
    return of


# --- operators of plain TensorFlow ----------------------------------------------------------------

@raw((1, 16, 16, 8))
def moves(x):
    y = tf.nn.relu(x)
    y = tf.pad(y, [[0, 0], [2, 1], [1, 2], [0, 0]], constant_values=0.5)
    y = tf.nn.depth_to_space(tf.nn.space_to_depth(y[:, 1:17, 1:17, :], 2), 2)
    y = tf.concat([y[:, ::2, ::2, :], y[:, 1::2, ::-2, :]], -1)
    y = tf.gather(y, [3, 1, 1, 15, 0, 2, 4, 6], axis=3)
    y = tf.stack(tf.unstack(y, axis=1)[::-1], axis=2)
    return tf.squeeze(tf.expand_dims(y, 1), 1) + 1.0


@raw((1, 6, 8))
def new_axes(x):
    return x[:, tf.newaxis, ::2, :] + x[..., 0:3, :], x[:, 2, tf.newaxis, ..., 1:5]


@raw((1, 12, 10, 8))
def reductions(x):
    return (tf.reduce_mean(x, [1, 2]), tf.reduce_max(x, [1, 2]), tf.reduce_mean(x, -1), tf.reduce_max(x, 1),
            tf.reduce_mean(x, [1]), tf.reduce_mean(x, [0, 2, 3], keepdims=True))


@raw((1, 12, 10, 8))
def more_reductions(x):
    return (tf.reduce_sum(x, [1, 2]), tf.reduce_sum(x, -1, keepdims=True), tf.reduce_min(x, [1, 2]),
            tf.reduce_min(x, -1))


@raw((1, 8, 8, 4), (1, 8, 8, 4), (1, 1, 1, 4))
def pairs(x, y, z):
    return (x + y, x - y, x * y, x * z, x - z, z - x, tf.maximum(x, 0.25), tf.minimum(x, z), 1.0 - x, x / 3.0,
            tf.clip_by_value(x, -0.5, 0.7), tf.abs(x), -x, tf.nn.relu6(x * 4.0))


@raw((1, 8, 8, 4), (1, 8, 8, 4))
def rarer_pairs(x, y):
    return (tf.math.squared_difference(x, y), tf.square(x), tf.add_n([x, y, x + y]))


@raw((1, 8, 8, 4))
def functions(x):
    z = tf.nn.sigmoid(x)
    return (tf.exp(z), tf.math.log(z + 1.0), tf.math.rsqrt(z + 0.5), tf.sqrt(z), tf.nn.elu(x), tf.nn.selu(x),
            tf.nn.gelu(x, True), tf.nn.softplus(x), x * tf.tanh(tf.nn.softplus(x)), tf.sin(x))


@raw((1, 8, 8, 4))
def quotients(x):
    z = tf.nn.sigmoid(x)
    return x / (1.0 + z), tf.nn.l2_normalize(x, -1)


@raw((1, 9, 9, 3))
def mirrored(x):
    y = tf.pad(x, [[0, 0], [1, 2], [2, 1], [0, 0]], mode="REFLECT")
    return y, tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="SYMMETRIC")


@raw((1, 6, 5, 4))
def repeats(x):
    return (tf.tile(x, [1, 2, 1, 3]), tf.broadcast_to(x[:, :1], [1, 6, 5, 4]), tf.reverse(x, [2]),
            tf.repeat(x, 2, axis=1), tf.roll(x, 2, axis=1))


@raw((1, 7, 9, 4))
def resizes(x):
    def by(size, method):
        return tf.image.resize(x, size, method)
    return (by((14, 18), "nearest"), by((14, 18), "bilinear"), by((28, 36), "bilinear"), by((13, 5), "nearest"),
            tf.compat.v1.image.resize_bilinear(x, (13, 17), align_corners=True),
            tf.compat.v1.image.resize_bilinear(x, (14, 18)), tf.compat.v1.image.resize_nearest_neighbor(x, (10, 10)))


@raw((1, 7, 9, 4))
def resizes_any(x):
    return tf.image.resize(x, (10, 13)), tf.image.resize(x, (3, 4)), tf.image.resize(x, (21, 27))


@raw((1, 12, 12, 6))
def last_argmax(x):
    return tf.argmax(x, -1)


@raw((1, 8, 8, 16))
def fake_quantised(x):
    """As quantisation-aware training leaves it."""
    def q(v, lo, hi, **more):
        return tf.quantization.fake_quant_with_min_max_args(v, lo, hi, **more)
    w = tf.constant(np.random.default_rng(6).normal(size=(3, 3, 16, 8)) * 0.1, tf.float32)
    y = q(tf.nn.relu6(tf.nn.conv2d(q(x, -3.0, 3.0), q(w, -0.4, 0.4, narrow_range=True), 1, "SAME")), 0.0, 6.0)
    return q(tf.nn.avg_pool2d(y, 8, 1, "VALID"), 0.0, 6.0)


@raw((1, 6, 10), (1, 10, 7), (1, 6, 7))
def products(a, b, c):
    return (tf.matmul(a, b), tf.matmul(a, c, transpose_a=True), tf.einsum("bij,bjk->bik", a, b) + c,
            tf.einsum("bij,bkj->bik", c, tf.transpose(b, (0, 1, 2))))


@raw((1, 5, 7, 6))
def layouts(x):
    y = tf.transpose(tf.reshape(x, (1, 7, 5, 6)), (0, 3, 1, 2))
    a, b, c = tf.split(y, [1, 2, 3], 1)
    return tf.concat([c, a], 1), tf.reshape(b, (-1, 10)), tf.reduce_max(y, (2, 3)), tf.reduce_mean(y, (1, 3))


@raw((4, 10, 10, 3))
def batch_of_four(x):
    w = tf.constant(np.random.default_rng(5).normal(size=(3, 3, 3, 6)), tf.float32)
    d = tf.constant(np.random.default_rng(6).normal(size=(5, 5, 6, 1)), tf.float32)
    y = tf.nn.depthwise_conv2d(tf.nn.relu(tf.nn.conv2d(x, w, 1, "VALID")), d, (1, 1, 1, 1), "SAME")
    return tf.nn.softmax(tf.reduce_mean(y, (1, 2)))


@raw((1, 12, 12, 6))
def top_k(x):
    return tf.math.top_k(tf.reshape(x, (1, -1)), 3)


@raw((1, 6, 12, 12, 2))
def conv_3d(x):
    return tf.nn.conv3d(x, tf.ones((3, 3, 3, 2, 4)), (1, 1, 1, 1, 1), "SAME")


@raw((1, 10, 10, 6))
def lrn(x):
    return tf.nn.local_response_normalization(x)


@raw((2, 9, 9, 3))
def batch_of_two(x):
    w = tf.constant(np.random.default_rng(5).normal(size=(3, 3, 3, 8)), tf.float32)
    return tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, w, 2, "SAME")), 2, 2, "VALID")


@raw((1, 8, 8, 4))
def selected(x):
    return tf.where(x > 0.0, x, x * 0.1)


UPS = {
    "transposed": lambda f: L.Conv2DTranspose(f, 3, strides=2, padding="same"),
    "transposed2": lambda f: L.Conv2DTranspose(f, 2, strides=2, activation="relu"),
    "bilinear": lambda f: L.UpSampling2D(2, interpolation="bilinear"),
    "nearest": lambda f: L.UpSampling2D(2),
}

# name -> builder of a network; live_keras.py converts it to int8 with int8 ends unless its name says otherwise.
NETS = {
    "mobilenet": lambda: app(APPS.MobileNet, 96, alpha=0.25),
    "mobilenet_v2": lambda: app(APPS.MobileNetV2, 64, alpha=0.35),
    "mobilenet_v3_small": lambda: app(APPS.MobileNetV3Small, 64),
    "mobilenet_v3_mini": lambda: app(APPS.MobileNetV3Small, 64, minimalistic=True, alpha=0.75),
    "mobilenet_v3_large": lambda: app(APPS.MobileNetV3Large, 64, alpha=0.75),
    "efficientnet_b0": lambda: app(APPS.EfficientNetB0, 64),
    "efficientnet_v2_b0": lambda: app(APPS.EfficientNetV2B0, 64),
    "resnet50": lambda: app(APPS.ResNet50, 64),
    "resnet50_v2": lambda: app(APPS.ResNet50V2, 64),
    "densenet121": lambda: app(APPS.DenseNet121, 64),
    "inception_v3": lambda: app(APPS.InceptionV3, 75),
    "inception_resnet": lambda: app(APPS.InceptionResNetV2, 75),
    "xception": lambda: app(APPS.Xception, 71),
    "nasnet_mobile": lambda: app(APPS.NASNetMobile, 64),
    "vgg16": lambda: app(APPS.VGG16, 32),
    "convnext_tiny": lambda: app(APPS.ConvNeXtTiny, 64),
    **{f"unet_{k}": (lambda up=up: unet(up)) for k, up in UPS.items()},
    **{f.__name__: f for f in (yolo, deeplab, hourglass, bifpn, super_resolution, style, wavenet, ghost, video, ssd,
                               capsules, odd_ends, rescaled)},
    "speech": speech,
    "squeeze_excite": squeeze_excite,
    "residual": residual,
    "multiplier": lambda: chain(L.DepthwiseConv2D(3, depth_multiplier=4, padding="same", activation="relu"),
                                L.DepthwiseConv2D(5, strides=2, depth_multiplier=2), L.SeparableConv2D(8, (3, 5))),
    "dilated": lambda: chain(conv(8, dilation_rate=2, activation="relu"), conv(8, dilation_rate=(2, 4), padding="valid"),
                             L.DepthwiseConv2D(3, dilation_rate=3, padding="same", activation="relu6")),
    "grouped": lambda: chain(conv(12), conv(24, groups=3), conv(16, groups=8, strides=2, activation="relu")),
    "pools": lambda: chain(conv(8), L.AveragePooling2D(3, 2, padding="same"), L.MaxPooling2D(3, 1, padding="same"),
                           L.AveragePooling2D((2, 3)), L.GlobalMaxPooling2D(), L.Dense(4)),
    "batch_norm": lambda: chain(L.BatchNormalization(), L.ReLU(), conv(8), L.ReLU(), L.BatchNormalization(),
                                L.MaxPooling2D(), L.BatchNormalization(), L.Dense(5)),
    "layer_norm": lambda: chain(conv(8), L.LayerNormalization(), L.Dense(8)),
    "group_norm": lambda: chain(conv(8), L.GroupNormalization(4), L.Activation("swish")),
    "attention_sigmoid": lambda: attention(False),
    "attention_softmax": lambda: attention(True),
    "multi_head": heads,
    "autoencoder": lambda: chain(L.Dense(32, activation="relu"), L.Dense(8, activation="relu"), L.Dense(32, activation="relu"),
                                 L.Dense(64), x=keras.Input((64,), batch_size=1)),
    "several": several,
    "shuffle": shuffle,
    "subpixel": lambda: chain(conv(16, activation="relu"), conv(12), L.Lambda(lambda y: tf.nn.depth_to_space(y, 2))),
    "mlp_mixer": lambda: chain(conv(16, 4, strides=4, padding="valid"), L.Reshape((36, 16)), L.Permute((2, 1)),
                               L.Dense(36, activation="relu"), L.Permute((2, 1)), L.Dense(16), L.GlobalAveragePooling1D()),
    "crops": lambda: chain(L.ZeroPadding2D(((1, 2), (3, 0))), conv(6, padding="valid"), L.Cropping2D(((2, 1), (0, 3))),
                           L.SpatialDropout2D(0.2), L.Flatten(), L.Dense(7, activation="softmax")),
    "transposed_odd": lambda: chain(L.Conv2DTranspose(6, 5, strides=3), L.Conv2DTranspose(4, 4, strides=2, padding="same",
                                    activation="relu"), L.Conv2DTranspose(2, (3, 1), strides=(1, 2)), size=7),
    "activations": lambda: chain(conv(8, activation="swish"), conv(8, activation="hard_swish"), conv(8, activation="relu6"),
                                 conv(8, activation="hard_sigmoid"), conv(8, activation="elu"), conv(4, activation="tanh")),
    "selu": lambda: chain(conv(8, activation="selu"), conv(4)),
    "gelu": lambda: chain(conv(8, activation="gelu"), conv(4)),
    "mish": lambda: chain(conv(8, activation="mish"), conv(4)),
    "softplus": lambda: chain(conv(8, activation="softplus"), conv(4)),
    "lstm": recurrent(L.LSTM),
    "gru": recurrent(L.GRU),
    "rnn": recurrent(L.SimpleRNN),
    "embedding": lambda: chain(L.Embedding(20, 8), L.GlobalAveragePooling1D(), L.Dense(3),
                               x=keras.Input((6,), batch_size=1, dtype="int32")),
}
NETS.update({f.__name__: f for f in (moves, new_axes, fake_quantised, products, layouts, batch_of_four, reductions, more_reductions, pairs, rarer_pairs, functions, quotients,
                                     mirrored, repeats, resizes, resizes_any, last_argmax, top_k, conv_3d, lrn,
                                     batch_of_two, selected)})

# Ends and quantisations other than int8 throughout, and the converter's older ways.
VARIANTS = ["mobilenet:float", "mobilenet:uint8", "mobilenet:16x8", "mobilenet:dynamic", "mobilenet:float16",
            "mobilenet:batch", "mobilenet:dense", "mobilenet:tensor", "mobilenet:old", "mobilenet_v3_small:float",
            "speech:float", "speech:old", "autoencoder:dense", "unet_nearest:uint8", "unet_transposed:old",
            "gelu:mixed", "lstm:mixed", "lstm:old", "residual:tensor", "residual:old", "squeeze_excite:old",
            "several:float", "pairs:float"]

# name -> words of the sentence, where a network may be refused
HOST = ["runs on the host"]
REFUSED = {
    "rarer_pairs": ["ADD_N"], "attention_softmax": HOST,
    "resizes_any": ["RESIZE_BILINEAR", "its weights are too fine"],
    "top_k": ["TOPK_V2"], "conv_3d": ["CONV_3D"], "lrn": ["LOCAL_RESPONSE_NORMALIZATION"],
    "embedding": ["int32"], "mobilenet:16x8": ["int16", "TFLITE_BUILTINS_INT8"],
    "mobilenet:dynamic": ["computes float32", "quantise the model to int8 throughout"],
    "mobilenet:float16": ["float16", "quantise the model to int8 throughout"],
    "squeeze_excite:old": ["scale inf"], "pairs:float": ["NEG", "computes float32"],
}
