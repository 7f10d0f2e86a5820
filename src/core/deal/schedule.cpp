/*
 * The payments of a deal, period by period: what is owed, what is paid of it, and what is left.
 */
#include "core/deal/schedule.hpp"

#include <algorithm>
#include <cmath>

#include <boost/multiprecision/cpp_int.hpp>

#include "core/deal/formula.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* An amount of money of the terms in minor units, rounded; exact, because 18 digits and 4 more fit in 128
 * bits. */
std::int64_t minor(const Terms &terms, Decimal amount) noexcept {
    const Int128 unit = kPowersOfTen[static_cast<std::size_t>(terms.minor_digits)];
    const Int128 power = kPowersOfTen[static_cast<std::size_t>(amount.scale)];
    return static_cast<std::int64_t>(round_ratio<Int128>(amount.coefficient * unit, power, terms.rounding));
}

/* amount * rate / parts, rounded. Amounts are below 10^18 and rates below 10^19 units of 10^-18, so 128 bits
 * hold. */
std::int64_t share(const Terms &terms, std::int64_t amount_minor, Decimal rate, std::int64_t parts) noexcept {
    const Int128 power = kPowersOfTen[static_cast<std::size_t>(rate.scale)];
    return static_cast<std::int64_t>(
        round_ratio<Int128>(Int128{amount_minor} * rate.coefficient, power * parts, terms.rounding));
}

/*
 * (1 + rate)^n - 1. A power, as the spreadsheet has it, whose last balances carry its rounding; but not for
 * rates so small that 1 + rate would lose them.
 */
double growth(double rate, std::int32_t n) noexcept {
    constexpr double kSmallRate = 1e-6;
    return rate < kSmallRate ? std::expm1(n * std::log1p(rate)) : std::pow(1 + rate, n) - 1;
}

/* Products of an amount, two rates and days, which 256 bits do not always hold; they never allocate. */
using Product = boost::multiprecision::int512_t;

/* Whether the first period is longer or shorter than the others. */
bool has_odd_period(const Terms &terms) noexcept {
    return terms.first_payment_days != kAbsent &&
           terms.first_payment_days != days_of_period(terms.payment_frequency);
}

/*
 * The interest of an odd first period of d days, before its tax, as the payment counts it: r d / D of the
 * balance where it is shorter than the D days of a period; where it is longer, the days beyond a period bear
 * simple interest and a whole period compounds on it: r (d / D + q (d - D) / D), q being r with its tax.
 */
std::int64_t odd_interest(const Terms &terms, std::int64_t balance) noexcept {
    const std::int32_t year = payments_a_year(terms.payment_frequency);
    const std::int32_t days = days_of_period(terms.payment_frequency);
    const Product rate = terms.annual_rate.coefficient;
    const Product rate_unit = Product(kPowersOfTen[static_cast<std::size_t>(terms.annual_rate.scale)]) * year;
    const Product tax_unit = kPowersOfTen[static_cast<std::size_t>(terms.interest_tax_rate.scale)];
    const Product taxed = rate * (tax_unit + terms.interest_tax_rate.coefficient);
    const std::int32_t beyond = std::max(terms.first_payment_days - days, 0);
    const Product periods = rate_unit * tax_unit * terms.first_payment_days + taxed * beyond;
    return static_cast<std::int64_t>(round_ratio<Product>(
        Product(balance) * rate * periods, rate_unit * days * rate_unit * tax_unit, terms.rounding));
}

/* What one period of a bucket adds to a row. */
struct BucketPeriod {
    std::int64_t principal;
    std::int64_t interest;
    std::int64_t tax;
};

BucketPeriod pay_period(const Terms &terms, Bucket &bucket, bool first) noexcept {
    if (bucket.periods_left == 0) {
        return {};
    }
    const bool odd = first && has_odd_period(terms);
    const std::int64_t interest =
        odd ? odd_interest(terms, bucket.balance)
            : share(terms, bucket.balance, terms.annual_rate, payments_a_year(terms.payment_frequency));
    const std::int64_t tax = share(terms, interest, terms.interest_tax_rate, 1);
    const bool last = --bucket.periods_left == 0;
    /*
     * What rounding leaves of a level payment that pays little more than the interest would grow period by
     * period, so a period repays at least nothing and at most the balance. The interest of a long first
     * period may be more than a payment, though: what it leaves is owed, and the payment stays as quoted.
     */
    const std::int64_t level = bucket.level_payment - interest - tax;
    const std::int64_t principal =
        last ? bucket.balance
             : std::clamp<std::int64_t>(level, odd ? std::min<std::int64_t>(level, 0) : 0, bucket.balance);
    bucket.balance -= principal;
    return {principal, interest, tax};
}

/*
 * A payment of a lease: what the vehicle loses, the tax on the payment, and the rent, which is the rest. Up
 * to a period the vehicle has lost that part of the whole loss, rounded: so the parts add up.
 */
BucketPeriod pay_rent(Schedule &schedule) noexcept {
    Bucket &bucket = schedule.vehicle;
    if (bucket.periods_left == 0) {
        return {};
    }
    const Terms &terms = schedule.terms;
    --bucket.periods_left;
    const std::int32_t paid = schedule.term - bucket.periods_left;
    const auto lost = static_cast<std::int64_t>(
        round_ratio<Int128>(Int128{schedule.loss} * paid, schedule.term, terms.rounding));
    const std::int64_t principal = bucket.balance - schedule.residual - (schedule.loss - lost);
    std::int64_t tax = 0;
    if (terms.lease_tax == LeaseTax::payment) {
        /* Of a payment with tax, rate / (1 + rate) is tax. */
        const Product rate = terms.sales_tax_rate.coefficient;
        const Product all = rate + kPowersOfTen[static_cast<std::size_t>(terms.sales_tax_rate.scale)];
        tax = static_cast<std::int64_t>(
            round_ratio<Product>(Product(bucket.level_payment) * rate, all, terms.rounding));
    }
    bucket.balance -= principal;
    return {principal, bucket.level_payment - tax - principal, tax};
}

} // namespace

Result<std::int64_t> level_payment(const Terms &terms, std::int64_t principal_minor,
                                   std::int32_t periods) noexcept {
    return round_at(compiled({Formula<Bounded>(terms).level(periods), {}}), principal_minor, terms.rounding,
                    [&] {
                        return Affine<Ratio>{Formula<Ratio>(terms).level(periods), {}};
                    });
}

Result<Schedule> begin_schedule(const Deal &deal, std::int64_t price_minor) noexcept {
    Schedule schedule{};
    schedule.terms = deal.terms;
    const Terms &terms = schedule.terms;
    schedule.term = periods_in(terms.payment_frequency, terms.term);
    schedule.policy = periods_in(terms.payment_frequency, terms.insurance_months);
    const auto rounded = [&](auto of) {
        return round_at(compiled(of(Formula<Bounded>(terms))), price_minor, terms.rounding,
                        [&] { return of(Formula<Ratio>(terms)); });
    };
    schedule.premium = minor(terms, terms.insurance);
    const Result<std::int64_t> financed = amount_at(deal, Amount::loan_amount, price_minor);
    const Result<std::int64_t> quoted = amount_at(deal, Amount::payment, price_minor);
    const Result<std::int64_t> residual = rounded([](const auto &formula) { return formula.residual(); });
    const Result<std::int64_t> charges = rounded([](const auto &formula) { return formula.gps_charge(); });
    const Result<std::int64_t> premium_payment = level_payment(terms, schedule.premium, schedule.policy);
    for (const Result<std::int64_t> *amount : {&financed, &quoted, &residual, &charges, &premium_payment}) {
        if (!*amount) {
            return tl::unexpected(amount->error());
        }
    }
    const std::int64_t vehicle = *financed - schedule.premium;
    if (vehicle <= 0 || (terms.kind != DealKind::loan && vehicle <= *residual)) {
        return tl::unexpected(with_hint(make_error(ErrorKind::bad_value, "nothing is financed at this price"),
                                        "The equity covers the price; take a dearer vehicle."));
    }
    schedule.premium_payment = *premium_payment;
    schedule.charges = *charges;
    schedule.charges_tax = share(terms, schedule.charges, terms.gps_tax_rate, 1);
    if (terms.installation_in_first_payment) {
        schedule.installation = minor(terms, terms.gps_installation);
        schedule.installation_tax = share(terms, schedule.installation, terms.gps_tax_rate, 1);
    }
    schedule.end_fee = minor(terms, terms.end_fee);
    schedule.periods = schedule.term;
    if (schedule.premium > 0) {
        const std::int32_t policies =
            terms.insurance_renewed ? (schedule.term + schedule.policy - 1) / schedule.policy : 1;
        schedule.periods = std::max(schedule.term, policies * schedule.policy);
    }
    schedule.quoted = *quoted;
    const std::int64_t other = schedule.premium_payment + schedule.charges + schedule.charges_tax +
                               schedule.installation + schedule.installation_tax;
    schedule.vehicle = {vehicle, *quoted - other, schedule.term};
    if (terms.kind == DealKind::lease) {
        schedule.residual = *residual;
        schedule.loss = vehicle - *residual;
    }
    return schedule;
}

bool next_row(Schedule &schedule, ScheduleRow &row) noexcept {
    if (schedule.number == schedule.periods) {
        return false;
    }
    const Terms &terms = schedule.terms;
    row = {};
    row.number = ++schedule.number;
    const bool first = row.number == 1;
    const bool term_runs = row.number <= schedule.term;
    const bool new_policy = (row.number - 1) % schedule.policy == 0 && term_runs &&
                            (first || terms.insurance_renewed) && schedule.premium > 0;
    if (new_policy) {
        schedule.insurance = {schedule.premium, schedule.premium_payment, schedule.policy};
    }
    row.financed = (new_policy ? schedule.premium : 0) + (first ? schedule.vehicle.balance : 0);
    row.opening = schedule.vehicle.balance + schedule.insurance.balance;
    const BucketPeriod insurance = pay_period(terms, schedule.insurance, first);
    row.charges = gps_charge_in(schedule, row.number);
    const std::int64_t charges_tax = gps_tax_in(schedule, row.number);
    const std::int64_t level_payment = schedule.vehicle.level_payment;
    if (first) {
        schedule.vehicle.level_payment = schedule.quoted - insurance.principal - insurance.interest -
                                         insurance.tax - row.charges - charges_tax;
    }
    const BucketPeriod vehicle =
        terms.kind == DealKind::lease ? pay_rent(schedule) : pay_period(terms, schedule.vehicle, first);
    schedule.vehicle.level_payment = level_payment;
    row.charges += row.number == schedule.term ? schedule.end_fee : 0;
    row.principal = vehicle.principal + insurance.principal;
    row.interest = vehicle.interest + insurance.interest;
    row.tax = vehicle.tax + insurance.tax + charges_tax;
    row.payment = row.principal + row.interest + row.charges + row.tax;
    row.closing = row.opening - row.principal;
    return true;
}

Result<ReferenceSchedule> begin_reference_schedule(const Deal &deal, std::int64_t price_minor) noexcept {
    const Terms &terms = deal.terms;
    const Result<bool> plain = require_plain_loan(terms, "reference_schedule");
    if (!plain) {
        return tl::unexpected(plain.error());
    }
    const Formula<Bounded> formula(terms);
    const double unit = static_cast<double>(kPowersOfTen[static_cast<std::size_t>(terms.minor_digits)]);
    const auto major = [&](const Affine<Bounded> &affine) {
        return value_at(compiled(affine), price_minor).value / unit;
    };
    ReferenceSchedule schedule{};
    schedule.rate_monthly = (bounded(terms.annual_rate) / whole(12)).value;
    schedule.rate_taxed = monthly_rate<Bounded>(terms.annual_rate, terms.interest_tax_rate).value;
    schedule.tax_rate = bounded(terms.interest_tax_rate).value;
    schedule.gps_tax_rate = bounded(terms.gps_tax_rate).value;
    schedule.charges = bounded(terms.gps_monthly).value;
    if (terms.installation_in_first_payment) {
        schedule.installation = bounded(terms.gps_installation).value * (1 + schedule.gps_tax_rate);
    }
    schedule.principal[kServiceBucket] = major(formula.service_fee());
    schedule.principal[kProtectionBucket] = bounded(terms.protection).value;
    schedule.principal[kInsuranceBucket] = bounded(terms.insurance).value;
    schedule.principal[kLoanBucket] =
        major(formula.financed_over_term() - formula.service_fee() - formula.constant(terms.protection));
    for (int i = 0; i < kBuckets; ++i) {
        schedule.balance[i] = schedule.principal[i];
        schedule.months[i] = i == kInsuranceBucket ? terms.insurance_months : terms.term;
    }
    return schedule;
}

bool next_row(ReferenceSchedule &schedule, ReferenceRow &row) noexcept {
    if (schedule.month == schedule.months[kLoanBucket]) {
        return false;
    }
    row = {};
    row.month = ++schedule.month;
    for (int i = 0; i < kBuckets; ++i) {
        const std::int32_t n = schedule.months[i];
        const double amount = schedule.principal[i];
        const std::int32_t paid = (row.month - 1) % n; // k - 1, from 0 again with each policy
        if (paid == 0) {
            schedule.balance[i] = amount;
        }
        double principal = amount / n;
        double interest = 0;
        if (schedule.rate_monthly != 0) {
            const double taxed = growth(schedule.rate_taxed, n);
            principal = amount * schedule.rate_taxed * (growth(schedule.rate_taxed, paid) + 1) / taxed;
            const double grown = growth(schedule.rate_monthly, n);
            interest =
                schedule.rate_monthly * amount * ((grown - growth(schedule.rate_monthly, paid)) / grown);
        }
        row.opening += schedule.balance[i];
        row.principal += principal;
        row.interest += interest;
        schedule.balance[i] = std::max(0.0, schedule.balance[i] - principal);
        row.closing += schedule.balance[i];
    }
    row.principal += row.month == 1 ? schedule.installation : 0;
    row.charges = schedule.charges;
    row.tax = row.interest * schedule.tax_rate + row.charges * schedule.gps_tax_rate;
    row.payment = row.principal + row.interest + row.charges + row.tax;
    row.closing_loan = schedule.balance[kLoanBucket];
    row.closing_service = schedule.balance[kServiceBucket];
    row.closing_protection = schedule.balance[kProtectionBucket];
    row.closing_insurance = schedule.balance[kInsuranceBucket];
    return true;
}

} // namespace tradeup
