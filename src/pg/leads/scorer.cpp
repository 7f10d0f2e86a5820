/*
 * The SQL type risk_scorer: in and out, compiled from what a model says of a cohort, and what it makes of
 * evidence.
 */
#include <algorithm>
#include <cstring>

#include "core/leads/risk_spread.hpp"

#include "pg/glue/array.hpp"
#include "pg/glue/rows.hpp"
#include "pg/leads/interval.hpp"
#include "pg/leads/risk.hpp"

extern "C" {
#include "libpq/pqformat.h"
}

namespace tradeup {

struct varlena *detoasted(struct varlena *stored) {
    return pg_detoast_datum(stored);
}

void refuse_scorer_format() {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("scorer is in a format that this version does not read"),
                    errhint("Make it again with the function scorer.")));
    pg_unreachable();
}

} // namespace tradeup

using namespace tradeup;

namespace {

Datum scorer_datum(const ScorerParts &parts) {
    const std::size_t size = value_of(scorer_size(parts));
    auto *scorer = static_cast<RiskScorer *>(palloc0(size));
    build_scorer(parts, *scorer);
    SET_VARSIZE(scorer, size);
    return PointerGetDatum(scorer);
}

Datum scorer_of_text(std::string_view words) {
    ParsedScorer parsed;
    (void)value_of(parse_scorer(words, parsed));
    return scorer_datum(parsed.parts);
}

char *text_of(const RiskScorer &scorer, std::size_t &length) {
    auto *out = static_cast<char *>(palloc(scorer_text_size(scorer)));
    length = write_scorer(scorer, out);
    return out;
}

/* The arguments of compiled_scorer that are arrays, one element for each stressor. */
enum Column {
    kName,
    kRateA,
    kRateB,
    kPresentFailed,
    kAbsentFailed,
    kPresentSound,
    kAbsentSound,
    kPresent,
    kAbsent,
    kUncertainty,
    kRelativeRisk,
    kPrevalence,
    kGroup,
    kEnabled,
    kForm,
    kAlpha,
    kGamma,
    kKnown,
    kColumns
};
constexpr const char *kColumnNames[kColumns] = {
    "stressors",         "rate_a",        "rate_b",       "present_failed", "absent_failed", "present_sound",
    "absent_sound",      "ratio_present", "ratio_absent", "uncertainty",    "relative_risk", "prevalence",
    "dependence_groups", "enabled",       "counts_form",  "alpha",          "gamma",         "known"};

/* What is said of each stressor. */
class StressorColumns {
public:
    explicit StressorColumns(FunctionCallInfo fcinfo) {
        for (int column = 0; column < kColumns; ++column) {
            if (!is_array(column)) {
                continue;
            }
            columns_[column] = elements_argument(fcinfo, column, kColumnNames[column]);
            if (columns_[column].count != columns_[kName].count && !PG_ARGISNULL(column)) {
                ereport(ERROR,
                        (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                         errmsg("%s must have the same length as stressors", kColumnNames[column]),
                         errdetail("They have %d and %d.", columns_[column].count, columns_[kName].count)));
            }
        }
    }

    int count() const { return columns_[kName].count; }
    bool has(Column column, int at) const {
        return columns_[column].count > 0 && !columns_[column].nulls[at];
    }
    double number(Column column, int at) const { return DatumGetFloat8(columns_[column].values[at]); }
    bool flag(Column column, int at, bool otherwise) const {
        return has(column, at) ? DatumGetBool(columns_[column].values[at]) : otherwise;
    }
    std::string_view text(Column column, int at) const {
        return has(column, at) ? view_of(columns_[column].values[at]) : std::string_view();
    }
    /* How many of these columns say something of a stressor. */
    int said(std::initializer_list<Column> columns, int at) const {
        return static_cast<int>(
            std::count_if(columns.begin(), columns.end(), [&](Column column) { return has(column, at); }));
    }

private:
    static bool is_array(int column) {
        return column == kName || (column >= kPresentFailed && column <= kEnabled);
    }
    Elements columns_[kColumns] = {};
};

/* The same error, with the stressor that it is about. */
Error of_stressor(std::string_view stressor, Error error) {
    char detail[sizeof error.detail];
    std::memcpy(detail, error.detail, sizeof detail);
    return with_detail(error, "Stressor \"%.*s\": %s", shown_bytes(stressor, kMostNameBytes), stressor.data(),
                       detail);
}

/* The ratios of a stressor, which is given by counts, by ratios, or by a relative risk. */
tradeup::Result<LogRatios> ratios_of(const StressorColumns &columns, int at, CountsForm form, double rate) {
    const int counts = columns.said({kPresentFailed, kAbsentFailed, kPresentSound, kAbsentSound}, at);
    const int ratios = columns.said({kPresent, kAbsent}, at);
    const int relative = columns.said({kRelativeRisk, kPrevalence}, at);
    const bool assumed = columns.has(kUncertainty, at);
    if (counts == 4 && ratios + relative == 0 && !assumed) {
        return ratios_of_counts({columns.number(kPresentFailed, at), columns.number(kAbsentFailed, at),
                                 columns.number(kPresentSound, at), columns.number(kAbsentSound, at)},
                                form);
    }
    const double factor = assumed ? columns.number(kUncertainty, at) : 1;
    if (ratios == 2 && counts + relative == 0) {
        return ratios_within(columns.number(kPresent, at), columns.number(kAbsent, at), factor);
    }
    if (relative == 2 && counts + ratios == 0) {
        const tradeup::Result<double> variance = variance_within(factor);
        if (!variance) {
            return tl::unexpected(variance.error());
        }
        tradeup::Result<LogRatios> found =
            ratios_of_relative_risk(columns.number(kRelativeRisk, at), rate, columns.number(kPrevalence, at));
        if (found) {
            found->present.variance = found->absent.variance = *variance;
        }
        return found;
    }
    return tl::unexpected(
        with_hint(with_detail(make_error(ErrorKind::bad_value, "a stressor must be given in one way"),
                              "It has %d counts, %d ratios, %d of relative risk and prevalence%s.", counts,
                              ratios, relative, assumed ? ", and an uncertainty" : ""),
                  "Give four counts, or two ratios, or relative risk and prevalence; an uncertainty with the "
                  "latter two."));
}

/* The parts of a scorer of the arguments that Column lists; errors of the parts as results, those of a call
 * that is none raised. */
tradeup::Result<ScorerParts> parts_of(FunctionCallInfo fcinfo, StressorParts (&stressors)[kMostStressors]) {
    for (const Column needed : {kRateA, kRateB, kForm, kAlpha, kGamma, kKnown}) {
        if (PG_ARGISNULL(needed)) {
            ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                            errmsg("%s must not be null", kColumnNames[needed])));
        }
    }
    const StressorColumns columns(fcinfo);
    const BetaRate rate{PG_GETARG_FLOAT8(kRateA), PG_GETARG_FLOAT8(kRateB)};
    if (const tradeup::Result<bool> right = check_beta(rate); !right) {
        return tl::unexpected(right.error());
    }
    const CountsForm form =
        value_of(value_named(kCountsForms, view_of(PG_GETARG_DATUM(kForm)), "form of counts"));
    if (columns.count() > kMostStressors) {
        return tl::unexpected(
            with_detail(make_error(ErrorKind::bad_value, "a model has at most 64 stressors"), "It has %d.",
                        columns.count()));
    }
    for (int at = 0; at < columns.count(); ++at) {
        const std::string_view name = columns.text(kName, at);
        const tradeup::Result<LogRatios> ratios = ratios_of(columns, at, form, mean_of(rate));
        if (!ratios) {
            return tl::unexpected(of_stressor(name, ratios.error()));
        }
        stressors[at] = {name, columns.text(kGroup, at), *ratios, columns.flag(kEnabled, at, true),
                         columns.has(kUncertainty, at)};
    }
    return ScorerParts{rate,
                       PG_GETARG_FLOAT8(kAlpha),
                       PG_GETARG_FLOAT8(kGamma),
                       PG_GETARG_BOOL(kKnown),
                       {stressors, static_cast<std::size_t>(columns.count())}};
}

/* The thresholds of the last call of risk_class in one place of a query, which are nearly always those of
 * this one. */
struct LastBounds {
    double level;
    std::size_t count;
    double thresholds[kMostThresholds];
    ClassBounds bounds;
};

const ClassBounds &bounds_of(FunctionCallInfo fcinfo, std::span<const double> thresholds, double level) {
    auto *last = static_cast<LastBounds *>(fcinfo->flinfo->fn_extra);
    if (last != nullptr && last->level == level &&
        std::equal(thresholds.begin(), thresholds.end(), last->thresholds, last->thresholds + last->count)) {
        return last->bounds;
    }
    const ClassBounds bounds = value_of(class_bounds(thresholds, level));
    if (last == nullptr) {
        last = static_cast<LastBounds *>(MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(LastBounds)));
        fcinfo->flinfo->fn_extra = last;
    }
    last->level = level;
    last->count = thresholds.size();
    std::copy(thresholds.begin(), thresholds.end(), last->thresholds);
    last->bounds = bounds;
    return last->bounds;
}

Datum text_datum(std::string_view words) {
    return PointerGetDatum(cstring_to_text_with_len(words.data(), static_cast<int>(words.size())));
}

/* Rows of position, stressor, state, probability, weight, dependence_group, counted, assumed, risk. */
Datum explained_rows(FunctionCallInfo fcinfo, const RiskScorer &scorer, const Evidence &evidence) {
    if (!takes(scorer, evidence)) {
        report(wrong_list(scorer, evidence));
    }
    ExplainedStressor explained[kMostStressors];
    explain(scorer, evidence, explained);
    const RowSink sink = begin_rows(fcinfo);
    for (int at = 0; at < static_cast<int>(scorer.count); ++at) {
        const char *state = state_of(evidence, at);
        const bool known = (evidence.known() & bit_of(at)) != 0;
        const bool grouped = scorer.stressors()[at].group_size > 0;
        const double probability =
            state == nullptr ? evidence.probability(at) : static_cast<double>((evidence.present >> at) & 1);
        Datum values[] = {Int32GetDatum(at + 1),
                          text_datum(scorer.name(at)),
                          text_datum(state == nullptr ? "probable" : state),
                          Float8GetDatum(probability),
                          Float8GetDatum(explained[at].weight),
                          grouped ? text_datum(scorer.group(at)) : Datum(0),
                          BoolGetDatum(explained[at].counted),
                          BoolGetDatum(scorer.stressors()[at].assumed != 0),
                          Float8GetDatum(explained[at].risk)};
        bool nulls[] = {false, false, false, !known, false, !grouped, false, false, false};
        sink.put(values, nulls);
    }
    return 0;
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(risk_scorer_in);
PG_FUNCTION_INFO_V1(risk_scorer_out);
PG_FUNCTION_INFO_V1(risk_scorer_recv);
PG_FUNCTION_INFO_V1(risk_scorer_send);
PG_FUNCTION_INFO_V1(compiled_scorer);
PG_FUNCTION_INFO_V1(scorer_problem);
PG_FUNCTION_INFO_V1(scorer_stressors);
PG_FUNCTION_INFO_V1(risk);
PG_FUNCTION_INFO_V1(risk_interval);
PG_FUNCTION_INFO_V1(risk_over);
PG_FUNCTION_INFO_V1(risk_class);
PG_FUNCTION_INFO_V1(explain_risk);
PG_FUNCTION_INFO_V1(explain_risk_named);

Datum risk_scorer_in(PG_FUNCTION_ARGS) {
    const char *words = PG_GETARG_CSTRING(0);
    return scorer_of_text(words);
}

Datum risk_scorer_out(PG_FUNCTION_ARGS) {
    std::size_t length = 0;
    PG_RETURN_CSTRING(text_of(to_scorer(PG_GETARG_DATUM(0)), length));
}

/* The binary form is the text, as that of a deal. */
Datum risk_scorer_recv(PG_FUNCTION_ARGS) {
    auto *message = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
    int length = 0;
    const char *words = pq_getmsgtext(message, message->len - message->cursor, &length);
    return scorer_of_text({words, static_cast<std::size_t>(length)});
}

Datum risk_scorer_send(PG_FUNCTION_ARGS) {
    std::size_t length = 0;
    const char *out = text_of(to_scorer(PG_GETARG_DATUM(0)), length);
    StringInfoData message;
    pq_begintypsend(&message);
    pq_sendtext(&message, out, static_cast<int>(length));
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* The arguments are listed in Column. */
Datum compiled_scorer(PG_FUNCTION_ARGS) {
    StressorParts stressors[kMostStressors] = {};
    return scorer_datum(value_of(parts_of(fcinfo, stressors)));
}

/* scorer_problem, of the same arguments: what keeps them from being a scorer, in words; null: nothing. */
Datum scorer_problem(PG_FUNCTION_ARGS) {
    StressorParts stressors[kMostStressors] = {};
    const tradeup::Result<ScorerParts> parts = parts_of(fcinfo, stressors);
    const tradeup::Result<std::size_t> size = parts ? scorer_size(*parts) : tl::unexpected(parts.error());
    if (size) {
        PG_RETURN_NULL();
    }
    PG_RETURN_TEXT_P(cstring_to_text(psprintf("%s: %s", size.error().message, size.error().detail)));
}

/* scorer_stressors(scorer): position, stressor, ratio_present, ratio_absent, variance_present,
 * variance_absent, dependence_group, enabled, assumed. */
Datum scorer_stressors(PG_FUNCTION_ARGS) {
    const RiskScorer &scorer = to_scorer(PG_GETARG_DATUM(0));
    const RowSink sink = begin_rows(fcinfo);
    for (int at = 0; at < static_cast<int>(scorer.count); ++at) {
        const ScorerStressor &stressor = scorer.stressors()[at];
        const bool grouped = stressor.group_size > 0;
        Datum values[] = {Int32GetDatum(at + 1),
                          text_datum(scorer.name(at)),
                          Float8GetDatum(stressor.weight[0]),
                          Float8GetDatum(stressor.weight[1]),
                          Float8GetDatum(stressor.variance[0]),
                          Float8GetDatum(stressor.variance[1]),
                          grouped ? text_datum(scorer.group(at)) : Datum(0),
                          BoolGetDatum((scorer.enabled & bit_of(at)) != 0),
                          BoolGetDatum(stressor.assumed != 0)};
        bool nulls[] = {false, false, false, false, false, false, !grouped, false, false};
        sink.put(values, nulls);
    }
    return 0;
}

Datum risk(PG_FUNCTION_ARGS) {
    const auto [scorer, evidence] = scored(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1));
    PG_RETURN_FLOAT8(risk_of(scorer, evidence));
}

/* risk_interval(scorer, evidence, level) */
Datum risk_interval(PG_FUNCTION_ARGS) {
    const auto [scorer, evidence] = scored(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1));
    return interval_row(fcinfo, value_of(risk_interval(spread_of(scorer, evidence), PG_GETARG_FLOAT8(2))));
}

/* risk_over(scorer, evidence, threshold) */
Datum risk_over(PG_FUNCTION_ARGS) {
    const auto [scorer, evidence] = scored(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1));
    PG_RETURN_FLOAT8(value_of(risk_over(spread_of(scorer, evidence), PG_GETARG_FLOAT8(2))));
}

/* risk_class(scorer, evidence, thresholds, level, most_classes): 1 for a median below all thresholds; null
 * for uncertain. */
Datum risk_class(PG_FUNCTION_ARGS) {
    const auto [scorer, evidence] = scored(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1));
    const ClassBounds &bounds =
        bounds_of(fcinfo, plain_elements<double>(PG_GETARG_DATUM(2), "thresholds"), PG_GETARG_FLOAT8(3));
    const std::optional<int> severity = severity_of(scorer, evidence, bounds, PG_GETARG_INT32(4));
    if (!severity) {
        PG_RETURN_NULL();
    }
    PG_RETURN_INT32(*severity + 1);
}

/* explain_risk(scorer, evidence) */
Datum explain_risk(PG_FUNCTION_ARGS) {
    return explained_rows(fcinfo, to_scorer(PG_GETARG_DATUM(0)), to_evidence(PG_GETARG_DATUM(1)));
}

/* explain_risk(scorer, text) */
Datum explain_risk_named(PG_FUNCTION_ARGS) {
    const RiskScorer &scorer = to_scorer(PG_GETARG_DATUM(0));
    const EvidenceParts parts = named_evidence(scorer, view_of(PG_GETARG_DATUM(1)));
    char bytes[kMostEvidenceSize];
    (void)parts.store(bytes);
    return explained_rows(fcinfo, scorer, evidence_at(bytes));
}

} // extern "C"
