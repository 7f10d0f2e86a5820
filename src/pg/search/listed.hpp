/*
 * Texts without regard to case, as the lists of filters are compared.
 */
#pragma once

#include <string_view>

#include "pg/glue/glue.hpp"

namespace tradeup {

/* A text in lower case: letters of ASCII by themselves, with others as lower() of the database does it. Short
 * texts of ASCII are written to the buffer, others to memory of their own. */
inline constexpr std::size_t kFoldBuffer = 64;
std::string_view folded(std::string_view value, char (&buffer)[kFoldBuffer]);

} // namespace tradeup
