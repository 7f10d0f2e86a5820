/*
 * The least subsidy against brute force: every combination of small grids, decided in 80 digits.
 */
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/solve/subsidy.hpp"
#include "oracle.hpp"
#include "random_terms.hpp"
#include "support.hpp"

namespace tradeup {

namespace {

using oracle::Real;

bool never() noexcept {
    return false;
}

/* Those of the program mx-reference. */
SubsidyRules reference_rules() {
    SubsidyRules rules = standing_rules({});
    for (const std::int32_t term : {48, 60, 36, 72}) {
        rules.terms[rules.term_count++] = term;
    }
    rules.grid(Concession::service_fee) = {50, -5, 6, 3};
    rules.grid(Concession::bonus) = {0, 500, 20, 0};
    rules.grid(Concession::opening_fee) = {40, -5, 6, 3};
    rules.min_margin = {decimal(5000), 1};
    return rules;
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
        return c == Concession::term ? std::int64_t{rules.term_count} : rules.grid(c).last + 1;
    };
    const auto at = [&](int i) -> std::int64_t & { return place[static_cast<std::size_t>(rules.order[i])]; };
    for (at(0) = 0; at(0) < count(rules.order[0]); ++at(0)) {
        for (at(1) = 0; at(1) < count(rules.order[1]); ++at(1)) {
            for (at(2) = 0; at(2) < count(rules.order[2]); ++at(2)) {
                for (at(3) = 0; at(3) < count(rules.order[3]); ++at(3)) {
                    for (const Deal &deal : deals) {
                        if (deal.terms.term == rules.terms[place[0]]) {
                            Terms terms = deal.terms;
                            terms.service_fee_rate = rules.grid(Concession::service_fee).value(place[1]);
                            terms.bonus = rules.grid(Concession::bonus).value(place[2]);
                            terms.opening_fee_rate = rules.grid(Concession::opening_fee).value(place[3]);
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
    const Real payment = oracle::Deal(terms).offer(price).monthly;
    return abs(terms.current_payment.present ? Real(payment - oracle::real(terms.current_payment.value))
                                             : payment);
}

Grid random_grid(RandomTerms &random, Concession concession, double size, int scale, std::int64_t parts) {
    for (;;) {
        const Decimal from = RandomTerms::cut(size * static_cast<double>(random.between(0, 20)) / 20, scale);
        const Decimal to = RandomTerms::cut(size * static_cast<double>(random.between(0, 20)) / 20, scale);
        const Decimal step = RandomTerms::cut(
            size * static_cast<double>(random.between(1, 8)) / (2.5 * static_cast<double>(parts)), scale);
        const Result<Grid> grid = make_grid(concession, from, to, step);
        if (grid && grid->last <= parts && (parts == 8 || grid->last > parts / 2)) {
            return *grid;
        }
    }
}

SubsidyRules random_rules(RandomTerms &random, const Case &made, const std::vector<Deal> &deals,
                          std::int64_t parts) {
    SubsidyRules rules = reference_rules();
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
    rules.grid(Concession::service_fee) =
        random_grid(random, Concession::service_fee, 0.2, round ? 2 : 7, parts);
    rules.grid(Concession::bonus) =
        random_grid(random, Concession::bonus, std::max(price / 4, 1e-3), 4, parts);
    rules.grid(Concession::opening_fee) =
        random_grid(random, Concession::opening_fee, 0.2, round ? 2 : 7, parts);
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

/* Cases on grids of so many parts; what is found is counted by verdict. */
void compare_with_brute_force(RandomTerms &random, int cases, std::int64_t parts, std::array<int, 5> &seen) {
    for (int i = 0; i < cases; ++i) {
        Case made = random.draw(static_cast<Place>(i % 3));
        random.add_windows(made);
        const std::vector<Deal> deals = deals_of(random, made);
        SubsidyRules rules = random_rules(random, made, deals, parts);
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
}

TEST(Subsidy, IsTheFirstCombinationThatPassesOrTheNearest) {
    RandomTerms random(7);
    std::array<int, 5> seen{};
    compare_with_brute_force(random, 1500, 8, seen);
    for (const int count : seen) {
        EXPECT_GT(count, 20);
    }
}

/* So many combinations that the search learns from those that fail. */
TEST(Subsidy, IsTheFirstOrTheNearestOfMany) {
    RandomTerms random(8);
    std::array<int, 5> seen{};
    compare_with_brute_force(random, 25, 13, seen);
    EXPECT_GT(seen[static_cast<std::size_t>(Verdict::passes)], 5);
    EXPECT_LT(seen[static_cast<std::size_t>(Verdict::passes)], 24);
}

TEST(Subsidy, StopsWhenAsked) {
    const Deal deal =
        deal_of("v1 annual_rate=0.1949 term=48 equity=120000 current_payment=8000 down_payment_rate=0.1" +
                kReference);
    const Deal *const deals[] = {&deal};
    SubsidyRules rules = reference_rules();
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
    SubsidyRules rules = reference_rules();
    for (const Concession fixed : {Concession::service_fee, Concession::bonus, Concession::opening_fee}) {
        rules.grid(fixed) = *make_grid(fixed, Decimal{}, Decimal{}, decimal(1));
    }
    rules.grid(free) = *make_grid(free, from, to, step);
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

/* A deal whose payment is what it finances, so that whole numbers say what every combination of three fine
 * grids pays: units of 10^-7 minor units. */
struct FineCase {
    static constexpr std::int64_t kPrice = 30'000'017;
    static constexpr std::int64_t kUnit = 10'000'000;
    static constexpr std::int64_t kLast = 1000;

    SubsidyRules rules = reference_rules();
    std::int64_t service_step;
    std::int64_t bonus_step;
    std::int64_t opening_step;

    explicit FineCase(RandomTerms &random)
        : service_step(random.between(200, 499)), bonus_step(random.between(900, 1100)),
          opening_step(random.between(200, 399)) {
        const auto grid = [](Concession concession, std::int64_t from, std::int64_t step,
                             std::int64_t scale) {
            const std::int64_t to = from == 0 ? kLast * step : from - kLast * step;
            return *make_grid(concession, {from, scale}, {to, scale}, {step, scale});
        };
        rules.grid(Concession::service_fee) = grid(Concession::service_fee, 500'000, service_step, 7);
        rules.grid(Concession::bonus) = grid(Concession::bonus, 0, bonus_step, 2);
        rules.grid(Concession::opening_fee) = grid(Concession::opening_fee, 400'000, opening_step, 7);
        rules.terms[0] = 1;
        rules.term_count = 1;
        rules.max_change = rules.min_margin = rules.max_financed_to_price = {};
    }

    /* Both fees less the bonus. */
    std::int64_t fees(std::int64_t service, std::int64_t bonus, std::int64_t opening) const {
        return kPrice * (900'000 - service_step * service - opening_step * opening) -
               bonus_step * kUnit * bonus;
    }

    /* The opening fee whose fees are the highest that are at most this much. */
    std::int64_t opening_at_most(std::int64_t most, std::int64_t service, std::int64_t bonus) const {
        const std::int64_t over = fees(service, bonus, 0) - most;
        const std::int64_t step = kPrice * opening_step;
        return over <= 0 ? 0 : (over + step - 1) / step;
    }

    /* The payment of fees of 0. */
    static constexpr std::int64_t kPayment = (kPrice - 12'000'000) * kUnit;

    Subsidy found(const std::string &current_payment) const {
        const Deal deal = deal_of("v1 annual_rate=0 term=1 equity=120000 " + current_payment);
        const Deal *const deals[] = {&deal};
        Subsidy subsidy{};
        asked_to_stop = 0;
        const auto count = []() noexcept {
            ++asked_to_stop;
            return false;
        };
        const auto done = least_subsidy(deals, kPrice, rules, count, subsidy);
        EXPECT_TRUE(done) << done.error().message;
        return subsidy;
    }

    void expect(const Subsidy &subsidy, std::int64_t service, std::int64_t bonus,
                std::int64_t opening) const {
        EXPECT_EQ(compare(subsidy.terms.service_fee_rate, rules.grid(Concession::service_fee).value(service)),
                  0);
        EXPECT_EQ(compare(subsidy.terms.bonus, rules.grid(Concession::bonus).value(bonus)), 0);
        EXPECT_EQ(compare(subsidy.terms.opening_fee_rate, rules.grid(Concession::opening_fee).value(opening)),
                  0);
        /* It asks every 256 steps; there are four million pairs of the outer two grids. */
        EXPECT_LT(asked_to_stop, 100);
    }
};

/* Fees within a strip in which few combinations are, or none. */
TEST(Subsidy, TheFirstInAStripOfFineGrids) {
    RandomTerms random(9);
    int passed = 0;
    for (int i = 0; i < 30; ++i) {
        FineCase fine(random);
        /* The change of a payment of a million to 15 decimals, the margin to 9: whole units. */
        const std::int64_t least = random.between(1, 1'000'000) * 20'000'000;
        const std::int64_t most = least + random.between(0, 60'000);
        fine.rules.max_change = {{FineCase::kPayment + most - 1'000'000'000'000'000, 15}, 1};
        fine.rules.min_margin = {normalized({least, 9}), 1};
        bool exists = false;
        std::int64_t at[3] = {};
        for (std::int64_t s = 0; s <= FineCase::kLast && !exists; ++s) {
            for (std::int64_t b = 0; b <= FineCase::kLast && !exists; ++b) {
                const std::int64_t o = fine.opening_at_most(most, s, b);
                exists = o <= FineCase::kLast && fine.fees(s, b, o) >= least;
                at[0] = s;
                at[1] = b;
                at[2] = o;
            }
        }
        const Subsidy subsidy = fine.found("current_payment=1000000");
        ASSERT_EQ(subsidy.verdict == Verdict::passes, exists) << i;
        EXPECT_LT(asked_to_stop, 400);
        if (exists) {
            ++passed;
            fine.expect(subsidy, at[0], at[1], at[2]);
        }
    }
    EXPECT_GT(passed, 3);
    EXPECT_LT(passed, 30);
}

TEST(Subsidy, TheNearestOfFineGrids) {
    RandomTerms random(10);
    for (int i = 0; i < 20; ++i) {
        FineCase fine(random);
        fine.rules.max_change = {decimal(-99, 2), 1};
        /* A current payment within the reach of the grids, to the cent. */
        const std::int64_t current = random.between(170'000'00, 195'000'00);
        const std::int64_t wanted = current * FineCase::kUnit - FineCase::kPayment;
        std::int64_t least = std::numeric_limits<std::int64_t>::max();
        std::int64_t at[3] = {};
        for (std::int64_t s = 0; s <= FineCase::kLast; ++s) {
            for (std::int64_t b = 0; b <= FineCase::kLast; ++b) {
                const std::int64_t below = fine.opening_at_most(wanted, s, b);
                for (std::int64_t o = std::max<std::int64_t>(below - 1, 0); o <= below; ++o) {
                    const std::int64_t off = std::abs(fine.fees(s, b, std::min(o, FineCase::kLast)) - wanted);
                    if (off < least) {
                        least = off;
                        at[0] = s;
                        at[1] = b;
                        at[2] = std::min(o, FineCase::kLast);
                    }
                }
            }
        }
        const Subsidy subsidy = fine.found("current_payment=" + std::to_string(current / 100) + "." +
                                           std::to_string(100 + current % 100).substr(1));
        ASSERT_EQ(subsidy.verdict, Verdict::change);
        fine.expect(subsidy, at[0], at[1], at[2]);
    }
}

/* A deal whose payment is what it finances, and grids in round steps: many combinations pay the same. */
struct RoundCase {
    static constexpr std::int64_t kPrice = 30'000'000;
    static constexpr std::int64_t kLast[kGrids] = {50, 50, 8};

    SubsidyRules rules = reference_rules();

    RoundCase() {
        rules.grid(Concession::service_fee) =
            *make_grid(Concession::service_fee, decimal(5, 2), decimal(0), decimal(1, 3));
        rules.grid(Concession::bonus) =
            *make_grid(Concession::bonus, decimal(0), decimal(5'000), decimal(100));
        rules.grid(Concession::opening_fee) =
            *make_grid(Concession::opening_fee, decimal(4, 2), decimal(0), decimal(5, 3));
        rules.terms[0] = 1;
        rules.term_count = 1;
        rules.max_change = rules.min_margin = rules.max_financed_to_price = {};
    }

    /* The place of the first combination for which this is the least, in the order of concession. */
    template <typename Distance>
    static std::array<std::int64_t, kGrids> first_of_least(Distance distance) {
        std::array<std::int64_t, kGrids> best{};
        std::int64_t least = std::numeric_limits<std::int64_t>::max();
        for (std::int64_t s = 0; s <= kLast[0]; ++s) {
            for (std::int64_t b = 0; b <= kLast[1]; ++b) {
                for (std::int64_t o = 0; o <= kLast[2]; ++o) {
                    const std::int64_t payment =
                        kPrice - 12'000'000 + 30'000 * (kLast[0] - s) - 10'000 * b + 150'000 * (kLast[2] - o);
                    if (distance(payment) < least) {
                        least = distance(payment);
                        best = {s, b, o};
                    }
                }
            }
        }
        return best;
    }

    void expect(std::int64_t current, Verdict verdict, const std::array<std::int64_t, kGrids> &place) {
        const Deal deal =
            deal_of("v1 annual_rate=0 term=1 equity=120000 current_payment=" + std::to_string(current / 100));
        const Deal *const deals[] = {&deal};
        Subsidy subsidy{};
        asked_to_stop = 0;
        const auto count = []() noexcept {
            ++asked_to_stop;
            return false;
        };
        ASSERT_TRUE(least_subsidy(deals, kPrice, rules, count, subsidy));
        ASSERT_EQ(subsidy.verdict, verdict) << current;
        EXPECT_EQ(
            compare(subsidy.terms.service_fee_rate, rules.grid(Concession::service_fee).value(place[0])), 0)
            << current;
        EXPECT_EQ(compare(subsidy.terms.bonus, rules.grid(Concession::bonus).value(place[1])), 0) << current;
        EXPECT_EQ(
            compare(subsidy.terms.opening_fee_rate, rules.grid(Concession::opening_fee).value(place[2])), 0)
            << current;
        asked += asked_to_stop;
    }

    int asked = 0; // to stop, by all searches
};

TEST(Subsidy, TheNearestOfManyThatPayTheSame) {
    RandomTerms random(13);
    RoundCase round;
    round.rules.max_change = {decimal(-99, 2), 1};
    for (int i = 0; i < 100; ++i) {
        /* On a payment of the grids, in the middle between two, and anywhere. */
        const std::int64_t current = i % 3 == 0   ? random.between(1'730, 2'090) * 10'000
                                     : i % 3 == 1 ? random.between(1'730, 2'090) * 10'000 + 5'000
                                                  : random.between(173'000, 209'000) * 100;
        round.expect(current, Verdict::change, RoundCase::first_of_least([&](std::int64_t payment) {
                         return std::abs(payment - current);
                     }));
    }
    /* It asks every 256 steps. Of all that pay the same it tries one, else it would ask 242 times. */
    EXPECT_LT(round.asked, 220);
}

/* A gate that the payments next to it fail by less than doubles can tell. */
TEST(Subsidy, TheFirstBesideAGateThatManyFailByNothing) {
    RandomTerms random(14);
    RoundCase round;
    constexpr std::int64_t kCurrent = 100'000'000; // so that a unit of the 15th decimal is a change of 10^-7
    for (int i = 0; i < 100; ++i) {
        const std::int64_t edge = random.between(1'760, 2'060) * 10'000;
        round.rules.max_change = {{(edge - kCurrent) * 10'000'000 - 1, 15}, 1};
        round.expect(kCurrent, Verdict::passes,
                     RoundCase::first_of_least([&](std::int64_t payment) { return payment < edge ? 0 : 1; }));
    }
}

/* Where nothing is said nothing is conceded: no figure but those of the deals. */
TEST(Subsidy, StandingRulesAreTheDealsOwn) {
    const Deal a =
        deal_of("v1 annual_rate=0.1 term=24 service_fee_rate=0.03 bonus=250 opening_fee_rate=0.015");
    const Deal b =
        deal_of("v1 annual_rate=0.1 term=12 service_fee_rate=0.03 bonus=250 opening_fee_rate=0.015");
    const Deal *const deals[] = {&a, &b, &a};
    const SubsidyRules rules = standing_rules(deals);
    ASSERT_EQ(rules.term_count, 2);
    EXPECT_EQ(rules.terms[0], 24);
    EXPECT_EQ(rules.terms[1], 12);
    EXPECT_EQ(rules.min_margin.present, 0);
    for (const Grid &grid : rules.grids) {
        EXPECT_EQ(grid.last, 0);
    }
    EXPECT_EQ(compare(rules.grid(Concession::service_fee).value(0), decimal(3, 2)), 0);
    EXPECT_EQ(compare(rules.grid(Concession::bonus).value(0), decimal(250)), 0);
    EXPECT_EQ(compare(rules.grid(Concession::opening_fee).value(0), decimal(15, 3)), 0);
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
    EXPECT_EQ(make_grid(Concession::bonus, decimal(0), decimal(1'000'000'000), decimal(1, 18)).error().kind,
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
