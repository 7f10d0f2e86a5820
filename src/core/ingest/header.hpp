/*
 * Names as files write them, brought to one form: headers of columns, and shops.
 */
#pragma once

#include <cstddef>
#include <string_view>

#include "core/base/pure.hpp"

namespace tradeup {

/*
 * A header as the name of a column, into room for twice as many bytes: trimmed, without U+FEFF and parts in
 * round brackets, in snake_case: `Variant Price (USD)`, `variantPrice` and `variant-price` are all
 * `variant_price`. Letters beyond ASCII: those of Latin, Greek and Cyrillic are made lower case.
 */
std::string_view canonical_column(std::string_view header, char *out) noexcept;

/* A shop's name without blanks around it and in lower case, letters of ASCII only; into room for as many
 * bytes. */
std::string_view canonical_shop(std::string_view shop, char *out) noexcept;

} // namespace tradeup
