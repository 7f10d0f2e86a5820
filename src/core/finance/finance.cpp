/*
 * Level payments: the equation of value solved for each of its numbers but the rate, and sums over periods.
 * Powers of 1 + rate are taken through logarithms, so that small rates keep their digits.
 */
#include "core/finance/finance.hpp"

#include <cmath>

#include <boost/multiprecision/cpp_bin_float.hpp>

#include "core/base/guard.hpp"
#include "core/base/words.hpp"
#include "core/finance/level.hpp"

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
    return value_as_written(kDues, word, "due");
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

namespace {

using High = boost::multiprecision::cpp_bin_float_100;

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
