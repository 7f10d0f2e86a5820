/*
 * What few loans have, as the JSON object `terms` of their functions.
 */
#pragma once

#include "core/loans/loans.hpp"

#include "pg/glue/json.hpp"

namespace tradeup {

enum RareKey {
    kBalloon,
    kPayment,
    kInterestOnly,
    kDue,
    kExtras,
    kExtraKeeps,
    kDayCount,
    kLevel,
    kOddDays,
    kRounding,
    kUnit,
    kRareKeys
};

struct RareTerms {
    JsonbValue values[kRareKeys];
    bool given[kRareKeys];
};

/* The keys of an argument that may be null, each value of its kind. Errors: 22023. */
RareTerms rare_terms(const NullableDatum &argument);

/* A text or a number of the terms. Errors: those of to_decimal. */
std::string_view word_of(const RareTerms &terms, RareKey at);
Decimal number_of(const RareTerms &terms, RareKey at);

/* Raises the error that a value may not be. */
[[noreturn]] void refuse_rare(RareKey at, JsonbValue *value, const char *message);

/* What a key says, or the error that says where it is wrong. */
template <typename T>
T rare_value(RareTerms &terms, RareKey at, const Result<T> &result) {
    if (!result && result.error().kind == ErrorKind::bad_value) {
        refuse_rare(at, &terms.values[at], result.error().message);
    }
    return value_of(result);
}

/* Sets a loan's extras from the list of the terms, in the order that the core wants. Errors: 22023, 22003. */
void set_extras(RareTerms &terms, Decimal unit, Loan &loan);

/* The unit of money; cents where none is given. */
Decimal unit_of(RareTerms &terms);

} // namespace tradeup
