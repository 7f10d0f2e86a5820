-- Rows for the calls of this folder.
INSERT INTO tradeup_bundles.shop (shop) VALUES ('s');
INSERT INTO tradeup_bundles.order_line (shop, order_id, line_key, variant_id, quantity, unit_price, line_total, upload_id)
VALUES ('s', '1', 'a', 'V1', 1, 10, 10, 1), ('s', '1', 'b', 'V2', 1, 20, 20, 1), ('s', '2', 'a', 'V1', 1, 10, 10, 1),
       ('s', '2', 'b', 'V2', 1, 20, 20, 1);
