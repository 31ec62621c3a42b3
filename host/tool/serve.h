/* weft serve: a local page where one draws and the device answers.  Three parts that know little of each other: who may ask and in
 * which words (serve_http.c, with serve_address.c and serve_page.c), what is asked (serve_net.c), and the loop of one thread
 * that brings both together (cmd_serve.c).
 *
 *     GET  /TOKEN/         the page
 *     GET  /TOKEN/about    JSON: what the network takes, and what it runs on
 *     POST /TOKEN/answer   a file as weft run takes it (PGM, PPM, PNG, JPEG, BMP); JSON: what the network says
 *
 * Refused are: another token (403), path (404) or method (405); a Host that is not this address (421), an Origin that is not this
 * page (403); a body without a length (411), above SERVE_MOST_BYTES (413), or none (400); more than SERVE_MOST_WAITING
 * at once (503). */
#ifndef WEFT_TOOL_SERVE_H
#define WEFT_TOOL_SERVE_H

#include "feed.h"
#include "names.h"
#include "profile.h"
#include "tool.h"

enum {
    SERVE_MOST_BYTES = 8 << 20,
    SERVE_MOST_PIXELS = 1 << 24, /* of a picture */
    SERVE_MOST_WAITING = 16,     /* pictures */
    SERVE_TOP = 5                /* classes in an answer */
};

/* Of RFC 9110; libmicrohttpd's names change with its version. */
enum {
    HTTP_OK = 200,
    HTTP_BAD_REQUEST = 400,
    HTTP_FORBIDDEN = 403,
    HTTP_NOT_FOUND = 404,
    HTTP_METHOD_NOT_ALLOWED = 405,
    HTTP_LENGTH_REQUIRED = 411,
    HTTP_CONTENT_TOO_LARGE = 413,
    HTTP_UNSUPPORTED_MEDIA_TYPE = 415,
    HTTP_MISDIRECTED_REQUEST = 421,
    HTTP_UNPROCESSABLE_CONTENT = 422,
    HTTP_INTERNAL_SERVER_ERROR = 500,
    HTTP_SERVICE_UNAVAILABLE = 503
};

/* --- serve_address.c: where it listens ------------------------------------------------------ */

enum { SERVE_HOST_BYTES = 300, SERVE_TOKEN_BYTES = 33 };

typedef struct serve_address {
    int socket; /* listens; whoever has it closes it */
    uint16_t port;
    int loopback, wildcard;        /* this machine alone; every address of it */
    char number[64];               /* "127.0.0.1", "::1" */
    char said[256];                /* as it was asked for */
    char token[SERVE_TOKEN_BYTES]; /* 128 random bits */
} serve_address;

/* Listen at `host` ("127.0.0.1", "::", "localhost"), port 0: any that is free.  WEFT_OK, WEFT_ERR_ARG (no such
 * address, or it cannot be had), WEFT_ERR_IO. */
int serve_listen(const char *host, uint64_t port, serve_address *out, weft_error *err);

/* What to type into a browser. */
void serve_url(const serve_address *a, char *to, size_t room);

/* Whether the header Host names this address, so that no name of somebody else's leads here; and Origin, NULL if there is none,
 * a page of it. */
int serve_host_is_own(const serve_address *a, const char *host);
int serve_origin_is_own(const char *host, const char *origin);

/* Whether the first part of a path "/TOKEN/.." is the token, in a time that does not tell where it differs. */
int serve_token_is_own(const serve_address *a, const char *path);

/* Text of random hexadecimal digits that fills `to` but for its end.  WEFT_OK or WEFT_ERR_IO. */
int serve_random(char *to, size_t room, weft_error *err);

/* --- serve_page.c --------------------------------------------------------------------------- */

/* The page, where scripts and styles carry this nonce; the caller's to free, NULL without memory. */
char *serve_page(const char *nonce);

/* JSON of a refusal: {"error":{"text":..}}; likewise. */
char *serve_refusal(const char *text);

/* --- serve_http.c --------------------------------------------------------------------------- */

typedef struct serve_http serve_http;
typedef struct serve_request serve_request; /* a picture whose sender waits */

/* WEFT_ERR_UNSUPPORTED if this weft was built without libmicrohttpd. */
int serve_http_known(weft_error *err);

/* Begin.  The address is borrowed, but its socket is closed by serve_http_close; `about` is copied. */
int serve_http_open(const serve_address *a, const char *about, serve_http **out, weft_error *err);

/* Do what came, or wait for it at most so long; also until `wake` is readable, -1 for none. */
void serve_http_turn(serve_http *h, int wake, int most_ms);

/* The picture that waits longest and was not taken yet, or NULL; its bytes are good until it is answered. */
serve_request *serve_http_next(serve_http *h);
const uint8_t *serve_request_bytes(const serve_request *r, size_t *count);

/* Answer with JSON, which is freed; NULL: no memory was there. */
void serve_http_answer(serve_http *h, serve_request *r, unsigned status, char *json_text);

/* End; who waits still is told so (503). */
void serve_http_close(serve_http *h);

/* --- serve_net.c ---------------------------------------------------------------------------- */

typedef struct serve_net {
    tool *t;
    session on;
    model m;
    names known;
    char mean[METADATA_LIST_BYTES], std[METADATA_LIST_BYTES]; /* of the model's metadata */
    feed feed;
    io b;
    weft_job *job; /* NULL: none runs */
    double began, microjoules;
} serve_net;

/* Open the device, load the network; refused unless its one input is a picture.  An exit code; serve_net_close in any case. */
int serve_net_open(tool *t, const char *uri, const char *path, const char *names_file,
                   feed_options *o, serve_net *out);
int serve_net_close(serve_net *n);

/* JSON of the network and what it runs on; the caller's to free, NULL without memory. */
char *serve_net_about(const serve_net *n, const char *path, const char *uri);

/* Start on a picture.  0, or the HTTP status of a refusal, with its JSON as serve_net_end gives it. */
unsigned serve_net_begin(serve_net *n, const uint8_t *bytes, size_t count, char **json_text);

/* 1 when it has ended; then the HTTP status and JSON of its answer, the caller's to free. */
int serve_net_end(serve_net *n, unsigned *status, char **json_text);

#endif
