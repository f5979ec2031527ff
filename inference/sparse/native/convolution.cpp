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

// Rows of one task: enough for the weights to be worth fetching, few enough to share out evenly.
constexpr std::int64_t MOST_ROWS = 240, FEWEST_ROWS = 48, TASKS = 16;

// sum[r] += x[r] · weight, the heart of it all. Unrolled by pragma, since GCC else keeps sums in memory.
template <class Vector, int ROWS, int PARTS>
ARGONSCOPE_INLINE void accumulate(
    Vector (&sum)[ROWS][PARTS], const float* const (&x)[ROWS], const float* weight, std::int64_t inputs) {
    for (std::int64_t channel = 0; channel < inputs; ++channel, weight += GROUP) {
        Vector w[PARTS];
#pragma GCC unroll 4
        for (int part = 0; part < PARTS; ++part) {
            std::memcpy(&w[part], weight + part * lanes<Vector>(), sizeof(Vector));
        }
#pragma GCC unroll 16
        for (int row = 0; row < ROWS; ++row) {
            const float value = x[row][channel];
#pragma GCC unroll 4
            for (int part = 0; part < PARTS; ++part) sum[row][part] += w[part] * value;
        }
    }
}

// What is done to the sums of a tile while they are in registers: + bias, + added, ReLU, and the norm
// of the next layer. WHOLE: the group, from `output` on, has all its outputs.
template <class Vector, int ROWS, int PARTS, bool WHOLE>
ARGONSCOPE_INLINE void finish(
    const Convolution& c, Vector (&sum)[ROWS][PARTS], const std::int64_t (&rows)[ROWS], std::int64_t output) {
    const std::int64_t outputs = c.outputs, left = WHOLE ? GROUP : outputs - output;
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
template <class Vector, int ROWS, int PARTS>
ARGONSCOPE_INLINE void gather_term(
    const Convolution& c, const Term& term, const std::int64_t (&at)[ROWS], const float* weight,
    Vector (&sum)[ROWS][PARTS]) {
    const std::int64_t inputs = term.inputs, panel = term.weight_inputs * GROUP;
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
        accumulate(sum, x, weight + offset * panel, inputs * run_length(joined, offset));
    }
}

template <class Vector, int ROWS>
ARGONSCOPE_INLINE void convolve_tile(
    const Convolution& c, const std::int64_t (&at)[ROWS], std::int64_t group) {
    constexpr int PARTS = GROUP / lanes<Vector>();
    Vector sum[ROWS][PARTS] = {};
    std::int64_t rows[ROWS];
    for (int row = 0; row < ROWS; ++row) rows[row] = c.order == nullptr ? at[row] : c.order[at[row]];
    for (const Term* term = c.terms; term != c.terms + c.term_count; ++term) {
        const std::int64_t offsets = term->table == nullptr ? 1 : c.offsets;
        const float* weight = term->weight + (group * offsets * term->weight_inputs + term->first) * GROUP;
        if (term->table == nullptr) {
            const float* x[ROWS];
            for (int row = 0; row < ROWS; ++row) x[row] = term->features + term->inputs * rows[row];
            accumulate(sum, x, weight, term->inputs);
        } else {
            gather_term(c, *term, at, weight, sum);
        }
    }
    if ((group + 1) * GROUP <= c.outputs) {
        finish<Vector, ROWS, PARTS, true>(c, sum, rows, group * GROUP);
    } else {
        finish<Vector, ROWS, PARTS, false>(c, sum, rows, group * GROUP);
    }
}

// Of a long row the first lines; the processor foresees the rest.
ARGONSCOPE_INLINE void fetch(const float* from, std::int64_t count) {
    constexpr std::int64_t LINE = 16, MOST = 4 * LINE;
    for (std::int64_t at = 0; at < std::min(count, MOST); at += LINE) __builtin_prefetch(from + at);
}

// Fetches what a tile gathers into the first cache, while the one before it is computed: rows that are
// alike lie scattered, and no processor foresees them.
template <int ROWS>
ARGONSCOPE_INLINE void fetch_tile(const Convolution& c, const std::int64_t (&at)[ROWS]) {
    for (const Term* term = c.terms; term != c.terms + c.term_count; ++term) {
        if (term->table == nullptr) {
            for (int row = 0; row < ROWS && c.order != nullptr; ++row) {
                fetch(term->features + term->inputs * c.order[at[row]], term->inputs);
            }
            continue;
        }
        for (int row = 0; row < ROWS; ++row) {
            const std::int32_t* table = term->table + at[row] * c.offsets;
            const unsigned joined = continued(c.patterns[at[row]]);
            for (unsigned left = present(c.patterns[at[row]]) & ~joined; left != 0; left &= left - 1) {
                const int offset = __builtin_ctz(left);
                fetch(term->features + term->inputs * table[offset], term->inputs * run_length(joined, offset));
            }
        }
    }
}

// Places first to last of the order. All rows before the next group of outputs: what they gather
// stays in the second cache, the group's weights too.
template <class Vector, int ROWS>
ARGONSCOPE_INLINE void convolve_rows(const Convolution& c, std::int64_t first, std::int64_t last) {
    for (std::int64_t group = 0; group * GROUP < c.outputs; ++group) {
        for (std::int64_t tile = first; tile < last; tile += ROWS) {
            // Beyond the last row it is computed again, and written again as it was.
            std::int64_t at[ROWS], next[ROWS];
            for (int row = 0; row < ROWS; ++row) {
                at[row] = std::min(tile + row, last - 1);
                next[row] = std::min(tile + ROWS + row, last - 1);
            }
            fetch_tile<ROWS>(c, next);
            convolve_tile<Vector, ROWS>(c, at, group);
        }
    }
}

using Rows = void (*)(const Convolution&, std::int64_t, std::int64_t);

void portable_rows(const Convolution& c, std::int64_t first, std::int64_t last) {
    convolve_rows<Vector4, PORTABLE_ROWS>(c, first, last);
}

#ifdef ARGONSCOPE_X86
ARGONSCOPE_AVX2 void avx2_rows(const Convolution& c, std::int64_t first, std::int64_t last) {
    convolve_rows<Vector8, AVX2_ROWS>(c, first, last);
}

ARGONSCOPE_AVX512 void avx512_rows(const Convolution& c, std::int64_t first, std::int64_t last) {
    convolve_rows<Vector16, AVX512_ROWS>(c, first, last);
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
