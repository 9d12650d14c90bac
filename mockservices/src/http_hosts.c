/* http_hosts.c - which hosts outgoing calls may reach: loopback and those of --allow-host.
 * URLs are read with libcurl's own parser, so what is judged here is what is called later. */
#include "functions_int.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_loopback(const char *host)
{
    size_t len = strlen(host);
    char bare[64];
    if (len >= 2 && host[0] == '[' && host[len - 1] == ']' && len - 2 < sizeof(bare)) {
        memcpy(bare, host + 1, len - 2);
        bare[len - 2] = '\0';
        struct in6_addr six;
        if (inet_pton(AF_INET6, bare, &six) != 1) {
            return false;
        }
        /* ::ffff:127.0.0.1 is loopback written as IPv6 */
        return IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
    }
    struct in_addr four;
    if (inet_pton(AF_INET, host, &four) == 1) {
        return ntohl(four.s_addr) >> 24 == 127;
    }
    /* libcurl itself resolves these two to loopback and never asks a name server [RFC 6761] */
    static const char suffix[] = ".localhost";
    return strcasecmp(host, "localhost") == 0 ||
           (len > sizeof(suffix) - 1 && strcasecmp(host + len - (sizeof(suffix) - 1), suffix) == 0);
}

static bool is_allowed(const mock_config *config, const char *host, const char *port)
{
    for (size_t i = 0; i < config->allowed_host_count; i++) {
        asl_str allowed = config->allowed_hosts[i];
        size_t host_len = strlen(host);
        if (allowed.len < host_len || strncasecmp(allowed.ptr, host, host_len) != 0) {
            continue;
        }
        if (allowed.len == host_len) {
            return true;
        }
        asl_str rest = asl_str_slice(allowed, host_len + 1, allowed.len);
        if (allowed.ptr[host_len] == ':' && asl_str_equal(rest, asl_str_from(port))) {
            return true;
        }
    }
    return false;
}

/* The parts of a URL; strings are libcurl's. */
typedef struct url_parts {
    char *scheme;
    char *host;
    char *port;
} url_parts;

static void clear_parts(url_parts *parts)
{
    curl_free(parts->scheme);
    curl_free(parts->host);
    curl_free(parts->port);
}

/* False when url isn't an absolute URL; parts are to be cleared in any case. */
static bool parse_url(asl_str url, url_parts *parts)
{
    *parts = (url_parts){NULL, NULL, NULL};
    if (memchr(url.ptr ? url.ptr : "", '\0', url.len)) {
        return false;
    }
    char *text = asl_strdup(url);
    CURLU *handle = curl_url();
    bool good = handle && curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK &&
                curl_url_get(handle, CURLUPART_SCHEME, &parts->scheme, 0) == CURLUE_OK &&
                curl_url_get(handle, CURLUPART_HOST, &parts->host, 0) == CURLUE_OK &&
                curl_url_get(handle, CURLUPART_PORT, &parts->port, CURLU_DEFAULT_PORT) == CURLUE_OK;
    curl_url_cleanup(handle);
    asl_free(text);
    return good && (strcmp(parts->scheme, "http") == 0 || strcmp(parts->scheme, "https") == 0);
}

bool mock__http_valid(asl_str url)
{
    url_parts parts;
    bool good = parse_url(url, &parts);
    clear_parts(&parts);
    return good;
}

bool mock__http_allowed(const mock_config *config, asl_str url, bool *refused, char **reason)
{
    url_parts parts;
    asl_buf text;
    asl_buf_init(&text, 4096);
    *refused = false;
    bool good = parse_url(url, &parts);
    if (!good) {
        asl_buf_printf(&text, "'%.*s' is not an http or https URL",
                       (int)(url.len > 1024 ? 1024 : url.len), url.ptr ? url.ptr : "");
    } else if (!is_loopback(parts.host) && !is_allowed(config, parts.host, parts.port)) {
        good = false;
        *refused = true;
        asl_buf_printf(&text,
                       "calls to %.255s are not allowed: stepd reaches this machine only, start it "
                       "with --allow-host %.255s to allow them",
                       parts.host, parts.host);
    }
    clear_parts(&parts);
    *reason = good ? NULL : asl_buf_take(&text, NULL);
    asl_buf_clear(&text);
    return good;
}

bool mock__is_own_url(const mock_services *services, asl_str url)
{
    url_parts parts;
    char port[16];
    snprintf(port, sizeof(port), "%u", services->port);
    bool own = parse_url(url, &parts) && is_loopback(parts.host) && strcmp(parts.port, port) == 0;
    clear_parts(&parts);
    return own;
}
