/*
 * Options of bundles, as a row with their defaults.
 */
#include "core/bundles/price.hpp"

#include "pg/glue/json.hpp"
#include "pg/glue/rows.hpp"

using namespace tradeup;

namespace {

enum Option : std::size_t { kObjective, kRankBy, kTests, kHistory, kResolveSku, kOptionCount };
constexpr JsonKey kKeys[kOptionCount] = {
    {"objective", JsonKind::any_text, "the name of an objective"},
    {"rank_by", JsonKind::any_text, "\"excess_revenue\", \"lift\" or \"significance\""},
    {"tests", JsonKind::any_text, "\"occurring\" or \"all\""},
    {"history", JsonKind::flag, "true or false"},
    {"resolve_sku", JsonKind::flag, "true or false"}};
constexpr JsonObject kOptions = {.whole = "options",
                                 .are = "They are",
                                 .entry = "option",
                                 .keys = kKeys,
                                 .hint =
                                     "Options are objective, rank_by, tests, history and resolve_sku, as in "
                                     "{\"objective\": \"gift_box\"}."};

constexpr const char *kRankings[] = {"excess_revenue", "lift", "significance"};
constexpr const char *kTestWords[] = {"occurring", "all"};

void require_word(const JsonKey &key, std::span<const char *const> words, JsonbValue *value) {
    if (index_among(words, text_of(value)) == words.size()) {
        refuse_value(kOptions, key, key.must, value);
    }
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(bundle_options);

/* bundle_options(options) */
Datum bundle_options(PG_FUNCTION_ARGS) {
    Datum values[kOptionCount] = {CStringGetTextDatum("increase_aov"), CStringGetTextDatum("excess_revenue"),
                                  CStringGetTextDatum("all"), BoolGetDatum(false), BoolGetDatum(false)};
    if (!PG_ARGISNULL(0)) {
        read_object(kOptions, PG_GETARG_JSONB_P(0), [&](std::size_t index, JsonbValue *value) {
            const JsonKey &key = kKeys[index];
            require_value(kOptions, key, value);
            if (key.kind == JsonKind::flag) {
                values[index] = BoolGetDatum(value->val.boolean);
                return;
            }
            if (index == kObjective) {
                (void)value_of(objective_named(text_of(value)));
            } else {
                require_word(key, index == kRankBy ? std::span<const char *const>(kRankings) : kTestWords,
                             value);
            }
            values[index] =
                PointerGetDatum(cstring_to_text_with_len(value->val.string.val, value->val.string.len));
        });
    }
    return one_row(fcinfo, values);
}

} // extern "C"
