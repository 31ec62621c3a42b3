/* Requests to weft serve, through libmicrohttpd, on the thread of the caller; the contract is in serve.h. */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve.h"

#ifdef WEFT_HAS_HTTP
#include <microhttpd.h>

enum {
    MOST_CONNECTIONS = 32,
    LAST_TURNS = 8,                     /* one resumes, one asks on_request, one sends */
    IDLE_SECONDS = 10,                  /* of a connection that sends nothing */
    MOST_DROPPED = 4 * SERVE_MOST_BYTES /* of a refused body, that its sender hears why */
};

struct serve_request {
    serve_request *next;
    struct MHD_Connection *from;
    uint8_t *bytes;
    size_t count, declared;
    const char *refused_text; /* NULL: it is good */
    const char *allow;        /* methods, where this one is not */
    unsigned status;
    char *reply;
    int waits, taken; /* its connection is suspended; serve_http_next has given it out */
};

struct serve_http {
    const serve_address *address;
    struct MHD_Daemon *daemon;
    char *about;
    serve_request *first; /* those that wait, the oldest first */
    int resumed;          /* a connection goes on, which libmicrohttpd does not say of itself */
};

int serve_http_known(weft_error *err)
{
    (void)err;
    return WEFT_OK;
}

/* --- what is sent --------------------------------------------------------------------------- */

static const char PLAIN_POLICY[] = "default-src 'none'; frame-ancestors 'none'";

/* Send text, which is freed.  allow: the methods there are, if it was another; else NULL. */
static enum MHD_Result send_text(struct MHD_Connection *to, unsigned status, const char *type,
                                 const char *policy, const char *allow, char *text)
{
    struct MHD_Response *r =
        text ? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE) : NULL;
    if (!r) {
        free(text);
        return MHD_NO; /* ends the connection */
    }
    MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(r, "Content-Security-Policy", policy);
    MHD_add_response_header(r, "Cross-Origin-Resource-Policy", "same-origin");
    MHD_add_response_header(r, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    if (allow)
        MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, allow);
    if (status == HTTP_SERVICE_UNAVAILABLE)
        MHD_add_response_header(r, MHD_HTTP_HEADER_RETRY_AFTER, "1");
    const enum MHD_Result result = MHD_queue_response(to, status, r);
    MHD_destroy_response(r);
    return result;
}

static enum MHD_Result send_json(struct MHD_Connection *to, unsigned status, char *text)
{
    return send_text(to, status, "application/json", PLAIN_POLICY, NULL, text);
}

static enum MHD_Result send_refusal(const serve_request *r)
{
    return send_text(r->from, r->status, "application/json", PLAIN_POLICY, r->allow,
                     serve_refusal(r->refused_text));
}

static enum MHD_Result send_page(struct MHD_Connection *to)
{
    char nonce[SERVE_TOKEN_BYTES], policy[400];
    if (serve_random(nonce, sizeof nonce, NULL) != WEFT_OK)
        return MHD_NO;
    snprintf(policy, sizeof policy,
             "default-src 'none'; script-src 'nonce-%s'; style-src 'nonce-%s'; connect-src 'self'; "
             "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
             nonce, nonce);
    return send_text(to, HTTP_OK, "text/html; charset=utf-8", policy, NULL, serve_page(nonce));
}

/* --- what is asked -------------------------------------------------------------------------- */

static const char *header(struct MHD_Connection *of, const char *name)
{
    return MHD_lookup_connection_value(of, MHD_HEADER_KIND, name);
}

static void refuse(serve_request *r, unsigned status, const char *text)
{
    r->status = status;
    r->refused_text = text;
}

static void refuse_method(serve_request *r, const char *allow, const char *text)
{
    refuse(r, HTTP_METHOD_NOT_ALLOWED, text);
    r->allow = allow;
}

/* The length of the body that is said, 0 if none is. */
static uint64_t declared_length(struct MHD_Connection *of)
{
    const char *text = header(of, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return text ? strtoull(text, NULL, 10) : 0;
}

static void check_body(serve_request *r)
{
    const uint64_t length = declared_length(r->from);
    if (header(r->from, MHD_HTTP_HEADER_TRANSFER_ENCODING))
        refuse(r, HTTP_LENGTH_REQUIRED, "say the length of the picture before it comes");
    else if (!header(r->from, MHD_HTTP_HEADER_CONTENT_LENGTH))
        refuse(r, HTTP_LENGTH_REQUIRED, "say the length of the picture before it comes");
    else if (length > SERVE_MOST_BYTES)
        refuse(r, HTTP_CONTENT_TOO_LARGE, "pictures may have 8 MiB: make it smaller");
    else if (!length)
        refuse(r, HTTP_BAD_REQUEST, "there is no picture in this request");
    else if (!(r->bytes = malloc((size_t)length)))
        refuse(r, HTTP_SERVICE_UNAVAILABLE, "no memory for a picture");
    r->declared = r->bytes ? (size_t)length : 0;
}

/* Who asks, then what; from the headers alone. */
static void check(const serve_http *h, serve_request *r, const char *path, const char *method)
{
    const char *host = header(r->from, MHD_HTTP_HEADER_HOST);
    const int posts = !strcmp(method, MHD_HTTP_METHOD_POST);
    const int gets = !strcmp(method, MHD_HTTP_METHOD_GET) || !strcmp(method, MHD_HTTP_METHOD_HEAD);
    if (!serve_host_is_own(h->address, host)) {
        refuse(r, HTTP_MISDIRECTED_REQUEST, "this name is not the one weft serve printed");
        return;
    }
    if (!serve_origin_is_own(host, header(r->from, MHD_HTTP_HEADER_ORIGIN))) {
        refuse(r, HTTP_FORBIDDEN, "only the page of weft serve itself may ask here");
        return;
    }
    if (!serve_token_is_own(h->address, path)) {
        refuse(r, HTTP_FORBIDDEN, "open the whole address that weft serve printed");
        return;
    }
    const char *what = path + SERVE_TOKEN_BYTES;
    const int answers = !strcmp(what, "/answer");
    if (!answers && strcmp(what, "/") != 0 && strcmp(what, "/about") != 0)
        refuse(r, HTTP_NOT_FOUND, "there is nothing of this name here");
    else if (answers && !posts)
        refuse_method(r, "POST", "pictures come by POST");
    else if (!answers && !gets)
        refuse_method(r, "GET, HEAD", "this is only there to be read, by GET");
    else if (answers)
        check_body(r);
    else if (declared_length(r->from) || header(r->from, MHD_HTTP_HEADER_TRANSFER_ENCODING))
        refuse(r, HTTP_BAD_REQUEST, "this request has no body");
}

/* Whether the sender is told at once, not behind its body. */
static int is_urgent(const serve_request *r)
{
    return header(r->from, MHD_HTTP_HEADER_EXPECT) != NULL ||
           header(r->from, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL ||
           declared_length(r->from) > MOST_DROPPED;
}

/* To the end of those that wait, unless too many do. */
static int enqueue(serve_http *h, serve_request *r)
{
    serve_request **end = &h->first;
    unsigned waiting = 0;
    for (; *end; end = &(*end)->next)
        waiting++;
    if (waiting >= SERVE_MOST_WAITING)
        return 0;
    *end = r;
    r->waits = 1;
    MHD_suspend_connection(r->from);
    return 1;
}

/* All of the request is there. */
static enum MHD_Result respond(serve_http *h, serve_request *r, const char *path)
{
    if (r->refused_text)
        return send_refusal(r);
    if (r->status) { /* answered */
        char *reply = r->reply;
        r->reply = NULL;
        return send_json(r->from, r->status, reply);
    }
    if (!r->declared)
        return strcmp(path + SERVE_TOKEN_BYTES, "/about") != 0
                   ? send_page(r->from)
                   : send_json(r->from, HTTP_OK, strdup(h->about));
    if (r->count != r->declared)
        refuse(r, HTTP_BAD_REQUEST, "the picture has not the length that was said");
    else if (!enqueue(h, r))
        refuse(r, HTTP_SERVICE_UNAVAILABLE, "too many pictures wait: ask again");
    return r->refused_text ? send_refusal(r) : MHD_YES;
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *from, const char *path,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_bytes, void **state)
{
    serve_http *h = self;
    serve_request *r = *state;
    (void)version;
    if (!r) {
        *state = r = calloc(1, sizeof *r);
        if (!r)
            return MHD_NO;
        r->from = from;
        check(h, r, path, method);
        return r->refused_text && is_urgent(r) ? respond(h, r, path) : MHD_YES;
    }
    if (!*data_bytes)
        return r->waits ? MHD_YES : respond(h, r, path);
    if (r->bytes && *data_bytes > r->declared - r->count)
        return MHD_NO;
    if (r->bytes && !r->refused_text) {
        memcpy(r->bytes + r->count, data, *data_bytes);
        r->count += *data_bytes;
    }
    *data_bytes = 0;
    return MHD_YES;
}

/* Suspended connections do not end: none of these waits. */
static void on_end(void *self, struct MHD_Connection *from, void **state,
                   enum MHD_RequestTerminationCode why)
{
    serve_request *r = *state;
    (void)self, (void)from, (void)why;
    if (!r)
        return;
    free(r->bytes);
    free(r->reply);
    free(r);
    *state = NULL;
}

/* --- for the loop --------------------------------------------------------------------------- */

int serve_http_open(const serve_address *a, const char *about, serve_http **out, weft_error *err)
{
    serve_http *h = calloc(1, sizeof *h);
    *out = NULL;
    if (h)
        h->about = strdup(about);
    if (!h || !h->about) {
        free(h);
        close(a->socket);
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for a page");
    }
    h->address = a;
    h->daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, h,
                         MHD_OPTION_LISTEN_SOCKET, a->socket, MHD_OPTION_NOTIFY_COMPLETED, on_end,
                         NULL, MHD_OPTION_CONNECTION_LIMIT, (unsigned)MOST_CONNECTIONS,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_END);
    if (!h->daemon) {
        free(h->about);
        free(h);
        close(a->socket);
        return weft_error_set(err, WEFT_ERR_IO, "libmicrohttpd does not start here");
    }
    *out = h;
    return WEFT_OK;
}

void serve_http_turn(serve_http *h, int wake, int most_ms)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd on[2] = { { .fd = info ? info->epoll_fd : -1, .events = POLLIN },
                            { .fd = wake, .events = POLLIN } };
    MHD_UNSIGNED_LONG_LONG own_ms = 0;
    if (h->resumed)
        MHD_run(h->daemon);
    h->resumed = 0;
    if (MHD_get_timeout(h->daemon, &own_ms) == MHD_YES && own_ms < (unsigned)most_ms)
        most_ms = (int)own_ms;
    (void)poll(on, 2, most_ms); /* whatever it says: there is no harm in looking */
    MHD_run(h->daemon);
}

serve_request *serve_http_next(serve_http *h)
{
    serve_request *r = h->first;
    while (r && r->taken)
        r = r->next;
    if (r)
        r->taken = 1;
    return r;
}

const uint8_t *serve_request_bytes(const serve_request *r, size_t *count)
{
    *count = r->count;
    return r->bytes;
}

void serve_http_answer(serve_http *h, serve_request *r, unsigned status, char *json_text)
{
    for (serve_request **at = &h->first; *at; at = &(*at)->next)
        if (*at == r) {
            *at = r->next;
            break;
        }
    r->waits = 0;
    r->status = status;
    r->reply = json_text;
    MHD_resume_connection(r->from);
    h->resumed = 1;
}

void serve_http_close(serve_http *h)
{
    if (!h)
        return;
    while (h->first)
        serve_http_answer(h, h->first, HTTP_SERVICE_UNAVAILABLE,
                          serve_refusal("weft serve has ended"));
    for (int i = 0; i < LAST_TURNS; i++) /* they go on, and are told */
        serve_http_turn(h, -1, 0);
    MHD_stop_daemon(h->daemon);
    free(h->about);
    free(h);
}

#else /* without libmicrohttpd nothing is ever opened */

int serve_http_known(weft_error *err)
{
    return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                          "this weft was built without libmicrohttpd and serves no page: install "
                          "libmicrohttpd-dev and build it again");
}

int serve_http_open(const serve_address *a, const char *about, serve_http **out, weft_error *err)
{
    (void)about;
    close(a->socket);
    *out = NULL;
    return serve_http_known(err);
}

void serve_http_turn(serve_http *h, int wake, int most_ms)
{
    (void)h, (void)wake, (void)most_ms;
}

serve_request *serve_http_next(serve_http *h)
{
    (void)h;
    return NULL;
}

const uint8_t *serve_request_bytes(const serve_request *r, size_t *count)
{
    (void)r;
    *count = 0;
    return NULL;
}

void serve_http_answer(serve_http *h, serve_request *r, unsigned status, char *json_text)
{
    (void)h, (void)r, (void)status;
    free(json_text);
}

void serve_http_close(serve_http *h)
{
    (void)h;
}
#endif
