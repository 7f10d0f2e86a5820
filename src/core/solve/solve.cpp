/*
 * The searches behind a solved figure: estimates in doubles, the last step decided by whole payments.
 */
#include "core/solve/solve.hpp"

#include "core/number/sign.hpp"
#include "core/solve/edge.hpp"
#include "core/solve/figure.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr Decimal kRateUnit = decimal(1, kSolvedRateScale);

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
        financed = terms.fees_financed ? price * number<Number>(kRateUnit) : Number{};
        break;
    default: {
        const Number unit =
            number<Number>(decimal(kPowersOfTen[static_cast<std::size_t>(terms.minor_digits)]));
        const Number base =
            terms.opening_fee_less_equity ? price - number<Number>(terms.equity) * unit : price;
        financed = base * taxed_opening * number<Number>(kRateUnit);
    }
    }
    const Formula<Number> formula(without);
    return {formula.per_financed() * financed, at_price(formula.payment(), price_minor)};
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

/* Whether less than nothing is repaid over the term, beside what is left at its end. */
Result<bool> nothing_financed(const Terms &terms, std::int64_t price_minor) noexcept {
    const auto repaid = [&](const auto &formula) {
        return at_price(formula.repaid_over_term() - formula.residual(), price_minor);
    };
    const Result<int> sign =
        sign_of(repaid(Formula<Bounded>(terms)), [&] { return repaid(Formula<Ratio>(terms)); });
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

/* Whether a deal can be solved for a target within a range. Errors: bad_value. */
Result<bool> check(const Terms &terms, Figure figure, const Target &target, FigureRange range) noexcept {
    const FigureRange domain = figure_domain(figure, terms);
    if (range.lowest > range.highest || range.lowest < domain.lowest || range.highest > domain.highest) {
        return tl::unexpected(bad_range(figure, terms, range));
    }
    if (target.kind != TargetKind::payment && !terms.current_payment.present) {
        return tl::unexpected(
            with_hint(make_error(ErrorKind::bad_value, "deal has no current payment to compare with"),
                      "Give a payment as the target, or make the deal with a current payment."));
    }
    return true;
}

/* Puts what was found into the terms and the price of the solution. */
Result<bool> put(Figure figure, const Found &found, const Terms &terms, Solution &solution) noexcept {
    solution.value = {found.value, figure_scale(figure, terms)};
    solution.possible = found.possible;
    if (figure != Figure::price) {
        return place(figure, solution.value, terms, solution.terms);
    }
    solution.price_minor = found.value;
    return true;
}

} // namespace

Result<bool> solve(const Deal &deal, std::int64_t price_minor, Figure figure, const Target &target,
                   FigureRange range, Solution &solution) noexcept {
    const Terms &terms = deal.terms;
    const Result<bool> sound = check(terms, figure, target, range);
    if (!sound) {
        return sound;
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
    const Result<bool> placed = put(figure, *found, terms, solution);
    if (!placed) {
        return placed;
    }
    if (tier != nullptr && solution.possible) {
        /* A step of the grid may lead across a narrow tier. */
        const Result<int> reached = against_tier(solution.terms, solution.price_minor, *tier);
        if (!reached) {
            return tl::unexpected(reached.error());
        }
        solution.possible = *reached == 0;
    }
    return true;
}

} // namespace tradeup
