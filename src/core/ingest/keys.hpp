/*
 * Which keys a file has had already: a table of fingerprints in memory that its caller gives. Two different
 * keys have the same fingerprint with a chance of 2^-96 for each pair: among ten million keys once in 10^15
 * files.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/base/pure.hpp"

namespace tradeup {

/* 128 bits of a text. */
struct Fingerprint {
    std::uint64_t high;
    std::uint64_t low;
};

/*
 * The fingerprint of a text under a secret seed. Both words of 8 bytes are folded by a product of 128 bits,
 * as W. Yi's wyhash (2019) does, in two lanes.
 */
inline Fingerprint fingerprint(std::string_view text, Fingerprint seed) noexcept {
    __extension__ using Product = unsigned __int128;
    const auto fold = [](std::uint64_t a, std::uint64_t b) {
        const Product product = Product{a} * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    };
    constexpr std::uint64_t kFirst = 0xa0761d6478bd642fU;
    constexpr std::uint64_t kSecond = 0xe7037ed1a0b428dbU;
    std::uint64_t high = seed.high;
    std::uint64_t low = seed.low;
    const char *at = text.data();
    std::size_t left = text.size();
    while (left > 0) {
        std::uint64_t words[2] = {};
        const std::size_t taken = left < sizeof words ? left : sizeof words;
        std::memcpy(words, at, taken);
        high = fold(words[0] ^ kFirst ^ low, words[1] ^ high);
        low = fold(words[1] ^ kSecond ^ seed.low, words[0] ^ low ^ taken);
        at += taken;
        left -= taken;
    }
    return {fold(high ^ kSecond, text.size() ^ kFirst ^ low), fold(low ^ kFirst, high ^ seed.high)};
}

/* An entry: 96 bits of a key's fingerprint, and a number that its caller keeps with it. All zero: none. */
struct KeyEntry {
    std::uint64_t high;
    std::uint32_t low;
    std::uint32_t value;
};

/* A table of keys. `size` is a power of two, its entries all zero at first, and fewer than size are used. */
struct KeyTable {
    KeyEntry *entries;
    std::size_t size;
    std::size_t used;
};

/* Whether it has to move to a larger table before another key comes. */
inline bool is_full(const KeyTable &table) noexcept {
    return (table.used + 1) * 4 > table.size * 3;
}

/* The entry of a key; `is_new`: it was made now, with value 0. Domain: the table is not full. */
inline KeyEntry &entry_of(KeyTable &table, Fingerprint key, bool &is_new) noexcept {
    const std::uint64_t high = key.high | 1; // never all zero
    const auto low = static_cast<std::uint32_t>(key.low);
    std::size_t at = static_cast<std::size_t>(key.high >> 1) & (table.size - 1);
    while (true) {
        KeyEntry &entry = table.entries[at];
        if (entry.high == 0) {
            entry = {high, low, 0};
            ++table.used;
            is_new = true;
            return entry;
        }
        if (entry.high == high && entry.low == low) {
            is_new = false;
            return entry;
        }
        at = (at + 1) & (table.size - 1);
    }
}

/* Copies all keys, or those of a part of a table, into a larger table that has none of them. */
inline void move_keys(const KeyTable &from, KeyTable &to) noexcept {
    for (std::size_t i = 0; i < from.size; ++i) {
        if (from.entries[i].high != 0) {
            bool is_new = false;
            entry_of(to, {from.entries[i].high, from.entries[i].low}, is_new).value = from.entries[i].value;
        }
    }
}

} // namespace tradeup
