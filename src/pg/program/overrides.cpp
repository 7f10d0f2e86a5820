/*
 * What-if overrides: a JSON object that replaces figures of a finance program for one call.
 */
#include "core/deal/terms.hpp"

#include <cstring>

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

enum class Override { amount, amount_or_flag, rate, percent, terms };

struct Known {
    const char *key;
    Override kind;
};

constexpr Known kKnown[] = {
    {"annual_rate", Override::rate},
    {"annual_percent", Override::percent},
    {"terms", Override::terms},
    {"service_fee_rate", Override::amount},
    {"opening_fee_rate", Override::amount},
    {"bonus", Override::amount},
    {"protection", Override::amount_or_flag},
    {"insurance", Override::amount},
    {"gps_installation", Override::amount},
    {"gps_monthly", Override::amount},
};

const char *const kHint =
    "Allowed overrides are annual_rate (a fraction) or annual_percent, terms (a list of months), "
    "service_fee_rate, opening_fee_rate, bonus, protection (an amount, true or false), "
    "insurance, gps_installation and gps_monthly.";

const Known *find_known(const char *key, std::size_t length) {
    for (const Known &known : kKnown) {
        if (std::strlen(known.key) == length && std::memcmp(known.key, key, length) == 0) {
            return &known;
        }
    }
    return nullptr;
}

[[noreturn]] void bad_override(const char *key, const char *must, JsonbValue *value,
                               const char *hint = kHint) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("override \"%s\" must be %s", key, must),
                    errdetail("It is %s.", shown_json(value)), errhint("%s", hint)));
    pg_unreachable();
}

/* The value of a key of the overrides, or nullptr. */
JsonbValue *find(Jsonb *overrides, const char *key) {
    JsonbValue name;
    name.type = jbvString;
    name.val.string.val = const_cast<char *>(key);
    name.val.string.len = static_cast<int>(std::strlen(key));
    return JB_ROOT_IS_OBJECT(overrides) ? findJsonbValueFromContainer(&overrides->root, JB_FOBJECT, &name)
                                        : nullptr;
}

/* Raises an error unless the value is a list of whole numbers of months. */
void check_terms_list(JsonbValue *value) {
    const char *const must = "a list of months, each a whole number from 1 to 480";
    if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data) ||
        JsonContainerIsScalar(value->val.binary.data) || JsonContainerSize(value->val.binary.data) == 0) {
        bad_override("terms", must, value);
    }
    for (std::uint32_t i = 0; i < JsonContainerSize(value->val.binary.data); ++i) {
        JsonbValue *element = getIthJsonbValueFromContainer(value->val.binary.data, i);
        if (element->type != jbvNumeric) {
            bad_override("terms", must, value);
        }
        const Decimal months = to_decimal(NumericGetDatum(element->val.numeric), "term");
        if (months.scale != 0 || months.coefficient < 1 || months.coefficient > 480) {
            bad_override("terms", must, value);
        }
    }
}

/* The hint of an override that is no rate: percentages and fractions are told apart by the key alone. */
const char *const kRateHint =
    "A rate is a fraction: write 4.9 percent as \"annual_rate\": 0.049 or as \"annual_percent\": 4.9.";

/* What is allowed of an override, in words, up to a highest figure. */
const char *must_be(Override kind, Datum highest) {
    const char *limit = shown_numeric(highest);
    return kind == Override::rate             ? psprintf("a fraction between 0 and %s", limit)
           : kind == Override::amount_or_flag ? psprintf("true, false or between 0 and %s", limit)
                                              : psprintf("between 0 and %s", limit);
}

/* The highest figure that a key may have: a rate is at most 1 as a fraction, a percentage 100 times it. */
Datum highest_of(Override kind, Datum highest) {
    if (kind == Override::percent) {
        return DirectFunctionCall1(numeric_trim_scale,
                                   DirectFunctionCall2(numeric_mul, highest, to_numeric(100, 0)));
    }
    const Datum one = to_numeric(1, 0);
    return kind == Override::rate && is_above(highest, one) ? one : highest;
}

/* A figure of the overrides, which is a number or an error. */
Datum figure_of(const Known &known, JsonbValue *value, Datum limit) {
    const Datum highest = highest_of(known.kind, limit);
    const bool rate = known.kind == Override::rate || known.kind == Override::percent;
    const char *hint = rate ? kRateHint : kHint;
    if (value->type != jbvNumeric) {
        bad_override(known.key, must_be(known.kind, highest), value, hint);
    }
    /* Compared as numerics, so that no number of digits is too many for an answer. */
    const Datum given = NumericGetDatum(value->val.numeric);
    if (is_above(to_numeric(0, 0), given) || is_above(given, highest)) {
        bad_override(known.key, must_be(known.kind, highest), value, hint);
    }
    const Decimal figure = to_decimal(given, known.key);
    const Decimal fraction = known.kind == Override::percent ? value_of(rate_of_percent(figure)) : figure;
    return decimal_datum(fraction);
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
    if (!JB_ROOT_IS_OBJECT(overrides)) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("overrides must be a JSON object"),
                        errdetail("They are %s.", shown_json(overrides)), errhint("%s", kHint)));
    }
    JsonbIterator *iterator = JsonbIteratorInit(&overrides->root);
    JsonbValue value;
    JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, true);
    while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE) {
        if (token != WJB_KEY) {
            continue;
        }
        if (find_known(value.val.string.val, static_cast<std::size_t>(value.val.string.len)) == nullptr) {
            ereport(
                ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                 errmsg("unknown override \"%s\"",
                        shown_text({value.val.string.val, static_cast<std::size_t>(value.val.string.len)})),
                 errhint("%s", kHint)));
        }
    }
    JsonbValue *terms = find(overrides, "terms");
    if (terms != nullptr) {
        check_terms_list(terms);
    }
    if (find(overrides, "annual_rate") != nullptr && find(overrides, "annual_percent") != nullptr) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("annual rate is given twice"),
                        errdetail("The overrides are %s.", shown_json(overrides)),
                        errhint("Give annual_rate or annual_percent.")));
    }
    PG_RETURN_BOOL(true);
}

/* overridden(overrides, key, standing, highest): the figure of this key in the overrides, or the standing
 * one. Whoever asks for annual_rate gets a fraction, however it was written. */
Datum overridden(PG_FUNCTION_ARGS) {
    JsonbValue *value = nullptr;
    const char *key = "";
    if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1)) {
        key = text_to_cstring(PG_GETARG_TEXT_PP(1));
        value = find(PG_GETARG_JSONB_P(0), key);
        if (value == nullptr && std::strcmp(key, "annual_rate") == 0) {
            key = "annual_percent";
            value = find(PG_GETARG_JSONB_P(0), key);
        }
    }
    const Known *known = value == nullptr ? nullptr : find_known(key, std::strlen(key));
    const bool flag = known != nullptr && known->kind == Override::amount_or_flag && value->type == jbvBool;
    if (flag && !value->val.boolean) {
        PG_RETURN_DATUM(to_numeric(0, 0));
    }
    if (known == nullptr || flag) {
        if (PG_ARGISNULL(2)) {
            PG_RETURN_NULL();
        }
        PG_RETURN_DATUM(PG_GETARG_DATUM(2));
    }
    PG_RETURN_DATUM(
        figure_of(*known, value, PG_ARGISNULL(3) ? to_numeric(kMaxCoefficient, 0) : PG_GETARG_DATUM(3)));
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
    JsonbValue *terms = PG_ARGISNULL(0) ? nullptr : find(PG_GETARG_JSONB_P(0), "terms");
    if (terms == nullptr || PG_ARGISNULL(1)) {
        PG_RETURN_BOOL(true);
    }
    check_terms_list(terms);
    for (std::uint32_t i = 0; i < JsonContainerSize(terms->val.binary.data); ++i) {
        const JsonbValue *element = getIthJsonbValueFromContainer(terms->val.binary.data, i);
        if (to_decimal(NumericGetDatum(element->val.numeric), "term").coefficient == PG_GETARG_INT32(1)) {
            PG_RETURN_BOOL(true);
        }
    }
    PG_RETURN_BOOL(false);
}

} // extern "C"
