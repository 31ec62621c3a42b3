/* The plots of profile_html.c, each an SVG element. */
#ifndef WEFT_TOOL_PROFILE_PLOT_H
#define WEFT_TOOL_PROFILE_PLOT_H

#include "profile.h"

void plot_cycles(const profile *p, FILE *to);   /* a bar for each layer: work, stalls, prediction */
void plot_roofline(const profile *p, FILE *to); /* a dot for each layer */
void plot_time(const profile *p, FILE *to);     /* layers and queues over the run */

#endif
