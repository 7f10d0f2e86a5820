/*
 * is_listed: whether a text is in a list, whatever its case. It is asked of each vehicle, and lower() takes
 * longer than all else that a search asks of one.
 */
#include <cstring>

#include "pg/search/listed.hpp"

extern "C" {
#include "catalog/pg_collation.h"
#include "utils/array.h"
#include "utils/arrayaccess.h"
#include "utils/formatting.h"
}

namespace tradeup {

std::string_view folded(std::string_view value, char (&buffer)[kFoldBuffer]) {
    if (value.size() <= kFoldBuffer) [[likely]] {
        unsigned char all = 0;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const auto c = static_cast<unsigned char>(value[i]);
            all |= c;
            buffer[i] = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
        }
        if (all < 0x80) [[likely]] {
            return {buffer, value.size()};
        }
    }
    return str_tolower(value.data(), value.size(), DEFAULT_COLLATION_OID);
}

} // namespace tradeup

using namespace tradeup;

extern "C" {

PG_FUNCTION_INFO_V1(is_listed);

/* is_listed(value, list): the list is in lower case already. */
Datum is_listed(PG_FUNCTION_ARGS) {
    char buffer[kFoldBuffer];
    const std::string_view value = folded(view_of(PG_GETARG_DATUM(0)), buffer);
    AnyArrayType *list = PG_GETARG_ANY_ARRAY_P(1);
    const int count = ArrayGetNItems(AARR_NDIM(list), AARR_DIMS(list));
    array_iter elements;
    array_iter_setup(&elements, list);
    for (int i = 0; i < count; ++i) {
        bool is_null = false;
        const Datum element = array_iter_next(&elements, &is_null, i, -1, false, TYPALIGN_INT);
        if (!is_null && view_of(element) == value) {
            PG_RETURN_BOOL(true);
        }
    }
    PG_RETURN_BOOL(false);
}

} // extern "C"
