/*
 * Loans turned around: the principal and the term that a payment affords.
 */
#include <algorithm>

#include "core/base/guard.hpp"
#include "core/loans/annuity.hpp"
#include "core/loans/domain.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

Result<OptionalUnits> principal_for_payment(const Loan &loan, std::int64_t payment,
                                            std::int64_t most) noexcept {
    Loan asked = loan;
    asked.principal = std::max<std::int64_t>(loan.balloon, 1);
    const Result<bool> sound = check_loan(asked);
    if (!sound) {
        return tl::unexpected(sound.error());
    }
    return guarded([&]() -> Result<OptionalUnits> {
        const Affine<Ratio> line = level_line_exact(regular_annuity(loan, loan.term), loan.balloon);
        const RoundingEdge edge =
            payment > 0 ? rounds_to_at_most(payment, loan.rounding) : RoundingEdge{0, true};
        const Ratio root = (Ratio{Integer(edge.doubled), 2} - line.intercept) / line.slope;
        if (root.numerator < 0) {
            return OptionalUnits{};
        }
        Integer principal = root.numerator / root.denominator;
        if (!edge.inclusive && root.numerator % root.denominator == 0) {
            --principal;
        }
        if (principal < asked.principal) {
            return OptionalUnits{};
        }
        if (principal > most) {
            return tl::unexpected(make_error(ErrorKind::out_of_range, "principal is out of range"));
        }
        return OptionalUnits{true, static_cast<std::int64_t>(principal)};
    });
}

Result<OptionalUnits> term_for_payment(const Loan &loan, std::int64_t payment) noexcept {
    Loan asked = loan;
    asked.term = longest_term(loan.frequency);
    const Result<bool> sound = check_loan(asked);
    if (!sound) {
        return tl::unexpected(sound.error());
    }
    if (payment <= 0) {
        return OptionalUnits{};
    }
    /* The payment falls as the term grows. */
    std::int32_t least = 1;
    std::int32_t above = asked.term + 1;
    while (least < above) {
        const std::int32_t middle = least + (above - least) / 2;
        const Result<std::int64_t> level =
            level_payment(regular_annuity(loan, middle), loan.principal, loan.balloon, loan.rounding);
        if (!level) {
            return tl::unexpected(level.error());
        }
        if (*level <= payment) {
            above = middle;
        } else {
            least = middle + 1;
        }
    }
    return OptionalUnits{least <= asked.term, least};
}

} // namespace tradeup
