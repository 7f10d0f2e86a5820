/*
 * The edges of the windows of many deals, merged.
 */
#include "core/deal/buckets.hpp"

#include <algorithm>

#include "core/base/pure.hpp"

namespace tradeup {

std::size_t most_edges(std::span<const Deal *const> deals) noexcept {
    std::size_t most = 0;
    for (const Deal *deal : deals) {
        most += 2 * static_cast<std::size_t>(deal->window_count);
    }
    return most;
}

std::size_t merge_edges(std::span<const Deal *const> deals, std::int64_t *edges) noexcept {
    std::int64_t *end = edges;
    for (const Deal *deal : deals) {
        for (std::int64_t i = 0; i < deal->window_count; ++i) {
            *end++ = deal->windows[i].lowest;
            *end++ = deal->windows[i].highest + 1;
        }
    }
    std::sort(edges, end);
    return static_cast<std::size_t>(std::unique(edges, end) - edges);
}

} // namespace tradeup
