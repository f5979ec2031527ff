// Rule books: who neighbours whom, and in which order rows are computed.

#include <algorithm>
#include <array>
#include <cstddef>

#include "kernel.hpp"
#include "team.hpp"

namespace argonscope {
namespace {

constexpr int WINDOW = 9;

// Rows that are put in order together. Longer stretches find more rows that are alike, shorter ones
// keep what they gather in the second cache.
constexpr std::int64_t STRETCH = 4096;

constexpr std::size_t PATTERNS = 1u << WINDOW;

// Place of a pattern in Gray order, where those that follow each other differ by one neighbour: a tile
// that spans two patterns then computes little in vain.
constexpr std::array<std::uint16_t, PATTERNS> gray_places() {
    std::array<std::uint16_t, PATTERNS> places{};
    for (unsigned place = 0; place < PATTERNS; ++place) {
        places[place ^ (place >> 1)] = static_cast<std::uint16_t>(place);
    }
    return places;
}

constexpr std::array<std::uint16_t, PATTERNS> GRAY_PLACE = gray_places();

// So many neighbours in one row of pixels, from key `wanted` on; `at` only ever moves forward.
inline void find_line(
    const std::int64_t* keys, std::int64_t sites, std::int64_t wanted, std::int64_t count, std::int64_t& at,
    std::int32_t* found) {
    while (at < sites && keys[at] < wanted) ++at;
    std::int64_t look = at;
    for (std::int64_t offset = 0; offset < count; ++offset) {
        const bool hit = look < sites && keys[look] == wanted + offset;
        found[offset] = static_cast<std::int32_t>(hit ? look : sites);
        look += hit;
    }
}

inline Pattern pattern_of(const std::int32_t* row, std::int64_t offsets, std::int32_t missing) {
    Pattern pattern = row[0] != missing;
    for (std::int64_t k = 1; k < offsets; ++k) {
        const Pattern exists = row[k] != missing, behind = row[k - 1] + 1 == row[k];
        pattern |= exists << k | (exists & behind) << (16 + k);
    }
    return pattern;
}

// OFFSETS: their number where it is a usual one, for which loops are unrolled; else 0.
template <std::int64_t OFFSETS>
void order_stretch(
    const std::int32_t* table, std::int64_t number, std::int32_t missing, std::int64_t first,
    std::int64_t last, std::int32_t* ordered, std::int32_t* order, Pattern* patterns) {
    const std::int64_t offsets = OFFSETS == 0 ? number : OFFSETS;
    std::array<Pattern, STRETCH> pattern;
    std::array<std::int32_t, PATTERNS + 1> start{};
    for (std::int64_t row = first; row < last; ++row) {
        pattern[row - first] = pattern_of(table + row * offsets, offsets, missing);
        ++start[GRAY_PLACE[present(pattern[row - first])] + 1];
    }
    for (std::size_t place = 0; place < PATTERNS; ++place) start[place + 1] += start[place];
    for (std::int64_t row = first; row < last; ++row) {
        const std::int64_t place = first + start[GRAY_PLACE[present(pattern[row - first])]]++;
        order[place] = static_cast<std::int32_t>(row);
        patterns[place] = pattern[row - first];
        std::copy_n(table + row * offsets, offsets, ordered + place * offsets);
    }
}

}  // namespace

extern "C" void argonscope_neighbours(
    const std::int64_t* keys, std::int64_t sites, std::int64_t stride, std::int32_t* table,
    std::int32_t threads) {
    parallel(threads, (sites + STRETCH - 1) / STRETCH, [&](std::int64_t task) {
        const std::int64_t first = task * STRETCH, last = std::min(first + STRETCH, sites);
        std::int64_t above = std::lower_bound(keys, keys + sites, keys[first] - stride - 1) - keys;
        std::int64_t below = std::lower_bound(keys, keys + sites, keys[first] + stride - 1) - keys;
        for (std::int64_t site = first; site < last; ++site) {
            std::int32_t* found = table + site * WINDOW;
            const std::int64_t key = keys[site];
            find_line(keys, sites, key - stride - 1, 3, above, found);
            found[3] = static_cast<std::int32_t>(site > 0 && keys[site - 1] == key - 1 ? site - 1 : sites);
            found[4] = static_cast<std::int32_t>(site);
            found[5] = static_cast<std::int32_t>(site + 1 < sites && keys[site + 1] == key + 1 ? site + 1 : sites);
            find_line(keys, sites, key + stride - 1, 3, below, found + 6);
        }
    });
}

extern "C" void argonscope_strided(
    const std::int64_t* keys, std::int64_t sites, const std::int64_t* centres, std::int64_t rows,
    std::int64_t stride, std::int64_t side, std::int32_t* table, std::int32_t threads) {
    parallel(threads, (rows + STRETCH - 1) / STRETCH, [&](std::int64_t task) {
        const std::int64_t first = task * STRETCH, last = std::min(first + STRETCH, rows), reach = side / 2;
        for (std::int64_t line = 0; line < side; ++line) {
            const std::int64_t away = (line - reach) * stride - reach;
            std::int64_t at = std::lower_bound(keys, keys + sites, centres[first] + away) - keys;
            for (std::int64_t row = first; row < last; ++row) {
                find_line(keys, sites, centres[row] + away, side, at, table + (row * side + line) * side);
            }
        }
    });
}

extern "C" std::int64_t argonscope_halve(
    const std::int64_t* keys, std::int64_t sites, std::int64_t rows, std::int64_t wires,
    std::int64_t* keys_below, std::int32_t* slots, std::int32_t* children) {
    const std::int64_t stride = wires + 2, lines = rows + 2;
    const std::int64_t stride_below = (wires + 1) / 2 + 2, lines_below = (rows + 1) / 2 + 2;
    std::int64_t count = 0;
    for (std::int64_t site = 0; site < sites;) {
        // The two rows of pixels that share a row below, of which either may be empty, as [now, end).
        const std::int64_t line = keys[site] / stride, image = line / lines, row = line % lines - 1;
        const std::int64_t upper = line - (row & 1);
        std::int64_t now[2], end[2];
        for (std::int64_t half = 0; half < 2; ++half) {
            now[half] = site;
            while (site < sites && keys[site] < (upper + half + 1) * stride) ++site;
            end[half] = site;
        }
        const std::int64_t base = (image * lines_below + (row >> 1) + 1) * stride_below + 1;
        const auto wire = [&](std::int64_t half) { return keys[now[half]] - (upper + half) * stride - 1; };
        while (now[0] < end[0] || now[1] < end[1]) {
            std::int64_t column = wires;
            for (std::int64_t half = 0; half < 2; ++half) {
                if (now[half] < end[half]) column = std::min(column, wire(half) >> 1);
            }
            keys_below[count] = base + column;
            std::int32_t* child = children + 4 * count;
            std::fill_n(child, 4, static_cast<std::int32_t>(sites));
            for (std::int64_t half = 0; half < 2; ++half) {
                for (; now[half] < end[half] && wire(half) >> 1 == column; ++now[half]) {
                    const std::int64_t place = 2 * half + (wire(half) & 1);
                    child[place] = static_cast<std::int32_t>(now[half]);
                    slots[now[half]] = static_cast<std::int32_t>(4 * count + place);
                }
            }
            ++count;
        }
    }
    slots[sites] = static_cast<std::int32_t>(4 * count);
    return count;
}

extern "C" void argonscope_parents(
    const std::int32_t* slots, std::int64_t sites, std::int32_t missing, std::int32_t* table) {
    std::fill_n(table, 4 * sites, missing);
    for (std::int64_t site = 0; site < sites; ++site) table[4 * site + slots[site] % 4] = slots[site] / 4;
}

extern "C" void argonscope_order(
    const std::int32_t* table, std::int64_t rows, std::int64_t offsets, std::int32_t missing,
    std::int32_t* ordered, std::int32_t* order, Pattern* patterns, std::int32_t threads) {
    const auto work = offsets == WINDOW ? order_stretch<WINDOW> : offsets == 4 ? order_stretch<4> : order_stretch<0>;
    parallel(threads, (rows + STRETCH - 1) / STRETCH, [&](std::int64_t task) {
        const std::int64_t first = task * STRETCH;
        work(table, offsets, missing, first, std::min(first + STRETCH, rows), ordered, order, patterns);
    });
}

}  // namespace argonscope
