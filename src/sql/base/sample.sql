-- How much of a table a sample of some pages is.

CREATE OR REPLACE FUNCTION tradeup_internal.share_of_pages(relation regclass, pages integer) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE COST 10
RETURN least(1::double precision,
             share_of_pages.pages / greatest(pg_relation_size(share_of_pages.relation)
                                             / current_setting('block_size'::text)::double precision, 1::double precision));
COMMENT ON FUNCTION tradeup_internal.share_of_pages(regclass, integer) IS
    'The share of a table that so many of its pages are, 1 when it has no more';
