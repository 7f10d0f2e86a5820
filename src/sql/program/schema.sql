-- The JSON schema of a program, and what reads it.

-- The schema is the only place that knows what a document may hold. Keywords that begin with x- are our own, for what JSON
-- Schema has no word: x-digits and x-written-digits (significant digits and decimals, without and with zeros at the end),
-- x-decimals, x-bytes (length), x-words (what it is, in words), x-at-most (another figure of the program, or several) and
-- x-before (another one), x-percent-of (the key that it stands for, 100 times as large), x-unique, x-currency (a currency in
-- use), x-kinds (the kinds of programs that have it).
CREATE OR REPLACE FUNCTION tradeup.program_schema() RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN $schema${
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Finance program",
  "description": "One version of a finance program: amounts in major units of the currency, rates as fractions, terms in months",
  "type": "object",
  "additionalProperties": false,
  "required": ["name", "currency", "profiles", "terms", "tiers"],
  "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 300,
      "description": "Name by which customers, offers and quotes refer to the program"},
    "title": {"type": ["string", "null"], "default": null,
      "description": "What people call the program"},
    "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "x-currency": true,
        "x-words": "that is the ISO 4217 code of a currency in use, such as MXN",
      "description": "ISO 4217 code of the currency of all amounts, of its customers and of the vehicles that it finances"},
    "rounding": {"type": "string", "enum": ["half_up", "half_even", "up", "down"], "default": "half_up",
      "description": "How amounts are rounded: half_up, half_even, up (away from zero) or down"},
    "change_digits": {"type": ["integer", "null"], "minimum": 0, "maximum": 9, "default": null,
      "description": "Decimals to which the payment change is rounded before it decides a tier; null: not rounded"},
    "interest_tax_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0,
      "description": "Tax on interest, as a fraction"},
    "service_fee_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "x-at-most": "max_service_fee_rate",
        "default": 0,
      "description": "Service fee as a fraction of the price, financed"},
    "sales_tax_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0,
      "description": "Sales tax as a fraction of the price, financed"},
    "document_fee": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "Document fee, an amount, financed"},
    "opening_fee_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "x-at-most": "max_opening_fee_rate",
        "default": 0,
      "description": "Opening fee as a fraction, taken from the customer's equity"},
    "opening_fee_tax_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0,
      "description": "Tax on the opening fee, as a fraction"},
    "opening_fee_less_equity": {"type": "boolean", "default": false,
      "description": "Whether the opening fee is on the price less the equity rather than on the price"},
    "bonus": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18,
        "x-at-most": ["max_bonus", "max_what_if_bonus"], "default": 0,
      "description": "Bonus added to the customer's equity"},
    "protection": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "Protection plan, an amount, financed over the term"},
    "insurance_months": {"type": "integer", "minimum": 1, "maximum": 480, "default": 12,
      "description": "Months over which an insurance policy is financed"},
    "insurance_renewed": {"type": "boolean", "default": false,
      "description": "Whether schedules renew the insurance while the term runs"},
    "gps_installation": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "GPS installation before tax"},
    "gps_monthly": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "GPS fee of each month before tax"},
    "gps_tax_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0,
      "description": "Tax on GPS fees, as a fraction"},
    "installation_from_equity": {"type": "boolean", "default": false,
      "description": "Whether the GPS installation is taken from the equity"},
    "installation_financed": {"type": "boolean", "default": false,
      "description": "Whether the GPS installation is added to the amount financed"},
    "installation_in_first_payment": {"type": "boolean", "default": false,
      "description": "Whether the GPS installation is part of the first, quoted, payment"},
    "margin_cost": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "Cost that is taken from the fees to give the margin"},
    "margin_service_fee": {"type": "boolean", "default": true,
      "description": "Whether the service fee is part of the margin"},
    "margin_opening_fee": {"type": "boolean", "default": true,
      "description": "Whether the opening fee is part of the margin"},
    "margin_protection": {"type": "boolean", "default": false,
      "description": "Whether the protection plan is part of the margin"},
    "requires_dearer": {"type": "boolean", "default": true,
      "description": "Whether an offer must be dearer than the customer's current vehicle"},
    "max_change": {"type": ["number", "null"], "minimum": -1, "maximum": 1000000, "x-digits": 18, "default": null,
      "description": "Largest payment change of an offer, as a fraction; null: no limit"},
    "max_component": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": null,
      "description": "Largest of each of loan, service fee, protection and insurance; null: no limit"},
    "max_financed": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": null,
      "description": "Largest amount financed; null: no limit"},
    "max_annual_rate": {"type": "number", "minimum": 0, "maximum": 9, "x-digits": 18, "default": 1,
      "description": "Largest annual rate that a profile or a what-if may have, before the adjustment of the term"},
    "max_adjusted_rate": {"type": ["number", "null"], "minimum": 0, "maximum": 10, "x-digits": 18, "default": null,
      "description": "Largest annual rate with the adjustment of the term; a term beyond it makes no offer; null: no limit"},
    "max_service_fee_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0.05,
      "description": "Largest service fee of a what-if, as a fraction"},
    "max_opening_fee_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0.04,
      "description": "Largest opening fee of a what-if, as a fraction"},
    "max_bonus": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18,
        "x-at-most": "max_what_if_bonus", "default": null,
      "description": "Largest bonus that the program itself may give; null: no limit"},
    "max_what_if_bonus": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": null,
      "description": "Largest bonus of a what-if; null: no limit"},
    "max_insurance": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": null,
      "description": "Largest insurance premium; null: no limit"},
    "max_term": {"type": "integer", "minimum": 1, "maximum": 480, "default": 120,
      "description": "Longest term in months"},
    "valid_from": {"type": ["string", "null"], "format": "date", "x-before": "valid_to", "default": null,
      "description": "First day on which offers use this version, in UTC; null: from its publication"},
    "valid_to": {"type": ["string", "null"], "format": "date", "default": null,
      "description": "First day on which offers no longer use it, in UTC; null: no end"},
    "min_year": {"type": ["integer", "null"], "minimum": 1886, "maximum": 2200, "default": null,
      "description": "Oldest model year that is financed; null: any"},
    "max_age": {"type": ["integer", "null"], "minimum": 0, "maximum": 200, "default": null,
      "description": "Largest age of a vehicle, in years: this year, in UTC, less its model year; null: any"},
    "max_kilometers": {"type": ["integer", "null"], "minimum": 0, "maximum": 2147483647, "default": null,
      "description": "Most kilometres of a vehicle; null: any"},
    "makes": {"type": ["array", "null"], "minItems": 1, "items": {"type": "string"}, "default": null,
      "description": "Makes that are financed; null: any"},
    "min_price": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "x-at-most": "max_price",
        "default": null,
      "description": "Lowest price that is financed; null: any"},
    "max_price": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": null,
      "description": "Highest price that is financed; null: any"},
    "kind": {"type": "string", "enum": ["loan", "balloon", "lease"], "default": "loan",
      "description": "What the program is: loan, balloon (a share of the price is due with the last payment) or lease"},
    "sales_tax_base": {"type": "string", "enum": ["price", "difference"], "default": "price",
        "x-kinds": ["loan", "balloon"],
      "description": "What sales tax is taken of: price, or difference (the price less the trade value)"},
    "sales_tax_financed": {"type": "boolean", "default": true,
      "description": "Whether sales tax is financed; otherwise it is due at signing"},
    "fees_financed": {"type": "boolean", "default": true,
      "description": "Whether service, document and acquisition fee are financed; otherwise they are due at signing"},
    "acquisition_fee": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "Acquisition fee, an amount"},
    "end_fee": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
        "x-kinds": ["balloon", "lease"],
      "description": "Fee that is due with the last payment of a balloon loan or a lease"},
    "lease_tax": {"type": "string", "enum": ["payment", "upfront"], "default": "payment",
        "x-kinds": ["lease"],
      "description": "When a lease is taxed: payment (each of them) or upfront (all of them at signing)"},
    "payments_in_advance": {"type": "boolean", "default": false,
        "x-kinds": ["lease"],
      "description": "Whether the first payment of a lease is due at signing"},
    "payment_frequency": {"type": "string", "enum": ["monthly", "semimonthly", "bi-weekly", "weekly"], "default": "monthly",
        "x-kinds": ["loan", "balloon"],
      "description": "How often the payment of a loan is due: monthly, semimonthly, bi-weekly or weekly"},
    "first_payment_days": {"type": ["integer", "null"], "minimum": 1, "maximum": 366, "default": null,
        "x-kinds": ["loan", "balloon"],
      "description": "Days to the first payment of a loan, where they are not a whole period (a month of 30); null: a whole one"},
    "kilometers_per_year": {"type": ["integer", "null"], "minimum": 0, "maximum": 2147483647, "default": null,
        "x-kinds": ["lease"],
      "description": "Kilometres a year that a lease allows; null: nothing is said"},
    "min_payment": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": null,
      "description": "Lowest payment of an offer; null: no limit"},
    "max_payment_to_income": {"type": ["number", "null"], "minimum": 0, "maximum": 10, "x-digits": 18, "default": null,
      "description": "Largest payment of an offer as a share of the customer's monthly income; null: no limit"},
    "subsidy_rules": {"type": ["object", "null"], "additionalProperties": false, "default": null,
      "description": "What min_subsidy may concede and which gates must hold, as its rules; null: only another term is conceded",
      "properties": {
        "terms": {"type": "array", "minItems": 1, "maxItems": 60, "items": {"type": "integer", "minimum": 1, "maximum": 480},
          "description": "Terms that are tried, in this order"},
        "order": {"type": "array", "minItems": 4, "maxItems": 4,
          "items": {"type": "string", "enum": ["term", "service_fee_rate", "bonus", "opening_fee_rate"]},
          "description": "What is conceded, from what changes last to what changes first"},
        "service_fee_rate": {"type": ["number", "object"], "minimum": 0, "maximum": 1, "x-digits": 18,
            "additionalProperties": false,
          "description": "Service fee: a number, or from, to and step; what is left out is the program's own",
          "properties": {
            "from": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "description": "What is tried first"},
            "to": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "description": "What is conceded at most"},
            "step": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18,
                "description": "From one value to the next, above 0"}
          }},
        "bonus": {"type": ["number", "object"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18,
            "additionalProperties": false,
          "description": "Bonus: a number, or from, to and step; what is left out is the program's own",
          "properties": {
            "from": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18,
                "description": "What is tried first"},
            "to": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18,
                "description": "What is conceded at most"},
            "step": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18,
                "description": "From one value to the next, above 0"}
          }},
        "opening_fee_rate": {"type": ["number", "object"], "minimum": 0, "maximum": 1, "x-digits": 18,
            "additionalProperties": false,
          "description": "Opening fee: a number, or from, to and step; what is left out is the program's own",
          "properties": {
            "from": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "description": "What is tried first"},
            "to": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "description": "What is conceded at most"},
            "step": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18,
                "description": "From one value to the next, above 0"}
          }},
        "max_change": {"type": ["number", "null"], "minimum": -1, "maximum": 1000000, "x-digits": 18,
          "description": "Largest payment change; null: not asked"},
        "min_margin": {"type": ["number", "null"], "minimum": -1000000000000, "maximum": 1000000000000, "x-digits": 18,
          "description": "Least margin less the bonus; null: not asked"},
        "max_financed_to_price": {"type": ["number", "null"], "minimum": 0, "maximum": 1000, "x-digits": 18,
          "description": "Largest share of the price that is financed; null: not asked"},
        "require_dearer": {"type": "boolean",
          "description": "Whether the vehicle must be dearer than the current one, where the program asks that"}
      }},
    "profiles": {"type": "array", "minItems": 1, "x-unique": "profile",
      "description": "What a program asks of each risk profile",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["profile", "down_payment_rate"],
        "oneOf": [{"required": ["annual_rate"]}, {"required": ["annual_percent"]}],
        "properties": {
          "profile": {"type": "string", "maxLength": 300,
            "description": "Risk profile, as customers have it"},
          "annual_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-decimals": 15,
              "x-words": "a fraction: 4.9 percent is 0.049",
            "x-at-most": "max_annual_rate",
            "description": "Annual rate as a fraction, before the adjustment of the term"},
          "annual_percent": {"type": "number", "minimum": 0, "maximum": 900, "x-decimals": 13, "x-percent-of": "annual_rate",
            "x-at-most": "max_annual_rate",
            "description": "Annual rate as a percentage, in place of annual_rate; a rate above 100 percent is written so"},
          "down_payment_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18,
            "description": "Least down payment as a fraction of the price"},
          "insurance": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "x-at-most": "max_insurance",
              "default": 0,
            "description": "Insurance premium, an amount, financed over the program's insurance_months"},
          "max_loan_to_value": {"type": ["number", "null"], "minimum": 0, "maximum": 10, "x-digits": 18, "default": null,
            "description": "Largest amount financed as a multiple of the price; null: no limit"}
        }
      }},
    "terms": {"type": "array", "minItems": 1, "maxItems": 480, "x-unique": "term",
      "description": "The terms that a program offers",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["term"],
        "properties": {
          "term": {"type": "integer", "minimum": 1, "maximum": 480, "x-at-most": "max_term",
            "description": "Term in months"},
          "rate_adjustment": {"type": "number", "minimum": 0, "maximum": 1, "x-decimals": 15, "default": 0,
            "description": "What this term adds to the annual rate, as a fraction"},
          "residual_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-decimals": 15, "default": 0,
              "x-kinds": ["balloon", "lease"],
            "description": "Share of the price that is due at the end of a balloon loan, or that a leased vehicle is worth then"}
        }
      }},
    "tiers": {"type": "array", "maxItems": 8, "x-unique": "name",
      "description": "The tiers of a program: named intervals of the payment change, in ascending order of rank",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["name"],
        "properties": {
          "name": {"type": "string", "minLength": 1, "maxLength": 39, "x-bytes": 39,
            "pattern": "^(?![ \\t\\r\\n])[^\\]\\[\"(),]*(?<![ \\t\\r\\n])$",
            "x-words": "without commas, quotes, brackets, parentheses and outer blanks",
            "description": "Name of the tier, as offers show it"},
          "lower_change": {"type": ["number", "null"], "minimum": -1000000, "maximum": 1000000, "x-written-digits": 18,
              "default": null,
            "description": "Smallest payment change as a fraction; null: no bound"},
          "lower_inclusive": {"type": "boolean", "default": false,
            "description": "Whether the smallest payment change itself belongs to the tier"},
          "upper_change": {"type": ["number", "null"], "minimum": -1000000, "maximum": 1000000, "x-written-digits": 18,
              "default": null,
            "description": "Largest payment change as a fraction; null: no bound"},
          "upper_inclusive": {"type": "boolean", "default": true,
            "description": "Whether the largest payment change itself belongs to the tier"}
        }
      }},
    "regions": {"type": "array", "maxItems": 100000, "x-unique": "region", "default": [],
      "description": "Sales tax and document fee for customers of a region; all other customers have those of the program",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["region"],
        "properties": {
          "region": {"type": "string", "minLength": 1, "maxLength": 300,
            "description": "Region, as customers have it"},
          "sales_tax_rate": {"type": ["number", "null"], "minimum": 0, "maximum": 1, "x-digits": 18, "default": null,
            "description": "Sales tax there, as a fraction; null: that of the program"},
          "document_fee": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": null,
            "description": "Document fee there, an amount; null: that of the program"}
        }
      }}
  }
}$schema$::jsonb;

COMMENT ON FUNCTION tradeup.program_schema() IS
    'The JSON schema (draft 2020-12) of the documents that program_from_json reads and program_to_json writes';

CREATE OR REPLACE FUNCTION tradeup_internal.schema_words(schema jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN schema ? 'enum' THEN 'one of ' || translate((schema -> 'enum')::text, '[]"', '')
    WHEN schema ->> 'format' = 'date' THEN 'a date such as 2026-01-31'
    WHEN schema -> 'type' ? 'string' THEN 'a text'
        || CASE WHEN schema ? 'maxLength'
                THEN format(' of %s to %s %s', coalesce(schema ->> 'minLength', '0'),
                            coalesce(schema ->> 'x-bytes', schema ->> 'maxLength'),
                            CASE WHEN schema ? 'x-bytes' THEN 'bytes' ELSE 'characters' END)
                ELSE '' END
        || coalesce(' ' || (schema ->> 'x-words'), '')
    WHEN schema -> 'type' ? 'boolean' THEN 'true or false'
    WHEN schema -> 'type' ? 'object' THEN 'an object'
    WHEN schema -> 'type' ? 'array' THEN 'an array'
        || CASE WHEN schema ? 'maxItems' THEN format(' of %s to %s items', coalesce(schema ->> 'minItems', '0'),
                                                     schema ->> 'maxItems')
                WHEN schema ? 'minItems' THEN format(' of at least %s item', schema ->> 'minItems') ELSE '' END
    ELSE CASE WHEN schema -> 'type' ? 'integer' THEN 'a whole number' ELSE 'a number' END
        || coalesce(' from ' || (schema ->> 'minimum') || ' to ' || (schema ->> 'maximum'), '')
        || coalesce(' of at most ' || (schema ->> 'x-digits') || ' digits', '')
        || coalesce(' of at most ' || (schema ->> 'x-decimals') || ' decimals', '')
            || coalesce(', ' || (schema ->> 'x-words'), '')
        || coalesce(' of at most ' || (schema ->> 'x-written-digits') || ' digits, zeros at the end included', '')
    END
    || CASE WHEN schema -> 'type' ? 'null' THEN ', or null' ELSE '' END;

COMMENT ON FUNCTION tradeup_internal.schema_words(jsonb) IS 'What a part of the schema of programs asks of a value, in words';

-- Arrays and objects are judged by their kind and size only: their parts are values of their own.
CREATE OR REPLACE FUNCTION tradeup_internal.schema_fits(value jsonb, schema jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kind text := jsonb_typeof(value);
    words text := value #>> '{}';
    number numeric;
BEGIN
    IF kind = 'number' THEN
        number := words::numeric;
        IF NOT schema -> 'type' ?| '{number,integer}' OR value < schema -> 'minimum' OR value > schema -> 'maximum' THEN
            RETURN false;
        END IF;
        IF NOT schema ? 'x-written-digits' THEN
            number := trim_scale(number);
        END IF;
        RETURN (schema -> 'type' ? 'number' OR scale(trim_scale(number)) = 0)
            AND (NOT schema ? 'x-decimals' OR scale(trim_scale(number)) <= (schema ->> 'x-decimals')::integer)
            AND (NOT schema ?| '{x-digits,x-written-digits}'
                 OR (scale(number) <= 18 AND length(ltrim(translate(number::text, '-.', ''), '0')) <= 18));
    ELSIF kind <> 'string' OR NOT schema -> 'type' ? 'string' THEN
        RETURN schema -> 'type' ? kind
            AND (kind <> 'array' OR jsonb_array_length(value) BETWEEN coalesce((schema ->> 'minItems')::integer, 0)
                                    AND coalesce((schema ->> 'maxItems')::integer, 2147483647));
    ELSIF schema ->> 'format' = 'date' THEN
        RETURN words ~ '^(?!0000)\d{4}-(0[1-9]|1[0-2])-\d\d$'
            AND CASE WHEN words ~ '^(?!0000)\d{4}-(0[1-9]|1[0-2])-\d\d$'
                     THEN right(words, 2)::integer BETWEEN 1 AND extract(day FROM
                          make_date(left(words, 4)::integer, substr(words, 6, 2)::integer, 1) + interval '1 month - 1 day') END;
    END IF;
    RETURN length(words) BETWEEN coalesce((schema ->> 'minLength')::integer, 0)
                         AND coalesce((schema ->> 'maxLength')::integer, 2147483647)
        AND octet_length(words) <= coalesce((schema ->> 'x-bytes')::integer, 2147483647)
        AND coalesce(schema -> 'enum' ? words, true)
        AND coalesce(words ~ (schema ->> 'pattern'), true)
        AND (NOT schema ? 'x-currency' OR tradeup.currency_digits(words) IS NOT NULL);
END
$$;

COMMENT ON FUNCTION tradeup_internal.schema_fits(jsonb, jsonb) IS
    'Whether a value has the kind, size, range, digits and form that a part of the schema of programs asks';

CREATE OR REPLACE FUNCTION tradeup_internal.with_defaults(value jsonb, schema jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    key text;
    part jsonb;
BEGIN
    IF jsonb_typeof(value) <> 'object' THEN
        RETURN value;
    END IF;
    /* A whole number may be written 48.0 or 4.8e1 in JSON, but not in SQL. */
    FOR key, part IN SELECT p.key, p.value FROM jsonb_each(schema -> 'properties') p WHERE p.value ? 'x-percent-of' LOOP
        IF jsonb_typeof(value -> key) = 'number' AND NOT value ? (part ->> 'x-percent-of') THEN
            value := value - key || jsonb_build_object(part ->> 'x-percent-of', trim_scale((value -> key)::numeric * 0.01));
        END IF;
    END LOOP;
    RETURN value || coalesce((
        SELECT jsonb_object_agg(p.key, CASE WHEN p.value -> 'type' ? 'integer' AND jsonb_typeof(v.value) = 'number'
                                            THEN to_jsonb(trim_scale(v.value::numeric)) ELSE v.value END)
        FROM jsonb_each(schema -> 'properties') p
        CROSS JOIN LATERAL (SELECT coalesce(with_defaults.value -> p.key, p.value -> 'default')) v (value)
        WHERE v.value IS NOT NULL), '{}');
END
$$;

COMMENT ON FUNCTION tradeup_internal.with_defaults(jsonb, jsonb) IS
    'An object with the default, from its schema, of every key that it lacks, and with fractions in place of percentages';

CREATE OR REPLACE FUNCTION tradeup_internal.nearest_word(word text, words text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    /* Pairs of letters in common, as a share of the pairs of both. */
    RETURN (
        SELECT w.word
        FROM unnest(words) w (word)
        CROSS JOIN LATERAL (
            SELECT 2.0 * count(*) / (length(nearest_word.word) + length(w.word) + 2) AS likeness
            FROM generate_series(0, length(w.word)) i
            WHERE strpos(' ' || lower(left(nearest_word.word, 100)) || ' ', substr(' ' || w.word || ' ', i + 1, 2)) > 0) l
        WHERE l.likeness > 0.6
        ORDER BY l.likeness DESC, w.word
        LIMIT 1);
END
$$;

COMMENT ON FUNCTION tradeup_internal.nearest_word(text, text[]) IS
    'The known word that looks most like a mistyped one; null when none does';

CREATE OR REPLACE FUNCTION tradeup_internal.json_shown(value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE jsonb_typeof(value)
    WHEN 'array' THEN format('an array of %s items', jsonb_array_length(value))
    WHEN 'object' THEN 'an object'
    ELSE left(value::text, 60) || CASE WHEN length(value::text) > 60 THEN '...' ELSE '' END
END;

COMMENT ON FUNCTION tradeup_internal.json_shown(jsonb) IS 'A JSON value as messages show it: cut where it is long';

-- The planner takes every array for one of 100 items, within each other: here and below, compiling the plan would take a hundred
-- times as long as running it.
CREATE OR REPLACE FUNCTION tradeup_internal.program_parts(document jsonb)
RETURNS TABLE (path text, key text, place bigint[], value jsonb, schema jsonb, kind text, fits boolean)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 5000 ROWS 200 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    root jsonb := tradeup.program_schema();
BEGIN
    RETURN QUERY
    WITH RECURSIVE part (path, key, place, value, schema) AS (
        SELECT '$', NULL, ARRAY[]::bigint[], tradeup_internal.with_defaults(coalesce(program_parts.document, 'null'), root), root
        UNION ALL
        SELECT p.path || c.step, c.key, p.place || c.n, c.value, c.schema
        FROM part p
        CROSS JOIN LATERAL (
            SELECT '.' || e.key, e.key, e.n, e.value, p.schema #> ARRAY['properties', e.key]
            FROM jsonb_each(CASE WHEN jsonb_typeof(p.value) = 'object' THEN p.value ELSE '{}' END)
                     WITH ORDINALITY e (key, value, n)
            UNION ALL
            SELECT format('[%s]', e.n - 1), p.key, e.n, e.value, p.schema -> 'items'
            FROM jsonb_array_elements(CASE WHEN jsonb_typeof(p.value) = 'array' THEN p.value ELSE '[]' END)
                     WITH ORDINALITY e (value, n)) c (step, key, n, value, schema)
        WHERE c.schema IS NOT NULL
    )
    SELECT p.*, jsonb_typeof(p.value), tradeup_internal.schema_fits(p.value, p.schema) FROM part p;
END
$$;

COMMENT ON FUNCTION tradeup_internal.program_parts(jsonb) IS
    'Every known value of a document of a program, defaults of the program included, with its part of the schema and whether it '
    'fits';
