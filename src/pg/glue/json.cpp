/*
 * JSON as messages show it.
 */
#include "pg/glue/json.hpp"

namespace tradeup {

char *shown_json(Jsonb *json) {
    return shown_text(JsonbToCString(nullptr, &json->root, static_cast<int>(VARSIZE(json))));
}

char *shown_json(JsonbValue *value) {
    return shown_json(JsonbValueToJsonb(value));
}

} // namespace tradeup
