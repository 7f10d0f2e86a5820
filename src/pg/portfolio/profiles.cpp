/*
 * Rows of profile_customers, taken apart.
 */
#include "pg/portfolio/profiles.hpp"

extern "C" {
#include "funcapi.h"
#include "utils/typcache.h"
}

namespace tradeup {

Elements ProfileRow::elements(Field field, const char *what) const {
    if (nulls[field]) {
        return {nullptr, nullptr, 0};
    }
    require_one_dimension(DatumGetArrayTypeP(values[field]), what);
    return elements_of(values[field]);
}

Customers ProfileRow::customers() const {
    return {elements(equities, "equities"),
            elements(current_payments, "current_payments"),
            elements(current_prices, "current_prices"),
            elements(trade_values, "trade_values"),
            elements(bonuses, "bonuses"),
            elements(incomes, "incomes")};
}

std::span<ProfileRow> profile_rows(Datum array) {
    const Elements rows = elements_of(array);
    auto *profiles =
        static_cast<ProfileRow *>(palloc(sizeof(ProfileRow) * static_cast<Size>(Max(rows.count, 1))));
    std::size_t count = 0;
    TupleDesc description = nullptr;
    for (int i = 0; i < rows.count; ++i) {
        if (rows.nulls[i]) {
            continue;
        }
        HeapTupleHeader header = DatumGetHeapTupleHeader(rows.values[i]);
        if (description == nullptr) {
            description = lookup_rowtype_tupdesc_copy(HeapTupleHeaderGetTypeId(header),
                                                      HeapTupleHeaderGetTypMod(header));
        }
        HeapTupleData tuple{};
        tuple.t_len = HeapTupleHeaderGetDatumLength(header);
        tuple.t_data = header;
        ProfileRow &row = profiles[count++];
        heap_deform_tuple(&tuple, description, row.values, row.nulls);
    }
    return {profiles, count};
}

} // namespace tradeup
