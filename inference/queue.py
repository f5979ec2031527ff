"""The Celery app: on files in the data folder by default, on Redis where an address is given.

Torch-free: the web process submits by name, the worker registers the task (inference.tasks).
"""

from __future__ import annotations

from collections.abc import Mapping

from celery import Celery

from records.folder import DataFolder

QUEUE = "argonscope"
SEGMENT = "argonscope.segment"
"""Name of the task; its arguments are job key and ticket."""

SOFT_LIMIT_S = 600
HARD_LIMIT_S = 660
_POLL_S = 0.02


def broker_of(environment: Mapping[str, str]) -> str | None:
    """Address of the broker from ARGONSCOPE_BROKER; None, the default, means files in the data folder.

    Raises ValueError with a sentence for the user.
    """
    broker = environment.get("ARGONSCOPE_BROKER", "")
    if broker in ("", "filesystem://"):
        return None
    if not broker.startswith(("redis://", "rediss://")):
        scheme = broker.partition("://")[0]
        raise ValueError(
            f"ARGONSCOPE_BROKER begins with {scheme!r}; expected redis://host:port/number, or nothing."
        )
    return broker


def make_queue(folder: DataFolder, broker: str | None = None) -> Celery:
    """A Celery app on a broker address, or on files under the data folder when there is none.

    Results are not kept by Celery: answers are predictions, states are job files, and both are in
    the data folder whatever the broker is.
    """
    app = Celery("argonscope", set_as_current=False)
    app.conf.update(
        broker_url=broker or "filesystem://",
        task_default_queue=QUEUE,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_soft_time_limit=SOFT_LIMIT_S,
        task_time_limit=HARD_LIMIT_S,
        task_publish_retry=False,
        worker_concurrency=1,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_proc_alive_timeout=120.0,
        worker_lost_wait=0.5,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=3.0,
        broker_connection_max_retries=None,
        # For the asking side: a broker that is away is told to the user, not waited for.
        broker_transport_options={"max_retries": 1, "interval_start": 0.1, "socket_connect_timeout": 3.0},
    )
    if broker is None:
        _use_files(app, folder)
    return app


def _use_files(app: Celery, folder: DataFolder) -> None:
    messages, control = folder.queue / "messages", folder.queue / "control"
    for path in (messages, control):
        path.mkdir(parents=True, exist_ok=True)
    app.conf.update(
        broker_transport="inference.transport:Transport",
        broker_transport_options={
            "data_folder_in": str(messages),
            "data_folder_out": str(messages),
            "control_folder": str(control),
            "polling_interval": _POLL_S,
        },
    )
