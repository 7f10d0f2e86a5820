/*
 * The limits of the terms of a deal, said once for the core, the glue and their messages.
 */
#pragma once

#include <cstdint>

#include "core/number/decimal.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

inline constexpr std::int32_t kLongestTerm = 480; // months

/* The largest amount of money in major units: 10^12. Only an equity is negative. */
inline constexpr Decimal kMaxMoney = decimal(1'000'000'000'000);
inline constexpr Decimal kMinEquity = decimal(-kMaxMoney.coefficient);

inline constexpr Decimal kMaxAnnualRate = decimal(10);
inline constexpr Decimal kMaxAnnualPercent = decimal(100 * kMaxAnnualRate.coefficient);

/* A payment change as a fraction: free at the lowest. */
inline constexpr Decimal kMinChange = decimal(-1);
inline constexpr Decimal kMaxChange = decimal(1'000'000);

inline constexpr Decimal kMaxLoanToValue = decimal(10);
inline constexpr Decimal kMaxPaymentToIncome = decimal(10);
inline constexpr std::int64_t kMaxFirstPaymentDays = 366;

/* Bounds of tiers lie this far from 0: farther ones are no tier's business, and their arithmetic would not
 * fit in 64 bits. */
inline constexpr std::int64_t kFarthestTierBound = 1'000'000;

inline constexpr int kMaxMinorDigits = 4;
inline constexpr int kMaxChangeDigits = 9;

} // namespace tradeup
