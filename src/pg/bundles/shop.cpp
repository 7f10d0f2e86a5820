/*
 * Shops that must be there.
 */
#include "pg/glue/glue.hpp"

using namespace tradeup;

extern "C" {

PG_FUNCTION_INFO_V1(require_shop);

/* require_shop(shop, found): true, or the error that there is no such shop. */
Datum require_shop(PG_FUNCTION_ARGS) {
    if (!PG_ARGISNULL(1) && PG_GETARG_BOOL(1)) {
        PG_RETURN_BOOL(true);
    }
    if (PG_ARGISNULL(0)) {
        ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND), errmsg("no shop is given"), errhint("Name a shop.")));
    }
    ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND),
                    errmsg("shop \"%s\" does not exist", shown_text(PG_GETARG_TEXT_PP(0))),
                    errhint("Look in the table tradeup_bundles.shop; row-level security may hide rows.")));
    PG_RETURN_BOOL(false);
}

} // extern "C"
