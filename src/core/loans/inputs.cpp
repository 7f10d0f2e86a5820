/*
 * What a loan is made of, from names and decimals.
 */
#include "core/loans/loans.hpp"

#include "core/base/words.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

Result<ExtraKeeps> parse_extra_keeps(std::string_view name) noexcept {
    static constexpr Words<ExtraKeeps, 2> kKept{
        {{"payment", ExtraKeeps::payment}, {"term", ExtraKeeps::term}}};
    return value_named(kKept, name, "extra_keeps");
}

Result<bool> parse_level(std::string_view name) noexcept {
    static constexpr Words<bool, 2> kLevels{{{"day_count", false}, {"periods", true}}};
    return value_as_written(kLevels, name, "level");
}

Result<Decimal> money_unit(Decimal unit) noexcept {
    const Decimal least = normalized(unit);
    constexpr std::int64_t kMostDecimals = 6;
    if (least.coefficient <= 0 || compare(least, decimal(1000)) > 0 || least.scale > kMostDecimals) {
        return tl::unexpected(
            with_hint(with_detail(make_error(ErrorKind::bad_value,
                                             "unit must be above 0, at most 1000, with at most 6 decimals"),
                                  "Unit is %s.", to_text(unit).text),
                      "The unit is the smallest amount that is paid: 0.01 for cents, 0.05 for Swiss francs, "
                      "1 for yen."));
    }
    return least;
}

Result<std::int64_t> to_units(Decimal amount, Decimal unit, const char *what) noexcept {
    if (amount.coefficient < 0) {
        return tl::unexpected(with_detail(make_error(ErrorKind::bad_value, "%s must not be negative", what),
                                          "It is %s.", to_text(amount).text));
    }
    const Int128 numerator = Int128{amount.coefficient} * kPowersOfTen[static_cast<std::size_t>(unit.scale)];
    const Int128 denominator =
        Int128{unit.coefficient} * kPowersOfTen[static_cast<std::size_t>(amount.scale)];
    if (numerator / denominator > kMaxLoanDigits / unit.coefficient) {
        return tl::unexpected(
            with_hint(with_detail(make_error(ErrorKind::out_of_range, "%s is too large", what), "It is %s.",
                                  to_text(amount).text),
                      "The largest is %s.", to_text(Decimal{kMaxLoanDigits, unit.scale}).text));
    }
    if (numerator % denominator != 0) {
        return tl::unexpected(
            with_hint(with_detail(make_error(ErrorKind::bad_value, "%s is not a multiple of the unit", what),
                                  "It is %s, the unit is %s.", to_text(amount).text, to_text(unit).text),
                      "Round it first, or give another unit."));
    }
    return static_cast<std::int64_t>(numerator / denominator);
}

} // namespace tradeup
