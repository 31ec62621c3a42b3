/* Random distortion of a digit; see lenet5_augment.h.
 *
 * Every output pixel looks up one point of the input: centre + A * (pixel - centre) + shift +
 * warp(pixel), read by bilinear interpolation, background outside. */
#include "lenet5_augment.h"

#include "lenet5_net.h"

enum { SIDE = LENET5_SIDE, KNOTS = 5 };

static const float MAX_HALF_TANGENT = 0.1317f; /* tan(15 degrees / 2) */
static const float MAX_SCALE = 0.12f, MAX_SHEAR = 0.15f;
static const float MAX_SHIFT = 2.5f, MAX_WARP = 1.3f; /* pixels */

typedef struct distortion {
    float a[2][2], shift[2];
    float warp[2][KNOTS][KNOTS];
} distortion;

static distortion draw(lenet5_rng *rng)
{
    distortion d;
    float t = MAX_HALF_TANGENT * lenet5_rng_signed(rng);
    float cosine = (1 - t * t) / (1 + t * t), sine = 2 * t / (1 + t * t);
    float sx = 1 + MAX_SCALE * lenet5_rng_signed(rng);
    float sy = 1 + MAX_SCALE * lenet5_rng_signed(rng);
    float shear = MAX_SHEAR * lenet5_rng_signed(rng);
    d.a[0][0] = cosine * sx;
    d.a[0][1] = (cosine * shear - sine) * sy;
    d.a[1][0] = sine * sx;
    d.a[1][1] = (sine * shear + cosine) * sy;
    for (int axis = 0; axis < 2; axis++) {
        d.shift[axis] = MAX_SHIFT * lenet5_rng_signed(rng);
        for (int i = 0; i < KNOTS * KNOTS; i++)
            d.warp[axis][i / KNOTS][i % KNOTS] = MAX_WARP * lenet5_rng_signed(rng);
    }
    return d;
}

static float blend(float a, float b, float t)
{
    return a + (b - a) * t;
}

/* Displacement of pixel (x, y): knots lie evenly from the first pixel to the last. */
static float warp_at(float knot[KNOTS][KNOTS], int x, int y)
{
    float u = (float)x * (float)(KNOTS - 1) / SIDE, v = (float)y * (float)(KNOTS - 1) / SIDE;
    int i = (int)u, j = (int)v;
    float top = blend(knot[j][i], knot[j][i + 1], u - (float)i);
    float low = blend(knot[j + 1][i], knot[j + 1][i + 1], u - (float)i);
    return blend(top, low, v - (float)j);
}

static float pixel(const uint8_t *in, int x, int y)
{
    return x < 0 || y < 0 || x >= SIDE || y >= SIDE ? 0 : (float)in[y * SIDE + x];
}

static float sample(const uint8_t *in, float x, float y)
{
    int left = (int)(x + SIDE) - SIDE, above = (int)(y + SIDE) - SIDE; /* floor from -SIDE on */
    float u = x - (float)left, v = y - (float)above;
    float top = blend(pixel(in, left, above), pixel(in, left + 1, above), u);
    float low = blend(pixel(in, left, above + 1), pixel(in, left + 1, above + 1), u);
    return blend(top, low, v) * LENET5_PIXEL_SCALE;
}

void lenet5_augment(const uint8_t *in, lenet5_rng *rng, float *out)
{
    const float centre = (SIDE - 1) / 2.0f;
    distortion d = draw(rng);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            float dx = (float)x - centre, dy = (float)y - centre;
            float u = centre + d.a[0][0] * dx + d.a[0][1] * dy + d.shift[0];
            float v = centre + d.a[1][0] * dx + d.a[1][1] * dy + d.shift[1];
            u += warp_at(d.warp[0], x, y);
            v += warp_at(d.warp[1], x, y);
            *out++ = sample(in, u, v);
        }
}
