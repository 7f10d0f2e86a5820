/*
 * Leases, which need no schedule: the monthly payment, and money factors.
 */
#include "core/loans/loans.hpp"

#include "core/base/guard.hpp"
#include "core/number/line.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

Result<bool> check_rate(Decimal rate, const char *name, const char *sentence) noexcept {
    if (rate.coefficient < 0 || compare(rate, kMaxLoanRate) > 0) {
        return tl::unexpected(
            with_detail(make_error(ErrorKind::bad_value, "%s must be between 0 and 10", name), "%s is %s.",
                        sentence, to_text(rate).text));
    }
    return true;
}

} // namespace

Result<std::int64_t> lease_payment(Decimal cost, Decimal residual, std::int32_t term, Decimal money_factor,
                                   Decimal tax_rate, Rounding rounding, Decimal unit) noexcept {
    const auto most = static_cast<int>(longest_term(Frequency::monthly));
    if (term < 1 || term > most) {
        return tl::unexpected(
            with_detail(make_error(ErrorKind::bad_value, "term must be between 1 and %d months", most),
                        "Term is %d.", static_cast<int>(term)));
    }
    if (cost.coefficient <= 0) {
        return tl::unexpected(
            with_detail(make_error(ErrorKind::bad_value, "capitalized cost must be greater than 0"),
                        "Capitalized cost is %s.", to_text(cost).text));
    }
    if (residual.coefficient < 0 || compare(residual, cost) > 0) {
        return tl::unexpected(with_detail(
            make_error(ErrorKind::bad_value, "residual must be between 0 and the capitalized cost"),
            "Residual is %s, capitalized cost is %s.", to_text(residual).text, to_text(cost).text));
    }
    const Result<bool> rates = check_money_factor(money_factor).and_then([&](bool) {
        return check_rate(tax_rate, "tax rate", "Tax rate");
    });
    if (!rates) {
        return tl::unexpected(rates.error());
    }
    return guarded([&]() -> Result<std::int64_t> {
        const Ratio depreciation = (ratio(cost) - ratio(residual)) / Ratio{term, 1};
        const Ratio rent = (ratio(cost) + ratio(residual)) * ratio(money_factor);
        const Ratio taxed = (depreciation + rent) * (Ratio{1, 1} + ratio(tax_rate)) / ratio(unit);
        return narrowed(round_ratio(taxed.numerator, taxed.denominator, rounding));
    });
}

Result<Decimal> money_factor(Decimal annual_rate) noexcept {
    return check_rate(annual_rate, "annual rate", "Annual rate").map([&](bool) {
        constexpr std::int32_t kDecimals = 16;
        const Int128 power = kPowersOfTen[static_cast<std::size_t>(annual_rate.scale)];
        const Int128 scaled = Int128{annual_rate.coefficient} * kPowersOfTen[kDecimals];
        const auto factor =
            static_cast<std::int64_t>(round_ratio<Int128>(scaled, kMoneyFactors * power, Rounding::half_up));
        return normalized(Decimal{factor, kDecimals});
    });
}

Result<bool> check_money_factor(Decimal money_factor) noexcept {
    return check_rate(money_factor, "money factor", "Money factor");
}

} // namespace tradeup
