/* SVG and HTML; see svg.h. */
#include "svg.h"

void html_text(FILE *to, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '<': fputs("&lt;", to); break;
        case '>': fputs("&gt;", to); break;
        case '&': fputs("&amp;", to); break;
        case '"': fputs("&quot;", to); break;
        default: putc((unsigned char)*text < ' ' ? ' ' : *text, to);
        }
}

static void tip_and_end(FILE *to, const char *element, const char *tip)
{
    if (!tip) {
        fputs("/>\n", to);
        return;
    }
    fputs("><title>", to);
    html_text(to, tip);
    fprintf(to, "</title></%s>\n", element);
}

void svg_begin(FILE *to, double width, double height)
{
    fprintf(to,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
            "height=\"%.0f\">\n",
            width, height, width, height);
}

void svg_end(FILE *to)
{
    fputs("</svg>\n", to);
}

void svg_rect(FILE *to, double x, double y, double width, double height, const char *colour,
              const char *tip)
{
    fprintf(to, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\"", x, y,
            width, height, colour);
    tip_and_end(to, "rect", tip);
}

void svg_line(FILE *to, double x1, double y1, double x2, double y2, const char *colour)
{
    fprintf(to, "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" stroke=\"%s\"/>\n", x1, y1,
            x2, y2, colour);
}

void svg_dot(FILE *to, double x, double y, const char *colour, const char *tip)
{
    fprintf(to, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"4\" fill=\"%s\" fill-opacity=\"0.8\"", x, y,
            colour);
    tip_and_end(to, "circle", tip);
}

void svg_text(FILE *to, double x, double y, const char *anchor, const char *text)
{
    fprintf(to, "<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"%s\">", x, y, anchor);
    html_text(to, text);
    fputs("</text>\n", to);
}
