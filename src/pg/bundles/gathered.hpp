/*
 * The rows that aggregates over baskets gather: baskets and items by numbers, and what the numbers stand for.
 */
#pragma once

#include <cstdint>
#include <span>

#include "core/bundles/baskets.hpp"

#include "pg/glue/aggregate.hpp"
#include "pg/glue/json.hpp"

namespace tradeup {

/* How values of a type are told apart. */
enum class KeyKind : std::uint32_t {
    integer,   // by 8 bytes
    bytes,     // by the bytes of a text
    as_written // by the bytes of what the type's output function writes
};

/* Distinct keys, numbered from 0 as they come: strings of bytes one after another, found by their hashes. */
struct Keys {
    KeyKind kind;
    std::uint32_t count;
    std::uint64_t room;
    std::uint64_t *ends; // of each key among the bytes
    std::uint64_t used;
    std::uint64_t bytes_room;
    char *bytes;
    std::uint64_t slot_count; // a power of two
    std::uint64_t *slots;     // the upper half of the hash, and the number of the key plus 1

    std::string_view key(std::uint32_t number) const {
        const std::uint64_t begin = number == 0 ? 0 : ends[number - 1];
        return {bytes + begin, static_cast<std::size_t>(ends[number] - begin)};
    }
};

/* The state of the aggregates. */
struct Gathered {
    MemoryContext context;
    Size taken; // bytes of its arrays
    Keys baskets;
    Keys items;
    std::uint32_t last_basket;
    std::uint64_t rows;
    std::uint64_t room;
    BasketRow *row;
    Jsonb *options; // or nullptr

    std::span<BasketRow> all() const { return {row, static_cast<std::size_t>(rows)}; }
};

/* Raises 53400 when so many bytes are more than a hash table may take. */
void require_memory(Size bytes);

/* What users ask of mining. */
struct MiningOptions {
    Universe universe;
    bool all_tests;
    std::int64_t min_count;
    double min_support;
    double min_confidence;
    double min_lift;
    double max_q;
};

/* Options as they are written, and these where there are none. Errors: 22023. */
MiningOptions mining_options(Jsonb *options, MiningOptions standard);

/* Numbers items in the order of their keys, in the rows too, and returns the texts that they stand for in
 * this order. */
Datum *order_items(Gathered *gathered);

} // namespace tradeup
