/* Device addresses: what is accepted, what is refused and with which words. */
#include <string.h>

#include "models/base/uri.h"
#include "tests/test.h"

static int parse(const char *text)
{
    weft_uri u;
    weft_error err = { 0 };
    const int rc = weft_uri_parse(text, &u, &err);
    return rc == err.status ? rc : 1;
}

static void check_refused(test *t)
{
    static const char *const bad[] = { "",
                                       "ref",
                                       ":x",
                                       "sim:,",
                                       "sim:a,",
                                       "sim:=",
                                       "sim:=3",
                                       "sim:a,,b",
                                       "sim:a=1,a=2",
                                       "sim:\n",
                                       "sim:a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q" };
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(t, parse(bad[i]) == WEFT_ERR_ARG, "\"%s\" was accepted", bad[i]);
    char longest[WEFT_URI_BYTES + 1] = "sim:";
    memset(longest + 4, 'a', sizeof longest - 5);
    longest[WEFT_URI_BYTES - 1] = '\0';
    CHECK(t, parse(longest) == WEFT_OK, "511 characters refused");
    longest[WEFT_URI_BYTES - 1] = 'a';
    longest[WEFT_URI_BYTES] = '\0';
    CHECK(t, parse(longest) == WEFT_ERR_ARG, "512 characters accepted");
    CHECK(t, parse(NULL) == WEFT_ERR_ARG, "NULL accepted");
}

static void check_parts(test *t)
{
    weft_uri u;
    weft_error err = { 0 };
    CHECK(t, weft_uri_parse("sim:link,trace=a:b=c,stall=25,seed=0x10,mem=2M", &u, &err) == WEFT_OK,
          "%s", err.text);
    CHECK(t, !strcmp(u.scheme, "sim") && u.count == 5, "scheme %s, %u options", u.scheme, u.count);
    CHECK(t, weft_uri_has(&u, "link") && !weft_uri_text(&u, "link"), "link");
    CHECK(t, !strcmp(weft_uri_text(&u, "trace"), "a:b=c"), "trace %s", weft_uri_text(&u, "trace"));
    uint64_t v = 7;
    CHECK(t, !weft_uri_number(&u, "stall", 0, 95, &v, &err) && v == 25, "stall %" PRIu64, v);
    CHECK(t, !weft_uri_number(&u, "seed", 0, UINT64_MAX, &v, &err) && v == 16, "seed %" PRIu64, v);
    CHECK(t, !weft_uri_number(&u, "mem", 0, UINT64_MAX, &v, &err) && v == 2 << 20, "%" PRIu64, v);
    CHECK(t, !weft_uri_number(&u, "none", 0, 9, &v, &err) && v == 2 << 20, "absent changed it");
    CHECK(t, weft_uri_number(&u, "stall", 0, 24, &v, &err) == WEFT_ERR_ARG, "25 > 24 accepted");
    CHECK(t, weft_uri_number(&u, "trace", 0, 24, &v, &err) == WEFT_ERR_ARG, "a:b=c is no number");
    CHECK(t, weft_uri_number(&u, "link", 0, 24, &v, &err) == WEFT_ERR_ARG, "no value is no number");
    CHECK(t, !weft_uri_allow(&u, "seed link mem stall trace", &err), "%s", err.text);
    CHECK(t, weft_uri_allow(&u, "seeds link mem stall trac", &err) == WEFT_ERR_ARG, "allowed");
    CHECK(t, strstr(err.text, "\"trace\"") && strstr(err.text, "seeds"), "%s", err.text);
}

static void check_numbers(test *t)
{
    static const char *const bad[] = { "x:n=",
                                       "x:n=-1",
                                       "x:n=1.5",
                                       "x:n=12q",
                                       "x:n=0x",
                                       "x:n= 1",
                                       "x:n=99999999999999999999",
                                       "x:n=18446744073709551615K" };
    weft_uri u;
    uint64_t v;
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        weft_uri_parse(bad[i], &u, NULL);
        CHECK(t, weft_uri_number(&u, "n", 0, UINT64_MAX, &v, NULL) == WEFT_ERR_ARG, "%s", bad[i]);
    }
    uint32_t rows = 1, cols = 2;
    weft_uri_parse("x:shape=12x8", &u, NULL);
    CHECK(t, !weft_uri_shape(&u, "shape", &rows, &cols, NULL) && rows == 12 && cols == 8, "shape");
    static const char *const shapes[] = { "x:shape=8",  "x:shape=x8", "x:shape=8x99999999999",
                                          "x:shape=8x", "x:shape",    "x:shape=8x8x8" };
    for (unsigned i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        weft_uri_parse(shapes[i], &u, NULL);
        CHECK(t, weft_uri_shape(&u, "shape", &rows, &cols, NULL) == WEFT_ERR_ARG, "%s", shapes[i]);
    }
}

int main(int argc, char **argv)
{
    test t = test_begin("uri", argc, argv, 1, 1);
    check_refused(&t);
    check_parts(&t);
    check_numbers(&t);
    return test_end(&t, "addresses, options, numbers, shapes, refusals");
}
