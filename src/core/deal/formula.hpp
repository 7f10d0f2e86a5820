/*
 * The arithmetic of an offer, written once for every kind of number: bounded doubles compile it into a deal,
 * exact fractions decide where doubles cannot.
 *
 * Every amount is an affine function of the vehicle's price P, slope * P + intercept. With K the equity that
 * is left for the down payment at P = 0:
 *
 *   opening    = opening_fee_rate (1 + opening_fee_tax_rate) (P or P - equity)
 *   equity(P)  = equity + bonus - installation - opening
 *   loan       = P - equity(P)
 *   financed   = loan + service + sales tax + document fee + protection + installation, over the term,
 *                and the insurance over its own months
 *   payment    = f(term) financed + f(insurance_months) insurance + gps monthly + installation
 *   change     = payment / current payment - 1
 *   margin     = service + opening + protection - cost
 *
 * where f is the annuity factor (present value of an ordinary annuity: S. G. Kellison, The Theory of
 * Interest, 3rd ed., eq. 3.2) at the taxed rate per month q = annual_rate (1 + interest_tax_rate) / 12. Which
 * of the amounts take part is said by the terms.
 */
#pragma once

#include <cmath>

#include "core/deal/terms.hpp"
#include "core/number/affine.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* The rate per month that a yearly rate and the tax on interest make: rate (1 + tax) / 12. */
template <typename Number>
Number monthly_rate(Decimal annual_rate, Decimal tax_rate) {
    const Number taxed =
        number<Number>(annual_rate) * (number<Number>(decimal(1)) + number<Number>(tax_rate));
    return taxed / number<Number>(decimal(12));
}

/* q / (1 - (1 + q)^-n): what one unit of money costs per month when it is repaid in n level payments; 1/n at
 * q = 0. */
inline Bounded annuity(Bounded q, std::int32_t n) noexcept {
    const Bounded months = whole(n);
    if (q.value == 0) {
        return whole(1) / months;
    }
    return q / -expm1(-(months * log1p(q)));
}

inline Ratio annuity(const Ratio &q, std::int32_t n) {
    if (q.numerator == 0) {
        return {1, n};
    }
    const Ratio rate = reduced(q);
    const auto exponent = static_cast<unsigned>(n);
    const Integer grown = pow(Integer(rate.denominator + rate.numerator), exponent);
    const Integer still = pow(rate.denominator, exponent);
    return {rate.numerator * grown, rate.denominator * (grown - still)};
}

/*
 * Net present value of the taxed interest on one unit of money: sum over k = 1..n of
 * (1 + tax) i ((1+i)^n - (1+i)^(k-1)) / ((1+i)^n - 1) / (1+q)^(k-1), with i = annual_rate / 12. The series is
 * summed rather than its closed form used, because the closed form subtracts nearly equal numbers at low
 * rates while every term of the series is positive.
 */
inline Bounded interest_npv_factor(Decimal annual_rate, Decimal tax_rate, std::int32_t n) noexcept {
    const Bounded i = bounded(annual_rate) / whole(12);
    const Bounded discount = whole(1) / (whole(1) + monthly_rate<Bounded>(annual_rate, tax_rate));
    const Bounded growth = log1p(i);
    const Bounded whole_growth = expm1(whole(n) * growth);
    Bounded sum{};
    Bounded present = whole(1);
    for (std::int32_t k = 1; i.value != 0 && k <= n; ++k) {
        const Bounded balance = (whole_growth - expm1(whole(k - 1) * growth)) / whole_growth;
        sum = sum + balance * present;
        present = present * discount;
    }
    return (whole(1) + bounded(tax_rate)) * i * sum;
}

inline Ratio interest_npv_factor_exact(Decimal annual_rate, Decimal tax_rate, std::int32_t n) {
    const Ratio taxed = monthly_rate<Ratio>(annual_rate, tax_rate);
    if (taxed.numerator == 0) {
        return {};
    }
    /* Over the common denominator w: 1 + i = x / w and 1 + q = y / w. */
    const Ratio i = ratio(annual_rate) / ratio(decimal(12));
    const Integer w = i.denominator * taxed.denominator;
    const Integer x = w + i.numerator * taxed.denominator;
    const Integer y = w + taxed.numerator * i.denominator;
    const auto months = static_cast<unsigned>(n);
    const Integer x_n = pow(x, months);
    const Integer w_n = pow(w, months);
    /* Horner's rule for the sum over k of (x^n w^(k-1) - x^(k-1) w^n) y^(n-k). */
    Integer sum = 0;
    Integer x_k = 1;
    Integer w_k = 1;
    for (std::int32_t k = 1; k <= n; ++k) {
        sum = sum * y + x_n * w_k - x_k * w_n;
        x_k *= x;
        w_k *= w;
    }
    const Ratio series{sum, (x_n - w_n) * pow(y, months - 1)};
    return (ratio(decimal(1)) + ratio(tax_rate)) * i * series;
}

inline Ratio interest_npv_factor(const Terms &terms, const Ratio &) {
    return interest_npv_factor_exact(terms.annual_rate, terms.interest_tax_rate, terms.term);
}

inline Bounded interest_npv_factor(const Terms &terms, const Bounded &) noexcept {
    return interest_npv_factor(terms.annual_rate, terms.interest_tax_rate, terms.term);
}

/* The affine amounts of terms, in minor units; see the head of this file. What several amounts share is made
 * once. */
template <typename Number>
class Formula {
public:
    explicit Formula(const Terms &terms)
        : terms_(terms),
          unit_(number<Number>(decimal(kPowersOfTen[static_cast<std::size_t>(terms.minor_digits)]))) {
        const Affine<Number> installation = taxed_gps(terms.gps_installation);
        const Number opening_rate =
            number<Number>(terms.opening_fee_rate) * (one() + number<Number>(terms.opening_fee_tax_rate));
        service_fee_ = {number<Number>(terms.service_fee_rate), zero()};
        opening_fee_ = {opening_rate,
                        terms.opening_fee_less_equity ? -(opening_rate * money(terms.equity)) : zero()};
        effective_equity_ = constant(terms.equity) + constant(terms.bonus) - opening_fee_;
        if (terms.installation_from_equity) {
            effective_equity_ = effective_equity_ - installation;
        }
        loan_ = price() - effective_equity_;
        financed_over_term_ =
            loan_ + service_fee_ + constant(terms.document_fee) + constant(terms.protection);
        financed_over_term_.slope = financed_over_term_.slope + number<Number>(terms.sales_tax_rate);
        if (terms.installation_financed) {
            financed_over_term_ = financed_over_term_ + installation;
        }
    }

    Affine<Number> price() const { return {one(), zero()}; }
    Affine<Number> constant(Decimal amount) const { return {zero(), money(amount)}; }
    const Affine<Number> &service_fee() const { return service_fee_; }
    const Affine<Number> &opening_fee() const { return opening_fee_; }
    const Affine<Number> &effective_equity() const { return effective_equity_; }
    const Affine<Number> &loan() const { return loan_; }

    /* What is repaid over the term: all but the insurance. */
    const Affine<Number> &financed_over_term() const { return financed_over_term_; }

    Affine<Number> loan_amount() const { return financed_over_term_ + constant(terms_.insurance); }

    Affine<Number> payment() const {
        const Number q = monthly_rate<Number>(terms_.annual_rate, terms_.interest_tax_rate);
        Affine<Number> payment = annuity(q, terms_.term) * financed_over_term_;
        if (!is_zero(terms_.insurance)) {
            payment = payment + annuity(q, terms_.insurance_months) * constant(terms_.insurance);
        }
        payment = payment + taxed_gps(terms_.gps_monthly);
        if (terms_.installation_in_first_payment) {
            payment = payment + taxed_gps(terms_.gps_installation);
        }
        return payment;
    }

    /* The change of a payment against the current one, a fraction; the terms must have a current payment. */
    Affine<Number> change_of(const Affine<Number> &payment) const {
        const Number current = money(terms_.current_payment.value);
        return {payment.slope / current, payment.intercept / current - one()};
    }

    Affine<Number> margin() const {
        Affine<Number> margin{zero(), -money(terms_.margin_cost)};
        if (terms_.margin_service_fee) {
            margin = margin + service_fee_;
        }
        if (terms_.margin_opening_fee) {
            margin = margin + opening_fee_;
        }
        if (terms_.margin_protection) {
            margin = margin + constant(terms_.protection);
        }
        return margin;
    }

    Affine<Number> interest_npv() const { return interest_npv_factor(terms_, one()) * loan_amount(); }

private:
    static Number one() { return number<Number>(decimal(1)); }
    static Number zero() { return Number{}; }
    Number money(Decimal amount) const { return number<Number>(amount) * unit_; }

    Affine<Number> taxed_gps(Decimal amount) const {
        return {zero(), money(amount) * (one() + number<Number>(terms_.gps_tax_rate))};
    }

    const Terms &terms_;
    Number unit_;
    Affine<Number> service_fee_;
    Affine<Number> opening_fee_;
    Affine<Number> effective_equity_;
    Affine<Number> loan_;
    Affine<Number> financed_over_term_;
};

} // namespace tradeup
