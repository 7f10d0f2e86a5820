/*
 * Level payments: the equation of value solved for each of its numbers, and sums over periods. Powers of
 * 1 + rate are taken through logarithms, so that small rates keep their digits.
 */
#include "core/finance/finance.hpp"

#include <array>
#include <cmath>
#include <vector>

#include <boost/multiprecision/cpp_bin_float.hpp>

#include "core/base/guard.hpp"
#include "core/base/words.hpp"
#include "core/finance/root.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* Growth factors of one rate, computed from its logarithm. */
struct Growth {
    Wide rate;
    Wide force; // log(1 + rate), the force of interest

    explicit Growth(double r) noexcept : rate(r), force(std::log1p(rate)) {}

    /* (1 + rate)^n */
    Wide over(Wide n) const noexcept { return std::exp(n * force); }

    /* ((1 + rate)^n - 1) / rate: the value at the end of n payments of 1 at the end of each period. */
    Wide accumulated(Wide n) const noexcept { return rate == 0 ? n : std::expm1(n * force) / rate; }

    /* (1 - (1 + rate)^-n) / rate: their value at the beginning. */
    Wide discounted(Wide n) const noexcept { return rate == 0 ? n : -std::expm1(-n * force) / rate; }

    /* What each payment is worth at the end of its period. */
    Wide shift(Due due) const noexcept { return due == Due::begin ? 1 + rate : 1; }
};

/* What an amount grows to over n periods; nothing stays nothing, however long, and costs no power. */
Wide grown(double amount, const Growth &growth, Wide n) noexcept {
    return amount == 0 ? 0 : amount * growth.over(n);
}

Error bad_number(const char *message, const char *what, double value) noexcept {
    return with_detail(make_error(ErrorKind::bad_value, "%s", message), "%s is %.17g.", what, value);
}

struct Named {
    const char *name;
    double value;
};

/* Errors of what every function asks: finite numbers and a rate above -1. */
template <std::size_t N>
Result<bool> check(double rate, const Named (&others)[N]) noexcept {
    if (!std::isfinite(rate)) {
        return tl::unexpected(not_finite("rate", rate));
    }
    if (rate <= -1) {
        return tl::unexpected(rate_too_low(rate));
    }
    for (const Named &other : others) {
        if (!std::isfinite(other.value)) {
            return tl::unexpected(not_finite(other.name, other.value));
        }
    }
    return true;
}

Result<bool> check_periods(double periods, bool zero_allowed) noexcept {
    if (periods < 0 || (periods == 0 && !zero_allowed)) {
        return tl::unexpected(bad_number(zero_allowed ? "number of periods must not be negative"
                                                      : "number of periods must be greater than 0",
                                         "Number of periods", periods));
    }
    return true;
}

Result<bool> check_period(double period, double periods) noexcept {
    if (!(period >= 1 && period <= periods && period == std::floor(period))) {
        return tl::unexpected(with_detail(
            make_error(ErrorKind::bad_value, "period must be a whole number from 1 to the number of periods"),
            "Period is %.17g of %.17g.", period, periods));
    }
    return true;
}

/*
 * What is outstanding after t of n periods, from pv at 0 to -fv at n:
 *     D_t = pv ((1+r)^n - (1+r)^t) / ((1+r)^n - 1) - fv ((1+r)^t - 1) / ((1+r)^n - 1),
 * for payments at the beginning too (just before the payment). Written so that nothing cancels and nothing
 * overflows: with powers of 1 + r below 1.
 */
Wide outstanding(const Growth &growth, Wide n, Wide t, Wide present, Wide future) noexcept {
    const Wide rest = n - t;
    if (growth.rate == 0) {
        return present * rest / n - future * t / n;
    }
    const Wide l = growth.force;
    if (growth.rate > 0) {
        const Wide whole = std::expm1(-n * l);
        return present * (std::expm1(-rest * l) / whole) -
               future * (std::exp(-rest * l) * std::expm1(-t * l) / whole);
    }
    const Wide whole = std::expm1(n * l);
    return present * (std::exp(t * l) * std::expm1(rest * l) / whole) - future * (std::expm1(t * l) / whole);
}

/* (1+r)^t r / ((1+r)^n - 1): the part of pv + fv that the payment at the end of period t + 1 repays. */
Wide repaid_share(const Growth &growth, Wide n, Wide t) noexcept {
    if (growth.rate == 0) {
        return 1 / n;
    }
    return growth.rate > 0 ? std::exp(-(n - t) * growth.force) * growth.rate / -std::expm1(-n * growth.force)
                           : std::exp(t * growth.force) * growth.rate / std::expm1(n * growth.force);
}

Wide payment_of(const Growth &growth, Wide n, double present, double future, Due due) noexcept {
    if (growth.rate >= 0) {
        return -(present + grown(future, growth, -n)) / (growth.shift(due) * growth.discounted(n));
    }
    return -(grown(present, growth, n) + future) / (growth.shift(due) * growth.accumulated(n));
}

/* The equation's left side at a rate, scaled by a positive factor so that it neither over- nor underflows. */
struct Equation {
    Wide periods;
    Wide payment;
    Wide present;
    Wide future;
    Due due;

    /* The flows in order: the first, those between, the last. */
    std::array<Wide, 3> flows() const noexcept {
        const Wide between = periods > 1 ? payment : 0;
        return due == Due::begin ? std::array{present + payment, between, future}
                                 : std::array{present, between, payment + future};
    }

    /* The sign of the left side at high rates. */
    int first_sign() const noexcept {
        const auto [first, between, last] = flows();
        return first != 0 ? sign(first) : between != 0 ? sign(between) : sign(last);
    }

    Valued operator()(Wide force) const noexcept {
        const Wide rate = std::expm1(force);
        const Wide shift = due == Due::begin ? std::exp(force) : 1;
        const Wide paid = payment * shift *
                          (force == 0 ? periods : std::expm1(std::fabs(force) * -periods) / -std::fabs(rate));
        const Wide faded = std::exp(std::fabs(force) * -periods);
        if (force >= 0) {
            return {present + paid + future * faded,
                    std::fabs(present) + std::fabs(paid) + std::fabs(future * faded)};
        }
        return {present * faded + paid + future,
                std::fabs(present * faded) + std::fabs(paid) + std::fabs(future)};
    }
};

using High = boost::multiprecision::cpp_bin_float_100;

/* The same in 100 digits, for what long doubles cannot tell from zero. */
struct PreciseEquation {
    const Equation &equation;

    struct Value {
        High value;
        High scale;
    };

    Value at(const High &force) const {
        const High growth = exp(force);
        const High faded = exp(-abs(force) * High(equation.periods));
        const High paid = equation.payment * (equation.due == Due::begin ? growth : High(1)) *
                          (force == 0 ? High(equation.periods) : High((1 - faded) / abs(growth - 1)));
        const High present = force >= 0 ? High(equation.present) : High(equation.present * faded);
        const High future = force >= 0 ? High(equation.future * faded) : High(equation.future);
        return {present + paid + future, abs(present) + abs(paid) + abs(future)};
    }

    Valued operator()(Wide force) const {
        const Value value = at(High(force));
        return {static_cast<Wide>(value.value), static_cast<Wide>(value.scale)};
    }
};

/*
 * Where `height` is greatest between two points, between which it rises and then falls, or where it is
 * `enough`: golden sections, which find a place to half of the digits that the number has.
 */
template <typename Number, typename Height, typename Enough>
Number highest(Number low, Number high, int sections, const Height &height, const Enough &enough) {
    const Number golden = (3 - sqrt(Number(5))) / 2;
    Number left = low + golden * (high - low);
    Number right = high - golden * (high - low);
    auto at_left = height(left);
    auto at_right = height(right);
    for (int i = 0; i < sections; ++i) {
        if (enough(at_left)) {
            return left;
        }
        if (enough(at_right)) {
            return right;
        }
        if (at_left < at_right) {
            low = left;
            left = right;
            at_left = at_right;
            right = high - golden * (high - low);
            at_right = height(right);
        } else {
            high = right;
            right = left;
            at_right = at_left;
            left = low + golden * (high - low);
            at_left = height(left);
        }
    }
    return low + (high - low) / 2;
}

/*
 * A point between the two roots of an equation whose first and last flows have one sign and those between
 * another; where it has no two, its extremum. F (1 + r), the equation's left side times one period's growth,
 * rises (or falls) to one extremum and then falls (rises), because the signs of its derivative's flows change
 * once.
 */
Wide between_roots(const Equation &equation) {
    const int inside = -equation.first_sign();
    /* Compared by sign and logarithm, because the equation undone of its scaling would overflow. */
    struct Height {
        int sign;
        Wide logarithm;
        bool certain;

        bool operator<(const Height &other) const noexcept {
            return sign != other.sign ? sign < other.sign : logarithm < other.logarithm;
        }
    };
    const auto height = [&](Wide force) {
        const Valued at = equation(force);
        const Wide value = inside * at.value;
        const Wide logarithm =
            std::log(std::fabs(value)) + force + (force < 0 ? -force * equation.periods : 0);
        return value > 0 ? Height{1, logarithm, certain_sign(at) != 0} : Height{-1, -logarithm, false};
    };
    constexpr int kSections = 110;
    const Wide point = highest(kLowestForce, kHighestForce, kSections, height,
                               [](const Height &reached) { return reached.certain; });
    if (!touches(equation(point))) {
        return point;
    }
    /* Whether it crosses zero, touches it or misses it is decided in more digits. */
    constexpr Wide kDoubt = 1e-6L;
    constexpr int kPreciseSections = 150;
    const PreciseEquation precise{equation};
    const auto precise_height = [&](const High &force) {
        const High undone = exp(force < 0 ? High(force - force * High(equation.periods)) : force);
        return High(inside * precise.at(force).value * undone);
    };
    return static_cast<Wide>(highest(High(point - kDoubt), High(point + kDoubt), kPreciseSections,
                                     precise_height, [](const High &) { return false; }));
}

/* All roots of an equation of level payments, ascending. May throw. */
std::vector<Root> roots_of(const Equation &equation) {
    std::vector<Root> roots;
    const PreciseEquation precise{equation};
    if (equation.periods != std::floor(equation.periods)) {
        add_roots(equation, precise, true, false, grid(), roots); // a part of a payment is no flow of its own
        return roots;
    }
    const auto [first, between, last] = equation.flows();
    const int changes = sign_changes({first, between, last});
    if (changes == 1) {
        const Force root = the_root(equation, equation.first_sign());
        if (root) {
            roots.push_back({*root, equation.first_sign()});
        }
    } else if (changes == 2) {
        std::vector<Wide> points{kLowestForce, between_roots(equation), kHighestForce};
        points.insert(std::upper_bound(points.begin(), points.end(), Wide{0}), Wide{0});
        add_roots(equation, precise, true, true, points, roots);
    }
    return roots;
}

/* Searches for the roots of an equation of level payments, and makes an answer of them. */
template <typename Found>
auto searched(double periods, double payment, double present, double future, Due due, Found found) noexcept
    -> Result<decltype(found(Equation{}, std::vector<Root>{}))> {
    using Answered = Result<decltype(found(Equation{}, std::vector<Root>{}))>;
    const Result<bool> checked = check(0, {{"number of periods", periods},
                                           {"payment", payment},
                                           {"present value", present},
                                           {"future value", future}})
                                     .and_then([&](bool) { return check_periods(periods, false); });
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    return guarded([&]() -> Answered {
        const Equation equation{periods, payment, present, future, due};
        return found(equation, roots_of(equation));
    });
}

} // namespace

Error not_finite(const char *what, double value) noexcept {
    return with_detail(make_error(ErrorKind::bad_value, "%s must be a finite number", what), "It is %g.",
                       value);
}

Error rate_too_low(double rate) noexcept {
    return with_hint(bad_number("rate must be greater than -1", "Rate", rate),
                     "A rate is a fraction per period: 1 percent is 0.01.");
}

Result<double> narrow(Wide value) noexcept {
    const auto narrowed = static_cast<double>(value + 0); // no -0
    if (!std::isfinite(narrowed)) {
        return tl::unexpected(make_error(ErrorKind::out_of_range, "result is out of range"));
    }
    return narrowed;
}

Result<Due> parse_due(std::string_view word) noexcept {
    static constexpr Words<Due, 2> kDues{{{"end", Due::end}, {"begin", Due::begin}}};
    return value_named(kDues, word, "due");
}

Result<double> present_value(double rate, double periods, double payment, double future, Due due) noexcept {
    const Result<bool> checked =
        check(rate, {{"number of periods", periods}, {"payment", payment}, {"future value", future}})
            .and_then([&](bool) { return check_periods(periods, true); });
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    const Growth growth(rate);
    return narrow(-(grown(future, growth, -Wide{periods}) +
                    (payment == 0 ? 0 : payment * growth.shift(due) * growth.discounted(periods))));
}

Result<double> future_value(double rate, double periods, double payment, double present, Due due) noexcept {
    const Result<bool> checked =
        check(rate, {{"number of periods", periods}, {"payment", payment}, {"present value", present}})
            .and_then([&](bool) { return check_periods(periods, true); });
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    const Growth growth(rate);
    return narrow(-(grown(present, growth, periods) +
                    (payment == 0 ? 0 : payment * growth.shift(due) * growth.accumulated(periods))));
}

Result<double> level_payment(double rate, double periods, double present, double future, Due due) noexcept {
    const Result<bool> checked =
        check(rate, {{"number of periods", periods}, {"present value", present}, {"future value", future}})
            .and_then([&](bool) { return check_periods(periods, false); });
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    return narrow(payment_of(Growth(rate), periods, present, future, due));
}

Result<double> interest_payment(double rate, double period, double periods, double present, double future,
                                Due due) noexcept {
    const Result<bool> checked = check(rate, {{"period", period},
                                              {"number of periods", periods},
                                              {"present value", present},
                                              {"future value", future}})
                                     .and_then([&](bool) { return check_period(period, periods); });
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    if (due == Due::begin && period == 1) {
        return 0;
    }
    const Growth growth(rate);
    return narrow(-growth.rate * outstanding(growth, periods, Wide{period} - 1, present, future) /
                  growth.shift(due));
}

Result<double> principal_payment(double rate, double period, double periods, double present, double future,
                                 Due due) noexcept {
    const Result<bool> checked = check(rate, {{"period", period},
                                              {"number of periods", periods},
                                              {"present value", present},
                                              {"future value", future}})
                                     .and_then([&](bool) { return check_period(period, periods); });
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    const Growth growth(rate);
    if (due == Due::begin && period == 1) {
        return narrow(payment_of(growth, periods, present, future, due));
    }
    return narrow(-(Wide{present} + future) * repaid_share(growth, periods, Wide{period} - 1) /
                  growth.shift(due));
}

Result<Answer> number_of_periods(double rate, double payment, double present, double future,
                                 Due due) noexcept {
    const Result<bool> checked =
        check(rate, {{"payment", payment}, {"present value", present}, {"future value", future}});
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    const Growth growth(rate);
    const Wide sum = Wide{present} + future;
    Wide periods = 0;
    if (growth.rate == 0) {
        periods = -sum / payment;
    } else {
        /* (1+r)^n = reached / left, from the equation solved for the power. */
        const Wide due_payment = payment * growth.shift(due);
        const Wide left = due_payment + present * growth.rate;
        const Wide reached = due_payment - future * growth.rate;
        const Wide change = -sum * growth.rate / left;
        constexpr Wide kNearOne = 0.5;
        periods =
            (std::fabs(change) < kNearOne ? std::log1p(change) : std::log(reached / left)) / growth.force;
    }
    if (!std::isfinite(periods)) {
        return Answer{};
    }
    const Result<double> narrowed = narrow(periods);
    return narrowed ? Result<Answer>(*narrowed) : tl::unexpected(narrowed.error());
}

Result<Answer> rate_of_return(double periods, double payment, double present, double future,
                              Due due) noexcept {
    return searched(periods, payment, present, future, due,
                    [](const Equation &equation, const std::vector<Root> &roots) {
                        return rate_from(chosen(roots, equation.first_sign()));
                    });
}

Result<Rates> rates_of_return(double periods, double payment, double present, double future,
                              Due due) noexcept {
    return searched(periods, payment, present, future, due,
                    [](const Equation &, const std::vector<Root> &roots) { return rates_from(roots); });
}

namespace {

Result<bool> check_range(double rate, double periods, double present, double first, double last) noexcept {
    const Result<bool> checked = check(rate, {{"number of periods", periods},
                                              {"present value", present},
                                              {"first period", first},
                                              {"last period", last}});
    if (!checked) {
        return checked;
    }
    constexpr double kMostPeriods = 1e9;
    const auto whole = [](double value) { return value == std::floor(value); };
    if (!(whole(periods) && whole(first) && whole(last) && first >= 1 && first <= last && last <= periods &&
          periods <= kMostPeriods)) {
        return tl::unexpected(with_detail(
            make_error(ErrorKind::bad_value,
                       "periods must be whole numbers with 1 <= first <= last <= number of periods"),
            "First is %.17g, last is %.17g of %.17g.", first, last, periods));
    }
    return true;
}

/* The sum of the balances D_t over t = from .. to of a loan of 1 over n periods. */
High sum_of_balances(double rate, std::int64_t n, std::int64_t from, std::int64_t to) {
    const std::int64_t count = to - from + 1;
    /* D_t = (n - t) / n up to a relative error of n * rate. */
    constexpr double kStraight = 1e-20;
    if (std::fabs(rate) * static_cast<double>(n) < kStraight) {
        return High(count) * High(2 * n - from - to) / (2 * High(n));
    }
    /*
     * The powers nearly cancel in the sum, by up to 40 of the 100 digits. With powers of 1 / (1 + rate) for
     * rates above zero and of 1 + rate for those below, none overflows.
     */
    const High growth = 1 + High(rate);
    const auto power = [&](std::int64_t exponent) {
        const High base = rate > 0 ? High(1 / growth) : growth;
        return High(pow(base, static_cast<int>(exponent)));
    };
    const High span = (1 - power(count)) / (rate > 0 ? High(rate) / growth : High(-rate));
    if (rate > 0) {
        return (count - power(n - to) * span) / (1 - power(n));
    }
    return (power(from) * span - count * power(n)) / (1 - power(n));
}

} // namespace

Result<double> cumulative_interest(double rate, double periods, double present, double first, double last,
                                   Due due) noexcept {
    const Result<bool> checked = check_range(rate, periods, present, first, last);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    /* The interest of period k is of the balance D_(k-1); a first payment at the beginning has none. */
    const std::int64_t from = due == Due::begin && first == 1 ? 1 : static_cast<std::int64_t>(first) - 1;
    const std::int64_t to = static_cast<std::int64_t>(last) - 1;
    if (rate == 0 || from > to) {
        return 0;
    }
    return guarded([&]() -> Result<double> {
        const High balances = sum_of_balances(rate, static_cast<std::int64_t>(periods), from, to);
        const High shift = due == Due::begin ? 1 + High(rate) : High(1);
        return narrow(static_cast<Wide>(-High(rate) * High(present) * balances / shift));
    });
}

Result<double> cumulative_principal(double rate, double periods, double present, double first, double last,
                                    Due due) noexcept {
    const Result<bool> checked = check_range(rate, periods, present, first, last);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    const Growth growth(rate);
    /* The payments at the end of periods first..last repay a geometric series. */
    const auto repaid = [&](double from) {
        const Wide count = Wide{last} - from + 1;
        if (growth.rate == 0) {
            return count / periods;
        }
        return growth.rate > 0
                   ? std::exp(-(Wide{periods} - last) * growth.force) * std::expm1(-count * growth.force) /
                         std::expm1(-Wide{periods} * growth.force)
                   : std::exp((Wide{from} - 1) * growth.force) * std::expm1(count * growth.force) /
                         std::expm1(Wide{periods} * growth.force);
    };
    if (due == Due::end) {
        return narrow(-present * repaid(first));
    }
    /* The first payment at the beginning is principal as a whole. */
    const Wide whole_payment = first == 1 ? payment_of(growth, periods, present, 0, due) : 0;
    const Wide others = first == 1 && last == 1 ? 0 : repaid(first == 1 ? 2 : first);
    return narrow(whole_payment - present * others / growth.shift(due));
}

Result<double> effective_rate(double nominal, std::int32_t periods) noexcept {
    if (!std::isfinite(nominal)) {
        return tl::unexpected(not_finite("nominal rate", nominal));
    }
    if (periods < 1) {
        return tl::unexpected(bad_number("periods a year must be at least 1", "Periods", periods));
    }
    if (!(nominal > -periods)) {
        return tl::unexpected(
            bad_number("nominal rate must be greater than minus the periods a year", "Rate", nominal));
    }
    return narrow(std::expm1(periods * std::log1p(Wide{nominal} / periods)));
}

Result<double> nominal_rate(double effective, std::int32_t periods) noexcept {
    if (!std::isfinite(effective)) {
        return tl::unexpected(not_finite("effective rate", effective));
    }
    if (periods < 1) {
        return tl::unexpected(bad_number("periods a year must be at least 1", "Periods", periods));
    }
    if (!(effective > -1)) {
        return tl::unexpected(bad_number("effective rate must be greater than -1", "Rate", effective));
    }
    return narrow(periods * std::expm1(std::log1p(Wide{effective}) / periods));
}

} // namespace tradeup
