"""Settings from the command line and from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from viewer.settings import DEMO_FILE, WORST_FILE, Settings, SettingsError


def test_defaults() -> None:
    settings = Settings.from_arguments([], {"HOME": "/home/me"})
    assert settings.files == (DEMO_FILE, WORST_FILE)
    assert (settings.host, settings.port, settings.broker, settings.worker) == ("127.0.0.1", 8050, None, True)
    assert settings.data_folder == Path.home() / ".local" / "share" / "argonscope"


def test_arguments_win_over_the_environment() -> None:
    environment = {"ARGONSCOPE_FILES": "a.h5", "ARGONSCOPE_DATA": "/d1", "XDG_DATA_HOME": "/x"}
    arguments = ["b.h5", "c.h5", "--data-dir", "/d2", "--host", "::1", "--port", "0", "--no-worker"]
    settings = Settings.from_arguments(arguments, environment)
    assert settings.files == (Path("b.h5"), Path("c.h5"))
    assert (settings.data_folder, settings.host, settings.port) == (Path("/d2"), "::1", 0)
    assert not settings.worker


def test_environment_alone() -> None:
    environment = {"ARGONSCOPE_FILES": "a.h5:b.h5", "XDG_DATA_HOME": "/x", "ARGONSCOPE_BROKER": "redis://h/1"}
    settings = Settings.from_environment(environment)
    assert settings.files == (Path("a.h5"), Path("b.h5"))
    assert (settings.data_folder, settings.broker) == (Path("/x/argonscope"), "redis://h/1")
    assert not settings.worker


def test_the_file_broker_by_name_is_the_default() -> None:
    assert Settings.from_environment({"ARGONSCOPE_BROKER": "filesystem://"}).broker is None


def test_a_broker_of_another_kind_is_refused() -> None:
    with pytest.raises(SettingsError, match="expected redis://host"):
        Settings.from_environment({"ARGONSCOPE_BROKER": "amqp://here"})


@pytest.mark.parametrize("port", ["-1", "65536", "http", "80.5"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        Settings.from_arguments(["--port", port], {})
    assert caught.value.code == 2
    assert "port" in capsys.readouterr().err
