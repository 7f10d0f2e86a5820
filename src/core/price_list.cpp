#include "core/price_list.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "core/pure.hpp"

namespace tradeup {

namespace {

constexpr int kDigitBits = 11;
constexpr std::size_t kBuckets = std::size_t{1} << kDigitBits;

std::span<const std::int64_t> prices_of(const PriceList &list) noexcept {
    return {list.prices(), static_cast<std::size_t>(list.count)};
}

Error not_in_list(const PriceList &list, std::int64_t price) noexcept {
    return with_hint(with_detail(make_error(ErrorKind::bad_value,
                                            "price list does not have the prices that are to be removed"),
                                 "It has no %s, or fewer of them.",
                                 to_text(normalized({price, list.minor_digits})).text),
                     "Make the list anew with the aggregate price_list.");
}

} // namespace

/* Digit by digit from the lowest (D. E. Knuth, The Art of Computer Programming 3, 5.2.5). */
Result<bool> sort_prices(std::span<std::int64_t> prices, std::span<std::int64_t> scratch,
                         StopAsked stop) noexcept {
    if (std::is_sorted(prices.begin(), prices.end())) {
        return true;
    }
    const std::int64_t largest = *std::max_element(prices.begin(), prices.end());
    std::span<std::int64_t> from = prices;
    std::span<std::int64_t> to = scratch;
    for (int shift = 0; shift < 63 && (largest >> shift) > 0; shift += kDigitBits) {
        if (stop()) {
            return tl::unexpected(make_error(ErrorKind::cancelled, "sorting was cancelled"));
        }
        std::array<std::size_t, kBuckets + 1> starts{};
        const auto digit = [shift](std::int64_t price) {
            return static_cast<std::size_t>(price >> shift) % kBuckets;
        };
        for (const std::int64_t price : from) {
            ++starts[digit(price) + 1];
        }
        for (std::size_t i = 1; i < kBuckets; ++i) {
            starts[i] += starts[i - 1];
        }
        for (const std::int64_t price : from) {
            to[starts[digit(price)]++] = price;
        }
        std::swap(from, to);
    }
    if (from.data() != prices.data()) {
        std::copy(from.begin(), from.end(), prices.begin());
    }
    return true;
}

Result<bool> add_up(PriceList &list) noexcept {
    std::int64_t sum = 0;
    std::int64_t *sums = list.sums();
    *sums++ = 0;
    for (const std::int64_t price : prices_of(list)) {
        if (__builtin_add_overflow(sum, price, &sum)) {
            return tl::unexpected(
                with_detail(make_error(ErrorKind::out_of_range, "sum of the prices is too large"),
                            "A price list holds up to 9223372036854775807 minor units."));
        }
        *sums++ = sum;
    }
    return true;
}

PriceIndex planned_index(const PriceList &list) noexcept {
    /* Two buckets a price, but no more than stay in the processor's nearer memory. */
    constexpr std::int64_t kMostBuckets = 1 << 16;
    PriceIndex index{nullptr, 0, 0, 0};
    if (list.count > 0) {
        index.lowest = list.prices()[0];
        const std::int64_t range = list.prices()[list.count - 1] - index.lowest;
        while ((range >> index.shift) >= std::min(2 * list.count, kMostBuckets)) {
            ++index.shift;
        }
        index.buckets = (range >> index.shift) + 1;
    }
    return index;
}

void fill_index(const PriceList &list, PriceIndex &index, std::uint32_t *starts) noexcept {
    std::int64_t bucket = 0;
    for (std::int64_t i = 0; i < list.count; ++i) {
        for (; bucket <= (list.prices()[i] - index.lowest) >> index.shift; ++bucket) {
            starts[bucket] = static_cast<std::uint32_t>(i);
        }
    }
    starts[index.buckets] = static_cast<std::uint32_t>(list.count);
    index.starts = starts;
}

Result<bool> merge_lists(const PriceList &a, const PriceList &b, PriceList &merged) noexcept {
    merged.minor_digits = a.minor_digits;
    merged.count = a.count + b.count;
    std::merge(prices_of(a).begin(), prices_of(a).end(), prices_of(b).begin(), prices_of(b).end(),
               merged.prices());
    return add_up(merged);
}

Result<bool> remove_list(const PriceList &a, const PriceList &b, PriceList &rest) noexcept {
    rest.minor_digits = a.minor_digits;
    rest.count = a.count - b.count;
    std::int64_t *out = rest.prices();
    const std::int64_t *end = a.prices() + a.count;
    const std::int64_t *kept = a.prices();
    for (const std::int64_t price : prices_of(b)) {
        for (; kept != end && *kept < price; ++kept) {
            if (out == rest.prices() + rest.count) {
                return tl::unexpected(not_in_list(a, b.prices()[b.count - 1]));
            }
            *out++ = *kept;
        }
        if (kept == end || *kept != price) {
            return tl::unexpected(not_in_list(a, price));
        }
        ++kept;
    }
    std::copy(kept, end, out);
    return add_up(rest);
}

Result<bool> rescale_list(const PriceList &list, std::int32_t minor_digits, PriceList &rescaled) noexcept {
    rescaled.minor_digits = minor_digits;
    rescaled.count = list.count;
    const auto shift = static_cast<int>(minor_digits - list.minor_digits);
    const std::int64_t power = kPowersOfTen[static_cast<std::size_t>(shift < 0 ? -shift : shift)];
    std::int64_t *out = rescaled.prices();
    for (const std::int64_t price : prices_of(list)) {
        const auto shown = [&] { return to_text(normalized({price, list.minor_digits})); };
        if (shift < 0 && price % power != 0) {
            return tl::unexpected(
                with_hint(with_detail(make_error(ErrorKind::bad_value, "price has more than %d decimals",
                                                 static_cast<int>(minor_digits)),
                                      "Price is %s.", shown().text),
                          "Round it to %d decimals first.", static_cast<int>(minor_digits)));
        }
        if (shift > 0 && price > kMaxPriceMinor / power) {
            return tl::unexpected(with_detail(make_error(ErrorKind::out_of_range, "price is too large"),
                                              "Price is %s.", shown().text));
        }
        *out++ = shift < 0 ? price / power : price * power;
    }
    return add_up(rescaled);
}

std::size_t list_text_size(std::size_t count) noexcept {
    constexpr std::size_t kPriceText = 17; // 15 digits, a point, a comma
    return 40 + count * kPriceText;
}

std::size_t write_list(const PriceList &list, char *out) noexcept {
    const auto digits = static_cast<int>(list.minor_digits);
    char *at = out + std::sprintf(out, digits == 2 ? "v1 {" : "v1 minor_digits=%d {", digits);
    const std::int64_t unit = kPowersOfTen[static_cast<std::size_t>(digits)];
    for (const std::int64_t price : prices_of(list)) {
        const auto major = static_cast<long long>(price / unit);
        const auto minor = static_cast<long long>(price % unit);
        at += digits == 0 ? std::sprintf(at, "%lld,", major)
                          : std::sprintf(at, "%lld.%0*lld,", major, digits, minor);
    }
    at -= list.count > 0 ? 1 : 0;
    std::strcpy(at, "}");
    return static_cast<std::size_t>(at + 1 - out);
}

Result<ListHead> parse_list_head(std::string_view text) noexcept {
    const auto bad = [&] {
        return tl::unexpected(with_hint(with_detail(make_error(ErrorKind::bad_text, "malformed price list"),
                                                    "It is \"%.*s\".", shown_bytes(text, 80), text.data()),
                                        "Write the prices in braces: v1 {249999.00,310000.50}."));
    };
    ListHead head{{}, 2, 0};
    std::string_view rest = text;
    const auto trim = [&] {
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
        rest.remove_suffix(rest.size() - (rest.find_last_not_of(" \t\r\n") + 1));
    };
    trim();
    if (!rest.starts_with("v1 ")) {
        return bad();
    }
    rest.remove_prefix(3);
    trim();
    constexpr std::string_view kDigits = "minor_digits=";
    if (rest.starts_with(kDigits)) {
        rest.remove_prefix(kDigits.size());
        if (rest.empty() || rest.front() < '0' || rest.front() > '4') {
            return bad();
        }
        head.minor_digits = rest.front() - '0';
        rest.remove_prefix(1);
        trim();
    }
    if (rest.size() < 2 || rest.front() != '{' || rest.back() != '}') {
        return bad();
    }
    rest = rest.substr(1, rest.size() - 2);
    trim();
    head.prices = rest;
    head.most = rest.empty() ? 0 : static_cast<std::size_t>(std::count(rest.begin(), rest.end(), ',')) + 1;
    return head;
}

Result<std::size_t> parse_prices(const ListHead &head, std::int64_t *prices) noexcept {
    std::string_view rest = head.prices;
    std::size_t count = 0;
    while (count < head.most) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        std::string_view word = rest.substr(0, comma);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        word.remove_prefix(std::min(word.find_first_not_of(" \t\r\n"), word.size()));
        word = word.substr(0, word.find_last_not_of(" \t\r\n") + 1);
        const Result<Decimal> read = parse_decimal(word);
        if (!read) {
            return tl::unexpected(read.error());
        }
        const Decimal price = normalized(*read);
        if (price.coefficient < 0 || price.scale > head.minor_digits) {
            return tl::unexpected(with_detail(
                price.coefficient < 0 ? make_error(ErrorKind::bad_value, "price must not be negative")
                                      : make_error(ErrorKind::bad_value, "price has more than %d decimals",
                                                   static_cast<int>(head.minor_digits)),
                "Price is %s.", to_text(price).text));
        }
        const Int128 minor =
            Int128{price.coefficient} *
            kPowersOfTen[static_cast<std::size_t>(head.minor_digits) - static_cast<std::size_t>(price.scale)];
        if (minor > kMaxPriceMinor) {
            return tl::unexpected(with_detail(make_error(ErrorKind::out_of_range, "price is too large"),
                                              "Price is %s.", to_text(price).text));
        }
        prices[count++] = static_cast<std::int64_t>(minor);
    }
    return count;
}

namespace {

/* slope * sum + intercept * count, the sum of an affine function over prices. */
Bounded summed(const Line &line, const TierOffers &tier) noexcept {
    const Bounded sum{static_cast<double>(tier.price_sum),
                      kUnitRoundoff * static_cast<double>(tier.price_sum)};
    const Bounded count = whole(static_cast<double>(tier.offers));
    return Bounded{line.slope, line.slope_error} * sum +
           Bounded{line.intercept, line.intercept_error} * count;
}

Ratio summed(const Affine<Ratio> &line, const TierOffers &tier) {
    return line.slope * Ratio{tier.price_sum, 1} + line.intercept * Ratio{tier.offers, 1};
}

/* Rounds in doubles where they leave no doubt, or else in fractions. */
template <typename Exact>
Result<std::int64_t> rounded(Bounded value, Rounding rounding, Exact exact) noexcept {
    value.error *= kBoundSlack;
    std::int64_t whole = 0;
    if (round_without_doubt(value, rounding, whole)) [[likely]] {
        return whole;
    }
    return guarded([&]() -> Result<std::int64_t> {
        const Ratio ratio = exact();
        return narrowed(round_ratio(ratio.numerator, ratio.denominator, rounding));
    });
}

} // namespace

Result<std::int32_t> count_offers(const Deal &deal, const PriceList &list,
                                  TierOffers (&tiers)[kMaxTiers + 1]) noexcept {
    const Terms &terms = deal.terms;
    const std::int32_t records = terms.tier_count + 1;
    for (std::int32_t i = 0; i < records; ++i) {
        tiers[i] = {i < terms.tier_count ? i : kNoTier, 0, 0, 0, 0};
    }
    for (std::int64_t i = 0; i < deal.window_count; ++i) {
        const Window &window = deal.windows[i];
        const Stretch stretch = prices_between(list, window.lowest, window.highest);
        TierOffers &tier = tiers[window.tier == kNoTier ? terms.tier_count : window.tier];
        tier.offers += count_of(stretch);
        tier.price_sum += sum_of(list, stretch);
    }
    for (std::int32_t i = 0; i < records; ++i) {
        TierOffers &tier = tiers[i];
        if (tier.offers == 0) {
            continue;
        }
        const auto line = [&](Amount amount) { return deal.lines[static_cast<std::size_t>(amount)]; };
        const Result<std::int64_t> margin = rounded(summed(line(Amount::margin), tier), terms.rounding, [&] {
            return summed(Formula<Ratio>(terms).margin(), tier);
        });
        if (!margin) {
            return tl::unexpected(margin.error());
        }
        tier.margin = *margin;
        if (!terms.current_payment.present) {
            continue;
        }
        const Bounded mean = summed(line(Amount::change), tier) / whole(static_cast<double>(tier.offers));
        const Result<std::int64_t> change = rounded(mean, Rounding::half_up, [&] {
            const Formula<Ratio> formula(terms);
            return ratio(decimal(kPowersOfTen[kChangeScale])) *
                   summed(formula.change_of(formula.payment()), tier) / Ratio{tier.offers, 1};
        });
        if (!change) {
            return tl::unexpected(change.error());
        }
        tier.mean_change = *change;
    }
    return records;
}

} // namespace tradeup
