/*
 * JSON objects that users write, read by a table: which keys there are, of which kind and range a value is,
 * and what a message says of one that is not.
 */
#pragma once

#include <cstdint>
#include <span>

#include "core/number/decimal.hpp"

#include "pg/glue/glue.hpp"

extern "C" {
#include "utils/jsonb.h"
}

namespace tradeup {

/* A JSON value as messages repeat it. */
char *shown_json(Jsonb *json);
char *shown_json(JsonbValue *value);

enum class JsonKind {
    flag, // true or false
    any_number,
    any_text,
    number,           // from lowest to highest
    number_or_flag,   // the same, or true or false
    number_or_null,   // the same, or null
    number_or_object, // any number, or an object of some of `words`, each any number
    whole_number,     // from lowest to highest
    whole_numbers,    // a list of them
    texts,            // a list of texts
    words,            // a list of texts that are among `words`
    objects           // a list of objects
};

/* A key of an object, and what its value must be. */
struct JsonKey {
    const char *name;
    JsonKind kind;
    const char *must; // the same in words
    Decimal lowest{}; // of at most 8 decimals, as highest
    Decimal highest{};
    std::span<const char *const> words{};
    std::uint32_t fewest = 1; // elements of a list
    std::uint32_t most = UINT32_MAX;
    bool distinct = false;      // no element of a list twice
    const char *hint = nullptr; // for this key in place of the object's
};

/* An object, and how messages speak of it. */
struct JsonObject {
    const char *whole; // `overrides`
    const char *are;   // `They are`
    const char *entry; // `override`
    std::span<const JsonKey> keys;
    const char *hint;                 // for what is no such object, and for a key that it does not have
    const char *value_hint = nullptr; // for a value, if any
    const char *path = nullptr;       // `terms`, where the detail says of an unknown key that it is terms.KEY
};

/* A key of this name, or nullptr. */
const JsonKey *key_named(std::span<const JsonKey> keys, std::string_view name);

/* The value of a name in an object that is one, or nullptr. */
JsonbValue *value_of_key(Jsonb *object, const char *name);

/* Whether the value is what its key must be. */
bool is_as_it_must(const JsonKey &key, const JsonbValue *value);

/* Raises 22023 for the value of a key, which must be something else. */
[[noreturn]] void refuse_value(const JsonObject &object, const JsonKey &key, const char *must,
                               JsonbValue *value);

/* Raises 22023 unless the value is what its key must be. */
void require_value(const JsonObject &object, const JsonKey &key, JsonbValue *value);

/* The same of a number from 0 to a highest that the table does not know, with its own words. */
void require_up_to(const JsonObject &object, const JsonKey &key, const char *must, JsonbValue *value,
                   Datum highest);

/* Raises 22023 unless it is a JSON object. */
void require_object(const JsonObject &object, Jsonb *json);

/* Raises 22023 for a key that the object does not have. */
[[noreturn]] void unknown_key(const JsonObject &object, std::string_view name);

/* Calls take(name, value) for each entry of a container that is an object. */
template <typename Take>
void for_each_entry(JsonbContainer *container, Take take) {
    JsonbIterator *iterator = JsonbIteratorInit(container);
    JsonbValue name;
    JsonbValue value;
    (void)JsonbIteratorNext(&iterator, &name, true);
    while (JsonbIteratorNext(&iterator, &name, true) == WJB_KEY) {
        (void)JsonbIteratorNext(&iterator, &value, true);
        take(std::string_view{name.val.string.val, static_cast<std::size_t>(name.val.string.len)}, &value);
    }
}

/* Reads an object: calls take(index of the key in the table, value). The values are not looked at yet. */
template <typename Take>
void read_object(const JsonObject &object, Jsonb *json, Take take) {
    require_object(object, json);
    for_each_entry(&json->root, [&](std::string_view name, JsonbValue *value) {
        const JsonKey *key = key_named(object.keys, name);
        if (key == nullptr) {
            unknown_key(object, name);
        }
        take(static_cast<std::size_t>(key - object.keys.data()), value);
    });
}

/* Of values that are what they must be: */

inline bool is_null(const JsonbValue *value) {
    return value->type == jbvNull;
}

inline Datum numeric_of(const JsonbValue *value) {
    return NumericGetDatum(value->val.numeric);
}

std::int32_t whole_of(const JsonbValue *value);

inline std::string_view text_of(const JsonbValue *value) {
    return {value->val.string.val, static_cast<std::size_t>(value->val.string.len)};
}

inline std::uint32_t size_of(const JsonbValue *list) {
    return JsonContainerSize(list->val.binary.data);
}

inline JsonbValue *element_of(const JsonbValue *list, std::uint32_t index) {
    return getIthJsonbValueFromContainer(list->val.binary.data, index);
}

/* Where a text stands among words; as many as there are when it does not. */
std::size_t index_among(std::span<const char *const> words, std::string_view text);

} // namespace tradeup
