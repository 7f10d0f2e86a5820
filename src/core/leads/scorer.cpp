/*
 * Scorers: compiled, and what their numbers make of evidence.
 */
#include "core/leads/scorer.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/leads/special.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

using Stressors = std::span<const StressorParts>;

Result<bool> check_numbers(const ScorerParts &parts) noexcept {
    /* Those of a model have the same bounds; with them no variance of a risk overflows. */
    constexpr double kMostAlpha = 20;
    constexpr double kMostGamma = 5;
    if (!(std::abs(parts.alpha) <= kMostAlpha)) {
        return tl::unexpected(with_detail(make_error(ErrorKind::bad_value, "alpha must be from -20 to 20"),
                                          "It is %.15g.", parts.alpha));
    }
    if (!(parts.gamma > 0 && parts.gamma <= kMostGamma)) {
        return tl::unexpected(
            with_detail(make_error(ErrorKind::bad_value, "gamma must be above 0 and at most 5"),
                        "It is %.15g.", parts.gamma));
    }
    return check_beta(parts.rate);
}

Result<bool> check_stressor(const StressorParts &stressor) noexcept {
    for (const LogRatio &ratio : {stressor.ratios.present, stressor.ratios.absent}) {
        constexpr double kMostWeight = 1e4;
        if (!(std::abs(ratio.log) <= kMostWeight && ratio.variance >= 0 && ratio.variance <= kMostWeight)) {
            return tl::unexpected(with_detail(
                make_error(ErrorKind::bad_value, "weights must be at most 10000"),
                "Stressor \"%.*s\" has a weight of %.15g with a variance of %.15g.",
                shown_bytes(stressor.name, kMostNameBytes), stressor.name.data(), ratio.log, ratio.variance));
        }
    }
    if (const Result<bool> right = check_name(stressor.name, "stressor"); !right) {
        return right;
    }
    return stressor.group.empty() ? Result<bool>(true) : check_name(stressor.group, "dependence group");
}

/* The positions of enabled stressors of the same group. */
Positions group_of(Stressors stressors, std::size_t at) noexcept {
    Positions set = 0;
    for (std::size_t i = 0; i < stressors.size(); ++i) {
        if (stressors[i].enabled && stressors[i].group == stressors[at].group) {
            set |= bit_of(static_cast<int>(i));
        }
    }
    return set;
}

/* The sets of positions of groups with several enabled stressors. */
std::size_t group_sets(Stressors stressors, Positions (&sets)[kMostStressors / 2]) noexcept {
    std::size_t count = 0;
    for (std::size_t i = 0; i < stressors.size(); ++i) {
        if (stressors[i].group.empty() || !stressors[i].enabled) {
            continue;
        }
        const Positions set = group_of(stressors, i);
        if (std::popcount(set) > 1 && std::countr_zero(set) == static_cast<int>(i)) {
            sets[count++] = set;
        }
    }
    return count;
}

std::size_t names_size(Stressors stressors) noexcept {
    std::size_t size = 0;
    for (const StressorParts &stressor : stressors) {
        size += stressor.name.size() + stressor.group.size();
    }
    return size;
}

/*
 * The polygamma functions of order 2 and 3 of numbers above 0, by recurrence to
 * an x from which the asymptotic series holds (M. Abramowitz, I. A. Stegun, Handbook, 6.4.6 and 6.4.11).
 * Those of Boost.Math keep tables that allocate when the library is loaded, where no failure can be caught.
 */
struct Polygammas {
    Wide second;
    Wide third;
};
Polygammas polygammas(Wide x) noexcept {
    constexpr Wide kFar = 20;
    constexpr Wide kBernoulli[] = {1.0L / 6,  -1.0L / 30,     1.0L / 42, -1.0L / 30,
                                   5.0L / 66, -691.0L / 2730, 7.0L / 6,  -3617.0L / 510};
    Polygammas sum{0, 0};
    while (x < kFar) {
        sum.second -= 2 / (x * x * x);
        sum.third += 6 / (x * x * x * x);
        x += 1;
    }
    const Wide square = x * x;
    Wide second = (1 + 1 / x) / square;
    Wide third = (2 + 3 / x) / (square * x);
    Wide power = square;
    Wide order = 2;
    for (const Wide bernoulli : kBernoulli) {
        power *= square;
        second += bernoulli * (order + 1) / power;
        third += bernoulli * (order + 1) * (order + 2) / (power * x);
        order += 2;
    }
    return {sum.second - second, sum.third + third};
}

} // namespace

Cumulants cumulants_of(BetaRate rate) noexcept {
    const Wide a = rate.a;
    const Wide b = rate.b;
    const Polygammas of_a = polygammas(a);
    const Polygammas of_b = polygammas(b);
    return {static_cast<double>(boost::math::digamma(a, kQuiet) - boost::math::digamma(b, kQuiet)),
            static_cast<double>(boost::math::trigamma(a, kQuiet) + boost::math::trigamma(b, kQuiet)),
            static_cast<double>(of_a.second - of_b.second), static_cast<double>(of_a.third + of_b.third)};
}

Result<bool> check_name(std::string_view name, const char *what) noexcept {
    const bool whole = std::all_of(name.begin(), name.end(), [](char c) {
        return static_cast<unsigned char>(c) > ' ' && c != '=' && c != '"' && c != '\x7F';
    });
    if (!whole || name.empty() || name.size() > kMostNameBytes) {
        return tl::unexpected(with_hint(
            with_detail(
                make_error(ErrorKind::bad_value, "name of a %s must be 1 to 63 bytes without blanks", what),
                "It is \"%.*s\".", shown_bytes(name, kMostNameBytes), name.data()),
            "The signs = and \" are not allowed either, because evidence is written as name=state."));
    }
    return true;
}

/* FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo), with a zero byte behind each name. */
std::uint32_t fingerprint_of(Stressors stressors) noexcept {
    std::uint32_t hash = 2166136261U;
    const auto add = [&hash](unsigned char byte) { hash = (hash ^ byte) * 16777619U; };
    for (const StressorParts &stressor : stressors) {
        for (const char c : stressor.name) {
            add(static_cast<unsigned char>(c));
        }
        add(0);
    }
    return hash == kNoList ? 1 : hash;
}

Result<std::size_t> scorer_size(const ScorerParts &parts) noexcept {
    if (const Result<bool> right = check_numbers(parts); !right) {
        return tl::unexpected(right.error());
    }
    const Stressors stressors = parts.stressors;
    if (stressors.size() > kMostStressors) {
        return tl::unexpected(
            with_detail(make_error(ErrorKind::bad_value, "a model has at most 64 stressors"), "It has %zu.",
                        stressors.size()));
    }
    for (std::size_t i = 0; i < stressors.size(); ++i) {
        if (const Result<bool> right = check_stressor(stressors[i]); !right) {
            return tl::unexpected(right.error());
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (stressors[j].name == stressors[i].name) {
                return tl::unexpected(
                    with_detail(make_error(ErrorKind::bad_value, "stressors must have different names"),
                                "Two are \"%.*s\".", static_cast<int>(stressors[i].name.size()),
                                stressors[i].name.data()));
            }
        }
    }
    Positions sets[kMostStressors / 2];
    return sizeof(RiskScorer) + stressors.size() * sizeof(ScorerStressor) +
           group_sets(stressors, sets) * sizeof(Positions) + names_size(stressors);
}

void build_scorer(const ScorerParts &parts, RiskScorer &scorer) noexcept {
    const Stressors stressors = parts.stressors;
    Positions sets[kMostStressors / 2];
    scorer.format = kScorerFormat;
    scorer.fingerprint = fingerprint_of(stressors);
    scorer.count = static_cast<std::uint32_t>(stressors.size());
    scorer.groups = static_cast<std::uint32_t>(group_sets(stressors, sets));
    scorer.names_size = static_cast<std::uint32_t>(names_size(stressors));
    scorer.known = parts.known ? 1 : 0;
    scorer.rate = parts.rate;
    scorer.logit = cumulants_of(parts.rate);
    scorer.alpha = parts.alpha + 0;
    scorer.gamma = parts.gamma;
    scorer.base = static_cast<double>(parts.alpha + (std::log(static_cast<Wide>(parts.rate.a)) -
                                                     std::log(static_cast<Wide>(parts.rate.b))));
    for (std::uint32_t i = 0; i < scorer.groups; ++i) {
        scorer.group_sets()[i] = sets[i];
        scorer.grouped |= sets[i];
    }
    std::uint32_t written = 0;
    const auto put = [&](std::string_view name) {
        std::copy(name.begin(), name.end(), scorer.names() + written);
        const std::uint32_t at = written;
        written += static_cast<std::uint32_t>(name.size());
        return at;
    };
    for (std::size_t i = 0; i < stressors.size(); ++i) {
        const StressorParts &stressor = stressors[i];
        scorer.enabled |= stressor.enabled ? bit_of(static_cast<int>(i)) : 0;
        ScorerStressor &stored = scorer.stressors()[i];
        /* Adding 0 makes 0 of -0, which is written as nothing. */
        stored.weight[0] = stressor.ratios.present.log + 0;
        stored.weight[1] = stressor.ratios.absent.log + 0;
        stored.variance[0] = stressor.ratios.present.variance + 0;
        stored.variance[1] = stressor.ratios.absent.variance + 0;
        stored.counting[1] = stressor.enabled ? stored.weight[0] : 0;
        stored.counting[2] = stressor.enabled ? stored.weight[1] : 0;
        stored.name_at = put(stressor.name);
        stored.name_size = static_cast<std::uint16_t>(stressor.name.size());
        stored.group_at = put(stressor.group);
        stored.group_size = static_cast<std::uint16_t>(stressor.group.size());
        stored.assumed = stressor.assumed ? 1 : 0;
    }
}

bool is_scorer(const RiskScorer &scorer, std::size_t size) noexcept {
    return scorer.format == kScorerFormat && scorer.count <= kMostStressors &&
           scorer.groups <= kMostStressors / 2 &&
           size == sizeof(RiskScorer) + scorer.count * sizeof(ScorerStressor) +
                       scorer.groups * sizeof(Positions) + scorer.names_size;
}

Error wrong_list(const RiskScorer &scorer, const Evidence &evidence) noexcept {
    if (evidence.fingerprint != scorer.fingerprint && evidence.fingerprint != kNoList) {
        return with_hint(
            with_detail(make_error(ErrorKind::bad_value, "evidence belongs to another list of stressors"),
                        "Its list is %x, that of the scorer %x.", evidence.fingerprint, scorer.fingerprint),
            "Observe the vehicle again for this version of the model.");
    }
    return with_detail(
        make_error(ErrorKind::bad_value, "evidence names a stressor that the scorer does not have"),
        "It knows position %d, the last of the scorer is %u.",
        kMostStressors - std::countl_zero(evidence.known()), scorer.count);
}

Positions strongest(const RiskScorer &scorer, const Evidence &evidence) noexcept {
    Positions winners = 0;
    for (std::uint32_t i = 0; i < scorer.groups; ++i) {
        double largest = -1;
        Positions winner = 0;
        for_each_position(evidence.known() & scorer.group_sets()[i], [&](int at) {
            const double magnitude = std::abs(weight_of(scorer, evidence, at).log);
            if (magnitude > largest) {
                largest = magnitude;
                winner = bit_of(at);
            }
        });
        winners |= winner;
    }
    return winners;
}

int strongest_stressor(const RiskScorer &scorer, const Evidence &evidence) noexcept {
    double most = 0;
    int found = -1;
    for_each_position(counted(scorer, evidence), [&](int at) {
        const double weight = weight_of(scorer, evidence, at).log;
        if (weight > most) {
            most = weight;
            found = at;
        }
    });
    return found;
}

void explain(const RiskScorer &scorer, const Evidence &evidence,
             ExplainedStressor (&explained)[kMostStressors]) noexcept {
    const Positions counting = counted(scorer, evidence);
    double sum = 0;
    for (int at = 0; at < static_cast<int>(scorer.count); ++at) {
        const bool known = (evidence.known() & bit_of(at)) != 0;
        const bool counts = (counting & bit_of(at)) != 0;
        const double weight = known ? weight_of(scorer, evidence, at).log : 0;
        sum += counts ? weight : 0;
        explained[at] = {weight, counts, sigmoid(scorer.base + scorer.gamma * sum)};
    }
}

} // namespace tradeup
