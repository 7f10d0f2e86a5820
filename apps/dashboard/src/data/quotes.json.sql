SELECT q.dealer, sum(q.issued)::float8 AS issued, sum(q.viewed)::float8 AS viewed, sum(q.accepted)::float8 AS accepted, sum(q.rejected)::float8 AS rejected,
       sum(q.expired)::float8 AS expired
FROM tradeup_bi.quote_funnel q GROUP BY q.dealer ORDER BY q.dealer;
