"""What the README shows must run."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def test_the_python_example_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    (example,) = blocks("python")
    names = {}
    exec(compile(example, "README.md", "exec"), names)
    assert names["prediction"].scores.shape == (len(names["image"]), 5)
    assert len(names["truth"]) == len(names["image"])


def test_every_argonscope_command_of_the_readme_parses():
    from argonscope import parse

    text = (ROOT / "README.md").read_text()
    commands = re.findall(r"^argonscope (.+?)(?:\s{2,}#.*)?$", text, re.MULTILINE)
    assert len(commands) >= 5
    for command in commands:
        assert callable(parse(command.split()).run)


@pytest.mark.parametrize(
    "link", re.findall(r"`(docs/[a-z.]+|benchmarks/[A-Z.a-z]+)`", (ROOT / "README.md").read_text())
)
def test_files_that_the_readme_names_exist(link):
    assert (ROOT / link).is_file()
