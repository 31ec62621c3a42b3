/* weft serve: a page on this machine where one draws and the device answers; serve.h says how it is made. */
#include <stdlib.h>

#include "json.h"
#include "serve.h"

enum { TURN_MS = 100 }; /* how late Ctrl-C may be heard */

/* One thread: requests come, one picture at a time goes to the device, its answer goes back. */
static void serve(serve_net *n, serve_http *http)
{
    serve_request *now = NULL;
    unsigned status = 0;
    char *text = NULL;
    int over_fd = -1;
    (void)weft_device_fd(n->on.dev, &over_fd, NULL); /* without it, a look each turn */
    while (!tool_interrupted()) {
        serve_http_turn(http, now ? over_fd : -1, now && over_fd < 0 ? 1 : TURN_MS);
        if (now && serve_net_end(n, &status, &text)) {
            serve_http_answer(http, now, status, text);
            now = NULL;
        }
        while (!now && (now = serve_http_next(http))) {
            size_t count;
            const uint8_t *bytes = serve_request_bytes(now, &count);
            status = serve_net_begin(n, bytes, count, &text);
            if (status) {
                serve_http_answer(http, now, status, text);
                now = NULL;
            }
        }
    }
}

static void print_address(const tool *t, const serve_address *a)
{
    char url[200];
    serve_url(a, url, sizeof url);
    if (t->json) {
        json j = { .to = stdout };
        json_open(&j, NULL, '{');
        json_text(&j, "address", url);
        json_close(&j, '}');
    } else {
        printf("%s\n", url);
    }
    fflush(stdout);
    if (!t->json)
        fprintf(stderr, "open this address in a browser; Ctrl-C ends%s\n",
                a->loopback ? "" : "; other machines can reach it, and nothing is encrypted");
}

static int open_page(tool *t, const serve_net *n, const char *path, const char *uri,
                     const serve_address *a, serve_http **http)
{
    char *about = serve_net_about(n, path, uri);
    const int code = about ? tool_exit(serve_http_open(a, about, http, &t->err))
                           : tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for a page");
    free(about);
    return code;
}

int cmd_serve(tool *t, int argc, char **argv)
{
    const char *uri = "ref:", *host = "127.0.0.1", *names_file = NULL;
    uint64_t port = 0;
    feed_options how = { 0 };
    const option table[] = {
        { "--via", OPTION_TEXT, &uri, "device" },
        { "--port", OPTION_NUMBER, &port, "of the page; without it any that is free" },
        { "--listen", OPTION_TEXT, &host, "address of this machine" },
        { "--names", OPTION_TEXT, &names_file, "file of the classes' names" },
        { "--divide", OPTION_REAL, &how.divide, "pixels" },
        { "--mean", OPTION_TEXT, &how.mean, "then subtracted: a number, or one for each channel" },
        { "--std", OPTION_TEXT, &how.std, "then divided by this" },
        { "--fit", OPTION_TEXT, &how.fit, "pictures: crop, stretch, or short side in pixels" }
    };
    arguments a;
    int code = tool_options(t, argc, argv, table, sizeof table / sizeof *table, 1, 1, &a);
    if (code == EXIT_GOOD)
        code = tool_exit(serve_http_known(&t->err));
    if (code != EXIT_GOOD)
        return code;
    serve_net n;
    serve_address address;
    serve_http *http = NULL;
    code = serve_net_open(t, uri, a.word[0], names_file, &how, &n);
    if (code == EXIT_GOOD)
        code = tool_exit(serve_listen(host, port, &address, &t->err));
    if (code == EXIT_GOOD)
        code = open_page(t, &n, a.word[0], uri, &address, &http);
    if (code == EXIT_GOOD) {
        print_address(t, &address);
        serve(&n, http);
    }
    serve_http_close(http);
    if (serve_net_close(&n) != WEFT_OK && code == EXIT_GOOD) {
        tool_fail(t, WEFT_ERR_IO, "the trace could not be written completely");
        code = EXIT_OUTPUT;
    }
    return code;
}
