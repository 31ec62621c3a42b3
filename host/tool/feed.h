/* Pictures, sounds and arrays (media/media.h) as the input of a network: fitted to its size, in its order of axes, normalised.
 *
 * A pixel p of 0..255 becomes (p / divide - mean) / std, mean and std by channel.  An 8-bit input that is told none of these
 * takes the pixels as they are (p - 128 if it is int8), and so does one that means 0..1 in 256 steps; of float32 it must
 * be told, or be known of the model.  Numbers of an array are taken as they are, but of uint8 that an input does not have. */
#ifndef WEFT_TOOL_FEED_H
#define WEFT_TOOL_FEED_H

#include "media/media.h"
#include "tool.h"

enum { FEED_MAX_CHANNELS = 4 };

/* Options of a command, to put into its table. */
typedef struct feed_options {
    const char *mean,
        *std;      /* a number, or one for each channel: "0.485,0.456,0.406"; NULL: 0 and 1 */
    double divide; /* 0: not said */
    const char
        *fit;   /* crop, stretch, or the length of the short side before the middle is cut out */
    int pixels; /* uint8 of arrays are pixels */
} feed_options;

typedef struct feed {
    weft_port_info port;
    uint32_t height, width, channels; /* 0: the input is no picture */
    int channels_first;
    int told;  /* how pixels become values */
    int plain; /* 8-bit input, pixels as they are */
    double mean[FEED_MAX_CHANNELS], std[FEED_MAX_CHANNELS], divide;
    uint32_t short_side; /* 0: stretch */
    int pixels;
} feed;

/* Returns an exit code. */
int feed_open(tool *t, const feed_options *o, const weft_port_info *port, feed *out);

/* How many samples an array holds for the input: its first axis, or 1; 0 with a sentence if its shape is another. */
uint64_t feed_count(tool *t, const feed *f, const char *path, const media *m);

/* The form that feed_put gives of such a file; negative with a sentence if the input does not take it. */
int feed_form(tool *t, const feed *f, const char *path, const media *m);

/* Write sample i of the file into a buffer of that form.  Returns an exit code. */
int feed_put(tool *t, const feed *f, const char *path, const media *m, uint64_t i, buffer *to);

/* Sample 0 of the file, into a buffer that is made anew in the form it needs; what it held is freed.  Returns an exit code. */
int feed_one(tool *t, const feed *f, const char *path, const media *m, buffer *to);

#endif
