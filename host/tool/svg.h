/* Pieces of SVG and HTML, written as they come.  Text is escaped.  Colours are CSS. */
#ifndef WEFT_TOOL_SVG_H
#define WEFT_TOOL_SVG_H

#include <stdio.h>

/* Text with <, >, &, " made harmless. */
void html_text(FILE *to, const char *text);

void svg_begin(FILE *to, double width, double height);
void svg_end(FILE *to);

/* tip: shown when the mouse rests on it, or NULL. */
void svg_rect(FILE *to, double x, double y, double width, double height, const char *colour,
              const char *tip);
void svg_line(FILE *to, double x1, double y1, double x2, double y2, const char *colour);
void svg_dot(FILE *to, double x, double y, const char *colour, const char *tip);

/* anchor: "start", "middle" or "end". */
void svg_text(FILE *to, double x, double y, const char *anchor, const char *text);

#endif
