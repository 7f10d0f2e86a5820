/*
 * subsidy: the least concession on a vehicle, and the rules that say what is tried.
 */
#include "core/solve/subsidy.hpp"
#include "pg/solve/solve.hpp"

#include "pg/deal/deal.hpp"
#include "pg/glue/array.hpp"
#include "pg/glue/interrupt.hpp"
#include "pg/glue/json.hpp"
#include "pg/glue/rows.hpp"

extern "C" {
#include "lib/stringinfo.h"
}

using namespace tradeup;

namespace {

enum Argument { kDeals, kPrice, kRulesArgument, kMaxServiceFee, kMaxBonus, kMaxOpeningFee };

const char *const kHint =
    "Rules are terms (a list of months), service_fee_rate, bonus and opening_fee_rate (a number, or an "
    "object with "
    "from, to and step), order (a list of term, service_fee_rate, bonus and opening_fee_rate), max_change, "
    "min_margin and max_financed_to_price (a number, or null: not asked) and require_dearer (true or false).";

[[noreturn]] void bad_rule(const char *key, const char *must, JsonbValue *value) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("rule \"%s\" must be %s", key, must),
                    errdetail("It is %s.", shown_json(value)), errhint("%s", kHint)));
    pg_unreachable();
}

bool is_list(const JsonbValue *value) {
    return value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data) &&
           !JsonContainerIsScalar(value->val.binary.data);
}

bool is_object(const JsonbValue *value) {
    return value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data);
}

/* Calls `take(key, value)` for each pair of an object. */
template <typename Take>
void for_each_pair(JsonbContainer *object, Take take) {
    JsonbIterator *iterator = JsonbIteratorInit(object);
    JsonbValue key;
    JsonbValue value;
    (void)JsonbIteratorNext(&iterator, &key, true);
    while (JsonbIteratorNext(&iterator, &key, true) == WJB_KEY) {
        (void)JsonbIteratorNext(&iterator, &value, true);
        take(pnstrdup(key.val.string.val, key.val.string.len), &value);
    }
}

void read_terms(SubsidyRules &rules, JsonbValue *value) {
    const char *const must = "a list of up to 60 different months, each a whole number from 1 to 480";
    if (!is_list(value)) {
        bad_rule("terms", must, value);
    }
    const std::uint32_t count = JsonContainerSize(value->val.binary.data);
    if (count == 0 || count > kMostSubsidyTerms) {
        bad_rule("terms", must, value);
    }
    rules.term_count = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        JsonbValue *element = getIthJsonbValueFromContainer(value->val.binary.data, i);
        if (element->type != jbvNumeric) {
            bad_rule("terms", must, value);
        }
        const Decimal months = to_decimal(NumericGetDatum(element->val.numeric), "term");
        if (months.scale != 0 || months.coefficient < 1 || months.coefficient > 480) {
            bad_rule("terms", must, value);
        }
        for (std::int32_t j = 0; j < rules.term_count; ++j) {
            if (rules.terms[j] == months.coefficient) {
                bad_rule("terms", must, value);
            }
        }
        rules.terms[rules.term_count++] = static_cast<std::int32_t>(months.coefficient);
    }
}

void read_order(SubsidyRules &rules, JsonbValue *value) {
    const char *const must = "a list of term, service_fee_rate, bonus and opening_fee_rate, each once";
    if (!is_list(value) || JsonContainerSize(value->val.binary.data) != kConcessions) {
        bad_rule("order", must, value);
    }
    bool seen[kConcessions] = {};
    for (int i = 0; i < kConcessions; ++i) {
        const JsonbValue *element =
            getIthJsonbValueFromContainer(value->val.binary.data, static_cast<std::uint32_t>(i));
        if (element->type != jbvString) {
            bad_rule("order", must, value);
        }
        const tradeup::Result<Concession> concession =
            parse_concession({element->val.string.val, static_cast<std::size_t>(element->val.string.len)});
        if (!concession || seen[static_cast<int>(*concession)]) {
            bad_rule("order", must, value);
        }
        seen[static_cast<int>(*concession)] = true;
        rules.order[i] = *concession;
    }
}

void read_grid(SubsidyRules &rules, Concession concession, const char *key, JsonbValue *value) {
    const char *const must = "a number or an object with from, to and step";
    Grid &grid = rules.grids[static_cast<int>(concession) - 1];
    if (value->type == jbvNumeric) {
        const Decimal only = to_decimal(NumericGetDatum(value->val.numeric), key);
        grid = value_of(make_grid(concession, only, only, decimal(1)));
        return;
    }
    if (!is_object(value)) {
        bad_rule(key, must, value);
    }
    const std::int64_t size = grid.step < 0 ? -grid.step : grid.step;
    Decimal from = grid.value(0);
    Decimal to = grid.value(grid.last);
    Decimal step = normalized({size, grid.scale});
    for_each_pair(value->val.binary.data, [&](const char *part, JsonbValue *number) {
        Decimal *into = std::strcmp(part, "from") == 0   ? &from
                        : std::strcmp(part, "to") == 0   ? &to
                        : std::strcmp(part, "step") == 0 ? &step
                                                         : nullptr;
        if (into == nullptr || number->type != jbvNumeric) {
            bad_rule(key, must, value);
        }
        *into = to_decimal(NumericGetDatum(number->val.numeric), part);
    });
    const bool one_value = compare(from, to) == 0 && step.coefficient == 0;
    grid = value_of(make_grid(concession, from, to, one_value ? decimal(1) : step));
}

void read_gate(OptionalDecimal &gate, const char *key, Decimal lowest, Decimal highest, JsonbValue *value) {
    if (value->type == jbvNull) {
        gate = {};
        return;
    }
    const char *must =
        psprintf("null or a number from %s to %s", to_text(lowest).text, to_text(highest).text);
    if (value->type != jbvNumeric) {
        bad_rule(key, must, value);
    }
    gate = {to_decimal(NumericGetDatum(value->val.numeric), key), 1};
    if (compare(gate.value, lowest) < 0 || compare(gate.value, highest) > 0) {
        bad_rule(key, must, value);
    }
}

void read_rules(SubsidyRules &rules, Jsonb *json) {
    if (!JB_ROOT_IS_OBJECT(json)) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("rules must be a JSON object"),
                        errdetail("They are %s.", shown_json(json)), errhint("%s", kHint)));
    }
    for_each_pair(&json->root, [&](const char *key, JsonbValue *value) {
        const auto is = [key](const char *name) { return std::strcmp(key, name) == 0; };
        if (is("terms")) {
            read_terms(rules, value);
        } else if (is("order")) {
            read_order(rules, value);
        } else if (is("require_dearer")) {
            if (value->type != jbvBool) {
                bad_rule(key, "true or false", value);
            }
            rules.require_dearer = value->val.boolean;
        } else if (is("max_change")) {
            read_gate(rules.max_change, key, decimal(-1), decimal(1'000'000), value);
        } else if (is("min_margin")) {
            read_gate(rules.min_margin, key, decimal(-1'000'000'000'000), decimal(1'000'000'000'000), value);
        } else if (is("max_financed_to_price")) {
            read_gate(rules.max_financed_to_price, key, Decimal{}, decimal(1000), value);
        } else {
            for (const Concession concession :
                 {Concession::service_fee, Concession::bonus, Concession::opening_fee}) {
                if (is(concession_name(concession))) {
                    read_grid(rules, concession, key, value);
                    return;
                }
            }
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                            errmsg("unknown rule \"%s\"", shown_text(key)), errhint("%s", kHint)));
        }
    });
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
        for (const Decimal *figure : {&terms.service_fee_rate, &terms.bonus, &terms.opening_fee_rate}) {
            appendBinaryStringInfo(words, reinterpret_cast<const char *>(figure), sizeof *figure);
        }
    }
}

const SubsidyRules &rules_of(FunctionCallInfo fcinfo, RulesState *state, std::span<const Deal *const> deals) {
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
        read_rules(rules, PG_GETARG_JSONB_P(kRulesArgument));
    }
    for (int i = 0; i < kGrids; ++i) {
        const int argument = kMaxServiceFee + i;
        const auto concession = static_cast<Concession>(i + 1);
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

enum Column {
    kViable,
    kTerm,
    kServiceFeeRate,
    kBonus,
    kOpeningFeeRate,
    kPayment,
    kPaymentChange,
    kMarginLessBonus,
    kFinancedToPrice,
    kFailedGate,
    kDeal,
    kExplanation,
    kColumns
};

/* What was found, in a sentence. */
char *explanation(const Subsidy &subsidy, const SubsidyRules &rules, const Datum *values) {
    const Terms &terms = subsidy.terms;
    if (subsidy.verdict == Verdict::no_offer) {
        return subsidy.deal < 0 ? pstrdup("no deal has a term of the rules")
                                : psprintf("no combination makes an offer; of the last one, %s",
                                           explained(subsidy.refusal, terms.minor_digits).text);
    }
    char *combination = psprintf("%d months, service fee %s, bonus %s, opening fee %s",
                                 static_cast<int>(terms.term), to_text(terms.service_fee_rate).text,
                                 to_text(terms.bonus).text, to_text(terms.opening_fee_rate).text);
    switch (subsidy.verdict) {
    case Verdict::change:
        return psprintf("nearest: %s; its payment change of %s is above %s", combination,
                        shown_numeric(values[kPaymentChange]), to_text(rules.max_change.value).text);
    case Verdict::margin:
        return psprintf("nearest: %s; its margin less the bonus of %s is below %s", combination,
                        shown_numeric(values[kMarginLessBonus]), to_text(rules.min_margin.value).text);
    case Verdict::financed:
        return psprintf("nearest: %s; it finances %s of the price, above %s", combination,
                        shown_numeric(values[kFinancedToPrice]),
                        to_text(rules.max_financed_to_price.value).text);
    default:
        return combination;
    }
}

Datum subsidy_row(FunctionCallInfo fcinfo, const SubsidyRules &rules, const Subsidy &subsidy,
                  std::int64_t price_minor) {
    Datum values[kColumns] = {};
    bool nulls[kColumns] = {};
    const bool combined = subsidy.verdict != Verdict::no_offer;
    for (int column = kTerm; column <= kFinancedToPrice; ++column) {
        nulls[column] = !combined;
    }
    nulls[kDeal] = !combined;
    values[kViable] = BoolGetDatum(subsidy.verdict == Verdict::passes);
    if (combined) {
        const Terms &terms = subsidy.terms;
        const Deal &deal = compiled(terms);
        values[kTerm] = Int32GetDatum(terms.term);
        values[kServiceFeeRate] = decimal_datum(terms.service_fee_rate);
        values[kBonus] = decimal_datum(terms.bonus);
        values[kOpeningFeeRate] = decimal_datum(terms.opening_fee_rate);
        values[kPayment] =
            to_numeric(value_of(amount_at(deal, Amount::payment, price_minor)), terms.minor_digits);
        nulls[kPaymentChange] = !terms.current_payment.present;
        if (terms.current_payment.present) {
            values[kPaymentChange] =
                to_numeric_of<kChangeScale>(value_of(amount_at(deal, Amount::change, price_minor)));
        }
        values[kMarginLessBonus] = to_numeric(subsidy.margin_less_bonus, terms.minor_digits);
        values[kFinancedToPrice] = to_numeric(subsidy.financed_to_price, kChangeScale);
        values[kDeal] = deal_datum(deal);
    }
    nulls[kFailedGate] = subsidy.verdict == Verdict::passes;
    if (!nulls[kFailedGate]) {
        values[kFailedGate] = CStringGetTextDatum(verdict_name(subsidy.verdict));
    }
    values[kExplanation] = CStringGetTextDatum(explanation(subsidy, rules, values));
    return one_row(fcinfo, values, nulls);
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(subsidy);

/* subsidy(deals, price, rules, max_service_fee_rate, max_bonus, max_opening_fee_rate) */
Datum subsidy(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(kDeals) || PG_ARGISNULL(kPrice)) {
        PG_RETURN_NULL();
    }
    auto *state = row_state<RulesState>(fcinfo);
    const Elements elements = elements_of(PG_GETARG_DATUM(kDeals));
    auto **deals = static_cast<const Deal **>(palloc(sizeof(Deal *) * static_cast<Size>(elements.count + 1)));
    int kept = 0;
    for (int i = 0; i < elements.count; ++i) {
        if (!elements.nulls[i]) {
            deals[kept++] = &to_deal(elements.values[i]);
        }
    }
    const std::span<const Deal *const> given{deals, static_cast<std::size_t>(kept)};
    const SubsidyRules &rules = rules_of(fcinfo, state, given);
    std::int64_t price = 1;
    if (kept > 0) {
        price = to_minor(PG_GETARG_DATUM(kPrice), deals[0]->minor_digits, "price");
        if (price == 0) {
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("price must be greater than 0"),
                            errdetail("Price is 0.")));
        }
        for (int i = 1; i < kept; ++i) {
            if (deals[i]->minor_digits != deals[0]->minor_digits) {
                ereport(
                    ERROR,
                    (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("deals must be in one currency"),
                     errdetail("One has %d decimals, another %d.", static_cast<int>(deals[0]->minor_digits),
                               static_cast<int>(deals[i]->minor_digits))));
            }
        }
    }
    Subsidy found{};
    (void)uncancelled(least_subsidy(given, price, rules, stop_asked, found));
    return subsidy_row(fcinfo, rules, found, price);
}

} // extern "C"
