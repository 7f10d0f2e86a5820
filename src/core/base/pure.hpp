/*
 * Proof that the core stays free of PostgreSQL: every core file includes this header last, and it fails to
 * compile when any PostgreSQL header came in before it.
 */
#pragma once

#if defined(POSTGRES_H) || defined(PG_VERSION_NUM) || defined(FMGR_H) || defined(C_H)
#error "src/core must not include a PostgreSQL header"
#endif
