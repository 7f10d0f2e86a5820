-- Rows for the calls of this folder.
INSERT INTO tradeup.vehicle (vehicle_id, make, currency, regular_price)
SELECT x, 'Make', 'MXN', 200000 + 1000 * x FROM generate_series(1, 100) x;
INSERT INTO tradeup.vehicle (vehicle_id, make, currency, regular_price, rebate)
SELECT 'U' || x, 'Make', 'USD', 20000 + 1000 * x, 500 FROM generate_series(1, 10) x;
INSERT INTO tradeup.customer (customer_id, risk_profile, equity, current_payment, program)
VALUES ('one', 'A', 60000, 6000, 'mx-reference'), ('two', 'prime', 20000, 4000, 'us-simple');
INSERT INTO tradeup.program (name, currency, requires_dearer) VALUES ('own', 'MXN', false), ('draft', 'MXN', false);
INSERT INTO tradeup.program_profile VALUES ('own', 1, 'A', 0.1, 0);
INSERT INTO tradeup.program_term VALUES ('own', 1, 60);
INSERT INTO tradeup.program_tier VALUES ('own', 1, 1, 'Any', NULL, true, NULL, true);
SELECT tradeup.publish_program('own'), tradeup.set_default_program('own');
SELECT tradeup.save_quote('one', '10', 48);
INSERT INTO tradeup.inventory (name, relation, currency, id_column, price_column, status_column)
VALUES ('lot', 'tradeup.vehicle', 'MXN', 'vehicle_id', 'price', 'status');
