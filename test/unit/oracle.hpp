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

/* The amounts of an offer in major units of money; the change as a fraction. */
struct Offer {
    Real price;
    Real service_fee;
    Real opening_fee;
    Real effective_equity;
    Real loan; // before anything else is financed
    Real loan_amount;
    Real payment;
    Real change;
    Real margin;
};

/* The offers of one deal. */
class Deal {
public:
    explicit Deal(const Terms &terms)
        : terms_(terms), unit_(power(10, terms.minor_digits)), equity_(real(terms.equity)),
          install_(real(terms.gps_installation) * (1 + real(terms.gps_tax_rate))) {
        const Real q = real(terms.annual_rate) * (1 + real(terms.interest_tax_rate)) / 12;
        factor_ = annuity(q, terms.term);
        insurance_ = real(terms.insurance);
        insurance_payment_ = annuity(q, terms.insurance_months) * insurance_;
    }

    /* The number of minor units in one unit of money. */
    const Real &unit() const { return unit_; }

    Offer offer(const Real &price_minor) const {
        Offer o;
        const Real price = price_minor / unit_;
        const Real protection = real(terms_.protection);
        o.price = price;
        o.service_fee = real(terms_.service_fee_rate) * price;
        o.opening_fee = (terms_.opening_fee_less_equity ? Real(price - equity_) : price) *
                        real(terms_.opening_fee_rate) * (1 + real(terms_.opening_fee_tax_rate));
        o.effective_equity = equity_ + real(terms_.bonus) - o.opening_fee;
        if (terms_.installation_from_equity) {
            o.effective_equity -= install_;
        }
        o.loan = price - o.effective_equity;
        Real over_term = o.loan + o.service_fee + real(terms_.sales_tax_rate) * price +
                         real(terms_.document_fee) + protection;
        if (terms_.installation_financed) {
            over_term += install_;
        }
        o.loan_amount = over_term + insurance_;
        o.payment = factor_ * over_term + insurance_payment_ +
                    real(terms_.gps_monthly) * (1 + real(terms_.gps_tax_rate));
        if (terms_.installation_in_first_payment) {
            o.payment += install_;
        }
        if (terms_.current_payment.present) {
            o.change = o.payment / real(terms_.current_payment.value) - 1;
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
        return o.price > 0 &&
               (!terms_.current_price.present || above(o.price, real(terms_.current_price.value))) &&
               !above(real(terms_.down_payment_rate) * o.price, o.effective_equity) && above(o.loan, 0) &&
               within(o.loan, terms_.max_component) && within(o.service_fee, terms_.max_component) &&
               within(real(terms_.protection), terms_.max_component) &&
               within(insurance_, terms_.max_component) && within(o.loan_amount, terms_.max_financed) &&
               (!terms_.min_price.present || !above(real(terms_.min_price.value), o.price)) &&
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
    const Terms &terms_;
    Real unit_;
    Real equity_;
    Real install_;
    Real insurance_;
    Real insurance_payment_;
    Real factor_;
};

} // namespace tradeup::oracle
