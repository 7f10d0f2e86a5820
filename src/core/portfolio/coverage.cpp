/*
 * Stretches of customers' offers as differences along a list, and their running sums.
 */
#include "core/portfolio/coverage.hpp"

#include <algorithm>
#include <vector>

#include "core/portfolio/margins.hpp"
#include "core/portfolio/stretches.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* The stretches of one customer, each price once. */
struct Union {
    std::span<Stretch> room;
    std::size_t count;

    void add(Stretch added) noexcept {
        if (added.first < added.last) {
            room[count++] = added;
        }
    }

    /* Leaves stretches that do not touch. */
    std::span<const Stretch> merged() noexcept {
        std::sort(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(count),
                  [](Stretch a, Stretch b) { return a.first < b.first; });
        std::size_t kept = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (kept > 0 && room[i].first <= room[kept - 1].last) {
                room[kept - 1].last = std::max(room[kept - 1].last, room[i].last);
            } else {
                room[kept++] = room[i];
            }
        }
        return room.first(kept);
    }
};

constexpr std::size_t kAskEvery = 1024;

} // namespace

Result<bool> cover_offers(const Profile &profile, const DealPlan &plan, std::span<Coverage> coverage,
                          StopAsked stop) noexcept {
    const Searched searched{profile.prices, profile.index};
    const std::size_t places = profile.prices.size() + 1;
    for (std::size_t b = 0; b < profile.buyer_count; ++b) {
        if (b % kAskEvery == 0 && stop()) {
            return tl::unexpected(stopped());
        }
        const Figures own = figures_of(profile.buyers[b], plan.terms.minor_digits);
        RulePlaces rules{};
        const auto put = [&](std::int64_t tier, Stretch stretch) {
            if (stretch.first >= stretch.last) {
                return;
            }
            const auto row = static_cast<std::size_t>(tier == kNoTier ? plan.terms.tier_count : tier);
            Coverage &first = coverage[row * places + stretch.first];
            Coverage &last = coverage[row * places + stretch.last];
            ++first.offers;
            first.equity_whole += own.equity_whole;
            first.equity_part += own.equity_part;
            --last.offers;
            last.equity_whole -= own.equity_whole;
            last.equity_part -= own.equity_part;
        };
        const Result<bool> done = cut_stretches(searched, plan, own, rules, put);
        if (!done) {
            return done;
        }
    }
    return true;
}

void add_to_groups(std::span<const Coverage> coverage, Prices prices, std::span<const std::int32_t> groups,
                   std::span<GroupTotals> totals) noexcept {
    Coverage here{};
    for (std::size_t i = 0; i < prices.size(); ++i) {
        here.offers += coverage[i].offers;
        here.equity_whole += coverage[i].equity_whole;
        here.equity_part += coverage[i].equity_part;
        if (here.offers == 0) {
            continue;
        }
        GroupTotals &group = totals[static_cast<std::size_t>(groups[i])];
        group.offers += here.offers;
        group.price_sum += Int128{here.offers} * prices[i];
        group.equity_whole += here.equity_whole;
        group.equity_part += here.equity_part;
    }
}

namespace {

Spread margin_of(const Terms &terms) {
    return spread(terms, [](const Formula<Ratio> &formula) { return formula.margin(); });
}

bool same(const Ratio &a, const Ratio &b) {
    return a.numerator * b.denominator == b.numerator * a.denominator;
}

} // namespace

Result<bool> same_margins(const Terms &a, const Terms &b) noexcept {
    if (a.minor_digits != b.minor_digits) {
        return false;
    }
    if (same_but_for_the_loan(a, b)) {
        return true;
    }
    return guarded([&]() -> Result<bool> {
        const Spread one = margin_of(a);
        const Spread other = margin_of(b);
        return same(one.slope, other.slope) && same(one.intercept, other.intercept) &&
               same(one.per_equity, other.per_equity);
    });
}

Result<bool> sum_margins(std::span<const MarginPart> parts, std::span<std::int64_t> margins) noexcept {
    return guarded([&]() -> Result<bool> {
        std::vector<Spread> spreads;
        for (const MarginPart &part : parts) {
            spreads.push_back(margin_of(*part.terms));
        }
        for (std::size_t group = 0; group < margins.size(); ++group) {
            Ratio total{};
            for (std::size_t i = 0; i < parts.size(); ++i) {
                if (parts[i].totals[group].offers > 0) {
                    total = reduced(total + sum_of_margins(spreads[i], parts[i].totals[group]));
                }
            }
            const Result<std::int64_t> margin =
                narrowed(round_ratio(total.numerator, total.denominator, Rounding::half_up));
            if (!margin) {
                return tl::unexpected(margin.error());
            }
            margins[group] = *margin;
        }
        return true;
    });
}

Result<bool> reach_prices(const Profile &profile, std::span<Reach> reach, std::span<Stretch> room,
                          StopAsked stop) noexcept {
    const Searched searched{profile.prices, profile.index};
    Union any{room.first(room.size() / 2), 0};
    Union tiered{room.last(room.size() / 2), 0};
    for (std::size_t b = 0; b < profile.buyer_count && profile.plan_count > 0; ++b) {
        if (b % kAskEvery == 0 && stop()) {
            return tl::unexpected(stopped());
        }
        const Figures own = figures_of(profile.buyers[b], profile.plans[0].terms.minor_digits);
        RulePlaces rules{};
        any.count = 0;
        tiered.count = 0;
        for (std::size_t p = 0; p < profile.plan_count; ++p) {
            const auto put = [&](std::int64_t tier, Stretch stretch) {
                any.add(stretch);
                if (tier != kNoTier) {
                    tiered.add(stretch);
                }
            };
            const Result<bool> done = cut_stretches(searched, profile.plans[p], own, rules, put);
            if (!done) {
                return done;
            }
        }
        for (const Stretch &stretch : any.merged()) {
            ++reach[stretch.first].customers;
            --reach[stretch.last].customers;
        }
        for (const Stretch &stretch : tiered.merged()) {
            ++reach[stretch.first].in_tier;
            --reach[stretch.last].in_tier;
        }
    }
    return true;
}

} // namespace tradeup
