"""The compiled kernel against plain torch, by each instruction set of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from sparse_images import CASES, level, random_tensor
from torch import Tensor

from inference.networks.uresnet import UResNet, UResNetConfig
from inference.predictor import Segmenter
from inference.sparse import kernel, kernel_gradients
from inference.sparse.backends import Kernel, PlainTorch, backend_for
from inference.sparse.geometry import Level, level_of
from inference.sparse.kernel import Call, Term, pack, rule_book, run
from inference.sparse.kernel_layers import kernel_network, kernel_tensor
from inference.sparse.layers import DownConv, InverseConv, Linear, NormRelu, SparseTensor, SubmanifoldConv
from lartpc.simulation import simulate

ROOT = Path(__file__).resolve().parents[3]
SETS = [name for name in kernel.available() if name != kernel.TORCH]
WIDTHS = [(1, 8), (3, 5), (16, 16), (33, 17)]


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(1)


@pytest.fixture(params=SETS)
def compiled(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each instruction set."""
    with kernel.using(request.param):
        yield request.param


def full() -> Level:
    """A fully lit image of 64 × 64."""
    rows, wires = torch.meshgrid(torch.arange(64), torch.arange(64), indexing="ij")
    return level_of(rows.flatten(), wires.flatten(), (64, 64))


def batch() -> Level:
    """Three crops of uneven size, of which the middle one is empty."""
    generator = torch.Generator().manual_seed(4)
    lit = torch.rand(3, 33, 40, generator=generator) < torch.tensor([0.3, 0.0, 0.1])[:, None, None]
    image, rows, wires = torch.nonzero(lit, as_tuple=True)
    return level_of(rows, wires, (33, 40), image)


LEVELS: dict[str, Callable[[], Level]] = {
    **{case: (lambda case=case: level(case)) for case in CASES},
    "full 64 × 64": full,
    "batch": batch,
}


def test_the_kernel_is_compiled_where_a_compiler_is() -> None:
    if not any(shutil.which(compiler) for compiler in ("c++", "g++", "clang++")):
        pytest.skip("there is no C++ compiler here; plain torch serves")
    assert "portable" in kernel.available()
    assert kernel.active()


# Geometry


@pytest.mark.parametrize("name", LEVELS)
def test_tables_are_those_of_torch(name: str) -> None:
    ours = LEVELS[name]()
    for _ in range(4):
        with kernel.using(kernel.TORCH):
            theirs = Level(ours.keys, ours.shape)
            expected = (theirs.neighbours, theirs.below.keys, theirs.slots, theirs.children)
        for answer, wanted in zip(
            (ours.neighbours, ours.below.keys, ours.slots, ours.children), expected, strict=True
        ):
            assert answer.dtype == wanted.dtype
            assert torch.equal(answer, wanted)
        ours = ours.below


def test_a_rule_book_holds_each_row_once_like_patterns_together() -> None:
    # Patterns by row: 3, 1, 3, 0, 1; in Gray order 0, 1, 3.
    table = torch.tensor([[0, 2], [2, 9], [3, 4], [9, 9], [5, 9]], dtype=torch.int32)
    book = rule_book(table, missing=9)
    assert book.order.tolist() == [3, 1, 4, 0, 2]
    assert book.patterns.tolist() == [0, 1, 1, 3, 3 | 2 << 16]
    assert torch.equal(book.table, table[book.order.long()])


def test_the_way_up_names_each_parent_at_the_place_of_its_child() -> None:
    slots = torch.tensor([2, 4 + 3, 8], dtype=torch.int32)
    assert kernel.parents(slots, missing=2).tolist() == [[2, 2, 0, 2], [2, 2, 2, 1]]


# Convolutions, forwards and backwards


def answer_and_gradients(layer: torch.nn.Module, x: SparseTensor, *above: Level) -> list[Tensor]:
    """What a layer gives, and the gradients of weights and input of a sum with random factors."""
    features = x.features.clone().requires_grad_()
    layer.zero_grad()
    out = layer(x.with_features(features), *above).features
    factors = torch.randn(out.shape, generator=torch.Generator().manual_seed(3))
    factors[-1] = 0
    (out * factors).sum().backward()
    assert features.grad is not None
    return [out.detach(), features.grad, layer.weight.grad.clone()]


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("widths", WIDTHS)
@pytest.mark.parametrize("name", ["no pixel", "one pixel", "odd size", "track", "full 64 × 64", "batch"])
@pytest.mark.parametrize("kind", [SubmanifoldConv, DownConv, InverseConv, Linear])
def test_answers_and_gradients_are_those_of_torch(
    kind: Callable[[int, int], torch.nn.Module], name: str, widths: tuple[int, int]
) -> None:
    layer, sites = kind(*widths), LEVELS[name]()
    above = (sites,) if kind is InverseConv else ()
    x = random_tensor(sites.below if above else sites, widths[0])
    ours = answer_and_gradients(layer, x, *above)
    with kernel.using(kernel.TORCH):
        theirs = answer_and_gradients(layer, x, *above)
    for answer, expected in zip(ours, theirs, strict=True):
        size = max(1.0, expected.abs().max().item())
        torch.testing.assert_close(answer, expected, atol=2e-5 * size, rtol=0)
    assert ours[0][-1].abs().max() == 0


@pytest.mark.usefixtures("compiled")
def test_gradients_are_the_slopes_of_the_answer() -> None:
    # float32 leaves three digits of a difference of sums, so steps are large; the layer is linear.
    sites, layer = level("odd size"), SubmanifoldConv(3, 5)
    x = random_tensor(sites, 3)
    weight = layer.weight.detach()
    _, grad_in, grad_weight = answer_and_gradients(layer, x)
    way = kernel_gradients.windows(sites)
    generator = torch.Generator().manual_seed(3)
    factors = torch.randn(len(sites) + 1, 5, generator=generator)
    factors[-1] = 0

    def total(features: Tensor, weight: Tensor) -> float:
        return float((kernel_gradients.Convolution.apply(features, weight, way) * factors).sum())

    for place in [(0, 0), (4, 2), (len(sites) - 1, 1)]:
        step = torch.zeros_like(x.features)
        step[place] = 1.0
        slope = total(x.features + step, weight) - total(x.features, weight)
        assert slope == pytest.approx(float(grad_in[place]), abs=1e-3)
    for place in [(0, 0, 0), (4, 1, 2), (8, 2, 4)]:
        step = torch.zeros_like(weight)
        step[place] = 1.0
        slope = total(x.features, weight + step) - total(x.features, weight)
        assert slope == pytest.approx(float(grad_weight[place]), abs=1e-3)


def threads_of(number: int, work: Callable[[], list[Tensor]]) -> list[Tensor]:
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        return work()
    finally:
        torch.set_num_threads(before)


@pytest.mark.usefixtures("compiled")
def test_threads_change_no_bit() -> None:
    layer, x = SubmanifoldConv(16, 33), random_tensor(full(), 16)
    network = UResNet(UResNetConfig(depth=3, filters=8)).eval()
    fast = kernel_network(network)

    def work() -> list[Tensor]:
        sites = full()
        return [
            *answer_and_gradients(layer, x.with_features(x.features)),
            fast(kernel_tensor(sites, random_tensor(sites, 1).sites)),
        ]

    once = threads_of(1, work)
    for number in (2, 2, 3):
        for answer, expected in zip(threads_of(number, work), once, strict=True):
            assert torch.equal(answer, expected)


@pytest.mark.usefixtures("compiled")
def test_a_sum_of_terms_and_its_epilogue() -> None:
    sites = level("random")
    number = len(sites)
    left, right = random_tensor(sites, 3, seed=1).features, random_tensor(sites, 4, seed=2).features
    added, bias = random_tensor(sites, 5, seed=3).features, torch.randn(5)
    windows, shortcut = torch.randn(9, 7, 5), torch.randn(1, 3, 5)
    packed = pack(windows)
    terms = [Term(left, packed), Term(right, packed, first=3), Term(left, pack(shortcut), gathered=False)]
    answer, normed = torch.full((number + 1, 5), 7.0), torch.full((number + 1, 5), 7.0)
    scale, shift = torch.randn(5), torch.randn(5)
    run([Call(terms, sites.window_book, number, 5, answer, bias, added, True, scale, shift, normed)])
    both = torch.cat([left, right], dim=1)
    expected = both[sites.neighbours.long()].flatten(1) @ windows.flatten(0, 1) + left[:-1] @ shortcut[0]
    expected = (expected + bias + added[:-1]).relu()
    torch.testing.assert_close(answer[:-1], expected, atol=1e-4, rtol=1e-4)
    assert answer[-1].tolist() == [0.0] * 5
    torch.testing.assert_close(normed[:-1], (expected * scale + shift).relu(), atol=1e-4, rtol=1e-4)
    assert normed[-1].tolist() == [0.0] * 5


@pytest.mark.usefixtures("compiled")
def test_not_a_number_is_kept() -> None:
    features = torch.tensor([[float("nan"), -1.0, 1.0], [0.0, 0.0, 0.0]])
    answer = torch.empty(2, 3)
    ones, zeros = torch.ones(3), torch.zeros(3)
    run([Call([], None, 1, 3, None, added=features, scale=ones, shift=zeros, normed=answer)])
    assert answer[0, 0].isnan()
    assert answer[0, 1:].tolist() == [0.0, 1.0]


# Networks


def random_norms(network: UResNet) -> UResNet:
    for module in network.modules():
        if isinstance(module, NormRelu):
            torch.nn.init.uniform_(module.weight, 0.7, 1.3)
            torch.nn.init.uniform_(module.bias, -0.3, 0.3)
            module.running_mean.uniform_(-0.3, 0.3)
            module.running_var.uniform_(0.7, 1.3)
    return network


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize(("name", "filters"), [*((name, 8) for name in LEVELS), ("track", 16), ("batch", 9)])
def test_the_network_gives_what_it_gives_in_torch(name: str, filters: int) -> None:
    network = random_norms(UResNet(UResNetConfig(depth=5, filters=filters)).eval())
    sites = LEVELS[name]()
    x = random_tensor(sites, 1)
    with torch.no_grad():
        answer = kernel_network(network)(kernel_tensor(sites, x.sites))
        with kernel.using(kernel.TORCH):
            expected = network(SparseTensor(Level(sites.keys, sites.shape), x.features))
    assert answer.shape == (len(sites), 5)
    size = max(1.0, expected.abs().max().item() if len(sites) else 0.0)
    torch.testing.assert_close(answer, expected, atol=1e-4 * size, rtol=0)


# Which one is in use


def test_the_backend_of_a_cpu_is_what_was_chosen(each_kernel: str) -> None:
    backend = backend_for("cpu")
    assert isinstance(backend, PlainTorch if each_kernel == "torch" else Kernel)
    words = {"torch": "plain torch", "portable": "portable kernel", "avx2": "AVX2 kernel"}
    assert backend.name == {**words, "avx512": "AVX-512 kernel"}[each_kernel]


def test_unknown_and_absent_kernels_are_refused() -> None:
    with pytest.raises(ValueError, match="'sse9' is no kernel; expected one of torch, portable, avx2"):
        kernel.use("sse9")
    if "avx512" not in kernel.available():
        with pytest.raises(ValueError, match="no avx512 kernel; available: torch, portable"):
            kernel.use("avx512")


def say(program: str, **environment: str) -> str:
    """What a program prints in a process of its own."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=variables, timeout=60)
    return done.stdout.strip()


def test_the_environment_chooses() -> None:
    program = "from inference.sparse import kernel; print(kernel.name(), kernel.active())"
    assert say(program, ARGONSCOPE_KERNEL="torch") == "plain torch False"
    assert say(program, ARGONSCOPE_KERNEL="portable") == "portable kernel True"


def test_plain_torch_serves_without_the_compiled_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    image = simulate("michel", 3, 0).images["Y"]
    fast = Segmenter.load("Y")(image)
    monkeypatch.setattr(kernel, "__file__", str(tmp_path / "kernel.py"))
    kernel._library.cache_clear()
    try:
        kernel.use("")
        assert kernel.available() == ["torch"]
        plain = Segmenter.load("Y")(image)
    finally:
        monkeypatch.undo()
        kernel._library.cache_clear()
        kernel.use(os.environ.get(kernel.VARIABLE, ""))
    assert plain.device == "cpu, plain torch"
    assert fast.device == f"cpu, {kernel.name()}"
    torch.testing.assert_close(torch.from_numpy(plain.scores), torch.from_numpy(fast.scores), equal_nan=True)


def test_a_forked_child_computes_on_with_two_threads() -> None:
    # torch's own threads do not survive a fork, so all that torch does here is too small for them.
    program = """
import os, signal, torch
from inference.sparse import kernel
torch.set_num_threads(2)
features, weight = torch.ones(2001, 1), kernel.pack(torch.ones(1, 1, 16))
def run():
    for _ in range(50):
        answer = kernel.convolve([kernel.Term(features, weight, gathered=False)], None, 2000, 16)
    return int(answer.numpy().sum())
first = run()
child = os.fork()
if child == 0:
    signal.alarm(20)
    os._exit(0 if run() == first else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), first)
"""
    assert say(program) == "0 32000"
