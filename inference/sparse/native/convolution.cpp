// Sums of gathered rows times weights: every sparse layer, forwards and its input gradient.
//
// Each output row owns its sum, kept in registers from the first product to the epilogue, so nothing
// is scattered, no thread can race, and the answer does not depend on how many there are. Rows are
// taken in an order (geometry.cpp) in which those that stand together have the same neighbours, so
// that a tile of rows computes next to nothing in vain.

#include <algorithm>

#include "instructions.hpp"
#include "kernel.hpp"
#include "team.hpp"

namespace argonscope {
namespace {

// Rows and groups of outputs whose sums are kept in registers together, and channels of input taken at a
// time: as many sums as there are registers for, beside the weights of a step and one input. More rows
// share each weight, more groups each input.
template <class V, int R, int G, int S>
struct TileOf {
    using Vector = V;
    static constexpr int ROWS = R, GROUPS = G, STEP = S;
};

#if defined(__aarch64__)
using PortableTile = TileOf<Vector4, 6, 1, 1>;
#else
using PortableTile = TileOf<Vector4, 2, 1, 1>;
#endif
using Avx2Tile = TileOf<Vector8, 6, 1, 1>;
using Avx512WideTile = TileOf<Vector16, 8, 2, 4>;
using Avx512Tile = TileOf<Vector16, 16, 1, 4>;

// Rows of one task: enough for the weights to be worth fetching, few enough to share out evenly.
constexpr std::int64_t MOST_ROWS = 240, FEWEST_ROWS = 48, TASKS = 16;

// sum[r] += x[r] · weights, the heart of it all, STEP channels at a time. Unrolled by pragma, since GCC else
// keeps sums in memory. weight: of the first group; `panel` floats further on are those of the next.
template <class Vector, int STEP, int ROWS, int PARTS>
ARGONSCOPE_INLINE void accumulate_step(
    Vector (&sum)[ROWS][PARTS], const float* const (&x)[ROWS], std::int64_t channel, const float* weight,
    std::int64_t panel) {
    constexpr int OF_GROUP = GROUP / lanes<Vector>();
    Vector w[STEP][PARTS];
#pragma GCC unroll 4
    for (int step = 0; step < STEP; ++step) {
#pragma GCC unroll 8
        for (int part = 0; part < PARTS; ++part) {
            const float* from = weight + (part / OF_GROUP) * panel + (channel + step) * GROUP;
            std::memcpy(&w[step][part], from + (part % OF_GROUP) * lanes<Vector>(), sizeof(Vector));
        }
    }
#pragma GCC unroll 16
    for (int row = 0; row < ROWS; ++row) {
#pragma GCC unroll 4
        for (int step = 0; step < STEP; ++step) {
            const float value = x[row][channel + step];
#pragma GCC unroll 8
            for (int part = 0; part < PARTS; ++part) sum[row][part] += w[step][part] * value;
        }
    }
}

template <class Vector, int STEP, int ROWS, int PARTS>
ARGONSCOPE_INLINE void accumulate(
    Vector (&sum)[ROWS][PARTS], const float* const (&x)[ROWS], const float* weight, std::int64_t panel,
    std::int64_t inputs) {
    std::int64_t channel = 0;
    for (; channel + STEP <= inputs; channel += STEP) {
        accumulate_step<Vector, STEP>(sum, x, channel, weight, panel);
    }
    if constexpr (STEP > 1) {
        for (; channel < inputs; ++channel) accumulate_step<Vector, 1>(sum, x, channel, weight, panel);
    }
}

// What is done to the sums of a tile while they are in registers: + bias, + added, ReLU, and the norm
// of the next layer. WHOLE: the groups, from `output` on, have all their outputs.
template <class Vector, int ROWS, int PARTS, bool WHOLE>
ARGONSCOPE_INLINE void finish(
    const Convolution& c, Vector (&sum)[ROWS][PARTS], const std::int64_t (&rows)[ROWS], std::int64_t output) {
    const std::int64_t outputs = c.outputs, left = WHOLE ? outputs : outputs - output;
    const bool relu = c.relu != 0;
    float *const out = c.out, *const normed = c.normed;
    const float *const added = c.added, *const bias = c.bias;
    Vector scale[PARTS] = {}, shift[PARTS] = {};
#pragma GCC unroll 4
    for (int part = 0; part < PARTS; ++part) {
        const std::int64_t from = part * lanes<Vector>();
        if (normed != nullptr) {
            load(scale[part], c.scale + output + from, left - from);
            load(shift[part], c.shift + output + from, left - from);
        }
        Vector more = {};
        if (bias != nullptr) load(more, bias + output + from, left - from);
#pragma GCC unroll 16
        for (int row = 0; row < ROWS; ++row) sum[row][part] += more;
    }
#pragma GCC unroll 16
    for (int row = 0; row < ROWS; ++row) {
        const std::int64_t at = rows[row] * outputs + output;
#pragma GCC unroll 4
        for (int part = 0; part < PARTS; ++part) {
            const std::int64_t from = part * lanes<Vector>();
            Vector value = sum[row][part];
            if (added != nullptr) {
                Vector more;
                load(more, added + at + from, left - from);
                value += more;
            }
            if (relu) rectify(value);
            if (out != nullptr) store(out + at + from, value, left - from);
            if (normed != nullptr) {
                value = value * scale[part] + shift[part];
                rectify(value);
                store(normed + at + from, value, left - from);
            }
        }
    }
}

// Sums of one gathered term. Where all rows of the tile have the same neighbours, those that lie side by
// side in memory, as their weights do, are taken as one long row.
template <class Tile, int ROWS, class Sums>
ARGONSCOPE_INLINE void gather_term(
    const Convolution& c, const Term& term, const std::int64_t (&at)[ROWS], const float* weight,
    std::int64_t panel, Sums& sum) {
    const std::int64_t inputs = term.inputs, offset_size = term.weight_inputs * GROUP;
    Pattern all = c.patterns[at[0]], any = all;
    for (int row = 1; row < ROWS; ++row) {
        all &= c.patterns[at[row]];
        any |= c.patterns[at[row]];
    }
    const bool alike = present(all) == present(any) && inputs == term.weight_inputs;
    const unsigned joined = alike ? continued(all) : 0;
    for (unsigned left = present(any) & ~joined; left != 0; left &= left - 1) {
        const int offset = __builtin_ctz(left);
        const float* x[ROWS];
        for (int row = 0; row < ROWS; ++row) {
            x[row] = term.features + inputs * term.table[at[row] * c.offsets + offset];
        }
        accumulate<typename Tile::Vector, Tile::STEP>(
            sum, x, weight + offset * offset_size, panel, inputs * run_length(joined, offset));
    }
}

// Rows at places `at` of the order, Tile::GROUPS groups of outputs from `group` on.
template <class Tile>
ARGONSCOPE_INLINE void convolve_tile(
    const Convolution& c, const std::int64_t (&at)[Tile::ROWS], std::int64_t group) {
    using Vector = typename Tile::Vector;
    constexpr int ROWS = Tile::ROWS, PARTS = Tile::GROUPS * GROUP / lanes<Vector>();
    Vector sum[ROWS][PARTS] = {};
    std::int64_t rows[ROWS];
    for (int row = 0; row < ROWS; ++row) rows[row] = c.order == nullptr ? at[row] : c.order[at[row]];
    for (const Term* term = c.terms; term != c.terms + c.term_count; ++term) {
        const std::int64_t offsets = term->table == nullptr ? 1 : c.offsets;
        const std::int64_t panel = offsets * term->weight_inputs * GROUP;
        const float* weight = term->weight + group * panel + term->first * GROUP;
        if (term->table == nullptr) {
            const float* x[ROWS];
            for (int row = 0; row < ROWS; ++row) x[row] = term->features + term->inputs * rows[row];
            accumulate<Vector, Tile::STEP>(sum, x, weight, panel, term->inputs);
        } else {
            gather_term<Tile>(c, *term, at, weight, panel, sum);
        }
    }
    if ((group + Tile::GROUPS) * GROUP <= c.outputs) {
        finish<Vector, ROWS, PARTS, true>(c, sum, rows, group * GROUP);
    } else {
        finish<Vector, ROWS, PARTS, false>(c, sum, rows, group * GROUP);
    }
}

// All rows at places first to last of the order, Tile::GROUPS groups of outputs from `group` on.
template <class Tile>
ARGONSCOPE_INLINE void convolve_groups(
    const Convolution& c, std::int64_t first, std::int64_t last, std::int64_t group) {
    constexpr int ROWS = Tile::ROWS;
    for (std::int64_t tile = first; tile < last; tile += ROWS) {
        // Beyond the last row it is computed again, and written again as it was.
        std::int64_t at[ROWS];
        for (int row = 0; row < ROWS; ++row) at[row] = std::min(tile + row, last - 1);
        convolve_tile<Tile>(c, at, group);
    }
}

// All rows before the next groups of outputs: what they gather stays in the second cache, the groups'
// weights too.
template <class Wide, class Narrow>
ARGONSCOPE_INLINE void convolve_rows(const Convolution& c, std::int64_t first, std::int64_t last) {
    const std::int64_t groups = (c.outputs + GROUP - 1) / GROUP;
    std::int64_t group = 0;
    for (; group + Wide::GROUPS <= groups; group += Wide::GROUPS) convolve_groups<Wide>(c, first, last, group);
    for (; group < groups; ++group) convolve_groups<Narrow>(c, first, last, group);
}

using Rows = void (*)(const Convolution&, std::int64_t, std::int64_t);

void portable_rows(const Convolution& c, std::int64_t first, std::int64_t last) {
    convolve_rows<PortableTile, PortableTile>(c, first, last);
}

#ifdef ARGONSCOPE_X86
ARGONSCOPE_AVX2 void avx2_rows(const Convolution& c, std::int64_t first, std::int64_t last) {
    convolve_rows<Avx2Tile, Avx2Tile>(c, first, last);
}

ARGONSCOPE_AVX512 void avx512_rows(const Convolution& c, std::int64_t first, std::int64_t last) {
    convolve_rows<Avx512WideTile, Avx512Tile>(c, first, last);
}
#endif

Rows rows_function() {
#ifdef ARGONSCOPE_X86
    if (instruction_set() == AVX512) return avx512_rows;
    if (instruction_set() == AVX2) return avx2_rows;
#endif
    return portable_rows;
}

void convolve(const Convolution& c, Rows rows) {
    const std::int64_t step = std::clamp((c.rows + TASKS - 1) / TASKS, FEWEST_ROWS, MOST_ROWS);
    parallel(c.threads, (c.rows + step - 1) / step, [&](std::int64_t task) {
        rows(c, task * step, std::min((task + 1) * step, c.rows));
    });
    // A missing neighbour is row N, which is zero.
    if (c.out != nullptr) std::fill_n(c.out + c.rows * c.outputs, c.outputs, 0.0f);
    if (c.normed != nullptr) std::fill_n(c.normed + c.rows * c.outputs, c.outputs, 0.0f);
}

}  // namespace

extern "C" void argonscope_convolve(const Convolution* given, std::int64_t count) {
    const Rows rows = rows_function();
    std::for_each(given, given + count, [rows](const Convolution& c) { convolve(c, rows); });
}

extern "C" void argonscope_pack(
    const float* weight, std::int64_t offset_stride, std::int64_t input_stride, std::int64_t output_stride,
    std::int64_t offsets, std::int64_t inputs, std::int64_t outputs, float* packed) {
    for (std::int64_t group = 0; group < outputs; group += GROUP) {
        for (std::int64_t offset = 0; offset < offsets; ++offset) {
            for (std::int64_t input = 0; input < inputs; ++input) {
                const float* from = weight + offset * offset_stride + input * input_stride;
                for (std::int64_t output = group; output < group + GROUP; ++output) {
                    *packed++ = output < outputs ? from[output * output_stride] : 0.0f;
                }
            }
        }
    }
}

}  // namespace argonscope
