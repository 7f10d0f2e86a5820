/*
 * Reading the rare terms of loans.
 */
#include "pg/loans/rare_terms.hpp"

#include "pg/glue/numeric.hpp"

namespace tradeup {

namespace {

/* Values are checked by what reads them. */
constexpr JsonKey kKeys[] = {
    {"balloon", JsonKind::any_number, "an amount from 0 to the principal"},
    {"extra_keeps", JsonKind::any_text, "payment or term"},
    {"day_count", JsonKind::any_text,
     "actual/365, actual/360, actual/actual or 30/360, or null for periods of equal length"},
    {"rounding", JsonKind::any_text, "half_up, half_even, up or down"},
    {"unit", JsonKind::any_number, "a number above 0, at most 1000: 0.01 for cents, 1 for yen"},
};
static_assert(std::size(kKeys) == kRareKeys);

constexpr JsonObject kTerms{"terms",
                            "They are",
                            "key",
                            kKeys,
                            "The keys of terms may be balloon, extra_keeps, day_count, rounding and unit.",
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
        if (at == kDayCount && is_null(value)) {
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
