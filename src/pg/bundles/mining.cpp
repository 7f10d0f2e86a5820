/*
 * What the aggregates over baskets return: pairs, triples and co-visitation of items as arrays of rows.
 */
#include <algorithm>
#include <bit>
#include <cmath>

#include "core/bundles/covisitation.hpp"
#include "core/bundles/hypergeometric.hpp"
#include "core/bundles/measures.hpp"

#include "pg/bundles/gathered.hpp"

#include "pg/glue/array.hpp"
#include "pg/glue/interrupt.hpp"
#include "pg/glue/rows.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"
}

using namespace tradeup;

namespace {

constexpr MiningOptions kStandard{{2, SIZE_MAX}, false, 2, 0, 0, 0, 1};
constexpr MiningOptions kOfCovisitation{{1, SIZE_MAX}, false, 3, 0, 0, 0, 1};

int bits_of(std::size_t count) {
    return static_cast<int>(std::bit_width(count));
}

/* Rows of the type of which the function that is called returns an array. */
class RowArray {
public:
    explicit RowArray(FunctionCallInfo fcinfo)
        : type_(get_element_type(get_func_rettype(fcinfo->flinfo->fn_oid))),
          description_(lookup_rowtype_tupdesc_copy(type_, -1)) {}

    void reserve(std::size_t rows) { rows_ = allocated<Datum>(CurrentMemoryContext, rows); }

    template <std::size_t Columns>
    void put(Datum (&values)[Columns]) {
        bool nulls[Columns] = {};
        Assert(description_->natts == static_cast<int>(Columns));
        rows_[count_++] = HeapTupleGetDatum(heap_form_tuple(description_, values, nulls));
    }

    Datum array() const {
        if (count_ == 0) {
            return PointerGetDatum(construct_empty_array(type_));
        }
        if (count_ > INT_MAX) {
            ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many results"),
                            errhint("Raise the option min_count.")));
        }
        return PointerGetDatum(
            construct_array(rows_, static_cast<int>(count_), type_, -1, false, TYPALIGN_DOUBLE));
    }

private:
    Oid type_;
    TupleDesc description_;
    Datum *rows_ = nullptr;
    std::size_t count_ = 0;
};

/* The pairs of gathered baskets. */
struct Counted {
    MiningOptions options;
    Datum *words; // of items
    std::size_t items;
    std::span<const BasketRow> rows;
    std::int64_t baskets;
    std::span<std::uint32_t> n_of;
    std::span<Pair> pairs;
    std::uint32_t *counts;
    Size taken;

    PairCounts pair(std::size_t i) const {
        return {baskets, n_of[pairs[i] >> 32], n_of[item_of(pairs[i])], counts[i]};
    }
    std::int64_t least() const {
        const double share = std::ceil(options.min_support * static_cast<double>(baskets) * (1 - 1e-15));
        return std::max(options.min_count, static_cast<std::int64_t>(share));
    }
};

Counted count_pairs(Gathered *state, const MiningOptions &standard) {
    Counted counted{};
    counted.options = mining_options(state->options, standard);
    counted.words = order_items(state);
    counted.items = state->items.count;
    const Size of_items = counted.items * (sizeof(Datum) + sizeof(std::uint32_t));
    require_memory(state->taken + of_items + state->rows * sizeof(BasketRow));
    counted.n_of = {allocated<std::uint32_t>(CurrentMemoryContext, counted.items), counted.items};
    std::fill(counted.n_of.begin(), counted.n_of.end(), 0);
    auto *scratch = allocated<BasketRow>(CurrentMemoryContext, state->rows);
    const BasketCounts kept =
        uncancelled(keep_universe(state->all(), {scratch, static_cast<std::size_t>(state->rows)},
                                  counted.options.universe, counted.n_of, stop_asked));
    pfree(scratch);
    counted.rows = state->all().first(kept.rows);
    counted.baskets = static_cast<std::int64_t>(kept.baskets);
    const std::size_t pairs = pairs_in(counted.rows);
    if (pairs > UINT32_MAX) {
        ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("baskets have too many pairs"),
                        errdetail("They have %zu, and %u is the most.", pairs, UINT32_MAX),
                        errhint("Leave out the largest baskets with the option max_items.")));
    }
    counted.taken = state->taken + of_items + 2 * pairs * sizeof(Pair);
    require_memory(counted.taken);
    auto *keys = allocated<Pair>(CurrentMemoryContext, pairs);
    auto *more = allocated<Pair>(CurrentMemoryContext, pairs);
    (void)uncancelled(write_pairs(counted.rows, keys, stop_asked));
    counted.counts = reinterpret_cast<std::uint32_t *>(more);
    const int bits = bits_of(counted.items);
    counted.pairs = {
        keys, uncancelled(count_keys({keys, pairs}, {more, pairs}, bits, bits, counted.counts, stop_asked))};
    return counted;
}

/* The test in the baskets, with log-factorials for as many as the most frequent pair can take away. */
FisherTest test_of(const Counted &counted) {
    constexpr std::size_t kMostKept = 16384;
    const std::uint32_t most =
        counted.items == 0 ? 0 : *std::max_element(counted.n_of.begin(), counted.n_of.end());
    const std::size_t kept =
        std::min({kMostKept, static_cast<std::size_t>(counted.baskets) + 1, 2 * std::size_t{most} + 1});
    return FisherTest(static_cast<std::uint64_t>(counted.baskets),
                      {allocated<TwoDoubles>(CurrentMemoryContext, kept), kept});
}

Marginal *marginals_of(const Counted &counted, const FisherTest &test) {
    auto *marginals = allocated<Marginal>(CurrentMemoryContext, counted.items);
    for (std::size_t i = 0; i < counted.items; ++i) {
        end_if_asked(i);
        marginals[i] = test.marginal(counted.n_of[i]);
    }
    return marginals;
}

/* The false discovery rates of all pairs in the order of p. */
struct Discoveries {
    std::span<const double> logs; // of p, ascending
    std::span<const double> rates;

    double of(double log_p) const {
        return rates[static_cast<std::size_t>(std::lower_bound(logs.begin(), logs.end(), log_p) -
                                              logs.begin())];
    }
};

Discoveries discoveries_of(const Counted &counted, const FisherTest &test, const Marginal *marginals) {
    const std::size_t pairs = counted.pairs.size();
    require_memory(counted.taken + counted.items * sizeof(Marginal) + 2 * pairs * sizeof(double));
    auto *logs = allocated<double>(CurrentMemoryContext, pairs);
    auto *rates = allocated<double>(CurrentMemoryContext, pairs);
    (void)uncancelled(write_log_tails(counted.pairs, counted.counts, test, marginals, logs, stop_asked));
    (void)uncancelled(sort_logs({logs, pairs}, {rates, pairs}, stop_asked));
    double tests = static_cast<double>(pairs);
    if (counted.options.all_tests) {
        const auto items = static_cast<double>(
            std::count_if(counted.n_of.begin(), counted.n_of.end(), [](std::uint32_t n) { return n > 0; }));
        tests = items * (items - 1) / 2;
    }
    false_discovery_rates({logs, pairs}, tests, rates);
    return {{logs, pairs}, {rates, pairs}};
}

/* Whether a pair is one that the options ask for. */
bool is_shown(const Counted &counted, const PairCounts &pair, std::int64_t least) {
    return pair.n_ab >= least &&
           ratio(pair.n_ab, std::min(pair.n_a, pair.n_b)) >= counted.options.min_confidence &&
           lift(pair) >= counted.options.min_lift;
}

std::size_t shown_pairs(const Counted &counted) {
    const std::int64_t least = counted.least();
    std::size_t shown = 0;
    for (std::size_t i = 0; i < counted.pairs.size(); ++i) {
        shown += is_shown(counted, counted.pair(i), least) ? 1 : 0;
    }
    return shown;
}

Datum whole(std::int64_t number) {
    return Int64GetDatum(number);
}

Datum pair_rows(FunctionCallInfo fcinfo, Gathered *state) {
    RowArray rows(fcinfo);
    if (state == nullptr) {
        return rows.array();
    }
    const Counted counted = count_pairs(state, kStandard);
    const FisherTest test = test_of(counted);
    const Marginal *marginals = marginals_of(counted, test);
    const Discoveries discoveries = discoveries_of(counted, test, marginals);
    const std::int64_t least = counted.least();
    rows.reserve(shown_pairs(counted));
    for (std::size_t i = 0; i < counted.pairs.size(); ++i) {
        end_if_asked(i * 64);
        const PairCounts pair = counted.pair(i);
        if (!is_shown(counted, pair, least)) {
            continue;
        }
        const auto a = static_cast<std::size_t>(counted.pairs[i] >> 32);
        const std::size_t b = item_of(counted.pairs[i]);
        const Tail tail = test.upper_tail(marginals[a], marginals[b], static_cast<std::uint64_t>(pair.n_ab));
        const double q = discoveries.of(tail.log_p);
        if (q > counted.options.max_q) {
            continue;
        }
        Datum values[] = {counted.words[a],
                          counted.words[b],
                          whole(pair.n),
                          whole(pair.n_a),
                          whole(pair.n_b),
                          whole(pair.n_ab),
                          Float8GetDatum(ratio(pair.n_ab, pair.n)),
                          Float8GetDatum(ratio(pair.n_ab, pair.n_a)),
                          Float8GetDatum(ratio(pair.n_ab, pair.n_b)),
                          Float8GetDatum(lift(pair)),
                          Float8GetDatum(leverage(pair)),
                          Float8GetDatum(g_squared(pair)),
                          Float8GetDatum(tail.p),
                          Float8GetDatum(log10_of(tail)),
                          Float8GetDatum(q)};
        rows.put(values);
    }
    return rows.array();
}

/* The pairs that are often enough to be in a triple that is, and where each is. */
std::size_t keep_often(Counted &counted, std::int64_t least) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < counted.pairs.size(); ++i) {
        if (counted.counts[i] >= least) {
            counted.pairs[kept] = counted.pairs[i];
            counted.counts[kept++] = counted.counts[i];
        }
    }
    counted.pairs = counted.pairs.first(kept);
    return kept;
}

Datum triple_rows(FunctionCallInfo fcinfo, Gathered *state) {
    RowArray rows(fcinfo);
    if (state == nullptr) {
        return rows.array();
    }
    Counted counted = count_pairs(state, kStandard);
    const std::int64_t least = counted.least();
    const std::size_t often = keep_often(counted, least);
    const std::size_t slots = PairIndex::slots_for(often);
    require_memory(counted.taken + slots * sizeof(std::uint32_t));
    const PairIndex index(counted.pairs, {allocated<std::uint32_t>(CurrentMemoryContext, slots), slots});
    const std::size_t all = uncancelled(write_triples(counted.rows, index, often, nullptr, stop_asked));
    require_memory(counted.taken + slots * sizeof(std::uint32_t) + 2 * all * sizeof(std::uint64_t));
    auto *keys = allocated<std::uint64_t>(CurrentMemoryContext, all);
    auto *scratch = allocated<std::uint64_t>(CurrentMemoryContext, all);
    (void)uncancelled(write_triples(counted.rows, index, often, keys, stop_asked));
    auto *counts = reinterpret_cast<std::uint32_t *>(scratch);
    const std::size_t distinct = uncancelled(
        count_keys({keys, all}, {scratch, all}, bits_of(often), bits_of(counted.items), counts, stop_asked));
    rows.reserve(distinct);
    for (std::size_t i = 0; i < distinct; ++i) {
        end_if_asked(i * 64);
        const auto ab = static_cast<std::size_t>(keys[i] >> 32);
        const auto a = static_cast<std::uint32_t>(counted.pairs[ab] >> 32);
        const std::uint32_t b = item_of(counted.pairs[ab]);
        const std::uint32_t c = item_of(keys[i]);
        const TripleCounts triple{counted.baskets,
                                  counted.n_of[a],
                                  counted.n_of[b],
                                  counted.n_of[c],
                                  counted.counts[ab],
                                  counted.counts[index.find(Pair{a} << 32 | c)],
                                  counted.counts[index.find(Pair{b} << 32 | c)],
                                  counts[i]};
        const std::int64_t rarest = std::min({triple.n_ab, triple.n_ac, triple.n_bc});
        if (triple.n_abc < least || ratio(triple.n_abc, rarest) < counted.options.min_confidence) {
            continue;
        }
        const double lifts[] = {lift({triple.n, triple.n_a, triple.n_bc, triple.n_abc}),
                                lift({triple.n, triple.n_b, triple.n_ac, triple.n_abc}),
                                lift({triple.n, triple.n_c, triple.n_ab, triple.n_abc})};
        if (*std::min_element(std::begin(lifts), std::end(lifts)) < counted.options.min_lift) {
            continue;
        }
        const auto share = [&](std::int64_t of) { return Float8GetDatum(ratio(triple.n_abc, of)); };
        Datum values[] = {counted.words[a],         counted.words[b],
                          counted.words[c],         whole(triple.n),
                          whole(triple.n_a),        whole(triple.n_b),
                          whole(triple.n_c),        whole(triple.n_ab),
                          whole(triple.n_ac),       whole(triple.n_bc),
                          whole(triple.n_abc),      share(triple.n),
                          share(triple.n_a),        share(triple.n_b),
                          share(triple.n_c),        share(triple.n_ab),
                          share(triple.n_ac),       share(triple.n_bc),
                          Float8GetDatum(lifts[0]), Float8GetDatum(lifts[1]),
                          Float8GetDatum(lifts[2]), Float8GetDatum(mutual_lift(triple))};
        rows.put(values);
    }
    return rows.array();
}

/* The neighbours of each item: those of item i end where those of the next begin. */
struct Neighbours {
    std::size_t *begins;
    Neighbour *all;

    std::span<const Neighbour> of(std::size_t item) const {
        return {all + begins[item], begins[item + 1] - begins[item]};
    }
};

/* Pairs come in the order of items, so that each list gets the lower neighbours, in order, before the higher
 * ones. */
Neighbours neighbours_of(const Counted &counted) {
    const std::size_t pairs = counted.pairs.size();
    require_memory(counted.taken + 2 * pairs * sizeof(Neighbour) + 2 * counted.items * sizeof(std::size_t));
    Neighbours neighbours{allocated<std::size_t>(CurrentMemoryContext, counted.items + 1),
                          allocated<Neighbour>(CurrentMemoryContext, 2 * pairs)};
    auto *next = allocated<std::size_t>(CurrentMemoryContext, counted.items + 1);
    std::fill(next, next + counted.items + 1, 0);
    for (const Pair pair : counted.pairs) {
        ++next[(pair >> 32) + 1];
        ++next[item_of(pair) + 1];
    }
    for (std::size_t i = 0; i < counted.items; ++i) {
        next[i + 1] += next[i];
    }
    std::copy(next, next + counted.items + 1, neighbours.begins);
    for (std::size_t i = 0; i < pairs; ++i) {
        const std::uint32_t b = item_of(counted.pairs[i]);
        neighbours.all[next[b]++] = {static_cast<std::uint32_t>(counted.pairs[i] >> 32),
                                     lift(counted.pair(i))};
    }
    for (std::size_t i = 0; i < pairs; ++i) {
        const auto a = static_cast<std::size_t>(counted.pairs[i] >> 32);
        neighbours.all[next[a]++] = {item_of(counted.pairs[i]), lift(counted.pair(i))};
    }
    return neighbours;
}

Datum covisitation_rows(FunctionCallInfo fcinfo, Gathered *state) {
    RowArray rows(fcinfo);
    if (state == nullptr) {
        return rows.array();
    }
    const Counted counted = count_pairs(state, kOfCovisitation);
    const Neighbours neighbours = neighbours_of(counted);
    const std::int64_t least = counted.least();
    rows.reserve(shown_pairs(counted));
    for (std::size_t i = 0; i < counted.pairs.size(); ++i) {
        if (!is_shown(counted, counted.pair(i), least)) {
            continue;
        }
        CHECK_FOR_INTERRUPTS();
        const auto a = static_cast<std::size_t>(counted.pairs[i] >> 32);
        const std::size_t b = item_of(counted.pairs[i]);
        Datum values[] = {counted.words[a], counted.words[b], whole(counted.counts[i]),
                          Float8GetDatum(cosine(neighbours.of(a), neighbours.of(b)))};
        rows.put(values);
    }
    return rows.array();
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(pairs_result);
PG_FUNCTION_INFO_V1(triples_result);
PG_FUNCTION_INFO_V1(covisitation_result);
PG_FUNCTION_INFO_V1(each_pair);

Datum pairs_result(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    return pair_rows(fcinfo, state_argument<Gathered>(fcinfo));
}

Datum triples_result(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    return triple_rows(fcinfo, state_argument<Gathered>(fcinfo));
}

Datum covisitation_result(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    return covisitation_rows(fcinfo, state_argument<Gathered>(fcinfo));
}

/* each_pair(pairs): what unnest gives, as a function of which the planner expects more. */
Datum each_pair(PG_FUNCTION_ARGS) {
    return array_unnest(fcinfo);
}

} // extern "C"
