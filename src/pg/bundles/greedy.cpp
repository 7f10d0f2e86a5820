/*
 * The best pairs of which no two share an item.
 */
#include "pg/glue/array.hpp"
#include "pg/glue/interrupt.hpp"

#include <bit>

extern "C" {
#include "catalog/pg_type.h"
#include "common/hashfn.h"
}

using namespace tradeup;

namespace {

/* The numbers that are taken, each from 1 on: a table with open addressing, so that its memory follows how
 * many they are and not how large. */
struct Taken {
    std::uint32_t *numbers;
    std::size_t mask;
};

Taken taken_of_at_most(std::size_t count) {
    const std::size_t room = std::bit_ceil(2 * count + 1);
    return {static_cast<std::uint32_t *>(
                palloc_extended(room * sizeof(std::uint32_t), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO)),
            room - 1};
}

/* The place of a number, which has 0 while it is free. */
std::uint32_t &place_of(Taken &taken, std::int32_t number) {
    const auto wanted = static_cast<std::uint32_t>(number);
    std::size_t at = murmurhash32(wanted) & taken.mask;
    while (taken.numbers[at] != 0 && taken.numbers[at] != wanted) {
        at = (at + 1) & taken.mask;
    }
    return taken.numbers[at];
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(each_once);

/* each_once(firsts, seconds): of pairs of numbers from 1 on, in the order of their rank, whether each has
 * none of the numbers of those before it that have. */
Datum each_once(PG_FUNCTION_ARGS) {
    const auto firsts = plain_elements<std::int32_t>(PG_GETARG_DATUM(0), "firsts");
    const auto seconds = plain_elements<std::int32_t>(PG_GETARG_DATUM(1), "seconds");
    if (firsts.size() != seconds.size()) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("firsts and seconds must have the same length"),
                        errdetail("There are %zu and %zu.", firsts.size(), seconds.size())));
    }
    for (std::size_t i = 0; i < firsts.size(); ++i) {
        if (firsts[i] < 1 || seconds[i] < 1) {
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("numbers must be 1 or more"),
                            errdetail("There is %d.", static_cast<int>(Min(firsts[i], seconds[i])))));
        }
    }
    Taken taken = taken_of_at_most(2 * firsts.size());
    auto *chosen =
        static_cast<Datum *>(palloc_extended((firsts.size() + 1) * sizeof(Datum), MCXT_ALLOC_HUGE));
    for (std::size_t i = 0; i < firsts.size(); ++i) {
        end_if_asked(i);
        const bool free = place_of(taken, firsts[i]) == 0 && place_of(taken, seconds[i]) == 0;
        chosen[i] = BoolGetDatum(free);
        if (free) {
            place_of(taken, firsts[i]) = static_cast<std::uint32_t>(firsts[i]);
            place_of(taken, seconds[i]) = static_cast<std::uint32_t>(seconds[i]);
        }
    }
    PG_RETURN_ARRAYTYPE_P(
        construct_array(chosen, static_cast<int>(firsts.size()), BOOLOID, 1, true, TYPALIGN_CHAR));
}

} // extern "C"
