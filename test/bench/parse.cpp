/*
 * Finds the rows and cells of a CSV file in memory, with the reader that a load has.
 *
 *   parse FILE RUNS: prints rows, cells and bytes, then a line for each run with its seconds of the processor
 */
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>

#include "core/ingest/csv.hpp"

namespace {

using namespace tradeup;

struct Found {
    std::uint64_t rows;
    std::uint64_t cells;
};

Found parse(std::string_view rest) {
    constexpr std::uint32_t kRoom = 4000;
    static CsvCell cells[kRoom];
    CsvReader reader{cells, kRoom, 1 << 24, ','};
    CsvRow row{};
    Found found{};
    while (next_row(reader, rest, true, row) == CsvStep::row) {
        rest.remove_prefix(row.taken);
        ++found.rows;
        found.cells += row.count;
    }
    return found;
}

double seconds_of_processor() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

} // namespace

int main(int count, char **arguments) {
    if (count != 3) {
        return 2;
    }
    std::ifstream stream(arguments[1], std::ios::binary);
    const std::string file((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    const Found found = parse(file);
    std::printf("%llu %llu %zu\n", static_cast<unsigned long long>(found.rows),
                static_cast<unsigned long long>(found.cells), file.size());
    for (int i = std::atoi(arguments[2]); i > 0; --i) {
        const double start = seconds_of_processor();
        const Found again = parse(file);
        if (again.cells != found.cells) {
            return 1;
        }
        std::printf("%.9f\n", seconds_of_processor() - start);
    }
    return 0;
}
