-- Finance programs: rates, fees, taxes, down payments and tiers, as data.

CREATE TABLE tradeup.program (
    name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    title text,
    currency text NOT NULL,
    built_in boolean NOT NULL DEFAULT false,
    published_at timestamptz,
    profile_count integer,
    term_count integer,
    tier_count integer,
    region_count integer,
    tiers text,
    rounding text NOT NULL DEFAULT 'half_up',
    change_digits integer,
    interest_tax_rate numeric NOT NULL DEFAULT 0,
    service_fee_rate numeric NOT NULL DEFAULT 0,
    sales_tax_rate numeric NOT NULL DEFAULT 0,
    document_fee numeric NOT NULL DEFAULT 0,
    opening_fee_rate numeric NOT NULL DEFAULT 0,
    opening_fee_tax_rate numeric NOT NULL DEFAULT 0,
    opening_fee_less_equity boolean NOT NULL DEFAULT false,
    bonus numeric NOT NULL DEFAULT 0,
    protection numeric NOT NULL DEFAULT 0,
    insurance_months integer NOT NULL DEFAULT 12,
    insurance_renewed boolean NOT NULL DEFAULT false,
    gps_installation numeric NOT NULL DEFAULT 0,
    gps_monthly numeric NOT NULL DEFAULT 0,
    gps_tax_rate numeric NOT NULL DEFAULT 0,
    installation_from_equity boolean NOT NULL DEFAULT false,
    installation_financed boolean NOT NULL DEFAULT false,
    installation_in_first_payment boolean NOT NULL DEFAULT false,
    margin_cost numeric NOT NULL DEFAULT 0,
    margin_service_fee boolean NOT NULL DEFAULT true,
    margin_opening_fee boolean NOT NULL DEFAULT true,
    margin_protection boolean NOT NULL DEFAULT false,
    requires_dearer boolean NOT NULL DEFAULT true,
    max_change numeric,
    max_component numeric,
    max_financed numeric,
    max_annual_rate numeric NOT NULL DEFAULT 1,
    max_adjusted_rate numeric,
    max_service_fee_rate numeric NOT NULL DEFAULT 0.05,
    max_opening_fee_rate numeric NOT NULL DEFAULT 0.04,
    max_bonus numeric,
    max_what_if_bonus numeric,
    max_insurance numeric,
    max_term integer NOT NULL DEFAULT 120,
    valid_from date,
    valid_to date,
    min_year integer,
    max_age integer,
    max_kilometers integer,
    makes text[],
    min_price numeric,
    max_price numeric,
    subsidy_rules jsonb,
    kind text NOT NULL DEFAULT 'loan',
    sales_tax_base text NOT NULL DEFAULT 'price',
    sales_tax_financed boolean NOT NULL DEFAULT true,
    fees_financed boolean NOT NULL DEFAULT true,
    acquisition_fee numeric NOT NULL DEFAULT 0,
    end_fee numeric NOT NULL DEFAULT 0,
    lease_tax text NOT NULL DEFAULT 'payment',
    payments_in_advance boolean NOT NULL DEFAULT false,
    payment_frequency text NOT NULL DEFAULT 'monthly',
    first_payment_days integer,
    kilometers_per_year integer,
    min_payment numeric,
    max_payment_to_income numeric,
    CONSTRAINT program_is_identified_by_name_and_version PRIMARY KEY (name, version),
    CONSTRAINT name_is_not_empty CHECK (name <> ''),
    CONSTRAINT version_is_positive CHECK (version > 0),
    CONSTRAINT published_program_knows_its_size CHECK (
        published_at IS NULL OR coalesce(profile_count > 0 AND term_count > 0 AND tier_count >= 0 AND region_count >= 0, false)),
    CONSTRAINT currency_is_known CHECK (tradeup.currency_digits(currency) IS NOT NULL),
    CONSTRAINT change_digits_are_0_to_9 CHECK (change_digits BETWEEN 0 AND 9),
    CONSTRAINT rounding_is_known CHECK (rounding IN ('half_up', 'half_even', 'up', 'down')),
    CONSTRAINT interest_tax_rate_is_a_fraction CHECK (interest_tax_rate BETWEEN 0 AND 1),
    CONSTRAINT gps_tax_rate_is_a_fraction CHECK (gps_tax_rate BETWEEN 0 AND 1),
    CONSTRAINT sales_tax_rate_is_a_fraction CHECK (sales_tax_rate BETWEEN 0 AND 1),
    CONSTRAINT opening_fee_tax_rate_is_a_fraction CHECK (opening_fee_tax_rate BETWEEN 0 AND 1),
    CONSTRAINT service_fee_rate_is_within_its_limit CHECK (
        service_fee_rate BETWEEN 0 AND max_service_fee_rate AND max_service_fee_rate <= 1),
    CONSTRAINT opening_fee_rate_is_within_its_limit CHECK (
        opening_fee_rate BETWEEN 0 AND max_opening_fee_rate AND max_opening_fee_rate <= 1),
    CONSTRAINT bonus_is_within_its_limit CHECK (
        bonus BETWEEN 0 AND 1000000000000 AND bonus <= max_bonus AND max_bonus <= 1000000000000),
    CONSTRAINT what_if_bonus_is_at_least_the_bonus CHECK (
        max_what_if_bonus BETWEEN 0 AND 1000000000000 AND max_what_if_bonus >= max_bonus AND max_what_if_bonus >= bonus),
    CONSTRAINT fees_are_amounts CHECK (
        document_fee BETWEEN 0 AND 1000000000000 AND protection BETWEEN 0 AND 1000000000000
        AND gps_installation BETWEEN 0 AND 1000000000000 AND gps_monthly BETWEEN 0 AND 1000000000000
        AND margin_cost BETWEEN 0 AND 1000000000000 AND max_insurance BETWEEN 0 AND 1000000000000),
    CONSTRAINT limits_are_amounts CHECK (
        max_component BETWEEN 0 AND 1000000000000 AND max_financed BETWEEN 0 AND 1000000000000),
    CONSTRAINT max_change_is_at_least_minus_1 CHECK (max_change BETWEEN -1 AND 1000000),
    CONSTRAINT max_annual_rate_is_at_most_9 CHECK (max_annual_rate BETWEEN 0 AND 9),
    CONSTRAINT max_adjusted_rate_is_at_most_10 CHECK (max_adjusted_rate BETWEEN 0 AND 10),
    CONSTRAINT terms_are_1_to_480_months CHECK (max_term BETWEEN 1 AND 480 AND insurance_months BETWEEN 1 AND 480),
    CONSTRAINT program_begins_before_it_ends CHECK (valid_from < valid_to),
    CONSTRAINT years_of_vehicles_are_1886_to_2200 CHECK (min_year BETWEEN 1886 AND 2200),
    CONSTRAINT max_age_is_0_to_200_years CHECK (max_age BETWEEN 0 AND 200),
    CONSTRAINT max_kilometers_are_not_negative CHECK (max_kilometers >= 0),
    CONSTRAINT makes_are_named CHECK (cardinality(makes) > 0 AND array_position(makes, NULL) IS NULL),
    CONSTRAINT subsidy_rules_are_an_object CHECK (jsonb_typeof(subsidy_rules) = 'object'),
    CONSTRAINT prices_of_vehicles_are_a_range CHECK (
        min_price BETWEEN 0 AND 1000000000000 AND max_price BETWEEN 0 AND 1000000000000 AND min_price <= max_price),
    CONSTRAINT kind_is_known CHECK (kind IN ('loan', 'balloon', 'lease')),
    CONSTRAINT sales_tax_base_is_known CHECK (sales_tax_base IN ('price', 'difference')),
    CONSTRAINT lease_tax_is_known CHECK (lease_tax IN ('payment', 'upfront')),
    CONSTRAINT lease_is_taxed_by_its_payments CHECK (kind <> 'lease' OR sales_tax_base = 'price'),
    CONSTRAINT only_a_lease_is_taxed_upfront_or_paid_in_advance CHECK (
        kind = 'lease' OR (lease_tax = 'payment' AND NOT payments_in_advance AND kilometers_per_year IS NULL)),
    CONSTRAINT loan_has_no_fee_at_its_end CHECK (kind <> 'loan' OR end_fee = 0),
    CONSTRAINT payment_frequency_is_known CHECK (payment_frequency IN ('monthly', 'semimonthly', 'bi-weekly', 'weekly')),
    CONSTRAINT lease_is_paid_monthly CHECK (kind <> 'lease' OR payment_frequency = 'monthly'),
    CONSTRAINT first_payment_of_a_lease_is_a_month_away CHECK (kind <> 'lease' OR first_payment_days IS NULL),
    CONSTRAINT first_payment_days_are_1_to_366 CHECK (first_payment_days BETWEEN 1 AND 366),
    CONSTRAINT kilometers_per_year_are_not_negative CHECK (kilometers_per_year >= 0),
    CONSTRAINT min_payment_is_an_amount CHECK (min_payment BETWEEN 0 AND 1000000000000),
    CONSTRAINT max_payment_to_income_is_0_to_10 CHECK (max_payment_to_income BETWEEN 0 AND 10),
    CONSTRAINT fees_of_kinds_are_amounts CHECK (
        acquisition_fee BETWEEN 0 AND 1000000000000 AND end_fee BETWEEN 0 AND 1000000000000),
    CONSTRAINT figures_have_at_most_18_digits CHECK (tradeup_internal.have_at_most_18_digits(ARRAY[
        acquisition_fee, end_fee, min_payment, max_payment_to_income,
        interest_tax_rate, service_fee_rate, sales_tax_rate, document_fee, opening_fee_rate, opening_fee_tax_rate, bonus,
            protection,
        gps_installation, gps_monthly, gps_tax_rate, margin_cost, max_change, max_component, max_financed, max_annual_rate,
        max_adjusted_rate, max_service_fee_rate, max_opening_fee_rate, max_bonus, max_what_if_bonus, max_insurance, min_price,
            max_price])),
    CONSTRAINT tiers_are_a_list_that_deals_read CHECK (tradeup_internal.tiers_problem(tiers) IS NULL)
);

COMMENT ON TABLE tradeup.program IS
    'Finance programs: one row for each version, with its fees, taxes, limits and rules. A published version never changes.';
COMMENT ON COLUMN tradeup.program.name IS 'Name by which customers, offers and quotes refer to the program';
COMMENT ON COLUMN tradeup.program.version IS 'Version; offers use the highest published one';
COMMENT ON COLUMN tradeup.program.title IS 'What people call the program';
COMMENT ON COLUMN tradeup.program.currency IS
    'ISO 4217 code of the currency of all amounts, of its customers and of the vehicles that it finances';
COMMENT ON COLUMN tradeup.program.built_in IS 'Shipped with the extension, therefore not part of a dump';
COMMENT ON COLUMN tradeup.program.published_at IS
    'When the version was published; null while it is a draft that may be changed. Set by publish_program; a row that is '
    'inserted with it counts only when its profiles, terms and regions are as many as it says';
COMMENT ON COLUMN tradeup.program.profile_count IS 'Number of risk profiles, recorded when the version is published';
COMMENT ON COLUMN tradeup.program.term_count IS 'Number of terms, recorded when the version is published';
COMMENT ON COLUMN tradeup.program.tier_count IS 'Number of tiers, recorded when the version is published';
COMMENT ON COLUMN tradeup.program.region_count IS 'Number of regions, recorded when the version is published';
COMMENT ON COLUMN tradeup.program.tiers IS 'The tiers as deal(tiers => ...) reads them, recorded when the version is published';
COMMENT ON COLUMN tradeup.program.rounding IS 'How amounts are rounded: half_up, half_even, up (away from zero) or down';
COMMENT ON COLUMN tradeup.program.change_digits IS
    'Decimals to which the payment change is rounded before it decides a tier; null: not rounded';
COMMENT ON COLUMN tradeup.program.interest_tax_rate IS 'Tax on interest, as a fraction';
COMMENT ON COLUMN tradeup.program.service_fee_rate IS 'Service fee as a fraction of the price, financed';
COMMENT ON COLUMN tradeup.program.sales_tax_rate IS 'Sales tax as a fraction of the price, financed';
COMMENT ON COLUMN tradeup.program.document_fee IS 'Document fee, an amount, financed';
COMMENT ON COLUMN tradeup.program.opening_fee_rate IS 'Opening fee as a fraction, taken from the customer''s equity';
COMMENT ON COLUMN tradeup.program.opening_fee_tax_rate IS 'Tax on the opening fee, as a fraction';
COMMENT ON COLUMN tradeup.program.opening_fee_less_equity IS
    'Whether the opening fee is on the price less the equity rather than on the price';
COMMENT ON COLUMN tradeup.program.bonus IS 'Bonus added to the customer''s equity';
COMMENT ON COLUMN tradeup.program.protection IS 'Protection plan, an amount, financed over the term';
COMMENT ON COLUMN tradeup.program.insurance_months IS 'Months over which an insurance policy is financed';
COMMENT ON COLUMN tradeup.program.insurance_renewed IS 'Whether schedules renew the insurance while the term runs';
COMMENT ON COLUMN tradeup.program.gps_installation IS 'GPS installation before tax';
COMMENT ON COLUMN tradeup.program.gps_monthly IS 'GPS fee of each month before tax';
COMMENT ON COLUMN tradeup.program.gps_tax_rate IS 'Tax on GPS fees, as a fraction';
COMMENT ON COLUMN tradeup.program.installation_from_equity IS 'Whether the GPS installation is taken from the equity';
COMMENT ON COLUMN tradeup.program.installation_financed IS 'Whether the GPS installation is added to the amount financed';
COMMENT ON COLUMN tradeup.program.installation_in_first_payment IS
    'Whether the GPS installation is part of the first, quoted, payment';
COMMENT ON COLUMN tradeup.program.margin_cost IS 'Cost that is taken from the fees to give the margin';
COMMENT ON COLUMN tradeup.program.margin_service_fee IS 'Whether the service fee is part of the margin';
COMMENT ON COLUMN tradeup.program.margin_opening_fee IS 'Whether the opening fee is part of the margin';
COMMENT ON COLUMN tradeup.program.margin_protection IS 'Whether the protection plan is part of the margin';
COMMENT ON COLUMN tradeup.program.requires_dearer IS 'Whether an offer must be dearer than the customer''s current vehicle';
COMMENT ON COLUMN tradeup.program.max_change IS 'Largest payment change of an offer, as a fraction; null: no limit';
COMMENT ON COLUMN tradeup.program.max_component IS
    'Largest of each of loan, service fee, protection and insurance; null: no limit';
COMMENT ON COLUMN tradeup.program.max_financed IS 'Largest amount financed; null: no limit';
COMMENT ON COLUMN tradeup.program.max_annual_rate IS
    'Largest annual rate that a profile or a what-if may have, before the adjustment of the term';
COMMENT ON COLUMN tradeup.program.max_adjusted_rate IS
    'Largest annual rate with the adjustment of the term; a term beyond it makes no offer; null: no limit';
COMMENT ON COLUMN tradeup.program.max_service_fee_rate IS 'Largest service fee of a what-if, as a fraction';
COMMENT ON COLUMN tradeup.program.max_opening_fee_rate IS 'Largest opening fee of a what-if, as a fraction';
COMMENT ON COLUMN tradeup.program.max_bonus IS 'Largest bonus that the program itself may give; null: no limit';
COMMENT ON COLUMN tradeup.program.max_what_if_bonus IS 'Largest bonus of a what-if; null: no limit';
COMMENT ON COLUMN tradeup.program.max_insurance IS 'Largest insurance premium; null: no limit';
COMMENT ON COLUMN tradeup.program.max_term IS 'Longest term in months';
COMMENT ON COLUMN tradeup.program.valid_from IS 'First day on which offers use this version, in UTC; null: from its publication';
COMMENT ON COLUMN tradeup.program.valid_to IS 'First day on which offers no longer use it, in UTC; null: no end';
COMMENT ON COLUMN tradeup.program.min_year IS 'Oldest model year that is financed; null: any';
COMMENT ON COLUMN tradeup.program.max_age IS
    'Largest age of a vehicle, in years: this year, in UTC, less its model year; null: any';
COMMENT ON COLUMN tradeup.program.max_kilometers IS 'Most kilometres of a vehicle; null: any';
COMMENT ON COLUMN tradeup.program.makes IS 'Makes that are financed; null: any';
COMMENT ON COLUMN tradeup.program.min_price IS 'Lowest price that is financed; null: any';
COMMENT ON COLUMN tradeup.program.max_price IS 'Highest price that is financed; null: any';
COMMENT ON COLUMN tradeup.program.subsidy_rules IS
    'What min_subsidy may concede and which gates must hold, as its rules; null: only another term is conceded';
COMMENT ON COLUMN tradeup.program.kind IS
    'What the program is: loan, balloon (a share of the price is due with the last payment) or lease';
COMMENT ON COLUMN tradeup.program.sales_tax_base IS
    'What sales tax is taken of: price, or difference (the price less the trade value)';
COMMENT ON COLUMN tradeup.program.sales_tax_financed IS
    'Whether sales tax is financed; otherwise it is due at signing';
COMMENT ON COLUMN tradeup.program.fees_financed IS
    'Whether service, document and acquisition fee are financed; otherwise they are due at signing';
COMMENT ON COLUMN tradeup.program.acquisition_fee IS
    'Acquisition fee, an amount';
COMMENT ON COLUMN tradeup.program.end_fee IS
    'Fee that is due with the last payment of a balloon loan or a lease';
COMMENT ON COLUMN tradeup.program.lease_tax IS
    'When a lease is taxed: payment (each of them) or upfront (all of them at signing)';
COMMENT ON COLUMN tradeup.program.payments_in_advance IS
    'Whether the first payment of a lease is due at signing';
COMMENT ON COLUMN tradeup.program.payment_frequency IS
    'How often the payment of a loan is due: monthly, semimonthly, bi-weekly or weekly';
COMMENT ON COLUMN tradeup.program.first_payment_days IS
    'Days to the first payment of a loan, where they are not a whole period (a month of 30); null: a whole one';
COMMENT ON COLUMN tradeup.program.kilometers_per_year IS
    'Kilometres a year that a lease allows; null: nothing is said';
COMMENT ON COLUMN tradeup.program.min_payment IS
    'Lowest payment of an offer; null: no limit';
COMMENT ON COLUMN tradeup.program.max_payment_to_income IS
    'Largest payment of an offer as a share of the customer''s monthly income; null: no limit';

-- No foreign key leads from the parts of a program to it: a dump is restored table by table, in parallel in any order. Triggers
-- keep program and parts together; health() tells when a restore lost one of them.
CREATE TABLE tradeup.program_profile (
    program text NOT NULL,
    version integer NOT NULL,
    profile text NOT NULL,
    annual_rate numeric NOT NULL,
    down_payment_rate numeric NOT NULL,
    insurance numeric NOT NULL DEFAULT 0,
    max_loan_to_value numeric,
    CONSTRAINT profile_is_once_in_its_program PRIMARY KEY (program, version, profile),
    CONSTRAINT annual_rate_is_0_to_9 CHECK (annual_rate BETWEEN 0 AND 9),
    CONSTRAINT annual_rate_has_at_most_15_decimals CHECK (annual_rate = round(annual_rate, 15)),
    CONSTRAINT down_payment_rate_is_a_fraction CHECK (down_payment_rate BETWEEN 0 AND 1),
    CONSTRAINT insurance_is_an_amount CHECK (insurance BETWEEN 0 AND 1000000000000),
    CONSTRAINT max_loan_to_value_is_0_to_10 CHECK (max_loan_to_value BETWEEN 0 AND 10),
    CONSTRAINT figures_have_at_most_18_digits CHECK (
        tradeup_internal.have_at_most_18_digits(ARRAY[down_payment_rate, insurance, max_loan_to_value]))
);

COMMENT ON TABLE tradeup.program_profile IS 'What a program asks of each risk profile';
COMMENT ON COLUMN tradeup.program_profile.program IS 'Name of the program';
COMMENT ON COLUMN tradeup.program_profile.version IS 'Version of the program';
COMMENT ON COLUMN tradeup.program_profile.profile IS 'Risk profile, as customers have it';
COMMENT ON COLUMN tradeup.program_profile.annual_rate IS 'Annual rate as a fraction, before the adjustment of the term';
COMMENT ON COLUMN tradeup.program_profile.down_payment_rate IS 'Least down payment as a fraction of the price';
COMMENT ON COLUMN tradeup.program_profile.insurance IS
    'Insurance premium, an amount, financed over the program''s insurance_months';
COMMENT ON COLUMN tradeup.program_profile.max_loan_to_value IS
    'Largest amount financed as a multiple of the price; null: no limit';

CREATE TABLE tradeup.program_term (
    program text NOT NULL,
    version integer NOT NULL,
    term integer NOT NULL,
    rate_adjustment numeric NOT NULL DEFAULT 0,
    residual_rate numeric NOT NULL DEFAULT 0,
    CONSTRAINT term_is_once_in_its_program PRIMARY KEY (program, version, term),
    CONSTRAINT term_is_1_to_480_months CHECK (term BETWEEN 1 AND 480),
    CONSTRAINT residual_rate_is_0_to_1 CHECK (residual_rate BETWEEN 0 AND 1),
    CONSTRAINT residual_rate_has_at_most_15_decimals CHECK (residual_rate = round(residual_rate, 15)),
    CONSTRAINT rate_adjustment_is_0_to_1 CHECK (rate_adjustment BETWEEN 0 AND 1),
    CONSTRAINT rate_adjustment_has_at_most_15_decimals CHECK (rate_adjustment = round(rate_adjustment, 15))
);

COMMENT ON TABLE tradeup.program_term IS 'The terms that a program offers';
COMMENT ON COLUMN tradeup.program_term.program IS 'Name of the program';
COMMENT ON COLUMN tradeup.program_term.version IS 'Version of the program';
COMMENT ON COLUMN tradeup.program_term.term IS 'Term in months';
COMMENT ON COLUMN tradeup.program_term.rate_adjustment IS 'What this term adds to the annual rate, as a fraction';
COMMENT ON COLUMN tradeup.program_term.residual_rate IS
    'Share of the price that is due at the end of a balloon loan, or that a leased vehicle is worth then';

CREATE TABLE tradeup.program_tier (
    program text NOT NULL,
    version integer NOT NULL,
    rank integer NOT NULL,
    name text NOT NULL,
    lower_change numeric,
    lower_inclusive boolean NOT NULL DEFAULT false,
    upper_change numeric,
    upper_inclusive boolean NOT NULL DEFAULT true,
    CONSTRAINT rank_is_once_in_its_program PRIMARY KEY (program, version, rank),
    CONSTRAINT tier_name_is_once_in_its_program UNIQUE (program, version, name),
    CONSTRAINT rank_is_1_to_8 CHECK (rank BETWEEN 1 AND 8),
    CONSTRAINT tier_name_is_plain CHECK (octet_length(name) BETWEEN 1 AND 39 AND name !~ '[]["(),]'
                                         AND name = btrim(name, E' \t\r\n')),
    CONSTRAINT tier_is_not_empty CHECK (lower_change <= upper_change)
);

COMMENT ON TABLE tradeup.program_tier IS
    'The tiers of a program: named intervals of the payment change, in ascending order of rank';
COMMENT ON COLUMN tradeup.program_tier.program IS 'Name of the program';
COMMENT ON COLUMN tradeup.program_tier.version IS 'Version of the program';
COMMENT ON COLUMN tradeup.program_tier.rank IS 'Position of the tier, 1 for the smallest payment changes';
COMMENT ON COLUMN tradeup.program_tier.name IS 'Name of the tier, as offers show it';
COMMENT ON COLUMN tradeup.program_tier.lower_change IS 'Smallest payment change as a fraction; null: no bound';
COMMENT ON COLUMN tradeup.program_tier.lower_inclusive IS 'Whether the smallest payment change itself belongs to the tier';
COMMENT ON COLUMN tradeup.program_tier.upper_change IS 'Largest payment change as a fraction; null: no bound';
COMMENT ON COLUMN tradeup.program_tier.upper_inclusive IS 'Whether the largest payment change itself belongs to the tier';

CREATE TABLE tradeup.program_region (
    program text NOT NULL,
    version integer NOT NULL,
    region text NOT NULL,
    sales_tax_rate numeric,
    document_fee numeric,
    CONSTRAINT region_is_once_in_its_program PRIMARY KEY (program, version, region),
    CONSTRAINT region_is_not_empty CHECK (region <> ''),
    CONSTRAINT sales_tax_rate_is_a_fraction CHECK (sales_tax_rate BETWEEN 0 AND 1),
    CONSTRAINT document_fee_is_an_amount CHECK (document_fee BETWEEN 0 AND 1000000000000),
    CONSTRAINT figures_have_at_most_18_digits CHECK (
        tradeup_internal.have_at_most_18_digits(ARRAY[sales_tax_rate, document_fee]))
);

COMMENT ON TABLE tradeup.program_region IS
    'Sales tax and document fee of a program for customers of a region; all other customers have those of the program';
COMMENT ON COLUMN tradeup.program_region.program IS 'Name of the program';
COMMENT ON COLUMN tradeup.program_region.version IS 'Version of the program';
COMMENT ON COLUMN tradeup.program_region.region IS 'Region, as customers have it';
COMMENT ON COLUMN tradeup.program_region.sales_tax_rate IS 'Sales tax there, as a fraction; null: that of the program';
COMMENT ON COLUMN tradeup.program_region.document_fee IS 'Document fee there, an amount; null: that of the program';

CREATE TABLE tradeup.program_default (
    only_one boolean NOT NULL DEFAULT true,
    program text NOT NULL,
    CONSTRAINT there_is_one_default PRIMARY KEY (only_one),
    CONSTRAINT there_is_only_one_default CHECK (only_one)
);

COMMENT ON TABLE tradeup.program_default IS 'The program of customers that have none of their own: one row, or none';
COMMENT ON COLUMN tradeup.program_default.only_one IS 'Always true: it keeps the table to one row';
COMMENT ON COLUMN tradeup.program_default.program IS 'Name of the default program';
