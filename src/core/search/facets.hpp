/*
 * Facets: how many vehicles, and offers of them, have each value of a column, in a table with open addresses.
 * Memory follows the number of distinct values, not that of vehicles.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "core/base/pure.hpp"

namespace tradeup {

/*
 * A value as it is compared: its first and last 8 bytes, which are all of it up to 16, and its length.
 * Shorter ones are filled up with zeros.
 */
struct FacetKey {
    std::uint64_t head;
    std::uint64_t tail;
    std::size_t length;
};

inline FacetKey facet_key(std::string_view value) noexcept {
    FacetKey key{0, 0, value.size()};
    if (value.size() >= sizeof key.head) [[likely]] {
        std::memcpy(&key.head, value.data(), sizeof key.head);
        std::memcpy(&key.tail, value.data() + value.size() - sizeof key.tail, sizeof key.tail);
    } else if (value.size() >= sizeof(std::uint32_t)) {
        std::uint32_t first = 0;
        std::uint32_t last = 0;
        std::memcpy(&first, value.data(), sizeof first);
        std::memcpy(&last, value.data() + value.size() - sizeof last, sizeof last);
        key.head = first;
        key.tail = last;
    } else {
        for (const char c : value) {
            key.head = key.head << 8 | static_cast<unsigned char>(c);
        }
    }
    return key;
}

/* A value with its vehicles and offers; free while it has no vehicle. */
struct FacetCount {
    FacetKey key;
    std::uint64_t hash;
    const char *value;
    std::int64_t vehicles;
    std::int64_t offers;
};

/* Slots, a power of two of them, at most half of which are taken. */
struct FacetTable {
    std::span<FacetCount> slots;
    std::size_t used;
};

/* One step of hashing; the odd number is the golden ratio's, with bits in no pattern. */
constexpr std::uint64_t stirred(std::uint64_t value) noexcept {
    value *= 0x9E37'79B9'7F4A'7C15U;
    return value ^ value >> 32;
}

/* What lies between the first and the last 8 bytes of a value, stirred into a hash. */
std::uint64_t stir_middle(std::uint64_t hash, std::string_view value) noexcept;

inline std::uint64_t facet_hash(std::string_view value, const FacetKey &key) noexcept {
    std::uint64_t hash = stirred(key.head ^ key.length << 56) ^ key.tail;
    if (key.length > sizeof key.head + sizeof key.tail) [[unlikely]] {
        hash = stir_middle(hash, value);
    }
    return stirred(hash);
}

/* The slot of a value, or the free one where it belongs, which then has its key and hash but not its text. */
inline FacetCount &facet_slot(const FacetTable &table, std::string_view value) noexcept {
    const FacetKey key = facet_key(value);
    const std::uint64_t hash = facet_hash(value, key);
    const std::size_t mask = table.slots.size() - 1;
    for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
        FacetCount &slot = table.slots[i];
        if (slot.vehicles == 0) {
            slot.key = key;
            slot.hash = hash;
            return slot;
        }
        if (slot.key.head == key.head && slot.key.tail == key.tail && slot.key.length == key.length &&
            (key.length <= sizeof key.head + sizeof key.tail ||
             std::memcmp(slot.value, value.data(), key.length) == 0)) [[likely]] {
            return slot;
        }
    }
}

/* Whether there is room for one more value. */
constexpr bool has_room(const FacetTable &table) noexcept {
    return table.used < table.slots.size() / 2;
}

/* Moves all values to slots, more of them, all of which are zero. */
void move_facets(FacetTable &table, std::span<FacetCount> slots) noexcept;

} // namespace tradeup
