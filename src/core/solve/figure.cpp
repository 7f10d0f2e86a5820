/*
 * Figures that are solved for: what they are called, their grids and domains, their places in the terms.
 */
#include "core/solve/figure.hpp"

#include <algorithm>

#include "core/base/words.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* The field of the terms that a figure is; not for the price. */
const Field &field_behind(Figure figure) noexcept {
    switch (figure) {
    case Figure::bonus:
        return field_of(&Terms::bonus);
    case Figure::down_payment:
        return field_of(&Terms::equity);
    case Figure::service_fee:
        return field_of(&Terms::service_fee_rate);
    case Figure::opening_fee:
        return field_of(&Terms::opening_fee_rate);
    case Figure::rate:
        return field_of(&Terms::annual_rate);
    default:
        return field_of(&Terms::term);
    }
}

} // namespace

Result<Figure> figure_named(std::string_view word) noexcept {
    static constexpr Words<Figure, 10> kNames{{{"bonus", Figure::bonus},
                                               {"down_payment", Figure::down_payment},
                                               {"service_fee", Figure::service_fee},
                                               {"service_fee_rate", Figure::service_fee},
                                               {"opening_fee", Figure::opening_fee},
                                               {"opening_fee_rate", Figure::opening_fee},
                                               {"rate", Figure::rate},
                                               {"annual_rate", Figure::rate},
                                               {"term", Figure::term},
                                               {"price", Figure::price}}};
    return value_named(kNames, word, "figure");
}

const char *figure_words(Figure figure) noexcept {
    static constexpr Words<Figure, kFigures> kWords{{{"bonus", Figure::bonus},
                                                     {"down payment", Figure::down_payment},
                                                     {"service fee", Figure::service_fee},
                                                     {"opening fee", Figure::opening_fee},
                                                     {"annual rate", Figure::rate},
                                                     {"term", Figure::term},
                                                     {"price", Figure::price}}};
    return word_for(kWords, figure);
}

int figure_scale(Figure figure, const Terms &terms) noexcept {
    switch (figure) {
    case Figure::service_fee:
    case Figure::opening_fee:
    case Figure::rate:
        return kSolvedRateScale;
    case Figure::term:
        return 0;
    default:
        return terms.minor_digits;
    }
}

FigureRange figure_domain(Figure figure, const Terms &terms) noexcept {
    if (figure == Figure::price) {
        return {0, kMaxPriceMinor};
    }
    const Field &field = field_behind(figure);
    const std::int64_t unit = kPowersOfTen[static_cast<std::size_t>(figure_scale(figure, terms))];
    if (figure != Figure::down_payment) {
        return {field.lowest.coefficient * unit, field.highest.coefficient * unit};
    }
    /* What is left to the largest equity, rounded down to the minor unit. */
    const Int128 power = kPowersOfTen[static_cast<std::size_t>(terms.equity.scale)];
    const Int128 left = (field.highest.coefficient * power - terms.equity.coefficient) * unit / power;
    return {0, static_cast<std::int64_t>(std::min(left, Int128{field.highest.coefficient} * unit))};
}

Decimal standing_value(Figure figure, const Terms &terms, std::int64_t price_minor) noexcept {
    if (figure == Figure::price) {
        return {price_minor, terms.minor_digits};
    }
    if (figure == Figure::down_payment) {
        return {};
    }
    return figure == Figure::term ? decimal(terms.term) : number_at(terms, field_behind(figure)).value;
}

Result<bool> place(Figure figure, Decimal value, const Terms &standing, Terms &terms) noexcept {
    Decimal placed = value;
    if (figure == Figure::down_payment) {
        const std::int64_t scale = std::max(value.scale, standing.equity.scale);
        const auto power = [scale](Decimal d) {
            return Int128{d.coefficient} * kPowersOfTen[static_cast<std::size_t>(scale - d.scale)];
        };
        Int128 sum = power(value) + power(standing.equity);
        std::int64_t sum_scale = scale;
        for (; sum_scale > 0 && sum % 10 == 0; --sum_scale) {
            sum /= 10;
        }
        if (sum > kMaxCoefficient || sum < -kMaxCoefficient) {
            return tl::unexpected(
                with_hint(make_error(ErrorKind::out_of_range,
                                     "equity with the down payment has more than %d digits", kMaxDigits),
                          "Round the equity first."));
        }
        placed = {static_cast<std::int64_t>(sum), sum_scale};
    }
    return set_number(terms, field_behind(figure), placed);
}

} // namespace tradeup
