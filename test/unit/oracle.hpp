/*
 * The formulas of an offer, written a second time from their specification and evaluated with 80 digits,
 * where powers are repeated multiplication. Nothing here calls the arithmetic under test: of the core it uses
 * only the plain records that hold the terms.
 */
#pragma once

#include <cstdint>

#include <boost/multiprecision/cpp_bin_float.hpp>

#include "core/deal/terms.hpp"

namespace tradeup::oracle {

using Real =
    boost::multiprecision::number<boost::multiprecision::cpp_bin_float<80>, boost::multiprecision::et_off>;

/* Values nearer than this to each other are the same: far above the error of 80 digits, far below any
 * difference. */
inline const Real kSame("1e-40");

inline bool same(const Real &a, const Real &b) {
    return abs(a - b) < kSame;
}

/* base^exponent by repeated multiplication. */
inline Real power(Real base, int exponent) {
    Real result = 1;
    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2 == 1) {
            result *= base;
        }
        base *= base;
    }
    return result;
}

inline Real real(Decimal number) {
    return Real(number.coefficient) / power(10, static_cast<int>(number.scale));
}

/* The value rounded to a whole number; a value that is the same as a half or a whole number counts as that.
 */
inline Real rounded(const Real &value, Rounding rounding) {
    const Real magnitude = abs(value);
    const Real whole = floor(Real(magnitude + kSame));
    const Real fraction = magnitude - whole;
    const Real half("0.5");
    bool away = false;
    if (rounding == Rounding::up) {
        away = fraction > kSame;
    } else if (rounding == Rounding::half_up) {
        away = fraction > half || same(fraction, half);
    } else if (rounding == Rounding::half_even) {
        const bool odd = floor(Real(whole / 2)) * 2 != whole;
        away = same(fraction, half) ? odd : fraction > half;
    }
    const Real result = away ? Real(whole + 1) : whole;
    return value < 0 ? Real(-result) : result;
}

/* What one unit of money costs per month when it is repaid in n payments at the rate q per month. */
inline Real annuity(const Real &q, int n) {
    return q == 0 ? Real(1) / n : Real(q / (1 - 1 / power(1 + q, n)));
}

/* Net present value of the taxed interest on a loan, as the literal sum over the months. */
inline Real interest_npv(const Real &loan, const Real &annual_rate, const Real &tax, int n) {
    if (annual_rate == 0) {
        return 0;
    }
    const Real i = annual_rate / 12;
    const Real q = annual_rate * (1 + tax) / 12;
    const Real all = power(1 + i, n);
    Real sum = 0;
    Real grown = 1;
    Real discount = 1;
    for (int k = 1; k <= n; ++k) {
        const Real interest = i * loan * (all - grown) / (all - 1);
        sum += (1 + tax) * interest / discount;
        grown *= 1 + i;
        discount *= 1 + q;
    }
    return sum;
}

/* Payments a year, days of a period where a month has 30, and payments in a number of months: a half counts
 * as one, and one is due at least. */
struct Calendar {
    int a_year;
    int days;

    int payments_in(int months) const {
        const Real due = floor(Real(Real(months) * a_year / 12 + Real("0.5")));
        return due < 1 ? 1 : due.convert_to<int>();
    }
};

inline Calendar calendar(Frequency frequency) {
    constexpr Calendar kCalendars[] = {{12, 30}, {24, 15}, {26, 14}, {52, 7}, {4, 90}, {2, 180}, {1, 360}};
    return kCalendars[static_cast<int>(frequency)];
}

/* The amounts of an offer in major units of money; the change as a fraction. */
struct Offer {
    Real price;
    Real service_fee;
    Real opening_fee;
    Real effective_equity;
    Real loan;      // before anything else is financed
    Real over_term; // what is repaid over the term
    Real residual;
    Real loan_amount;
    Real payment;
    Real monthly; // payments of a month
    Real change;  // of those
    Real margin;
    Real due_at_signing;
};

/* The offers of one deal. */
class Deal {
public:
    explicit Deal(const Terms &terms)
        : terms_(terms), unit_(power(10, terms.minor_digits)), equity_(real(terms.equity)),
          install_(real(terms.gps_installation) * (1 + real(terms.gps_tax_rate))),
          calendar_(calendar(terms.payment_frequency)), count_(calendar_.payments_in(terms.term)) {
        rate_ = real(terms.annual_rate) * (1 + real(terms.interest_tax_rate)) / calendar_.a_year;
        factor_ = annuity(rate_, count_);
        first_period_ = first_period();
        insurance_ = real(terms.insurance);
        insurance_payment_ =
            annuity(rate_, calendar_.payments_in(terms.insurance_months)) * first_period_ * insurance_;
    }

    /* What is repaid over the term beside what is left at its end, as it stands one period before the first
     * payment. */
    Real repaid(const Offer &o) const { return first_period_ * o.over_term - o.residual; }

    /* The number of minor units in one unit of money. */
    const Real &unit() const { return unit_; }

    Offer offer(const Real &price_minor) const {
        Offer o;
        const Real price = price_minor / unit_;
        const Real protection = real(terms_.protection);
        const bool leased = terms_.kind == DealKind::lease;
        o.price = price;
        o.service_fee = real(terms_.service_fee_rate) * price;
        o.opening_fee = (terms_.opening_fee_less_equity ? Real(price - equity_) : price) *
                        real(terms_.opening_fee_rate) * (1 + real(terms_.opening_fee_tax_rate));
        o.effective_equity = equity_ + real(terms_.bonus) + real(terms_.customer_bonus) - o.opening_fee;
        if (terms_.installation_from_equity) {
            o.effective_equity -= install_;
        }
        o.loan = price - o.effective_equity;
        const Real fees = o.service_fee + real(terms_.document_fee) + real(terms_.acquisition_fee);
        Real taxed = price;
        if (terms_.sales_tax_base == SalesTaxBase::difference && terms_.trade_value.present) {
            taxed -= real(terms_.trade_value.value);
        }
        const Real sales_tax = leased ? Real(0) : Real(real(terms_.sales_tax_rate) * taxed);
        o.due_at_signing = 0;
        o.over_term = o.loan + protection;
        (terms_.fees_financed ? o.over_term : o.due_at_signing) += fees;
        (terms_.sales_tax_financed ? o.over_term : o.due_at_signing) += sales_tax;
        if (terms_.installation_financed) {
            o.over_term += install_;
        }
        o.loan_amount = o.over_term + insurance_;
        o.residual = real(terms_.residual_rate) * price;
        const Real vehicle = vehicle_payment(o);
        const Real lease_tax = leased ? Real(real(terms_.sales_tax_rate) * vehicle) : Real(0);
        o.payment = vehicle + insurance_payment_ +
                    real(terms_.gps_monthly) * (1 + real(terms_.gps_tax_rate)) * 12 / calendar_.a_year;
        if (terms_.installation_in_first_payment) {
            o.payment += install_;
        }
        if (terms_.lease_tax == LeaseTax::upfront) {
            o.due_at_signing += lease_tax * count_;
        } else {
            o.payment += lease_tax;
        }
        if (terms_.payments_in_advance) {
            o.due_at_signing += o.payment;
        }
        o.monthly = o.payment * calendar_.a_year / 12;
        if (terms_.current_payment.present) {
            o.change = o.monthly / real(terms_.current_payment.value) - 1;
        }
        o.margin = -real(terms_.margin_cost);
        o.margin += terms_.margin_service_fee ? o.service_fee : Real(0);
        o.margin += terms_.margin_opening_fee ? o.opening_fee : Real(0);
        o.margin += terms_.margin_protection ? protection : Real(0);
        return o;
    }

    /* An amount of money in minor units, rounded as the terms say. */
    Real minor(const Real &amount) const { return rounded(amount * unit_, terms_.rounding); }

    /* The change that the tiers and the largest change look at. */
    Real deciding_change(const Real &change) const {
        if (terms_.change_digits < 0) {
            return change;
        }
        const Real scale = power(10, terms_.change_digits);
        return rounded(change * scale, Rounding::half_up) / scale;
    }

    /* Whether an offer exists. */
    bool eligible(const Offer &o) const {
        const auto within = [](const Real &amount, const OptionalDecimal &limit) {
            return !limit.present || amount < real(limit.value) || same(amount, real(limit.value));
        };
        const auto above = [](const Real &amount, const Real &limit) {
            return amount > limit && !same(amount, limit);
        };
        const auto up_to = [&](const OptionalDecimal &limit, const Real &amount) {
            return !limit.present || !above(real(limit.value), amount);
        };
        if (terms_.sales_tax_base == SalesTaxBase::difference &&
            (!terms_.trade_value.present || !up_to(terms_.trade_value, o.price))) {
            return false;
        }
        if (terms_.kind != DealKind::loan && !above(o.over_term, o.residual)) {
            return false;
        }
        if (terms_.max_payment_to_income.present && terms_.income.present &&
            above(o.monthly, real(terms_.max_payment_to_income.value) * real(terms_.income.value))) {
            return false;
        }
        return o.price > 0 && up_to(terms_.min_payment, o.payment) && up_to(terms_.min_price, o.price) &&
               (!terms_.current_price.present || above(o.price, real(terms_.current_price.value))) &&
               !above(real(terms_.down_payment_rate) * o.price, o.effective_equity) && above(o.loan, 0) &&
               within(o.loan, terms_.max_component) && within(o.service_fee, terms_.max_component) &&
               within(real(terms_.protection), terms_.max_component) &&
               within(insurance_, terms_.max_component) && within(o.loan_amount, terms_.max_financed) &&
               within(o.price, terms_.max_price) &&
               (!terms_.max_loan_to_value.present ||
                !above(o.loan_amount, real(terms_.max_loan_to_value.value) * o.price)) &&
               (!terms_.current_payment.present || within(deciding_change(o.change), terms_.max_change));
    }

    /* The index of the tier of a change, or -1. */
    int tier(const Offer &o) const {
        if (!terms_.current_payment.present) {
            return -1;
        }
        const Real change = deciding_change(o.change);
        for (int i = 0; i < terms_.tier_count; ++i) {
            const TierBound &lower = terms_.tiers[i].lower;
            const TierBound &upper = terms_.tiers[i].upper;
            const bool from =
                !lower.present ||
                (same(change, real(lower.change)) ? lower.inclusive != 0 : change > real(lower.change));
            const bool to =
                !upper.present ||
                (same(change, real(upper.change)) ? upper.inclusive != 0 : change < real(upper.change));
            if (from && to) {
                return i;
            }
        }
        return -1;
    }

private:
    /* What an odd first period makes of an amount, one period before the first payment: more days than a
     * period add simple interest, fewer bring simple interest instead of that of a period. */
    Real first_period() const {
        if (terms_.first_payment_days == kAbsent) {
            return 1;
        }
        const Real periods = Real(terms_.first_payment_days) / calendar_.days;
        return periods < 1 ? Real((1 + rate_ * periods) / (1 + rate_)) : Real(1 + rate_ * (periods - 1));
    }

    /* The part of a payment that repays the vehicle, before the tax of a lease. A lease pays the loss in
     * equal parts, and rent on the mean of what stands in the vehicle at first and at last. A balloon is
     * worth, at the beginning, its amount discounted over all payments. */
    Real vehicle_payment(const Offer &o) const {
        if (terms_.kind == DealKind::lease) {
            const Real loss = o.over_term - o.residual;
            const Real stands = (o.over_term + o.residual) / 2;
            return loss / count_ + stands * rate_;
        }
        const Real balloon = terms_.kind == DealKind::balloon ? o.residual : Real(0);
        return factor_ * (first_period_ * o.over_term - balloon / power(1 + rate_, count_));
    }

    const Terms &terms_;
    Real unit_;
    Real equity_;
    Real install_;
    Calendar calendar_;
    int count_; // payments of the term
    Real rate_; // of a period, with the tax on interest
    Real first_period_;
    Real insurance_;
    Real insurance_payment_;
    Real factor_;
};

} // namespace tradeup::oracle
