-- What is found in baskets.

CREATE TYPE tradeup_bundles.mined_pair AS (
    a text, b text, n bigint, n_a bigint, n_b bigint, n_ab bigint, support double precision, confidence_ab double precision,
    confidence_ba double precision, lift double precision, leverage double precision, g2 double precision, p double precision,
    log10_p double precision, q double precision
);
COMMENT ON TYPE tradeup_bundles.mined_pair IS 'Two items that are bought together, a before b in order, and how they are tied';
COMMENT ON COLUMN tradeup_bundles.mined_pair.a IS 'First item';
COMMENT ON COLUMN tradeup_bundles.mined_pair.b IS 'Second item';
COMMENT ON COLUMN tradeup_bundles.mined_pair.n IS 'Baskets of the universe';
COMMENT ON COLUMN tradeup_bundles.mined_pair.n_a IS 'Baskets with a';
COMMENT ON COLUMN tradeup_bundles.mined_pair.n_b IS 'Baskets with b';
COMMENT ON COLUMN tradeup_bundles.mined_pair.n_ab IS 'Baskets with both';
COMMENT ON COLUMN tradeup_bundles.mined_pair.support IS 'Share of baskets with both: n_ab / n';
COMMENT ON COLUMN tradeup_bundles.mined_pair.confidence_ab IS 'Share of the baskets with a that have b too: n_ab / n_a';
COMMENT ON COLUMN tradeup_bundles.mined_pair.confidence_ba IS 'Share of the baskets with b that have a too: n_ab / n_b';
COMMENT ON COLUMN tradeup_bundles.mined_pair.lift IS 'How many times as often as by chance: n_ab n / (n_a n_b)';
COMMENT ON COLUMN tradeup_bundles.mined_pair.leverage IS
    'Share of baskets by which they are together more often than by chance: n_ab / n - n_a n_b / n^2';
COMMENT ON COLUMN tradeup_bundles.mined_pair.g2 IS 'Statistic G squared of the likelihood ratio test of independence';
COMMENT ON COLUMN tradeup_bundles.mined_pair.p IS
    'Probability that they are together at least n_ab times by chance: Fisher''s exact test, one-sided; 0 below 1e-308';
COMMENT ON COLUMN tradeup_bundles.mined_pair.log10_p IS 'Decimal logarithm of p, which is right below 1e-308 too';
COMMENT ON COLUMN tradeup_bundles.mined_pair.q IS
    'False discovery rate of Benjamini and Hochberg: the share of false findings among pairs with this p or a lower one';

CREATE TYPE tradeup_bundles.mined_triple AS (
    a text, b text, c text, n bigint, n_a bigint, n_b bigint, n_c bigint, n_ab bigint, n_ac bigint, n_bc bigint, n_abc bigint,
    support double precision, confidence_a_bc double precision, confidence_b_ac double precision,
    confidence_c_ab double precision, confidence_ab_c double precision, confidence_ac_b double precision,
    confidence_bc_a double precision, lift_a_bc double precision, lift_b_ac double precision, lift_c_ab double precision,
    lift_mutual double precision
);
COMMENT ON TYPE tradeup_bundles.mined_triple IS
    'Three items that are bought together, in the order a, b, c, and how they are tied; each three of items once';
COMMENT ON COLUMN tradeup_bundles.mined_triple.a IS 'First item';
COMMENT ON COLUMN tradeup_bundles.mined_triple.b IS 'Second item';
COMMENT ON COLUMN tradeup_bundles.mined_triple.c IS 'Third item';
COMMENT ON COLUMN tradeup_bundles.mined_triple.n IS 'Baskets of the universe';
COMMENT ON COLUMN tradeup_bundles.mined_triple.n_a IS 'Baskets with a';
COMMENT ON COLUMN tradeup_bundles.mined_triple.n_b IS 'Baskets with b';
COMMENT ON COLUMN tradeup_bundles.mined_triple.n_c IS 'Baskets with c';
COMMENT ON COLUMN tradeup_bundles.mined_triple.n_ab IS 'Baskets with a and b';
COMMENT ON COLUMN tradeup_bundles.mined_triple.n_ac IS 'Baskets with a and c';
COMMENT ON COLUMN tradeup_bundles.mined_triple.n_bc IS 'Baskets with b and c';
COMMENT ON COLUMN tradeup_bundles.mined_triple.n_abc IS 'Baskets with all three';
COMMENT ON COLUMN tradeup_bundles.mined_triple.support IS 'Share of baskets with all three: n_abc / n';
COMMENT ON COLUMN tradeup_bundles.mined_triple.confidence_a_bc IS
    'Share of the baskets with a that have b and c too: n_abc / n_a';
COMMENT ON COLUMN tradeup_bundles.mined_triple.confidence_b_ac IS
    'Share of the baskets with b that have a and c too: n_abc / n_b';
COMMENT ON COLUMN tradeup_bundles.mined_triple.confidence_c_ab IS
    'Share of the baskets with c that have a and b too: n_abc / n_c';
COMMENT ON COLUMN tradeup_bundles.mined_triple.confidence_ab_c IS
    'Share of the baskets with a and b that have c too: n_abc / n_ab';
COMMENT ON COLUMN tradeup_bundles.mined_triple.confidence_ac_b IS
    'Share of the baskets with a and c that have b too: n_abc / n_ac';
COMMENT ON COLUMN tradeup_bundles.mined_triple.confidence_bc_a IS
    'Share of the baskets with b and c that have a too: n_abc / n_bc';
COMMENT ON COLUMN tradeup_bundles.mined_triple.lift_a_bc IS
    'How many times as often as by chance a comes to b and c: n_abc n / (n_a n_bc)';
COMMENT ON COLUMN tradeup_bundles.mined_triple.lift_b_ac IS
    'How many times as often as by chance b comes to a and c: n_abc n / (n_b n_ac)';
COMMENT ON COLUMN tradeup_bundles.mined_triple.lift_c_ab IS
    'How many times as often as by chance c comes to a and b: n_abc n / (n_c n_ab)';
COMMENT ON COLUMN tradeup_bundles.mined_triple.lift_mutual IS
    'How many times as often as if each came by itself: n_abc n^2 / (n_a n_b n_c)';

CREATE TYPE tradeup_bundles.covisited_pair AS (a text, b text, n_ab bigint, cosine double precision);
COMMENT ON TYPE tradeup_bundles.covisited_pair IS
    'Two items that are bought together, and whether the same others are bought with them';
COMMENT ON COLUMN tradeup_bundles.covisited_pair.a IS 'First item';
COMMENT ON COLUMN tradeup_bundles.covisited_pair.b IS 'Second item';
COMMENT ON COLUMN tradeup_bundles.covisited_pair.n_ab IS 'Baskets with both';
COMMENT ON COLUMN tradeup_bundles.covisited_pair.cosine IS
    'Cosine of the angle between the vectors of their lifts with all other items: from 0, no neighbour in common, to 1';

CREATE TYPE tradeup_bundles.priced_bundle AS (original_total numeric, price numeric, discounts numeric[]);
COMMENT ON TYPE tradeup_bundles.priced_bundle IS 'What a bundle costs';
COMMENT ON COLUMN tradeup_bundles.priced_bundle.original_total IS 'Sum of prices times quantities';
COMMENT ON COLUMN tradeup_bundles.priced_bundle.price IS 'Price of the bundle, never above the sum';
COMMENT ON COLUMN tradeup_bundles.priced_bundle.discounts IS 'Discount of each line; together they are the sum less the price';

CREATE TYPE tradeup_bundles.proposed_bundle AS (
    rank integer, kind text, objective text, variants text[], quantities integer[], prices numeric[], percents numeric[],
    discounts numeric[], original_total numeric, price numeric, score double precision, tiers jsonb, counts jsonb
);
COMMENT ON TYPE tradeup_bundles.proposed_bundle IS
    'A bundle as propose_bundles makes it and save_bundles takes it; arrays have an element a line';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.rank IS 'Position in the list, from 1';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.kind IS 'together, volume or buy_x_get_y';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.objective IS 'What the shop wants of it, which bounds its percents';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.variants IS
    'Variants of the lines: in order; of buy x get y first what is bought, then what is given';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.quantities IS
    'Quantity of each line; of volume that of the first tier with a discount';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.prices IS 'Price of one, of each line';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.percents IS 'Percent of discount of each line, before it is cut to bounds';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.discounts IS 'Discount of each line';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.original_total IS 'Sum of prices times quantities';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.price IS 'Price of the bundle';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.score IS 'What it was ranked by within its kind';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.tiers IS 'Of volume: quantity, percent and price of each tier; null otherwise';
COMMENT ON COLUMN tradeup_bundles.proposed_bundle.counts IS 'The counts of orders that it came from, and how they were counted';
