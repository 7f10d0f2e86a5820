/*
 * JSON as users write it.
 */
#pragma once

#include "pg/glue/glue.hpp"

extern "C" {
#include "utils/jsonb.h"
}

namespace tradeup {

/* A JSON value as messages repeat it. */
char *shown_json(Jsonb *json);
char *shown_json(JsonbValue *value);

} // namespace tradeup
