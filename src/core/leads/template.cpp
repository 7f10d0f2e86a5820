/*
 * Taking templates apart.
 */
#include "core/leads/template.hpp"

#include <algorithm>

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr std::size_t kShown = 60;

/* Whether what a template's author may have meant is a single brace. */
constexpr const char *kDoubled = "Write {{ and }} for braces that stand for themselves.";

Error at_place(const char *message, std::string_view body, std::size_t place) noexcept {
    const std::string_view from = body.substr(place);
    return with_hint(with_detail(make_error(ErrorKind::bad_text, "%s", message),
                                 "It is byte %zu of the template, where it says \"%.*s\".", place + 1,
                                 shown_bytes(from, kShown), from.data()),
                     "%s", kDoubled);
}

bool is_name(std::string_view name) noexcept {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    return !name.empty() && name.size() <= kMostSlotName && letter(name[0]) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

} // namespace

Result<TemplatePiece> template_piece(std::string_view body, std::size_t start) noexcept {
    const char first = body[start];
    if (first != '{' && first != '}') {
        const std::size_t end = std::min(body.find_first_of("{}", start), body.size());
        return TemplatePiece{false, body.substr(start, end - start), end};
    }
    if (start + 1 < body.size() && body[start + 1] == first) {
        return TemplatePiece{false, body.substr(start, 1), start + 2};
    }
    if (first == '}') {
        return tl::unexpected(at_place("template has a } without a {", body, start));
    }
    const std::size_t close = body.find_first_of("{}", start + 1);
    if (close == std::string_view::npos || body[close] == '{') {
        return tl::unexpected(at_place("template has a { that is not closed", body, start));
    }
    const std::string_view name = body.substr(start + 1, close - start - 1);
    if (!is_name(name)) {
        Error error = at_place("template has a slot with an invalid name", body, start);
        return tl::unexpected(
            with_hint(error, "A name is of lower-case letters a to z, digits and underscores. %s", kDoubled));
    }
    return TemplatePiece{true, name, close + 1};
}

} // namespace tradeup
