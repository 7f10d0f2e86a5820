/*
 * Currencies: how many decimals their amounts have.
 */
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/pure.hpp"

namespace tradeup {

inline constexpr std::int32_t kUnknownCurrency = -1;

/*
 * The decimals of a currency by its code of three capital letters, 0 to 4; kUnknownCurrency for a code that
 * is not in use. Source: ISO 4217, list one, of 2025. Codes without a minor unit (gold, the test code) are no
 * currencies that a vehicle is priced in.
 */
std::int32_t currency_digits(std::string_view code) noexcept;

} // namespace tradeup
