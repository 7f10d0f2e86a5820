-- Rows for the calls of this folder.
INSERT INTO tradeup_bundles.shop (shop) VALUES ('s');
INSERT INTO tradeup_bundles.order_line (shop, order_id, line_key, variant_id, quantity, unit_price, line_total, upload_id)
VALUES ('s', '1', 'a', 'V1', 1, 10, 10, 1), ('s', '1', 'b', 'V2', 1, 20, 20, 1), ('s', '2', 'a', 'V1', 1, 10, 10, 1),
       ('s', '2', 'b', 'V2', 1, 20, 20, 1);
INSERT INTO tradeup_bundles.catalog_item (shop, variant_id, product_id, price, product_status, upload_id)
VALUES ('s', 'V1', 'P', 10, 'ACTIVE', 1), ('s', 'V2', 'P', 20, 'ACTIVE', 1);
SELECT tradeup_bundles.save_bundles('s', 'first', ARRAY[(1, 'together', 'other', '{V1,V2}', '{1,1}', '{10,20}', '{10,10}', '{1,2}', 30, 27, 1, NULL,
    '{"n": 2, "n_of": [2, 2], "n_together": 2, "as_of": null, "resolve_sku": false}')::tradeup_bundles.proposed_bundle]);
