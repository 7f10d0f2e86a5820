/*
 * The terms of a deal as a JSON object: deal(..., terms => '{"margin_cost": 2000}').
 */
#include <algorithm>
#include <iterator>

#include "pg/deal/terms.hpp"
#include "pg/glue/numeric.hpp"

extern "C" {
#include "lib/stringinfo.h"
}

namespace tradeup {

namespace {

/* What restricted(...) sets. */
constexpr const char *kLimits[] = {"min_price", "max_price", "max_loan_to_value"};

bool among(std::span<const char *const> names, std::string_view name) {
    return std::any_of(names.begin(), names.end(), [name](const char *one) { return name == one; });
}

bool is_key(const Field &field) {
    return !among(kDealArguments, field.name) && !among(kLimits, field.name);
}

char *allowed_keys() {
    StringInfoData list;
    initStringInfo(&list);
    for (const Field &field : fields()) {
        if (is_key(field)) {
            appendStringInfo(&list, "%s%s", list.len == 0 ? "" : ", ", field.name);
        }
    }
    return list.data;
}

[[noreturn]] void unknown_key(std::string_view key) {
    const bool argument = among(kDealArguments, key) || key == "annual_percent";
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown key \"%s\"", shown_text(key)),
                    errdetail("It is terms.%s.", shown_text(key)),
                    argument ? errhint("Give it as an argument of its own: %s => ...", shown_text(key))
                             : errhint("The keys of terms may be %s.", allowed_keys())));
    pg_unreachable();
}

/* What a key may have for a value, in words. */
const char *allowed(const Field &field) {
    const char *lowest = pstrdup(to_text(field.lowest).text);
    const char *highest = pstrdup(to_text(field.highest).text);
    switch (field.kind) {
    case FieldKind::decimal:
        return psprintf("a number from %s to %s", lowest, highest);
    case FieldKind::optional_decimal:
        return psprintf("a number from %s to %s, or null for none", lowest, highest);
    case FieldKind::integer:
        return psprintf("a whole number from %s to %s", lowest, highest);
    case FieldKind::optional_integer:
        return psprintf("a whole number from %s to %s, or null for none", lowest, highest);
    case FieldKind::boolean:
        return "true or false";
    case FieldKind::word:
        return pstrdup(words_for(field).text);
    case FieldKind::tiers:
        return "a text such as \"Less [,0), More [0,]\", or null for none";
    }
    pg_unreachable();
}

[[noreturn]] void bad_value(const Field &field, JsonbValue *value, int code, const char *message,
                            const char *more = "") {
    ereport(ERROR,
            (errcode(code), errmsg("%s", message),
             errdetail("terms.%s is %s.%s%s", field.name, shown_json(value), *more == 0 ? "" : " ", more),
             errhint("It may be %s.", allowed(field))));
    pg_unreachable();
}

/* Raises what the core says of a value. Of a list of tiers its detail says which tier is meant. */
void check(const Field &field, JsonbValue *value, const Result<bool> &result) {
    if (!result) {
        const Error &error = result.error();
        const bool malformed = error.kind == ErrorKind::bad_text;
        bad_value(field, value,
                  malformed ? ERRCODE_INVALID_TEXT_REPRESENTATION : ERRCODE_INVALID_PARAMETER_VALUE,
                  error.message, field.kind == FieldKind::tiers && !malformed ? error.detail : "");
    }
}

void set_from_json(Terms &terms, const Field &field, JsonbValue *value) {
    const std::string_view words = value->type == jbvString ? text_of(value) : std::string_view{};
    if (is_null(value) && may_be_absent(field)) {
        set_absent(terms, field);
        return;
    }
    switch (field.kind) {
    case FieldKind::decimal:
    case FieldKind::optional_decimal:
    case FieldKind::integer:
    case FieldKind::optional_integer:
        if (value->type == jbvNumeric) {
            check(field, value, set_number(terms, field, to_decimal(numeric_of(value), field.name)));
            return;
        }
        break;
    case FieldKind::boolean:
        if (value->type == jbvBool) {
            set_boolean(terms, field, value->val.boolean);
            return;
        }
        break;
    case FieldKind::word:
        if (value->type == jbvString) {
            check(field, value, set_word(terms, field, words));
            return;
        }
        break;
    case FieldKind::tiers:
        if (value->type == jbvString) {
            check(field, value, set_tiers(terms, words));
            return;
        }
        break;
    }
    bad_value(field, value, ERRCODE_INVALID_PARAMETER_VALUE,
              psprintf("wrong kind of value for key \"%s\"", field.name));
}

} // namespace

Terms terms_of(Jsonb *given) {
    if (!JB_ROOT_IS_OBJECT(given)) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("terms must be a JSON object"),
                        errdetail("They are %s.", shown_json(given)),
                        errhint("The keys of terms may be %s.", allowed_keys())));
    }
    Terms terms = default_terms();
    for_each_entry(&given->root, [&terms](std::string_view key, JsonbValue *value) {
        const Field *field = find_field(key);
        if (field == nullptr || !is_key(*field)) {
            unknown_key(key);
        }
        set_from_json(terms, *field, value);
    });
    return terms;
}

} // namespace tradeup
