/* arn.c - see arn.h. */
#include "engine/arn.h"

/* Cut the part before the next colon off *rest; false when there is no colon. */
static bool part(asl_str *rest, asl_str *out)
{
    size_t colon = asl_str_find(*rest, ASL_STR(":"));
    if (colon == rest->len) {
        return false;
    }
    *out = asl_str_slice(*rest, 0, colon);
    *rest = asl_str_slice(*rest, colon + 1, rest->len);
    return true;
}

bool eng_arn_parse(asl_str text, eng_arn *out)
{
    eng_arn arn = {0};
    asl_str scheme;
    asl_str rest = text;
    if (!part(&rest, &scheme) || !asl_str_equal(scheme, ASL_STR("arn")) ||
        !part(&rest, &arn.partition) || !part(&rest, &arn.service) || !part(&rest, &arn.region) ||
        !part(&rest, &arn.account)) {
        return false;
    }
    if (!part(&rest, &arn.type)) {
        arn.type = asl_str_slice(rest, 0, 0);
    }
    arn.rest = rest;
    *out = arn;
    return true;
}

asl_value *eng_arn_make(eng_scope scope, const char *service, const char *type, asl_str rest)
{
    const asl_str parts[] = {
        ASL_STR("arn:aws:"),
        asl_str_from(service),
        ASL_STR(":"),
        scope.region,
        ASL_STR(":"),
        scope.account,
        ASL_STR(":"),
        asl_str_from(type),
        asl_str_from(type[0] != '\0' ? ":" : ""),
        rest,
    };
    return asl_string_join(parts, ASL_LEN(parts));
}

asl_str eng_arn_function(asl_str function_name)
{
    eng_arn arn;
    asl_str name = function_name;
    if (eng_arn_parse(function_name, &arn)) {
        name = arn.rest;
    } else {
        size_t marker = asl_str_find(name, ASL_STR(":function:"));
        if (marker < name.len) {
            name = asl_str_slice(name, marker + sizeof(":function:") - 1, name.len);
        }
    }
    return asl_str_slice(name, 0, asl_str_find(name, ASL_STR(":")));
}
