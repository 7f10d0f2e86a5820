/*
 * Questions to a stored price list that need little of it: where it lies outside its row, not compressed,
 * only the chunks that are asked for are read.
 */
#pragma once

#include "core/portfolio/price_list.hpp"

#include "pg/glue/glue.hpp"

namespace tradeup {

class PriceListReader {
public:
    /* Errors: 22023 for a list in a format of another version of the library. */
    explicit PriceListReader(Datum datum);

    std::int32_t minor_digits() const { return static_cast<std::int32_t>(head_.minor_digits); }
    std::size_t runs() const { return static_cast<std::size_t>(head_.runs); }

    /* The number of distinct prices below one. */
    std::size_t below(std::int64_t price_minor) const;

    /* The number and sum of the first so many distinct prices, with their repetitions. */
    RunningTotal total(std::size_t runs) const;

private:
    void read(std::size_t offset, void *to, std::size_t size) const;

    struct varlena *stored_;
    const PriceList *whole_; // null where the list is read in pieces
    PriceList head_;
};

} // namespace tradeup
