/*
 * Reading the rare terms of loans.
 */
#include "pg/loans/rare_terms.hpp"

#include "pg/glue/numeric.hpp"

namespace tradeup {

namespace {

constexpr const char *kExtrasMust =
    "a list of objects: {\"number\": 12, \"amount\": 500} or {\"date\": \"2027-12-24\", \"amount\": 500}";

/* Values are checked by what reads them. */
constexpr JsonKey kKeys[] = {
    {"balloon", JsonKind::any_number, "an amount from 0 to the principal"},
    {"payment", JsonKind::any_number, "an amount above 0, in place of the level payment"},
    {"interest_only", JsonKind::whole_number, "how many payments of interest alone come first, at least 0",
     decimal(0), decimal(INT32_MAX)},
    {"due", JsonKind::any_text, "end or begin"},
    {"extras", JsonKind::objects, kExtrasMust, {}, {}, {}, 0},
    {"extra_keeps", JsonKind::any_text, "payment or term"},
    {"day_count", JsonKind::any_text, kDayCountNames},
    {"level", JsonKind::any_text, "day_count or periods"},
    {"odd_days", JsonKind::any_text, kDayCountNames},
    {"rounding", JsonKind::any_text, "half_up, half_even, up or down"},
    {"unit", JsonKind::any_number, "a number above 0, at most 1000: 0.01 for cents, 1 for yen"},
};
static_assert(std::size(kKeys) == kRareKeys);

constexpr JsonObject kTerms{
    "terms",
    "They are",
    "key",
    kKeys,
    "The keys of terms may be balloon, payment, interest_only, due, extras, extra_keeps, "
    "day_count, level, odd_days, rounding and unit.",
    nullptr,
    "terms"};

} // namespace

void refuse_rare(RareKey at, JsonbValue *value, const char *message) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s", message),
                    errdetail("terms.%s is %s.", kKeys[at].name, shown_json(value)),
                    errhint("It may be %s.", kKeys[at].must)));
    pg_unreachable();
}

RareTerms rare_terms(const NullableDatum &argument) {
    RareTerms terms{};
    if (argument.isnull) {
        return terms;
    }
    read_object(kTerms, DatumGetJsonbP(argument.value), [&terms](std::size_t index, JsonbValue *value) {
        const auto at = static_cast<RareKey>(index);
        if ((at == kDayCount || at == kOddDays || at == kExtras) && is_null(value)) {
            return;
        }
        if (!is_as_it_must(kKeys[at], value)) {
            refuse_rare(at, value, psprintf("wrong kind of value for key \"%s\"", kKeys[at].name));
        }
        terms.values[at] = *value;
        terms.given[at] = true;
    });
    return terms;
}

std::string_view word_of(const RareTerms &terms, RareKey at) {
    return text_of(&terms.values[at]);
}

Decimal number_of(const RareTerms &terms, RareKey at) {
    return to_decimal(numeric_of(&terms.values[at]), kKeys[at].name);
}

Decimal unit_of(RareTerms &terms) {
    return terms.given[kUnit] ? rare_value(terms, kUnit, money_unit(number_of(terms, kUnit))) : decimal(1, 2);
}

} // namespace tradeup
