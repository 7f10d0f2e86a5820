-- The programs that the extension brings. mx-2025 differs from mx-reference in columns only.

INSERT INTO tradeup.program (name, title, currency, built_in, interest_tax_rate, service_fee_rate, opening_fee_rate, protection,
                             insurance_renewed, gps_installation, gps_monthly, gps_tax_rate, installation_from_equity,
                             installation_in_first_payment, margin_cost, max_adjusted_rate, max_component, max_financed,
                             max_bonus, max_what_if_bonus, max_insurance, subsidy_rules)
VALUES ('mx-reference', 'Mexican trade-up program', 'MXN', true, 0.16, 0.04, 0.04, 25000,
        true, 750, 350, 0.16, true, true, 2000, 1, 10000000, 15000000, 5000, 10000,
        100000,
        '{"terms": [48, 60, 36, 72], "service_fee_rate": {"from": 0.05, "to": 0.02, "step": 0.005},
          "bonus": {"from": 0, "to": 10000, "step": 500}, "opening_fee_rate": {"from": 0.04, "to": 0.01, "step": 0.005},
          "min_margin": 5000}');

INSERT INTO tradeup.program (name, title, currency, built_in, interest_tax_rate, service_fee_rate, opening_fee_rate,
                             opening_fee_tax_rate, opening_fee_less_equity, protection, gps_installation, gps_monthly,
                             gps_tax_rate, installation_from_equity, installation_financed, margin_opening_fee,
                             margin_protection, requires_dearer, change_digits, max_change, max_adjusted_rate, max_component,
                             max_financed, max_bonus, max_what_if_bonus, max_insurance, subsidy_rules)
VALUES ('mx-2025', 'Mexican trade-up program of 2025', 'MXN', true, 0.16, 0.04, 0.0399,
        0.16, true, 17599, 750, 350,
        0.16, true, true, false,
        true, false, 4, 1.00, 1, 10000000,
        15000000, 5000, 10000, 100000,
        '{"terms": [48, 60, 36, 72], "service_fee_rate": {"from": 0.05, "to": 0.02, "step": 0.005},
          "bonus": {"from": 0, "to": 10000, "step": 500}, "opening_fee_rate": {"from": 0.04, "to": 0.01, "step": 0.005},
          "min_margin": 5000}');

INSERT INTO tradeup.program (name, title, currency, built_in, sales_tax_rate, document_fee, requires_dearer)
VALUES ('us-simple', 'United States simple interest loan', 'USD', true, 0.07, 299, false);

-- What a dealer of the United States offers side by side: one lender's loan, balloon loan and lease. Sales tax is on the
-- difference to the trade-in, and of a lease on its payments; 12,000 miles are 19,312 kilometres.
INSERT INTO tradeup.program (name, title, currency, built_in, kind, sales_tax_rate, sales_tax_base, document_fee,
                             acquisition_fee, end_fee, payments_in_advance, kilometers_per_year, max_kilometers,
                             requires_dearer, max_payment_to_income)
VALUES ('us-dealer', 'United States dealer: loan', 'USD', true, 'loan', 0.06, 'difference', 299,
        0, 0, false, NULL, NULL, false, 0.20),
       ('us-dealer-balloon', 'United States dealer: balloon loan', 'USD', true, 'balloon', 0.06, 'difference', 299,
        0, 250, false, NULL, 60000, false, 0.20),
       ('us-dealer-lease', 'United States dealer: lease', 'USD', true, 'lease', 0.06, 'price', 299,
        695, 395, true, 19312, 20000, false, 0.15);

INSERT INTO tradeup.program_profile (program, version, profile, annual_rate, down_payment_rate, insurance)
SELECT p.name, 1, f.profile, f.annual_rate, f.down_payment_rate, 10999
FROM (VALUES ('mx-reference'), ('mx-2025')) p (name),
     (VALUES ('AAA', 0.1949, 0.30), ('AA', 0.1949, 0.25), ('A', 0.1949, 0.20), ('A1', 0.1949, 0.15),
             ('A2', 0.2099, 0.15), ('B', 0.2249, 0.20), ('C1', 0.2299, 0.20), ('C2', 0.2349, 0.20),
             ('C3', 0.2549, 0.20), ('D1', 0.2949, 0.20), ('D2', 0.3249, 0.25), ('D3', 0.3249, 0.30),
             ('E1', 0.2399, 0.35), ('E2', 0.31, 0.35), ('E3', 0.3399, 0.35), ('E4', 0.3649, 0.35),
             ('E5', 0.4399, 0.75), ('F1', 0.3649, 0.35), ('F2', 0.3899, 0.35), ('F3', 0.4149, 0.35),
             ('F4', 0.4399, 0.75), ('B_SB', 0.2349, 0.25), ('C1_SB', 0.2449, 0.30), ('C2_SB', 0.27, 0.30),
             ('E5_SB', 0.4399, 0.75), ('Z', 0.4399, 0.9999)) f (profile, annual_rate, down_payment_rate);

INSERT INTO tradeup.program_profile (program, version, profile, annual_rate, down_payment_rate)
VALUES ('us-simple', 1, 'super_prime', 0.0549, 0), ('us-simple', 1, 'prime', 0.0699, 0.05),
       ('us-simple', 1, 'near_prime', 0.0999, 0.10), ('us-simple', 1, 'subprime', 0.1499, 0.15),
       ('us-simple', 1, 'deep_subprime', 0.1999, 0.20);

INSERT INTO tradeup.program_profile (program, version, profile, annual_rate, down_payment_rate, max_loan_to_value)
VALUES ('us-dealer', 1, 'super_prime', 0.0549, 0, 1.30), ('us-dealer', 1, 'prime', 0.0699, 0, 1.25),
       ('us-dealer', 1, 'near_prime', 0.0999, 0.05, 1.20), ('us-dealer', 1, 'subprime', 0.1499, 0.10, 1.15),
       ('us-dealer', 1, 'deep_subprime', 0.1999, 0.15, 1.10),
       ('us-dealer-balloon', 1, 'super_prime', 0.0599, 0, 1.25), ('us-dealer-balloon', 1, 'prime', 0.0749, 0.05, 1.20),
       ('us-dealer-balloon', 1, 'near_prime', 0.1049, 0.10, 1.15),
       ('us-dealer-lease', 1, 'super_prime', 0.0475, 0, NULL), ('us-dealer-lease', 1, 'prime', 0.0575, 0, NULL),
       ('us-dealer-lease', 1, 'near_prime', 0.0799, 0.05, NULL);

INSERT INTO tradeup.program_region (program, version, region, sales_tax_rate, document_fee)
SELECT p.name, 1, r.region, r.sales_tax_rate, r.document_fee
FROM (VALUES ('us-dealer'), ('us-dealer-balloon'), ('us-dealer-lease')) p (name),
     (VALUES ('TX', 0.0625, 225), ('FL', 0.06, 899)) r (region, sales_tax_rate, document_fee);

INSERT INTO tradeup.program_term (program, version, term, rate_adjustment)
SELECT p.name, 1, t.term, t.rate_adjustment
FROM (VALUES ('mx-reference'), ('mx-2025')) p (name),
     (VALUES (12, 0), (24, 0), (36, 0), (48, 0), (60, 0.01), (72, 0.015)) t (term, rate_adjustment);

INSERT INTO tradeup.program_term (program, version, term)
SELECT 'us-simple', 1, term FROM unnest(ARRAY[36, 48, 60, 72, 84]) term;

INSERT INTO tradeup.program_term (program, version, term, rate_adjustment, residual_rate)
VALUES ('us-dealer', 1, 36, 0, 0), ('us-dealer', 1, 48, 0, 0), ('us-dealer', 1, 60, 0, 0),
       ('us-dealer', 1, 72, 0.005, 0), ('us-dealer', 1, 84, 0.01, 0),
       ('us-dealer-balloon', 1, 36, 0, 0.48), ('us-dealer-balloon', 1, 48, 0, 0.40), ('us-dealer-balloon', 1, 60, 0, 0.32),
       ('us-dealer-lease', 1, 24, 0, 0.66), ('us-dealer-lease', 1, 36, 0, 0.58), ('us-dealer-lease', 1, 48, 0, 0.48);

INSERT INTO tradeup.program_tier (program, version, rank, name, lower_change, lower_inclusive, upper_change)
SELECT p.name, 1, t.rank, t.name, t.lower_change, t.rank = 1, t.upper_change
FROM (VALUES ('mx-reference'), ('mx-2025'), ('us-simple'), ('us-dealer'), ('us-dealer-balloon'), ('us-dealer-lease')) p (name),
     (VALUES (1, 'Refresh', -0.05, 0.05), (2, 'Upgrade', 0.05, 0.25), (3, 'Max Upgrade', 0.25, 1.00))
         t (rank, name, lower_change, upper_change);
