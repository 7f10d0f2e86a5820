/*
 * Templates of messages: text with slots, as `Hello {name}`. Two braces of a kind stand for one.
 */
#pragma once

#include <cstddef>
#include <string_view>

#include "core/base/error.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

inline constexpr std::size_t kMostSlotName = 63;

/* A piece of a template: text that stands for itself, or the name of a slot. */
struct TemplatePiece {
    bool is_slot;
    std::string_view text;
    std::size_t end; // where the next piece begins
};

/*
 * The piece that begins at a place of a template, before its end. A slot's name is of letters of a to z,
 * digits and underscores, with no digit at its start. Errors: bad_text for a brace that is not closed, or not
 * opened, and for a name that is none.
 */
Result<TemplatePiece> template_piece(std::string_view body, std::size_t start) noexcept;

} // namespace tradeup
