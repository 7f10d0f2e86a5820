/*
 * Reading pieces of a price list.
 */
#include <cstring>

#include "pg/portfolio/price_list_reader.hpp"

#include "pg/portfolio/price_list.hpp"

extern "C" {
#include "access/detoast.h"
}

namespace tradeup {

namespace {

/* Whether a value lies outside its row as it is, so that a piece of it can be read alone. */
bool in_pieces(const struct varlena *stored) {
    if (!VARATT_IS_EXTERNAL_ONDISK(stored)) {
        return false;
    }
    struct varatt_external place {};
    std::memcpy(&place, VARDATA_EXTERNAL(stored), sizeof place);
    return VARATT_EXTERNAL_GET_EXTSIZE(place) + VARHDRSZ == static_cast<Size>(place.va_rawsize);
}

} // namespace

PriceListReader::PriceListReader(Datum datum)
    : stored_(reinterpret_cast<struct varlena *>(DatumGetPointer(datum))), whole_(nullptr), head_{} {
    if (!in_pieces(stored_)) {
        whole_ = &to_price_list(datum);
        head_ = *whole_;
        return;
    }
    read(VARHDRSZ, reinterpret_cast<char *>(&head_) + VARHDRSZ, sizeof head_ - VARHDRSZ);
    if (head_.format != kPriceListFormat) {
        whole_ = &to_price_list(datum); // raises the error
    }
}

/* Some bytes of the list, counted from its length word on. */
void PriceListReader::read(std::size_t offset, void *to, std::size_t size) const {
    struct varlena *piece = detoast_attr_slice(stored_, static_cast<std::int32_t>(offset - VARHDRSZ),
                                               static_cast<std::int32_t>(size));
    if (VARSIZE(piece) - VARHDRSZ != size) {
        ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("price list is shorter than it says")));
    }
    std::memcpy(to, VARDATA(piece), size);
    pfree(piece);
}

std::size_t PriceListReader::below(std::int64_t price_minor) const {
    if (whole_ != nullptr) {
        return prices_below(prices_of(*whole_), price_minor);
    }
    /* The last steps of the search are within a piece of this many prices, about what a chunk holds. */
    constexpr std::size_t kPiece = 128;
    std::int64_t piece[kPiece];
    std::size_t low = 0;
    std::size_t high = runs();
    const auto price_at = [](std::size_t run) { return sizeof(PriceList) + run * sizeof(std::int64_t); };
    while (high - low > kPiece) {
        const std::size_t middle = low + (high - low) / 2;
        std::int64_t price = 0;
        read(price_at(middle), &price, sizeof price);
        (price < price_minor ? low : high) = price < price_minor ? middle + 1 : middle;
    }
    if (low == high) {
        return low;
    }
    read(price_at(low), piece, (high - low) * sizeof(std::int64_t));
    return low + prices_below(Prices{piece, high - low}, price_minor);
}

RunningTotal PriceListReader::total(std::size_t runs) const {
    if (whole_ != nullptr) {
        return whole_->totals()[runs];
    }
    RunningTotal total{};
    read(sizeof(PriceList) + this->runs() * sizeof(std::int64_t) + runs * sizeof(RunningTotal), &total,
         sizeof total);
    return total;
}

} // namespace tradeup
