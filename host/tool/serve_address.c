/* Where weft serve listens, and who may ask there; the contract is in serve.h. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serve.h"

enum { BACKLOG = 32 };

int serve_random(char *to, size_t room, weft_error *err)
{
    static const char digit[] = "0123456789abcdef";
    FILE *from = fopen("/dev/urandom", "rb");
    const size_t got = from ? fread(to, 1, room - 1, from) : 0;
    if (from)
        fclose(from);
    if (got != room - 1)
        return weft_error_set(err, WEFT_ERR_IO, "/dev/urandom cannot be read");
    for (size_t i = 0; i < got; i++)
        to[i] = digit[to[i] & 15];
    to[got] = 0;
    return WEFT_OK;
}

/* What kind of address it has become: its number, its port. */
static int describe(serve_address *a, weft_error *err)
{
    struct sockaddr_storage own = { 0 };
    socklen_t bytes = sizeof own;
    char port[8];
    if (getsockname(a->socket, (struct sockaddr *)&own, &bytes) != 0 ||
        getnameinfo((struct sockaddr *)&own, bytes, a->number, sizeof a->number, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return weft_error_set(err, WEFT_ERR_IO, "the address cannot be asked for");
    uint16_t net_port = 0;
    if (own.ss_family == AF_INET6) {
        struct sockaddr_in6 six;
        memcpy(&six, &own, sizeof six);
        net_port = six.sin6_port;
        a->loopback = IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
        a->wildcard = IN6_IS_ADDR_UNSPECIFIED(&six.sin6_addr);
    } else {
        struct sockaddr_in four;
        memcpy(&four, &own, sizeof four);
        net_port = four.sin_port;
        a->loopback = ntohl(four.sin_addr.s_addr) >> 24 == 127;
        a->wildcard = four.sin_addr.s_addr == htonl(INADDR_ANY);
    }
    a->port = ntohs(net_port);
    return WEFT_OK;
}

static int bind_to(const struct addrinfo *where, serve_address *a, weft_error *err)
{
    const int yes = 1;
    a->socket = socket(where->ai_family, SOCK_STREAM, 0);
    if (a->socket < 0)
        return weft_error_set(err, WEFT_ERR_IO, "no socket: %s", strerror(errno));
    setsockopt(a->socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(a->socket, where->ai_addr, where->ai_addrlen) == 0 && listen(a->socket, BACKLOG) == 0)
        return WEFT_OK;
    const int why = errno;
    close(a->socket);
    a->socket = -1;
    return why == EADDRINUSE
               ? weft_error_set(err, WEFT_ERR_ARG,
                                "another program listens there: give --port another number, or 0 "
                                "for any that is free")
               : weft_error_set(err, WEFT_ERR_ARG, "cannot listen at %.100s: %s", a->said,
                                strerror(why));
}

int serve_listen(const char *host, uint64_t port, serve_address *a, weft_error *err)
{
    const struct addrinfo want = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
    struct addrinfo *found = NULL;
    char number[8];
    *a = (serve_address){ .socket = -1 };
    if (port > UINT16_MAX)
        return weft_error_set(err, WEFT_ERR_ARG, "--port is 0 to 65535");
    snprintf(number, sizeof number, "%u", (unsigned)port);
    if (!*host || strlen(host) >= sizeof a->said || getaddrinfo(host, number, &want, &found) != 0)
        return weft_error_set(err, WEFT_ERR_ARG,
                              "--listen needs an address of this machine, not \"%.60s\"", host);
    snprintf(a->said, sizeof a->said, "%s", host);
    int rc = bind_to(found, a, err);
    freeaddrinfo(found);
    if (rc == WEFT_OK)
        rc = describe(a, err);
    if (rc == WEFT_OK)
        rc = serve_random(a->token, sizeof a->token, err);
    if (rc != WEFT_OK && a->socket >= 0) {
        close(a->socket);
        a->socket = -1;
    }
    return rc;
}

void serve_url(const serve_address *a, char *to, size_t room)
{
    const int six = strchr(a->number, ':') != NULL;
    const char *host = !a->wildcard ? a->number : six ? "::1" : "127.0.0.1";
    snprintf(to, room, "http://%s%s%s:%u/%s/", six ? "[" : "", host, six ? "]" : "",
             (unsigned)a->port, a->token);
}

/* --- who asks ------------------------------------------------------------------------------- */

/* Cut ":PORT" off and the brackets of IPv6; whether the port is ours. */
static int cut_host(const serve_address *a, const char *host, char *to)
{
    char *colon;
    if (strlen(host) >= SERVE_HOST_BYTES)
        return 0;
    strcpy(to, host[0] == '[' ? host + 1 : host);
    if (host[0] == '[') {
        char *end = strchr(to, ']');
        if (!end)
            return 0;
        *end = 0;
        colon = end[1] ? end + 1 : NULL;
    } else {
        colon = strchr(to, ':');
    }
    char port[8];
    snprintf(port, sizeof port, "%u", (unsigned)a->port);
    if (!colon)
        return a->port == 80;
    if (*colon != ':' || strcmp(colon + 1, port) != 0)
        return 0;
    *colon = 0;
    return 1;
}

static int is_number(const char *host)
{
    const struct addrinfo want = { .ai_flags = AI_NUMERICHOST };
    struct addrinfo *found = NULL;
    const int good = getaddrinfo(host, NULL, &want, &found) == 0;
    if (good)
        freeaddrinfo(found);
    return good;
}

int serve_host_is_own(const serve_address *a, const char *host)
{
    char name[SERVE_HOST_BYTES], machine[SERVE_HOST_BYTES] = "";
    if (!host || !cut_host(a, host, name))
        return 0;
    if (!strcmp(name, a->number) || !strcmp(name, a->said))
        return 1;
    if ((a->loopback || a->wildcard) && !strcmp(name, "localhost"))
        return 1;
    if (!a->wildcard)
        return 0;
    /* No name service can make a number lead elsewhere. */
    gethostname(machine, sizeof machine - 1);
    return is_number(name) || (*machine && !strcmp(name, machine));
}

int serve_origin_is_own(const char *host, const char *origin)
{
    return !origin || (!strncmp(origin, "http://", 7) && !strcmp(origin + 7, host));
}

int serve_token_is_own(const serve_address *a, const char *path)
{
    unsigned differs = 0;
    if (path[0] != '/' || strlen(path) < SERVE_TOKEN_BYTES)
        return 0;
    for (size_t i = 0; i < SERVE_TOKEN_BYTES - 1; i++)
        differs |= (unsigned)(path[1 + i] ^ a->token[i]);
    return !differs && path[SERVE_TOKEN_BYTES] == '/';
}
