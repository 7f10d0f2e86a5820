-- Operators of price lists.

CREATE OPERATOR tradeup.+ (FUNCTION = tradeup_internal.price_list_add, LEFTARG = tradeup.price_list,
                           RIGHTARG = tradeup.price_list, COMMUTATOR = OPERATOR(tradeup.+));
COMMENT ON OPERATOR tradeup.+ (tradeup.price_list, tradeup.price_list) IS 'The prices of both lists';
CREATE OPERATOR tradeup.- (FUNCTION = tradeup_internal.price_list_remove, LEFTARG = tradeup.price_list,
                           RIGHTARG = tradeup.price_list);
COMMENT ON OPERATOR tradeup.- (tradeup.price_list, tradeup.price_list) IS
    'The prices of the first list without those of the second';
