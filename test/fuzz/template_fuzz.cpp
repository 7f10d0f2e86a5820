/*
 * libFuzzer: bytes as a template. It either has a fault or pieces that lie one after another and hold all of
 * it; and written again, braces doubled, they are the same pieces.
 * Run with test/fuzz/corpus/template_fuzz.
 */
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/leads/template.hpp"

namespace {

using namespace tradeup;

void require(bool holds, const char *what, std::string_view text) {
    if (!holds) {
        std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(text.size()), text.data());
        std::abort();
    }
}

/* A piece as a template says it. */
std::string written(const TemplatePiece &piece) {
    std::string words;
    words.append(piece.is_slot ? "{" : "");
    for (const char c : piece.text) {
        words.append(c == '{' || c == '}' ? 2 : 1, c);
    }
    words.append(piece.is_slot ? "}" : "");
    return words;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char *>(data), size);
    for (std::size_t at = 0; at < body.size();) {
        const Result<TemplatePiece> piece = template_piece(body, at);
        if (!piece) {
            require(piece.error().message[0] != '\0' && piece.error().detail[0] != '\0', "no message", body);
            return 0;
        }
        require(piece->end > at && piece->end <= body.size(), "a piece that goes nowhere", body);
        require(written(*piece) == body.substr(at, piece->end - at), "a piece that is not what was written",
                body);
        require(!piece->is_slot || (!piece->text.empty() && piece->text.size() <= kMostSlotName),
                "a slot without a name", body);
        at = piece->end;
    }
    return 0;
}
