/*
 * libFuzzer: bytes as the text of a deal. Whatever parses and is sound must build, come back from its own
 * text as the same bytes, and have windows that agree with the rules and with each other. Run with
 * -dict=test/fuzz/deal_fuzz.dict and test/fuzz/corpus/deal_fuzz.
 */
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "core/deal/deal.hpp"
#include "core/deal/eligibility.hpp"

namespace {

using namespace tradeup;

void require(bool holds, const char *what, std::string_view text) {
    if (!holds) {
        std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(text.size()), text.data());
        std::abort();
    }
}

/* Fractions of rates with many digits over many months are right but slow; the fuzzer is to try many deals
 * instead. */
bool is_slow(const Terms &terms) {
    const std::int64_t digits = terms.annual_rate.scale + terms.interest_tax_rate.scale;
    const std::int32_t months = std::max(terms.term, terms.insurance_months);
    return digits * periods_in(terms.payment_frequency, months) > 500;
}

/* One price on either side of a limit, where the window, the rules and the payments must agree. */
void check_price(const Deal &deal, std::int64_t price, std::string_view text) {
    const Window *window = window_at(deal, price);
    const Result<Refusal> refusal = refusal_at(deal.terms, price);
    require(refusal || refusal.error().kind == ErrorKind::out_of_range, "refusal fails", text);
    if (refusal) {
        require((window != nullptr) == (refusal->failed == 0), "window and rules disagree", text);
    }
    require(window == nullptr || (window->lowest <= price && price <= window->highest),
            "price outside its window", text);
}

double value(Decimal number) {
    return static_cast<double>(number.coefficient) /
           static_cast<double>(kPowersOfTen[static_cast<std::size_t>(number.scale)]);
}

/* The shown change must lie in its tier, or in none, but for what rounding the change can move it. */
void check_tier(const Deal &deal, const Window &window, std::int64_t price, std::string_view text) {
    const Result<std::int64_t> millionths = amount_at(deal, Amount::change, price);
    if (!deal.terms.current_payment.present || !millionths) {
        return;
    }
    const double change = static_cast<double>(*millionths) * 1e-6;
    const int digits = deal.terms.change_digits;
    const double moved = 1e-6 + std::fabs(change) * 1e-9 + (digits == kAbsent ? 0 : std::pow(10.0, -digits));
    for (std::int32_t i = 0; i < deal.terms.tier_count; ++i) {
        const Tier &tier = deal.terms.tiers[i];
        const double lower = tier.lower.present ? value(tier.lower.change) : -HUGE_VAL;
        const double upper = tier.upper.present ? value(tier.upper.change) : HUGE_VAL;
        if (i == window.tier) {
            require(lower - moved <= change && change <= upper + moved, "change outside its tier", text);
        } else {
            require(change <= lower + moved || upper - moved <= change, "change inside another tier", text);
        }
    }
}

void check_windows(const Deal &deal, std::string_view text) {
    std::int64_t next = deal.lowest;
    std::int64_t before = INT64_MIN;
    for (std::int64_t i = 0; i < deal.window_count; ++i) {
        const Window &window = deal.windows[i];
        require(window.lowest == next && window.lowest <= window.highest, "windows do not follow each other",
                text);
        require(kNoTier <= window.tier && window.tier < deal.terms.tier_count, "window of no tier", text);
        require(i == 0 || window.tier != deal.windows[i - 1].tier, "two windows of one tier", text);
        next = window.highest + 1;
        for (const std::int64_t price : {window.lowest, window.highest}) {
            require(window_at(deal, price) == &window, "price in another window", text);
            check_tier(deal, window, price, text);
            const Result<std::int64_t> payment = amount_at(deal, Amount::payment, price);
            require(payment || payment.error().kind == ErrorKind::out_of_range, "payment fails", text);
            if (payment) {
                require(*payment >= before, "payment falls with the price", text);
                before = *payment;
            }
        }
    }
    require(deal.lowest > deal.highest ? deal.window_count == 0 : next == deal.highest + 1,
            "windows do not end", text);
    for (const std::int64_t end : {deal.lowest, deal.highest}) {
        for (const std::int64_t price : {end - 1, end, end + 1}) {
            if (1 <= price && price <= kMaxPriceMinor) {
                check_price(deal, price, text);
            }
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    /* The text of a deal arrives as a C string. */
    std::string_view text(reinterpret_cast<const char *>(data), size);
    text = text.substr(0, text.find('\0'));
    const Result<Terms> terms = parse_deal(text);
    if (!terms || !check_terms(*terms) || is_slow(*terms)) {
        return 0;
    }
    static Deal deal;
    require(build_deal(*terms, deal).has_value(), "deal cannot be built", text);
    char out[kDealTextSize];
    const std::size_t length = write_deal(deal, out, sizeof out);
    require(length < sizeof out && std::strlen(out) == length, "text too long", text);
    const Result<Terms> read = parse_deal({out, length});
    require(read.has_value(), "text does not come back", text);
    require(std::memcmp(&*read, &*terms, sizeof(Terms)) == 0, "terms come back different", text);
    check_windows(deal, text);
    return 0;
}
