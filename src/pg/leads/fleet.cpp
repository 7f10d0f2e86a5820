/*
 * Aggregates over the vehicles of a dealer. Vehicles of one cohort and class with the same evidence are a
 * pattern: the step counts vehicles by pattern, and the end scores each pattern once.
 */
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <span>

#include "core/base/sort.hpp"
#include "core/leads/exact_sum.hpp"
#include "core/leads/risk_spread.hpp"

#include "pg/glue/aggregate.hpp"
#include "pg/glue/array.hpp"
#include "pg/glue/interrupt.hpp"
#include "pg/leads/judged.hpp"
#include "pg/leads/risk.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/datum.h"
}

using namespace tradeup;

namespace {

[[gnu::always_inline]] inline std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
    const unsigned __int128 product = static_cast<unsigned __int128>(a ^ 0x9E3779B97F4A7C15U) * (b | 1);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t hash_of(std::string_view bytes) {
    std::uint64_t hash = bytes.size();
    for (std::size_t at = 0; at < bytes.size(); at += sizeof hash) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
        hash = mixed(word + at, hash + 0x2545F4914F6CDD1DU);
    }
    return hash;
}

/* Elements that are told apart by a hash and a comparison, numbered as they come; open addressing. */
template <typename Element>
struct Numbered {
    Element *elements;
    std::uint32_t *slots; // number + 1; 0: free
    std::uint32_t count;
    std::uint32_t room; // half of the slots

    /* The number of the element that is the same; where there is none, of one that make() returns. */
    template <typename Same, typename Make>
    [[gnu::always_inline]] std::uint32_t find(MemoryContext context, std::uint64_t hash, Same same,
                                              Make make) {
        if (count == room) [[unlikely]] {
            grow_for(context);
        }
        const std::uint64_t at = slot_of(hash, same);
        if (slots[at] != 0) {
            return slots[at] - 1;
        }
        elements[count] = make();
        elements[count].hash = hash;
        slots[at] = ++count;
        return count - 1;
    }

    /* The number of the element that is the same, where there is one. */
    template <typename Same>
    std::optional<std::uint32_t> find_known(std::uint64_t hash, Same same) const {
        const std::uint32_t found = count == 0 ? 0 : slots[slot_of(hash, same)];
        return found == 0 ? std::nullopt : std::optional<std::uint32_t>(found - 1);
    }

private:
    /* The slot of the element that is the same, or the free one where it would come. */
    template <typename Same>
    [[gnu::always_inline]] std::uint64_t slot_of(std::uint64_t hash, Same same) const {
        const std::uint64_t mask = 2 * static_cast<std::uint64_t>(room) - 1;
        std::uint64_t at = hash & mask;
        for (; slots[at] != 0; at = (at + 1) & mask) {
            const Element &there = elements[slots[at] - 1];
            if (there.hash == hash && same(there)) {
                break;
            }
        }
        return at;
    }

    [[gnu::noinline]] void grow_for(MemoryContext context) {
        constexpr std::uint32_t kFirst = 64;
        constexpr std::uint32_t kMost = std::uint32_t{1} << 28;
        if (room >= kMost) {
            ereport(ERROR,
                    (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many vehicles that differ"),
                     errdetail("A dealer has at most %u patterns of cohort, class and evidence.", kMost)));
        }
        const std::uint32_t wanted = room == 0 ? kFirst : 2 * room;
        if (elements == nullptr) {
            elements = allocated<Element>(context, wanted);
        } else {
            grow(elements, wanted);
            pfree(slots);
        }
        const std::size_t slot_count = 2 * static_cast<std::size_t>(wanted);
        slots = allocated<std::uint32_t>(context, slot_count);
        std::fill_n(slots, slot_count, 0);
        for (std::uint32_t i = 0; i < count; ++i) {
            std::uint64_t at = elements[i].hash & (slot_count - 1);
            while (slots[at] != 0) {
                at = (at + 1) & (slot_count - 1);
            }
            slots[at] = i + 1;
        }
        room = wanted;
    }
};

/* The name of a cohort or a class; bytes of a class without a name are a null pointer. */
struct Label {
    std::uint64_t hash;
    const char *bytes;
    std::size_t size;

    std::string_view view() const { return {bytes, size}; }
};

struct Pattern {
    std::uint64_t hash;
    std::int64_t vehicles;
    Evidence evidence;
    std::uint32_t cohort;
    std::uint32_t vehicle_class;
};

/* How the dealer's vehicles are scored: what the first row of the group says. */
struct Scoring {
    Elements cohorts;
    Elements scorers;
    Elements before; // with other toggles; none: not asked for
    ClassBounds bounds;
    double level;
    int most_classes;
};

struct Fleet {
    MemoryContext context;
    std::int64_t unscored; // vehicles without cohort or evidence
    Scoring scoring;
    Numbered<Label> cohorts;
    Numbered<Label> classes;
    Numbered<Pattern> patterns;
};

enum Argument {
    kState,
    kCohort,
    kClass,
    kEvidence,
    kCohorts,
    kScorers,
    kBefore,
    kThresholds,
    kLevel,
    kMostClasses
};

/* The elements of an array argument that outlive the row; none where it is null. */
Elements kept_elements(FunctionCallInfo fcinfo, int argument, const char *what) {
    Elements elements = elements_argument(fcinfo, argument, what);
    if (elements.count > 0) {
        elements = elements_of(datumCopy(PG_GETARG_DATUM(argument), false, -1));
    }
    return elements;
}

/* So many scorers as cohorts, or an error. */
void require_length(const Elements &cohorts, const Elements &scorers, const char *what) {
    if (scorers.count != cohorts.count) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("cohorts and %s must have the same length", what),
                        errdetail("They have %d and %d.", cohorts.count, scorers.count)));
    }
}

Fleet *new_fleet(FunctionCallInfo fcinfo) {
    constexpr std::pair<int, const char *> kNeeded[] = {{kCohorts, "cohorts"},
                                                        {kScorers, "scorers"},
                                                        {kThresholds, "thresholds"},
                                                        {kLevel, "level"},
                                                        {kMostClasses, "most classes"}};
    for (const auto &[argument, what] : kNeeded) {
        if (PG_ARGISNULL(argument)) {
            ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", what)));
        }
    }
    auto *fleet = state_or_new<Fleet>(fcinfo);
    fleet->context = aggregate_context(fcinfo);
    Scoring &scoring = fleet->scoring;
    scoring.level = PG_GETARG_FLOAT8(kLevel);
    scoring.most_classes = PG_GETARG_INT32(kMostClasses);
    scoring.bounds = value_of(
        class_bounds(plain_elements<double>(PG_GETARG_DATUM(kThresholds), "thresholds"), scoring.level));
    const MemoryContext caller = MemoryContextSwitchTo(fleet->context);
    scoring.cohorts = kept_elements(fcinfo, kCohorts, "cohorts");
    scoring.scorers = kept_elements(fcinfo, kScorers, "scorers");
    scoring.before = kept_elements(fcinfo, kBefore, "scorers before");
    MemoryContextSwitchTo(caller);
    require_length(scoring.cohorts, scoring.scorers, "scorers");
    if (!PG_ARGISNULL(kBefore)) {
        require_length(scoring.cohorts, scoring.before, "scorers before");
    }
    return fleet;
}

template <typename Of>
char *kept_bytes(MemoryContext context, Of bytes) {
    auto *kept = static_cast<char *>(MemoryContextAlloc(context, bytes.size() + 1));
    if (!bytes.empty()) {
        std::memcpy(kept, bytes.data(), bytes.size());
    }
    return kept;
}

auto has_name(std::string_view name) {
    return [name](const Label &other) {
        return other.view() == name && (other.bytes == nullptr) == (name.data() == nullptr);
    };
}

std::uint32_t number_of(Fleet *fleet, Numbered<Label> &names, std::string_view name) {
    return names.find(fleet->context, hash_of(name), has_name(name), [&]() -> Label {
        return {0, name.data() == nullptr ? nullptr : kept_bytes(fleet->context, name), name.size()};
    });
}

std::string_view probabilities_of(const Evidence &evidence) {
    return {evidence.probabilities, evidence_size(evidence.soft()) - kPlainEvidenceSize};
}

void count_vehicle(Fleet *fleet, std::uint32_t cohort, std::uint32_t vehicle_class,
                   const Evidence &evidence) {
    std::uint64_t hash = mixed((std::uint64_t{cohort} << 32) | vehicle_class, evidence.fingerprint + 1);
    hash = mixed(hash ^ evidence.present, evidence.absent + 0x2545F4914F6CDD1DU);
    const bool soft = evidence.soft() != 0;
    const std::uint32_t at = fleet->patterns.find(
        fleet->context, hash,
        [&](const Pattern &other) {
            return other.cohort == cohort && other.vehicle_class == vehicle_class &&
                   other.evidence.fingerprint == evidence.fingerprint &&
                   other.evidence.present == evidence.present && other.evidence.absent == evidence.absent &&
                   (!soft || probabilities_of(other.evidence) == probabilities_of(evidence));
        },
        [&]() -> Pattern {
            Evidence kept = evidence;
            kept.probabilities = soft ? kept_bytes(fleet->context, probabilities_of(evidence)) : nullptr;
            return {0, 0, kept, cohort, vehicle_class};
        });
    ++fleet->patterns.elements[at].vehicles;
}

/* So many patterns or cohorts are looked at between two looks whether the query is to end. */
constexpr std::uint32_t kBetweenAsking = 1024;

/* The scorers of each cohort that vehicles have; nullptr for a cohort that has none. */
struct CohortScorers {
    const RiskScorer *now;
    const RiskScorer *before;
    Positions moved; // stressors that only one of them counts
};
const RiskScorer *scorer_at(const Elements &scorers, int at) {
    return at < scorers.count && !scorers.nulls[at] ? &to_scorer(scorers.values[at]) : nullptr;
}
CohortScorers *scorers_of(const Fleet &fleet) {
    const Scoring &scoring = fleet.scoring;
    auto *found = allocated<CohortScorers>(CurrentMemoryContext, fleet.cohorts.count);
    std::fill_n(found, fleet.cohorts.count, CohortScorers{});
    for (int at = 0; at < scoring.cohorts.count; ++at) {
        if (static_cast<std::uint32_t>(at) % kBetweenAsking == 0) {
            CHECK_FOR_INTERRUPTS();
        }
        if (scoring.cohorts.nulls[at]) {
            continue;
        }
        const std::string_view name = view_of(scoring.cohorts.values[at]);
        if (const auto cohort = fleet.cohorts.find_known(hash_of(name), has_name(name))) {
            const RiskScorer *now = scorer_at(scoring.scorers, at);
            const RiskScorer *before = scorer_at(scoring.before, at);
            found[*cohort] = {now, before,
                              now != nullptr && before != nullptr ? now->enabled ^ before->enabled : 0};
        }
    }
    return found;
}

Datum text_datum(std::string_view words) {
    return PointerGetDatum(cstring_to_text_with_len(words.data(), static_cast<int>(words.size())));
}

/* Vehicles of one class with one severity before and now. A severity is a place from 0; after them come
 * uncertain, and vehicles without a score. */
struct Share {
    std::uint64_t hash;
    std::int64_t vehicles;
    std::array<std::uint64_t, 2> failures; // an ExactSum, which is aligned to more than arrays that grow are
    std::uint32_t vehicle_class;
    std::uint16_t before;
    std::uint16_t now;

    ExactSum<0> expected() const { return {std::bit_cast<Int128>(failures)}; }
    void add(std::int64_t more, ExactSum<0> risk) {
        vehicles += more;
        failures = std::bit_cast<std::array<std::uint64_t, 2>>(expected().units + risk.units * more);
    }
};

void add_pattern(Numbered<Share> &shares, const Pattern &pattern, const CohortScorers &scorers,
                 const Scoring &scoring) {
    const std::size_t uncertain = scoring.bounds.count + 1;
    const auto place = [&](const RiskScorer &scorer) {
        const std::optional<int> severity =
            severity_of(scorer, pattern.evidence, scoring.bounds, scoring.most_classes);
        return static_cast<std::uint16_t>(severity ? static_cast<std::size_t>(*severity) : uncertain);
    };
    const std::uint16_t now = place(*scorers.now);
    const bool same = (pattern.evidence.known() & scorers.moved) == 0;
    const std::uint16_t before = same ? now : place(*scorers.before);
    const std::uint32_t share = shares.find(
        CurrentMemoryContext, mixed(pattern.vehicle_class, (std::uint64_t{before} << 16) | now),
        [&](const Share &other) {
            return other.vehicle_class == pattern.vehicle_class && other.before == before && other.now == now;
        },
        [&]() -> Share { return {0, 0, {}, pattern.vehicle_class, before, now}; });
    ExactSum<0> risk{};
    risk.add(risk_of(*scorers.now, pattern.evidence));
    shares.elements[share].add(pattern.vehicles, risk);
}

/* A pattern and what it is scored as; risks of patterns that have no scorer are below 0. */
struct Ranked {
    const Pattern *pattern;
    double risk;
    double percentile; // below 0: none
};

/* Below ten vehicles of a cohort none has a percentile: the share of the others with a lower risk. */
void rank_cohort(std::span<Ranked> cohort) {
    constexpr std::int64_t kFewest = 10;
    std::int64_t vehicles = 0;
    for (const Ranked &ranked : cohort) {
        vehicles += ranked.pattern->vehicles;
    }
    std::int64_t below = 0;
    std::int64_t alike = 0;
    for (std::size_t i = 0; i < cohort.size(); ++i) {
        if (i > 0 && cohort[i].risk != cohort[i - 1].risk) {
            below += alike;
            alike = 0;
        }
        alike += cohort[i].pattern->vehicles;
        cohort[i].percentile =
            vehicles < kFewest ? -1 : static_cast<double>(below) / static_cast<double>(vehicles - 1);
    }
}

/* The patterns that have a scorer, by cohort and risk. */
std::span<Ranked> ranked_patterns(const Fleet &fleet, const CohortScorers *scorers) {
    auto *all = allocated<Ranked>(CurrentMemoryContext, fleet.patterns.count);
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < fleet.patterns.count; ++i) {
        if (i % kBetweenAsking == 0) {
            CHECK_FOR_INTERRUPTS();
        }
        const Pattern &pattern = fleet.patterns.elements[i];
        const RiskScorer *scorer = scorers[pattern.cohort].now;
        if (scorer != nullptr && takes(*scorer, pattern.evidence)) {
            all[count++] = {&pattern, risk_of(*scorer, pattern.evidence), 0};
        }
    }
    const auto before = [](const Ranked &a, const Ranked &b) {
        return a.pattern->cohort != b.pattern->cohort ? a.pattern->cohort < b.pattern->cohort
               : a.risk != b.risk                     ? a.risk < b.risk
                                                      : a.pattern < b.pattern;
    };
    (void)uncancelled(sort_elements(std::span(all, count), before, stop_asked));
    for (std::size_t from = 0, to = 0; from < count; from = to) {
        while (to < count && all[to].pattern->cohort == all[from].pattern->cohort) {
            ++to;
        }
        rank_cohort({all + from, to - from});
    }
    return {all, count};
}

Datum stored_evidence(const Evidence &evidence) {
    const std::string_view probabilities = probabilities_of(evidence);
    const Size size = VARHDRSZ + kPlainEvidenceSize + probabilities.size();
    auto *stored = static_cast<char *>(palloc(size));
    SET_VARSIZE(stored, size);
    char *to = stored + VARHDRSZ;
    std::memcpy(to, &evidence.fingerprint, sizeof evidence.fingerprint);
    std::memcpy(to + 4, &evidence.present, sizeof evidence.present);
    std::memcpy(to + 12, &evidence.absent, sizeof evidence.absent);
    if (!probabilities.empty()) {
        std::memcpy(to + kPlainEvidenceSize, probabilities.data(), probabilities.size());
    }
    return PointerGetDatum(stored);
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(fleet_step);
PG_FUNCTION_INFO_V1(fleet_shares_final);
PG_FUNCTION_INFO_V1(scored_patterns_final);

/* fleet_step(state, cohort, vehicle_class, evidence, cohorts, scorers, scorers_before, thresholds, level,
 * most_classes) */
Datum fleet_step(PG_FUNCTION_ARGS) {
    auto *fleet = state_argument<Fleet>(fcinfo);
    if (fleet == nullptr) [[unlikely]] {
        fleet = new_fleet(fcinfo);
    }
    if (PG_ARGISNULL(kCohort) || PG_ARGISNULL(kEvidence)) {
        ++fleet->unscored;
        PG_RETURN_POINTER(fleet);
    }
    const std::uint32_t cohort = number_of(fleet, fleet->cohorts, view_of(PG_GETARG_DATUM(kCohort)));
    const std::uint32_t vehicle_class = number_of(
        fleet, fleet->classes, PG_ARGISNULL(kClass) ? std::string_view() : view_of(PG_GETARG_DATUM(kClass)));
    count_vehicle(fleet, cohort, vehicle_class, to_evidence(PG_GETARG_DATUM(kEvidence)));
    PG_RETURN_POINTER(fleet);
}

/* fleet_shares_final(state): rows of severity before and now, as numbers from 1, class of vehicle, vehicles,
 * expected failures. */
Datum fleet_shares_final(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    auto *fleet = state_argument<Fleet>(fcinfo);
    if (fleet == nullptr) {
        PG_RETURN_NULL();
    }
    const CohortScorers *scorers = scorers_of(*fleet);
    const auto no_score = static_cast<std::uint16_t>(fleet->scoring.bounds.count + 2);
    Numbered<Share> shares{};
    std::int64_t unscored = fleet->unscored;
    for (std::uint32_t i = 0; i < fleet->patterns.count; ++i) {
        if (i % kBetweenAsking == 0) {
            CHECK_FOR_INTERRUPTS();
        }
        const Pattern &pattern = fleet->patterns.elements[i];
        const CohortScorers &of_cohort = scorers[pattern.cohort];
        if (of_cohort.now == nullptr || of_cohort.before == nullptr ||
            !takes(*of_cohort.now, pattern.evidence)) {
            unscored += pattern.vehicles;
        } else {
            add_pattern(shares, pattern, of_cohort, fleet->scoring);
        }
    }
    RowArray rows(fcinfo, shares.count + std::size_t{1});
    const auto put = [&](const Share &share, const Label *name) {
        Datum values[] = {Int32GetDatum(share.before + 1), Int32GetDatum(share.now + 1),
                          name != nullptr ? text_datum(name->view()) : Datum{0},
                          Int64GetDatum(share.vehicles),
                          Float8GetDatum(static_cast<double>(share.expected().value()))};
        bool nulls[] = {false, false, name == nullptr, false, share.now == no_score};
        rows.put(values, nulls);
    };
    for (std::uint32_t i = 0; i < shares.count; ++i) {
        if (i % kBetweenAsking == 0) {
            CHECK_FOR_INTERRUPTS();
        }
        const Label &name = fleet->classes.elements[shares.elements[i].vehicle_class];
        put(shares.elements[i], name.bytes == nullptr ? nullptr : &name);
    }
    if (unscored > 0) {
        put({0, unscored, {}, 0, no_score, no_score}, nullptr);
    }
    return rows.array();
}

/* scored_patterns_final(state): rows of cohort, vehicle_class, evidence, known, informed, stressor, risk,
 * low, high, severity as a number from 1, percentile. */
Datum scored_patterns_final(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    const auto *fleet = state_argument<Fleet>(fcinfo);
    if (fleet == nullptr) {
        PG_RETURN_NULL();
    }
    const CohortScorers *scorers = scorers_of(*fleet);
    const Scoring &scoring = fleet->scoring;
    const std::span<const Ranked> patterns = ranked_patterns(*fleet, scorers);
    RowArray rows(fcinfo, patterns.size());
    auto *quantiles = allocated<RateQuantiles>(CurrentMemoryContext, 1);
    Datum cohort = 0;
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        const Pattern &pattern = *patterns[i].pattern;
        const RiskScorer &scorer = *scorers[pattern.cohort].now;
        if (i == 0 || pattern.cohort != patterns[i - 1].pattern->cohort) {
            CHECK_FOR_INTERRUPTS();
            *quantiles = rate_quantiles(scorer.rate, scoring.level);
            cohort = text_datum(fleet->cohorts.elements[pattern.cohort].view());
        } else if (i % kBetweenAsking == 0) {
            CHECK_FOR_INTERRUPTS();
        }
        const Label &name = fleet->classes.elements[pattern.vehicle_class];
        const int stressor = strongest_stressor(scorer, pattern.evidence);
        const RiskEnds ends = risk_ends(spread_of(scorer, pattern.evidence), *quantiles);
        const std::optional<int> severity =
            severity_of(scorer, pattern.evidence, scoring.bounds, scoring.most_classes);
        Datum values[] = {cohort,
                          name.bytes == nullptr ? Datum{0} : text_datum(name.view()),
                          stored_evidence(pattern.evidence),
                          BoolGetDatum(scorer.known != 0),
                          BoolGetDatum(counted(scorer, pattern.evidence) != 0),
                          stressor < 0 ? Datum{0} : text_datum(scorer.name(stressor)),
                          Float8GetDatum(patterns[i].risk),
                          Float8GetDatum(ends.low),
                          Float8GetDatum(ends.high),
                          Int32GetDatum(severity ? *severity + 1 : 0),
                          Float8GetDatum(patterns[i].percentile)};
        bool nulls[] = {
            false,     name.bytes == nullptr,     false, false, false, stressor < 0, false, false, false,
            !severity, patterns[i].percentile < 0};
        rows.put(values, nulls);
    }
    return rows.array();
}

} // extern "C"
