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

constexpr const char *kKeepPayment = "Keep the payment: \"extra_keeps\": \"payment\".";

Result<bool> check_interest_only(const Loan &loan) noexcept {
    const std::int32_t payments = loan.term == 0 ? longest_term(loan.frequency) : loan.term;
    if (loan.interest_only < 0 || loan.interest_only >= payments) {
        return tl::unexpected(with_detail(
            make_error(ErrorKind::bad_value, "interest-only payments must be at least 0 and fewer than all"),
            "They are %d of %d.", static_cast<int>(loan.interest_only), static_cast<int>(payments)));
    }
    if (loan.interest_only > 0 && loan.due == Due::begin) {
        return bad_loan("interest-only payments do not go with payments in advance",
                        "At the start no interest is due yet.");
    }
    return true;
}

/* Whether the numbers of extras are those of payments. */
Result<bool> check_numbered(const Loan &loan) noexcept {
    const std::int32_t payments = loan.term == 0 ? longest_term(loan.frequency) : loan.term;
    if (loan.numbered.empty()) {
        return true;
    }
    const std::int32_t least = loan.numbered.front().number;
    const std::int32_t most = loan.numbered.back().number;
    if (least < 1 || most > payments) {
        return tl::unexpected(with_detail(make_error(ErrorKind::bad_value,
                                                     "number of an extra payment must be between 1 and %d",
                                                     static_cast<int>(payments)),
                                          "Number is %d.", static_cast<int>(least < 1 ? least : most)));
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
    if (loan.term != 0 || !loan.payment_given) {
        const Result<bool> term = check_term(loan.term, loan.frequency);
        if (!term) {
            return term;
        }
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
    const bool keeps_term = loan.extra_keeps == ExtraKeeps::term &&
                            (loan.extra > 0 || !loan.numbered.empty() || !loan.dated.empty());
    if (keeps_term && loan.balloon > 0) {
        return bad_loan("extra payments that keep the term do not go with a balloon",
                        "The payment could fall below the interest.", kKeepPayment);
    }
    if (loan.payment_given) {
        if (loan.payment < 1) {
            return bad_loan("payment must be greater than 0", "Nothing is paid.");
        }
        if (loan.balloon > 0) {
            return bad_loan("a given payment does not go with a balloon",
                            "The last payment pays whatever is left.",
                            "Give the term and leave the balloon out.");
        }
        if (keeps_term) {
            return bad_loan("a given payment does not go with extra payments that keep the term",
                            "These would change the payment.", kKeepPayment);
        }
    }
    return check_interest_only(loan).and_then([&](bool) { return check_numbered(loan); });
}

Result<bool> check_dated_extras(const Loan &loan, Date last_due) noexcept {
    if (loan.dated.empty()) {
        return true;
    }
    if (!loan.start.given) {
        return bad_loan("extra payments on a date need the dates of the loan",
                        "Neither a start date nor a first payment date is given.",
                        "Give start_date or first_payment, or the number of the payment.");
    }
    if (loan.dated.front().date < loan.start.date || loan.dated.back().date > last_due) {
        return bad_loan("extra payments must be from the start date to the last payment",
                        loan.dated.front().date < loan.start.date ? "One is before the start date."
                                                                  : "One is after the last payment.");
    }
    return true;
}

} // namespace tradeup
