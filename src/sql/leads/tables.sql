-- Models as data: rates of cohorts, stressors, rules, priorities, values and texts, in versions that never change once published;
-- vehicles with their evidence; outcomes, and what was predicted before them; leads, their events and their messages.

CREATE TABLE tradeup_leads.risk_model (
    name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    title text,
    cause text NOT NULL,
    horizon_months integer NOT NULL DEFAULT 12,
    counts_form text NOT NULL DEFAULT 'jeffreys',
    intercept double precision NOT NULL DEFAULT 0,
    slope double precision NOT NULL DEFAULT 1,
    absent_counts boolean NOT NULL DEFAULT true,
    severities text[] NOT NULL DEFAULT '{low,moderate,high,critical,severe}',
    severity_from double precision[] NOT NULL DEFAULT '{0.03,0.07,0.12,0.2}',
    uncertain_level double precision NOT NULL DEFAULT 0.8,
    uncertain_classes integer NOT NULL DEFAULT 2,
    source text,
    published_at timestamptz,
    parts jsonb,
    CONSTRAINT model_is_identified_by_name_and_version PRIMARY KEY (name, version),
    CONSTRAINT name_is_not_empty CHECK (name <> ''),
    CONSTRAINT version_is_positive CHECK (version > 0),
    CONSTRAINT cause_is_not_empty CHECK (cause <> ''),
    CONSTRAINT horizon_is_1_to_240_months CHECK (horizon_months BETWEEN 1 AND 240),
    CONSTRAINT form_of_counts_is_known CHECK (counts_form IN ('plain', 'jeffreys')),
    CONSTRAINT recalibration_is_finite CHECK (intercept BETWEEN -20 AND 20 AND slope > 0 AND slope <= 5),
    CONSTRAINT there_is_a_severity_more_than_thresholds CHECK (
        cardinality(severities) BETWEEN 1 AND 10 AND cardinality(severities) = cardinality(severity_from) + 1
        AND array_position(severities, NULL) IS NULL AND array_position(severities, 'uncertain') IS NULL),
    CONSTRAINT thresholds_of_severities_rise CHECK (tradeup_leads_internal.rise_within_0_and_1(severity_from)),
    CONSTRAINT uncertain_level_is_a_fraction CHECK (uncertain_level > 0 AND uncertain_level < 1),
    CONSTRAINT uncertain_classes_are_positive CHECK (uncertain_classes >= 1),
    CONSTRAINT published_model_knows_its_parts CHECK (published_at IS NULL OR coalesce(jsonb_typeof(parts) = 'object', false))
);

COMMENT ON TABLE tradeup_leads.risk_model IS
    'Models of risk: one row for each version, with its horizon, form and classes. A published version never changes.';
COMMENT ON COLUMN tradeup_leads.risk_model.name IS 'Name by which vehicles, predictions and leads refer to the model';
COMMENT ON COLUMN tradeup_leads.risk_model.version IS 'Version; leads use the highest published one';
COMMENT ON COLUMN tradeup_leads.risk_model.title IS 'What people call the model';
COMMENT ON COLUMN tradeup_leads.risk_model.cause IS 'Cause of failure that it predicts; outcomes name it';
COMMENT ON COLUMN tradeup_leads.risk_model.horizon_months IS 'Months within which the failure is predicted';
COMMENT ON COLUMN tradeup_leads.risk_model.counts_form IS
    'How counts become ratios: plain, where a zero is an error, or jeffreys, which adds a half to each';
COMMENT ON COLUMN tradeup_leads.risk_model.intercept IS 'Alpha of the recalibration: what is added to the log odds; 0: none';
COMMENT ON COLUMN tradeup_leads.risk_model.slope IS 'Gamma of the recalibration: what all evidence is multiplied by; 1: none';
COMMENT ON COLUMN tradeup_leads.risk_model.absent_counts IS
    'Whether an absent stressor lowers the risk; false only in models kept for comparison, which come out too high';
COMMENT ON COLUMN tradeup_leads.risk_model.severities IS 'Names of the classes of risk, from the lowest up';
COMMENT ON COLUMN tradeup_leads.risk_model.severity_from IS 'Risk from which each class but the lowest begins';
COMMENT ON COLUMN tradeup_leads.risk_model.uncertain_level IS
    'Level of the interval that decides whether severity is uncertain';
COMMENT ON COLUMN tradeup_leads.risk_model.uncertain_classes IS
    'Classes that this interval may reach over; where it reaches over more, severity is uncertain';
COMMENT ON COLUMN tradeup_leads.risk_model.source IS 'Where the model comes from';
COMMENT ON COLUMN tradeup_leads.risk_model.published_at IS
    'When the version was published; null while it is a draft that may be changed. Set by publish_model';
COMMENT ON COLUMN tradeup_leads.risk_model.parts IS
    'Number of rows of each part, recorded when the version is published';

CREATE TABLE tradeup_leads.risk_cohort (
    model text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    cohort text NOT NULL,
    published_rate double precision,
    published_size double precision,
    discount double precision NOT NULL DEFAULT 1,
    local_failures integer NOT NULL DEFAULT 0,
    local_size integer NOT NULL DEFAULT 0,
    factors text[] NOT NULL DEFAULT '{}',
    source text,
    rated_on date,
    verified boolean NOT NULL DEFAULT false,
    CONSTRAINT cohort_is_once_in_its_version PRIMARY KEY (model, version, cohort),
    CONSTRAINT cohort_is_not_empty CHECK (cohort <> ''),
    CONSTRAINT published_rate_is_a_probability CHECK (published_rate > 0 AND published_rate < 1),
    CONSTRAINT published_size_is_positive CHECK (published_size > 0 AND published_size <= 1e9),
    CONSTRAINT rate_comes_with_its_size CHECK ((published_rate IS NULL) = (published_size IS NULL)),
    CONSTRAINT discount_is_above_0_up_to_1 CHECK (discount > 0 AND discount <= 1),
    CONSTRAINT local_failures_are_within_the_local_size CHECK (local_failures BETWEEN 0 AND local_size),
    CONSTRAINT local_size_is_at_most_a_billion CHECK (local_size <= 1000000000),
    CONSTRAINT factors_are_named CHECK (array_position(factors, NULL) IS NULL)
);

COMMENT ON TABLE tradeup_leads.risk_cohort IS 'Vehicles with a common rate of failure: a published rate, and outcomes of our own';
COMMENT ON COLUMN tradeup_leads.risk_cohort.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.risk_cohort.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.risk_cohort.cohort IS 'Name of the cohort';
COMMENT ON COLUMN tradeup_leads.risk_cohort.published_rate IS
    'Published probability of a failure within the horizon; null: none, and the rate is known from outcomes only';
COMMENT ON COLUMN tradeup_leads.risk_cohort.published_size IS 'Number of vehicles behind the published rate';
COMMENT ON COLUMN tradeup_leads.risk_cohort.discount IS
    'What a published vehicle counts against one of our own; 1 lets a large old table drown local data';
COMMENT ON COLUMN tradeup_leads.risk_cohort.local_failures IS 'Failures among our own closed outcomes';
COMMENT ON COLUMN tradeup_leads.risk_cohort.local_size IS 'Number of our own closed outcomes';
COMMENT ON COLUMN tradeup_leads.risk_cohort.factors IS 'Factors that the rate contains already; no stressor may have one of them';
COMMENT ON COLUMN tradeup_leads.risk_cohort.source IS 'Where the rate was published';
COMMENT ON COLUMN tradeup_leads.risk_cohort.rated_on IS 'Day on which the rate was published; null: unknown';
COMMENT ON COLUMN tradeup_leads.risk_cohort.verified IS 'Whether somebody has checked the source';

CREATE TABLE tradeup_leads.stressor (
    model text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    stressor text NOT NULL,
    position integer NOT NULL,
    title text,
    present_failed double precision,
    absent_failed double precision,
    present_sound double precision,
    absent_sound double precision,
    ratio_present double precision,
    ratio_absent double precision,
    uncertainty_factor double precision NOT NULL DEFAULT 1,
    relative_risk double precision,
    prevalence double precision,
    dependence_group text,
    factor text,
    enabled boolean NOT NULL DEFAULT true,
    source text,
    verified boolean NOT NULL DEFAULT false,
    CONSTRAINT stressor_is_once_in_its_version PRIMARY KEY (model, version, stressor),
    CONSTRAINT position_is_taken_once UNIQUE (model, version, position),
    CONSTRAINT stressor_is_a_word CHECK (stressor ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT position_is_1_to_64 CHECK (position BETWEEN 1 AND 64),
    CONSTRAINT counts_are_not_negative CHECK (
        present_failed BETWEEN 0 AND 1e9 AND absent_failed BETWEEN 0 AND 1e9
        AND present_sound BETWEEN 0 AND 1e9 AND absent_sound BETWEEN 0 AND 1e9),
    CONSTRAINT ratios_are_positive CHECK (ratio_present BETWEEN 1e-9 AND 1e9 AND ratio_absent BETWEEN 1e-9 AND 1e9),
    CONSTRAINT uncertainty_factor_is_at_least_1 CHECK (uncertainty_factor BETWEEN 1 AND 1e6),
    CONSTRAINT relative_risk_is_positive CHECK (relative_risk BETWEEN 1e-9 AND 1e9),
    CONSTRAINT prevalence_is_a_probability CHECK (prevalence > 0 AND prevalence < 1),
    CONSTRAINT dependence_group_is_a_word CHECK (
        dependence_group ~ '^[^\x01-\x20"=\x7F]+$' AND octet_length(dependence_group) <= 63),
    CONSTRAINT strength_is_given_in_one_way CHECK (
        num_nonnulls(present_failed, absent_failed, present_sound, absent_sound) IN (0, 4)
        AND num_nonnulls(ratio_present, ratio_absent) IN (0, 2) AND num_nonnulls(relative_risk, prevalence) IN (0, 2)
        AND num_nonnulls(present_failed, ratio_present, relative_risk) = 1)
);

COMMENT ON TABLE tradeup_leads.stressor IS 'Facts that make a failure more or less likely, and how strongly';
COMMENT ON COLUMN tradeup_leads.stressor.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.stressor.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.stressor.stressor IS 'Name of the stressor, as evidence writes it';
COMMENT ON COLUMN tradeup_leads.stressor.position IS 'Place in values of type evidence, 1 to 64';
COMMENT ON COLUMN tradeup_leads.stressor.title IS 'What people call the stressor; it is the reason of a lead';
COMMENT ON COLUMN tradeup_leads.stressor.present_failed IS 'Vehicles that had it and failed';
COMMENT ON COLUMN tradeup_leads.stressor.absent_failed IS 'Vehicles that did not have it and failed';
COMMENT ON COLUMN tradeup_leads.stressor.present_sound IS 'Vehicles that had it and did not fail';
COMMENT ON COLUMN tradeup_leads.stressor.absent_sound IS 'Vehicles that did not have it and did not fail';
COMMENT ON COLUMN tradeup_leads.stressor.ratio_present IS 'Likelihood ratio when present, where there are no counts';
COMMENT ON COLUMN tradeup_leads.stressor.ratio_absent IS 'Likelihood ratio when absent, where there are no counts';
COMMENT ON COLUMN tradeup_leads.stressor.uncertainty_factor IS
    'The ratios, or the relative risk, are right within this factor with 95 percent; an assumption; 1: taken as exact';
COMMENT ON COLUMN tradeup_leads.stressor.relative_risk IS
    'Probability of failure with it against without it, where neither counts nor ratios are known';
COMMENT ON COLUMN tradeup_leads.stressor.prevalence IS 'Share of vehicles that have it, for a relative risk';
COMMENT ON COLUMN tradeup_leads.stressor.dependence_group IS
    'Of stressors of one group only the strongest counts; null: it stands for itself';
COMMENT ON COLUMN tradeup_leads.stressor.factor IS 'What it measures, as the factors of cohorts name it';
COMMENT ON COLUMN tradeup_leads.stressor.enabled IS 'Whether it counts; off means unknown for every vehicle';
COMMENT ON COLUMN tradeup_leads.stressor.source IS 'Where its strength was published';
COMMENT ON COLUMN tradeup_leads.stressor.verified IS 'Whether somebody has checked the source';

CREATE TABLE tradeup_leads.stressor_rule (
    model text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    stressor text NOT NULL,
    rule integer NOT NULL DEFAULT 1,
    measure text NOT NULL,
    comparison text NOT NULL,
    threshold numeric,
    words text[],
    probability double precision,
    CONSTRAINT rule_is_once_in_its_stressor PRIMARY KEY (model, version, stressor, rule),
    CONSTRAINT measure_is_not_empty CHECK (measure <> ''),
    CONSTRAINT comparison_is_known CHECK (comparison IN ('<', '<=', '=', '>=', '>', 'in')),
    CONSTRAINT numbers_have_a_threshold_and_words_a_list CHECK (
        CASE WHEN comparison = 'in' THEN threshold IS NULL AND coalesce(cardinality(words) > 0, false)
             ELSE threshold IS NOT NULL AND words IS NULL END),
    CONSTRAINT probability_is_between_0_and_1 CHECK (probability > 0 AND probability < 1)
);

COMMENT ON TABLE tradeup_leads.stressor_rule IS
    'How measures make evidence: present when a rule of the stressor holds, absent when all its measures are known and none does';
COMMENT ON COLUMN tradeup_leads.stressor_rule.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.stressor_rule.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.stressor_rule.stressor IS 'Stressor that becomes present';
COMMENT ON COLUMN tradeup_leads.stressor_rule.rule IS 'Number of the rule among those of its stressor';
COMMENT ON COLUMN tradeup_leads.stressor_rule.measure IS 'Name of the measure';
COMMENT ON COLUMN tradeup_leads.stressor_rule.comparison IS 'How it is compared: <, <=, =, >=, > with a number, or in with words';
COMMENT ON COLUMN tradeup_leads.stressor_rule.threshold IS 'Number with which the measure is compared';
COMMENT ON COLUMN tradeup_leads.stressor_rule.words IS 'Words of which the measure must be one';
COMMENT ON COLUMN tradeup_leads.stressor_rule.probability IS
    'Probability that the stressor is there when the rule holds and the vehicle will not fail; null: it is certain';

CREATE TABLE tradeup_leads.priority_rule (
    model text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    priority text NOT NULL,
    min_risk double precision,
    max_risk double precision,
    min_percentile double precision,
    min_value numeric,
    CONSTRAINT priority_is_once_in_its_version PRIMARY KEY (model, version, priority),
    CONSTRAINT priority_is_known CHECK (priority IN ('high', 'moderate', 'follow_up', 'retention')),
    CONSTRAINT limits_of_risk_are_probabilities CHECK (min_risk BETWEEN 0 AND 1 AND max_risk BETWEEN 0 AND 1),
    CONSTRAINT percentile_is_a_fraction CHECK (min_percentile BETWEEN 0 AND 1),
    CONSTRAINT value_is_an_amount CHECK (min_value BETWEEN -1000000000 AND 1000000000)
);

COMMENT ON TABLE tradeup_leads.priority_rule IS
    'What makes a lead: the first of high, moderate, follow_up, retention whose conditions all hold; none: no lead';
COMMENT ON COLUMN tradeup_leads.priority_rule.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.priority_rule.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.priority_rule.priority IS 'high, moderate, follow_up or retention';
COMMENT ON COLUMN tradeup_leads.priority_rule.min_risk IS 'Lowest risk; null: any';
COMMENT ON COLUMN tradeup_leads.priority_rule.max_risk IS 'Highest risk; null: any';
COMMENT ON COLUMN tradeup_leads.priority_rule.min_percentile IS
    'Lowest percentile of the risk within its cohort; null: any. A vehicle of a cohort of fewer than ten has none';
COMMENT ON COLUMN tradeup_leads.priority_rule.min_value IS 'Lowest expected value of a call; null: any';

CREATE TABLE tradeup_leads.repair_value (
    model text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    vehicle_class text NOT NULL,
    parts numeric NOT NULL,
    service numeric NOT NULL,
    margin_if_needed numeric NOT NULL,
    margin_otherwise numeric NOT NULL DEFAULT 0,
    CONSTRAINT value_is_once_for_a_class PRIMARY KEY (model, version, vehicle_class),
    CONSTRAINT prices_are_cents CHECK (
        parts BETWEEN 0 AND 1000000000 AND service BETWEEN 0 AND 1000000000
        AND parts = round(parts, 2) AND service = round(service, 2)),
    CONSTRAINT margins_are_amounts CHECK (
        margin_if_needed BETWEEN -1000000000 AND 1000000000 AND margin_otherwise BETWEEN -1000000000 AND 1000000000)
);

COMMENT ON TABLE tradeup_leads.repair_value IS 'What the repair of a class of vehicle brings';
COMMENT ON COLUMN tradeup_leads.repair_value.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.repair_value.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.repair_value.vehicle_class IS 'Class of vehicle';
COMMENT ON COLUMN tradeup_leads.repair_value.parts IS 'Price of the parts';
COMMENT ON COLUMN tradeup_leads.repair_value.service IS 'Price of the work';
COMMENT ON COLUMN tradeup_leads.repair_value.margin_if_needed IS 'Margin of a visit when the repair is needed';
COMMENT ON COLUMN tradeup_leads.repair_value.margin_otherwise IS 'Margin of a visit when it is not';

CREATE TABLE tradeup_leads.contact_channel (
    model text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    channel text NOT NULL,
    cost numeric NOT NULL DEFAULT 0,
    succeeded integer NOT NULL DEFAULT 0,
    tried integer NOT NULL DEFAULT 0,
    CONSTRAINT channel_is_once_in_its_version PRIMARY KEY (model, version, channel),
    CONSTRAINT channel_is_not_empty CHECK (channel <> ''),
    CONSTRAINT cost_is_an_amount CHECK (cost BETWEEN 0 AND 1000000),
    CONSTRAINT succeeded_is_within_tried CHECK (succeeded BETWEEN 0 AND tried)
);

COMMENT ON TABLE tradeup_leads.contact_channel IS 'Ways to reach a customer, what they cost and how often they succeed';
COMMENT ON COLUMN tradeup_leads.contact_channel.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.contact_channel.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.contact_channel.channel IS 'Channel, such as email, sms or phone';
COMMENT ON COLUMN tradeup_leads.contact_channel.cost IS 'Cost of one contact';
COMMENT ON COLUMN tradeup_leads.contact_channel.succeeded IS
    'Contacts that led to a visit; the chance of one is (succeeded + 0.5) / (tried + 1)';
COMMENT ON COLUMN tradeup_leads.contact_channel.tried IS 'Contacts that were tried';

CREATE TABLE tradeup_leads.message_template (
    model text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    priority text NOT NULL,
    channel text NOT NULL,
    body text NOT NULL,
    defaults jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT template_is_once_in_its_version PRIMARY KEY (model, version, priority, channel),
    CONSTRAINT priority_is_known CHECK (priority IN ('high', 'moderate', 'follow_up', 'retention')),
    CONSTRAINT defaults_are_an_object CHECK (jsonb_typeof(defaults) = 'object'),
    CONSTRAINT defaults_are_not_nested CHECK (
        NOT jsonb_path_exists(defaults, '$.*.type() ? (@ == "object" || @ == "array")'::jsonpath, '{}'::jsonb, true))
);

COMMENT ON TABLE tradeup_leads.message_template IS 'Texts of messages by priority and channel, with {slots}';
COMMENT ON COLUMN tradeup_leads.message_template.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.message_template.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.message_template.priority IS 'Priority of the leads that it is for';
COMMENT ON COLUMN tradeup_leads.message_template.channel IS 'Channel that it is for';
COMMENT ON COLUMN tradeup_leads.message_template.body IS 'Text with {slots}; {{ and }} are braces';
COMMENT ON COLUMN tradeup_leads.message_template.defaults IS 'What stands for slots that are not given';

CREATE TABLE tradeup_leads.owned_vehicle (
    vehicle_id text NOT NULL,
    customer_id text,
    dealer text NOT NULL,
    vehicle_class text,
    region text,
    model_year integer,
    odometer integer,
    model text,
    cohort text,
    evidence tradeup_leads.evidence,
    observed_at timestamptz,
    sold_on date,
    CONSTRAINT vehicle_is_identified PRIMARY KEY (vehicle_id),
    CONSTRAINT vehicle_id_is_not_empty CHECK (vehicle_id <> ''),
    CONSTRAINT dealer_is_not_empty CHECK (dealer <> ''),
    CONSTRAINT model_year_is_1886_to_2200 CHECK (model_year BETWEEN 1886 AND 2200),
    CONSTRAINT odometer_is_not_negative CHECK (odometer >= 0)
);

COMMENT ON TABLE tradeup_leads.owned_vehicle IS 'Vehicles that dealers look after, with what is known of them';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.vehicle_id IS 'Name of the vehicle';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.customer_id IS 'Owner of the vehicle; null: unknown';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.dealer IS 'Dealer who looks after it';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.vehicle_class IS 'Class of vehicle, for the value of its repair';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.region IS 'Region, for the capacity of workshops';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.model_year IS 'Model year';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.odometer IS 'Reading of the odometer';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.model IS 'Model of risk whose stressors the evidence holds';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.cohort IS 'Cohort of that model';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.evidence IS 'Stressors: present, absent, unknown, or a probability of each';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.observed_at IS 'When the newest measure behind the evidence was taken';
COMMENT ON COLUMN tradeup_leads.owned_vehicle.sold_on IS
    'First day on which its owner no longer has it; from then on it makes no lead';

CREATE INDEX vehicles_of_dealer ON tradeup_leads.owned_vehicle (dealer, vehicle_id);
COMMENT ON INDEX tradeup_leads.vehicles_of_dealer IS 'Vehicles by dealer';
CREATE INDEX models_of_dealer ON tradeup_leads.owned_vehicle (dealer, model);
COMMENT ON INDEX tradeup_leads.models_of_dealer IS 'Models of a dealer''s vehicles';

CREATE TABLE tradeup_leads.vehicle_measure (
    vehicle_id text NOT NULL,
    measure text NOT NULL,
    measured_on date NOT NULL,
    value jsonb NOT NULL,
    CONSTRAINT measure_is_once_a_day PRIMARY KEY (vehicle_id, measure, measured_on),
    CONSTRAINT value_is_a_number_a_text_or_a_truth CHECK (jsonb_typeof(value) IN ('number', 'string', 'boolean'))
);

COMMENT ON TABLE tradeup_leads.vehicle_measure IS
    'Figures measured on vehicles, with their days; rules make evidence of the newest';
COMMENT ON COLUMN tradeup_leads.vehicle_measure.vehicle_id IS 'Vehicle';
COMMENT ON COLUMN tradeup_leads.vehicle_measure.measure IS 'Name of the measure, as rules write it';
COMMENT ON COLUMN tradeup_leads.vehicle_measure.measured_on IS 'Day of the measurement';
COMMENT ON COLUMN tradeup_leads.vehicle_measure.value IS 'What was measured: a number, a text, true or false';

CREATE TABLE tradeup_leads.stressor_toggle (
    dealer text NOT NULL,
    model text NOT NULL,
    stressor text NOT NULL,
    enabled boolean NOT NULL,
    CONSTRAINT toggle_is_once_for_a_dealer PRIMARY KEY (dealer, model, stressor)
);

COMMENT ON TABLE tradeup_leads.stressor_toggle IS 'Stressors that a dealer has switched on or off, against what the model says';
COMMENT ON COLUMN tradeup_leads.stressor_toggle.dealer IS 'Dealer';
COMMENT ON COLUMN tradeup_leads.stressor_toggle.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.stressor_toggle.stressor IS 'Stressor';
COMMENT ON COLUMN tradeup_leads.stressor_toggle.enabled IS 'Whether it counts for vehicles of this dealer';

CREATE TABLE tradeup_leads.lead_capacity (
    dealer text NOT NULL,
    region text NOT NULL,
    leads_a_day integer NOT NULL,
    CONSTRAINT capacity_is_once_for_a_region PRIMARY KEY (dealer, region),
    CONSTRAINT capacity_is_not_negative CHECK (leads_a_day >= 0)
);

COMMENT ON TABLE tradeup_leads.lead_capacity IS 'How many leads a dealer can take in a day and region; without a row: any number';
COMMENT ON COLUMN tradeup_leads.lead_capacity.dealer IS 'Dealer';
COMMENT ON COLUMN tradeup_leads.lead_capacity.region IS 'Region of the vehicles';
COMMENT ON COLUMN tradeup_leads.lead_capacity.leads_a_day IS 'Leads a day';

CREATE TABLE tradeup_leads.dealer_slots (
    dealer text NOT NULL,
    slots jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT slots_are_once_for_a_dealer PRIMARY KEY (dealer),
    CONSTRAINT slots_are_an_object CHECK (jsonb_typeof(slots) = 'object'),
    CONSTRAINT slots_are_not_nested CHECK (
        NOT jsonb_path_exists(slots, '$.*.type() ? (@ == "object" || @ == "array")'::jsonpath, '{}'::jsonb, true))
);

COMMENT ON TABLE tradeup_leads.dealer_slots IS 'What goes into the slots of all messages of a dealer: its name, its advisor';
COMMENT ON COLUMN tradeup_leads.dealer_slots.dealer IS 'Dealer';
COMMENT ON COLUMN tradeup_leads.dealer_slots.slots IS 'Slots and their texts, such as dealer and advisor';

CREATE TABLE tradeup_leads.outcome (
    outcome_id bigint GENERATED ALWAYS AS IDENTITY,
    vehicle_id text NOT NULL,
    dealer text NOT NULL,
    cause text NOT NULL,
    watched_from date NOT NULL,
    watched_to date NOT NULL,
    failed_at date,
    corrects bigint,
    note text,
    entered_by text NOT NULL DEFAULT current_user,
    entered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT outcome_is_identified PRIMARY KEY (outcome_id),
    CONSTRAINT outcome_is_corrected_once UNIQUE (corrects),
    CONSTRAINT watch_begins_before_it_ends CHECK (
        watched_from <= watched_to AND watched_from >= '1900-01-01'::date AND watched_to <= '2200-01-01'::date),
    CONSTRAINT failure_lies_in_the_watch CHECK (failed_at BETWEEN watched_from AND watched_to),
    CONSTRAINT outcome_corrects_an_earlier_one CHECK (corrects < outcome_id)
);

COMMENT ON TABLE tradeup_leads.outcome IS
    'Whether a vehicle failed while it was watched; rows are added and never changed, a correction is a new row';
COMMENT ON COLUMN tradeup_leads.outcome.outcome_id IS 'Number of the outcome';
COMMENT ON COLUMN tradeup_leads.outcome.vehicle_id IS 'Vehicle';
COMMENT ON COLUMN tradeup_leads.outcome.dealer IS 'Dealer who looked after it';
COMMENT ON COLUMN tradeup_leads.outcome.cause IS 'Cause that was watched for, as models name it';
COMMENT ON COLUMN tradeup_leads.outcome.watched_from IS 'First day of the watch';
COMMENT ON COLUMN tradeup_leads.outcome.watched_to IS 'Last day of the watch';
COMMENT ON COLUMN tradeup_leads.outcome.failed_at IS 'Day of the failure; null: it did not fail';
COMMENT ON COLUMN tradeup_leads.outcome.corrects IS 'Number of the outcome that this one replaces; null: none';
COMMENT ON COLUMN tradeup_leads.outcome.note IS 'What there is to say about it';
COMMENT ON COLUMN tradeup_leads.outcome.entered_by IS 'Role that entered it; a trigger fills it in';
COMMENT ON COLUMN tradeup_leads.outcome.entered_at IS 'When it was entered; a trigger fills it in';
CREATE INDEX outcomes_of_vehicle ON tradeup_leads.outcome (vehicle_id, cause, watched_to);
COMMENT ON INDEX tradeup_leads.outcomes_of_vehicle IS 'Outcomes of a vehicle by time';

CREATE TABLE tradeup_leads.prediction (
    prediction_id bigint GENERATED ALWAYS AS IDENTITY,
    vehicle_id text NOT NULL,
    dealer text NOT NULL,
    model text NOT NULL,
    version integer NOT NULL,
    cohort text NOT NULL,
    as_of date NOT NULL,
    p double precision NOT NULL,
    low double precision,
    high double precision,
    predicted_by text NOT NULL DEFAULT current_user,
    predicted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT prediction_is_identified PRIMARY KEY (prediction_id),
    CONSTRAINT vehicle_is_predicted_once_a_day UNIQUE (vehicle_id, model, version, as_of),
    CONSTRAINT prediction_is_a_probability CHECK (p >= 0 AND p <= 1),
    CONSTRAINT interval_is_in_order CHECK (low BETWEEN 0 AND high AND high <= 1),
    CONSTRAINT nothing_is_predicted_after_the_fact CHECK (as_of >= (predicted_at AT TIME ZONE 'UTC')::date),
    CONSTRAINT day_is_at_most_a_year_ahead CHECK (as_of <= (predicted_at AT TIME ZONE 'UTC')::date + 366)
);

COMMENT ON TABLE tradeup_leads.prediction IS 'Risks as they were predicted, frozen; rows are added and never changed';
COMMENT ON COLUMN tradeup_leads.prediction.prediction_id IS 'Number of the prediction';
COMMENT ON COLUMN tradeup_leads.prediction.vehicle_id IS 'Vehicle';
COMMENT ON COLUMN tradeup_leads.prediction.dealer IS 'Dealer who looked after it';
COMMENT ON COLUMN tradeup_leads.prediction.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.prediction.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.prediction.cohort IS 'Cohort of the vehicle at that moment';
COMMENT ON COLUMN tradeup_leads.prediction.as_of IS
    'Day after which the failure is predicted; never before the day on which the row was written';
COMMENT ON COLUMN tradeup_leads.prediction.p IS 'Probability of a failure within the horizon';
COMMENT ON COLUMN tradeup_leads.prediction.low IS 'Low end of its interval; null: not stated';
COMMENT ON COLUMN tradeup_leads.prediction.high IS 'High end of its interval; null: not stated';
COMMENT ON COLUMN tradeup_leads.prediction.predicted_by IS 'Role that predicted it; a trigger fills it in';
COMMENT ON COLUMN tradeup_leads.prediction.predicted_at IS 'When it was predicted; a trigger fills it in';

CREATE TABLE tradeup_leads.contact_permission (
    permission_id bigint GENERATED ALWAYS AS IDENTITY,
    customer_id text NOT NULL,
    channel text NOT NULL,
    allowed boolean NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    entered_by text NOT NULL DEFAULT current_user,
    note text,
    CONSTRAINT permission_is_identified PRIMARY KEY (permission_id)
);

COMMENT ON TABLE tradeup_leads.contact_permission IS
    'Whether a customer may be contacted by a channel: the newest row decides; without a row it is allowed. Rows never change';
COMMENT ON COLUMN tradeup_leads.contact_permission.permission_id IS 'Number of the permission';
COMMENT ON COLUMN tradeup_leads.contact_permission.customer_id IS 'Customer';
COMMENT ON COLUMN tradeup_leads.contact_permission.channel IS 'Channel';
COMMENT ON COLUMN tradeup_leads.contact_permission.allowed IS 'Whether the customer may be contacted';
COMMENT ON COLUMN tradeup_leads.contact_permission.since IS 'Since when; a trigger fills it in';
COMMENT ON COLUMN tradeup_leads.contact_permission.entered_by IS 'Role that entered it; a trigger fills it in';
COMMENT ON COLUMN tradeup_leads.contact_permission.note IS 'What there is to say about it';
CREATE INDEX permissions_of_customer ON tradeup_leads.contact_permission (customer_id, channel, since, permission_id);
COMMENT ON INDEX tradeup_leads.permissions_of_customer IS 'Permissions of a customer by channel and time';

CREATE TABLE tradeup_leads.lead (
    lead_id bigint GENERATED BY DEFAULT AS IDENTITY,
    vehicle_id text NOT NULL,
    customer_id text,
    dealer text NOT NULL,
    region text,
    vehicle_class text,
    model text NOT NULL,
    version integer NOT NULL,
    cohort text NOT NULL,
    evidence tradeup_leads.evidence NOT NULL,
    as_of date NOT NULL,
    risk double precision NOT NULL,
    low double precision NOT NULL,
    high double precision NOT NULL,
    severity text NOT NULL,
    percentile double precision,
    priority text NOT NULL,
    reason text,
    channel text,
    expected_value numeric,
    parts numeric,
    service numeric,
    revenue numeric GENERATED ALWAYS AS (parts + service) STORED,
    created_by text NOT NULL DEFAULT current_user,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT lead_is_identified PRIMARY KEY (lead_id),
    CONSTRAINT priority_is_known CHECK (priority IN ('high', 'moderate', 'follow_up', 'retention')),
    CONSTRAINT risk_and_interval_are_probabilities CHECK (
        risk BETWEEN 0 AND 1 AND low BETWEEN 0 AND high AND high <= 1 AND percentile BETWEEN 0 AND 1)
);

COMMENT ON TABLE tradeup_leads.lead IS 'Leads as they were made: vehicles worth a call; rows are added and never changed';
COMMENT ON COLUMN tradeup_leads.lead.lead_id IS 'Number of the lead';
COMMENT ON COLUMN tradeup_leads.lead.vehicle_id IS 'Vehicle';
COMMENT ON COLUMN tradeup_leads.lead.customer_id IS 'Owner of the vehicle; null: unknown';
COMMENT ON COLUMN tradeup_leads.lead.dealer IS 'Dealer';
COMMENT ON COLUMN tradeup_leads.lead.region IS 'Region of the vehicle';
COMMENT ON COLUMN tradeup_leads.lead.vehicle_class IS 'Class of the vehicle';
COMMENT ON COLUMN tradeup_leads.lead.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.lead.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.lead.cohort IS 'Cohort of the vehicle';
COMMENT ON COLUMN tradeup_leads.lead.evidence IS 'Evidence at that moment';
COMMENT ON COLUMN tradeup_leads.lead.as_of IS 'Day for which it was made';
COMMENT ON COLUMN tradeup_leads.lead.risk IS 'Probability of a failure within the horizon of the model';
COMMENT ON COLUMN tradeup_leads.lead.low IS 'Low end of the interval of the risk';
COMMENT ON COLUMN tradeup_leads.lead.high IS 'High end of the interval of the risk';
COMMENT ON COLUMN tradeup_leads.lead.severity IS 'Class of the risk, or uncertain';
COMMENT ON COLUMN tradeup_leads.lead.percentile IS 'Share of vehicles of the cohort with a lower risk; null: fewer than ten';
COMMENT ON COLUMN tradeup_leads.lead.priority IS 'high, moderate, follow_up or retention';
COMMENT ON COLUMN tradeup_leads.lead.reason IS 'The strongest stressor that speaks for a failure; null: none does';
COMMENT ON COLUMN tradeup_leads.lead.channel IS 'Channel with the highest expected value';
COMMENT ON COLUMN tradeup_leads.lead.expected_value IS 'Expected value of a contact; null: the class has no value';
COMMENT ON COLUMN tradeup_leads.lead.parts IS 'Price of the parts';
COMMENT ON COLUMN tradeup_leads.lead.service IS 'Price of the work';
COMMENT ON COLUMN tradeup_leads.lead.revenue IS 'Parts and work';
COMMENT ON COLUMN tradeup_leads.lead.created_by IS 'Role that made it; a trigger fills it in';
COMMENT ON COLUMN tradeup_leads.lead.created_at IS 'When it was made; a trigger fills it in';
CREATE INDEX leads_by_dealer ON tradeup_leads.lead (dealer, created_at);
COMMENT ON INDEX tradeup_leads.leads_by_dealer IS 'Leads of a dealer by time';

CREATE TABLE tradeup_leads.open_lead (
    vehicle_id text NOT NULL,
    model text NOT NULL,
    dealer text NOT NULL,
    lead_id bigint NOT NULL,
    CONSTRAINT vehicle_has_one_open_lead_of_a_model PRIMARY KEY (vehicle_id, model),
    CONSTRAINT lead_is_open_once UNIQUE (lead_id)
);

COMMENT ON TABLE tradeup_leads.open_lead IS 'Leads that have not ended; a vehicle has at most one of each model';
COMMENT ON COLUMN tradeup_leads.open_lead.vehicle_id IS 'Vehicle';
COMMENT ON COLUMN tradeup_leads.open_lead.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.open_lead.dealer IS 'Dealer';
COMMENT ON COLUMN tradeup_leads.open_lead.lead_id IS 'Number of the lead';

CREATE TABLE tradeup_leads.lead_event (
    lead_id bigint NOT NULL,
    seq integer NOT NULL,
    dealer text NOT NULL,
    event text NOT NULL,
    happened_at timestamptz NOT NULL,
    happened_by text NOT NULL,
    note text,
    CONSTRAINT event_is_once_in_its_lead PRIMARY KEY (lead_id, seq),
    CONSTRAINT event_is_known CHECK (event = ANY (tradeup_leads_internal.lead_events())),
    CONSTRAINT first_event_is_created CHECK (seq > 0 AND (seq = 1) = (event = 'created'))
);

COMMENT ON TABLE tradeup_leads.lead_event IS 'The life of each lead, event by event; rows are added and never changed';
COMMENT ON COLUMN tradeup_leads.lead_event.lead_id IS 'Number of the lead';
COMMENT ON COLUMN tradeup_leads.lead_event.seq IS 'Position of the event among those of its lead, from 1';
COMMENT ON COLUMN tradeup_leads.lead_event.dealer IS 'Dealer of the lead';
COMMENT ON COLUMN tradeup_leads.lead_event.event IS
    'created, queued, contacted, engaged, scheduled, arrived, serviced, closed or abandoned';
COMMENT ON COLUMN tradeup_leads.lead_event.happened_at IS 'When it was recorded; a trigger fills it in';
COMMENT ON COLUMN tradeup_leads.lead_event.happened_by IS 'Role that recorded it; a trigger fills it in';
COMMENT ON COLUMN tradeup_leads.lead_event.note IS 'What there is to say about it';

CREATE TABLE tradeup_leads.message (
    message_id bigint GENERATED ALWAYS AS IDENTITY,
    lead_id bigint NOT NULL,
    customer_id text NOT NULL,
    dealer text NOT NULL,
    channel text NOT NULL,
    priority text NOT NULL,
    model text NOT NULL,
    version integer NOT NULL,
    template text NOT NULL,
    slots jsonb NOT NULL,
    key text NOT NULL,
    text text NOT NULL,
    fallback boolean NOT NULL DEFAULT true,
    state text NOT NULL DEFAULT 'queued',
    stage text NOT NULL DEFAULT 'write',
    attempts integer NOT NULL DEFAULT 0,
    lease integer NOT NULL DEFAULT 0,
    leased_by text,
    leased_role text,
    leased_until timestamptz,
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason text,
    queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    written_at timestamptz,
    sent_at timestamptz,
    CONSTRAINT message_is_identified PRIMARY KEY (message_id),
    CONSTRAINT lead_has_one_message_by_a_channel UNIQUE (lead_id, channel),
    CONSTRAINT state_is_known CHECK (state IN ('queued', 'taken', 'written', 'sent', 'failed', 'dropped')),
    CONSTRAINT stage_is_known CHECK (stage IN ('write', 'send')),
    CONSTRAINT taken_message_is_leased CHECK ((state = 'taken') = (leased_until IS NOT NULL)
                                              AND (leased_until IS NULL) = (leased_by IS NULL)
                                              AND (leased_until IS NULL) = (leased_role IS NULL)),
    CONSTRAINT slots_are_an_object CHECK (jsonb_typeof(slots) = 'object')
);

COMMENT ON TABLE tradeup_leads.message IS
    'The outbox: messages to be written by a text service and sent by a gateway, which workers take and finish';
COMMENT ON COLUMN tradeup_leads.message.message_id IS 'Number of the message';
COMMENT ON COLUMN tradeup_leads.message.lead_id IS 'Lead that it belongs to';
COMMENT ON COLUMN tradeup_leads.message.customer_id IS 'Customer to whom it goes';
COMMENT ON COLUMN tradeup_leads.message.dealer IS 'Dealer in whose name it goes';
COMMENT ON COLUMN tradeup_leads.message.channel IS 'Channel by which it goes';
COMMENT ON COLUMN tradeup_leads.message.priority IS 'Priority of the lead';
COMMENT ON COLUMN tradeup_leads.message.model IS 'Model whose template it has';
COMMENT ON COLUMN tradeup_leads.message.version IS 'Version of the model whose template it has';
COMMENT ON COLUMN tradeup_leads.message.template IS 'Body of the template';
COMMENT ON COLUMN tradeup_leads.message.slots IS 'What goes into the slots of the template';
COMMENT ON COLUMN tradeup_leads.message.key IS
    'Hash of the template, its version, the lead and all slots: the same in each attempt, so that a service answers it once';
COMMENT ON COLUMN tradeup_leads.message.text IS 'The text: that of the service, or the rendered template until there is one';
COMMENT ON COLUMN tradeup_leads.message.fallback IS 'Whether the text is the rendered template';
COMMENT ON COLUMN tradeup_leads.message.state IS 'queued, taken, written, sent, failed or dropped';
COMMENT ON COLUMN tradeup_leads.message.stage IS 'What is to be done next: write or send';
COMMENT ON COLUMN tradeup_leads.message.attempts IS 'Failed attempts at this stage';
COMMENT ON COLUMN tradeup_leads.message.lease IS 'Number of the lease; each taking has another';
COMMENT ON COLUMN tradeup_leads.message.leased_by IS 'Worker that has taken it';
COMMENT ON COLUMN tradeup_leads.message.leased_role IS 'Role of that worker: no other finishes it';
COMMENT ON COLUMN tradeup_leads.message.leased_until IS 'When its lease runs out';
COMMENT ON COLUMN tradeup_leads.message.due_at IS 'When it may be taken';
COMMENT ON COLUMN tradeup_leads.message.reason IS 'Why the last attempt failed, or why it was dropped';
COMMENT ON COLUMN tradeup_leads.message.queued_at IS 'When it was queued';
COMMENT ON COLUMN tradeup_leads.message.written_at IS 'When its text was written';
COMMENT ON COLUMN tradeup_leads.message.sent_at IS 'When it was sent';
CREATE INDEX messages_due ON tradeup_leads.message (due_at, message_id) WHERE state IN ('queued', 'taken', 'written');
COMMENT ON INDEX tradeup_leads.messages_due IS 'Messages that are to be written or sent';
CREATE INDEX messages_by_time ON tradeup_leads.message (queued_at);
COMMENT ON INDEX tradeup_leads.messages_by_time IS 'Messages by time, for statistics and for removing old ones';
COMMENT ON SEQUENCE tradeup_leads.outcome_outcome_id_seq IS 'Numbers of outcomes';
COMMENT ON SEQUENCE tradeup_leads.prediction_prediction_id_seq IS 'Numbers of predictions';
COMMENT ON SEQUENCE tradeup_leads.contact_permission_permission_id_seq IS 'Numbers of permissions';
COMMENT ON SEQUENCE tradeup_leads.lead_lead_id_seq IS 'Numbers of leads';
COMMENT ON SEQUENCE tradeup_leads.message_message_id_seq IS 'Numbers of messages';
