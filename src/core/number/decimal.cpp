/*
 * Decimals from text, to text, and their arithmetic on whole coefficients.
 */
#include "core/number/decimal.hpp"

#include <cstdio>

namespace tradeup {

DecimalText fixed_text(std::int64_t units, int scale) noexcept {
    const std::int64_t power = kPowersOfTen[static_cast<std::size_t>(scale)];
    const std::int64_t whole = units / power;
    const std::int64_t part = units % power;
    DecimalText out{};
    if (scale == 0) {
        std::snprintf(out.text, sizeof out.text, "%lld", static_cast<long long>(whole));
    } else {
        std::snprintf(out.text, sizeof out.text, "%s%lld.%0*lld", units < 0 ? "-" : "",
                      static_cast<long long>(whole < 0 ? -whole : whole), scale,
                      static_cast<long long>(part < 0 ? -part : part));
    }
    return out;
}

DecimalText to_text(Decimal value) noexcept {
    const Decimal number = normalized(value);
    return fixed_text(number.coefficient, static_cast<int>(number.scale));
}

namespace {

Error bad_number(std::string_view text) noexcept {
    return with_detail(make_error(ErrorKind::bad_text, "invalid decimal number"), "The text is \"%.*s\".",
                       shown_bytes(text, 60), text.data());
}

} // namespace

Result<Decimal> parse_decimal(std::string_view text) noexcept {
    std::size_t at = 0;
    const bool negative = !text.empty() && text[0] == '-';
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        at = 1;
    }
    std::int64_t coefficient = 0;
    std::int64_t scale = 0;
    bool point = false;
    bool digits = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9') {
            return tl::unexpected(bad_number(text));
        }
        digits = true;
        if (coefficient > kMaxCoefficient / 10 || (point && scale == kMaxScale)) {
            return tl::unexpected(
                with_detail(make_error(ErrorKind::out_of_range, "number has more than %d digits", kMaxDigits),
                            "The number is %.*s.", shown_bytes(text, 60), text.data()));
        }
        coefficient = coefficient * 10 + (c - '0');
        scale += point ? 1 : 0;
    }
    if (!digits) {
        return tl::unexpected(bad_number(text));
    }
    return normalized({negative ? -coefficient : coefficient, scale});
}

} // namespace tradeup
