/*
 * What several tests need: deals from their text, and the reference program's.
 */
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "core/deal/deal.hpp"

namespace tradeup {

inline Terms terms_of(std::string_view text) {
    const Result<Terms> terms = parse_deal(text);
    EXPECT_TRUE(terms) << text << ": " << terms.error().message;
    return terms ? *terms : default_terms();
}

inline Deal built(const Terms &terms) {
    Deal deal{};
    const Result<bool> done = build_deal(terms, deal);
    EXPECT_TRUE(done) << done.error().message;
    return deal;
}

inline Deal deal_of(std::string_view text) {
    return built(terms_of(text));
}

inline std::string text_of(const Deal &deal) {
    char text[kDealTextSize];
    return {text, write_deal(deal, text, sizeof text)};
}

/* The text of a deal under the program mx-reference, without rate, term, equity, and the current car. */
inline const std::string kReference =
    " interest_tax_rate=0.16 service_fee_rate=0.04 opening_fee_rate=0.04 protection=25000 insurance=10999"
    " insurance_renewed=true gps_installation=750 gps_monthly=350 gps_tax_rate=0.16 "
    "installation_from_equity=true"
    " installation_in_first_payment=true margin_cost=2000";

} // namespace tradeup
