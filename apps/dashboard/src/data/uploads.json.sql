SELECT s.shop, s.day, replace(s.kind, '_', ' ') AS kind, s.rows::float8 AS rows, s.rejected::float8 AS rejected FROM tradeup_bundles.upload_statistics s ORDER BY s.shop, s.day, s.kind;
