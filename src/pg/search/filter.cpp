/*
 * Filters of a search: a JSON object read once, checked key by key, into a row of typed conditions.
 */
#include <algorithm>
#include <iterator>

#include "core/base/words.hpp"
#include "core/deal/limits.hpp"

#include "pg/glue/json.hpp"
#include "pg/glue/rows.hpp"
#include "pg/search/listed.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/date.h"
#include "utils/datetime.h"
}

using namespace tradeup;

namespace {

constexpr const char *kCategories[] = {"perfect", "slight", "moderate", "stretch"};

constexpr JsonKey amount(const char *name) {
    return {name, JsonKind::number, "an amount between 0 and 1000000000000", {}, kMaxMoney};
}
constexpr JsonKey ratio(const char *name) {
    return {name, JsonKind::number, "a number between 0 and 1000000", {}, decimal(1'000'000)};
}
constexpr JsonKey change(const char *name) {
    return {name, JsonKind::number, "a fraction between -1000000 and 1000000", decimal(-1'000'000),
            decimal(1'000'000)};
}
constexpr JsonKey year(const char *name) {
    return {name, JsonKind::whole_number, "a year", {}, decimal(9999)};
}
constexpr JsonKey flag(const char *name) {
    return {name, JsonKind::flag, "true or false"};
}
constexpr JsonKey texts(const char *name) {
    return {name, JsonKind::texts, "a list of texts with at least one in it"};
}

constexpr const char *kListedFrom = "listed_from";
constexpr const char *kMatchCase = "match_case";

/* In the order of the attributes of the type offer_filter: first what is about the vehicle alone, then the
 * vehicle against the customer's, then the offer. */
constexpr JsonKey kKeys[] = {
    amount("price_from"),
    amount("price_to"),
    texts("makes"),
    texts("models"),
    texts("bodies"),
    texts("colors"),
    texts("regions"),
    texts("dealers"),
    texts("fuels"),
    texts("transmissions"),
    year("year_from"),
    year("year_to"),
    {"kilometers_to", JsonKind::whole_number, "a whole number of kilometres", {}, decimal(2'147'483'646)},
    {kListedFrom, JsonKind::any_text, "a date as in \"2026-01-31\""},
    flag("promotion"),
    flag(kMatchCase),
    flag("better"),
    flag("newer"),
    flag("same_make"),
    ratio("kilometers_ratio"),
    ratio("price_ratio"),
    change("change_from"),
    change("change_to"),
    {"terms", JsonKind::whole_numbers, "a list of months, each a whole number from 1 to 480", decimal(1),
     decimal(kLongestTerm)},
    texts("tiers"),
    {"categories", JsonKind::words, "a list of perfect, slight, moderate and stretch", {}, {}, kCategories},
};

/* What a filter may be about, and how many of the keys are. */
constexpr std::size_t kOfVehicles = 16;
constexpr Words<std::size_t, 3> kScopes{
    {{"vehicles", kOfVehicles}, {"customer", kOfVehicles + 5}, {"offers", std::size(kKeys)}}};

/* The object that a scope allows; the hint lists its keys. */
JsonObject filter_of(std::size_t scope) {
    const std::span<const JsonKey> keys{kKeys, scope};
    StringInfoData hint;
    initStringInfo(&hint);
    for (const JsonKey &key : keys) {
        appendStringInfo(&hint, "%s%s", hint.len == 0 ? "Use " : ", ", key.name);
    }
    appendStringInfoChar(&hint, '.');
    return {"filter", "It is", "filter", keys, hint.data, nullptr};
}

/* Whether the filter asks for texts as they are written. */
bool matches_case(Jsonb *filter) {
    const JsonbValue *value = value_of_key(filter, kMatchCase);
    return value != nullptr && value->type == jbvBool && value->val.boolean;
}

Datum text_datum(std::string_view value) {
    return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size())));
}

Datum array_of(const JsonKey &key, const JsonbValue *list, bool fold) {
    char buffer[kFoldBuffer];
    const bool numbers = key.kind == JsonKind::whole_numbers;
    const std::uint32_t count = size_of(list);
    auto *elements = static_cast<Datum *>(palloc(count * sizeof(Datum)));
    for (std::uint32_t i = 0; i < count; ++i) {
        const JsonbValue *element = element_of(list, i);
        elements[i] = numbers ? Int32GetDatum(whole_of(element))
                              : text_datum(fold ? folded(text_of(element), buffer) : text_of(element));
    }
    return PointerGetDatum(
        numbers ? construct_array(elements, static_cast<int>(count), INT4OID, sizeof(std::int32_t), true,
                                  TYPALIGN_INT)
                : construct_array(elements, static_cast<int>(count), TEXTOID, -1, false, TYPALIGN_INT));
}

/* The number of digits from a place on, or -1 where others are among them. */
int digits_at(std::string_view value, std::size_t from, std::size_t count) {
    int number = 0;
    for (const char c : value.substr(from, count)) {
        if (c < '0' || c > '9') {
            return -1;
        }
        number = 10 * number + (c - '0');
    }
    return number;
}

/* A day as YYYY-MM-DD, whatever DateStyle is; false where it is none. */
bool is_day(std::string_view value, DateADT *day) {
    if (value.size() != 10 || value[4] != '-' || value[7] != '-') {
        return false;
    }
    const int year = digits_at(value, 0, 4);
    const int month = digits_at(value, 5, 2);
    const int of_month = digits_at(value, 8, 2);
    if (year < 1 || month < 1 || month > 12 || of_month < 1 ||
        of_month > day_tab[isleap(year) ? 1 : 0][month - 1]) {
        return false;
    }
    *day = date2j(year, month, of_month) - POSTGRES_EPOCH_JDATE;
    return true;
}

/* A condition as the attribute of offer_filter holds it. */
Datum condition(const JsonObject &filter, const JsonKey &key, JsonbValue *value, bool fold) {
    switch (key.kind) {
    case JsonKind::flag:
        return BoolGetDatum(value->val.boolean);
    case JsonKind::number:
        return numeric_of(value);
    case JsonKind::whole_number:
        return Int32GetDatum(whole_of(value));
    case JsonKind::any_text: {
        DateADT day = 0;
        if (!is_day(text_of(value), &day)) {
            refuse_value(filter, key, key.must, value);
        }
        return DateADTGetDatum(day);
    }
    default:
        return array_of(key, value, fold);
    }
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(offer_filter);

/* offer_filter(filter, scope): the conditions of a filter as a row; null and absent keys are no condition. */
Datum offer_filter(PG_FUNCTION_ARGS) {
    const std::string_view word = PG_ARGISNULL(1) ? std::string_view{} : view_of(PG_GETARG_DATUM(1));
    const std::size_t scope = value_of(value_named(kScopes, word, "scope"));
    Datum values[std::size(kKeys)] = {};
    bool nulls[std::size(kKeys)];
    std::fill(std::begin(nulls), std::end(nulls), true);
    if (!PG_ARGISNULL(0)) {
        const JsonObject filter = filter_of(scope);
        Jsonb *json = PG_GETARG_JSONB_P(0);
        const bool fold = !matches_case(json);
        read_object(filter, json, [&](std::size_t at, JsonbValue *value) {
            if (!is_null(value)) {
                require_value(filter, kKeys[at], value);
                values[at] = condition(filter, kKeys[at], value, fold && kKeys[at].kind == JsonKind::texts);
                nulls[at] = false;
            }
        });
    }
    return one_row(fcinfo, values, nulls);
}

} // extern "C"
