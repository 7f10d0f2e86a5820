/*
 * What the aggregates of predictions and outcomes share: reading a row, rows that are kept, and arrays of
 * rows as results.
 */
#pragma once

#include "core/leads/judged.hpp"

#include <cstring>
#include <span>

#include "pg/glue/aggregate.hpp"
#include "pg/glue/rows.hpp"

namespace tradeup {

/* The p of an argument. Errors: 22023. */
inline double probability_argument(FunctionCallInfo fcinfo, int argument, const char *what) {
    const double p = PG_GETARG_FLOAT8(argument);
    if (!is_probability(p)) [[unlikely]] {
        report(no_probability(what, p));
    }
    return p;
}

/* Elements that a group keeps, in a block that grows; all zero at first. */
template <typename Element>
struct Kept {
    Element *elements;
    std::size_t count;
    std::size_t room;

    std::span<Element> all() const { return {elements, count}; }

    /* Makes room for so many more. Errors: 54000 for more than 1 GB. */
    void make_room(MemoryContext context, std::size_t more) {
        constexpr std::size_t kFirst = 16;
        constexpr std::size_t kMost = (std::size_t{1} << 30) / sizeof(Element) - 1;
        if (count + more > kMost) {
            ereport(ERROR,
                    (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many predictions in one group"),
                     errdetail("A group holds at most %zu.", kMost)));
        }
        if (count + more <= room) {
            return;
        }
        const std::size_t wanted = Min(kMost, Max(Max(2 * room, kFirst), count + more));
        if (elements == nullptr) {
            elements = allocated<Element>(context, wanted);
        } else {
            grow(elements, wanted);
        }
        room = wanted;
    }

    void put(MemoryContext context, const Element &element) {
        if (count == room) [[unlikely]] {
            make_room(context, 1);
        }
        elements[count++] = element;
    }

    /* Takes so many elements, as they lie in memory. */
    void take(MemoryContext context, const char *from, std::size_t more) {
        make_room(context, more);
        if (more > 0) {
            std::memcpy(static_cast<void *>(elements + count), from, more * sizeof(Element));
            count += more;
        }
    }

    void put_all(MemoryContext context, std::span<const Element> others) {
        make_room(context, others.size());
        for (const Element &element : others) {
            elements[count++] = element;
        }
    }
};

/* The state of an aggregate that keeps all rows of its group. */
template <typename Element>
struct KeptState {
    MemoryContext context;
    Kept<Element> kept;
};

template <typename Element>
KeptState<Element> *kept_state(FunctionCallInfo fcinfo) {
    auto *state = state_argument<KeptState<Element>>(fcinfo);
    if (state == nullptr) [[unlikely]] {
        state = state_or_new<KeptState<Element>>(fcinfo);
        state->context = aggregate_context(fcinfo);
    }
    return state;
}

/* Joins the rows of two states; the second stays as it is. */
template <typename Element>
Datum kept_combine(FunctionCallInfo fcinfo) {
    const auto *others =
        PG_ARGISNULL(1) ? nullptr : reinterpret_cast<const KeptState<Element> *>(PG_GETARG_POINTER(1));
    if (others == nullptr && PG_ARGISNULL(0)) {
        PG_RETURN_NULL();
    }
    auto *state = kept_state<Element>(fcinfo);
    if (others != nullptr) {
        state->kept.put_all(state->context, others->kept.all());
    }
    PG_RETURN_POINTER(state);
}

/* The receiver is a process of the same server, so rows go as they are. */
template <typename Element>
Datum kept_serialize(FunctionCallInfo fcinfo) {
    (void)aggregate_context(fcinfo);
    const auto *state = reinterpret_cast<const KeptState<Element> *>(PG_GETARG_POINTER(0));
    const Size size = state->kept.count * sizeof(Element);
    auto *sent = static_cast<bytea *>(palloc(VARHDRSZ + size));
    SET_VARSIZE(sent, VARHDRSZ + size);
    if (size > 0) {
        std::memcpy(VARDATA(sent), state->kept.elements, size);
    }
    PG_RETURN_BYTEA_P(sent);
}

template <typename Element>
Datum kept_deserialize(FunctionCallInfo fcinfo) {
    (void)aggregate_context(fcinfo);
    const bytea *sent = PG_GETARG_BYTEA_PP(0);
    auto *state = static_cast<KeptState<Element> *>(palloc0(sizeof(KeptState<Element>)));
    state->context = CurrentMemoryContext;
    state->kept.take(state->context, VARDATA_ANY(sent), VARSIZE_ANY_EXHDR(sent) / sizeof(Element));
    PG_RETURN_POINTER(state);
}

/* The array of a composite type that the function which is called returns, from rows of so many columns. */
class RowArray {
public:
    RowArray(FunctionCallInfo fcinfo, std::size_t most);
    void put(Datum *values);
    void put(Datum *values, bool *nulls);
    Datum array() const;

private:
    Oid element_;
    TupleDesc row_;
    Datum *rows_;
    int count_ = 0;
};

} // namespace tradeup
