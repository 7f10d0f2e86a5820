/*
 * Sorting prices, their running sums, and lists put together and taken apart.
 */
#include "core/portfolio/price_list.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "core/deal/formula.hpp"

#include "core/base/pure.hpp"

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
        std::array<std::size_t, kBuckets + 1> starts{};
        const auto digit = [shift](std::int64_t price) {
            return static_cast<std::size_t>(price >> shift) % kBuckets;
        };
        for (std::size_t i = 0; i < from.size(); ++i) {
            if (stops_at(i, stop)) {
                return tl::unexpected(stopped());
            }
            ++starts[digit(from[i]) + 1];
        }
        for (std::size_t i = 1; i < kBuckets; ++i) {
            starts[i] += starts[i - 1];
        }
        for (std::size_t i = 0; i < from.size(); ++i) {
            if (stops_at(i, stop)) {
                return tl::unexpected(stopped());
            }
            to[starts[digit(from[i])]++] = from[i];
        }
        std::swap(from, to);
    }
    if (from.data() != prices.data()) {
        std::copy(from.begin(), from.end(), prices.begin());
    }
    return true;
}

Result<bool> add_up(PriceList &list, StopAsked stop) noexcept {
    std::int64_t sum = 0;
    const auto count = static_cast<std::size_t>(list.count);
    const std::int64_t *prices = list.prices();
    std::int64_t *sums = list.sums();
    sums[0] = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (stops_at(i, stop)) {
            return tl::unexpected(stopped());
        }
        if (__builtin_add_overflow(sum, prices[i], &sum)) {
            return tl::unexpected(
                with_detail(make_error(ErrorKind::out_of_range, "sum of the prices is too large"),
                            "A price list holds up to 9223372036854775807 minor units."));
        }
        sums[i + 1] = sum;
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

Result<bool> merge_lists(const PriceList &a, const PriceList &b, PriceList &merged, StopAsked stop) noexcept {
    merged.minor_digits = a.minor_digits;
    merged.count = a.count + b.count;
    const std::int64_t *from_a = a.prices();
    const std::int64_t *from_b = b.prices();
    const std::int64_t *const end_a = from_a + a.count;
    const std::int64_t *const end_b = from_b + b.count;
    std::int64_t *out = merged.prices();
    for (std::size_t i = 0; from_a != end_a && from_b != end_b; ++i) {
        if (stops_at(i, stop)) {
            return tl::unexpected(stopped());
        }
        *out++ = *from_b < *from_a ? *from_b++ : *from_a++;
    }
    std::copy(from_b, end_b, std::copy(from_a, end_a, out));
    return add_up(merged, stop);
}

Result<bool> remove_list(const PriceList &a, const PriceList &b, PriceList &rest, StopAsked stop) noexcept {
    rest.minor_digits = a.minor_digits;
    rest.count = a.count - b.count;
    std::int64_t *out = rest.prices();
    const std::int64_t *const out_end = out + rest.count;
    const std::span<const std::int64_t> listed = prices_of(a);
    const std::span<const std::int64_t> removed = prices_of(b);
    std::size_t next = 0; // of those to be removed
    for (std::size_t i = 0; i < listed.size(); ++i) {
        if (stops_at(i, stop)) {
            return tl::unexpected(stopped());
        }
        if (next < removed.size() && removed[next] == listed[i]) {
            ++next;
        } else if (next < removed.size() && removed[next] < listed[i]) {
            return tl::unexpected(not_in_list(a, removed[next]));
        } else if (out == out_end) { // the lengths say that one of those to be removed is missing
            return tl::unexpected(not_in_list(a, removed.back()));
        } else {
            *out++ = listed[i];
        }
    }
    if (next < removed.size()) {
        return tl::unexpected(not_in_list(a, removed[next]));
    }
    return add_up(rest, stop);
}

Result<bool> rescale_list(const PriceList &list, std::int32_t minor_digits, PriceList &rescaled,
                          StopAsked stop) noexcept {
    rescaled.minor_digits = minor_digits;
    rescaled.count = list.count;
    const auto shift = static_cast<int>(minor_digits - list.minor_digits);
    const std::int64_t power = kPowersOfTen[static_cast<std::size_t>(shift < 0 ? -shift : shift)];
    const std::span<const std::int64_t> prices = prices_of(list);
    for (std::size_t i = 0; i < prices.size(); ++i) {
        if (stops_at(i, stop)) {
            return tl::unexpected(stopped());
        }
        const std::int64_t price = prices[i];
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
        rescaled.prices()[i] = shift < 0 ? price / power : price * power;
    }
    return add_up(rescaled, stop);
}

std::size_t list_text_size(std::size_t count) noexcept {
    constexpr std::size_t kPriceText = 17; // 15 digits, a point, a comma
    return 40 + count * kPriceText;
}

Result<std::size_t> write_list(const PriceList &list, char *out, StopAsked stop) noexcept {
    constexpr std::size_t kMostDigits = 20;
    const auto digits = static_cast<std::size_t>(list.minor_digits);
    char *at = out;
    const auto put = [&](std::string_view words) { at = std::copy(words.begin(), words.end(), at); };
    put("v1 ");
    if (digits != 2) {
        put("minor_digits=");
        *at++ = static_cast<char>('0' + digits);
        *at++ = ' ';
    }
    *at++ = '{';
    const std::int64_t unit = kPowersOfTen[digits];
    const std::span<const std::int64_t> prices = prices_of(list);
    for (std::size_t i = 0; i < prices.size(); ++i) {
        if (stops_at(i, stop)) {
            return tl::unexpected(stopped());
        }
        if (i > 0) {
            *at++ = ',';
        }
        at = std::to_chars(at, at + kMostDigits, prices[i] / unit).ptr;
        if (digits > 0) {
            *at++ = '.';
            std::int64_t minor = prices[i] % unit;
            for (std::size_t d = digits; d > 0; --d, minor /= 10) {
                at[d - 1] = static_cast<char>('0' + minor % 10);
            }
            at += digits;
        }
    }
    put("}");
    *at = '\0';
    return static_cast<std::size_t>(at - out);
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

Result<std::size_t> parse_prices(const ListHead &head, std::int64_t *prices, StopAsked stop) noexcept {
    std::string_view rest = head.prices;
    std::size_t count = 0;
    while (count < head.most) {
        if (stops_at(count, stop)) {
            return tl::unexpected(stopped());
        }
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
