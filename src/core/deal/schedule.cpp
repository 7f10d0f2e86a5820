/*
 * The payments of a deal, month by month: what is owed, what is paid of it, and what is left.
 */
#include "core/deal/schedule.hpp"

#include <algorithm>
#include <cmath>

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

/* What one month of a bucket adds to a row. */
struct BucketMonth {
    std::int64_t principal;
    std::int64_t interest;
    std::int64_t tax;
};

BucketMonth pay_month(const Terms &terms, Bucket &bucket) noexcept {
    if (bucket.months_left == 0) {
        return {};
    }
    const std::int64_t interest = share(terms, bucket.balance, terms.annual_rate, 12);
    const std::int64_t tax = share(terms, interest, terms.interest_tax_rate, 1);
    const bool last = --bucket.months_left == 0;
    /*
     * What rounding leaves of a level payment that pays little more than the interest would grow month by
     * month, so a month repays at least nothing and at most the balance.
     */
    const std::int64_t principal =
        last ? bucket.balance
             : std::clamp<std::int64_t>(bucket.level_payment - interest - tax, 0, bucket.balance);
    bucket.balance -= principal;
    return {principal, interest, tax};
}

} // namespace

Result<std::int64_t> level_payment(const Terms &terms, std::int64_t principal_minor,
                                   std::int32_t months) noexcept {
    const Bounded q = monthly_rate<Bounded>(terms.annual_rate, terms.interest_tax_rate);
    return round_at(compiled({annuity(q, months), {}}), principal_minor, terms.rounding, [&] {
        const Ratio exact = monthly_rate<Ratio>(terms.annual_rate, terms.interest_tax_rate);
        return Affine<Ratio>{annuity(exact, months), {}};
    });
}

Result<Schedule> begin_schedule(const Deal &deal, std::int64_t price_minor) noexcept {
    Schedule schedule{};
    schedule.terms = deal.terms;
    const Terms &terms = schedule.terms;
    const Result<std::int64_t> financed = amount_at(deal, Amount::loan_amount, price_minor);
    const Result<std::int64_t> quoted = amount_at(deal, Amount::payment, price_minor);
    schedule.premium = minor(terms, terms.insurance);
    const Result<std::int64_t> premium_payment =
        level_payment(terms, schedule.premium, terms.insurance_months);
    for (const Result<std::int64_t> *amount : {&financed, &quoted, &premium_payment}) {
        if (!*amount) {
            return tl::unexpected(amount->error());
        }
    }
    if (*financed - schedule.premium <= 0) {
        return tl::unexpected(with_hint(make_error(ErrorKind::bad_value, "nothing is financed at this price"),
                                        "The equity covers the price; take a dearer vehicle."));
    }
    schedule.premium_payment = *premium_payment;
    schedule.charges = minor(terms, terms.gps_monthly);
    schedule.charges_tax = share(terms, schedule.charges, terms.gps_tax_rate, 1);
    if (terms.installation_in_first_payment) {
        schedule.installation = minor(terms, terms.gps_installation);
        schedule.installation_tax = share(terms, schedule.installation, terms.gps_tax_rate, 1);
    }
    schedule.months = terms.term;
    if (schedule.premium > 0) {
        const std::int32_t policies =
            terms.insurance_renewed ? (terms.term + terms.insurance_months - 1) / terms.insurance_months : 1;
        schedule.months = std::max(terms.term, policies * terms.insurance_months);
    }
    schedule.quoted = *quoted;
    const std::int64_t other = schedule.premium_payment + schedule.charges + schedule.charges_tax +
                               schedule.installation + schedule.installation_tax;
    schedule.vehicle = {*financed - schedule.premium, *quoted - other, terms.term};
    return schedule;
}

bool next_row(Schedule &schedule, ScheduleRow &row) noexcept {
    if (schedule.month == schedule.months) {
        return false;
    }
    const Terms &terms = schedule.terms;
    row = {};
    row.month = ++schedule.month;
    const bool term_runs = row.month <= terms.term;
    const bool new_policy = (row.month - 1) % terms.insurance_months == 0 && term_runs &&
                            (row.month == 1 || terms.insurance_renewed) && schedule.premium > 0;
    if (new_policy) {
        schedule.insurance = {schedule.premium, schedule.premium_payment, terms.insurance_months};
    }
    row.financed = (new_policy ? schedule.premium : 0) + (row.month == 1 ? schedule.vehicle.balance : 0);
    row.opening = schedule.vehicle.balance + schedule.insurance.balance;
    const BucketMonth insurance = pay_month(terms, schedule.insurance);
    row.charges = (term_runs ? schedule.charges : 0) + (row.month == 1 ? schedule.installation : 0);
    const std::int64_t charges_tax =
        (term_runs ? schedule.charges_tax : 0) + (row.month == 1 ? schedule.installation_tax : 0);
    const std::int64_t level_payment = schedule.vehicle.level_payment;
    if (row.month == 1) {
        schedule.vehicle.level_payment = schedule.quoted - insurance.principal - insurance.interest -
                                         insurance.tax - row.charges - charges_tax;
    }
    const BucketMonth vehicle = pay_month(terms, schedule.vehicle);
    schedule.vehicle.level_payment = level_payment;
    row.principal = vehicle.principal + insurance.principal;
    row.interest = vehicle.interest + insurance.interest;
    row.tax = vehicle.tax + insurance.tax + charges_tax;
    row.payment = row.principal + row.interest + row.charges + row.tax;
    row.closing = row.opening - row.principal;
    return true;
}

Result<ReferenceSchedule> begin_reference_schedule(const Deal &deal, std::int64_t price_minor) noexcept {
    const Terms &terms = deal.terms;
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
