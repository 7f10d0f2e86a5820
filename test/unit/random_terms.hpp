/*
 * Random terms over the whole domain, from a seed. No call has two random arguments, whose order would be the
 * compiler's, so every compiler draws the same.
 */
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

#include "core/deal/deal.hpp"
#include "oracle.hpp"

namespace tradeup {

/* Where the amounts of a random deal lie. */
enum class Place {
    anywhere,
    on_boundary,   // rate 0 and amounts that make halves of a minor unit, and whole ones, common
    near_boundary, // loan amount, payment and change lie within some 10^-12 of a half, or of a whole number
};

struct Case {
    Terms terms;
    std::int64_t price; // in minor units
    Place place;
};

class RandomTerms {
public:
    explicit RandomTerms(std::uint64_t seed) : engine_(seed) {}

    /* A whole number from low to high. */
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
    }

    bool one_in(int n) { return between(1, n) == 1; }

    /* A number whose logarithm is uniform. */
    double spread(double low, double high) {
        return low * std::pow(high / low, static_cast<double>(between(0, 1'000'000'000)) * 1e-9);
    }

    /* About `value`, cut to a number of digits after the point. */
    static Decimal cut(double value, int scale) {
        while (scale > 0 && value * std::pow(10.0, scale) > 9e17) {
            --scale;
        }
        return normalized({static_cast<std::int64_t>(value * std::pow(10.0, scale)), scale});
    }

    /* A share such as 0.04, seldom one of many digits. */
    Decimal share(double highest) {
        const int scale = one_in(8) ? 15 : 4;
        return one_in(3) ? Decimal{} : cut(spread(highest / 1000, highest), scale);
    }

    Decimal money(double highest, int scale) {
        return one_in(3) ? Decimal{} : cut(spread(0.01, highest), scale);
    }

    Decimal annual_rate() {
        switch (between(0, 9)) {
        case 0:
            return {};
        case 1:
        case 2:
            return cut(spread(1e-9, 2), 18);
        case 3: {
            const auto scale = static_cast<int>(between(9, 18));
            return cut(spread(1e-9, 1e-3), scale);
        }
        default:
            return cut(spread(0.01, 0.6), 4);
        }
    }

    /* Terms and a price. */
    Case draw(Place place) {
        Case made{default_terms(), 0, place};
        Terms &t = made.terms;
        const bool plain = place == Place::on_boundary;
        t.minor_digits = one_in(4) ? static_cast<std::int32_t>(between(0, 4)) : 2;
        t.rounding = static_cast<Rounding>(between(0, 3));
        t.annual_rate = plain ? Decimal{} : annual_rate();
        t.term = static_cast<std::int32_t>(one_in(3) ? between(1, 480) : 12 * between(1, 7));
        if (plain) {
            constexpr std::int32_t kTerms[] = {1, 2, 4, 5, 8, 10, 16, 20, 25, 40, 80, 100};
            t.term = kTerms[between(0, 11)];
        }
        const double price = spread(0.01, 1e9);
        const double unit = std::pow(10.0, t.minor_digits);
        made.price = std::max<std::int64_t>(1, static_cast<std::int64_t>(price * unit));
        const int digits = t.minor_digits;
        const double equity_share = static_cast<double>(between(0, 900)) * 1e-3;
        t.equity = cut(price * equity_share, plain ? digits + 1 : one_in(3) ? 12 : digits);
        if (one_in(5)) {
            t.equity.coefficient = -t.equity.coefficient;
        }
        t.down_payment_rate = one_in(2) ? cut(static_cast<double>(between(0, 100)) * 0.01, 4) : Decimal{};
        t.interest_tax_rate = share(0.25);
        t.service_fee_rate = plain ? cut(static_cast<double>(between(0, 10)) * 0.005, 3) : share(0.1);
        t.sales_tax_rate = one_in(3) ? share(0.1) : Decimal{};
        t.document_fee = one_in(4) ? money(price, digits) : Decimal{};
        t.opening_fee_rate = plain ? cut(static_cast<double>(between(0, 5)) * 0.01, 3) : share(0.1);
        t.opening_fee_tax_rate = plain ? Decimal{} : share(0.2);
        t.bonus = one_in(3) ? money(price, digits) : Decimal{};
        t.protection = money(price, one_in(5) ? digits + 2 : digits);
        t.insurance = plain ? Decimal{} : money(price, one_in(5) ? digits + 2 : digits);
        t.insurance_months = one_in(4) ? static_cast<std::int32_t>(between(1, 480)) : 12;
        t.gps_installation = money(price, digits);
        t.gps_monthly = money(price, digits);
        t.gps_tax_rate = share(0.25);
        t.margin_cost = money(price, digits);
        for (std::int32_t *flag :
             {&t.opening_fee_less_equity, &t.insurance_renewed, &t.installation_from_equity,
              &t.installation_financed, &t.installation_in_first_payment, &t.margin_service_fee,
              &t.margin_opening_fee, &t.margin_protection}) {
            *flag = one_in(2) ? 1 : 0;
        }
        t.current_payment = {plain ? decimal(1000) : cut(std::max(0.01, price / spread(10, 200)), digits + 2),
                             1};
        if (one_in(2)) {
            draw_dealers_terms(made, price);
        }
        if (place == Place::near_boundary) {
            move_to_boundary(made);
        }
        return made;
    }

    /* An odd first period where the terms can have one, seldom one of few or many days. */
    std::int32_t first_payment_days() {
        return static_cast<std::int32_t>(one_in(3)   ? between(1, kMaxFirstPaymentDays)
                                         : one_in(6) ? between(1, 10)
                                                     : between(14, 60));
    }

    /* Adds what the windows depend on; the edges lie about the case's price, some exactly on it. */
    void add_windows(Case &made) {
        Terms &t = made.terms;
        draw_tiers(t);
        t.change_digits = one_in(2) ? kAbsent : static_cast<std::int32_t>(between(0, 9));
        const oracle::Offer offer = oracle::Deal(t).offer(made.price);
        const auto about = [&](const oracle::Real &amount, int scale) {
            return cut(std::clamp(amount.convert_to<double>(), 0.0, 9e11), scale);
        };
        if (offer.payment > 1 && offer.payment < 1e11) {
            /* Payments of the cases lie at changes from -0.5 to 1, often exactly at one of few digits. */
            const double change = static_cast<double>(between(-10, 20)) * 0.05;
            t.current_payment.value = about(offer.monthly / (1 + change), one_in(2) ? 12 : 2);
        }
        const auto max_scale = static_cast<int>(between(0, 6));
        t.max_change = one_in(2) ? OptionalDecimal{cut(spread(0.01, 10), max_scale), 1} : OptionalDecimal{};
        t.current_price =
            one_in(3) ? OptionalDecimal{about(offer.price / 2, one_in(2) ? 2 : 10), 1} : OptionalDecimal{};
        t.max_component = one_in(5) ? OptionalDecimal{about(offer.loan, 4), 1} : OptionalDecimal{};
        t.max_financed = one_in(5) ? OptionalDecimal{about(offer.loan_amount, 4), 1} : OptionalDecimal{};
        t.min_price =
            one_in(6) ? OptionalDecimal{about(offer.price / 2, one_in(2) ? 2 : 10), 1} : OptionalDecimal{};
        t.max_price =
            one_in(6) ? OptionalDecimal{about(offer.price * 2, one_in(2) ? 2 : 10), 1} : OptionalDecimal{};
        const oracle::Real to_value =
            offer.price > 0 ? oracle::Real(offer.loan_amount / offer.price) : oracle::Real(0);
        t.max_loan_to_value = one_in(4)
                                  ? OptionalDecimal{about(to_value > 10 ? oracle::Real(10) : to_value, 4), 1}
                                  : OptionalDecimal{};
        t.down_payment_rate = one_in(2) ? t.down_payment_rate : Decimal{};
        t.min_payment =
            one_in(6) ? OptionalDecimal{about(offer.payment / 2, one_in(2) ? 2 : 10), 1} : OptionalDecimal{};
        t.max_payment_to_income = t.income = {};
        if (one_in(6)) {
            const Decimal most = normalized({between(1, 20), one_in(2) ? 1 : 2});
            t.max_payment_to_income = {most, 1};
            t.income = {about(offer.monthly / oracle::real(most), one_in(2) ? 2 : 10), one_in(6) ? 0 : 1};
            t.income = t.income.present ? t.income : OptionalDecimal{};
        }
        if (t.trade_value.present && one_in(2)) {
            const auto part = static_cast<double>(between(1, 2));
            t.trade_value.value = about(offer.price / part, one_in(2) ? 2 : 10);
        }
    }

    /* A deal of another kind or with other payments may not have every first period or tax: without what it
     * may not have. */
    static void drop_misplaced(Terms &t) {
        if (t.kind == DealKind::loan) {
            t.residual_rate = t.end_fee = {};
        }
        if (t.kind != DealKind::lease) {
            t.lease_tax = LeaseTax::payment;
            t.payments_in_advance = 0;
        } else {
            t.payment_frequency = Frequency::monthly;
            t.first_payment_days = kAbsent;
            t.sales_tax_base = SalesTaxBase::price;
        }
    }

private:
    /* What dealers add: trade values, taxes and fees at signing, other kinds, frequencies and first periods.
     */
    void draw_dealers_terms(Case &made, double price) {
        Terms &t = made.terms;
        const int digits = t.minor_digits;
        t.kind = static_cast<DealKind>(between(0, 2));
        t.residual_rate = cut(static_cast<double>(between(0, 100)) * 0.01, 2);
        if (one_in(4)) {
            t.residual_rate = cut(static_cast<double>(between(0, 1'000'000)) * 1e-6, 15);
        }
        t.payment_frequency = static_cast<Frequency>(between(0, 6));
        t.first_payment_days = one_in(3) ? first_payment_days() : kAbsent;
        const double traded = price * static_cast<double>(between(0, 1200)) * 1e-3;
        t.trade_value =
            one_in(2) ? OptionalDecimal{cut(traded, one_in(3) ? 12 : digits), 1} : OptionalDecimal{};
        t.sales_tax_base = one_in(2) ? SalesTaxBase::difference : SalesTaxBase::price;
        if (t.sales_tax_rate.coefficient == 0 && one_in(2)) {
            t.sales_tax_rate = share(0.1);
        }
        t.sales_tax_financed = one_in(3) ? 0 : 1;
        t.fees_financed = one_in(3) ? 0 : 1;
        t.lease_tax = one_in(2) ? LeaseTax::upfront : LeaseTax::payment;
        t.payments_in_advance = one_in(2) ? 1 : 0;
        t.acquisition_fee = one_in(2) ? money(price / 10, digits) : Decimal{};
        t.end_fee = one_in(2) ? money(price / 10, digits) : Decimal{};
        t.customer_bonus = one_in(2) ? money(price / 4, one_in(3) ? digits + 2 : digits) : Decimal{};
        drop_misplaced(t);
    }

    /* Up to 8 ascending tiers with random ends. */
    void draw_tiers(Terms &t) {
        if (one_in(3)) {
            return;
        }
        for (Tier &tier : t.tiers) {
            tier = Tier{};
        }
        t.tier_count = static_cast<std::int32_t>(between(0, kMaxTiers));
        std::int64_t end = between(-1'200'000, 0);
        const int scale = one_in(3) ? 9 : 6;
        for (int i = 0; i < t.tier_count; ++i) {
            Tier &tier = t.tiers[i];
            tier.name[0] = static_cast<char>('a' + i);
            const bool apart = i > 0 && one_in(4);
            const std::int64_t from = end + (apart ? between(1, 50'000) : 0);
            end = from + between(1, 300'000);
            tier.lower = {normalized({from, scale}), i > 0 || one_in(2) ? 1 : 0, 0};
            tier.upper = {normalized({end, scale}), i + 1 < t.tier_count || one_in(2) ? 1 : 0, 0};
            const bool taken = i > 0 && t.tiers[i - 1].upper.inclusive && !apart;
            tier.lower.inclusive = tier.lower.present && !taken && one_in(2) ? 1 : 0;
            tier.upper.inclusive = tier.upper.present && one_in(2) ? 1 : 0;
            for (TierBound *bound : {&tier.lower, &tier.upper}) {
                bound->change = bound->present ? bound->change : Decimal{};
            }
        }
    }

    /* What must be added to a value, in units, to lie some 10^-12 of a unit above or below the next half or
     * whole. */
    oracle::Real gap_to_boundary(const oracle::Real &value, Rounding rounding) {
        const bool halves = rounding == Rounding::half_up || rounding == Rounding::half_even;
        const oracle::Real target = floor(value) + (halves ? oracle::Real("1.5") : oracle::Real(2));
        return target - value + oracle::Real(between(-3, 3)) * oracle::Real("1e-12");
    }

    /* An amount of money with as many digits as a decimal of its size can have. */
    static Decimal all_digits(const oracle::Real &amount) {
        int scale = 0;
        oracle::Real shifted = amount;
        while (scale < kMaxScale && abs(shifted) < oracle::Real("99999999999999999")) {
            shifted *= 10;
            ++scale;
        }
        return normalized({static_cast<std::int64_t>(oracle::rounded(shifted, Rounding::half_up)), scale});
    }

    void move_to_boundary(Case &made) {
        Terms &t = made.terms;
        t.gps_tax_rate = {};
        t.opening_fee_less_equity = 0;
        const auto offer = [&] { return oracle::Deal(t).offer(made.price); };
        const oracle::Real unit = oracle::power(10, t.minor_digits);
        t.equity = all_digits(oracle::real(t.equity) -
                              gap_to_boundary(offer().loan_amount * unit, t.rounding) / unit);
        t.gps_monthly = all_digits(oracle::real(t.gps_monthly) +
                                   gap_to_boundary(offer().payment * unit, t.rounding) / unit *
                                       oracle::calendar(t.payment_frequency).a_year / 12);
        const oracle::Real payment = offer().monthly;
        if (payment > 1 && one_in(2)) {
            const oracle::Real change = oracle::Real(between(-500'000, 2'000'000)) + oracle::Real("0.5");
            t.current_payment.value = all_digits(payment / (1 + change * oracle::Real("1e-6")));
        }
    }

    std::mt19937_64 engine_;
};

} // namespace tradeup
