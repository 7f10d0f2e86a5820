/*
 * The searches behind a solved figure: estimates in doubles, the last step decided by whole payments.
 */
#include "core/solve/solve.hpp"

#include <algorithm>

#include "core/base/words.hpp"
#include "core/deal/eligibility.hpp"
#include "core/number/sign.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr Decimal kRateUnit = decimal(1, kSolvedRateScale);

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

/*
 * The payments up to an edge: those below it, and the edge itself when it is inclusive. The edge is an amount
 * in halves of a minor unit, or a payment change.
 */
struct Edge {
    bool in_change;
    std::int64_t doubled;
    Decimal change;
    bool inclusive;
};

Edge payments_up_to(std::int64_t payment_minor, Rounding rounding) noexcept {
    const RoundingEdge edge = rounds_to_at_most(payment_minor, rounding);
    return {false, static_cast<std::int64_t>(edge.doubled), {}, edge.inclusive};
}

Edge changes_up_to(const Terms &terms, Decimal change, bool inclusive) noexcept {
    const ChangeLimit limit = change_limit(terms, change, inclusive);
    return {true, 0, limit.edge, limit.inclusive};
}

/* The edge in minor units. */
template <typename Number>
Number edge_amount(const Terms &terms, const Edge &edge) {
    if (!edge.in_change) {
        return whole_number<Number>(edge.doubled) / whole_number<Number>(2);
    }
    const Number unit = number<Number>(decimal(kPowersOfTen[static_cast<std::size_t>(terms.minor_digits)]));
    return number<Number>(terms.current_payment.value) * unit *
           (number<Number>(decimal(1)) + number<Number>(edge.change));
}

/* Whether the payment of terms at a price is up to an edge. */
Result<bool> is_up_to(const Terms &terms, std::int64_t price_minor, const Edge &edge) noexcept {
    const auto beyond = [&]<typename Number>(const Formula<Number> &formula) {
        return at_price(formula.payment(), price_minor) - edge_amount<Number>(terms, edge);
    };
    const Result<int> sign =
        sign_of(beyond(Formula<Bounded>(terms)), [&] { return beyond(Formula<Ratio>(terms)); });
    if (!sign) {
        return tl::unexpected(sign.error());
    }
    return *sign < 0 || (*sign == 0 && edge.inclusive);
}

/* A payment as an affine function of a figure on its grid, with the price for its argument's place. */
template <typename Number>
Affine<Number> payment_in(Figure figure, const Terms &terms, std::int64_t price_minor) {
    if (figure == Figure::price) {
        return Formula<Number>(terms).payment();
    }
    Terms without = terms;
    if (figure == Figure::bonus) {
        without.bonus = {};
    } else if (figure == Figure::service_fee) {
        without.service_fee_rate = {};
    } else if (figure == Figure::opening_fee) {
        without.opening_fee_rate = {};
    }
    const Number one = number<Number>(decimal(1));
    const Number price = whole_number<Number>(price_minor);
    const Number taxed_opening = one + number<Number>(terms.opening_fee_tax_rate);
    Number financed{};
    switch (figure) {
    case Figure::bonus:
        financed = -one;
        break;
    case Figure::down_payment:
        financed = terms.opening_fee_less_equity
                       ? -(one + number<Number>(terms.opening_fee_rate) * taxed_opening)
                       : -one;
        break;
    case Figure::service_fee:
        financed = price * number<Number>(kRateUnit);
        break;
    default: {
        const Number unit =
            number<Number>(decimal(kPowersOfTen[static_cast<std::size_t>(terms.minor_digits)]));
        const Number base =
            terms.opening_fee_less_equity ? price - number<Number>(terms.equity) * unit : price;
        financed = base * taxed_opening * number<Number>(kRateUnit);
    }
    }
    const Number q = monthly_rate<Number>(terms.annual_rate, terms.interest_tax_rate);
    return {annuity(q, terms.term) * financed, at_price(Formula<Number>(without).payment(), price_minor)};
}

bool is_affine(Figure figure) noexcept {
    return figure != Figure::rate && figure != Figure::term;
}

/* Whether the payment falls, or stays, when the figure rises. */
bool falls(Figure figure, const Terms &terms, std::int64_t price_minor) noexcept {
    switch (figure) {
    case Figure::bonus:
    case Figure::down_payment:
    case Figure::term:
        return true;
    case Figure::opening_fee:
        return terms.opening_fee_less_equity && compare({price_minor, terms.minor_digits}, terms.equity) < 0;
    default:
        return false;
    }
}

/* The terms with a figure in place. The down payment is added to the equity. */
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

/*
 * The first value of a range at which a payment is beyond an edge, or, for figures that lower it, up to the
 * edge again; one past the range when there is none.
 */
Result<std::int64_t> first_across(const Terms &terms, std::int64_t price_minor, Figure figure,
                                  FigureRange range, const Edge &edge) noexcept {
    const bool falling = falls(figure, terms, price_minor);
    if (is_affine(figure)) {
        const auto past = [&]<typename Number>(const Affine<Number> &payment) -> Affine<Number> {
            const Number amount = edge_amount<Number>(terms, edge);
            return falling ? Affine<Number>{-payment.slope, amount - payment.intercept}
                           : Affine<Number>{payment.slope, payment.intercept - amount};
        };
        return first_price(past(payment_in<Bounded>(figure, terms, price_minor)),
                           falling == edge.inclusive ? Passing::at_least : Passing::above,
                           {range.lowest, range.highest + 1},
                           [&] { return past(payment_in<Ratio>(figure, terms, price_minor)); });
    }
    Terms tried = terms;
    std::int64_t low = range.lowest;
    std::int64_t high = range.highest + 1;
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        const Result<bool> placed = place(figure, {middle, figure_scale(figure, terms)}, terms, tried);
        if (!placed) {
            return tl::unexpected(placed.error());
        }
        const Result<bool> up_to = is_up_to(tried, price_minor, edge);
        if (!up_to) {
            return tl::unexpected(up_to.error());
        }
        (*up_to == falling ? high : low) = *up_to == falling ? middle : middle + 1;
    }
    return low;
}

/* A value of the grid and whether it does what was asked. */
struct Found {
    std::int64_t value;
    bool possible;
};

/* The value nearest to the edge on one of its sides; the nearest of all when none is on that side. */
Result<Found> nearest_to_edge(const Terms &terms, std::int64_t price_minor, Figure figure, FigureRange range,
                              const Edge &edge, bool up_to) noexcept {
    const Result<std::int64_t> across = first_across(terms, price_minor, figure, range, edge);
    if (!across) {
        return tl::unexpected(across.error());
    }
    /* Across the edge payments are beyond it, or up to it where they fall. */
    if (up_to == falls(figure, terms, price_minor)) {
        return *across <= range.highest ? Found{*across, true} : Found{range.highest, false};
    }
    return *across > range.lowest ? Found{*across - 1, true} : Found{range.lowest, false};
}

/* Where a payment lies against a tier: -1 below it, 0 within, 1 above. */
Result<int> against_tier(const Terms &terms, std::int64_t price_minor, const Tier &tier) noexcept {
    if (tier.upper.present) {
        const Result<bool> up_to =
            is_up_to(terms, price_minor, changes_up_to(terms, tier.upper.change, tier.upper.inclusive != 0));
        if (!up_to || !*up_to) {
            return up_to ? Result<int>(1) : tl::unexpected(up_to.error());
        }
    }
    if (tier.lower.present) {
        const Result<bool> up_to =
            is_up_to(terms, price_minor, changes_up_to(terms, tier.lower.change, tier.lower.inclusive == 0));
        if (!up_to || *up_to) {
            return up_to ? Result<int>(-1) : tl::unexpected(up_to.error());
        }
    }
    return 0;
}

/* The edge that a payment should come up to; from below a tier, the one that it should be beyond. */
Edge edge_of(const Target &target, const Terms &terms, bool up_to) noexcept {
    if (target.kind == TargetKind::payment) {
        return payments_up_to(target.payment_minor, terms.rounding);
    }
    if (target.kind == TargetKind::change) {
        return changes_up_to(terms, target.change, true);
    }
    const Tier &tier = terms.tiers[target.tier];
    return up_to ? changes_up_to(terms, tier.upper.change, tier.upper.inclusive != 0)
                 : changes_up_to(terms, tier.lower.change, tier.lower.inclusive == 0);
}

/* The figure as the deal has it. */
Decimal standing_value(Figure figure, const Terms &terms, std::int64_t price_minor) noexcept {
    if (figure == Figure::price) {
        return {price_minor, terms.minor_digits};
    }
    if (figure == Figure::down_payment) {
        return {};
    }
    return figure == Figure::term ? decimal(terms.term) : number_at(terms, field_behind(figure)).value;
}

/* Whether less than nothing is repaid over the term. */
Result<bool> nothing_financed(const Terms &terms, std::int64_t price_minor) noexcept {
    const Result<int> sign =
        sign_of(at_price(Formula<Bounded>(terms).financed_over_term(), price_minor),
                [&] { return at_price(Formula<Ratio>(terms).financed_over_term(), price_minor); });
    if (!sign) {
        return tl::unexpected(sign.error());
    }
    return *sign < 0;
}

Error bad_range(Figure figure, const Terms &terms, FigureRange range) noexcept {
    const int scale = figure_scale(figure, terms);
    const FigureRange domain = figure_domain(figure, terms);
    return with_hint(with_detail(make_error(ErrorKind::bad_value, "limits leave no value for the %s",
                                            figure_words(figure)),
                                 "They are %s to %s.", to_text({range.lowest, scale}).text,
                                 to_text({range.highest, scale}).text),
                     "Values are from %s to %s.", to_text({domain.lowest, scale}).text,
                     to_text({domain.highest, scale}).text);
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

Result<bool> solve(const Deal &deal, std::int64_t price_minor, Figure figure, const Target &target,
                   FigureRange range, Solution &solution) noexcept {
    const Terms &terms = deal.terms;
    const FigureRange domain = figure_domain(figure, terms);
    if (range.lowest > range.highest || range.lowest < domain.lowest || range.highest > domain.highest) {
        return tl::unexpected(bad_range(figure, terms, range));
    }
    if (target.kind != TargetKind::payment && !terms.current_payment.present) {
        return tl::unexpected(
            with_hint(make_error(ErrorKind::bad_value, "deal has no current payment to compare with"),
                      "Give a payment as the target, or make the deal with a current payment."));
    }
    solution = {true, true, false, {}, price_minor, terms};
    if (!is_affine(figure)) {
        const Result<bool> nothing = nothing_financed(terms, price_minor);
        if (!nothing || *nothing) {
            solution.defined = solution.possible = false;
            return nothing ? Result<bool>(true) : tl::unexpected(nothing.error());
        }
    }
    const Tier *const tier = target.kind == TargetKind::tier ? &terms.tiers[target.tier] : nullptr;
    const Result<int> where = tier == nullptr ? Result<int>(1) : against_tier(terms, price_minor, *tier);
    if (!where || *where == 0) {
        solution.standing = true;
        solution.value = standing_value(figure, terms, price_minor);
        return where ? Result<bool>(true) : tl::unexpected(where.error());
    }
    const bool up_to = *where > 0;
    const Edge edge = edge_of(target, terms, up_to);
    const Result<Found> found = nearest_to_edge(terms, price_minor, figure, range, edge, up_to);
    if (!found) {
        return tl::unexpected(found.error());
    }
    solution.value = {found->value, figure_scale(figure, terms)};
    solution.possible = found->possible;
    if (figure == Figure::price) {
        solution.price_minor = found->value;
    } else {
        const Result<bool> placed = place(figure, solution.value, terms, solution.terms);
        if (!placed) {
            return placed;
        }
    }
    if (tier != nullptr && solution.possible) {
        /* A step of the grid may lead across a narrow tier. */
        const Result<int> where = against_tier(solution.terms, solution.price_minor, *tier);
        if (!where) {
            return tl::unexpected(where.error());
        }
        solution.possible = *where == 0;
    }
    return true;
}

} // namespace tradeup
