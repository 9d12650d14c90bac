/* empty.c - a program that is linked with stepd's libraries and does nothing: what the system takes
 * for loading them. tests/bench/startup.py measures stepd beside it. */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <microhttpd.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <unistd.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

typedef void (*any_function)(void);

/* One symbol of each library, so that the linker keeps it. */
any_function libraries[] = {
    (any_function)MHD_get_version, (any_function)sqlite3_libversion, (any_function)curl_version,
    (any_function)OpenSSL_version, (any_function)cJSON_Version,      (any_function)pcre2_config_8,
};

int main(void)
{
    static const char ready[] = "Ready.\n";
    if (write(STDOUT_FILENO, ready, sizeof(ready) - 1) < 0) {
        return 1;
    }
    pause();
    return 0;
}
