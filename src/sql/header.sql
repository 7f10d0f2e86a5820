\echo Use "CREATE EXTENSION EXTENSION_NAME" to load this file. \quit

-- This script may run as a superuser for somebody who is none. Every name below is written with its schema, nothing else is
-- looked up anywhere but in pg_catalog, and every call passes arguments of the exact types, so that no overload of it fits
-- better.
SET LOCAL search_path = pg_catalog, pg_temp;

-- What the COST of a C function says, in units of one comparison of two integers, measured on one core:
--    2  an amount at a price: a multiply-add, a rounding, a numeric (35 to 70 ns)
--    5  a schedule row, a rule, a look into overrides (about 100 ns)
--  100  compiling a deal (about 2.5 us)
