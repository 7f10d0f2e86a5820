/*
 * Hashing the values of facets, and larger tables.
 */
#include "core/search/facets.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* An odd number with bits in no pattern: the golden ratio's. */
constexpr std::uint64_t kOdd = 0x9E37'79B9'7F4A'7C15U;

constexpr std::uint64_t stirred(std::uint64_t value) noexcept {
    value *= kOdd;
    return value ^ value >> 32;
}

} // namespace

std::uint64_t facet_hash(std::string_view value, const FacetKey &key) noexcept {
    std::uint64_t hash = stirred(key.head ^ key.length << 56) ^ key.tail;
    /* What lies between the first and the last 8 bytes. */
    for (std::size_t i = sizeof key.head; i + sizeof key.tail < key.length; i += sizeof(std::uint64_t)) {
        std::uint64_t part = 0;
        std::memcpy(&part, value.data() + i, sizeof part);
        hash = stirred(hash) ^ part;
    }
    return stirred(hash);
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
