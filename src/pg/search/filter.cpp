/*
 * Filters of a search: a JSON object read once, checked key by key, into a row of typed conditions.
 */
#include <algorithm>
#include <cstring>
#include <iterator>

#include "core/base/words.hpp"
#include "pg/glue/json.hpp"
#include "pg/glue/numeric.hpp"
#include "pg/glue/rows.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
}

using namespace tradeup;

namespace {

/* What a condition is about: the vehicle alone, the vehicle against the customer's, or the offer. */
enum class Scope { vehicles, customer, offers };

enum class Kind { amount, ratio, change, year, kilometers, flag, texts, months, categories };

struct Condition {
    const char *key;
    Scope scope;
    Kind kind;
};

/* In the order of the attributes of the type offer_filter. */
constexpr Condition kConditions[] = {
    {"price_from", Scope::vehicles, Kind::amount},
    {"price_to", Scope::vehicles, Kind::amount},
    {"makes", Scope::vehicles, Kind::texts},
    {"models", Scope::vehicles, Kind::texts},
    {"bodies", Scope::vehicles, Kind::texts},
    {"colors", Scope::vehicles, Kind::texts},
    {"regions", Scope::vehicles, Kind::texts},
    {"dealers", Scope::vehicles, Kind::texts},
    {"year_from", Scope::vehicles, Kind::year},
    {"year_to", Scope::vehicles, Kind::year},
    {"kilometers_to", Scope::vehicles, Kind::kilometers},
    {"promotion", Scope::vehicles, Kind::flag},
    {"better", Scope::customer, Kind::flag},
    {"newer", Scope::customer, Kind::flag},
    {"same_make", Scope::customer, Kind::flag},
    {"kilometers_ratio", Scope::customer, Kind::ratio},
    {"price_ratio", Scope::customer, Kind::ratio},
    {"change_from", Scope::offers, Kind::change},
    {"change_to", Scope::offers, Kind::change},
    {"terms", Scope::offers, Kind::months},
    {"tiers", Scope::offers, Kind::texts},
    {"categories", Scope::offers, Kind::categories},
};
constexpr std::size_t kConditionCount = std::size(kConditions);

constexpr Words<Scope, 3> kScopes{
    {{"vehicles", Scope::vehicles}, {"customer", Scope::customer}, {"offers", Scope::offers}}};
constexpr const char *kCategories[] = {"perfect", "slight", "moderate", "stretch"};

/* The keys that a scope allows, as a hint lists them. */
char *allowed_keys(Scope scope) {
    StringInfoData list;
    initStringInfo(&list);
    for (const Condition &condition : kConditions) {
        if (condition.scope <= scope) {
            appendStringInfo(&list, "%s%s", list.len == 0 ? "" : ", ", condition.key);
        }
    }
    return list.data;
}

[[noreturn]] void bad_filter(const Condition &condition, const char *must, JsonbValue *value) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("filter \"%s\" must be %s", condition.key, must),
                    errdetail("It is %s.", shown_json(value))));
    pg_unreachable();
}

/* A number between two limits, as the numeric that it is. */
Datum number(const Condition &condition, JsonbValue *value, std::int64_t lowest, std::int64_t highest,
             const char *must) {
    if (value->type != jbvNumeric) {
        bad_filter(condition, must, value);
    }
    const Datum given = NumericGetDatum(value->val.numeric);
    if (is_above(to_numeric(lowest, 0), given) || is_above(given, to_numeric(highest, 0))) {
        bad_filter(condition, must, value);
    }
    return given;
}

Datum whole_number(const Condition &condition, JsonbValue *value, std::int64_t lowest, std::int64_t highest,
                   const char *must) {
    const Datum given = number(condition, value, lowest, highest, must);
    const Decimal decimal = to_decimal(given, condition.key);
    if (decimal.scale != 0) {
        bad_filter(condition, must, value);
    }
    return Int32GetDatum(static_cast<std::int32_t>(decimal.coefficient));
}

bool is_category(const JsonbValue *word) {
    return std::any_of(std::begin(kCategories), std::end(kCategories), [word](const char *category) {
        return static_cast<int>(std::strlen(category)) == word->val.string.len &&
               std::memcmp(category, word->val.string.val, std::strlen(category)) == 0;
    });
}

/* The elements of a list that is not empty, each of the kind that the condition asks for, as an array. */
Datum list(const Condition &condition, JsonbValue *value, const char *must) {
    if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data) ||
        JsonContainerIsScalar(value->val.binary.data) || JsonContainerSize(value->val.binary.data) == 0) {
        bad_filter(condition, must, value);
    }
    const std::uint32_t count = JsonContainerSize(value->val.binary.data);
    auto *elements = static_cast<Datum *>(palloc(count * sizeof(Datum)));
    for (std::uint32_t i = 0; i < count; ++i) {
        JsonbValue *element = getIthJsonbValueFromContainer(value->val.binary.data, i);
        if (condition.kind == Kind::months) {
            elements[i] = whole_number(condition, element, 1, 480, must);
            continue;
        }
        if (element->type != jbvString || (condition.kind == Kind::categories && !is_category(element))) {
            bad_filter(condition, must, value);
        }
        elements[i] =
            PointerGetDatum(cstring_to_text_with_len(element->val.string.val, element->val.string.len));
    }
    const int length = static_cast<int>(count);
    ArrayType *array =
        condition.kind == Kind::months
            ? construct_array(elements, length, INT4OID, sizeof(std::int32_t), true, TYPALIGN_INT)
            : construct_array(elements, length, TEXTOID, -1, false, TYPALIGN_INT);
    return PointerGetDatum(array);
}

Datum typed(const Condition &condition, JsonbValue *value) {
    switch (condition.kind) {
    case Kind::amount:
        return number(condition, value, 0, 1'000'000'000'000, "an amount between 0 and 1000000000000");
    case Kind::ratio:
        return number(condition, value, 0, 1'000'000, "a number between 0 and 1000000");
    case Kind::change:
        return number(condition, value, -1'000'000, 1'000'000, "a fraction between -1000000 and 1000000");
    case Kind::year:
        return whole_number(condition, value, 0, 9999, "a year");
    case Kind::kilometers:
        return whole_number(condition, value, 0, 2'147'483'646, "a whole number of kilometres");
    case Kind::flag:
        if (value->type != jbvBool) {
            bad_filter(condition, "true or false", value);
        }
        return BoolGetDatum(value->val.boolean);
    case Kind::texts:
        return list(condition, value, "a list of texts with at least one in it");
    case Kind::months:
        return list(condition, value, "a list of months, each a whole number from 1 to 480");
    case Kind::categories:
        return list(condition, value, "a list of perfect, slight, moderate and stretch");
    }
    pg_unreachable();
}

Scope scope_argument(FunctionCallInfo fcinfo) {
    if (PG_ARGISNULL(1)) {
        return value_of(value_named(kScopes, "", "scope"));
    }
    const text *word = PG_GETARG_TEXT_PP(1);
    return value_of(value_named(kScopes, {VARDATA_ANY(word), VARSIZE_ANY_EXHDR(word)}, "scope"));
}

/* Reads the keys of the filter into values and nulls, which hold no condition yet. */
void read_filter(Jsonb *filter, Scope scope, Datum *values, bool *nulls) {
    if (!JB_ROOT_IS_OBJECT(filter)) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("filter must be a JSON object"),
                        errdetail("It is %s.", shown_json(filter)),
                        errhint("Its keys may be %s.", allowed_keys(scope))));
    }
    JsonbIterator *iterator = JsonbIteratorInit(&filter->root);
    JsonbValue value;
    JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, true);
    while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE) {
        if (token != WJB_KEY) {
            continue;
        }
        const char *key = pnstrdup(value.val.string.val, static_cast<Size>(value.val.string.len));
        const auto *condition =
            std::find_if(std::begin(kConditions), std::end(kConditions), [&](const auto &known) {
                return std::strcmp(known.key, key) == 0 && known.scope <= scope;
            });
        if (condition == std::end(kConditions)) {
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                            errmsg("unknown filter \"%s\"", shown_text(key)),
                            errhint("Use %s.", allowed_keys(scope))));
        }
        (void)JsonbIteratorNext(&iterator, &value, true);
        const auto at = condition - kConditions;
        nulls[at] = value.type == jbvNull;
        if (!nulls[at]) {
            values[at] = typed(*condition, &value);
        }
    }
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(offer_filter);

/* offer_filter(filter, scope): the conditions of a filter as a row; null and absent keys are no condition. */
Datum offer_filter(PG_FUNCTION_ARGS) {
    const Scope scope = scope_argument(fcinfo);
    Datum values[kConditionCount] = {};
    bool nulls[kConditionCount];
    std::fill(std::begin(nulls), std::end(nulls), true);
    if (!PG_ARGISNULL(0)) {
        read_filter(PG_GETARG_JSONB_P(0), scope, values, nulls);
    }
    return one_row(fcinfo, values, nulls);
}

} // extern "C"
