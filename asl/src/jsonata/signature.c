/* signature.c - <n-n?:s>: what arguments a function takes, and how those given are fitted to it.
 *
 * A signature is a regular expression over the types of the arguments; matching it is done with a
 * table of what can still match, so it's polynomial.
 */
#include "jsonata/evaluate_int.h"

#include <string.h>

typedef struct parameter {
    uint8_t types;  /* bit per letter of type_letters */
    bool optional;  /* ? or - */
    bool many;      /* + */
    bool lazy;      /* takes as few as it can: "-?" */
    bool context;   /* - : the context where nothing is given */
    bool any;       /* ... whatever that is: "?-", or a - before all parameters */
    char type;      /* 'a' makes arrays of scalars */
    bool typed;     /* a<..> */
    bool exact;     /* of one letter: a<n>, not a<a<n>> */
    char item_type; /* the first letter */
} parameter;

struct asl__signature {
    parameter *parameters;
    size_t count;
};

static const char type_letters[] = "asnblfom";

static unsigned bit_of(char letter)
{
    const char *at = letter ? strchr(type_letters, letter) : NULL;
    return at ? 1U << (at - type_letters) : 0;
}

static unsigned bits_of(asl_str letters)
{
    unsigned bits = 0;
    for (size_t i = 0; i < letters.len; i++) {
        bits |= bit_of(letters.ptr[i]);
    }
    return bits;
}

/* ---- parsing ---- */

/* The place of the bracket that closes the one at `at`; text.len when there's none. */
static size_t closing(asl_str text, size_t at, char close)
{
    char open = text.ptr[at];
    int depth = 1;
    for (at++; at < text.len; at++) {
        depth += text.ptr[at] == open;
        depth -= text.ptr[at] == close;
        if (depth == 0) {
            return at;
        }
    }
    return at;
}

static unsigned types_of(char symbol)
{
    switch (symbol) {
    case 's':
    case 'n':
    case 'b':
    case 'l':
    case 'o':
        return bit_of(symbol) | bit_of('m');
    case 'a':
    case 'x':
        return bits_of(ASL_STR("asnblfom"));
    case 'j':
        return bits_of(ASL_STR("asnblom"));
    case 'f':
        return bit_of('f');
    default:
        return 0;
    }
}

/* ?, + and - after a parameter */
static void modify(parameter *last, char symbol)
{
    if (symbol == '-') {
        last->context = true;
        last->any = last->optional;
    }
    if (symbol == '+') {
        last->many = true;
    } else if (last->optional || last->many) {
        last->lazy = true;
    } else {
        last->optional = true;
    }
}

static const asl__signature *refuse(asl__signature_fault *fault, const char *code, size_t offset)
{
    *fault = (asl__signature_fault){code, offset};
    return NULL;
}

const asl__signature *asl__signature_new(asl_arena *arena, asl_str text,
                                         asl__signature_fault *fault)
{
    asl__signature *signature = asl_arena_alloc(arena, sizeof(*signature));
    signature->parameters = asl_arena_alloc(arena, text.len * sizeof(parameter));
    parameter *last = NULL;
    bool ahead = false; /* a - before all parameters is the first one's */
    for (size_t at = 1; at < text.len && text.ptr[at] != ':'; at++) {
        char symbol = text.ptr[at];
        parameter next = {.types = (uint8_t)types_of(symbol), .type = symbol};
        if (symbol == '(') {
            size_t end = closing(text, at, ')');
            asl_str choice = asl_str_slice(text, at + 1, end);
            if (asl_str_find(choice, ASL_STR("<")) < choice.len) {
                return refuse(fault, "S0402", at);
            }
            next.types = (uint8_t)(bits_of(choice) | bit_of('m'));
            at = end;
        } else if (symbol == '<') {
            if (!last || (last->type != 'a' && last->type != 'f')) {
                return refuse(fault, "S0401", at);
            }
            size_t end = closing(text, at, '>');
            last->typed = true;
            last->exact = end == at + 2;
            last->item_type = end > at + 1 ? text.ptr[at + 1] : '\0';
            at = end;
        } else if (last && (symbol == '?' || symbol == '+' || symbol == '-')) {
            modify(last, symbol);
        }
        ahead |= !last && symbol == '-';
        if (next.types) {
            next.context = next.any = ahead && !last;
            last = &signature->parameters[signature->count++];
            *last = next;
        }
    }
    return signature;
}

/* ---- matching ---- */

static bool fits(const parameter *one, char letter)
{
    return (one->types & bit_of(letter)) != 0;
}

/* One argument for each parameter, and all fit: the usual case. */
static bool fits_plainly(const asl__signature *signature, const asl__any *args, size_t count)
{
    if (count != signature->count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const parameter *one = &signature->parameters[i];
        if (one->many || one->lazy || !fits(one, asl__any_letter(args[i]))) {
            return false;
        }
    }
    return true;
}

typedef struct matching {
    const parameter *parameters;
    size_t parameter_count;
    const char *letters;
    size_t count;
    bool *can;  /* [parameter][argument]: can the rest be matched from here? */
    bool whole; /* all arguments must be used */
} matching;

static bool *can_match(const matching *match, size_t at, size_t argument)
{
    return &match->can[at * (match->count + 1) + argument];
}

static size_t least(const parameter *one)
{
    return one->optional ? 0 : 1;
}

/* Most arguments from `from` on that the parameter takes. */
static size_t most(const matching *match, const parameter *one, size_t from)
{
    size_t limit = one->many ? match->count : from + 1;
    size_t to = from;
    while (to < match->count && to < limit && fits(one, match->letters[to])) {
        to++;
    }
    return to - from;
}

static void fill_table(const matching *match)
{
    for (size_t argument = 0; argument <= match->count; argument++) {
        *can_match(match, match->parameter_count, argument) =
            !match->whole || argument == match->count;
    }
    for (size_t at = match->parameter_count; at-- > 0;) {
        const parameter *one = &match->parameters[at];
        for (size_t argument = 0; argument <= match->count; argument++) {
            size_t limit = most(match, one, argument);
            bool can = false;
            for (size_t n = least(one); n <= limit && !can; n++) {
                can = *can_match(match, at + 1, argument + n);
            }
            *can_match(match, at, argument) = can;
        }
    }
}

/* How many arguments each parameter takes; false when they don't match. */
static bool match_all(const matching *match, size_t *taken)
{
    fill_table(match);
    if (!*can_match(match, 0, 0)) {
        return false;
    }
    size_t argument = 0;
    for (size_t at = 0; at < match->parameter_count; at++) {
        const parameter *one = &match->parameters[at];
        size_t low = least(one);
        size_t high = most(match, one, argument);
        size_t n = one->lazy ? low : high;
        while (!*can_match(match, at + 1, argument + n)) {
            n = one->lazy ? n + 1 : n - 1;
        }
        taken[at] = n;
        argument += n;
    }
    return true;
}

/* ---- errors ---- */

static bool refused(asl__evaluation *ev, const char *code, asl__any value, size_t index)
{
    (void)asl__fail_value(ev, code, value);
    ev->error.index = index + 1;
    return false;
}

/* The first argument that can't be what the parameters want. */
static bool mismatch(asl__evaluation *ev, matching *match, const asl__any *args, size_t *taken)
{
    size_t all = match->parameter_count;
    size_t good = 0;
    match->whole = false;
    for (size_t upto = 1; upto <= all; upto++) {
        match->parameter_count = upto;
        if (!match_all(match, taken)) {
            break;
        }
        good = 0;
        for (size_t i = 0; i < upto; i++) {
            good += taken[i];
        }
    }
    return refused(ev, "T0410", good < match->count ? args[good] : ASL__ANY_UNDEFINED, good);
}

/* ---- arguments as the function gets them ---- */

static const char *plural(char item_type)
{
    static const struct {
        char letter;
        const char *name;
    } names[] = {{'a', "arrays"},  {'b', "booleans"}, {'f', "functions"},
                 {'n', "numbers"}, {'o', "objects"},  {'s', "strings"}};
    for (size_t i = 0; i < ASL_LEN(names); i++) {
        if (item_type == names[i].letter) {
            return names[i].name;
        }
    }
    return NULL;
}

static bool items_fit(asl__evaluation *ev, asl__any array, char letter)
{
    size_t count = asl__count(array);
    if (asl__flags(array) & ASL__RANGE) {
        return letter == 'n' || count == 0;
    }
    if (!asl__spend(ev, count / 8)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (asl__any_letter(asl__at(array, i)) != letter) {
            return false;
        }
    }
    return true;
}

/* An argument as an array. Behind an optional parameter that was left out the reference takes its
 * arguments one too late: `letter` is that of the argument that was meant. */
static bool fit_array(asl__evaluation *ev, const parameter *one, asl__any *arg, char letter,
                      size_t index, size_t taken)
{
    if (letter == 'm') {
        *arg = ASL__ANY_UNDEFINED;
        return true;
    }
    bool ok = true;
    if (one->typed && letter == 'a') {
        bool text = arg->kind == ASL__STRING && asl__string_of(*arg).len > 0;
        ok = arg->kind == ASL__ARRAY ? items_fit(ev, *arg, one->item_type)
                                     : !text || one->item_type == 's';
    } else if (one->typed) {
        ok = taken == 1 && one->exact && one->item_type == letter;
    }
    if (!ok) {
        if (!ev->error.code) {
            (void)refused(ev, "T0412", *arg, index);
            ev->error.type = one->exact ? plural(one->item_type) : NULL;
        }
        return false;
    }
    if (letter != 'a') {
        asl__array *array = asl__new_array(ev, 1, 0);
        if (!asl__push(ev, array, *arg)) {
            return false;
        }
        *arg = asl__any_array(array);
    }
    return true;
}

typedef struct fitting {
    asl__evaluation *ev;
    const asl__any *args;
    size_t count;
    const char *letters; /* of the arguments that the parameters still to come take */
    asl__any context;
    asl__any *out;
    size_t out_count;
} fitting;

static bool fit_parameter(fitting *fit, const parameter *one, size_t *argument, size_t taken)
{
    if (taken == 0 && one->context) {
        if (!one->any && !fits(one, asl__any_letter(fit->context))) {
            return refused(fit->ev, "T0411", fit->context, *argument);
        }
        fit->out[fit->out_count++] = asl__context(fit->context);
        return true;
    }
    size_t count = taken ? taken : 1;
    for (size_t i = 0; i < count; i++, (*argument)++) {
        asl__any arg = *argument < fit->count ? fit->args[*argument] : ASL__ANY_UNDEFINED;
        if (taken && one->type == 'a' &&
            !fit_array(fit->ev, one, &arg, fit->letters[i], *argument, taken)) {
            return false;
        }
        fit->out[fit->out_count++] = arg;
    }
    fit->letters += taken;
    return true;
}

static bool fit_all(asl__evaluation *ev, const asl__signature *signature, const asl__any **args,
                    size_t *count, asl__any context)
{
    size_t rows = signature->count + 1;
    size_t cells = asl_mul_size(rows, *count + 1);
    char *letters = asl__pool_alloc(ev, *count + 1);
    size_t *taken = asl__pool_alloc(ev, rows * sizeof(*taken));
    for (size_t i = 0; i < *count; i++) {
        letters[i] = asl__any_letter((*args)[i]);
    }
    if (!asl__spend(ev, cells) || !asl__may_allocate(ev, cells)) {
        return false;
    }
    matching match = {
        signature->parameters, signature->count, letters, *count, asl__pool_alloc(ev, cells), true};
    if (!match_all(&match, taken)) {
        return mismatch(ev, &match, *args, taken);
    }
    fitting fit = {.ev = ev, .args = *args, .count = *count, .context = context};
    fit.letters = letters;
    fit.out = asl__pool_alloc(ev, (rows + *count) * sizeof(*fit.out));
    size_t argument = 0;
    for (size_t i = 0; i < signature->count; i++) {
        if (!fit_parameter(&fit, &signature->parameters[i], &argument, taken[i])) {
            return false;
        }
    }
    *args = fit.out;
    *count = fit.out_count;
    return true;
}

bool asl__signature_check(asl__evaluation *ev, const asl__signature *signature,
                          const asl__any **args, size_t *count, asl__any context)
{
    if (!fits_plainly(signature, *args, *count)) {
        return fit_all(ev, signature, args, count, context);
    }
    asl__any *fitted = NULL;
    for (size_t i = 0; i < *count; i++) {
        const parameter *one = &signature->parameters[i];
        if (one->type != 'a') {
            continue;
        }
        asl__any arg = (*args)[i];
        if (!fit_array(ev, one, &arg, asl__any_letter(arg), i, 1)) {
            return false;
        }
        if (arg.kind == (*args)[i].kind) {
            continue;
        }
        if (!fitted) {
            fitted = asl__pool_alloc(ev, *count * sizeof(*fitted));
            memcpy(fitted, *args, *count * sizeof(*fitted));
        }
        fitted[i] = arg;
    }
    *args = fitted ? fitted : *args;
    return true;
}
