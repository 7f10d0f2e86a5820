/*
 * The list form of tiers, one reader and one writer.
 */
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "core/base/words.hpp"
#include "core/deal/terms.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* A few bytes less than there is room for, as the tables and messages say. */
constexpr std::size_t kLongestName = 39;

constexpr std::string_view kSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) noexcept {
    const std::size_t from = text.find_first_not_of(kSpace);
    if (from == std::string_view::npos) {
        return {};
    }
    return text.substr(from, text.find_last_not_of(kSpace) - from + 1);
}

Error malformed(std::string_view list) noexcept {
    return with_hint(with_detail(make_error(ErrorKind::bad_text, "malformed list of tiers"),
                                 "The list is \"%.*s\".", shown_bytes(list, 180), list.data()),
                     "Write names with intervals of payment changes, as in %s.", kDefaultTiers.data());
}

Error bad_tier(std::string_view name, const char *why) noexcept {
    return with_detail(make_error(ErrorKind::bad_value, "%s", why), "The tier is \"%.*s\".",
                       shown_bytes(name, 100), name.data());
}

static_assert(kLongestName == 39 && kMaxTiers == 8 && kFarthestTierBound == 1'000'000, "as messages say");

bool too_far(const TierBound &bound) noexcept {
    return compare(bound.change, decimal(kFarthestTierBound)) > 0 ||
           compare(bound.change, decimal(-kFarthestTierBound)) < 0;
}

Result<TierBound> parse_bound(std::string_view text, bool inclusive) noexcept {
    const std::string_view number = trimmed(text);
    if (number.empty()) {
        return TierBound{};
    }
    const Result<Decimal> change = parse_decimal(number);
    if (!change) {
        return tl::unexpected(change.error());
    }
    return TierBound{*change, 1, inclusive ? 1 : 0};
}

bool holds_nothing(const Tier &tier) noexcept {
    if (!tier.lower.present || !tier.upper.present) {
        return false;
    }
    const int order = compare(tier.lower.change, tier.upper.change);
    return order > 0 || (order == 0 && !(tier.lower.inclusive && tier.upper.inclusive));
}

/* Whether a tier begins only where the one before it has ended. */
bool follows(const Tier &before, const Tier &tier) noexcept {
    if (!before.upper.present || !tier.lower.present) {
        return false;
    }
    const int order = compare(before.upper.change, tier.lower.change);
    return order < 0 || (order == 0 && !(before.upper.inclusive && tier.lower.inclusive));
}

/* Reads one `NAME INTERVAL` from the front of the list and takes it off. */
Result<Tier> take_tier(std::string_view &rest, std::string_view list) noexcept {
    const std::size_t open = rest.find_first_of("[(");
    const std::size_t close = open == std::string_view::npos ? open : rest.find_first_of("])", open);
    if (close == std::string_view::npos) {
        return tl::unexpected(malformed(list));
    }
    const std::string_view name = trimmed(rest.substr(0, open));
    const std::string_view interval = rest.substr(open + 1, close - open - 1);
    const std::size_t comma = interval.find(',');
    if (comma == std::string_view::npos) {
        return tl::unexpected(malformed(list));
    }
    if (name.empty() || name.size() > kLongestName || name.find_first_of(",])\"") != std::string_view::npos) {
        return tl::unexpected(
            bad_tier(name, "tier name must have 1 to 39 bytes and no comma, quote, bracket or parenthesis"));
    }
    const Result<TierBound> lower = parse_bound(interval.substr(0, comma), rest[open] == '[');
    const Result<TierBound> upper = parse_bound(interval.substr(comma + 1), rest[close] == ']');
    if (!lower || !upper) {
        return tl::unexpected(malformed(list));
    }
    if (too_far(*lower) || too_far(*upper)) {
        return tl::unexpected(bad_tier(name, "bound of a tier must be between -1000000 and 1000000"));
    }
    Tier tier{};
    std::memcpy(tier.name, name.data(), name.size());
    tier.lower = *lower;
    tier.upper = *upper;
    rest = trimmed(rest.substr(close + 1));
    return tier;
}

} // namespace

Result<bool> set_tiers(Terms &terms, std::string_view list) noexcept {
    Tier tiers[kMaxTiers] = {};
    int count = 0;
    std::string_view rest = trimmed(list);
    while (!rest.empty()) {
        const Result<Tier> tier = take_tier(rest, list);
        if (!tier) {
            return tl::unexpected(tier.error());
        }
        if (count == kMaxTiers) {
            return tl::unexpected(bad_tier(tier->name, "a deal has at most 8 tiers"));
        }
        if (holds_nothing(*tier)) {
            return tl::unexpected(bad_tier(tier->name, "interval of a tier is empty"));
        }
        if (count > 0 && !follows(tiers[count - 1], *tier)) {
            return tl::unexpected(
                bad_tier(tier->name, "tiers must be in ascending order and must not overlap"));
        }
        if (std::any_of(tiers, tiers + count,
                        [&](const Tier &other) { return std::strcmp(other.name, tier->name) == 0; })) {
            return tl::unexpected(bad_tier(tier->name, "tier name is twice in the list"));
        }
        tiers[count++] = *tier;
        if (!rest.empty()) {
            if (rest.front() != ',') {
                return tl::unexpected(malformed(list));
            }
            rest = trimmed(rest.substr(1));
            if (rest.empty()) {
                return tl::unexpected(malformed(list));
            }
        }
    }
    terms.tier_count = count;
    std::copy(std::begin(tiers), std::end(tiers), std::begin(terms.tiers));
    return true;
}

Result<std::int32_t> tier_named(const Terms &terms, std::string_view name) noexcept {
    const char *names[kMaxTiers];
    const std::int32_t count = terms.tier_count;
    for (std::int32_t i = 0; i < count; ++i) {
        names[i] = terms.tiers[i].name;
        if (name == names[i]) {
            return i;
        }
    }
    return tl::unexpected(count == 0 ? with_hint(unknown_word("tier", name), "The deal has no tiers.")
                                     : with_hint(unknown_word("tier", name), "Use %s.",
                                                 listed({names, static_cast<std::size_t>(count)}).text));
}

bool same_tiers(const Terms &a, const Terms &b) noexcept {
    const auto same_bound = [](const TierBound &x, const TierBound &y) {
        return x.present == y.present && x.inclusive == y.inclusive && compare(x.change, y.change) == 0;
    };
    return std::equal(a.tiers, a.tiers + a.tier_count, b.tiers, b.tiers + b.tier_count,
                      [&](const Tier &x, const Tier &y) {
                          return std::strcmp(x.name, y.name) == 0 && same_bound(x.lower, y.lower) &&
                                 same_bound(x.upper, y.upper);
                      });
}

std::size_t write_tiers(const Terms &terms, char *out, std::size_t size) noexcept {
    std::size_t length = 0;
    out[0] = '\0';
    for (int i = 0; i < terms.tier_count; ++i) {
        const Tier &tier = terms.tiers[i];
        length += static_cast<std::size_t>(std::snprintf(
            out + length, size - length, "%s%s %c%s,%s%c", i > 0 ? ", " : "", tier.name,
            tier.lower.inclusive ? '[' : '(', tier.lower.present ? to_text(tier.lower.change).text : "",
            tier.upper.present ? to_text(tier.upper.change).text : "", tier.upper.inclusive ? ']' : ')'));
    }
    return length;
}

} // namespace tradeup
