/*
 * The arithmetic of an offer, written once for every kind of number: bounded doubles compile it into a deal,
 * exact fractions decide where doubles cannot.
 *
 * Every amount is an affine function of the vehicle's price P, slope * P + intercept. With K the equity that
 * is left for the down payment at P = 0:
 *
 *   opening    = opening_fee_rate (1 + opening_fee_tax_rate) (P or P - equity)
 *   equity(P)  = equity + bonus + customer's bonus - installation - opening
 *   loan       = P - equity(P)
 *   sales tax  = sales_tax_rate (P or P - trade value)
 *   financed   = loan + service + sales tax + document fee + acquisition fee + protection + installation,
 * over the term, and the insurance over its own months residual   = residual_rate P payment    = f(n) g
 * financed - (f(n) - q) residual + f(m) g insurance + gps + installation lease      = ((financed - residual)
 * / n + (financed + residual) q / 2) (1 + sales_tax_rate) change     = payment per month / current payment -
 * 1 margin     = service + opening + protection - cost
 *
 * where f is the annuity factor (present value of an ordinary annuity: S. G. Kellison, The Theory of
 * Interest, 3rd ed., eq. 3.2) at the taxed rate of a period q = annual_rate (1 + interest_tax_rate) / periods
 * a year, and n and m are the periods of the term and of the insurance. f(n) - q is the sinking fund factor
 * (the same, eq. 3.4): what is put aside for the residual. g is for a first period of d days instead of D,
 * with simple interest for the days that make no whole period (Regulation Z, appendix J, (b)(8)): the days
 * beyond a period add 1 + q (d - D) / D, and a shorter one grows by 1 + q d / D instead of 1 + q. So payments
 * never fall as the price, or the rate, rises. q / 2 of a lease is its money factor. Which of the amounts
 * take part is said by the terms.
 */
#pragma once

#include <cmath>
#include <optional>

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

/* The same for the periods of the terms' payments. */
template <typename Number>
Number period_rate(const Terms &terms) {
    const Number taxed = number<Number>(terms.annual_rate) *
                         (number<Number>(decimal(1)) + number<Number>(terms.interest_tax_rate));
    return taxed / number<Number>(decimal(payments_a_year(terms.payment_frequency)));
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
        /* Sums without the price first: the slope and its error are then those of every bonus. */
        Affine<Number> equity = constant(terms.equity) + constant(terms.bonus);
        if (!is_zero(terms.customer_bonus)) {
            equity = equity + constant(terms.customer_bonus);
        }
        effective_equity_ = equity - opening_fee_;
        if (terms.installation_from_equity) {
            effective_equity_ = effective_equity_ - installation;
        }
        loan_ = price() - effective_equity_;
        sales_tax_ = {number<Number>(terms.sales_tax_rate), zero()};
        if (terms.sales_tax_base == SalesTaxBase::difference && terms.trade_value.present) {
            sales_tax_.intercept = -(sales_tax_.slope * money(terms.trade_value.value));
        }
        financed_over_term_ = loan_;
        if (terms.fees_financed) {
            financed_over_term_ = financed_over_term_ + fees();
        }
        financed_over_term_ = financed_over_term_ + constant(terms.protection);
        if (terms.sales_tax_financed && terms.kind != DealKind::lease) {
            financed_over_term_ = financed_over_term_ + sales_tax_;
        }
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

    /* The sales tax of a vehicle that is bought; a lease is taxed otherwise. */
    const Affine<Number> &sales_tax() const { return sales_tax_; }

    /* The fees that are financed or due at signing: service, document and acquisition fee. */
    Affine<Number> fees() const {
        Affine<Number> fees = service_fee_ + constant(terms_.document_fee);
        return is_zero(terms_.acquisition_fee) ? fees : fees + constant(terms_.acquisition_fee);
    }

    /* What is due with the last payment of a balloon loan, or what a leased vehicle is worth then. */
    Affine<Number> residual() const { return {number<Number>(terms_.residual_rate), zero()}; }

    /* What is repaid over the term: all but the insurance. */
    const Affine<Number> &financed_over_term() const { return financed_over_term_; }

    /* The same with the interest of an odd first period, as it stands a whole period before the first
     * payment. */
    Affine<Number> repaid_over_term() const {
        return terms_.kind == DealKind::lease
                   ? financed_over_term_
                   : grown(one(), period_rate<Number>(terms_)) * financed_over_term_;
    }

    Affine<Number> loan_amount() const { return financed_over_term_ + constant(terms_.insurance); }

    /* The part of a payment that repays the vehicle: all but insurance, GPS and installation. */
    Affine<Number> vehicle_payment() const {
        Affine<Number> paid = per_financed() * financed_over_term_;
        if (terms_.kind == DealKind::loan || is_zero(terms_.residual_rate)) {
            return paid;
        }
        const Number q = period_rate<Number>(terms_);
        if (terms_.kind == DealKind::balloon) {
            return paid - (annuity(q, periods()) - q) * residual();
        }
        const Number rent = q / number<Number>(decimal(2));
        const Number loss = one() / number<Number>(decimal(periods()));
        return paid - taxed_payment() * (loss - rent) * residual();
    }

    /* What one unit of money that is financed over the term adds to each payment. */
    Number per_financed() const {
        if (terms_.kind == DealKind::lease) {
            return taxed_payment() * (one() / number<Number>(decimal(periods())) +
                                      period_rate<Number>(terms_) / number<Number>(decimal(2)));
        }
        return level(periods());
    }

    /* The level payment of a loan of one unit of money over a number of periods. */
    Number level(std::int32_t periods) const {
        const Number q = period_rate<Number>(terms_);
        return grown(annuity(q, periods), q);
    }

    /* The GPS fee of a period, before tax. */
    Affine<Number> gps_charge() const { return of_period(constant(terms_.gps_monthly)); }

    /* The tax on it. */
    Affine<Number> gps_tax() const { return number<Number>(terms_.gps_tax_rate) * gps_charge(); }

    /* The installation of the GPS with its tax. */
    Affine<Number> installation() const { return taxed_gps(terms_.gps_installation); }

    /* The level payment of an insurance policy. */
    Affine<Number> insurance_payment() const {
        const std::int32_t policy = periods_in(terms_.payment_frequency, terms_.insurance_months);
        return level(policy) * constant(terms_.insurance);
    }

    /* The parts of a lease's payment on the vehicle: what it loses, the charge for the money, the tax on
     * both. */
    Affine<Number> depreciation() const {
        return (one() / number<Number>(decimal(periods()))) * (financed_over_term_ - residual());
    }
    Affine<Number> rent() const {
        return (period_rate<Number>(terms_) / number<Number>(decimal(2))) *
               (financed_over_term_ + residual());
    }
    Affine<Number> rent_tax() const {
        return number<Number>(terms_.sales_tax_rate) * (depreciation() + rent());
    }

    /* Made when it is first asked for: many figures of a deal are read from it. */
    const Affine<Number> &payment() const {
        if (!payment_) {
            payment_ = sum_of_payment();
        }
        return *payment_;
    }

    /* What payments come to in a month: payments a year / 12 of them. */
    Affine<Number> per_month(const Affine<Number> &payment) const {
        return monthly() ? payment : (one() / period_in_months()) * payment;
    }

    /* The change of a payment, per month, against the current one, a fraction; the terms must have a current
     * payment. */
    Affine<Number> change_of(const Affine<Number> &payment) const {
        const Number current = money(terms_.current_payment.value);
        const Affine<Number> month = per_month(payment);
        return {month.slope / current, month.intercept / current - one()};
    }

    /* What the customer pays when she signs, beside her vehicle: tax and fees that are not financed, the tax
     * of a lease if it is due upfront, and the first payment in advance. */
    Affine<Number> due_at_signing() const {
        Affine<Number> due{zero(), zero()};
        if (!terms_.fees_financed) {
            due = due + fees();
        }
        if (terms_.kind != DealKind::lease) {
            return terms_.sales_tax_financed ? due : due + sales_tax_;
        }
        if (terms_.lease_tax == LeaseTax::upfront) {
            due = due + upfront_tax();
        }
        return terms_.payments_in_advance ? due + payment() : due;
    }

    /* The tax on all payments of a lease. */
    Affine<Number> upfront_tax() const {
        return number<Number>(decimal(periods())) * number<Number>(terms_.sales_tax_rate) * vehicle_payment();
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

    Affine<Number> sum_of_payment() const {
        Affine<Number> payment = vehicle_payment();
        if (!is_zero(terms_.insurance)) {
            payment = payment + insurance_payment();
        }
        payment = payment + of_period(taxed_gps(terms_.gps_monthly));
        if (terms_.installation_in_first_payment) {
            payment = payment + installation();
        }
        return payment;
    }

    std::int32_t periods() const { return periods_in(terms_.payment_frequency, terms_.term); }
    bool monthly() const { return terms_.payment_frequency == Frequency::monthly; }

    /* The months of a period. */
    Number period_in_months() const {
        return number<Number>(decimal(12)) /
               number<Number>(decimal(payments_a_year(terms_.payment_frequency)));
    }

    /* An amount per month as an amount per period. */
    Affine<Number> of_period(const Affine<Number> &amount) const {
        return monthly() ? amount : period_in_months() * amount;
    }

    /* With the tax on the payments of a lease. */
    Number taxed_payment() const {
        return terms_.lease_tax == LeaseTax::payment ? one() + number<Number>(terms_.sales_tax_rate) : one();
    }

    /* A factor of payments with the simple interest of an odd first period. */
    Number grown(const Number &factor, const Number &q) const {
        const std::int32_t days = days_of_period(terms_.payment_frequency);
        const std::int32_t first = terms_.first_payment_days;
        if (first == kAbsent || first == days) {
            return factor;
        }
        const Number per_day = q / number<Number>(decimal(days));
        if (first > days) {
            return factor * (one() + per_day * number<Number>(decimal(first - days)));
        }
        return factor * (one() + per_day * number<Number>(decimal(first))) / (one() + q);
    }

    const Terms &terms_;
    Number unit_;
    Affine<Number> service_fee_;
    Affine<Number> opening_fee_;
    Affine<Number> effective_equity_;
    Affine<Number> loan_;
    Affine<Number> sales_tax_;
    Affine<Number> financed_over_term_;
    mutable std::optional<Affine<Number>> payment_;
};

} // namespace tradeup
