/*
 * What must hold when a transaction commits in which quotes were accepted: that none of them has ended. A
 * deferred trigger would not do, because SET CONSTRAINTS makes it look early; this looks when nothing comes
 * after it but the commit.
 */
#include "pg/glue/glue.hpp"

extern "C" {
#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
}

namespace {

/* The accepted quote of one subtransaction that ends first; in memory of the transaction. */
struct Acceptance {
    SubTransactionId subtransaction;
    TimestampTz valid_until;
    int64 quote_id;
    Acceptance *next;
};
Acceptance *acceptances = nullptr;

/* Where the acceptance of a subtransaction hangs, or the end of the list. */
Acceptance **acceptance_of(SubTransactionId subtransaction) {
    Acceptance **at = &acceptances;
    while (*at != nullptr && (*at)->subtransaction != subtransaction) {
        at = &(*at)->next;
    }
    return at;
}

void before_commit() {
    const TimestampTz now = GetCurrentTimestamp();
    for (const Acceptance *one = acceptances; one != nullptr; one = one->next) {
        if (now > one->valid_until) {
            ereport(ERROR,
                    (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                     errmsg("quote %lld is no longer valid", static_cast<long long>(one->quote_id)),
                     errdetail("It was valid until %s, and the transaction that accepts it commits later.",
                               timestamptz_to_str(one->valid_until)),
                     errhint("Save a new quote.")));
        }
    }
}

void on_transaction(XactEvent event, void *arg) {
    (void)arg;
    switch (event) {
    case XACT_EVENT_PRE_COMMIT:
        before_commit();
        break;
    case XACT_EVENT_PRE_PREPARE:
        /* COMMIT PREPARED may come at any time, from any session, and asks nobody. */
        if (acceptances != nullptr) {
            ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                            errmsg("cannot PREPARE a transaction that has accepted a quote"),
                            errdetail("Quote %lld could end before the transaction commits.",
                                      static_cast<long long>(acceptances->quote_id)),
                            errhint("Accept quotes in a transaction of their own.")));
        }
        break;
    case XACT_EVENT_COMMIT:
    case XACT_EVENT_ABORT:
    case XACT_EVENT_PREPARE:
        acceptances = nullptr;
        break;
    default:
        break;
    }
}

/* What a subtransaction accepted becomes its parent's when it is released, and is forgotten when it is rolled
 * back. */
void on_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg) {
    (void)arg;
    if (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB) {
        return;
    }
    Acceptance **at = acceptance_of(mine);
    Acceptance *one = *at;
    if (one == nullptr) {
        return;
    }
    if (event == SUBXACT_EVENT_ABORT_SUB) {
        *at = one->next;
        return;
    }
    Acceptance *other = *acceptance_of(parent);
    if (other == nullptr) {
        one->subtransaction = parent;
        return;
    }
    if (one->valid_until < other->valid_until) {
        other->valid_until = one->valid_until;
        other->quote_id = one->quote_id;
    }
    *at = one->next;
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(commit_in_time);

/* commit_in_time(quote_id, valid_until): makes this transaction fail (55000) if it commits after valid_until.
 */
Datum commit_in_time(PG_FUNCTION_ARGS) {
    static bool registered = false;
    const int64 quote_id = PG_GETARG_INT64(0);
    const TimestampTz valid_until = PG_GETARG_TIMESTAMPTZ(1);
    if (!registered) {
        RegisterXactCallback(on_transaction, nullptr);
        RegisterSubXactCallback(on_subtransaction, nullptr);
        registered = true;
    }
    const SubTransactionId mine = GetCurrentSubTransactionId();
    Acceptance *one = *acceptance_of(mine);
    if (one == nullptr) {
        one = static_cast<Acceptance *>(MemoryContextAlloc(TopTransactionContext, sizeof(Acceptance)));
        *one = Acceptance{mine, valid_until, quote_id, acceptances};
        acceptances = one;
    } else if (valid_until < one->valid_until) {
        one->valid_until = valid_until;
        one->quote_id = quote_id;
    }
    PG_RETURN_VOID();
}

} // extern "C"
