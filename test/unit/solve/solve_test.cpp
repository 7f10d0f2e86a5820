/*
 * Figures solved from payments against the formulas in 80 digits: the answer reaches the target, the value
 * next to it does not.
 */
#include <set>

#include "core/solve/solve.hpp"
#include "oracle.hpp"
#include "random_terms.hpp"
#include "support.hpp"

namespace tradeup {

namespace {

constexpr Figure kAll[] = {Figure::bonus, Figure::down_payment, Figure::service_fee, Figure::opening_fee,
                           Figure::rate,  Figure::term,         Figure::price};

struct Placed {
    Terms terms;
    std::int64_t price;
};

/* Terms and price with a figure in place; written a second time, over Int128. */
Placed placed(Figure figure, const Case &made, std::int64_t value) {
    Placed out{made.terms, made.price};
    const Decimal rate = {value, kSolvedRateScale};
    switch (figure) {
    case Figure::bonus:
        out.terms.bonus = {value, made.terms.minor_digits};
        break;
    case Figure::down_payment: {
        const Decimal equity = made.terms.equity;
        const std::int64_t scale = std::max<std::int64_t>(equity.scale, made.terms.minor_digits);
        const auto at = [&](Decimal d) {
            return Int128{d.coefficient} * kPowersOfTen[static_cast<std::size_t>(scale - d.scale)];
        };
        out.terms.equity = {static_cast<std::int64_t>(at(equity) + at({value, made.terms.minor_digits})),
                            scale};
        break;
    }
    case Figure::service_fee:
        out.terms.service_fee_rate = rate;
        break;
    case Figure::opening_fee:
        out.terms.opening_fee_rate = rate;
        break;
    case Figure::rate:
        out.terms.annual_rate = rate;
        break;
    case Figure::term:
        out.terms.term = static_cast<std::int32_t>(value);
        break;
    case Figure::price:
        out.price = value;
        break;
    }
    return out;
}

/* Whether what is placed reaches a payment or a change. */
bool reaches(const Placed &at, const Target &target) {
    const oracle::Deal deal(at.terms);
    const oracle::Offer offer = deal.offer(at.price);
    if (target.kind == TargetKind::payment) {
        return deal.minor(offer.payment) <= target.payment_minor;
    }
    const oracle::Real change = deal.deciding_change(offer.change);
    return change < oracle::real(target.change) || oracle::same(change, oracle::real(target.change));
}

int tier_at(const Placed &at) {
    const oracle::Deal deal(at.terms);
    return deal.tier(deal.offer(at.price));
}

oracle::Real payment_at(const Placed &at) {
    return oracle::Deal(at.terms).offer(at.price).payment;
}

/* Limits that keep every number of a case within 18 digits. */
FigureRange range_of(RandomTerms &random, Figure figure, const Case &made) {
    FigureRange range = figure_domain(figure, made.terms);
    switch (figure) {
    case Figure::bonus:
    case Figure::down_payment:
        range.highest = std::max<std::int64_t>(made.price * 2, 2);
        break;
    case Figure::price:
        range.highest = std::max<std::int64_t>(made.price * 3, 2);
        break;
    case Figure::rate:
        range.highest = 2'000'000;
        break;
    default:
        break;
    }
    if (random.one_in(3)) {
        range.lowest = random.between(range.lowest, range.highest);
    }
    if (random.one_in(3)) {
        range.highest = random.between(range.lowest, range.highest);
    }
    return range;
}

bool less_than_nothing(const Case &made) {
    const oracle::Deal deal(made.terms);
    return deal.repaid(deal.offer(made.price)) < -oracle::kSame;
}

bool fits(const Case &made) {
    return made.terms.equity.scale <= made.terms.minor_digits + 4;
}

struct Counts {
    int possible = 0;
    int impossible = 0;
    int standing = 0;
};

/* One random question about a payment or a change. */
void ask_payment(RandomTerms &random, const Case &made, Figure figure, Counts &counts) {
    const FigureRange range = range_of(random, figure, made);
    const Placed some = placed(figure, made, random.between(range.lowest, range.highest));
    const oracle::Deal deal(some.terms);
    const oracle::Offer offer = deal.offer(some.price);
    Target target{};
    target.kind = random.one_in(2) ? TargetKind::payment : TargetKind::change;
    if (target.kind == TargetKind::payment) {
        const auto minor = static_cast<std::int64_t>(deal.minor(offer.payment));
        target.payment_minor = std::max<std::int64_t>(0, minor + random.between(-1, 1));
        target.payment_minor = random.one_in(10) ? target.payment_minor / 10 : target.payment_minor;
    } else {
        const double change = std::clamp(offer.change.convert_to<double>(), -1.0, 9e5);
        const auto scale = static_cast<int>(random.between(0, 9));
        target.change = RandomTerms::cut(change + 1, scale);
        target.change.coefficient -= kPowersOfTen[static_cast<std::size_t>(target.change.scale)];
    }
    Solution solution{};
    const auto solved = solve(built(made.terms), made.price, figure, target, range, solution);
    ASSERT_TRUE(solved) << solved.error().message;
    if (!solution.defined) {
        ASSERT_TRUE(!solution.possible && less_than_nothing(made));
        return;
    }
    const std::int64_t value =
        solution.value.coefficient *
        kPowersOfTen[static_cast<std::size_t>(figure_scale(figure, made.terms) - solution.value.scale)];
    const Placed found = placed(figure, made, value);
    EXPECT_EQ(compare(found.terms.equity, solution.terms.equity), 0);
    EXPECT_EQ(found.price, solution.price_minor);
    EXPECT_EQ(payment_at({solution.terms, solution.price_minor}), payment_at(found));
    const bool falls =
        payment_at(placed(figure, made, range.highest)) < payment_at(placed(figure, made, range.lowest)) ||
        figure == Figure::term;
    const std::string what = std::string(figure_words(figure)) + " " + to_text(solution.value).text + " of " +
                             text_of(built(made.terms)) + " at " + std::to_string(made.price);
    if (solution.possible) {
        ++counts.possible;
        EXPECT_TRUE(reaches(found, target)) << what;
        if (falls && value > range.lowest) {
            EXPECT_FALSE(reaches(placed(figure, made, value - 1), target)) << what;
        }
        if (!falls && value < range.highest) {
            EXPECT_TRUE(payment_at(placed(figure, made, value + 1)) == payment_at(found) ||
                        !reaches(placed(figure, made, value + 1), target))
                << what;
        }
    } else {
        ++counts.impossible;
        EXPECT_FALSE(reaches(placed(figure, made, range.lowest), target)) << what;
        EXPECT_FALSE(reaches(placed(figure, made, range.highest), target)) << what;
        const bool same =
            payment_at(placed(figure, made, range.highest)) == payment_at(placed(figure, made, range.lowest));
        EXPECT_TRUE(same || value == (falls ? range.highest : range.lowest)) << what;
    }
}

/* One random question about a tier: the value is in it, and the next towards the standing one is not. */
void ask_tier(RandomTerms &random, const Case &made, Figure figure, Counts &counts) {
    if (made.terms.tier_count == 0) {
        return;
    }
    const FigureRange range = range_of(random, figure, made);
    Target target{};
    target.kind = TargetKind::tier;
    target.tier = static_cast<std::int32_t>(random.between(0, made.terms.tier_count - 1));
    Solution solution{};
    const auto solved = solve(built(made.terms), made.price, figure, target, range, solution);
    ASSERT_TRUE(solved) << solved.error().message;
    const Placed standing{made.terms, made.price};
    if (!solution.defined) {
        ASSERT_TRUE(less_than_nothing(made));
        return;
    }
    EXPECT_EQ(solution.standing, tier_at(standing) == target.tier);
    if (solution.standing) {
        ++counts.standing;
        return;
    }
    const std::int64_t value =
        solution.value.coefficient *
        kPowersOfTen[static_cast<std::size_t>(figure_scale(figure, made.terms) - solution.value.scale)];
    if (!solution.possible) {
        ++counts.impossible;
        for (int i = 0; i < 6; ++i) {
            const std::int64_t other = random.between(range.lowest, range.highest);
            EXPECT_NE(tier_at(placed(figure, made, other)), target.tier) << figure_words(figure) << other;
        }
        return;
    }
    ++counts.possible;
    EXPECT_EQ(tier_at(placed(figure, made, value)), target.tier);
    /* Towards the standing payment. */
    const oracle::Real here = payment_at(placed(figure, made, value));
    const oracle::Real there = payment_at(standing);
    for (const std::int64_t step : {-1, 1}) {
        if (value + step < range.lowest || value + step > range.highest) {
            continue;
        }
        const oracle::Real next = payment_at(placed(figure, made, value + step));
        if ((next - here) * (there - here) > 0 && abs(next - there) < abs(here - there)) {
            EXPECT_NE(tier_at(placed(figure, made, value + step)), target.tier) << figure_words(figure);
        }
    }
}

TEST(Solve, ReachesTheTargetAndTheNextValueDoesNot) {
    RandomTerms random(20260101);
    for (const Figure figure : kAll) {
        Counts counts;
        for (int i = 0; i < 1500; ++i) {
            const auto place = static_cast<Place>(i % 3);
            Case made = random.draw(place);
            random.add_windows(made);
            if (fits(made)) {
                ask_payment(random, made, figure, counts);
            }
        }
        EXPECT_GT(counts.possible, 200) << figure_words(figure);
        EXPECT_GT(counts.impossible, 20) << figure_words(figure);
    }
}

TEST(Solve, EntersTheTierAtItsNearestEdge) {
    RandomTerms random(20260102);
    for (const Figure figure : kAll) {
        Counts counts;
        for (int i = 0; i < 1500; ++i) {
            Case made = random.draw(static_cast<Place>(i % 3));
            random.add_windows(made);
            if (fits(made)) {
                ask_tier(random, made, figure, counts);
            }
        }
        EXPECT_GT(counts.possible, 20) << figure_words(figure);
        EXPECT_GT(counts.impossible, 20) << figure_words(figure);
        EXPECT_GT(counts.standing, 20) << figure_words(figure);
    }
}

/* Whether one more of a figure lowers the payment. */
bool lowers(Figure figure) {
    return figure == Figure::bonus || figure == Figure::down_payment || figure == Figure::term;
}

/* The answer is that of trying every value: the least, or the greatest, whose payment is up to the target. */
TEST(Solve, IsBruteForceForEveryKind) {
    const std::string rest = " equity=6000 service_fee_rate=0.01 opening_fee_rate=0.02 current_payment=480"
                             " trade_value=8000 customer_bonus=250 document_fee=85 sales_tax_rate=0.07";
    constexpr std::int64_t kPrice = 3'000'000;
    constexpr std::int64_t kTried = 400;
    for (const char *kind :
         {"annual_rate=0.069 term=48 kind=balloon residual_rate=0.38 sales_tax_base=difference",
          "annual_rate=0.04752 term=36 kind=lease residual_rate=0.58 acquisition_fee=595",
          "annual_rate=0.06 term=60 payment_frequency=biweekly first_payment_days=30",
          "annual_rate=0.06 term=60 payment_frequency=weekly first_payment_days=3"}) {
        const Case made{terms_of("v1 " + std::string(kind) + rest), kPrice, Place::anywhere};
        for (const Figure figure : kAll) {
            const FigureRange domain = figure_domain(figure, made.terms);
            /* About the middle of what is tried lies the answer. */
            const std::int64_t middle = figure == Figure::price          ? kPrice
                                        : figure == Figure::rate         ? 60'000
                                        : figure == Figure::bonus        ? 30'000
                                        : figure == Figure::down_payment ? 30'000
                                                                         : 20'000;
            FigureRange range{std::max(domain.lowest, middle - kTried / 2),
                              std::min(domain.highest, middle + kTried / 2)};
            range = figure == Figure::term ? FigureRange{12, 96} : range;
            const std::int64_t wanted =
                figure == Figure::term ? 41 : range.lowest + (range.highest - range.lowest) / 3;
            const Placed there = placed(figure, made, wanted);
            const oracle::Deal deal(there.terms);
            const oracle::Offer offer = deal.offer(there.price);
            const Target targets[] = {
                {TargetKind::payment, static_cast<std::int64_t>(deal.minor(offer.payment)), {}, 0},
                {TargetKind::change, 0, RandomTerms::cut(offer.change.convert_to<double>(), 9), 0}};
            for (const Target &target : targets) {
                Solution solution{};
                const auto solved = solve(built(made.terms), kPrice, figure, target, range, solution);
                ASSERT_TRUE(solved) << solved.error().message;
                std::int64_t best = -1;
                for (std::int64_t value = range.lowest; value <= range.highest; ++value) {
                    if (reaches(placed(figure, made, value), target) && (best < 0 || !lowers(figure))) {
                        best = value;
                    }
                }
                const std::int64_t scale = figure_scale(figure, made.terms) - solution.value.scale;
                ASSERT_TRUE(solution.possible) << figure_words(figure) << " " << kind;
                EXPECT_EQ(solution.value.coefficient * kPowersOfTen[static_cast<std::size_t>(scale)], best)
                    << figure_words(figure) << " " << kind;
                EXPECT_TRUE(range.lowest < best && best < range.highest) << figure_words(figure) << kind;
            }
        }
    }
}

TEST(Solve, PriceIsThatOfPriceForPayment) {
    const Deal deal =
        deal_of("v1 annual_rate=0.1949 term=48 equity=120000 current_payment=8000" + kReference);
    for (const std::int64_t payment : {150000, 900000, 900001, 5000000}) {
        Solution solution{};
        ASSERT_TRUE(solve(deal, 1, Figure::price, {TargetKind::payment, payment, {}, 0},
                          figure_domain(Figure::price, deal.terms), solution));
        const auto price = price_for_payment(deal, payment);
        EXPECT_EQ(solution.possible, *price >= 0);
        EXPECT_EQ(solution.price_minor, std::max<std::int64_t>(*price, 0));
    }
}

TEST(Solve, Errors) {
    const Deal deal = deal_of("v1 annual_rate=0.1 term=48");
    Solution solution{};
    const Target payment{TargetKind::payment, 100, {}, 0};
    EXPECT_EQ(solve(deal, 1, Figure::bonus, payment, {5, 4}, solution).error().kind, ErrorKind::bad_value);
    EXPECT_EQ(solve(deal, 1, Figure::term, payment, {0, 4}, solution).error().kind, ErrorKind::bad_value);
    EXPECT_EQ(solve(deal, 1, Figure::term, payment, {1, 481}, solution).error().kind, ErrorKind::bad_value);
    const Target change{TargetKind::change, 0, {}, 0};
    EXPECT_EQ(solve(deal, 1, Figure::bonus, change, {0, 4}, solution).error().kind, ErrorKind::bad_value);
    EXPECT_EQ(figure_named("colour").error().kind, ErrorKind::bad_value);
    EXPECT_EQ(*figure_named("annual_rate"), Figure::rate);
}

} // namespace

} // namespace tradeup
