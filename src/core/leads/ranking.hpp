/*
 * What needs all rows in the order of p: how well p ranks those that failed above the others, and the rates
 * that rise with p.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/stop.hpp"
#include "core/leads/judged.hpp"
#include "core/number/wide.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* Sorts by p, and equal p by outcome. Errors: cancelled, out_of_memory. */
Result<bool> sort_judged(std::span<Judged> rows, StopAsked stop) noexcept;

/*
 * The area under the receiver operating characteristic of sorted rows: the share of pairs of one that failed
 * and one that did not in which the former has the greater p; equal p count one half. None where all or none
 * failed.
 */
Answer area_under_curve(std::span<const Judged> sorted) noexcept;

/* Neighbours in the order of p that share one rate. */
struct IsotonicBlock {
    double p_from;
    double p_to;
    std::int64_t rows;
    std::int64_t failures;
};

/*
 * The rates that rise with p and fit the outcomes of sorted rows best, by pooling adjacent violators: equal p
 * are pooled first, and neighbours whose rates are equal are pooled too. Writes the blocks, of which there
 * are no more than rows, and returns their number. (R. E. Barlow et al., Statistical Inference under Order
 * Restrictions, 1972.)
 */
std::size_t isotonic_blocks(std::span<const Judged> sorted, IsotonicBlock *blocks) noexcept;

} // namespace tradeup
