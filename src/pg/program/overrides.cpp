/*
 * What-if overrides: a JSON object that replaces figures of a finance program for one call.
 */
#include "core/deal/terms.hpp"

#include "pg/glue/json.hpp"
#include "pg/glue/numeric.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/primnodes.h"
#include "nodes/supportnodes.h"
}

using namespace tradeup;

namespace {

constexpr const char *kMonths = "a list of months, each a whole number from 1 to 480";

/* Percentages and fractions are told apart by the key alone. */
constexpr const char *kRateHint =
    "A rate is a fraction: write 4.9 percent as \"annual_rate\": 0.049 or as \"annual_percent\": 4.9.";

/* How high a figure may be is the program's business: the call says it. */
constexpr JsonKey figure(const char *name) {
    return {name, JsonKind::number, ""};
}

constexpr JsonKey kKeys[] = {
    {"annual_rate", JsonKind::number, "", {}, {}, {}, 0, 0, false, kRateHint},
    {"annual_percent", JsonKind::number, "", {}, {}, {}, 0, 0, false, kRateHint},
    {"terms", JsonKind::whole_numbers, kMonths, decimal(1), decimal(kLongestTerm)},
    figure("service_fee_rate"),
    figure("opening_fee_rate"),
    figure("bonus"),
    {"protection", JsonKind::number_or_flag, ""},
    figure("insurance"),
    figure("gps_installation"),
    figure("gps_monthly"),
};
constexpr const JsonKey &kRate = kKeys[0];
constexpr const JsonKey &kPercent = kKeys[1];
constexpr const JsonKey &kTerms = kKeys[2];

constexpr const char *kHint =
    "Allowed overrides are annual_rate (a fraction) or annual_percent, terms (a list of months), "
    "service_fee_rate, opening_fee_rate, bonus, protection (an amount, true or false), "
    "insurance, gps_installation and gps_monthly.";

constexpr JsonObject kOverrides{"overrides", "They are", "override", kKeys, kHint, kHint};

/* The highest figure that a key may have: a rate is at most 1 as a fraction, a percentage 100 times it. */
Datum highest_of(const JsonKey &key, Datum highest) {
    if (&key == &kPercent) {
        return DirectFunctionCall1(numeric_trim_scale,
                                   DirectFunctionCall2(numeric_mul, highest, to_numeric(100, 0)));
    }
    const Datum one = to_numeric(1, 0);
    return &key == &kRate && is_above(highest, one) ? one : highest;
}

/* A figure of the overrides, which is a number up to a limit or an error. */
Datum figure_of(const JsonKey &key, JsonbValue *value, Datum limit) {
    const Datum highest = highest_of(key, limit);
    const char *shown = shown_numeric(highest);
    const char *must = &key == &kRate ? psprintf("a fraction between 0 and %s", shown)
                       : key.kind == JsonKind::number_or_flag
                           ? psprintf("true, false or between 0 and %s", shown)
                           : psprintf("between 0 and %s", shown);
    require_up_to(kOverrides, key, must, value, highest);
    const Decimal figure = to_decimal(numeric_of(value), key.name);
    return decimal_datum(&key == &kPercent ? value_of(rate_of_percent(figure)) : figure);
}

/* The override that an argument asks for, and its value; annual_rate may be written as a percentage. */
struct Found {
    const JsonKey *key;
    JsonbValue *value;
};

Found find(Jsonb *overrides, std::string_view name) {
    const JsonKey *key = key_named(kKeys, name);
    JsonbValue *value = key == nullptr ? nullptr : value_of_key(overrides, key->name);
    return value == nullptr && key == &kRate ? Found{&kPercent, value_of_key(overrides, kPercent.name)}
                                             : Found{key, value};
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(require_overrides);
PG_FUNCTION_INFO_V1(overridden);
PG_FUNCTION_INFO_V1(term_wanted);
PG_FUNCTION_INFO_V1(overrides_support);

/* require_overrides(overrides): true, or the error that they are no object or have an unknown key. */
Datum require_overrides(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(0)) {
        PG_RETURN_BOOL(true);
    }
    Jsonb *overrides = PG_GETARG_JSONB_P(0);
    read_object(kOverrides, overrides, [](std::size_t at, JsonbValue *value) {
        if (&kKeys[at] == &kTerms) {
            require_value(kOverrides, kTerms, value);
        }
    });
    if (value_of_key(overrides, kRate.name) != nullptr && value_of_key(overrides, kPercent.name) != nullptr) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("annual rate is given twice"),
                        errdetail("The overrides are %s.", shown_json(overrides)),
                        errhint("Give annual_rate or annual_percent.")));
    }
    PG_RETURN_BOOL(true);
}

/* overridden(overrides, key, standing, highest): the figure of this key in the overrides, or the standing
 * one. Whoever asks for annual_rate gets a fraction, however it was written. */
Datum overridden(PG_FUNCTION_ARGS) {
    Found found{};
    if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1)) {
        found = find(PG_GETARG_JSONB_P(0), view_of(PG_GETARG_DATUM(1)));
    }
    const bool flag =
        found.value != nullptr && found.key->kind == JsonKind::number_or_flag && found.value->type == jbvBool;
    if (flag && !found.value->val.boolean) {
        PG_RETURN_DATUM(to_numeric(0, 0));
    }
    if (found.value == nullptr || flag) {
        if (PG_ARGISNULL(2)) {
            PG_RETURN_NULL();
        }
        PG_RETURN_DATUM(PG_GETARG_DATUM(2));
    }
    PG_RETURN_DATUM(figure_of(*found.key, found.value,
                              PG_ARGISNULL(3) ? to_numeric(kMaxCoefficient, 0) : PG_GETARG_DATUM(3)));
}

/*
 * Planner support of overridden and require_overrides: a call whose overrides are known to be absent when the
 * query is planned is replaced by its answer, so that queries without overrides pay nothing for them.
 */
Datum overrides_support(PG_FUNCTION_ARGS) {
    auto *request = reinterpret_cast<Node *>(PG_GETARG_POINTER(0));
    if (!IsA(request, SupportRequestSimplify)) {
        PG_RETURN_POINTER(nullptr);
    }
    const FuncExpr *call = reinterpret_cast<SupportRequestSimplify *>(request)->fcall;
    auto *overrides = static_cast<Node *>(linitial(call->args));
    if (!IsA(overrides, Const) || !reinterpret_cast<Const *>(overrides)->constisnull) {
        PG_RETURN_POINTER(nullptr);
    }
    PG_RETURN_POINTER(call->funcresulttype == BOOLOID ? makeBoolConst(true, false) : lthird(call->args));
}

/* term_wanted(overrides, term): whether the overrides name no terms, or name this one. */
Datum term_wanted(PG_FUNCTION_ARGS) {
    JsonbValue *terms = PG_ARGISNULL(0) ? nullptr : value_of_key(PG_GETARG_JSONB_P(0), kTerms.name);
    if (terms == nullptr || PG_ARGISNULL(1)) {
        PG_RETURN_BOOL(true);
    }
    require_value(kOverrides, kTerms, terms);
    for (std::uint32_t i = 0; i < size_of(terms); ++i) {
        if (whole_of(element_of(terms, i)) == PG_GETARG_INT32(1)) {
            PG_RETURN_BOOL(true);
        }
    }
    PG_RETURN_BOOL(false);
}

} // extern "C"
