"""The rows of bundles: what sells together in a million lines, and bundles saved."""
import math

from measure import row, say, together

SHOP = """
    CREATE TABLE sold AS
    SELECT 'o' || l.basket AS order_id, (7000000 + l.item)::text AS variant_id
    FROM (SELECT b AS basket,
                 CASE WHEN mix(b, 2) < 0.15 THEN floor(mix(b, 7) * 200)::integer * 3 + n % 3
                      ELSE floor(50000 * mix(i, 3) ^ 3)::integer END AS item
          FROM (SELECT b, n, b * 16 + n AS i FROM generate_series(1, 211000) b,
                       generate_series(1, 1 + floor(8.5 * mix(b, 1) ^ 1.2)::integer) n) x) l"""

SQL_PAIRS = """
    WITH item AS MATERIALIZED (
        SELECT DISTINCT order_id, variant_id FROM sold
    ), basket AS MATERIALIZED (
        SELECT order_id, variant_id FROM (SELECT i.*, count(*) OVER (PARTITION BY order_id) AS items FROM item i) x WHERE items > 1
    ), single AS MATERIALIZED (
        SELECT variant_id, count(*) AS n FROM basket GROUP BY 1
    ), universe AS MATERIALIZED (
        SELECT count(DISTINCT order_id) AS n FROM basket
    ), pair AS MATERIALIZED (
        SELECT x.variant_id AS a, y.variant_id AS b, count(*) AS n_ab
        FROM basket x JOIN basket y ON y.order_id = x.order_id AND y.variant_id > x.variant_id GROUP BY 1, 2 HAVING count(*) >= {least}
    )"""

# Support, confidences, lift, leverage and G squared; the exact test has no answer in SQL.
SQL_MEASURES = """
    SELECT count(*), sum(n_ab), sum(lift), sum(g2) FROM (
        SELECT p.a, p.b, p.n_ab, p.n_ab / u.n::float8 AS support, p.n_ab / a.n::float8 AS ab, p.n_ab / b.n::float8 AS ba,
               p.n_ab * u.n / (a.n * b.n)::float8 AS lift, p.n_ab / u.n::float8 - a.n::float8 * b.n / u.n / u.n AS leverage,
               2 * (p.n_ab * ln(p.n_ab * u.n / (a.n * b.n)::float8)
                    + CASE WHEN a.n > p.n_ab THEN (a.n - p.n_ab) * ln((a.n - p.n_ab) * u.n / (a.n * (u.n - b.n))::float8) ELSE 0 END
                    + CASE WHEN b.n > p.n_ab THEN (b.n - p.n_ab) * ln((b.n - p.n_ab) * u.n / (b.n * (u.n - a.n))::float8) ELSE 0 END
                    + (u.n - a.n - b.n + p.n_ab) * ln((u.n - a.n - b.n + p.n_ab) * u.n / ((u.n - a.n) * (u.n - b.n))::float8)) AS g2
        FROM pair p JOIN single a ON a.variant_id = p.a JOIN single b ON b.variant_id = p.b, universe u) m"""

# With tables in place of CTEs, so that the planner knows how large they are.
SQL_TRIPLES = """
    DROP TABLE IF EXISTS basket, pair;
    CREATE TEMP TABLE basket AS SELECT order_id, variant_id FROM (
        SELECT i.*, count(*) OVER (PARTITION BY order_id) AS items FROM (SELECT DISTINCT order_id, variant_id FROM sold) i) x WHERE items > 1;
    ANALYZE basket;
    CREATE TEMP TABLE pair AS SELECT x.variant_id AS a, y.variant_id AS b
        FROM basket x JOIN basket y ON y.order_id = x.order_id AND y.variant_id > x.variant_id GROUP BY 1, 2 HAVING count(*) >= {least};
    ANALYZE pair;
    SELECT count(*), sum(n) FROM (
        SELECT count(*) AS n FROM (SELECT x.order_id, x.variant_id AS a, y.variant_id AS b FROM basket x
                                   JOIN basket y ON y.order_id = x.order_id AND y.variant_id > x.variant_id
                                   JOIN pair p ON p.a = x.variant_id AND p.b = y.variant_id) p
        JOIN basket z ON z.order_id = p.order_id AND z.variant_id > p.b
        GROUP BY p.a, p.b, z.variant_id HAVING count(*) >= {least}) t"""


def mining(server):
    """Pairs and triples of a million lines, and bundles saved."""
    server.run("CREATE EXTENSION IF NOT EXISTS tradeup_bundles")
    server.run(SHOP)
    server.run("VACUUM ANALYZE sold")
    server.run("SET work_mem = '256MB'")
    lines = server.one("SELECT count(*) FROM sold")
    say()
    say(f"What sells together: {lines:,} lines, {server.one('SELECT count(DISTINCT variant_id) FROM sold'):,} variants")
    ours_sql = """SELECT count(*), sum(m.n_ab), sum(m.lift), sum(m.g2)
                  FROM unnest((SELECT tradeup_bundles.mine_pairs(order_id, variant_id) FROM sold)) m"""
    rival_sql = SQL_PAIRS.format(least=2) + SQL_MEASURES
    found, wanted = server.run(ours_sql).fetchone(), server.run(rival_sql).fetchone()
    assert found[:2] == wanted[:2] and all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(found[2:], wanted[2:])), (found, wanted)
    (ours,) = together([lambda: server.run(ours_sql).fetchone()], 7)
    (rival,) = together([lambda: server.run(rival_sql).fetchone()], 1)
    row("SQL self join: counts, lift, leverage, G squared, no exact test", rival)
    row(f"tradeup: mine_pairs, all measures of {found[0]:,} pairs, p and q too", ours, rival, "faster", 8)

    ours_sql = """SELECT count(*), sum(m.n_abc)
                  FROM unnest((SELECT tradeup_bundles.mine_triples(order_id, variant_id, '{"min_count": 20}') FROM sold)) m"""
    rival_sql = SQL_TRIPLES.format(least=20)
    found, wanted = server.run(ours_sql).fetchone(), server.run(rival_sql).fetchone()
    assert tuple(found) == tuple(wanted), (found, wanted)
    (ours,) = together([lambda: server.run(ours_sql).fetchone()], 7)
    (rival,) = together([lambda: server.run(rival_sql).fetchone()], 1)
    row("SQL: triples in 20 baskets or more, of pairs that are", rival)
    row(f"tradeup: mine_triples, all measures of {found[0]:,} triples", ours, rival, "faster", 4)
    server.run("RESET work_mem")
    server.run("DROP TABLE sold, basket, pair")
    saving(server)


def saving(server):
    """40 and 1,000 bundles of a run saved in place of others, against a multi-row INSERT of the same rows into such a table."""
    say()
    say("Bundles saved, in place of those that the run had, none of them equal")
    server.run("INSERT INTO tradeup_bundles.shop (shop) VALUES ('bench.example') ON CONFLICT DO NOTHING")
    for number in (40, 1000):
        server.run(f"""CREATE TABLE given AS SELECT turn, array_agg((
                           i, 'together', 'increase_aov', ARRAY[(i * 2)::text, (i * 2 + 1)::text], ARRAY[1, 1], ARRAY[10 + i, 20.00 + turn],
                           ARRAY[10, 10], ARRAY[1.00, 2.00], 30 + i + turn, 27 + i + turn, 1 / (1.0 + i), NULL,
                           '{{"n": 2355, "n_of": [10, 20], "n_together": 9}}')::tradeup_bundles.proposed_bundle) AS bundles
                       FROM generate_series(1, {number}) i, generate_series(1, 2) turn GROUP BY turn""")
        server.run("""CREATE TABLE plain (LIKE tradeup_bundles.bundle INCLUDING ALL)""")
        sets = [server.one(f"SELECT bundles::text FROM given WHERE turn = {turn}") for turn in (1, 2)]
        fields = server.run(f"""SELECT (b).rank, (b).kind, (b).objective, (b).variants, (b).variants, (b).quantities, (b).prices, (b).percents,
                                (b).discounts, (b).original_total, (b).price, (b).score, (b).counts::text
                                FROM (SELECT unnest(bundles) AS b FROM given WHERE turn = 1) x""").fetchall()
        cursor = server.connection.cursor()
        insert = b"""INSERT INTO plain (shop, run, rank, kind, objective, variant_set, variants, quantities, prices, percents, discounts,
                     original_total, price, score, counts) VALUES """ + b", ".join(
            cursor.mogrify("('bench.example', 'r', " + ", ".join(
                ["%s", "%s", "%s", "%s::text[]", "%s::text[]", "%s::integer[]", "%s::numeric[]", "%s::numeric[]", "%s::numeric[]", "%s",
                 "%s", "%s", "%s::jsonb"]) + ")", f) for f in fields)
        turns = [0]

        def ours():
            turns[0] += 1
            server.run("SELECT * FROM tradeup_bundles.save_bundles('bench.example', 'r', %s::tradeup_bundles.proposed_bundle[])",
                       sets[turns[0] % 2]).fetchone()

        def replaced():
            server.run("BEGIN")
            server.run("DELETE FROM plain WHERE shop = 'bench.example' AND run = 'r'")
            cursor.execute(insert)
            server.run("COMMIT")

        mine, rival = together([ours, replaced], 15)
        row(f"DELETE and a multi-row INSERT of {number:,} bundles", rival)
        row(f"tradeup: save_bundles of {number:,}", mine, rival, "faster", 1)
        assert server.one("SELECT count(*) FROM tradeup_bundles.bundle") == number == server.one("SELECT count(*) FROM plain")
        server.run("DROP TABLE given, plain")
    server.run("DELETE FROM tradeup_bundles.bundle")
