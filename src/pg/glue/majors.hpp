/*
 * All that differs between the majors of PostgreSQL for us, so that no other file asks for a major. Part of
 * glue.hpp.
 */
#pragma once

extern "C" {
#include "postgres.h"

#include "catalog/pg_proc.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/acl.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif
}

/* The mark of a loadable library; from 18 on, pg_get_loaded_modules() shows its name and version. */
#if PG_VERSION_NUM >= 180000
#define TRADEUP_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "tradeup", .version = TRADEUP_RELEASE)
#else
#define TRADEUP_MODULE_MAGIC PG_MODULE_MAGIC
#endif

namespace tradeup {

/* Whether the current user may run a function. */
inline bool may_execute(Oid function) {
#if PG_VERSION_NUM >= 160000
    return object_aclcheck(ProcedureRelationId, function, GetUserId(), ACL_EXECUTE) == ACLCHECK_OK;
#else
    return pg_proc_aclcheck(function, GetUserId(), ACL_EXECUTE) == ACLCHECK_OK;
#endif
}

/* Calls a walker for each part of an expression, until it returns true. */
inline bool walk_expression(Node *node, bool (*walker)(Node *, void *), void *context) {
#if PG_VERSION_NUM >= 160000
    return expression_tree_walker(node, walker, context);
#else
    /* A walker without a prototype, in the C of these majors; by way of the type that matches every other. */
    return expression_tree_walker(node, reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(walker)),
                                  context);
#endif
}

} // namespace tradeup
