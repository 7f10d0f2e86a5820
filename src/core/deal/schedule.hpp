/*
 * Amortization schedules of a deal at a price: the consistent one in whole minor units, and the reference's,
 * unrounded.
 */
#pragma once

#include <cstdint>

#include "core/deal/deal.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* One period of the consistent schedule, in minor units. */
struct ScheduleRow {
    std::int32_t number;
    std::int64_t financed; // newly, at the beginning of the period: the loan amount, later each renewal
    std::int64_t opening;  // balance after that
    std::int64_t principal;
    std::int64_t interest; // before tax; the rent charge of a lease
    std::int64_t charges;  // GPS fees and the fee at the end, before tax
    std::int64_t tax;      // on interest and charges; on the payments of a lease
    std::int64_t payment;  // principal + interest + charges + tax
    std::int64_t closing;  // opening - principal
};

/* One of the two loans of a deal while it is repaid. */
struct Bucket {
    std::int64_t balance;
    std::int64_t level_payment;
    std::int32_t periods_left;
};

/* Where a schedule stands between two rows. */
struct Schedule {
    Terms terms;
    Bucket vehicle;      // everything that runs over the term
    Bucket insurance;    // one policy, financed over its own months
    std::int64_t quoted; // the payment of month 1
    std::int64_t premium;
    std::int64_t premium_payment;
    std::int64_t charges;
    std::int64_t charges_tax;
    std::int64_t installation;
    std::int64_t installation_tax;
    std::int64_t end_fee;
    std::int64_t residual; // of a lease: what its balance ends at
    std::int64_t loss;     // of a lease: what the vehicle loses over the term
    std::int32_t term;     // in periods
    std::int32_t policy;   // the insurance's, in periods
    std::int32_t number;
    std::int32_t periods; // rows in all: those of the term, or more when a policy outlasts it
};

/*
 * The level payment, in minor units and correctly rounded, that repays a principal over a number of periods
 * at the taxed rate, the first period being that of the terms. Domain: periods 1 to 2080. Errors:
 * out_of_range, out_of_memory.
 */
Result<std::int64_t> level_payment(const Terms &terms, std::int64_t principal_minor,
                                   std::int32_t periods) noexcept;

/*
 * Begins the consistent schedule: the first payment is the quoted one to the minor unit, unless the term is
 * one period; interest is the balance times the period's part of the yearly rate, of an odd first period as
 * the payment counts it, tax is on that interest, principal is the rest of the level payment, each rounded. A
 * period repays at least nothing, but for an odd first one, whose interest may be more than a payment, and at
 * most the balance, and each loan's last row pays what is left, so its balance ends at exactly 0; at rates
 * and terms where the level payment exceeds the interest by less than its rounding, that row is a balloon, or
 * the rows before it are zero. A policy that is renewed while the vehicle is being paid, or whose months
 * outlast a short term, runs its own months. The last row of a balloon loan pays the balloon, in its
 * principal, and the fee at the end; the balance of a lease ends at its residual. Errors: bad_value when
 * nothing is financed at the price; out_of_range; out_of_memory.
 */
Result<Schedule> begin_schedule(const Deal &deal, std::int64_t price_minor) noexcept;

/* The next row, or false after the last. */
bool next_row(Schedule &schedule, ScheduleRow &row) noexcept;

/* What the row of a number has for GPS, of its charges and of its tax. */
inline std::int64_t gps_charge_in(const Schedule &schedule, std::int32_t number) noexcept {
    return (number <= schedule.term ? schedule.charges : 0) + (number == 1 ? schedule.installation : 0);
}
inline std::int64_t gps_tax_in(const Schedule &schedule, std::int32_t number) noexcept {
    return (number <= schedule.term ? schedule.charges_tax : 0) +
           (number == 1 ? schedule.installation_tax : 0);
}

/*
 * One month of the reference's schedule, unrounded, in major units. Its principal falls by the taxed rate and
 * its interest by the untaxed one, so the two are not of one balance: that is how the audited spreadsheet is
 * made.
 */
struct ReferenceRow {
    std::int32_t month;
    double opening;
    double principal;
    double interest;
    double charges;
    double tax;
    double payment;
    double closing;
    double closing_loan;
    double closing_service;
    double closing_protection;
    double closing_insurance;
};

enum { kLoanBucket, kServiceBucket, kProtectionBucket, kInsuranceBucket, kBuckets };

/* Where a reference schedule stands between two rows. */
struct ReferenceSchedule {
    double rate_monthly;
    double rate_taxed;
    double tax_rate;
    double gps_tax_rate;
    double charges;
    double installation; // with tax, in month 1
    double principal[kBuckets];
    double balance[kBuckets];
    std::int32_t months[kBuckets];
    std::int32_t month;
};

/* Begins the reference's schedule. Errors: as for amount_at. */
Result<ReferenceSchedule> begin_reference_schedule(const Deal &deal, std::int64_t price_minor) noexcept;

/* The next row, or false after the last. */
bool next_row(ReferenceSchedule &schedule, ReferenceRow &row) noexcept;

} // namespace tradeup
