# PostgreSQL 17 with the three extensions installed.
#
#   docker build -t tradeup . && docker run -e POSTGRES_PASSWORD=... -p 5432:5432 tradeup
#
# Untested: this file has been written from what the packages need, and has not been built, because the tests run where there is no
# container engine. What it does is the recipe of docs/installing.md, on Debian with PostgreSQL 17, which make check-majors runs.
FROM postgres:17 AS build
RUN apt-get update && \
    apt-get install -y --no-install-recommends make g++ libboost-dev libexpected-dev postgresql-server-dev-17
WORKDIR /tradeup
COPY . .
# Bitcode for JIT would need clang, and JIT does not pay for these queries.
RUN make with_llvm=no && make with_llvm=no DESTDIR=/stage install

FROM postgres:17
RUN apt-get update && apt-get install -y --no-install-recommends libstdc++6 && rm -rf /var/lib/apt/lists/*
COPY --from=build /stage/ /
# A session keeps the memory of its last query for the next one (docs/operate.md).
ENV MALLOC_TRIM_THRESHOLD_=67108864 MALLOC_MMAP_THRESHOLD_=33554432
# Then, in each database that wants them: CREATE EXTENSION tradeup; CREATE EXTENSION tradeup_leads; CREATE EXTENSION tradeup_bundles.
