/*
 * Deals as Datums, for whatever takes or makes one.
 */
#pragma once

#include "core/deal/deal.hpp"

#include "pg/glue/numeric.hpp"

namespace tradeup {

/* Raises the error that a stored deal has a format of another version. */
[[noreturn, gnu::cold]] void refuse_format(const struct varlena *stored);

/* A deal from its datum. Errors: 22023 for a deal in a format that this version does not know. */
inline const Deal &to_deal(Datum datum) {
    auto *stored = reinterpret_cast<struct varlena *>(DatumGetPointer(datum));
    if (VARATT_IS_EXTENDED(stored)) [[unlikely]] {
        stored = pg_detoast_datum(stored);
    }
    const auto &deal = *reinterpret_cast<const Deal *>(stored);
    if (VARSIZE(stored) != sizeof(Deal) || deal.format != kDealFormat) [[unlikely]] {
        refuse_format(stored);
    }
    return deal;
}

/* A deal compiled from terms, in memory of the call. Errors: those of build_deal. */
const Deal &compiled(const Terms &terms);

inline Datum deal_datum(const Deal &deal) {
    return PointerGetDatum(&deal);
}

/* An amount of a deal, in minor units, as a numeric with the decimals of its currency. */
inline Datum money(const Deal &deal, std::int64_t minor) {
    return to_numeric(minor, deal.minor_digits);
}

} // namespace tradeup
