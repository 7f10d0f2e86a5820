/*
 * Templates of messages: their slots, filled from JSON, and the key of a message.
 */
#include "core/leads/judged.hpp"
#include "core/leads/template.hpp"

#include "pg/glue/array.hpp"
#include "pg/glue/glue.hpp"
#include "pg/glue/json.hpp"
#include "pg/glue/numeric.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "lib/stringinfo.h"
}

using namespace tradeup;

namespace {

/* Calls take(piece) for the pieces of a template. */
template <typename Take>
void for_each_piece(std::string_view body, Take take) {
    for (std::size_t at = 0; at < body.size();) {
        const TemplatePiece piece = value_of(template_piece(body, at));
        take(piece);
        at = piece.end;
    }
}

Jsonb *object_argument(FunctionCallInfo fcinfo, int argument, const char *what) {
    Jsonb *json = PG_GETARG_JSONB_P(argument);
    if (!JB_ROOT_IS_OBJECT(json)) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s must be a JSON object", what),
                        errdetail("It is %s.", shown_json(json)),
                        errhint("Write the slots by name, as {\"dealer\": \"Lakeside Service\"}.")));
    }
    return json;
}

/* The value of a slot; nullptr where it is absent or null. */
JsonbValue *slot_value(Jsonb *slots, std::string_view name) {
    JsonbValue *value =
        getKeyJsonValueFromContainer(&slots->root, name.data(), static_cast<int>(name.size()), nullptr);
    return value != nullptr && !is_null(value) ? value : nullptr;
}

char *shown_name(std::string_view name) {
    return pnstrdup(name.data(), name.size());
}

void append(StringInfo text, std::string_view words) {
    appendBinaryStringInfo(text, words.data(), static_cast<int>(words.size()));
}

void append_value(StringInfo text, std::string_view name, JsonbValue *value) {
    switch (value->type) {
    case jbvString:
        append(text, text_of(value));
        break;
    case jbvNumeric:
        appendStringInfoString(text, shown_numeric(numeric_of(value)));
        break;
    case jbvBool:
        appendStringInfoString(text, value->val.boolean ? "true" : "false");
        break;
    default:
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("slot \"%s\" must be a text, a number or a flag", shown_name(name)),
                        errdetail("It is %s.", shown_json(value))));
    }
}

/* The slots that a lead fills itself, whatever its dealer says of them. */
constexpr std::string_view kOfLead[] = {"model", "stressor", "percentile"};
enum class OfLead { no, unknown, appended };

/* Appends what a lead says of a slot, from its arguments vehicle_class, model_year, reason, percentile. */
OfLead append_of_lead(StringInfo text, std::string_view name, const NullableDatum *lead) {
    const NullableDatum &vehicle_class = lead[0];
    const NullableDatum &model_year = lead[1];
    const NullableDatum &reason = lead[2];
    const NullableDatum &percentile = lead[3];
    if (name == "model") {
        if (!vehicle_class.isnull) {
            append(text, view_of(vehicle_class.value));
        }
        if (!model_year.isnull) {
            appendStringInfo(text, vehicle_class.isnull ? "%d" : " %d", DatumGetInt32(model_year.value));
        }
        return vehicle_class.isnull && model_year.isnull ? OfLead::unknown : OfLead::appended;
    }
    if (name == "stressor") {
        if (!reason.isnull) {
            append(text, view_of(reason.value));
        }
        return reason.isnull ? OfLead::unknown : OfLead::appended;
    }
    if (name == "percentile") {
        /* Of 0.29, which is a little less in binary, it is 29. */
        constexpr double kBinaryNoise = 1e-9;
        if (!percentile.isnull) {
            const double share = DatumGetFloat8(percentile.value);
            if (!is_probability(share)) {
                report(no_probability("percentile", share));
            }
            appendStringInfo(text, "%d", static_cast<int>(100 * share + kBinaryNoise));
        }
        return percentile.isnull ? OfLead::unknown : OfLead::appended;
    }
    return OfLead::no;
}

JsonbValue string_value(std::string_view words) {
    JsonbValue value;
    value.type = jbvString;
    value.val.string.val = const_cast<char *>(words.data());
    value.val.string.len = static_cast<int>(words.size());
    return value;
}

void hash(pg_cryptohash_ctx *context, std::string_view words) {
    if (pg_cryptohash_update(context, reinterpret_cast<const uint8 *>(words.data()), words.size()) < 0) {
        elog(ERROR, "could not hash: %s", pg_cryptohash_error(context));
    }
}

/* A text behind its length, so that no two lists of texts are the same bytes. */
void hash_text(pg_cryptohash_ctx *context, std::string_view words) {
    char length[24];
    snprintf(length, sizeof length, "%zu:", words.size());
    hash(context, length);
    hash(context, words);
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(render);
PG_FUNCTION_INFO_V1(template_slots);
PG_FUNCTION_INFO_V1(template_problem);
PG_FUNCTION_INFO_V1(lead_text);
PG_FUNCTION_INFO_V1(lead_slots);
PG_FUNCTION_INFO_V1(message_key);

/* render(template, slots, defaults): what a slot holds is not looked into for slots. */
Datum render(PG_FUNCTION_ARGS) {
    Jsonb *slots = object_argument(fcinfo, 1, "slots");
    Jsonb *defaults = object_argument(fcinfo, 2, "defaults");
    StringInfoData text;
    initStringInfo(&text);
    for_each_piece(view_of(PG_GETARG_DATUM(0)), [&](const TemplatePiece &piece) {
        if (!piece.is_slot) {
            append(&text, piece.text);
            return;
        }
        JsonbValue *value = slot_value(slots, piece.text);
        value = value != nullptr ? value : slot_value(defaults, piece.text);
        if (value == nullptr) {
            ereport(ERROR,
                    (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                     errmsg("missing slot \"%s\"", shown_name(piece.text)),
                     errdetail("The template names it, and neither the slots nor the defaults have it.")));
        }
        append_value(&text, piece.text, value);
    });
    PG_RETURN_TEXT_P(cstring_to_text_with_len(text.data, text.len));
}

/* template_slots(template): the names of its slots, each once, in the order in which they come. */
Datum template_slots(PG_FUNCTION_ARGS) {
    const std::string_view body = view_of(PG_GETARG_DATUM(0));
    auto *names = static_cast<Datum *>(palloc(sizeof(Datum) * (body.size() / 3 + 1)));
    int count = 0;
    for_each_piece(body, [&](const TemplatePiece &piece) {
        bool known = !piece.is_slot;
        for (int i = 0; i < count && !known; ++i) {
            known = view_of(names[i]) == piece.text;
        }
        if (!known) {
            names[count++] = PointerGetDatum(
                cstring_to_text_with_len(piece.text.data(), static_cast<int>(piece.text.size())));
        }
    });
    PG_RETURN_ARRAYTYPE_P(construct_array(names, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* template_problem(template): what is wrong with it, in words; null: nothing. */
Datum template_problem(PG_FUNCTION_ARGS) {
    const std::string_view body = view_of(PG_GETARG_DATUM(0));
    for (std::size_t at = 0; at < body.size();) {
        const tradeup::Result<TemplatePiece> piece = template_piece(body, at);
        if (!piece) {
            PG_RETURN_TEXT_P(cstring_to_text(piece.error().message));
        }
        at = piece->end;
    }
    PG_RETURN_NULL();
}

/* lead_text(template, defaults, dealer_slots, vehicle_class, model_year, reason, percentile): what render
 * makes of the slots of a lead, without making JSON of them for each vehicle; null where one is missing. */
Datum lead_text(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1)) {
        PG_RETURN_NULL();
    }
    Jsonb *defaults = object_argument(fcinfo, 1, "defaults");
    Jsonb *dealer = PG_ARGISNULL(2) ? nullptr : object_argument(fcinfo, 2, "slots");
    StringInfoData text;
    initStringInfo(&text);
    bool missing = false;
    for_each_piece(view_of(PG_GETARG_DATUM(0)), [&](const TemplatePiece &piece) {
        if (!piece.is_slot) {
            append(&text, piece.text);
            return;
        }
        const OfLead of_lead = append_of_lead(&text, piece.text, &fcinfo->args[3]);
        if (of_lead == OfLead::appended) {
            return;
        }
        JsonbValue *value =
            dealer == nullptr || of_lead == OfLead::unknown ? nullptr : slot_value(dealer, piece.text);
        value = value != nullptr ? value : slot_value(defaults, piece.text);
        if (value == nullptr) {
            missing = true;
        } else {
            append_value(&text, piece.text, value);
        }
    });
    if (missing) {
        PG_RETURN_NULL();
    }
    PG_RETURN_TEXT_P(cstring_to_text_with_len(text.data, text.len));
}

/* lead_slots(vehicle_class, model_year, reason, percentile): the slots that a lead fills itself, null where
 * it does not know. */
Datum lead_slots(PG_FUNCTION_ARGS) {
    JsonbParseState *object = nullptr;
    (void)pushJsonbValue(&object, WJB_BEGIN_OBJECT, nullptr);
    for (const std::string_view name : kOfLead) {
        StringInfoData text;
        initStringInfo(&text);
        const OfLead known = append_of_lead(&text, name, &fcinfo->args[0]);
        JsonbValue key = string_value(name);
        (void)pushJsonbValue(&object, WJB_KEY, &key);
        JsonbValue value = string_value({text.data, static_cast<std::size_t>(text.len)});
        if (known != OfLead::appended) {
            value.type = jbvNull;
        }
        (void)pushJsonbValue(&object, WJB_VALUE, &value);
    }
    PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&object, WJB_END_OBJECT, nullptr)));
}

/* message_key(parts, slots): the SHA-256 of both, in hexadecimal digits. */
Datum message_key(PG_FUNCTION_ARGS) {
    const Elements parts = elements_of(PG_GETARG_DATUM(0));
    Jsonb *slots = PG_GETARG_JSONB_P(1);
    const char *slots_text = JsonbToCString(nullptr, &slots->root, VARSIZE(slots));
    for (int i = 0; i < parts.count; ++i) {
        if (parts.nulls[i]) {
            ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("parts must not contain nulls")));
        }
    }
    pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);
    uint8 digest[PG_SHA256_DIGEST_LENGTH];
    if (context == nullptr || pg_cryptohash_init(context) < 0) {
        elog(ERROR, "could not hash: %s", pg_cryptohash_error(context));
    }
    for (int i = 0; i < parts.count; ++i) {
        hash_text(context, view_of(parts.values[i]));
    }
    hash_text(context, slots_text);
    if (pg_cryptohash_final(context, digest, sizeof digest) < 0) {
        elog(ERROR, "could not hash: %s", pg_cryptohash_error(context));
    }
    pg_cryptohash_free(context);
    auto *key = static_cast<text *>(palloc(VARHDRSZ + 2 * sizeof digest));
    SET_VARSIZE(key, VARHDRSZ + 2 * sizeof digest);
    hex_encode(reinterpret_cast<const char *>(digest), sizeof digest, VARDATA(key));
    PG_RETURN_TEXT_P(key);
}

} // extern "C"
