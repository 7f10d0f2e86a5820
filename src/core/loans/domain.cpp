/*
 * The domain of a loan.
 */
#include "core/loans/domain.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

Result<bool> check_rate(Decimal rate) noexcept {
    if (rate.coefficient < 0 || compare(rate, kMaxLoanRate) > 0) {
        return tl::unexpected(
            with_hint(with_detail(make_error(ErrorKind::bad_value, "annual rate must be between 0 and 10"),
                                  "Annual rate is %s.", to_text(rate).text),
                      "Rates are fractions: 0.12 is twelve percent."));
    }
    return true;
}

Result<bool> check_term(std::int32_t term, Frequency frequency) noexcept {
    if (term < 1 || term > longest_term(frequency)) {
        return tl::unexpected(
            with_detail(make_error(ErrorKind::bad_value, "term must be between 1 and %d payments",
                                   static_cast<int>(longest_term(frequency))),
                        "Term is %d.", static_cast<int>(term)));
    }
    return true;
}

} // namespace

tl::unexpected<Error> bad_loan(const char *message, const char *detail, const char *hint) noexcept {
    return tl::unexpected(
        with_hint(with_detail(make_error(ErrorKind::bad_value, "%s", message), "%s", detail), "%s", hint));
}

Result<bool> check_loan(const Loan &loan) noexcept {
    const Result<bool> rate = check_rate(loan.annual_rate);
    if (!rate) {
        return rate;
    }
    const Result<bool> term = check_term(loan.term, loan.frequency);
    if (!term) {
        return term;
    }
    if (loan.principal < 1) {
        return bad_loan("principal must be greater than 0", "Nothing is lent.");
    }
    if (loan.balloon < 0 || loan.balloon > loan.principal) {
        return bad_loan("balloon must be between 0 and the principal",
                        "The balloon is larger than the principal.");
    }
    if (loan.extra < 0) {
        return bad_loan("extra must not be negative", "Extra is negative.");
    }
    if (loan.extra > 0 && loan.balloon > 0 && loan.extra_keeps == ExtraKeeps::term) {
        return bad_loan("extra payments that keep the term do not go with a balloon",
                        "The payment could fall below the interest.",
                        "Keep the payment: extra_keeps => 'payment'.");
    }
    return true;
}

} // namespace tradeup
