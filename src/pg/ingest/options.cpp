/*
 * Options from JSON.
 */
#include "pg/ingest/options.hpp"

#include <array>

namespace tradeup {

namespace {

enum Option {
    encoding_option,
    delimiter_option,
    max_bytes_option,
    max_cell_bytes_option,
    max_columns_option,
    decimal_mark_option,
    date_order_option,
    time_zone_option,
    columns_option,
    lines_option,
    force_option,
    max_rejected_option
};

constexpr JsonKey kKeys[] = {{"encoding", JsonKind::any_text, "a text"},
                             {"delimiter", JsonKind::any_text, "one character"},
                             {"max_bytes", JsonKind::number, "a number from 1 to 1000000000000", decimal(1),
                              decimal(1'000'000'000'000)},
                             {"max_cell_bytes", JsonKind::whole_number, "a whole number from 1 to 1000000000",
                              decimal(1), decimal(1'000'000'000)},
                             {"max_columns", JsonKind::whole_number, "a whole number from 1 to 1000000",
                              decimal(1), decimal(1'000'000)},
                             {"decimal_mark", JsonKind::any_text, "\".\" or \",\""},
                             {"date_order", JsonKind::any_text, "\"DMY\" or \"MDY\""},
                             {"time_zone", JsonKind::any_text, "a text"},
                             {"columns", JsonKind::any_text, "an object of texts"},
                             {"lines", JsonKind::flag, "true or false"},
                             {"force", JsonKind::flag, "true or false"},
                             {"max_rejected", JsonKind::whole_number, "a whole number from 0 to 100000000",
                              decimal(0), decimal(100'000'000)}};

constexpr JsonObject kUploadOptions{
    "options", "They are", "option", kKeys,
    "Use encoding, delimiter, decimal_mark, date_order, time_zone, columns, lines, force, "
    "max_bytes, max_cell_bytes, max_columns or max_rejected."};
constexpr JsonObject kCsvOptions{"options", "They are", "option", std::span<const JsonKey>(kKeys).first(5),
                                 "Use encoding, delimiter, max_bytes, max_cell_bytes or max_columns."};

/* Whether it is an object whose values are texts. */
bool is_object_of_texts(const JsonbValue *value) {
    if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data)) {
        return false;
    }
    bool all = true;
    for_each_entry(value->val.binary.data,
                   [&](std::string_view, const JsonbValue *entry) { all = all && entry->type == jbvString; });
    return all;
}

/* One of two words, as the flag of the first. */
bool is_first(const JsonKey &key, JsonbValue *value, const char *first, const char *second) {
    const std::string_view word = text_of(value);
    if (word != first && word != second) {
        refuse_value(kUploadOptions, key, key.must, value);
    }
    return word == first;
}

void take_option(const JsonObject &object, std::size_t index, JsonbValue *value, UploadOptions &options) {
    const JsonKey &key = object.keys[index];
    if (index != columns_option) {
        require_value(object, key, value);
    }
    switch (static_cast<Option>(index)) {
    case encoding_option:
        options.encoding = value_of(value_named(kFileEncodings, text_of(value), "encoding"));
        break;
    case delimiter_option:
        if (text_of(value).size() != 1 ||
            std::string_view("\"\r\n").find(text_of(value)[0]) != std::string_view::npos) {
            refuse_value(object, key, key.must, value);
        }
        options.delimiter = text_of(value)[0];
        break;
    case max_bytes_option:
        options.most_bytes = DatumGetInt64(DirectFunctionCall1(numeric_int8, numeric_of(value)));
        break;
    case max_cell_bytes_option:
        options.longest_cell = whole_of(value);
        break;
    case max_columns_option:
        options.most_columns = whole_of(value);
        break;
    case decimal_mark_option:
        options.decimal_mark = is_first(key, value, ".", ",") ? '.' : ',';
        break;
    case date_order_option:
        options.day_first = is_first(key, value, "DMY", "MDY");
        break;
    case time_zone_option:
        options.time_zone = time_zone_named(pnstrdup(text_of(value).data(), text_of(value).size()));
        break;
    case columns_option:
        if (!is_object_of_texts(value)) {
            refuse_value(object, key, key.must, value);
        }
        options.columns = JsonbValueToJsonb(value);
        break;
    case lines_option:
        options.lines = value->val.boolean;
        break;
    case force_option:
        options.force = value->val.boolean;
        break;
    case max_rejected_option:
        options.most_rejected = whole_of(value);
        break;
    }
}

UploadOptions read_options(const JsonObject &object, Jsonb *json) {
    UploadOptions options;
    read_object(object, json,
                [&](std::size_t index, JsonbValue *value) { take_option(object, index, value, options); });
    return options;
}

} // namespace

UploadOptions read_options(Jsonb *options) {
    return read_options(kUploadOptions, options);
}

UploadOptions read_csv_options(Jsonb *options) {
    return read_options(kCsvOptions, options);
}

pg_tz *time_zone_named(const char *name) {
    if (pg_strcasecmp(name, "UTC") == 0) {
        return nullptr;
    }
    pg_tz *zone = pg_tzset(name);
    if (zone == nullptr || !pg_tz_acceptable(zone)) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("unknown time zone \"%s\"", shown_text(std::string_view(name))),
                        errhint("Use a name of the view pg_timezone_names.")));
    }
    return zone;
}

} // namespace tradeup
