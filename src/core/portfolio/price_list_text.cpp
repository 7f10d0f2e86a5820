/*
 * The text of a price list, one writer and one reader.
 */
#include "core/portfolio/price_list.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/pure.hpp"

namespace tradeup {

std::size_t list_text_size(std::size_t runs) noexcept {
    constexpr std::size_t kRunText = 37; // 15 digits, a point, an asterisk, 19 digits, a comma
    return 40 + runs * kRunText;
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
    const Prices prices = prices_of(list);
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
        if (list.count_at(i) > 1) {
            *at++ = '*';
            at = std::to_chars(at, at + kMostDigits, list.count_at(i)).ptr;
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

namespace {

std::string_view trimmed(std::string_view word) noexcept {
    word.remove_prefix(std::min(word.find_first_not_of(" \t\r\n"), word.size()));
    return word.substr(0, word.find_last_not_of(" \t\r\n") + 1);
}

/* A price of a text in minor units. */
Result<std::int64_t> parse_price(std::string_view word, std::int32_t minor_digits) noexcept {
    const Result<Decimal> read = parse_decimal(word);
    if (!read) {
        return tl::unexpected(read.error());
    }
    const Decimal price = normalized(*read);
    if (price.coefficient < 0 || price.scale > minor_digits) {
        return tl::unexpected(with_detail(
            price.coefficient < 0 ? make_error(ErrorKind::bad_value, "price must not be negative")
                                  : make_error(ErrorKind::bad_value, "price has more than %d decimals",
                                               static_cast<int>(minor_digits)),
            "Price is %s.", to_text(price).text));
    }
    const Int128 minor =
        Int128{price.coefficient} *
        kPowersOfTen[static_cast<std::size_t>(minor_digits) - static_cast<std::size_t>(price.scale)];
    if (minor > kMaxPriceMinor) {
        return tl::unexpected(with_detail(make_error(ErrorKind::out_of_range, "price is too large"),
                                          "Price is %s.", to_text(price).text));
    }
    return static_cast<std::int64_t>(minor);
}

/* How often a price is there: what stands behind its asterisk. */
Result<std::int64_t> parse_count(std::string_view word) noexcept {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), count);
    if (error != std::errc{} || end != word.data() + word.size() || count < 1) {
        return tl::unexpected(
            with_hint(with_detail(make_error(ErrorKind::bad_text, "malformed number of prices"),
                                  "It is \"%.*s\".", shown_bytes(word, 80), word.data()),
                      "Write how often a price is there behind an asterisk: 310000.50*3."));
    }
    return count;
}

} // namespace

Result<std::size_t> parse_prices(const ListHead &head, PriceRun *runs, StopAsked stop) noexcept {
    std::string_view rest = head.prices;
    std::size_t count = 0;
    while (count < head.most) {
        if (stops_at(count, stop)) {
            return tl::unexpected(stopped());
        }
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view word = rest.substr(0, comma);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        const std::size_t asterisk = std::min(word.find('*'), word.size());
        const Result<std::int64_t> price = parse_price(trimmed(word.substr(0, asterisk)), head.minor_digits);
        if (!price) {
            return tl::unexpected(price.error());
        }
        const Result<std::int64_t> of_it = asterisk == word.size()
                                               ? Result<std::int64_t>(1)
                                               : parse_count(trimmed(word.substr(asterisk + 1)));
        if (!of_it) {
            return tl::unexpected(of_it.error());
        }
        runs[count++] = {*price, *of_it};
    }
    return count;
}

} // namespace tradeup
