/*
 * Hashing long values of facets, and larger tables.
 */
#include "core/search/facets.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

std::uint64_t stir_middle(std::uint64_t hash, std::string_view value) noexcept {
    constexpr std::size_t part_size = sizeof(std::uint64_t);
    for (std::size_t i = part_size; i + part_size < value.size(); i += part_size) {
        std::uint64_t part = 0;
        std::memcpy(&part, value.data() + i, sizeof part);
        hash = stirred(hash) ^ part;
    }
    return hash;
}

void move_facets(FacetTable &table, std::span<FacetCount> slots) noexcept {
    const std::size_t mask = slots.size() - 1;
    for (const FacetCount &moved : table.slots) {
        if (moved.vehicles > 0) {
            std::size_t i = moved.hash & mask;
            while (slots[i].vehicles > 0) {
                i = (i + 1) & mask;
            }
            slots[i] = moved;
        }
    }
    table.slots = slots;
}

} // namespace tradeup
