/*
 * What people write for a currency beside a price.
 */
#pragma once

#include <string_view>

#include "core/base/pure.hpp"

namespace tradeup {

/* What a word beside a price says of its currency. */
enum class CurrencyWord { unknown, fits, other };

/*
 * Whether a word (`$`, `EUR`, `Rs.`, upper or lower case) can stand for a currency, given by its code; any
 * currency where the code is empty. `unknown`: it stands for none.
 */
CurrencyWord currency_word(std::string_view word, std::string_view currency) noexcept;

} // namespace tradeup
