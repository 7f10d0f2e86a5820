/*
 * Pairs, triples and co-visitation of a small shop against tables of exact integers and many digits; tails
 * of the hypergeometric distribution against exact integers; counts against plain loops.
 */
#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/multiprecision/cpp_int.hpp>
#include <gtest/gtest.h>

#include "core/bundles/baskets.hpp"
#include "core/bundles/covisitation.hpp"
#include "core/bundles/hypergeometric.hpp"
#include "core/bundles/measures.hpp"

#include "tables.hpp"

namespace tradeup {
namespace {

using Integer = boost::multiprecision::cpp_int;
using Real = boost::multiprecision::cpp_bin_float_100;

bool never() noexcept {
    return false;
}
bool always() noexcept {
    return true;
}

/* Baskets with numbered items, and what is in them. */
struct Mined {
    std::vector<BasketRow> rows;
    std::vector<std::uint32_t> n_of;
    std::size_t baskets = 0;
    std::vector<Pair> pairs;
    std::vector<std::uint32_t> counts;

    Mined(std::vector<BasketRow> given, std::size_t items, Universe universe)
        : rows(std::move(given)), n_of(items) {
        std::vector<std::uint64_t> scratch(rows.size());
        const auto kept = keep_universe(rows, scratch, universe, n_of, never);
        EXPECT_TRUE(kept);
        rows.resize(kept->rows);
        baskets = kept->baskets;
        pairs.resize(pairs_in(rows));
        EXPECT_TRUE(write_pairs(rows, pairs.data(), never));
        scratch.resize(pairs.size());
        counts.resize(pairs.size());
        const auto distinct = count_keys(pairs, scratch, 20, 20, counts.data(), never);
        EXPECT_TRUE(distinct);
        pairs.resize(*distinct);
        counts.resize(*distinct);
    }

    PairCounts pair(std::size_t i) const {
        return {static_cast<std::int64_t>(baskets), n_of[pairs[i] >> 32], n_of[item_of(pairs[i])], counts[i]};
    }
    std::size_t index_of(std::uint32_t a, std::uint32_t b) const {
        const Pair pair = Pair{a} << 32 | b;
        const auto found = std::lower_bound(pairs.begin(), pairs.end(), pair);
        EXPECT_TRUE(found != pairs.end() && *found == pair) << a << ' ' << b;
        return static_cast<std::size_t>(found - pairs.begin());
    }
};

/* The variants of the small shop are numbered by their ids, less this. */
constexpr std::uint32_t kFirstVariant = 7000000;

Mined small_shop(Universe universe) {
    static const std::vector<BasketRow> rows = [] {
        std::vector<BasketRow> made;
        for (const Row &line : table_at("bundles/small/orders")) {
            if (!line.text("variantId").empty() && line.number("lineItemQuantity") > 0) {
                made.push_back(
                    basket_row(static_cast<std::uint32_t>(line.number("order_id")),
                               static_cast<std::uint32_t>(line.number("variantId")) - kFirstVariant));
            }
        }
        return made;
    }();
    return {rows, 300, universe};
}
const Universe kTwoOrMore{2, SIZE_MAX};
const Universe kAll{1, SIZE_MAX};

std::uint32_t number_of(const Row &row, const char *column) {
    return static_cast<std::uint32_t>(row.number(column)) - kFirstVariant;
}

Tail tail_of(const PairCounts &pair) {
    std::vector<TwoDoubles> near_n(static_cast<std::size_t>(pair.n_ab % 2 == 0 ? 0 : pair.n / 2));
    const FisherTest test(static_cast<std::uint64_t>(pair.n), near_n);
    return test.upper_tail(test.marginal(static_cast<std::uint64_t>(pair.n_a)),
                           test.marginal(static_cast<std::uint64_t>(pair.n_b)),
                           static_cast<std::uint64_t>(pair.n_ab));
}

/* The tables' leverage and G squared are differences of nearly equal numbers in doubles: near in absolute
 * terms. */
void expect_close(double result, double expected, double tolerance, const std::string &what) {
    EXPECT_LE(std::abs(result - expected), tolerance * std::max(1.0, std::abs(expected)))
        << what << ": " << result << " for " << expected;
}

TEST(Baskets, SmallShopHasTheItemsOfTheTable) {
    const Mined two = small_shop(kTwoOrMore);
    const Mined all = small_shop(kAll);
    EXPECT_EQ(two.baskets, 2355U);
    EXPECT_EQ(all.baskets, 2988U);
    EXPECT_EQ(two.rows.size(), 7855U);
    std::size_t items = 0;
    for (const Row &row : table_at("bundles/small_items")) {
        const std::uint32_t item = number_of(row, "variant_id");
        EXPECT_EQ(two.n_of[item], row.number("n_multi"));
        EXPECT_EQ(all.n_of[item], row.number("n_all"));
        expect_near(ratio(two.n_of[item], 2355), row.number("support_multi"), 1e-15, row.text("variant_id"));
        ++items;
    }
    EXPECT_EQ(items, static_cast<std::size_t>(
                         std::count_if(all.n_of.begin(), all.n_of.end(), [](auto n) { return n > 0; })));
}

TEST(Pairs, SmallShopHasThePairsOfTheTable) {
    const Mined two = small_shop(kTwoOrMore);
    const Mined all = small_shop(kAll);
    const std::vector<Row> rows = table_at("bundles/small_pairs");
    ASSERT_EQ(two.pairs.size(), rows.size());
    ASSERT_EQ(all.pairs.size(), rows.size());
    std::vector<double> logs(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        logs[i] = tail_of(two.pair(i)).log_p;
    }
    std::vector<double> sorted = logs;
    std::vector<double> q(rows.size());
    ASSERT_TRUE(sort_logs(sorted, q, never));
    ASSERT_TRUE(std::is_sorted(sorted.begin(), sorted.end()));
    false_discovery_rates(sorted, static_cast<double>(rows.size()), q.data());
    int significant = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Row &row = rows[i];
        const std::string what = row.text("variant_a") + " " + row.text("variant_b");
        ASSERT_EQ(two.pairs[i], Pair{number_of(row, "variant_a")} << 32 | number_of(row, "variant_b"))
            << what;
        const PairCounts pair = two.pair(i);
        EXPECT_EQ(pair.n_a, row.number("n_a")) << what;
        EXPECT_EQ(pair.n_b, row.number("n_b")) << what;
        EXPECT_EQ(pair.n_ab, row.number("n_ab")) << what;
        expect_near(ratio(pair.n_ab, pair.n), row.number("support"), 1e-15, what);
        expect_near(ratio(pair.n_ab, pair.n_a), row.number("conf_ab"), 1e-15, what);
        expect_near(ratio(pair.n_ab, pair.n_b), row.number("conf_ba"), 1e-15, what);
        expect_near(lift(pair), row.number("lift"), 1e-15, what);
        expect_close(leverage(pair), row.number("leverage"), 1e-15, what);
        expect_close(g_squared(pair), row.number("g2"), 1e-12, what);
        const Tail tail = tail_of(pair);
        expect_near(tail.p, row.number("fisher_p_greater"), 1e-12, what);
        expect_close(tail.log_p / std::log(10.0), row.number("fisher_log10p"), 1e-13, what);
        const auto rank = std::lower_bound(sorted.begin(), sorted.end(), logs[i]) - sorted.begin();
        expect_near(q[static_cast<std::size_t>(rank)], row.number("fisher_q_bh"), 1e-11, what);
        significant += q[static_cast<std::size_t>(rank)] <= 0.05 ? 1 : 0;
        const PairCounts of_all = all.pair(i);
        EXPECT_EQ(of_all.n, row.number("n_all")) << what;
        EXPECT_EQ(of_all.n_a, row.number("n_a_all")) << what;
        EXPECT_EQ(of_all.n_b, row.number("n_b_all")) << what;
        EXPECT_EQ(of_all.n_ab, pair.n_ab) << what;
        expect_near(lift(of_all), row.number("lift_all"), 1e-15, what);
        expect_close(g_squared(of_all), row.number("g2_all"), 1e-12, what);
    }
    EXPECT_EQ(significant, 30);
}

TEST(Pairs, LargeShopHasTheMeasuresOfTheTable) {
    for (const Row &row : table_at("bundles/large_pairs")) {
        const PairCounts pair{
            static_cast<std::int64_t>(row.number("n")), static_cast<std::int64_t>(row.number("n_a")),
            static_cast<std::int64_t>(row.number("n_b")), static_cast<std::int64_t>(row.number("n_ab"))};
        const std::string what = row.text("variant_a") + " " + row.text("variant_b");
        expect_near(lift(pair), row.number("lift"), 1e-15, what);
        expect_close(g_squared(pair), row.number("g2"), 1e-12, what);
        if (!row.text("fisher_log10p").empty()) {
            const Tail tail = tail_of(pair);
            expect_close(tail.log_p / std::log(10.0), row.number("fisher_log10p"), 1e-11, what);
            expect_near(tail.p, row.number("fisher_p_greater"), 1e-11, what);
        }
    }
}

TEST(Triples, SmallShopHasTheTriplesOfTheTable) {
    const Mined two = small_shop(kTwoOrMore);
    std::vector<std::uint32_t> slots(PairIndex::slots_for(two.pairs.size()));
    const PairIndex index(two.pairs, slots);
    const auto count = write_triples(two.rows, index, two.pairs.size(), nullptr, never);
    ASSERT_TRUE(count);
    std::vector<std::uint64_t> triples(*count);
    ASSERT_TRUE(write_triples(two.rows, index, two.pairs.size(), triples.data(), never));
    std::vector<std::uint64_t> scratch(*count);
    std::vector<std::uint32_t> counts(*count);
    const auto distinct = count_keys(triples, scratch, 20, 20, counts.data(), never);
    ASSERT_TRUE(distinct);
    EXPECT_EQ(*distinct, 8987U);
    triples.resize(*distinct);
    std::size_t of_two = 0;
    for (std::size_t i = 0; i < *distinct; ++i) {
        of_two += counts[i] >= 2 ? 1 : 0;
    }
    std::size_t rows_of_two = 0;
    for (const Row &row : table_at("bundles/small_triples")) {
        const std::string what =
            row.text("variant_a") + " " + row.text("variant_b") + " " + row.text("variant_c");
        const std::uint32_t a = number_of(row, "variant_a");
        const std::uint32_t b = number_of(row, "variant_b");
        const std::uint32_t c = number_of(row, "variant_c");
        const std::size_t ab = two.index_of(a, b);
        const std::uint64_t key = std::uint64_t{ab} << 32 | c;
        const auto found = std::lower_bound(triples.begin(), triples.end(), key);
        ASSERT_TRUE(found != triples.end() && *found == key) << what;
        const auto n_abc =
            static_cast<std::int64_t>(counts[static_cast<std::size_t>(found - triples.begin())]);
        const TripleCounts triple{static_cast<std::int64_t>(two.baskets),
                                  two.n_of[a],
                                  two.n_of[b],
                                  two.n_of[c],
                                  two.counts[ab],
                                  two.counts[two.index_of(a, c)],
                                  two.counts[two.index_of(b, c)],
                                  n_abc};
        EXPECT_EQ(triple.n, row.number("n")) << what;
        EXPECT_EQ(triple.n_ab, row.number("n_ab")) << what;
        EXPECT_EQ(triple.n_ac, row.number("n_ac")) << what;
        EXPECT_EQ(triple.n_bc, row.number("n_bc")) << what;
        EXPECT_EQ(triple.n_abc, row.number("n_abc")) << what;
        expect_near(lift({triple.n, triple.n_a, triple.n_bc, n_abc}), row.number("lift_a_bc"), 1e-15, what);
        expect_near(lift({triple.n, triple.n_b, triple.n_ac, n_abc}), row.number("lift_b_ac"), 1e-15, what);
        expect_near(lift({triple.n, triple.n_c, triple.n_ab, n_abc}), row.number("lift_c_ab"), 1e-15, what);
        expect_near(mutual_lift(triple), row.number("lift_mutual"), 1e-15, what);
        rows_of_two += n_abc >= 2 ? 1 : 0;
    }
    EXPECT_EQ(rows_of_two, of_two);
}

TEST(Covisitation, SmallShopHasTheCosinesOfTheTable) {
    const Mined all = small_shop(kAll);
    std::vector<std::vector<Neighbour>> neighbours(300);
    for (std::size_t i = 0; i < all.pairs.size(); ++i) {
        const auto a = static_cast<std::uint32_t>(all.pairs[i] >> 32);
        const std::uint32_t b = item_of(all.pairs[i]);
        neighbours[a].push_back({b, lift(all.pair(i))});
        neighbours[b].push_back({a, lift(all.pair(i))});
    }
    for (auto &list : neighbours) {
        std::sort(list.begin(), list.end(), [](auto x, auto y) { return x.item < y.item; });
    }
    for (const Row &row : table_at("bundles/small_covisitation")) {
        expect_near(cosine(neighbours[number_of(row, "variant_a")], neighbours[number_of(row, "variant_b")]),
                    row.number("cosine"), 1e-14, row.text("variant_a") + " " + row.text("variant_b"));
    }
    EXPECT_EQ(cosine({}, neighbours[1]), 0);
}

Real log_of_factorial(unsigned n) {
    Real sum = 0;
    for (unsigned i = 2; i <= n; ++i) {
        sum += log(Real(i));
    }
    return sum;
}

TEST(LogFactorial, IsRightBeyondDoubles) {
    Real sum = 0;
    for (unsigned n = 1; n <= 20000; ++n) {
        sum += log(Real(n));
        const TwoDoubles found = log_factorial(n);
        EXPECT_LE(abs(Real(found.high) + found.low - sum), pow(Real(2), -65) + n * pow(Real(2), -76)) << n;
    }
    for (const std::uint64_t n : {178292UL, 2147483647UL, 2147483648UL}) {
        const TwoDoubles found = log_factorial(n);
        const Real exact = lgamma(Real(n) + 1);
        EXPECT_LE(abs(Real(found.high) + found.low - exact), pow(Real(2), -65) + n * pow(Real(2), -76)) << n;
    }
    EXPECT_EQ(log_factorial(0).high, 0);
}

/* C(n, k). */
Integer choices(unsigned n, unsigned k) {
    Integer result = 1;
    for (unsigned i = 1; i <= k; ++i) {
        result = result * (n - k + i) / i;
    }
    return result;
}

TEST(FisherTest, IsTheSumOfExactIntegers) {
    std::mt19937 random(20251120);
    const auto upto = [&](unsigned most) { return std::uniform_int_distribution<unsigned>(0, most)(random); };
    for (int round = 0; round < 3000; ++round) {
        const unsigned n = 1 + upto(round % 2 == 0 ? 30 : 3000);
        const unsigned n_a = upto(round % 3 == 0 ? std::min(n, 20U) : n);
        const unsigned n_b = upto(round % 5 == 0 ? std::min(n, 20U) : n);
        const unsigned least = n_a + n_b > n ? n_a + n_b - n : 0;
        const unsigned most = std::min(n_a, n_b);
        const unsigned both = least + upto(most - least);
        Integer ways = 0;
        Integer term = choices(n_a, both) * choices(n - n_a, n_b - both);
        for (unsigned k = both; k <= most; ++k) {
            ways += term;
            if (k < most) {
                term = term * (n_a - k) * (n_b - k) / (Integer(k + 1) * (n + k + 1 - n_a - n_b));
            }
        }
        const Real exact = Real(ways) / Real(choices(n, n_b));
        const Real exact_log = log(exact);
        const Tail found = tail_of({n, n_a, n_b, both});
        const std::string what = std::to_string(n) + " " + std::to_string(n_a) + " " + std::to_string(n_b) +
                                 " " + std::to_string(both);
        if (exact > Real("1e-307")) {
            EXPECT_LE(abs(found.p - exact), exact * 1e-13) << what;
        } else {
            EXPECT_LT(found.p, 1e-306) << what;
        }
        EXPECT_LE(abs(found.log_p - exact_log), abs(exact_log) * 1e-13 + 1e-85)
            << what << ": " << found.log_p;
    }
}

TEST(FisherTest, HasPOneWhereItCannotBeLess) {
    EXPECT_EQ(tail_of({10, 3, 4, 0}).p, 1);
    EXPECT_EQ(tail_of({10, 7, 8, 5}).p, 1);
    EXPECT_EQ(tail_of({10, 7, 8, 5}).log_p, 0);
    EXPECT_EQ(tail_of({1, 1, 1, 1}).p, 1);
}

TEST(GSquared, IsTheSumOfItsDefinition) {
    std::mt19937 random(1);
    for (int round = 0; round < 3000; ++round) {
        const auto upto = [&](std::int64_t most) {
            return std::uniform_int_distribution<std::int64_t>(0, most)(random);
        };
        const std::int64_t n = 1 + upto(round % 2 == 0 ? 50 : 2000000);
        const std::int64_t n_a = upto(n);
        const std::int64_t n_b = upto(n);
        const std::int64_t least = std::max<std::int64_t>(0, n_a + n_b - n);
        const std::int64_t n_ab = least + upto(std::min(n_a, n_b) - least);
        const auto cell = [&](std::int64_t seen, std::int64_t row, std::int64_t column) -> Real {
            return seen == 0 ? Real(0) : Real(seen) * log(Real(seen) * n / (Real(row) * column));
        };
        const Real exact =
            2 * (cell(n_ab, n_a, n_b) + cell(n_a - n_ab, n_a, n - n_b) + cell(n_b - n_ab, n - n_a, n_b) +
                 cell(n - n_a - n_b + n_ab, n - n_a, n - n_b));
        EXPECT_LE(abs(g_squared({n, n_a, n_b, n_ab}) - exact), Real(n) * 1e-15)
            << n << ' ' << n_a << ' ' << n_b << ' ' << n_ab;
    }
}

TEST(FalseDiscovery, CountsTestsThatAreNotThere) {
    std::vector<double> logs{std::log(0.01), std::log(0.02), std::log(0.03), -1000};
    std::vector<double> q(4);
    ASSERT_TRUE(sort_logs(logs, q, never));
    false_discovery_rates(logs, 10, q.data());
    EXPECT_EQ(q[0], 0);
    EXPECT_NEAR(q[1], 0.05, 1e-15);
    EXPECT_NEAR(q[2], 20.0 / 300, 1e-15);
    EXPECT_NEAR(q[3], 0.075, 1e-15);
    EXPECT_FALSE(sort_logs(logs = {0, -1}, q, always));
    /* p is beyond doubles, q is not. */
    std::vector<double> tiny{-710 * 1.0};
    false_discovery_rates(tiny, 1e6, q.data());
    EXPECT_NEAR(q[0] / std::exp(-710 + std::log(1e6)), 1, 1e-12);
}

TEST(Baskets, AreCountedAsByPlainLoops) {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        const auto upto = [&](unsigned most) {
            return std::uniform_int_distribution<unsigned>(0, most)(random);
        };
        std::map<unsigned, std::set<unsigned>> baskets;
        std::vector<BasketRow> rows;
        for (unsigned i = upto(300); i > 0; --i) {
            const unsigned basket = upto(40);
            const unsigned item = upto(12);
            baskets[basket].insert(item);
            rows.push_back(basket_row(basket, item));
        }
        const Universe universe{1 + upto(1), 2 + upto(10)};
        const Mined mined(rows, 13, universe);
        std::map<std::pair<unsigned, unsigned>, unsigned> pairs;
        std::map<std::tuple<unsigned, unsigned, unsigned>, unsigned> triples;
        std::vector<std::uint32_t> n_of(13);
        std::size_t kept = 0;
        for (const auto &[number, items] : baskets) {
            if (items.size() < universe.fewest_items || items.size() > universe.most_items) {
                continue;
            }
            ++kept;
            for (const unsigned a : items) {
                ++n_of[a];
                for (const unsigned b : items) {
                    pairs[{a, b}] += a < b ? 1 : 0;
                    for (const unsigned c : items) {
                        triples[{a, b, c}] += a < b && b < c ? 1 : 0;
                    }
                }
            }
        }
        std::erase_if(pairs, [](const auto &entry) { return entry.second == 0; });
        EXPECT_EQ(mined.baskets, kept);
        EXPECT_EQ(mined.n_of, n_of);
        ASSERT_EQ(mined.pairs.size(), pairs.size());
        std::size_t i = 0;
        for (const auto &[pair, count] : pairs) {
            EXPECT_EQ(mined.pairs[i], Pair{pair.first} << 32 | pair.second);
            EXPECT_EQ(mined.counts[i++], count);
        }
        std::vector<Pair> often;
        const unsigned least = 1 + upto(3);
        for (std::size_t j = 0; j < mined.pairs.size(); ++j) {
            if (mined.counts[j] >= least) {
                often.push_back(mined.pairs[j]);
            }
        }
        std::vector<std::uint32_t> slots(PairIndex::slots_for(often.size()));
        const PairIndex index(often, slots);
        std::vector<std::uint64_t> found(*write_triples(mined.rows, index, often.size(), nullptr, never));
        ASSERT_TRUE(write_triples(mined.rows, index, often.size(), found.data(), never));
        std::map<std::tuple<unsigned, unsigned, unsigned>, unsigned> counted;
        for (const std::uint64_t key : found) {
            ++counted[{static_cast<unsigned>(often[key >> 32] >> 32), item_of(often[key >> 32]),
                       item_of(key)}];
        }
        for (const auto &[triple, count] : triples) {
            if (count >= least) {
                EXPECT_EQ(counted[triple], count);
            }
        }
    }
}

TEST(Baskets, EndWhenAsked) {
    std::vector<BasketRow> rows{basket_row(1, 1), basket_row(0, 2), basket_row(0, 1)};
    std::vector<BasketRow> scratch(3);
    std::vector<std::uint32_t> n_of(3);
    EXPECT_EQ(keep_universe(rows, scratch, kAll, n_of, always).error().kind, ErrorKind::cancelled);
    ASSERT_TRUE(keep_universe(rows, scratch, kAll, n_of, never));
    std::vector<Pair> pairs(1);
    EXPECT_EQ(write_pairs(rows, pairs.data(), always).error().kind, ErrorKind::cancelled);
    std::vector<std::uint32_t> slots(PairIndex::slots_for(1));
    ASSERT_TRUE(write_pairs(rows, pairs.data(), never));
    const PairIndex index(pairs, slots);
    EXPECT_EQ(write_triples(rows, index, 1, nullptr, always).error().kind, ErrorKind::cancelled);
}

TEST(Lift, OfThreeThings) {
    EXPECT_EQ(mutual_lift({8, 4, 4, 4, 2, 2, 2, 1}), 1);
    EXPECT_EQ(log_of_factorial(1), 0);
}

} // namespace
} // namespace tradeup
