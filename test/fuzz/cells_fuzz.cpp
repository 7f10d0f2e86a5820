/*
 * libFuzzer: bytes as a cell of each kind. A cell either holds something or has a fault; what is said of its
 * column decides what the cell leaves open and changes nothing else; and what a cell holds, read again, is
 * itself. Run with test/fuzz/corpus/cells_fuzz.
 */
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "core/loading/cells.hpp"

namespace {

using namespace tradeup;

void require(bool holds, const char *what, std::string_view text) {
    if (!holds) {
        std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(text.size()), text.data());
        std::abort();
    }
}

void check_kind(std::string_view text, CellKind kind, std::string_view unit) {
    const Cell open = read_cell(text, kind, "", unit);
    const bool is_date = kind == CellKind::date;
    const char *const evidence = cell_evidence(text, kind);
    for (const std::string_view said :
         {std::string_view(is_date ? "DMY" : "."), std::string_view(is_date ? "MDY" : ",")}) {
        const Cell told = read_cell(text, kind, said, unit);
        require((told.fault == nullptr) == (told.text[0] != '\0'), "neither read nor refused", text);
        if (open.fault == nullptr && told.fault == nullptr) {
            require(std::strcmp(open.text, told.text) == 0, "what is said changes a certain cell", text);
        }
        if (open.fault == nullptr && *evidence != '\0' && said == evidence) {
            require(told.fault == nullptr, "evidence that its own cell contradicts", text);
        }
        if (told.fault == nullptr && !is_date) {
            const Cell again = read_cell(told.text, kind, ".", unit == "mi" ? "km" : unit);
            require(again.fault == nullptr && std::strcmp(again.text, told.text) == 0, "not read again",
                    text);
        }
    }
    if (open.fault == nullptr && is_date) {
        const Cell again = read_cell(open.text, kind, "", unit);
        require(again.fault == nullptr && std::strcmp(again.text, open.text) == 0, "not read again", text);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    for (const std::string_view currency : {"", "USD", "EUR", "INR", "KWD", "JPY"}) {
        check_kind(text, CellKind::price, currency);
        check_kind(text, CellKind::amount, currency);
        check_kind(text, CellKind::change, currency);
    }
    check_kind(text, CellKind::kilometers, "km");
    check_kind(text, CellKind::kilometers, "mi");
    check_kind(text, CellKind::year, "");
    check_kind(text, CellKind::date, "");
    return 0;
}
