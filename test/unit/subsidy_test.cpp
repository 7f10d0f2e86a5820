/*
 * The least subsidy against brute force: every combination of small grids, decided in 80 digits.
 */
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/subsidy.hpp"
#include "oracle.hpp"
#include "random_terms.hpp"
#include "support.hpp"

namespace tradeup {

namespace {

using oracle::Real;

bool never() noexcept {
    return false;
}

bool at_most(const Real &a, const Real &b) {
    return a < b || oracle::same(a, b);
}

/* A combination by its places, in the order of term, service fee, bonus and opening fee. */
struct Combination {
    std::array<std::int64_t, kConcessions> place;
    Terms terms;
};

std::vector<Combination> all_combinations(const std::vector<Deal> &deals, const SubsidyRules &rules) {
    std::vector<Combination> all;
    std::array<std::int64_t, kConcessions> place{};
    const auto count = [&](Concession c) {
        return c == Concession::term ? std::int64_t{rules.term_count}
                                     : rules.grids[static_cast<int>(c) - 1].last + 1;
    };
    const auto at = [&](int i) -> std::int64_t & { return place[static_cast<std::size_t>(rules.order[i])]; };
    for (at(0) = 0; at(0) < count(rules.order[0]); ++at(0)) {
        for (at(1) = 0; at(1) < count(rules.order[1]); ++at(1)) {
            for (at(2) = 0; at(2) < count(rules.order[2]); ++at(2)) {
                for (at(3) = 0; at(3) < count(rules.order[3]); ++at(3)) {
                    for (const Deal &deal : deals) {
                        if (deal.terms.term == rules.terms[place[0]]) {
                            Terms terms = deal.terms;
                            terms.service_fee_rate = rules.grids[0].value(place[1]);
                            terms.bonus = rules.grids[1].value(place[2]);
                            terms.opening_fee_rate = rules.grids[2].value(place[3]);
                            if (!rules.require_dearer) {
                                terms.current_price = {};
                            }
                            all.push_back({place, terms});
                            break;
                        }
                    }
                }
            }
        }
    }
    return all;
}

Verdict verdict_of(const Terms &terms, const SubsidyRules &rules, std::int64_t price) {
    const oracle::Deal deal(terms);
    const oracle::Offer offer = deal.offer(price);
    if (!deal.eligible(offer)) {
        return Verdict::no_offer;
    }
    if (rules.max_change.present && terms.current_payment.present &&
        !at_most(deal.deciding_change(offer.change), oracle::real(rules.max_change.value))) {
        return Verdict::change;
    }
    if (rules.min_margin.present &&
        !at_most(oracle::real(rules.min_margin.value), offer.margin - oracle::real(terms.bonus))) {
        return Verdict::margin;
    }
    if (rules.max_financed_to_price.present &&
        !at_most(offer.loan_amount / offer.price, oracle::real(rules.max_financed_to_price.value))) {
        return Verdict::financed;
    }
    return Verdict::passes;
}

Real off_current(const Terms &terms, std::int64_t price) {
    const Real payment = oracle::Deal(terms).offer(price).payment;
    return abs(terms.current_payment.present ? Real(payment - oracle::real(terms.current_payment.value))
                                             : payment);
}

Grid random_grid(RandomTerms &random, Concession concession, double size, int scale) {
    for (;;) {
        const Decimal from = RandomTerms::cut(size * static_cast<double>(random.between(0, 20)) / 20, scale);
        const Decimal to = RandomTerms::cut(size * static_cast<double>(random.between(0, 20)) / 20, scale);
        const Decimal step = RandomTerms::cut(size * static_cast<double>(random.between(1, 8)) / 20, scale);
        const Result<Grid> grid = make_grid(concession, from, to, step);
        if (grid && grid->last <= 8) {
            return *grid;
        }
    }
}

SubsidyRules random_rules(RandomTerms &random, const Case &made, const std::vector<Deal> &deals) {
    SubsidyRules rules = default_subsidy_rules();
    for (int i = kConcessions - 1; i > 0; --i) {
        std::swap(rules.order[i], rules.order[random.between(0, i)]);
    }
    rules.term_count = 0;
    for (const Deal &deal : deals) {
        rules.terms[rules.term_count++] = deal.terms.term;
    }
    rules.terms[rules.term_count++] = 479; // no deal has it
    std::swap(rules.terms[0], rules.terms[random.between(0, rules.term_count - 1)]);
    const double price = static_cast<double>(made.price) / std::pow(10.0, made.terms.minor_digits);
    const bool round = random.one_in(2);
    rules.grids[0] = random_grid(random, Concession::service_fee, 0.2, round ? 2 : 7);
    rules.grids[1] = random_grid(random, Concession::bonus, std::max(price / 4, 1e-3), 4);
    rules.grids[2] = random_grid(random, Concession::opening_fee, 0.2, round ? 2 : 7);
    rules.require_dearer = random.one_in(2);
    return rules;
}

/* Gates about the figures of one combination, so that some pass and some lie exactly at the edge. */
void draw_gates(RandomTerms &random, SubsidyRules &rules, const Terms &terms, std::int64_t price) {
    const oracle::Deal deal(terms);
    const oracle::Offer offer = deal.offer(price);
    const auto cut = [&](const Real &value, double low, double high) {
        const double clamped = std::clamp(value.convert_to<double>(), low, high);
        const Decimal size = RandomTerms::cut(std::abs(clamped), random.one_in(2) ? 12 : 3);
        return OptionalDecimal{{clamped < 0 ? -size.coefficient : size.coefficient, size.scale}, 1};
    };
    rules.max_change = random.one_in(4) ? OptionalDecimal{} : cut(offer.change, -0.99, 1e5);
    rules.min_margin =
        random.one_in(4) ? OptionalDecimal{} : cut(offer.margin - oracle::real(terms.bonus), -1e9, 1e9);
    rules.max_financed_to_price =
        random.one_in(4) ? OptionalDecimal{} : cut(offer.loan_amount / offer.price, 0, 1000);
}

std::vector<Deal> deals_of(RandomTerms &random, const Case &made) {
    std::vector<Deal> deals;
    for (const std::int32_t months : {12, 36, 60}) {
        Terms terms = made.terms;
        terms.term = months;
        if (random.one_in(3)) {
            terms.annual_rate = RandomTerms::cut(0.3, 2);
        }
        deals.push_back(built(terms));
    }
    return deals;
}

TEST(Subsidy, IsTheFirstCombinationThatPassesOrTheNearest) {
    RandomTerms random(7);
    std::array<int, 5> seen{};
    for (int i = 0; i < 1500; ++i) {
        Case made = random.draw(static_cast<Place>(i % 3));
        random.add_windows(made);
        const std::vector<Deal> deals = deals_of(random, made);
        SubsidyRules rules = random_rules(random, made, deals);
        const auto some = all_combinations(deals, rules);
        ASSERT_FALSE(some.empty());
        const auto &pick =
            some[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(some.size()) - 1))];
        draw_gates(random, rules, pick.terms, made.price);

        const Combination *first = nullptr;
        const Combination *nearest = nullptr;
        Verdict nearest_fails = Verdict::no_offer;
        Real least = 0;
        for (const Combination &combination : some) {
            const Verdict verdict = verdict_of(combination.terms, rules, made.price);
            if (verdict == Verdict::passes) {
                first = &combination;
                break;
            }
            if (verdict != Verdict::no_offer) {
                const Real off = off_current(combination.terms, made.price);
                if (nearest == nullptr || (off < least && !oracle::same(off, least))) {
                    nearest = &combination;
                    nearest_fails = verdict;
                    least = off;
                }
            }
        }
        const Combination *expected = first != nullptr ? first : nearest;
        const Verdict verdict = first != nullptr ? Verdict::passes : nearest_fails;

        std::vector<const Deal *> pointers;
        for (const Deal &deal : deals) {
            pointers.push_back(&deal);
        }
        Subsidy subsidy{};
        const auto done = least_subsidy(pointers, made.price, rules, never, subsidy);
        ASSERT_TRUE(done) << done.error().message;
        ASSERT_EQ(verdict_name(subsidy.verdict), verdict_name(verdict)) << i;
        ++seen[static_cast<std::size_t>(verdict)];
        if (expected == nullptr) {
            EXPECT_TRUE(subsidy.refusal.failed);
            continue;
        }
        const Terms &terms = expected->terms;
        EXPECT_EQ(subsidy.terms.term, terms.term) << i;
        EXPECT_EQ(compare(subsidy.terms.service_fee_rate, terms.service_fee_rate), 0) << i;
        EXPECT_EQ(compare(subsidy.terms.bonus, terms.bonus), 0) << i;
        EXPECT_EQ(compare(subsidy.terms.opening_fee_rate, terms.opening_fee_rate), 0) << i;
        const oracle::Deal deal(terms);
        const oracle::Offer offer = deal.offer(made.price);
        EXPECT_EQ(Real(subsidy.margin_less_bonus), deal.minor(offer.margin - oracle::real(terms.bonus)));
        EXPECT_EQ(Real(subsidy.financed_to_price),
                  oracle::rounded(offer.loan_amount / offer.price * 1'000'000, Rounding::half_up));
    }
    for (const int count : seen) {
        EXPECT_GT(count, 20);
    }
}

TEST(Subsidy, StopsWhenAsked) {
    const Deal deal =
        deal_of("v1 annual_rate=0.1949 term=48 equity=120000 current_payment=8000 down_payment_rate=0.1" +
                kReference);
    const Deal *const deals[] = {&deal};
    SubsidyRules rules = default_subsidy_rules();
    Subsidy subsidy{};
    for (const Decimal most : {decimal(1), decimal(-9, 1)}) { // found at once, and looked for everywhere
        rules.max_change = {most, 1};
        const auto stopped = least_subsidy(
            deals, 30'000'000, rules, []() noexcept { return true; }, subsidy);
        ASSERT_FALSE(stopped);
        EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
        ASSERT_TRUE(least_subsidy(deals, 30'000'000, rules, never, subsidy));
        EXPECT_EQ(subsidy.verdict, most.coefficient > 0 ? Verdict::passes : Verdict::change);
    }
}

/* The rules with one concession free and the others fixed, and a change that no payment has. */
SubsidyRules rules_for(Concession free, Decimal from, Decimal to, Decimal step) {
    SubsidyRules rules = default_subsidy_rules();
    for (const Concession fixed : {Concession::service_fee, Concession::bonus, Concession::opening_fee}) {
        rules.grids[static_cast<int>(fixed) - 1] = *make_grid(fixed, Decimal{}, Decimal{}, decimal(1));
    }
    rules.grids[static_cast<int>(free) - 1] = *make_grid(free, from, to, step);
    rules.max_change = {decimal(-99, 2), 1};
    rules.min_margin = rules.max_financed_to_price = {};
    return rules;
}

/* At a price that is the equity, an opening fee on the rest is nothing: all fees are as near, and the first
 * is taken, whatever doubles make of the nothing. */
TEST(Subsidy, TheFirstOfManyThatAreAsNear) {
    const SubsidyRules rules =
        rules_for(Concession::opening_fee, decimal(4, 2), decimal(1, 2), decimal(5, 3));
    for (int hundreds = 50; hundreds <= 300; ++hundreds) {
        const std::string equity = std::to_string(hundreds * 100);
        const Deal deal =
            deal_of("v1 annual_rate=0.1949 term=48 current_payment=9000 opening_fee_less_equity=true "
                    "sales_tax_rate=0.07 installation_from_equity=true gps_installation=3333.33 "
                    "opening_fee_tax_rate=0.16 equity=" +
                    equity);
        const Deal *const deals[] = {&deal};
        Subsidy subsidy{};
        ASSERT_TRUE(least_subsidy(deals, std::int64_t{hundreds} * 10'000, rules, never, subsidy));
        ASSERT_EQ(subsidy.verdict, Verdict::change);
        EXPECT_EQ(compare(subsidy.terms.opening_fee_rate, decimal(4, 2)), 0) << equity;
    }
}

/* Steps that doubles cannot tell apart: the nearest is the nearest all the same. */
TEST(Subsidy, TheNearestOfFineSteps) {
    for (const std::int64_t nearest : {0, 1, 17, 400, 777, 999, 1000}) {
        const SubsidyRules rules = rules_for(Concession::bonus, Decimal{}, decimal(1, 3), decimal(1, 6));
        const std::int64_t millionths = 1'000'000'000'000'000 - nearest;
        const Deal deal = deal_of("v1 annual_rate=0 term=1 equity=999000000000 current_payment=" +
                                  std::to_string(millionths / 1'000'000) + "." +
                                  std::to_string(1'000'000 + millionths % 1'000'000).substr(1));
        SubsidyRules asked = rules;
        asked.terms[0] = 1;
        const Deal *const deals[] = {&deal};
        Subsidy subsidy{};
        ASSERT_TRUE(least_subsidy(deals, 100'000'000'000'000, asked, never, subsidy));
        ASSERT_EQ(subsidy.verdict, Verdict::change);
        EXPECT_EQ(compare(subsidy.terms.bonus, decimal(nearest, 6)), 0) << to_text(subsidy.terms.bonus).text;
    }
}

int asked_to_stop = 0;

/* Where doubles decide nothing, a search tries each value of the innermost grid: it asks there too. */
TEST(Subsidy, AsksWithinTheInnermostGrid) {
    const Deal deal = deal_of("v1 annual_rate=0.1949 term=48 current_payment=1");
    const Deal *const deals[] = {&deal};
    SubsidyRules rules = rules_for(Concession::bonus, Decimal{}, decimal(99, 4), decimal(1, 6));
    rules.max_change = {};
    rules.max_financed_to_price = {decimal(99'999'999'999'999, 14), 1};
    Subsidy subsidy{};
    std::swap(rules.order[2], rules.order[3]);
    asked_to_stop = 0;
    const auto count = []() noexcept {
        ++asked_to_stop;
        return false;
    };
    ASSERT_TRUE(least_subsidy(deals, 100'000'000'000'000, rules, count, subsidy));
    EXPECT_EQ(subsidy.verdict, Verdict::financed);
    EXPECT_GT(asked_to_stop, 9'900 / 256);
}

TEST(Subsidy, Grids) {
    const auto grid = make_grid(Concession::service_fee, decimal(5, 2), decimal(2, 2), decimal(5, 3));
    ASSERT_TRUE(grid);
    EXPECT_EQ(grid->last, 6);
    EXPECT_EQ(compare(grid->value(6), decimal(2, 2)), 0);
    EXPECT_EQ(make_grid(Concession::bonus, decimal(0), decimal(10), decimal(4))->last, 2);
    EXPECT_EQ(make_grid(Concession::bonus, decimal(0), decimal(10), decimal(0)).error().kind,
              ErrorKind::bad_value);
    EXPECT_EQ(make_grid(Concession::bonus, decimal(0), decimal(10), decimal(1, 6)).error().kind,
              ErrorKind::bad_value);
    EXPECT_EQ(make_grid(Concession::bonus, decimal(-1), decimal(10), decimal(1)).error().kind,
              ErrorKind::bad_value);
    EXPECT_EQ(make_grid(Concession::opening_fee, decimal(0), decimal(2), decimal(1)).error().kind,
              ErrorKind::bad_value);
    const auto within = limited(Concession::service_fee, *grid, decimal(41, 3));
    EXPECT_EQ(compare(within->value(0), decimal(4, 2)), 0);
    EXPECT_EQ(within->last, 4);
    EXPECT_EQ(limited(Concession::service_fee, *grid, decimal(1, 2)).error().kind, ErrorKind::bad_value);
}

} // namespace

} // namespace tradeup
