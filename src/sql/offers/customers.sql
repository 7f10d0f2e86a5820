-- What keeps the figures of customers together.

-- The default of the equity cannot be told from an equity of 0 that somebody wrote: both give way to the other two.
CREATE OR REPLACE FUNCTION tradeup_internal.set_equity() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    right_one CONSTANT numeric := NEW.trade_value - NEW.payoff;
BEGIN
    IF TG_OP = 'INSERT' AND NEW.equity IS DISTINCT FROM 0::numeric AND NEW.equity <> right_one
       OR TG_OP = 'UPDATE' AND NEW.equity IS DISTINCT FROM OLD.equity AND NEW.equity <> right_one THEN
        RAISE EXCEPTION 'equity is not the trade value less the payoff'
            USING ERRCODE = 'check_violation',
                  DETAIL = format('Equity is %s, trade value %s, payoff %s.', NEW.equity, NEW.trade_value, NEW.payoff),
                  HINT = 'Leave the equity out, or give it alone.';
    END IF;
    NEW.equity := right_one;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tradeup_internal.set_equity() IS
    'Trigger that sets the equity of a customer whose trade value and payoff are both known';

CREATE OR REPLACE TRIGGER set_equity BEFORE INSERT OR UPDATE ON tradeup.customer
    FOR EACH ROW WHEN (NEW.trade_value IS NOT NULL AND NEW.payoff IS NOT NULL)
    EXECUTE FUNCTION tradeup_internal.set_equity();
