/*
 * Rules of a subsidy: a JSON object read by a table, over what stands in the deals.
 */
#include <algorithm>
#include <array>

#include "core/solve/subsidy.hpp"

#include "pg/glue/json.hpp"
#include "pg/glue/numeric.hpp"
#include "pg/glue/rows.hpp"
#include "pg/solve/subsidy_rules.hpp"

extern "C" {
#include "lib/stringinfo.h"
}

namespace tradeup {

namespace {

constexpr std::array kConcessionWords = words_of(kConcessionNames);
constexpr const char *kGridParts[] = {"from", "to", "step"};

constexpr JsonKey grid_key(Concession concession) {
    return {concession_name(concession),
            JsonKind::number_or_object,
            "a number or an object with from, to and step",
            {},
            {},
            kGridParts};
}

enum Rule { kTerms, kOrder, kDearer, kChange, kMargin, kFinanced, kServiceFee, kBonus, kOpeningFee };

constexpr JsonKey kKeys[] = {
    {"terms",
     JsonKind::whole_numbers,
     "a list of up to 60 different months, each a whole number from 1 to 480",
     decimal(1),
     decimal(kLongestTerm),
     {},
     1,
     kMostSubsidyTerms,
     true},
    {"order",
     JsonKind::words,
     "a list of all four concessions, each once",
     {},
     {},
     kConcessionWords,
     kConcessions,
     kConcessions,
     true},
    {"require_dearer", JsonKind::flag, "true or false"},
    {"max_change", JsonKind::number_or_null, "null or a number from -1 to 1000000", kMinChange, kMaxChange},
    {"min_margin", JsonKind::number_or_null, "null or a number from -1000000000000 to 1000000000000",
     decimal(-kMaxMoney.coefficient), kMaxMoney},
    {"max_financed_to_price", JsonKind::number_or_null, "null or a number from 0 to 1000", {}, decimal(1000)},
    grid_key(Concession::service_fee),
    grid_key(Concession::bonus),
    grid_key(Concession::opening_fee),
};

constexpr const char *kHint =
    "Rules are terms (a list of months), service_fee_rate, bonus and opening_fee_rate (a number, or an "
    "object with from, to and step), order (a list of the concessions: term and these three), max_change, "
    "min_margin and max_financed_to_price (a number, or null: not asked) and require_dearer (true or false).";
static_assert(std::all_of(kConcessionWords.begin(), kConcessionWords.end(),
                          [](const char *name) {
                              return std::string_view(kHint).find(name) != std::string_view::npos;
                          }),
              "the hint names every concession");

constexpr JsonObject kSubsidyRules{"rules", "They are", "rule", kKeys, kHint, kHint};

void read_terms(SubsidyRules &rules, const JsonbValue *list) {
    rules.term_count = static_cast<std::int32_t>(size_of(list));
    for (std::uint32_t i = 0; i < size_of(list); ++i) {
        rules.terms[i] = whole_of(element_of(list, i));
    }
}

void read_order(SubsidyRules &rules, const JsonbValue *list) {
    for (std::uint32_t i = 0; i < size_of(list); ++i) {
        rules.order[i] = value_of(parse_concession(text_of(element_of(list, i))));
    }
}

void read_grid(Grid &grid, Concession concession, const char *key, const JsonbValue *value) {
    if (value->type == jbvNumeric) {
        const Decimal only = to_decimal(numeric_of(value), key);
        grid = value_of(make_grid(concession, only, only, decimal(1)));
        return;
    }
    const std::int64_t size = grid.step < 0 ? -grid.step : grid.step;
    Decimal parts[] = {grid.value(0), grid.value(grid.last), normalized({size, grid.scale})};
    for_each_entry(value->val.binary.data, [&](std::string_view name, const JsonbValue *number) {
        const std::size_t part = index_among(kGridParts, name);
        parts[part] = to_decimal(numeric_of(number), kGridParts[part]);
    });
    const auto [from, to, step] = parts;
    const bool one_value = compare(from, to) == 0 && step.coefficient == 0;
    grid = value_of(make_grid(concession, from, to, one_value ? decimal(1) : step));
}

OptionalDecimal gate_of(const JsonKey &key, const JsonbValue *value) {
    return is_null(value) ? OptionalDecimal{} : OptionalDecimal{to_decimal(numeric_of(value), key.name), 1};
}

void read_rule(SubsidyRules &rules, std::size_t at, JsonbValue *value) {
    const JsonKey &key = kKeys[at];
    require_value(kSubsidyRules, key, value);
    switch (at) {
    case kTerms:
        read_terms(rules, value);
        break;
    case kOrder:
        read_order(rules, value);
        break;
    case kDearer:
        rules.require_dearer = value->val.boolean;
        break;
    case kChange:
        rules.max_change = gate_of(key, value);
        break;
    case kMargin:
        rules.min_margin = gate_of(key, value);
        break;
    case kFinanced:
        rules.max_financed_to_price = gate_of(key, value);
        break;
    default: {
        const auto grid = static_cast<int>(at) - kServiceFee;
        read_grid(rules.grids[grid], grid_concession(grid), key.name, value);
    }
    }
}

/* The rules of the last call at this place of a query, with what they were read from. */
struct RulesState : RowState {
    bool read;
    Size length;
    char *words; // the JSON and the limits, as they came, and what stands in the deals
    SubsidyRules rules;
};

/* The limits of the call in their own bytes, so that a comparison of bytes tells whether the rules are the
 * same. */
void append_argument(StringInfo words, FunctionCallInfo fcinfo, int argument) {
    if (!PG_ARGISNULL(argument)) {
        const auto *value = reinterpret_cast<const struct varlena *>(PG_GETARG_POINTER(argument));
        appendBinaryStringInfo(words, reinterpret_cast<const char *>(value),
                               static_cast<int>(VARSIZE_ANY(value)));
    }
    appendStringInfoChar(words, '|');
}

/* What standing_rules reads of the deals. */
void append_standing(StringInfo words, std::span<const Deal *const> deals) {
    for (const Deal *deal : deals) {
        appendBinaryStringInfo(words, reinterpret_cast<const char *>(&deal->terms.term),
                               sizeof deal->terms.term);
    }
    if (!deals.empty()) {
        const Terms &terms = deals[0]->terms;
        for (int i = 0; i < kGrids; ++i) {
            const Decimal &figure = terms.*conceded(grid_concession(i));
            appendBinaryStringInfo(words, reinterpret_cast<const char *>(&figure), sizeof figure);
        }
    }
}

} // namespace

const SubsidyRules &subsidy_rules(FunctionCallInfo fcinfo, std::span<const Deal *const> deals) {
    auto *state = row_state<RulesState>(fcinfo);
    StringInfoData words;
    initStringInfo(&words);
    for (const int argument : {kRulesArgument, kMaxServiceFee, kMaxBonus, kMaxOpeningFee}) {
        append_argument(&words, fcinfo, argument);
    }
    append_standing(&words, deals);
    const auto length = static_cast<Size>(words.len);
    if (state->read && state->length == length && std::memcmp(state->words, words.data, length) == 0) {
        pfree(words.data);
        return state->rules;
    }
    SubsidyRules rules = standing_rules(deals);
    if (!PG_ARGISNULL(kRulesArgument)) {
        read_object(kSubsidyRules, PG_GETARG_JSONB_P(kRulesArgument),
                    [&](std::size_t at, JsonbValue *value) { read_rule(rules, at, value); });
    }
    for (int i = 0; i < kGrids; ++i) {
        const int argument = kMaxServiceFee + i;
        const Concession concession = grid_concession(i);
        if (!PG_ARGISNULL(argument)) {
            rules.grids[i] =
                value_of(limited(concession, rules.grids[i],
                                 to_decimal(PG_GETARG_DATUM(argument), concession_name(concession))));
        }
    }
    if (state->words != nullptr) {
        state->read = false;
        pfree(state->words);
    }
    state->words = static_cast<char *>(MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, length));
    std::memcpy(state->words, words.data, length);
    state->length = length;
    state->rules = rules;
    state->read = true;
    return state->rules;
}

} // namespace tradeup
