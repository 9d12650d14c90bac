/* test_events_pattern.c - EventBridge's event patterns: what fits, what doesn't, what isn't one. */
#include "events_pattern_int.h"

#include "asl/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ' stands for " in patterns and events. */
static asl_value *quoted(const char *text)
{
    asl_buf out;
    asl_buf_init(&out, 65536);
    for (const char *c = text; *c != '\0'; c++) {
        asl_buf_putc(&out, *c == '\'' ? '"' : *c);
    }
    asl_value *value = asl_string(asl_buf_str(&out));
    asl_buf_clear(&out);
    return value;
}

typedef struct match_case {
    const char *pattern;
    const char *event;
    bool matches;
} match_case;

static const match_case match_cases[] = {
    /* exact values: fields are all wanted, of an array one is enough */
    {"{'source':['a','b']}", "{'source':'b'}", true},
    {"{'source':['a','b']}", "{'source':'c'}", false},
    {"{'source':['a']}", "{}", false},
    {"{'source':['a'],'account':['1']}", "{'source':'a','account':'1'}", true},
    {"{'source':['a'],'account':['1']}", "{'source':'a','account':'2'}", false},
    {"{'n':[1]}", "{'n':1.0}", true},
    {"{'n':[1]}", "{'n':'1'}", false},
    {"{'n':[true]}", "{'n':true}", true},
    {"{'n':[null]}", "{'n':null}", true},
    {"{'n':[null]}", "{}", false},
    {"{'n':['']}", "{'n':''}", true},
    /* nested, and arrays in the event */
    {"{'detail':{'state':{'name':['run']}}}", "{'detail':{'state':{'name':'run'}}}", true},
    {"{'detail':{'state':{'name':['run']}}}", "{'detail':{'state':'run'}}", false},
    {"{'detail':{'state':['run']}}", "{'detail':{'state':{'run':1}}}", false},
    {"{'resources':['b']}", "{'resources':['a','b']}", true},
    {"{'resources':['c']}", "{'resources':['a','b']}", false},
    {"{'resources':['b']}", "{'resources':[['a'],['b']]}", true},
    {"{'l':{'k':[1],'v':[2]}}", "{'l':[{'k':1,'v':2},{'k':3,'v':4}]}", true},
    {"{'l':{'k':[1],'v':[4]}}", "{'l':[{'k':1,'v':2},{'k':3,'v':4}]}", false},
    /* prefix, suffix, case */
    {"{'t':[{'prefix':'ab'}]}", "{'t':'abc'}", true},
    {"{'t':[{'prefix':'ab'}]}", "{'t':'a'}", false},
    {"{'t':[{'prefix':''}]}", "{'t':'a'}", true},
    {"{'t':[{'prefix':'1'}]}", "{'t':12}", false},
    {"{'t':[{'prefix':{'equals-ignore-case':'AB'}}]}", "{'t':'abc'}", true},
    {"{'t':[{'suffix':'.png'}]}", "{'t':'a.png'}", true},
    {"{'t':[{'suffix':'.png'}]}", "{'t':'png'}", false},
    {"{'t':[{'suffix':{'equals-ignore-case':'.PNG'}}]}", "{'t':'a.png'}", true},
    {"{'t':[{'equals-ignore-case':'AbC'}]}", "{'t':'aBc'}", true},
    {"{'t':[{'equals-ignore-case':'AbC'}]}", "{'t':'aBcd'}", false},
    /* wildcard */
    {"{'t':[{'wildcard':'*'}]}", "{'t':''}", true},
    {"{'t':[{'wildcard':'a*c*e'}]}", "{'t':'abcde'}", true},
    {"{'t':[{'wildcard':'a*c*e'}]}", "{'t':'acxe'}", true},
    {"{'t':[{'wildcard':'a*c*e'}]}", "{'t':'abde'}", false},
    {"{'t':[{'wildcard':'a*b'}]}", "{'t':'abab'}", true},
    {"{'t':[{'wildcard':'a*b'}]}", "{'t':'aba'}", false},
    {"{'t':[{'wildcard':'a\\\\*b'}]}", "{'t':'a*b'}", true},
    {"{'t':[{'wildcard':'a\\\\*b'}]}", "{'t':'axb'}", false},
    {"{'t':[{'wildcard':'a*'}]}", "{'t':5}", false},
    /* anything-but */
    {"{'t':[{'anything-but':'a'}]}", "{'t':'b'}", true},
    {"{'t':[{'anything-but':'a'}]}", "{'t':'a'}", false},
    {"{'t':[{'anything-but':'a'}]}", "{}", false},
    {"{'t':[{'anything-but':5}]}", "{'t':5}", false},
    {"{'t':[{'anything-but':5}]}", "{'t':'5'}", true},
    {"{'t':[{'anything-but':['a','b']}]}", "{'t':'b'}", false},
    {"{'t':[{'anything-but':['a','b']}]}", "{'t':'c'}", true},
    {"{'t':[{'anything-but':{'prefix':'a'}}]}", "{'t':'ab'}", false},
    {"{'t':[{'anything-but':{'prefix':['a','b']}}]}", "{'t':'ca'}", true},
    {"{'t':[{'anything-but':{'suffix':'z'}}]}", "{'t':'az'}", false},
    {"{'t':[{'anything-but':{'wildcard':'*x*'}}]}", "{'t':'axb'}", false},
    {"{'t':[{'anything-but':{'equals-ignore-case':['A']}}]}", "{'t':'a'}", false},
    {"{'t':[{'anything-but':'a'}]}", "{'t':['a','b']}", true},
    {"{'t':[{'anything-but':'a'}]}", "{'t':['a']}", false},
    /* numeric */
    {"{'n':[{'numeric':['=',3.018e2]}]}", "{'n':301.8}", true},
    {"{'n':[{'numeric':['>',0,'<=',5]}]}", "{'n':5}", true},
    {"{'n':[{'numeric':['>',0,'<=',5]}]}", "{'n':0}", false},
    {"{'n':[{'numeric':['>=',0]}]}", "{'n':-0.1}", false},
    {"{'n':[{'numeric':['<',10]}]}", "{'n':'5'}", false},
    {"{'n':[{'numeric':['<',10]},'x']}", "{'n':'x'}", true},
    /* exists */
    {"{'a':[{'exists':true}]}", "{'a':null}", true},
    {"{'a':[{'exists':true}]}", "{}", false},
    {"{'a':[{'exists':true}]}", "{'a':{'b':1}}", false},
    {"{'a':[{'exists':false}]}", "{}", true},
    {"{'a':[{'exists':false}]}", "{'a':1}", false},
    {"{'a':[{'exists':false}]}", "{'a':{'b':1}}", true},
    {"{'a':{'b':[{'exists':false}]}}", "{}", true},
    {"{'a':{'b':[{'exists':false}]}}", "{'a':{'b':1}}", false},
    {"{'a':[{'exists':false},'x']}", "{'a':'x'}", true},
    {"{'a':[{'exists':true}]}", "{'a':[]}", false},
    /* $or */
    {"{'$or':[{'a':[1]},{'b':[2]}]}", "{'b':2}", true},
    {"{'$or':[{'a':[1]},{'b':[2]}]}", "{'a':2,'b':1}", false},
    {"{'c':[3],'$or':[{'a':[1]},{'b':[2]}]}", "{'a':1}", false},
    {"{'d':{'$or':[{'a':[1]},{'b':[{'exists':false}]}]}}", "{'d':{'a':2}}", true},
};

static void test_matches(void **state)
{
    (void)state;
    uint64_t live = asl_alloc_live();
    for (size_t i = 0; i < ASL_LEN(match_cases); i++) {
        const match_case *one = &match_cases[i];
        asl_value *pattern_text = quoted(one->pattern);
        asl_value *event_text = quoted(one->event);
        asl_err err = {0};
        asl_value *pattern = NULL;
        asl_value *event = NULL;
        if (events__pattern_parse(asl_value_str(pattern_text), &err, &pattern) != ASL_OK) {
            fail_msg("%s: %s", one->pattern, err.msg);
        }
        assert_int_equal(asl_json_parse(asl_value_str(event_text), NULL, &event), ASL_OK);
        if (events__pattern_matches(pattern, event) != one->matches) {
            fail_msg("%s and %s: expected %d", one->pattern, one->event, one->matches);
        }
        asl_value_unref(pattern);
        asl_value_unref(event);
        asl_value_unref(pattern_text);
        asl_value_unref(event_text);
    }
    assert_int_equal(asl_alloc_live(), live);
}

static const struct refusal_case {
    const char *pattern;
    const char *reason; /* a part of it */
} refusal_cases[] = {
    {"nonsense", ""},
    {"[]", "Filter is not an object"},
    {"{}", "Empty objects are not allowed"},
    {"{'a':{}}", "Empty objects are not allowed"},
    {"{'a':[]}", "Empty arrays are not allowed"},
    {"{'a':'b'}", "\"a\" must be an object or an array"},
    {"{'a':[['b']]}", "Match value must be String, number, true, false, or null"},
    {"{'a':[{'prefix':'b','suffix':'c'}]}", "Match value must be"},
    {"{'a':[{'near':'b'}]}", "Unrecognized match type near"},
    {"{'a':[{'prefix':1}]}", "prefix match pattern must be a string"},
    {"{'a':[{'wildcard':'a**'}]}", "wildcard match pattern"},
    {"{'a':[{'wildcard':'a\\\\'}]}", "wildcard match pattern"},
    {"{'a':[{'exists':1}]}", "exists match pattern must be true or false"},
    {"{'a':[{'anything-but':[]}]}", "anything-but match pattern"},
    {"{'a':[{'anything-but':['a',1]}]}", "anything-but match pattern"},
    {"{'a':[{'anything-but':{'numeric':['=',1]}}]}", "anything-but match pattern"},
    {"{'a':[{'numeric':[]}]}", "numeric match pattern"},
    {"{'a':[{'numeric':['<']}]}", "numeric match pattern"},
    {"{'a':[{'numeric':['<>',1]}]}", "numeric match pattern"},
    {"{'a':[{'numeric':['<','1']}]}", "numeric match pattern"},
    {"{'a':[{'numeric':['<',5000000001]}]}", "numeric match pattern"},
    {"{'a':[{'numeric':['=',1,'<',2]}]}", "numeric match pattern"},
    {"{'$or':[{'a':[1]}]}", "\"$or\" must be an array of at least 2 patterns"},
    {"{'$or':[{'a':[1]},1]}", "\"$or\" must be an array of objects"},
};

static void test_refusals(void **state)
{
    (void)state;
    uint64_t live = asl_alloc_live();
    for (size_t i = 0; i < ASL_LEN(refusal_cases); i++) {
        asl_value *text = quoted(refusal_cases[i].pattern);
        asl_value *pattern = NULL;
        asl_err err = {0};
        if (events__pattern_parse(asl_value_str(text), &err, &pattern) != ASL_E_INVALID) {
            fail_msg("%s was accepted", refusal_cases[i].pattern);
        }
        if (!strstr(err.msg, refusal_cases[i].reason)) {
            fail_msg("%s: %s", refusal_cases[i].pattern, err.msg);
        }
        asl_value_unref(text);
    }
    assert_int_equal(asl_alloc_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
