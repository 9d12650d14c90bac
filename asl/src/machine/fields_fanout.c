/* fields_fanout.c - fields of Parallel and Map states, and of the objects in a Map.
 *
 * What only a Distributed Map uses is checked and not kept. Sources: ASL spec "Parallel State",
 * "Map State"; Developer Guide, "Map state in Distributed mode" and the pages of its fields.
 */
#include "machine/parse_int.h"

#include "asl/limits.h"
#include "asl/text.h"

#include <string.h>

enum {
    MAX_LABEL_CHARS = 40
};

static asl_map_state *map_of(void *target)
{
    return &((asl_state *)target)->as.map;
}

/* ---- Parallel ---- */

void asl__parse_branches(asl__parser *parser, void *target, const asl__place *place,
                         const asl_value *value)
{
    asl_parallel_state *parallel = &((asl_state *)target)->as.parallel;
    size_t count = asl_value_count(value);

    parallel->branch_count = count;
    parallel->starts =
        asl_arena_alloc(parser->arena, asl_mul_size(count, sizeof(*parallel->starts)));
    for (size_t i = 0; i < count; i++) {
        const asl_value *json = asl_value_at(value, i);
        asl__place item = asl__place_item(place, i);

        parallel->starts[i] = ASL_NO_STATE;
        if (asl_value_kind(json) != ASL_KIND_OBJECT) {
            asl__fault(parser, &item, ASL__CODE_SCHEMA, "Expected value of type Object");
        } else {
            parallel->starts[i] = asl__parse_nested(parser, ASL__OWNER_BRANCH, &item, json, false,
                                                    parser->here.express);
        }
    }
}

/* ---- Map: its mode ---- */

static bool is_word(const asl_value *object, const char *field, asl_str word)
{
    return asl_str_equal(asl_value_str(asl_value_get_c(object, field)), word);
}

/* ItemProcessor's ProcessorConfig, or the legacy Iterator's. */
static const asl_value *config_of(const asl_value *map)
{
    const asl_value *processor = asl_value_get_c(map, "ItemProcessor");

    return asl_value_get_c(processor == NULL ? asl_value_get_c(map, "Iterator") : processor,
                           "ProcessorConfig");
}

static bool is_distributed(const asl__parser *parser)
{
    return is_word(config_of(parser->here.state), "Mode", ASL_STR("DISTRIBUTED"));
}

/* Says so of a field of Distributed Maps in another one. ToleratedFailureCount and its like AWS
 * takes in both. [recorded] */
static void check_distributed(asl__parser *parser, const asl__place *place)
{
    if (!is_distributed(parser)) {
        asl__fault(parser, place->parent, ASL__CODE_SCHEMA,
                   "Field '%.*s' is only supported in a Map state whose Mode is DISTRIBUTED",
                   ASL_STR_FMT(place->name));
    }
}

void asl__parse_processor(asl__parser *parser, void *target, const asl__place *place,
                          const asl_value *value)
{
    asl_map_state *map = map_of(target);
    bool express = parser->here.express;

    map->distributed = is_distributed(parser);
    if (map->distributed) {
        if (express) {
            asl__place config = asl__place_member(place, ASL_STR("ProcessorConfig"));
            asl__place mode = asl__place_member(&config, ASL_STR("Mode"));

            asl__fault(
                parser, &mode, ASL__CODE_SCHEMA,
                "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' "
                "state machines");
        }
        express = is_word(config_of(parser->here.state), "ExecutionType", ASL_STR("EXPRESS"));
    }
    map->start =
        asl__parse_nested(parser, ASL__OWNER_PROCESSOR, place, value, map->distributed, express);
}

void asl__parse_processor_config(asl__parser *parser, void *target, const asl__place *place,
                                 const asl_value *value)
{
    bool distributed = is_word(value, "Mode", ASL_STR("DISTRIBUTED"));
    bool has_type = asl_value_get_c(value, "ExecutionType") != NULL;

    (void)target;
    if (distributed && !has_type) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "These fields are required: [ExecutionType]");
    } else if (!distributed && has_type) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Field 'ExecutionType' is not supported");
    }
    asl__parse_fields(parser, ASL__OWNER_PROCESSOR_CONFIG, NULL, place, value);
}

/* ---- Map: items ---- */

void asl__parse_items_path(asl__parser *parser, void *target, const asl__place *place,
                           const asl_value *value)
{
    map_of(target)->items_path = asl__path_field(parser, place, value, true);
}

void asl__parse_item_selector(asl__parser *parser, void *target, const asl__place *place,
                              const asl_value *value)
{
    if (!parser->here.is_jsonata) {
        map_of(target)->item_selector = asl__template_field(parser, place, value);
    }
}

void asl__parse_max_concurrency(asl__parser *parser, void *target, const asl__place *place,
                                const asl_value *value)
{
    (void)parser;
    (void)place;
    (void)asl_value_int64(value, &map_of(target)->max_concurrency);
}

/* A number's Reference Path. Of a Map's only ItemsPath may lead into the context object.
 * [measured] */
static const asl_path *number_path(asl__parser *parser, const asl__place *place,
                                   const asl_value *value)
{
    const asl_path *path = asl__path_field(parser, place, value, true);

    if (path != NULL && asl_path_uses_context(path)) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Value is not a Reference Path");
        return NULL;
    }
    return path;
}

void asl__parse_max_concurrency_path(asl__parser *parser, void *target, const asl__place *place,
                                     const asl_value *value)
{
    map_of(target)->max_concurrency_path = number_path(parser, place, value);
}

/* One that is checked and not kept. */
void asl__parse_any_path(asl__parser *parser, void *target, const asl__place *place,
                         const asl_value *value)
{
    (void)target;
    (void)number_path(parser, place, value);
}

/* ---- Map: Distributed only ---- */

/* White space, control characters and what ARNs and file names can't hold. */
static bool fits_label(uint32_t c)
{
    return c > 0x20 && (c < 0x7F || c > 0xA0) &&
           (c >= 0x7F || strchr("?*<>{}[]:;,\\|^~$#%&`\"", (int)c) == NULL);
}

void asl__parse_label(asl__parser *parser, void *target, const asl__place *place,
                      const asl_value *value)
{
    asl_str label = asl_value_str(value);
    size_t offset = 0;

    (void)target;
    check_distributed(parser, place);
    asl__check_unique(parser, &parser->labels, place, label, ASL__CODE_DUPLICATE_LABEL);
    if (asl_utf8_count(label) > MAX_LABEL_CHARS) {
        asl__fault(parser, place, ASL__CODE_LABEL,
                   "Invalid Label name: %.*s exceeds the %d-character limit allowed by the service",
                   ASL_STR_FMT(asl__shown(label)), MAX_LABEL_CHARS);
        return;
    }
    while (offset < label.len) {
        size_t start = offset;

        if (!fits_label(asl_utf8_decode(label, &offset))) {
            asl__fault(parser, place, ASL__CODE_LABEL, "Label contains invalid character: '%.*s'",
                       ASL_STR_FMT(asl_str_slice(label, start, offset)));
            return;
        }
    }
}

void asl__parse_reader(asl__parser *parser, void *target, const asl__place *place,
                       const asl_value *value)
{
    (void)target;
    check_distributed(parser, place);
    asl__parse_fields(parser, ASL__OWNER_READER, NULL, place, value);
}

/* Where the names of columns come from is said for CSV, and not for JSON. [measured] */
static void check_headers(asl__parser *parser, const asl__place *place, const asl_value *config)
{
    bool has_place = asl_value_get_c(config, "CSVHeaderLocation") != NULL;

    if (is_word(config, "InputType", ASL_STR("CSV")) && !has_place) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "The field 'CSVHeaderLocation' is required");
    } else if (is_word(config, "InputType", ASL_STR("JSON")) && has_place) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Field 'CSVHeaderLocation' is not supported");
    }
    if (is_word(config, "CSVHeaderLocation", ASL_STR("GIVEN")) &&
        asl_value_get_c(config, "CSVHeaders") == NULL) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "These fields are required: [CSVHeaders]");
    }
}

void asl__parse_reader_config(asl__parser *parser, void *target, const asl__place *place,
                              const asl_value *value)
{
    (void)target;
    check_headers(parser, place, value);
    asl__parse_fields(parser, ASL__OWNER_READER_CONFIG, NULL, place, value);
}

void asl__parse_batcher(asl__parser *parser, void *target, const asl__place *place,
                        const asl_value *value)
{
    (void)target;
    check_distributed(parser, place);
    asl__parse_fields(parser, ASL__OWNER_BATCHER, NULL, place, value);
}

void asl__parse_writer(asl__parser *parser, void *target, const asl__place *place,
                       const asl_value *value)
{
    (void)target;
    check_distributed(parser, place);
    asl__parse_fields(parser, ASL__OWNER_WRITER, NULL, place, value);
}

void asl__parse_writer_config(asl__parser *parser, void *target, const asl__place *place,
                              const asl_value *value)
{
    (void)target;
    asl__parse_fields(parser, ASL__OWNER_WRITER_CONFIG, NULL, place, value);
}

/* What a reader and a writer may use is listed: any other ARN is as bad as none. [measured] */
static void check_listed(asl__parser *parser, const asl__place *place, bool listed)
{
    if (!listed) {
        asl__fault(parser, place, ASL__CODE_SCHEMA,
                   "The field 'Resource' does not match any of the allowed values");
    }
}

void asl__parse_reader_resource(asl__parser *parser, void *target, const asl__place *place,
                                const asl_value *value)
{
    (void)target;
    check_listed(parser, place, asl__is_reader_resource(asl_value_str(value)));
}

void asl__parse_writer_resource(asl__parser *parser, void *target, const asl__place *place,
                                const asl_value *value)
{
    (void)target;
    check_listed(parser, place, asl__is_writer_resource(asl_value_str(value)));
}
