/* fn_encoding.c - base64 and URL escapes. */
#include "jsonata/functions_int.h"

typedef bool (*converter)(asl_buf *out, asl_str text, asl__url_part part, asl__text_fail *fail);

static asl__any convert_url(const asl__call *call, converter convert, asl__url_part part,
                            const char *name)
{
    asl__any text = asl__arg(call, 0);
    if (text.kind != ASL__STRING) {
        return text.kind == ASL__UNDEFINED ? text : asl__bad_argument(call, 0);
    }
    if (!asl__spend(call->ev, asl__string_of(text).len / 16)) {
        return ASL__ANY_FAILED;
    }
    asl__text_fail why = {0};
    if (!convert(asl__scratch(call->ev), asl__string_of(text), part, &why)) {
        (void)asl__fail_value(call->ev, why.code, text);
        call->ev->error.function = name;
        return ASL__ANY_FAILED;
    }
    return asl__scratch_string(call->ev);
}

asl__any asl__fn_encode_url(const asl__call *call)
{
    return convert_url(call, asl__url_encode, ASL__URL_WHOLE, "encodeUrl");
}

asl__any asl__fn_encode_url_component(const asl__call *call)
{
    return convert_url(call, asl__url_encode, ASL__URL_COMPONENT, "encodeUrlComponent");
}

asl__any asl__fn_decode_url(const asl__call *call)
{
    return convert_url(call, asl__url_decode, ASL__URL_WHOLE, "decodeUrl");
}

asl__any asl__fn_decode_url_component(const asl__call *call)
{
    return convert_url(call, asl__url_decode, ASL__URL_COMPONENT, "decodeUrlComponent");
}

static asl__any convert_base64(const asl__call *call, void (*convert)(asl_buf *out, asl_str text))
{
    asl__any text = asl__arg(call, 0);
    if (text.kind != ASL__STRING) {
        return text.kind == ASL__UNDEFINED ? text : asl__bad_argument(call, 0);
    }
    if (!asl__spend(call->ev, asl__string_of(text).len / 16)) {
        return ASL__ANY_FAILED;
    }
    convert(asl__scratch(call->ev), asl__string_of(text));
    return asl__scratch_string(call->ev);
}

asl__any asl__fn_base64encode(const asl__call *call)
{
    return convert_base64(call, asl__base64_put);
}

asl__any asl__fn_base64decode(const asl__call *call)
{
    return convert_base64(call, asl__base64_read);
}
