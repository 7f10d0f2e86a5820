/*
 * Checks of JSON values, and their errors.
 */
#include "core/number/decimal.hpp"

#include "pg/glue/json.hpp"
#include "pg/glue/numeric.hpp"

#include <algorithm>

namespace tradeup {

namespace {

/* Compared as numerics, so that no number of digits is too many for an answer. */
bool is_between(const JsonbValue *value, Datum lowest, Datum highest) {
    return value->type == jbvNumeric && !is_above(lowest, numeric_of(value)) &&
           !is_above(numeric_of(value), highest);
}

bool is_in_range(const JsonKey &key, const JsonbValue *value) {
    const auto bound = [](Decimal number) {
        return to_numeric(number.coefficient, static_cast<int>(number.scale));
    };
    return is_between(value, bound(key.lowest), bound(key.highest));
}

bool is_whole(const JsonKey &key, const JsonbValue *value) {
    return is_in_range(key, value) &&
           DatumGetBool(
               DirectFunctionCall2(numeric_eq, numeric_of(value),
                                   DirectFunctionCall2(numeric_trunc, numeric_of(value), Int32GetDatum(0))));
}

bool is_list(const JsonbValue *value) {
    return value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data) &&
           !JsonContainerIsScalar(value->val.binary.data);
}

bool is_element(const JsonKey &key, const JsonbValue *value) {
    switch (key.kind) {
    case JsonKind::whole_numbers:
        return is_whole(key, value);
    case JsonKind::objects:
        return value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data);
    case JsonKind::words:
        return value->type == jbvString && index_among(key.words, text_of(value)) < key.words.size();
    default:
        return value->type == jbvString;
    }
}

bool are_equal(const JsonbValue *a, const JsonbValue *b) {
    return a->type == jbvString ? text_of(a) == text_of(b)
                                : DatumGetBool(DirectFunctionCall2(numeric_eq, numeric_of(a), numeric_of(b)));
}

bool is_list_of(const JsonKey &key, const JsonbValue *value) {
    if (!is_list(value) || size_of(value) < key.fewest || size_of(value) > key.most) {
        return false;
    }
    for (std::uint32_t i = 0; i < size_of(value); ++i) {
        const JsonbValue *element = element_of(value, i);
        if (!is_element(key, element)) {
            return false;
        }
        for (std::uint32_t j = 0; key.distinct && j < i; ++j) {
            if (are_equal(element_of(value, j), element)) {
                return false;
            }
        }
    }
    return true;
}

bool is_object_of_numbers(const JsonKey &key, const JsonbValue *value) {
    if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data)) {
        return false;
    }
    bool all = true;
    for_each_entry(value->val.binary.data, [&](std::string_view name, const JsonbValue *number) {
        all = all && index_among(key.words, name) < key.words.size() && number->type == jbvNumeric;
    });
    return all;
}

} // namespace

char *shown_json(Jsonb *json) {
    return shown_text(JsonbToCString(nullptr, &json->root, static_cast<int>(VARSIZE(json))));
}

char *shown_json(JsonbValue *value) {
    return shown_json(JsonbValueToJsonb(value));
}

const JsonKey *key_named(std::span<const JsonKey> keys, std::string_view name) {
    const auto found =
        std::find_if(keys.begin(), keys.end(), [name](const JsonKey &key) { return name == key.name; });
    return found == keys.end() ? nullptr : &*found;
}

JsonbValue *value_of_key(Jsonb *object, const char *name) {
    JsonbValue key;
    key.type = jbvString;
    key.val.string.val = const_cast<char *>(name);
    key.val.string.len = static_cast<int>(std::strlen(name));
    return JB_ROOT_IS_OBJECT(object) ? findJsonbValueFromContainer(&object->root, JB_FOBJECT, &key) : nullptr;
}

bool is_as_it_must(const JsonKey &key, const JsonbValue *value) {
    switch (key.kind) {
    case JsonKind::flag:
        return value->type == jbvBool;
    case JsonKind::any_number:
        return value->type == jbvNumeric;
    case JsonKind::any_text:
        return value->type == jbvString;
    case JsonKind::number:
        return is_in_range(key, value);
    case JsonKind::number_or_flag:
        return value->type == jbvBool || is_in_range(key, value);
    case JsonKind::number_or_null:
        return is_null(value) || is_in_range(key, value);
    case JsonKind::number_or_object:
        return value->type == jbvNumeric || is_object_of_numbers(key, value);
    case JsonKind::whole_number:
        return is_whole(key, value);
    case JsonKind::whole_numbers:
    case JsonKind::texts:
    case JsonKind::words:
    case JsonKind::objects:
        return is_list_of(key, value);
    }
    pg_unreachable();
}

void refuse_value(const JsonObject &object, const JsonKey &key, const char *must, JsonbValue *value) {
    const char *hint = key.hint != nullptr ? key.hint : object.value_hint;
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("%s \"%s\" must be %s", object.entry, key.name, must),
                    errdetail("It is %s.", shown_json(value)), hint != nullptr ? errhint("%s", hint) : 0));
    pg_unreachable();
}

void require_value(const JsonObject &object, const JsonKey &key, JsonbValue *value) {
    if (!is_as_it_must(key, value)) {
        refuse_value(object, key, key.must, value);
    }
}

void require_up_to(const JsonObject &object, const JsonKey &key, const char *must, JsonbValue *value,
                   Datum highest) {
    if (!is_between(value, to_numeric(0, 0), highest)) {
        refuse_value(object, key, must, value);
    }
}

void require_object(const JsonObject &object, Jsonb *json) {
    if (!JB_ROOT_IS_OBJECT(json)) {
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s must be a JSON object", object.whole),
                 errdetail("%s %s.", object.are, shown_json(json)), errhint("%s", object.hint)));
    }
}

void unknown_key(const JsonObject &object, std::string_view name) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("unknown %s \"%s\"", object.entry, shown_text(name)),
                    object.path != nullptr ? errdetail("It is %s.%s.", object.path, shown_text(name)) : 0,
                    errhint("%s", object.hint)));
    pg_unreachable();
}

std::int32_t whole_of(const JsonbValue *value) {
    return DatumGetInt32(DirectFunctionCall1(numeric_int4, numeric_of(value)));
}

std::size_t index_among(std::span<const char *const> words, std::string_view text) {
    return static_cast<std::size_t>(std::find(words.begin(), words.end(), text) - words.begin());
}

} // namespace tradeup
